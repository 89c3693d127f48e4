"""tracks.parquet and clip.json's labels read back exactly as they were written."""

from __future__ import annotations

import json
import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from augment.footage import Event, Labels, Track, Tracks
from synth.dataset.canonical import canonical
from synth.dataset.tracks import read_tracks, to_document, write_tracks

SHARES = st.floats(0, 1, width=32)
SECONDS = st.floats(0, 1e4, allow_nan=False)
WORDS = st.text(max_size=8)


def rows_of(draw: Any, ids: list[int]) -> dict[str, Any]:
    """Columns of up to 30 rows over the ids, sorted, each pair of frame and track once."""
    pairs = (
        draw(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(ids)), unique=True, max_size=30)) if ids else []
    )
    pairs = sorted(pairs)
    n = len(pairs)
    box = draw(arrays.arrays(np.float32, (n, 4), elements=st.floats(-1e4, 1e4, width=32)))
    share = arrays.arrays(np.float32, n, elements=SHARES)
    joints = arrays.arrays(np.float32, (n, 17, 3), elements=st.floats(-1e4, 1e4, width=32))
    masks = st.one_of(st.none(), st.lists(st.binary(max_size=9), min_size=n, max_size=n).map(tuple))
    return {
        "frame": np.array([frame for frame, _ in pairs], np.int32),
        "track": np.array([track for _, track in pairs], np.int32),
        "box_px": box,
        "visible": draw(share),
        "in_frame": draw(share),
        "mask": draw(masks),
        "keypoints_px": draw(st.none() | joints),
    }


@st.composite
def some_labels(draw: Any) -> Labels:
    """Any labels that a clip can have."""
    ids = draw(st.lists(st.integers(1, 65535), unique=True, max_size=4))
    things = tuple(
        Track(id=i, track_class=draw(WORDS), in_wearer_hand=draw(st.booleans()), role=draw(WORDS)) for i in ids
    )
    event = st.builds(Event, type=WORDS, onset_s=SECONDS, offset_s=SECONDS, actor_role=WORDS, track=st.integers(0, 65535),
                      visible=st.booleans(), audible=st.booleans(), observable_from_s=st.none() | SECONDS)  # fmt: skip
    length = draw(st.integers(0, 5))
    poses = arrays.arrays(np.float64, (length, 4, 4), elements=st.floats(-1e6, 1e6))
    return Labels(
        clip=draw(st.dictionaries(WORDS, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS, max_size=3)),
        events=tuple(draw(st.lists(event, max_size=3))),
        tracks=Tracks(things=things, **rows_of(draw, ids)),
        world_from_cam=draw(st.none() | poses),
        frame_state=tuple(draw(st.lists(st.sampled_from(["", "freeze", "loss"]), max_size=12))),
        audio_shift_s=tuple(draw(st.just([]) | st.lists(st.floats(-9, 9), min_size=length, max_size=length))),
    )


def assert_equal(a: Labels, b: Labels) -> None:
    """Field by field, arrays with their types."""
    assert (a.clip, a.events, a.frame_state, a.audio_shift_s, a.tracks.things, a.tracks.mask) == (
        b.clip, b.events, b.frame_state, b.audio_shift_s, b.tracks.things, b.tracks.mask)  # fmt: skip
    for field in fields(Tracks):
        one, two = getattr(a.tracks, field.name), getattr(b.tracks, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == two.dtype and one.tobytes() == two.tobytes(), field.name
    assert (a.world_from_cam is None) == (b.world_from_cam is None)
    if a.world_from_cam is not None and b.world_from_cam is not None:
        assert a.world_from_cam.shape == b.world_from_cam.shape
        assert a.world_from_cam.tobytes() == b.world_from_cam.tobytes()


@settings(max_examples=60, deadline=None)
@given(some_labels())
def test_there_and_back_and_the_same_bytes_twice(labels: Labels) -> None:
    with tempfile.TemporaryDirectory() as place:
        first, second = Path(place) / "a.parquet", Path(place) / "b.parquet"
        write_tracks(first, labels)
        document = json.loads(canonical(to_document(labels)))
        again = read_tracks(first, document)
        assert_equal(labels, again)
        write_tracks(second, again)
        assert first.read_bytes() == second.read_bytes()


def test_the_file_holds_no_writer_and_no_time(tmp_path: Path) -> None:
    path = tmp_path / "tracks.parquet"
    write_tracks(path, Labels(tracks=one_thing(3)))
    metadata = pq.ParquetFile(path).metadata
    assert set(metadata.metadata or {}) <= {b"ARROW:schema"}
    assert b"pandas" not in path.read_bytes()


def one_thing(frames: int) -> Tracks:
    """One thing on each of the first frames."""
    return Tracks(
        things=(Track(id=1, track_class="torch"),),
        frame=np.arange(frames, dtype=np.int32),
        track=np.ones(frames, np.int32),
        box_px=np.zeros((frames, 4), np.float32),
        visible=np.ones(frames, np.float32),
        in_frame=np.ones(frames, np.float32),
    )


def test_row_groups_are_of_one_size(tmp_path: Path) -> None:
    path = tmp_path / "tracks.parquet"
    write_tracks(path, Labels(tracks=one_thing(70_000)))
    metadata = pq.ParquetFile(path).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [65536, 70_000 - 65536]


WRONG = {
    "unsorted": {"frame": np.array([1, 0], np.int32)},
    "twice": {"frame": np.array([1, 1], np.int32)},
    "before the clip": {"frame": np.array([-1, 0], np.int32)},
    "nobody": {"track": np.array([2, 2], np.int32)},
    "the camera's own": {"things": (Track(id=0, track_class="torch"),), "track": np.zeros(2, np.int32)},
    "no number": {"box_px": np.full((2, 4), np.nan, np.float32)},
    "infinite": {"visible": np.full(2, np.inf, np.float32)},
    "one id for two": {"things": (Track(id=1, track_class="torch"), Track(id=1, track_class="phone"))},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_rows_that_cannot_be_are_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        write_tracks(tmp_path / "tracks.parquet", Labels(tracks=replace(one_thing(2), **change)))
    assert not (tmp_path / "tracks.parquet").exists()


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_a_file_that_is_no_parquet_is_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "tracks.parquet"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"tracks\.parquet: must be a Parquet file") as caught:
        read_tracks(path, to_document(Labels()))
    assert "\n" not in str(caught.value)
