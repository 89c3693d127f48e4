"""Gain: the recording level, up to where it clips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Audio
from augment.kinds import Setting
from augment.tracks import Knob, knob_in_range, values


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Multiplies the sound and clips it at full scale, as a recorder does."""

    gain_db: Knob
    """-60..40 dB, or a track over the clip's frames."""

    def __post_init__(self) -> None:
        knob_in_range("gain_db", self.gain_db, -60, 40)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Between frames a track's level goes linearly."""
        level_db = values("gain_db", self.gain_db, setting)
        instants_s = np.arange(len(audio.samples)) / audio.rate_hz
        db = np.interp(instants_s, np.arange(setting.length) / float(setting.fps), level_db)
        loud = audio.samples * (10 ** (db / 20))[:, None]
        return Audio(samples=np.clip(loud, -1, 1).astype(np.float32), rate_hz=audio.rate_hz)

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None: what is quiet can still be heard."""
        return ()
