"""Noise: what a sensor adds, photon noise and read noise by gain, fresh on every frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.ops.exposure import light
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]
SPARE_PX = 256
"""The bank is this much larger than the frame, so that a window into it has 65,536 places, and two signs."""
BANK_ONE = 256
"""Of the bank's int16: one standard deviation."""
SIGMA_ONE = 16
"""Of the table's int16: one code value."""


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Gaussian noise whose variance in linear light is light / full_well + (read / full_well)^2 at that gain."""

    gain_db: Knob
    """Sensor gain, 0..42 dB, or a track; body cameras use 0..36 (notes/domain.md 3.2 [P])."""
    full_well_e: float = 10_000.0
    """Electrons at white and 0 dB, 500..100,000; small sensors of 2..3 um pixels hold 5,000..15,000 [R]."""
    read_noise_e: float = 3.0
    """Electrons rms, 0..50; 1.5..5 for such sensors [R]."""
    grain_px: float = 0.5
    """Sigma of the smear that demosaicing leaves, 0..3 px; 0 is white noise. The variance stays what it is [P]."""

    def __post_init__(self) -> None:
        knob_in_range("gain_db", self.gain_db, 0, 42)
        in_range("full_well_e", self.full_well_e, 500, 100_000)
        in_range("read_noise_e", self.read_noise_e, 0, 50)
        in_range("grain_px", self.grain_px, 0, 3)

    def sigma_codes(self, gain_db: float) -> Array:
        """(256,) float64: standard deviation on each 8-bit value, in 8-bit codes."""
        value = np.arange(256) / 255
        linear = light(value)
        white_e = self.full_well_e / 10 ** (gain_db / 20)
        sigma_light = np.sqrt(linear / white_e + (self.read_noise_e / white_e) ** 2)
        slope = np.where(linear < 0.018, 4.5, 1.099 * 0.45 * np.maximum(linear, 0.018) ** -0.55)
        return np.asarray(255 * slope * sigma_light)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """A window into a bank of unit noise, scaled by a table of each value's sigma."""
        gain_db = values("gain_db", self.gain_db, setting)
        bank = self._bank(setting)
        w, h = setting.size_px
        scaled = np.empty((h, w, 3), np.int16)

        def paint(t: int, frame: Array) -> Array:
            rng = setting.rng("frame", t)
            x, y = rng.integers(0, SPARE_PX, 2)
            sign = 1 if rng.integers(2) else -1
            table = np.rint(self.sigma_codes(gain_db[t]) * SIGMA_ONE).clip(0, 2**15 - 1).astype(np.int16)
            window = bank[y : y + h, x : x + w]
            cv2.multiply(window, cv2.LUT(frame, table), dst=scaled, scale=sign / (BANK_ONE * SIGMA_ONE))
            return np.asarray(cv2.add(frame, scaled, dst=frame, dtype=cv2.CV_8U))

        return paint

    def _bank(self, setting: Setting) -> Array:
        """(h + spare, w + spare, 3) int16 noise of standard deviation BANK_ONE."""
        w, h = setting.size_px
        bank = setting.rng("bank").standard_normal((h + SPARE_PX, w + SPARE_PX, 3), dtype=np.float32)
        if self.grain_px:
            bank = np.asarray(cv2.GaussianBlur(bank, (0, 0), self.grain_px))
            bank /= bank.std()
        return np.asarray(np.rint(bank * BANK_ONE).clip(-(2**15), 2**15 - 1).astype(np.int16))
