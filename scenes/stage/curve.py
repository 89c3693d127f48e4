"""The camera-log curve of a master: linear scene light to 10-bit ACEScct and back (AMPAS S-2016-001); numpy alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

KNEE_LINEAR = 0.0078125
"""Below this light the curve is a straight line."""
SLOPE, OFFSET = 10.5402377416545, 0.0729055341958355
STOPS, MIDDLE = 17.52, 9.72
TOP_CODE = 1023


def codes_from_light(light: Array) -> Array:
    """uint16 codes 0..1023 of linear scene light, any shape; code 1023 is a light of 223, and what is not a number
    is black."""
    clean = np.nan_to_num(np.asarray(light, np.float32), nan=0.0, posinf=1e6, neginf=0.0)
    straight = np.float32(SLOPE) * clean + np.float32(OFFSET)
    curved = (np.log2(np.maximum(clean, np.float32(KNEE_LINEAR))) + np.float32(MIDDLE)) / np.float32(STOPS)
    level = np.where(clean <= KNEE_LINEAR, straight, curved)
    codes: Array = np.clip(np.rint(level * TOP_CODE), 0, TOP_CODE).astype(np.uint16)
    return codes


def light_from_codes(codes: Array) -> Array:
    """Linear scene light float32 of codes 0..1023, any shape."""
    level = np.asarray(codes, np.float32) / TOP_CODE
    knee = np.float32(SLOPE * KNEE_LINEAR + OFFSET)
    curved = np.exp2(level * np.float32(STOPS) - np.float32(MIDDLE))
    light: Array = np.where(level <= knee, (level - np.float32(OFFSET)) / np.float32(SLOPE), curved)
    return light
