"""Place: a venue laid out, in metres: what stands in it, where lamps hang, where people may stand and walk."""

from __future__ import annotations

from dataclasses import dataclass

from scenes.motion.steps import Stand
from scenes.shot import Material, Solid

Rectangle = tuple[float, float, float, float]
"""x0, y0, x1, y1 in metres."""
Plan = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A named place on the floor."""

    name: str
    stand: Stand
    height_m: float = 0.0
    """Of the seat behind who stands there; 0: there is none."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a row of VENUES makes."""

    solids: tuple[Solid, ...]
    materials: tuple[Material, ...]
    lamps_m: tuple[tuple[float, float, float], ...]
    """Where lamps hang, shining down."""
    lamp_power_w: float
    lamp_size_m: tuple[float, float]
    floor: Rectangle
    """Where a person's middle may be, walls kept clear of; a level floor at z = 0."""
    walls: Rectangle
    """What the walls enclose: no arm goes beyond it."""
    furniture: tuple[Rectangle, ...]
    """What stands on the floor."""
    marks: tuple[Mark, ...]
    """`wearer` is where the camera's route begins; it goes where the mark looks."""
    plan: Plan
    room_m: tuple[float, float, float]


def corners(r: Rectangle) -> tuple[tuple[float, float], ...]:
    """The polygon of a rectangle."""
    x0, y0, x1, y1 = r
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
