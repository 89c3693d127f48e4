"""Laws of the chain: labels follow pixels and time, nothing is invented, same spec same bytes, memory is flat."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment import seating
from augment.chain import apply, overlapped
from augment.footage import CameraState, Event, Footage
from augment.kinds import Row, Setting, TimeMap
from augment.ops import OPS
from augment.seating import Invalid
from augment.video import packet_sha256
from tests.augment import drawn

WIDE = [2.0, 0.0, 0.0, 0.0]
BODY = {
    "body": {"gait": "walk", "mount": "chest", "amount": 0.4, "seed": 7},
    "runner": {"gait": "run", "mount": "hand", "amount": 2.0, "seed": 2},
}
WARPS: dict[str, dict[str, Any]] = {
    "shake": {"op": "shake", "seed": 11, "path": "body", "max_zoom": 1.5},
    "rolling_shutter": {"op": "rolling_shutter", "path": "runner", "readout_s": 0.05, "max_zoom": 1.5},
    "stabilise": {"op": "stabilise", "path": "body", "crop": 0.1},
    "lens": {"op": "lens", "seed": 12, "source": WIDE, "target": [1.75, 0.0, 0.25, 0.0]},
    "zoom": {"op": "zoom", "seed": 13, "factor": 1.2, "centre_x": 0.55, "centre_y": 0.5},
    "mirror": {"op": "mirror", "seed": 14},
    "crop": {"op": "crop", "width": 0.8, "height": 0.9, "centre_x": 0.45},
    "rotate": {"op": "rotate", "roll_deg": 4},
    "reframe": {"op": "reframe", "aspect": "4:3", "fit": "blurred"},
}
"""Each real warp with knobs that move the discs by many pixels and keep them inside."""
FINE = {"crf": 8}


def made(footage: Footage, ops: list[dict[str, Any]], path: Path, **deliver: Any) -> Footage:
    return apply(footage, {"paths": BODY, "ops": ops, "deliver": {**FINE, **deliver}}, path)


def misses_px(footage: Footage) -> list[float]:
    """For every wholly visible row, how far the disc's centroid is from its nose; the box contains both."""
    tracks, away = footage.labels.tracks, []
    for t, picture in enumerate(footage.frames()):
        for row in np.flatnonzero(tracks.frame == t):
            if tracks.in_frame[row] < 0.999 or tracks.visible[row] < 0.999:
                continue
            seen = drawn.centroid(picture, int(tracks.track[row]))
            assert seen is not None, f"frame {t}: a box where no disc is"
            box, (x, y, v) = tracks.box_px[row], tracks.keypoints_px[row, 0]
            assert box[0] <= seen[0] <= box[2] and box[1] <= seen[1] <= box[3] and v == 2
            away.append(float(np.hypot(*np.subtract(seen, (x, y)))))
    return away


def test_every_warp_of_the_table_stands_in_this_law() -> None:
    assert {name for name, row in OPS.items() if row.kind == "warp"} == set(WARPS)


@pytest.mark.parametrize("masks", [False, True], ids=["boxes", "masks"])
@pytest.mark.parametrize("names", [*[(n,) for n in WARPS], tuple(WARPS), ("mirror", "zoom", "zoom")], ids="+".join)
def test_labels_follow_pixels_through_warps(names: tuple[str, ...], masks: bool, tmp_path: Path) -> None:
    footage = drawn.discs(seconds=0.8, masks=masks)
    out = made(footage, [WARPS[n] for n in names], tmp_path / "out.mp4")
    away = misses_px(out)
    assert len(away) >= (12 if len(names) < 4 else 4) and max(away) < 1.5
    moved = np.abs(out.labels.tracks.box_px[:3] - footage.labels.tracks.box_px[:3]).max()
    assert moved > 2, "the warp has moved nothing, so the law was not tried"


