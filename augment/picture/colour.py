"""Between RGB and the planes of a video, and from a brighter picture to a screen's white; plain numbers, no codec."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LUMA = {
    "bt601": (0.299, 0.114),
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),
    "smpte240m": (0.212, 0.087),
    "fcc": (0.3, 0.11),
}
"""Matrix -> weights of red and blue in luma (ITU-T H.273, table 4)."""

REFERENCE_WHITE_NITS = 203.0
"""BT.2408: diffuse white of HDR pictures; it is put at 0.82 of a screen's white, what is brighter is squeezed above."""
RGB709_FROM_RGB2020 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]])


class Planes:
    """Turns RGB into 4:2:0 planes and back, for one size, matrix and range; it reuses its buffers.

    Own arithmetic because swscale's fast path truncates: each generation came back 1/255 darker (FFmpeg 8.1). Chroma is
    averaged over 2x2 pixels and repeated over them, so a picture that makes the journey twice has lost it once.
    """

    def __init__(self, size_px: tuple[int, int], *, matrix: str = "bt709", full_range: bool = False) -> None:
        width, height = size_px
        self.size_px = size_px
        self._yuv_from_rgb = yuv_from_rgb(matrix, full_range=full_range)
        self._rgb_from_yuv = _inverse(self._yuv_from_rgb)
        self._yuv = np.empty((height, width, 3), np.uint8)
        self._wide = tuple(np.empty((height, width), np.uint8) for _ in range(2))
        self._pairs = np.empty((height // 2, width // 2, 2), np.uint8)

    def fill(self, rgb: Array, y: Array, u: Array, v: Array) -> None:
        """Writes an RGB frame into its planes; rows may be padded."""
        width, height = self.size_px
        cv2.transform(rgb, self._yuv_from_rgb, dst=self._yuv)
        cv2.split(self._yuv, (y, *self._wide))
        for wide, half in zip(self._wide, (u, v), strict=True):
            cv2.resize(wide, (width // 2, height // 2), dst=half, interpolation=cv2.INTER_AREA)

    def rgb(self, y: Array, u: Array, v: Array, out: Array | None = None) -> Array:
        """(H, W, 3) uint8 from planes; u and v are whole or half as wide and high (even sizes then)."""
        width, height = self.size_px
        if u.shape != y.shape:
            for wide, half in zip(self._wide, (u, v), strict=True):
                cv2.merge((half, half), dst=self._pairs)
                rows = self._pairs.reshape(height // 2, width)
                wide[0::2] = rows
                wide[1::2] = rows
            u, v = self._wide
        cv2.merge((y, u, v), dst=self._yuv)
        return np.asarray(cv2.transform(self._yuv, self._rgb_from_yuv, dst=out))


def yuv_from_rgb(matrix: str, *, full_range: bool = False) -> Array:
    """(3, 4) float64: 8-bit YUV = M[:, :3] @ RGB + M[:, 3]."""
    kr, kb = LUMA[matrix]
    kg = 1 - kr - kb
    luma, chroma, black = (255, 127.5, 0) if full_range else (219, 112, 16)
    return np.array(
        [
            [luma / 255 * kr, luma / 255 * kg, luma / 255 * kb, black],
            [chroma / 255 * -kr / (1 - kb), chroma / 255 * -kg / (1 - kb), chroma / 255, 128],
            [chroma / 255, chroma / 255 * -kg / (1 - kr), chroma / 255 * -kb / (1 - kr), 128],
        ]
    )


def _inverse(affine: Array) -> Array:
    linear = np.linalg.inv(affine[:, :3])
    return np.hstack([linear, -linear @ affine[:, 3:]])


def tone_mapper(transfer: str) -> Callable[[Array], Array]:
    """f: (H, W, 3) uint16 full-range BT.2020 values of `transfer` (pq or hlg) -> uint8 BT.709 for a screen.

    Hues are kept (one gain per pixel); linear light up to half of white passes unchanged.
    """
    value = np.arange(4096) / 4095.0
    linear = (_pq_light(value) if transfer == "pq" else _hlg_light(value)).astype(np.float32)
    level = np.arange(8192) / 1024.0  # linear light 0..8 of reference white; PQ goes to 49
    squeezed = np.where(level < 0.5, level, 1 - 0.5 * np.exp(-(level - 0.5) / 0.5))
    gain = (squeezed / np.maximum(level, 1e-6)).astype(np.float32)
    gain[0] = 1
    light = np.arange(4096) / 4095.0
    curve = np.where(light < 0.018, 4.5 * light, 1.099 * np.power(light, 0.45) - 0.099)
    shown = np.clip(np.rint(curve * 255), 0, 255).astype(np.uint8)

    def mapped(rgb: Array) -> Array:
        light = cv2.transform(np.take(linear, rgb >> 4, mode="clip"), RGB709_FROM_RGB2020)
        red, green, blue = cv2.split(light)
        brightest = np.minimum(cv2.max(cv2.max(red, green), blue), 7.99)
        factor = np.take(gain, (brightest * 1024).astype(np.int16), mode="clip")
        values = cv2.multiply(light, cv2.merge([factor] * 3), scale=4095)
        return np.asarray(np.take(shown, np.clip(values, 0, 4095).astype(np.uint16), mode="clip"))

    return mapped


def _pq_light(value: Array) -> Array:
    """SMPTE ST 2084, in reference whites."""
    m1, m2, c1, c2, c3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875
    root = np.power(value, 1 / m2)
    return np.asarray(10000 / REFERENCE_WHITE_NITS * np.power(np.maximum(root - c1, 0) / (c2 - c3 * root), 1 / m1))


def _hlg_light(value: Array) -> Array:
    """ARIB STD-B67 on a 1000 nit screen (system gamma 1.2, taken per channel), in reference whites."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - c) / a) + b) / 12)
    return np.asarray(1000 / REFERENCE_WHITE_NITS * scene**1.2)
