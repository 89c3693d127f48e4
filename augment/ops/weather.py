"""Weather: fog, rain, snow and spray between the lens and the scene, in depth, blown by the wind.

Fog takes light by exp(-density) and gives the sky's back. What falls is drawn particle by particle, each by its own
depth: rain afresh on every frame (at 25 frames a second a drop is never seen twice), flakes and spray on their ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture.veil import Veil, coarse, plasma, scene_light, tangent
from augment.tracks import Knob, in_range, knob_in_range, one_of, values

Array = NDArray[Any]
CLEAR: tuple[Array, Array] = (np.full((2, 2, 3), 255, np.uint8), np.zeros((2, 2, 3), np.uint8))
"""The gain and lift of no haze."""
KINDS = ("fog", "rain", "snow", "spray")
ACROSS = 240
"""Cells of the fog across the frame."""
FALLS_MPS = {"rain": 7.0, "snow": 1.3, "spray": 3.0}
"""Terminal speed of a 2 mm drop, of a dry flake [C]; of spray thrown up [P]."""
NEAREST_M = 0.5
FARTHEST_M = {"rain": 6.0, "snow": 6.0, "spray": 2.5}
"""Depth of particles; nearer ones are a blur, farther ones part of the haze [P]."""
FOCAL = 0.62
"""Focal length of the pinhole that places them, frame widths: 78 degrees across [P]."""
MOST = {"rain": 900, "snow": 700, "spray": 260}
"""Particles in view at intensity 1."""
HAZE = {"fog": 0.0, "rain": 0.22, "snow": 0.22, "spray": 0.0}
"""Density of the haze of what is too far to be seen singly, at intensity 1."""
DIAMETER_M = {"rain": 0.004, "snow": 0.011, "spray": 0.009}
"""As far as they catch light [P]."""
OPACITY = {"rain": 0.9, "snow": 1.0, "spray": 0.9}
"""Of a particle that is not blurred by its motion; a streak's is its share of the time [P]."""
SHADES = 24
"""Levels of opacity at which particles are drawn."""
BURST_S = 0.9
"""Seconds in which a burst of spray passes."""


