"""Crop, rotate, reframe: whole pixels, the least zoom, bars in which nothing is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augment.field import Field
from augment.footage import Labels
from augment.labels import carry
from augment.ops import OPS
from augment.ops.reframe import ASPECTS
from augment.seating import Invalid
from tests.augment import drawn
from tests.augment.examples import setting
from tests.augment.test_chain import made, misses_px

Array = np.ndarray
RNG = np.random.default_rng(4)
NOISE = RNG.integers(0, 256, (90, 160, 3), dtype=np.uint8)
SMOOTH = cv2.GaussianBlur(NOISE, (0, 0), 3)


def field_of(name: str, size_px: tuple[int, int], **knobs: Any) -> Field:
    """The op alone, as the chain would do it."""
    op, at = OPS[name].op(**knobs), setting(size_px=size_px, length=4)
    framed = hasattr(op, "shows")
    return Field(
        samplers=[op.sampler(at)],
        size_in_px=size_px,
        size_out_px=op.out_size(at),
        shows_px=op.shows(at) if framed else None,
        surround=op.surround(at) if framed else None,
    )


def size_of(picture: Array) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]


# ------------------------------------------------------------------------------------------------ crop


@pytest.mark.parametrize(("centre", "corner"), [((0.5, 0.5), (20, 9)), ((0, 0), (0, 0)), ((1, 1), (40, 18))])
def test_a_crop_is_the_pixels_themselves(centre: tuple[float, float], corner: tuple[int, int]) -> None:
    cut = field_of("crop", (160, 90), width=0.75, height=0.8, centre_x=centre[0], centre_y=centre[1])
    x, y = corner
    assert np.array_equal(cut.warped(0, NOISE), NOISE[y : y + 72, x : x + 120])


def test_a_crop_that_leaves_too_little_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"ops\[0\] \(crop\): crop must leave 16 px of each side, got \[32, 10\]"):
        made(drawn.discs(size_px=(320, 96), seconds=0.2), [{"op": "crop", "width": 0.1, "height": 0.1}], tmp_path / "a")


# ------------------------------------------------------------------------------------------------ rotate


@pytest.mark.parametrize(
    ("turn_deg", "code"),
    [(90, cv2.ROTATE_90_CLOCKWISE), (180, cv2.ROTATE_180), (270, cv2.ROTATE_90_COUNTERCLOCKWISE)],
)
def test_a_quarter_turn_moves_whole_pixels(turn_deg: int, code: int) -> None:
    turned = field_of("rotate", (160, 90), turn_deg=turn_deg)
    assert np.array_equal(turned.warped(0, NOISE), cv2.rotate(NOISE, code))


@pytest.mark.parametrize("size_px", [(160, 90), (90, 160), (120, 120)])
@pytest.mark.parametrize("roll_deg", [-12, -1, 3, 20])
def test_a_roll_turns_by_its_angle_and_zooms_no_more_than_it_must(roll_deg: float, size_px: tuple[int, int]) -> None:
    rolled, (w, h) = field_of("rotate", size_px, roll_deg=roll_deg), size_px
    corners = rolled.sample(0, np.array([[0.5, 0.5], [w - 0.5, 0.5], [w - 0.5, h - 0.5], [0.5, h - 0.5]]))
    beyond = np.minimum(corners - 0.5, (w - 0.5, h - 0.5) - corners)
    assert np.abs(beyond.min()) < 1e-6, "the farthest corner touches the picture's edge"
    # a line to the right of the middle is seen turned clockwise, that is down
    right = rolled.forward(0, np.array([[w / 2, h / 2], [w / 2 + 10, h / 2]]))
    assert np.rad2deg(np.arctan2(*(right[1] - right[0])[::-1])) == pytest.approx(roll_deg, abs=0.05)


def test_a_roll_over_time_keeps_one_zoom() -> None:
    knobs = {"roll_deg": {"wave": {"mean": 0, "amplitude": 6, "period_s": 0.7}}}
    at = setting(size_px=(160, 90), length=20)
    ask = OPS["rotate"].op(**knobs).sampler(at)
    line = np.array([[80.0, 45.0], [120.0, 45.0]])
    lengths = [float(np.hypot(*np.diff(ask(t, line), axis=0)[0])) for t in range(20)]
    angles = [float(np.arctan2(*np.diff(ask(t, line), axis=0)[0][::-1])) for t in range(20)]
    assert np.ptp(lengths) < 1e-9 and np.ptp(angles) > np.deg2rad(6)


# ------------------------------------------------------------------------------------------------ reframe


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("size_px", [(1920, 1080), (1080, 1920), (640, 480), (848, 480)])
@pytest.mark.parametrize("fit", ["crop", "black"])
def test_a_frame_has_its_aspect_and_shows_as_much_as_it_can(fit: str, size_px: tuple[int, int], aspect: str) -> None:
    op, at = OPS["reframe"].op(aspect=aspect, fit=fit), setting(size_px=size_px)
    (w, h), (x0, y0, x1, y1) = op.out_size(at), op.shows(at)
    assert w / h == pytest.approx(ASPECTS[aspect], rel=2.5 / min(w, h)) and not w % 2 and not h % 2
    if fit == "crop":
        assert (x0, y0, x1, y1) == (0, 0, w, h)
        assert abs(w - size_px[0]) < 2 or abs(h - size_px[1]) < 2, "no larger window fits"
        assert w <= size_px[0] and h <= size_px[1]
        return
    assert min(w, h) == min(size_px), "the short side stays"
    assert (x1 - x0 == w or y1 - y0 == h) and x0 >= 0 and x1 <= w and y0 >= 0 and y1 <= h
    assert (x1 - x0) / (y1 - y0) == pytest.approx(size_px[0] / size_px[1], rel=2.5 / min(x1 - x0, y1 - y0))
    assert abs(x0 - (w - x1)) <= 1 and abs(y0 - (h - y1)) <= 1, "in the middle"


def test_the_picture_stands_whole_between_black_bars() -> None:
    framed = field_of("reframe", (160, 90), aspect="1:1", fit="black")
    shown = framed.warped(0, SMOOTH)
    assert size_of(shown) == (90, 90) and framed.window_px == (0, 20, 90, 70)
    assert not shown[:20].any() and not shown[70:].any()
    like = cv2.resize(SMOOTH, (90, 50), interpolation=cv2.INTER_LINEAR)
    assert np.abs(shown[20:70].astype(int) - like).max() <= 2


def test_blurred_bars_are_the_picture_dimmed_without_its_detail() -> None:
    size_px = (640, 360)
    picture = cv2.resize(SMOOTH, size_px, interpolation=cv2.INTER_CUBIC)
    fine = np.clip(picture + RNG.normal(0, 20, picture.shape), 0, 255).astype(np.uint8)
    framed = field_of("reframe", size_px, aspect="9:16", fit="blurred", dim=0.5)
    shown, (_, y0, _, y1) = framed.warped(0, fine).astype(float), framed.window_px
    bars = np.concatenate([shown[:y0], shown[y1:]])
    assert bars.mean() == pytest.approx(0.5 * fine.mean(), rel=0.1)
    rough, smooth = (np.abs(np.diff(part, axis=1)).mean() for part in (shown[y0:y1], bars[:y0]))
    assert rough > 5 and smooth < 1
    assert np.array_equal(framed.warped(0, fine), framed.warped(0, fine))


def test_a_following_window_stays_in_the_picture() -> None:
    at = setting(size_px=(320, 180), length=30)
    op = OPS["reframe"].op(aspect="9:16", centre_x={"walk": {"low": 0, "high": 1, "rate": 2}})
    w, _ = op.out_size(at)
    left = np.array([op.sampler(at)(t, np.array([[0.0, 0.0]]))[0, 0] for t in range(30)])
    assert left.min() >= 0 and left.max() <= 320 - w and np.ptp(left) > 40


# ------------------------------------------------------------------------------------------------ labels


@pytest.mark.parametrize("masks", [False, True], ids=["boxes", "masks"])
def test_nothing_is_labelled_in_bars(masks: bool) -> None:
    """What a warp before the bars moved out of the picture would have its place in them."""
    clip = drawn.discs(seconds=0.2, size_px=(320, 180), masks=masks)
    moved = Field(samplers=[lambda t, xy: xy + np.array([0, 95])], size_in_px=(320, 180), size_out_px=(320, 180))
    bars = field_of("reframe", (320, 180), aspect="1:1", fit="black")
    both = Field(
        samplers=[*moved.samplers, *bars.samplers],
        size_in_px=(320, 180),
        size_out_px=bars.size_out_px,
        shows_px=bars.shows_px,
        surround=bars.surround,
    )
    _, y0, _, y1 = bars.window_px
    boxes = carry.through_warp(clip.labels, both, fps=clip.fps).tracks
    assert len(boxes.frame) and (boxes.box_px[:, 1] >= y0 - 1e-3).all() and (boxes.box_px[:, 3] <= y1 + 1e-3).all()
    assert boxes.in_frame.min() < 0.9, "some have been cut, so the law was tried"
    alone = carry.through_warp(clip.labels, moved, fps=clip.fps).tracks
    assert np.allclose(boxes.in_frame, alone.in_frame, atol=0.03)


@pytest.mark.parametrize("masks", [False, True], ids=["boxes", "masks"])
@pytest.mark.parametrize("fit", ["black", "blurred"])
def test_labels_follow_through_bars_and_what_comes_after(fit: str, masks: bool, tmp_path: Path) -> None:
    """A zoom into a frame with bars must not reach behind them: bars end a fused group."""
    ops = [
        {"op": "zoom", "factor": 1.1},
        {"op": "reframe", "aspect": "1:1", "fit": fit},
        {"op": "zoom", "factor": 1.3, "centre_x": 0.55},
        {"op": "rotate", "turn_deg": 90, "roll_deg": 3},
    ]
    out = made(drawn.discs(seconds=0.5, size_px=(640, 360), masks=masks), ops, tmp_path / "out.mp4")
    assert out.size_px == (360, 360)
    away = misses_px(out)
    assert len(away) >= 5 and max(away) < 1.5
    if fit == "black":
        first = next(iter(out.frames()))
        assert first[150:210, :20].max() < 24, "bars stand left and right of a picture that lies on its side"


def test_labels_without_tracks_go_through() -> None:
    framed = field_of("reframe", (160, 90), aspect="1:1", fit="black")
    assert carry.through_warp(Labels(), framed, fps=Fraction(10)).tracks.box_px.shape == (0, 4)
