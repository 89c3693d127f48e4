"""Motion: the figures that were measured on real cameras come out again."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from augment.camera import motion

RATE_HZ = 100.0
T_S = np.arange(0, 120, 1 / RATE_HZ)


def walk(**knobs: Any) -> motion.Trajectory:
    return motion.trajectory({"gait": "walk", "mount": "hand", "amount": 1.0, "seed": 3, **knobs})


def rms(x: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean(x**2, axis=0))


def power(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Hz and power per frequency of each column."""
    window = np.hanning(len(x))[:, None]
    return np.fft.rfftfreq(len(x), 1 / RATE_HZ), np.abs(np.fft.rfft((x - x.mean(axis=0)) * window, axis=0)) ** 2


def peak_hz(x: np.ndarray, low: float, high: float) -> np.ndarray:
    hz, energy = power(x)
    inside = (hz >= low) & (hz <= high)
    return hz[inside][energy[inside].argmax(axis=0)]


def deg_per_s(path: motion.Trajectory) -> np.ndarray:
    return np.degrees(np.gradient(path.angles_rad(T_S), 1 / RATE_HZ, axis=0))


@pytest.mark.parametrize(("gait", "mount"), list(product(motion.GAITS, motion.MOUNTS)))
def test_a_path_is_a_function_of_its_instant(gait: str, mount: str) -> None:
    spec = {"gait": gait, "mount": mount, "amount": 0.7, "seed": 5}
    some = np.array([7.31, 0.0, 2.5, 2.5000001])
    path = motion.trajectory(spec)
    whole, alone = path.angles_rad(some), [motion.trajectory(spec).angles_rad(t)[0] for t in some[:, None]]
    assert np.allclose(whole, alone, rtol=0, atol=1e-15)
    assert np.abs(whole[3] - whole[2]).max() < 1e-6 and np.abs(path.shift_m(some[2:])).max() < 0.3
    assert not np.allclose(whole, motion.trajectory({**spec, "seed": 6}).angles_rad(some))
    twice = motion.trajectory({**spec, "amount": 1.4})
    assert np.allclose(twice.angles_rad(some), 2 * whole) and np.allclose(twice.shift_m(some), 2 * path.shift_m(some))


def test_a_walk_in_the_hand_turns_as_the_measured_one() -> None:
    """hero7.mp4: 21.2 / 14.4 / 16.8 deg/s and 1.49 / 0.90 / 1.01 deg rms above 0.5 Hz."""
    paths = [walk(seed=seed) for seed in range(6)]
    rates = np.mean([rms(deg_per_s(path)) for path in paths], axis=0)
    assert rates == pytest.approx([21.2, 14.4, 16.8], rel=0.15)
    angles = np.mean([rms(np.degrees(path.angles_rad(T_S))) for path in paths], axis=0)
    assert angles == pytest.approx([1.49, 0.90, 1.01], rel=0.15)
    assert np.percentile(np.abs(deg_per_s(paths[0])), 99, axis=0).max() < 65


def test_a_walk_peaks_at_the_step_and_the_stride() -> None:
    path = walk()
    angles, shift = path.angles_rad(T_S), path.shift_m(T_S)
    assert peak_hz(angles, 1.2, 12)[0] == pytest.approx(path.step_hz, abs=0.1)
    assert peak_hz(shift, 0.6, 12)[1:] == pytest.approx([path.step_hz] * 2, abs=0.1)
    assert peak_hz(shift, 0.6, 12)[0] == pytest.approx(path.step_hz / 2, abs=0.1)
    chest = walk(mount="chest").angles_rad(T_S)
    assert peak_hz(chest, 0.8, 12)[1:] == pytest.approx([path.step_hz / 2] * 2, abs=0.1)


def test_a_walk_spends_its_energy_where_it_was_measured() -> None:
    """95 % below 9.5 Hz; the band at 5.5..7.5 Hz carries about as much as the step peak."""
    hz, energy = power(deg_per_s(walk()))
    whole = energy.sum(axis=0)
    assert (energy[hz < 9.5].sum(axis=0) / whole > 0.95).all()
    band = energy[(hz > 5) & (hz < 8)].sum(axis=0)[0]
    step = energy[(hz > 1.4) & (hz < 2.5)].sum(axis=0)[0]
    assert 0.5 < band / step < 2


def test_cadence_differs_between_wearers_by_what_was_published() -> None:
    steps = np.array([walk(seed=seed).step_hz for seed in range(300)])
    assert steps.mean() == pytest.approx(motion.GAITS["walk"].step_hz, abs=0.03)
    assert steps.std() == pytest.approx(0.13, rel=0.2)


def test_a_chest_walks_within_the_domains_peaks() -> None:
    """Peak pitch 1..3, yaw 3..7, roll 1..3 degrees; 2..4 cm up and down."""
    for seed in range(4):
        path = walk(mount="chest", seed=seed)
        peak = np.percentile(np.abs(np.degrees(path.angles_rad(T_S))), 99, axis=0)
        assert 1 < peak[0] < 3.6 and 2.5 < peak[1] < 7 and 1 < peak[2] < 3.6
        assert 0.03 < np.ptp(path.shift_m(T_S)[:, 1]) < 0.09


