"""Lenses: between points of a picture and rays of light, for every model that a calibration may be stated in.

Plane coordinates are frame widths from the middle, y down; camera axes are x right, y up, looking down -z. A lens is
stated as four numbers, theta[rad] = c1*rho + c2*rho^2 + c3*rho^3 + c4*rho^4 with rho in frame widths, or as one of

    {model: pinhole, focal: f}                                      rho = f * tan(theta)
    {model: kannala_brandt, focal: f, k: [k1, k2, k3, k4]}          rho = f * (theta + k1*theta^3 + .. + k4*theta^9)
    {model: brown_conrady, focal: f, k: [k1, k2, k3], p: [p1, p2]}  OpenCV's plain camera; the line above is its fisheye

with f in frame widths. scenes keeps ten lines of the polynomial of its own; a law holds the two equal.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from augment.tracks import in_range, one_of

Array = NDArray[Any]
Theta = tuple[float, float, float, float]
Stated = Sequence[float] | Mapping[str, Any]
"""Four numbers or a model with its numbers, as a spec states a lens."""
REACH_RHO = 1.1
"""Radius up to which a lens is inverted, frame widths; a corner of 4:3 lies at 0.63, of upright 9:16 at 1.02."""
CORNER_RHO = 0.63
"""A lens must look farther out the farther out the pixel lies, up to a 4:3 corner."""
STEEPEST_RAD = 1.5
"""A pinhole's pictures end before 90 degrees."""


class Model(Protocol):
    """Both ways between a picture and the light."""

    def rays(self, plane: Array) -> Array:
        """(N, 3) unit rays in camera axes for (N, 2) points of the plane."""

    def pixels(self, rays: Array) -> Array:
        """(N, 2) points of the plane for (N, 3) rays."""


class Radial(ABC):
    """What all lenses share that bend light by its angle from the axis alone."""

    @abstractmethod
    def theta(self, rho: Array) -> Array:
        """Angle from the axis, rad, for radii in frame widths."""

    @abstractmethod
    def rho(self, theta: Array) -> Array:
        """Radius in frame widths for angles from the axis, rad."""

    def rays(self, plane: Array) -> Array:
        """See Model."""
        rho = np.hypot(plane[:, 0], plane[:, 1])
        theta = self.theta(rho)
        along = np.sin(theta) / np.maximum(rho, 1e-12)
        return np.stack([plane[:, 0] * along, -plane[:, 1] * along, -np.cos(theta)], axis=1)

    def pixels(self, rays: Array) -> Array:
        """See Model."""
        off_axis = np.hypot(rays[:, 0], rays[:, 1])
        scale = self.rho(np.arctan2(off_axis, -rays[:, 2])) / np.maximum(off_axis, 1e-12)
        return np.stack([rays[:, 0] * scale, -rays[:, 1] * scale], axis=1)


@dataclass(frozen=True)
class Fisheye(Radial):
    """The polynomial from radius to angle, and its inverse."""

    theta_coefficients: Theta

    def theta(self, rho: Array) -> Array:
        """Angle from the axis, rad, for radii in frame widths."""
        c1, c2, c3, c4 = self.theta_coefficients
        return np.asarray(rho * (c1 + rho * (c2 + rho * (c3 + rho * c4))))

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        return _rising(self.theta, REACH_RHO)

    def rho(self, theta: Array) -> Array:
        """Radius in frame widths; beyond what is inverted it goes on straight, so that maps stay smooth."""
        angles, radii = self._inverse
        beyond = np.maximum(np.asarray(theta) - angles[-1], 0) / self.theta_coefficients[0]
        return np.asarray(np.interp(theta, angles, radii) + beyond)


@dataclass(frozen=True, kw_only=True)
class Pinhole(Radial):
    """Straight lines stay straight."""

    focal: float
    """Frame widths, 0.3..4."""

    def __post_init__(self) -> None:
        in_range("focal", self.focal, 0.3, 4)

    def theta(self, rho: Array) -> Array:
        """Arc tangent."""
        return np.asarray(np.arctan(np.asarray(rho) / self.focal))

    def rho(self, theta: Array) -> Array:
        """Tangent; beyond STEEPEST_RAD it goes on straight."""
        inside = np.minimum(theta, STEEPEST_RAD)
        slope = self.focal / np.cos(STEEPEST_RAD) ** 2
        return np.asarray(self.focal * np.tan(inside) + slope * (np.asarray(theta) - inside))


