"""Parts: what people do before anything happens, and how they react: tables of drawn ways, marks and acts.

A family says how often each is drawn; blocking tries draws until one fits. Reactions are calm: people raise hands, step
back, crouch, kneel, lie down, walk or run away, look, film.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from scenes.motion.acting import FOREVER_S, Act, Actor, Look
from scenes.motion.steps import Leg, Stand, nearest_turn
from scenes.motion.styles import STYLES

EYES_M = 1.6
"""Height of a face that is looked at."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a person knows of the clip."""

    origin: Stand
    """Where the wearer sets out, and which way."""
    extent: tuple[float, float, float, float]
    """The floor in the wearer's frame: least and most ahead, least and most to the left, m."""
    end_s: float
    react_s: float | None
    wearer_m: tuple[float, float]
    """Where the wearer is when people react, or in the middle of the clip."""
    doors: tuple[Stand, ...] = ()
    """Before each door, looking at it."""
    seats: tuple[Stand, ...] = ()
    """Before each seat, looking away from it."""
    others: tuple[Actor, ...] = ()
    """Who is there already."""

    def stand(self, ahead_m: float, left_m: float, turn_rad: float) -> Stand:
        """A place in the world; turn 0 looks as the wearer does, half a turn at the wearer."""
        c, s = np.cos(self.origin.heading_rad), np.sin(self.origin.heading_rad)
        x, y = self.origin.xy_m
        at = (float(x + c * ahead_m - s * left_m), float(y + s * ahead_m + c * left_m))
        return Stand(xy_m=at, heading_rad=self.origin.heading_rad + turn_rad)

    def local(self, xy_m: tuple[float, float]) -> tuple[float, float]:
        """(ahead, left) of a place."""
        c, s = np.cos(self.origin.heading_rad), np.sin(self.origin.heading_rad)
        x, y = xy_m[0] - self.origin.xy_m[0], xy_m[1] - self.origin.xy_m[1]
        return float(c * x + s * y), float(-s * x + c * y)

    def towards_wearer(self, xy_m: tuple[float, float]) -> float:
        """The heading from a place to the wearer."""
        return float(np.arctan2(self.wearer_m[1] - xy_m[1], self.wearer_m[0] - xy_m[0]))


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who plays it."""

    number: int
    stature_m: float
    rng: np.random.Generator
    cadence_hz: float = field(default=1.88)


def _spot(scene: Scene, who: Person, *, side_only: bool = True) -> tuple[float, float]:
    """(ahead, left): somewhere before the wearer, farther for later people, beside the wearer's own way."""
    _, high, right, left = scene.extent
    nearest = 1.6 + 0.5 * min(who.number, 8)
    top = min(max(high, nearest + 0.01), nearest + 4.2 + 0.8 * who.number)
    ahead = float(who.rng.uniform(min(nearest, high - 0.3), max(top, high - 0.29) if who.number < 6 else top))
    passable = (left - right) / 2 > 2 * 0.27
    share = float(who.rng.choice([-1, 1]) * who.rng.uniform(0.7 if passable and side_only else 0.0, 1.0))
    return min(ahead, high), share * (left - right) / 2 + (left + right) / 2


LAST_STEP_S = 0.35
"""Within which who walks has stopped when there is something to react to: the step that was begun is set down."""


def _until_s(scene: Scene, who: Person, *, latest_s: float = 0.6) -> float:
    """When the person stops doing what he or she does: at the reaction, or after the clip."""
    return scene.end_s + 5 if scene.react_s is None else scene.react_s + float(who.rng.uniform(0.0, latest_s))


def _walking(scene: Scene, who: Person, turn_rad: float, style: str = "walk", slow: float = 1.0) -> tuple[Actor, float]:
    """Someone who is already on the way, at 0.8 to 1.8 m/s, until the reaction; and when that is."""
    ahead, left = _spot(scene, who)
    first, until = scene.stand(ahead, left, turn_rad), _until_s(scene, who, latest_s=LAST_STEP_S)
    setting_out = float(who.rng.uniform(-2.0, -0.6))
    step_m = float(who.rng.uniform(0.37, 0.42)) * who.stature_m * slow
    both_s = 2 * (1 - STYLES[style].stance) / who.cadence_hz  # to lift off and to stand again
    steps = max(1, round((min(until, scene.end_s + 3) - setting_out - both_s) * who.cadence_hz))
    if until < scene.end_s:  # the last step is that of the reaction
        setting_out = until - both_s - steps / who.cadence_hz
    room = scene.extent[1] - ahead if np.cos(turn_rad) > 0 else ahead - scene.extent[0]
    steps = min(steps, max(1, int(room / step_m)))
    end = scene.stand(ahead + float(np.cos(turn_rad)) * step_m * steps, left, turn_rad)
    leg = Leg(start_s=setting_out, cadence_hz=who.cadence_hz, steps=steps, start=first, end=end,
              heading_rad=first.heading_rad, style=style)  # fmt: skip
    return Actor(first=first, legs=(leg,)), until


