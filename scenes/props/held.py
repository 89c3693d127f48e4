"""Held: a thing for the wearer's hands, and how hands may hold it.

Its frame is the grip's: the origin in the right fist, +X forward along the thing, +Y left, +Z up through the fist.
A pair's two sides are held in the same way (a row of WAYS), in which both hands are where they are whatever is held:
only the thing differs, and how far the fingers close on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Mesh
from scenes.motion.turns import frame
from scenes.people.hands import Pose, closed_on

Point = tuple[float, float, float]

RIGHT_HAND = frame(np.array([0.955, 0.20, 0.12]), np.array([-0.2, 0.94, 0.0]))
"""The right hand in the grip's frame: fingers ahead, palm left, thumb up; leaning as a fist does."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """A row of WAYS: where the left hand is while the right one holds the thing."""

    left_m: Point | None
    """What the left hand encloses, in the grip's frame; None: the left arm is free and swings."""
    left_turn: Array | None = None
    """(3, 3) of the left hand in the grip's frame; a left hand is a right one mirrored in its own y."""


WAYS: dict[str, Way] = {
    "one_hand": Way(left_m=None),
    "two_apart": Way(
        left_m=(0.165, 0.0, 0.072), left_turn=frame(np.array([0.24, -0.80, 0.55]), np.array([0.0, -0.55, -0.83]))
    ),
    "two_together": Way(
        left_m=(0.002, -0.008, -0.008), left_turn=frame(np.array([0.90, -0.96, 0.18]), np.array([0.96, 0.90, 0.0]))
    ),
}
"""one_hand; two_apart: the left hand under the thing's fore part; two_together: it closes on the right fist."""

ON_FIST = closed_on(0.0385, "on_fist")
"""The left hand about the right fist, which is so thick about what it holds."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """One row of PROPS. Inert and solid: no part moves and none has a function."""

    track_class: str
    """A word of the vocabulary's track_classes."""
    mesh: Callable[[], Mesh]
    """Makes the mesh, m, in the grip's frame."""
    longest_m: float
    """Its longest edge; a law holds the mesh to it."""
    is_prop: bool
    """A training prop, whose simulated discharge is heard; False for a tool."""
    ways: Mapping[str, tuple[Pose, Pose | None]]
    """Way -> how the right hand and the left one close; the usual way first."""
