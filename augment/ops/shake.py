"""Shake: the camera's small rotations and shifts on the body that carries it, along a named path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment import motion
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops.lens import Fisheye, border, smallest_zoom, zoomed
from augment.tracks import in_range, one_of

Array = NDArray[Any]
EQUIDISTANT = (2.0, 0.0, 0.0, 0.0)
"""Assumed where the footage's lens is not known: 115 degrees across, the median action camera [M 9,810 profiles]."""
WORST = 200
"""Frames on which the zoom is searched: those whose border is thrown farthest."""


@dataclass(frozen=True, kw_only=True)
class Shake:
    """Turns the view by the path's angles, magnified by the least constant zoom that keeps it inside the picture."""

    path: str
    """A name of the chain's `paths`."""
    max_zoom: float = 1.15
    """Largest zoom allowed, 1..3; a body camera's own stabiliser crops about 1.1 (notes/domain.md 3.2 [P])."""
    distance_m: float = 4.0
    """Distance at which the path's shifts are seen, 0.5..1000 m: without depth one distance stands for all [P]."""

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise ValueError(f"path must be a name of the chain's paths, got {self.path!r}")
        in_range("max_zoom", self.max_zoom, 1, 3)
        in_range("distance_m", self.distance_m, 0.5, 1000)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Where the turned camera would have looked."""
        lens, turns = self._lens(setting), self._turns(setting)
        zoom = self._zoom(setting)

        def sample(t: int, xy: Array) -> Array:
            return np.asarray(_turned(xy, setting.size_px, lens, turns[t : t + 1], zoom)[0])

        return sample

    def camera_after(self, setting: Setting) -> CameraState:
        """Zooming in narrows the lens."""
        known = setting.camera.lens
        return replace(setting.camera, lens=known and zoomed(known, self._zoom(setting)))

    def _lens(self, setting: Setting) -> Fisheye:
        return Fisheye(setting.camera.lens or EQUIDISTANT)

    def _turns(self, setting: Setting) -> Array:
        """(T, 3, 3) rotations of the camera on each frame."""
        one_of("path", self.path, setting.paths)
        way = motion.trajectory(setting.paths[self.path])
        t_s = np.arange(setting.length) / float(setting.fps)
        right, up, _ = way.shift_m(t_s).T / self.distance_m
        # a camera moved up sees what lies at the distance lower, as one turned up does
        return motion.rotations(way.angles_rad(t_s) + np.stack([up, -right, np.zeros_like(up)], axis=1))

    def _zoom(self, setting: Setting) -> float:
        lens, turns, half = self._lens(setting), self._turns(setting), np.asarray(setting.size_px) / 2
        edge = border(setting.size_px)
        thrown = np.abs(_turned(edge[::4], setting.size_px, lens, turns, 1.0) - half) / half
        worst = turns[np.argsort(thrown.max(axis=(1, 2)))[::-1][:WORST]]
        return smallest_zoom(
            lambda zoom: _turned(edge, setting.size_px, lens, worst, zoom).reshape(-1, 2),
            size_px=setting.size_px,
            max_zoom=self.max_zoom,
            way_out="a calmer path",
        )


def _turned(xy: Array, size_px: tuple[int, int], lens: Fisheye, turns: Array, zoom: float) -> Array:
    """(T, N, 2) px that cameras turned by (T, 3, 3) see at (N, 2) px of a picture magnified by zoom."""
    half = np.asarray(size_px) / 2
    rays = lens.rays((xy - half) / (zoom * size_px[0])) @ np.swapaxes(turns, 1, 2)
    return np.asarray(lens.pixels(rays.reshape(-1, 3)).reshape(*rays.shape[:2], 2) * size_px[0] + half)