def test_gaits_are_ordered_and_a_head_is_calmer_than_a_hand() -> None:
    def rate(gait: str, mount: str) -> float:
        return float(np.linalg.norm(rms(deg_per_s(walk(gait=gait, mount=mount)))))

    assert rate("stand", "hand") == pytest.approx(5.5, rel=0.4)  # 5..6 deg/s measured
    assert rate("stand", "hand") < rate("walk", "hand") < rate("jog", "hand") < rate("run", "hand")
    assert 2 < rate("run", "hand") / rate("walk", "hand") < 6
    assert rate("walk", "head") < 0.6 * rate("walk", "hand")


def test_stairs_are_slower_and_harder_than_a_walk_and_a_held_telephone_drifts() -> None:
    stairs, held = walk(gait="stairs"), walk(gait="hand_held")
    assert peak_hz(stairs.angles_rad(T_S), 1.2, 12)[0] == pytest.approx(stairs.step_hz, abs=0.1)
    assert stairs.step_hz < walk().step_hz and np.ptp(stairs.shift_m(T_S)[:, 1]) > np.ptp(walk().shift_m(T_S)[:, 1])
    hz, energy = power(held.angles_rad(T_S))
    assert (energy[(hz > 0.4) & (hz < 3.2)].sum(axis=0) / energy.sum(axis=0) > 0.95).all()  # 0.5..3 Hz
    assert (np.abs(np.degrees(held.angles_rad(T_S))).max(axis=0)[:2] > 2).all()  # 2..8 degrees at most
    assert np.abs(np.degrees(held.angles_rad(T_S))).max() < 8


def test_a_knock_jumps_by_its_angle_rings_and_dies() -> None:
    still = {"gait": "stand", "amount": 1.0}
    blow = {"deg": 8, "at_s": [3.0], "ring_hz": 9, "decay_s": 0.1}
    t_s = np.arange(2, 5, 0.001)
    rung = np.degrees(walk(**still, knock=blow).angles_rad(t_s) - walk(**still).angles_rad(t_s))
    size = np.linalg.norm(rung, axis=1)
    assert not size[t_s < 3].any() and size.max() == pytest.approx(8, rel=0.01)
    assert t_s[size.argmax()] - 3 < 0.03 and size[t_s > 3.5].max() < 0.1
    axis = np.abs(rung).max(axis=0).argmax()
    after = (t_s > 3) & (t_s < 3.5)
    crossings = np.flatnonzero(np.diff(np.sign(rung[after, axis])))
    assert np.diff(crossings).mean() * 0.001 == pytest.approx(1 / 9 / 2, rel=0.05)


def test_drawn_knocks_come_as_often_as_stated_at_other_instants_for_another_seed() -> None:
    def instants(seed: int) -> np.ndarray:
        way = walk(gait="stand", seed=seed, knock={"deg": 10, "per_minute": 12})
        return way.jolts.at_s[way.jolts.at_s < 600]

    assert len(instants(1)) == pytest.approx(120, abs=2)
    assert not np.allclose(instants(1)[:100], instants(2)[:100], atol=0.1)


def test_rotations_are_rotations_and_their_signs_are_pitch_up_yaw_left_roll_anticlockwise() -> None:
    turns = motion.rotations(np.random.default_rng(0).uniform(-1, 1, (20, 3)))
    assert np.allclose(turns @ np.swapaxes(turns, 1, 2), np.eye(3)) and np.allclose(np.linalg.det(turns), 1)
    pitch, yaw, roll = motion.rotations(0.1 * np.eye(3))
    ahead, right = np.array([0, 0, -1]), np.array([1, 0, 0])
    assert (pitch @ ahead)[1] > 0.09 and (yaw @ ahead)[0] < -0.09 and (roll @ right)[1] > 0.09


@pytest.mark.parametrize(
    ("knob", "value", "said"),
    [
        ("gait", "wlak", "did you mean 'walk'?"),
        ("mount", "knee", "mount must be a known name, got 'knee'"),
        ("amount", -1, "amount must be in 0..5, got -1"),
        ("seed", -1, "seed must be in 0"),
        ("track", {"file": "a"}, "track must stand without gait and mount, got 'walk' besides"),
        ("knock", {"deg": 5}, "knock must have one of at_s and per_minute, got [] and 0"),
        ("knock", {"deg": 50, "per_minute": 3}, "knock.deg must be in 0..30, got 50"),
        ("knock", {"deg": 5, "per_minut": 3}, "did you mean 'per_minute'?"),
    ],
)
def test_what_is_refused_is_said_in_one_line(knob: str, value: object, said: str) -> None:
    with pytest.raises(ValueError) as refused:
        walk(**{knob: value})
    assert said in str(refused.value) and "\n" not in str(refused.value)