@dataclass(frozen=True, kw_only=True)
class Weather:
    """One kind of weather; two stand in a chain as two ops."""

    kind: str
    """A name of KINDS."""
    intensity: Knob = 0.5
    """Of rain, snow and spray, 0..1, or a track: particles in view and their haze; 1 is a downpour [P]."""
    density: Knob = 0.8
    """Of fog, optical depth 0..4, or a track: contrast falls by exp(-density)."""
    wind_mps: float = 1.5
    """Across the picture to the right, -15..15 m/s; slants what falls and drives the fog."""
    exposure_s: float = 0.010
    """Length of streaks, 0.0001..0.04 s; by day 1/100..1/1000 (notes/domain.md 3.2 [P])."""
    bursts_per_s: float = 0.4
    """Of spray, 0.05..3: waves at a bow every 2..4 s [P]."""

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        knob_in_range("intensity", self.intensity, 0, 1)
        knob_in_range("density", self.density, 0, 4)
        in_range("wind_mps", self.wind_mps, -15, 15)
        in_range("exposure_s", self.exposure_s, 0.0001, 0.04)
        in_range("bursts_per_s", self.bursts_per_s, 0.05, 3)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Haze first, then what is before it."""
        haze, particles, (w, h) = self._haze(setting), self._particles(setting), setting.size_px
        size, veil = (min(ACROSS, w), max(2, round(min(ACROSS, w) * h / w))), Veil()
        sheet = np.empty((max(2, h // 2), max(2, w // 2)), np.uint8)

        def paint(t: int, frame: Array) -> Array:
            sky = np.clip(2.0 * scene_light(frame), 0.004, 0.85)
            grey = (0.8 * sky.mean() + 0.2 * sky).astype(np.float32)  # fog is greyer than what lights it
            depth, line = haze(t, size), CLEAR
            if depth is not None:
                passes = np.exp(-depth)
                line = tangent(coarse(frame, size), passes=passes, adds=(1 - passes)[..., None] * grey)
            if self.kind != "fog":
                code = 255 * np.clip(1.099 * (1.25 * grey) ** 0.45 - 0.099, 0.02, 1)
                line = _before(*line, _drawn(particles(t), sheet, (w, h)), code)
            return frame if line is CLEAR else veil.map(frame, gain=line[0], lift=line[1])

        return paint

    def _haze(self, setting: Setting) -> Callable[[int, tuple[int, int]], Array | None]:
        """f(t, size): (h, w) float32 optical depth, drifting with the wind; None where there is none."""
        fog, intensity = values("density", self.density, setting), values("intensity", self.intensity, setting)
        across = min(ACROSS, setting.size_px[0])
        cloud = plasma(setting.rng("cloud"), (2 * across, 2 * across), coarsest_px=0.5 * across)
        bursts = self._bursts(setting)
        drift_px_s = self.wind_mps / 12 * FOCAL * across  # as seen at 12 m

        def depth(t: int, size: tuple[int, int]) -> Array | None:
            t_s = t / float(setting.fps)
            mean = fog[t] if self.kind == "fog" else HAZE[self.kind] * intensity[t]
            if self.kind == "spray":
                mean = 0.3 * intensity[t] * sum(math.exp(-(((t_s - at) / BURST_S - 0.5) ** 2) / 0.08) for at in bursts)
            if mean < 1e-3:
                return None
            # there and back, so that it never tears
            x = abs((drift_px_s * t_s) % (2 * across) - across)
            window = cv2.getRectSubPix(cloud, size, (x + size[0] / 2, across))
            uneven = mean * (1 + 0.18 * window)
            return np.asarray(np.maximum(uneven, 0) * np.float32(mean / max(float(uneven.mean()), 1e-6)), np.float32)

        return depth

    def _bursts(self, setting: Setting) -> Array:
        """(N,) s at which spray comes over."""
        rng, seconds = setting.rng("bursts"), setting.length / float(setting.fps)
        count = max(1, round(self.bursts_per_s * (seconds + BURST_S)))
        return np.asarray((np.arange(count) + rng.uniform(0.2, 0.8, count)) / self.bursts_per_s - 0.5 * BURST_S)

    def _particles(self, setting: Setting) -> Callable[[int], Array]:
        """f(t): (N, 6) x0, y0, x1, y1, diameter in px, opacity of each particle in view."""
        if self.kind == "fog":
            return lambda t: np.zeros((0, 6))
        intensity = values("intensity", self.intensity, setting)
        every, (w, h) = setting.rng("particles"), setting.size_px
        most, bursts = MOST[self.kind], self._bursts(setting)
        kept = every.uniform(size=(len(bursts) if self.kind == "spray" else 1, most, 6))

        def there(t: int) -> Array:
            t_s, count = t / float(setting.fps), round(most * intensity[t])
            if self.kind == "rain":
                return self._falling(setting.rng("frame", t).uniform(size=(count, 6)), 0.0, (w, h))
            if self.kind == "snow":
                return self._falling(kept[0, :count], t_s, (w, h))
            thrown = [self._thrown(kept[n, :count], t_s - at, (w, h)) for n, at in enumerate(bursts)]
            return np.concatenate([p for p in thrown if len(p)] or [np.zeros((0, 6))])

        return there

    def _falling(self, u: Array, t_s: float, size_px: tuple[int, int]) -> Array:
        """From uniform numbers (N, 6): place, depth, pace and sway of particles at an instant."""
        (w, h), depth = size_px, _depths(u[:, 2], FARTHEST_M[self.kind])
        px_per_m = FOCAL * w / depth
        fall = FALLS_MPS[self.kind] * (0.75 + 0.5 * u[:, 3]) * px_per_m
        sway = (
            0.0
            if self.kind == "rain"
            else 0.25 * px_per_m * np.sin(2 * np.pi * (t_s * (0.3 + 0.5 * u[:, 4]) + u[:, 5]))
        )
        drift = self.wind_mps * px_per_m
        wide, high = w * 1.2, h * 1.2
        x = (u[:, 0] * wide + drift * t_s) % wide - 0.1 * w + sway
        y = (u[:, 1] * high + fall * t_s) % high - 0.1 * h
        step = np.stack([drift, fall], axis=1) * self.exposure_s
        return self._streaks(np.stack([x, y], axis=1), step, depth, w)

    def _thrown(self, u: Array, age_s: float, size_px: tuple[int, int]) -> Array:
        """Spray of one burst: up from below, and down again."""
        age = age_s - 0.35 * BURST_S * u[:, 5]
        if not ((age > 0) & (age < BURST_S)).any():
            return np.zeros((0, 6))
        (w, h), depth = size_px, _depths(u[:, 2], FARTHEST_M[self.kind])
        px_per_m = FOCAL * w / depth
        right = (self.wind_mps + 2.5 * (u[:, 4] - 0.5)) * px_per_m
        up = FALLS_MPS["spray"] * (0.5 + u[:, 3]) * px_per_m
        x = u[:, 0] * w + right * age
        y = 1.05 * h - up * age + 4.9 * age**2 * px_per_m
        step = np.stack([right, 9.8 * age * px_per_m - up], axis=1) * self.exposure_s
        made = self._streaks(np.stack([x, y], axis=1), step, depth, w)
        made[:, 5] *= np.clip((BURST_S - age) / 0.3, 0, 1)
        return np.asarray(made[(age > 0) & (age < BURST_S)])

    def _streaks(self, start: Array, step: Array, depth: Array, width: int) -> Array:
        """(N, 6): what moves while the shutter is open is long and faint; what is near is blurred."""
        sharp = DIAMETER_M[self.kind] * FOCAL * width / depth
        blurred = sharp + 0.006 * width * np.maximum(0, 1 / depth - 1 / 1.5)  # focus begins at 1.5 m
        length = np.hypot(step[:, 0], step[:, 1])
        faint = OPACITY[self.kind] * (sharp / blurred) ** 0.8 * (1 + length / sharp) ** -0.25
        return np.column_stack([start - step / 2, start + step / 2, blurred, faint])


def _depths(u: Array, farthest_m: float) -> Array:
    """Metres: as many in every equal volume of the view's cone."""
    near, far = NEAREST_M**3, farthest_m**3
    return np.asarray(np.cbrt(near + u * (far - near)))


