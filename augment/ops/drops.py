"""Drops: water on the cover glass; each drop is a small lens that turns the scene over, stays, runs down and goes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture.veil import coarse, smooth
from augment.tracks import in_range

Array = NDArray[Any]
ACROSS = 240
"""Cells across the picture that drops refract: so close to the lens nothing in them is sharp."""
SOFT_CELLS = 5
"""What a drop shows is blurred over this many of them."""
LANDS_S, DRIES_S = 0.12, 1.2
"""Seconds in which a drop spreads, and in which it goes."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """One drop from landing to going."""

    start_s: float
    stop_s: float
    x_px: float
    y_px: float
    runs_after_s: float
    speed_px_s: float
    """Mean speed downwards once it runs; 0 for one that stays."""
    phase: float
    """Of its sticking and slipping, rad."""
    opacity: Array
    """(k, k) float32 at its fullest."""
    turned: Array
    """(k / 2, k / 2, 2) float32 px of the coarse picture that it shows, from its own place there."""

    def at(self, t_s: float) -> tuple[int, int, float]:
        """(left, top, strength 0..1) on the frame, px."""
        age, left = t_s - self.start_s, self.stop_s - t_s
        ran = max(0.0, age - self.runs_after_s)
        # sticks and slips twice a second, never upwards
        y = self.y_px + self.speed_px_s * (
            ran + 0.07 * (math.sin(4 * math.pi * ran + self.phase) - math.sin(self.phase))
        )
        x = self.x_px + 0.02 * self.speed_px_s * math.sin(1.7 * ran + self.phase)
        half, strength = len(self.opacity) / 2, min(1.0, age / LANDS_S) * min(1.0, left / DRIES_S)
        return round(x - half), round(y - half), strength


@dataclass(frozen=True, kw_only=True)
class Drops:
    """Drops that come and go at a steady number."""

    count: int = 12
    """On the glass at a time, 1..80 [P]."""
    size: float = 0.05
    """Median diameter, share of the frame's width, 0.01..0.2: a drop of 2 mm on glass 8 mm before a wide lens [P]."""
    opacity: float = 0.9
    """0.3..1 in the middle of a drop."""
    seconds: float = 6.0
    """Mean life, 1..120; rain renews them, a wet glass dries [P]."""
    running: float = 0.4
    """Share of the drops that run down, 0..1."""
    speed: float = 0.12
    """Mean of those, frame heights per second, 0.01..1 [P]."""

    def __post_init__(self) -> None:
        in_range("count", self.count, 1, 80)
        in_range("size", self.size, 0.01, 0.2)
        in_range("opacity", self.opacity, 0.3, 1)
        in_range("seconds", self.seconds, 1, 120)
        in_range("running", self.running, 0, 1)
        in_range("speed", self.speed, 0.01, 1)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Each drop shows the coarse picture through its own small map."""
        lives, (w, h) = self._lives(setting), setting.size_px
        size = _coarse_size(setting.size_px)

        def paint(t: int, frame: Array) -> Array:
            small, scale = cv2.blur(coarse(frame, size), (SOFT_CELLS, SOFT_CELLS)), size[0] / w
            for life, left, top, strength in _there(lives, t, setting):
                where, inner = _within(left, top, len(life.opacity), (w, h))
                place = np.array([left, top], np.float32) + len(life.opacity) / 2
                # half from where the drop sits, half from the middle: it looks ahead as the lens does
                middle = (0.5 * place + 0.25 * np.array([w, h], np.float32)) * scale
                seen = cv2.remap(small, life.turned + middle, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
                shown = cv2.resize(seen, life.opacity.shape)[inner]
                weight = life.opacity[inner] * np.float32(strength)
                frame[where] = cv2.blendLinear(frame[where].copy(), shown.copy(), 1 - weight, weight)
            return frame

        return paint

    def covers(self, setting: Setting) -> Callable[[int], Array | None]:
        """Where a drop lets through less than half."""
        lives, (w, h) = self._lives(setting), setting.size_px

        def mask(t: int) -> Array:
            hidden = np.zeros((h, w), bool)
            for life, left, top, strength in _there(lives, t, setting):
                where, inner = _within(left, top, len(life.opacity), (w, h))
                hidden[where] |= life.opacity[inner] * strength > 0.5
            return hidden

        return mask

    def _lives(self, setting: Setting) -> list[Life]:
        """Everyone who is on the glass during the clip, by start."""
        seconds, lives = setting.length / float(setting.fps), []
        for slot in range(int(self.count)):
            start, number = -setting.rng("slot", slot).uniform(0, self.seconds), 0
            while start < seconds:
                life = self._life(setting, setting.rng("drop", slot, number), start)
                start, number = life.stop_s - 0.3 * DRIES_S, number + 1
                lives.append(life)
        return sorted(lives, key=lambda life: (life.start_s, life.x_px))

    def _life(self, setting: Setting, rng: np.random.Generator, start_s: float) -> Life:
        (w, h), lasts = setting.size_px, self.seconds * rng.uniform(0.5, 1.5)
        runs = rng.random() < self.running
        radius = 0.5 * self.size * w * float(np.clip(rng.lognormal(0, 0.4), 0.45, 2.2))
        opacity, turned = self._shape(rng, radius, runs, _coarse_size((w, h))[0])
        return Life(
            start_s=start_s,
            stop_s=start_s + lasts,
            x_px=rng.uniform(0, w),
            y_px=rng.uniform(0, 0.7 * h if runs else h),
            runs_after_s=lasts * rng.uniform(0.1, 0.5),
            speed_px_s=h * self.speed * rng.uniform(0.5, 1.5) if runs else 0.0,
            phase=rng.uniform(0, 2 * np.pi),
            opacity=opacity,
            turned=turned,
        )

    def _shape(self, rng: np.random.Generator, radius: float, runs: bool, across: int) -> tuple[Array, Array]:
        """Opacity, and where a drop looks: the other way, and farther out towards its rim."""
        half = max(3, math.ceil(1.5 * radius))
        y, x = np.mgrid[-half:half, -half:half] + 0.5
        long = rng.uniform(1.15, 1.4) if runs else rng.uniform(0.9, 1.15)
        u, v = x / radius * (1 - (0.10 * y / radius if runs else 0)), y / (radius * long)
        angle = np.arctan2(v, u)
        bumps = 1 + 0.07 * np.sin(2 * angle + rng.uniform(0, 6.3)) + 0.05 * np.sin(3 * angle + rng.uniform(0, 6.3))
        away = np.hypot(u, v) / bumps
        opacity = self.opacity * smooth((1.2 - away) / 0.55)
        wide = 0.16 * across * (1 + 0.9 * np.minimum(away, 1.2) ** 2)
        turned = np.stack([-u * wide, -v * wide], axis=2)[::2, ::2]
        return opacity.astype(np.float32), turned.astype(np.float32)


def _coarse_size(size_px: tuple[int, int]) -> tuple[int, int]:
    across = min(ACROSS, size_px[0])
    return across, max(2, round(across * size_px[1] / size_px[0]))


def _there(lives: list[Life], t: int, setting: Setting) -> list[tuple[Life, int, int, float]]:
    """The drops of a frame that can be seen: (life, left, top, strength)."""
    t_s, (w, h) = t / float(setting.fps), setting.size_px
    placed = [(life, *life.at(t_s)) for life in lives if life.start_s < t_s < life.stop_s]
    return [
        (life, left, top, strength)
        for life, left, top, strength in placed
        if strength > 0.01 and -len(life.opacity) < left < w and -len(life.opacity) < top < h
    ]


def _within(
    left: int, top: int, side: int, size_px: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """What of a square lies in the frame: there, and in the square."""
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, size_px[0]), min(top + side, size_px[1])
    return np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
