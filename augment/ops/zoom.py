"""Zoom: a part of the picture, enlarged to the whole; a crop that keeps the size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import Knob, knob_in_range, values

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Zoom:
    """Shows a window of 1 / factor of the width and height, moved inside the picture where it would hang over."""

    factor: Knob
    """1..8, or a track; a re-uploader's crop keeps 70..98 %, that is 1.02..1.43 (notes/domain.md 6 [P])."""
    centre_x: Knob = 0.5
    """Middle of the window, share of the width, 0..1, or a track."""
    centre_y: Knob = 0.5
    """The same of the height."""

    def __post_init__(self) -> None:
        knob_in_range("factor", self.factor, 1, 8)
        knob_in_range("centre_x", self.centre_x, 0, 1)
        knob_in_range("centre_y", self.centre_y, 0, 1)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """The window's corner plus a shrunken copy of the grid."""
        size = np.asarray(setting.size_px, float)
        factor = values("factor", self.factor, setting)
        centre = np.stack([values(name, getattr(self, name), setting) for name in ("centre_x", "centre_y")], axis=1)
        corner = np.clip(centre - 0.5 / factor[:, None], 0, 1 - 1 / factor[:, None]) * size

        def sample(t: int, xy: Array) -> Array:
            return np.asarray(corner[t] + xy / factor[t])

        return sample
