"""Bodycam: the wearer's steps, trunk and mount become world_from_cam on the key grid.

The trunk frame stands at the height of the mount: +X where the wearer faces, +Y left, +Z up. Step frequency drives
vertical and pitch; the stride, half of it, drives lateral, yaw and roll; every heel strike rings the mount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.motion.steps import Walk
from scenes.motion.turns import about, smooth

CAM_IN_TRUNK: Array = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Columns: the camera's right, up and back in the trunk frame, looking straight ahead."""


@dataclass(frozen=True, kw_only=True)
class Gait:
    """What the wearer's body does. Amplitudes are peaks at a chest; notes/domain.md 3.3, assets-and-motion.md."""

    step_hz: tuple[float, float]
    """Mean and standard deviation between wearers (MacDougall and Moore 2005: 2.00 +- 0.13 over a day)."""
    step_of_stature: float
    """Step length / body height."""
    vertical_m: float
    lateral_m: float
    pitch_rad: float
    yaw_rad: float
    roll_rad: float
    strike: float
    """Strength of the heel strike, 1 for walking."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """Where the camera is worn and how it follows."""

    height_of_stature: float
    forward_m: float
    left_m: float
    tilt_rad: tuple[float, float]
    """Mean and standard deviation of the angle it looks up."""
    follows: tuple[float, float, float]
    """Share of the trunk's roll, pitch and yaw that reaches it; a head holds its gaze."""
    spring_hz: tuple[float, float]
    """Range of the clip's own frequency, 4..10 Hz on cloth (a broad band at 5.5..7.5 Hz was measured)."""
    ring: float
    """Strength of the ring after a heel strike, 1 on cloth."""
    scan_rad: float = 0.0
    """How far the head looks about."""


_DEG = np.pi / 180

GAITS: dict[str, Gait] = {
    "stand": Gait(step_hz=(1.85, 0.1), step_of_stature=0.0, vertical_m=0.0, lateral_m=0.0, pitch_rad=0.0,
                  yaw_rad=0.0, roll_rad=0.0, strike=0.0),
    "walk": Gait(step_hz=(1.90, 0.09), step_of_stature=0.40, vertical_m=0.022, lateral_m=0.022, pitch_rad=1.2 * _DEG,
                 yaw_rad=3.2 * _DEG, roll_rad=1.5 * _DEG, strike=1.0),
    "jog": Gait(step_hz=(2.70, 0.10), step_of_stature=0.55, vertical_m=0.042, lateral_m=0.025, pitch_rad=2.2 * _DEG,
                yaw_rad=5.0 * _DEG, roll_rad=3.0 * _DEG, strike=2.0),
}  # fmt: skip

