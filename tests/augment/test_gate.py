"""Laws of the gate: measures are what they say, moving is no damage, rules decide as written, nothing else changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from augment import gate, seating
from augment.chain import made
from augment.footage import Footage, Track
from augment.kinds import Row, Setting
from augment.ops import OPS
from augment.video import packet_sha256, read_frames
from tests.augment import drawn

AT = (0.1, 0.35, 0.5, 0.75, 0.99)


def measures(footage: Footage, ops: list[dict[str, Any]], path: Path, **deliver: Any) -> gate.Measures:
    return made(footage, {"ops": ops, "deliver": {"crf": 8, **deliver}}, path / "out.mp4", gate_at=AT).measures


def held(footage: Footage, track: int) -> Footage:
    """The same, with one of the discs in the wearer's hand."""
    tracks = footage.labels.tracks
    things = tuple(replace(thing, in_wearer_hand=thing.id == track) for thing in tracks.things)
    return replace(footage, labels=replace(footage.labels, tracks=replace(tracks, things=things)))


def test_every_measure_is_there_and_inside_its_bounds(tmp_path: Path) -> None:
    found = measures(drawn.discs(seconds=1, sound=True), [{"op": "noise", "gain_db": 20, "seed": 1}], tmp_path)
    assert list(found) == list(gate.MEASURES)
    for name, value in found.items():
        low, high = gate.MEASURES[name]
        assert value is not None and low <= value <= high


