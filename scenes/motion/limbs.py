"""Limbs: two bones that reach from a joint to a place; and Build, the measures of a body that motions need."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from scenes.mesh import Array
from scenes.motion.turns import frame, unit
from scenes.people.skeleton import HEIGHT_M, JOINTS, REST_M

KNEE_BENDS: Array = np.array([1.0, 0.0, 0.0])
ELBOW_BENDS: Array = np.array([-1.0, 0.0, 0.0])
"""Which way the middle joint goes when the limb bends, at rest."""
SIDES = "lr"
SLEEVE_M = 0.054
"""From the bone of a clothed forearm to its cloth, the middling body."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """A body's measures."""

    joints_m: Array
    """(J, 3) rest places relative to the pelvis."""
    pelvis_height_m: float
    """Of the pelvis above the soles, standing."""
    front_m: float = 0.135
    """From the hips' joints to the front of the trunk, clothes included."""
    back_m: float = 0.125
    """To its back."""
    stout: float = 1.0
    """Of limbs and trunk across, clothes included, against the middling body of this height."""

    @classmethod
    def of_stature(cls, stature_m: float) -> Build:
        """The middling body of a height."""
        scale = stature_m / HEIGHT_M
        return cls(joints_m=(REST_M - REST_M[0]) * scale, pelvis_height_m=float(REST_M[0, 2]) * scale)

    @classmethod
    def of_body(
        cls, joints_m: Array, pelvis_height_m: float, vertices_m: Array, skin_joints: Array, skin_weights: Array
    ) -> Build:
        """The build of a dressed body, whose trunk is as deep as its clothes."""
        main = np.take_along_axis(skin_joints, skin_weights.argmax(axis=1)[:, None], axis=1)[:, 0]
        trunk = np.isin(main, [JOINTS[n] for n in ("pelvis", "spine", "chest")])
        x = vertices_m[trunk, 0] - float(joints_m[JOINTS["hip_l"], 0])
        front, back = (float(np.clip(d, 0.09, 0.30)) for d in (np.percentile(x, 99), -np.percentile(x, 1)))
        made = cls(joints_m=joints_m, pelvis_height_m=pelvis_height_m, front_m=front, back_m=back)
        return replace(made, stout=_stout(made, vertices_m, main))

    def at(self, name: str, side: int | None = None) -> Array:
        """(3,) rest place of a joint relative to the pelvis; side 0 is left, 1 is right."""
        full = name if side is None else f"{name}_{SIDES[side]}"
        return np.asarray(self.joints_m[JOINTS[full]], float)

    def bone(self, start: str, end: str, side: int) -> Array:
        """(3,) from one joint to the next at rest."""
        return self.at(end, side) - self.at(start, side)

    @cached_property
    def thigh_m(self) -> float:
        """Length."""
        return float(np.linalg.norm(self.bone("hip", "knee", 0)))

    @cached_property
    def shin_m(self) -> float:
        """Length."""
        return float(np.linalg.norm(self.bone("knee", "ankle", 0)))

    @cached_property
    def arm_m(self) -> float:
        """Shoulder to wrist, stretched."""
        return float(sum(np.linalg.norm(self.bone(a, b, 0)) for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))))

    @cached_property
    def scale(self) -> float:
        """Of the legs, against the middling body of 1.75 m."""
        return self.pelvis_height_m / float(REST_M[0, 2])

    @cached_property
    def toe_height_m(self) -> float:
        """Of the toes' joint above the sole."""
        return float(self.at("toe", 0)[2]) + self.pelvis_height_m

    def ankle_height_m(self, side: int) -> float:
        """Of the ankle above the sole."""
        return float(self.at("ankle", side)[2]) + self.pelvis_height_m

    def ball(self, side: int) -> Array:
        """(3,) from the ankle to the sole under the ball of the foot."""
        return np.array([float(self.bone("ankle", "toe", side)[0]), 0.0, -self.ankle_height_m(side)])


def _stout(build: Build, vertices_m: Array, main: Array) -> float:
    """How thick the left forearm is, its sleeve included, halfway along: the rest of a body is stout with it."""
    start, bone = build.at("elbow", 0), build.bone("elbow", "wrist", 0)
    along = unit(bone)
    flesh = vertices_m[main == JOINTS["elbow_l"]] - start
    share = flesh @ along / float(np.linalg.norm(bone))
    flesh = flesh[(share > 0.15) & (share < 0.85)]
    if len(flesh) < 8:
        return 1.0
    away = float(np.median(np.linalg.norm(flesh - np.outer(flesh @ along, along), axis=1)))
    return float(np.clip(away / (SLEEVE_M * build.scale), 0.9, 1.35))


def solved(
    start: Array, end: Array, first: Array, second: Array, *, bend_towards: Array, bends: Array = KNEE_BENDS
) -> tuple[Array, Array]:
    """World turns (K, 3, 3) of two bones, `first` and `second` (3,) at rest, that reach from start to end (K, 3)."""
    a, b = float(np.linalg.norm(first)), float(np.linalg.norm(second))
    line = end - start
    length = np.clip(np.sqrt(np.einsum("ki,ki->k", line, line)), abs(a - b) + 1e-3, (a + b) * 0.9995)
    line = unit(line)
    side = unit(bend_towards - np.einsum("ki,ki->k", bend_towards, line)[:, None] * line)
    cosine = np.clip((a * a + length**2 - b * b) / (2 * a * length), -1, 1)
    joint = a * (cosine[:, None] * line + np.sqrt(1 - cosine**2)[:, None] * side)
    upper = frame(joint, side) @ frame(first, bends).T
    lower = frame(length[:, None] * line - joint, side) @ frame(second, bends).T
    return upper, lower
