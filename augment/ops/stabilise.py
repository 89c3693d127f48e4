"""Stabilise: a camera's electronic stabiliser, which crops and turns the picture back along a smoother path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera import motion
from augment.camera.sweep import Sweep
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops.lens import MARGIN_PX, Picture, View, border
from augment.ops.rolling_shutter import INSTANTS, by_row
from augment.tracks import in_range

Array = NDArray[Any]
EASE_S = 0.4
"""Before it would show the edge the stabiliser lets go over this time, s [P]."""
CHUNK = 512
"""Frames whose edges are looked at together."""


@dataclass(frozen=True, kw_only=True)
class Stabilise:
    """Knows the path as a camera knows its gyroscope: rotations, no shifts; it estimates nothing from the picture.

    Where the crop does not suffice it lets go, smoothly. What rows a rolling shutter bent stay bent by `wobble`.
    """

    path: str
    """A name of the chain's `paths`: the one that shook the picture."""
    smooth_s: float = 0.5
    """Sigma of the average over which the view follows the path, 0.05..3 s [P]."""
    residual: float = 0.12
    """Share of the faster motion that is left, 0..1; two stabilised GoPro clips leave 0.73 and 0.32 px a frame of 5.8
    and 2.7 px: 0.12 of both [M]."""
    crop: float = 0.1
    """Share of width and height that is given up, 0..0.5; cameras crop about 10 % (notes/domain.md 3.2 [P])."""
    readout_s: float = 0.0
    """The sensor's readout as the stabiliser knows it, 0..0.05 s; 0 leaves all skew."""
    wobble: float = 0.3
    """Share of the rolling shutter's skew that it leaves where it knows readout_s, 0..1: the jelly at the edges [P]."""

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise ValueError(f"path must be a name of the chain's paths, got {self.path!r}")
        in_range("smooth_s", self.smooth_s, 0.05, 3)
        in_range("residual", self.residual, 0, 1)
        in_range("crop", self.crop, 0, 0.5)
        in_range("readout_s", self.readout_s, 0, 0.05)
        in_range("wobble", self.wobble, 0, 1)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> View:
        """Where the shaken camera saw what the smooth one looks at."""
        way, picture = motion.along(self.path, setting), Picture.of(setting)
        rows_s = np.linspace(-0.5, 0.5, INSTANTS) * self.readout_s
        sweep = Sweep(way=way, frames_s=motion.frames_s(setting), offsets_s=rows_s)
        wanted = self._wanted(way, setting)

        def cropped(xy: Array) -> Array:
            return picture.rays(xy, zoom=1 / (1 - self.crop))

        def seen(frames: Array, share: Array, rays: Array) -> Array:
            """(F, N, 2) px for (F,) frames turned back by a share."""
            turned = motion.rotated(rays[None], (wanted[frames] * share[:, None])[:, None])
            flat = picture.pixels(turned)
            if not self.readout_s or self.wobble == 1:
                return flat
            rows = sweep.on(frames) * (1 - self.wobble)
            back = np.stack([by_row(px, picture, turns) for px, turns in zip(flat, rows, strict=True)])
            return picture.pixels(motion.rotated(turned, -back))

        share = _eased(_largest_share(seen, cropped(border(setting.size_px)[::2]), setting), setting)
        back = wanted * share[:, None]
        return View(
            prepare=cropped,
            sample=lambda t, rays: seen(np.array([t]), share[t : t + 1], rays)[0],
            camera=setting.camera.zoomed(1 / (1 - self.crop)),
            turns=motion.rotated(np.eye(3)[None], back[:, None]).swapaxes(1, 2),
        )

    def camera_after(self, setting: Setting) -> CameraState:
        """The crop narrows the lens."""
        return self.sampler(setting).camera

    def turns(self, setting: Setting) -> Array:
        """(T, 3, 3) the steadied camera's axes in the shaken one's."""
        turns = self.sampler(setting).turns
        assert turns is not None
        return turns

    def _wanted(self, way: motion.Trajectory, setting: Setting) -> Array:
        """(T, 3) rotation vectors from the shaken camera to the smooth one."""
        fps, reach = float(setting.fps), int(np.ceil(3 * self.smooth_s * float(setting.fps)))
        angles = way.angles_rad(np.arange(-reach, setting.length + reach) / fps)
        bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / fps / self.smooth_s) ** 2)
        slow = np.stack([np.convolve(column, bell / bell.sum(), "valid") for column in angles.T], axis=1)
        shaken = angles[reach : reach + setting.length]
        steadied = motion.rotations(slow + self.residual * (shaken - slow))
        return motion.vectors(np.swapaxes(motion.rotations(shaken), 1, 2) @ steadied)


def _largest_share(seen: Callable[[Array, Array, Array], Array], edge: Array, setting: Setting) -> Array:
    """(T,) how much of the correction each frame can take without showing its edge, (N, 3) rays, 0..1."""
    low, high = np.full(2, MARGIN_PX), np.asarray(setting.size_px) - MARGIN_PX
    shares = np.ones(setting.length)
    for first in range(0, setting.length, CHUNK):
        frames = np.arange(first, min(first + CHUNK, setting.length))

        def inside(some: Array, share: Array) -> Array:
            xy = seen(some, share, edge)
            return np.asarray(((xy >= low) & (xy <= high)).all(axis=(1, 2)))

        tight = frames[~inside(frames, np.ones(len(frames)))]
        if not len(tight):
            continue
        least, most = np.zeros(len(tight)), np.ones(len(tight))
        for _ in range(8):
            middle = (least + most) / 2
            fits = inside(tight, middle)
            least, most = np.where(fits, middle, least), np.where(fits, most, middle)
        shares[tight] = least
    return shares


def _eased(shares: Array, setting: Setting) -> Array:
    """(T,) never more than the shares, and smooth: the least around, averaged over the same stretch."""
    reach = max(1, round(EASE_S * float(setting.fps)))
    wide = np.pad(shares, 2 * reach, mode="edge")
    least = np.lib.stride_tricks.sliding_window_view(wide, 2 * reach + 1).min(axis=1)
    bell = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(np.convolve(least, bell / bell.sum(), "valid"))
