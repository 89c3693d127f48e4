"""Limits: how far the joints of an adult go, and the angles of a posed body to hold against them.

Ranges are the AAOS reference values (Greene and Heckman, The Clinical Measurement of Joint Motion, 1994 [S]) widened
to the 95th percentile of healthy adults where they were measured (Soucie et al. 2011 [S]: hip, knee, elbow, ankle);
the trunk's are of a whole region, not of a segment (White and Panjabi 1990 [S]).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scenes.mesh import Array
from scenes.motion.limbs import SIDES
from scenes.people.skeleton import JOINTS
from scenes.shot import matrices

_DEG = np.pi / 180

LIMITS: Mapping[str, tuple[float, float]] = {
    "hip_flexion": (-35 * _DEG, 140 * _DEG),
    "hip_abduction": (-30 * _DEG, 55 * _DEG),
    "knee_flexion": (-7 * _DEG, 158 * _DEG),
    "ankle_dorsiflexion": (-62 * _DEG, 42 * _DEG),
    "toe_extension": (-10 * _DEG, 85 * _DEG),
    "shoulder_elevation": (0.0, 180 * _DEG),
    "shoulder_extension": (-180 * _DEG, 60 * _DEG),
    "elbow_flexion": (-9 * _DEG, 154 * _DEG),
    "wrist_bend": (0.0, 90 * _DEG),
    "trunk_pitch": (-35 * _DEG, 80 * _DEG),
    "trunk_turn": (-45 * _DEG, 45 * _DEG),
    "neck_pitch": (-75 * _DEG, 60 * _DEG),
    "neck_turn": (-80 * _DEG, 80 * _DEG),
}
"""Least and most, rad, from the rest pose, whose knees are bent by 6 and whose elbows by 8 degrees. The hip's extension
holds the lumbar spine's part, which the skeleton has no joint for; the ankle's dorsiflexion is that under one's own
weight (Bennell et al. 1998 [S]: 38 to 45)."""


def angles(rotations: Array) -> dict[str, Array]:
    """Angles (K, sides) of LIMITS of local rotations (K, J, 4); extension back of the shoulder is positive."""
    turns = matrices(np.asarray(rotations, float))
    made: dict[str, list[Array]] = {name: [] for name in LIMITS}
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        thigh = -turns[:, JOINTS[f"hip_{side}"], :, 2]  # where the thigh points, in the pelvis
        made["hip_flexion"].append(np.arctan2(thigh[:, 0], np.where(np.abs(thigh[:, 2]) < 0.1, 0.1, -thigh[:, 2])))
        made["hip_abduction"].append(np.arcsin(np.clip(sign * thigh[:, 1], -1, 1)))
        made["knee_flexion"].append(_pitch(turns[:, JOINTS[f"knee_{side}"]]))
        made["ankle_dorsiflexion"].append(-_pitch(turns[:, JOINTS[f"ankle_{side}"]]))
        made["toe_extension"].append(-_pitch(turns[:, JOINTS[f"toe_{side}"]]))
        arm = turns[:, JOINTS[f"shoulder_{side}"]] @ np.array([0.0, 0.37 * sign, -0.93])  # at rest, off the body
        made["shoulder_elevation"].append(np.arccos(np.clip(-arm[:, 2], -1, 1)))
        made["shoulder_extension"].append(np.where(arm[:, 2] < 0.3, np.arcsin(np.clip(-arm[:, 0], -1, 1)), 0.0))
        made["elbow_flexion"].append(-_pitch(turns[:, JOINTS[f"elbow_{side}"]]))
        made["wrist_bend"].append(_angle(turns[:, JOINTS[f"wrist_{side}"]]))
    trunk = turns[:, JOINTS["spine"]] @ turns[:, JOINTS["chest"]]
    neck = turns[:, JOINTS["neck"]] @ turns[:, JOINTS["head"]]
    for name, turn in (("trunk", trunk), ("neck", neck)):
        made[f"{name}_pitch"].append(np.arctan2(turn[:, 0, 2], turn[:, 2, 2]))
        made[f"{name}_turn"].append(np.arctan2(turn[:, 1, 0], turn[:, 0, 0]))
    return {name: np.stack(columns, axis=1) for name, columns in made.items()}


def _pitch(turn: Array) -> Array:
    """Of a hinge about y: its whole angle, with the sign of its turn about y."""
    signed: Array = np.where(turn[:, 0, 2] - turn[:, 2, 0] < 0, -1.0, 1.0) * _angle(turn)
    return signed


def _angle(turn: Array) -> Array:
    angle: Array = np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1))
    return angle
