"""Labels that follow: through warps, time maps and damaged streams, under covers and silences, to another size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
from pycocotools import mask as coco

from augment.field import Field
from augment.footage import Array, Event, Footage, Labels, Tracks, running
from augment.kinds import TimeMap

SIDE_POINTS = 8
"""A box goes through a warp as this many points on each side."""
HIDES = ("loss",)
"""States of a frame that shows its own instant and yet cannot be relied upon to show what happens."""


# ------------------------------------------------------------------------------------------------ where


def through_warp(labels: Labels, warp: Field, *, fps: Fraction) -> Labels:
    """Boxes, masks and fractions as the output shows them; rows that left the frame are gone."""
    tracks = labels.tracks
    box, visible, in_frame = tracks.box_px.copy(), tracks.visible.copy(), tracks.in_frame.copy()
    masks: list[bytes] | None = list(tracks.mask) if tracks.mask is not None else None
    kept = np.ones(len(tracks.frame), bool)
    for t, rows in _by_frame(tracks.frame):
        if masks is None:
            moved, share = _moved_boxes(box[rows], warp, t)
        else:
            moved, share = _moved_masks(masks, rows, box, warp, t)
        box[rows] = moved
        visible[rows] *= share
        in_frame[rows] *= share
        kept[rows] = (share > 0) & (moved[:, 2] > moved[:, 0]) & (moved[:, 3] > moved[:, 1])
    after = replace(
        tracks, box_px=box, visible=visible, in_frame=in_frame, mask=None if masks is None else tuple(masks)
    )
    return _blinded(labels, replace(labels, tracks=_rows(after, np.flatnonzero(kept))), fps)


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


def _moved_masks(masks: list[bytes], rows: Array, box_px: Array, warp: Field, t: int) -> tuple[Array, Array]:
    """The same from masks, which are replaced in the list; from the box where all of a thing is covered."""
    dense, footprint = warp.dense(t), warp.footprint(t)
    x0, y0, x1, y1 = warp.window_px
    shown = np.s_[y0:y1, x0:x1]
    boxes, shares = [], []
    for row in rows:
        before = _mask(masks[row], warp.size_in_px)
        after = np.zeros(dense.shape[:2], np.uint8)
        after[shown] = cv2.remap(before.astype(np.uint8), dense[shown], None, cv2.INTER_NEAREST, borderValue=0)
        masks[row] = rle(after)
        if before.any():
            boxes.append(_mask_box(after))
            shares.append(float((before & footprint).sum() / before.sum()))
        else:
            (box,), (share,) = _moved_boxes(box_px[row : row + 1], warp, t)
            boxes.append(box)
            shares.append(share)
    return np.asarray(boxes, np.float32), np.asarray(shares, np.float32)


def under_cover(
    labels: Labels, covers: Callable[[int], Array | None], *, size_px: tuple[int, int], fps: Fraction
) -> Labels:
    """Visible fractions fall where something is laid over; masks lose what is hidden."""
    tracks = labels.tracks
    box, visible = tracks.box_px.copy(), tracks.visible.copy()
    masks = list(tracks.mask) if tracks.mask is not None else None
    for t, rows in _by_frame(tracks.frame):
        cover = covers(t)
        if cover is None:
            continue
        for row in rows:
            if masks is None:
                x0, y0 = np.floor(box[row, :2]).astype(int)
                x1, y1 = np.ceil(box[row, 2:]).astype(int)
                visible[row] *= 1 - float(cover[y0:y1, x0:x1].mean()) if x1 > x0 and y1 > y0 else 1
                continue
            before = _mask(masks[row], size_px)
            left = before & ~cover
            visible[row] *= left.sum() / max(1, before.sum())
            if left.any():
                box[row] = _mask_box(left)
            masks[row] = rle(left)
    after = replace(tracks, box_px=box, visible=visible, mask=None if masks is None else tuple(masks))
    return _blinded(labels, replace(labels, tracks=after), fps)


# ------------------------------------------------------------------------------------------------ when


def through_time(labels: Labels, time_map: TimeMap, *, fps: Fraction) -> Labels:
    """Rows, poses and states as picked; events along the cuts; `fps` is the rate before."""
    picks = np.asarray(time_map.picks, np.int64)
    tracks = labels.tracks
    first = np.searchsorted(tracks.frame, picks, "left")
    count = np.searchsorted(tracks.frame, picks, "right") - first
    rows = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    frame = np.repeat(np.arange(len(picks), dtype=np.int32), count)
    moved = replace(
        labels,
        tracks=replace(_rows(tracks, rows), frame=frame),
        events=tuple(_moved_events(labels.events, time_map, picks, fps)),
        world_from_cam=None if labels.world_from_cam is None else labels.world_from_cam[picks],
        frame_state=_states(labels.frame_state, time_map.state, picks),
    )
    return silenced(moved, time_map.silent)


def through_stream(labels: Labels, states: Sequence[str], *, fps: Fraction) -> Labels:
    """A frozen frame still shows what was shown before; a damaged one shows its own instant."""
    if not any(states):
        return labels
    new = np.array([state not in ("freeze", "drop") for state in states])
    picks = np.maximum.accumulate(np.where(new, np.arange(len(states)), 0))
    seconds = float(len(states) / fps)
    return through_time(
        labels, TimeMap(picks=picks, fps=fps, cuts=((0.0, seconds, 1.0),), state=tuple(states)), fps=fps
    )


def silenced(labels: Labels, stretches: Iterable[tuple[float, float]]) -> Labels:
    """An event whose whole time is silent cannot be heard."""
    quiet = sorted(stretches)
    if not quiet:
        return labels
    return replace(labels, events=tuple(replace(e, audible=e.audible and not _inside(e, quiet)) for e in labels.events))


def _inside(event: Event, stretches: Sequence[tuple[float, float]]) -> bool:
    at = event.onset_s
    for start_s, stop_s in stretches:
        if start_s <= at + 1e-9:
            at = max(at, stop_s)
    return at >= event.offset_s and at > event.onset_s


def _moved_events(events: Sequence[Event], time_map: TimeMap, picks: Array, fps: Fraction) -> Iterator[Event]:
    """Events of which something is left, in seconds of the output."""
    instants_s = picks / float(fps)
    half_in, half_out = 0.5 / float(fps), 0.5 / float(time_map.fps)
    hidden = np.array([state in HIDES for state in time_map.state] or [False] * len(picks))
    for event in events:
        span = _span(event, time_map.cuts)
        if span is None:
            continue
        moved = replace(event, onset_s=span[0], offset_s=span[1], observable_from_s=None)
        if event.visible:
            since = event.onset_s if event.observable_from_s is None else event.observable_from_s
            shows = (instants_s >= since - half_in) & (instants_s <= event.offset_s + half_in) & ~hidden
            if not shows.any():
                moved = replace(moved, visible=False)
            else:
                from_s = float(int(np.argmax(shows)) / time_map.fps)
                late = from_s > span[0] + half_out + 1e-6
                moved = replace(moved, observable_from_s=from_s if late else None)
        yield moved


def _span(event: Event, cuts: Sequence[tuple[float, float, float]]) -> tuple[float, float] | None:
    """(onset, offset) in the output: from the first to the last stretch that holds some of the event."""
    at, found = 0.0, []
    for start_s, stop_s, speed in cuts:
        low, high = max(event.onset_s, start_s), min(event.offset_s, stop_s)
        momentary = event.onset_s == event.offset_s and start_s <= event.onset_s < stop_s
        if low < high or momentary:
            found += [at + (low - start_s) / speed, at + (high - start_s) / speed]
        at += (stop_s - start_s) / speed
    return (min(found), max(found)) if found else None


def _states(before: Sequence[str], now: Sequence[str], picks: Array) -> tuple[str, ...]:
    """A frame's own new state, else that of the frame it shows; empty when all are ""."""
    old = [before[p] for p in picks] if before else [""] * len(picks)
    states = tuple(new or was for new, was in zip(now or [""] * len(picks), old, strict=True))
    return states if any(states) else ()


