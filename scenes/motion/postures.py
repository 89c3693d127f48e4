"""Postures: how a body stands, crouches, kneels, sits and lies, as targets; and the ways from one to the next.

POSTURES is a tree with standing at its root: to get from one posture to another people go up to the last one that both
share and down again, each edge in its own seconds. Feet and knees are set where the next posture needs them, so that
little has to be moved on the floor. Getting down: Ulbrich et al. 2000 [R] (0.8 to 1.2 s to one knee, 1.5 to 3 s
to the floor in healthy adults); sitting down: Kerr et al. 1997 [S] (1.7 s); the angles are our own choice [P], held
within scenes.motion.limits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.motion.arms import POSES, arm_turns
from scenes.motion.limbs import Build
from scenes.motion.steps import STAND_WIDTH_M
from scenes.motion.targets import KNEE_HEIGHT_M, PALM_HEIGHT_M, Targets
from scenes.motion.turns import about, unit
from scenes.people.skeleton import JOINTS, PARENTS

SEATED_M = 0.125
"""Height of the hip joints of somebody who sits on the floor."""
SEAT_M = 0.45
"""Height of a seat."""
TUCKED_RAD, ON_TOES_RAD = 1.40, 1.60
"""How far a kneeling foot is tipped over its toes, and that of somebody who lies on the front."""

_TUCKED = (TUCKED_RAD, TUCKED_RAD)


@dataclass(frozen=True, kw_only=True)
class Posture:
    """One row."""

    parent: str
    """The posture it is reached from; "" for standing."""
    seconds: float
    """From the parent and back."""
    targets: Callable[[Build], Targets] | None
    """One instant, at the origin, looking along +X; None: as the walk has it."""
    first_foot: int = 0
    """The foot that is set first on the way from the parent: 0 left, 1 right."""
    sway: float = 1.0
    """Share of a standing body's idle movement."""
    room_m: tuple[float, float, float] = (0.0, 0.0, 0.35)
    """How far behind, ahead and aside of the stand it needs room, for a body of 1.75 m."""


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """A posture as it is written down: metres for a body of 1.75 m where nothing else is said, angles in rad."""

    hips: tuple[float, float]
    """x and z of the middle between the hips, of this very body."""
    pitch: float
    """Of the pelvis, forward."""
    spine: float = 0.0
    chest: float = 0.0
    neck: float = 0.0
    head: float = 0.0
    head_yaw: float = 0.0
    feet: tuple[tuple[float, float], tuple[float, float]] = ((0.0, 0.0), (0.0, 0.0))
    """Per foot x of its print and its pitch, toes down positive."""
    toes: tuple[float, float] = (0.0, 0.0)
    splay: float = 0.10
    """Each foot turned out."""
    wide: float = STAND_WIDTH_M / 2
    knees: tuple[float, float, float] = (1.0, 0.12, 0.0)
    """Where the left knee points; the right one mirrors it."""
    arms: str = "hang"
    palms: tuple[float, float] | None = None
    """x and y of the left palm on the floor; the right one mirrors it."""
    fingers: tuple[float, float, float] = (1.0, 0.0, 0.0)
    """Where those of a left palm on the floor point."""
    elbows: tuple[float, float, float] = (-1.0, 0.3, 0.0)


