"""Rolling shutter: rows are read one after another while the camera turns, so that what stands upright leans."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera import motion
from augment.camera.sweep import Sweep
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops.lens import Picture, View, border, smallest_zoom
from augment.tracks import in_range

Array = NDArray[Any]
INSTANTS = 9
"""Instants of a frame at which the path is asked; between them it is taken as straight (error below 0.02 px)."""
WORST = 100
"""Frames on which the zoom is searched: those on which the camera turns most between the first row and the last."""


@dataclass(frozen=True, kw_only=True)
class RollingShutter:
    """Each row of the picture as the camera saw it when that row was read; the middle row at the frame's instant.

    Rows are those of the picture that arrives: put it behind `lens`. The path is the one of `shake`.
    """

    path: str
    """A name of the chain's `paths`."""
    readout_s: float
    """Seconds from the first row to the last, 0..0.05 and at most a frame; action cameras 5.5..33 ms, median 16.6 [C],
    body cameras 16..33 ms [P] (notes/domain.md 3.2)."""
    upwards: bool = False
    """The bottom row is read first: the sensor is mounted upside down."""
    max_zoom: float = 1.1
    """Largest zoom allowed to stay inside the picture, 1..3."""
    distance_m: float = 4.0
    """Distance at which the path's shifts are seen, 0.5..1000 m; as that of `shake` [P]."""

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise ValueError(f"path must be a name of the chain's paths, got {self.path!r}")
        in_range("readout_s", self.readout_s, 0, 0.05)
        if not isinstance(self.upwards, bool):
            raise ValueError(f"upwards must be true or false, got {self.upwards!r}")
        in_range("max_zoom", self.max_zoom, 1, 3)
        in_range("distance_m", self.distance_m, 0.5, 1000)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> View:
        """Where the frame's own camera saw what the row's camera looks at."""
        if self.readout_s > 1 / setting.fps:
            raise ValueError(
                f"readout_s must not exceed a frame, {float(1 / setting.fps):.6f} s, got {self.readout_s:g}; "
                "take a faster sensor or a slower rate"
            )
        picture = Picture.of(setting)
        sweep = Sweep(
            way=motion.along(self.path, setting),
            frames_s=motion.frames_s(setting),
            offsets_s=np.linspace(-0.5, 0.5, INSTANTS) * self.readout_s * (-1 if self.upwards else 1),
            distance_m=self.distance_m,
        )
        zoom = self._zoom(sweep, picture)
        return View(
            prepare=lambda xy: (xy, picture.rays(xy, zoom=zoom)),
            sample=lambda t, known: picture.pixels(motion.rotated(known[1], by_row(known[0], picture, sweep[t]))),
            camera=setting.camera.zoomed(zoom),
        )

    def camera_after(self, setting: Setting) -> CameraState:
        """Zooming in narrows the lens."""
        return self.sampler(setting).camera

    def _zoom(self, sweep: Sweep, picture: Picture) -> float:
        ends = replace(sweep, offsets_s=sweep.offsets_s[[0, -1]]).on(np.s_[:])
        far = np.argsort(np.linalg.norm(ends, axis=2).max(axis=1))[::-1][:WORST]
        worst = sweep.on(far)
        edge = border(picture.size_px)
        turned = np.stack([by_row(edge, picture, turns) for turns in worst])
        return smallest_zoom(
            lambda zoom: picture.pixels(motion.rotated(picture.rays(edge, zoom=zoom), turned)).reshape(-1, 2),
            size_px=picture.size_px,
            max_zoom=self.max_zoom,
            way_out="a calmer path",
        )


def by_row(xy: Array, picture: Picture, turns: Array) -> Array:
    """(N, 3) rotation vectors of (N, 2) px from (K, 3) of rows evenly spread from the first to the last."""
    height = picture.size_px[1]
    row = np.clip((xy[:, 1] - 0.5) / max(height - 1, 1), 0, 1) * (len(turns) - 1)
    n = np.minimum(row.astype(int), len(turns) - 2)
    part = (row - n)[:, None]
    return np.asarray(turns[n] * (1 - part) + turns[n + 1] * part)
