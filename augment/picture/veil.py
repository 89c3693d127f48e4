"""Light lost and light added before the sensor, in linear light at the price of 8 bits: by a local affine of the codes.

A code c becomes G*c + B, with G and B the tangent of code(light(c) * passes + adds) at the local mean of the picture,
made on a coarse copy and enlarged. Without detail inside a cell that is exact; 1080p costs 7 ms, of a part its share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.ops.exposure import light

Array = NDArray[Any]
Part = tuple[slice, slice]
"""Rows and columns."""
WHOLE: Part = (slice(None), slice(None))
KNEE = 0.018
"""Linear light below which Rec.709 is straight (ITU-R BT.709, 1.2)."""
LIGHT = light(np.arange(256) / 255).astype(np.float32)
"""Of each 8-bit code."""
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def _slope(light: Array) -> Array:
    """d code / d light of Rec.709, both 0..1; 4.5 below the knee."""
    return np.asarray(0.45 * 1.099 * cv2.pow(np.maximum(light, KNEE), -0.55))


def _code(light: Array) -> Array:
    """Rec.709 in float32, 0..1, clipped at white."""
    bent = 1.099 * cv2.pow(np.maximum(light, KNEE), 0.45) - 0.099
    return np.asarray(np.minimum(np.where(light < KNEE, np.float32(4.5) * light, bent), np.float32(1)))


def coarse(frame: Array, size_px: tuple[int, int]) -> Array:
    """(h, w, 3) uint8 means of a frame's cells; halved first, which is four times as fast."""
    h, w = frame.shape[:2]
    if w >= 4 * size_px[0] and h >= 4 * size_px[1] and not w % 2 and not h % 2:
        frame = cv2.resize(frame, (w // 2, h // 2), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.resize(frame, size_px, interpolation=cv2.INTER_AREA))


def scene_light(frame: Array) -> Array:
    """(3,) float32 mean linear light of a picture, by about 2,000 of its pixels: what lights things near the lens."""
    every = max(1, int(np.sqrt(frame.shape[0] * frame.shape[1] / 2000)))
    return np.asarray(LIGHT[frame[every // 2 :: every, every // 2 :: every]].mean(axis=(0, 1)))


@dataclass(frozen=True, kw_only=True)
class Veil:
    """Lays light on frames of one size, or on a part of them; keeps its buffers."""

    _kept: dict[str, Array] = field(default_factory=dict, repr=False, compare=False)

    def lay(
        self, frame: Array, *, passes: Array, adds: Array, small: Array | None = None, inner: Part = WHOLE
    ) -> Array:
        """The frame, or a view of it, in place.

        passes (h, w) or (h, w, 3) float32 share of the light that gets through; adds (h, w, 3) float32 linear light;
        small (h, w, 3) uint8 the coarse picture where it is known already.
        """
        h, w = adds.shape[:2]
        gain, lift = tangent(coarse(frame, (w, h)) if small is None else small, passes=passes, adds=adds)
        return self.map(frame, gain=gain, lift=lift, inner=inner)

    def map(self, frame: Array, *, gain: Array, lift: Array, inner: Part = WHOLE) -> Array:
        """The frame times gain / 255 plus lift, in place; both are (h, w, 3) uint8 of any smaller size.

        `inner` is the part to change, where maps reach beyond it so that they join their neighbours' without a seam.
        """
        gain, lift = (self._enlarged(name, small, frame)[inner] for name, small in (("gain", gain), ("lift", lift)))
        part = frame[inner]
        cv2.add(cv2.multiply(part, gain, dst=gain, scale=1 / 255), lift, dst=part)
        return frame

    def _enlarged(self, name: str, small: Array, frame: Array) -> Array:
        """Of the frame's size."""
        buffer = self._kept.get(name)
        if buffer is None or buffer.size < frame.size:
            buffer = self._kept[name] = np.empty(frame.size, np.uint8)
        room = buffer[: frame.size].reshape(frame.shape)
        return np.asarray(cv2.resize(small, frame.shape[1::-1], dst=room))


def tangent(small: Array, *, passes: Array, adds: Array) -> tuple[Array, Array]:
    """(gain, lift) uint8 of a coarse picture: codes after are gain / 255 times codes before, plus lift."""
    passes = passes if passes.ndim == 3 else passes[..., None]
    before = cv2.LUT(small, LIGHT)
    after = before * passes + adds
    codes = 255 * _code(after)
    slope = np.minimum(passes * _slope(after) / _slope(before), 1)
    # at black nothing is lost any more: there the line goes through the origin
    slope = np.minimum(slope, codes / np.maximum(small, 1))
    return cv2.convertScaleAbs(255 * slope), cv2.convertScaleAbs(np.maximum(codes - slope * small, 0))


def plasma(rng: np.random.Generator, size_px: tuple[int, int], *, coarsest_px: float, octaves: int = 4) -> Array:
    """(h, w) float32 cloudy noise of mean 0 and standard deviation 1: octaves of smooth noise, each half as strong."""
    w, h = size_px
    cloud = np.zeros((h, w), np.float32)
    for octave in range(octaves):
        cell = max(1.0, coarsest_px / 2**octave)
        seeds = rng.standard_normal((int(h / cell) + 3, int(w / cell) + 3), dtype=np.float32)
        wide = cv2.resize(
            seeds, (round(seeds.shape[1] * cell), round(seeds.shape[0] * cell)), interpolation=cv2.INTER_CUBIC
        )
        x, y = (int(rng.integers(0, max(1, room))) for room in (wide.shape[1] - w, wide.shape[0] - h))
        cloud += wide[y : y + h, x : x + w] / 2**octave
    return np.asarray((cloud - cloud.mean()) / max(float(cloud.std()), 1e-6))


def smooth(x: Array) -> Array:
    """0..1 with soft ends for 0..1."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x))
