"""Asset packs in the office: known packs as data, installed once into the cache; a user's own, checked the same way.

    <cache>/<hash>/    the pack's files, arrays-<kind>-<version>/ made of them, and pack.json, whose hash it is
    <cache>/names/     a file for each name with the hash that was installed last

A folder appears by one rename under the pack's lock: whole, or not at all.
"""

from __future__ import annotations

import fcntl
import fnmatch
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenes import assets, meshfile
from synth.config import CONFIGS, read
from synth.dataset.canonical import NAME, canonical, check_name, facts
from synth.dataset.clip import attempting, publish
from synth.errors import LackingError
from synth.fetch import Fetch, Take, copy_folder, download, fetch_archive, fingerprint, unpack
from synth.furniture import from_catalogue
from synth.tree import RecipeError, nearest, read_yaml

INHERITED = ("kind", "licence", "author", "source", "non_graphic", "tags")
"""Fields that a pack may state once, under `all`, for every item."""
ITEM_FIELDS = (*INHERITED, "name", "files", "part", "parts", "each", "size_m", "sha256")


@dataclass(frozen=True, kw_only=True)
class KnownPack:
    """A file of configs/assets: how a pack is had, and what is in it."""

    name: str
    about: str
    """One line for `synth assets list`."""
    fetch: Fetch
    take: Take = field(default_factory=Take)
    licence_file: str
    """The text of its licence, among the files taken."""
    all: dict[str, Any] = field(default_factory=dict)
    """INHERITED fields of every item."""
    items: list[dict[str, Any]] = field(default_factory=list)
    """Items with `files` as patterns: one item, or one for each file (each: true), or for each part (parts: [...])."""
    catalogue: str = ""
    """A furniture catalogue among the files: each of its models that was taken is an item too."""
    sha256: str
    """Of the pack that comes of all this: what plans name, whether it is installed here or not."""

    @property
    def licence(self) -> str:
        """Of its items."""
        return str(self.all.get("licence") or self.items[0]["licence"])


@dataclass(frozen=True, kw_only=True)
class Told:
    """What `assets list` says of one pack."""

    name: str
    known: bool
    installed: bool
    sha256: str
    items: int
    licences: tuple[str, ...]
    about: str


def known_packs() -> dict[str, KnownPack]:
    """The packs of configs/assets, by name."""
    return {path.stem: _known(path) for path in sorted((CONFIGS / "assets").glob("*.yaml"))}


def _known(path: Path) -> KnownPack:
    tree = read_yaml(path)
    if (tree.pop("schema", None), tree.pop("kind", None)) != (1, "pack"):
        raise RecipeError(f"{path}: schema must be 1 and kind must be pack")
    pack = read(KnownPack, tree, str(path))
    if pack.name != path.stem:
        raise RecipeError(f"{path}: name must be {path.stem}, got {pack.name!r}")
    return pack


def known_pack(name: str) -> KnownPack:
    """A known pack by name. RecipeError with the nearest name."""
    known = known_packs()
    if name not in known:
        raise RecipeError(
            f"pack must be a known one{nearest(name, tuple(known))}, got {name!r}; your own: synth assets add"
        )
    return known[name]


def pack_hash(name: str) -> str:
    """The hash that a plan writes for a pack's name: a known pack's own, or that of the user's installed pack."""
    known = known_packs()
    if name in known:
        return known[name].sha256
    own = assets.installed()
    if name not in own:
        raise RecipeError(f"pack must be known or installed{nearest(name, (*known, *own))}, got {name!r}")
    return own[name]


def listed() -> list[Told]:
    """Every known and every installed pack, by name."""
    known, own = known_packs(), assets.installed()
    told = []
    for name in sorted({*known, *own}):
        sha256 = known[name].sha256 if name in known else own[name]
        here = assets.pack_folder(sha256)
        pack = assets.open_pack(sha256) if here else None
        stated = pack.items if pack else ()
        licences = {item.licence for item in stated} or {known[name].licence}
        told.append(
            Told(name=name, known=name in known, installed=pack is not None, sha256=sha256,
                 items=len(pack.items) if pack else 0, licences=tuple(sorted(licences)),
                 about=known[name].about if name in known else "your own")
        )  # fmt: skip
    return told