def _standing(scene: Scene, who: Person, *, turn_rad: float | None = None) -> tuple[Actor, float]:
    ahead, left = _spot(scene, who)
    turn = float(who.rng.uniform(-np.pi, np.pi)) if turn_rad is None else turn_rad
    return Actor(first=scene.stand(ahead, left, turn)), _until_s(scene, who)


def _doing(drawn: tuple[Actor, float], motion: str, *, at_s: float = -3.0) -> Actor:
    """With a gesture until the reaction."""
    actor, until = drawn
    return replace(actor, acts=(Act(at_s=at_s, motion=motion, seconds=max(until - at_s, 0.1)),))


def _for_a_while(drawn: tuple[Actor, float], motion: str, scene: Scene, who: Person, seconds: float) -> Actor:
    """With a gesture at some instant before the reaction."""
    actor, until = drawn
    last = min(until, scene.end_s) - 0.8
    at_s = float(who.rng.uniform(0.1, max(last, 0.2)))
    return replace(actor, acts=(Act(at_s=at_s, motion=motion, seconds=seconds),))


def _talk(scene: Scene, who: Person) -> Actor:
    """Talks to the last who stood and talked alone, else stands talking to whoever comes."""
    if scene.others:
        partner = scene.others[-1]
        if all(leg.start_s >= 0 for leg in partner.legs) and _talks(partner):
            x, y = partner.first.xy_m
            apart, turn = float(who.rng.uniform(0.95, 1.25)), partner.first.heading_rad
            at = (x + apart * float(np.cos(turn)), y + apart * float(np.sin(turn)))
            return _doing((Actor(first=Stand(xy_m=at, heading_rad=turn + np.pi)), _until_s(scene, who)), "talk")
    along = float(who.rng.choice([0.0, np.pi]))  # so that the other stands beside the wearer's way too
    return _doing(_standing(scene, who, turn_rad=along + float(who.rng.uniform(-0.5, 0.5))), "talk")


def _talks(actor: Actor) -> bool:
    return bool(actor.acts) and actor.acts[0].motion == "talk"


def _at_door(scene: Scene, who: Person) -> Actor:
    """Stands before a door, or waits where there is none, and reaches for its handle."""
    ahead = [d for d in scene.doors if scene.local(d.xy_m)[0] > 1.6]
    if not ahead:
        return _standing(scene, who)[0]
    door = ahead[int(who.rng.integers(len(ahead)))]
    c, s = np.cos(door.heading_rad), np.sin(door.heading_rad)
    back, aside = 0.17, 0.22  # an arm's length from the handle, which is beside the middle of the leaf
    at = (door.xy_m[0] - float(back * c - aside * s), door.xy_m[1] - float(back * s + aside * c))
    actor = Actor(first=Stand(xy_m=at, heading_rad=door.heading_rad))
    return _for_a_while((actor, _until_s(scene, who)), "open_door", scene, who, 2.9)


def _kneels(scene: Scene, who: Person) -> Actor:
    """Has something to do on the floor, and gets up before anybody reacts."""
    actor, until = _standing(scene, who)
    return replace(actor, acts=(Act(at_s=-4.0, motion="kneel_one", seconds=max(until + 2.8, 1.0)),))


def _seated(scene: Scene, who: Person) -> Actor:
    """Sits on a seat that is free, or waits where there is none."""
    taken = [other.first.xy_m for other in scene.others]
    free = [s for s in scene.seats if s.xy_m not in taken and scene.local(s.xy_m)[0] > 1.6]
    if not free:
        return _standing(scene, who)[0]
    return Actor(first=free[int(who.rng.integers(len(free)))], acts=(Act(at_s=-3.0, motion="sit"),))


def _pushes(scene: Scene, who: Person) -> Actor:
    """Comes with a trolley, and stands behind it then."""
    actor, _ = _walking(scene, who, np.pi, style="push", slow=0.8)
    return replace(actor, acts=(Act(at_s=-3.0, motion="push_trolley"),))


