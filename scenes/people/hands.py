"""Hands as smooth solids: a palm, four fingers and a thumb in a named pose, meshed once per pose.

Frame of a right hand, the origin in the wrist: +X to the fingers, +Z to the thumb, +Y where the palm faces.
A left hand is its mirror image.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Mesh, blend, capsule, ellipsoid, surface

Point = tuple[float, float, float]

KNUCKLE_X_M = 0.092
"""From the wrist to the knuckles of the middle finger."""


@dataclass(frozen=True)
class Pose:
    """How fingers bend. Angles in rad, each phalanx against the one before; 0 is a straight finger."""

    name: str
    bends: tuple[float, float, float]
    """Knuckle, middle joint, end joint."""
    thumb: tuple[Point, Point, Point]
    """The thumb's joints and tip, m."""
    grip_m: Point
    """Centre of what the hand encloses, m."""


FIST = Pose(
    name="fist",
    bends=(0.95, 1.50, 1.00),
    thumb=((0.038, 0.020, 0.036), (0.070, 0.050, 0.044), (0.100, 0.052, 0.034)),
    grip_m=(0.090, 0.030, 0.0),
)
RELAXED = Pose(
    name="relaxed",
    bends=(0.35, 0.45, 0.30),
    thumb=((0.035, 0.014, 0.040), (0.066, 0.026, 0.052), (0.092, 0.036, 0.050)),
    grip_m=(0.12, 0.03, 0.0),
)
POSES: dict[str, Pose] = {pose.name: pose for pose in (FIST, RELAXED)}

_FINGERS: tuple[tuple[float, float, tuple[float, float, float], float], ...] = (
    # knuckle's x and z, lengths of the phalanges, radius; index to little finger, an adult's means
    (0.092, 0.030, (0.042, 0.026, 0.021), 0.0098),
    (0.095, 0.010, (0.046, 0.029, 0.022), 0.0100),
    (0.090, -0.010, (0.042, 0.027, 0.022), 0.0096),
    (0.081, -0.028, (0.034, 0.021, 0.019), 0.0086),
)


def _fingers(pose: Pose) -> list[list[tuple[float, float, float]]]:
    """Joints of each finger, from knuckle to tip."""
    chains = []
    for x, z, lengths, _ in _FINGERS:
        chain, angle = [(x, 0.0, z)], 0.0
        for bend, length in zip(pose.bends, lengths, strict=True):
            angle += bend
            px, py, pz = chain[-1]
            chain.append((px + length * np.cos(angle), py + length * np.sin(angle), pz * 0.985))
        chains.append(chain)
    return chains


def _field(p: Array, pose: Pose, thicker_m: float) -> Array:
    t = thicker_m
    palm = [capsule(p, (0.004, 0.0, z * 0.55), (x, 0.0, z), 0.0135 + t, 0.0115 + t) for x, z, _, _ in _FINGERS]
    d = blend([*palm, ellipsoid(p, (0.045, 0.008, 0.0), (0.045, 0.016 + t, 0.036))], 0.012)
    d = blend([d, capsule(p, (-0.03, 0, 0), (0.004, 0, 0), 0.026 + t, 0.024 + t)], 0.02)
    root, middle, tip = pose.thumb
    thumb = blend(
        [
            capsule(p, (0.012, 0.006, 0.022), root, 0.016 + t, 0.0145 + t),
            capsule(p, root, middle, 0.0135 + t, 0.0118 + t),
            capsule(p, middle, tip, 0.0115 + t, 0.0100 + t),
        ],
        0.005,
    )
    d = blend([d, thumb], 0.010)
    for chain, (_, _, _, radius) in zip(_fingers(pose), _FINGERS, strict=True):
        links = zip(chain, chain[1:], (1.04, 0.97, 0.90), strict=False)
        finger = blend([capsule(p, a, b, radius * k + t, radius * k * 0.95 + t) for a, b, k in links], 0.003)
        d = blend([d, finger], 0.0035)
    return d


@functools.cache
def hand(pose: Pose, *, step_m: float, thicker_m: float = 0.0) -> Mesh:
    """A right hand, wrist at the origin; `thicker_m` is a glove's cloth. Pure, and kept: meshing takes 50 ms."""
    field = functools.partial(_field, pose=pose, thicker_m=thicker_m)
    return surface(field, low=(-0.065, -0.035, -0.06), high=(0.21, 0.1, 0.085), step_m=step_m)