def _drawn(particles: Array, sheet: Array, size_px: tuple[int, int]) -> Array:
    """(h / 2, w / 2) uint8 opacity, faint ones first."""
    sheet[:] = 0
    scale = sheet.shape[1] / size_px[0]
    ends = np.rint((particles[:, :4].reshape(-1, 2, 2) * scale - 0.5) * 16).astype(np.int32)
    thick = np.maximum(1, np.rint(particles[:, 4] * scale)).astype(int)
    # what is thinner than a pixel covers a part of it; one call draws all of a shade and width
    shades = np.rint(SHADES * particles[:, 5] * np.minimum(1, particles[:, 4] * scale)).astype(int)
    for shade, wide in np.unique(np.stack([shades, thick], axis=1)[shades > 0], axis=0):
        alike = ends[(shades == shade) & (thick == wide)]
        cv2.polylines(sheet, list(alike), False, int(255 * shade / SHADES), int(wide), cv2.LINE_AA, 4)
    return np.asarray(cv2.GaussianBlur(sheet, (3, 3), 0))


def _before(gain: Array, lift: Array, opacity: Array, code: Array) -> tuple[Array, Array]:
    """Gain and lift with particles before them, blended in code values: on things so thin nobody can tell."""
    size = opacity.shape[1::-1]
    gain, lift = (cv2.resize(part, size, interpolation=cv2.INTER_LINEAR) for part in (gain, lift))
    stays = cv2.cvtColor(255 - opacity, cv2.COLOR_GRAY2RGB)
    shades = np.rint(np.arange(256)[:, None] * code / 255).astype(np.uint8)
    ink = cv2.LUT(cv2.cvtColor(opacity, cv2.COLOR_GRAY2RGB), shades[None])
    return cv2.multiply(gain, stays, scale=1 / 255), cv2.add(cv2.multiply(lift, stays, scale=1 / 255), ink)
