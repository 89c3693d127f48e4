"""Laws of blocking: nobody goes through anything, at human speeds, thirty as well as one, each in a way of his own."""

import itertools
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from scenes.families import FAMILIES
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.motion.acting import Act, Actor, posed
from scenes.motion.arms import Manner, drawn_manner
from scenes.motion.blocking import body_of, cast, wearer_route
from scenes.motion.capsules import BONES, Capsules, beyond_walls_m, into_each_other_m, into_rectangles_m, of_body
from scenes.motion.carried import COLOURS, solids
from scenes.motion.library import MOTIONS
from scenes.motion.limbs import Build
from scenes.motion.parts import PARTS, REACTIONS
from scenes.motion.postures import SEAT_M
from scenes.motion.steps import Leg, Stand, walk
from scenes.motion.styles import STYLES
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import Figure
from scenes.venues import VENUES
from scenes.venues.place import Place

FPS, MEETS_M = 24, 0.02
People = list[tuple[Build, Manner]]


def blocked(
    number: int, seed: int, *, length_m: float = 20.0, width_m: float = 3.0, seconds: float = 4.0,
    react_s: float | None = 1.5, family: str = "incident_response", parts: Mapping[str, float] | None = None,
    reactions: Mapping[str, float] | None = None,
) -> tuple[Place, Actor, tuple[Actor, ...], People, Array]:  # fmt: skip
    """A corridor with people of 1.5 to 2.0 m in it, and the instants of the frames."""
    place = VENUES["corridor"](length_m=length_m, width_m=width_m).laid_out(lane(seed, "venue"), 101)
    route = wearer_route(place, step_m=0.7, cadence_hz=1.9, start_s=0.3, end_s=seconds)
    people = [(Build.of_stature(1.5 + 0.5 * ((i * 0.37 + seed * 0.11) % 1)), drawn_manner(lane(seed, f"manner/{i}")))
              for i in range(number)]  # fmt: skip
    t_s = np.arange(-1 / FPS, seconds, 1 / FPS)
    row = FAMILIES[family]
    actors = cast(place, route, people, t_s, react_s=react_s, parts=parts or row.parts,
                  reactions=reactions or row.reactions, lane=lambda name: lane(seed, name))  # fmt: skip
    return place, route, actors, people, t_s


def bodies(actors: tuple[Actor, ...], people: People, t_s: Array) -> list[Capsules]:
    """Everybody, posed again from nothing."""
    return [body_of(a, t_s, build, manner) for a, (build, manner) in zip(actors, people, strict=True)]


def holds(place: Place, actors: tuple[Actor, ...], people: People, t_s: Array) -> None:
    """Nobody is deeper than 2 cm in a wall, in furniture or in anybody at any frame."""
    made = bodies(actors, people, t_s)
    for actor, body in zip(actors, made, strict=True):
        assert beyond_walls_m(body, place.walls) <= MEETS_M
        sits = any(act.motion == "sit" for act in actor.acts)
        x, y = np.asarray(actor.first.xy_m) - 0.4 * np.array([np.cos(h := actor.first.heading_rad), np.sin(h)])
        seat = [r for r in place.furniture if sits and r[0] < x < r[2] and r[1] < y < r[3]]
        assert len(seat) == sits
        assert into_rectangles_m(body, [r for r in place.furniture if r not in seat]) <= MEETS_M
    for one, other in itertools.combinations(made, 2):
        assert into_each_other_m(one, other) <= MEETS_M


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("family", FAMILIES)
def test_bodies_meet_nothing(family: str, seed: int) -> None:
    react_s = 1.5 if family == "incident_response" else None
    place, _, actors, people, t_s = blocked(5, seed, family=family, react_s=react_s)
    holds(place, actors, people, t_s)


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("first", range(100, 200, 10))
def test_bodies_of_two_hundred_casts_meet_nothing(family: str, first: int) -> None:
    """Ten casts of two to six people, in corridors of 1.8 to 4 m."""
    for seed in range(first, first + 10):
        react_s = 0.8 + 0.1 * (seed % 20) if family == "incident_response" else None
        place, _, actors, people, t_s = blocked(2 + seed % 5, seed, family=family, react_s=react_s,
                                                width_m=1.8 + 0.2 * (seed % 12), length_m=24.0)  # fmt: skip
        holds(place, actors, people, t_s)


@pytest.mark.parametrize("seed", range(6))
def test_who_walks_has_stopped_when_there_is_something_to_react_to(seed: int) -> None:
    """Within 0.4 s, and a 3 s clip is long enough to see it."""
    react_s = 1.3
    _, _, actors, _, _ = blocked(4, seed, seconds=3.0, react_s=react_s, length_m=30, width_m=4,
                                 parts={"walk_up": 1.0, "walk_on": 0.5}, reactions={"hands_up": 1.0})  # fmt: skip
    for actor in actors:
        assert actor.legs[0].end_s <= react_s + 0.4
        assert actor.acts[0].at_s <= react_s + 0.55


