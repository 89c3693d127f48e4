"""Part: some of a dressed body, a mesh whose faces are of named cloths."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.mesh import Array


@dataclass(frozen=True, kw_only=True)
class Part:
    """A mesh at rest, soles on z = 0."""

    points_m: Array
    """(P, 3)."""
    triangles: Array
    """(F, 3) int32, counter-clockwise from outside."""
    slots: tuple[str, ...]
    """Names of materials, each "garment/cloth"."""
    slot: Array
    """(F,) int32 into `slots`."""
    skin: Array
    """(P, J) float32 weights of the skeleton's joints."""
    tint: Array | None = None
    """(P, 3) factors on the colour; None: 1."""
