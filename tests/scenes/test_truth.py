"""Laws of truth: what is counted is what can be seen, and the rest is counted as hidden or outside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.film import Stage, film
from scenes.shot import Event, Shot, Solid
from scenes.truth import BlankTruth, Truth, silhouette, split, truth
from tests.scenes.small_shot import BOX_TRACK, FIGURE_TRACK, LOOK_ALONG_Y, ball, box, shift, small_shot, still_camera

Array = np.ndarray[Any, Any]
SIZE = (160, 90)
ROOM = small_shot(size_px=SIZE, blur=False)
"""Sharp, two frames."""


def scene(*solids: Solid, **more: Any) -> Shot:
    """Solids alone before a camera at the origin that looks along +Y."""
    shot = replace(ROOM, solids=solids, figures=(), events=(), **more)
    return still_camera(shot, LOOK_ALONG_Y)


def ids_of(shot: Shot, **where: tuple[slice, slice]) -> Array:
    """Id images by hand: tNUMBER=(rows, columns) in every frame."""
    w, h = shot.size_px
    ids = np.zeros((shot.frames, h, w), np.uint16)
    for name, (rows, columns) in where.items():
        ids[:, rows, columns] = int(name[1:])
    return ids


def row(of: Truth, track: int, frame: int = 0) -> tuple[list[float], float, float] | None:
    """box, visible, in_frame; None when there is no row."""
    at = np.flatnonzero((of.track == track) & (of.frame == frame))
    if not len(at):
        return None
    (i,) = at
    return of.box_px[i].tolist(), float(of.visible[i]), float(of.in_frame[i])


# --- with Blender's ids ----------------------------------------------------------------------------------------------


def test_what_is_free_hidden_cut_and_outside(stage: Stage, tmp_path: Path) -> None:
    """A wall of no track stands from x = 0.5 m rightwards, 2 m away; the frame's left edge is at 0.76 rad."""
    left = float(ROOM.lens.theta(np.array(0.5)))
    edge = (-4 * np.sin(left), 4 * np.cos(left), 0.0)
    shot = scene(
        ball("free", 0.3, (-1.0, 4.0, 0.5), material="blue", track=1),
        ball("half", 0.6, (1.0, 4.0, 0.5), material="blue", track=2),
        ball("hidden", 0.3, (2.0, 4.0, 0.0), material="blue", track=3),
        ball("cut", 0.3, edge, material="blue", track=4),
        ball("behind", 0.3, (0.0, -4.0, 0.0), material="blue", track=5),
        ball("tiny", 0.02, (-0.5, 4.0, -0.8), material="blue", track=6),
        box("wall", (3, 0.02, 4), shift(2.0, 2.0, 0), material="paint"),
        box("near", (0.5, 0.5, 0.05), shift(-0.2, 0.3, -0.2), material="blue", track=7),
    )
    found = truth(shot, np.load(film(shot, tmp_path, stage).ids))
    free, half, cut, near = (row(found, t) for t in (1, 2, 4, 7))
    assert free and free[1] > 0.96 and free[2] == 1
    assert half and half[1] == pytest.approx(0.5, abs=0.05) and half[2] == 1
    assert row(found, 3) == ([0, 0, 0, 0], 0, 1)
    assert cut and cut[2] == pytest.approx(0.5, abs=0.05) and cut[1] == pytest.approx(cut[2], abs=0.04)
    assert cut[0][0] == 0
    assert row(found, 5) is None
    assert near and near[2] < 0.7 and near[1] == pytest.approx(near[2], rel=0.04), "a large face seen from close by"
    assert [t.id for t in found.things] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("blur", [False, True], ids=["sharp", "blurred"])
def test_things_that_move_before_a_turning_camera(stage: Stage, tmp_path: Path, blur: bool) -> None:
    shot = small_shot(size_px=SIZE, frames=4, blur=blur)
    found = truth(shot, np.load(film(shot, tmp_path, stage).ids))
    assert np.array_equal(found.world_from_cam, shot.world_from_cam[4:-4:4])
    assert (np.diff(found.frame.astype(int) * 65536 + found.track) > 0).all()
    for f in range(4):
        for track in (BOX_TRACK, FIGURE_TRACK):
            seen = row(found, track, f)
            assert seen and seen[1] == pytest.approx(1, abs=0.05) and seen[2] == 1


# --- with ids by hand ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_boxes_are_the_edges_of_what_is_seen(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shot = scene(*(ball(f"b{t}", 0.5, (0, 3, 0), material="blue", track=t) for t in (1, 300, 65535)))
    ids = rng.choice(np.array([0, 1, 300, 65535], np.uint16), size=(2, 90, 160), p=[0.998, 0.001, 0.0005, 0.0005])
    found = truth(shot, ids)
    for f in range(2):
        for t in (1, 300, 65535):
            y, x = np.nonzero(ids[f] == t)
            seen = row(found, t, f)
            assert seen
            assert seen[0] == [x.min(), y.min(), x.max() + 1, y.max() + 1]


