"""Drop: frames that never arrived; the last one that did stays on the screen, and time goes on."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting, TimeMap
from augment.stretches import bursts, runs
from augment.tracks import in_range

Array = NDArray[Any]
FREEZE_S = 0.3
"""A burst at least this long is a freeze (notes/domain.md 5: freezes of 0.3..8 s [P])."""


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Replaces a share of the frames by the one before, in bursts; rate, sound and events keep their time."""

    share: float
    """Frames lost, 0..0.9 of all; a bad uplink loses 0.01..0.15 (notes/domain.md 5 [P])."""
    burst_frames: float = 1.0
    """Mean frames lost in a row, 1..300."""

    def __post_init__(self) -> None:
        in_range("share", self.share, 0, 0.9)
        in_range("burst_frames", self.burst_frames, 1, 300)

    def time_map(self, setting: Setting) -> TimeMap:
        """Exactly round(share * frames) are lost; the first never is."""
        length, count = setting.length, round(self.share * setting.length)
        lost = bursts(setting.rng("bursts"), length, count=count, mean=self.burst_frames)
        shown = np.maximum.accumulate(np.where(lost, 0, np.arange(length)))
        seconds = float(length / setting.fps)
        return TimeMap(picks=shown, fps=setting.fps, cuts=((0.0, seconds, 1.0),), state=states(lost, setting.fps))


def states(lost: Array, fps: Fraction) -> tuple[str, ...]:
    """Per frame "", drop, or freeze where the picture stands for long."""
    words = [""] * len(lost)
    for first, stop in runs(lost):
        words[first:stop] = ["freeze" if float((stop - first) / fps) >= FREEZE_S else "drop"] * (stop - first)
    return tuple(words)
