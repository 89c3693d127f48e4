"""Room: walls that answer, a stairwell or a hall; the direct sound stays where it is, in time and in level."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import convolved
from augment.tracks import in_range

FIRST_S = 0.004
"""The first wall answers this late, at 1.4 m; the tail begins here [P]."""


@dataclass(frozen=True, kw_only=True)
class Room:
    """Adds a tail of decaying noise, drawn for each channel alone, behind the direct sound."""

    rt60_s: float
    """Seconds in which the tail falls by 60 dB, 0.1..4: office 0.4, corridor 1, stairwell or station hall 2..3 [P]."""
    direct_db: float = 3.0
    """Energy of the direct sound over that of the tail, -12..24 dB: 10 at arm's length, below 0 far away [P]."""

    def __post_init__(self) -> None:
        in_range("rt60_s", self.rt60_s, 0.1, 4)
        in_range("direct_db", self.direct_db, -12, 24)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Sound that would swing above full scale is cut there; what rings after the clip is lost."""
        response = self.response(setting, audio.rate_hz, audio.samples.shape[1])
        out = convolved(audio.samples, response)
        out += audio.samples
        return Audio(samples=np.clip(out, -1, 1, out=out), rate_hz=audio.rate_hz)

    def response(self, setting: Setting, rate_hz: int, channels: int) -> Array:
        """(K, C) float32 of the tail alone, down to -60 dB; of the energy that `direct_db` says."""
        t_s = np.arange(round(self.rt60_s * rate_hz)) / rate_hz
        fall = np.where(t_s < FIRST_S, 0.0, 10 ** (-3 * t_s / self.rt60_s))
        tail = setting.rng("tail").standard_normal((len(t_s), channels)) * fall[:, None]
        tail *= 10 ** (-self.direct_db / 20) / math.sqrt(1e-12 + float((tail**2).sum()) / channels)
        return np.asarray(tail, np.float32)

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None."""
        return ()
