"""Shots as Blender stores them: pattern coordinates and point caches; numpy alone."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from scenes.shot import Array, Figure

CACHE_CHUNK = 64
"""Keys that are skinned at a time, for memory."""


def write_cache(path: Path, figure: Figure) -> None:
    """A PC2 point cache of the figure's world positions, one sample per key."""
    samples = len(figure.rotations)
    with path.open("wb") as out:
        out.write(struct.pack("<12siiffi", b"POINTCACHE2\0", 1, len(figure.vertices_m), 0.0, 1.0, samples))
        for first in range(0, samples, CACHE_CHUNK):
            out.write(figure.posed(slice(first, first + CACHE_CHUNK)).astype("<f4").tobytes())


def sheet_m(vertices_m: Array, triangles: Array) -> Array:
    """(3F, 3) float32 pattern coordinates of the face corners: the face's main axis dropped, height kept upright."""
    corners = np.asarray(vertices_m, np.float32)[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    kept = np.array([[1, 2], [0, 2], [0, 1]])[np.abs(normal).argmax(axis=1)]
    flat = np.take_along_axis(corners, np.repeat(kept[:, None], 3, axis=1), axis=2)
    out: Array = np.concatenate([flat, np.zeros_like(flat[..., :1])], axis=2).reshape(-1, 3)
    return out
