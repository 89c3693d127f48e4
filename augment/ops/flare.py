"""Flare: what bright light does inside a lens and on its glass: a veil, rays, and ghosts opposite the middle.

All three are made of the picture's own highlights, frame by frame, so they follow whatever shines, however many things
do; or of a drawn source, which may stand outside the frame. Light is added in linear light, at an eighth of the size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture.veil import LIGHT, Veil, coarse, smooth
from augment.tracks import Knob, in_range, knob_in_range, one_of, values

Array = NDArray[Any]
ACROSS = 240
"""Cells across the frame in which flare is made: it has no finer detail than its rays."""
MARGIN = 48
"""Cells beyond each edge in which a drawn source may stand."""
CLIPPED = 0.8
"""Linear light above which a pixel counts as a source; what it hides beyond white nobody knows."""
SOURCES = ("picture", "drawn")
VEIL_SIGMAS = ((1.0, 0.15), (5.0, 0.3), (24.0, 0.55))
"""(sigma in double cells, share) of the veil: near, middle and far, falling about as 1/r^2 [P]."""


def _disc(radius: int) -> Array:
    """(k, k) float32 of sum 1: the lens's opening, a little brighter at its rim."""
    y, x = np.mgrid[-radius - 1 : radius + 2, -radius - 1 : radius + 2]
    away = np.hypot(x, y)
    disc = np.clip(radius + 0.5 - away, 0, 1) * (0.75 + 0.25 * (away / radius) ** 2)
    return np.asarray(disc / disc.sum(), np.float32)


DISCS = (_disc(2), _disc(4))
"""What a point becomes in a ghost, in double cells."""


