"""Blocking: who stands and walks where and does what, so that nobody meets a wall, a thing or another person.

Each person is placed by trying draws of his or her own lane: first the way over the floor as a disc, then the posed
body, frame by frame, as capsules against walls, furniture and everybody placed before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from scenes.mesh import Array
from scenes.motion.acting import Actor, posed
from scenes.motion.arms import Manner
from scenes.motion.capsules import (
    Capsules,
    beyond_walls_m,
    into_each_other_m,
    into_rectangles_m,
    of_joints,
    skeleton,
    with_thing,
)
from scenes.motion.carried import in_hands
from scenes.motion.limbs import Build
from scenes.motion.parts import Scene, drawn
from scenes.motion.postures import SEAT_M
from scenes.motion.steps import Leg, Stand, path, walk
from scenes.people.skeleton import HEIGHT_M
from scenes.venues.place import Place, Rectangle

BODY_RADIUS_M = 0.27
"""Half an adult's breadth with hanging arms, less what gives way between two people."""
REACH_M = 0.55
"""From the wearer's middle to the middle of what the hands hold up."""
TOUCH_M = 0.015
"""How deep capsules may go into anything: what clothes and flesh give way."""
ROOM_PER_PERSON_M = 1.5
"""Length of a corridor that one more person needs."""
TRIES = 80


def wearer_route(place: Place, *, step_m: float, cadence_hz: float, start_s: float, end_s: float) -> Actor:
    """Straight on from the mark `wearer`, as far as the clip lasts and the floor reaches."""
    first = next(m.stand for m in place.marks if m.name == "wearer")
    x0, _, x1, _ = place.floor
    ahead = np.array([np.cos(first.heading_rad), np.sin(first.heading_rad)])
    room = (x1 if ahead[0] > 0 else x0) - first.xy_m[0]
    fits = int((abs(room) - REACH_M) / step_m) if step_m > 0 else 0
    steps = min(fits, int(np.ceil((end_s - start_s) * cadence_hz)) + 1)
    if steps < 1 or start_s >= end_s:
        return Actor(first=first, legs=())
    x, y = np.asarray(first.xy_m) + ahead * step_m * steps
    end = Stand(xy_m=(float(x), float(y)), heading_rad=first.heading_rad)
    leg = Leg(start_s=start_s, cadence_hz=cadence_hz, steps=steps, start=first, end=end, heading_rad=first.heading_rad)
    return Actor(first=first, legs=(leg,))


def cast(
    place: Place, wearer: Actor, people: Sequence[tuple[Build, Manner]], t_s: Array, *, react_s: float | None,
    parts: Mapping[str, float], reactions: Mapping[str, float], lane: Callable[[str], np.random.Generator],
) -> tuple[Actor, ...]:  # fmt: skip
    """One actor per person, in order, clear at the instants t_s of the frames.

    `parts` and `reactions` say how often each row of scenes.motion.parts is drawn. ValueError when the floor does not
    hold everybody.
    """
    first = walk(wearer.legs, wearer.first, t_s)
    ahead = np.stack([np.cos(first.heading_rad), np.sin(first.heading_rad)], axis=1)
    discs = [first.xy_m, first.xy_m + REACH_M * ahead]
    bodies = [_wearer_capsules(first.xy_m, ahead)]
    scene = _scene(place, wearer.first, t_s, react_s, first.xy_m)
    actors: list[Actor] = []
    for i, (build, manner) in enumerate(people):
        rng = lane(f"blocking/{i}")
        for _ in range(TRIES):
            actor = drawn(_with(scene, actors), i, build.scale * HEIGHT_M, dict(parts), dict(reactions), rng)
            if not _stops_on(actor, place):
                continue
            way = path(actor.legs, actor.first, t_s)
            if not _clear(way, discs, place.floor, _met(actor, place)):
                continue
            body = body_of(actor, t_s, build, manner)
            if _free(body, bodies, place.walls, _met(actor, place)):
                actors.append(actor)
                discs.append(way)
                bodies.append(body)
                break
        else:
            x0, _, x1, _ = place.floor
            need = len(people) * ROOM_PER_PERSON_M + float(np.ptp(first.xy_m[:, 0])) + 2.0
            raise ValueError(
                f"cast must fit the floor: {len(people)} people need about {need:.1f} m of way ahead, "
                f"got {x1 - x0:.1f} m with room for {i}; widen length_m or width_m, or lower cast"
            )
    return tuple(actors)


