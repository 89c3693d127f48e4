"""Laws of sound: what is heard agrees with the cues, the distance and the room."""

from dataclasses import replace

import numpy as np
import pytest

from scenes.compose import compose
from scenes.mesh import Array
from scenes.shot import Shot, Sound
from scenes.sound import KINDS, RATE_HZ, SOUND_MPS, hear
from tests.scenes.scenarios import demo

QUIET = replace(compose(demo(cast=0, seconds=2.0)), sounds=())


def heard(*cues: Sound, shot: Shot = QUIET) -> Array:
    return np.asarray(hear(replace(shot, sounds=cues))[0][:, 0])


def onset_s(samples: Array) -> float:
    """The first sample above a twentieth of the peak."""
    return float((np.abs(samples) > 0.05 * np.abs(samples).max()).argmax() / RATE_HZ)


@pytest.mark.parametrize("kind", ["footstep", "impulse"])
@pytest.mark.parametrize("at_s", [0.25, 1.0, 1.4321])
def test_clicks_within_five_milliseconds(kind: str, at_s: float) -> None:
    assert onset_s(heard(Sound(kind=kind, t_s=at_s))) == pytest.approx(at_s, abs=0.005)


@pytest.mark.parametrize("metres", [2.0, 6.0])
def test_far_things_are_later_and_softer(metres: float) -> None:
    x, y, z = QUIET.world_from_cam[QUIET.keys // 2, :3, 3]
    near = heard(Sound(kind="impulse", t_s=0.5, gain=0.2))
    far = heard(Sound(kind="impulse", t_s=0.5, gain=0.2, position_m=(x + metres, y, z)))
    walked = float(np.ptp(QUIET.world_from_cam[:, 0, 3]))
    late_s = onset_s(far) - onset_s(near)
    assert late_s == pytest.approx(metres / SOUND_MPS, abs=0.005 + walked / SOUND_MPS)
    assert np.abs(far).max() < np.abs(near).max()


def test_bigger_rooms_ring_longer() -> None:
    def tail(room_m: tuple[float, float, float]) -> float:
        samples = heard(Sound(kind="impulse", t_s=0.1), shot=replace(QUIET, room_m=room_m))
        after = samples[round(0.5 * RATE_HZ) :]
        return float((after**2).sum() / (samples**2).sum())

    assert tail((30.0, 12.0, 8.0)) > 3 * tail((6.0, 2.0, 2.4))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_heard_and_repeats(kind: str) -> None:
    cue = Sound(kind=kind, t_s=0.3, seconds=0.8)
    one, other = heard(cue), heard(cue)
    assert np.array_equal(one, other)
    assert one.dtype == np.float32
    assert 1e-4 < np.abs(one).max() <= 1
    assert np.isfinite(one).all()


def test_twins_sound_alike_but_for_the_impulse() -> None:
    prop, tool = (compose(demo(held=held, cast=1, seconds=7.0)) for held in ("prop_long", "torch"))
    assert any(s.kind == "impulse" for s in prop.sounds)
    quiet = replace(prop, sounds=tuple(s for s in prop.sounds if s.kind != "impulse"))
    assert np.array_equal(hear(quiet)[0], hear(tool)[0])


def test_footsteps_of_others_are_heard_where_they_fall() -> None:
    shot = compose(demo(cast=2, seconds=6.0, venue_knobs={"length_m": 20.0}))
    people = [f.root_m for f in shot.figures if f.role == "role_player"]
    steps = [s for s in shot.sounds if s.kind == "footstep" and s.position_m and s.t_s > 0]
    assert steps
    for step in steps:
        key = round((step.t_s * float(shot.fps) + 1) * shot.keys_per_frame)
        assert min(np.hypot(*(root[key, :2] - step.position_m[:2])) for root in people) < 0.1


def test_length_is_the_clip_s_to_the_sample() -> None:
    shot = compose(demo(cast=1, seconds=1.0))
    samples, rate = hear(shot)
    assert samples.shape == (rate, 1)


def test_footsteps_are_heard_at_the_heel_strikes() -> None:
    shot = compose(demo(cast=0, seconds=3.0))
    steps = [s.t_s for s in shot.sounds if s.kind == "footstep"]
    assert len(steps) >= 4
    samples = np.abs(hear(replace(shot, sounds=tuple(s for s in shot.sounds if s.kind == "footstep")))[0][:, 0])
    for at_s in steps:
        start = round(at_s * RATE_HZ)
        before, after = samples[max(start - 960, 0) : start], samples[start : start + 480]
        assert after.max() > 3 * (before.max() if len(before) else 0)