def _made(build: Build, s: _Shape) -> Targets:
    """The targets of a shape."""
    turns = np.tile(np.eye(3), (1, len(PARENTS), 1, 1))
    root = about(1, s.pitch)
    turns[0, 0] = root
    for joint, pitch in (("spine", s.spine), ("chest", s.chest), ("neck", s.neck), ("head", s.head)):
        turns[0, JOINTS[joint]] = about(1, pitch)
    turns[0, JOINTS["head"]] = about(2, 0.55 * s.head_yaw) @ turns[0, JOINTS["head"]]
    turns[0, JOINTS["neck"]] = about(2, 0.45 * s.head_yaw) @ turns[0, JOINTS["neck"]]
    for joint, turn in arm_turns(POSES[s.arms]).items():
        turns[0, JOINTS[joint]] = turn
    hips = (build.at("hip", 0) + build.at("hip", 1)) / 2
    pelvis = np.array([s.hips[0], 0.0, s.hips[1]]) - root @ hips
    ball, foot, knee = np.zeros((1, 2, 3)), np.zeros((1, 2, 3, 3)), np.zeros((1, 2, 3))
    for side, sign in ((0, 1.0), (1, -1.0)):
        x, pitch = s.feet[side]
        out = about(2, sign * s.splay)
        ball[0, side] = (x, sign * s.wide, 0.0) + out @ (build.ball(side) * (1, 1, 0))
        foot[0, side] = out @ about(1, pitch)
        knee[0, side] = unit(np.array(s.knees) * (1, sign, 1))
    palm_m = np.zeros((1, 2, 3))
    if s.palms:
        palm_m[0] = [(s.palms[0], y * s.palms[1], PALM_HEIGHT_M) for y in (1, -1)]
    return Targets(
        pelvis_m=pelvis[None], turns=turns, ball_m=ball, foot=foot, toe_rad=np.array([s.toes]), knee_to=knee,
        palm_m=palm_m, palm=np.full((1, 2), float(s.palms is not None)),
        palm_to=np.stack([unit(np.array(s.fingers) * (1, y, 1)) for y in (1, -1)])[None],
        elbow_to=np.stack([unit(np.array(s.elbows) * (1, y, 1)) for y in (1, -1)])[None],
    )  # fmt: skip


def _kneeling_foot(build: Build) -> tuple[float, float]:
    """(x of the ball's print, x of the knee) with the toes tucked under, the knee being shin's length ahead."""
    tipped = about(1, TUCKED_RAD) @ build.ball(0)
    ankle_z = -tipped[2]
    ahead = float(np.sqrt(build.shin_m**2 - (ankle_z - KNEE_HEIGHT_M) ** 2))
    print_x = -0.47 * build.scale
    ball_x = print_x + build.ball(0)[0]
    return print_x, float(ball_x - tipped[0] + ahead)


def _crouch(build: Build) -> Targets:
    k = build.scale
    return _made(build, _Shape(hips=(-0.12 * k, 0.44 * k), pitch=0.30, spine=0.22, chest=0.14, neck=-0.20, head=-0.22,
                               feet=((0.10 * k, 0.0), (-0.16 * k, 0.55)), toes=(0.0, 0.55), knees=(1.0, 0.28, 0.0),
                               arms="on_knees"))  # fmt: skip


def _cover(build: Build) -> Targets:
    k = build.scale
    return _made(build, _Shape(hips=(-0.14 * k, 0.38 * k), pitch=0.42, spine=0.38, chest=0.28, neck=0.20, head=0.25,
                               feet=((0.10 * k, 0.0), (-0.16 * k, 0.60)), toes=(0.0, 0.55), knees=(1.0, 0.28, 0.0),
                               arms="over_head"))  # fmt: skip


def _lunge(build: Build) -> Targets:
    k, (back, _) = build.scale, _kneeling_foot(build)
    return _made(build, _Shape(hips=(-0.03 * k, 0.70 * k), pitch=0.16, spine=0.10, head=-0.05,
                               feet=((0.24 * k, 0.0), (back, 0.85)), toes=(0.0, 0.85), arms="on_knees"))  # fmt: skip


def _kneel_one(build: Build) -> Targets:
    k, (back, knee) = build.scale, _kneeling_foot(build)
    hips = (knee - 0.05, KNEE_HEIGHT_M + float(np.sqrt(build.thigh_m**2 - 0.05**2)) - 0.004)
    return _made(build, _Shape(hips=hips, pitch=0.06, spine=0.06, feet=((0.24 * k, 0.0), (back, TUCKED_RAD)),
                               toes=(0.0, TUCKED_RAD), knees=(1.0, 0.06, 0.0), arms="on_knees"))  # fmt: skip


