"""Duplicate: stretches in which each frame is shown several times, as when a night shutter halves the sensor's rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.kinds import Setting, TimeMap
from augment.stretches import bursts, runs
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """The file's rate stays and its clock goes on; what would have come between is never seen."""

    share: float
    """Of the clip that is shown so, 0..1; the first frame never repeats."""
    times: int = 2
    """How often each frame is shown, 2..4: 30 -> 15 frames/s at night (notes/domain.md 3.2 [P])."""
    burst_s: float = 2.0
    """Mean length of a stretch, 0.05..60 s [P]."""

    def __post_init__(self) -> None:
        in_range("share", self.share, 0, 1)
        if self.times not in (2, 3, 4) or isinstance(self.times, bool):
            raise ValueError(f"times must be 2, 3 or 4, got {self.times!r}")
        in_range("burst_s", self.burst_s, 0.05, 60)

    def time_map(self, setting: Setting) -> TimeMap:
        """Within a stretch frames first, first + times, first + 2 times ... stand until the next."""
        length = setting.length
        mean = max(1.0, self.burst_s * float(setting.fps))
        slow = bursts(setting.rng("bursts"), length, count=round(self.share * length), mean=mean)
        picks = np.arange(length)
        for first, stop in runs(slow):
            held = first - 1 + np.arange(stop - first + 1) // self.times * self.times
            picks[first - 1 : stop] = held
        cuts = ((0.0, float(length / setting.fps), 1.0),)
        again = np.where(picks != np.arange(length), "duplicate", "")
        return TimeMap(picks=picks, fps=setting.fps, cuts=cuts, state=tuple(again.tolist()))
