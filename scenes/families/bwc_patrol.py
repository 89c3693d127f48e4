"""Patrol: the wearer walks, carries what is held, talks on the radio; people pass by. Nothing is raised."""

from __future__ import annotations

import numpy as np

from scenes.families.beats import Beats, Family


def _beats(seconds: float, rng: np.random.Generator) -> Beats:
    at = seconds * (np.array([0.05, 0.15, 0.45]) + rng.uniform(-0.03, 0.03, 3))
    return Beats(move_s=float(at[0]), lift_s=float(at[1]), radio_s=float(at[2]))


BWC_PATROL = Family(venues=("corridor",), beats=_beats, kit=False)
