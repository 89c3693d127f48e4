"""Beats: the instants of one exercise that somebody watching could name; and Family, the row that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Beats:
    """Seconds from the start of the clip; None where a family has no such beat. Drawn without a look at what is
    held, so that twins have the same."""

    move_s: float
    """The wearer sets out."""
    lift_s: float
    """The hands begin to bring what they hold into view."""
    raise_s: float | None = None
    """The hands begin to raise it before the camera."""
    impulse_s: float | None = None
    """The loud impulse of a simulated discharge; heard only where a training prop is held."""
    react_s: float | None = None
    """People begin to react."""
    command_s: float | None = None
    """A shouted command."""
    radio_s: float | None = None
    lower_s: float | None = None
    """The hands begin to lower it again."""
    stop_s: float | None = None
    """The umpire ends the exercise."""

    def __post_init__(self) -> None:
        for beat in fields(self):
            at = getattr(self, beat.name)
            if at is not None and at < 0:
                raise ValueError(f"{beat.name} must not lie before the clip, got {at}")


PASSERS_BY: Mapping[str, float] = {
    "walk_up": 0.24, "walk_on": 0.16, "wait": 0.10, "talk": 0.14, "phone_ear": 0.06, "phone_look": 0.06,
    "phone_walk": 0.05, "carry_box": 0.05, "carry_bag": 0.06, "greet": 0.03, "show": 0.02, "door": 0.05, "kneel": 0.02,
    "seated": 0.05, "push_trolley": 0.04,
}  # fmt: skip
CALM_REACTIONS: Mapping[str, float] = {
    "look": 0.06, "back_off": 0.12, "hands_up": 0.17, "ward_off": 0.12, "film": 0.05, "point": 0.03, "crouch": 0.09,
    "take_cover": 0.10, "kneel_hands_up": 0.05, "lie_down": 0.06, "walk_off": 0.06, "hurry_off": 0.04, "run_off": 0.08,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Family:
    """One row of FAMILIES."""

    venues: tuple[str, ...]
    """Rows of VENUES that can host it."""
    beats: Callable[[float, np.random.Generator], Beats]
    """Draws the beats of a clip of so many seconds."""
    kit: bool = True
    """People wear the tabards of an exercise."""
    parts: Mapping[str, float] = field(default_factory=lambda: PASSERS_BY)
    """Row of scenes.motion.parts.PARTS -> how often, what people do before anything happens."""
    reactions: Mapping[str, float] = field(default_factory=lambda: CALM_REACTIONS)
    """Row of scenes.motion.parts.REACTIONS -> how often, what they do at `react_s`."""


def short(seconds: float) -> bool:
    """Clips that hold only the first beats."""
    return seconds < 6.0
