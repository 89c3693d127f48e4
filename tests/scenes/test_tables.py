"""Laws over the tables: every word is in the vocabulary, every row can be laid out, every place is closed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from scenes import bodycam, scenario
from scenes.compose import compose
from scenes.families import FAMILIES
from scenes.lanes import lane
from scenes.light import LIGHTS
from scenes.materials import MATERIALS
from scenes.mesh import Array
from scenes.props import PROPS
from scenes.shot import Shot
from scenes.sound import KINDS
from scenes.venues import VENUES
from scenes.venues.furniture import THINGS
from scenes.venues.place import Place
from tests.scenes.scenarios import demo

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "configs/vocabulary.yaml").read_text())
VENUE_KNOBS: dict[str, list[dict[str, Any]]] = {
    "corridor": [{}, {"length_m": 6.0, "width_m": 1.6, "doors": 2, "lamps": 2, "clutter": 3}, {"doors": 0, "clutter": 12},
                 {"length_m": 40.0, "width_m": 4.0, "height_m": 3.5, "doors": 12, "lamps": 11}],
}  # fmt: skip
THINGS_ON_WALLS = tuple(THINGS)
PLACES = [(name, knobs, seed) for name in VENUES for knobs in VENUE_KNOBS[name] for seed in (0, 1)]


@pytest.fixture(scope="module", params=[(f, s) for f in FAMILIES for s in (3.0, 12.0)], ids=str)
def shot(request: pytest.FixtureRequest) -> Shot:
    family, seconds = request.param
    return compose(demo(family=family, seconds=seconds, cast=3, venue_knobs={"length_m": 20.0}))


def test_words_of_a_shot_are_in_the_vocabulary(shot: Shot) -> None:
    assert {e.type for e in shot.events} <= set(WORDS["events"])
    assert {e.actor_role for e in shot.events} - {""} <= set(WORDS["actor_roles"])
    classes = {t.track_class for t in (*shot.solids, *shot.figures)} - {""}
    assert classes <= set(WORDS["track_classes"])
    assert {"hand_wearer", "forearm", "door"} <= classes


def test_words_of_the_tables_are_in_the_vocabulary() -> None:
    assert set(FAMILIES) <= set(WORDS["families"])
    assert {held.track_class for held in PROPS.values()} <= set(WORDS["track_classes"])
    assert set(scenario.WEARER_ROLES) == set(WORDS["wearer_roles"])


def test_tables_know_each_other() -> None:
    assert set(scenario.MOUNTS) == set(bodycam.MOUNTS)
    assert {venue for family in FAMILIES.values() for venue in family.venues} <= set(VENUES)


def test_tracked_things_have_ids_of_their_own(shot: Shot) -> None:
    tracks = [t.track for t in (*shot.solids, *shot.figures) if t.track]
    assert len(tracks) == len(set(tracks))
    assert all(bool(t.track) == bool(t.track_class) for t in (*shot.solids, *shot.figures))
    assert {e.track for e in shot.events} - {0} <= set(tracks)
    names = [t.name for t in (*shot.solids, *shot.figures)]
    assert len(names) == len(set(names))


def test_sounds_are_known_and_within_the_clip(shot: Shot) -> None:
    assert {s.kind for s in shot.sounds} <= set(KINDS)
    assert all(0 <= s.t_s < shot.frames / shot.fps for s in shot.sounds)


def test_paths_and_marks_lie_on_the_floor_of_the_plan(shot: Shot) -> None:
    floor = next(np.array(p) for what, p in shot.plan if what == "floor")
    for what, line in shot.plan:
        if what.startswith("path:") or what == "mark":
            assert (np.array(line) >= floor.min(axis=0)).all()
            assert (np.array(line) <= floor.max(axis=0)).all()
    assert sum(what.startswith("path:") for what, _ in shot.plan) == 4


def test_role_players_wear_kit_and_passers_by_none() -> None:
    for family, row in FAMILIES.items():
        people = [f for f in compose(demo(family=family, cast=2)).figures if f.role != "wearer"]
        assert all(("_tabard" in " ".join(f.materials)) == row.kit for f in people)


@pytest.mark.parametrize("name", MATERIALS)
def test_no_surface_is_flat(name: str) -> None:
    material = MATERIALS[name]
    assert material.name == name
    assert material.variation > 0
    assert all(0 <= c <= 1 for c in material.base_colour)


@pytest.mark.parametrize("name", LIGHTS)
def test_no_light_is_dark(name: str) -> None:
    assert compose(demo(light=name, cast=0)).lights


def laid_out(name: str, knobs: dict[str, Any], seed: int) -> Place:
    return VENUES[name](**knobs).laid_out(lane(seed, "venue"), 101)


@pytest.mark.parametrize(("name", "knobs", "seed"), PLACES)
def test_places_are_closed(name: str, knobs: dict[str, Any], seed: int) -> None:
    """Rays from where people stand hit something in every direction."""
    place = laid_out(name, knobs, seed)
    corners = np.concatenate([s.vertices_m[s.triangles] for s in place.solids if len(s.triangles) <= 12])
    x0, y0, x1, y1 = place.floor
    directions = np.random.Generator(np.random.PCG64(1)).normal(size=(60, 3))
    for origin in ((x0, y0, 1.2), ((x0 + x1) / 2, (y0 + y1) / 2, 1.6), (x1, y1, 0.4)):
        assert hits(np.array(origin), directions, corners).all()


@pytest.mark.parametrize(("name", "knobs", "seed"), PLACES)
def test_the_floor_lies_under_every_mark(name: str, knobs: dict[str, Any], seed: int) -> None:
    place = laid_out(name, knobs, seed)
    floor = next(s for s in place.solids if s.name == "floor")
    low, high = floor.vertices_m.min(axis=0), floor.vertices_m.max(axis=0)
    assert high[2] == 0
    for mark in place.marks:
        assert (low[:2] < mark.stand.xy_m).all()
        assert (high[:2] > mark.stand.xy_m).all()
    assert any(mark.name == "wearer" for mark in place.marks)


@pytest.mark.parametrize(("name", "knobs", "seed"), PLACES)
def test_places_are_furnished(name: str, knobs: dict[str, Any], seed: int) -> None:
    place = laid_out(name, knobs, seed)
    assert len({s.material for s in place.solids}) >= 12
    assert len(place.solids) >= 20
    for x0, y0, x1, y1 in place.furniture:
        assert 0.1 < x1 - x0 < 3
        assert 0.1 < y1 - y0 < 3


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "knobs", [{}, {"length_m": 40.0, "doors": 40, "clutter": 30}, {"length_m": 4.0, "doors": 9}], ids=str
)
def test_doors_are_free_and_apart(knobs: dict[str, Any], seed: int) -> None:
    """Nothing on a wall stands before a door of it, and door frames, 65 mm broad, do not meet."""
    place = laid_out("corridor", {"clutter": 12, **knobs}, seed)
    spans = {s.name: (s.vertices_m.min(axis=0), s.vertices_m.max(axis=0)) for s in place.solids}
    doors = {name: span for name, span in spans.items() if name.startswith("door_") and name[5:].isdigit()}
    assert doors
    on_walls = {n: s for n, s in spans.items() if n.startswith(THINGS_ON_WALLS)}
    for name, (low, high) in doors.items():
        for other, (a, b) in (doors | on_walls).items():
            if other != name and low[1] * a[1] > 0:
                assert a[0] > high[0] + 0.06 or b[0] < low[0] - 0.06, f"{other} at {name}"


def hits(origin: Array, directions: Array, triangles: Array) -> Array:
    """(N,) whether each ray meets a triangle (Moeller and Trumbore)."""
    a, ab, ac = triangles[:, 0], triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]
    p = np.cross(directions[:, None], ac[None])
    det = (p * ab).sum(axis=2)
    det = np.where(np.abs(det) < 1e-12, np.inf, det)
    t = origin - a
    u = (p * t).sum(axis=2) / det
    q = np.cross(t, ab)
    v = (directions[:, None] * q).sum(axis=2) / det
    along = (q * ac).sum(axis=1) / det
    return np.asarray(((u >= 0) & (v >= 0) & (u + v <= 1) & (along > 1e-9)).any(axis=1))
