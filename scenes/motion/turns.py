"""Turns: rotations as matrices and as quaternions (w, x, y, z), vectorised over any leading shape."""

from __future__ import annotations

from typing import Any

import numpy as np

from scenes.mesh import Array


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
    normed: Array = v / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12)
    return normed


def frame(first: Array, near: Array) -> Array:
    """(..., 3, 3): columns are `first`, the part of `near` across it, and their cross product."""
    x = unit(np.asarray(first, float))
    near = np.asarray(near, float)
    y = unit(near - (near * x).sum(axis=-1, keepdims=True) * x)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def transposed(turn: Array) -> Array:
    """The inverse of rotations (..., 3, 3)."""
    return np.swapaxes(turn, -1, -2)


def quaternions(turn: Array) -> Array:
    """(K, ..., 4) unit quaternions of rotations (K, ..., 3, 3), without sign flips from key to key."""
    m = np.asarray(turn, float)
    d = np.stack([m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]], axis=-1)
    trace = d.sum(axis=-1)
    # squared components; the largest is taken as the root, the others follow from it
    squares = np.stack([1 + trace, *(1 + 2 * d[..., i] - trace for i in range(3))], axis=-1)
    largest = squares.argmax(axis=-1)
    xy, xz, yz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    wx, wy, wz = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    rows = np.stack(
        [
            np.stack([squares[..., 0], wx, wy, wz], axis=-1),
            np.stack([wx, squares[..., 1], xy, xz], axis=-1),
            np.stack([wy, xy, squares[..., 2], yz], axis=-1),
            np.stack([wz, xz, yz, squares[..., 3]], axis=-1),
        ],
        axis=-2,
    )
    q = np.take_along_axis(rows, largest[..., None, None], axis=-2)[..., 0, :]
    q = q / np.linalg.norm(q, axis=-1, keepdims=True)
    flips = np.where((q[1:] * q[:-1]).sum(axis=-1) < 0, -1.0, 1.0)
    sign = np.concatenate([np.ones((1, *q.shape[1:-1])), np.cumprod(flips, axis=0)])
    unrolled: Array = q * sign[..., None]
    return unrolled


def smooth(x: Any, low: float = 0.0, high: float = 1.0) -> Array:
    """0 below `low`, 1 above `high`, with zero slope and curvature at both ends."""
    u = np.clip((np.asarray(x, float) - low) / (high - low), 0, 1)
    rise: Array = u * u * u * (u * (6 * u - 15) + 10)
    return rise