def _kneel(build: Build) -> Targets:
    back, knee = _kneeling_foot(build)
    hips = (knee - 0.04, KNEE_HEIGHT_M + float(np.sqrt(build.thigh_m**2 - 0.04**2)) - 0.004)
    return _made(build, _Shape(hips=hips, pitch=0.04, spine=0.03, feet=((back, TUCKED_RAD),) * 2, toes=_TUCKED,
                               splay=0.0, knees=(1.0, 0.0, -0.4)))  # fmt: skip


def _all_fours(build: Build) -> Targets:
    back, knee = _kneeling_foot(build)
    hips = (knee + 0.04, KNEE_HEIGHT_M + float(np.sqrt(build.thigh_m**2 - 0.04**2)) - 0.004)
    trunk = float(build.at("shoulder", 0)[2])
    pitch = float(np.arccos(np.clip((PALM_HEIGHT_M + 0.97 * build.arm_m - hips[1]) / trunk, -0.2, 0.6)))
    reach = hips[0] + trunk * float(np.sin(pitch)) + 0.06
    return _made(build, _Shape(hips=hips, pitch=pitch, neck=-0.40, head=-0.45, feet=((back, TUCKED_RAD),) * 2,
                               toes=_TUCKED, splay=0.0, knees=(1.0, 0.0, -0.4), palms=(reach, 0.19 * build.scale),
                               elbows=(-1.0, 0.6, 0.0)))  # fmt: skip


def _prone(build: Build) -> Targets:
    back, _ = _kneeling_foot(build)
    tipped = about(1, ON_TOES_RAD) @ build.ball(0)
    ankle = back + build.ball(0)[0] - tipped[0]
    down = build.front_m + tipped[2]
    hips = ankle + float(np.sqrt((0.9965 * (build.thigh_m + build.shin_m)) ** 2 - down**2))
    trunk = float(build.at("shoulder", 0)[2])
    return _made(build, _Shape(hips=(hips, build.front_m), pitch=1.52, spine=-0.06, chest=-0.10, neck=-0.10,
                               head=-0.22, head_yaw=0.95, feet=((back, ON_TOES_RAD),) * 2, toes=(1.45, 1.45), splay=0.0,
                               knees=(0.05, 0.0, -1.0), palms=(hips + trunk + 0.14 * build.scale, 0.30 * build.scale),
                               elbows=(-0.4, 1.0, 0.2)))  # fmt: skip


def _floor_sit(build: Build) -> Targets:
    k = build.scale
    return _made(build, _Shape(hips=(-0.46 * k, SEATED_M), pitch=-0.30, spine=0.10, chest=0.05, head=-0.02,
                               feet=((0.10 * k, 0.0), (0.02 * k, 0.0)), knees=(0.6, 0.12, 1.0),
                               palms=(-0.80 * k, 0.26 * k), fingers=(-0.8, 0.6, 0.0)))  # fmt: skip


def _supine(build: Build) -> Targets:
    k = build.scale
    return _made(build, _Shape(hips=(-0.52 * k, build.back_m), pitch=-1.50, spine=-0.03, chest=-0.02,
                               neck=0.06, head=0.12, feet=((0.10 * k, 0.0), (0.02 * k, 0.0)), knees=(0.5, 0.15, 1.0),
                               palms=(-0.62 * k, 0.34 * k), elbows=(-1.0, 0.6, 0.0)))  # fmt: skip


def _sit(build: Build) -> Targets:
    return _made(build, _Shape(hips=(-0.92 * build.thigh_m, SEAT_M + 0.085), pitch=-0.10, spine=0.10, chest=0.03,
                               feet=((0.03, 0.0), (0.0, 0.0)), knees=(1.0, 0.16, 0.3), arms="on_thighs"))  # fmt: skip


