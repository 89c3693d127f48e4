"""Lens: the picture as another lens would have drawn it; and the fisheye polynomial every warp of a camera uses.

The lens is theta[rad] = c1*rho + c2*rho^2 + c3*rho^3 + c4*rho^4, rho in frame widths; camera axes are x right, y up,
looking down -z. The same ten lines stand in scenes; a law holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.footage import CameraState
from augment.kinds import Setting
from augment.tracks import in_range

Array = NDArray[Any]
Theta = tuple[float, float, float, float]
MARGIN_PX = 0.5
"""Sampling stays this far inside the edge: the centres of the outermost pixels."""
REACH_RHO = 0.9
"""Radius up to which a lens is inverted, frame widths; a 4:3 corner lies at 0.625."""


@dataclass(frozen=True)
class Fisheye:
    """The polynomial and its inverse. Plane coordinates are frame widths from the centre, y down."""

    theta_coefficients: Theta

    def theta(self, rho: Array) -> Array:
        """Angle from the axis, rad, for radii in frame widths."""
        c1, c2, c3, c4 = self.theta_coefficients
        return np.asarray(rho * (c1 + rho * (c2 + rho * (c3 + rho * c4))))

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        """(theta, rho) at 8192 radii, cut where the polynomial stops rising."""
        rho = np.linspace(0, REACH_RHO, 8192)
        theta = self.theta(rho)
        rising = int(np.argmin(np.diff(theta) > 0)) if (np.diff(theta) <= 0).any() else len(rho) - 1
        return theta[: rising + 1], rho[: rising + 1]

    def rho(self, theta: Array) -> Array:
        """Radius in frame widths; beyond what is inverted it goes on straight, so that maps stay smooth."""
        angles, radii = self._inverse
        beyond = np.maximum(np.asarray(theta) - angles[-1], 0) / self.theta_coefficients[0]
        return np.asarray(np.interp(theta, angles, radii) + beyond)

    def rays(self, plane: Array) -> Array:
        """(N, 3) unit rays in camera axes for (N, 2) points of the plane."""
        rho = np.hypot(plane[:, 0], plane[:, 1])
        theta = self.theta(rho)
        along = np.sin(theta) / np.maximum(rho, 1e-12)
        return np.stack([plane[:, 0] * along, -plane[:, 1] * along, -np.cos(theta)], axis=1)

    def pixels(self, rays: Array) -> Array:
        """(N, 2) points of the plane for (N, 3) rays."""
        off_axis = np.hypot(rays[:, 0], rays[:, 1])
        scale = self.rho(np.arctan2(off_axis, -rays[:, 2])) / np.maximum(off_axis, 1e-12)
        return np.stack([rays[:, 0] * scale, -rays[:, 1] * scale], axis=1)


@dataclass(frozen=True, kw_only=True)
class Lens:
    """From the source's lens to the target's, by the least zoom that shows nothing the source did not see."""

    target_theta: Theta
    """c1..c4 of the lens wanted (configs/profiles/cameras; fitted to calibrations, notes/domain.md 3.1 [C])."""
    source_theta: Theta | None = None
    """c1..c4 of the lens that took the picture; null is what the footage's camera says."""
    max_zoom: float = 1.5
    """Largest zoom allowed to stay inside what the source saw, 1..3."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "target_theta", _theta("target_theta", self.target_theta))
        if self.source_theta is not None:
            object.__setattr__(self, "source_theta", _theta("source_theta", self.source_theta))
        in_range("max_zoom", self.max_zoom, 1, 3)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Radius by radius: the target's angle, at the source's radius of that angle."""
        source, target, zoom = self._source(setting), Fisheye(self.target_theta), self._zoom(setting)

        def sample(t: int, xy: Array) -> Array:
            return _redrawn(xy, setting.size_px, source, target, zoom)

        return sample

    def camera_after(self, setting: Setting) -> CameraState:
        """The target's lens, narrowed by the zoom."""
        return replace(setting.camera, lens=zoomed(self.target_theta, self._zoom(setting)))

    def _source(self, setting: Setting) -> Fisheye:
        known = self.source_theta or setting.camera.lens
        if known is None:
            raise ValueError("source_theta must be given where the footage's lens is not known, got null")
        return Fisheye(known)

    def _zoom(self, setting: Setting) -> float:
        source, target, edge = self._source(setting), Fisheye(self.target_theta), border(setting.size_px)
        return smallest_zoom(
            lambda zoom: _redrawn(edge, setting.size_px, source, target, zoom),
            size_px=setting.size_px,
            max_zoom=self.max_zoom,
            way_out="a target that sees less than the source",
        )


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


def zoomed(theta: Theta, zoom: float) -> Theta:
    """The coefficients of a lens whose picture was magnified about its centre."""
    c1, c2, c3, c4 = theta
    return c1 / zoom, c2 / zoom**2, c3 / zoom**3, c4 / zoom**4


def _redrawn(xy: Array, size_px: tuple[int, int], source: Fisheye, target: Fisheye, zoom: float) -> Array:
    half = np.asarray(size_px) / 2
    plane = (xy - half) / (zoom * size_px[0])
    radius = np.hypot(plane[:, 0], plane[:, 1])[:, None]
    return np.asarray(plane * source.rho(target.theta(radius)) / np.maximum(radius, 1e-12) * size_px[0] + half)


def _theta(name: str, coefficients: Sequence[float]) -> Theta:
    """Four coefficients of a lens that looks farther out the farther out the pixel lies."""
    if not isinstance(coefficients, Sequence) or len(coefficients) != 4:
        raise ValueError(f"{name} must be four numbers c1..c4, got {coefficients!r}")
    in_range(f"{name}[0]", coefficients[0], 0.5, 4)
    for n in (1, 2, 3):
        in_range(f"{name}[{n}]", coefficients[n], -10, 10)
    c1, c2, c3, c4 = map(float, coefficients)
    if (np.diff(Fisheye((c1, c2, c3, c4)).theta(np.linspace(0, 0.63, 64))) <= 0).any():
        raise ValueError(f"{name} must rise up to the frame's corner (0.63 widths), got {list(coefficients)}")
    return c1, c2, c3, c4
