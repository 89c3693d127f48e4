"""The sound ops: laws over all of them at every rate and layout, and one measured property of the real effect each."""

from __future__ import annotations

import time
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal

from augment import sound
from augment.chain import apply
from augment.footage import Audio, Event
from augment.kinds import Setting
from augment.ops import OPS
from augment.ops.band_limit import BANDS
from tests.augment import drawn
from tests.augment.examples import EXAMPLES, knobs, setting

SOUNDS = [name for name, row in OPS.items() if row.kind == "sound"]
CASES = [(name, example) for name in SOUNDS for example in EXAMPLES[name]]
HZ = 48000


def heard(name: str, audio: Audio, *, seed: int = 5, **knobs: Any) -> Audio:
    made: Audio = OPS[name].op(**knobs).hear(at(audio, seed), audio)
    return made


def at(audio: Audio, seed: int = 5) -> Setting:
    return setting(seed, fps=Fraction(25), length=round(len(audio.samples) / audio.rate_hz * 25))


def mono(samples: np.ndarray, rate_hz: int = HZ) -> Audio:
    return Audio(samples=np.asarray(samples, np.float32)[:, None], rate_hz=rate_hz)


def tone(hz: float, seconds: float, size: float = 0.5) -> Audio:
    return mono(size * np.sin(2 * np.pi * hz * np.arange(round(seconds * HZ)) / HZ))


def white(seconds: float, rms: float = 0.1, channels: int = 1) -> Audio:
    noise = np.random.default_rng(7).standard_normal((round(seconds * HZ), channels))
    return Audio(samples=(rms * noise).astype(np.float32), rate_hz=HZ)


def silence(seconds: float, channels: int = 1) -> Audio:
    return Audio(samples=np.zeros((round(seconds * HZ), channels), np.float32), rate_hz=HZ)


def db(ratio: Any) -> Any:
    return 20 * np.log10(ratio)


def spectrum_db(audio: Audio) -> tuple[np.ndarray, np.ndarray]:
    """(Hz, power density in dB) of the first channel, by Welch."""
    hz, power = signal.welch(audio.samples[:, 0], audio.rate_hz, nperseg=1 << 13)
    return hz, 10 * np.log10(power + 1e-20)


# ------------------------------------------------------------------------------------------------ laws over the table


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize(("name", "example"), CASES)
def test_any_rate_and_layout_is_kept(name: str, example: dict[str, Any], rate_hz: int, channels: int) -> None:
    samples = np.random.default_rng(1).uniform(-0.5, 0.5, (round(1.3 * rate_hz), channels)).astype(np.float32)
    before = Audio(samples=samples.copy(), rate_hz=rate_hz)
    after = heard(name, before, **example)
    assert after.rate_hz == rate_hz and after.samples.shape == samples.shape and after.samples.dtype == np.float32
    assert np.isfinite(after.samples).all() and np.abs(after.samples).max() <= 1
    assert np.array_equal(before.samples, samples), "what came in is untouched"


@pytest.mark.parametrize("length", [0, 1, 37])
@pytest.mark.parametrize(("name", "example"), CASES)
def test_next_to_no_sound_is_no_harm(name: str, example: dict[str, Any], length: int) -> None:
    after = OPS[name].op(**example).hear(setting(length=1), mono(np.full(length, 0.3)))
    assert after.samples.shape == (length, 1) and np.isfinite(after.samples).all()


