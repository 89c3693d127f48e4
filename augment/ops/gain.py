"""Gain: the recording level, by hand or by an automatic that rides it, up to where it clips."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import blocks
from augment.tracks import Knob, in_range, knob_in_range, values

STEP_S = 0.01
"""The automatic listens to so much at a time."""
MOST_DB, LEAST_DB = 30.0, -30.0
"""It turns up and down no further [P]."""
PAUSE_DB = -55.0
"""Quieter sound is a pause: the automatic leaves its gain alone [P]."""


@dataclass(frozen=True, kw_only=True)
class Gain:
    """Multiplies the sound and clips it at full scale, as a recorder does."""

    gain_db: Knob = 0.0
    """-60..40 dB, or a track over the clip's frames."""
    automatic_db: float | None = None
    """RMS against full scale that an automatic aims at behind the gain, -40..-6 dB; None: there is none. -20 [P]."""
    attack_s: float = 0.05
    """Time constant of turning down, 0.005..1 s [P]."""
    release_s: float = 1.5
    """Time constant of turning up, 0.05..10 s [P]."""

    def __post_init__(self) -> None:
        knob_in_range("gain_db", self.gain_db, -60, 40)
        if self.automatic_db is not None:
            in_range("automatic_db", self.automatic_db, -40, -6)
        in_range("attack_s", self.attack_s, 0.005, 1)
        in_range("release_s", self.release_s, 0.05, 10)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Between frames a track's level goes linearly, between steps the automatic's."""
        samples, rate_hz = audio.samples, audio.rate_hz
        frame_s = np.arange(setting.length) / float(setting.fps)
        level_db = values("gain_db", self.gain_db, setting)
        out = np.empty_like(samples)
        for block in blocks(len(out)):
            at_s = np.arange(block.start, block.stop) / rate_hz
            db = np.interp(at_s, frame_s, level_db)
            out[block] = samples[block] * (10 ** (db / 20)).astype(np.float32)[:, None]
        if self.automatic_db is not None:
            ridden = 10 ** (self.ridden_db(out, rate_hz) / 20)
            step = round(STEP_S * rate_hz)
            for block in blocks(len(out)):
                level = np.interp(np.arange(block.start, block.stop), step * np.arange(1, len(ridden) + 1), ridden)
                out[block] *= level.astype(np.float32)[:, None]
        return Audio(samples=np.clip(out, -1, 1, out=out), rate_hz=rate_hz)

    def ridden_db(self, samples: Array, rate_hz: int) -> Array:
        """The automatic's gain after each step of the sound; it begins settled."""
        assert self.automatic_db is not None
        step = round(STEP_S * rate_hz)
        power = [float(np.square(samples[n : n + step]).mean()) for n in range(0, len(samples), step)]
        level_db = 10 * np.log10(np.maximum(power, 1e-12))
        wanted_db = np.clip(self.automatic_db - level_db, LEAST_DB, MOST_DB)
        down, up = (1 - math.exp(-STEP_S / time_s) for time_s in (self.attack_s, self.release_s))
        loud = np.flatnonzero(level_db > PAUSE_DB)
        now_db = float(wanted_db[loud[0]]) if len(loud) else 0.0
        gains_db = np.empty(len(wanted_db))
        for n, (wanted, level) in enumerate(zip(wanted_db.tolist(), level_db.tolist(), strict=True)):
            if level > PAUSE_DB:
                now_db += (wanted - now_db) * (down if wanted < now_db else up)
            gains_db[n] = now_db
        return gains_db

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None: what is quiet can still be heard."""
        return ()
