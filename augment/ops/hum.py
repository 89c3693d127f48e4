"""Hum: the country's mains and its harmonics, from a bad cable or a lamp's ballast beside the microphone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import blocks
from augment.tracks import Knob, knob_in_range, values

DRIFT_HZ, DRIFT_S = 0.02, 40.0
"""The grid's frequency swings by so much in so long: within 0.05 Hz nearly always [R]."""


@dataclass(frozen=True, kw_only=True)
class Hum:
    """Adds sines at multiples of the mains, in phase over the whole clip, and cuts at full scale."""

    mains_hz: int
    """50 or 60: the country's (configs/profiles/countries)."""
    level_db: Knob
    """RMS against full scale, -80..-10 dB, or a track; -55..-35 is heard in pauses [P]."""
    harmonics: int = 8
    """How many multiples, 1..20: 1 is a pure hum, many is a buzz. Even ones are weaker by half [P]."""

    def __post_init__(self) -> None:
        if self.mains_hz not in (50, 60):
            raise ValueError(f"mains_hz must be 50 or 60, got {self.mains_hz!r}")
        knob_in_range("level_db", self.level_db, -80, -10)
        if not isinstance(self.harmonics, int) or not 1 <= self.harmonics <= 20:
            raise ValueError(f"harmonics must be a whole number in 1..20, got {self.harmonics!r}")

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """The same on all channels: it comes by the cable."""
        samples, rate_hz = audio.samples, audio.rate_hz
        cycle = self.cycle(setting, rate_hz)
        swing = setting.rng("grid").uniform(0, 2 * math.pi)
        frame_s = np.arange(setting.length) / float(setting.fps)
        level = 10 ** (values("level_db", self.level_db, setting) / 20)
        out = np.empty_like(samples)
        for block in blocks(len(out)):
            t_s = np.arange(block.start, block.stop) / rate_hz
            late = DRIFT_HZ * DRIFT_S / (2 * math.pi) * np.cos(2 * math.pi * t_s / DRIFT_S + swing)
            turns = (self.mains_hz * t_s - late) % 1.0
            wave = cycle[(turns * len(cycle)).astype(np.int64)] * np.interp(t_s, frame_s, level)
            out[block] = np.clip(samples[block] + wave.astype(np.float32)[:, None], -1, 1)
        return Audio(samples=out, rate_hz=rate_hz)

    def cycle(self, setting: Setting, rate_hz: int) -> Array:
        """(32768,) one turn of the mains with RMS 1, of what is below half the rate."""
        rng = setting.rng("harmonics")
        number = np.arange(1, self.harmonics + 1)
        size = rng.uniform(0.4, 1, len(number)) / number * np.where(number % 2, 1.0, 0.5)
        phase = rng.uniform(0, 2 * math.pi, len(number))
        size[0], size[number * self.mains_hz >= 0.48 * rate_hz] = 1.0, 0.0
        turn = np.arange(1 << 15)[:, None] / (1 << 15)
        wave = (size * np.sin(2 * math.pi * number * turn + phase)).sum(axis=1)
        return np.asarray(wave / wave.std())

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None."""
        return ()
