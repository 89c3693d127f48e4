"""Fabric: the smooth second skin that clothes are cut from, and how a sheet of it is cut along lines and edged.

A garment is a height over this skin: an outer layer that is higher everywhere cannot be poked through by an inner one.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.people.bodies import FACE_TARGETS, RIG, Bodies
from scenes.people.shape import Build, Shaped, shaped
from scenes.people.skeleton import JOINTS

LIMBS = ("trunk", "arm_l", "arm_r", "leg_l", "leg_r")
AVERAGE = Build(
    height_m=1.75, age_years=30, male=0.5, muscle=0.5, weight=0.5, proportions=0.5, cup=0.4,
    ancestry=(1 / 3, 1 / 3, 1 / 3), face=(0.0,) * len(FACE_TARGETS),
)  # fmt: skip
"""Whose measures all cutting lines are given in: 1.75 m in shoes, neither man nor woman."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """A part of the pack's mesh, each quad split in four, with what is the same for every body."""

    corners: Array
    """(V, 4) int32 points of the pack whose mean a vertex is."""
    triangles: Array
    """(F, 3) int32."""
    around: Array
    """(V, N) int32 neighbours; a vertex that has fewer lists itself."""
    rounds: int
    """How often its points are smoothed on a body."""
    deep: Array
    """(N,) int32 vertices in hollows that no cloth follows; they are smoothed until they bridge them."""
    average_m: Array
    """(V, 3) on the average body: the coordinates of all cutting lines."""
    limb: Array
    """(V,) int32 into LIMBS."""
    skin: Array
    """(V, J) float32 weights of the skeleton's joints."""
    hanging: Array
    """(V, J) float32 of cloth that hangs: its hem spans both legs and follows neither."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Cloth while it is cut: triangles over points that have values, among them the fields that it is cut along."""

    values: Mapping[str, Array]
    """name -> (P,) or (P, k) per point; a new point on a cut has what lies between its neighbours, and a neighbour's
    whole number."""
    triangles: Array
    """(F, 3) int32."""
    slot: Array
    """(F,) int32 which of the garment's cloths a triangle is of."""


HANGING_ROUNDS, BRIDGED = 14, 40
SCALP_ROUNDS, FACE_ROUNDS = 8, 0
"""Rounds of smoothing: ears melt into the scalp's ground, features stay on the face's."""


@functools.lru_cache(maxsize=8)
def ground(bodies: Bodies, part: str) -> Ground:
    """The second skin ("tights"), the hull about both legs ("skirt"), the head where hair and hats are ("scalp"), or
    all of the head and neck ("face"). All but the face are finer than the pack's mesh: folds of 4 cm show."""
    points = shaped(bodies, AVERAGE).points_m
    source = _head_quads(bodies, points, part) if part in ("scalp", "face") else bodies.quads[part]
    if part == "face":
        used, quads = np.unique(source, return_inverse=True)
        corners, quads = np.repeat(used[:, None], 4, axis=1), quads.reshape(-1, 4)
    else:
        corners, quads = _quartered(source)
    skin = skin_table(bodies)[corners].mean(axis=1)
    around = neighbours(quads, len(corners))
    rounds = {"scalp": SCALP_ROUNDS, "face": FACE_ROUNDS}.get(part, 2)
    average = _smoothed(points[corners].mean(axis=1), around, rounds)
    return Ground(
        corners=corners.astype(np.int32),
        triangles=np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int32),
        around=around,
        rounds=rounds,
        deep=np.flatnonzero(_cleft(average) & (part == "tights")).astype(np.int32),
        average_m=average,
        limb=_limbs(skin),
        skin=skin.astype(np.float32),
        hanging=_hanging(skin, average, _limbs(skin), around).astype(np.float32),
    )


def _cleft(average: Array) -> Array:
    """(V,) bool: between the buttocks, down to the crotch."""
    x, y, z = average.T
    inside: Array = (np.abs(y) < 0.030) & (x < 0.0) & (z > 0.80) & (z < 1.01)
    return inside


def _hanging(skin: Array, average: Array, limb: Array, around: Array) -> Array:
    """Weights that below the waist change over a hand's breadth and no faster."""
    low = ((average[:, 2] < 1.0) & (limb != 1) & (limb != 2))[:, None]
    for _ in range(HANGING_ROUNDS):
        skin = np.where(low, 0.4 * skin + 0.6 * mean_around(skin, around), skin)
    return skin


