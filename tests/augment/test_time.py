"""The time ops: a counter read back from pixels, clicks and events agree with the time map, and each op's own law."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.chain import apply
from augment.footage import Audio, Event, Labels
from augment.kinds import TimeMap
from augment.labels import retime
from augment.ops import OPS
from augment.seating import Invalid
from augment.sound import recut
from augment.stretches import bursts, runs
from tests.augment import drawn
from tests.augment.examples import EXAMPLES, knobs, setting

TIMES = [name for name, row in OPS.items() if row.kind == "time"]
CASES = [(name, example) for name in TIMES for example in EXAMPLES[name]]
FPS = Fraction(25)


def mapped(name: str, length: int = 1000, rate: Fraction = FPS, seed: int = 5, **given: Any) -> TimeMap:
    made: TimeMap = OPS[name].op(**given).time_map(setting(seed, length=length, fps=rate))
    return made


def input_s(made: TimeMap, at_s: float) -> float | None:
    """The instant of the input that plays at an output instant, by the cuts."""
    began = 0.0
    for start_s, stop_s, speed in made.cuts:
        ended = began + (stop_s - start_s) / speed
        if began <= at_s < ended:
            return start_s + (at_s - began) * speed
        began = ended
    return None


# ------------------------------------------------------------------------------------------------ laws over the table


@pytest.mark.parametrize(("name", "example"), CASES)
def test_a_counter_in_the_pixels_agrees_with_the_time_map(name: str, example: dict[str, Any], tmp_path: Path) -> None:
    footage = drawn.discs(seconds=4, counter=True, size_px=(160, 90))
    made = mapped(name, footage.length, footage.fps, seed=0, **example)
    out = apply(footage, {"ops": [{"op": name, **example}], "deliver": {"crf": 8}}, tmp_path / "out.mp4")
    assert [drawn.counted(p) for p in out.frames()] == made.picks.tolist() and out.fps == made.fps
    assert (out.labels.frame_state or ("",) * out.length) == (made.state or ("",) * out.length)
    assert not np.array_equal(made.picks, np.arange(footage.length)) or made.fps != footage.fps, "nothing was tried"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", TIMES)
def test_a_frame_without_a_state_shows_its_instant_to_half_a_frame(name: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    fps, length = (Fraction(10), Fraction(30000, 1001))[seed % 2], int(rng.integers(20, 300))
    made = mapped(name, length, fps, **knobs(name, rng))
    for n, pick in enumerate(made.picks):
        now_s = input_s(made, n / float(made.fps) + 1e-7)
        if now_s is not None and not (made.state and made.state[n]) and pick < length - 1:
            assert abs(pick / float(fps) - now_s) <= 0.5 / float(fps) + 2e-5
    lasts_s = sum((stop_s - start_s) / speed for start_s, stop_s, speed in made.cuts)
    assert abs(len(made.picks) / float(made.fps) - lasts_s) <= 1 / float(made.fps)


@pytest.mark.parametrize(("name", "example"), CASES)
def test_a_flash_and_its_click_stay_together(name: str, example: dict[str, Any]) -> None:
    """Clicks lie within 10 ms of where the cuts put their instants, and nowhere else."""
    seconds = 4.0
    made = mapped(name, int(seconds * FPS), **example)
    lasts_s = len(made.picks) / float(made.fps)
    heard = drawn.heard_clicks(recut(drawn.clicks(seconds), made.cuts, seconds=lasts_s, silent=made.silent))
    wanted, began = [], 0.0
    for start_s, stop_s, speed in made.cuts:
        inside = [t for t in np.arange(0.5, seconds, 0.5) if start_s <= t + 1e-9 < stop_s]
        wanted += [began + (t - start_s) / speed for t in inside]
        began += (stop_s - start_s) / speed
    wanted = [t for t in wanted if t < lasts_s - 0.01 and not any(a <= t < b for a, b in made.silent)]
    assert len(wanted) >= 2 and np.allclose(heard, wanted, atol=0.010)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", TIMES)
def test_events_lie_where_the_pixels_show_them(name: str, seed: int) -> None:
    """An event's first observable instant is that of the first frame that shows its onset, to half a frame."""
    rng = np.random.default_rng(100 + seed)
    length = int(rng.integers(30, 200))
    made = mapped(name, length, FPS, **knobs(name, rng))
    events = tuple(
        Event(type="door", onset_s=on, offset_s=on + 0.3, visible=True, audible=True)
        for on in rng.uniform(0, length / float(FPS) - 0.3, 12)
    )
    after = retime.through_time(Labels(events=events), made, fps=FPS).events
    shown_s, half_s = made.picks / float(FPS), 0.5 / float(FPS)
    half_out_s = 0.5 / float(made.fps)
    kept = iter(after)
    for event in events:
        if retime._span(event, made.cuts) is None:
            assert not ((shown_s > event.onset_s + half_s) & (shown_s < event.offset_s - half_s)).any()
            continue
        moved = next(kept)
        shows = np.flatnonzero((shown_s >= event.onset_s - half_s) & (shown_s <= event.offset_s + half_s))
        assert moved.visible == bool(len(shows))
        if len(shows):
            from_s = moved.onset_s if moved.observable_from_s is None else moved.observable_from_s
            assert from_s <= shows[0] / float(made.fps) + 1.01 * half_out_s + half_s
            assert from_s >= shows[0] / float(made.fps) - 1.01 * half_out_s - half_s


