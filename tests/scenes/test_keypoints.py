"""Laws of keypoints: a person's joints lie on the person in the id images, with a rolling shutter and without."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.labels.keypoints import KEYPOINTS as CARRIED
from scenes.compose import compose
from scenes.film import Stage, film
from scenes.keypoints import KEYPOINTS, keypoints
from scenes.shot import Figure, Quality, Shot
from tests.scenes.scenarios import WIDE, demo

Array = np.ndarray[Any, Any]
INNER = [n for n, name in enumerate(KEYPOINTS) if name.split("_")[-1] in ("shoulder", "hip", "knee", "eye")]
"""Joints well inside a body's outline, whatever its clothes."""


def filmed(stage: Stage, folder: Path, *, readout_s: float) -> tuple[Shot, Array]:
    profile = replace(WIDE, readout_s=readout_s)
    shot = compose(demo(seconds=0.4, cast=3, gait="jog", camera_profile=profile, held="nothing"))
    shot = replace(shot, quality=Quality(samples=1, denoise=False))
    return shot, np.load(film(shot, folder, stage).ids)


def people(shot: Shot) -> list[Figure]:
    return [f for f in shot.figures if f.track_class.startswith("person_")]


def on_the_body(shot: Shot, ids: Array) -> list[bool]:
    """Whether each inner joint inside the frame, of people that nobody stands before, falls on the person."""
    found = []
    nearest = min(people(shot), key=lambda f: np.linalg.norm(f.root_m[0] - shot.world_from_cam[0, :3, 3]))
    for points in keypoints(nearest, shot, ids)[:, INNER]:
        found += (points[points[:, 2] > 0, 2] == 2).tolist()
    return found


def test_both_sides_name_the_same_joints() -> None:
    assert KEYPOINTS == CARRIED


@pytest.mark.parametrize("readout_s", [0.0, 0.033])
def test_joints_lie_on_the_person(readout_s: float, stage: Stage, tmp_path: Path) -> None:
    shot, ids = filmed(stage, tmp_path, readout_s=readout_s)
    found = on_the_body(shot, ids)
    assert len(found) >= 12 and np.mean(found) > 0.95, (len(found), np.mean(found))


def test_a_row_is_read_at_its_own_instant() -> None:
    """A camera that pans while its rows are read sees a joint where it then looks."""
    shot = compose(demo(seconds=0.4, cast=1, camera_profile=replace(WIDE, readout_s=0.04)))
    pan = np.array([rotation_z(0.5 * key) for key in np.arange(shot.keys) / shot.keys_per_frame])
    still = np.repeat(shot.world_from_cam[:1], shot.keys, axis=0)
    panned = still.copy()
    panned[:, :3, :3] = pan @ still[:, :3, :3]
    (person,) = people(shot)
    person = replace(
        person, rotations=person.rotations[:1].repeat(shot.keys, 0), root_m=person.root_m[:1].repeat(shot.keys, 0)
    )
    ids = np.zeros((shot.frames, shot.size_px[1], shot.size_px[0]), np.uint16)
    slow = keypoints(person, replace(shot, world_from_cam=panned), ids)[0]
    sharp = keypoints(person, replace(shot, world_from_cam=panned, readout_s=0.0), ids)[0]
    both = (slow[:, 2] > 0) & (sharp[:, 2] > 0)
    assert both.sum() >= 8
    late_s = (slow[both, 1] / shot.size_px[1] - 0.5) * shot.readout_s
    moved_px = slow[both, 0] - sharp[both, 0]
    turned = 0.5 * float(shot.fps) * late_s / float(shot.lens.theta_coefficients[0]) * shot.size_px[0]
    assert np.corrcoef(moved_px, turned)[0, 1] > 0.99
    assert np.abs(moved_px).max() > 1.0
    assert np.allclose(moved_px, turned, rtol=0.2, atol=0.3)


def rotation_z(angle: float) -> Array:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
