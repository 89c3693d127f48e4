"""Laws of recipes: draws stay in their range, come from names, and shift nothing else."""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth import seeds
from synth.recipe import DISTRIBUTIONS, corners, distribution, draw, leaves

SAMPLES = {
    "constant": {"constant": {"choice": [1, 2]}},
    "uniform": {"uniform": [-2.0, 3.0]},
    "integers": {"integers": [2, 5]},
    "choice": {"choice": ["a", "b", "c"]},
    "weighted": {"weighted": {"a": 3, "b": 1, "never": 0}},
    "normal": {"normal": {"mean": 2.0, "std": 0.13, "low": 1.7, "high": 2.3}},
    "log_uniform": {"log_uniform": [0.1, 1000.0]},
    "digits": {"digits": 4},
}


def test_every_distribution_has_a_sample() -> None:
    assert set(SAMPLES) == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", SAMPLES)
@given(u=st.floats(0, 1, exclude_max=True))
def test_draws_lie_within_the_extremes(name: str, u: float) -> None:
    made = distribution(SAMPLES[name])
    assert made is not None
    value, edges = made.pick(u), made.extremes()
    assert value in edges if name in ("constant", "choice", "weighted") else min(edges) <= value <= max(edges)


EXPECTED_MEANS = {"uniform": 0.5, "integers": 3.5, "normal": 2.0, "log_uniform": (1000 - 0.1) / math.log(1e4)}


@pytest.mark.parametrize("name", EXPECTED_MEANS)
def test_means_are_those_of_the_distribution(name: str) -> None:
    values = [draw(SAMPLES[name], 7, "law", n) for n in range(20_000)]
    assert fmean(values) == pytest.approx(EXPECTED_MEANS[name], rel=0.05, abs=0.03)


def test_weights_are_shares() -> None:
    values = [draw(SAMPLES["weighted"], 7, n) for n in range(20_000)]
    assert values.count("a") / 20_000 == pytest.approx(0.75, abs=0.01)
    assert "never" not in values


names = st.text("abcdefgh", min_size=1, max_size=4)
trees = st.recursive(
    st.one_of(st.integers(), st.sampled_from(list(SAMPLES.values()))),
    lambda inner: st.one_of(st.dictionaries(names, inner, max_size=4), st.lists(inner, max_size=3)),
    max_leaves=12,
)


@given(tree=st.dictionaries(names, trees, max_size=4), extra=trees)
def test_adding_an_entry_shifts_no_other_value(tree: dict, extra: object) -> None:
    before, after = draw(tree, 1, "x"), draw({"zz_new": extra, **tree}, 1, "x")
    assert {key: value for key, value in after.items() if key != "zz_new"} == before


@given(tree=trees)
def test_draws_are_equal_twice_and_hold_no_distribution(tree: object) -> None:
    assert draw(tree, 3) == draw(tree, 3)


OPS = [{"op": "noise", "gain_db": SAMPLES["uniform"]}, {"op": "exposure", "ev": SAMPLES["uniform"], "chance": 0.5}]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_adding_another_op_shifts_no_other_op(place: int) -> None:
    for child in range(50):
        before = draw(OPS, 5, child)
        after = draw([*OPS[:place], {"op": "gain", "gain_db": SAMPLES["uniform"]}, *OPS[place:]], 5, child)
        assert [op for op in after if op["op"] != "gain"] == before


def test_chance_is_a_share() -> None:
    kept = sum(len(draw(OPS, 5, child)) == 2 for child in range(4000))
    assert kept / 4000 == pytest.approx(0.5, abs=0.03)


def test_corners_show_every_extreme() -> None:
    tree = {"a": SAMPLES["uniform"], "b": [SAMPLES["choice"], {"c": SAMPLES["integers"]}]}
    seen = list(corners(tree))
    assert seen[0] == {"a": -2.0, "b": ["a", {"c": 2}]}
    assert {made["a"] for made in seen} == {-2.0, 3.0}
    assert {made["b"][0] for made in seen} == {"a", "b", "c"}
    assert {made["b"][1]["c"] for made in seen} == {2, 5}


BAD = [
    ({"uniform": [3, 2]}, "low <= high"),
    ({"uniform": "x"}, "[low, high]"),
    ({"integers": [1.5, 2]}, "whole"),
    ({"choice": []}, "at least one"),
    ({"weighted": {"a": -1}}, "weights >= 0"),
    ({"normal": {"mean": 1, "std": 1}}, "low, high"),
    ({"log_uniform": [0, 1]}, "0 < low"),
    ({"digits": 0}, "1..12"),
]


@pytest.mark.parametrize(("node", "rule"), BAD)
def test_ill_formed_distributions_name_their_key_and_rule(node: dict, rule: str) -> None:
    with pytest.raises(ValueError, match=r"^a\.b\[0\]: ") as caught:
        list(leaves({"a": {"b": [node]}}))
    assert rule in str(caught.value)
    assert "\n" not in str(caught.value)


@given(path=st.lists(st.one_of(st.integers(), names), min_size=1, max_size=4))
def test_seeds_survive_json_and_differ_by_path(path: list) -> None:
    assert 0 <= seeds.seed(*path) < 2**53
    assert seeds.seed(*path) != seeds.seed(*path, "more")
    assert 0 <= seeds.unit(*path) < 1


def test_a_slash_in_a_name_is_not_a_step() -> None:
    assert seeds.seed("a/b") != seeds.seed("a", "b")
