"""Noise: what a sensor adds, photon noise and read noise by gain, fresh on every frame; and the camera's denoising."""

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
Painter = Callable[[int, Array], Array]
SPARE_PX = 256
"""The bank is this much larger than the frame, so that a window into it has 65,536 places, and two signs."""
BANK_ONE = 256
"""Of the bank's int16: one standard deviation."""
ROWS = 1080
"""Of the picture whose pixels grain and blotches are stated in: they are the sensor's, whatever it delivers."""
SIGMA_ONE = 16
"""Of the table's int16: one code value."""
STRIP_ROWS = 60
"""Rows worked on at a time, so that 16-bit values stay in the processor's cache."""
MIDDLE_CODE = 128
TINTS = np.array([[1, 1], [-1, 1], [0, -2]]) / np.sqrt([2, 6])
"""(3, 2): two unit directions of colour, at right angles, whose R, G and B sum to 0."""
SMEAR_PX = 5
"""Side of the box that the denoiser averages over."""
FAINT, STILL = 3.0, 2.5
"""Times sigma: what differs less from its surroundings, or from the frame before, is taken for noise [P]."""
LASTING = 0.75
"""Largest share of the frame before [P]."""


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Gaussian noise whose variance in linear light is light / full_well + (read / full_well)^2 at that gain.

    `denoise` is what the camera does against it: detail that hardly rises above the noise is averaged away, and what
    hardly moves is mixed with the frames before. Fine texture turns to smear, and faint movers leave trails.
    """

    gain_db: Knob
    """Sensor gain, 0..42 dB, or a track; body cameras use 0..36 (notes/domain.md 3.2 [P])."""
    full_well_e: float = 10_000.0
    """Electrons at white and 0 dB, 500..100,000; small sensors of 2..3 um pixels hold 5,000..15,000 [R]."""
    read_noise_e: float = 3.0
    """Electrons rms, 0..50; 1.5..5 for such sensors [R]."""
    grain_px: float = 0.5
    """Sigma of the smear that demosaicing leaves, 0..3 px of a short side of 1080, scaled to the picture's; 0 is white
    noise. The variance stays what it is [P]."""
    colour: float = 0.4
    """Share of the variance that is colour, not brightness, 0 (grey grain) .. 2/3 (each of R, G, B by itself); wide
    blotches are what averaging left over: 0.1..0.25 [P]."""
    blotch_px: float = 1.5
    """Sigma of the colour part, 0..16 px of 1080 as grain_px: a camera averages colour more; 4..10 are a night's
    blotches [P]."""
    denoise: float = 0.0
    """0 (none) ..1; 0.3..0.8 by day and night in cameras that stream [P]."""

    def __post_init__(self) -> None:
        knob_in_range("gain_db", self.gain_db, 0, 42)
        in_range("full_well_e", self.full_well_e, 500, 100_000)
        in_range("read_noise_e", self.read_noise_e, 0, 50)
        in_range("grain_px", self.grain_px, 0, 3)
        in_range("colour", self.colour, 0, 2 / 3)
        in_range("blotch_px", self.blotch_px, 0, 16)
        in_range("denoise", self.denoise, 0, 1)

    def sigma_codes(self, gain_db: float) -> Array:
        """(256,) float64: standard deviation on each 8-bit value, in 8-bit codes."""
        value = np.arange(256) / 255
        linear = light(value)
        white_e = self.full_well_e / 10 ** (gain_db / 20)
        sigma_light = np.sqrt(linear / white_e + (self.read_noise_e / white_e) ** 2)
        slope = np.where(linear < 0.018, 4.5, 1.099 * 0.45 * np.maximum(linear, 0.018) ** -0.55)
        return np.asarray(255 * slope * sigma_light)

    def painter(self, setting: Setting, *, planes: int = 3) -> Painter:
        """Adds the noise, then takes away what the camera would. With `denoise`: to be asked in order from 0 on.

        `planes` 1 is for (H, W, 1) frames of a camera without colour.
        """
        gain_db = values("gain_db", self.gain_db, setting)
        grain = _Grain(setting, self, planes)
        smear = _Smear(setting, self.denoise, planes) if self.denoise else None

        def paint(t: int, frame: Array) -> Array:
            sigmas = self.sigma_codes(gain_db[t])
            grain.add(t, frame, sigmas)
            return smear.smeared(t, frame, float(sigmas[MIDDLE_CODE])) if smear else frame

        return paint


class _Grain:
    """A bank of unit noise; each frame takes a window of it, scaled by the sigma of each value."""

    def __init__(self, setting: Setting, noise: Noise, planes: int) -> None:
        self.setting = setting
        self.bank = _bank(setting, noise, planes)
        w = setting.size_px[0]
        self.scaled = np.empty((STRIP_ROWS, w, planes), np.int16)

    def add(self, t: int, frame: Array, sigmas: Array) -> None:
        """In place."""
        rng = self.setting.rng("frame", t)
        x, y = rng.integers(0, SPARE_PX, 2)
        h, w = frame.shape[:2]
        table = np.rint(sigmas * SIGMA_ONE).clip(0, 2**15 - 1).astype(np.int16)
        scale = (1 if rng.integers(2) else -1) / (BANK_ONE * SIGMA_ONE)
        for top in range(0, h, STRIP_ROWS):
            rows = frame[top : top + STRIP_ROWS]
            scaled = self.scaled[: len(rows)]
            unit = self.bank[y + top : y + top + len(rows), x : x + w]
            sigma = cv2.LUT(rows[::2], table)  # of every other row, for two: it varies little, and looking up is slow
            cv2.multiply(unit[::2], sigma, dst=scaled[::2], scale=scale)
            if len(rows) > 1:
                cv2.multiply(unit[1::2], sigma[: len(rows) // 2], dst=scaled[1::2], scale=scale)
            np.add(scaled, rows, out=scaled)
            np.copyto(rows, np.clip(scaled, 0, 255, out=scaled), casting="unsafe")


def _bank(setting: Setting, noise: Noise, planes: int) -> Array:
    """(h + spare, w + spare, planes) int16, standard deviation BANK_ONE: brightness shared, colour summing to 0."""
    w, h = setting.size_px
    size = (h + SPARE_PX, w + SPARE_PX)
    rng, scale = setting.rng("bank"), min(w, h) / ROWS
    coloured = noise.colour if planes == 3 else 0.0
    grey = _grainy(rng.standard_normal(size, dtype=np.float32), noise.grain_px * scale)
    parts, mix = [grey], np.full((planes, 1), BANK_ONE * np.sqrt(1 - coloured) / _spread(grey))
    if coloured:
        coarse_px = float(np.hypot(noise.grain_px, noise.blotch_px)) * scale
        tints = _grainy(rng.standard_normal((*size, 2), dtype=np.float32), coarse_px)
        parts.extend(cv2.split(tints))
        # each of the three gets 2/3 of what two tints have
        mix = np.hstack([mix, BANK_ONE * np.sqrt(1.5 * coloured) / _spread(tints) * TINTS])
    bank = cv2.transform(cv2.merge(parts), mix).reshape(*size, planes)
    return np.asarray(np.rint(bank, out=bank).clip(-(2**15), 2**15 - 1, out=bank).astype(np.int16))


def _spread(values: Array) -> float:
    """Standard deviation, of all channels together; numpy's own takes five times as long."""
    return float(np.sqrt((cv2.meanStdDev(values)[1] ** 2).mean()))


