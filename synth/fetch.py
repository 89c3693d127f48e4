"""Fetching: an archive by an ordinary client, an address or a path; and the files taken out of it. Nothing is run.

Clients put one archive into a folder: pip (wheels alone: building a source archive would run it), npm (its scripts off)
and apt-get. An archive is a zip, a tar or a Debian package; what comes out are plain files below one folder.
"""

from __future__ import annotations

import fnmatch
import io
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from synth.errors import LackingError
from synth.tree import RecipeError

MOST_BYTES = 2 << 30
"""Of an archive, and of all that is taken out of one: above it something is wrong, or it is a bomb."""
MOST_FILE_BYTES = 512 << 20
MOST_FILES = 20_000
PATIENCE_S = 900.0
CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Fetch:
    """Where a known pack comes from."""

    client: str
    """A row of CLIENTS, or folder: the user names one with --from."""
    package: str = ""
    version: str = ""
    address: str = ""
    """Of the archive, for the client address."""
    sha256: str = ""
    """Of the archive."""
    files: dict[str, str] | None = None
    """Name -> SHA-256 of each file of a folder."""

    def __post_init__(self) -> None:
        if self.client not in (*CLIENTS, "folder"):
            raise ValueError(f"client must be one of {', '.join(CLIENTS)}, folder, got {self.client!r}")
        if self.client in ("pip", "npm", "apt") and not (self.package and self.version):
            raise ValueError(f"package and version must be given for {self.client}")
        if self.client == "address" and not self.address.startswith(("https://", "http://127.0.0.1")):
            raise ValueError(f"address must start with https://, got {self.address!r}")
        if (self.client == "folder") != bool(self.files) or (self.client != "folder") != bool(self.sha256):
            raise ValueError("files must give each file's SHA-256 for a folder, sha256 the archive's for all others")


@dataclass(frozen=True, kw_only=True)
class Take:
    """What is taken out of an archive. Patterns: * and ? cross folders."""

    inner: str = ""
    """An archive inside the archive, from which it is taken instead."""
    below: str = ""
    """Only what lies below this folder, which is cut off the names."""
    only: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()

    def name(self, member: str) -> str | None:
        """What a member is called once taken, None when it is not taken."""
        if self.below and not member.startswith(f"{self.below}/"):
            return None
        name = member.removeprefix(f"{self.below}/" if self.below else "")
        wanted = any(fnmatch.fnmatchcase(name, p) for p in self.only)
        return name if wanted and not any(fnmatch.fnmatchcase(name, p) for p in self.but) else None


# --- clients ---------------------------------------------------------------------------------------------------------


