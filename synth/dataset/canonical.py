"""Canonical JSON, hashes of files and durable writing: the ground the store and the manifest stand on.

Canonical means one text per document: UTF-8, sorted keys, no NaN, no infinity, -0.0 written as 0.0, a Fraction as
"30000/1001", numpy's numbers as the plain numbers they hold. Anything else (a path, a date, bytes) is refused.
"""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""What a clip, a shard, a dataset or a file in a clip may be called: one step of a path, never hidden, never `..`."""

CHUNK = 1 << 20
"""Bytes read at once while hashing."""

WAYS_OUT = {
    errno.ENOSPC: "must have free space: free some, or choose another output folder",
    errno.EDQUOT: "must have quota left: free some, or choose another output folder",
    errno.EFBIG: "must fit the largest file allowed here: raise the limit (ulimit -f), or choose another output folder",
    errno.EROFS: "must be writable, it lies on a read-only file system: choose another output folder",
    errno.EACCES: "must be writable: change its permissions, or choose another output folder",
    errno.EPERM: "must be writable: change its permissions, or choose another output folder",
    errno.ENOTDIR: "must be a folder: choose another output folder",
}
"""Rule and way out for each reason for which nothing can be written."""


class CannotWriteError(OSError):
    """An output folder takes no more. OSError(errno, message) whose text is the message alone, in one line."""

    def __str__(self) -> str:
        return str(self.strerror)


def cannot_write(path: Path, number: int) -> CannotWriteError:
    """The error for a path and a reason of WAYS_OUT: path, rule, way out."""
    return CannotWriteError(number, f"{path} {WAYS_OUT[number]} ({os.strerror(number)})")


def plain(value: Any, at: str = "document") -> Any:
    """The same as dicts, lists, strings, finite numbers, booleans and None; ValueError names what cannot be."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{at} must be a finite number, got {value}")
        return value + 0.0
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"{at} must have strings as keys, got {key!r}")
        return {key: plain(value[key], f"{at}.{key}") for key in sorted(value)}
    if isinstance(value, list | tuple):
        return [plain(one, f"{at}[{i}]") for i, one in enumerate(value)]
    raise ValueError(f"{at} must be plain JSON, got {type(value).__name__}")


def canonical(document: Mapping[str, Any], *, indent: int | None = None) -> bytes:
    """The one text of a document; with `indent` the one text for people. Ends with a newline when indented."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(plain(document), sort_keys=True, ensure_ascii=False, separators=separators, indent=indent)
    return (text + ("" if indent is None else "\n")).encode()


def read_json(path: Path, *, schema: str) -> dict[str, Any]:
    """An object whose `schema` is the one given; ValueError is one line that names the file."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: must be JSON, got {str(error).splitlines()[0]}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path}: must hold a JSON object, got {type(document).__name__}")
    if document.get("schema") != schema:
        raise ValueError(
            f"{path}: schema must be {schema!r}, got {document.get('schema')!r}: use the version of synth that wrote it"
        )
    return document


def check_name(name: object, what: str) -> str:
    """The name itself when it is one safe step of a path, else ValueError."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"{what} must match {NAME.pattern}, got {name!r}")
    return name


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def facts(path: Path) -> dict[str, Any]:
    """What a record says of a file: bytes and sha256."""
    return {"bytes": path.stat().st_size, "sha256": file_sha256(path)}


def flush_tree(folder: Path) -> None:
    """Everything below a folder, and the folder, stands on the disk when this returns."""
    for place, _, files in os.walk(folder, topdown=False):
        for name in files:
            flush(Path(place) / name)
        flush(Path(place))


def flush(path: Path) -> None:
    """A file's bytes or a folder's names stand on the disk when this returns; a link is passed over."""
    if path.is_symlink():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
