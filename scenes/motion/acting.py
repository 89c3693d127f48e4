"""Acting: an actor's way and acts through a clip become joint rotations, instant by instant.

Legs (steps.py) say where the feet go; acts lay postures, gestures and gazes over it. A posture other than standing is
taken between the legs; gestures go on while walking.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.motion.arms import Manner, held, wander
from scenes.motion.gait import walked
from scenes.motion.library import MOTIONS, Motion
from scenes.motion.limbs import SIDES, Build
from scenes.motion.playing import MOST_TRAVEL_LEGS, played, stays
from scenes.motion.postures import POSTURES, edge, placed, seconds_between, way
from scenes.motion.retarget import Retargeted
from scenes.motion.steps import STAND_WIDTH_M, Leg, Stand, Walk, walk
from scenes.motion.targets import ARMS, Targets, blended, chest, joints, put, spread
from scenes.motion.turns import about, mixed, smooth
from scenes.people.skeleton import JOINTS

FOREVER_S = 1e6
Stretch = tuple[float, float, str, str]


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a person does from an instant on."""

    at_s: float
    motion: str
    """A row of MOTIONS."""
    seconds: float = FOREVER_S
    """How long, getting into it included and getting out of it not."""
    clip: Retargeted | None = None
    """What a pack has for it; `motion` is then its name there."""

    def __post_init__(self) -> None:
        if self.clip is not None and not stays(self.clip):
            raise ValueError(
                f"a clip that is an act must stay within {MOST_TRAVEL_LEGS} leg lengths, got "
                f"{self.clip.travel_legs:.1f} ({self.motion}); use a clip on the spot"
            )
        if self.clip is None and self.motion not in MOTIONS:
            raise ValueError(f"motion must be one of {', '.join(MOTIONS)}, got {self.motion!r}")
        if self.seconds <= 0:
            raise ValueError(f"seconds must be more than 0, got {self.seconds}")

    @property
    def end_s(self) -> float:
        """When it is over and the next may have begun."""
        return self.at_s + self.seconds

    @property
    def row(self) -> Motion:
        """What it does; a clip does its own."""
        return MOTIONS["stand"] if self.clip is not None else MOTIONS[self.motion]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the head turns to from an instant on, as far as a neck goes."""

    at_s: float
    place_m: tuple[float, float, float] | None
    """None: about, as people do."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person's way through the clip."""

    first: Stand
    legs: tuple[Leg, ...] = ()
    acts: tuple[Act, ...] = ()
    """In order of their instants."""
    looks: tuple[Look, ...] = ()

    def __post_init__(self) -> None:
        for a, b in itertools.pairwise(self.acts):
            if b.at_s < a.at_s:
                raise ValueError(
                    f"acts must be in order of at_s, got {b.motion} at {b.at_s:.2f} s after {a.at_s:.2f} s"
                )
        for start_s, end_s, one, other in self.postures():
            for leg in self.legs:
                meets = leg.start_s < end_s and start_s < leg.end_s
                if meets and not (leg.style == "crawl" and one == other == "all_fours"):
                    raise ValueError(
                        f"a leg ({leg.style}, {leg.start_s:.2f}..{leg.end_s:.2f} s) must not meet the way to or from "
                        f"{other if one == 'stand' else one} ({start_s:.2f}..{end_s:.2f} s); begin it later"
                    )

    def postures(self) -> list[Stretch]:
        """(start_s, end_s, from, to) of every stretch that is not standing, in order; from == to while it lasts."""
        stretches: list[Stretch] = []
        now_s, current = -FOREVER_S, "stand"
        wanted = [(a.at_s, a.end_s, a.row.posture) for a in self.acts if a.row.posture != "stand"]
        for i, (at_s, end_s, posture) in enumerate(wanted):
            now_s = self._go(stretches, max(at_s, now_s), current, posture)
            stay_s = max(end_s, now_s)
            if i + 1 < len(wanted):
                stay_s = min(stay_s, max(wanted[i + 1][0], now_s))
            stretches.append((now_s, stay_s, posture, posture))
            now_s, current = stay_s, posture
            if i + 1 == len(wanted) or wanted[i + 1][0] > stay_s + 0.05:
                now_s, current = self._go(stretches, now_s, current, "stand"), "stand"
        return stretches

    @staticmethod
    def _go(stretches: list[Stretch], at_s: float, start: str, end: str) -> float:
        path = way(start, end)
        for a, b in itertools.pairwise(path):
            stretches.append((at_s, at_s + edge(a, b).seconds, a, b))
            at_s += edge(a, b).seconds
        return at_s

    def reaches_s(self, act: Act) -> float:
        """When the posture of an act has been reached, or its arms have come up."""
        motion = act.row
        if motion.posture == "stand":
            return act.at_s + motion.into_s
        into = [end for start, end, a, b in self.postures() if b == motion.posture != a and end > act.at_s]
        return into[0] if into else act.at_s


