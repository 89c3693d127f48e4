"""Splits go by unit: root source ∪ twin ∪ all sources of a multi-source clip. What is related never parts.

A unit is named after its members' roots, and its split is decided by the hash of that name alone: adding other units
moves none, and the same clips come out the same on any machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, kw_only=True)
class Member:
    """What a split must know of a clip."""

    name: str
    parents: tuple[str, ...] = ()
    """Names of the clips it was made from; each must be a member too."""
    pair: str = ""
    """The pair that it and its twin share; "" for none."""


def units(members: Iterable[Member]) -> dict[str, str]:
    """The unit of each member, by union-find. A unit's name is the least of its roots' names, a pair's for a twin."""
    everyone = {member.name: member for member in members}
    parent_of = {name: name for name in everyone} | {_pair(m): _pair(m) for m in everyone.values() if m.pair}

    def top(node: str) -> str:
        while parent_of[node] != node:
            parent_of[node] = parent_of[parent_of[node]]
            node = parent_of[node]
        return node

    for member in everyone.values():
        for parent in member.parents:
            if parent not in everyone:
                raise ValueError(f"{member.name}: every parent must be there to be split with it, {parent} is missing")
            parent_of[top(member.name)] = top(parent)
        if member.pair:
            parent_of[top(member.name)] = top(_pair(member))

    names: dict[str, str] = {}
    for member in everyone.values():
        if not member.parents:
            own = _pair(member) if member.pair else member.name
            names[top(member.name)] = min(own, names.get(top(member.name), own))
    rootless = next((name for name in everyone if top(name) not in names), None)
    if rootless is not None:
        raise ValueError(f"{rootless}: its parents must lead to a root, got a circle")
    return {name: names[top(name)] for name in everyone}


def assign(unit: str, shares: Mapping[str, float], *, seed: int) -> str:
    """The split of a unit: the hash of its name, laid on the shares in the order of the splits' names."""
    parts = {name: Fraction(str(share)) for name, share in sorted(shares.items())}
    short_of_one = 1 - sum(parts.values(), Fraction(0))
    if min(parts.values(), default=-1) < 0 or abs(short_of_one) > Fraction(1, 10**9):
        raise ValueError(f"splits must be shares of at least 0 that add up to 1, got {dict(shares)}")
    digest = hashlib.sha256(f"split/{seed}/{unit}".encode()).digest()
    at, edge = Fraction(int.from_bytes(digest[:8], "big"), 2**64), Fraction(0)
    for name, share in parts.items():
        edge += share
        if at < edge:
            return name
    return max(name for name, share in parts.items() if share)


def _pair(member: Member) -> str:
    return f"pair:{member.pair}"
