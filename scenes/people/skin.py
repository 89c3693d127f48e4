"""Skin, eyes, brows and loose hair: what of a human is not cloth."""

from __future__ import annotations

import functools

import numpy as np

from scenes.mesh import Array
from scenes.people.bodies import Bodies
from scenes.people.fabric import AVERAGE, normals, skin_table
from scenes.people.part import Part
from scenes.people.shape import Build, Shaped, shaped
from scenes.people.skeleton import JOINTS
from scenes.people.tailor import Form, Pattern, made

EYE_RINGS_RAD = (0.0, 0.19, 0.21, 0.47, 0.50, 0.75, 1.05, 1.35, 1.65)
"""Angles from the gaze: the pupil ends at the second ring, the iris (12 mm across) at the fourth."""
GLOVE_M = 0.0018
CROWN_M, HEAD_M = 1.75, np.array([0.032, 0.0, 1.601])
"""The average head: its crown's height and its joint."""


def bare(bodies: Bodies, body: Shaped, build: Build, hidden: Array, gloves: bool) -> Part:
    """The body's own skin where nothing hides it; hands in gloves where they are worn."""
    quads = bodies.quads["body"]
    quads = quads[~hidden[quads].all(axis=1) & ~_inner_mouth(bodies)]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    table = skin_table(bodies)
    hand = table[:, JOINTS["wrist_l"]] + table[:, JOINTS["wrist_r"]] > 0.5
    points = body.points_m.copy()
    if gloves:
        out = normals(points, np.concatenate([bodies.quads["body"][:, :3], bodies.quads["body"][:, [0, 2, 3]]]))
        points[hand] += GLOVE_M * out[hand]
    used, renumbered = np.unique(triangles, return_inverse=True)
    slot = (hand[triangles].all(axis=1) & gloves).astype(np.int32)
    return Part(
        points_m=points[used], triangles=renumbered.reshape(-1, 3).astype(np.int32),
        slots=("skin/skin", "gloves/glove"), slot=slot, skin=table[used], tint=_tints(bodies, build.male > 0.5)[used],
    )  # fmt: skip


@functools.lru_cache(maxsize=2)
def _average(bodies: Bodies) -> Array:
    points: Array = shaped(bodies, AVERAGE).points_m
    return points


@functools.lru_cache(maxsize=2)
def _inner_mouth(bodies: Bodies) -> Array:
    """(F,) bool: quads of the cavity behind the lips, which a closed mouth hides."""
    middle = _average(bodies)[bodies.quads["body"]].mean(axis=1)
    deep: Array = (np.abs(middle[:, 1]) < 0.032) & (middle[:, 0] < 0.118) & (middle[:, 0] > 0.02)
    deep &= (middle[:, 2] > 1.555) & (middle[:, 2] < 1.63) & (np.hypot(middle[:, 0] - 0.07, middle[:, 1]) < 0.05)
    return deep


@functools.lru_cache(maxsize=4)
def _tints(bodies: Bodies, beard: bool) -> Array:
    """(V, 3) factors on the skin's colour: lips, cheeks, nose, ears, lids, knuckles, and where a beard would grow."""
    p = _average(bodies)
    x, y, z = p.T

    def spot(cx: float, cy: float, cz: float, size: float) -> Array:
        square = ((x - cx) ** 2 + (np.abs(y) - cy) ** 2 + (z - cz) ** 2) / size**2
        blob: Array = np.exp(-square)
        return blob

    tint = np.ones((len(p), 3))
    red = (
        0.5 * spot(0.12, 0.045, 1.605, 0.022)
        + 0.6 * spot(0.15, 0.0, 1.605, 0.014)
        + 0.5 * spot(0.03, 0.085, 1.625, 0.02)
    )
    tint *= 1 - red[:, None] * np.array([0.02, 0.20, 0.22])
    lids = spot(0.125, 0.032, 1.632, 0.013) + spot(0.125, 0.032, 1.650, 0.010)
    tint *= 1 - lids[:, None] * np.array([0.16, 0.24, 0.20])
    lips = np.clip(1.6 - 1.6 * np.hypot(y / 0.026, (z - 1.5690) / 0.0115) ** 3, 0, 1) * (x > 0.118)
    tint *= 1 - np.minimum(lips, 1)[:, None] * np.array([0.16, 0.46, 0.40])
    knuckles = ((np.abs(y) > 0.32) & (z < 0.86)).astype(float) * 0.3
    tint *= 1 - knuckles[:, None] * np.array([0.05, 0.20, 0.22])
    if beard:
        jaw = np.clip((1.602 - z) / 0.012, 0, 1) * np.clip((z - 1.50) / 0.03, 0, 1) * np.clip((x - 0.04) / 0.02, 0, 1)
        jaw *= 1 - np.clip(lips * 2, 0, 1)
        tint *= 1 - jaw[:, None] * np.array([0.30, 0.27, 0.22])
    return tint