def posed(
    actor: Actor, t_s: Array, build: Build, manner: Manner, *, way_there: Walk | None = None
) -> tuple[Array, Array]:
    """(K, J, 4) local rotations and (K, 3) pelvis positions on instants (K,)."""
    steps = walk(actor.legs, actor.first, t_s) if way_there is None else way_there
    targets = spread(walked(steps, t_s, build, manner), len(t_s))
    if steps.ground_m.any():
        targets = replace(targets, floor_m=-np.inf)
    standing = targets
    for start_s, end_s, one, other in actor.postures():
        now = (t_s >= start_s) & (t_s < end_s)
        if not now.any():
            continue
        before, after = (_posture(name, standing, steps, now, build) for name in (one, other))
        if one != other:
            share = (t_s[now] - start_s) / (end_s - start_s)
            row = edge(one, other)
            first = row.first_foot if POSTURES[other] is row else 1 - row.first_foot
            after = blended(before, after, share, first_foot=first)
        targets = put(targets, after, now)
    for act in actor.acts:
        targets = _clip(targets, standing, steps, act, t_s, build)
    _live(targets, actor, t_s, manner)
    _gestures(targets, actor, t_s, build, manner)
    _gaze(targets, actor, t_s, build)
    return joints(targets, build)


def _posture(name: str, standing: Targets, steps: Walk, now: Array, build: Build) -> Targets:
    """The targets of a posture at some instants; on all fours what is planted goes with the prints."""
    make = POSTURES[name].targets
    if make is None:
        return standing.at(now)
    there = placed(make(build), steps.xy_m[now], steps.heading_rad[now], steps.ground_m[now])
    if name != "all_fours" or not any(style == "crawl" for style, _ in steps.style):
        return there
    left = np.stack([-np.sin(steps.heading_rad[now]), np.cos(steps.heading_rad[now])], axis=1)
    crawled = steps.foot_m[now].copy()
    for side, sign in ((0, 1.0), (1, -1.0)):
        crawled[:, side, :2] -= steps.xy_m[now] + sign * STAND_WIDTH_M / 2 * left
    narrow = (crawled[..., :2] * left[:, None]).sum(axis=2, keepdims=True) * left[:, None]
    crawled[..., :2] -= narrow  # knees keep the width of the hips
    # a palm goes with the knee across
    return replace(there, ball_m=there.ball_m + crawled, palm_m=there.palm_m + crawled[:, ::-1])


CLIP_INTO_S = 0.7
"""To get from standing into a pack's clip, and back."""


def _clip(targets: Targets, standing: Targets, steps: Walk, act: Act, t_s: Array, build: Build) -> Targets:
    """The targets with a pack's clip laid in where an act says so."""
    now = (t_s >= act.at_s) & (t_s < act.end_s + CLIP_INTO_S)
    if act.clip is None or not now.any():
        return targets
    since = np.clip(t_s[now] - act.at_s, 0, act.seconds)
    there = placed(played(act.clip, since, build), steps.xy_m[now], steps.heading_rad[now], steps.ground_m[now])
    share = np.minimum((t_s[now] - act.at_s) / CLIP_INTO_S, (act.end_s + CLIP_INTO_S - t_s[now]) / CLIP_INTO_S)
    return put(targets, blended(standing.at(now), spread(there, int(now.sum())), np.clip(share, 0, 1)), now)


