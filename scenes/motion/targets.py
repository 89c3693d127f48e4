"""Targets: what a body aims at, instant by instant: pelvis, trunk, arms, where feet and palms are set; and solved().

Motions are mixed as targets, never as joint angles, so that a foot which two motions set on the same place stays there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.motion.limbs import ELBOW_BENDS, SIDES, Build, solved
from scenes.motion.turns import about, frame, mixed, smooth, transposed, unit
from scenes.people.skeleton import JOINTS
from scenes.shot import quaternions

UPPER: Array = np.array(
    [JOINTS[n] for n in ("spine", "chest", "neck", "head")]
    + [JOINTS[f"{n}_{s}"] for s in SIDES for n in ("shoulder", "elbow", "wrist")]
)
"""Joints whose local rotations are aimed at directly."""
ARMS: tuple[tuple[int, int, int], ...] = tuple(
    (JOINTS[f"shoulder_{s}"], JOINTS[f"elbow_{s}"], JOINTS[f"wrist_{s}"]) for s in SIDES
)
MOST_DORSIFLEXION_RAD, MOST_WRIST_RAD, MOST_TOE_RAD = 0.68, 1.48, 1.45
"""Where a heel comes off the floor, the heel of a hand, and how far toes bend: 39, 85 and 83 degrees."""
KNEE_HEIGHT_M = 0.065
"""Of a knee's joint above the floor that it kneels on, clothes included."""
FINGERS_M = 0.16
PALM_HEIGHT_M = 0.058
"""Of the wrist over the floor that the palm lies on."""


@dataclass(frozen=True, kw_only=True)
class Targets:
    """K instants; every array may have 1 in the place of K."""

    pelvis_m: Array
    """(K, 3) world."""
    turns: Array
    """(K, J, 3, 3): the pelvis in the world and, of UPPER, local rotations from rest; legs are not looked at."""
    ball_m: Array
    """(K, 2, 3) world: where the sole under the ball of the left and the right foot is."""
    foot: Array
    """(K, 2, 3, 3) world rotations of the feet."""
    toe_rad: Array
    """(K, 2) bend of the toes, up positive."""
    knee_to: Array
    """(K, 2, 3) world directions that the knees point to."""
    palm_m: Array
    """(K, 2, 3) world: where the wrists are while the palms lie on something."""
    palm: Array
    """(K, 2) 0 the arm hangs from the shoulder .. 1 its palm lies at palm_m."""
    palm_to: Array
    """(K, 2, 3) world directions that the fingers of planted palms point to, level."""
    elbow_to: Array
    """(K, 2, 3) world directions that the elbows of planted palms point to."""

    floor_m: float = 0.0
    """Height of the floor that knees lie on; minus infinity on stairs, where none do."""

    def at(self, now: Array) -> Targets:
        """The targets of some instants: a mask or indices of K."""
        fields = {name: value if len(value) == 1 else value[now] for name, value in self.arrays().items()}
        return replace(self, **fields)  # type: ignore[arg-type]

    def arrays(self) -> dict[str, Array]:
        """The fields of K instants."""
        return {name: value for name, value in vars(self).items() if name != "floor_m"}

    def ankle_m(self, build: Build) -> Array:
        """(K, 2, 3) world: bent toes lie on the floor with all their thickness."""
        ankles = []
        for side in (0, 1):
            ankle = self.ball_m[:, side] - np.einsum("kab,b->ka", self.foot[:, side], build.ball(side))
            ankle[:, 2] += build.toe_height_m * (1 - np.cos(self.toe_rad[:, side]))
            ankles.append(ankle)
        return np.stack(ankles, axis=1)


