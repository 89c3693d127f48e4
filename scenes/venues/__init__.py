"""The table of venues: each lays itself out from its knobs, in metres."""

from scenes.venues.corridor import Corridor

VENUES: dict[str, type[Corridor]] = {"corridor": Corridor}

__all__ = ["VENUES"]
