"""Offset: sound that runs behind the pictures, or ahead of them, by the same time throughout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Offset:
    """Moves the sound against the pictures; what is moved out of the clip is lost, silence comes in."""

    late_s: float
    """-2..2 s; less than 0 is early. Faulty streams 0.04..0.5 either way (notes/domain.md 5, av_fault [P])."""

    def __post_init__(self) -> None:
        in_range("late_s", self.late_s, -2, 2)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """By whole samples."""
        late = round(self.late_s * audio.rate_hz)
        out = np.zeros_like(audio.samples)
        kept = audio.samples[max(0, -late) : max(0, len(out) - max(0, late))]
        out[max(0, late) : max(0, late) + len(kept)] = kept
        return Audio(samples=out, rate_hz=audio.rate_hz)

    def shift_s(self, setting: Setting) -> Array:
        """The same at every instant."""
        return np.full(setting.length, float(self.late_s))

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """What is heard before the clip begins or after it has ended."""
        seconds = float(setting.length / setting.fps)
        lost_s = min(abs(self.late_s), seconds)
        if not lost_s:
            return ()
        return ((seconds - lost_s, seconds),) if self.late_s > 0 else ((0.0, lost_s),)
