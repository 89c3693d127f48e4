"""What a warp in the picture's plane does to the camera: another lens and axis for what it crops, a turn for a roll.

A mirror is a reflection diag(-1, 1, 1) of the camera's axes. What bends the picture says itself what becomes of the
lens (`camera_after`) and of the pose (`turns`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.footage import CameraState
from augment.kinds import Setting

Array = NDArray[Any]
ALIKE = 0.005
"""Largest difference of the scales across and down, and of the scales of two frames: whole sizes are rounded."""
STILL_PX = 0.5
"""The axis may wander by this much and still be one."""
_CORNERS = np.array([(0.3, 0.3), (0.7, 0.3), (0.3, 0.7), (0.7, 0.7)])
_UP = np.diag([1.0, -1.0])


def through_plane(
    sampler: Callable[[int, Array], Array], setting: Setting, size_out_px: tuple[int, int]
) -> tuple[CameraState, Array | None]:
    """The camera behind a warp, and (T, 3, 3) its new axes in its old ones, None when it keeps them.

    A warp that is no scaled, turned, mirrored or moved copy leaves a lens that nobody knows.
    """
    size_in, size_out = np.asarray(setting.size_px, float), np.asarray(size_out_px, float)
    asked = _CORNERS * size_out
    seen = np.stack([sampler(t, asked) for t in range(setting.length)])
    across, down = seen[:, 1] - seen[:, 0], seen[:, 2] - seen[:, 0]
    matrix = np.stack([across, down], axis=2) / (asked[3] - asked[0])
    scale = np.linalg.norm(matrix, axis=1)
    mean = np.sqrt(scale.prod(axis=1))
    unknown = replace(setting.camera, lens=None, centre=(0.5, 0.5))
    straight = np.abs(seen[:, 0] + across + down - seen[:, 3]).max(axis=1) < STILL_PX
    upright = np.abs((matrix[:, :, 0] * matrix[:, :, 1]).sum(axis=1)) < ALIKE * mean**2
    if not (straight & upright & (np.abs(scale - mean[:, None]) < ALIKE * mean[:, None]).all(axis=1)).all():
        return unknown, None
    turned = _UP @ (matrix / scale[:, None, :]) @ _UP
    turns = np.tile(np.eye(3), (setting.length, 1, 1))
    turns[:, :2, :2] = turned
    axis = np.asarray(setting.camera.centre) * size_in - seen[:, 0]
    centre = asked[0] + np.linalg.solve(matrix, axis[..., None])[..., 0]
    camera = unknown
    if np.ptp(mean) < ALIKE * mean[0] and np.ptp(centre, axis=0).max() < STILL_PX:
        narrower = float(size_in[0] / (mean[0] * size_out[0]))
        x, y = centre[0] / size_out
        camera = replace(setting.camera.zoomed(narrower), centre=(float(x), float(y)))
    return camera, None if np.abs(turns - np.eye(3)).max() < 1e-9 else turns