# ------------------------------------------------------------------------------------------------ delivery


def fitted(footage: Footage, *, size_px: tuple[int, int], fps: Fraction) -> Footage:
    """The footage at another size (scaled) and rate (nearest frames), labels too; itself when it is that already."""
    if size_px == footage.size_px and fps == footage.fps:
        return footage
    time_map = rate_map(footage.length, footage.fps, fps)
    shrinks = size_px[0] <= footage.size_px[0]

    def frames() -> Iterator[Array]:
        out = np.empty((size_px[1], size_px[0], 3), np.uint8)
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        with running(footage.frames()) as before:
            for frame in picked(before, time_map.picks):
                yield frame if size_px == footage.size_px else cv2.resize(frame, size_px, dst=out, interpolation=how)

    labels = fitted_labels(footage.labels, time_map, fps=footage.fps, before_px=footage.size_px, after_px=size_px)
    return replace(footage, fps=fps, size_px=size_px, length=len(time_map.picks), frames=frames, labels=labels)


def fitted_labels(
    labels: Labels, time_map: TimeMap, *, fps: Fraction, before_px: tuple[int, int], after_px: tuple[int, int]
) -> Labels:
    """Labels at another rate and size."""
    labels = through_time(labels, time_map, fps=fps)
    if before_px == after_px:
        return labels
    scale = np.asarray(after_px, np.float64) / before_px
    masks = labels.tracks.mask
    if masks is not None:
        masks = tuple(rle(_scaled(_mask(m, before_px), after_px)) for m in masks)
    box = (labels.tracks.box_px * np.tile(scale, 2)).astype(np.float32)
    return replace(labels, tracks=replace(labels.tracks, box_px=box, mask=masks))