def _pip(fetch: Fetch, scratch: Path) -> None:
    asked = ["--no-deps", "--only-binary=:all:", "--dest", str(scratch), f"{fetch.package}=={fetch.version}"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    _run([sys.executable, "-m", "pip", "download", *quiet, *asked], scratch)


def _npm(fetch: Fetch, scratch: Path) -> None:
    _run(["npm", "pack", f"{fetch.package}@{fetch.version}", "--ignore-scripts", "--silent"], scratch)


def _apt(fetch: Fetch, scratch: Path) -> None:
    _run(["apt-get", "download", f"{fetch.package}={fetch.version}"], scratch)


def _address(fetch: Fetch, scratch: Path) -> None:
    download(fetch.address, scratch / "archive")


CLIENTS: dict[str, Callable[[Fetch, Path], None]] = {"pip": _pip, "npm": _npm, "apt": _apt, "address": _address}
"""client(fetch, scratch): leaves exactly one file in scratch."""


def fetch_archive(fetch: Fetch, scratch: Path) -> Path:
    """The one file that a client left in `scratch`. LackingError when it cannot be had here."""
    CLIENTS[fetch.client](fetch, scratch)
    found = sorted(p for p in scratch.iterdir() if p.is_file())
    if len(found) != 1:
        raise LackingError(f"{fetch.client} must leave one file of {fetch.package}, got {len(found)}")
    return found[0]


def download(address: str, path: Path) -> None:
    """An address's bytes, at most MOST_BYTES."""
    try:
        with urllib.request.urlopen(address, timeout=60) as source, path.open("wb") as target:
            _copy(source, target, address, MOST_BYTES)
    except (urllib.error.URLError, TimeoutError) as error:
        raise LackingError(f"{address} must answer, got {getattr(error, 'reason', error)}") from None


def _run(command: list[str], scratch: Path) -> None:
    name = "pip" if "pip" in command[:3] else command[0]
    if name != "pip" and shutil.which(name) is None:
        raise LackingError(f"{name} must be installed to fetch this pack")
    try:
        ran = subprocess.run(command, cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                             timeout=PATIENCE_S, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        raise LackingError(f"{name} must end within {PATIENCE_S:g} s") from None
    if ran.returncode:
        lines = [line.strip() for line in (ran.stderr or ran.stdout).splitlines() if line.strip()]
        said = [line for line in lines if "ERROR" in line.upper()] or lines or ["nothing"]
        raise LackingError(f"{name} must succeed, it said: {said[-1][:300]}")


# --- archives --------------------------------------------------------------------------------------------------------


def unpack(archive: Path, into: Path, take: Take, scratch: Path) -> None:
    """Writes what `take` wants of an archive below `into`. RecipeError for an archive that is none, or that tricks."""
    if take.inner:
        within = scratch / "inner"
        within.mkdir()
        _write(archive, within, Take(only=(take.inner,)))
        if not (within / take.inner).is_file():
            raise RecipeError(f"{archive.name} must hold {take.inner}: it is not the archive that is meant")
        archive = within / take.inner
    _write(archive, into, Take(below=take.below, only=take.only, but=take.but))


def _write(archive: Path, into: Path, take: Take) -> None:
    total, taken = 0, set[str]()
    with _members(archive) as members:
        for member, is_link, opened in members:
            name = take.name(safe_name(member, archive.name))
            if name is None:
                continue
            if is_link:
                raise RecipeError(
                    f"{archive.name}: {member} must be a plain file, got a link or a device: not unpacked"
                )
            if name.lower() in taken:
                raise RecipeError(f"{archive.name}: {member} must stand once, got it twice: not unpacked")
            taken.add(name.lower())
            if len(taken) > MOST_FILES:
                raise RecipeError(f"{archive.name} must hold at most {MOST_FILES} files: take fewer")
            target = into / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with opened() as source, target.open("wb") as out:
                total += _copy(source, out, f"{archive.name}: {member}", min(MOST_FILE_BYTES, MOST_BYTES - total))


def safe_name(name: str, archive: str) -> str:
    """A member's name as a plain relative path, else RecipeError: no root, no drive, no step up."""
    path = PurePosixPath(name)
    steps = [step for step in path.parts if step != "."]
    if path.is_absolute() or ".." in steps or "\\" in name or ":" in name or not name.isprintable() or not steps:
        raise RecipeError(f"{archive}: members must be plain relative paths, got {name!r}: not unpacked")
    return "/".join(steps)


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[tuple[str, bool, Callable[[], IO[bytes]]]]]:
    """(name, whether it is a link or a device, opener) of everything but folders."""
    try:
        with archive.open("rb") as stream:
            magic = stream.read(8)
        if magic == b"!<arch>\n":
            with archive.open("rb") as stream, tarfile.open(fileobj=_data_of_deb(stream, archive.name)) as tar:
                yield _of_tar(tar)
        elif zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped:
                yield _of_zip(zipped)
        else:
            with tarfile.open(archive) as tar:
                yield _of_tar(tar)
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise RecipeError(f"{archive.name} must be a whole zip, tar or Debian package, got {error}") from None


def _of_tar(tar: tarfile.TarFile) -> Iterator[tuple[str, bool, Callable[[], IO[bytes]]]]:
    for info in tar:
        if not info.isdir():
            yield info.name, not info.isreg(), lambda info=info: tar.extractfile(info)  # type: ignore[misc, return-value]


def _of_zip(zipped: zipfile.ZipFile) -> Iterator[tuple[str, bool, Callable[[], IO[bytes]]]]:
    for info in zipped.infolist():
        if not info.is_dir():
            kind = (info.external_attr >> 16) & 0o170000
            yield info.filename, kind not in (0, 0o100000), lambda info=info: zipped.open(info)  # type: ignore[misc]


class _Slice(io.RawIOBase):
    """A stretch of a file, as tarfile reads it."""

    def __init__(self, stream: IO[bytes], start: int, length: int) -> None:
        self._stream, self._start, self._length, self._at = stream, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._stream.seek(self._start + self._at)
        block = self._stream.read(min(len(buffer), self._length - self._at))
        buffer[: len(block)] = block
        self._at += len(block)
        return len(block)

    def seek(self, to: int, whence: int = 0) -> int:
        self._at = min(max(0, to + (0, self._at, self._length)[whence]), self._length)
        return self._at


def _data_of_deb(stream: IO[bytes], name: str) -> Any:
    """The data tar of a Debian package, which is an ar archive: 60-byte heads, contents padded to even length."""
    at = 8
    while True:
        stream.seek(at)
        head = stream.read(60)
        if len(head) < 60 or not head[48:58].strip().isdigit():
            raise RecipeError(f"{name} must be a whole Debian package, it holds no data")
        size = int(head[48:58])
        if head[:16].decode("latin-1").startswith("data.tar"):
            return io.BufferedReader(_Slice(stream, at + 60, size))
        at += 60 + size + size % 2


def _copy(source: IO[bytes], target: IO[bytes], name: str, most: int) -> int:
    """Copies at most `most` bytes, counting what really comes, not what a head promises."""
    count = 0
    while block := source.read(CHUNK):
        count += len(block)
        if count > most:
            raise RecipeError(f"{name} must fit in {most >> 20} MiB: not unpacked")
        target.write(block)
    return count


def copy_folder(source: Path, into: Path, take: Take) -> None:
    """The files of a folder that `take` wants; links are not followed."""
    if not source.is_dir():
        raise RecipeError(f"--from must be a folder or an archive, there is no {str(source)!r}")
    found = sorted(p for p in source.rglob("*") if not p.is_dir() or p.is_symlink())
    for path in found:
        relative = path.relative_to(source).as_posix()
        name = take.name(safe_name(relative, source.name))
        if name is None:
            continue
        if path.is_symlink() or not path.is_file():
            raise RecipeError(f"{path} must be a plain file, got a link or a device: not copied")
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as opened, (into / name).open("wb") as out:
            _copy(opened, out, str(path), MOST_FILE_BYTES)


def fingerprint(files: Mapping[str, str]) -> str:
    """The lines "hash path" of several files, by path: what the SHA-256 of an item of several files is made of."""
    return "".join(f"{sha256} {name}\n" for name, sha256 in sorted(files.items()))
