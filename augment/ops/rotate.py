"""Rotate: the picture turned in its plane; quarter turns exactly, a roll by the least zoom that invents nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import Knob, knob_in_range, values

Array = NDArray[Any]
BACK: Mapping[int, tuple[tuple[int, int], tuple[int, int]]] = {
    0: ((1, 0), (0, 1)),
    90: ((0, 1), (-1, 0)),
    180: ((-1, 0), (0, -1)),
    270: ((0, -1), (1, 0)),
}
"""Clockwise turn -> the matrix from output to input about the middle, y down."""


@dataclass(frozen=True, kw_only=True)
class Rotate:
    """A quarter turn first, then a roll. Re-uploads are rolled by up to 5 degrees (notes/domain.md 6 [P])."""

    turn_deg: int = 0
    """0, 90, 180 or 270, clockwise: as a player shows a clip whose turn is recorded wrongly or not at all."""
    roll_deg: Knob = 0.0
    """Clockwise, -20..20 degrees, or a track; the zoom is one for the clip, that of its widest roll."""

    def __post_init__(self) -> None:
        if isinstance(self.turn_deg, bool) or self.turn_deg not in BACK:
            raise ValueError(f"turn_deg must be 0, 90, 180 or 270, got {self.turn_deg!r}")
        knob_in_range("roll_deg", self.roll_deg, -20, 20)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """Sides change places at 90 and 270."""
        w, h = setting.size_px
        return (h, w) if self.turn_deg in (90, 270) else (w, h)

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """About the middle: rolled back and shrunk, then turned back by whole pixels."""
        half_out, half_in = (np.asarray(size) / 2 for size in (self.out_size(setting), setting.size_px))
        angle = np.deg2rad(values("roll_deg", self.roll_deg, setting))
        zoom = self.zoom(setting)
        quarter = np.array(BACK[self.turn_deg])

        def sample(t: int, xy: Array) -> Array:
            c, s = np.cos(angle[t]) / zoom, np.sin(angle[t]) / zoom
            back = quarter @ np.array([[c, s], [-s, c]])
            return np.asarray((xy - half_out) @ back.T + half_in)

        return sample

    def zoom(self, setting: Setting) -> float:
        """The least at which the rolled frame lies inside the picture on every frame."""
        angle = np.abs(np.deg2rad(values("roll_deg", self.roll_deg, setting)))
        # from centre to centre of the outermost pixels
        w, h = np.asarray(self.out_size(setting)) - 1
        needed = np.maximum(np.cos(angle) + h / w * np.sin(angle), np.cos(angle) + w / h * np.sin(angle))
        return float(max(needed.max(), 1.0))
