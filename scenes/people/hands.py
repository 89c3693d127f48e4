"""Hands as smooth solids: a palm, four fingers and a thumb in a named pose, meshed once per pose.

Frame of a right hand, the origin in the wrist: +X to the fingers, +Z to the thumb, +Y where the palm faces.
A left hand is its mirror image. A hand that holds something round closes on it: every phalanx lies along its girth.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Mesh, blend, capsule, ellipsoid, surface

Point = tuple[float, float, float]
Bends = tuple[float, float, float]
"""Knuckle, middle joint, end joint, rad, each phalanx against the one before; 0 is a straight finger."""

KNUCKLE_X_M = 0.092
"""From the wrist to the knuckles of the middle finger."""
MOST_BENT_RAD = (1.60, 1.90, 1.40)
"""Of knuckle, middle and end joint (norms of the AAOS: 90, 100, 70 to 90 degrees)."""
PALM_M = 0.0155
"""From the hand's middle plane to the palm's skin, where a handle lies across it."""
ACROSS_M = 0.080
"""From the wrist to the middle of a handle."""


@dataclass(frozen=True)
class Pose:
    """How a hand is bent."""

    name: str
    fingers: tuple[Bends, Bends, Bends, Bends]
    """Index to little finger."""
    thumb: tuple[Point, Point, Point]
    """The thumb's joints and tip, m."""
    grip_m: Point
    """Centre of what the hand encloses, m."""
    girth_m: float = 0.0
    """Radius of the round thing along +Z that it encloses; 0 when it holds nothing round."""


_FINGERS: tuple[tuple[float, float, tuple[float, float, float], float], ...] = (
    # knuckle's x and z, lengths of the phalanges, radius; index to little finger, an adult's means
    (0.092, 0.030, (0.042, 0.026, 0.021), 0.0098),
    (0.095, 0.010, (0.046, 0.029, 0.022), 0.0100),
    (0.090, -0.010, (0.042, 0.027, 0.022), 0.0096),
    (0.081, -0.028, (0.034, 0.021, 0.019), 0.0086),
)
_THUMB_ROOT: Point = (0.038, 0.020, 0.036)
_THUMB_M, _THUMB_RADIUS_M = (0.044, 0.031), 0.0118


def closed_on(radius_m: float, name: str) -> Pose:
    """The hand closed on something round of that radius, whose axis is the hand's own +Z through `grip_m`."""
    if not 0.008 <= radius_m <= 0.055:
        raise ValueError(f"radius_m must be in 0.008..0.055 for a hand to close on it, got {radius_m}")
    centre = np.array([ACROSS_M + 0.4 * max(0.0, radius_m - 0.02), PALM_M + radius_m])
    fingers = []
    for x, _, lengths, thick in _FINGERS:
        at, angle, bends = np.array([x, 0.0]), 0.0, []
        for length, most in zip(lengths, MOST_BENT_RAD, strict=True):
            turn = (_along(centre - at, radius_m + thick, inside=-1) - angle + np.pi) % (2 * np.pi) - np.pi
            bend = float(np.clip(turn, 0.0, most))
            angle += bend
            at = at + length * np.array([np.cos(angle), np.sin(angle)])
            bends.append(bend)
        fingers.append((bends[0], bends[1], bends[2]))
    joints = [np.array(_THUMB_ROOT[:2])]
    for length in _THUMB_M:
        angle = min(_along(centre - joints[-1], radius_m + _THUMB_RADIUS_M, inside=1), 1.75)
        joints.append(joints[-1] + length * np.array([np.cos(angle), np.sin(angle)]))
    (rx, ry), (mx, my), (tx, ty) = joints
    return Pose(
        name=name,
        fingers=(fingers[0], fingers[1], fingers[2], fingers[3]),
        thumb=((rx, ry, 0.037), (mx, my, 0.050), (tx, ty, 0.049)),
        grip_m=(float(centre[0]), float(centre[1]), 0.0),
        girth_m=radius_m,
    )


