"""Mute: a stretch without sound, as in a pre-event buffer or after a platform took the sound away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Audio
from augment.kinds import Setting
from augment.tracks import in_range

FADE_S = 0.005
"""Sound fades for this long outside the stretch: a jump would be a click that nobody's recorder makes [P]."""


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
        ((start_s, stop_s),) = self.silences(setting)
        instants_s = np.arange(len(audio.samples)) / audio.rate_hz
        away_s = np.maximum(start_s - instants_s, instants_s - stop_s)
        level = np.clip(away_s / FADE_S, 0, 1)[:, None]
        return Audio(samples=(audio.samples * level).astype(np.float32), rate_hz=audio.rate_hz)

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """The stretch, in seconds of the clip."""
        seconds = float(setting.length / setting.fps)
        return ((self.start * seconds, self.stop * seconds),)