# ------------------------------------------------------------------------------------------------ drop and duplicate


def test_duplicates_show_each_frame_so_often_and_the_clock_goes_on() -> None:
    for times in (2, 3, 4):
        made = mapped("duplicate", share=0.5, times=times, burst_s=2)
        late = np.arange(1000) - made.picks
        assert late.min() == 0 and late.max() == times - 1
        assert made.cuts == ((0.0, 40.0, 1.0),)
        repeated = np.diff(made.picks) == 0
        assert repeated.sum() == pytest.approx(500 * (times - 1) / times, abs=30), "half of the clip is shown so"
        slow = [stop - first for first, stop in runs(late > 0)]
        assert max(slow) == times - 1
        assert {made.state[t] for t in np.flatnonzero(late)} == {"duplicate"}


def test_all_of_a_clip_at_half_rate_is_every_other_frame_twice() -> None:
    made = mapped("duplicate", length=9, share=1, burst_s=60)
    assert made.picks.tolist() == [0, 0, 2, 2, 4, 4, 6, 6, 8]


def test_bursts_are_exactly_as_many_as_asked() -> None:
    rng = np.random.default_rng(0)
    for length, count, mean in ((1, 5, 1), (2, 2, 1), (100, 0, 3), (100, 99, 5), (500, 100, 10)):
        hit = bursts(rng, length, count=count, mean=mean)
        assert hit.sum() == min(count, length - 1) and not hit[0]
    lengths = [stop - first for first, stop in runs(bursts(rng, 10_000, count=3000, mean=10))]
    assert np.mean(lengths) == pytest.approx(10, rel=0.05) and np.std(lengths) > 3


# ------------------------------------------------------------------------------------------------ freeze


def test_a_freeze_that_jumps_stands_and_then_shows_now() -> None:
    made = mapped("freeze", length=100, start=0.2, seconds=1.0)
    assert made.picks.tolist() == [*range(20), *[19] * 25, *range(45, 100)]
    assert made.state == ("",) * 20 + ("freeze",) * 25 + ("",) * 55 and made.cuts == ((0.0, 4.0, 1.0),)
    assert made.silent == () and mapped("freeze", length=100, start=0.2, seconds=1, sound="silent").silent == (
        (0.8, 1.8),
    )


def test_a_player_that_catches_up_shows_every_missed_frame_or_every_other_one_and_is_now_again() -> None:
    given = {"after": "catch_up", "sound": "silent"}
    made = mapped("freeze", length=200, start=0.25, seconds=1.0, catch_up="3/2", **given)
    behind = np.arange(200) - made.picks
    assert behind[:50].max() == 0 and behind[75] == 25, "the first new picture is the first missed one"
    caught = int(np.flatnonzero(behind[75:] == 0)[0]) + 75
    assert caught == pytest.approx(75 + 25 / 0.5, abs=1) and not behind[caught + 1 :].any()
    assert set(np.diff(made.picks[75:caught])) == {1, 2}, "played half as fast again"
    assert len(made.picks) == 200


def test_a_clip_that_ends_before_it_has_caught_up_ends_late() -> None:
    made = mapped("freeze", length=100, start=0.5, seconds=1.5, after="catch_up", catch_up=1.2, sound="silent")
    assert len(made.picks) == 100 and 99 - made.picks[-1] == pytest.approx(37.5 - 12 * 0.2, abs=2)
    assert sum((b - a) / v for a, b, v in made.cuts) == pytest.approx(4.0, abs=1e-6)


