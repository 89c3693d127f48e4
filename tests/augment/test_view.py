"""Laws of the carried camera: a point in the world, seen with the pose and the lens of the label, lies at its joint."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.camera.fisheye import Fisheye
from augment.chain import apply
from augment.footage import CameraState, Footage, Labels, Track, Tracks
from augment.labels.keypoints import KEYPOINTS
from augment.ops import OPS
from tests.augment.test_chain import BODY

SIZE = (320, 180)
LENS = (2.0, 0.0, -0.1, 0.0)
LENGTH = 12


def looked_at(lens: Any, centre: tuple[float, float], pose: np.ndarray, points: np.ndarray, size: Any) -> np.ndarray:
    """(N, 2) px of (N, 3) world points; whether the axes are a mirror's makes no difference."""
    rays = (points - pose[:3, 3]) @ pose[:3, :3]
    return np.asarray(Fisheye(lens).pixels(rays) * size[0] + np.asarray(centre) * size)


def scene() -> tuple[Footage, np.ndarray]:
    """A camera that walks and turns before six points, each of which is the nose of somebody."""
    points = np.array([(x, y, -5.0 - x * y) for x in (-2.0, 0.4, 2.0) for y in (-0.9, 0.8)])
    poses = np.tile(np.eye(4), (LENGTH, 1, 1))
    angle = np.linspace(0, 0.15, LENGTH)
    poses[:, 0, 0], poses[:, 0, 2], poses[:, 2, 0], poses[:, 2, 2] = (
        np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle))  # fmt: skip
    poses[:, 0, 3] = np.linspace(0, 0.2, LENGTH)
    seen = np.stack([looked_at(LENS, (0.5, 0.5), pose, points, SIZE) for pose in poses])
    assert (seen > 20).all() and (seen < np.array(SIZE) - 20).all()
    rows, count = LENGTH * len(points), len(points)
    joints = np.zeros((rows, len(KEYPOINTS), 3), np.float32)
    joints[:, 0] = np.column_stack([seen.reshape(-1, 2), np.full(rows, 2)])
    flat = seen.reshape(-1, 2)
    tracks = Tracks(
        things=tuple(Track(id=n + 1, track_class="person_bystander") for n in range(count)),
        frame=np.repeat(np.arange(LENGTH, dtype=np.int32), count),
        track=np.tile(np.arange(1, count + 1, dtype=np.int32), LENGTH),
        box_px=np.column_stack([flat - 4, flat + 4]).astype(np.float32),
        visible=np.ones(rows, np.float32),
        in_frame=np.ones(rows, np.float32),
        keypoints_px=joints,
    )
    picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    footage = Footage(
        fps=Fraction(10),
        size_px=SIZE,
        length=LENGTH,
        frames=lambda: (picture.copy() for _ in range(LENGTH)),
        labels=Labels(tracks=tracks, world_from_cam=poses),
        camera=CameraState(lens=LENS),
    )
    return footage, points


WALK: dict[str, Any] = {"op": "shake", "seed": 1, "path": "body", "max_zoom": 1.6, "distance_m": 1000}
CHAINS: dict[str, list[dict[str, Any]]] = {
    "shake": [WALK],
    "lens": [{"op": "lens", "target": [1.8, 0, 0.2, 0]}],
    "zoom": [{"op": "zoom", "factor": 1.3}],
    "decentred zoom": [{"op": "zoom", "factor": 1.3, "centre_x": 0.3, "centre_y": 0.8}],
    "crop": [{"op": "crop", "width": 0.7, "height": 0.8, "centre_x": 0.6, "centre_y": 0.3}],
    "mirror": [{"op": "mirror"}],
    "turn": [{"op": "rotate", "turn_deg": 90}],
    "roll": [{"op": "rotate", "roll_deg": 7}],
    "rolling": [{"op": "rotate", "roll_deg": {"wave": {"mean": 0, "amplitude": 5, "period_s": 1}}}],
    "square": [{"op": "reframe", "aspect": "1:1", "centre_x": 0.4}],
    "bars": [{"op": "reframe", "aspect": "9:16", "fit": "black"}],
    "mirrored shake": [{"op": "mirror"}, WALK, {"op": "mirror"}],
    "shake of a crop": [{"op": "crop", "width": 0.8, "centre_x": 0.2}, WALK],
    "lens of a crop": [{"op": "crop", "height": 0.7, "centre_y": 0.2}, {"op": "lens", "target": [1.9, 0, 0.1, 0]}],
    "all": [WALK, {"op": "lens", "target": [1.8, 0, 0.2, 0]}, {"op": "zoom", "factor": 1.1, "centre_x": 0.6},
            {"op": "mirror"}, {"op": "trim", "start": 0.3}, {"op": "rotate", "roll_deg": 3}],
}  # fmt: skip


