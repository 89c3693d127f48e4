"""Auto-exposure: the camera meters the picture it gets and turns its exposure after it, late and a little too far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.camera.settling import Settling
from augment.kinds import Setting
from augment.ops.exposure import code, light
from augment.ops.tone import LUMA, acescct_code, acescct_light
from augment.tracks import in_range

Array = NDArray[Any]
METER = (36, 64)
"""Rows and columns of samples that the meter reads."""


@dataclass(frozen=True, kw_only=True)
class AutoExposure:
    """Feedback: frame t is exposed by what was measured, as exposed and clipped, up to frame t - 1.

    On a render's log master the highlights that the loop darkens are still there; on 8 bits what is white stays white.
    """

    key_light: float = 0.22
    """Mean linear light the camera wants, 0.02..0.5; finished pictures by day lie at 0.15..0.3 [P]."""
    centre_weight: float = 0.5
    """0: all of the picture counts alike; 1: a bell of a quarter of the frame's size in the middle alone [P]."""
    rise_s: float = 0.8
    """10..90 % of its answer to a step, 0.1..5 s; cameras settle in 0.3..2 s (notes/domain.md 3.2 [P])."""
    overshoot: float = 0.1
    """Share of a step by which the answer goes too far, 0..0.5 [P]."""
    lowest_ev: float = -3.0
    """Stops it can take away, -8..0."""
    highest_ev: float = 3.0
    """Stops it can add, 0..8: what the gain has left."""

    def __post_init__(self) -> None:
        in_range("key_light", self.key_light, 0.02, 0.5)
        in_range("centre_weight", self.centre_weight, 0, 1)
        in_range("rise_s", self.rise_s, 0.1, 5)
        in_range("overshoot", self.overshoot, 0, 0.5)
        in_range("lowest_ev", self.lowest_ev, -8, 0)
        in_range("highest_ev", self.highest_ev, 0, 8)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """To be asked frame by frame from 0 on, where it starts settled."""
        loop = Settling(rise_s=self.rise_s, overshoot=self.overshoot, fps=setting.fps)
        weight = self._weight()
        state = np.zeros(2)

        def paint(t: int, frame: Array) -> Array:
            nonlocal state
            measured = self._metered(frame, weight)
            if t == 0:
                state = np.array([self._wanted(measured, 0.0, settled=True), 0.0])
            stops = float(state[0])
            state = loop.moved(state, self._wanted(measured, stops))
            return exposed(frame, stops)

        return paint

    def _weight(self) -> Array:
        """METER float64, sum 1."""
        y, x = ((np.arange(n) + 0.5) / n - 0.5 for n in METER)
        bell = np.exp(-((y[:, None] / 0.25) ** 2 + (x[None] / 0.25) ** 2) / 2)
        weight = (1 - self.centre_weight) / bell.size + self.centre_weight * bell / bell.sum()
        return np.asarray(weight)

    def _metered(self, frame: Array, weight: Array) -> tuple[Array, Array]:
        """Luminance of the samples (linear, may pass 1 on a log master), and their weights."""
        h, w = frame.shape[:2]
        rows = ((np.arange(METER[0]) + 0.5) / METER[0] * h).astype(int)
        columns = ((np.arange(METER[1]) + 0.5) / METER[1] * w).astype(int)
        samples = frame[rows[:, None], columns]
        lights = acescct_light(samples) if frame.dtype == np.uint16 else light(samples / 255)
        return lights @ LUMA, weight

    def _wanted(self, measured: tuple[Array, Array], stops: float, *, settled: bool = False) -> float:
        """Stops at which the mean would be the key, judged from a picture exposed by `stops`."""
        lights, weight = measured
        for _ in range(40 if settled else 1):
            mean = float((np.minimum(lights * 2**stops, 1) * weight).sum())
            stops = float(np.clip(stops + np.log2(self.key_light / max(mean, 1e-4)), self.lowest_ev, self.highest_ev))
        return stops


def exposed(frame: Array, stops: float) -> Array:
    """The frame with its linear light times 2 ** stops, in the codes it came in."""
    if frame.dtype == np.uint16:
        shifted = acescct_code(acescct_light(np.arange(1024)) * 2**stops)
        return np.take(np.rint(shifted).clip(0, 1023).astype(np.uint16), frame, mode="clip")
    table = np.rint(255 * code(light(np.arange(256) / 255) * 2**stops)).astype(np.uint8)
    return np.asarray(cv2.LUT(frame, table, dst=frame))
