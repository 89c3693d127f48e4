"""Lens: the picture as another lens would have drawn it, from any model to any model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera.fisheye import Fisheye, Model, Stated, lens_of, theta_fit, theta_of
from augment.footage import CameraState
from augment.kinds import Setting
from augment.tracks import in_range

Array = NDArray[Any]
EQUIDISTANT = (2.0, 0.0, 0.0, 0.0)
"""Assumed where the footage's lens is not known: 115 degrees across, the median action camera [M 9,810 profiles]."""
MARGIN_PX = 0.5
"""Sampling stays this far inside the edge: the centres of the outermost pixels."""


@dataclass(frozen=True, kw_only=True)
class View:
    """A sampler that knows what it makes of the camera, so that its zoom is searched once."""

    prepare: Callable[[Array], Any]
    """f(xy): what can be known of (N, 2) output px whatever the frame; kept while the same array is asked for."""
    sample: Callable[[int, Any], Array]
    """f(t, prepared): (N, 2) input px."""
    camera: CameraState
    """Behind the op."""
    turns: Array | None = None
    """(T, 3, 3) the camera's new axes in its old ones; None when it keeps them."""
    _kept: dict[str, tuple[Array, Any]] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, t: int, xy: Array) -> Array:
        """(N, 2) input px of (N, 2) output px on frame t."""
        asked, prepared = self._kept.get("last", (None, None))
        if asked is not xy:
            prepared = self.prepare(xy)
            self._kept["last"] = xy, prepared
        return self.sample(t, prepared)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A lens in pixels: the picture that arrives at an op."""

    lens: Model
    size_px: tuple[int, int]
    axis_px: Array
    """(2,) where the optical axis meets it."""

    @classmethod
    def of(cls, setting: Setting, lens: Model | None = None) -> Picture:
        """The lens given, else the footage's own, else EQUIDISTANT."""
        seen = lens or Fisheye(setting.camera.lens or EQUIDISTANT)
        return cls(lens=seen, size_px=setting.size_px, axis_px=axis_px(setting))

    def rays(self, xy: Array, *, zoom: float = 1.0) -> Array:
        """(N, 3) rays of (N, 2) px of the picture magnified about its middle."""
        half = np.asarray(self.size_px) / 2
        return self.lens.rays((half + (xy - half) / zoom - self.axis_px) / self.size_px[0])

    def pixels(self, rays: Array) -> Array:
        """(..., 2) px of (..., 3) rays."""
        plane = self.lens.pixels(rays.reshape(-1, 3))
        return np.asarray((plane * self.size_px[0] + self.axis_px).reshape(*rays.shape[:-1], 2))


@dataclass(frozen=True, kw_only=True)
class Lens:
    """From the source's lens to the target's, by the least zoom that shows nothing the source did not see."""

    target: Stated
    """The lens wanted: c1..c4 (configs/profiles/cameras; fitted to calibrations, notes/domain.md 3.1 [C]) or a model
    with its numbers (augment/camera/fisheye.py)."""
    source: Stated | None = None
    """The lens that took the picture; null is what the footage's camera says."""
    max_zoom: float = 1.5
    """Largest zoom allowed to stay inside what the source saw, 1..3."""

    def __post_init__(self) -> None:
        for name in ("target", "source"):
            stated = getattr(self, name)
            if stated is not None or name == "target":
                lens_of(name, stated)
            if isinstance(stated, list | tuple):
                object.__setattr__(self, name, theta_of(name, stated))
        in_range("max_zoom", self.max_zoom, 1, 3)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> View:
        """Where the source saw what the target sees here."""
        source, target, size_px = self._source(setting), lens_of("target", self.target), setting.size_px
        before, after, edge = Picture.of(setting, source), Picture.of(setting, target), border(size_px)
        zoom = smallest_zoom(
            lambda zoom: before.pixels(after.rays(edge, zoom=zoom)),
            size_px=size_px,
            max_zoom=self.max_zoom,
            way_out="a target that sees less than the source",
        )
        corner = float(np.hypot(*size_px)) / size_px[0] / 2
        return View(
            prepare=lambda xy: before.pixels(after.rays(xy, zoom=zoom)),
            sample=lambda t, seen: seen,
            camera=replace(setting.camera, lens=theta_fit(target, corner_rho=corner)).zoomed(zoom),
        )

    def camera_after(self, setting: Setting) -> CameraState:
        """The target's lens, narrowed by the zoom."""
        return self.sampler(setting).camera

    def _source(self, setting: Setting) -> Model:
        known = self.source or setting.camera.lens
        if known is None:
            raise ValueError("source must be given where the footage's lens is not known, got null")
        return lens_of("source", known)


def axis_px(setting: Setting) -> Array:
    """(2,) px at which the lens's axis meets the picture."""
    return np.asarray(setting.camera.centre) * setting.size_px


def border(size_px: tuple[int, int]) -> Array:
    """(64, 2) centres of pixels around the frame's edge, corners included."""
    w, h = size_px
    x, y = np.linspace(0.5, w - 0.5, 17), np.linspace(0.5, h - 0.5, 17)
    sides = [(x, y[:1]), (x[-1:], y), (x[::-1], y[-1:]), (x[:1], y[::-1])]
    rounds = [np.stack(np.broadcast_arrays(across, down), axis=1)[:16] for across, down in sides]
    return np.concatenate(rounds)


def smallest_zoom(reach: Callable[[float], Array], *, size_px: tuple[int, int], max_zoom: float, way_out: str) -> float:
    """The least zoom in 1..max_zoom for which all of reach(zoom), (N, 2) px, lies inside the picture."""

    def inside(zoom: float) -> bool:
        xy = reach(zoom)
        return bool((xy >= MARGIN_PX - 1e-6).all() and (xy <= np.asarray(size_px) - MARGIN_PX + 1e-6).all())

    if inside(1.0):
        return 1.0
    if not inside(max_zoom):
        raise ValueError(
            f"max_zoom must keep the view inside the picture, got {max_zoom:g}; raise it or take {way_out}"
        )
    low, high = 1.0, max_zoom
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if inside(middle) else (middle, high)
    return high
