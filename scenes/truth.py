"""Truth: instance ids and posed meshes become boxes, visible and in-frame fractions, and what of the events is seen.

What is visible is counted in the id image. What the whole thing would cover, with nothing in front of it and no edge of
the frame, is rasterised here from its posed mesh through the lens, at the frame's instant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

import cv2
import numpy as np

from scenes.keypoints import KEYPOINTS, keypoints
from scenes.people.skeleton import PARENTS
from scenes.shot import Array, Event, Figure, Shot, Solid

SEEN_SHARE = 1 / 4000
"""Share of the frame's pixels from which on a thing counts as seen: 15 px at 320x180, 519 px at 1920x1080."""
LONGEST_EDGE_M = 0.08
"""Triangles are split to this: a straight edge is a curve behind a fisheye, 18 degrees at an arm's length of 0.25 m."""
MOST_SPLITS = 6
CANVAS_CELLS = 200_000
"""Cells that a silhouette is drawn on: small things get up to 8 x 8 cells a pixel, huge ones a cell for 8 x 8."""
FILLED_BY_SPOTS = 2.0
"""Cells that a triangle may span and still be covered by its corners, the middles of its edges and its centre."""
OUTER_RHO = 1.49
"""Radius in frame widths beyond which Lens.rho stops; the silhouette ends there."""
POSE_CHUNK = 32
"""Frames that are skinned at a time, for memory."""


class BlankTruth(RuntimeError):  # noqa: N818
    """The id image shows nothing where a tracked thing must be in view."""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One tracked thing of the shot."""

    id: int
    track_class: str
    in_wearer_hand: bool
    role: str


@dataclass(frozen=True, kw_only=True)
class SeenEvent:
    """An event of the shot, with what the camera sees of it."""

    type: str
    onset_s: float
    offset_s: float
    actor_role: str
    track: int
    visible: bool
    """Its track covers at least SEEN_SHARE of some frame between onset and offset; False without a track."""
    audible: bool


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What is where; a row per tracked thing and frame, sorted by frame, then track. A thing wholly hidden by others
    has a row with visible 0 and an empty box at 0, 0; a thing wholly outside the frame has none."""

    frame: Array
    """(N,) int32."""
    track: Array
    """(N,) int32 Thing.id."""
    box_px: Array
    """(N, 4) float32 x0, y0, x1, y1 of the visible pixels; edges, so a one-pixel thing is 1 wide."""
    visible: Array
    """(N,) float32 share of the whole silhouette that can be seen, 0..1; never above in_frame but for rounding."""
    in_frame: Array
    """(N,) float32 share of the whole silhouette inside the frame, 0..1; what lies beyond 1.49 frame widths of the
    optical axis is not counted."""
    keypoints_px: Array
    """(N, 17, 3) float32 x, y, v of people, as scenes.keypoints says; 0 for all else."""
    things: tuple[Thing, ...]
    """All tracked things of the shot, by id."""
    world_from_cam: Array
    """(T, 4, 4) float64 at the frames' instants."""
    events: tuple[SeenEvent, ...]


def truth(shot: Shot, ids: Array) -> Truth:
    """Measures a shot's id images, (T, H, W) uint16."""
    w, h = shot.size_px
    if ids.shape != (shot.frames, h, w):
        raise ValueError(f"ids must be ({shot.frames}, {h}, {w}), got {ids.shape}")
    tracked = tracked_things(shot)
    poses = np.asarray(shot.world_from_cam[shot.keys_per_frame :: shot.keys_per_frame][: shot.frames], float)
    areas = np.stack([_areas(thing, shot, poses) for thing in tracked], axis=1) if tracked else np.zeros((0, 0, 2))
    rows = []
    pixels = {thing.track: np.zeros(shot.frames, np.int64) for thing in tracked}
    joints = {thing.track: keypoints(thing, shot, ids) for thing in tracked if _is_person(thing)}
    nowhere = np.zeros((shot.frames, len(KEYPOINTS), 3), np.float32)
    for f in range(shot.frames):
        picture = np.asarray(ids[f])
        counts = np.bincount(picture.ravel(), minlength=1)
        strangers = set(np.flatnonzero(counts).tolist()) - {0, *pixels}
        if strangers:
            raise ValueError(f"ids must be tracks of the shot, got {sorted(strangers)} at frame {f}")
        for place, thing in enumerate(tracked):
            count = int(counts[thing.track]) if thing.track < len(counts) else 0
            box = _box(picture == thing.track) if count else (0, 0, 0, 0)
            pixels[thing.track][f] = count
            whole, inside = areas[f, place]
            if count or inside > 0:
                share = min(1.0, count / whole) if whole else 1.0
                body = joints.get(thing.track, nowhere)[f]
                rows.append((f, thing.track, box, share, inside / whole if whole else 1.0, body))
    _refuse_blank(shot, tracked, areas, pixels)
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), (), ()]
    return Truth(
        frame=np.array(columns[0], np.int32),
        track=np.array(columns[1], np.int32),
        box_px=np.array(columns[2], np.float32).reshape(-1, 4),
        visible=np.array(columns[3], np.float32),
        in_frame=np.array(columns[4], np.float32),
        keypoints_px=np.array(columns[5], np.float32).reshape(-1, len(KEYPOINTS), 3),
        things=tuple(_thing(t) for t in tracked),
        world_from_cam=poses,
        events=tuple(_seen(event, shot, pixels) for event in shot.events),
    )


