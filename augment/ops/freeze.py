"""Freeze: the picture stands for a while; then it jumps to now, or what was missed is played faster until it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from augment.kinds import Setting, TimeMap
from augment.stretches import Cut, played, ratio
from augment.stretches import seconds as in_seconds
from augment.tracks import in_range, one_of

AFTER = ("jump", "catch_up")
SOUNDS = ("goes_on", "silent")
STAND = Fraction(1, 10**5)
"""Of a frame: a stall is this last bit of what was shown, played as slowly as it takes."""


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """The last frame that came stands; the clip keeps its length. Freezes last 0.3..8 s (notes/domain.md 5 [P])."""

    start: float
    """Share of the clip's length at which the picture stops, 0..1."""
    seconds: float
    """For how long, 0.05..60."""
    after: str = "jump"
    """jump: the missed frames are never seen (a call, WebRTC). catch_up: they are played faster (a live player)."""
    catch_up: float | str = "3/2"
    """Speed of playing what was missed, an exact ratio in 1.05..8; players take 1.1..2 [R]."""
    sound: str = "goes_on"
    """goes_on or silent while the picture stands; a player that catches up stalls as a whole, so it is silent."""

    def __post_init__(self) -> None:
        in_range("start", self.start, 0, 1)
        in_range("seconds", self.seconds, 0.05, 60)
        one_of("after", self.after, AFTER)
        ratio("catch_up", self.catch_up, 1.05, 8)
        one_of("sound", self.sound, SOUNDS)
        if self.after == "catch_up" and self.sound != "silent":
            raise ValueError("sound must be silent where after is catch_up: both are played later, got 'goes_on'")

    def time_map(self, setting: Setting) -> TimeMap:
        """Frames [first, stop) show the one before `first`; the clip's first frame always came."""
        length, fps = setting.length, setting.fps
        first = max(1, min(round(self.start * length), length - 1))
        stop = min(length, first + max(1, round(self.seconds * fps)))
        whole = Fraction(length)
        cuts: Sequence[Cut] = ((Fraction(0), whole, Fraction(1)),)
        if self.after == "catch_up" and stop > first:
            cuts = _caught_up(Fraction(first), Fraction(stop), whole, ratio("catch_up", self.catch_up, 1.05, 8))
        picks = played(cuts, length=length, count=length)
        picks[first:stop] = first - 1
        frozen = (np.arange(length) >= first) & (np.arange(length) < stop)
        stood = ((float(first / fps), float(stop / fps)),) if self.sound == "silent" and stop > first else ()
        return TimeMap(
            picks=picks,
            fps=fps,
            cuts=in_seconds(cuts, fps),
            state=tuple(np.where(frozen, "freeze", "").tolist()) if frozen.any() else (),
            silent=stood,
        )


def _caught_up(first: Fraction, stop: Fraction, whole: Fraction, speed: Fraction) -> Sequence[Cut]:
    """Up to `first`, a stall, the missed frames faster, and now again; in `whole` frames altogether."""
    stand = stop - first
    behind = min(stand / (speed - 1), whole - stop)
    """Frames for which the picture is late; the clip may end before it has caught up."""
    now = first + behind * speed
    return (
        (Fraction(0), first - STAND, Fraction(1)),
        (first - STAND, first, STAND / (stand + STAND)),
        (first, now, speed),
        (now, now + whole - stop - behind, Fraction(1)),
    )
