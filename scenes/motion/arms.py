"""Arms: held poses and living gestures of arms and head, laid over whatever the legs do.

Gestures reach for places in the chest's own frame, so that hands meet ears and boxes on bodies of every size. Rates:
hand waves of 1.5 to 2 Hz, beat gestures at 0.5 to 1.5 Hz (Pouw et al. 2020 [R]); places and angles are our own [P].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from scenes.mesh import Array
from scenes.motion.limbs import SIDES, Build
from scenes.motion.targets import towards
from scenes.motion.turns import about, smooth

ARM_HANG_RAD = 0.25
"""From the rest pose, arms 22 degrees off the body, to arms that hang."""

Angles = tuple[float, float, float]
POSES: Mapping[str, Mapping[str, Angles]] = {
    # joint -> turns about x, y, z in rad of a left limb, from rest; a right limb mirrors them
    "hang": {"shoulder": (-ARM_HANG_RAD, 0.0, 0.0), "elbow": (0.0, -0.25, 0.0)},
    "hands_up": {"shoulder": (0.45, -1.30, 0.0), "elbow": (0.1, -1.75, 0.0)},
    "ward_off": {"shoulder": (-0.15, -0.95, 0.0), "elbow": (0.0, -0.75, -0.5)},
    "on_knees": {"shoulder": (-0.12, -0.72, 0.0), "elbow": (0.0, -0.55, -0.25)},
    "on_thighs": {"shoulder": (-0.25, -0.20, 0.0), "elbow": (0.0, -0.80, -0.60)},
    "over_head": {"shoulder": (0.25, -1.75, 0.0), "elbow": (0.0, -2.05, -0.35)},
}


def arm_turns(pose: Mapping[str, Angles]) -> dict[str, Array]:
    """joint of a side -> (3, 3) local turn."""
    return {
        f"{joint}_{side}": about(2, sign * z) @ about(0, sign * x) @ about(1, y)
        for side, sign in (("l", 1.0), ("r", -1.0))
        for joint, (x, y, z) in {"wrist": (0.0, 0.0, 0.0), **pose}.items()
    }


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How one person moves; drawn from the person's own lane."""

    arm_swing_rad: float
    sway_phase_rad: float
    glance_rad: float
    """How far the head turns while looking about."""
    hand: int = 1
    """The hand that points, waves and holds the phone: 0 left, 1 right."""
    pace: float = 1.0
    """Rate of what the hands do."""
    aim_rad: float = 0.2
    """How far outward from straight ahead an arm points."""


def drawn_manner(rng: np.random.Generator) -> Manner:
    """One person's manner."""
    return Manner(
        arm_swing_rad=float(rng.uniform(0.25, 0.5)),
        sway_phase_rad=float(rng.uniform(0, 2 * np.pi)),
        glance_rad=float(rng.uniform(0.1, 0.4)),
        hand=int(rng.random() < 0.88),  # 10 to 12 % of people are left-handed (Papadatou-Pastou et al. 2020)
        pace=float(rng.uniform(0.85, 1.15)),
        aim_rad=float(rng.uniform(-0.1, 0.7)),
    )


def wander(t_s: Array, hz: float, phase_rad: float) -> Array:
    """A slow aimless curve within -1..1 that does not repeat within a clip."""
    t = 2 * np.pi * hz * t_s
    curve: Array = 0.5 * np.sin(t + phase_rad) + 0.3 * np.sin(1.73 * t + 2.1 * phase_rad)
    curve += 0.2 * np.sin(2.91 * t + 3.7 * phase_rad)
    return curve


def held(t_s: Array, period_s: float, phase_rad: float, share: float = 0.25) -> Array:
    """Within -1..1: stays somewhere, then goes elsewhere in this share of the period, as a gaze and a stance do."""
    n = np.floor(t_s / period_s + phase_rad)
    u = t_s / period_s + phase_rad - n
    before, after = (np.sin(2.4 * np.sin(7.7 * (n + k) + phase_rad) + 5.3 * (n + k)) for k in (0, 1))
    curve: Array = before + (after - before) * smooth(u, 0, share)
    return curve


@dataclass(frozen=True, kw_only=True)
class Laid:
    """What a gesture lays over the rest of the body."""

    arms: Mapping[int, tuple[Array, Array]] = field(default_factory=dict)
    """side -> local turns (K | 1, 3, 3) of shoulder and elbow; a side not named goes on as it does."""
    trunk: Mapping[str, tuple[object, object, object]] = field(default_factory=dict)
    """joint -> further turns about x, y, z in rad, numbers or (K,)."""


