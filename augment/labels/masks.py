"""Masks as COCO run-length codes: there and back, scaled, and their boxes."""

from __future__ import annotations

import cv2
import numpy as np
from pycocotools import mask as coco

from augment.footage import Array


def rle(mask: Array) -> bytes:
    """Counts, compressed, of an (H, W) mask."""
    return bytes(coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"])


def dense(counts: bytes, size_px: tuple[int, int]) -> Array:
    """(H, W) bool."""
    return np.asarray(coco.decode({"size": [size_px[1], size_px[0]], "counts": counts})).astype(bool)


def scaled(counts: bytes, before_px: tuple[int, int], after_px: tuple[int, int]) -> bytes:
    """The pixels of which at least half is covered; picking the nearest would move the mask by up to half a pixel."""
    how = cv2.INTER_AREA if after_px[0] <= before_px[0] else cv2.INTER_LINEAR
    share = cv2.resize(dense(counts, before_px).astype(np.float32), after_px, interpolation=how)
    return rle(share > 0.499)


def edges(mask: Array) -> list[float]:
    """x0, y0, x1, y1 of what is set; all 0 when nothing is."""
    if not mask.any():
        return [0.0] * 4
    x, y = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return [float(x[0]), float(y[0]), float(x[-1] + 1), float(y[-1] + 1)]
