"""Dropout: gaps in the sound, where packets of it were lost: silence, or the last buffer over and over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from augment.footage import Audio
from augment.kinds import Setting
from augment.sound import FADE_S, hushed
from augment.stretches import bursts, runs
from augment.tracks import in_range, one_of

STEP_S = 0.02
"""Gaps are made of packets so long: Opus and most voice codecs send 20 ms [R]."""
FILLS = ("silence", "repeat")


@dataclass(frozen=True, kw_only=True)
class Dropout:
    """Loses a share of the sound's packets in bursts; pictures and clock go on."""

    share: float
    """Sound lost, 0..0.9 of all; the first packet always comes."""
    gap_s: float = 0.6
    """Mean length of a gap, 0.02..10 s; 0.2..3 (notes/domain.md 5, av_fault [P])."""
    fill: str = "silence"
    """silence, or repeat: a stuck buffer, the last packet over and over."""

    def __post_init__(self) -> None:
        in_range("share", self.share, 0, 0.9)
        in_range("gap_s", self.gap_s, STEP_S, 10)
        one_of("fill", self.fill, FILLS)

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """Silence is faded just outside the gap."""
        gaps = self.silences(setting)
        if self.fill == "silence":
            return hushed(audio, gaps)
        out, rate_hz = audio.samples.copy(), audio.rate_hz
        size = round(STEP_S * rate_hz)
        fade = np.minimum(1.0, np.arange(size) / (FADE_S * rate_hz))
        ends = np.minimum(fade, fade[::-1]).astype(np.float32)[:, None]
        for start_s, stop_s in gaps:
            first, stop = round(start_s * rate_hz), min(round(stop_s * rate_hz), len(out))
            packet = out[max(0, first - size) : first]
            if len(packet) and stop > first:
                packet = packet * ends[-len(packet) :]
                out[first:stop] = np.tile(packet, (-(-(stop - first) // len(packet)), 1))[: stop - first]
        return Audio(samples=out, rate_hz=rate_hz)

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """The gaps: nothing of what happens there is heard, whatever fills them."""
        count = max(1, round(float(setting.length / setting.fps) / STEP_S))
        mean = max(1.0, self.gap_s / STEP_S)
        lost = bursts(setting.rng("gaps"), count, count=round(self.share * count), mean=mean)
        return tuple((first * STEP_S, stop * STEP_S) for first, stop in runs(lost))