def test_six_warps_are_one_remap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three warps and their inverses are no warp at all: had each resampled, the picture would be soft."""
    there = {"op": "zoom", "factor": 1.25}
    back = {"op": "shrink"}
    monkeypatch.setattr(seating, "OPS", {**OPS, "shrink": Row(op=Shrink, kind="warp", takes="both")})
    footage = drawn.discs(seconds=0.3)
    plain = made(footage, [], tmp_path / "plain.mp4")
    out = made(footage, [there, back, there, back, there, back], tmp_path / "out.mp4")
    assert all(np.array_equal(a, b) for a, b in zip(plain.frames(), out.frames(), strict=True))


@dataclass(frozen=True, kw_only=True)
class Shrink:
    """The inverse of a zoom of 1.25; alone it would have to invent a border."""

    def out_size(self, setting: Setting) -> tuple[int, int]:
        return setting.size_px

    def sampler(self, setting: Setting) -> Callable[[int, Any], Any]:
        half = np.asarray(setting.size_px) / 2
        return lambda t, xy: (xy - half) * 1.25 + half


def test_a_warp_that_would_invent_pixels_makes_the_draw_invalid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "OPS", {"shrink": Row(op=Shrink, kind="warp", takes="both")})
    with pytest.raises(
        Invalid, match=r"ops\[0\] \(shrink\): frame 0 samples .* px outside the picture; raise max_zoom"
    ):
        made(drawn.discs(seconds=0.2), [{"op": "shrink"}], tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_an_impossible_draw_is_invalid_and_a_wrong_chain_is_not(tmp_path: Path) -> None:
    wild = {"paths": {"body": {**BODY["body"], "amount": 3.0}}, "ops": [{**WARPS["shake"], "max_zoom": 1.0}]}
    with pytest.raises(Invalid, match=r"ops\[0\] \(shake\).*max_zoom"):
        apply(drawn.discs(seconds=0.2), wild, tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("ops", "said"),
    [
        ([{"op": "shaek"}], r"ops\[0\]: unknown op 'shaek'; did you mean 'shake'\?"),
        ([{"op": "zoom", "facter": 1.1}], r"ops\[0\] \(zoom\): unknown knob 'facter'; did you mean 'factor'\?"),
        ([{"op": "zoom", "factor": 99}], r"ops\[0\] \(zoom\): factor must be in 1..8, got 99"),
        ([{"op": "zoom"}], r"ops\[0\] \(zoom\): .*factor"),
        ([{"op": "tone"}], r"ops\[0\] \(tone\): takes a 10-bit log picture and gets an 8-bit one"),
        ([WARPS["shake"], WARPS["shake"]], r"ops\[1\] \(shake\): gait has been done to this picture already"),
        ([{**WARPS["shake"], "path": "boddy"}], r"path must be there, got 'boddy'; did you mean 'body'\?"),
        (
            [{"op": "timestamp", "layout": "ur_iso_z", "start": 0, "font": "pack/sans"}],
            r"ops\[0\] \(timestamp\): font must be there, got 'pack/sans'; there is none",
        ),
    ],
)
def test_a_wrong_chain_is_refused_in_one_line(ops: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        made(drawn.discs(seconds=0.2), ops, tmp_path / "out.mp4")
    assert "\n" not in str(refused.value) and not isinstance(refused.value, Invalid)
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"opps": []}, "opps: unknown key of a chain; did you mean 'ops'"),
        ({"deliver": {"crf": 99}}, r"deliver: crf must be in 1..51, got 99"),
        ({"deliver": {"size": [2, 2]}}, "deliver: unknown knob 'size'; did you mean 'size_px'"),
        ({"deliver": {"size_px": [101, 100]}}, "deliver: size_px must be even"),
        ({"deliver": {"size_px": [320]}}, r"deliver: size_px must be \[width, height\], got \[320\]"),
        ({"deliver": {"crf": "23"}}, "deliver: crf must be in 1..51, got '23'"),
        (
            {"paths": {"body": {**BODY["body"], "mounts": 1}}},
            r"paths.body: unknown knob 'mounts'; did you mean 'mount'",
        ),
        ({"paths": {"body": {**BODY["body"], "gait": "wlk"}}}, "paths.body: gait must be a known name, got 'wlk'"),
        ({"paths": {"body": {"gait": "walk", "mount": "chest"}}}, "paths.body: .*seed"),
    ],
)
def test_a_wrong_delivery_or_path_is_refused_in_one_line(plain: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        apply(drawn.discs(seconds=0.2), plain, tmp_path / "out.mp4")
    assert "\n" not in str(refused.value) and not isinstance(refused.value, Invalid)


def test_an_odd_size_does_not_reach_an_encoder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ops\[0\] \(transcode\): takes pictures of even size, got \[65, 49\]"):
        made(drawn.discs(size_px=(65, 49)), [{"op": "transcode", "crf": 30}], tmp_path / "out.mp4", size_px=[64, 48])


def test_what_the_camera_did_is_not_done_again(tmp_path: Path) -> None:
    footage = replace(drawn.discs(seconds=0.2), camera=CameraState(done=("gait", "mount")))
    with pytest.raises(ValueError, match="gait has been done to this picture already"):
        made(footage, [WARPS["shake"]], tmp_path / "out.mp4")


def log_master(length: int = 3) -> Footage:
    """A 10-bit log ramp."""
    ramp = np.repeat(np.linspace(100, 900, 64).astype(np.uint16)[None, :, None], 36, axis=0).repeat(3, axis=2)
    return Footage(
        fps=Fraction(10),
        size_px=(64, 36),
        length=length,
        frames=lambda: (ramp.copy() for _ in range(length)),
        camera=CameraState(log_curve="acescct"),
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "needs exactly one tone op, got none"),
        (["noise", "tone"], r"ops\[0\] \(noise\): takes an 8-bit picture and gets a 10-bit log one"),
        (["tone", "tone"], r"ops\[1\] \(tone\): tone has been done"),
    ],
)
def test_a_log_master_has_one_tone_and_it_stands_before_what_takes_8_bits(
    names: list[str], said: str, tmp_path: Path
) -> None:
    knobs = {"noise": {"gain_db": 0}}
    with pytest.raises(ValueError, match=said):
        made(log_master(), [{"op": n, **knobs.get(n, {})} for n in names], tmp_path / "out.mp4")


def test_a_log_master_is_warped_in_10_bits_and_comes_out_in_8(tmp_path: Path) -> None:
    out = made(log_master(), [{"op": "mirror"}, {"op": "tone"}], tmp_path / "out.mp4")
    picture = next(out.frames())
    assert picture.dtype == np.uint8 and out.camera.done == ("tone",) and not out.camera.log_curve
    assert float(picture[:, 0].mean()) > float(picture[:, -1].mean()) + 50, "mirrored, so the bright end is left"


def test_an_empty_chain_changes_nothing_beyond_the_encode(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=0.5, sound=True, masks=True)
    out = made(footage, [], tmp_path / "out.mp4")
    assert (out.length, out.fps, out.size_px) == (footage.length, footage.fps, footage.size_px)
    assert min(drawn.psnr_db(a, b) for a, b in zip(footage.frames(), out.frames(), strict=True)) > 36
    for name in ("frame", "track", "box_px", "visible", "in_frame"):
        assert np.array_equal(getattr(out.labels.tracks, name), getattr(footage.labels.tracks, name))
    assert out.labels.tracks.mask == footage.labels.tracks.mask
    assert out.camera.generations == footage.camera.generations + 1


def test_every_real_encode_counts_a_generation(tmp_path: Path) -> None:
    coded = {"op": "transcode", "crf": 30}
    out = made(drawn.discs(seconds=0.3), [coded, coded], tmp_path / "out.mp4")
    assert out.camera.generations == 3


EVERYTHING = [
    WARPS["shake"],
    WARPS["lens"],
    {"op": "exposure", "seed": 15, "ev": {"wave": {"mean": 0, "amplitude": 0.3, "period_s": 2}}},
    {"op": "noise", "seed": 16, "gain_db": 12},
    {"op": "transcode", "seed": 17, "crf": 28},
    {"op": "drop", "seed": 18, "share": 0.2},
    {"op": "gain", "seed": 19, "gain_db": -3},
]


def test_two_runs_and_two_iterations_are_equal(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=0.6, sound=True)
    one, two = (made(footage, EVERYTHING, tmp_path / name) for name in ("one.mp4", "two.mp4"))
    assert packet_sha256(tmp_path / "one.mp4") == packet_sha256(tmp_path / "two.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert all(np.array_equal(a, b) for a, b in zip(one.frames(), one.frames(), strict=True))
    assert np.array_equal(one.labels.tracks.box_px, two.labels.tracks.box_px)


def test_another_process_writes_the_same_packets(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.augment import drawn, test_chain as law;"
        "law.made(drawn.discs(seconds=0.6, sound=True), law.EVERYTHING, Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there.mp4")], check=True, cwd=Path.cwd())
    made(drawn.discs(seconds=0.6, sound=True), EVERYTHING, tmp_path / "here.mp4")
    assert packet_sha256(tmp_path / "here.mp4") == packet_sha256(tmp_path / "there.mp4")


def test_frames_events_and_clicks_follow_a_trim(tmp_path: Path) -> None:
    events = (Event(type="walk", onset_s=1.0, offset_s=1.6, visible=True, audible=True),)
    footage = drawn.discs(seconds=3, counter=True, sound=True, events=events)
    out = made(footage, [{"op": "trim", "start": 0.25, "stop": 0.75}], tmp_path / "out.mp4")
    first = drawn.counted(next(out.frames()))
    assert [drawn.counted(p) for p in out.frames()] == list(range(first, first + out.length))
    moved = out.labels.events[0]
    assert abs(moved.onset_s - (1.0 - first / 10)) < 0.05 and abs(moved.offset_s - (1.6 - first / 10)) < 0.05
    wanted = [t - first / 10 for t in (1.0, 1.5, 2.0)]
    assert out.audio is not None
    assert np.allclose(drawn.heard_clicks(out.audio), wanted, atol=0.010)
    assert out.labels.world_from_cam is not None and out.labels.world_from_cam[0, 0, 3] == first


def test_a_frozen_onset_is_observable_only_when_the_picture_moves_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "OPS", {"stuck": Row(op=Stuck, kind="time"), "broken": Row(op=Broken, kind="stream")})
    events = (Event(type="walk", onset_s=0.5, offset_s=1.5, visible=True),)
    footage = drawn.discs(seconds=2, counter=True, events=events)
    for op in ("stuck", "broken"):
        out = made(footage, [{"op": op}], tmp_path / f"{op}.mp4")
        wanted = [t if not 4 <= t < 9 else 3 for t in range(20)]
        assert [drawn.counted(p) for p in out.frames()] == wanted
        assert out.labels.frame_state[3:10] == ("", *["freeze"] * 5, "")
        event = out.labels.events[0]
        assert event.onset_s == 0.5 and event.visible
        assert event.observable_from_s == pytest.approx(0.9)
        assert max(misses_px(out)) < 1.5, "boxes of a frozen frame are those of the frame it shows"


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """Frames 4 to 8 show frame 3, by a time map."""

    def time_map(self, setting: Setting) -> TimeMap:
        picks = np.arange(setting.length)
        picks[4:9] = 3
        seconds = float(setting.length / setting.fps)
        state = tuple("freeze" if 4 <= t < 9 else "" for t in range(setting.length))
        return TimeMap(picks=picks, fps=setting.fps, cuts=((0, seconds, 1),), state=state)


@dataclass(frozen=True, kw_only=True)
class Broken:
    """The same, by a stream."""

    def run(self, setting: Setting, frames: Iterator[Any]) -> Iterator[tuple[Any, str]]:
        for t, frame in enumerate(frames):
            if t == 3:
                kept = frame.copy()
            yield (kept.copy(), "freeze") if 4 <= t < 9 else (frame, "")


def test_delivery_at_another_size_and_rate_moves_the_labels(tmp_path: Path) -> None:
    events = (Event(type="walk", onset_s=0.5, offset_s=1.5, visible=True),)
    footage = drawn.discs(seconds=2, fps=Fraction(30), counter=True, sound=True, events=events)
    out = made(footage, [], tmp_path / "out.mp4", size_px=[480, 270], fps="12")
    assert (out.fps, out.size_px, out.length) == (Fraction(12), (480, 270), 24)
    assert all(abs(drawn.counted(p) / 30 - n / 12) <= 0.5 / 30 + 1e-9 for n, p in enumerate(out.frames()))
    away = misses_px(out)
    assert len(away) == 3 * 24 and max(away) < 1.5
    assert out.labels.events[0].onset_s == 0.5
    assert out.audio is not None and np.allclose(drawn.heard_clicks(out.audio), [0.5, 1.0, 1.5], atol=0.010)


def test_what_hides_a_thing_lowers_its_visible_fraction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "OPS", {"tape": Row(op=Tape, kind="pixel")})
    event = Event(type="walk", onset_s=0.0, offset_s=0.3, track=1, visible=True)
    for masks in (False, True):
        footage = drawn.discs(seconds=0.3, masks=masks, events=(event, replace(event, track=3)))
        out = made(footage, [{"op": "tape"}], tmp_path / "out.mp4")
        tracks = out.labels.tracks
        assert (tracks.visible[tracks.track == 1] == 0).all(), "the first disc is wholly under the tape"
        assert (tracks.visible[tracks.track == 3] == 1).all(), "the last is not touched"
        assert (tracks.in_frame == 1).all()
        assert [e.visible for e in out.labels.events] == [False, True]


@dataclass(frozen=True, kw_only=True)
class Tape:
    """Black over the left two fifths."""

    def painter(self, setting: Setting) -> Callable[[int, Any], Any]:
        def paint(t: int, frame: Any) -> Any:
            frame[:, : setting.size_px[0] * 2 // 5] = 0
            return frame

        return paint

    def covers(self, setting: Setting) -> Callable[[int], Any]:
        width, height = setting.size_px
        mask = np.zeros((height, width), bool)
        mask[:, : width * 2 // 5] = True
        return lambda t: mask


def test_what_leaves_the_frame_leaves_the_labels(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=0.3)
    out = made(footage, [{"op": "zoom", "factor": 2.2, "centre_x": 1.0}], tmp_path / "out.mp4")
    tracks = out.labels.tracks
    assert set(tracks.track.tolist()) == {2, 3}
    cut = tracks.in_frame[tracks.track == 2]
    assert ((cut > 0) & (cut < 0.99)).all(), "the middle disc is cut by the left edge"
    assert (tracks.in_frame[tracks.track == 3] > 0.999).all()


def test_what_cannot_be_heard_is_not_audible(tmp_path: Path) -> None:
    """`mute` counts in the seconds of its place: behind the trim, half of it is the original's second half second."""
    heard = Event(type="walk", onset_s=1.6, offset_s=1.9, audible=True)
    lost = replace(heard, onset_s=1.1, offset_s=1.4)
    footage = drawn.discs(seconds=2, sound=True, events=(lost, heard))
    ops = [{"op": "trim", "start": 0.5}, {"op": "mute", "start": 0.0, "stop": 0.5}]
    out = made(footage, ops, tmp_path / "out.mp4")
    assert [e.audible for e in out.labels.events] == [False, True]


