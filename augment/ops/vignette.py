"""Vignette: a lens gives its corners less light, by its own geometry or by a stated amount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.camera.fisheye import Fisheye
from augment.kinds import Setting
from augment.ops.exposure import straightened
from augment.tracks import in_range

Array = NDArray[Any]
ONE = 255
"""Of the map of slopes, uint8: a factor of 1."""
LEAST_LIGHT = 0.05
"""The corner of a very wide lens by geometry alone; real ones widen their pupil and keep more."""


@dataclass(frozen=True, kw_only=True)
class Vignette:
    """Multiplies linear light by a falloff about the centre.

    With `corner_ev`: cos^4 of an angle that loses that much in the corner. Without: the natural falloff of the
    footage's own lens, cos(theta) * sin(theta) theta' / (rho c1^2), which is cos^4 for a lens without distortion.
    """

    corner_ev: float | None = None
    """Stops lost in the corner, 0..4; small modules lose 0.5..1.5 after their own correction [P]; null: by the lens."""
    share: float = 1.0
    """Share of the loss, in stops, that is left, 0..1; cameras correct 0.5..0.9 of it [P]."""
    centre_x: float = 0.5
    """0..1 of the width; modules lie at 0.495..0.524 (notes/domain.md 3.1 [C])."""
    centre_y: float = 0.5
    """0..1 of the height; 0.469..0.527 [C]."""

    def __post_init__(self) -> None:
        if self.corner_ev is not None:
            in_range("corner_ev", self.corner_ev, 0, 4)
        in_range("share", self.share, 0, 1)
        in_range("centre_x", self.centre_x, 0, 1)
        in_range("centre_y", self.centre_y, 0, 1)

    def light_left(self, setting: Setting) -> Array:
        """(H, W) float64, 0..1: the gain of linear light."""
        w, h = setting.size_px
        x = (np.arange(w) + 0.5 - self.centre_x * w) / w
        y = (np.arange(h) + 0.5 - self.centre_y * h) / w
        rho = np.hypot(x[None], y[:, None])
        corner = np.hypot(0.5, 0.5 * h / w)
        if self.corner_ev is not None:
            tangent2 = 2 ** (self.corner_ev / 2) - 1  # cos^4 = 1 / (1 + tan^2)^2
            return np.asarray((1 + tangent2 * (rho / corner) ** 2) ** (-2 * self.share))
        if setting.camera.lens is None:
            raise ValueError("corner_ev must be given where the footage's lens is not known, got null")
        radii = np.linspace(0, rho.max(), 512)
        return np.asarray(np.interp(rho, radii, natural(Fisheye(setting.camera.lens), radii) ** self.share))

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """One multiplication and one subtraction per value, by maps made once."""
        slope, offset = straightened(self.light_left(setting))
        slopes = np.repeat(np.rint(slope * ONE).astype(np.uint8)[..., None], 3, axis=2)
        offsets = np.repeat(np.rint(-offset).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)

        def paint(t: int, frame: Array) -> Array:
            cv2.multiply(frame, slopes, dst=frame, scale=1 / ONE)
            return np.asarray(cv2.subtract(frame, offsets, dst=frame))

        return paint


def natural(lens: Fisheye, rho: Array) -> Array:
    """Light left at radii in frame widths: the solid angle a pixel sees, and the pupil seen from the side."""
    rho = np.maximum(rho, 1e-6)
    theta = np.minimum(lens.theta(rho), np.pi / 2)
    along = np.gradient(lens.theta(rho), rho)
    c1 = lens.theta_coefficients[0]
    left = np.cos(theta) * np.sin(theta) * along / (rho * c1**2)
    return np.asarray(np.minimum(np.maximum(left, LEAST_LIGHT), 1))