def _live(targets: Targets, actor: Actor, t_s: Array, manner: Manner) -> None:
    """Breath (15 a minute at rest; Russo et al. 2017 [S]), sway and glances, so that nobody freezes."""
    sway = np.ones(len(t_s))
    for start_s, end_s, one, other in actor.postures():
        sway[(t_s >= start_s) & (t_s < end_s)] = (POSTURES[one].sway + POSTURES[other].sway) / 2
    phase = manner.sway_phase_rad
    breath = np.sin(2 * np.pi * 0.25 * manner.pace * t_s + phase)
    glance = manner.glance_rad * held(t_s, 2.6 * manner.pace, 2 * phase, 0.16) * (0.4 + 0.6 * sway)
    turns = targets.turns
    turns[:, JOINTS["chest"]] = turns[:, JOINTS["chest"]] @ about(1, -0.020 * breath) @ about(2, 0.25 * glance * sway)
    turns[:, JOINTS["spine"]] = turns[:, JOINTS["spine"]] @ about(0, 0.018 * sway * wander(t_s, 0.17, phase))
    nod = 0.05 * wander(t_s, 0.21, 3 * phase) + 0.012 * breath
    turns[:, JOINTS["head"]] = turns[:, JOINTS["head"]] @ about(2, 0.6 * glance) @ about(1, nod * (0.4 + 0.6 * sway))
    turns[:, JOINTS["neck"]] = turns[:, JOINTS["neck"]] @ about(2, 0.3 * glance) @ about(1, 0.010 * breath)
    for name, (shoulder, elbow, _) in zip(SIDES, ARMS, strict=True):
        own = phase + (2.0 if name == "r" else 0.0)
        turns[:, shoulder] = turns[:, shoulder] @ about(1, 0.025 * sway * wander(t_s, 0.19, own) - 0.008 * breath)
        turns[:, elbow] = turns[:, elbow] @ about(1, -0.05 * sway * (1 + wander(t_s, 0.16, 2 * own)))


def _gestures(targets: Targets, actor: Actor, t_s: Array, build: Build, manner: Manner) -> None:
    """Arms and head of the acts, one over the other, each faded in and out."""
    for i, act in enumerate(actor.acts):
        motion = act.row
        if motion.gesture is None:
            continue
        later = [b.at_s for b in actor.acts[i + 1 :] if b.row.gesture or b.row.posture != "stand"]
        end_s = min([act.end_s, *later])
        start_s = act.at_s if motion.posture == "stand" else max(actor.reaches_s(act) - 0.8, act.at_s)
        share = smooth(t_s, start_s, start_s + motion.into_s) * (1 - smooth(t_s, end_s, end_s + motion.into_s))
        now = np.flatnonzero(share)
        if not len(now):
            continue
        since = t_s[now] - start_s
        laid = motion.gesture(since, build, manner)
        for side, turns in laid.arms.items():
            wanted = np.stack([np.broadcast_to(t, (len(since), 3, 3)) for t in (*turns, np.eye(3))], axis=1)
            parts = np.ix_(now, np.array(ARMS[side]))
            targets.turns[parts] = mixed(targets.turns[parts], wanted, share[now, None])
            targets.palm[now, side] *= 1 - share[now]
        for name, (x, y, z) in laid.trunk.items():
            further = about(2, share[now] * z) @ about(1, share[now] * y) @ about(0, share[now] * x)
            targets.turns[now, JOINTS[name]] = targets.turns[now, JOINTS[name]] @ further


GAZE_YAW_RAD, GAZE_PITCH_RAD = 1.15, 0.5
"""How far neck and head turn together to look at something; the eyes do the rest."""


def _gaze(targets: Targets, actor: Actor, t_s: Array, build: Build) -> None:
    """Neck and head turn to what is looked at."""
    for i, look in enumerate(actor.looks):
        if look.place_m is None:
            continue
        end_s = actor.looks[i + 1].at_s if i + 1 < len(actor.looks) else FOREVER_S
        share = 0.85 * smooth(t_s, look.at_s, look.at_s + 0.45) * (1 - smooth(t_s, end_s, end_s + 0.45))
        now = np.flatnonzero(share)
        if not len(now):
            continue
        turn, at = chest(targets.turns[now], targets.pelvis_m[now], build)
        eyes = at + np.einsum("kab,b->ka", turn, build.at("head") - build.at("chest"))
        x, y, z = np.einsum("kba,kb->ak", turn, np.asarray(look.place_m) - eyes)
        yaw = np.arctan2(y, x)
        yaw = np.clip(np.where(np.abs(yaw) > 2.4, 0.0, yaw), -GAZE_YAW_RAD, GAZE_YAW_RAD)
        pitch = np.clip(-np.arctan2(z, np.hypot(x, y)), -GAZE_PITCH_RAD, GAZE_PITCH_RAD)
        part = np.array([0.4, 0.6])
        wanted = about(2, yaw[:, None] * part) @ about(1, pitch[:, None] * part)
        neck = np.ix_(now, np.array([JOINTS["neck"], JOINTS["head"]]))
        targets.turns[neck] = mixed(targets.turns[neck], wanted, share[now, None])


def longest_way_s() -> float:
    """Between any two postures."""
    return max(seconds_between(a, b) for a in POSTURES for b in POSTURES)
