"""What is related never parts, and a unit's split depends on nothing but the unit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth.dataset.splits import Member, assign, units

THREE = {"train": 0.6, "val": 0.2, "test": 0.2}


@st.composite
def families(draw: Any, prefix: str = "m") -> list[Member]:
    """Roots, some in pairs, and children of one or two of those before them."""
    members: list[Member] = []
    for number in range(draw(st.integers(1, 25))):
        name = f"{prefix}{draw(st.integers(0, 10**9)):010d}-{number}"
        parents: tuple[str, ...] = ()
        if members and draw(st.booleans()):
            parents = tuple(draw(st.lists(st.sampled_from([m.name for m in members]), min_size=1, max_size=2)))
        pair = "" if parents else draw(st.sampled_from(["", "", f"{prefix}-a", f"{prefix}-b"]))
        members.append(Member(name=name, parents=parents, pair=pair))
    return members


@settings(max_examples=100, deadline=None)
@given(families())
def test_pairs_and_descendants_share_a_unit(members: list[Member]) -> None:
    unit_of = units(members)
    first_of_pair: dict[str, str] = {}
    for member in members:
        for parent in member.parents:
            assert unit_of[member.name] == unit_of[parent]
        if member.pair:
            assert unit_of[first_of_pair.setdefault(member.pair, member.name)] == unit_of[member.name]


def reached(members: list[Member], start: str) -> set[str]:
    """Everything that relation leads to, by plain search."""
    by_name = {m.name: m for m in members}
    seen, wanted = set(), [start]
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            me = by_name[name]
            wanted += [*me.parents, *(m.name for m in members if name in m.parents or (me.pair and m.pair == me.pair))]
    return seen


@settings(max_examples=60, deadline=None)
@given(families())
def test_the_unrelated_are_apart(members: list[Member]) -> None:
    unit_of = units(members)
    for member in members:
        assert {name for name in unit_of if unit_of[name] == unit_of[member.name]} == reached(members, member.name)


@settings(max_examples=60, deadline=None)
@given(families("a"), families("b"), st.randoms())
def test_adding_units_moves_none_and_order_does_not_matter(here: list[Member], there: list[Member], order: Any) -> None:
    alone = units(here)
    together = [*here, *there]
    order.shuffle(together)
    both = units(together)
    assert {name: both[name] for name in alone} == alone
    assert all(assign(alone[n], THREE, seed=1) == assign(both[n], THREE, seed=1) for n in alone)


def test_shares_are_met() -> None:
    split_of = [assign(f"unit {n}", THREE, seed=7) for n in range(6000)]
    for split, share in THREE.items():
        assert abs(split_of.count(split) / 6000 - share) < 0.03
    assert split_of != [assign(f"unit {n}", THREE, seed=8) for n in range(6000)]


def test_one_split_takes_all() -> None:
    assert {assign(f"unit {n}", {"all": 1.0}, seed=0) for n in range(100)} == {"all"}


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": 0.6, "b": 0.6}])
def test_shares_that_are_none_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        assign("unit", shares, seed=0)


def test_a_parent_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="child: every parent must be there to be split with it, gone is missing"):
        units([Member(name="child", parents=("gone",))])


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        units([Member(name="a", parents=("b",)), Member(name="b", parents=("a",))])
