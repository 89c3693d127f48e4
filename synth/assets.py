"""Asset packs in the office: known packs as data, installed once into the cache; a user's own, checked the same way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenes import assets
from synth import packcache
from synth.config import CONFIGS, read
from synth.contents import known_document, mesh_faults, own_document
from synth.errors import LackingError
from synth.fetch import Fetch, Take, copy_folder, download, fetch_archive, unpack
from synth.tree import RecipeError, nearest, read_yaml


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
    with packcache.locked(name):
        there = assets.pack_folder(known.sha256)
        if again or there is None:
            with packcache.attempt(name) as (private, scratch):
                _gather(known, source, private, scratch)
                document = known_document(
                    name, private, items=known.items, shared=known.all, catalogue=known.catalogue,
                    licence_file=known.licence_file,
                )  # fmt: skip
                got = hashlib.sha256(document).hexdigest()
                if got != known.sha256:
                    raise RecipeError(
                        f"configs/assets/{name}.yaml: sha256 must be that of the pack, {got}, got {known.sha256}"
                    )
                if there is not None:
                    packcache.discard(there)
                packcache.publish(private, document, got)
        packcache.convert(known.sha256)
        return packcache.named(name, known.sha256)


def add(source: Path) -> assets.Pack:
    """A user's own pack, a folder or an archive with pack.yaml, checked and copied into the cache."""
    if not source.exists():
        raise RecipeError(f"a pack must be a folder or an archive with pack.yaml, there is no {str(source)!r}")
    with packcache.attempt(source.name) as (private, scratch):
        if source.is_dir():
            copy_folder(source, private, Take())
        else:
            unpack(source, private, Take(), scratch)
        name, document = own_document(private, str(source))
        sha256 = hashlib.sha256(document).hexdigest()
        if name in known_packs():
            raise RecipeError(f"{source}: name must not be that of a known pack, got {name!r}: choose another")
        with packcache.locked(name):
            if assets.pack_folder(sha256) is None:
                packcache.publish(private, document, sha256)
            packcache.convert(sha256)
            return packcache.named(name, sha256)


def check(names: list[str]) -> list[str]:
    """Findings on installed packs, or on folders with a pack.yaml; all installed packs when none is named."""
    findings = []
    for name in names or list(assets.installed()):
        if Path(name).is_dir():
            own_document(Path(name), name)
            continue
        pack = assets.open_pack(name)
        findings += [f"{pack.name}: {said}: synth assets install {pack.name} --again" for said in pack.findings()]
        findings += [f"{pack.name}: {said}" for said in mesh_faults(pack.folder, pack.files)]
    return findings


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
