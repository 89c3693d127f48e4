"""Tone: a render's 10-bit log master becomes the 8-bit Rec.709 picture a camera would have made of the same light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.ops.exposure import code
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]
LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Rec.709 luma of R, G, B (ITU-R BT.709, 3.2)."""
MIDDLE_GREY = 0.18


def acescct_light(code10: Array) -> Array:
    """Linear light of 10-bit full-range ACEScct codes: the inverse of the stage's curve (S-2016-001, clause 4.4)."""
    y = np.asarray(code10, float) / 1023
    return np.where(y <= 0.155251141552511, (y - 0.0729055341958355) / 10.5402377416545, 2 ** (y * 17.52 - 9.72))


def acescct_code(light: Array) -> Array:
    """10-bit full-range ACEScct codes (not rounded) of linear light 0..: the curve itself."""
    light = np.asarray(light, float)
    y = np.where(
        light <= 0.0078125,
        10.5402377416545 * light + 0.0729055341958355,
        (np.log2(np.maximum(light, 1e-6)) + 9.72) / 17.52,
    )
    return np.asarray(1023 * y)


@dataclass(frozen=True, kw_only=True)
class Tone:
    """Exposure, contrast about middle grey, a shoulder into white, Rec.709, saturation."""

    exposure_ev: Knob = 0.0
    """Stops, -6..6, or a track."""
    contrast: float = 1.0
    """Slope about middle grey (0.18) on log light, 0.5..2; cameras' own pictures lie at 1.0..1.3 [P]."""
    shoulder: float = 0.6
    """Linear light above which highlights roll off into white, 0.1..1; 1 is a hard clip [P]."""
    saturation: float = 1.0
    """0 (grey) ..2; 1 leaves colours as they are."""

    def __post_init__(self) -> None:
        knob_in_range("exposure_ev", self.exposure_ev, -6, 6)
        in_range("contrast", self.contrast, 0.5, 2)
        in_range("shoulder", self.shoulder, 0.1, 1)
        in_range("saturation", self.saturation, 0, 2)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """uint16 in 0..1023 becomes uint8 by one look-up; saturation is a 3 x 3 matrix behind it."""
        ev = values("exposure_ev", self.exposure_ev, setting)
        linear = acescct_light(np.arange(1024))
        mix = (np.eye(3) * self.saturation + (1 - self.saturation) * LUMA).astype(np.float32)

        def paint(t: int, frame: Array) -> Array:
            if frame.dtype != np.uint16:
                raise ValueError(
                    f"tone takes 10-bit log frames (uint16), got {frame.dtype}; leave it out for other clips"
                )
            table = np.rint(255 * code(self._curve(linear * 2 ** ev[t]))).astype(np.uint8)
            shown = np.take(table, frame, mode="clip")
            return shown if self.saturation == 1 else np.asarray(cv2.transform(shown, mix))

        return paint

    def _curve(self, light: Array) -> Array:
        """Linear light 0.. to linear light 0..1."""
        bent = MIDDLE_GREY * (np.maximum(light, 0) / MIDDLE_GREY) ** self.contrast
        if self.shoulder == 1:
            return np.minimum(bent, 1)
        room = 1 - self.shoulder
        over = np.maximum(bent - self.shoulder, 0)
        return np.asarray(np.minimum(bent, self.shoulder) + room * (1 - np.exp(-over / room)))
