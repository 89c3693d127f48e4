"""Lens: the polynomial fisheye, from angles to pixels and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.shot.turns import Array


@dataclass(frozen=True, kw_only=True)
class Lens:
    """Polynomial fisheye: theta[rad] = c1*rho + c2*rho^2 + c3*rho^3 + c4*rho^4, rho in frame widths."""

    theta_coefficients: tuple[float, float, float, float]
    """(c1, c2, c3, c4)."""

    def theta(self, rho: Array) -> Array:
        """Angle from the optical axis, rad, for radii in frame widths. Any shape."""
        c1, c2, c3, c4 = self.theta_coefficients
        angle: Array = rho * (c1 + rho * (c2 + rho * (c3 + rho * c4)))
        return angle

    def rho(self, theta: Array) -> Array:
        """Radius in frame widths for angles in rad, by 12 Newton steps, clipped to rho in 0..1.5. Any shape."""
        c1, c2, c3, c4 = self.theta_coefficients
        rho = np.asarray(theta, float) / c1
        for _ in range(12):
            slope = c1 + rho * (2 * c2 + rho * (3 * c3 + rho * 4 * c4))
            rho = np.clip(rho - (self.theta(rho) - theta) / np.maximum(slope, 0.1), 0, 1.5)
        return rho

    def project(self, points_cam: Array, size_px: tuple[int, int]) -> Array:
        """Pixels (N, 2) float64, x right and y down, of points (N, 3) in camera coordinates; the first pixel's centre
        is (0.5, 0.5). Points behind the lens land far outside the frame, never inside."""
        w, h = size_px
        x, y, z = np.asarray(points_cam, float).T
        off_axis = np.hypot(x, y)
        rho = self.rho(np.arctan2(off_axis, -z))
        scale = np.divide(rho * w, off_axis, out=np.zeros_like(rho), where=off_axis > 1e-12)
        return np.stack([w / 2 + x * scale, h / 2 - y * scale], axis=1)
