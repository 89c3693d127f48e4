"""Exposure: more or less light on the sensor, as auto-exposure leaves it; and the curve between light and codes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera.settling import Settling
from augment.kinds import Setting
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]


def light(code: Array) -> Array:
    """Linear scene light 0..1 of Rec.709 code values 0..1 (ITU-R BT.709, 1.2 inverted)."""
    code = np.asarray(code, float)
    return np.where(code < 0.081, code / 4.5, ((code + 0.099) / 1.099) ** (1 / 0.45))


def code(light: Array) -> Array:
    """Rec.709 code values 0..1 of linear scene light, clipped at white (ITU-R BT.709, 1.2)."""
    light = np.clip(np.asarray(light, float), 0, 1)
    return np.where(light < 0.018, light * 4.5, 1.099 * np.maximum(light, 0.018) ** 0.45 - 0.099)


def straightened(gain: Array) -> tuple[Array, Array]:
    """(slope, offset in codes) of the straight line nearest to what a gain of light does to 8-bit codes.

    Above the toe (20 codes) the curve of light times a gain is a straight line of codes exactly; the toe bends it. For
    gains of 0.5..1.4 the line lies within 4.5 codes of the truth everywhere and within 1 % of the light at middle grey;
    at 0.25 within 8 codes. It makes a gain per pixel one multiplication.
    """
    gains, slopes, offsets = _lines()
    return np.interp(gain, gains, slopes), np.interp(gain, gains, offsets)


@cache
def _lines() -> tuple[Array, Array, Array]:
    """Gains 0.05..2, and the slope and offset of the line of each."""
    values = np.arange(1, 256.0)
    gains = np.linspace(0.05, 2.0, 391)
    slopes, offsets = np.empty(391), np.empty(391)
    for n, wanted in enumerate(gains):
        true = 255 * code(light(values / 255) * wanted)
        kept = true < 255  # what clips clips by itself
        slopes[n], offsets[n] = np.polyfit(values[kept], true[kept], 1, w=values[kept] ** -0.5)
    return gains, slopes, offsets


@dataclass(frozen=True, kw_only=True)
class Exposure:
    """Multiplies linear light by a power of two and clips at white, as a sensor does.

    Stops on a frame = ev + hunting + (scene_ev - what auto-exposure has taken back of it): a lamp switched on is too
    bright at first and right again after the loop has settled. For the light of the picture itself: auto_exposure.
    """

    ev: Knob
    """Stops, -6..6, or a track: auto-exposure wanders by about a stop (notes/domain.md 3.2 [P])."""
    scene_ev: Knob = 0.0
    """Stops, -6..6, or a track, by which the light changes before the camera; a change is taken back."""
    rise_s: float = 0.8
    """10..90 % of auto-exposure's answer to a step, 0.1..5 s; cameras settle in 0.3..2 s [P]."""
    overshoot: float = 0.1
    """Share of a step by which the answer goes too far, 0..0.5 [P]."""
    hunting_ev: float = 0.0
    """Amplitude of the swing of a loop that finds no rest, stops, 0..1; cheap cameras show 0.02..0.15 [P]."""
    hunting_s: float = 0.8
    """Its period, 0.2..5 s [P]; its phase is drawn."""

    def __post_init__(self) -> None:
        knob_in_range("ev", self.ev, -6, 6)
        knob_in_range("scene_ev", self.scene_ev, -6, 6)
        in_range("rise_s", self.rise_s, 0.1, 5)
        in_range("overshoot", self.overshoot, 0, 0.5)
        in_range("hunting_ev", self.hunting_ev, 0, 1)
        in_range("hunting_s", self.hunting_s, 0.2, 5)

    def stops(self, setting: Setting) -> Array:
        """(T,) float64: all that is done to the light."""
        scene = values("scene_ev", self.scene_ev, setting)
        loop = Settling(rise_s=self.rise_s, overshoot=self.overshoot, fps=setting.fps)
        turns = np.arange(setting.length) / float(setting.fps) / self.hunting_s + setting.rng("hunting").uniform()
        hunting = self.hunting_ev * np.sin(2 * np.pi * turns)
        return np.asarray(values("ev", self.ev, setting) + hunting + (scene - loop.followed(scene)))

    def table(self, setting: Setting) -> Callable[[int], Array]:
        """The same for R, G and B."""
        stops = self.stops(setting)
        linear = light(np.arange(256) / 255)

        def look_up(t: int) -> Array:
            return np.repeat(255 * code(linear * 2 ** stops[t])[:, None], 3, axis=1)

        return look_up