def blended(one: Targets, other: Targets, share: Array, *, first_foot: int = 0) -> Targets:
    """From one to the other; `share` (K,) runs 0..1, evenly in time.

    What moves goes with a soft start and end; a foot that is set elsewhere is lifted there in its own part of the time,
    one after the other, so that neither slides.
    """
    soft = smooth(share)
    apart = np.linalg.norm(other.ball_m - one.ball_m, axis=2).max(axis=0)
    steps = apart > 0.015
    windows = {True: ((0.02, 0.52), (0.48, 0.98)), False: ((0.06, 0.94),) * 2}[bool(steps.all())]
    ball, foot, toe = np.broadcast_to(one.ball_m, (len(share), 2, 3)).copy(), [], []
    for side in (0, 1):
        low, high = windows[side if first_foot == 0 else 1 - side]
        mine = smooth(share, low, high) if steps[side] else soft
        ball[:, side] += mine[:, None] * (other.ball_m - one.ball_m)[:, side]
        if steps[side]:
            u = np.clip((share - low) / (high - low), 0, 1)
            level = np.maximum(one.ball_m[:, side, 2], other.ball_m[:, side, 2])  # straight up and over
            ball[:, side, 2] += np.sin(np.pi * u) ** 0.8 * np.minimum(0.03 + 0.12 * apart[side], 0.09) * (level < 0.5)
        foot.append(mixed(one.foot[:, side], other.foot[:, side], mine))
        toe.append(one.toe_rad[:, side] + mine * (other.toe_rad - one.toe_rad)[:, side])
    turns = np.broadcast_to(one.turns, (len(share), *one.turns.shape[1:])).copy()
    parts = np.concatenate([[0], UPPER])
    turns[:, parts] = mixed(one.turns[:, parts], other.turns[:, parts], soft[:, None])
    line = {
        n: getattr(one, n) + soft.reshape(-1, *[1] * (getattr(one, n).ndim - 1)) * (getattr(other, n) - getattr(one, n))
        for n in ("pelvis_m", "knee_to", "palm", "palm_to", "elbow_to")
    }
    palm_m = np.where(one.palm[..., None] == 0, other.palm_m, np.where(other.palm[..., None] == 0, one.palm_m,
             one.palm_m + soft[:, None, None] * (other.palm_m - one.palm_m)))  # fmt: skip
    return Targets(turns=turns, ball_m=ball, foot=np.stack(foot, axis=1), toe_rad=np.stack(toe, axis=1),
                   palm_m=np.broadcast_to(palm_m, (len(share), 2, 3)), **line)  # fmt: skip


def put(whole: Targets, part: Targets, now: Array) -> Targets:
    """`whole` with `part` at the instants of a mask."""
    fields = {}
    for name, value in whole.arrays().items():
        fields[name] = value.copy()
        fields[name][now] = getattr(part, name)
    return replace(whole, **fields)  # type: ignore[arg-type]


def spread(targets: Targets, k: int) -> Targets:
    """With K instants in every array."""
    full = {n: np.broadcast_to(v, (k, *v.shape[1:])).copy() for n, v in targets.arrays().items()}
    return replace(targets, **full)  # type: ignore[arg-type]


def reached(targets: Targets, build: Build) -> Targets:
    """The pelvis drawn to the feet by what a leg is too short, and over knees that lie on the floor."""
    pelvis, ankle = targets.pelvis_m.copy(), targets.ankle_m(build)
    reach = 0.9985 * (build.thigh_m + build.shin_m)
    for _ in range(3):
        for side in (0, 1):
            hip = pelvis + np.einsum("kab,b->ka", targets.turns[:, 0], build.at("hip", side))
            line = ankle[:, side] - hip
            length = np.linalg.norm(line, axis=1)
            pelvis += (np.maximum(length - reach, 0) / length)[:, None] * line
    for side in (0, 1):
        hip = pelvis + np.einsum("kab,b->ka", targets.turns[:, 0], build.at("hip", side))
        thigh, _ = _leg(hip, ankle[:, side], targets, build, side)
        knee = hip + thigh @ build.bone("hip", "knee", side)
        low = np.flatnonzero(knee[:, 2] < targets.floor_m + KNEE_HEIGHT_M)
        if len(low):
            pelvis[low] += _lifted(hip[low], knee[low], ankle[low, side], build, targets.floor_m) - hip[low]
    return replace(targets, pelvis_m=pelvis)


def _leg(hip: Array, ankle: Array, targets: Targets, build: Build, side: int) -> tuple[Array, Array]:
    """World turns of thigh and shin."""
    return solved(hip, ankle, build.bone("hip", "knee", side), build.bone("knee", "ankle", side),
                  bend_towards=targets.knee_to[:, side])  # fmt: skip


def _lifted(hip: Array, knee: Array, ankle: Array, build: Build, floor_m: float) -> Array:
    """Where hips go so that knees which would be below the floor lie on it, the ankles where they are."""
    rise = np.clip(floor_m + KNEE_HEIGHT_M - ankle[:, 2], -0.9 * build.shin_m, 0.9 * build.shin_m)
    level = unit((knee - ankle) * (1, 1, 0)) * np.sqrt(build.shin_m**2 - rise**2)[:, None]
    on_floor = ankle + level + rise[:, None] * (0, 0, 1)
    hips: Array = on_floor + build.thigh_m * unit(hip - on_floor)
    return hips


