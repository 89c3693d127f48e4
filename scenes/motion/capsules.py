"""Capsules: a posed body as sixteen thick lines, and how deep they go into walls, furniture and one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.motion.limbs import SIDES, Build
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import matrices

HAND_M, CROWN_M = 0.13, 0.17
"""From the wrist to the middle of the fingers, and from the head's joint to the crown, of a body of 1.75 m."""
# (from joint, to joint or "" for the tip, radius in m at a height of 1.75 m); flesh gives way by what is left out
BONES: tuple[tuple[str, str, float], ...] = (
    ("pelvis", "neck", 0.125),
    ("shoulder_l", "shoulder_r", 0.075),
    ("hip_l", "hip_r", 0.095),
    ("head", "", 0.095),
    *((f"{a}_{s}", f"{b}_{s}" * bool(b), r) for s in SIDES for a, b, r in (
        ("shoulder", "elbow", 0.056), ("elbow", "wrist", 0.045), ("wrist", "", 0.040), ("hip", "knee", 0.075),
        ("knee", "ankle", 0.055), ("ankle", "toe", 0.045))),
)  # fmt: skip
_START: Array = np.array([JOINTS[a] for a, _, _ in BONES])
_END: Array = np.array([JOINTS[b] if b else -1 for _, b, _ in BONES])


@dataclass(frozen=True, kw_only=True)
class Capsules:
    """A body, or what stands for one, over K instants."""

    start_m: Array
    """(K, B, 3) float64."""
    end_m: Array
    """(K, B, 3)."""
    radius_m: Array
    """(B,)."""

    @property
    def box_m(self) -> tuple[Array, Array]:
        """(K, 3) lowest and highest corners of all of it."""
        both = np.concatenate([self.start_m - self.radius_m[:, None], self.end_m - self.radius_m[:, None]], axis=1)
        most = np.concatenate([self.start_m + self.radius_m[:, None], self.end_m + self.radius_m[:, None]], axis=1)
        return both.min(axis=1), most.max(axis=1)


def skeleton(rotations: Array, root_m: Array, build: Build) -> tuple[Array, Array]:
    """(K, J, 3, 3) and (K, J, 3): turns and places of the joints of a posed body (K, J, 4), (K, 3) in the world."""
    local = matrices(np.asarray(rotations, float))
    turn, place = np.empty(local.shape), np.empty((*local.shape[:2], 3))
    turn[:, 0], place[:, 0] = local[:, 0], root_m
    rest = np.asarray(build.joints_m, float)
    for j in range(1, len(PARENTS)):
        parent = PARENTS[j]
        turn[:, j] = turn[:, parent] @ local[:, j]
        place[:, j] = place[:, parent] + turn[:, parent] @ (rest[j] - rest[parent])
    return turn, place


def of_body(rotations: Array, root_m: Array, build: Build) -> Capsules:
    """The capsules of a posed body (K, J, 4), (K, 3)."""
    return of_joints(*skeleton(rotations, root_m, build), build)


def of_joints(turn: Array, place: Array, build: Build) -> Capsules:
    """The capsules about joints."""
    start, end = place[:, _START], place[:, _END]
    for b, (name, to, _) in enumerate(BONES):
        if not to:
            along = np.array([0.0, 0.0, CROWN_M - 0.09]) if name == "head" else _hand(build, name)
            end[:, b] = start[:, b] + turn[:, JOINTS[name]] @ (along * build.scale)
            if name == "head":
                start[:, b] += turn[:, JOINTS[name]] @ np.array([0.01, 0.0, 0.02])
    return Capsules(start_m=start, end_m=end, radius_m=np.array([r for _, _, r in BONES]) * build.scale * build.stout)