def _grainy(white: Array, sigma_px: float) -> Array:
    return np.asarray(cv2.GaussianBlur(white, (0, 0), sigma_px)) if sigma_px else white


class _Smear:
    """What a camera's denoiser leaves, frame after frame; all in buffers made once."""

    def __init__(self, setting: Setting, amount: float, planes: int) -> None:
        w, h = setting.size_px
        self.amount = amount
        self.soft, self.soft_before, self.shown = np.zeros((3, h, w * planes), np.uint8)
        self.mixed, self.mask = np.zeros((2, STRIP_ROWS, w * planes), np.uint8)

    def smeared(self, t: int, frame: Array, sigma: float) -> Array:
        """The frame in place; `sigma` is the noise's, in codes at middle grey."""
        flat = frame.reshape(len(frame), -1)  # masks are single-channel: of values, not of pixels
        self.soft, self.soft_before = self.soft_before, self.soft
        cv2.blur(frame, (SMEAR_PX, SMEAR_PX), dst=self.soft.reshape(frame.shape))
        for top in range(0, len(flat), STRIP_ROWS):
            rows, soft, before, shown = (
                a[top : top + STRIP_ROWS] for a in (flat, self.soft, self.soft_before, self.shown)
            )
            self._mix(rows, soft, share=self.amount, alike=(rows, soft), limit=FAINT * self.amount * sigma)
            if t:
                limit = STILL * self.amount * sigma
                self._mix(rows, shown, share=LASTING * self.amount, alike=(soft, before), limit=limit)
            np.copyto(shown, rows)
        return frame

    def _mix(self, rows: Array, other: Array, *, share: float, alike: tuple[Array, Array], limit: float) -> None:
        """That share of another picture, where two pictures differ by no more than the limit."""
        mixed, mask = self.mixed[: len(rows)], self.mask[: len(rows)]
        cv2.absdiff(*alike, dst=mask)
        cv2.threshold(mask, limit, 255, cv2.THRESH_BINARY_INV, dst=mask)
        cv2.addWeighted(other, share, rows, 1 - share, 0, dst=mixed)
        cv2.copyTo(mixed, mask, rows)