@pytest.mark.parametrize("size", [(90, 160), (121, 77), (36, 64)])
def test_ssim_is_that_of_everybody_else(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    grey = rng.integers(0, 256, size).astype(np.uint8)
    other = np.clip(grey + rng.normal(0, 30, size), 0, 255).astype(np.uint8)
    theirs = structural_similarity(
        grey, other, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    ours = gate.ssim(np.repeat(grey[..., None], 3, axis=2), np.repeat(other[..., None], 3, axis=2))
    assert ours == pytest.approx(theirs, abs=1e-3)


@pytest.mark.parametrize("sigma", [2, 8, 20])
def test_psnr_is_that_of_the_noise(sigma: float) -> None:
    rng = np.random.default_rng(4)
    plain = np.full((120, 160, 3), 128, np.uint8)
    noisy = np.clip(plain + rng.normal(0, sigma, plain.shape), 0, 255).round().astype(np.uint8)
    decibels, _ = gate.damage(iter([plain, plain]), iter([noisy, noisy]))
    assert decibels == pytest.approx(20 * np.log10(255 / sigma), abs=0.15)
    assert gate.damage(iter([plain]), iter([plain])) == (gate.NO_DAMAGE_DB, 1.0)


MOVES: dict[str, list[dict[str, Any]]] = {
    "nothing": [],
    "warps": [{"op": "mirror"}, {"op": "zoom", "factor": 1.4, "centre_x": 0.3}],
    "time": [{"op": "trim", "start": 0.3, "stop": 0.9}, {"op": "drop", "share": 0.4, "seed": 2}],
    "both": [
        {"op": "zoom", "factor": {"walk": {"low": 1, "high": 1.4, "rate": 1}}, "seed": 3},
        {"op": "trim", "start": 0.3},
        {"op": "mirror"},
        {"op": "drop", "share": 0.3, "seed": 4},
    ],
}


@pytest.mark.parametrize("name", MOVES)
def test_moving_and_timing_are_no_damage(name: str, tmp_path: Path) -> None:
    found = measures(drawn.discs(seconds=1.5, counter=True), MOVES[name], tmp_path, size_px=[240, 136], fps="15")
    assert found["psnr_db"] > 34 and found["ssim"] > 0.97  # a wrong frame of the counter has less than 25 dB


def test_damage_grows_with_what_is_done(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=1)
    chains = [[], [{"op": "transcode", "crf": 35}], [{"op": "transcode", "crf": 50}]]
    found = [measures(footage, ops, tmp_path) for ops in chains]
    for name in ("psnr_db", "ssim"):
        assert found[0][name] > found[1][name] > found[2][name]
    cheap = measures(footage, [], tmp_path, crf=40)
    assert cheap["bitrate_kbps"] < 0.7 * found[0]["bitrate_kbps"]


def test_the_held_thing_is_measured_before_the_largest(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=1)
    tracks = footage.labels.tracks
    small = tracks.box_px.copy()
    small[tracks.track == 2] = [150, 80, 160, 90]
    footage = replace(footage, labels=replace(footage.labels, tracks=replace(tracks, box_px=small)))
    assert measures(footage, [], tmp_path)["object_px"] == pytest.approx(30)
    assert measures(held(footage, 2), [], tmp_path)["object_px"] == pytest.approx(10)
    assert measures(held(footage, 2), [{"op": "zoom", "factor": 2}], tmp_path)["object_px"] == pytest.approx(
        20, abs=0.1
    )


def test_what_left_the_frame_counts_as_nothing_and_what_never_was_is_unknown(tmp_path: Path) -> None:
    footage = held(drawn.discs(seconds=1), 1)
    gone = measures(footage, [{"op": "zoom", "factor": 3, "centre_x": 1.0}], tmp_path)
    assert (gone["object_px"], gone["visible"]) == (0, 0)
    tracks = footage.labels.tracks.rows(np.flatnonzero(footage.labels.tracks.frame == 2))
    rare = replace(footage, labels=replace(footage.labels, tracks=tracks))  # between the gate's frames
    found = measures(rare, [], tmp_path)
    assert (found["object_px"], found["visible"]) == (None, None)


def test_a_cover_lowers_what_is_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "OPS", {"tape": Row(op=Tape, kind="pixel")})
    footage = held(drawn.discs(seconds=0.5, masks=True), 1)
    found = measures(footage, [{"op": "tape"}], tmp_path)
    assert found["visible"] is not None and 0.2 < found["visible"] < 0.8


@dataclass(frozen=True, kw_only=True)
class Tape:
    """Black over the upper two thirds."""

    def painter(self, setting: Setting) -> Callable[[int, Any], Any]:
        def paint(t: int, frame: Any) -> Any:
            frame[: setting.size_px[1] * 2 // 3] = 0
            return frame

        return paint

    def covers(self, setting: Setting) -> Callable[[int], Any]:
        mask = np.zeros(setting.size_px[::-1], bool)
        mask[: setting.size_px[1] * 2 // 3] = True
        return lambda t: mask


def test_the_gate_changes_no_byte_and_keeps_no_more_than_its_frames(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=2, sound=True)
    chain = {"ops": [{"op": "noise", "gain_db": 20, "seed": 5}, {"op": "zoom", "factor": 1.2}]}
    for name, at in (("with.mp4", AT), ("without.mp4", ())):
        done = made(footage, chain, tmp_path / name, gate_at=at)
        assert len(done.gate_frames) == len(at)
    assert packet_sha256(tmp_path / "with.mp4") == packet_sha256(tmp_path / "without.mp4")


def test_a_declared_shift_is_the_offset_of_sound_and_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seating, "OPS", {**OPS, "late": Row(op=Late, kind="sound")})
    chain = [{"op": "late"}, {"op": "speed", "speed": 2.0}, {"op": "late"}]
    assert measures(drawn.discs(seconds=1, sound=True), chain[:1], tmp_path)["av_offset_s"] == 0.08
    twice = made(drawn.discs(seconds=1, sound=True), {"ops": chain}, tmp_path / "out.mp4").footage
    assert np.allclose(twice.labels.audio_shift_s, 0.12), "half of the first, and the second"
    assert measures(drawn.discs(seconds=1), chain[:1], tmp_path)["av_offset_s"] == 0, "there is no sound"


@dataclass(frozen=True, kw_only=True)
class Late:
    """Says that sound comes 80 ms late."""

    def hear(self, setting: Setting, audio: Any) -> Any:
        return audio

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        return ()

    def shift_s(self, setting: Setting) -> Any:
        return np.full(setting.length, 0.08)


@pytest.mark.parametrize("fps", [5, 10])
def test_frames_are_read_by_number(fps: int, tmp_path: Path) -> None:
    footage = drawn.discs(seconds=12, counter=True)
    out = made(footage, {"ops": [], "deliver": {"fps": str(fps)}}, tmp_path / "out.mp4").footage
    wanted = [0, 3, 4, 22, 23, out.length - 1]
    every = [drawn.counted(picture) for picture in out.frames()]
    assert [drawn.counted(p) for p in read_frames(tmp_path / "out.mp4", wanted)] == [every[n] for n in wanted]


BOUND = st.none() | st.floats(0, 90)


@given(low=BOUND, high=BOUND, value=st.none() | st.floats(0, 100), unknown=st.sampled_from(["refuse", "keep"]))
def test_a_rule_keeps_what_lies_between_its_bounds(low: Any, high: Any, value: Any, unknown: str) -> None:
    plain = {"min": low, "max": high, "unknown": unknown}
    if (low is None and high is None) or (low is not None and high is not None and low > high):
        with pytest.raises(ValueError, match="min"):
            gate.rule("psnr_db", plain)
        return
    said = gate.broken({"psnr_db": gate.rule("psnr_db", plain)}, {"psnr_db": value})
    inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
    assert (said == "") == (inside or (value is None and unknown == "keep"))
    assert "\n" not in said


@pytest.mark.parametrize(
    ("measure", "plain", "said"),
    [
        ("psnr", {"min": 20}, "measure must be a known name, got 'psnr' (did you mean 'psnr_db'?)"),
        ("psnr_db", {}, "min or max must be given, got neither"),
        ("psnr_db", {"min": 40, "max": 20}, "min must not exceed max, got 40 and 20"),
        ("visible", {"min": 8}, "visible.min must be in 0..1, got 8"),
        ("visible", {"min": 0.5, "unknown": "pass"}, "unknown must be a known name, got 'pass'"),
    ],
)
def test_a_wrong_rule_is_refused_in_one_line(measure: str, plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as refused:
        gate.rule(measure, plain)
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_things_without_rows_are_no_object() -> None:
    tracks = drawn.discs(seconds=0.1).labels.tracks
    assert (
        gate.labelled_object(replace(tracks.rows(np.zeros(0, int)), things=(Track(id=1, track_class="door"),))) is None
    )
