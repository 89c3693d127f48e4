"""Shake: the camera's small rotations and shifts on the body that carries it, along a named path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera import motion
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops.lens import Picture, View, border, smallest_zoom
from augment.tracks import in_range

Array = NDArray[Any]
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

    def sampler(self, setting: Setting) -> View:
        """Where the turned camera would have looked."""
        picture, turns = Picture.of(setting), self.turns(setting)
        zoom = self._zoom(picture, turns)
        return View(
            prepare=lambda xy: picture.rays(xy, zoom=zoom),
            sample=lambda t, rays: picture.pixels(rays @ turns[t].T),
            camera=setting.camera.zoomed(zoom),
            turns=turns,
        )

    def camera_after(self, setting: Setting) -> CameraState:
        """Zooming in narrows the lens."""
        return self.sampler(setting).camera

    def turns(self, setting: Setting) -> Array:
        """(T, 3, 3) rotations of the camera on each frame: its new axes in its old ones."""
        return motion.along(self.path, setting).turns(motion.frames_s(setting), distance_m=self.distance_m)

    def _zoom(self, picture: Picture, turns: Array) -> float:
        """By the frames that are thrown farthest."""
        size_px, edge = picture.size_px, border(picture.size_px)
        half = np.asarray(size_px) / 2
        backs = np.swapaxes(turns, 1, 2)
        thrown = np.abs(picture.pixels(picture.rays(edge[::4]) @ backs) - half) / half
        worst = backs[np.argsort(thrown.max(axis=(1, 2)))[::-1][:WORST]]
        return smallest_zoom(
            lambda zoom: picture.pixels(picture.rays(edge, zoom=zoom) @ worst).reshape(-1, 2),
            size_px=size_px,
            max_zoom=self.max_zoom,
            way_out="a calmer path",
        )