def install(name: str, *, source: str | None = None, again: bool = False) -> assets.Pack:
    """A known pack in the cache, fetched unless it is there. `source`: a folder, an archive or an address that it is
    taken from instead; hashes are the same. `again` replaces what is there."""
    known = known_pack(name)
    with _locked(name):
        there = assets.pack_folder(known.sha256)
        if again or there is None:
            with _attempt(name) as (private, scratch):
                _gather(known, source, private, scratch)
                document = _document(known, private)
                got = hashlib.sha256(document).hexdigest()
                if got != known.sha256:
                    raise RecipeError(
                        f"configs/assets/{name}.yaml: sha256 must be that of the pack, {got}, got {known.sha256}"
                    )
                if there is not None:
                    _discard(there)
                _publish(private, document, got)
        _convert(known.sha256)
        return _named(name, known.sha256)


def add(source: Path) -> assets.Pack:
    """A user's own pack, a folder or an archive with pack.yaml, checked and copied into the cache."""
    if not source.exists():
        raise RecipeError(f"a pack must be a folder or an archive with pack.yaml, there is no {str(source)!r}")
    with _attempt(source.name) as (private, scratch):
        if source.is_dir():
            copy_folder(source, private, Take())
        else:
            unpack(source, private, Take(), scratch)
        name, document = own_document(private, str(source))
        sha256 = hashlib.sha256(document).hexdigest()
        if name in known_packs():
            raise RecipeError(f"{source}: name must not be that of a known pack, got {name!r}: choose another")
        with _locked(name):
            if assets.pack_folder(sha256) is None:
                _publish(private, document, sha256)
            _convert(sha256)
            return _named(name, sha256)


def own_document(folder: Path, said: str) -> tuple[str, bytes]:
    """(name, pack.json) of a folder with pack.yaml. RecipeError or AssetError for the first thing that is wrong."""
    file = folder / "pack.yaml"
    if not file.is_file():
        raise RecipeError(f"{said}: a pack must hold pack.yaml, there is none: write one (synth assets add --help)")
    tree = read_yaml(file)
    unknown = next((key for key in tree if key not in ("schema", "name", "all", "items", "licence_file")), None)
    if unknown is not None or tree.get("schema") != 1:
        raise RecipeError(
            f"{said}/pack.yaml: must hold schema: 1, name, all, items, licence_file; got {unknown or 'no schema'}"
        )
    name = check_name(tree.get("name"), f"{said}/pack.yaml: name")
    items = _items(tree.get("items") or [], tree.get("all") or {}, folder, f"{said}/pack.yaml")
    return name, _checked(folder, name, items, tree.get("licence_file"))


def check(names: list[str]) -> list[str]:
    """Findings on installed packs, or on folders with a pack.yaml; all installed packs when none is named."""
    findings = []
    for name in names or list(assets.installed()):
        if Path(name).is_dir():
            own_document(Path(name), name)
            continue
        pack = assets.open_pack(name)
        findings += [f"{pack.name}: {said}: synth assets install {pack.name} --again" for said in pack.findings()]
        findings += [f"{pack.name}: {said}" for said in _mesh_faults(pack.folder, pack.files)]
    return findings


# --- what a pack is made of ------------------------------------------------------------------------------------------


