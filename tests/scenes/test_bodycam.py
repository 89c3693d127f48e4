"""Laws of the wearer's camera: it moves at step and stride frequency, by as much as was measured."""

import numpy as np
import pytest

from scenes.bodycam import GAITS, MOUNTS, Wearing, worn
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.motion.steps import Leg, Stand, walk

RATE_HZ, STEP_HZ = 120, 1.9
T_S = np.arange(0, 30, 1 / RATE_HZ)


def wearing(gait: str, mount: str, seed: int = 0) -> Wearing:
    """Forty steps down a long way at 1.9 Hz."""
    start = Stand(xy_m=(0.0, 0.0), heading_rad=0.0)
    leg = Leg(start_s=1.0, cadence_hz=STEP_HZ, steps=50, start=start, end=Stand(xy_m=(35.0, 0.0), heading_rad=0.0),
              heading_rad=0.0)  # fmt: skip
    way = walk([leg] if gait != "stand" else [], start, T_S)
    return worn(way, T_S, gait=GAITS[gait], mount=MOUNTS[mount], stature_m=1.75, rng=lane(seed, "camera"))


def steady(x: Array) -> Array:
    """The middle of the walk, without its mean."""
    part = x[(T_S > 4) & (T_S < 24)]
    return np.asarray(part - part.mean(axis=0))


def peak_hz(x: Array) -> float:
    """Where the spectrum is highest above 0.6 Hz; below it lies sway."""
    spectrum = np.abs(np.fft.rfft(steady(x) * np.hanning(len(steady(x)))))
    hz = np.fft.rfftfreq(len(steady(x)), 1 / RATE_HZ)
    return float(hz[np.where(hz > 0.6, spectrum, 0).argmax()])


def rates_deg_s(world_from_cam: Array) -> Array:
    """(K, 3) angular rate about the camera's right, up and back axes, degrees per second."""
    turn = world_from_cam[:, :3, :3]
    step = np.swapaxes(turn, 1, 2) @ np.concatenate([turn[1:], turn[-1:]])
    skew = np.stack([step[:, 2, 1] - step[:, 1, 2], step[:, 0, 2] - step[:, 2, 0], step[:, 1, 0] - step[:, 0, 1]], 1)
    return np.degrees(skew / 2 * RATE_HZ)


def test_vertical_at_step_and_lateral_at_stride() -> None:
    place = wearing("walk", "chest").world_from_cam[:, :3, 3]
    assert peak_hz(place[:, 2]) == pytest.approx(STEP_HZ, abs=0.08)
    assert peak_hz(place[:, 1]) == pytest.approx(STEP_HZ / 2, abs=0.08)
    assert 0.035 < np.ptp(steady(place[:, 2])) < 0.075


def test_yaw_at_stride_and_pitch_at_step() -> None:
    view = -wearing("walk", "chest").world_from_cam[:, :3, 2]
    assert peak_hz(np.arctan2(view[:, 1], view[:, 0])) == pytest.approx(STEP_HZ / 2, abs=0.08)
    assert peak_hz(view[:, 2]) == pytest.approx(STEP_HZ, abs=0.08)


@pytest.mark.parametrize("seed", range(3))
def test_angular_rates_within_what_was_measured(seed: int) -> None:
    """Slow and brisk walk on a chest: pitch 6.9..21.2, yaw 9.7..14.4, roll 5.2..16.8 deg/s rms; ours +-25 %."""
    rate = steady(rates_deg_s(wearing("walk", "chest", seed).world_from_cam))
    pitch, yaw, roll = np.sqrt((rate**2).mean(axis=0))
    assert 5.2 < pitch < 26
    assert 7.3 < yaw < 18
    assert 3.9 < roll < 21


def test_heel_strikes_ring_between_five_and_ten_hertz() -> None:
    rate = rates_deg_s(wearing("walk", "chest").world_from_cam)[:, 0]
    spectrum = np.abs(np.fft.rfft(steady(rate))) ** 2
    hz = np.fft.rfftfreq(len(steady(rate)), 1 / RATE_HZ)
    band = spectrum[(hz > 4.5) & (hz < 10)].sum()
    assert band > 0.05 * spectrum.sum()
    assert spectrum[hz > 15].sum() < 0.05 * spectrum.sum()


def test_a_head_turns_less_with_the_steps_and_looks_about_more() -> None:
    chest, head = (wearing("walk", m).world_from_cam for m in ("chest", "head"))
    pitch = [np.std(steady(-w[:, 2, 2])) for w in (chest, head)]
    yaw = [np.std(steady(np.arctan2(-w[:, 1, 2], -w[:, 0, 2]))) for w in (chest, head)]
    assert pitch[1] < pitch[0]
    assert yaw[1] > 1.5 * yaw[0]


def test_standing_sways_by_less_than_a_centimetre() -> None:
    place = wearing("stand", "chest").world_from_cam[:, :3, 3]
    assert 0.0005 < np.ptp(place, axis=0).max() < 0.03
    assert np.std(place, axis=0).max() < 0.01


def test_fixed_stands_still() -> None:
    assert np.ptp(wearing("stand", "fixed").world_from_cam.reshape(len(T_S), -1), axis=0).max() < 1e-9


@pytest.mark.parametrize("mount", MOUNTS)
def test_still_path_has_no_shake(mount: str) -> None:
    assert np.ptp(wearing("walk", mount).world_from_still[:, 2, 3]) < 1e-9
