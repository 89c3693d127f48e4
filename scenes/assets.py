"""Asset packs: third-party bodies, motions, light and furniture, opened here and nowhere else.

A pack lies in the cache under its hash, the SHA-256 of its pack.json, which lists every item with licence, author,
source and hash, and every file with size and hash. `synth assets install` puts it there, whole or not at all; a name
points at the hash that was installed last. What a render uses is named by hash in its spec, never by name.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import importlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER_VARIABLE = "SYNTH_ASSETS"
"""Environment variable that says where the cache is."""
DOCUMENT = "pack.json"
SCHEMA = "pack/1"
HASH = re.compile(r"[0-9a-f]{64}")

REFUSED_WORDS = (
    "blood", "corpse", "dead", "death", "die", "dying", "execution", "gore", "gun", "hit", "hostage", "injured",
    "injury", "kill", "knife", "pistol", "punch", "rifle", "shoot", "shot", "stab", "sword", "victim", "weapon",
    "wound", "wounded",
)  # fmt: skip
"""No item is called or tagged so. Everything in a pack is on its list of items: what is not there cannot be used."""


class AssetError(ValueError):
    """A pack or an item that cannot be used: one line with the rule, what was found, and what to change."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What one kind of item is made of."""

    suffixes: tuple[str, ...]
    """Its files' endings, lower case."""
    convert: tuple[str, str] | None = None
    """(module, function): function(folder of the pack, folder to write arrays into), run once at install. The module's
    VERSION counts what it writes."""


