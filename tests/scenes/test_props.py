"""Laws of what a hand can hold: inert solids of true size that both fists close on, all in one palette."""

import numpy as np
import pytest

from scenes.compose import compose
from scenes.props import PALETTE, PROPS
from scenes.props.held import WAYS
from tests.scenes.scenarios import demo
from tests.scenes.test_people import open_edges, volume_m3


@pytest.mark.parametrize("name", PROPS)
def test_solid_and_of_true_size(name: str) -> None:
    held = PROPS[name]
    mesh = held.mesh()
    assert open_edges(mesh.triangles) == 0
    assert volume_m3(*mesh) > 5e-5
    assert np.ptp(mesh.vertices_m, axis=0).max() == pytest.approx(held.longest_m, abs=0.02)
    assert len(mesh.triangles) < 10_000


@pytest.mark.parametrize("name", PROPS)
def test_lies_in_the_right_fist(name: str) -> None:
    vertices = PROPS[name].mesh().vertices_m
    assert np.linalg.norm(vertices, axis=1).min() < 0.035


@pytest.mark.parametrize("name", [name for name, held in PROPS.items() if "two_apart" in held.ways])
def test_what_two_hands_hold_apart_lies_in_the_left_one_too(name: str) -> None:
    vertices = PROPS[name].mesh().vertices_m
    assert np.linalg.norm(vertices - WAYS["two_apart"].left_m, axis=1).min() < 0.035


@pytest.mark.parametrize("name", PROPS)
def test_each_is_held_in_a_known_way(name: str) -> None:
    ways = PROPS[name].ways
    assert ways and set(ways) <= set(WAYS)
    assert all((left is None) == (WAYS[way].left_m is None) for way, (_, left) in ways.items())


@pytest.mark.parametrize("colour", PALETTE)
@pytest.mark.parametrize("name", PROPS)
def test_tools_take_the_palette_as_props_do(name: str, colour: str) -> None:
    shot = compose(demo(held=name, held_colour=colour, cast=0, seconds=0.2))
    held = next(s for s in shot.solids if s.in_wearer_hand)
    material = next(m for m in shot.materials if m.name == held.material)
    assert material.base_colour == PALETTE[colour]
    assert held.track_class == PROPS[name].track_class
    assert material.pattern == "none"


def test_props_are_blue_and_orange() -> None:
    assert set(PALETTE) == {"blue", "orange"}
    assert PALETTE["blue"][2] > 4 * PALETTE["blue"][0]
    assert PALETTE["orange"][0] > 3 * PALETTE["orange"][1] > 9 * PALETTE["orange"][2]