def _along(to_centre: Array, radius_m: float, *, inside: int) -> float:
    """The direction, rad, in which a straight phalanx starts that lies along a circle: on its far side (-1) or its
    near side (1), seen from the palm; square to it when it starts inside."""
    distance = float(np.hypot(*to_centre))
    off = np.arcsin(min(1.0, radius_m / max(distance, 1e-9)))
    return float(np.arctan2(to_centre[1], to_centre[0]) + inside * off)


RELAXED = Pose(
    name="relaxed",
    fingers=((0.30, 0.40, 0.25), (0.36, 0.46, 0.30), (0.42, 0.50, 0.32), (0.46, 0.52, 0.34)),
    thumb=((0.035, 0.014, 0.040), (0.066, 0.026, 0.052), (0.092, 0.036, 0.050)),
    grip_m=(0.12, 0.03, 0.0),
)
FLAT = Pose(
    name="flat",  # a phone: its edge in the palm, fingers behind it, the thumb before it
    fingers=((1.36, 0.06, 0.30), (1.38, 0.08, 0.26), (1.36, 0.08, 0.30), (1.34, 0.08, 0.34)),
    thumb=(_THUMB_ROOT, (0.052, 0.059, 0.046), (0.057, 0.088, 0.048)),
    grip_m=(0.0750, 0.030, 0.0),
)
POSES: dict[str, Pose] = {pose.name: pose for pose in (closed_on(0.021, "fist"), RELAXED, FLAT)}
FIST = POSES["fist"]


def finger_joints(pose: Pose) -> list[list[Point]]:
    """Joints of each finger, from knuckle to tip."""
    chains = []
    for (x, z, lengths, _), bends in zip(_FINGERS, pose.fingers, strict=True):
        chain, angle = [(x, 0.0, z)], 0.0
        for bend, length in zip(bends, lengths, strict=True):
            angle += bend
            px, py, pz = chain[-1]
            chain.append((px + length * np.cos(angle), py + length * np.sin(angle), pz * 0.985))
        chains.append(chain)
    return chains


def _field(p: Array, pose: Pose, thicker_m: float) -> Array:
    t = thicker_m
    palm = [capsule(p, (0.004, 0.0, z * 0.55), (x, 0.0, z), 0.0135 + t, 0.0115 + t) for x, z, _, _ in _FINGERS]
    d = blend([*palm, ellipsoid(p, (0.045, 0.008, 0.0), (0.045, 0.012 + t, 0.036))], 0.012)
    d = blend([d, capsule(p, (-0.03, 0, 0), (0.004, 0, 0), 0.026 + t, 0.024 + t)], 0.02)
    root, middle, tip = pose.thumb
    thumb = blend(
        [
            capsule(p, (0.012, 0.006, 0.022), root, 0.016 + t, 0.0145 + t),
            capsule(p, root, middle, 0.0135 + t, _THUMB_RADIUS_M + t),
            capsule(p, middle, tip, 0.0115 + t, 0.0100 + t),
        ],
        0.005,
    )
    d = blend([d, thumb], 0.010)
    for chain, (_, _, _, radius) in zip(finger_joints(pose), _FINGERS, strict=True):
        links = zip(chain, chain[1:], (1.04, 0.97, 0.90), strict=False)
        finger = blend([capsule(p, a, b, radius * k + t, radius * k * 0.95 + t) for a, b, k in links], 0.003)
        d = blend([d, finger], 0.0035)
    return d


@functools.lru_cache(maxsize=64)
def hand(pose: Pose, *, step_m: float, thicker_m: float = 0.0) -> Mesh:
    """A right hand, wrist at the origin; `thicker_m` is a glove's cloth. Pure, and kept: meshing takes 50 ms."""
    field = functools.partial(_field, pose=pose, thicker_m=thicker_m)
    return surface(field, low=(-0.065, -0.035, -0.06), high=(0.21, 0.125, 0.085), step_m=step_m)
