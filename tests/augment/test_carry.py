"""Laws of carrying: a field and its inverse agree, boxes and masks agree, events and sound keep their time."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from augment.field import SLACK_PX, Field
from augment.footage import Audio, Event, Labels
from augment.kinds import TimeMap
from augment.labels import carry, masks, retime
from augment.sound import recut
from tests.augment import drawn

SIZE = (320, 180)
HALF = np.asarray(SIZE) / 2


def turned(degrees: float, zoom: float) -> Any:
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return lambda t, xy: (xy - HALF) @ np.array([[c, s], [-s, c]]) / zoom + HALF


def bent(t: int, xy: Any) -> Any:
    """A barrel that grows with time, and stays inside."""
    plane = (xy - HALF) / SIZE[0]
    return plane * (0.8 + (0.1 + 0.05 * t) * (plane**2).sum(axis=1, keepdims=True)) * SIZE[0] + HALF


def mirrored(t: int, xy: Any) -> Any:
    return np.stack([SIZE[0] - xy[:, 0], xy[:, 1]], axis=1)


FIELDS = {
    "turn": [turned(9, 1.4)],
    "barrel": [bent],
    "mirror": [mirrored],
    "three": [turned(-5, 1.2), mirrored, bent],
    "half turn": [turned(180, 1.0)],
}


def field_of(name: str) -> Field:
    return Field(samplers=FIELDS[name], size_in_px=SIZE, size_out_px=SIZE)


@pytest.mark.parametrize("name", FIELDS)
def test_the_inverse_of_a_field_is_its_inverse(name: str) -> None:
    field = field_of(name)
    seen_at = np.random.default_rng(1).uniform((0, 0), SIZE, (200, 2))
    for t in (0, 3):
        assert np.abs(field.forward(t, field.sample(t, seen_at)) - seen_at).max() < 0.05


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("size_px", [(64, 36), (320, 180), (1280, 720)])
def test_the_coarse_grid_is_as_good_as_asking_for_every_pixel(name: str, size_px: tuple[int, int]) -> None:
    scale = np.asarray(size_px) / SIZE
    scaled = [lambda t, xy, f=f: f(t, xy / scale) * scale for f in FIELDS[name]]
    field = Field(samplers=scaled, size_in_px=size_px, size_out_px=size_px)
    y, x = np.indices((size_px[1], size_px[0])) + 0.5
    exact = field.sample(2, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(*x.shape, 2) - 0.5
    assert np.abs(field.dense(2) - exact).max() < 0.06


def test_a_field_that_does_nothing_hands_the_frame_through() -> None:
    frame = next(drawn.discs().frames())
    field = Field(samplers=[turned(180, 1.0), turned(180, 1.0)], size_in_px=SIZE, size_out_px=SIZE)
    assert field.warped(0, frame) is frame


def test_how_far_outside_a_field_reaches_is_measured() -> None:
    inside, outside = (Field(samplers=[turned(0, z)], size_in_px=SIZE, size_out_px=SIZE) for z in (1.0, 0.9))
    assert inside.outside_px(0) <= 0 < SLACK_PX
    assert outside.outside_px(0) == pytest.approx(160 / 0.9 - 160, abs=1)


@pytest.mark.parametrize("name", FIELDS)
def test_boxes_and_masks_come_to_the_same(name: str) -> None:
    """Boxes of discs from the masks and from the boxes alone differ by what a turned box is larger than a turned disc."""
    footage = drawn.discs(seconds=0.3, masks=True)
    masks = footage.labels
    boxes = replace(masks, tracks=replace(masks.tracks, mask=None))
    one, two = (carry.through_warp(labels, field_of(name), fps=footage.fps).tracks for labels in (masks, boxes))
    assert np.array_equal(one.frame, two.frame) and np.array_equal(one.track, two.track)
    centres = [(t.box_px[:, :2] + t.box_px[:, 2:]) / 2 for t in (one, two)]
    assert np.abs(centres[0] - centres[1]).max() < 1.5
    assert (one.box_px[:, :2] > two.box_px[:, :2] - 1.5).all() and (one.box_px[:, 2:] < two.box_px[:, 2:] + 1.5).all()


@pytest.mark.parametrize("masks", [True, False])
@pytest.mark.parametrize("shift_px", [-400, -120, -60, 0])
def test_the_share_in_the_frame_is_the_share_of_the_area(masks: bool, shift_px: int) -> None:
    """Shifted to the left, the parts of the square [100, 140) that pass x = 0 are out."""
    footage = drawn.discs(seconds=0.1, masks=True)
    tracks = footage.labels.tracks
    square = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    square[50:90, 100:140] = 1
    row = replace(
        tracks.rows(np.array([0])),
        box_px=np.array([[100, 50, 140, 90]], np.float32),
        visible=np.array([0.5], np.float32),
        in_frame=np.array([1.0], np.float32),
        mask=(drawn._rle(square),) if masks else None,
    )
    field = Field(samplers=[lambda t, xy: xy - (shift_px, 0)], size_in_px=SIZE, size_out_px=SIZE)
    after = carry.through_warp(Labels(tracks=row), field, fps=Fraction(10)).tracks
    share = np.clip((140 + shift_px) / 40, 0, 1)
    if share == 0:
        assert len(after.frame) == 0
        return
    assert after.in_frame[0] == pytest.approx(share, abs=0.03)
    assert after.visible[0] == pytest.approx(0.5 * share, abs=0.03)
    assert after.box_px[0] == pytest.approx([max(0, 100 + shift_px), 50, 140 + shift_px, 90], abs=0.6)


@pytest.mark.parametrize("masks", [True, False])
def test_a_thing_that_is_wholly_covered_keeps_its_box_through_a_warp(masks: bool) -> None:
    footage = drawn.discs(seconds=0.1, masks=masks)
    everything = np.ones((SIZE[1], SIZE[0]), bool)
    covered = carry.under_cover(footage.labels, lambda t: everything, size_px=SIZE, fps=footage.fps)
    after = carry.through_warp(covered, field_of("mirror"), fps=footage.fps).tracks
    x0, y0, x1, y1 = footage.labels.tracks.box_px.T
    assert np.allclose(after.box_px, np.stack([SIZE[0] - x1, y0, SIZE[0] - x0, y1], axis=1), atol=0.05)
    assert (after.visible == 0).all() and np.allclose(after.in_frame, 1)


@pytest.mark.parametrize("size_px", [(160, 90), (80, 45), (640, 360), (200, 112)])
def test_masks_and_boxes_are_scaled_alike(size_px: tuple[int, int]) -> None:
    """Centres of mass: half a pixel of the frame before is what a scaled picture is easily off by."""
    rng, mask = np.random.default_rng(2), np.zeros((SIZE[1], SIZE[0]), np.uint8)
    away = []
    for _ in range(40):
        x, y, w, h = rng.integers((0, 0, 40, 40), (200, 100, 100, 80))
        mask[:] = 0
        mask[y : y + h, x : x + w] = 1
        before = drawn.discs(seconds=0.1, masks=True).labels.tracks
        box = np.array([[x, y, x + w, y + h]], np.float32)
        row = replace(before.rows(np.array([0])), box_px=box, mask=(masks.rle(mask),))
        time_map = retime.rate_map(1, Fraction(10), Fraction(10))
        labels = Labels(tracks=row)
        after = carry.fitted_labels(labels, time_map, fps=Fraction(10), before_px=SIZE, after_px=size_px).tracks
        assert after.mask is not None
        columns, rows = np.nonzero(masks.dense(after.mask[0], size_px).T)
        seen = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
        away.append(seen - (after.box_px[0, :2] + after.box_px[0, 2:]) / 2)
    assert np.abs(np.mean(away, axis=0)).max() < 0.12, "no bias to one side"


@pytest.mark.parametrize("name", FIELDS)
def test_joints_follow_and_change_sides_in_a_mirror(name: str) -> None:
    """The left eye is drawn right of the nose; in a mirror the one there is called left again."""
    footage, field = drawn.discs(seconds=0.3), field_of(name)
    before = footage.labels.tracks.keypoints_px
    after = carry.through_warp(footage.labels, field, fps=footage.fps).tracks
    assert before is not None and after.keypoints_px is not None
    mirrors = name in ("mirror", "three")
    assert field.mirrors(0) == mirrors
    for row in range(len(after.frame)):
        t, (nose, left, right) = int(after.frame[row]), after.keypoints_px[row, :3]
        assert np.abs(field.sample(t, nose[None, :2]) - before[row, 0, :2]).max() < 0.05
        drawn_left = before[row, 2 if mirrors else 1, :2]
        assert np.abs(field.sample(t, left[None, :2]) - drawn_left).max() < 0.05
        assert (left[0] > right[0]) == (name != "half turn")
        assert not after.keypoints_px[row, 3:].any(), "what nobody knows stays unknown"


def test_a_joint_outside_the_frame_is_unknown_and_one_below_a_cover_occluded() -> None:
    labels = drawn.discs(seconds=0.1).labels
    x, y, _ = labels.tracks.keypoints_px[0, 0]
    moved = Field(samplers=[lambda t, xy: xy + np.array([x + 2, 0])], size_in_px=SIZE, size_out_px=SIZE)
    gone = carry.through_warp(labels, moved, fps=Fraction(10)).tracks.keypoints_px[0]
    assert gone[0].tolist() == [0, 0, 0] and gone[1, 2] == 2, "the nose is outside, the eye farther right is not"
    cover = np.zeros((SIZE[1], SIZE[0]), bool)
    cover[int(y), int(x)] = True
    below = carry.under_cover(labels, lambda t: cover, size_px=SIZE, fps=Fraction(10)).tracks.keypoints_px[0]
    assert below[0].tolist() == [x, y, 1] and below[1, 2] == 2 and below[3, 2] == 0


@pytest.mark.parametrize("bars", [(0, 0, 320, 180), (100, 0, 320, 180)])
def test_no_joint_lies_in_a_bar(bars: tuple[int, int, int, int]) -> None:
    labels = drawn.discs(seconds=0.1).labels
    field = Field(samplers=[lambda t, xy: xy], size_in_px=SIZE, size_out_px=SIZE, shows_px=bars)
    shown = carry.through_warp(labels, field, fps=Fraction(10)).tracks
    known = shown.keypoints_px[shown.keypoints_px[..., 2] > 0]
    assert (known[:, 0] >= bars[0]).all() and len(known) == (9 if bars[0] == 0 else 7), "a nose lies at 96 px"


# ------------------------------------------------------------------------------------------------ time


def test_no_event_outlasts_a_clip_whose_rate_was_rounded_down() -> None:
    time_map = retime.rate_map(7, Fraction(10), Fraction(3))
    events = (replace(EVENT, onset_s=0.1, offset_s=0.7), replace(EVENT, onset_s=0.68, offset_s=0.7))
    (after,) = retime.through_time(Labels(events=events), time_map, fps=Fraction(10)).events
    assert (after.onset_s, after.offset_s) == (0.1, pytest.approx(len(time_map.picks) / 3))


def cut(*stretches: tuple[float, float, float], fps: int = 10) -> TimeMap:
    """Stretches of a 10 frames/s clip, played at `fps`."""
    picks: list[int] = []
    for start_s, stop_s, speed in stretches:
        count = round((stop_s - start_s) / speed * fps)
        picks += [int((start_s + n / fps * speed) * 10 + 1e-6) for n in range(count)]
    return TimeMap(picks=np.array(picks), fps=Fraction(fps), cuts=stretches)


EVENT = Event(type="walk", onset_s=2.0, offset_s=3.0, visible=True)


@pytest.mark.parametrize(
    ("stretches", "span"),
    [
        (((0, 5, 1),), (2.0, 3.0)),
        (((1, 5, 1),), (1.0, 2.0)),
        (((0, 2.5, 1),), (2.0, 2.5)),
        (((2.5, 5, 1),), (0.0, 0.5)),
        (((0, 2, 1),), None),
        (((3, 5, 1),), None),
        (((0, 5, 2),), (1.0, 1.5)),
        (((0, 5, 0.5),), (4.0, 6.0)),
        (((0, 1, 1), (2, 5, 1)), (1.0, 2.0)),
        (((0, 2.5, 1), (2.7, 5, 1)), (2.0, 2.8)),
        (((0, 2, 2), (2, 5, 0.5)), (1.0, 3.0)),
    ],
)
def test_events_follow_the_cuts(stretches: Any, span: tuple[float, float] | None) -> None:
    after = retime.through_time(Labels(events=(EVENT,)), cut(*stretches), fps=Fraction(10)).events
    assert [(pytest.approx(e.onset_s), pytest.approx(e.offset_s)) for e in after] == ([span] if span else [])


@pytest.mark.parametrize("fps", [5, 10, 25])
@pytest.mark.parametrize("speed", [0.5, 1, 2])
def test_the_first_frame_that_shows_an_event_is_within_half_a_frame_of_its_onset(fps: int, speed: float) -> None:
    time_map = cut((0, 5, speed), fps=fps)
    (after,) = retime.through_time(Labels(events=(EVENT,)), time_map, fps=Fraction(10)).events
    shown_s = time_map.picks / 10
    first_s = np.flatnonzero(shown_s >= 2.0 - 1e-9)[0] / fps
    assert abs(first_s - (after.observable_from_s or after.onset_s)) <= max(0.5 / fps, 0.05 / speed) + 1 / fps


@settings(max_examples=40, deadline=None)
@given(picks=st.lists(st.integers(0, 29), min_size=1, max_size=60).map(sorted))
def test_rows_and_poses_are_those_of_the_frame_that_is_shown(picks: list[int]) -> None:
    labels = drawn.discs(seconds=3).labels
    time_map = TimeMap(picks=np.array(picks), fps=Fraction(10), cuts=((0, 3, 1),))
    after = retime.through_time(labels, time_map, fps=Fraction(10))
    assert after.tracks.frame.tolist() == np.repeat(np.arange(len(picks)), 3).tolist()
    for n, pick in enumerate(picks):
        there, here = labels.tracks.frame == pick, after.tracks.frame == n
        assert np.array_equal(labels.tracks.box_px[there], after.tracks.box_px[here])
    assert after.world_from_cam is not None and after.world_from_cam[:, 0, 3].tolist() == picks


def test_two_time_maps_are_their_composition() -> None:
    labels = replace(drawn.discs(seconds=3).labels, events=(replace(EVENT, onset_s=0.5, offset_s=2.5),))
    first, second = cut((0.5, 2.5, 1)), cut((0.5, 1.5, 1))
    both = retime.through_time(retime.through_time(labels, first, fps=Fraction(10)), second, fps=Fraction(10))
    at_once = retime.through_time(labels, cut((1.0, 2.0, 1)), fps=Fraction(10))
    assert np.array_equal(both.tracks.box_px, at_once.tracks.box_px) and both.events == at_once.events


def test_damage_is_recorded_and_hides_an_onset() -> None:
    labels = Labels(events=(replace(EVENT, onset_s=0.5, offset_s=1.0),))
    states = ["loss" if 4 <= t < 8 else "" for t in range(20)]
    after = retime.through_stream(labels, states, fps=Fraction(10))
    assert after.frame_state == tuple(states)
    assert after.events[0].observable_from_s == pytest.approx(0.8)
    gone = retime.through_stream(labels, ["loss"] * 20, fps=Fraction(10))
    assert not gone.events[0].visible
    assert retime.through_stream(labels, [""] * 20, fps=Fraction(10)) is labels


@pytest.mark.parametrize("fps", ["5", "10", "12", "25", "30000/1001"])
def test_a_rate_shows_the_nearest_frame_and_keeps_the_length(fps: str) -> None:
    wanted = Fraction(fps)
    time_map = retime.rate_map(300, Fraction(25), wanted)
    away = np.abs(time_map.picks / 25 - np.arange(len(time_map.picks)) / float(wanted))
    assert away.max() <= 0.02 + 1e-9 and abs(len(time_map.picks) / wanted - 12) <= 1 / wanted


@pytest.mark.parametrize(
    ("quiet", "heard"),
    [([(0, 9)], False), ([(2, 3)], False), ([(1, 2.5), (2.4, 3.5)], False), ([(2, 2.9)], True), ([], True)],
)
def test_an_event_is_audible_until_all_of_it_is_silent(quiet: list[tuple[float, float]], heard: bool) -> None:
    labels = Labels(events=(replace(EVENT, audible=True),))
    assert retime.silenced(labels, quiet, fps=Fraction(10)).events[0].audible is heard


def test_sound_is_cut_and_sped_as_the_picture_is() -> None:
    audio = drawn.clicks(5)
    out = recut(audio, ((1.25, 2.25, 1.0), (2.75, 4.75, 2.0)), seconds=2.0)
    assert len(out.samples) == 96000
    assert np.allclose(drawn.heard_clicks(out), [0.25, 0.75, 1.125, 1.375, 1.625, 1.875], atol=0.002)


def test_missing_sound_is_silence() -> None:
    audio = Audio(samples=np.ones((48000, 2), np.float32), rate_hz=48000)
    out = recut(audio, ((0.5, 3.0, 1.0),), seconds=2.5)
    assert out.samples.shape == (120000, 2) and out.samples[:24000].all() and not out.samples[24000:].any()
