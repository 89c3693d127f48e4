"""Incident response: the wearer walks in, something comes into the hands and is raised, people react, it ends."""

from __future__ import annotations

import numpy as np

from scenes.families.beats import Beats, Family, short


def _beats(seconds: float, rng: np.random.Generator) -> Beats:
    jitter = rng.uniform(-1, 1, 8)
    if short(seconds):
        s = min(seconds, 3.0) / 3.0
        raised = s * (1.00 + 0.10 * jitter[2])
        return Beats(
            move_s=s * (0.16 + 0.05 * jitter[0]),
            lift_s=s * (0.34 + 0.08 * jitter[1]),
            raise_s=raised,
            react_s=raised + s * (0.45 + 0.10 * jitter[3]),
        )
    at = seconds * (np.array([0.04, 0.18, 0.34, 0.48, 0.52, 0.68, 0.80, 0.90]) + 0.015 * jitter)
    return Beats(
        move_s=float(at[0]), lift_s=float(at[1]), raise_s=float(at[2]), impulse_s=float(at[3]), react_s=float(at[4]),
        command_s=float(at[5]), lower_s=float(at[6]), stop_s=float(at[7]),
    )  # fmt: skip


INCIDENT_RESPONSE = Family(venues=("corridor",), beats=_beats)
