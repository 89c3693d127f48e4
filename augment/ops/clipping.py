"""Clipping: a recording level set too high, so loud sound is cut off at a ceiling, at once or gradually."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Audio
from augment.kinds import Setting
from augment.sound import blocks
from augment.tracks import in_range, one_of

KNEES = ("hard", "soft")


@dataclass(frozen=True, kw_only=True)
class Clipping:
    """Drives the sound into a ceiling: hard as a converter at full scale, soft as an analogue stage or a limiter."""

    drive_db: float
    """Gain before the ceiling, 0..40 dB; a shout at arm's length is 10..25 dB too loud for speech settings [P]."""
    ceiling_db: float = 0.0
    """The ceiling under full scale, -30..0 dB; a stage before the converter clips below 0 [P]."""
    knee: str = "hard"
    """hard: straight up to the ceiling. soft: tanh, which adds odd harmonics long before it."""

    def __post_init__(self) -> None:
        in_range("drive_db", self.drive_db, 0, 40)
        in_range("ceiling_db", self.ceiling_db, -30, 0)
        one_of("knee", self.knee, KNEES)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Sample by sample; what folds back from above half the rate is the converter's own."""
        drive, ceiling = (np.float32(10 ** (db / 20)) for db in (self.drive_db, self.ceiling_db))
        out = np.empty_like(audio.samples)
        for block in blocks(len(out)):
            loud = audio.samples[block] * drive
            out[block] = np.clip(loud, -ceiling, ceiling) if self.knee == "hard" else ceiling * np.tanh(loud / ceiling)
        return Audio(samples=out, rate_hz=audio.rate_hz)

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None: what is torn can still be heard."""
        return ()