# --- what is counted in the id image --------------------------------------------------------------------------------


def tracked_things(shot: Shot) -> list[Solid | Figure]:
    """By track."""
    things: list[Solid | Figure] = [*shot.solids, *shot.figures]
    return sorted((t for t in things if t.track), key=lambda t: t.track)


def _is_person(thing: Solid | Figure) -> TypeGuard[Figure]:
    """A whole body on the skeleton that all people share; the wearer's hands and forearms are parts."""
    return isinstance(thing, Figure) and np.array_equal(thing.parents[: len(PARENTS)], PARENTS)


def _box(mask: Array) -> tuple[int, int, int, int]:
    """Edges x0, y0, x1, y1 of the true pixels, of which there is at least one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _thing(of: Solid | Figure) -> Thing:
    held = isinstance(of, Solid) and of.in_wearer_hand
    return Thing(
        id=of.track,
        track_class=of.track_class,
        in_wearer_hand=held,
        role=of.role if isinstance(of, Figure) else "",
    )


def _seen(event: Event, shot: Shot, pixels: dict[int, Array]) -> SeenEvent:
    """Frames are those nearest to instants of the interval, at least one."""
    first = math.ceil(event.onset_s * shot.fps - 0.5)
    last = math.floor(event.offset_s * shot.fps + 0.5)
    w, h = shot.size_px
    counts = pixels.get(event.track, np.zeros(0))[max(first, 0) : last + 1]
    return SeenEvent(
        type=event.type,
        onset_s=event.onset_s,
        offset_s=event.offset_s,
        actor_role=event.actor_role,
        track=event.track,
        visible=bool((counts >= max(1.0, SEEN_SHARE * w * h)).any()),
        audible=event.audible,
    )


def _refuse_blank(shot: Shot, tracked: list[Solid | Figure], areas: Array, pixels: dict[int, Array]) -> None:
    """What the wearer holds cannot be hidden frame by frame; of all the rest something must show once in the clip."""
    w, h = shot.size_px
    enough = max(4.0, SEEN_SHARE * w * h)
    empty = sum(pixels.values(), np.zeros(shot.frames)) == 0
    for place, thing in enumerate(tracked):
        in_view = areas[:, place, 1] >= enough
        held = _thing(thing).in_wearer_hand or _thing(thing).role == "wearer"
        if (in_view & empty).any() and (held or empty.all()):
            frame = int(np.flatnonzero(in_view & empty)[0])
            raise BlankTruth(
                f"ids must show something where {thing.name} (track {thing.track}) covers "
                f"{areas[frame, place, 1]:.0f} px, got an empty image at frame {frame}; "
                "film again, or untrack what is hidden for the whole clip"
            )


# --- what the whole thing would cover --------------------------------------------------------------------------------


def _areas(thing: Solid | Figure, shot: Shot, poses: Array) -> Array:
    """(T, 2) float64: pixels of the whole silhouette, and of its part inside the frame."""
    splits, triangles = split(thing.vertices_m, thing.triangles)
    closed = is_closed(thing.triangles)
    out = np.zeros((shot.frames, 2))
    for f, world in enumerate(_posed(thing, shot)):
        for a, b in splits:
            world = np.concatenate([world, (world[a] + world[b]) / 2])  # noqa: PLW2901
        turn, place = poses[f, :3, :3], poses[f, :3, 3]
        at_px = shot.lens.project((world - place) @ turn, shot.size_px)
        out[f] = silhouette(at_px, triangles, shot.size_px, closed=closed)
    return out


def _posed(thing: Solid | Figure, shot: Shot) -> Iterator[Array]:
    """World positions (V, 3) float64 of the vertices, frame by frame."""
    keys = np.array([shot.frame_key(f) for f in range(shot.frames)])
    if isinstance(thing, Solid):
        for key in keys:
            pose = thing.world_from_solid[min(key, len(thing.world_from_solid) - 1)]
            yield thing.vertices_m @ pose[:3, :3].T + pose[:3, 3]
        return
    for first in range(0, shot.frames, POSE_CHUNK):
        chunk = np.minimum(keys[first : first + POSE_CHUNK], len(thing.rotations) - 1)
        yield from thing.posed(chunk).astype(float)


def split(vertices_m: Array, triangles: Array) -> tuple[list[tuple[Array, Array]], Array]:
    """Splits each triangle in four until no edge is longer than LONGEST_EDGE_M.

    Returns pairs (a, b) of vertex numbers per round, whose midpoints are appended to the vertices in that order, and
    the triangles over the vertices so grown: so the same split serves every pose.
    """
    points, faces = np.asarray(vertices_m, float), np.asarray(triangles, np.int64)
    splits: list[tuple[Array, Array]] = []
    for _ in range(MOST_SPLITS):
        corners = points[faces]
        longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
        large = longest > LONGEST_EDGE_M
        if not large.any():
            break
        edges = np.sort(np.stack([faces[large], np.roll(faces[large], -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
        pairs, where = np.unique(edges, axis=0, return_inverse=True)
        ab, bc, ca = (len(points) + where.reshape(-1, 3)).T
        a, b, c = faces[large].T
        quarters = [np.stack(t, axis=1) for t in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
        splits.append((pairs[:, 0], pairs[:, 1]))
        points = np.concatenate([points, (points[pairs[:, 0]] + points[pairs[:, 1]]) / 2])
        faces = np.concatenate([faces[~large], *quarters])
    return splits, faces


def is_closed(triangles: Array) -> bool:
    """Every edge is walked once in each direction: the faces that look at the camera alone make the silhouette."""
    edges = np.stack([triangles, np.roll(triangles, -1, axis=1)], axis=2).reshape(-1, 2).astype(np.int64)
    there, back = (edges[:, i] * (edges.max() + 1) + edges[:, 1 - i] for i in (0, 1))
    return len(np.unique(there)) == len(there) and np.array_equal(np.sort(there), np.sort(back))


def silhouette(
    at_px: Array, triangles: Array, size_px: tuple[int, int], *, closed: bool = False
) -> tuple[float, float]:
    """Pixels covered by triangles (F, 3) over points (V, 2): all, and those inside the frame. Areas are fractions of
    pixels; a boundary cell counts as covered, which adds about half a cell all round."""
    w, h = size_px
    reach = np.hypot(at_px[:, 0] - w / 2, at_px[:, 1] - h / 2) / w
    kept = triangles[(reach < OUTER_RHO)[triangles].all(axis=1)]
    a, b, c = (at_px[kept[:, i]] for i in range(3))
    if closed:
        front = np.cross(b - a, c - a) < 0  # counter-clockwise in the world, y down in the picture
        a, b, c = a[front], b[front], c[front]
    if not len(a):
        return 0.0, 0.0
    low = np.floor(np.minimum(np.minimum(a, b), c).min(axis=0)).astype(int)
    high = np.ceil(np.maximum(np.maximum(a, b), c).max(axis=0)).astype(int) + 1
    wide, tall = (high - low).tolist()
    cells = 2.0 ** np.clip(math.floor(math.log2(math.sqrt(CANVAS_CELLS / (wide * tall)))), -3, 3)
    canvas = np.zeros((math.ceil(tall * cells), math.ceil(wide * cells)), np.uint8)
    a, b, c = ((corner - low) * cells - 0.5 for corner in (a, b, c))  # a cell's centre is at a whole number
    for spots in (a, b, c, (a + b) / 2, (b + c) / 2, (c + a) / 2, (a + b + c) / 3):
        columns, rows = np.rint(spots).astype(np.int64).T
        canvas[rows.clip(0, canvas.shape[0] - 1), columns.clip(0, canvas.shape[1] - 1)] = 1
    extent = np.maximum(np.maximum(a, b), c) - np.minimum(np.minimum(a, b), c)
    wider = (extent > FILLED_BY_SPOTS).any(axis=1)
    for triangle in np.rint(np.stack([a, b, c], axis=1)[wider] * 16).astype(np.int32):
        cv2.fillConvexPoly(canvas, triangle, 1, lineType=cv2.LINE_8, shift=4)
    x0, y0 = (round(max(0, -low[i]) * cells) for i in (0, 1))
    x1, y1 = (round(max(0, size_px[i] - low[i]) * cells) for i in (0, 1))
    inside = canvas[y0:y1, x0:x1]
    return np.count_nonzero(canvas) / cells**2, np.count_nonzero(inside) / cells**2
