"""Keypoints of people: COCO's 17 joints of a posed figure in the picture, each at the instant its row is read."""

from __future__ import annotations

import numpy as np

from scenes.people.skeleton import JOINTS
from scenes.shot import Array, Figure, Shot

_LIMBS = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_SIDES = {"left": "l", "right": "r"}
KEYPOINTS = ("nose", *(f"{side}_{part}" for part in ("eye", "ear", *_LIMBS) for side in _SIDES))
"""COCO's names in COCO's order."""
NOSE_FROM_EYES_M = (0.030, -0.035)
"""Its tip ahead of and above the middle between the eyes, an adult's means [P]."""
EAR_FROM_EYE_M = (-0.085, 0.045, -0.015)
"""Its canal ahead, outwards and above [P]."""
ROUNDS = 3
"""A point's row decides its instant, and its instant its row: three rounds leave less than 0.01 px."""
NEAR_PX = 1
"""A joint counts as visible when its own figure is seen this near to it."""


def keypoints(figure: Figure, shot: Shot, ids: Array) -> Array:
    """(T, 17, 3) float32 x, y, v of a person in a shot's id images (T, H, W).

    v is 0 outside or unknown (x = y = 0), 1 where another thing is in front, 2 where the person is seen there.
    """
    known, world = _joints(figure)
    w, h = shot.size_px
    out = np.zeros((shot.frames, len(KEYPOINTS), 3), np.float32)
    columns = np.flatnonzero(known)
    for frame in range(shot.frames):
        late = np.zeros(len(columns))  # of each point's row, shares of a frame
        for _ in range(ROUNDS):
            xy = _seen_at(world, shot, shot.frame_key(frame) + late * shot.keys_per_frame, columns)
            if not (shot.blur and shot.readout_s):
                break
            late = (np.clip(xy[:, 1] / h, 0, 1) - 0.5) * float(shot.readout_s * shot.fps)
        inside = ((xy >= 0) & (xy < (w, h))).all(axis=1)
        seen = np.array(
            [_near(ids[frame], at, figure.track) if ok else False for at, ok in zip(xy, inside, strict=True)]
        )
        out[frame, columns[inside], :2] = xy[inside]
        out[frame, columns[inside], 2] = np.where(seen[inside], 2, 1)
    return out


def _joints(figure: Figure) -> tuple[Array, Array]:
    """(17,) bool of what is known, and (K, 17, 3) world positions."""
    turn, place = figure.joints_world()
    world = np.zeros((len(place), len(KEYPOINTS), 3))
    known = np.ones(len(KEYPOINTS), bool)
    for side, short in _SIDES.items():
        for part in _LIMBS:
            world[:, KEYPOINTS.index(f"{side}_{part}")] = place[:, JOINTS[f"{part}_{short}"]]
    face, head = _face(figure), JOINTS["head"]
    known[: len(face) or 5] = len(face) > 0
    for n, at in enumerate(face):
        world[:, n] = place[:, head] + turn[:, head] @ (at - figure.joints_m[head])
    return known, world


def _face(figure: Figure) -> Array:
    """(5, 3) nose, left and right eye, left and right ear at rest, found by the eyes; none when there are none."""
    eyes = [n for n, name in enumerate(figure.materials) if "eye" in name and "white" in name]
    vertices = figure.vertices_m[np.unique(figure.triangles[np.isin(figure.face_material, eyes)])]
    left = vertices[vertices[:, 1] > 0] if len(vertices) else vertices
    if not len(left):
        return np.zeros((0, 3))
    x, y, z = left.mean(axis=0).astype(float)
    ahead, up = NOSE_FROM_EYES_M
    back, out, down = EAR_FROM_EYE_M
    return np.array(
        [(x + ahead, 0, z + up), (x, y, z), (x, -y, z), (x + back, y + out, z + down), (x + back, -y - out, z + down)]
    )


def _seen_at(world: Array, shot: Shot, key: Array, columns: Array) -> Array:
    """(N, 2) px of the columns' points, each at a key (N,) of its own, between two keys on a straight line."""
    key = np.clip(key, 0, len(world) - 1)
    before = np.minimum(key.astype(int), len(world) - 2)
    part = (key - before)[:, None]
    points = world[before, columns] * (1 - part) + world[before + 1, columns] * part
    poses = shot.world_from_cam[before] * (1 - part[..., None]) + shot.world_from_cam[before + 1] * part[..., None]
    cam = np.einsum("nba,nb->na", poses[:, :3, :3], points - poses[:, :3, 3])
    return shot.lens.project(cam, shot.size_px)


def _near(ids: Array, at_px: Array, track: int) -> bool:
    x, y = at_px.astype(int)
    window = ids[max(0, y - NEAR_PX) : y + NEAR_PX + 1, max(0, x - NEAR_PX) : x + NEAR_PX + 1]
    return bool((window == track).any())
