"""The camera's motion, measured: row skew, streak length, what a stabiliser leaves, and warps that fuse."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augment.camera import motion
from augment.field import Field
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops import OPS, motion_blur
from augment.ops.lens import Picture
from tests.augment.examples import CHEST, WIDE, setting

SIZE = (848, 480)
PX_PER_RAD = SIZE[0] / WIDE[0]
"""In the middle of the lens."""
SWING_S = 1.0
PEAK_DEG = 8.0
PEAK_RAD_S = np.radians(PEAK_DEG) * 2 * np.pi / SWING_S
WALK = {"gait": "walk", "mount": "hand", "seed": 4}


def swinging(tmp_path: Path, axis: int, **changes: Any) -> Setting:
    """A camera that swings about one axis (pitch, yaw, roll) by 8 degrees a second: fastest at every whole second."""
    t_s = np.arange(0, 8, 0.005)
    rates = np.zeros((len(t_s), 3))
    rates[:, axis] = PEAK_RAD_S * np.cos(2 * np.pi * t_s / SWING_S)
    file = tmp_path / f"swing{axis}.csv"
    file.write_text(
        "t_s,x,y,z\n" + "\n".join(",".join(f"{v:.9f}" for v in (t, *r)) for t, r in zip(t_s, rates, strict=True))
    )
    paths = {"swing": {"track": {"file": "f" * 64}, "seed": 0}, "body": WALK}
    plain = {"fps": Fraction(20), "size_px": SIZE, "length": 80, "paths": paths, "files": {"f" * 64: file}}
    return setting(**{**plain, **changes})


MIDDLE = 40
"""The frame at 2 s."""


@pytest.mark.parametrize("upwards", [False, True])
@pytest.mark.parametrize("readout_s", [0.008, 0.022])
def test_row_skew_is_readout_times_angular_rate(readout_s: float, upwards: bool, tmp_path: Path) -> None:
    at = swinging(tmp_path, 1)
    ask = OPS["rolling_shutter"].op(path="swing", readout_s=readout_s, upwards=upwards, max_zoom=2).sampler(at)
    zoom = WIDE[0] / ask.camera.lens[0]
    y = np.array([220.0, 260.0])
    seen = ask(MIDDLE, np.stack([np.full(2, 424.0), y], axis=1))
    skew_px = (seen[1, 0] - seen[0, 0]) / 40 * (SIZE[1] - 1)
    wanted_px = -readout_s * PEAK_RAD_S * PX_PER_RAD  # a camera that turns left looks farther left on later rows
    assert skew_px == pytest.approx(-wanted_px if upwards else wanted_px, rel=0.02)
    assert 1 <= zoom < 1.2


def test_a_rolling_shutter_reads_the_same_path_as_the_shake() -> None:
    """Behind the shake, the row at the top is what the shake alone would show at the instant of that row."""
    at = setting(fps=Fraction(30), size_px=SIZE, length=60, paths={"body": WALK})
    shake = OPS["shake"].op(path="body", max_zoom=2).sampler(at)
    behind = setting(fps=at.fps, size_px=SIZE, length=60, paths=at.paths, camera=shake.camera)
    shutter = OPS["rolling_shutter"].op(path="body", readout_s=0.03, max_zoom=2).sampler(behind)
    xy = np.array([[300.0, 0.5], [500.0, 0.5], [424.0, 240.0]])
    both = shake(20, shutter(20, xy))
    way, picture = motion.along("body", at), Picture.of(at)
    zoom = WIDE[0] / shutter.camera.lens[0]
    instants = 20 / 30 + np.array([-0.015, -0.015, 0.0])
    turns = way.turns(instants, distance_m=4.0)
    wanted = np.stack(
        [picture.pixels(picture.rays(p[None], zoom=zoom) @ r.T)[0] for p, r in zip(xy, turns, strict=True)]
    )
    assert np.abs(both - wanted).max() < 0.1


def test_a_readout_longer_than_a_frame_is_refused() -> None:
    at = setting(fps=Fraction(30), paths={"body": WALK})
    with pytest.raises(ValueError, match=r"readout_s must not exceed a frame, 0.033333 s, got 0.04"):
        OPS["rolling_shutter"].op(path="body", readout_s=0.04).sampler(at)
    with pytest.raises(ValueError, match=r"exposure_s must not exceed a frame, 0.033333 s, got 0.05"):
        OPS["motion_blur"].op(path="body", exposure_s=0.05).painter(at)


def streak_px(picture: np.ndarray, axis: int) -> float:
    """Length of the only streak: that of a box of the same variance in linear light, less the point's own."""
    light = (picture[..., 1].astype(float) ** 2).sum(axis=axis)
    place = np.arange(len(light))
    mean = (light * place).sum() / light.sum()
    variance = (light * (place - mean) ** 2).sum() / light.sum()
    return float(np.sqrt(12 * max(variance - 1 / 12, 0)))


