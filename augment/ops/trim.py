"""Trim: a stretch of the clip and nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from augment.kinds import Setting, TimeMap
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Trim:
    """Keeps the frames whose instant lies in start..stop. Re-uploads keep 10..100 % (notes/domain.md 6 [P])."""

    start: float = 0.0
    """Share of the clip's length at which it begins, 0..1: a spec knows no lengths of clips not yet made."""
    stop: float = 1.0
    """Share at which it ends, more than start, at most 1."""

    def __post_init__(self) -> None:
        in_range("start", self.start, 0, 1)
        in_range("stop", self.stop, 0, 1)
        if self.start >= self.stop:
            raise ValueError(f"stop must be more than start, got {self.stop} and {self.start}")

    def time_map(self, setting: Setting) -> TimeMap:
        """Whole frames: from the first at or after start to the last before stop."""
        # a millionth of a frame keeps 0.3 * 10 frames at 3, whatever the last bit says
        first = math.ceil(self.start * setting.length - 1e-6)
        last = math.ceil(self.stop * setting.length - 1e-6)
        if first >= last:
            kept = f"{self.start}..{self.stop} of {setting.length} frames"
            raise ValueError(f"trim must leave a frame, got {kept}; move start and stop apart")
        cut = (float(first / setting.fps), float(last / setting.fps), 1.0)
        return TimeMap(picks=np.arange(first, last), fps=setting.fps, cuts=(cut,))
