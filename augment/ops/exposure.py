"""Exposure: more or less light on the sensor, in stops; and the curve between light and code values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.tracks import Knob, knob_in_range, values

Array = NDArray[Any]


def light(code: Array) -> Array:
    """Linear scene light 0..1 of Rec.709 code values 0..1 (ITU-R BT.709, 1.2 inverted)."""
    code = np.asarray(code, float)
    return np.where(code < 0.081, code / 4.5, ((code + 0.099) / 1.099) ** (1 / 0.45))


def code(light: Array) -> Array:
    """Rec.709 code values 0..1 of linear scene light, clipped at white (ITU-R BT.709, 1.2)."""
    light = np.clip(np.asarray(light, float), 0, 1)
    return np.where(light < 0.018, light * 4.5, 1.099 * np.maximum(light, 0.018) ** 0.45 - 0.099)


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Multiplies linear light by 2 ** ev and clips at white, as a sensor does."""

    ev: Knob
    """Stops, -6..6, or a track: auto-exposure wanders by about a stop (notes/domain.md 3.2 [P])."""

    def __post_init__(self) -> None:
        knob_in_range("ev", self.ev, -6, 6)

    def table(self, setting: Setting) -> Callable[[int], Array]:
        """The same for R, G and B."""
        ev = values("ev", self.ev, setting)
        linear = light(np.arange(256) / 255)

        def look_up(t: int) -> Array:
            return np.repeat(255 * code(linear * 2 ** ev[t])[:, None], 3, axis=1)

        return look_up