Gesturing = Callable[[Array, Build, Manner], Laid]
"""(seconds since it began (K,), build, manner) -> Laid."""


def _reach(build: Build, side: int, wrist_m: Array, elbow_to: Angles) -> tuple[Array, Array]:
    """To (K, 3) or (3,) in the chest's frame, written for a left arm of a body of 1.75 m."""
    sign = np.array([1.0, 1.0 if side == 0 else -1.0, 1.0])
    size = build.arm_m / _MIDDLING.arm_m
    shoulder = build.at("shoulder", side) - build.at("chest")
    rest = (_MIDDLING.at("shoulder", 0) - _MIDDLING.at("chest")) * sign
    wrist = shoulder + size * (np.atleast_2d(wrist_m) * sign - rest)
    return towards(shoulder, wrist, build, side, tuple(sign * elbow_to))


_MIDDLING = Build.of_stature(1.75)


def _kept(pose: str, tremble_rad: float = 0.0) -> Gesturing:
    """Both arms in a pose, never quite still."""

    def laid(t_s: Array, build: Build, manner: Manner) -> Laid:
        arms = {}
        for side, name in enumerate(SIDES):
            turns = arm_turns(POSES[pose])
            live = about(1, tremble_rad * wander(t_s, 0.35, manner.sway_phase_rad + 2 * side))
            stir = about(0, tremble_rad * wander(t_s, 0.27, 3 * manner.sway_phase_rad + side))
            arms[side] = (turns[f"shoulder_{name}"] @ live, turns[f"elbow_{name}"] @ stir)
        return Laid(arms=arms)

    return laid


def point(t_s: Array, build: Build, manner: Manner) -> Laid:
    """An arm stretched out at shoulder height; the head looks along it."""
    aim = manner.aim_rad + 0.05 * wander(t_s, 0.3, manner.sway_phase_rad)
    reach = 0.525 + 0.012 * wander(t_s, 0.6, manner.sway_phase_rad)
    level = 0.21 + 0.03 * wander(t_s, 0.25, 2 * manner.sway_phase_rad)
    wrist = np.stack([reach * np.cos(aim) - 0.01, 0.172 + reach * np.sin(aim), level], axis=1)
    side = manner.hand
    look = (0.6 if side == 0 else -0.6) * aim
    return Laid(arms={side: _reach(build, side, wrist, (-0.2, 0.5, -1.0))}, trunk={"head": (0, 0, look)})