def test_what_happens_within_a_freeze_is_not_seen_and_with_its_sound_gone_not_heard() -> None:
    inside = Event(type="door", onset_s=1.0, offset_s=1.6, visible=True, audible=True)
    across = Event(type="door", onset_s=1.0, offset_s=2.6, visible=True, audible=True)
    before = Labels(events=(inside, across))

    def carried(**given: Any) -> tuple[Event, ...]:
        return retime.through_time(
            before, mapped("freeze", length=100, start=0.2, seconds=1.0, **given), fps=FPS
        ).events

    hidden, late = carried()
    assert (hidden.onset_s, hidden.offset_s, hidden.visible, hidden.audible) == (1.0, 1.6, False, True)
    assert (late.onset_s, late.visible, late.observable_from_s) == (1.0, True, pytest.approx(1.8))
    hidden, late = carried(sound="silent")
    assert not hidden.audible and late.audible
    hidden, late = carried(sound="silent", after="catch_up", catch_up=2)
    assert hidden.visible and hidden.audible, "it is shown later, and so it happens later"
    assert (hidden.onset_s, hidden.offset_s) == (pytest.approx(1.9, abs=1e-4), pytest.approx(2.2, abs=1e-4))


def test_a_stalled_player_is_silent_and_then_plays_faster() -> None:
    tone = np.sin(2 * np.pi * 500 * np.arange(48000 * 4) / 48000).astype(np.float32)[:, None]
    made = mapped("freeze", length=100, start=0.25, seconds=0.6, after="catch_up", catch_up="3/2", sound="silent")
    heard = recut(Audio(samples=tone, rate_hz=48000), made.cuts, seconds=4.0, silent=made.silent).samples[:, 0]
    assert not heard[round(1.001 * 48000) : round(1.599 * 48000)].any()
    assert pitch_hz(heard[round(0.1 * 48000) : round(0.9 * 48000)]) == pytest.approx(500, abs=2)
    assert pitch_hz(heard[round(1.7 * 48000) : round(2.7 * 48000)]) == pytest.approx(750, abs=2)
    assert pitch_hz(heard[round(2.9 * 48000) : round(3.9 * 48000)]) == pytest.approx(500, abs=2)


def pitch_hz(samples: np.ndarray, rate_hz: int = 48000) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 4 * len(samples)))
    return float(spectrum.argmax() * rate_hz / (4 * len(samples)))


def test_sound_that_was_late_is_as_late_as_the_stretches_between_make_it() -> None:
    made = mapped("freeze", length=100, start=0.25, seconds=0.6, after="catch_up", catch_up="3/2", sound="silent")
    after = retime.through_time(Labels(audio_shift_s=(0.3,) * 100), made, fps=FPS).audio_shift_s
    wanted = {0: 0.3, 16: 0.3, 20: 0.8 + 0.1 / 1.5, 45: 0.2, 60: 0.2, 90: 0.3}
    assert {t: after[t] for t in wanted} == pytest.approx(wanted, abs=1e-4), "across the stall, while faster, and now"


# ------------------------------------------------------------------------------------------------ speed and rate


@pytest.mark.parametrize(("speed", "length"), [("5/4", 80), ("4/5", 125), (2, 50), (0.5, 200), ("25/24", 96), (10, 10)])
def test_speed_divides_the_length_and_keeps_the_rate(speed: Any, length: int) -> None:
    made = mapped("speed", length=100, speed=speed)
    assert len(made.picks) == length and made.fps == FPS
    step = float(Fraction(speed))
    assert np.abs(made.picks - np.arange(length) * step).max() <= 0.5
    assert not made.state


def test_a_stretch_alone_is_played_slower() -> None:
    made = mapped("speed", length=100, speed="1/2", start=0.4, stop=0.6)
    assert len(made.picks) == 120
    steps = np.diff(made.picks)
    assert steps[:39].min() == 1 and steps[85:].min() == 1 and steps[41:79].mean() == pytest.approx(0.5, abs=0.02)