def _gather(known: KnownPack, source: str | None, private: Path, scratch: Path) -> None:
    """The pack's files, in `private`; every hash that is stated holds."""
    fetched = scratch / "fetched"
    fetched.mkdir()
    if known.fetch.client == "folder":
        if source is None:
            raise RecipeError(
                f"pack {known.name!r} comes from a folder of yours: synth assets install {known.name} --from FOLDER"
            )
        place = Path(source)
        if source.startswith(("https://", "http://")):
            place = fetched / "archive"
            download(source, place)
        assert known.fetch.files is not None
        take = Take(below=known.take.below, only=tuple(known.fetch.files))
        copy_folder(place, private, take) if place.is_dir() else unpack(place, private, take, scratch)
        for name, sha256 in known.fetch.files.items():
            _same(private / name, sha256, f"{source}: {name}", known.name)
        return
    if source is not None:
        archive = Path(source)
        if not archive.is_file():
            raise RecipeError(
                f"--from must be the archive of {known.fetch.package or known.name}, there is no file {source!r}"
            )
    else:
        try:
            archive = fetch_archive(known.fetch, fetched)
        except LackingError as error:
            said = f"pack {known.name!r} could not be fetched: {error}"
            raise LackingError(f"{said}: check the network, or name the archive with --from") from None
    _same(archive, known.fetch.sha256, archive.name, known.name)
    unpack(archive, private, known.take, scratch)


def _same(path: Path, sha256: str, said: str, name: str) -> None:
    if not path.is_file():
        raise RecipeError(f"{said} must be there: pack {name!r} needs it")
    got = assets.file_sha256(path)
    if got != sha256:
        raise RecipeError(
            f"{said} must have SHA-256 {sha256}, got {got}: it is not the file that pack {name!r} was made of"
        )


def _document(known: KnownPack, folder: Path) -> bytes:
    file = f"configs/assets/{known.name}.yaml"
    items = _items(known.items, known.all, folder, file, hashes_given=False)
    if known.catalogue:
        items += from_catalogue(folder, known.catalogue, known.all, file)
    return _checked(folder, known.name, items, known.licence_file)


def _items(
    stated: list[dict[str, Any]], shared: Mapping[str, Any], folder: Path, file: str, *, hashes_given: bool = True
) -> list[dict[str, Any]]:
    """Items as pack.json lists them: patterns become files, hashes are taken or held."""
    present = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    made = []
    for number, entry in enumerate(stated):
        at = f"{file}: items[{number}]"
        whole = {**shared, **entry}
        unknown = next((key for key in whole if key not in ITEM_FIELDS), None)
        if unknown is not None:
            raise RecipeError(f"{at}.{unknown}: unknown key{nearest(unknown, ITEM_FIELDS)}")
        patterns = whole.pop("files", None) or []
        files = [f for pattern in patterns for f in sorted(fnmatch.filter(present, pattern))]
        lacking = next((p for p in patterns if not fnmatch.filter(present, p)), None)
        if lacking is not None or not files:
            raise RecipeError(
                f"{at}: files must name files of the pack, {lacking or 'none'} is not there: add it, or change files"
            )
        files = list(dict.fromkeys(files))
        parts, each = whole.pop("parts", None), whole.pop("each", False)
        for group in [[f] for f in files] if each else [files]:
            sha256 = _hash_of(group, folder)
            if hashes_given and whole.get("sha256") != sha256:
                raise RecipeError(f"{at}: sha256 must be that of its files, {sha256}, got {whole.get('sha256')!r}")
            one = {"name": Path(group[0]).stem, **whole, "files": group, "sha256": sha256}
            made += [{**one, "name": part, "part": part} for part in parts] if parts else [one]
    return made


def _hash_of(files: list[str], folder: Path) -> str:
    hashes = {name: assets.file_sha256(folder / name) for name in files}
    if len(hashes) == 1:
        return next(iter(hashes.values()))
    return hashlib.sha256(fingerprint(hashes).encode()).hexdigest()


