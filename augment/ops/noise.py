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
BANK_ONE = 32
"""Of the bank's int16: one standard deviation; its values stay within BANK_LIMIT."""
BANK_LIMIT = 160
SIGMA_LIMIT = 200
"""Of a frame's table of sigmas, int16: BANK_LIMIT * SIGMA_LIMIT is just below 2^15."""
STRIP_ROWS = 60
"""Rows worked on at a time, so that 16-bit values stay in the processor's cache."""
MIDDLE_CODE = 128
SMEAR_PX = 5
"""Side of the box that the denoiser averages over."""


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
    """Sigma of the smear that demosaicing leaves, 0..3 px; 0 is white noise. The variance stays what it is [P]."""
    colour: float = 0.5
    """Share of the variance that is colour, not brightness, 0 (grey grain) .. 2/3 (each of R, G, B by itself) [P]."""
    blotch_px: float = 1.5
    """Sigma of the colour part, 0.. 16 px: a camera averages colour more; 4..10 are a night's blotches [P]."""
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

    def painter(self, setting: Setting) -> Painter:
        """Adds the noise, then takes away what the camera would. With `denoise`: to be asked in order from 0 on."""
        gain_db = values("gain_db", self.gain_db, setting)
        grain = _Grain(setting, self)
        smear = _smear(self.denoise)

        def paint(t: int, frame: Array) -> Array:
            sigmas = self.sigma_codes(gain_db[t])
            noisy = grain.added(t, frame, sigmas)
            return smear(t, noisy, float(sigmas[MIDDLE_CODE])) if self.denoise else noisy

        return paint


class _Grain:
    """A bank of unit noise; each frame takes a window of it, scaled by the sigma of each value."""

    def __init__(self, setting: Setting, noise: Noise) -> None:
        self.setting = setting
        self.bank = _bank(setting, noise)
        w = setting.size_px[0]
        self.scaled = np.empty((STRIP_ROWS, w, 3), np.int16)

    def added(self, t: int, frame: Array, sigmas: Array) -> Array:
        """The frame with noise, in place."""
        rng = self.setting.rng("frame", t)
        x, y = rng.integers(0, SPARE_PX, 2)
        h, w = frame.shape[:2]
        shift = int(np.clip(np.floor(np.log2(SIGMA_LIMIT / sigmas.max())), 0, 9))
        table = np.rint(sigmas * 2**shift).clip(0, SIGMA_LIMIT).astype(np.int16)
        if rng.integers(2):
            table = -table
        shift += int(np.log2(BANK_ONE))
        for top in range(0, h, STRIP_ROWS):
            rows = frame[top : top + STRIP_ROWS]
            scaled = self.scaled[: len(rows)]
            unit = self.bank[y + top : y + top + len(rows), x : x + w]
            sigma = cv2.LUT(rows[::2], table)  # of every other row, for two: it varies little, and looking up is slow
            np.multiply(unit[::2], sigma, out=scaled[::2])
            np.multiply(unit[1::2], sigma[: len(rows) // 2], out=scaled[1::2])
            np.add(scaled, 1 << shift - 1, out=scaled)  # half a code: shifting rounds down
            np.right_shift(scaled, shift, out=scaled)
            np.add(scaled, rows, out=scaled)
            np.copyto(rows, np.clip(scaled, 0, 255, out=scaled), casting="unsafe")
        return frame


def _bank(setting: Setting, noise: Noise) -> Array:
    """(h + spare, w + spare, 3) int16 noise of standard deviation BANK_ONE: brightness shared, colour summing to 0."""
    w, h = setting.size_px
    size = (h + SPARE_PX, w + SPARE_PX)
    rng = setting.rng("bank")
    grey = _grainy(rng.standard_normal(size, dtype=np.float32), noise.grain_px)
    grey /= grey.std()
    colours = _grainy(
        rng.standard_normal((*size, 3), dtype=np.float32), float(np.hypot(noise.grain_px, noise.blotch_px))
    )
    colours -= colours.mean(axis=2, keepdims=True)
    colours /= colours.std()
    bank = np.sqrt(1 - noise.colour) * grey[..., None] + np.sqrt(noise.colour) * colours
    return np.asarray(np.rint(bank * BANK_ONE).clip(-BANK_LIMIT, BANK_LIMIT).astype(np.int16))


def _grainy(white: Array, sigma_px: float) -> Array:
    return np.asarray(cv2.GaussianBlur(white, (0, 0), sigma_px)) if sigma_px else white


def _smear(amount: float) -> Callable[[int, Array, float], Array]:
    """f(t, frame, sigma in codes): what a camera of that much denoising leaves."""
    kept: dict[str, Array] = {}

    def smeared(t: int, frame: Array, sigma: float) -> Array:
        flat = frame.reshape(len(frame), -1)  # masks are single-channel: values, not pixels
        soft = cv2.blur(frame, (SMEAR_PX, SMEAR_PX)).reshape(flat.shape)
        faint = _below(cv2.absdiff(flat, soft), 3 * amount * sigma)
        mixed = cv2.addWeighted(soft, amount, flat, 1 - amount, 0)
        cv2.copyTo(mixed, faint, flat)
        if t and "soft" in kept:
            still = _below(cv2.absdiff(soft, kept["soft"]), 2.5 * amount * sigma)
            cv2.addWeighted(kept["shown"], 0.75 * amount, flat, 1 - 0.75 * amount, 0, dst=mixed)
            cv2.copyTo(mixed, still, flat)
        kept["soft"] = soft
        kept["shown"] = flat.copy()
        return frame

    return smeared


def _below(difference: Array, limit: float) -> Array:
    """255 where a difference is at most the limit; in place."""
    return np.asarray(cv2.threshold(difference, limit, 255, cv2.THRESH_BINARY_INV, dst=difference)[1])