RESHAPED = {"crop", "rotate", "reframe"}
"""Delivered larger, what these leave would be squeezed to another aspect, whose lens is not known."""
DELIVERED = [(name, None) for name in CHAINS] + [
    (name, (640, 360)) for name, ops in CHAINS.items() if not {op["op"] for op in ops} & RESHAPED
]


@pytest.mark.parametrize(("name", "size_px"), DELIVERED)
def test_the_world_seen_with_the_carried_camera_lies_at_the_carried_joints(
    name: str, size_px: Any, tmp_path: Path
) -> None:
    footage, points = scene()
    chain = {"paths": BODY, "ops": CHAINS[name], "deliver": {"crf": 30, "size_px": size_px}}
    out = apply(footage, chain, tmp_path / "out.mp4")
    tracks, poses = out.labels.tracks, out.labels.world_from_cam
    assert out.camera.lens is not None and poses is not None and tracks.keypoints_px is not None
    away = []
    for row in np.flatnonzero(tracks.keypoints_px[:, 0, 2] == 2):
        point = points[tracks.track[row] - 1][None]
        seen = looked_at(out.camera.lens, out.camera.centre, poses[tracks.frame[row]], point, out.size_px)[0]
        away.append(np.abs(seen - tracks.keypoints_px[row, 0, :2]).max() * SIZE[0] / out.size_px[0])
    assert len(away) >= 3 * out.length // 2 and max(away) < 1.0


@pytest.mark.parametrize("knob", ["factor", "centre_x"])
def test_a_zoom_that_moves_leaves_a_lens_that_nobody_knows(knob: str, tmp_path: Path) -> None:
    footage, _ = scene()
    middle, half = {"factor": (1.3, 0.2), "centre_x": (0.5, 0.2)}[knob]
    op = {"op": "zoom", "factor": 1.5, knob: {"wave": {"mean": middle, "amplitude": half, "period_s": 1}}}
    out = apply(footage, {"ops": [op]}, tmp_path / "out.mp4")
    assert out.camera.lens is None and out.camera.centre == (0.5, 0.5)


def test_a_squeezed_delivery_leaves_a_lens_that_nobody_knows(tmp_path: Path) -> None:
    footage, _ = scene()
    assert apply(footage, {"ops": [], "deliver": {"size_px": [240, 180]}}, tmp_path / "a.mp4").camera.lens is None
    assert apply(footage, {"ops": [], "deliver": {"size_px": [160, 90]}}, tmp_path / "b.mp4").camera.lens == LENS


def test_a_camera_is_read_back_from_plain_json() -> None:
    state = CameraState(done=("gait",), lens=LENS, centre=(0.4, 0.7), generations=2)
    plain = {**state.__dict__, "done": ["gait"], "lens": list(LENS), "centre": [0.4, 0.7]}
    assert CameraState.of(plain) == state and replace(state).zoomed(2).centre == pytest.approx((0.3, 0.9))


def test_every_warp_that_turns_the_camera_says_so_in_frames() -> None:
    from tests.augment.examples import EXAMPLES, setting

    for name, row in OPS.items():
        if hasattr(row.op, "turns"):
            turns = row.op(**EXAMPLES[name][0]).turns(setting())
            assert turns.shape == (setting().length, 3, 3)
            assert np.allclose(turns @ np.swapaxes(turns, 1, 2), np.eye(3), atol=1e-9)
