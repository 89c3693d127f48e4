"""Turns: rotation matrices, vectorised over any leading shape; and the smooth step."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenes.mesh import Array
from scenes.shot import matrices, quaternions


def about(axis: int, angle: Any) -> Array:
    """(..., 3, 3) rotations about x, y or z (0, 1, 2) by angles in rad."""
    angle = np.asarray(angle, float)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.zeros((*angle.shape, 3, 3))
    b, d = (axis + 1) % 3, (axis + 2) % 3
    turn[..., axis, axis] = 1
    turn[..., b, b], turn[..., d, d] = c, c
    turn[..., d, b], turn[..., b, d] = s, -s
    return turn


def unit(v: Array) -> Array:
    """Vectors (..., 3) of length 1."""
    length = np.sqrt(np.einsum("...i,...i->...", v, v))  # a third of what np.linalg.norm takes
    normed: Array = v / np.maximum(length, 1e-12)[..., None]
    return normed


def frame(first: Array, near: Array) -> Array:
    """(..., 3, 3): columns are `first`, the part of `near` across it, and their cross product."""
    x = unit(np.asarray(first, float))
    near = np.asarray(near, float)
    y = unit(near - np.einsum("...i,...i->...", near, x)[..., None] * x)
    out = np.empty((*y.shape, 3))
    out[..., 0], out[..., 1] = x, y
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        out[..., a, 2] = out[..., b, 0] * out[..., c, 1] - out[..., c, 0] * out[..., b, 1]
    return out


def transposed(turn: Array) -> Array:
    """The inverse of rotations (..., 3, 3)."""
    return np.swapaxes(turn, -1, -2)


def smooth(x: Any, low: float = 0.0, high: float = 1.0) -> Array:
    """0 below `low`, 1 above `high`, with zero slope and curvature at both ends."""
    u = np.minimum(np.maximum((np.asarray(x, float) - low) / (high - low), 0.0), 1.0)
    rise: Array = u * u * u * (u * (6 * u - 15) + 10)
    return rise


def mixed(one: Array, other: Array, share: Array) -> Array:
    """(..., 3, 3) rotations between two, the shorter way: normed linear mixing of quaternions."""
    one, other = np.broadcast_arrays(one, other)
    a, b = (quaternions(x[None])[0] for x in (one, other))
    b = np.where((a * b).sum(axis=-1, keepdims=True) < 0, -b, b)
    q = a + np.asarray(share)[..., None] * (b - a)
    return matrices(q / np.linalg.norm(q, axis=-1, keepdims=True))
