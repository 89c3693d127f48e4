"""Night: infrared lamps around a lens in the dark, or colour at the end of a sensor's gain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.ops.exposure import code, light, straightened
from augment.ops.noise import Noise
from augment.ops.tone import LUMA
from augment.tracks import Knob, in_range, knob_in_range, one_of

Array = NDArray[Any]
Painter = Callable[[int, Array], Array]
BLOOM_DOWN = 8
"""The glow is made on so many times fewer pixels each way."""
BLOOM_FROM = 200
"""Codes above which light spills."""
HALF = 127
"""Of the map of slopes, uint8: a factor of 1; up to 2."""
INFRARED = (0.45, 0.35, 0.20)
"""R, G, B of a day's picture in an infrared one: skin and plants are bright; there is no more in three colours [P]."""


@dataclass(frozen=True, kw_only=True)
class Night:
    """The sensor's part of a night: light falls to `ev`, gain lifts it again, and noise, glow and grey come with it."""

    mode: str
    """"ir" (one colour, lit by the camera's own lamps) or "colour"."""
    ev: float = -1.0
    """Stops of light left after the gain, -6..2: a night looks darker than a day [P]."""
    gain_db: Knob = 27.0
    """Sensor gain that the noise belongs to, 0..42 dB, or a track; 24..36 at night (notes/domain.md 3.2 [P])."""
    spot: float = 0.8
    """ir: share of the light that the lamps give, a bright middle, 0..1; 0 has none [P]."""
    spot_size: float = 0.3
    """ir: radius at which the lamps give half, in frame widths, 0.1..1: 850 nm lamps of 30..60 degrees [P]."""
    bloom: float = 0.3
    """Share of the light above code 200 that spills around it, 0..1 [P]."""
    saturation: float = 0.45
    """colour: 0 (grey) ..1; 0.3..0.6 as cameras turn colour down with gain [P]."""
    black_lift: float = 12.0
    """Codes by which black is raised, 0..48: flare, and a black level that gain moves [P]."""
    denoise: float = 0.7
    """As of `noise`, 0..1; every camera smooths its night [P]."""

    def __post_init__(self) -> None:
        one_of("mode", self.mode, ("ir", "colour"))
        in_range("ev", self.ev, -6, 2)
        knob_in_range("gain_db", self.gain_db, 0, 42)
        in_range("spot", self.spot, 0, 1)
        in_range("spot_size", self.spot_size, 0.1, 1)
        in_range("bloom", self.bloom, 0, 1)
        in_range("saturation", self.saturation, 0, 1)
        in_range("black_lift", self.black_lift, 0, 48)
        in_range("denoise", self.denoise, 0, 1)

    def painter(self, setting: Setting) -> Painter:
        """Light, then noise, then the picture's processing. With `denoise`: to be asked in order from 0 on."""
        return self._infrared(setting) if self.mode == "ir" else self._colour(setting)

    def _colour(self, setting: Setting) -> Painter:
        noisy = Noise(gain_db=self.gain_db, grain_px=0.7, colour=0.12, blotch_px=4.0, denoise=self.denoise)
        add_noise = noisy.painter(setting)
        dusk = np.rint(255 * code(light(np.arange(256) / 255) * 2**self.ev)).astype(np.uint8)
        paler = np.eye(3) * self.saturation + (1 - self.saturation) * LUMA
        paler = np.hstack([paler * (1 - self.black_lift / 255), np.full((3, 1), self.black_lift)]).astype(np.float32)

        def paint(t: int, frame: Array) -> Array:
            cv2.LUT(frame, dusk, dst=frame)
            return np.asarray(cv2.transform(add_noise(t, glowing(frame, self.bloom)), paler, dst=frame))

        return paint

    def _infrared(self, setting: Setting) -> Painter:
        """Grey all the way: a third of the work."""
        noisy = Noise(gain_db=self.gain_db, grain_px=0.7, denoise=self.denoise)
        add_noise = noisy.painter(setting, planes=1)
        slope, offset = straightened(self._lamps(setting))
        slopes = np.rint(slope * HALF).astype(np.uint8)
        up, down = (np.rint(sign * offset).clip(0, 255).astype(np.uint8) for sign in (1, -1))
        mix = np.array([INFRARED], np.float32)

        def paint(t: int, frame: Array) -> Array:
            grey = cv2.transform(frame, mix)
            cv2.multiply(grey, slopes, dst=grey, scale=1 / HALF)
            cv2.add(cv2.subtract(grey, down, dst=grey), up, dst=grey)
            grey = add_noise(t, glowing(grey, self.bloom)[..., None])
            cv2.convertScaleAbs(grey, dst=grey, alpha=1 - self.black_lift / 255, beta=self.black_lift)
            return np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB, dst=frame))

        return paint

    def _lamps(self, setting: Setting) -> Array:
        """(H, W) float64 gain of light: what is there, and a cone that is twice as bright in the middle."""
        w, h = setting.size_px
        x, y = (np.arange(w) + 0.5) / w - 0.5, ((np.arange(h) + 0.5) - h / 2) / w
        cone = 2.0 ** -((x[None] ** 2 + y[:, None] ** 2) / self.spot_size**2)
        return np.asarray(2**self.ev * ((1 - self.spot) + self.spot * 2 * cone))


def glowing(frame: Array, share: float) -> Array:
    """What is too bright spills over its surroundings, wide and faint; in place."""
    if not share:
        return frame
    h, w = frame.shape[:2]
    size = max(1, w // BLOOM_DOWN), max(1, h // BLOOM_DOWN)
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    hot = np.maximum(small - BLOOM_FROM, 0) * (share * 255 / (255 - BLOOM_FROM))
    spilt = cv2.GaussianBlur(hot, (0, 0), max(size[0] / 40, 0.5)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.add(frame, cv2.resize(spilt, (w, h), interpolation=cv2.INTER_LINEAR), dst=frame))
