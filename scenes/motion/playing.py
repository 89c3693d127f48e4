"""Playing: a clip of a pack on some body, as targets, its standing feet kept where they stand."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from scenes.mesh import Array
from scenes.motion.clipfiles import RATE_HZ
from scenes.motion.limbs import SIDES, Build
from scenes.motion.retarget import Retargeted
from scenes.motion.targets import Targets
from scenes.motion.turns import unit
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import matrices

MOST_TRAVEL_LEGS = 0.6
"""A clip that goes farther is no act at a place."""
LOOPS_RAD = 0.35
"""How far apart the ends of a clip that can be repeated are, at most, in any joint."""


def stays(clip: Retargeted) -> bool:
    """Whether it can be played where somebody stands."""
    return clip.travel_legs <= MOST_TRAVEL_LEGS


def repeats(clip: Retargeted) -> bool:
    """Whether its end passes into its beginning."""
    cosine = np.clip(np.abs((clip.rotations[0] * clip.rotations[-1]).sum(axis=-1)), 0, 1)
    return bool((2 * np.arccos(cosine)).max() < LOOPS_RAD)


def played(clip: Retargeted, since_s: Array, build: Build) -> Targets:
    """The targets at instants (K,) after its start, at the origin; past its end it begins again or stays as it is."""
    whole = _targets(_Held(clip), build.pelvis_height_m, build.joints_m.tobytes())
    n = len(clip.rotations)
    frame = since_s * RATE_HZ
    frame = np.mod(frame, n - 1) if repeats(clip) else np.clip(frame, 0, n - 1)
    return whole.at(np.clip(np.round(frame).astype(int), 0, n - 1))


class _Held:
    """A clip by its identity, so that what is made of it can be kept."""

    def __init__(self, clip: Retargeted) -> None:
        self.clip = clip

    def __hash__(self) -> int:
        return hash(self.clip.rotations.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.clip is self.clip


@lru_cache(maxsize=64)
def _targets(held: _Held, pelvis_height_m: float, joints: bytes) -> Targets:
    """Every instant of the clip on a body."""
    clip = held.clip
    rest = np.frombuffer(joints, np.float32 if len(joints) == len(PARENTS) * 12 else float).reshape(-1, 3)
    build = Build(joints_m=rest, pelvis_height_m=pelvis_height_m)
    leg = build.thigh_m + build.shin_m
    local = matrices(clip.rotations.astype(float))
    hips = (build.at("hip", 0) + build.at("hip", 1)) / 2
    pelvis = clip.hips_legs * leg - local[:, 0] @ hips
    ball, foot, knee = (np.empty((len(local), 2, *shape)) for shape in ((3,), (3, 3), (3,)))
    for side, name in enumerate(SIDES):
        turn, at = local[:, 0], pelvis
        places = []
        above = "pelvis"
        for joint in ("hip", "knee", "ankle"):
            at = at + turn @ (build.at(joint, side) - (build.at(above, side) if above != "pelvis" else 0))
            turn = turn @ local[:, JOINTS[f"{joint}_{name}"]]
            places.append(at)
            above = joint
        foot[:, side] = turn
        knee[:, side] = unit(places[1] - (places[0] + places[2]) / 2 + 0.02 * turn[:, :, 0])
        ball[:, side] = _standing(places[2] + turn @ build.ball(side), clip.contacts[:, side])
        heel = ball[:, side] + turn @ (np.array([-0.065 * build.scale, 0, build.ball(side)[2]]) - build.ball(side))
        ball[:, side, 2] += np.maximum(0, -heel[:, 2])
    toes = np.stack([-_pitch(local[:, JOINTS[f"toe_{s}"]]) for s in SIDES], axis=1)
    return Targets(
        pelvis_m=pelvis, turns=local, ball_m=ball, foot=foot, toe_rad=np.clip(toes, -0.1, 1.4), knee_to=knee,
        palm_m=np.zeros((1, 2, 3)), palm=np.zeros((1, 2)), palm_to=np.tile([1.0, 0.0, 0.0], (1, 2, 1)),
        elbow_to=np.tile([-1.0, 0.0, 0.0], (1, 2, 1)),
    )  # fmt: skip


def _standing(ball: Array, contact: Array) -> Array:
    """Places (T, 3) of a ball that stays put, on the floor, through each of its contacts; eased in and out."""
    wanted, share = ball.copy(), np.zeros(len(ball))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], contact.astype(int), [0]])))
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        before, after = max(0, a - 4), min(len(ball), b + 4)
        spot = ball[a:b].mean(axis=0) * (1, 1, 0)
        ramp = np.minimum(np.arange(before, after) - before + 1, after - np.arange(before, after)) / 5
        ramp[a - before : b - before] = 1.0
        stronger = ramp > share[before:after]
        wanted[before:after][stronger] = spot
        share[before:after] = np.maximum(share[before:after], ramp)
    placed: Array = ball + share[:, None] * (wanted - ball)
    placed[:, 2] = np.maximum(placed[:, 2], 0.0)
    return placed


def _pitch(turn: Array) -> Array:
    angle: Array = np.arctan2(turn[:, 0, 2] - turn[:, 2, 0], turn[:, 0, 0] + turn[:, 2, 2])
    return angle