def test_a_disc_covers_its_area() -> None:
    shot = scene(ball("b", 0.5, (0, 3, 0), material="blue", track=1))
    half_angle = np.arcsin(0.5 / 3)
    area = np.pi * (float(shot.lens.rho(np.array(half_angle))) * SIZE[0]) ** 2
    found = truth(shot, ids_of(shot, t1=(slice(40, 50), slice(75, 85))))
    seen = row(found, 1)
    assert seen and seen[1] == pytest.approx(100 / area, rel=0.05)


def test_splitting_keeps_the_surface_and_ends_at_short_edges() -> None:
    plate = box("p", (0.7, 0.3, 0.1), np.eye(4), material="blue")
    splits, triangles = split(plate.vertices_m, plate.triangles)
    points = plate.vertices_m.astype(float)
    for a, b in splits:
        points = np.concatenate([points, (points[a] + points[b]) / 2])
    edges = points[triangles] - np.roll(points[triangles], 1, axis=1)
    assert np.linalg.norm(edges, axis=2).max() <= 0.08
    areas = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum() / 2
    assert areas == pytest.approx(2 * (0.7 * 0.3 + 0.7 * 0.1 + 0.3 * 0.1))


@pytest.mark.parametrize("shift_px", [0.0, 0.3, 0.5])
def test_a_square_of_any_size_covers_its_area(shift_px: float) -> None:
    square, triangles = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]), np.array([[0, 1, 2], [0, 2, 3]])
    for side in (0.5, 3.0, 40.0, 75.0):
        whole, inside = silhouette(square * side + [-side / 2 + shift_px, 10 + shift_px], triangles, SIZE)
        half_cell = 0.5 if side > 50 else 1 / 16
        assert side - 4 * half_cell <= np.sqrt(whole) <= side + 4 * half_cell
        assert inside <= whole
        assert inside == pytest.approx(side * (side / 2 + shift_px), abs=4 * half_cell * (side + 1))


@pytest.mark.parametrize(
    ("onset_s", "offset_s", "seen"),
    [(0.0, 0.0, False), (0.1, 0.3, False), (0.1, 0.4, True), (0.36, 0.36, True), (0.5, 0.9, True), (0.7, 0.9, False)],
)
def test_an_event_is_visible_when_its_track_is_seen_in_its_time(onset_s: float, offset_s: float, seen: bool) -> None:
    """Ten frames a second; the thing is seen in frames 4 and 5 alone, by 9 px of the 3.6 that are enough."""
    thing = ball("b", 0.5, (0, 3, 0), material="blue", track=1)
    shot = scene(thing, frames=8, world_from_cam=np.repeat(LOOK_ALONG_Y[None], 37, axis=0))
    happens = Event(type="x", onset_s=onset_s, offset_s=offset_s, track=1)
    shot = replace(shot, events=(happens, replace(happens, track=0)))
    ids = ids_of(shot)
    ids[4:6, 40:43, 80:83] = 1
    ids[0, 40, 80:83] = 1
    assert [e.visible for e in truth(shot, ids).events] == [seen, False]


# --- refusals --------------------------------------------------------------------------------------------------------


def test_an_empty_picture_where_the_wearer_holds_something_is_refused() -> None:
    held = box("prop", (0.3, 0.6, 0.1), shift(0, 1, 0), material="blue", track=1, in_wearer_hand=True)
    shot = scene(held)
    ids = ids_of(shot, t1=(slice(40, 50), slice(70, 90)))
    truth(shot, ids)
    ids[1] = 0
    with pytest.raises(BlankTruth, match=r"prop \(track 1\) covers \d+ px, got an empty image at frame 1"):
        truth(shot, ids)


def test_an_empty_clip_is_refused_and_one_hidden_thing_is_not() -> None:
    shot = scene(*(ball(f"b{t}", 0.4, (t - 1.5, 4, 0), material="blue", track=t) for t in (1, 2)))
    assert row(truth(shot, ids_of(shot, t1=(slice(40, 50), slice(60, 70)))), 2) == ([0, 0, 0, 0], 0, 1)
    with pytest.raises(BlankTruth, match="b1"):
        truth(shot, ids_of(shot))


@pytest.mark.parametrize("shape", [(2, 90, 159), (1, 90, 160), (2, 160, 90)])
def test_ids_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="ids must be"):
        truth(scene(ball("b", 0.4, (0, 4, 0), material="blue", track=1)), np.zeros(shape, np.uint16))


def test_an_id_that_no_thing_has_is_refused() -> None:
    shot = scene(ball("b", 0.4, (0, 4, 0), material="blue", track=1))
    with pytest.raises(ValueError, match=r"ids must be tracks of the shot, got \[2\]"):
        truth(shot, ids_of(shot, t2=(slice(1), slice(1))))


def test_a_shot_without_tracks_has_an_empty_truth() -> None:
    found = truth(scene(box("wall", (1, 1, 1), shift(0, 3, 0), material="paint")), ids_of(ROOM))
    assert found.box_px.shape == (0, 4)
    assert found.things == ()
