"""The skeleton every body shares: names, parents and rest places of its joints, and the bones between them.

A person of 1.75 m stands at the origin facing +X, +Y to the left, arms hanging 22 degrees off the body.
"""

from __future__ import annotations

import numpy as np

from scenes.mesh import Array

HEIGHT_M = 1.75

_LEFT: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("shoulder", "chest", (-0.010, 0.172, 1.410)),
    ("elbow", "shoulder", (-0.012, 0.279, 1.146)),
    ("wrist", "elbow", (0.022, 0.358, 0.915)),
    ("hip", "pelvis", (0.000, 0.092, 0.915)),
    ("knee", "hip", (0.012, 0.098, 0.500)),
    ("ankle", "knee", (-0.020, 0.100, 0.090)),
    ("toe", "ankle", (0.105, 0.112, 0.030)),
)

SKELETON: tuple[tuple[str, str, tuple[float, float, float]], ...] = (
    ("pelvis", "", (0.000, 0.0, 0.930)),
    ("spine", "pelvis", (-0.005, 0.0, 1.050)),
    ("chest", "spine", (-0.010, 0.0, 1.200)),
    ("neck", "chest", (-0.020, 0.0, 1.470)),
    ("head", "neck", (-0.005, 0.0, 1.560)),
    *((f"{name}_l", parent + ("_l" * (parent not in ("chest", "pelvis"))), place) for name, parent, place in _LEFT),
    *(
        (f"{name}_r", parent + ("_r" * (parent not in ("chest", "pelvis"))), (x, -y, z))
        for name, parent, (x, y, z) in _LEFT
    ),
)
"""(name, parent, rest place in metres)."""

JOINTS: dict[str, int] = {name: i for i, (name, _, _) in enumerate(SKELETON)}
PARENTS: Array = np.array([JOINTS.get(parent, -1) for _, parent, _ in SKELETON], np.int32)
REST_M: Array = np.array([place for _, _, place in SKELETON])

_TIPS: dict[str, tuple[float, float, float]] = {
    "head": (0.0, 0.0, 1.74),
    "wrist_l": (0.030, 0.39, 0.82),
    "wrist_r": (0.030, -0.39, 0.82),
    "toe_l": (0.17, 0.112, 0.03),
    "toe_r": (0.17, -0.112, 0.03),
}
_NEXT = {"pelvis": "spine", "spine": "chest", "chest": "neck", "neck": "head"} | {
    f"{a}_{side}": f"{b}_{side}"
    for side in "lr"
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "toe"))
}


def bone(name: str) -> tuple[Array, Array]:
    """Start and end of the bone that a joint moves, m."""
    start = REST_M[JOINTS[name]]
    return start, np.asarray(_TIPS[name]) if name in _TIPS else REST_M[JOINTS[_NEXT[name]]]


def weights(vertices_m: Array, bones: tuple[str, ...], soft_m: float = 0.035) -> tuple[Array, Array]:
    """(V, 4) joints and (V, 4) weights: the nearest of the allowed bones, blended over `soft_m` about the joints."""
    distance = np.empty((len(vertices_m), len(bones)))
    for column, name in enumerate(bones):
        start, end = bone(name)
        along = end - start
        share = np.clip((vertices_m - start) @ along / (along @ along), 0, 1)
        distance[:, column] = np.linalg.norm(vertices_m - start - share[:, None] * along, axis=1)
        side = {"_l": 1.0, "_r": -1.0}.get(name[-2:], 0.0)  # a left limb moves nothing beyond the body's middle
        distance[:, column] += 2.0 * np.maximum(0.01 - side * vertices_m[:, 1], 0) * abs(side)
    strength = np.exp(-(distance - distance.min(axis=1, keepdims=True)) / soft_m)
    best = np.argsort(-strength, axis=1, kind="stable")[:, :4]
    if best.shape[1] < 4:
        best = np.pad(best, ((0, 0), (0, 4 - best.shape[1])), mode="edge")
        strength = np.where(np.arange(4) < len(bones), np.take_along_axis(strength, best, axis=1), 0.0)
    else:
        strength = np.take_along_axis(strength, best, axis=1)
    strength = np.where(strength > 0.02, strength, 0.0)
    joints = np.array([JOINTS[name] for name in bones], np.int32)[best]
    return joints, (strength / strength.sum(axis=1, keepdims=True)).astype(np.float32)
