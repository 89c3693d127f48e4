"""Held: a thing for the wearer's hands.

Its frame is the grip's: the origin in the right fist, +X forward along the thing, +Y left, +Z up through the fist.
The left hand lies palm up at LEFT_HAND_M. Every grip is the same two-handed one, so that in a pair of twins the
hands move alike and only the thing differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scenes.mesh import Mesh

LEFT_HAND_M = (0.100, 0.0, 0.055)
"""Where the left hand's grip is, in the grip's frame."""


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
