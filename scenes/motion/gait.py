"""Gait: a walk becomes joint rotations. Feet stay where they are set down; pelvis, trunk and arms follow the steps.

Legs are solved from the prints, so that what is planted does not slide; the pelvis hangs as high as both legs allow,
which gives the published 3 to 5 cm of rise at twice the stride frequency by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.motion.steps import Walk
from scenes.motion.turns import about, frame, smooth, transposed, unit
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import quaternions

ARM_HANG_RAD = 0.25
"""From the rest pose, arms 22 degrees off the body, to arms that hang."""

GESTURES: Mapping[str, Mapping[str, tuple[float, float, float]]] = {
    # joint -> turns about x, y, z in rad of a left limb, from rest; a right limb mirrors them
    "hang": {"shoulder": (-ARM_HANG_RAD, 0.0, 0.0), "elbow": (0.0, -0.25, 0.0)},
    "hands_up": {"shoulder": (0.45, -1.30, 0.0), "elbow": (0.1, -1.75, 0.0)},
    "ward_off": {"shoulder": (-0.15, -0.95, 0.0), "elbow": (0.0, -0.75, -0.5)},
}


@dataclass(frozen=True, kw_only=True)
class Gesture:
    """What the arms do from an instant on, until the next gesture."""

    at_s: float
    name: str
    """A row of GESTURES."""
    seconds: float = 0.5
    """To get there."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How one person moves; drawn from the person's own lane."""

    arm_swing_rad: float
    sway_phase_rad: float
    glance_rad: float
    """How far the head turns while looking about."""


def drawn_manner(rng: np.random.Generator) -> Manner:
    """One person's manner."""
    return Manner(
        arm_swing_rad=float(rng.uniform(0.25, 0.5)),
        sway_phase_rad=float(rng.uniform(0, 2 * np.pi)),
        glance_rad=float(rng.uniform(0.1, 0.4)),
    )


def posed(
    walk: Walk, t_s: Array, *, joints_m: Array, pelvis_height_m: float, manner: Manner,
    gestures: tuple[Gesture, ...] = (),
) -> tuple[Array, Array]:  # fmt: skip
    """(K, J, 4) local rotations and (K, 3) pelvis positions of a body with these rest joints (pelvis at 0)."""
    n = len(t_s)
    turns = np.tile(np.eye(3), (n, len(PARENTS), 1, 1))
    swing = np.pi * walk.phase  # half a turn per step: one per stride
    m, sway = walk.moving, manner.sway_phase_rad
    idle = (1 - 0.7 * m) * 0.012
    lean = idle * np.sin(2 * np.pi * 0.23 * t_s + sway)
    # pelvis: lists 4 degrees, turns 5 with the leg that swings, and the trunk turns against it (Perry)
    list_rad, yaw = 0.07 * m * np.cos(swing), -0.09 * m * np.sin(swing)
    root = about(2, walk.heading_rad + yaw) @ about(0, -list_rad * 0.5 + lean)
    turns[:, JOINTS["spine"]] = about(0, list_rad * 0.6 - lean) @ about(1, 0.03 * m + 0.02)
    turns[:, JOINTS["chest"]] = about(2, -2.1 * yaw) @ about(1, 0.02 * np.sin(2 * np.pi * 0.25 * t_s + sway))
    glance = manner.glance_rad * np.sin(2 * np.pi * 0.11 * t_s + 2 * sway)
    turns[:, JOINTS["head"]] = about(2, 1.1 * yaw + glance) @ about(1, -0.04 + 0.03 * np.sin(0.9 * t_s + sway))
    _arms(turns, walk, t_s, manner, gestures)
    turns[:, 0] = root
    pelvis = np.concatenate([walk.xy_m, np.full((n, 1), pelvis_height_m)], axis=1)
    lateral = 0.018 * m * np.cos(swing) + idle * np.sin(2 * np.pi * 0.19 * t_s + 3 * sway)
    pelvis[:, :2] += lateral[:, None] * np.stack([-np.sin(walk.heading_rad), np.cos(walk.heading_rad)], axis=1)
    pelvis[:, 2] = _height(pelvis, root, walk, t_s, joints_m, pelvis_height_m)
    _legs(turns, pelvis, root, walk, joints_m)
    return quaternions(turns).astype(np.float32), pelvis.astype(np.float32)


def _arms(turns: Array, walk: Walk, t_s: Array, manner: Manner, gestures: tuple[Gesture, ...]) -> None:
    """Arms swing against the legs about the hanging pose, and give way to gestures."""
    swing = np.sin(np.pi * walk.phase) * walk.moving
    for side, sign in (("l", 1.0), ("r", -1.0)):
        angles = {joint: np.tile(GESTURES["hang"][joint], (len(t_s), 1)) for joint in ("shoulder", "elbow")}
        forward = -sign * swing  # the left arm comes forward with the right leg
        angles["shoulder"][:, 1] -= manner.arm_swing_rad * (forward - 0.15 * walk.moving)
        angles["elbow"][:, 1] -= walk.moving * (0.05 + 0.4 * manner.arm_swing_rad * (1 + forward))
        for gesture in gestures:
            share = smooth(t_s, gesture.at_s, gesture.at_s + gesture.seconds)[:, None]
            for joint, wanted in GESTURES[gesture.name].items():
                angles[joint] += share * (np.asarray(wanted) - angles[joint])
        for joint, (x, y, z) in ((j, a.T) for j, a in angles.items()):
            turns[:, JOINTS[f"{joint}_{side}"]] = about(2, sign * z) @ about(0, sign * x) @ about(1, y)


