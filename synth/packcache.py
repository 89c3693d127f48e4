"""The cache of asset packs, written: a folder appears by one rename under its name's lock, whole or not at all.

<cache>/<hash>/    the pack's files, arrays-<kind>-<version>/ made of them, and pack.json, whose hash it is
<cache>/names/     a file for each name with the hash that was installed last
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scenes import assets
from synth.dataset.canonical import NAME, check_name
from synth.dataset.clip import attempting
from synth.dataset.clip import publish as rename
from synth.errors import LackingError


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
def locked(name: str) -> Iterator[None]:
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
def attempt(name: str) -> Iterator[tuple[Path, Path]]:
    """(folder to be published, folder to work in), both gone at the end unless published."""
    step = name if NAME.fullmatch(name) else "pack"
    with _writable() as root, attempting(root, step) as private, attempting(root, f"{step}.scratch") as scratch:
        yield private, scratch


def publish(private: Path, document: bytes, sha256: str) -> None:
    """Puts a pack where it belongs: arrays first, so that what cannot be converted is not installed; one rename."""
    (private / assets.DOCUMENT).write_bytes(document)
    for kind in sorted({item.kind for item in assets.items_of(json.loads(document)["items"])}):
        made = assets.converter(kind)
        if made:
            target = private / assets.arrays_name(kind)
            target.mkdir()
            made[0](private, target)
    rename(private, assets.cache_folder() / sha256)


def convert(sha256: str) -> None:
    """Arrays that an earlier version of the suite has not made yet."""
    pack = assets.open_pack(sha256)
    for kind in sorted({item.kind for item in pack.items}):
        made = assets.converter(kind)
        if made and not (pack.folder / assets.arrays_name(kind)).is_dir():
            with attempt(pack.name) as (private, _):
                made[0](pack.folder, private)
                rename(private, pack.folder / assets.arrays_name(kind))


def named(name: str, sha256: str) -> assets.Pack:
    """Points the name at the hash; readers see the old or the new one."""
    with _writable() as root:
        (root / "names").mkdir(exist_ok=True)
        fresh = root / "names" / f".{name}.{os.getpid()}"
        fresh.write_text(f"{sha256}\n", encoding="ascii")
        fresh.replace(root / "names" / name)
    return assets.open_pack(sha256)


def discard(folder: Path) -> None:
    """Away by one rename, then piece by piece."""
    with _writable() as root:
        away = root / "attempts" / f"{folder.name}.old.{os.getpid()}"
        away.parent.mkdir(exist_ok=True)
        folder.rename(away)
        shutil.rmtree(away)