@pytest.mark.parametrize(("name", "example"), CASES)
def test_blocks_leave_no_seam(name: str, example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    before = white(1.3)
    whole = heard(name, before, **example).samples
    monkeypatch.setattr(sound, "BLOCK", 4097)
    assert np.abs(heard(name, before, **example).samples - whole).max() < 1e-5


@pytest.mark.parametrize(("name", "example"), CASES)
def test_clicks_stay_where_they_are_but_for_the_shift_that_is_declared(name: str, example: dict[str, Any]) -> None:
    """Within 10 ms, by the click's own shape: the best match of the click near where it must be."""
    seconds = 4.0
    before = drawn.clicks(seconds)
    setting_ = at(before)
    op = OPS[name].op(**example)
    after = op.hear(setting_, before)
    shift_s = op.shift_s(setting_) if hasattr(op, "shift_s") else np.zeros(setting_.length)
    quiet = [(a - 0.02, b + 0.02) for a, b in op.silences(setting_)]
    tried = 0
    for click_s in np.arange(0.5, seconds, 0.5):
        wanted = click_s + shift_s[round(click_s * 25)]
        if any(a <= click_s <= b for a, b in quiet) or not 0.1 < wanted < seconds - 0.1:
            continue
        found = click_near(after, wanted)
        assert abs(found - wanted) <= 0.010, f"the click of {click_s} s is heard at {found:.3f} s"
        tried += 1
    assert tried >= 2


def click_near(audio: Audio, at_s: float, reach_s: float = 0.1) -> float:
    """Onset of what rises most within its reach: the energy of 2 ms against that of the 20 ms before."""
    first = round((at_s - reach_s) * audio.rate_hz)
    near = audio.samples[max(0, first) : round((at_s + reach_s) * audio.rate_hz), 0].astype(np.float64)
    energy = np.concatenate([[0.0], np.cumsum(np.diff(near, prepend=near[:1]) ** 2)])
    click, past = round(0.002 * audio.rate_hz), round(0.02 * audio.rate_hz)
    n = np.arange(past, len(near) - click)
    rise = (energy[n + click] - energy[n]) - (energy[n] - energy[n - past]) * click / past
    return (max(0, first) + int(n[rise.argmax()])) / audio.rate_hz


@pytest.mark.parametrize(("name", "example"), CASES)
def test_an_op_costs_little_beside_the_pictures(name: str, example: dict[str, Any]) -> None:
    """10 s of stereo in under 0.6 s even on a busy machine; 300 frames of 1080p take a chain 10 s and more."""
    before = white(10, channels=2)
    started = time.process_time()
    heard(name, before, **example)
    assert time.process_time() - started < 0.6


def test_a_shift_is_recorded_per_frame_and_lost_sound_is_not_audible(tmp_path: Path) -> None:
    early, late = (Event(type="door", onset_s=t, offset_s=t + 0.2, audible=True) for t in (0.5, 1.7))
    footage = drawn.discs(seconds=2, sound=True, events=(early, late))
    ops = [{"op": "offset", "late_s": 0.3}, {"op": "drift", "ppm": 5000}]
    out = apply(footage, {"ops": ops, "deliver": {"crf": 20}}, tmp_path / "out.mp4")
    assert np.allclose(out.labels.audio_shift_s, 0.3 + 0.005 * np.arange(20) / 10, atol=1e-9)
    assert [e.audible for e in out.labels.events] == [True, False], "it would be heard after the end"
    assert out.audio is not None and np.allclose(drawn.heard_clicks(out.audio), [0.804, 1.3065, 1.809], atol=0.004)


# ------------------------------------------------------------------------------------------------ clipping, gain


@pytest.mark.parametrize(("drive_db", "ceiling_db"), [(8, 0), (12, -6), (20, 0)])
def test_a_sine_spends_the_share_at_the_ceiling_that_its_drive_says(drive_db: float, ceiling_db: float) -> None:
    """1 - 2/pi asin(ceiling / driven amplitude)."""
    after = heard("clipping", tone(440.3, 2), drive_db=drive_db, ceiling_db=ceiling_db).samples
    ceiling, driven = 10 ** (ceiling_db / 20), 0.5 * 10 ** (drive_db / 20)
    assert np.abs(after).max() == pytest.approx(ceiling, abs=1e-6)
    share = (np.abs(after) > ceiling - 1e-5).mean()
    assert share == pytest.approx(1 - 2 / np.pi * np.arcsin(min(1, ceiling / driven)), abs=0.01)


def test_soft_clipping_adds_odd_harmonics_alone_and_fewer_than_hard() -> None:
    def harmonics_db(knee: str) -> np.ndarray:
        after = heard("clipping", tone(375, 2), drive_db=9, knee=knee).samples[:HZ, 0]
        spectrum = np.abs(np.fft.rfft(after * np.hanning(len(after))))
        return np.asarray(db(spectrum[[375 * k for k in range(1, 16)]] / spectrum[375]))

    soft, hard = harmonics_db("soft"), harmonics_db("hard")
    assert soft[2] > -40 and (soft[1::2] < -80).all() and soft[8:15:2].max() < hard[8:15:2].max() - 3


def test_an_automatic_turns_down_at_once_and_up_slowly() -> None:
    """After a step of 20 dB it is within 1 dB of its aim after ln(20) time constants."""
    steps = [np.full(4 * HZ, 0.05), np.full(4 * HZ, 0.5), np.full(8 * HZ, 0.05)]
    size = np.concatenate(steps)
    before = mono(size * np.sin(2 * np.pi * 1000 * np.arange(len(size)) / HZ))
    after = heard("gain", before, automatic_db=-20, attack_s=0.1, release_s=1.0).samples[:, 0]
    level_db = db(np.sqrt(np.square(after).reshape(-1, 480).mean(axis=1)))
    assert np.abs(level_db[:390] + 20).max() < 0.3, "it begins settled"
    for step_s, wanted_s in ((4.0, 0.1 * np.log(20)), (8.0, 1.0 * np.log(20))):
        behind = np.abs(level_db[round(step_s * 100) :][:700] + 20) > 1
        settled_s = (np.flatnonzero(behind[:390])[-1] + 1) / 100
        assert settled_s == pytest.approx(wanted_s, rel=0.15)


def test_an_automatic_leaves_pauses_alone() -> None:
    before = np.concatenate([tone(1000, 2, 0.1).samples, silence(3).samples + 1e-4, tone(1000, 1, 0.1).samples])
    after = heard("gain", Audio(samples=before, rate_hz=HZ), automatic_db=-20).samples
    assert after[round(2.1 * HZ) : round(4.9 * HZ)].max() < 1e-3, "noise is not pumped up"
    assert after[round(5.1 * HZ) :].std() == pytest.approx(0.1, rel=0.05)


# ------------------------------------------------------------------------------------------------ band limit


@pytest.mark.parametrize("through", [name for name, band in BANDS.items() if not band[4]])
def test_a_bands_edges_are_at_3_db_and_fall_by_their_order(through: str) -> None:
    low_hz, high_hz, order, *_ = BANDS[through]
    before = white(20)
    hz, after_db = spectrum_db(heard("band_limit", before, through=through))
    gain_db = np.convolve(after_db - spectrum_db(before)[1], np.ones(9) / 9, "same")

    def gain_at(at_hz: float) -> float:
        return float(np.interp(at_hz, hz, gain_db))

    assert abs(gain_at(np.sqrt(low_hz * high_hz))) < 0.5
    assert gain_at(high_hz) == pytest.approx(-3, abs=0.7)
    fall_db = gain_at(2 * high_hz) - gain_at(high_hz)
    assert -6 * order - 9 < fall_db < -6 * order + 5, "a digital filter falls faster near half the rate"
    if low_hz > 200:  # Welch's bins are 6 Hz wide
        assert gain_at(low_hz) == pytest.approx(-3, abs=0.7)
        assert gain_at(low_hz / 2) == pytest.approx(-6 * order, abs=2.5)


@pytest.mark.parametrize("through", [name for name, band in BANDS.items() if band[4]])
def test_a_port_or_a_case_rings_at_its_resonance(through: str) -> None:
    *_, rings_hz, rings_db = BANDS[through]
    before = white(20)
    hz, after_db = spectrum_db(heard("band_limit", before, through=through))
    gain_db = np.convolve(after_db - spectrum_db(before)[1], np.ones(9) / 9, "same")
    assert hz[gain_db.argmax()] == pytest.approx(rings_hz, rel=0.25)
    assert gain_db.max() == pytest.approx(rings_db, abs=1.5)


@pytest.mark.parametrize("through", BANDS)
def test_a_band_limit_shifts_nothing(through: str) -> None:
    """The best match of noise before and after lies within 0.25 ms."""
    before = white(2)
    assert abs(lag_s(before, heard("band_limit", before, through=through))) < 0.00025


def lag_s(before: Audio, after: Audio) -> float:
    """By how much `after` comes later, by cross-correlation."""
    match = signal.correlate(after.samples[:, 0], before.samples[:, 0], method="fft")
    return float((np.abs(match).argmax() - (len(before.samples) - 1)) / HZ)


def found_s(before: Audio, after: Audio, at_s: float, seconds: float = 0.1, reach_s: float = 0.4) -> float:
    """By how much later a piece of `before` is found in `after`."""
    piece = before.samples[round(at_s * HZ) : round((at_s + seconds) * HZ), 0]
    near = after.samples[round((at_s - reach_s) * HZ) : round((at_s + seconds + reach_s) * HZ), 0]
    return float(signal.correlate(near, piece, "valid", "fft").argmax() / HZ - reach_s)


# ------------------------------------------------------------------------------------------------ wind, room, hum


def test_wind_falls_with_the_slope_of_turbulence_and_is_as_loud_as_said() -> None:
    rumble = heard("wind", silence(40), level_db=-20, gusts=0)
    hz, power_db = spectrum_db(rumble)
    band = (hz > 50) & (hz < 2000)
    slope = np.polyfit(np.log2(hz[band]), power_db[band], 1)[0]
    assert slope == pytest.approx(10 * np.log10(2) * -5 / 3, abs=0.3)
    assert db(rumble.samples.std()) == pytest.approx(-20, abs=0.7)


def test_wind_comes_in_gusts_and_hits_each_capsule_alone() -> None:
    rumble = heard("wind", silence(60, channels=2), level_db=-30, gusts=1).samples
    loud_db = db(np.sqrt(np.square(rumble[:, 0]).reshape(-1, HZ // 2).mean(axis=1)) + 1e-9)
    assert np.percentile(loud_db, 90) - np.percentile(loud_db, 10) > 8
    steady = heard("wind", silence(60), level_db=-30, gusts=0).samples
    still_db = db(np.sqrt(np.square(steady[:, 0]).reshape(-1, HZ // 2).mean(axis=1)))
    assert np.percentile(still_db, 90) - np.percentile(still_db, 10) < 4
    assert abs(np.corrcoef(rumble.T)[0, 1]) < 0.05
    assert heard("wind", silence(3, channels=1), level_db=0).samples.max() == 1, (
        "a strong one drives it into the ceiling"
    )


@pytest.mark.parametrize("rt60_s", [0.2, 0.6, 1.5, 3.0])
def test_a_rooms_tail_falls_by_60_db_in_its_time(rt60_s: float) -> None:
    """Schroeder's backward integral of the answer to an impulse, from -5 to -35 dB."""
    impulse = silence(2 * rt60_s + 0.5)
    impulse.samples[0] = 0.5
    answer = heard("room", impulse, rt60_s=rt60_s, direct_db=0).samples[:, 0].astype(np.float64)
    assert answer[0] == 0.5, "the direct sound is where it was"
    left_db = 10 * np.log10(np.cumsum(answer[:0:-1] ** 2)[::-1] + 1e-20)
    left_db -= left_db[round(0.004 * HZ)]
    fit = np.flatnonzero((left_db < -5) & (left_db > -35))
    fall_db_per_s = np.polyfit(fit / HZ, left_db[fit], 1)[0]
    assert -60 / fall_db_per_s == pytest.approx(rt60_s, rel=0.2)
    assert 10 * np.log10(0.25 / np.sum(answer[1:] ** 2)) == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("mains_hz", [50, 60])
def test_a_hum_stands_on_the_mains_and_its_multiples(mains_hz: int) -> None:
    hum = heard("hum", silence(20), mains_hz=mains_hz, level_db=-30, harmonics=8)
    assert db(hum.samples.std()) == pytest.approx(-30, abs=0.1)
    power = np.abs(np.fft.rfft(hum.samples[:, 0] * np.hanning(len(hum.samples))))
    hz = np.fft.rfftfreq(len(hum.samples), 1 / HZ)
    assert hz[power.argmax()] == pytest.approx(mains_hz, abs=0.1)
    near = np.abs(hz / mains_hz - np.rint(hz / mains_hz)) * mains_hz < 1.5
    assert (power[near] ** 2).sum() / (power**2).sum() > 0.999
    assert all(power[np.abs(hz - k * mains_hz) < 1].max() > 0.01 * power.max() for k in range(1, 9))


# ------------------------------------------------------------------------------------------------ dropout, offset, drift


@pytest.mark.parametrize(("share", "gap_s"), [(0.1, 0.2), (0.4, 1.0), (0.0, 1.0)])
def test_a_dropout_is_silent_for_its_share_in_the_gaps_that_it_tells(share: float, gap_s: float) -> None:
    before = white(60)
    op = OPS["dropout"].op(share=share, gap_s=gap_s)
    gaps = op.silences(at(before))
    after = op.hear(at(before), before).samples[:, 0]
    assert sum(b - a for a, b in gaps) == pytest.approx(60 * share, abs=0.021)
    for start_s, stop_s in gaps:
        assert not after[round(start_s * HZ) + 1 : round(stop_s * HZ) - 1].any()
    if gaps:
        assert np.mean([b - a for a, b in gaps]) == pytest.approx(gap_s, rel=0.15)
    assert (after == before.samples[:, 0]).mean() == pytest.approx(1 - share, abs=0.04)


def test_a_stuck_buffer_says_the_same_50_times_a_second() -> None:
    before = white(20)
    op = OPS["dropout"].op(share=0.3, gap_s=0.5, fill="repeat")
    after = op.hear(at(before), before).samples[:, 0]
    long = [(a, b) for a, b in op.silences(at(before)) if b - a > 0.2]
    assert len(long) > 3
    for start_s, stop_s in long:
        gap = after[round(start_s * HZ) : round(stop_s * HZ)]
        assert np.array_equal(gap[:-960], gap[960:]) and gap.std() > 0.03


@pytest.mark.parametrize("late_s", [-0.5, -0.04, 0.0, 0.04, 0.5])
def test_an_offset_is_found_by_cross_correlation(late_s: float) -> None:
    before = white(4)
    after = heard("offset", before, late_s=late_s)
    assert lag_s(before, after) == pytest.approx(late_s, abs=0.001)
    assert (OPS["offset"].op(late_s=late_s).shift_s(at(before)) == late_s).all()


@pytest.mark.parametrize("ppm", [-2000, -100, 50, 1000, 5000])
def test_a_drift_grows_by_its_parts_per_million(ppm: float) -> None:
    """From where a second of noise is found at the begin and at the end; tones stay clean."""
    before = mono(np.convolve(white(60).samples[:, 0], np.hanning(25) / 4, "same"))
    after = heard("drift", before, ppm=ppm)
    begin, end = found_s(before, after, 1.0), found_s(before, after, 57.0)
    assert (end - begin) / 56 == pytest.approx(ppm * 1e-6, abs=1.0e-6)
    shift_s = OPS["drift"].op(ppm=ppm).shift_s(at(before))
    assert shift_s[25 * 57] == pytest.approx(57 * ppm * 1e-6) and shift_s[0] == 0
    clean = heard("drift", tone(9000, 4), ppm=ppm).samples[2000:-2000, 0]
    power = np.abs(np.fft.rfft(clean[: 3 * HZ] * np.kaiser(3 * HZ, 14))) ** 2
    peak = int(power.argmax())
    assert 10 * np.log10(np.delete(power, np.arange(peak - 40, peak + 40)).sum() / power.sum()) < -60


@pytest.mark.parametrize(("name", "example"), CASES)
def test_long_sound_is_held_twice_at_most(name: str, example: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of 48 kHz stereo is 1.4 GB as float32: no op may make a float64 of all of it."""
    monkeypatch.setattr(sound, "BLOCK", 1 << 14)
    before = Audio(samples=np.full((4_000_000, 1), 0.1, np.float32), rate_hz=8000)
    op, here = OPS[name].op(**example), at(before)
    tracemalloc.start()
    op.hear(here, before)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2.2 * before.samples.nbytes + 6e6


# ------------------------------------------------------------------------------------------------ whole chains


@pytest.mark.parametrize("seed", range(24))
def test_through_any_chain_a_click_is_heard_where_its_event_and_its_shift_say(seed: int, tmp_path: Path) -> None:
    """Two to four time and sound ops: each event that is still audible has its click within 10 ms."""
    rng = np.random.default_rng(seed)
    names = [str(name) for name in rng.choice([n for n, row in OPS.items() if row.kind in ("time", "sound")], 4)]
    ops = [{"op": name, "seed": int(rng.integers(2**31)), **knobs(name, rng)} for name in names[: rng.integers(2, 5)]]
    clear: dict[str, Any] = {"wind": {"level_db": -35}, "room": {"direct_db": 9}, "clipping": {"drive_db": 3}}
    ops = [op | clear.get(op["op"], {}) for op in ops]  # a click drowns in more
    at_s = np.arange(0.5, 6, 0.5)
    events = tuple(Event(type="door", onset_s=t, offset_s=t, audible=True) for t in at_s)
    footage = drawn.discs(seconds=6, size_px=(64, 36), sound=True, events=events)
    out = apply(footage, {"ops": ops, "deliver": {"crf": 40, "preset": "ultrafast"}}, tmp_path / "out.mp4")
    assert out.audio is not None
    shift_s = np.asarray(out.labels.audio_shift_s or (0.0,) * out.length)
    for event in out.labels.events:
        at = event.onset_s * float(out.fps)
        before, after = (min(int(at) + n, out.length - 1) for n in (0, 1))
        between = np.interp(at, np.arange(out.length), shift_s)
        wanted = event.onset_s + np.array([between, shift_s[before], shift_s[after]])  # a cut may lie between the two
        if event.audible and wanted.min() > 0.1 and wanted.max() < out.seconds - 0.1:
            assert min(abs(click_near(out.audio, late) - late) for late in wanted) <= 0.010, ops
