"""Where output pixels come from: neighbouring warps as one map, made on a coarse grid, and its inverse for labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sampler = Callable[[int, Array], Array]

LARGEST_CELL_PX = 24
CELLS_ACROSS = 48
"""A cell is at most 24 px and a 48th of the width: lenses bend by less than 0.05 px between its corners."""
SLACK_PX = 0.5
"""Sampling this far outside the edge of the picture is rounding; farther out would be invented."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """Warps that follow each other without anything between, as one."""

    samplers: Sequence[Sampler]
    """In the order in which the picture goes through them."""
    size_in_px: tuple[int, int]
    size_out_px: tuple[int, int]
    shows_px: tuple[int, int, int, int] | None = None
    """(x0, y0, x1, y1) of the output in which the picture lies; None is all. The rest is bars: nothing is there."""
    surround: Callable[[Array], None] | None = None
    """Fills the bars of an output frame, in place."""
    _kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The last frame's map, its grid and the output buffer: a map that stands still is made once."""

    @property
    def window_px(self) -> tuple[int, int, int, int]:
        """(x0, y0, x1, y1) of the output outside which no label can be."""
        return self.shows_px or (0, 0, *self.size_out_px)

    def sample(self, t: int, xy: Array) -> Array:
        """(N, 2) input px for (N, 2) output px."""
        for sampler in reversed(self.samplers):
            xy = sampler(t, xy)
        return xy

    def warped(self, t: int, frame: Array) -> Array:
        """The frame resampled once, bilinear; the array is used again for the next frame."""
        dense = self.dense(t)
        if self._kept["still"]:
            return frame
        out = self._kept.get("out")
        if out is None or out.dtype != frame.dtype:
            width, height = self.size_out_px
            out = self._kept["out"] = np.empty((height, width, 3), frame.dtype)
        x0, y0, x1, y1 = self.window_px
        shown = out[y0:y1, x0:x1]
        cv2.remap(frame, dense[y0:y1, x0:x1], None, cv2.INTER_LINEAR, dst=shown, borderMode=cv2.BORDER_REPLICATE)
        if self.surround is not None:
            self.surround(out)
        return np.asarray(out)

    def dense(self, t: int) -> Array:
        """(H, W, 2) float32 input pixel indices (centres at whole numbers, as cv2.remap wants them)."""
        if self._kept.get("t") == t:
            return np.asarray(self._kept["dense"])
        self._kept["t"] = t
        nodes, cell = self._nodes()
        grid = self.sample(t, nodes.reshape(-1, 2)).reshape(nodes.shape)
        if "grid" not in self._kept or not np.array_equal(grid, self._kept["grid"]):
            width, height = self.size_out_px
            rows, columns = grid.shape[:2]
            shape = (rows * cell, columns * cell, 2)
            wide = self._kept.setdefault("wide", np.empty(shape, np.float32))  # 16 MB anew would cost 4 ms of pages
            cv2.resize((grid - 0.5).astype(np.float32), shape[1::-1], dst=wide, interpolation=cv2.INTER_LINEAR)
            self._kept["grid"] = grid
            self._kept["still"] = self.size_in_px == self.size_out_px and bool(np.abs(grid - nodes).max() < 1e-6)
            self._kept["dense"] = wide[cell : cell + height, cell : cell + width]
        return np.asarray(self._kept["dense"])

    def outside_px(self, t: int) -> float:
        """How far the farthest pixel samples outside the input, px; at most SLACK_PX when nothing is invented."""
        x0, y0, x1, y1 = self.window_px
        dense = self.dense(t)[y0:y1, x0:x1]
        inner = dense[8::16, 8::16].reshape(-1, 2)
        edges = np.concatenate([dense[0], dense[-1], dense[:, 0], dense[:, -1], inner]) + 0.5
        if not np.isfinite(edges).all():
            return float("inf")
        return float(max((-edges).max(), (edges - np.asarray(self.size_in_px)).max()))

    def forward(self, t: int, xy: Array) -> Array:
        """(N, 2) output px at which (N, 2) input px are seen, by Newton's method; may lie outside the frame."""
        nodes, cell = self._nodes()
        starts = nodes.reshape(-1, 2)
        seen = self.sample(t, starts)
        nearest = ((xy[:, None, 0] - seen[None, :, 0]) ** 2 + (xy[:, None, 1] - seen[None, :, 1]) ** 2).argmin(axis=1)
        at = starts[nearest].astype(np.float64)
        for _ in range(12):
            here = self.sample(t, at)
            miss = xy - here
            if np.abs(miss).max() < 0.01:
                break
            across = self.sample(t, at + np.array([0.5, 0])) - here
            down = self.sample(t, at + np.array([0, 0.5])) - here
            turn = across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]
            turn = np.where(np.abs(turn) < 1e-6, 1e-6, turn)
            step = 0.5 * np.stack(
                [
                    miss[:, 0] * down[:, 1] - miss[:, 1] * down[:, 0],
                    across[:, 0] * miss[:, 1] - across[:, 1] * miss[:, 0],
                ],
                axis=1,
            )
            at = at + np.clip(step / turn[:, None], -4 * cell, 4 * cell)
        return np.asarray(at)

    def mirrors(self, t: int) -> bool:
        """Whether the output shows left and right, or above and below, the other way round."""
        middle = np.asarray(self.size_out_px) / 2
        here, across, down = self.sample(t, middle + np.array([(0, 0), (0.5, 0), (0, 0.5)]))
        return bool(np.linalg.det(np.stack([across - here, down - here])) < 0)

    def footprint(self, t: int) -> Array:
        """(H, W) bool of the input: which of its pixels lie inside what the output shows."""
        x0, y0, x1, y1 = self.window_px
        x, y = np.linspace(x0, x1, 65), np.linspace(y0, y1, 65)
        sides = [(x, 0 * x + y0), (0 * y + x1, y), (x[::-1], 0 * x + y1), (0 * y + x0, y[::-1])]
        edge = self.sample(t, np.concatenate([np.stack(side, axis=1) for side in sides]))
        shown = np.zeros((self.size_in_px[1], self.size_in_px[0]), np.uint8)
        # fillPoly counts in pixel centres; 1/16 px
        cv2.fillPoly(shown, [np.rint((np.clip(edge, -1e4, 1e4) - 0.5) * 16).astype(np.int32)], 1, shift=4)
        return shown.astype(bool)

    def _nodes(self) -> tuple[Array, int]:
        """(rows, columns, 2) float64 centres of the grid's cells in output px, one cell more on each side; cell px."""
        if "nodes" not in self._kept:
            width, height = self.size_out_px
            cell = int(np.clip(width // CELLS_ACROSS, 1, LARGEST_CELL_PX))
            x = (np.arange(-1, -(-width // cell) + 1) + 0.5) * cell
            y = (np.arange(-1, -(-height // cell) + 1) + 0.5) * cell
            self._kept["nodes"] = np.stack(np.meshgrid(x, y), axis=2), cell
        nodes, cell = self._kept["nodes"]
        return nodes, cell
