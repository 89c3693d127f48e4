"""Rate: another exact frame rate, by picking frames or by playing the same ones at it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from augment.ingest import MAX_FPS, MIN_FPS
from augment.kinds import Setting, TimeMap
from augment.labels.retime import rate_map
from augment.stretches import ratio
from augment.tracks import one_of

FRAMES = ("picked", "kept")


@dataclass(frozen=True, kw_only=True)
class Rate:
    """No frame is blended: 24 -> 30 shows every fourth frame twice, 30 -> 25 leaves every sixth out."""

    fps: float | str
    """1..240, an exact ratio: "30000/1001", "25". Cameras and platforms write 25, 30000/1001 and 30 [C]."""
    frames: str = "picked"
    """picked: the frame nearest to each instant, time stays. kept: every frame, so time runs by the rates' ratio."""

    def __post_init__(self) -> None:
        ratio("fps", self.fps, float(MIN_FPS), float(MAX_FPS))
        one_of("frames", self.frames, FRAMES)

    def time_map(self, setting: Setting) -> TimeMap:
        """24 -> 25 by keeping is the PAL speed-up: sound and events run faster by 25/24."""
        fps = ratio("fps", self.fps, float(MIN_FPS), float(MAX_FPS))
        if self.frames == "picked":
            return rate_map(setting.length, setting.fps, fps)
        cut = (0.0, float(Fraction(setting.length) / setting.fps), float(fps / setting.fps))
        return TimeMap(picks=np.arange(setting.length), fps=fps, cuts=(cut,))