def _ankles(walk: Walk, joints_m: Array, pelvis_height_m: float) -> tuple[Array, Array]:
    """(K, 2, 3) places of the ankles and (K, 2, 3, 3) turns of the feet: the heel or the ball stays on its print."""
    places, feet = np.empty(walk.foot_m.shape), np.empty((*walk.foot_m.shape, 3))
    up = np.array([0.0, 0.0, pelvis_height_m])
    for side, name in enumerate("lr"):
        ankle = joints_m[JOINTS[f"ankle_{name}"]].astype(float) + up
        toe = joints_m[JOINTS[f"toe_{name}"]].astype(float) + up
        ball, heel = np.array([toe[0] - ankle[0], 0.0, -ankle[2]]), np.array([-0.065, 0.0, -ankle[2]])
        pitch = walk.foot_pitch_rad[:, side]
        upright = about(2, walk.foot_heading_rad[:, side])
        feet[:, side] = upright @ about(1, pitch)
        pivot = np.where(pitch[:, None] > 0, ball, heel)
        ground = walk.foot_m[:, side] + (0, 0, ankle[2])
        places[:, side] = (
            ground + np.einsum("kab,kb->ka", upright, pivot) - np.einsum("kab,kb->ka", feet[:, side], pivot)
        )
    return places, feet


def _height(pelvis: Array, root: Array, walk: Walk, t_s: Array, joints_m: Array, pelvis_height_m: float) -> Array:
    """(K,) the highest pelvis that leaves the knees of the feet on the ground a little bent, smoothed."""
    ankles, _ = _ankles(walk, joints_m, pelvis_height_m)
    allowed = pelvis_height_m - 0.010 - 0.016 * walk.moving  # a walking knee is never quite straight
    for side, name in enumerate("lr"):
        hip, knee, ankle = (joints_m[JOINTS[f"{j}_{name}"]].astype(float) for j in ("hip", "knee", "ankle"))
        reach = 0.996 * (np.linalg.norm(knee - hip) + np.linalg.norm(ankle - knee))
        at = np.einsum("kab,b->ka", root, hip)
        across = ankles[:, side, :2] - pelvis[:, :2] - at[:, :2]
        rise = np.sqrt(np.maximum(reach**2 - (across**2).sum(axis=1), 0.25 * reach**2))
        carried = walk.foot_m[:, side, 2] > 1e-6
        allowed = np.minimum(allowed, np.where(carried, np.inf, ankles[:, side, 2] + rise - at[:, 2]))
    return _under(allowed, max(1, round(0.03 / float(t_s[1] - t_s[0]))))


def _under(x: Array, half: int) -> Array:
    """A smooth curve that stays below x: the least of a window, then its mean over the same window."""
    padded = np.pad(x, 2 * half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    mean: Array = np.lib.stride_tricks.sliding_window_view(windows.min(axis=1), 2 * half + 1).mean(axis=1)
    return mean


def _legs(turns: Array, pelvis: Array, root: Array, walk: Walk, joints_m: Array) -> None:
    """Hips, knees, ankles and toes from where the ankles must be."""
    ankles, feet = _ankles(walk, joints_m, float(-joints_m[JOINTS["ankle_l"], 2] + 0.09))
    for side, name in enumerate("lr"):
        hip, knee, ankle = (joints_m[JOINTS[f"{j}_{name}"]].astype(float) for j in ("hip", "knee", "ankle"))
        hip_world = pelvis + np.einsum("kab,b->ka", root, hip)
        outward = feet[:, side, :, 0] * 0.5 + root[:, :, 0] * 0.5  # knees point between the feet and the pelvis
        thigh, shin = solved(hip_world, ankles[:, side], knee - hip, ankle - knee, bend_towards=outward)
        turns[:, JOINTS[f"hip_{name}"]] = transposed(root) @ thigh
        turns[:, JOINTS[f"knee_{name}"]] = transposed(thigh) @ shin
        turns[:, JOINTS[f"ankle_{name}"]] = transposed(shin) @ feet[:, side]
        bend = np.maximum(walk.foot_pitch_rad[:, side], 0)
        turns[:, JOINTS[f"toe_{name}"]] = about(1, -bend * (1 - smooth(walk.foot_m[:, side, 2], 0.01, 0.08)))


def solved(start: Array, end: Array, first: Array, second: Array, *, bend_towards: Array) -> tuple[Array, Array]:
    """World turns (K, 3, 3) of two bones, `first` and `second` (3,) at rest, that reach from start to end (K, 3)."""
    a, b = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    line = end - start
    length = np.clip(np.linalg.norm(line, axis=1), abs(a - b) + 1e-3, (a + b) * 0.9995)
    line = unit(line)
    side = unit(bend_towards - (bend_towards * line).sum(axis=1, keepdims=True) * line)
    cosine = np.clip((a * a + length**2 - b * b) / (2 * a * length), -1, 1)
    joint = a * (cosine[:, None] * line + np.sqrt(1 - cosine**2)[:, None] * side)
    rest_bend = np.array([1.0, 0.0, 0.0])
    thigh = frame(joint, side) @ frame(first, rest_bend).T
    shin = frame(length[:, None] * line - joint, side) @ frame(second, rest_bend).T
    return thigh, shin