def _head_quads(bodies: Bodies, average: Array, part: str) -> Array:
    """The body's quads of head and neck; for the scalp without face and throat."""
    quads = bodies.quads["body"]
    table = skin_table(bodies)
    head = (table[:, JOINTS["head"]] + table[:, JOINTS["neck"]] > 0.5)[quads].all(axis=1)
    middle = average[quads].mean(axis=1)
    mouth = (np.abs(middle[:, 1]) < 0.03) & (middle[:, 0] < 0.115) & (middle[:, 0] > 0.02) & (middle[:, 2] < 1.66)
    head &= ~(mouth & (middle[:, 2] > 1.565))
    if part == "scalp":
        head &= (middle[:, 2] > 1.66) | ((middle[:, 0] < 0.07) & (middle[:, 2] > 1.53))
    chosen: Array = quads[head]
    return chosen


def _smoothed(points: Array, around: Array, rounds: int) -> Array:
    for _ in range(rounds):
        points = 0.5 * points + 0.5 * mean_around(points, around)
    return points


@functools.lru_cache(maxsize=4)
def skin_table(bodies: Bodies) -> Array:
    """(V, J) float32: the pack's weights, fingers given to the wrists."""
    names = list(RIG)
    to = np.array(
        [JOINTS[n] if n in JOINTS else JOINTS[("elbow" if n[:5] == "twist" else "wrist") + n[-2:]] for n in names]
    )
    dense = np.zeros((len(bodies.skin_joints), len(JOINTS)), np.float32)
    rows = np.arange(len(dense))
    for slot in range(4):
        np.add.at(dense, (rows, to[bodies.skin_joints[:, slot]]), bodies.skin_weights[:, slot])
    return dense


def points_on(of: Ground, body: Shaped) -> Array:
    """(V, 3) the ground's vertices on a body, smoothed."""
    points = _smoothed(body.points_m[of.corners].mean(axis=1), of.around, of.rounds)
    return bridged(of, points)


def bridged(of: Ground, values: Array) -> Array:
    """(V, k) values that change evenly across what is deep."""
    out, around = values.copy(), of.around[of.deep]
    for _ in range(BRIDGED):
        out[of.deep] = mean_around(out, around)
    return out


def normals(points: Array, triangles: Array, around: Array | None = None, *, smooth: int = 0) -> Array:
    """(V, 3) unit normals, smoothed so that tall heights do not cross."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    face = np.cross(b - a, c - a)
    out = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(face[:, k], 3), minlength=len(points)) for k in range(3)], axis=1
    )
    out = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    for _ in range(smooth if around is not None else 0):
        assert around is not None
        out = 0.4 * out + 0.6 * mean_around(out, around)
    unit: Array = out / np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-12)
    return unit


def mean_around(values: Array, around: Array) -> Array:
    """What a vertex's neighbours have on average; column by column, which is thrice as fast as one gather."""
    total = values[around[:, 0]]
    for column in range(1, around.shape[1]):
        total = total + values[around[:, column]]
    mean: Array = total / around.shape[1]
    return mean


def cut(sheet: Sheet, field: str) -> Sheet:
    """What lies where a field is negative, and the points that it uses."""
    parted, inside = _divided(sheet, field)
    return only(parted, inside)


def panel(sheet: Sheet, field: str, slot: int) -> Sheet:
    """The same sheet, of another cloth where a field is negative."""
    parted, inside = _divided(sheet, field)
    return replace(parted, slot=np.where(inside, np.int32(slot), parted.slot))


def only(sheet: Sheet, faces: Array) -> Sheet:
    """The sheet with some of its triangles alone, and the points that they use."""
    used, renumbered = np.unique(sheet.triangles[faces], return_inverse=True)
    return Sheet(
        values={name: value[used] for name, value in sheet.values.items()},
        triangles=renumbered.reshape(-1, 3).astype(np.int32),
        slot=sheet.slot[faces],
    )