@pytest.mark.parametrize(("exposure_s", "axis"), [(1 / 40, 1), (1 / 20, 1), (1 / 40, 0), (1 / 25, 0)])
def test_a_streak_is_exposure_times_rate_times_focal_length(exposure_s: float, axis: int, tmp_path: Path) -> None:
    at = swinging(tmp_path, axis, size_px=(1696, 960))
    point = np.zeros((960, 1696, 3), np.uint8)
    point[480, 848] = 255
    seen = OPS["motion_blur"].op(path="swing", exposure_s=exposure_s).painter(at)(MIDDLE, point.copy())
    wanted_px = exposure_s * PEAK_RAD_S * 2 * PX_PER_RAD
    assert streak_px(seen, 0 if axis == 1 else 1) == pytest.approx(wanted_px, rel=0.05)
    light = (seen.astype(float) ** 2).sum() / (point.astype(float) ** 2).sum()
    assert light == pytest.approx(1, rel=0.05), "no light is lost"


def test_a_roll_streaks_the_edge_and_not_the_middle(tmp_path: Path) -> None:
    at = swinging(tmp_path, 2)
    paint = OPS["motion_blur"].op(path="swing", exposure_s=1 / 25).painter(at)
    lengths = []
    for x in (424, 624, 824):
        line = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        line[240, x] = 255
        lengths.append(streak_px(paint(MIDDLE, line), 1))
    wanted_px = PEAK_RAD_S / 25 * np.array([0, 200, 400])
    assert lengths[0] < 6 and lengths[1] == pytest.approx(wanted_px[1], rel=0.3)  # a tile has one streak
    assert lengths[2] == pytest.approx(wanted_px[2], rel=0.15)


