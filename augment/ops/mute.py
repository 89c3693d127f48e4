"""Mute: a stretch without sound, as in a pre-event buffer or after a platform took the sound away."""

from __future__ import annotations

from dataclasses import dataclass

from augment.footage import Audio
from augment.kinds import Setting
from augment.sound import hushed
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Mute:
    """Silences start..stop. Pre-event buffers are mute for 0..120 s (notes/domain.md 3.2 [S])."""

    start: float = 0.0
    """Share of the clip's length at which it begins, 0..1."""
    stop: float = 1.0
    """Share at which it ends, more than start, at most 1."""

    def __post_init__(self) -> None:
        in_range("start", self.start, 0, 1)
        in_range("stop", self.stop, 0, 1)
        if self.start >= self.stop:
            raise ValueError(f"stop must be more than start, got {self.stop} and {self.start}")

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Zero inside the stretch, faded just outside."""
        return hushed(audio, self.silences(setting))

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """The stretch, in seconds of the clip."""
        seconds = float(setting.length / setting.fps)
        return ((self.start * seconds, self.stop * seconds),)
