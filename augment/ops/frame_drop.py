"""Frame drop: frames that never arrived; the last one that did stays on the screen, and time goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting, TimeMap
from augment.tracks import in_range

Array = NDArray[Any]
FREEZE_S = 0.3
"""A burst at least this long is a freeze (notes/domain.md 5: freezes of 0.3..8 s [P])."""


@dataclass(frozen=True, kw_only=True)
class FrameDrop:
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
        lost = self._lost(setting)
        shown = np.maximum.accumulate(np.where(lost, 0, np.arange(setting.length)))
        seconds = float(setting.length / setting.fps)
        return TimeMap(picks=shown, fps=setting.fps, cuts=((0.0, seconds, 1.0),), state=_states(lost, setting))

    def _lost(self, setting: Setting) -> Array:
        """(T,) bool."""
        count = min(round(self.share * setting.length), setting.length - 1)
        lost = np.zeros(setting.length, bool)
        if count == 0:
            return lost
        kept, bursts = setting.length - count, max(1, round(count / self.burst_frames))
        bursts = min(bursts, kept)
        rng = setting.rng("bursts")
        lengths = _parts(rng, count, bursts)
        # one frame more, and taken off again: the clip may end in a burst
        gaps = _parts(rng, kept + 1, bursts + 1)
        at = 0
        for gap, length in zip(gaps, lengths, strict=False):
            at += gap
            lost[at : at + length] = True
            at += length
        return lost


def _parts(rng: np.random.Generator, whole: int, count: int) -> list[int]:
    """`whole` cut at random into `count` parts of at least 1."""
    cuts = np.sort(rng.choice(np.arange(1, whole), count - 1, replace=False))
    return [int(part) for part in np.diff(np.concatenate([[0], cuts, [whole]]))]


def _states(lost: Array, setting: Setting) -> tuple[str, ...]:
    """Per frame "", drop, or freeze where the burst lasts."""
    states, t = [""] * len(lost), 0
    while t < len(lost):
        stop = t
        while stop < len(lost) and lost[stop]:
            stop += 1
        word = "freeze" if float((stop - t) / setting.fps) >= FREEZE_S else "drop"
        states[t:stop] = [word] * (stop - t)
        t = stop + 1
    return tuple(states)
