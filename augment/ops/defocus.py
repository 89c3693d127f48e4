"""Defocus: every point becomes a disc, the circle of confusion of a lens that is focused elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import Knob, knob_in_range, values

Array = NDArray[Any]
LEAST_PX = 0.3
"""A smaller disc lies within its own pixel."""
HALVED_FROM_PX = 3.0
"""A larger disc is drawn on half the pixels each way: its own blur hides the halving."""
HALVING_PX2 = 1.25
"""Variance per axis that halving by areas, doubling between centres and a coarser disc add, px^2: 4/12 + 4/6 + 3/12."""
BLACK, WHITE = 16, 235
"""Of the 8-bit luma that OpenCV's I420 makes."""


@dataclass(frozen=True, kw_only=True)
class Defocus:
    """Averages over a disc: luma in light, taken as the square of the code (Rec.709 is a root of 1.9), colour in codes.

    So a lamp becomes a bright disc, as it does in a lens, and not a grey smudge.
    """

    radius: Knob
    """Radius of the disc, share of the frame's width, 0..0.02 (38 px of 1920), or a track: a hunting focus is a wave
    of 0.5..1.5 s; a fixed-focus module that sees its own arm, or a wet lens, lies at 0.0005..0.0026, 1..5 px of 1920
    [P]. The breathing that goes with it is a zoom."""

    def __post_init__(self) -> None:
        knob_in_range("radius", self.radius, 0, 0.02)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Luma at full size (half for large discs), colour at half size."""
        w, h = setting.size_px
        radii = w * values("radius", self.radius, setting)
        even = h % 2, w % 2
        squares = (np.clip((np.arange(256) - BLACK) / (WHITE - BLACK), 0, 1) ** 2).astype(np.float32)
        planes = np.empty(((h + even[0]) * 3 // 2, w + even[1]), np.uint8)
        light = np.empty((h + even[0], w + even[1]), np.float32)
        soft = np.empty_like(light)

        def paint(t: int, frame: Array) -> Array:
            radius = float(radii[t])
            if radius < LEAST_PX:
                return frame
            whole = cv2.copyMakeBorder(frame, 0, even[0], 0, even[1], cv2.BORDER_REPLICATE) if any(even) else frame
            cv2.cvtColor(whole, cv2.COLOR_RGB2YUV_I420, dst=planes)
            luma = planes[: len(light)]
            cv2.LUT(luma, squares, dst=light)
            if radius >= HALVED_FROM_PX:
                _spread_large(light, radius, dst=soft)
            else:
                _spread(light, radius, dst=soft)
            cv2.convertScaleAbs(cv2.sqrt(soft, dst=soft), dst=luma, alpha=WHITE - BLACK, beta=BLACK)
            for colour in planes[len(light) :].reshape(2, len(light) // 2, -1):
                _spread_roughly(colour, radius / 2)
            cv2.cvtColor(planes, cv2.COLOR_YUV2RGB_I420, dst=whole)
            return whole if whole is frame else np.ascontiguousarray(whole[:h, :w])

        return paint


def disc(radius_px: float) -> Array:
    """(n, n) float32 of sum 1: how much of each pixel a disc about the middle one covers."""
    reach = int(np.ceil(radius_px - 0.5))
    fine = 16
    at = (np.arange((2 * reach + 1) * fine) + 0.5) / fine - reach - 0.5
    inside = np.hypot(at[None], at[:, None]) <= radius_px
    covered = inside.reshape(2 * reach + 1, fine, 2 * reach + 1, fine).mean(axis=(1, 3))
    return np.asarray((covered / covered.sum()).astype(np.float32))


def _spread(plane: Array, radius_px: float, *, dst: Array | None = None) -> Array:
    return np.asarray(cv2.filter2D(plane, -1, disc(radius_px), dst=dst, borderType=cv2.BORDER_REPLICATE))


def _spread_large(light: Array, radius_px: float, *, dst: Array) -> None:
    """A disc's worth of blur at half size, and back."""
    h, w = light.shape
    half = cv2.resize(light, (w // 2, h // 2), interpolation=cv2.INTER_AREA)
    half_radius = float(np.sqrt(radius_px**2 - 4 * HALVING_PX2)) / 2
    cv2.resize(_spread(half, half_radius), (w, h), dst=dst, interpolation=cv2.INTER_LINEAR)


def _spread_roughly(plane: Array, radius_px: float) -> None:
    """In place, by two boxes of together a disc's variance, r^2 / 4; even boxes lean to opposite sides."""
    side = max(1, round(float(np.sqrt(1 + 1.5 * radius_px**2))))
    for anchor in ((side - 1) // 2, side // 2):
        cv2.blur(plane, (side, side), dst=plane, anchor=(anchor, anchor), borderType=cv2.BORDER_REPLICATE)