@dataclass(frozen=True, kw_only=True)
class KannalaBrandt(Radial):
    """A polynomial from angle to radius."""

    focal: float
    """Frame widths, 0.2..4."""
    k: tuple[float, float, float, float]
    """k1..k4 of theta^3, theta^5, theta^7, theta^9."""

    def __post_init__(self) -> None:
        in_range("focal", self.focal, 0.2, 4)
        object.__setattr__(self, "k", _numbers("k", self.k, 4, 20))

    def _forward(self, theta: Array) -> Array:
        t2 = np.asarray(theta) ** 2
        k1, k2, k3, k4 = self.k
        return np.asarray(self.focal * theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4)))))

    @cached_property
    def _inverse(self) -> tuple[Array, Array]:
        """(rho, theta) up to where the polynomial stops rising."""
        return _rising(self._forward, np.pi)

    def theta(self, rho: Array) -> Array:
        """By the inverse's table; beyond it goes on straight."""
        radii, angles = self._inverse
        beyond = np.maximum(np.asarray(rho) - radii[-1], 0) / self.focal
        return np.asarray(np.interp(rho, radii, angles) + beyond)

    def rho(self, theta: Array) -> Array:
        """The polynomial up to where it stops rising, then straight on."""
        last = self._inverse[1][-1]
        inside = np.minimum(theta, last)
        return np.asarray(self._forward(inside) + self.focal * (np.asarray(theta) - inside))


@dataclass(frozen=True, kw_only=True)
class BrownConrady:
    """A pinhole whose picture is bent by its distance from the middle, and tilted a little."""

    focal: float
    """Frame widths, 0.3..4."""
    k: tuple[float, float, float]
    """k1, k2, k3 of r^2, r^4, r^6."""
    p: tuple[float, float] = (0.0, 0.0)
    """p1, p2: decentring."""

    def __post_init__(self) -> None:
        in_range("focal", self.focal, 0.3, 4)
        object.__setattr__(self, "k", _numbers("k", self.k, 3, 20))
        object.__setattr__(self, "p", _numbers("p", self.p, 2, 0.2))

    def _bent(self, flat: Array) -> Array:
        """(N, 2) tangents behind the lens for (N, 2) tangents before it."""
        (k1, k2, k3), (p1, p2) = self.k, self.p
        x, y = flat[:, 0], flat[:, 1]
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        across = x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        down = y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
        return np.stack([across, down], axis=1)

    def rays(self, plane: Array) -> Array:
        """By Newton's method on both tangents."""
        goal = np.asarray(plane, float) / self.focal
        flat, step = goal.copy(), 1e-5
        for _ in range(20):
            here = self._bent(flat)
            a, c = ((self._bent(flat + np.array([step, 0])) - here) / step).T
            b, d = ((self._bent(flat + np.array([0, step])) - here) / step).T
            miss, turn = goal - here, a * d - b * c
            turn = np.where(np.abs(turn) < 1e-6, 1e-6, turn)
            move = np.stack([miss[:, 0] * d - b * miss[:, 1], a * miss[:, 1] - c * miss[:, 0]], axis=1)
            flat = flat + np.clip(move / turn[:, None], -0.5, 0.5)
            if np.abs(miss).max(initial=0) < 1e-10:
                break
        rays = np.stack([flat[:, 0], -flat[:, 1], -np.ones(len(flat))], axis=1)
        return np.asarray(rays / np.linalg.norm(rays, axis=1, keepdims=True))

    def pixels(self, rays: Array) -> Array:
        """OpenCV's projectPoints."""
        depth = np.maximum(-rays[:, 2], np.cos(STEEPEST_RAD))
        return self.focal * self._bent(np.stack([rays[:, 0] / depth, -rays[:, 1] / depth], axis=1))


MODELS: Mapping[str, type] = {"pinhole": Pinhole, "kannala_brandt": KannalaBrandt, "brown_conrady": BrownConrady}