def _checked(folder: Path, name: str, items: list[dict[str, Any]], licence_file: str | None) -> bytes:
    """pack.json, when everything in it can be used."""
    if not items:
        raise RecipeError(f"pack {name!r} must hold at least one item, got none")
    for item in assets.items_of(items):
        endings = assets.KINDS[item.kind].suffixes
        strange = next((f for f in item.files if not f.lower().endswith(endings)), None)
        if strange:
            raise assets.AssetError(f"item {item.name!r}: a {item.kind} must be of {', '.join(endings)}, got {strange}")
    if licence_file is not None and not (folder / licence_file).is_file():
        raise RecipeError(f"pack {name!r}: licence_file must be among its files, {licence_file!r} is not there")
    files = {p.relative_to(folder).as_posix(): facts(p) for p in sorted(folder.rglob("*")) if p.is_file()}
    used = {file: files[file] for item in items for file in item["files"]}
    fault = next(_mesh_faults(folder, used), None)
    if fault:
        raise assets.AssetError(f"pack {name!r}: {fault}")
    document = {"schema": assets.SCHEMA, "name": name, "items": items, "files": files, "licence_file": licence_file}
    return canonical(document, indent=1)


def _mesh_faults(folder: Path, files: Mapping[str, Any]) -> Iterator[str]:
    for file in files:
        try:
            told = meshfile.examine(folder / file)
        except (OSError, ValueError) as error:
            yield str(error)
            continue
        said = meshfile.fault(folder / file, told) if told else None
        if said:
            yield said


# --- the cache -------------------------------------------------------------------------------------------------------


@contextmanager
def _writable() -> Iterator[Path]:
    """The cache's folder; one line when nothing can be written there."""
    root = assets.cache_folder()
    try:
        root.mkdir(parents=True, exist_ok=True)
        yield root
    except OSError as error:
        if isinstance(error, LackingError) or not (
            error.filename and Path(os.fsdecode(error.filename)).is_relative_to(root)
        ):
            raise
        way = f"choose another folder with {assets.FOLDER_VARIABLE} or --cache"
        raise LackingError(f"the cache {root} must be writable, got {error.strerror}: {way}") from error


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """One installer of a name at a time; the others wait."""
    with _writable() as root:
        (root / "locks").mkdir(exist_ok=True)
        with (root / "locks" / check_name(name, "pack")).open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print(f"waiting: another process installs {name}", file=sys.stderr)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@contextmanager
def _attempt(name: str) -> Iterator[tuple[Path, Path]]:
    """(folder to be published, folder to work in), both gone at the end unless published."""
    step = name if NAME.fullmatch(name) else "pack"
    with _writable() as root, attempting(root, step) as private, attempting(root, f"{step}.scratch") as scratch:
        yield private, scratch


def _publish(private: Path, document: bytes, sha256: str) -> None:
    """Arrays first, so that a pack that cannot be converted is not installed; then one rename."""
    (private / assets.DOCUMENT).write_bytes(document)
    for kind in sorted({item.kind for item in assets.items_of(_listed(document))}):
        made = assets.converter(kind)
        if made:
            target = private / assets.arrays_name(kind)
            target.mkdir()
            made[0](private, target)
    publish(private, assets.cache_folder() / sha256)


def _listed(document: bytes) -> list[dict[str, Any]]:
    return list(json.loads(document)["items"])


def _convert(sha256: str) -> None:
    """Arrays that an earlier version of the suite has not made yet."""
    pack = assets.open_pack(sha256)
    for kind in sorted({item.kind for item in pack.items}):
        made = assets.converter(kind)
        if made and not (pack.folder / assets.arrays_name(kind)).is_dir():
            with _attempt(pack.name) as (private, _):
                made[0](pack.folder, private)
                publish(private, pack.folder / assets.arrays_name(kind))


def _named(name: str, sha256: str) -> assets.Pack:
    """Points the name at the hash; readers see the old or the new one."""
    with _writable() as root:
        (root / "names").mkdir(exist_ok=True)
        fresh = root / "names" / f".{name}.{os.getpid()}"
        fresh.write_text(f"{sha256}\n", encoding="ascii")
        fresh.replace(root / "names" / name)
    return assets.open_pack(sha256)


def _discard(folder: Path) -> None:
    """Away by one rename, then piece by piece."""
    with _writable() as root:
        away = root / "attempts" / f"{folder.name}.old.{os.getpid()}"
        away.parent.mkdir(exist_ok=True)
        folder.rename(away)
        shutil.rmtree(away)