def eyes(bodies: Bodies, body: Shaped, rng: np.random.Generator) -> Part:
    """Both eyeballs, looking the same way, a little off straight ahead."""
    yaw, pitch = rng.normal(0, 0.10), rng.normal(-0.02, 0.05)
    gaze = np.array([np.cos(yaw) * np.cos(pitch), np.sin(yaw) * np.cos(pitch), np.sin(pitch)])
    side = np.cross([0.0, 0, 1], gaze)
    side /= np.linalg.norm(side)
    axes = np.stack([gaze, side, np.cross(gaze, side)], axis=1)
    segments = 20
    angle = np.arange(segments) * 2 * np.pi / segments
    ball = [np.array([[1.0, 0, 0]])]
    ball += [np.stack([np.full(segments, np.cos(r)), np.sin(r) * np.cos(angle), np.sin(r) * np.sin(angle)], 1)
             for r in EYE_RINGS_RAD[1:]]  # fmt: skip
    unit = np.concatenate(ball)
    here, there = np.arange(segments), np.roll(np.arange(segments), -1)
    triangles, slot = [np.stack([np.zeros(segments, int), 1 + here, 1 + there], 1)], [np.full(segments, 2)]
    for ring in range(len(EYE_RINGS_RAD) - 2):
        a, b = 1 + ring * segments, 1 + (ring + 1) * segments
        triangles += [np.stack([a + here, b + here, b + there], 1), np.stack([a + here, b + there, a + there], 1)]
        slot += [np.full(2 * segments, 2 if ring < 1 else 1 if ring < 3 else 0)]
    faces, kinds = np.concatenate(triangles), np.concatenate(slot)
    parts = []
    vertices = body.points_m[np.unique(bodies.quads["eyes"])]
    for sign in (1, -1):
        own = vertices[vertices[:, 1] * sign > 0]
        radius = np.ptp(own[:, 2]) / 2 * 0.985
        middle = (own.max(axis=0) + own.min(axis=0)) / 2
        middle[0] = own[:, 0].max() - radius
        parts.append(middle + radius * unit @ axes.T)
    head = np.zeros((2 * len(unit), len(JOINTS)), np.float32)
    head[:, JOINTS["head"]] = 1
    return Part(
        points_m=np.concatenate(parts), triangles=np.concatenate([faces, faces + len(unit)]).astype(np.int32),
        slots=("eyes/white", "eyes/iris", "eyes/pupil"), slot=np.tile(kinds, 2).astype(np.int32), skin=head,
    )  # fmt: skip


def lashes(bodies: Bodies, body: Shaped) -> Part:
    """Rows of lashes."""
    used, quads = np.unique(bodies.quads["lashes"], return_inverse=True)
    quads = quads.reshape(-1, 4)
    triangles = np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32)
    return Part(points_m=body.points_m[used], triangles=triangles, slots=("lashes/lash",),
                slot=np.zeros(len(triangles), np.int32), skin=skin_table(bodies)[used])  # fmt: skip


def _brow(f: Form) -> Array:
    """The strip of a brow, thinner outwards."""
    across = np.abs(f.y)
    middle = 1.6545 + 0.0045 * np.sin(np.clip((across - 0.010) / 0.040, 0, 1) * 2.4)
    half = np.interp(across, (0.008, 0.016, 0.030, 0.046, 0.050), (0.0, 0.0036, 0.0036, 0.0018, 0.0))
    out: Array = np.where(
        f.x > 0.08, np.maximum.reduce([np.abs(f.z - middle) - half, 0.011 - across, across - 0.048]), 1.0
    )
    return out


_BROWS = Pattern(ground="face", keep=(_brow,), ease_m=0.001, fold_m=0.0, slots=("hair",), lip_m=0.004, hides=False)


def brows(on: Form) -> Part:
    """Both brows."""
    piece = made(_BROWS, on, np.random.Generator(np.random.PCG64(0)))  # no folds: nothing is drawn from it
    return Part(
        points_m=piece.points_m, triangles=piece.triangles, slots=("brows/hair",), slot=piece.slot, skin=piece.skin
    )


def head_points(body: Shaped, average: Array) -> Array:
    """Places given on the average head, on this one's."""
    joint = body.joints_m[JOINTS["head"]]
    scale = (body.places_m["head-2"][2] - joint[2]) / (CROWN_M - HEAD_M[2])
    placed: Array = joint + scale * (average - HEAD_M)
    return placed