KINDS: dict[str, Kind] = {
    "body": Kind(
        suffixes=(".obj", ".gz", ".json", ".mirror", ".target", ".jpg", ".png"),
        convert=("scenes.people.bodies", "convert"),
    ),
    "motion": Kind(suffixes=(".glb", ".gltf", ".bin", ".bvh", ".fbx"), convert=("scenes.motion.retarget", "converted")),
    "hdri": Kind(suffixes=(".hdr", ".exr")),
    "furniture": Kind(suffixes=(".obj", ".mtl", ".glb", ".gltf", ".bin", ".jpg", ".jpeg", ".png")),
    "texture": Kind(suffixes=(".jpg", ".jpeg", ".png")),
    "font": Kind(suffixes=(".ttf", ".otf")),
}
"""Kinds of items."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing of a pack."""

    name: str
    kind: str
    """A row of KINDS."""
    files: tuple[str, ...]
    """Its files, below the pack's folder; the main one first."""
    part: str = ""
    """What of the file it is, where a file holds several: the name of an animation in a glTF."""
    size_m: tuple[float, float, float] | None = None
    """Width, depth, height; None for what has no size."""
    tags: tuple[str, ...] = ()
    licence: str
    """SPDX identifier: CC0-1.0, CC-BY-3.0 ..."""
    author: str
    source: str
    """Where it comes from: package and version, or address."""
    sha256: str
    """Of its one file, or of the lines "hash path" of its files."""
    non_graphic: bool
    """Somebody looked: nothing graphic is in it."""

    def __post_init__(self) -> None:
        at = f"item {self.name!r}"
        if not self.name or not isinstance(self.name, str):
            raise AssetError(f"an item's name must be given, got {self.name!r}")
        for field in ("licence", "author", "source", "sha256"):
            if not isinstance(getattr(self, field), str) or not getattr(self, field).strip():
                raise AssetError(f"{at}: {field} must be given, an asset without it is not used: write it in pack.yaml")
        if self.non_graphic is not True:
            raise AssetError(f"{at}: non_graphic must be true: look at it, and say so in pack.yaml or leave it out")
        if self.kind not in KINDS:
            raise AssetError(f"{at}: kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if not HASH.fullmatch(self.sha256):
            raise AssetError(f"{at}: sha256 must be 64 hex digits, got {self.sha256!r}")
        if not self.files:
            raise AssetError(f"{at}: files must name at least one file, got none")
        if self.size_m is not None and not all(0 < edge <= 100 for edge in self.size_m):
            raise AssetError(f"{at}: size_m must be three lengths above 0 and at most 100 m, got {list(self.size_m)}")
        refused = refused_word(" ".join((self.name, self.part, *self.tags)))
        if refused:
            raise AssetError(f"{at}: the name must not hold {refused!r}, nothing of that kind is used: leave it out")


@dataclass(frozen=True, kw_only=True)
class Pack:
    """An installed pack."""

    name: str
    sha256: str
    folder: Path
    items: tuple[Item, ...]
    files: Mapping[str, Mapping[str, Any]]
    """Path below the folder -> bytes, sha256."""

    def path(self, item: Item, number: int = 0) -> Path:
        """Where an item's file lies."""
        return self.folder / item.files[number]

    def arrays(self, kind: str) -> Path:
        """The folder of what an item kind's converter wrote at install. AssetError when another version wrote it."""
        folder = self.folder / arrays_name(kind)
        if not folder.is_dir():
            raise AssetError(f"pack {self.name!r} was installed by another version: synth assets install {self.name}")
        return folder

    def attribution(self, kind: str | None = None) -> list[dict[str, str]]:
        """What clip.json says of its items, or of those of one kind."""
        fields = ("licence", "author", "source", "sha256")
        return [
            {"pack": self.name, "pack_sha256": self.sha256, "item": item.name, **{f: getattr(item, f) for f in fields}}
            for item in self.items
            if kind in (None, item.kind)
        ]

    def findings(self) -> list[str]:
        """One line for each file that is missing or not as it was installed."""
        found = []
        for name, known in self.files.items():
            path = self.folder / name
            if not path.is_file():
                found.append(f"{name} is missing")
            elif path.stat().st_size != known["bytes"] or file_sha256(path) != known["sha256"]:
                found.append(f"{name} is not the file that was installed")
        return found


def cache_folder() -> Path:
    """Where packs lie: SYNTH_ASSETS, or synth/packs in the user's cache."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "synth" / "packs"


def pack_folder(name_or_hash: str) -> Path | None:
    """The folder of an installed pack, None when it is not installed."""
    sha256 = name_or_hash if HASH.fullmatch(name_or_hash) else installed().get(name_or_hash)
    folder = cache_folder() / sha256 if sha256 else None
    return folder if folder and (folder / DOCUMENT).is_file() else None


def installed() -> dict[str, str]:
    """Name -> hash of every installed pack, by name."""
    names = cache_folder() / "names"
    pointers = sorted(p for p in names.iterdir() if not p.name.startswith(".")) if names.is_dir() else []
    told = {p.name: p.read_text(encoding="ascii").strip() for p in pointers}
    return {name: sha256 for name, sha256 in told.items() if (cache_folder() / sha256 / DOCUMENT).is_file()}


def open_pack(name_or_hash: str) -> Pack:
    """An installed pack, its list checked. AssetError says what to do when it is not installed or not whole."""
    folder = pack_folder(name_or_hash)
    if folder is None:
        known = list(installed())
        close = difflib.get_close_matches(name_or_hash, known, n=1, cutoff=0.5)
        hint = f", did you mean {close[0]!r}?" if close else f" (installed: {', '.join(known) or 'none'})"
        raise AssetError(
            f"pack {name_or_hash[:20]!r} is not in {cache_folder()}{hint}; install it: synth assets install NAME"
        )
    return _read(folder)


def items(kind: str, pack: str | None = None) -> tuple[Item, ...]:
    """The items of a kind, of one pack (by name or hash) or of every installed one, by pack and name."""
    chosen = [pack] if pack is not None else list(installed())
    return tuple(item for name in chosen for item in open_pack(name).items if item.kind == kind)


def open_as_planned(name: str, sha256: str) -> Pack:
    """The pack that a spec names. AssetError when this machine lacks it."""
    if pack_folder(sha256) is None:
        raise AssetError(
            f"pack {name!r} as planned ({sha256[:12]}) is not in {cache_folder()}: synth assets install {name}, "
            "or plan again with the pack that is here"
        )
    return open_pack(sha256)


def whole_pack(name: str, sha256: str) -> Pack:
    """The same, its every file hashed once in this process."""
    return _whole(open_as_planned(name, sha256).folder)


@functools.lru_cache(maxsize=32)
def _whole(folder: Path) -> Pack:
    pack = _read(folder)
    found = pack.findings()
    if found:
        raise AssetError(f"pack {pack.name!r}: {found[0]}: synth assets install {pack.name} --again")
    return pack


@functools.lru_cache(maxsize=32)
def _read(folder: Path) -> Pack:
    text = (folder / DOCUMENT).read_bytes()
    if hashlib.sha256(text).hexdigest() != folder.name:
        raise AssetError(f"{folder / DOCUMENT} was changed: remove the folder and install the pack again")
    document = json.loads(text)
    if document.get("schema") != SCHEMA:
        raise AssetError(
            f"{folder / DOCUMENT}: schema must be {SCHEMA!r}, got {document.get('schema')!r}: install again"
        )
    return Pack(
        name=document["name"],
        sha256=folder.name,
        folder=folder,
        items=items_of(document["items"]),
        files=document["files"],
    )


def items_of(listed: list[dict[str, Any]]) -> tuple[Item, ...]:
    """Items from plain data. AssetError names the first that cannot be used."""
    made = []
    for plain in listed:
        known = {f: plain.get(f) for f in ("licence", "author", "source", "sha256", "non_graphic", "kind", "name")}
        more = {f: plain[f] for f in ("part",) if f in plain}
        size = tuple(plain["size_m"]) if plain.get("size_m") else None
        made.append(Item(files=tuple(plain["files"]), tags=tuple(plain.get("tags", ())), size_m=size, **known, **more))  # type: ignore[arg-type]
    names = [item.name for item in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise AssetError(f"item {twice!r} stands twice: names must differ")
    return tuple(made)


def converter(kind: str) -> tuple[Callable[[Path, Path], None], int] | None:
    """(function, version) that makes arrays of a kind's items, None for a kind that is used as it is."""
    named = KINDS[kind].convert
    if named is None:
        return None
    module = importlib.import_module(named[0])
    return getattr(module, named[1]), int(module.VERSION)


def arrays_name(kind: str) -> str:
    """The folder of a kind's arrays inside a pack, by the version of what writes them."""
    made = converter(kind)
    if made is None:
        raise AssetError(f"kind {kind!r} has no arrays: its files are used as they are")
    return f"arrays-{kind}-{made[1]}"


def refused_word(text: str) -> str | None:
    """The first of REFUSED_WORDS that stands in a text as a word: Sword_Attack, swordIdle, death01."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", text).lower())
    return next((word for word in words if word in REFUSED_WORDS), None)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
