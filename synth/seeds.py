"""Seeds: every random number of a recipe comes from a path of names, so adding one shifts no other.

One hash is one draw. Nothing depends on the order in which draws are made, nor on a library's stream of numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Path = Sequence[str | int]


def _digest(path: Path) -> int:
    text = "/".join(map(str, path))
    if "~" in text or text.count("/") != len(path) - 1:  # a name holds a separator: escape all, so that no two collide
        text = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big")


def seed(*path: str | int) -> int:
    """An integer in 0..2^53-1 (so that JSON readers keep it exact) for the path of names."""
    return _digest(path) >> 11


def unit(*path: str | int) -> float:
    """A number in [0, 1) for the path of names, on a grid of 2^-53."""
    return (_digest(path) >> 11) * 2.0**-53
