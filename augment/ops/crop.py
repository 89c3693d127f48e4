"""Crop: a part of the picture and nothing else, pixel for pixel; what comes out is smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import in_range

Array = NDArray[Any]
SMALLEST_PX = 16
"""Of a side that is left: a macroblock, and less shows nobody anything."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """Keeps a window of whole pixels and even size. Re-uploads keep 70..98 % (notes/domain.md 6 [P])."""

    width: float = 1.0
    """Share of the width kept, 0.1..1."""
    height: float = 1.0
    """Share of the height kept, 0.1..1."""
    centre_x: float = 0.5
    """Middle of the window, share of the width, 0..1; moved inside where the window would hang over."""
    centre_y: float = 0.5
    """The same of the height."""

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            in_range(name, getattr(self, name), 0.1, 1)
        for name in ("centre_x", "centre_y"):
            in_range(name, getattr(self, name), 0, 1)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """Even, and never larger than what came."""
        w, h = setting.size_px
        return even(self.width * w, most=w), even(self.height * h, most=h)

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """The grid, moved to the window's corner."""
        size = self.out_size(setting)
        if min(size) < SMALLEST_PX:
            raise ValueError(f"crop must leave {SMALLEST_PX} px of each side, got {list(size)}; keep more")
        corner = window_corner(setting.size_px, size, (self.centre_x, self.centre_y))

        def sample(t: int, xy: Array) -> Array:
            return np.asarray(xy + corner)

        return sample


def even(length_px: float, *, most: int) -> int:
    """The even number nearest to a length, at least 2 and at most what there is."""
    return min(max(2, 2 * round(length_px / 2)), most - most % 2)


def window_corner(size_px: tuple[int, int], window_px: tuple[int, int], centre: tuple[float, float]) -> Array:
    """(2,) whole px: the upper left corner of a window about a centre in shares, moved inside."""
    room = np.subtract(size_px, window_px)
    return np.asarray(np.rint(np.clip(np.multiply(centre, size_px) - np.divide(window_px, 2), 0, room)))
