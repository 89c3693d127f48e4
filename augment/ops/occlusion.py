"""Occlusion: a strap, a jacket's edge, a finger, a seat belt or a flap of cloth before the lens, blurred, swaying."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture.veil import Veil, plasma, scene_light, smooth
from augment.tracks import Knob, in_range, knob_in_range, one_of, values

Array = NDArray[Any]
Rng = np.random.Generator

COARSE = 8
"""What is out of focus is drawn this much smaller, at most; a blurred edge stays at least four cells wide."""
MARGIN = 0.2
"""Of the frame's width, drawn beyond each edge, so that there is cloth where it sways to."""
SIDES: Mapping[str, tuple[int, int]] = {"left": (1, 0), "right": (-1, 0), "top": (0, 1), "bottom": (0, -1)}
"""Edge of the frame -> the direction inwards."""
KINDS = ("strap", "jacket", "finger", "belt", "flap")
CLOTH: Mapping[str, tuple[float, float, float]] = {
    "black": (0.020, 0.020, 0.022),
    "navy": (0.028, 0.036, 0.062),
    "grey": (0.11, 0.11, 0.115),
    "khaki": (0.15, 0.125, 0.075),
    "green": (0.045, 0.060, 0.035),
    "hi_vis": (0.66, 0.76, 0.07),
}
"""Linear reflectance of R, G, B; high-visibility yellow fluoresces [P]."""
SKIN = ((0.58, 0.38, 0.28), (0.42, 0.25, 0.17), (0.25, 0.13, 0.08), (0.11, 0.055, 0.035))
"""Linear reflectance, light to dark [P]; drawn for a finger."""