def with_thing(body: Capsules, vertices_m: Array, world: Array) -> Capsules:
    """A body with what it carries, a mesh (V, 3) that goes as (K, 4, 4) says, as two more thick lines side by side."""
    low, high = vertices_m.min(axis=0), vertices_m.max(axis=0)
    size, middle = high - low, (low + high) / 2
    thin, across, long = np.argsort(size)
    radius = float(size[thin]) / 2
    reach = np.maximum(size / 2 - radius, 0.0)
    along, apart = np.eye(3)[long] * reach[long], np.eye(3)[across] * reach[across]
    ends = [middle + np.array([-apart, apart]) + s * along for s in (-1, 1)]
    start, end = (np.einsum("kab,lb->kla", world[:, :3, :3], e) + world[:, None, :3, 3] for e in ends)
    return Capsules(start_m=np.concatenate([body.start_m, start], axis=1),
                    end_m=np.concatenate([body.end_m, end], axis=1),
                    radius_m=np.append(body.radius_m, [radius, radius]))  # fmt: skip


def _hand(build: Build, wrist: str) -> Array:
    """(3,) along the forearm at rest."""
    forearm = build.at(wrist) - build.at(wrist.replace("wrist", "elbow"))
    along: Array = HAND_M * forearm / np.linalg.norm(forearm)
    return along


def beyond_walls_m(body: Capsules, walls: tuple[float, float, float, float]) -> float:
    """How far the body goes out of a rectangle x0, y0, x1, y1 at its worst instant; negative: room that is left."""
    low, high = body.box_m
    x0, y0, x1, y1 = walls
    return float(max(x0 - low[:, 0].min(), y0 - low[:, 1].min(), high[:, 0].max() - x1, high[:, 1].max() - y1))


def into_rectangles_m(body: Capsules, rectangles: Sequence[tuple[float, float, float, float]]) -> float:
    """How deep the body goes into things that stand on these rectangles of the floor, at its worst; 0 when it does not.

    What stands there counts as tall as a person: nobody leans over it.
    """
    worst = 0.0
    low, high = body.box_m
    share = np.linspace(0, 1, 5)[:, None]
    for x0, y0, x1, y1 in rectangles:
        near = (low[:, 0] < x1) & (high[:, 0] > x0) & (low[:, 1] < y1) & (high[:, 1] > y0)
        if not near.any():
            continue
        a, b = body.start_m[near][:, :, None, :2], body.end_m[near][:, :, None, :2]
        points = a + share * (b - a)
        apart = np.maximum(np.maximum((x0, y0) - points, points - (x1, y1)), 0)
        inside = np.minimum(np.minimum(points - (x0, y0), (x1, y1) - points).min(axis=-1), 0.3)
        distance = np.hypot(apart[..., 0], apart[..., 1])
        deep: Array = body.radius_m[:, None] - np.where(inside > 0, -inside, distance)
        worst = max(worst, float(deep.max()))
    return worst


def into_each_other_m(one: Capsules, other: Capsules) -> float:
    """How deep two bodies go into one another at their worst instant; 0 when they never touch."""
    (low, high), (low2, high2) = one.box_m, other.box_m
    near = np.flatnonzero(((low < high2) & (high > low2)).all(axis=1))
    if not len(near):
        return 0.0
    a, b = one.start_m[near][:, :, None], one.end_m[near][:, :, None]
    c, d = other.start_m[near][:, None], other.end_m[near][:, None]
    depth: Array = one.radius_m[:, None] + other.radius_m - _apart(a, b, c, d)
    return max(0.0, float(depth.max()))


def _apart(a: Array, b: Array, c: Array, d: Array) -> Array:
    """Distances between segments a..b and c..d, broadcast (Ericson, Real-Time Collision Detection, 5.1.9)."""
    u, v, w = b - a, d - c, a - c
    uu, vv, uv = (u * u).sum(-1), (v * v).sum(-1), (u * v).sum(-1)
    uw, vw = (u * w).sum(-1), (v * w).sum(-1)
    across = uu * vv - uv * uv
    s = np.clip((uv * vw - uw * vv) / np.where(across > 1e-9, across, 1.0), 0, 1) * (across > 1e-9)
    t = (uv * s + vw) / np.maximum(vv, 1e-9)
    s = np.where(t < 0, np.clip(-uw / np.maximum(uu, 1e-9), 0, 1),
                 np.where(t > 1, np.clip((uv - uw) / np.maximum(uu, 1e-9), 0, 1), s))  # fmt: skip
    t = np.clip(t, 0, 1)
    gap = w + s[..., None] * u - t[..., None] * v
    distance: Array = np.sqrt((gap * gap).sum(-1))
    return distance