def joints(targets: Targets, build: Build) -> tuple[Array, Array]:
    """(K, J, 4) float32 local rotations and (K, 3) float32 pelvis positions that meet the targets."""
    targets = reached(targets, build)
    turns, pelvis = targets.turns.copy(), targets.pelvis_m
    root, ankle, foot = turns[:, 0], targets.ankle_m(build), targets.foot.copy()
    for side, name in enumerate(SIDES):
        hip_m = pelvis + np.einsum("kab,b->ka", root, build.at("hip", side))
        toe = targets.toe_rad[:, side].copy()
        for _ in range(3):  # a heel comes up about the ball where the ankle bends no further
            thigh, shin = _leg(hip_m, ankle[:, side], targets, build, side)
            bend = transposed(shin) @ foot[:, side]
            over = -np.arctan2(bend[:, 0, 2], bend[:, 2, 2]) - MOST_DORSIFLEXION_RAD
            now = over > 1e-3
            if not now.any():
                break
            foot[now, side] = foot[now, side] @ about(1, 1.15 * over[now])
            toe[now] = np.minimum(toe[now] + 1.15 * over[now], MOST_TOE_RAD)  # toes stay on the floor
            ankle[now, side] = targets.ball_m[now, side] - foot[now, side] @ build.ball(side)
            ankle[now, side, 2] += build.toe_height_m * (1 - np.cos(toe[now]))
        else:
            thigh, shin = _leg(hip_m, ankle[:, side], targets, build, side)
        turns[:, JOINTS[f"hip_{name}"]] = transposed(root) @ thigh
        turns[:, JOINTS[f"knee_{name}"]] = transposed(thigh) @ shin
        turns[:, JOINTS[f"ankle_{name}"]] = transposed(shin) @ foot[:, side]
        turns[:, JOINTS[f"toe_{name}"]] = about(1, -toe)
    if targets.palm.any():
        _palms(turns, targets, build)
    return quaternions(turns).astype(np.float32), pelvis.astype(np.float32)


def chest(turns: Array, pelvis_m: Array, build: Build) -> tuple[Array, Array]:
    """(K, 3, 3) and (K, 3): where the chest is."""
    spine = turns[:, 0] @ turns[:, JOINTS["spine"]]
    at = pelvis_m + np.einsum("kab,b->ka", turns[:, 0], build.at("spine"))
    at = at + np.einsum("kab,b->ka", spine, build.at("chest") - build.at("spine"))
    return spine @ turns[:, JOINTS["chest"]], at


def _palms(turns: Array, targets: Targets, build: Build) -> None:
    """Arms whose palms lie on something."""
    turn, at = chest(turns, targets.pelvis_m, build)
    for side, (shoulder, elbow, wrist) in enumerate(ARMS):
        share = targets.palm[:, side]
        now = share > 0
        start = at[now] + np.einsum("kab,b->ka", turn[now], build.at("shoulder", side) - build.at("chest"))
        upper_m, lower_m = build.bone("shoulder", "elbow", side), build.bone("elbow", "wrist", side)
        outward = np.array([0.0, -1.0 if side == 0 else 1.0, 0.0])  # palms look inward at rest
        flat = frame(targets.palm_to[now, side], np.array([0.0, 0.0, -1.0])) @ frame(lower_m, outward).T
        palm_m = targets.palm_m[now, side].copy()
        for again in (True, False):
            upper, lower = solved(start, palm_m, upper_m, lower_m, bend_towards=targets.elbow_to[now, side],
                                  bends=ELBOW_BENDS)  # fmt: skip
            bend = transposed(lower) @ flat
            angle = np.arccos(np.clip((np.trace(bend, axis1=1, axis2=2) - 1) / 2, -1, 1))
            over = np.maximum(angle - MOST_WRIST_RAD, 0)
            if again:  # the heel of the hand comes up where the wrist bends no further
                palm_m[:, 2] += FINGERS_M * build.scale * np.sin(over)
        bend = mixed(np.eye(3)[None], bend, np.minimum(MOST_WRIST_RAD / np.maximum(angle, 1e-6), 1.0))
        for joint, wanted in ((shoulder, transposed(turn[now]) @ upper), (elbow, transposed(upper) @ lower),
                              (wrist, bend)):  # fmt: skip
            turns[now, joint] = mixed(turns[now, joint], wanted, share[now])


def towards(
    shoulder_m: Array, wrist_m: Array, build: Build, side: int, elbow_to: tuple[float, float, float]
) -> tuple[Array, Array]:
    """Local turns (K, 3, 3) of shoulder and elbow that bring the wrist to places (K, 3) in the chest's own frame."""
    ends = np.atleast_2d(wrist_m)
    pole = np.broadcast_to(unit(np.asarray(elbow_to, float)), ends.shape)
    upper, lower = solved(np.broadcast_to(shoulder_m, ends.shape), ends, build.bone("shoulder", "elbow", side),
                          build.bone("elbow", "wrist", side), bend_towards=pole, bends=ELBOW_BENDS)  # fmt: skip
    return upper, transposed(upper) @ lower
