"""Where: boxes, masks, keypoints and poses through warps, under covers and to another size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np

from augment.camera import view
from augment.field import Field
from augment.footage import Array, Event, Footage, Labels, Tracks, running
from augment.kinds import TimeMap
from augment.labels import keypoints, masks, retime

SIDE_POINTS = 8
"""A box goes through a warp as this many points on each side."""


def through_warp(labels: Labels, warp: Field, *, fps: Fraction) -> Labels:
    """Boxes, masks, keypoints and fractions as the output shows them; rows that left the frame are gone."""
    tracks = labels.tracks
    box, visible, in_frame = tracks.box_px.copy(), tracks.visible.copy(), tracks.in_frame.copy()
    mask = None if tracks.mask is None else list(tracks.mask)
    joints = None if tracks.keypoints_px is None else tracks.keypoints_px.copy()
    kept = np.ones(len(tracks.frame), bool)
    for t, rows in _by_frame(tracks.frame):
        if mask is None:
            moved, share = _moved_boxes(box[rows], warp, t)
        else:
            moved, share = _moved_masks(mask, rows, box, warp, t)
        if joints is not None:
            joints[rows] = keypoints.through_warp(joints[rows], warp, t)
        box[rows] = moved
        visible[rows] *= share
        in_frame[rows] *= share
        kept[rows] = (share > 0) & (moved[:, 2] > moved[:, 0]) & (moved[:, 3] > moved[:, 1])
    after = replace(
        tracks,
        box_px=box,
        visible=visible,
        in_frame=in_frame,
        mask=None if mask is None else tuple(mask),
        keypoints_px=joints,
    )
    return _blinded(labels, replace(labels, tracks=after.rows(np.flatnonzero(kept))), fps)


def turned(labels: Labels, turns: Array) -> Labels:
    """The camera's poses when it turns by (T, 3, 3), its new axes in its old ones."""
    if labels.world_from_cam is None:
        return labels
    poses = labels.world_from_cam.copy()
    poses[:, :3, :3] = poses[:, :3, :3] @ turns
    return replace(labels, world_from_cam=poses)


def _moved_boxes(box_px: Array, warp: Field, t: int) -> tuple[Array, Array]:
    """(R, 4) boxes around what the input's boxes become, and (R,) the share of each that is inside the frame."""
    u = np.linspace(0, 1, SIDE_POINTS, endpoint=False)
    around = np.concatenate(
        [np.stack(side, axis=1) for side in ((u, 0 * u), (0 * u + 1, u), (1 - u, 0 * u + 1), (0 * u, 1 - u))]
    )
    corner, size = (
        box_px[:, None, :2].astype(np.float64),
        (box_px[:, None, 2:] - box_px[:, None, :2]).astype(np.float64),
    )
    outlines = warp.forward(t, (corner + around * size).reshape(-1, 2)).reshape(len(box_px), -1, 2)
    boxes, shares = [], []
    for outline in outlines:
        clipped = _clipped(outline, warp.window_px)
        whole, inside = _area(outline), _area(clipped)
        shares.append(inside / whole if whole > 0 else 0.0)
        boxes.append([*clipped.min(axis=0), *clipped.max(axis=0)] if len(clipped) else [0.0] * 4)
    return np.asarray(boxes, np.float32), np.asarray(shares, np.float32)


def _moved_masks(mask: list[bytes], rows: Array, box_px: Array, warp: Field, t: int) -> tuple[Array, Array]:
    """The same from masks, which are replaced in the list; from the box where all of a thing is covered."""
    dense, footprint = warp.dense(t), warp.footprint(t)
    x0, y0, x1, y1 = warp.window_px
    shown = np.s_[y0:y1, x0:x1]
    boxes, shares = [], []
    for row in rows:
        before = masks.dense(mask[row], warp.size_in_px)
        after = np.zeros(dense.shape[:2], np.uint8)
        after[shown] = cv2.remap(before.astype(np.uint8), dense[shown], None, cv2.INTER_NEAREST, borderValue=0)
        mask[row] = masks.rle(after)
        if before.any():
            boxes.append(masks.edges(after))
            shares.append(float((before & footprint).sum() / before.sum()))
        else:
            (box,), (share,) = _moved_boxes(box_px[row : row + 1], warp, t)
            boxes.append(box)
            shares.append(share)
    return np.asarray(boxes, np.float32), np.asarray(shares, np.float32)


def under_cover(
    labels: Labels, covers: Callable[[int], Array | None], *, size_px: tuple[int, int], fps: Fraction
) -> Labels:
    """Visible fractions fall where something is laid over, and joints are occluded; masks lose what is hidden."""
    tracks = labels.tracks
    box, visible = tracks.box_px.copy(), tracks.visible.copy()
    mask = None if tracks.mask is None else list(tracks.mask)
    joints = None if tracks.keypoints_px is None else tracks.keypoints_px.copy()
    for t, rows in _by_frame(tracks.frame):
        cover = covers(t)
        if cover is None:
            continue
        if joints is not None:
            joints[rows] = keypoints.under_cover(joints[rows], cover)
        for row in rows:
            if mask is None:
                x0, y0 = np.floor(box[row, :2]).astype(int)
                x1, y1 = np.ceil(box[row, 2:]).astype(int)
                visible[row] *= 1 - float(cover[y0:y1, x0:x1].mean()) if x1 > x0 and y1 > y0 else 1
                continue
            before = masks.dense(mask[row], size_px)
            left = before & ~cover
            visible[row] *= left.sum() / max(1, before.sum())
            if left.any():
                box[row] = masks.edges(left)
            mask[row] = masks.rle(left)
    after = replace(
        tracks, box_px=box, visible=visible, mask=None if mask is None else tuple(mask), keypoints_px=joints
    )
    return _blinded(labels, replace(labels, tracks=after), fps)


