"""From decoded frames to RGB: upright, square, 8 bits for foreign files; exact for our own. A frame is PyAV's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from augment.footage import Array
from augment.ingest import Normalised
from augment.picture.colour import Planes, tone_mapper

LIMITED, FULL = 1, 2
"""AVCOL_RANGE_MPEG and _JPEG."""


def shower(how: Normalised) -> Callable[[Any], Array]:
    """f(frame) -> upright RGB uint8 of how.size_px."""
    to_rgb = _scaled_rgb(how)
    turn = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}.get(how.turn_deg)

    def show(frame: Any) -> Array:
        picture = to_rgb(frame)
        if how.mirrored:
            picture = cv2.flip(picture, 1)
        return picture if turn is None else np.asarray(cv2.rotate(picture, turn))

    return show


def _scaled_rgb(how: Normalised) -> Callable[[Any], Array]:
    """f(frame) -> RGB uint8 of how.scaled_size_px, as coded (not turned)."""
    width, height = how.scaled_size_px
    levels = FULL if how.full_range else LIMITED
    mapper = tone_mapper(how.tone_map) if how.tone_map else None
    planes = Planes(how.scaled_size_px, matrix=how.matrix or "bt709", full_range=how.full_range)
    wide = "yuvj444p" if how.full_range else "yuv444p"

    def to_rgb(frame: Any) -> Array:
        # An odd size is cropped when nothing else changes it; every other size is scaled, size changes included.
        cropped = (frame.width & ~1, frame.height & ~1) == (width, height) == how.crop_px
        w, h = (frame.width, frame.height) if cropped else (width, height)
        by = {"width": w, "height": h, "interpolation": "AREA", "threads": 1}
        if mapper is not None:
            deep = frame.reformat(
                **by, format="rgb48le", src_colorspace="BT2020", src_color_range=levels, dst_color_range=FULL
            )
            return mapper(deep.to_ndarray()[:height, :width])
        if not how.matrix:
            return np.asarray(frame.reformat(**by, format="rgb24").to_ndarray()[:height, :width])
        if frame.format.name in ("yuv420p", "yuvj420p") and (w, h) == (frame.width, frame.height):
            y, u, v = (plane(p) for p in frame.planes)
            return planes.rgb(y[:height, :width], u[: height // 2, : width // 2], v[: height // 2, : width // 2])
        same = {"src_color_range": levels, "dst_color_range": levels}
        if frame.format.name.startswith("gray"):
            y = plane(frame.reformat(**by, **same, format="gray").planes[0])[:height, :width]
            grey = np.full((height, width), 128, np.uint8)
            return planes.rgb(y, grey, grey)
        y, u, v = (plane(p)[:height, :width] for p in frame.reformat(**by, **same, format=wide).planes)
        return planes.rgb(y, u, v)

    return to_rgb


def show_delivery(size_px: tuple[int, int]) -> Callable[[Any], Array]:
    """f(frame) -> RGB uint8 of our own yuv420p BT.709."""
    planes = Planes(size_px)
    return lambda frame: planes.rgb(*(plane(p) for p in frame.planes))


def show_master(frame: Any) -> Array:
    """RGB of a gbrp10le (uint16) or bgr0 (uint8) frame, exact."""
    if frame.format.name == "bgr0":
        return np.asarray(cv2.cvtColor(packed(frame), cv2.COLOR_BGRA2RGB))
    green, blue, red = (plane(p, np.uint16) for p in frame.planes)
    return np.asarray(cv2.merge((red, green, blue)))


def packed(frame: Any) -> Array:
    """(H, W, 4) view of a bgr0 frame's memory."""
    rows: Array = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, -1, 4)
    return rows[:, : frame.width]


def plane(plane: Any, dtype: type = np.uint8) -> Array:
    """(H, W) view of a plane's memory, without the padding of its rows."""
    rows: Array = np.frombuffer(plane, dtype).reshape(plane.height, -1)
    return rows[:, : plane.width]
