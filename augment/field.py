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
STRIP_CELLS = 2
"""Rows of cells of which a map is made at once: it stays in the cache (1080p: 16.3 ms a frame, 19.5 at once)."""
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
    """The nodes, the last frame's grid, and buffers: fresh memory would cost more than the work in it."""

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
        grid, (nodes, cell) = self._grid(t), self._nodes()
        if self.size_in_px == self.size_out_px and np.abs(grid - nodes).max() < 1e-6:
            return frame
        out = self._kept.get("out")
        if out is None or out.dtype != frame.dtype:
            width, height = self.size_out_px
            out = self._kept["out"] = np.empty((height, width, 3), frame.dtype)
        x0, y0, x1, y1 = self.window_px
        for first in range(0, len(grid) - 1, STRIP_CELLS):
            rows = self._enlarged("strip", grid[first : first + STRIP_CELLS + 1])
            above = (first - 1) * cell  # output row of its first; valid between the middles of its outer cells
            top, bottom = max(y0, above + cell // 2), min(y1, above + len(rows) - cell + cell // 2)
            if top < bottom:
                strip, shown = rows[top - above : bottom - above, cell + x0 : cell + x1], out[top:bottom, x0:x1]
                cv2.remap(frame, strip, None, cv2.INTER_LINEAR, dst=shown, borderMode=cv2.BORDER_REPLICATE)
        if self.surround is not None:
            self.surround(out)
        return np.asarray(out)

    def dense(self, t: int) -> Array:
        """(H, W, 2) float32 input pixel indices (centres at whole numbers, as cv2.remap wants them)."""
        (width, height), (_, cell) = self.size_out_px, self._nodes()
        return self._enlarged("dense", self._grid(t))[cell : cell + height, cell : cell + width]

    def outside_px(self, t: int) -> float:
        """How far the farthest pixel samples outside the input, px; at most SLACK_PX when nothing is invented."""
        grid, (_, cell) = self._grid(t), self._nodes()
        x0, y0, x1, y1 = self.window_px
        # between nodes the map is straight: its farthest lies on a node or on the window's edge
        seen = _cut(_cut(grid, y0, y1, cell).swapaxes(0, 1), x0, x1, cell)
        if not np.isfinite(seen).all():
            return float("inf")
        return float(max((-seen).max(), (seen - np.asarray(self.size_in_px)).max()))

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

    def _grid(self, t: int) -> Array:
        """(rows, columns, 2) float64 input px that the nodes sample."""
        if self._kept.get("t") != t:
            nodes, _ = self._nodes()
            starts = self._kept.setdefault("starts", nodes.reshape(-1, 2))  # one array: samplers know it again
            self._kept["grid"], self._kept["t"] = self.sample(t, starts).reshape(nodes.shape), t
        return np.asarray(self._kept["grid"])

    def _enlarged(self, name: str, grid: Array) -> Array:
        """(rows * cell, columns * cell, 2) float32 pixel indices of rows of the grid, in a buffer of that name."""
        _, cell = self._nodes()
        height, width = grid.shape[0] * cell, grid.shape[1] * cell
        room = self._kept.setdefault(name, np.empty((height, width, 2), np.float32))[:height]
        small = (grid - 0.5).astype(np.float32)
        return np.asarray(cv2.resize(small, (width, height), dst=room, interpolation=cv2.INTER_LINEAR))


def _cut(grid: Array, start_px: int, stop_px: int, cell: int) -> Array:
    """The rows of a grid between two rows of pixels, those at both ends interpolated."""
    ends = (np.array([start_px + 0.5, stop_px - 0.5]) / cell) + 0.5
    n = np.minimum(ends.astype(int), len(grid) - 2)
    part = (ends - n)[:, None, None]
    first, last = grid[n] * (1 - part) + grid[n + 1] * part
    return np.concatenate([first[None], grid[n[0] + 1 : n[1] + 1], last[None]])