def wave(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A raised forearm swings from side to side."""
    beat = np.sin(2 * np.pi * 1.7 * manner.pace * t_s)
    wrist = np.stack([0.16 + 0 * t_s, 0.33 + 0.10 * beat, 0.42 - 0.02 * beat**2], axis=1)
    return Laid(arms={manner.hand: _reach(build, manner.hand, wrist, (-0.3, 0.8, -0.7))},
                trunk={"head": (0, 0, 0.05 * wander(t_s, 0.3, manner.sway_phase_rad))})  # fmt: skip


def talk(t_s: Array, build: Build, manner: Manner) -> Laid:
    """Hands rise and beat with the words and sink again; the head nods and turns."""
    arms, phase = {}, manner.sway_phase_rad
    t = t_s * manner.pace
    for side in (0, 1):
        own = phase + 1.9 * side
        level = smooth(held(t, 1.9, own, 0.45) + (0.35 if side == manner.hand else -0.25), -0.5, 0.5)[:, None]
        x, y, z = (wander(t, hz, own + k) for k, hz in enumerate((0.55, 0.45, 0.75)))
        up = np.stack([0.28 + 0.06 * x, 0.19 + 0.07 * y, -0.06 + 0.08 * z], axis=1)
        down = np.array([0.075, 0.20, -0.27])
        arms[side] = _reach(build, side, down + level * (up - down), (-0.8, 0.45, -0.7))
    slow = wander(t, 0.3, phase)
    head = (0.05 * slow, 0.06 * wander(t, 0.8, 2 * phase), 0.10 * wander(t, 0.22, 3 * phase))
    return Laid(arms=arms, trunk={"head": head, "chest": (0, 0.02 * wander(t, 0.4, phase), 0.05 * slow)})


def phone_ear(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A phone at the ear, the elbow down and forward."""
    side = manner.hand
    stir = wander(t_s, 0.3, manner.sway_phase_rad)
    wrist = np.stack([0.147 + 0.006 * stir, 0.195 + 0.004 * stir, 0.315 + 0.006 * stir], axis=1)
    tilt = 0.10 if side == 1 else -0.10
    return Laid(arms={side: _reach(build, side, wrist, (0.1, 0.55, -1.0))},
                trunk={"head": (tilt, 0.06 + 0.04 * stir, 0.10 * wander(t_s, 0.2, manner.sway_phase_rad))})  # fmt: skip


def phone_look(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A phone before the chest; the head is bent over it."""
    side = manner.hand
    stir = wander(t_s, 0.5, manner.sway_phase_rad)
    wrist = np.stack([0.245 + 0.008 * stir, 0.07 + 0.006 * stir, 0.10 + 0.008 * stir], axis=1)
    return Laid(arms={side: _reach(build, side, wrist, (-0.5, 0.5, -1.0))},
                trunk={"neck": (0, 0.16, 0), "head": (0, 0.30 + 0.04 * stir, 0)})  # fmt: skip


def film(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A phone held up before the face in both hands' reach, looking at its screen."""
    stir = wander(t_s, 0.4, manner.sway_phase_rad)
    wrist = np.stack([0.36 + 0.008 * stir, 0.06 + 0.006 * stir, 0.29 + 0.008 * stir], axis=1)
    return Laid(arms={manner.hand: _reach(build, manner.hand, wrist, (-0.2, 0.8, -1.0))},
                trunk={"head": (0, 0.05, 0)})  # fmt: skip


def carry_box(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A box before the belly in both hands; the trunk leans back against it."""
    stir = 0.006 * wander(t_s, 0.5, manner.sway_phase_rad)
    wrist = np.stack([0.29 + stir, 0.165 + 0 * t_s, -0.10 + stir], axis=1)
    return Laid(arms={side: _reach(build, side, wrist, (-1.0, 0.5, -0.7)) for side in (0, 1)},
                trunk={"spine": (0, -0.05, 0), "head": (0, 0.04, 0)})  # fmt: skip


def carry_bag(t_s: Array, build: Build, manner: Manner) -> Laid:
    """A bag hangs from one straight arm; the trunk leans away from it."""
    side = manner.hand
    stir = 0.012 * wander(t_s, 0.9, manner.sway_phase_rad)
    wrist = np.stack([0.02 + stir, 0.285 + stir, -0.29 + 0 * t_s], axis=1)
    away = 0.05 if side == 0 else -0.05
    return Laid(arms={side: _reach(build, side, wrist, (-1.0, 0.2, 0.0))},
                trunk={"spine": (-away, 0, 0), "head": (away, 0, 0)})  # fmt: skip


def push(t_s: Array, build: Build, manner: Manner) -> Laid:
    """Both hands on a handle about a metre high."""
    handle = (1.02 - _MIDDLING.pelvis_height_m) / build.scale - _MIDDLING.at("chest")[2] + 0.02
    wrist = np.stack([0.45 + 0.006 * wander(t_s, 0.6, manner.sway_phase_rad), 0.20 + 0 * t_s, handle + 0 * t_s], axis=1)
    return Laid(arms={side: _reach(build, side, wrist, (-0.6, 0.9, -0.5)) for side in (0, 1)},
                trunk={"chest": (0, 0.04, 0), "head": (0, -0.06, 0)})  # fmt: skip


def open_door(t_s: Array, build: Build, manner: Manner) -> Laid:
    """Reaches for a handle at 1.04 m, turns it, pushes with the weight behind it, and lets go."""
    side = manner.hand
    handle = (1.04 - _MIDDLING.pelvis_height_m) / build.scale - _MIDDLING.at("chest")[2]
    down, at = np.array([0.075, 0.20, -0.27]), np.array([0.40, 0.10, handle])
    pushed = at + np.array([0.10, -0.02, 0.02])
    reach, give, go = (smooth(t_s, a, b)[:, None] for a, b in ((0.1, 0.8), (1.1, 1.9), (2.1, 2.8)))
    wrist = down + reach * (at - down) + give * (pushed - at) + go * (down - pushed)
    lean = 0.12 * (give * (1 - go))[:, 0]
    turn = (0.12 if side == 1 else -0.12) * (reach * (1 - go))[:, 0]
    return Laid(arms={side: _reach(build, side, wrist, (-0.8, 0.5, -0.7))},
                trunk={"spine": (0, lean, turn), "head": (0, 0.12 * (reach * (1 - go))[:, 0], -turn)})  # fmt: skip


HANG, HANDS_UP, WARD_OFF = (
    _kept(pose, stir) for pose, stir in (("hang", 0.02), ("hands_up", 0.05), ("ward_off", 0.04))
)