@pytest.mark.parametrize("motion", [n for n, m in MOTIONS.items() if m.carries in COLOURS])
@pytest.mark.parametrize("hand", [0, 1])
@pytest.mark.parametrize("stature_m", [1.5, 1.75, 2.0])
def test_what_is_carried_is_not_in_the_body(motion: str, hand: int, stature_m: float) -> None:
    """No deeper than clothes give way in trunk, head and legs of somebody who walks with it."""
    build, manner = Build.of_stature(stature_m), replace(drawn_manner(lane(2, "m")), hand=hand)
    style = MOTIONS[motion].style or "walk"
    step_m = (0.31 if style == "push" else 0.38) * stature_m
    leg = Leg(start_s=0.2, cadence_hz=1.8, steps=6, start=Stand(xy_m=(0.0, 0.0), heading_rad=0.0),
              end=Stand(xy_m=(6 * step_m, 0.0), heading_rad=0.0), heading_rad=0.0, style=style)  # fmt: skip
    actor = Actor(first=leg.start, legs=(leg,), acts=(Act(at_s=-3.0, motion=motion),))
    whole = body_of(actor, np.arange(0, 4, 0.1), build, manner)
    arms = [i for i, (a, b, _) in enumerate(BONES) if a[:-2] in ("elbow", "wrist", "shoulder") or b[:-2] == "shoulder"]
    rest = [i for i in range(len(BONES)) if i not in arms]
    body, thing = (Capsules(start_m=whole.start_m[:, k], end_m=whole.end_m[:, k], radius_m=whole.radius_m[k])
                   for k in (rest, [len(BONES), len(BONES) + 1]))  # fmt: skip
    assert into_each_other_m(body, thing) <= MEETS_M


def test_seats_have_the_height_that_people_sit_at() -> None:
    seats = [m for seed in range(20) for m in VENUES["corridor"](length_m=20.0).laid_out(lane(seed, "v"), 101).marks
             if m.name.startswith("seat")]  # fmt: skip
    assert len(seats) >= 10
    assert all(abs(m.height_m - SEAT_M) < 0.02 for m in seats)


@pytest.mark.parametrize("reaction", REACTIONS)
def test_every_reaction_meets_nothing(reaction: str) -> None:
    place, _, actors, people, t_s = blocked(3, 2, seconds=6.0, length_m=24, reactions={reaction: 1.0})
    holds(place, actors, people, t_s)
    assert all(len(a.acts) + len(a.legs) + len(a.looks) > 0 for a in actors)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_meets_nothing_and_is_played(part: str) -> None:
    place, _, actors, people, t_s = blocked(2, 5, react_s=None, parts={part: 1.0}, length_m=24)
    holds(place, actors, people, t_s)
    wanted = {"phone_walk": "phone_look", "greet": "wave", "show": "point", "door": "open_door", "kneel": "kneel_one",
              "seated": "sit"}  # fmt: skip
    if part in MOTIONS or part in wanted:
        assert {a.motion for actor in actors for a in actor.acts} == {wanted.get(part, part)}


def test_two_who_talk_face_each_other() -> None:
    _, _, actors, _, _ = blocked(2, 1, react_s=None, parts={"talk": 1.0}, length_m=24)
    a, b = (np.array([*x.first.xy_m, x.first.heading_rad]) for x in actors)
    line = (b - a)[:2] / np.linalg.norm((b - a)[:2])
    assert 0.9 < np.linalg.norm((b - a)[:2]) < 1.3
    assert line @ (np.cos(a[2]), np.sin(a[2])) > 0.9
    assert -line @ (np.cos(b[2]), np.sin(b[2])) > 0.9


@pytest.mark.parametrize("seed", range(3))
def test_thirty_people_in_a_second(seed: int) -> None:
    """Time of this process, the best of two."""
    spent = []
    for _ in range(2):
        start = time.process_time()
        place, _, actors, people, t_s = blocked(30, seed, length_m=40, width_m=6)
        spent.append(time.process_time() - start)
    assert len(actors) == 30
    assert min(spent) <= 1.0
    holds(place, actors, people, t_s)


def test_more_people_than_the_floor_holds() -> None:
    with pytest.raises(ValueError, match="widen length_m or width_m, or lower cast") as caught:
        blocked(30, 0, length_m=6.0, width_m=1.8)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("seed", range(4))
def test_speeds_are_those_of_people(seed: int) -> None:
    _, _, actors, people, t_s = blocked(6, seed, seconds=6.0, length_m=30, width_m=4)
    for actor, (build, _) in zip(actors, people, strict=True):
        way = walk(actor.legs, actor.first, t_s).xy_m
        assert np.hypot(*np.diff(way, axis=0).T).max() * FPS <= 4.0
        for leg in actor.legs:
            far = float(np.hypot(*(np.subtract(leg.end.xy_m, leg.start.xy_m))))
            speed = far / leg.steps * leg.cadence_hz
            if leg.steps > 2:
                low, high = STYLES[leg.style].speed_mps
                assert 0.85 * low <= speed <= 1.1 * high, (leg.style, build.scale)