def test_speed_moves_the_pitch_and_keeps_a_tone_clean() -> None:
    """Resampled sound holds its one line 60 dB above all else, and what would fold is gone."""
    t_s = np.arange(48000 * 2) / 48000
    both = np.sin(2 * np.pi * 3000 * t_s) + np.sin(2 * np.pi * 16500 * t_s)
    audio = Audio(samples=(both / 2).astype(np.float32)[:, None], rate_hz=48000)
    heard = recut(audio, ((0.0, 2.0, 1.9),), seconds=2 / 1.9).samples[2000:-2000, 0]
    spectrum = np.abs(np.fft.rfft(heard * np.kaiser(len(heard), 14)))
    hz = np.fft.rfftfreq(len(heard), 1 / 48000)
    assert hz[spectrum.argmax()] == pytest.approx(5700, abs=2)
    assert 20 * np.log10(spectrum[np.abs(hz - 5700) > 60].max() / spectrum.max()) < -60


def test_nothing_left_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"ops\[0\] \(speed\): speed must leave a frame, got 1 frames at 4 times"):
        apply(drawn.discs(seconds=0.1), {"ops": [{"op": "speed", "speed": 4}]}, tmp_path / "out.mp4")
    with pytest.raises(Invalid, match=r"ops\[0\] \(trim\): trim must leave a frame"):
        apply(drawn.discs(seconds=1), {"ops": [{"op": "trim", "start": 0.41, "stop": 0.45}]}, tmp_path / "out.mp4")


@pytest.mark.parametrize(
    ("before", "after", "repeats", "left_out"),
    [("24", "30", 4, None), ("30", "25", None, 6), ("25", "30000/1001", 5, None), ("30", "30000/1001", None, 1001)],
)
def test_a_pull_up_has_its_cadence(before: str, after: str, repeats: int | None, left_out: int | None) -> None:
    """24 -> 30 repeats one frame in four, 30 -> 25 leaves one in six out; 30 -> 30000/1001 one in a thousand."""
    fps = Fraction(before)
    made = OPS["rate"].op(fps=after).time_map(setting(length=int(fps) * 100, fps=fps))
    assert made.fps == Fraction(after)
    assert (
        np.abs(made.picks / float(fps) - np.arange(len(made.picks)) / float(made.fps)).max() <= 0.5 / float(fps) + 1e-9
    )
    odd = np.flatnonzero(np.diff(made.picks) != 1)
    wanted = repeats + 1 if repeats else (left_out or 0) - 1
    gaps = {int(b - a) for a, b in pairwise(odd)}
    assert gaps <= {wanted, wanted + 1, wanted - 1} and np.diff(odd).mean() == pytest.approx(
        1 / abs(float(Fraction(after) / fps) - 1) * (float(Fraction(after) / fps)), rel=0.02
    )


def test_a_rate_there_and_back_is_the_same_clip_where_it_rose() -> None:
    up = OPS["rate"].op(fps="60").time_map(setting(length=100, fps=FPS))
    down = OPS["rate"].op(fps="25").time_map(setting(length=len(up.picks), fps=Fraction(60)))
    assert np.array_equal(up.picks[down.picks], np.arange(100))


def test_kept_frames_run_at_the_ratio_of_the_rates() -> None:
    made = OPS["rate"].op(fps="25", frames="kept").time_map(setting(length=240, fps=Fraction(24)))
    assert made.picks.tolist() == list(range(240)) and made.cuts == ((0.0, 10.0, pytest.approx(25 / 24)),)
    event = Event(type="door", onset_s=5.0, offset_s=6.0)
    (moved,) = retime.through_time(Labels(events=(event,)), made, fps=Fraction(24)).events
    assert (moved.onset_s, moved.offset_s) == (pytest.approx(4.8), pytest.approx(5.76))


# ------------------------------------------------------------------------------------------------ jitter


@pytest.mark.parametrize("late_frames", [0.4, 0.75, 1.0, 1.4])
def test_a_share_of_the_frames_misses_its_instant_and_none_goes_back(late_frames: float) -> None:
    """Delays evenly spread up to L: a frame is on time with probability 0.5 / L, and never late by more than it is."""
    made = mapped("jitter", length=20_000, late_frames=late_frames)
    late = np.arange(20_000) - made.picks
    assert (np.diff(made.picks) >= 0).all() and late.min() == 0
    assert late.max() == max(0, int(np.ceil(late_frames - 0.5)))
    assert (late > 0).mean() == pytest.approx(max(0.0, 1 - 0.5 / late_frames), abs=0.015)
    assert all((word == "drop") == bool(n) for word, n in zip(made.state, late, strict=True))