@dataclass(frozen=True, kw_only=True)
class Flare:
    """Veil, rays and ghosts, each with its share of the light that reaches the lens."""

    source: str = "picture"
    """picture: what is clipped in the frame itself; drawn: one light at (x, y)."""
    veil: Knob = 0.15
    """Light scattered around the sources, 0..2, or a track; clean glass scatters 0.02, greasy glass 0.1..0.5 [P]."""
    rays: float = 0.05
    """Light in rays, 0..2."""
    ray_count: int = 6
    """0..16: a streak of a wiped glass has 2, a lens of six blades 6 [P]."""
    ghosts: float = 0.1
    """Light in ghosts, 0..2."""
    ghost_count: int = 4
    """0..8."""
    x: Knob = 0.3
    """Of the drawn source, share of the width, -0.2..1.2, or a track."""
    y: Knob = 0.2
    """The same of the height."""
    light: float = 1500.0
    """Of the drawn source, times white over a disc of one per cent of the width, 1..100,000; a torch at 5 m 500 [P]."""

    def __post_init__(self) -> None:
        one_of("source", self.source, SOURCES)
        knob_in_range("veil", self.veil, 0, 2)
        in_range("rays", self.rays, 0, 2)
        in_range("ghosts", self.ghosts, 0, 2)
        in_range("ray_count", self.ray_count, 0, 16)
        in_range("ghost_count", self.ghost_count, 0, 8)
        for name in ("x", "y"):
            knob_in_range(name, getattr(self, name), -0.2, 1.2)
        in_range("light", self.light, 1, 100_000)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Highlights, spread three ways, added."""
        w, h = setting.size_px
        size = min(ACROSS, w), max(2, round(min(ACROSS, w) * h / w))
        share, drawn = values("veil", self.veil, setting), self._drawn(setting, size)
        rays, ghosts, lay = self._kernel(setting), self._ghosts(setting, size), Veil()
        margin = MARGIN if drawn else 0
        inner = np.s_[margin : margin + size[1], margin : margin + size[0]]
        clear = np.ones((size[1], size[0]), np.float32)

        def paint(t: int, frame: Array) -> Array:
            small = coarse(frame, size)
            shines = drawn(t) if drawn else _highlights(small)
            half = cv2.resize(shines, (shines.shape[1] // 2, shines.shape[0] // 2), interpolation=cv2.INTER_AREA)
            soft = share[t] * _spread(half)
            if self.ghosts:
                discs = [cv2.filter2D(half, -1, disc, borderType=cv2.BORDER_CONSTANT) for disc in DISCS]
                for place, tint, disc in ghosts:
                    soft += self.ghosts * tint * cv2.warpAffine(discs[disc], place, soft.shape[1::-1])
            adds = cv2.resize(soft, shines.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            if self.rays and self.ray_count:
                grey = np.ascontiguousarray(shines[..., 1])  # one channel: a third of the time, and the eye sees none
                r, g, b, _ = cv2.sumElems(shines)
                tint = np.array([r, g, b], np.float32) / max(g, 1e-6)
                spokes = cv2.filter2D(grey, -1, rays, borderType=cv2.BORDER_CONSTANT)
                adds += self.rays * spokes[..., None] * tint
            return lay.lay(frame, passes=clear, adds=np.ascontiguousarray(adds[inner]), small=small)

        return paint

    def _drawn(self, setting: Setting, size: tuple[int, int]) -> Callable[[int], Array] | None:
        """f(t): the drawn source alone, with margins; None where the picture is the source."""
        if self.source == "picture":
            return None
        x, y = (values(name, getattr(self, name), setting) for name in ("x", "y"))
        colour = np.array([1.0, *setting.rng("colour").uniform((0.8, 0.55), (1.0, 1.0))])
        radius = max(0.7, 0.005 * size[0])

        def shines(t: int) -> Array:
            light = np.zeros((size[1] + 2 * MARGIN, size[0] + 2 * MARGIN, 3), np.float32)
            at = (round((x[t] * size[0] + MARGIN - 0.5) * 16), round((y[t] * size[1] + MARGIN - 0.5) * 16))
            cv2.circle(light, at, round(radius * 16), tuple(map(float, self.light * colour)), -1, cv2.LINE_AA, 4)
            return light

        return shines

    def _kernel(self, setting: Setting) -> Array:
        """(k, k) float32 rays of sum 1 about the middle, brighter inwards; the middle itself left out."""
        half = MARGIN
        rng, grid = setting.rng("rays"), np.arange(-half, half + 1)
        x, y = np.meshgrid(grid, grid)
        away, angle = np.hypot(x, y), np.arctan2(y, x)
        kernel, first = np.zeros(away.shape), rng.uniform(0, np.pi)
        for n in range(int(self.ray_count)):
            aside = away * np.abs(np.sin((angle - first - 2 * np.pi * n / self.ray_count) / 2)) * 2
            length = half * rng.uniform(0.4, 0.98)
            kernel += (
                rng.uniform(0.5, 1) * np.exp(-((aside / 0.55) ** 2)) * smooth(1 - away / length) / (1 + away) ** 1.5
            )
        kernel[half, half] = 0
        return np.asarray(kernel / max(kernel.sum(), 1e-9), np.float32)

    def _ghosts(self, setting: Setting, size: tuple[int, int]) -> list[tuple[Array, Array, int]]:
        """(affine on the half grid that puts a scaled copy through the middle, (3,) tint, its disc) of each ghost."""
        margin = MARGIN if self.source == "drawn" else 0
        rng, middle, made = setting.rng("ghosts"), (np.array(size) / 2 + margin) / 2 - 0.5, []
        for n in range(int(self.ghost_count)):
            scale = float(rng.choice([-1.0, -1.0, 1.0]) * rng.uniform(0.25, 1.3))
            place = np.array([[scale, 0, middle[0] * (1 - scale)], [0, scale, middle[1] * (1 - scale)]])
            tint = rng.uniform(0.25, 1, 3) * rng.uniform(0.01, 0.05)
            made.append((place, tint.astype(np.float32), n % len(DISCS)))
        return made


def _highlights(small: Array) -> Array:
    """(h, w, 3) float32 light of what is clipped."""
    light = cv2.LUT(small, LIGHT)
    red, green, blue = cv2.split(light)
    brightest = cv2.max(red, cv2.max(green, blue))[..., None]
    shines = light * smooth((brightest - CLIPPED) / (1 - CLIPPED))
    return np.asarray(shines, np.float32)


def _spread(shines: Array) -> Array:
    """The veil: wide blurs made on smaller copies."""
    wide, size = np.zeros_like(shines), shines.shape[1::-1]
    for sigma, share in VEIL_SIGMAS:
        less = max(1, round(sigma / 1.5))
        small = cv2.resize(shines, (max(2, size[0] // less), max(2, size[1] // less)), interpolation=cv2.INTER_AREA)
        soft = cv2.GaussianBlur(small, (0, 0), sigma / less, borderType=cv2.BORDER_CONSTANT)
        wide += np.float32(share) * cv2.resize(soft, size, interpolation=cv2.INTER_CUBIC)
    return np.maximum(wide, 0)