# ------------------------------------------------------------------------------------------------ delivery


def fitted(footage: Footage, *, size_px: tuple[int, int], fps: Fraction) -> Footage:
    """The footage at another size (scaled) and rate (nearest frames), labels too; itself when it is that already."""
    if size_px == footage.size_px and fps == footage.fps:
        return footage
    time_map = retime.rate_map(footage.length, footage.fps, fps)

    def frames() -> Iterator[Array]:
        out = np.empty((size_px[1], size_px[0], 3), np.uint8)
        with running(footage.frames()) as before:
            for frame in retime.picked(before, time_map.picks):
                yield resized(frame, size_px, out=out)

    labels = fitted_labels(footage.labels, time_map, fps=footage.fps, before_px=footage.size_px, after_px=size_px)
    squeezed = size_px[0] * footage.size_px[1] / (size_px[1] * footage.size_px[0])
    # rounding to whole sizes aside, another aspect is a picture that no lens drew
    camera = footage.camera if abs(squeezed - 1) < view.ALIKE else replace(footage.camera, lens=None)
    return replace(
        footage, fps=fps, size_px=size_px, length=len(time_map.picks), frames=frames, labels=labels, camera=camera
    )


def resized(frame: Array, size_px: tuple[int, int], *, out: Array | None = None) -> Array:
    """The frame at another size; itself when it has that already."""
    height, width = frame.shape[:2]
    if size_px == (width, height):
        return frame
    how = cv2.INTER_AREA if size_px[0] <= width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(frame, size_px, dst=out, interpolation=how))


def fitted_labels(
    labels: Labels, time_map: TimeMap, *, fps: Fraction, before_px: tuple[int, int], after_px: tuple[int, int]
) -> Labels:
    """Labels at another rate and size."""
    labels = retime.through_time(labels, time_map, fps=fps)
    if before_px == after_px:
        return labels
    scale = np.asarray(after_px, np.float64) / before_px
    tracks = labels.tracks
    mask = tracks.mask and tuple(masks.scaled(m, before_px, after_px) for m in tracks.mask)
    joints = None if tracks.keypoints_px is None else keypoints.scaled(tracks.keypoints_px, scale)
    box = (tracks.box_px * np.tile(scale, 2)).astype(np.float32)
    return replace(labels, tracks=replace(tracks, box_px=box, mask=mask, keypoints_px=joints))


# ------------------------------------------------------------------------------------------------ parts


def _blinded(before: Labels, after: Labels, fps: Fraction) -> Labels:
    """Events whose track could be seen before and cannot be seen any more are not visible."""
    events = tuple(
        replace(new, visible=False)
        if new.visible and new.track and _seen(before.tracks, old, fps) and not _seen(after.tracks, new, fps)
        else new
        for old, new in zip(before.events, after.events, strict=True)
    )
    return replace(after, events=events)


def _seen(tracks: Tracks, event: Event, fps: Fraction) -> bool:
    """Whether some of the event's track is visible on a frame of its time."""
    first, stop = int(event.onset_s * fps), int(event.offset_s * fps) + 1
    at_the_time = (tracks.track == event.track) & (tracks.frame >= first) & (tracks.frame < stop)
    return bool((tracks.visible[at_the_time] > 0).any())


def _by_frame(frame: Array) -> Iterator[tuple[int, Array]]:
    """(frame, its rows) for rows sorted by frame."""
    for t, first, count in zip(*np.unique(frame, return_index=True, return_counts=True), strict=True):
        yield int(t), np.arange(first, first + count)


def _clipped(outline: Array, window_px: tuple[int, int, int, int]) -> Array:
    """(M, 2) of a polygon inside x0, y0, x1, y1 (Sutherland and Hodgman)."""
    x0, y0, x1, y1 = map(float, window_px)
    for axis, sign, limit in ((0, 1, x0), (0, -1, -x1), (1, 1, y0), (1, -1, -y1)):
        inside = sign * outline[:, axis] - limit
        if (inside >= 0).all():
            continue
        kept: list[Array] = []
        for here, there, a, b in zip(outline, np.roll(outline, -1, axis=0), inside, np.roll(inside, -1), strict=True):
            if a >= 0:
                kept.append(here)
            if (a >= 0) != (b >= 0):
                kept.append(here + (there - here) * a / (a - b))
        outline = np.asarray(kept).reshape(-1, 2)
        if not len(outline):
            return outline
    return np.asarray(np.clip(outline, (x0, y0), (x1, y1)))  # a crossing is rounded


def _area(outline: Array) -> float:
    """Of a polygon, by the shoelace formula."""
    if len(outline) < 3:
        return 0.0
    x, y = outline.T
    return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2)