@dataclass(frozen=True, kw_only=True)
class Occlusion:
    """One thing that reaches in from an edge of the frame; lit by the scene, blurred by being close."""

    kind: str
    """A name of KINDS. Kit before the lens is the commonest fault of chest cameras (notes/domain.md 3.3 [P])."""
    side: str = "bottom"
    """left, right, top or bottom: where it comes from."""
    reach: float = 0.2
    """How far into the frame, share of its width, 0.02..0.6."""
    at: float = 0.5
    """Where along the edge, 0..1."""
    cloth: str = "black"
    """A name of CLOTH; a finger takes a skin instead."""
    softness: float = 0.03
    """Width of its blurred edge, share of the frame's width, 0.005..0.12 [P]."""
    sway: Knob = 0.01
    """Amplitude, share of the frame's width, 0..0.1, or a track."""
    sway_hz: float = 1.9
    """0.1..6; walking 1.7..2.1, a flap in the wind 3..5 (notes/domain.md 3.3 [P])."""

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        one_of("side", self.side, SIDES)
        one_of("cloth", self.cloth, CLOTH)
        in_range("reach", self.reach, 0.02, 0.6)
        in_range("at", self.at, 0, 1)
        in_range("softness", self.softness, 0.005, 0.12)
        knob_in_range("sway", self.sway, 0, 0.1)
        in_range("sway_hz", self.sway_hz, 0.1, 6)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Lays the swayed cloth on the part of the frame that it reaches."""
        lying, veil, cell = self._lying(setting), Veil(), self._cell(setting)

        def paint(t: int, frame: Array) -> Array:
            reflects = lying(t)
            lit = np.clip(1.3 * scene_light(frame), 0.01, 1.5).astype(np.float32)
            box = _box(reflects[..., 3])
            if box is not None:
                rows, columns = box
                part = frame[rows.start * cell : rows.stop * cell, columns.start * cell : columns.stop * cell]
                laid = reflects[rows, columns]
                veil.lay(part, passes=1 - laid[..., 3], adds=laid[..., :3] * lit)
            return frame

        return paint

    def covers(self, setting: Setting) -> Callable[[int], Array | None]:
        """What is hidden by more than half; the blurred edge is half on either side."""
        lying, (w, h) = self._lying(setting), setting.size_px
        cell = self._cell(setting)

        def mask(t: int) -> Array:
            opacity = np.ascontiguousarray(lying(t)[..., 3])
            wide = cv2.resize(opacity, (opacity.shape[1] * cell, opacity.shape[0] * cell))
            return np.asarray(wide[:h, :w] > 0.5)

        return mask

    def _cell(self, setting: Setting) -> int:
        """Side of a coarse cell, px."""
        return int(np.clip(self.softness * setting.size_px[0] / 4, 1, COARSE))

    def _lying(self, setting: Setting) -> Callable[[int], Array]:
        """f(t): (h, w, 4) float32 reflectance times opacity, and opacity, of the frame in cells."""
        sprite, moves, cell = self._sprite(setting), self._moves(setting), self._cell(setting)
        w, h = setting.size_px
        small, margin = (-(-w // cell), -(-h // cell)), round(MARGIN * w / cell)
        middle = np.array(small) / 2

        def lying(t: int) -> Array:
            c, s = np.cos(moves[t, 2]), np.sin(moves[t, 2])
            turn = np.array([[c, -s], [s, c]])
            shift = middle + moves[t, :2] * w / cell - turn @ (middle + margin)
            there = np.column_stack([turn, shift])
            return np.asarray(cv2.warpAffine(sprite, there, small, flags=cv2.INTER_LINEAR))

        return lying

    def _moves(self, setting: Setting) -> Array:
        """(T, 3) float64 shift right, down (widths) and turn (rad): the step, its double and a slow drift."""
        rng, t_s = setting.rng("sway"), np.arange(setting.length) / float(setting.fps)
        far = values("sway", self.sway, setting)[:, None]
        inwards = np.array(SIDES[self.side], float)
        along = np.stack([inwards * 0.8, inwards[::-1] * 0.6])
        phase = rng.uniform(0, 2 * np.pi, (3, 2))
        parts = ((self.sway_hz, 0.7), (2 * self.sway_hz, 0.25), (0.17 * self.sway_hz, 0.5))
        swings = sum(share * np.sin(2 * np.pi * hz * t_s[:, None] + phase[n]) for n, (hz, share) in enumerate(parts))
        return np.concatenate([far * (swings @ along), far * swings[:, :1] * 1.5], axis=1)

    def _sprite(self, setting: Setting) -> Array:
        """(h, w, 4) float32 of the whole thing with its margins, coarse: reflectance times opacity, opacity."""
        rng, (w, h) = setting.rng("sprite"), setting.size_px
        cell = self._cell(setting)
        wide, high = -(-w // cell), -(-h // cell)
        margin = round(MARGIN * w / cell)
        size = wide + 2 * margin, high + 2 * margin
        x, y = np.meshgrid(
            (np.arange(size[0]) + 0.5 - margin) * cell / w, (np.arange(size[1]) + 0.5 - margin) * cell / w
        )
        depth, along = self._axes(x, y, h / w)
        waves = plasma(rng, size, coarsest_px=0.25 * w / cell, octaves=3)
        outside, across = self._shape(rng, depth, along, waves)
        soft = max(self.softness, 1.5 * cell / w)
        opacity = smooth(0.5 - outside / soft).astype(np.float32)
        shade = self._shade(rng, across, along, waves, size, w / cell)
        colour = np.array(SKIN[rng.integers(len(SKIN))] if self.kind == "finger" else CLOTH[self.cloth], np.float32)
        reflects = np.repeat(shade[..., None], 3, axis=2) * colour
        if self.kind == "finger":  # light comes through its edge, red
            reflects += (smooth(1 + outside / (2.5 * soft))[..., None] * (0.10, 0.012, 0.006)).astype(np.float32)
        reflects = cv2.GaussianBlur(reflects, (0, 0), max(0.6, 0.3 * soft * w / cell))
        sprite = np.concatenate([reflects * opacity[..., None], opacity[..., None]], axis=2)
        return np.asarray(sprite, np.float32)

    def _axes(self, x: Array, y: Array, height: float) -> tuple[Array, Array]:
        """Distance from the edge inwards, and along it from `at`, both in widths of the frame."""
        match self.side:
            case "left":
                return x, y - self.at * height
            case "right":
                return 1 - x, y - self.at * height
            case "top":
                return y, x - self.at
            case _:
                return height - y, x - self.at

    def _shape(self, rng: Rng, depth: Array, along: Array, waves: Array) -> tuple[Array, Array]:
        """(distance outside, widths; negative within; -1..1 across the thing, for shading)."""
        lean = rng.uniform(0.5, 1.0) * rng.choice([-1, 1])
        match self.kind:
            case "strap" | "belt":
                if self.kind == "strap":  # cuts off the nearer corner; a belt crosses the picture
                    lean = -abs(lean) if self.at < 0.5 else abs(lean)
                half = rng.uniform(0.028, 0.04) if self.kind == "strap" else rng.uniform(0.05, 0.065)
                run = np.hypot(1, lean)
                off = (depth - self.reach + half - lean * along + 0.25 * along**2) / run + 0.002 * waves
                return np.abs(off) - half, off / half
            case "finger":
                radius = min(0.09, 0.6 * self.reach + 0.02)
                beyond = np.maximum(depth - (self.reach - radius), 0)
                aside = along - 0.35 * lean * depth
                return np.hypot(beyond, aside) - radius, aside / radius
            case "flap":
                wedge = 0.9 * depth + np.abs(along + 0.4 * lean * depth) - 0.9 * self.reach
                return wedge + 0.012 * waves, along / self.reach
            case _:
                hangs = 1 + 0.25 * np.sin(2.2 * along + lean) + 0.12 * np.sin(9 * along + 5 * lean)
                return depth - self.reach * hangs + 0.2 * lean * along + 0.014 * waves, depth / self.reach

    def _shade(self, rng: Rng, across: Array, along: Array, waves: Array, size: tuple[int, int], width: float) -> Array:
        """(h, w) float32 about 1: round where it is round, folded where it is cloth, with a weave and seams."""
        if self.kind == "finger":
            return np.asarray(0.55 + 0.45 * np.sqrt(np.clip(1 - across**2, 0, 1)) + 0.03 * waves, np.float32)
        fine = rng.standard_normal((size[1], size[0]), dtype=np.float32)
        if self.kind in ("strap", "belt"):
            seams = 0.35 * np.exp(-(((np.abs(across) - 0.82) / 0.05) ** 2))
            ribs = 0.08 * np.sin(across * (9 if self.kind == "belt" else 5) * np.pi)
            woven = 0.75 + 0.3 * (1 - across**2) + seams + ribs + 0.08 * waves + 0.10 * fine
            return np.asarray(np.clip(woven, 0.1, 2), np.float32)
        level = self.side in ("top", "bottom")
        folded = rng.standard_normal((3, max(4, int((size[0] if level else size[1]) / width * 9))), dtype=np.float32)
        folds = cv2.resize(folded if level else folded.T.copy(), size, interpolation=cv2.INTER_CUBIC)
        return np.asarray(np.clip(0.75 + 0.38 * folds + 0.15 * waves + 0.12 * fine, 0.1, 2), np.float32)


def _box(opacity: Array) -> tuple[slice, slice] | None:
    """Rows and columns, in cells, that hold all that can be seen: in one piece, for a border would show as a seam."""
    shown = opacity > 1 / 512
    if not shown.any():
        return None
    rows, columns = (np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
