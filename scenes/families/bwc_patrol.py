"""Patrol: the wearer walks, carries what is held, talks on the radio; people pass by. Nothing is raised."""

from __future__ import annotations

import numpy as np

from scenes.families.beats import Beats, Family


def _beats(seconds: float, rng: np.random.Generator) -> Beats:
    at = seconds * (np.array([0.05, 0.15, 0.45]) + rng.uniform(-0.03, 0.03, 3))
    return Beats(move_s=float(at[0]), lift_s=float(at[1]), radio_s=float(at[2]))


PARTS = {
    "walk_up": 0.22, "walk_on": 0.14, "wait": 0.08, "talk": 0.16, "phone_ear": 0.07, "phone_look": 0.07,
    "phone_walk": 0.05, "carry_box": 0.04, "carry_bag": 0.07, "greet": 0.04, "show": 0.02, "door": 0.03, "kneel": 0.01,
    "seated": 0.05, "push_trolley": 0.04,
}  # fmt: skip

BWC_PATROL = Family(venues=("corridor",), beats=_beats, kit=False, parts=PARTS)
