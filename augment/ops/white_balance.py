"""White balance: the colour of the light, and what the camera believes it to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera.settling import Settling
from augment.kinds import Setting
from augment.ops.exposure import code, light
from augment.ops.tone import LUMA
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]
RGB_FROM_XYZ = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
"""Linear Rec.709 of CIE XYZ (primaries of ITU-R BT.709, white D65)."""
LOWEST_K, HIGHEST_K = 2200, 12_000


def planckian_rgb(kelvin: Array) -> Array:
    """(..., 3) linear Rec.709 of a black body of luminance 1 (cubic fits of Kim et al. 2002, 1667..25,000 K)."""
    t = np.asarray(kelvin, float)
    x = np.where(
        t <= 4000,
        -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910,
        -3.0258469e9 / t**3 + 2.1070379e6 / t**2 + 0.2226347e3 / t + 0.240390,
    )
    y = np.select(
        [t <= 2222, t <= 4000],
        [
            -1.1063814 * x**3 - 1.34811020 * x**2 + 2.18555832 * x - 0.20219683,
            -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867,
        ],
        3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483,
    )
    return np.asarray(np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1) @ RGB_FROM_XYZ.T)


@dataclass(frozen=True, kw_only=True)
class WhiteBalance:
    """Gains of R, G and B in linear light: the colour of the light over the colour the camera takes for white.

    Equal temperatures change nothing. `follow` is automatic white balance: it starts balanced as far as it goes, and
    after a change of light takes `rise_s` to follow.
    """

    light_k: Knob = 5500.0
    """Colour temperature of the light, 2200..12,000 K, or a track. Tungsten 2850, warm LED 3000, fluorescent 4000,
    sun 5500, shade 7500 [R]."""
    balanced_k: Knob = 5500.0
    """What a camera without automatic balance takes for white, same range; a walk is its drift."""
    tint: Knob = 0.0
    """Green (positive) against magenta, stops, -1..1; fluorescent lamps and mixed light leave 0.1..0.3 [P]."""
    follow: float = 0.85
    """Share of the light's colour that automatic balance takes back, 0 (a fixed balance) ..1; warm light is left a
    little warm: 0.7..0.95 [P]."""
    rise_s: float = 1.5
    """10..90 % of automatic balance's answer to a step, 0.1..10 s; cameras take 0.5..4 s (notes/domain.md 3.2 [P])."""

    def __post_init__(self) -> None:
        knob_in_range("light_k", self.light_k, LOWEST_K, HIGHEST_K)
        knob_in_range("balanced_k", self.balanced_k, LOWEST_K, HIGHEST_K)
        knob_in_range("tint", self.tint, -1, 1)
        in_range("follow", self.follow, 0, 1)
        in_range("rise_s", self.rise_s, 0.1, 10)

    def gains(self, setting: Setting) -> Array:
        """(T, 3) float64 of linear R, G, B; a grey keeps its luminance."""
        lit = 1e6 / values("light_k", self.light_k, setting)
        white = 1e6 / values("balanced_k", self.balanced_k, setting)
        loop = Settling(rise_s=self.rise_s, overshoot=0, fps=setting.fps)
        believed = white + self.follow * loop.followed(lit - white)  # mireds: equal steps look equal
        gains = planckian_rgb(1e6 / lit) / planckian_rgb(1e6 / believed)
        green = 2 ** values("tint", self.tint, setting)
        gains = gains * np.stack([green**-0.5, green**0.5, green**-0.5], axis=-1)
        return np.asarray(gains / (gains @ LUMA)[:, None])

    def table(self, setting: Setting) -> Callable[[int], Array]:
        """A curve for each of R, G and B."""
        gains = self.gains(setting)
        linear = light(np.arange(256) / 255)

        def look_up(t: int) -> Array:
            return np.asarray(255 * code(linear[:, None] * gains[t]))

        return look_up
