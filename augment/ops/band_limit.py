"""Band limit: what a telephone line, a cheap microphone or the cloth over one lets through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from augment.footage import Array, Audio
from augment.kinds import Setting
from augment.sound import delay_samples, edge, filtered, peak
from augment.tracks import in_range, one_of

BANDS: Mapping[str, tuple[float, float, int, float, float]] = {
    # low_hz, high_hz (-3 dB), order of both edges, resonance in Hz and dB
    "telephone": (300, 3400, 6, 0, 0),  # ITU-T G.712's band [R]
    "voice_note": (80, 7000, 4, 0, 0),  # wideband speech codecs [R]
    "mems": (120, 11000, 2, 7500, 5),  # a port of 1 mm before a cheap capsule rings at 6..15 kHz [P]
    "cloth": (60, 1400, 2, 0, 0),  # under a jacket: about 12 dB/octave from 1..2 kHz [P]
    "case": (150, 4500, 2, 1800, 6),  # behind a housing: a box that rings [P]
}
"""What it goes through -> its band."""


@dataclass(frozen=True, kw_only=True)
class BandLimit:
    """Causal filters; what they hold back in the middle of the band is taken back, so nothing shifts."""

    through: str
    """A row of BANDS."""
    low_hz: float | None = None
    """Its lower edge instead, 20..1000 Hz."""
    high_hz: float | None = None
    """Its upper edge instead, 500..20000 Hz; nothing is taken where the sound's rate ends below."""

    def __post_init__(self) -> None:
        one_of("through", self.through, BANDS)
        if self.low_hz is not None:
            in_range("low_hz", self.low_hz, 20, 1000)
        if self.high_hz is not None:
            in_range("high_hz", self.high_hz, 500, 20000)
        low_hz, high_hz, *_ = self.band()
        if low_hz >= high_hz:
            raise ValueError(f"high_hz must be above low_hz, got {high_hz:g} and {low_hz:g}")

    def band(self) -> tuple[float, float, int, float, float]:
        """low_hz, high_hz, order, resonance_hz, resonance_db."""
        low_hz, high_hz, *shape = BANDS[self.through]
        return (self.low_hz or low_hz, self.high_hz or high_hz, *shape)  # type: ignore[return-value]

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Both edges are at -3 dB; sound that would swing above full scale is cut there."""
        sections, rate_hz = self.sections(audio.rate_hz), audio.rate_hz
        low_hz, high_hz, *_ = self.band()
        middle_hz = math.sqrt(low_hz * min(high_hz, 0.45 * rate_hz))
        ahead = max(0, round(delay_samples(sections, middle_hz, rate_hz=rate_hz)))
        out = filtered(np.pad(audio.samples, ((0, ahead), (0, 0))), sections)[ahead:]
        return Audio(samples=np.clip(out, -1, 1, out=out), rate_hz=rate_hz)

    def sections(self, rate_hz: int) -> Array:
        """(S, 6) second-order sections at a rate."""
        low_hz, high_hz, order, rings_hz, rings_db = self.band()
        return np.concatenate(
            [
                edge("highpass", low_hz, order=order, rate_hz=rate_hz),
                edge("lowpass", high_hz, order=order, rate_hz=rate_hz),
                peak(rings_hz, rings_db, rate_hz=rate_hz),
            ]
        )

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """None: what is muffled can still be heard."""
        return ()
