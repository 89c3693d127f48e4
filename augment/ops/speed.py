"""Speed: a stretch of the clip, or all of it, played slower or faster; sound and events go with it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from augment.kinds import Setting, TimeMap
from augment.stretches import played, ratio, seconds
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Frames are picked, never blended; the rate stays and the length changes. Re-uploads: 0.8..1.25 (see speed)."""

    speed: float | str
    """0.1..10, an exact ratio: "5/4" or a number. 2 is twice as fast. Re-uploads 0.8..1.25 [P]."""
    start: float = 0.0
    """Share of the clip's length at which the stretch begins, 0..1."""
    stop: float = 1.0
    """Share at which it ends, more than start, at most 1."""

    def __post_init__(self) -> None:
        ratio("speed", self.speed, 0.1, 10)
        in_range("start", self.start, 0, 1)
        in_range("stop", self.stop, 0, 1)
        if self.start >= self.stop:
            raise ValueError(f"stop must be more than start, got {self.stop} and {self.start}")

    def time_map(self, setting: Setting) -> TimeMap:
        """The length is that of the stretches to the nearest frame."""
        length, speed = Fraction(setting.length), ratio("speed", self.speed, 0.1, 10)
        first, last = (Fraction(share).limit_denominator(10**6) * length for share in (self.start, self.stop))
        cuts = ((Fraction(0), first, Fraction(1)), (first, last, speed), (last, length, Fraction(1)))
        count = round(first + (last - first) / speed + length - last)
        if count < 1:
            kept = f"{setting.length} frames at {float(speed):g} times their speed"
            raise ValueError(f"speed must leave a frame, got {kept}; play slower")
        picks = played(cuts, length=setting.length, count=count)
        return TimeMap(picks=picks, fps=setting.fps, cuts=seconds(cuts, setting.fps))