POSTURES: dict[str, Posture] = {
    "stand": Posture(parent="", seconds=0.0, targets=None),
    "crouch": Posture(parent="stand", seconds=0.9, targets=_crouch, first_foot=1, sway=0.5,
                      room_m=(0.35, 0.50, 0.40)),
    "cover": Posture(parent="crouch", seconds=0.45, targets=_cover, sway=0.3, room_m=(0.35, 0.55, 0.40)),
    "lunge": Posture(parent="stand", seconds=1.0, targets=_lunge, first_foot=1, sway=0.4, room_m=(0.70, 0.50, 0.35)),
    "kneel_one": Posture(parent="lunge", seconds=0.7, targets=_kneel_one, sway=0.4, room_m=(0.70, 0.55, 0.35)),
    "kneel": Posture(parent="kneel_one", seconds=0.8, targets=_kneel, sway=0.5, room_m=(0.70, 0.45, 0.35)),
    "all_fours": Posture(parent="kneel", seconds=1.0, targets=_all_fours, sway=0.2, room_m=(0.70, 1.05, 0.35)),
    "prone": Posture(parent="all_fours", seconds=1.5, targets=_prone, sway=0.0, room_m=(0.70, 1.45, 0.50)),
    "floor_sit": Posture(parent="crouch", seconds=1.3, targets=_floor_sit, sway=0.3, room_m=(1.05, 0.50, 0.40)),
    "supine": Posture(parent="floor_sit", seconds=1.5, targets=_supine, sway=0.0, room_m=(1.40, 0.50, 0.40)),
    "sit": Posture(parent="stand", seconds=1.5, targets=_sit, sway=0.4, room_m=(0.75, 0.35, 0.35)),
}  # fmt: skip


def way(start: str, end: str) -> tuple[str, ...]:
    """The postures from one to another, both included."""
    up, down = _lineage(start), _lineage(end)
    shared = next(p for p in up if p in down)
    return (*up[: up.index(shared) + 1], *reversed(down[: down.index(shared)]))


def edge(one: str, other: str) -> Posture:
    """The row that says how the way between two neighbours goes: the one farther from standing."""
    return POSTURES[other] if POSTURES[other].parent == one else POSTURES[one]


def seconds_between(start: str, end: str) -> float:
    """How long it takes to get from one posture to another."""
    path = way(start, end)
    return sum(edge(a, b).seconds for a, b in itertools.pairwise(path))


def _lineage(name: str) -> list[str]:
    if name not in POSTURES:
        raise ValueError(f"posture must be one of {', '.join(POSTURES)}, got {name!r}")
    line = [name]
    while POSTURES[line[-1]].parent:
        line.append(POSTURES[line[-1]].parent)
    return line


def placed(targets: Targets, xy_m: Array, heading_rad: Array, ground_m: Array) -> Targets:
    """Targets of a posture, or of a clip at K instants, at places (K, 2), headings and heights of the floor (K,)."""
    turn = about(2, heading_rad)
    at = np.concatenate([xy_m, ground_m[:, None]], axis=1)
    turns = np.broadcast_to(targets.turns, (len(turn), *targets.turns.shape[1:])).copy()
    turns[:, 0] = turn @ turns[:, 0]

    def moved(points: Array) -> Array:
        out: Array = np.einsum("kab,k...b->k...a", turn, np.broadcast_to(points, (len(turn), *points.shape[1:])))
        out += at.reshape(len(at), *[1] * (points.ndim - 2), 3)
        return out

    def turned(directions: Array) -> Array:
        out: Array = np.einsum("kab,ksb->ksa", turn, np.broadcast_to(directions, (len(turn), 2, 3)))
        return out

    return Targets(
        pelvis_m=moved(targets.pelvis_m), turns=turns, ball_m=moved(targets.ball_m), foot=turn[:, None] @ targets.foot,
        toe_rad=targets.toe_rad, knee_to=turned(targets.knee_to), palm_m=moved(targets.palm_m), palm=targets.palm,
        palm_to=turned(targets.palm_to), elbow_to=turned(targets.elbow_to),
    )  # fmt: skip
