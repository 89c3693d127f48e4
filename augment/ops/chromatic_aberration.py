"""Chromatic aberration: a lens draws red and blue a little larger or smaller than green, and its edges fringe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import in_range

Array = NDArray[Any]
LEAST = 1e-4
"""A smaller share moves the corner of 1080p by a tenth of a pixel."""


@dataclass(frozen=True, kw_only=True)
class ChromaticAberration:
    """Red and blue are magnified about the middle by 1 + their share; green, and with it every label, stays.

    Where a colour shrinks, its outermost pixels are repeated: 2 px at most for 0.2 % of a 1080p frame.
    """

    red: float = 0.001
    """Share of the radius, -0.005..0.005; 0.0005..0.002 for small plastic lenses [P]."""
    blue: float = -0.001
    """The same for blue, as a rule of the other sign [P]."""

    def __post_init__(self) -> None:
        in_range("red", self.red, -0.005, 0.005)
        in_range("blue", self.blue, -0.005, 0.005)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Each quarter of a colour is resized about the corner it has in the middle of the frame."""
        shares = [(n, share) for n, share in ((0, self.red), (2, self.blue)) if abs(share) >= LEAST]

        def paint(t: int, frame: Array) -> Array:
            for channel, share in shares:
                cv2.insertChannel(magnified(cv2.extractChannel(frame, channel), 1 + share), frame, channel)
            return frame

        return paint


def magnified(plane: Array, factor: float) -> Array:
    """(H, W) uint8 magnified about its middle, bilinear. cv2.resize keeps its first edge where it is, and is eight
    times as fast as cv2.warpAffine: so each quarter is turned until its first corner is the middle."""
    h, w = plane.shape
    shown = np.empty_like(plane)
    for down in (False, True):
        for right in (False, True):
            rows = slice(h // 2, h) if down else slice(0, h // 2)
            columns = slice(w // 2, w) if right else slice(0, w // 2)
            shown[rows, columns] = _turned(_grown(_turned(plane[rows, columns], down, right), factor), down, right)
    return shown


def _turned(quarter: Array, down: bool, right: bool) -> Array:
    """Mirrored so that the corner next to the frame's middle comes first; its own inverse."""
    if down and right:
        return quarter
    return np.asarray(cv2.flip(quarter, 0 if right else 1 if down else -1))


def _grown(quarter: Array, factor: float) -> Array:
    """Magnified about its first corner, at its size."""
    h, w = quarter.shape
    spare = max(0, int(np.ceil(max(h, w) * (1 / factor - 1)))) + 1
    # OpenCV 4.11 copies, whatever fx says, where fx does not change the rounded size
    wide = max(w + spare, int(np.ceil(0.51 / abs(factor - 1))))
    padded = cv2.copyMakeBorder(quarter, 0, spare, 0, wide - w, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(padded, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)[:h, :w])
