"""Wind: low rumble on the microphone that comes in gusts, louder than what is said when it blows hard."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import blocks, falling, filter_state, filtered_on
from augment.tracks import Knob, in_range, knob_in_range, values

SLOPE = -5 / 3
"""Exponent of the power spectrum in the inertial range of turbulence (Kolmogorov) [R]."""
LOW_HZ, HIGH_HZ = 15.0, 16000.0
"""The slope holds between these; below, a microphone hears nothing [P]."""
GUST_HZ = 0.4
"""Gusts come and go at up to this rate [P]."""


@dataclass(frozen=True, kw_only=True)
class Wind:
    """Adds rumble, drawn for each channel alone as wind hits each capsule alone, and cuts at full scale."""

    level_db: Knob
    """RMS of the rumble against full scale at the median wind, -70..0 dB, or a track."""
    gusts: float = 0.6
    """How far the wind's speed swings about its median, 0..1; pressure goes with its square."""

    def __post_init__(self) -> None:
        knob_in_range("level_db", self.level_db, -70, 0)
        in_range("gusts", self.gusts, 0, 1)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Noise is made block by block; the same whatever the sound is."""
        samples, rate_hz = audio.samples, audio.rate_hz
        sections = falling(SLOPE, LOW_HZ, min(HIGH_HZ, 0.45 * rate_hz), rate_hz=rate_hz)
        rng, state = setting.rng("rumble"), filter_state(sections, samples.shape[1])
        frame_s = np.arange(setting.length) / float(setting.fps)
        level = 10 ** (values("level_db", self.level_db, setting) / 20) * self.blows(setting) ** 2
        out = np.empty_like(samples)
        for block in blocks(len(out)):
            white = rng.standard_normal((block.stop - block.start, samples.shape[1]), np.float32)
            rumble, state = filtered_on(white, sections, state)
            loud = np.interp(np.arange(block.start, block.stop) / rate_hz, frame_s, level).astype(np.float32)
            out[block] = np.clip(samples[block] + rumble * loud[:, None], -1, 1)
        return Audio(samples=out, rate_hz=rate_hz)

    def blows(self, setting: Setting) -> Array:
        """(T,) wind speed over its median: six slow sines of drawn phase, 6 dB of pressure RMS at full gusts [P]."""
        t_s, rng = np.arange(setting.length) / float(setting.fps), setting.rng("gusts")
        hz, phase = GUST_HZ * rng.uniform(0.1, 1, 6), rng.uniform(0, 2 * math.pi, 6)
        swing = np.sin(2 * math.pi * t_s[:, None] * hz + phase).sum(axis=1) / math.sqrt(6 / 2)
        return np.asarray(np.exp(0.35 * self.gusts * swing))

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None: it drowns in degrees; the level says how far."""
        return ()