def rate_map(length: int, fps: Fraction, wanted: Fraction) -> TimeMap:
    """The frame nearest to each instant of the wanted rate; length in seconds kept to the nearest frame."""
    count = max(1, round(length * wanted / fps))
    picks = np.array([min(length - 1, int(n * fps / wanted + Fraction(1, 2))) for n in range(count)], np.int64)
    return TimeMap(picks=picks, fps=wanted, cuts=((0.0, float(min(length / fps, count / wanted)), 1.0),))


def picked(frames: Iterator[Array], picks: Array) -> Iterator[Array]:
    """Frames by number, rising; one that is shown again is copied, since what follows may paint on it.

    Ends early when the frames do: whoever writes them counts.
    """
    frame: Array | None = None
    at = -1
    for n, pick in enumerate(picks):
        while at < pick:
            frame, at = next(frames, None), at + 1
        if frame is None:
            return
        again = n + 1 < len(picks) and picks[n + 1] == pick
        yield frame.copy() if again else frame


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


def _rows(tracks: Tracks, rows: Array) -> Tracks:
    """Some of the rows, in this order."""
    columns = {name: getattr(tracks, name)[rows] for name in ("frame", "track", "box_px", "visible", "in_frame")}
    mask = None if tracks.mask is None else tuple(tracks.mask[row] for row in rows)
    return replace(tracks, **columns, mask=mask)


def _mask(counts: bytes, size_px: tuple[int, int]) -> Array:
    return np.asarray(coco.decode({"size": [size_px[1], size_px[0]], "counts": counts})).astype(bool)


def _scaled(mask: Array, size_px: tuple[int, int]) -> Array:
    """The pixels of which at least half is covered; picking the nearest would move the mask by up to half a pixel."""
    how = cv2.INTER_AREA if size_px[0] <= mask.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(mask.astype(np.float32), size_px, interpolation=how) > 0.499)


def rle(mask: Array) -> bytes:
    """COCO RLE counts, compressed, of an (H, W) mask."""
    return bytes(coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"])


def _mask_box(mask: Array) -> list[float]:
    """x0, y0, x1, y1 of the mask's edges; all 0 when it is empty."""
    if not mask.any():
        return [0.0] * 4
    x, y = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return [float(x[0]), float(y[0]), float(x[-1] + 1), float(y[-1] + 1)]


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