def test_neighbouring_tables_are_rounded_once(tmp_path: Path) -> None:
    """Two stops down and two up again lose nothing when the look-ups fuse."""
    footage = drawn.discs(seconds=0.2)
    out = made(footage, [{"op": "exposure", "ev": -2}, {"op": "exposure", "ev": 2}], tmp_path / "out.mp4")
    assert min(drawn.psnr_db(a, b) for a, b in zip(footage.frames(), out.frames(), strict=True)) > 36


def test_a_long_stream_never_holds_more_than_a_bounded_number_of_frames(tmp_path: Path) -> None:
    alive: set[int] = set()
    most = 0

    def frames() -> Iterator[Any]:
        nonlocal most
        for t in range(600):
            picture = np.full((36, 64, 3), t % 256, np.uint8).view(Tracked)
            alive.add(id(picture))
            weakref.finalize(picture, alive.discard, id(picture))
            most = max(most, len(alive))
            yield picture

    footage = Footage(fps=Fraction(30), size_px=(64, 36), length=600, frames=frames)
    out = made(footage, [{"op": "mirror"}, {"op": "transcode", "crf": 30}], tmp_path / "out.mp4")
    gc.collect()
    assert out.length == 600 and most <= 8


class Tracked(np.ndarray[Any, Any]):
    """An array whose end can be watched."""