def exact(frame: np.ndarray, at: Setting, t: int, exposure_s: float) -> np.ndarray:
    """33 sharp pictures of the exposure, averaged in squared codes."""
    way, picture, (width, height) = motion.along("body", at), Picture.of(at), at.size_px
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = picture.rays(np.stack([x.ravel(), y.ravel()], axis=1))
    now_s = t / float(at.fps)
    here, total = way.turns(np.array([now_s]), distance_m=4.0)[0], np.zeros(frame.shape)
    for part in (np.arange(33) + 0.5) / 33 - 0.5:
        turn = here.T @ way.turns(np.array([now_s + part * exposure_s]), distance_m=4.0)[0]
        maps = (picture.pixels(rays @ turn.T) - 0.5).reshape(height, width, 2).astype(np.float32)
        shown = cv2.remap(frame.astype(np.float32) ** 2, maps, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        total += shown / 33
    return np.sqrt(total)


@pytest.mark.parametrize("exposure_s", [1 / 100, 1 / 60, 1 / 30])
def test_a_blurred_picture_is_near_the_average_of_33(exposure_s: float) -> None:
    at = setting(fps=Fraction(30), size_px=(640, 360), length=30, paths={"body": {**WALK, "gait": "jog"}})
    y, x = np.mgrid[:360, :640]
    squares = (128 + 90 * np.sign(np.sin(x / 9) * np.sin(y / 7))).astype(np.uint8)
    frame = cv2.GaussianBlur(np.stack([squares, squares[::-1], squares[:, ::-1]], axis=2), (0, 0), 1.0)
    paint = OPS["motion_blur"].op(path="body", exposure_s=exposure_s).painter(at)
    for t in (7, 20):
        wanted = exact(frame, at, t, exposure_s)
        away, sharp = (np.sqrt(np.mean((p.astype(float) - wanted) ** 2)) for p in (paint(t, frame.copy()), frame))
        assert away < 0.4 * sharp or away < 1.5


def test_a_log_picture_is_blurred_in_linear_light(tmp_path: Path) -> None:
    """A lamp of 16 times white keeps its light: its streak is far brighter than in an average of codes."""
    at = swinging(tmp_path, 1)
    frame = np.full((SIZE[1], SIZE[0], 3), 300, np.uint16)
    frame[230:250, 424] = 800
    seen = OPS["motion_blur"].op(path="swing", exposure_s=1 / 25).painter(at)(MIDDLE, frame.copy())
    light = motion_blur._LOG_LIGHT[seen.astype(int)].sum() / motion_blur._LOG_LIGHT[frame.astype(int)].sum()
    assert seen.dtype == np.uint16 and light == pytest.approx(1, rel=0.01)
    flat = np.full_like(frame, 77)
    assert np.array_equal(OPS["motion_blur"].op(path="swing", exposure_s=1 / 25).painter(at)(MIDDLE, flat.copy()), flat)


def steadied(at: Setting, **knobs: Any) -> tuple[np.ndarray, np.ndarray]:
    """Degrees per frame (T - 1, 3) of the shaken camera and of the one behind the stabiliser."""
    shaken = motion.along("body", at).turns(motion.frames_s(at))
    view = OPS["stabilise"].op(path="body", **knobs).sampler(at)
    both = [shaken, shaken @ view.turns]
    return tuple(np.degrees(motion.vectors(np.swapaxes(w[:-1], 1, 2) @ w[1:])) for w in both)


@pytest.mark.parametrize("residual", [0.0, 0.12, 0.4])
def test_a_stabiliser_leaves_the_stated_share_of_motion(residual: float) -> None:
    at = setting(fps=Fraction(30), size_px=SIZE, length=300, paths={"body": WALK})
    before, after = steadied(at, residual=residual, crop=0.4)
    left = np.sqrt((after**2).mean() / (before**2).mean())
    assert left == pytest.approx(residual, abs=0.03), "and a little of the slow motion"


def test_a_stabilised_walk_moves_as_the_measured_one() -> None:
    """0.73 px a frame at 848 px across, hero7.mp4."""
    at = setting(fps=Fraction(30000, 1001), size_px=SIZE, length=300, paths={"body": WALK})
    _, after = steadied(at, crop=0.2)
    assert np.sqrt((np.radians(after[:, :2]) ** 2).sum(axis=1).mean()) * PX_PER_RAD == pytest.approx(0.73, rel=0.25)


def test_a_stabiliser_lets_go_before_it_would_show_the_edge() -> None:
    at = setting(fps=Fraction(30), size_px=SIZE, length=300, paths={"body": {**WALK, "gait": "run"}})
    view = OPS["stabilise"].op(path="body", crop=0.06).sampler(at)
    corners = np.array([[0.5, 0.5], [847.5, 0.5], [0.5, 479.5], [847.5, 479.5], [424, 0.5], [424, 479.5]])
    seen = np.stack([view(t, corners) for t in range(300)])
    assert (seen >= 0).all() and (seen <= SIZE).all()
    tight, wide = steadied(at, crop=0.06)[1], steadied(at, crop=0.4)[1]
    assert (tight**2).mean() > 2 * (wide**2).mean()
    moved = motion.vectors(view.turns)
    assert np.abs(np.diff(moved, n=2, axis=0)).max() < np.radians(6), "and does so smoothly"


@pytest.mark.parametrize("wobble", [0.0, 0.5, 1.0])
def test_a_stabiliser_leaves_its_share_of_the_skew(wobble: float, tmp_path: Path) -> None:
    at = swinging(tmp_path, 1)
    shutter = OPS["rolling_shutter"].op(path="swing", readout_s=0.02, max_zoom=2).sampler(at)
    behind = swinging(tmp_path, 1, camera=shutter.camera)
    view = OPS["stabilise"].op(path="swing", readout_s=0.02, wobble=wobble, crop=0.3, residual=1).sampler(behind)
    seen = shutter(MIDDLE, view(MIDDLE, np.array([[424.0, 220.0], [424.0, 260.0]])))
    skew_px = (seen[1, 0] - seen[0, 0]) / 40 * SIZE[1] / 0.7 / 1
    assert skew_px == pytest.approx(-wobble * 0.02 * PEAK_RAD_S * PX_PER_RAD, abs=0.6)


def test_the_camera_is_one_warp_that_stays_inside() -> None:
    at = setting(
        fps=Fraction(30),
        size_px=SIZE,
        length=90,
        paths={"body": {**WALK, "mount": "chest"}},
        camera=CameraState(lens=WIDE),
    )
    samplers, here = [], at
    for name, knobs in (
        ("shake", {"path": "body", "max_zoom": 2}),
        ("lens", {"target": CHEST, "max_zoom": 2}),
        ("rolling_shutter", {"path": "body", "readout_s": 0.02}),
        ("stabilise", {"path": "body", "readout_s": 0.02}),
    ):
        samplers.append(OPS[name].op(**knobs).sampler(here))
        here = setting(fps=at.fps, size_px=SIZE, length=90, paths=at.paths, camera=samplers[-1].camera)
    fused = Field(samplers=samplers, size_in_px=SIZE, size_out_px=SIZE)
    assert max(fused.outside_px(t) for t in range(0, 90, 3)) <= 0.5


@pytest.mark.parametrize("name", ["shake", "rolling_shutter", "stabilise", "motion_blur"])
def test_what_the_camera_state_says_is_done_is_refused(name: str) -> None:
    assert OPS[name].adds, "the law over the table refuses a second one"
