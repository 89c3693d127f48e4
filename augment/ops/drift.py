"""Drift: two clocks that do not agree, so sound runs away from the pictures bit by bit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import read_at
from augment.tracks import in_range


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Plays the sound slower (or faster) by parts per million from the clip's start; pitch moves as little."""

    ppm: float
    """-5000..5000; above 0 sound falls behind. Crystals differ by 10..100; broken muxers by 2000 (2 ms/s, av_fault
    of notes/domain.md 5 [P]); 30 against 30000/1001 by 1000 [C]."""

    def __post_init__(self) -> None:
        in_range("ppm", self.ppm, -5000, 5000)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Resampled; silence at the end where the sound is over first."""
        out = np.zeros_like(audio.samples)
        read_at(audio.samples, out, first=0.0, step=1 / (1 + self.ppm * 1e-6))
        return Audio(samples=np.clip(out, -1, 1, out=out), rate_hz=audio.rate_hz)

    def shift_s(self, setting: Setting) -> Array:
        """Grows with the instant."""
        return np.arange(setting.length) / float(setting.fps) * self.ppm * 1e-6

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """The clip's last instants, whose sound would come after its end."""
        seconds = float(setting.length / setting.fps)
        heard_s = seconds / (1 + self.ppm * 1e-6)
        return ((heard_s, seconds),) if heard_s < seconds else ()