PARTS: dict[str, Callable[[Scene, Person], Actor]] = {
    "walk_up": lambda scene, who: _walking(scene, who, np.pi)[0],
    "walk_on": lambda scene, who: _walking(scene, who, 0.0)[0],
    "wait": lambda scene, who: _standing(scene, who)[0],
    "talk": _talk,
    "phone_ear": lambda scene, who: _doing(_standing(scene, who), "phone_ear"),
    "phone_look": lambda scene, who: _doing(_standing(scene, who), "phone_look"),
    "phone_walk": lambda scene, who: _doing(_walking(scene, who, np.pi, slow=0.85), "phone_look"),
    "carry_box": lambda scene, who: _doing(_walking(scene, who, np.pi), "carry_box"),
    "carry_bag": lambda scene, who: _doing(_walking(scene, who, float(who.rng.choice([0.0, np.pi]))), "carry_bag"),
    "greet": lambda scene, who: _for_a_while(_standing(scene, who, turn_rad=np.pi), "wave", scene, who, 1.6),
    "show": lambda scene, who: _for_a_while(
        _standing(scene, who, turn_rad=np.pi + float(who.rng.uniform(-1, 1))), "point", scene, who, 2.0
    ),
    "door": _at_door,
    "kneel": _kneels,
    "seated": _seated,
    "push_trolley": _pushes,
}
"""What a person does until something happens."""

Reaction = Callable[[Scene, Person, Actor, Stand, float], Actor]
"""(scene, who, the actor so far, where he or she stands then, when) -> the actor with the reaction."""


def _turned(at: Stand, start_s: float, facing: float) -> tuple[Stand, tuple[Leg, ...], float]:
    """Turns on the spot where it takes a turn: (stand, legs, when)."""
    facing = nearest_turn(at.heading_rad, facing)
    if abs(facing - at.heading_rad) < 0.6:
        return at, (), start_s
    stand = replace(at, heading_rad=facing)
    leg = Leg(start_s=start_s, cadence_hz=2.0, steps=2, start=at, end=stand)
    return stand, (leg,), leg.end_s


def _faced(scene: Scene, who: Person, actor: Actor, at: Stand, start_s: float) -> tuple[Actor, Stand, float]:
    """Turned to the wearer, most people not quite."""
    facing = scene.towards_wearer(at.xy_m) + float(who.rng.uniform(-0.35, 0.35))
    stand, legs, then = _turned(at, start_s, facing)
    return replace(actor, legs=(*actor.legs, *legs)), stand, then


def _gesturing(motion: str, *, backs_off: float) -> Reaction:
    """Turns to the wearer with the arms doing something, and may step back towards the nearer wall."""

    def react(scene: Scene, who: Person, actor: Actor, at: Stand, start_s: float) -> Actor:
        actor, stand, then = _faced(scene, who, actor, at, start_s)
        if who.rng.random() < backs_off:
            ahead, left = scene.local(stand.xy_m)
            wall = scene.extent[3] if left > (scene.extent[2] + scene.extent[3]) / 2 else scene.extent[2]
            back = scene.stand(ahead + float(who.rng.uniform(0.15, 0.45)), left + 0.7 * (wall - left), 0.0)
            back = replace(back, heading_rad=stand.heading_rad)
            step = Leg(start_s=then, cadence_hz=2.0, steps=2, start=stand, end=back)
            actor = replace(actor, legs=(*actor.legs, step))
        acts = (Act(at_s=start_s + 0.1, motion=motion),) if motion else ()
        return replace(actor, acts=(*actor.acts, *acts))

    return react


def _lowered(motion: str, *, turns: bool = True) -> Reaction:
    """Turns to the wearer and gets down."""

    def react(scene: Scene, who: Person, actor: Actor, at: Stand, start_s: float) -> Actor:
        then = start_s
        if turns:
            actor, _, then = _faced(scene, who, actor, at, start_s)
        return replace(actor, acts=(*actor.acts, Act(at_s=then + 0.05, motion=motion)))

    return react


