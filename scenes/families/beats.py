"""Beats: the instants of one exercise that somebody watching could name; and Family, the row that draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

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


@dataclass(frozen=True, kw_only=True)
class Family:
    """One row of FAMILIES."""

    venues: tuple[str, ...]
    """Rows of VENUES that can host it."""
    beats: Callable[[float, np.random.Generator], Beats]
    """Draws the beats of a clip of so many seconds."""
    kit: bool = True
    """People wear the tabards of an exercise."""


def short(seconds: float) -> bool:
    """Clips that hold only the first beats."""
    return seconds < 6.0