def lens_of(name: str, stated: Stated) -> Model:
    """The lens that a spec states; refuses one that folds the picture, calling it by the knob's name."""
    if not isinstance(stated, Mapping):
        return Fisheye(theta_of(name, stated))
    numbers = dict(stated)
    model = numbers.pop("model", None)
    one_of(f"{name}.model", model, MODELS)
    known = [f.name for f in fields(MODELS[str(model)])]
    for key in numbers:
        one_of(f"{name}'s number", key, known)
    if missing := [key for key in known if key not in numbers and key != "p"]:
        raise ValueError(f"{name}.{missing[0]} must be given for a {model} lens, got none")
    try:
        lens: Model = MODELS[str(model)](**numbers)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}.{error}") from None
    _check_rising(name, lens, stated)
    return lens


def theta_of(name: str, coefficients: Sequence[float]) -> Theta:
    """Four coefficients of a lens that looks farther out the farther out the pixel lies."""
    if not isinstance(coefficients, Sequence) or len(coefficients) != 4:
        raise ValueError(f"{name} must be four numbers c1..c4 or a lens model, got {coefficients!r}")
    in_range(f"{name}[0]", coefficients[0], 0.5, 4)
    for n in (1, 2, 3):
        in_range(f"{name}[{n}]", coefficients[n], -10, 10)
    c1, c2, c3, c4 = map(float, coefficients)
    _check_rising(name, Fisheye((c1, c2, c3, c4)), list(coefficients))
    return c1, c2, c3, c4


def theta_fit(lens: Model, *, corner_rho: float) -> Theta:
    """The polynomial nearest to a lens up to the corner; its worst miss on the profiles is 0.1 degrees."""
    if isinstance(lens, Fisheye):
        return lens.theta_coefficients
    rho = np.linspace(0, corner_rho, 129)[1:]
    # both diagonals, so that decentring averages out
    slants = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) / np.sqrt(2)
    theta = np.mean([_angle(lens.rays(rho[:, None] * slant)) for slant in slants], axis=0)
    c1, c2, c3, c4 = np.linalg.lstsq(rho[:, None] ** np.arange(1, 5), theta, rcond=None)[0]
    return float(c1), float(c2), float(c3), float(c4)


def view_deg(lens: Model, size_px: tuple[int, int]) -> tuple[float, float, float]:
    """Field of view across, down and from corner to corner, degrees."""
    tall = size_px[1] / size_px[0]
    ends = np.array([[0.5, 0], [0, tall / 2], [0.5, tall / 2]])
    one, other = lens.rays(ends), lens.rays(-ends)
    across, down, slanting = np.degrees(_angle(one) + _angle(other))
    return float(across), float(down), float(slanting)


def _angle(rays: Array) -> Array:
    return np.arctan2(np.hypot(rays[:, 0], rays[:, 1]), -rays[:, 2])


def _rising(forward: Callable[[Array], Array], reach: float) -> tuple[Array, Array]:
    """(f(x), x) at 8192 places of 0..reach, cut where f stops rising."""
    x = np.linspace(0, reach, 8192)
    y = forward(x)
    falls = np.diff(y) <= 0
    last = int(np.argmax(falls)) if falls.any() else len(x) - 1
    return y[: last + 1], x[: last + 1]


def _check_rising(name: str, lens: Model, stated: Any) -> None:
    rho = np.linspace(0, CORNER_RHO, 64)
    theta = _angle(lens.rays(rho[:, None] * (0.8, 0.6)))
    seen = np.abs(lens.pixels(lens.rays(rho[:, None] * (0.8, 0.6))) - rho[:, None] * (0.8, 0.6)).max()
    if (np.diff(theta) <= 0).any() or seen > 1e-3:
        raise ValueError(f"{name} must rise up to the frame's corner (0.63 widths), got {stated}")


def _numbers(name: str, values: Any, count: int, limit: float) -> tuple[float, ...]:
    if not isinstance(values, Sequence) or len(values) != count:
        raise ValueError(f"{name} must be {count} numbers, got {values!r}")
    for n, value in enumerate(values):
        in_range(f"{name}[{n}]", value, -limit, limit)
    return tuple(map(float, values))
