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
PALM_HEIGHT_M = 0.035
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
    elbow_to: Array
    """(K, 2, 3) world directions that the elbows of planted palms point to."""

    def at(self, now: Array) -> Targets:
        """The targets of some instants: a mask or indices of K."""
        fields = {name: value if len(value) == 1 else value[now] for name, value in vars(self).items()}
        return Targets(**fields)

    def ankle_m(self, build: Build) -> Array:
        """(K, 2, 3) world."""
        return np.stack(
            [self.ball_m[:, s] - np.einsum("kab,b->ka", self.foot[:, s], build.ball(s)) for s in (0, 1)], axis=1
        )


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
        for n in ("pelvis_m", "knee_to", "palm", "elbow_to")
    }
    palm_m = np.where(one.palm[..., None] == 0, other.palm_m, np.where(other.palm[..., None] == 0, one.palm_m,
             one.palm_m + soft[:, None, None] * (other.palm_m - one.palm_m)))  # fmt: skip
    return Targets(turns=turns, ball_m=ball, foot=np.stack(foot, axis=1), toe_rad=np.stack(toe, axis=1),
                   palm_m=np.broadcast_to(palm_m, (len(share), 2, 3)), **line)  # fmt: skip


def put(whole: Targets, part: Targets, now: Array) -> Targets:
    """`whole` with `part` at the instants of a mask."""
    fields = {}
    for name, value in vars(whole).items():
        fields[name] = value.copy()
        fields[name][now] = getattr(part, name)
    return Targets(**fields)


def spread(targets: Targets, k: int) -> Targets:
    """With K instants in every array."""
    return Targets(**{n: np.broadcast_to(v, (k, *v.shape[1:])).copy() for n, v in vars(targets).items()})


def reached(targets: Targets, build: Build) -> Targets:
    """The pelvis drawn to the feet by what a leg is too short."""
    pelvis, ankle = targets.pelvis_m.copy(), targets.ankle_m(build)
    reach = 0.9985 * (build.thigh_m + build.shin_m)
    for _ in range(3):
        for side in (0, 1):
            hip = pelvis + np.einsum("kab,b->ka", targets.turns[:, 0], build.at("hip", side))
            line = ankle[:, side] - hip
            length = np.linalg.norm(line, axis=1)
            pelvis += (np.maximum(length - reach, 0) / length)[:, None] * line
    return replace(targets, pelvis_m=pelvis)


def joints(targets: Targets, build: Build) -> tuple[Array, Array]:
    """(K, J, 4) float32 local rotations and (K, 3) float32 pelvis positions that meet the targets."""
    targets = reached(targets, build)
    turns, pelvis = targets.turns.copy(), targets.pelvis_m
    root, ankle = turns[:, 0], targets.ankle_m(build)
    for side, name in enumerate(SIDES):
        hip_m = pelvis + np.einsum("kab,b->ka", root, build.at("hip", side))
        thigh, shin = solved(hip_m, ankle[:, side], build.bone("hip", "knee", side), build.bone("knee", "ankle", side),
                             bend_towards=targets.knee_to[:, side])  # fmt: skip
        turns[:, JOINTS[f"hip_{name}"]] = transposed(root) @ thigh
        turns[:, JOINTS[f"knee_{name}"]] = transposed(thigh) @ shin
        turns[:, JOINTS[f"ankle_{name}"]] = transposed(shin) @ targets.foot[:, side]
        turns[:, JOINTS[f"toe_{name}"]] = about(1, -targets.toe_rad[:, side])
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
    ahead = targets.turns[:, 0, :, 0] + targets.turns[:, 0, :, 2]
    for side, (shoulder, elbow, wrist) in enumerate(ARMS):
        share = targets.palm[:, side]
        now = share > 0
        start = at[now] + np.einsum("kab,b->ka", turn[now], build.at("shoulder", side) - build.at("chest"))
        upper_m, lower_m = build.bone("shoulder", "elbow", side), build.bone("elbow", "wrist", side)
        upper, lower = solved(start, targets.palm_m[now, side], upper_m, lower_m,
                              bend_towards=targets.elbow_to[now, side], bends=ELBOW_BENDS)  # fmt: skip
        outward = np.array([0.0, -1.0 if side == 0 else 1.0, 0.0])  # palms look inward at rest
        flat = frame(ahead[now] * (1, 1, 0), np.array([0.0, 0.0, -1.0])) @ frame(lower_m, outward).T
        for joint, wanted in ((shoulder, transposed(turn[now]) @ upper), (elbow, transposed(upper) @ lower),
                              (wrist, transposed(lower) @ flat)):  # fmt: skip
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
