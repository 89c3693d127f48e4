"""Tracks: what a knob is on each frame, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from augment import tracks
from augment.kinds import Setting

SETTING = Setting(fps=Fraction(30000, 1001), size_px=(64, 36), length=3000, seed=7)
EXAMPLES = {
    "steady": {"steady": {"value": 0.25}},
    "walk": {"walk": {"low": -1.0, "high": 2.0, "rate": 0.5}},
    "wave": {"wave": {"mean": 0.5, "amplitude": 1.0, "period_s": 4.0}},
    "steps": {"steps": {"low": -1.0, "high": 2.0, "hold_s": 2.0}},
}


def test_every_shape_has_an_example() -> None:
    assert set(EXAMPLES) == set(tracks.SHAPES)


@pytest.mark.parametrize("shape", EXAMPLES)
def test_a_track_stays_in_its_range_and_comes_from_seed_and_name(shape: str) -> None:
    tracks.knob_in_range("ev", EXAMPLES[shape], -1, 2)
    once = tracks.values("ev", EXAMPLES[shape], SETTING)
    assert once.shape == (3000,) and once.min() >= -1 and once.max() <= 2
    assert np.array_equal(once, tracks.values("ev", EXAMPLES[shape], SETTING))
    if shape != "steady":
        assert once.std() > 0.1
        assert not np.array_equal(once, tracks.values("gain_db", EXAMPLES[shape], SETTING))


def test_a_number_is_the_same_on_every_frame() -> None:
    assert np.array_equal(tracks.values("ev", -0.5, SETTING), np.full(3000, -0.5))


def test_a_walk_changes_by_its_rate_in_a_second() -> None:
    wide = {"walk": {"low": -1e3, "high": 1e3, "rate": 0.5}}
    walked = tracks.values("ev", wide, SETTING)
    assert np.sqrt(np.mean((walked[30:] - walked[:-30]) ** 2)) == pytest.approx(0.5, rel=0.25)


def test_a_wave_has_its_period() -> None:
    waved = tracks.values("ev", EXAMPLES["wave"], SETTING)
    hz = np.fft.rfftfreq(3000, 1001 / 30000)
    peak = hz[np.abs(np.fft.rfft(waved - waved.mean())).argmax()]
    assert peak == pytest.approx(1 / 4, abs=0.011)


def test_steps_hold_for_their_seconds() -> None:
    stepped = tracks.values("ev", EXAMPLES["steps"], SETTING)
    jumps = np.flatnonzero(np.diff(stepped)) / (30000 / 1001)
    assert np.diff(jumps).mean() == pytest.approx(2.0, rel=0.15)
    assert np.diff(jumps).min() > 0.9


@pytest.mark.parametrize(
    ("knob", "said"),
    [
        (9, "ev must be in -6..6, got 9"),
        (float("nan"), "ev must be in -6..6, got nan"),
        (True, "ev must be in -6..6, got True"),
        ("1", "ev must be in -6..6, got '1'"),
        ({"wlak": {}}, "did you mean 'walk'?"),
        ({"walk": {"low": 0, "high": 1}}, "ev.walk must hold exactly low, high, rate"),
        ({"walk": {"low": 2, "high": 1, "rate": 1}}, "ev.walk.low must not exceed high"),
        ({"walk": {"low": -9, "high": 1, "rate": 1}}, "ev.walk.low must be in -6..6, got -9"),
        ({"walk": {"low": -1, "high": 1, "rate": 0}}, "ev.walk.rate must be in"),
        ({"wave": {"mean": 5, "amplitude": 2, "period_s": 1}}, "ev.wave mean + amplitude must be in -6..6, got 7"),
        ({"steps": {"low": 0, "high": 7, "hold_s": 1}}, "ev.steps.high must be in -6..6, got 7"),
        ({}, "ev must be a number or one track"),
    ],
)
def test_what_is_refused_is_said_in_one_line(knob: object, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        tracks.knob_in_range("ev", knob, -6, 6)
    assert said in str(refused.value) and "\n" not in str(refused.value)
