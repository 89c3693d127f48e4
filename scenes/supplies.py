"""Supplies: what the packs that a scenario names put at its disposal, and by which names it is credited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scenes import assets
from scenes.people import bodies


@dataclass(frozen=True, kw_only=True, eq=False)
class Supplies:
    """Of one scenario. What no pack supplies is built in."""

    bodies: bodies.Bodies | None = None
    """What people are made of, the wearer too."""
    bodies_from: tuple[str, ...] = ()
    """"pack/item" of these bodies, for Shot.assets."""


def supplies(packs: Mapping[str, str]) -> Supplies:
    """Of the packs of a scenario, name -> hash. AssetError when this machine lacks one, or two hold bodies."""
    opened = {name: assets.open_as_planned(name, sha256) for name, sha256 in packs.items()}
    holding = [name for name, pack in opened.items() if any(item.kind == "body" for item in pack.items)]
    if not holding:
        return Supplies()
    if len(holding) > 1:
        raise assets.AssetError(f"packs must hold one pack of bodies, got {', '.join(holding)}: leave one out")
    pack = opened[holding[0]]
    credited = tuple(f"{holding[0]}/{item.name}" for item in pack.items if item.kind == "body")
    return Supplies(bodies=bodies.load(pack.arrays("body")), bodies_from=credited)
