"""Contents: what a pack is made of, checked once: stated items become files, hashes and the bytes of pack.json."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scenes import assets, meshfile
from synth.dataset.canonical import canonical, check_name, facts
from synth.fetch import fingerprint
from synth.furniture import from_catalogue
from synth.tree import RecipeError, nearest, read_yaml

INHERITED = ("kind", "licence", "author", "source", "non_graphic", "tags")
"""Fields that a pack may state once, under `all`, for every item."""
ITEM_FIELDS = (*INHERITED, "name", "files", "part", "parts", "each", "size_m", "sha256")


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


def known_document(
    name: str, folder: Path, *, items: list[dict[str, Any]], shared: Mapping[str, Any], catalogue: str,
    licence_file: str,
) -> bytes:  # fmt: skip
    """pack.json of a known pack's files."""
    file = f"configs/assets/{name}.yaml"
    made = _items(items, shared, folder, file, hashes_given=False)
    if catalogue:
        made += from_catalogue(folder, catalogue, shared, file)
    return _checked(folder, name, made, licence_file)


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
    fault = next(mesh_faults(folder, used), None)
    if fault:
        raise assets.AssetError(f"pack {name!r}: {fault}")
    document = {"schema": assets.SCHEMA, "name": name, "items": items, "files": files, "licence_file": licence_file}
    return canonical(document, indent=1)


def mesh_faults(folder: Path, files: Mapping[str, Any]) -> Iterator[str]:
    """One line for each mesh among the files that cannot be used."""
    for file in files:
        try:
            told = meshfile.examine(folder / file)
        except (OSError, ValueError) as error:
            yield str(error)
            continue
        said = meshfile.fault(folder / file, told) if told else None
        if said:
            yield said
