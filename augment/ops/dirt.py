"""Dirt: dust, smears and fingerprints on the cover glass, far out of focus; it stays while the picture moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture.veil import LIGHT, Veil, coarse, plasma, smooth
from augment.tracks import in_range

Array = NDArray[Any]
Rng = np.random.Generator
Box = tuple[slice, slice]
ACROSS = 240
"""Cells of the coarse map across the frame: whatever lies on the glass is blurred over more than a cell."""
SCATTER = 0.8
"""Of the light that a film on the glass takes away, what comes back as a haze of the whole scene [P]."""
BANDS, GAP_CELLS = 9, 12
"""The glass is laid over in this many bands; clean stretches shorter than a gap are not worth leaving out."""
HAZE_CELLS = 41
"""Width of that haze, cells: a sixth of the frame's [P]."""


@dataclass(frozen=True, kw_only=True)
class Dirt:
    """A map of what passes, made once, and a haze that follows the scene where films scatter."""

    specks: int = 12
    """Of dust and mud, 0..80: soft discs as large as the lens's opening is blurred."""
    speck_size: float = 0.02
    """Median diameter, share of the frame's width, 0.004..0.1; a speck on a phone's glass spans 1..4 % [P]."""
    darkness: float = 0.35
    """Light that the darkest speck takes, 0..0.9; a speck smaller than the opening never takes all [P]."""
    smears: int = 2
    """Wiped films of grease, 0..8."""
    fingerprints: int = 1
    """0..4."""
    film: float = 0.5
    """Light that smears and prints scatter at their thickest, 0..0.8 [P]."""

    def __post_init__(self) -> None:
        for name, most in (("specks", 80), ("smears", 8), ("fingerprints", 4)):
            in_range(name, getattr(self, name), 0, most)
        in_range("speck_size", self.speck_size, 0.004, 0.1)
        in_range("darkness", self.darkness, 0, 0.9)
        in_range("film", self.film, 0, 0.8)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """The map laid on every frame; no glass, no change."""
        specks, film = self.maps(setting)
        passes, comes_back = specks * (1 - film), (specks * film * SCATTER)[..., None]
        size, (w, h), veil = (specks.shape[1], specks.shape[0]), setting.size_px, Veil()
        parts = [_Part(box, size, (w, h)) for box in _boxes(1 - passes)]

        def paint(t: int, frame: Array) -> Array:
            small = coarse(frame, size)
            haze = comes_back * cv2.LUT(cv2.blur(small, (HAZE_CELLS, HAZE_CELLS)), LIGHT)
            for part in parts:
                box = part.cells
                veil.lay(frame[part.px], passes=passes[box], adds=haze[box], small=small[box], inner=part.inner)
            return frame

        return paint

    def maps(self, setting: Setting) -> tuple[Array, Array]:
        """(h, w) float32 each, coarse: what specks let through, and the share that films scatter."""
        w, h = setting.size_px
        size = min(ACROSS, w), max(2, round(min(ACROSS, w) * h / w))
        rng = setting.rng("glass")
        x, y = np.meshgrid((np.arange(size[0]) + 0.5) / size[0], (np.arange(size[1]) + 0.5) / size[0])
        return self._specks(rng, x, y), np.clip(self._films(rng, x, y), 0, 0.9).astype(np.float32)

    def _specks(self, rng: Rng, x: Array, y: Array) -> Array:
        passes = np.ones(x.shape, np.float32)
        for _ in range(int(self.specks)):
            radius = 0.5 * self.speck_size * float(np.clip(rng.lognormal(0, 0.5), 0.4, 3))
            angle = np.arctan2(y - (cy := rng.uniform(0, y.max())), x - (cx := rng.uniform(0, 1)))
            bumps = 1 + 0.12 * np.sin(2 * angle + rng.uniform(0, 6.3)) + 0.08 * np.sin(3 * angle + rng.uniform(0, 6.3))
            away = np.hypot(x - cx, y - cy) / (radius * bumps)
            passes *= 1 - self.darkness * rng.uniform(0.25, 1) * smooth((1.35 - away) / 0.9)
        return passes.astype(np.float32)

    def _films(self, rng: Rng, x: Array, y: Array) -> Array:
        film = np.zeros(x.shape, np.float32)
        for _ in range(int(self.smears)):
            along, aside = _turned(rng, x, y, bend=rng.uniform(-1, 1))
            length, half = rng.uniform(0.2, 0.45), rng.uniform(0.05, 0.14)
            strokes = 1 + 0.35 * np.interp(aside / half, np.linspace(-2, 2, 17), rng.standard_normal(17))
            film += (
                rng.uniform(0.5, 1)
                * strokes
                * smooth(1.2 - np.abs(along / length))
                * smooth(1.3 - np.abs(aside / half))
            )
        for _ in range(int(self.fingerprints)):
            along, aside = _turned(rng, x, y, bend=0)
            tip = smooth(1.5 - np.hypot(along / 0.11, aside / 0.08))
            ridges = 1 + 0.35 * np.sin(2 * np.pi * np.hypot(along * 0.8 + 0.05, aside) / 0.012)
            patchy = 1 + 0.3 * plasma(rng, (x.shape[1], x.shape[0]), coarsest_px=0.06 * x.shape[1])
            film += rng.uniform(0.6, 1) * tip * ridges * np.clip(patchy, 0.2, 1.8)
        return np.asarray(self.film * cv2.GaussianBlur(film.astype(np.float32), (0, 0), 0.8))


def _turned(rng: Rng, x: Array, y: Array, *, bend: float) -> tuple[Array, Array]:
    """Distances along and aside of a stroke at a drawn place and angle, in widths of the frame."""
    angle, dx, dy = rng.uniform(0, np.pi), x - rng.uniform(0.1, 0.9), y - rng.uniform(0, y.max())
    along = dx * np.cos(angle) + dy * np.sin(angle)
    aside = dy * np.cos(angle) - dx * np.sin(angle)
    return along, aside + bend * along**2


def _boxes(taken: Array) -> list[Box]:
    """Rows and columns of cells that hold all that takes light: in each band, the stretches that are dirty."""
    boxes = []
    for rows in np.array_split(np.arange(len(taken)), min(BANDS, len(taken))):
        dirty = np.flatnonzero((taken[rows] > 1 / 256).any(axis=0))
        for run in np.split(dirty, np.flatnonzero(np.diff(dirty) > GAP_CELLS) + 1):
            if len(run):
                boxes.append((slice(rows[0], rows[-1] + 1), slice(max(0, run[0] - 1), run[-1] + 2)))
    return boxes


class _Part:
    """A box of cells with two more all around, as far as there are any: the same of the frame, and the box within."""

    def __init__(self, box: Box, size: tuple[int, int], size_px: tuple[int, int]) -> None:
        rows, columns = (slice(max(0, b.start - 2), min(n, b.stop + 2)) for b, n in zip(box, size[::-1], strict=True))
        self.cells: Box = rows, columns
        self.px, changed = (self._enlarged(cells, size, size_px) for cells in (self.cells, box))
        down, across = (slice(c.start - p.start, c.stop - p.start) for c, p in zip(changed, self.px, strict=True))
        self.inner: Box = down, across

    @staticmethod
    def _enlarged(box: Box, size: tuple[int, int], size_px: tuple[int, int]) -> Box:
        rows, columns = (
            slice(b.start * px // n, min(b.stop, n) * px // n)
            for b, n, px in zip(box, size[::-1], size_px[::-1], strict=True)
        )
        return rows, columns