def _away(style: str) -> Reaction:
    """Turns away from the wearer and goes as far as the floor and the clip reach."""

    def react(scene: Scene, who: Person, actor: Actor, at: Stand, start_s: float) -> Actor:
        stand, legs, then = _turned(at, start_s, scene.origin.heading_rad)
        cadence, step_m = (2.75, 0.50 * who.stature_m) if style == "run" else (1.95, 0.40 * who.stature_m)
        if style == "crouch_walk":
            cadence, step_m = 1.7, 0.30 * who.stature_m
        ahead, left = scene.local(stand.xy_m)
        fits = int((scene.extent[1] - ahead) / step_m)
        steps = min(fits, max(2, int((scene.end_s + 0.5 - then) * cadence)))
        if steps < 2:
            return _gesturing("hands_up", backs_off=0.0)(scene, who, actor, at, start_s)
        end = replace(scene.stand(ahead + step_m * steps, left, 0.0), heading_rad=stand.heading_rad)
        go = Leg(start_s=then, cadence_hz=cadence, steps=steps, start=stand, end=end, heading_rad=stand.heading_rad,
                 style=style)  # fmt: skip
        return replace(actor, legs=(*actor.legs, *legs, go))

    return react


REACTIONS: dict[str, Reaction] = {
    "look": _gesturing("", backs_off=0.0),
    "back_off": _gesturing("", backs_off=1.0),
    "hands_up": _gesturing("hands_up", backs_off=0.4),
    "ward_off": _gesturing("ward_off", backs_off=0.8),
    "film": _gesturing("film", backs_off=0.3),
    "point": _gesturing("point", backs_off=0.0),
    "crouch": _lowered("crouch"),
    "take_cover": _lowered("take_cover", turns=False),
    "kneel_hands_up": _lowered("kneel_hands_up"),
    "lie_down": _lowered("lie_prone"),
    "walk_off": _away("walk"),
    "hurry_off": _away("crouch_walk"),
    "run_off": _away("run"),
}
"""What a person does when something happens."""


FULL_HANDS = ("look", "back_off", "walk_off")
"""Reactions of somebody who carries something."""


STAYING = ("look", "hands_up", "ward_off", "film", "point")
"""Reactions of somebody who stays seated."""


def _stays(actor: Actor, reactions: dict[str, float], at_s: float, rng: np.random.Generator) -> Actor:
    """Who sits or has a trolley in the hands reacts without a step; hands let nothing go."""
    known = {name: share for name, share in reactions.items() if name in STAYING}
    motion = _pick(known, rng) if known and actor.acts[0].motion == "sit" else "look"
    if motion == "look":
        return actor
    return replace(actor, acts=(*actor.acts, Act(at_s=at_s, motion=motion)))


def drawn(
    scene: Scene, number: int, stature_m: float, parts: dict[str, float], reactions: dict[str, float],
    rng: np.random.Generator,
) -> Actor:  # fmt: skip
    """One try at a person: a part, and a reaction where there is something to react to."""
    who = Person(
        number=number, stature_m=stature_m, rng=rng, cadence_hz=float(np.clip(rng.normal(1.88, 0.07), 1.75, 2.0))
    )
    actor = PARTS[_pick(parts, rng)](scene, who)
    wearer = (*scene.wearer_m, EYES_M)
    if scene.react_s is None:
        at_s = float(rng.uniform(0.1, max(0.6 * scene.end_s, 0.2)))
        looks = (Look(at_s=at_s, place_m=wearer), Look(at_s=at_s + float(rng.uniform(0.9, 2.5)), place_m=None))
        return replace(actor, looks=looks if rng.random() < 0.6 else ())
    at = actor.legs[-1].end if actor.legs else actor.first
    start_s = scene.react_s + float(rng.uniform(0.0, 0.5))
    look = (Look(at_s=scene.react_s + float(rng.uniform(0.0, 0.3)), place_m=wearer),)
    if actor.acts and actor.acts[0].motion in ("sit", "push_trolley"):
        return replace(_stays(actor, reactions, start_s, rng), looks=look)
    if actor.legs:
        start_s = max(scene.react_s, actor.legs[-1].end_s)
    stretches = actor.postures()
    start_s = max(start_s, stretches[-1][1] if stretches else start_s)
    acts = tuple(replace(a, seconds=min(a.seconds, max(start_s - a.at_s, 0.1))) for a in actor.acts)
    kept = tuple(a for a in acts if a.at_s < start_s)
    if any(a.row.carries in ("box", "bag") for a in kept):  # full hands keep what they have
        kept, reactions = actor.acts, {name: share for name, share in reactions.items() if name in FULL_HANDS}
        kept = tuple(replace(a, seconds=FOREVER_S) for a in kept)
    reaction = _pick(reactions, rng) if reactions else "look"
    reacted = REACTIONS[reaction](scene, who, replace(actor, acts=kept), at, start_s)
    return replace(reacted, looks=look)


def _pick(shares: dict[str, float], rng: np.random.Generator) -> str:
    names = list(shares)
    weights = np.array([shares[n] for n in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