def _divided(sheet: Sheet, field: str) -> tuple[Sheet, Array]:
    """The sheet with new points along the line where a field is 0, and (F,) whether a triangle is inside (< 0)."""
    value = np.where(np.abs(sheet.values[field]) < 1e-6, -1e-6, sheet.values[field])
    inside = value < 0
    count = inside[sheet.triangles].sum(axis=1)
    crosses = (count == 1) | (count == 2)
    if not crosses.any():
        return sheet, count == 3
    crossed = sheet.triangles[crosses]
    alone = np.where(count[crosses][:, None] == 1, inside[crossed], ~inside[crossed]).argmax(axis=1)
    a, b, c = np.take_along_axis(crossed, (alone[:, None] + np.arange(3)) % 3, axis=1).T  # the lone corner first
    edges = np.sort(np.concatenate([np.stack([a, b], 1), np.stack([a, c], 1)]), axis=1)
    pairs, place = np.unique(edges, axis=0, return_inverse=True)
    share = value[pairs[:, 0]] / (value[pairs[:, 0]] - value[pairs[:, 1]])
    ab, ac = (len(value) + place.reshape(2, -1)).astype(np.int32)
    grown = {}
    for name, old in sheet.values.items():
        if old.dtype.kind == "i":
            grown[name] = np.concatenate([old, old[pairs[:, 0]]])
            continue
        part = share.reshape(-1, *([1] * (old.ndim - 1)))
        grown[name] = np.concatenate([old, old[pairs[:, 0]] * (1 - part) + old[pairs[:, 1]] * part])
    grown[field][len(value) :] = 0
    new = np.concatenate([np.stack(t, 1) for t in ((a, ab, ac), (ab, b, c), (ab, c, ac))])
    within = np.concatenate([(count == 3)[~crosses], inside[a], ~inside[a], ~inside[a]])
    slot = np.concatenate([sheet.slot[~crosses], np.tile(sheet.slot[crosses], 3)])
    whole = np.concatenate([sheet.triangles[~crosses], new]).astype(np.int32)
    return Sheet(values=grown, triangles=whole, slot=slot), within


def boundary(triangles: Array) -> Array:
    """(E, 2) directed edges that one triangle alone has, the sheet on their left."""
    edges = triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    size = int(triangles.max()) + 1
    there, back = edges[:, 0] * size + edges[:, 1], edges[:, 1] * size + edges[:, 0]
    open_edges: Array = edges[~np.isin(there, back)]
    return open_edges


def neighbours(quads: Array, count: int) -> Array:
    """(V, N) int32 the vertices along each one's edges, padded with itself."""
    edges = np.concatenate([quads[:, [i, (i + 1) % quads.shape[1]]] for i in range(quads.shape[1])])
    edges = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
    degree = np.bincount(edges[:, 0], minlength=count)
    start = np.cumsum(degree) - degree
    out = np.tile(np.arange(count)[:, None], (1, int(degree.max())))
    out[edges[:, 0], np.arange(len(edges)) - start[edges[:, 0]]] = edges[:, 1]
    return out.astype(np.int32)


def _quartered(quads: Array) -> tuple[Array, Array]:
    """(V, 4) points whose mean each vertex is, and (4F, 4) quads over the vertices."""
    used, q = np.unique(quads, return_inverse=True)
    q = q.reshape(-1, 4)
    edges = np.sort(np.stack([q, np.roll(q, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    pairs, at = np.unique(edges, axis=0, return_inverse=True)
    middle = len(used) + at.reshape(-1, 4)
    centre = len(used) + len(pairs) + np.arange(len(q))
    corners = np.concatenate([np.repeat(used[:, None], 4, axis=1), used[pairs[:, [0, 0, 1, 1]]], used[q]])
    quarters = [np.stack([q[:, i], middle[:, i], centre, middle[:, i - 1]], axis=1) for i in range(4)]
    return corners, np.concatenate(quarters)


def _limbs(skin: Array) -> Array:
    """(V,) the limb that moves each vertex most."""
    groups: list[tuple[str, ...]] = [("pelvis", "spine", "chest", "neck", "head")]
    groups += [tuple(f"{j}_{s}" for j in ("shoulder", "elbow", "wrist")) for s in "lr"]
    groups += [tuple(f"{j}_{s}" for j in ("hip", "knee", "ankle", "toe")) for s in "lr"]
    total = np.stack([skin[:, [JOINTS[j] for j in g]].sum(axis=1) for g in groups], axis=1)
    return np.asarray(total.argmax(axis=1), np.int32)
