"""Keypoints of people: COCO's 17 joints, their mirrored pairs, and how they follow warps, covers and scaling.

Arrays are (R, 17, 3) float32 x, y, v; v is 0 outside or unknown (x = y = 0), 1 occluded, 2 visible.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.field import Field

Array = NDArray[Any]

_SIDES = ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
KEYPOINTS = ("nose", *(f"{side}_{part}" for part in _SIDES for side in ("left", "right")))
"""COCO's names in COCO's order."""
MIRRORED = (0, *(pair + side for pair in range(1, 17, 2) for side in (1, 0)))
"""Which joint's place each takes in a mirror: left and right change."""
LOST_PX = 0.5
"""A warp's inverse that misses by more has no solution there: the output does not show the point."""


def through_warp(points: Array, warp: Field, t: int) -> Array:
    """Where the output shows them; what it does not show is 0, left and right change where it mirrors."""
    after, known = np.zeros_like(points), points[..., 2] > 0
    if known.any():
        xy = points[known][:, :2].astype(np.float64)
        seen_at = warp.forward(t, xy)
        x0, y0, x1, y1 = warp.window_px
        shown = ((seen_at >= (x0, y0)) & (seen_at <= (x1, y1))).all(axis=1)
        shown &= np.abs(warp.sample(t, seen_at) - xy).max(axis=1) < LOST_PX
        after[known] = np.column_stack([seen_at, points[known][:, 2]]) * shown[:, None]
    return np.asarray(after[:, MIRRORED] if warp.mirrors(t) else after)


def under_cover(points: Array, cover: Array) -> Array:
    """Visible joints below the (H, W) cover become occluded."""
    after = points.copy()
    height, width = cover.shape
    x, y = (np.clip(points[..., n].astype(int), 0, edge - 1) for n, edge in ((0, width), (1, height)))
    after[..., 2] = np.where(cover[y, x], np.minimum(points[..., 2], 1), points[..., 2])
    return after


def scaled(points: Array, scale: Array) -> Array:
    """In a picture scaled by (x, y)."""
    return np.asarray(points * np.array([*scale, 1], np.float32))
