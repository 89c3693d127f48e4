"""Flicker: lamps on the mains swing in brightness, and a shutter that reads row by row makes rolling bands of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.ops.exposure import straightened
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]
ONE = 127
"""Of the map of slopes, uint8: a factor of 1."""
STRIP_ROWS = 60
"""Rows worked on at a time, so that they stay in the processor's cache."""
PIVOT = 112
"""The code at which the rounding of a slope is made good by its offset: between middle grey and skin."""


@dataclass(frozen=True, kw_only=True)
class Flicker:
    """Row r of frame t collects the light of its exposure from t / fps + r / H * readout_s on.

    A lamp gives 1 + lamp_depth * cos(2 pi * 2 mains_hz * s); over an exposure T that is lamp_depth * sinc(2 mains_hz *
    T) (notes/domain.md 7 [C]): nothing is left when T holds whole swings. Bands in the frame = 2 mains_hz * readout_s;
    they roll by the beat |2 mains_hz - k fps|. Lamps are a sine here; pulsed LEDs have harmonics too.
    """

    mains_hz: Knob = 50.0
    """45..65: 50 or 60 by the country, and the grid's drift of 0.2 Hz [R]; a track moves the bands to and fro."""
    exposure_s: float = 0.004
    """Exposure of a row, 1/20,000..1/10 s."""
    readout_s: float = 0.0166
    """First row to last, 0..0.05 s; 0 is a global shutter (notes/domain.md 3.2 [C])."""
    lamp_depth: float = 0.3
    """(max - min) / (max + min) of the lamp's light, 0..1: LED 0..1, fluorescent 0.2..0.4 [R]."""

    def __post_init__(self) -> None:
        knob_in_range("mains_hz", self.mains_hz, 45, 65)
        in_range("exposure_s", self.exposure_s, 1 / 20_000, 0.1)
        in_range("readout_s", self.readout_s, 0, 0.05)
        in_range("lamp_depth", self.lamp_depth, 0, 1)

    def row_gains(self, setting: Setting) -> Callable[[int], Array]:
        """f(t): (H,) float64 gains of linear light, mean 1 over time."""
        ripple_hz = 2 * values("mains_hz", self.mains_hz, setting)
        turns = np.concatenate([[0], np.cumsum(ripple_hz / float(setting.fps))])
        turns += setting.rng("phase").uniform()
        rows = np.arange(setting.size_px[1]) / setting.size_px[1] * self.readout_s

        def gains(t: int) -> Array:
            depth = self.lamp_depth * np.sinc(ripple_hz[t] * self.exposure_s)
            middle = turns[t] + ripple_hz[t] * (rows + self.exposure_s / 2)
            return np.asarray(1 + depth * np.cos(2 * np.pi * middle))

        return gains

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """A slope and an offset for each row; bright rows add theirs, dark rows subtract."""
        gains = self.row_gains(setting)
        w, h = setting.size_px
        slopes, offsets = np.empty((2, STRIP_ROWS, 3 * w), np.uint8)

        def paint(t: int, frame: Array) -> Array:
            slope, offset = straightened(gains(t))
            stored = np.rint(slope * ONE).clip(0, 255).astype(np.uint8)
            offset = np.rint(offset + (slope - stored / ONE) * PIVOT)
            added, size = offset > 0, np.abs(offset).astype(np.uint8)
            flat = frame.reshape(h, 3 * w)
            for start, stop in pairwise(np.union1d(np.flatnonzero(np.diff(added)) + 1, [*range(0, h, STRIP_ROWS), h])):
                rows, n = flat[start:stop], stop - start
                slopes[:n], offsets[:n] = stored[start:stop, None], size[start:stop, None]
                cv2.multiply(rows, slopes[:n], dst=rows, scale=1 / ONE)
                (cv2.add if added[start] else cv2.subtract)(rows, offsets[:n], dst=rows)
            return frame

        return paint