def _scene(place: Place, wearer: Stand, t_s: Array, react_s: float | None, way: Array) -> Scene:
    """The floor as the wearer sees it."""
    end_s = float(t_s[-1])
    key = int(np.argmin(np.abs(t_s - (end_s / 2 if react_s is None else react_s))))
    bare = Scene(origin=wearer, extent=(0.0, 0.0, 0.0, 0.0), end_s=end_s, react_s=react_s,
                 wearer_m=(float(way[key, 0]), float(way[key, 1])))  # fmt: skip
    x0, y0, x1, y1 = place.floor
    corners = np.array([bare.local(c) for c in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
    low, high = corners.min(axis=0), corners.max(axis=0)
    doors = tuple(m.stand for m in place.marks if m.name.startswith("door"))
    seats = tuple(m.stand for m in place.marks if abs(m.height_m - SEAT_M) < 0.02)
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return _with(bare, [], extent=extent, doors=doors, seats=seats)


def _with(scene: Scene, others: Sequence[Actor], **more: Any) -> Scene:
    return replace(scene, others=tuple(others), **more)


def _stops_on(actor: Actor, place: Place) -> bool:
    """Where the way begins and turns lies on the floor: soon seen, and most tries that fail fail here."""
    x0, y0, x1, y1 = place.floor
    spots = [actor.first.xy_m, *(leg.end.xy_m for leg in actor.legs)]
    if any(not (x0 <= x <= x1 and y0 <= y <= y1) for x, y in spots):
        return False
    x, y = actor.first.xy_m
    return all(not (a0 < x < a1 and b0 < y < b1) for a0, b0, a1, b1 in place.furniture)


def body_of(actor: Actor, t_s: Array, build: Build, manner: Manner) -> Capsules:
    """An actor at instants, with what the hands carry."""
    turn, place = skeleton(*posed(actor, t_s, build, manner), build)
    body, found = of_joints(turn, place, build), in_hands(actor, turn, place, build, manner)
    return body if found is None else with_thing(body, found[1].vertices_m, found[2])


def _met(actor: Actor, place: Place) -> list[Rectangle]:
    """The furniture that an actor must keep clear of: all but the seat that he or she sits on."""
    if not any(act.motion == "sit" for act in actor.acts):
        return list(place.furniture)
    behind = np.asarray(actor.first.xy_m) - 0.4 * np.array([np.cos(a := actor.first.heading_rad), np.sin(a)])
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in place.furniture
            if not (x0 <= behind[0] <= x1 and y0 <= behind[1] <= y1)]  # fmt: skip


def _clear(way: Array, taken: list[Array], floor: Rectangle, things: list[Rectangle]) -> bool:
    """No disc meets the edge of the floor, furniture or another disc at any instant."""
    x0, y0, x1, y1 = floor
    if (way < (x0, y0)).any() or (way > (x1, y1)).any():
        return False
    for a0, b0, a1, b1 in things:
        apart = np.maximum(np.maximum((a0, b0) - way, way - (a1, b1)), 0)
        if (np.hypot(*apart.T) < BODY_RADIUS_M).any():
            return False
    return all((np.hypot(*(way - other).T) > 2 * BODY_RADIUS_M + 0.04).all() for other in taken)


def _free(body: Capsules, others: Sequence[Capsules], walls: Rectangle, things: list[Rectangle]) -> bool:
    """No limb goes through a wall, a thing or anybody at any instant."""
    return (
        beyond_walls_m(body, walls) <= TOUCH_M
        and into_rectangles_m(body, things) <= TOUCH_M
        and all(into_each_other_m(body, other) <= TOUCH_M for other in others)
    )


def _wearer_capsules(xy_m: Array, ahead: Array) -> Capsules:
    """The wearer, whose arms hold something out, as one thick line upright and one ahead."""
    feet, chest = np.concatenate([xy_m, np.full((len(xy_m), 1), 0.25)], axis=1), np.array([0.0, 0.0, 1.15])
    out = np.concatenate([REACH_M * ahead, np.zeros((len(xy_m), 1))], axis=1)
    start = np.stack([feet, feet + chest], axis=1)
    return Capsules(start_m=start, end_m=np.stack([feet + 1.3 * chest, feet + chest + out], axis=1),
                    radius_m=np.array([0.25, 0.16]))  # fmt: skip