def test_a_crowd_does_many_things() -> None:
    """Over 40 people: at least eight motions, nobody's the same as his neighbour's to the bit, reactions after react_s."""
    seen: Counter[str] = Counter()
    for seed in range(5):
        _, _, actors, people, t_s = blocked(8, seed, length_m=30, width_m=4)
        for actor in actors:
            seen.update({a.motion for a in actor.acts} | {leg.style for leg in actor.legs})
            for act in actor.acts:
                if act.motion in ("hands_up", "ward_off", "take_cover", "lie_prone", "kneel_hands_up"):
                    assert act.at_s >= 1.5
        made = [posed(a, t_s, b, m)[0] for a, (b, m) in zip(actors, people, strict=True)]
        for one, other in itertools.combinations(made, 2):
            assert np.abs(one[:, JOINTS["chest"]] - other[:, JOINTS["chest"]]).max() > 1e-3
    assert len(seen) >= 8
    assert max(seen.values()) <= 40


def test_capsules_know_how_far_apart_they_are() -> None:
    """Against the nearest of many sampled points."""
    rng = np.random.default_rng(3)
    share = np.linspace(0, 1, 60)[:, None]
    for _ in range(60):
        ends = rng.uniform(-1, 1, (4, 3))
        if rng.random() < 0.2:
            ends[3] = ends[2] + (ends[1] - ends[0]) * rng.uniform(-1, 1)  # parallel
        one, other = (
            Capsules(start_m=a[None, None], end_m=b[None, None], radius_m=np.array([1.5]))
            for a, b in (ends[:2], ends[2:])
        )
        p, q = ends[0] + share * (ends[1] - ends[0]), ends[2] + share * (ends[3] - ends[2])
        nearest = np.linalg.norm(p[:, None] - q, axis=2).min()
        assert into_each_other_m(one, other) == pytest.approx(max(3.0 - nearest, 0), abs=0.02)


def test_capsules_know_walls_and_furniture() -> None:
    body = of_body(*posed(Actor(first=Stand(xy_m=(0.0, 0.0), heading_rad=0.0)), np.array([0.0, 0.1]),
                          Build.of_stature(1.75), drawn_manner(lane(1, "m"))), Build.of_stature(1.75))  # fmt: skip
    assert beyond_walls_m(body, (-2, -2, 2, 2)) < -1.5
    assert beyond_walls_m(body, (-2, 0, 2, 2)) == pytest.approx(0.28, abs=0.06)
    assert into_rectangles_m(body, [(1, 1, 2, 2)]) == 0
    assert into_rectangles_m(body, [(-0.5, -0.5, 0.5, 0.5)]) > 0.2
    assert 0.0 < into_rectangles_m(body, [(0.1, -1, 1, 1)]) < 0.25


@pytest.mark.parametrize("motion", [n for n, m in MOTIONS.items() if m.carries in COLOURS])
def test_what_is_carried_is_in_the_hands(motion: str) -> None:
    """Within a hand's length of the hand that holds it, at every instant, and nothing of it below the floor."""
    build, manner, t_s = Build.of_stature(1.7), drawn_manner(lane(2, "m")), np.arange(0, 4, 0.1)
    actor = Actor(first=Stand(xy_m=(1.0, 2.0), heading_rad=2.0), acts=(Act(at_s=-3.0, motion=motion),))
    rotations, root = posed(actor, t_s, build, manner)
    figure = Figure(name="p", vertices_m=np.zeros((0, 3)), triangles=np.zeros((0, 3), int), face_material=np.zeros(0, int),
                    materials=(), joints_m=build.joints_m, parents=PARENTS, skin_joints=np.zeros((0, 4), int),
                    skin_weights=np.zeros((0, 4)), rotations=rotations, root_m=root)  # fmt: skip
    (thing,), (material,) = solids(figure, actor, build, manner)
    assert thing.material == material.name
    turn = thing.world_from_solid[:, :3, :3]
    assert np.allclose(turn @ np.swapaxes(turn, 1, 2), np.eye(3), atol=1e-6)
    world = np.einsum("kab,vb->kva", turn, thing.vertices_m) + thing.world_from_solid[:, None, :3, 3]
    wrist = figure.joints_world()[1][:, JOINTS["wrist_r" if manner.hand else "wrist_l"]]
    assert np.linalg.norm(world - wrist[:, None], axis=2).min(axis=1).max() < 0.20
    assert world[..., 2].min() > (-1e-6 if motion == "push_trolley" else 0.05)
