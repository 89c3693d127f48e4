"""Blocking: who stands and walks where, so that nobody meets a wall, a thing or another person.

People are capsules. Each is placed by trying draws of his or her own lane against those already placed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from scenes.mesh import Array
from scenes.motion.acting import Act, Actor
from scenes.motion.steps import Leg, Stand, Walk, walk
from scenes.venues.place import Place

BODY_RADIUS_M = 0.27
"""Half an adult's breadth with hanging arms, less what gives way between two people."""
OUTREACH_M: Mapping[str, tuple[float, float]] = {
    "hang": (0.55, 0.38), "hands_up": (0.70, 0.53), "ward_off": (0.70, 0.39),
}  # fmt: skip
"""How far ahead and aside of the middle each gesture takes an adult's arms, swing included (40 bodies drawn)."""
REACH_M = 0.55
"""From the wearer's middle to the middle of what the hands hold up."""
ROOM_PER_PERSON_M = 1.5
"""Length of a corridor that one more person needs."""
TRIES = 60


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
    place: Place, wearer: Actor, statures_m: Sequence[float], t_s: Array, *, react_s: float | None,
    lane: Callable[[str], np.random.Generator],
) -> tuple[Actor, ...]:  # fmt: skip
    """One actor per stature, in order; raises ValueError when the floor does not hold them."""
    first = walk(wearer.legs, wearer.first, t_s)
    ahead = np.stack([np.cos(first.heading_rad), np.sin(first.heading_rad)], axis=1)
    taken = [first.xy_m, first.xy_m + REACH_M * ahead]
    actors: list[Actor] = []
    for i, stature in enumerate(statures_m):
        rng = lane(f"blocking/{i}")
        for _ in range(TRIES):
            actor = _drawn(place, wearer.first, i, stature, float(t_s[-1]), react_s, rng)
            way = walk(actor.legs, actor.first, t_s)
            if _clear(way.xy_m, taken, place) and _within_walls(actor, way, t_s, place):
                actors.append(actor)
                taken.append(way.xy_m)
                break
        else:
            x0, _, x1, _ = place.floor
            need = len(statures_m) * ROOM_PER_PERSON_M + float(np.ptp(first.xy_m[:, 0])) + 2.0
            raise ValueError(
                f"cast must fit the floor: {len(statures_m)} people need about {need:.1f} m of way ahead, "
                f"got {x1 - x0:.1f} m with room for {i}; widen length_m or width_m, or lower cast"
            )
    return tuple(actors)


def _clear(way: Array, taken: list[Array], place: Place) -> bool:
    """No capsule meets the edge of the floor, furniture or another capsule at any key."""
    x0, y0, x1, y1 = place.floor
    if (way < (x0, y0)).any() or (way > (x1, y1)).any():
        return False
    for a0, b0, a1, b1 in place.furniture:
        apart = np.maximum(np.maximum((a0, b0) - way, way - (a1, b1)), 0)
        if (np.hypot(*apart.T) < BODY_RADIUS_M).any():
            return False
    return all((np.hypot(*(way - other).T) > 2 * BODY_RADIUS_M + 0.04).all() for other in taken)


def _within_walls(actor: Actor, way: Walk, t_s: Array, place: Place) -> bool:
    """No arm goes through a wall at any key."""
    x0, y0, x1, y1 = place.walls
    ahead = np.stack([np.cos(way.heading_rad), np.sin(way.heading_rad)], axis=1)
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    for name, since_s in (("hang", float(t_s[0])), *((a.motion, a.at_s) for a in actor.acts)):
        forth, aside = OUTREACH_M[name]
        for x, y in ((forth, 0.3), (forth, -0.3), (0.25, aside), (0.25, -aside)):
            tip = (way.xy_m + x * ahead + y * left)[t_s >= since_s]
            if (tip < (x0, y0)).any() or (tip > (x1, y1)).any():
                return False
    return True


def _drawn(
    place: Place, wearer: Stand, number: int, stature_m: float, end_s: float, react_s: float | None,
    rng: np.random.Generator,
) -> Actor:  # fmt: skip
    """One try: walks up, walks on ahead, or waits; and, when there is something to react to, turns or gives way."""
    x0, y0, x1, y1 = place.floor
    nearest = wearer.xy_m[0] + 1.6 + 0.5 * number
    x = rng.uniform(min(nearest, x1 - 0.3), max(min(nearest + 4.2, x1), x1 - 0.29))
    passable = (y1 - y0) / 2 > 2 * BODY_RADIUS_M  # beside the wearer; where it is not, people stand anywhere across
    y = rng.choice([-1, 1]) * rng.uniform(0.7 if passable else 0.0, 1.0) * (y1 - y0) / 2 + (y0 + y1) / 2
    kind = rng.choice(["up", "on", "wait"], p=(0.45, 0.35, 0.20))
    facing = {"up": np.pi, "on": 0.0}.get(str(kind), float(rng.uniform(-np.pi, np.pi)))
    first = Stand(xy_m=(float(x), float(y)), heading_rad=facing)
    cadence = float(np.clip(rng.normal(1.88, 0.07), 1.75, 2.0))
    acts_s = end_s + 5 if react_s is None else react_s + float(rng.uniform(0.0, 0.6))
    legs: list[Leg] = []
    if kind != "wait":
        setting_out = float(rng.uniform(-2.0, -0.6))
        steps = max(1, round((min(acts_s, end_s + 3) - setting_out) * cadence - 0.8))
        step_m = float(rng.uniform(0.37, 0.42)) * stature_m
        steps = min(steps, max(1, int(abs((x1 if kind == "on" else x0) - x) / step_m)))
        goal = Stand(xy_m=(float(x + np.cos(facing) * step_m * steps), float(y)), heading_rad=facing)
        legs.append(Leg(start_s=setting_out, cadence_hz=cadence, steps=steps, start=first, end=goal,
                        heading_rad=facing))  # fmt: skip
    acts: list[Act] = []
    if react_s is not None:
        at = legs[-1].end if legs else first
        begin = max(acts_s, legs[-1].end_s if legs else acts_s)
        legs += _reaction(at, begin, cadence, (y0, y1), rng)
        gesture = str(rng.choice(["hang", "ward_off", "hands_up"], p=(0.4, 0.3, 0.3)))
        if gesture != "hang":
            acts.append(Act(at_s=acts_s + 0.1, motion=gesture))
    return Actor(first=first, legs=tuple(legs), acts=tuple(acts))


def _reaction(at: Stand, start_s: float, cadence_hz: float, across: tuple[float, float],
              rng: np.random.Generator) -> list[Leg]:  # fmt: skip
    """Turns to the wearer and steps back towards the nearer wall, or turns away and moves off."""
    x, y = at.xy_m
    wall = across[1] if y > sum(across) / 2 else across[0]
    if rng.random() < 0.6:
        facing = float(np.copysign(np.pi - 0.02, -y + sum(across) / 2))  # half a turn goes by the middle, not the wall
        back = Stand(xy_m=(x + float(rng.uniform(0.15, 0.45)), y + 0.7 * (wall - y)), heading_rad=facing)
        turned = replace(at, heading_rad=facing)
        turn = Leg(start_s=start_s, cadence_hz=2.0, steps=2, start=at, end=turned)
        return [turn, Leg(start_s=turn.end_s, cadence_hz=2.0, steps=2, start=turned, end=back)]
    off = Stand(xy_m=(x + 4 * 0.6, y), heading_rad=0.0)
    return [Leg(start_s=start_s, cadence_hz=min(cadence_hz * 1.1, 2.2), steps=4, start=at, end=off, heading_rad=0.0)]
