"""Gait: a walk becomes targets. Feet stay where they are set down; pelvis, trunk and arms follow the steps.

What is planted does not slide, because legs are solved from the prints; the pelvis hangs as high as both legs allow,
which gives the published 3 to 5 cm of rise at twice the stride frequency by itself.
"""

from __future__ import annotations

import numpy as np

from scenes.mesh import Array
from scenes.motion.arms import ARM_HANG_RAD, POSES, Manner, drawn_manner, held, wander
from scenes.motion.limbs import Build, solved
from scenes.motion.steps import Walk
from scenes.motion.styles import STYLES
from scenes.motion.targets import Targets
from scenes.motion.turns import about, smooth
from scenes.people.skeleton import JOINTS, PARENTS

__all__ = ["ARM_HANG_RAD", "Manner", "drawn_manner", "solved", "walked"]


def walked(walk: Walk, t_s: Array, build: Build, manner: Manner) -> Targets:
    """The targets of somebody who walks, runs, or stands in between."""
    n, m = len(t_s), walk.moving
    turns = np.tile(np.eye(3), (n, len(PARENTS), 1, 1))
    swing = np.pi * walk.phase  # half a turn per step: one per stride
    lean, bounce, drop = (_styled(walk, name) for name in ("lean_rad", "bounce_m", "drop"))
    heading = walk.heading_rad
    shift = (1 - m) * 0.026 * build.scale * held(t_s, 5.5, manner.sway_phase_rad, 0.22)  # from leg to leg
    # pelvis: lists 4 degrees, turns 5 with the leg that swings, and the trunk turns against it (Perry)
    list_rad, yaw = 0.07 * m * np.cos(swing) - 1.1 * shift, -0.09 * m * np.sin(swing)
    root = about(2, heading + yaw) @ about(1, 0.35 * lean) @ about(0, -list_rad * 0.5)
    turns[:, 0] = root
    turns[:, JOINTS["spine"]] = about(0, list_rad * 0.6) @ about(1, 0.45 * lean + 0.02)
    turns[:, JOINTS["chest"]] = about(2, -2.1 * yaw) @ about(1, 0.2 * lean)
    turns[:, JOINTS["head"]] = about(2, 1.1 * yaw) @ about(1, -0.04 - 0.8 * np.maximum(lean - 0.03, 0))
    _swing(turns, walk, manner)
    ball, foot = _feet(walk, build)
    lateral = 0.018 * m * np.cos(swing) + shift
    pelvis = np.concatenate([walk.xy_m, np.zeros((n, 1))], axis=1)
    pelvis[:, :2] += lateral[:, None] * np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    pelvis[:, :2] += (0.010 * (1 - m) * wander(t_s, 0.13, 2 * manner.sway_phase_rad))[:, None] * np.stack(
        [np.cos(heading), np.sin(heading)], axis=1
    )
    knees = np.stack([foot[:, s, :, 0] * 0.5 + root[:, :, 0] * 0.5 for s in (0, 1)], axis=1)
    bend = np.maximum(walk.foot_pitch_rad, 0) * (1 - smooth(walk.lift_m, 0.01, 0.30))
    targets = Targets(
        pelvis_m=pelvis, turns=turns, ball_m=ball, foot=foot, toe_rad=bend, knee_to=knees,
        palm_m=np.zeros((1, 2, 3)), palm=np.zeros((1, 2)),
        palm_to=np.tile([1.0, 0.0, 0.0], (1, 2, 1)), elbow_to=np.tile([-1.0, 0.0, 0.0], (1, 2, 1)),
    )  # fmt: skip
    pelvis[:, 2] = _height(targets, walk, t_s, build, drop)
    pelvis[:, 2] -= bounce * np.cos(2 * np.pi * walk.phase) + bounce
    return targets


def _styled(walk: Walk, name: str) -> Array:
    """(N,) a number of the style that is being gone in, faded in and out with the movement."""
    values = np.zeros(len(walk.moving))
    for style, since in walk.style:
        values[since] = getattr(STYLES[style], name)
    values *= walk.moving
    return values


def _swing(turns: Array, walk: Walk, manner: Manner) -> None:
    """Arms swing against the legs about the hanging pose."""
    swing = np.sin(np.pi * walk.phase) * _styled(walk, "swing")
    bent, m = _styled(walk, "elbow_rad"), walk.moving
    for side, sign in (("l", 1.0), ("r", -1.0)):
        forward = -sign * swing  # the left arm comes forward with the right leg
        (sx, sy, sz), (ex, ey, ez) = POSES["hang"]["shoulder"], POSES["hang"]["elbow"]
        shoulder = sy - manner.arm_swing_rad * (forward - 0.15 * m) + 0.10 * bent
        elbow = ey - m * 0.05 - 0.4 * manner.arm_swing_rad * (m + forward) - bent
        turns[:, JOINTS[f"shoulder_{side}"]] = (
            about(2, sign * sz) @ about(0, sign * (sx + 0.06 * bent)) @ about(1, shoulder)
        )
        turns[:, JOINTS[f"elbow_{side}"]] = about(2, sign * (ez - 0.35 * bent)) @ about(0, sign * ex) @ about(1, elbow)


def _feet(walk: Walk, build: Build) -> tuple[Array, Array]:
    """(K, 2, 3) balls and (K, 2, 3, 3) turns of the feet: the heel or the ball stays on its print."""
    balls, feet = np.empty(walk.foot_m.shape), np.empty((*walk.foot_m.shape, 3))
    for side in (0, 1):
        ball = build.ball(side)
        heel = np.array([-0.065 * build.scale, 0.0, ball[2]])
        pitch = walk.foot_pitch_rad[:, side]
        upright = about(2, walk.foot_heading_rad[:, side])
        feet[:, side] = upright @ about(1, pitch)
        pivot = np.where(pitch[:, None] > 0, ball, heel)
        ankle = walk.foot_m[:, side] - (0, 0, ball[2])
        ankle = ankle + np.einsum("kab,kb->ka", upright, pivot) - np.einsum("kab,kb->ka", feet[:, side], pivot)
        balls[:, side] = ankle + np.einsum("kab,b->ka", feet[:, side], ball)
    return balls, feet


def _height(targets: Targets, walk: Walk, t_s: Array, build: Build, drop: Array) -> Array:
    """(K,) the highest pelvis that leaves the knees of the feet on the ground a little bent, smoothed."""
    ankles, root = targets.ankle_m(build), targets.turns[:, 0]
    leg = build.thigh_m + build.shin_m
    allowed = build.pelvis_height_m + walk.ground_m - 0.010 - 0.016 * walk.moving - drop * leg
    for side in (0, 1):  # a walking knee is never quite straight
        reach = 0.996 * leg
        at = np.einsum("kab,b->ka", root, build.at("hip", side))
        across = ankles[:, side, :2] - targets.pelvis_m[:, :2] - at[:, :2]
        rise = np.sqrt(np.maximum(reach**2 - (across**2).sum(axis=1), 0.25 * reach**2))
        allowed = np.minimum(allowed, np.where(walk.carried[:, side], np.inf, ankles[:, side, 2] + rise - at[:, 2]))
    return _under(allowed, max(1, round(0.03 / float(t_s[1] - t_s[0]))) if len(t_s) > 1 else 1)


def _under(x: Array, half: int) -> Array:
    """A smooth curve that stays below x: the least of a window, then its mean over the same window."""
    padded = np.pad(x, 2 * half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    mean: Array = np.lib.stride_tricks.sliding_window_view(windows.min(axis=1), 2 * half + 1).mean(axis=1)
    return mean
