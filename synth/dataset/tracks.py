"""tracks.parquet: what is where on every frame, and where the camera is; there and back without loss.

One row per thing and frame, sorted by frame, then track. Rows with track 0 are the camera itself: they alone hold
`world_from_cam` and `audio_shift_s`, the other rows alone hold a box. A column that nothing is known about (masks,
keypoints, the camera) is absent from the file, not full of nulls. What is said once per clip (clip labels, events,
things, runs of frame states) is JSON and stands in clip.json: `to_document` and `from_document`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from augment.footage import Array, Event, Labels, Track, Tracks
from augment.labels.keypoints import KEYPOINTS

CAMERA = 0
"""The track of the camera's own rows; things have 1..65535."""
ROWS_PER_GROUP = 65536
"""Rows of one Parquet row group; fixed, so that the bytes depend on the rows alone."""
BOX = ("x0_px", "y0_px", "x1_px", "y1_px")
NUMBERS = (*BOX, "visible", "in_frame")
POSE = pa.list_(pa.float64())
"""16 numbers, row by row. Not a list of fixed size: one with nulls is written but cannot be read (pyarrow 25: "Expected
all lists to be of size=16")."""
JOINTS = pa.list_(pa.float32())
"""x, y, v of each of KEYPOINTS."""


def write_tracks(path: Path, labels: Labels) -> None:
    """Writes the rows; ValueError when they are out of order, name unknown things or hold NaN."""
    tracks = labels.tracks
    _check(tracks)
    poses, shift_s = labels.world_from_cam, labels.audio_shift_s
    frame, track = np.asarray(tracks.frame), np.asarray(tracks.track)
    if poses is not None or shift_s:
        length = len(shift_s) if poses is None else len(poses)
        frame = np.concatenate([frame, np.arange(length, dtype=frame.dtype)])
        track = np.concatenate([track, np.full(length, CAMERA, track.dtype)])
    order = np.lexsort((track, frame))
    is_thing = track[order] != CAMERA
    source = np.minimum(order, max(len(tracks.frame) - 1, 0))

    columns = {"frame": pa.array(frame[order], pa.int32()), "track": pa.array(track[order], pa.int32())}
    numbers = [*np.asarray(tracks.box_px).reshape(-1, 4).T, tracks.visible, tracks.in_frame]
    for name, values in zip(NUMBERS, numbers, strict=True):
        spread = values[source] if len(values) else np.zeros(len(order), np.float32)
        columns[name] = pa.array(spread, pa.float32(), mask=~is_thing)
    if tracks.mask is not None:
        masks = [tracks.mask[i] if thing else None for i, thing in zip(order, is_thing, strict=True)]
        columns["mask_rle"] = pa.array(masks, pa.binary())
    if tracks.keypoints_px is not None:
        points = np.asarray(tracks.keypoints_px, np.float32).reshape(-1, 3 * len(KEYPOINTS))
        joints = [points[i].tolist() if thing else None for i, thing in zip(order, is_thing, strict=True)]
        columns["keypoints_px"] = pa.array(joints, JOINTS)
    at = order - len(tracks.frame)
    if poses is not None:
        flat = np.asarray(poses, np.float64).reshape(-1, 16)
        rows = [None if thing else flat[i].tolist() for i, thing in zip(at, is_thing, strict=True)]
        columns["world_from_cam"] = pa.array(rows, POSE)
    if shift_s:
        late = [None if thing else shift_s[i] for i, thing in zip(at, is_thing, strict=True)]
        columns["audio_shift_s"] = pa.array(late, pa.float64())
    write_table(pa.table(columns), path)


def read_tracks(path: Path, document: Mapping[str, Any]) -> Labels:
    """Labels of a clip from its rows and from what its clip.json says."""
    table = read_table(path)
    missing = [name for name in ("frame", "track", *NUMBERS) if name not in table.column_names]
    if missing:
        raise ValueError(f"{path}: must have the columns {', '.join(missing)}")
    track = table["track"].to_numpy()
    things = table.filter(pa.array(track != CAMERA))
    camera = table.filter(pa.array(track == CAMERA))
    box = np.stack([_column(things, name, np.float32) for name in BOX], axis=1)
    tracks = Tracks(
        things=tuple(Track(**thing) for thing in document["things"]),
        frame=_column(things, "frame", np.int32),
        track=_column(things, "track", np.int32),
        box_px=np.ascontiguousarray(box),
        visible=_column(things, "visible", np.float32),
        in_frame=_column(things, "in_frame", np.float32),
        mask=tuple(things["mask_rle"].to_pylist()) if "mask_rle" in table.column_names else None,
        keypoints_px=_lists(path, things, "keypoints_px", np.float32, (len(KEYPOINTS), 3)),
    )
    shift_s = _column(camera, "audio_shift_s", np.float64) if "audio_shift_s" in table.column_names else np.zeros(0)
    return replace(
        from_document(document),
        tracks=tracks,
        world_from_cam=_lists(path, camera, "world_from_cam", np.float64, (4, 4)),
        audio_shift_s=tuple(shift_s.tolist()),
    )


