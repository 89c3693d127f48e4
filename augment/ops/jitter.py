"""Jitter: frames that reach the screen late by a part of a frame; one that misses its instant is shown at the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.kinds import Setting, TimeMap
from augment.tracks import Knob, knob_in_range, values

SHUTTER = 0.5
"""A frame is shown at the instant nearest to its arrival: one that is late by less than half a frame is on time."""


@dataclass(frozen=True, kw_only=True)
class Jitter:
    """Each frame arrives late by an amount of its own; at each instant the newest that has arrived is shown."""

    late_frames: Knob
    """Greatest delay in frames that arrive, 0..3, or a track; evenly spread. Below 0.5 nothing shows. Variable-rate
    phones write frames 0.1..1 frame off their instants [R]."""

    def __post_init__(self) -> None:
        knob_in_range("late_frames", self.late_frames, 0, 3)

    def time_map(self, setting: Setting) -> TimeMap:
        """Never backwards: what arrives behind a newer frame is not shown. The first frame is on time."""
        length = setting.length
        delay = values("late_frames", self.late_frames, setting) * setting.rng("arrivals").uniform(size=length)
        shown_from = np.arange(length) + np.ceil(np.maximum(delay - SHUTTER, 0)).astype(np.int64)
        shown_from[0] = 0
        picks = np.zeros(length, np.int64)
        inside = shown_from < length
        np.maximum.at(picks, shown_from[inside], np.flatnonzero(inside))
        picks = np.maximum.accumulate(picks)
        cuts = ((0.0, float(length / setting.fps), 1.0),)
        late = np.where(picks != np.arange(length), "drop", "")
        return TimeMap(picks=picks, fps=setting.fps, cuts=cuts, state=tuple(late.tolist()))