MOUNTS: dict[str, Mount] = {
    "chest": Mount(height_of_stature=0.765, forward_m=0.135, left_m=0.02, tilt_rad=(0.01, 0.03),
                   follows=(1.0, 1.0, 1.0), spring_hz=(5.5, 8.0), ring=1.0),
    "shoulder": Mount(height_of_stature=0.835, forward_m=0.085, left_m=0.125, tilt_rad=(-0.05, 0.03),
                      follows=(1.0, 1.0, 1.0), spring_hz=(5.5, 8.5), ring=0.8),
    "helmet": Mount(height_of_stature=0.985, forward_m=0.10, left_m=0.0, tilt_rad=(-0.10, 0.03),
                    follows=(0.6, 0.5, 0.4), spring_hz=(8.0, 12.0), ring=0.35, scan_rad=0.30),
    "head": Mount(height_of_stature=0.935, forward_m=0.11, left_m=0.07, tilt_rad=(-0.06, 0.03),
                  follows=(0.6, 0.5, 0.4), spring_hz=(8.0, 12.0), ring=0.25, scan_rad=0.35),
    "fixed": Mount(height_of_stature=0.80, forward_m=0.15, left_m=0.0, tilt_rad=(-0.03, 0.02),
                   follows=(0.0, 0.0, 0.0), spring_hz=(8.0, 12.0), ring=0.0),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Wearing:
    """One wearer's camera over time."""

    world_from_trunk: Array
    """(K, 4, 4): what arms and hands hang on."""
    world_from_cam: Array
    """(K, 4, 4) with gait, spring and ring."""
    world_from_still: Array
    """(K, 4, 4) the same way without any of them: for a chain that adds the camera itself."""
    world_from_still_trunk: Array
    """(K, 4, 4) the trunk that carries it: it walks without shaking, and does not turn with a head."""


def step_hz(gait: Gait, rng: np.random.Generator) -> float:
    """The wearer's cadence: normal, held within two standard deviations."""
    mean, deviation = gait.step_hz
    return float(np.clip(rng.normal(mean, deviation), mean - 2 * deviation, mean + 2 * deviation))


def worn(walk: Walk, t_s: Array, *, gait: Gait, mount: Mount, stature_m: float, rng: np.random.Generator) -> Wearing:
    """The trunk and the camera along a walk."""
    height = mount.height_of_stature * stature_m
    still = _poses(walk.xy_m, walk.heading_rad, height, np.zeros((len(t_s), 3)), np.zeros((len(t_s), 3)))
    shift, roll_pitch_yaw = _trunk_motion(walk, t_s, gait, rng)
    free = mount.follows != (0.0, 0.0, 0.0)
    trunk = _poses(walk.xy_m, walk.heading_rad, height, shift * free, roll_pitch_yaw * free)
    tilt = rng.normal(*mount.tilt_rad)
    aim = about(1, -tilt) @ about(0, rng.normal(0, 0.02)) @ CAM_IN_TRUNK
    arm = np.array([mount.forward_m, mount.left_m, 0.0])
    followed = _poses(walk.xy_m, walk.heading_rad, height, shift * free, roll_pitch_yaw * mount.follows)
    ring_shift, ring_turn = _ring(walk, t_s, gait, mount, rng)
    scan = _scan(t_s, mount, rng)
    return Wearing(
        world_from_trunk=trunk,
        world_from_cam=_attached(followed, arm + ring_shift, about(2, scan) @ ring_turn @ aim),
        world_from_still=_attached(still, np.tile(arm, (len(t_s), 1)), about(2, scan) @ aim),
        world_from_still_trunk=still,
    )


def _poses(xy_m: Array, heading_rad: Array, height_m: float, shift_m: Array, roll_pitch_yaw: Array) -> Array:
    """(K, 4, 4) trunk frames."""
    upright = about(2, heading_rad)
    roll, pitch, yaw = roll_pitch_yaw.T
    pose = np.tile(np.eye(4), (len(xy_m), 1, 1))
    pose[:, :3, :3] = upright @ about(2, yaw) @ about(1, pitch) @ about(0, roll)
    pose[:, :2, 3], pose[:, 2, 3] = xy_m, height_m
    pose[:, :3, 3] += np.einsum("kab,kb->ka", upright, shift_m)
    return pose


def _attached(trunk: Array, offset_m: Array, turn: Array) -> Array:
    """(K, 4, 4) frames at an offset (K, 3) in the trunk's, turned by (K, 3, 3) in it."""
    pose = trunk.copy()
    pose[:, :3, 3] += np.einsum("kab,kb->ka", trunk[:, :3, :3], offset_m)
    pose[:, :3, :3] = trunk[:, :3, :3] @ turn
    return pose


def _trunk_motion(walk: Walk, t_s: Array, gait: Gait, rng: np.random.Generator) -> tuple[Array, Array]:
    """(K, 3) shifts and (K, 3) roll, pitch, yaw of the trunk: steps where it moves, sway where it stands."""
    lag = rng.uniform(-0.4, 0.4, 4)
    stride, m = np.pi * walk.phase, walk.moving
    step = 2 * stride
    shift = np.stack(
        [
            0.35 * gait.vertical_m * np.sin(step + lag[0]),
            gait.lateral_m * np.cos(stride + 0.3 * lag[1]),
            gait.vertical_m * (np.cos(step) + 0.12 * np.cos(2 * step + lag[0])),  # highest over the standing foot
        ],
        axis=1,
    )
    turn = np.stack(
        [
            -gait.roll_rad * np.cos(stride + lag[1]),
            gait.pitch_rad * (np.sin(step + lag[2]) + 0.2 * np.sin(2 * step)),
            gait.yaw_rad * np.sin(stride + lag[3]),
        ],
        axis=1,
    )
    sway_shift, sway_turn = (_drift(t_s, rng, columns=3, low_hz=0.1, high_hz=0.5) for _ in range(2))
    return shift * m[:, None] + 0.003 * sway_shift, turn * m[:, None] + 0.006 * sway_turn


def _drift(t_s: Array, rng: np.random.Generator, *, columns: int, low_hz: float, high_hz: float) -> Array:
    """(K, columns) slow wandering of unit size: five sines of drawn frequency and phase each."""
    hz = rng.uniform(low_hz, high_hz, (5, columns))
    start = rng.uniform(0, 2 * np.pi, (5, columns))
    wave: Array = np.sin(2 * np.pi * hz * t_s[:, None, None] + start).sum(axis=1) * np.sqrt(2 / 5)
    return wave


def _ring(walk: Walk, t_s: Array, gait: Gait, mount: Mount, rng: np.random.Generator) -> tuple[Array, Array]:
    """(K, 3) shifts and (K, 3, 3) turns of the camera on its clip: heel strikes that ring out in 150 ms, and strap."""
    own_hz = rng.uniform(*mount.spring_hz)
    strength = mount.ring * gait.strike
    shift, turn = np.zeros((len(t_s), 3)), np.zeros((len(t_s), 3))
    for strike in walk.strikes_s:
        since = t_s - strike
        hit = np.where(since >= -0.01, np.exp(-np.maximum(since, 0) / 0.05) * smooth(since, -0.01, 0.08), 0.0)
        size = strength * rng.uniform(0.7, 1.3)
        wave = np.sin(2 * np.pi * own_hz * since)
        shift += size * np.array([0.0008, 0.0006, -0.0022]) * (hit * wave)[:, None]
        turn += size * np.array([0.012, 0.021, 0.008]) * rng.choice([-1, 1], 3) ** [1, 0, 1] * (hit * wave)[:, None]
    strap = _drift(t_s, rng, columns=3, low_hz=own_hz * 0.85, high_hz=own_hz * 1.1)
    turn += 0.0022 * mount.ring * strap * walk.moving[:, None]
    sag = 0.012 * mount.ring * smooth(walk.moving)  # the cloth gives once the body moves
    return shift, about(2, turn[:, 2]) @ about(1, turn[:, 1] + sag) @ about(0, turn[:, 0])


def _scan(t_s: Array, mount: Mount, rng: np.random.Generator) -> Array:
    """(K,) where a head looks: holds, then turns in 0.3 to 0.8 s."""
    gaze, t = np.zeros(len(t_s)), float(t_s[0]) + rng.uniform(0.2, 1.5)
    held = 0.0
    while t < t_s[-1]:
        wanted, turn_s = rng.uniform(-1, 1) * mount.scan_rad, rng.uniform(0.3, 0.8)
        gaze += (wanted - held) * smooth(t_s, t, t + turn_s)
        held, t = wanted, t + turn_s + rng.uniform(0.6, 2.5)
    return gaze