def to_document(labels: Labels) -> dict[str, Any]:
    """The part of the labels that is said once per clip, as plain JSON: labels, things, frame_state."""
    return {
        "labels": {"clip": dict(labels.clip), "events": [asdict(event) for event in labels.events]},
        "things": [asdict(thing) for thing in labels.tracks.things],
        "frame_state": [[state, sum(1 for _ in run)] for state, run in groupby(labels.frame_state)],
    }


def from_document(document: Mapping[str, Any]) -> Labels:
    """Labels without rows and poses, from what to_document() said."""
    names = {f.name for f in fields(Event)}
    events = document["labels"]["events"]
    for event in events:
        if set(event) - names:
            raise ValueError(f"an event must have the fields {', '.join(sorted(names))}, got {sorted(event)}")
    runs: Sequence[tuple[str, int]] = document["frame_state"]
    return Labels(
        clip=document["labels"]["clip"],
        events=tuple(Event(**event) for event in events),
        tracks=Tracks(things=tuple(Track(**thing) for thing in document["things"])),
        frame_state=tuple(state for state, count in runs for _ in range(count)),
    )


def write_table(table: pa.Table, path: Path, *, rows_per_group: int = ROWS_PER_GROUP) -> None:
    """Parquet whose bytes depend on the rows alone: fixed row groups, no writer's metadata, no time."""
    pq.write_table(
        table.replace_schema_metadata(None),
        path,
        row_group_size=rows_per_group,
        compression="zstd",
        compression_level=3,
        data_page_version="1.0",
        version="2.6",
    )


def read_table(path: Path) -> pa.Table:
    """The whole table, read by this thread alone (loaders run in forked workers); ValueError names the file."""
    try:
        return pq.ParquetFile(path).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"{path}: must be a Parquet file, got {str(error).splitlines()[0]}") from None


def _lists(path: Path, table: pa.Table, name: str, dtype: type, shape: tuple[int, int]) -> Array | None:
    """A column of lists as (rows, *shape); None when it is absent."""
    if name not in table.column_names:
        return None
    flat, each = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False), shape[0] * shape[1]
    if len(flat) != each * len(table):
        raise ValueError(f"{path}: {name} must have {each} numbers, got {len(flat)} in {len(table)} rows")
    return np.array(flat, dtype).reshape(-1, *shape)


def _column(table: pa.Table, name: str, dtype: type) -> Array:
    column = table[name]
    if column.null_count:
        raise ValueError(f"{name} must be known for every row it belongs to, got {column.null_count} rows without")
    return np.array(column.to_numpy(), dtype)


def _check(tracks: Tracks) -> None:
    """What the file relies on: known things, one row per thing and frame, in order, finite."""
    frame, track = np.asarray(tracks.frame, np.int64), np.asarray(tracks.track, np.int64)
    known = {thing.id for thing in tracks.things}
    if len(known) != len(tracks.things) or not all(1 <= i <= 65535 for i in known):
        raise ValueError(f"things must have ids in 1..65535, each once, got {[thing.id for thing in tracks.things]}")
    strangers = set(track.tolist()) - known
    if strangers:
        raise ValueError(f"track must be one of the things' ids, got {sorted(strangers)}")
    step = np.diff(frame * 65536 + track)
    if len(frame) and (frame[0] < 0 or (step <= 0).any()):
        raise ValueError("rows must be sorted by frame, then track, each once, from frame 0 on")
    for name in ("box_px", "visible", "in_frame", "keypoints_px"):
        if getattr(tracks, name) is not None and not np.isfinite(getattr(tracks, name)).all():
            raise ValueError(f"{name} must be finite, got NaN or infinity")