def test_an_error_in_the_source_reaches_the_caller_and_leaves_nothing(tmp_path: Path) -> None:
    def frames() -> Iterator[Any]:
        yield from (np.zeros((36, 64, 3), np.uint8) for _ in range(3))
        raise OSError("the disk is gone")

    footage = Footage(fps=Fraction(10), size_px=(64, 36), length=9, frames=frames)
    with pytest.raises(OSError, match="the disk is gone"):
        made(footage, [{"op": "mirror"}, {"op": "transcode", "crf": 30}], tmp_path / "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


@pytest.mark.parametrize("place", range(3))
def test_an_error_in_an_op_ends_every_thread_even_while_it_is_kept(
    place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seating, "OPS", {**OPS, "fails": Row(op=Fails, kind="pixel")})
    ops: list[dict[str, Any]] = [{"op": "transcode", "crf": 40}, {"op": "transcode", "crf": 40}]
    ops.insert(place, {"op": "fails"})
    before = threading.active_count()
    with pytest.raises(RuntimeError, match="no more") as kept:
        made(drawn.discs(seconds=4), ops, tmp_path / "out.mp4", fps="7")
    assert kept.value.__traceback__ is not None and threading.active_count() == before
    assert not list(tmp_path.iterdir())


@dataclass(frozen=True, kw_only=True)
class Fails:
    """Breaks on the sixth frame."""

    def painter(self, setting: Setting) -> Callable[[int, Any], Any]:
        def paint(t: int, frame: Any) -> Any:
            if t == 5:
                raise RuntimeError("no more")
            return frame

        return paint


def test_a_source_that_is_shorter_than_it_says_is_told_of(tmp_path: Path) -> None:
    lying = replace(drawn.discs(seconds=1), length=20)
    with pytest.raises(ValueError, match="10 frames were promised and 5 came; the source has changed"):
        made(lying, [{"op": "trim", "start": 0.25, "stop": 0.75}], tmp_path / "out.mp4")


def test_a_reader_that_stops_early_stops_the_worker() -> None:
    made_up_to = 0

    def frames() -> Iterator[Any]:
        nonlocal made_up_to
        for made_up_to in range(1000):  # noqa: B007
            yield np.zeros((2, 2, 3), np.uint8)

    ahead = overlapped(frames())
    next(ahead)
    ahead.close()
    assert made_up_to <= 8
