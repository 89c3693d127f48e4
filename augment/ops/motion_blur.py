"""Motion blur: while the shutter is open the camera turns along its path, and every point draws a streak."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.camera import motion
from augment.camera.sweep import Sweep
from augment.kinds import Setting
from augment.ops.lens import Picture
from augment.tracks import Knob, in_range, knob_in_range, values

Array = NDArray[Any]
TILES_PX = ((240, 135), (120, 68))
"""A streak is the same over a tile. Large ones are faster (0.4 MB fit the cache); small ones are for a camera that
rolls so fast that the streaks of neighbours would differ by more than UNLIKE_PX."""
UNLIKE_PX = 4.0
INSTANTS = 9
"""Instants at which the path is asked while the shutter is open."""
POINTS = 32
"""Points of a streak, from which its taps are weighed."""
TAPS = 6
"""Taps of a streak; longer ones are made of pairs of pairs."""
SHARP_PX = 1.0
"""Frames whose streaks are all shorter than this pass: a pixel blurs as much (48 dB between the two)."""
DARK = 0.0078125
"""Linear light below which ACEScct is a straight line (S-2016-001, clause 4.4)."""


@dataclass(frozen=True, kw_only=True)
class MotionBlur:
    """Averages each point over the streak that it draws through the lens, in linear light.

    8-bit codes are squared for it: a gamma of 2.0 where Rec.709 has 2.2 in the middle. 10-bit log codes become linear.
    The frame's instant is the middle of the exposure.
    """

    path: str
    """A name of the chain's `paths`: the one that shook the picture."""
    exposure_s: Knob
    """Seconds that the shutter is open, 1/8000..0.1 and at most a frame, or a track; body cameras 1/4000..1/fps [P]
    (notes/domain.md 3.2)."""
    distance_m: float = 4.0
    """Distance at which the path's shifts are seen, 0.5..1000 m; as that of `shake` [P]."""

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path:
            raise ValueError(f"path must be a name of the chain's paths, got {self.path!r}")
        knob_in_range("exposure_s", self.exposure_s, 1 / 8000, 0.1)
        in_range("distance_m", self.distance_m, 0.5, 1000)

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Tile by tile, in float, in place."""
        exposure_s = values("exposure_s", self.exposure_s, setting)
        if exposure_s.max() > 1 / setting.fps + 1e-9:
            raise ValueError(
                f"exposure_s must not exceed a frame, {float(1 / setting.fps):.6f} s, got {exposure_s.max():g}; "
                "open the shutter for less"
            )
        picture, kept = Picture.of(setting), dict[str, Array]()
        sweep = Sweep(
            way=motion.along(self.path, setting),
            frames_s=motion.frames_s(setting),
            offsets_s=np.linspace(-0.5, 0.5, INSTANTS) * exposure_s[:, None],
            distance_m=self.distance_m,
        )
        large, small = (Tiles.of(picture, tile_px) for tile_px in TILES_PX)

        def paint(t: int, frame: Array) -> Array:
            tiles, streaks = large, large.streaks(picture, sweep[t])
            if np.ptp(streaks, axis=1).max() < SHARP_PX:
                return frame
            if large.unlike_px(streaks) > UNLIKE_PX:
                tiles, streaks = small, small.streaks(picture, sweep[t])
            return _streaked(frame, tiles.boxes, streaks, kept)

        return paint


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """The picture in pieces over which a streak is the same."""

    boxes: list[tuple[int, int, int, int]]
    """x0, y0, x1, y1 px, row by row."""
    across: int
    """Tiles in a row."""
    centres: Array
    """(N, 2) px."""
    rays: Array
    """(N, 3) of the centres."""

    @classmethod
    def of(cls, picture: Picture, tile_px: tuple[int, int]) -> Tiles:
        """As near to tile_px as whole tiles allow."""
        x, y = (
            np.linspace(0, side, max(1, round(side / tile)) + 1).round().astype(int).tolist()
            for side, tile in zip(picture.size_px, tile_px, strict=True)
        )
        boxes = [(x0, y0, x1, y1) for y0, y1 in pairwise(y) for x0, x1 in pairwise(x)]
        centres = np.array([[(x0 + x1) / 2, (y0 + y1) / 2] for x0, y0, x1, y1 in boxes])
        return cls(boxes=boxes, across=len(x) - 1, centres=centres, rays=picture.rays(centres))

    def streaks(self, picture: Picture, turned: Array) -> Array:
        """(N, K, 2) px by which the centres' points move while the camera turns by (K, 3) rotation vectors."""
        # what the camera turns towards moves the other way
        seen = picture.pixels(motion.rotated(self.rays[:, None], -turned[None]))
        return np.asarray(seen - self.centres[:, None])

    def unlike_px(self, streaks: Array) -> float:
        """Largest difference between the streaks of neighbours."""
        whole = (streaks[:, -1] - streaks[:, 0]).reshape(-1, self.across, 2)
        steps = [np.abs(np.diff(whole, axis=axis)).max(initial=0) for axis in (0, 1)]
        return float(max(steps))


@dataclass(frozen=True, kw_only=True)
class Taps:
    """A streak as a few shifted copies, each the sum of a few pixels along it."""

    steps: tuple[tuple[int, int], ...]
    """Shifts (x, y) px by which the picture is added to itself, one after another: 1, 2, 4 ... along the streak."""
    copies: tuple[tuple[int, int, float], ...]
    """(x, y, weight) of each copy of what came of that."""
    margin: int
    """Pixels around a tile that are asked for."""


def taps(streaks: Array) -> list[Taps]:
    """The taps of (N, INSTANTS, 2) streaks, px from the middle of their tiles, as the picture is asked for them."""
    points = _between(-streaks)
    span = np.ptp(points, axis=1)
    stride = 1
    while span.max() / stride > TAPS:
        stride *= 2
    steep = span[:, 1] > span[:, 0]
    along = np.where(steep[:, None], points[..., 1], points[..., 0])
    across = np.where(steep[:, None], points[..., 0], points[..., 1])
    reach = along[:, -1] - along[:, 0]
    slope = np.clip((across[:, -1] - across[:, 0]) / np.where(np.abs(reach) < 1e-6, 1e-6, reach), -1, 1)
    bins = np.floor((along + 0.5) / stride).astype(int)
    first = bins.min(axis=1, keepdims=True)
    count = int((bins - first).max()) + 1
    cells = ((bins - first) + np.arange(len(points))[:, None] * count).ravel()
    share = np.bincount(cells, minlength=len(points) * count).reshape(-1, count) / POINTS
    # each copy lies about the middle of its points, so that half-empty ones at the ends do not lengthen the streak
    lead, side = (
        np.bincount(cells, weights=part.ravel(), minlength=len(points) * count).reshape(-1, count)
        / np.maximum(share, 1e-9)
        / POINTS
        for part in (along, across)
    )
    lead = np.rint(lead - (stride - 1) / 2).astype(int)
    side = np.rint(side - slope[:, None] * (stride - 1) / 2).astype(int)
    powers = 2 ** np.arange(stride.bit_length() - 1)
    tilts = np.rint(slope[:, None] * powers).astype(int)
    margins = np.maximum(np.abs(lead), np.abs(side)).max(axis=1) + stride + 1
    rows = zip(steep.tolist(), lead.tolist(), side.tolist(), (share / stride).tolist(), tilts.tolist(), strict=True)
    made = []
    for margin, (upright, leads, sides, weights, tilt) in zip(margins.tolist(), rows, strict=True):
        steps = zip(powers.tolist(), tilt, strict=True)
        copies = [copy for copy in zip(leads, sides, weights, strict=True) if copy[2]]
        made.append(
            Taps(
                steps=tuple((across, along) if upright else (along, across) for along, across in steps),
                copies=tuple((across, along, w) if upright else (along, across, w) for along, across, w in copies),
                margin=margin,
            )
        )
    return made


def _streaked(frame: Array, tiles: list[tuple[int, int, int, int]], streaks: Array, kept: dict[str, Array]) -> Array:
    """The frame, blurred in place: the tiles read from a copy with a border."""
    plan = taps(streaks)
    margin = max(one.margin for one in plan)
    wide = cv2.copyMakeBorder(frame, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    for (x0, y0, x1, y1), one in zip(tiles, plan, strict=True):
        width, height, reach = x1 - x0, y1 - y0, one.margin
        codes = wide[y0 + margin - reach : y1 + margin + reach, x0 + margin - reach : x1 + margin + reach]
        light = _light(codes, _room(kept, "light", codes.shape))
        for n, (dx, dy) in enumerate(one.steps):
            light = _pair(light, dx, dy, _room(kept, f"pair {n % 2}", codes.shape))
        total = _room(kept, "total", (height, width, 3))
        inner = np.s_[reach : reach + height, reach : reach + width]
        if one.steps:
            _copied(light, inner, one.copies, total)
            _code(total, total, frame[y0:y1, x0:x1])
        else:
            light = cv2.filter2D(light, -1, _kernel(one.copies), dst=_room(kept, "whole", codes.shape))
            _code(light[inner], total, frame[y0:y1, x0:x1])
    return frame


def _kernel(copies: Sequence[tuple[int, int, float]]) -> Array:
    """(2r + 1, 2r + 1) float32: for few taps close together a filter is faster than copies (and skips its zeros)."""
    reach = max(max(abs(dx), abs(dy)) for dx, dy, _ in copies)
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    for dx, dy, weight in copies:
        kernel[reach + dy, reach + dx] += weight
    return kernel


def _copied(light: Array, inner: tuple[slice, slice], copies: Sequence[tuple[int, int, float]], total: Array) -> None:
    """The weighted sum of shifted copies, in `total`: a filter as wide would go by way of Fourier."""
    total.fill(0)
    (top, bottom), (left, right) = ((side.start, side.stop) for side in inner)
    for dx, dy, weight in copies:
        cv2.scaleAdd(light[top + dy : bottom + dy, left + dx : right + dx], weight, total, dst=total)


def _room(kept: dict[str, Array], name: str, shape: tuple[int, ...]) -> Array:
    """A float32 array of this shape that is used again and again: fresh memory would cost more than the work in it."""
    size = math.prod(shape)
    if name not in kept or kept[name].size < size:
        kept[name] = np.empty(size, np.float32)
    return kept[name][:size].reshape(shape)


def _pair(light: Array, dx: int, dy: int, total: Array) -> Array:
    """Each pixel and the one at (dx, dy) from it, in `total`; where that lies outside, nobody will look."""
    height, width = light.shape[:2]
    up, down, left, right = max(0, -dy), max(0, dy), max(0, -dx), max(0, dx)
    here = np.s_[up : height - down, left : width - right]
    cv2.add(light[here], light[down : height - up, right : width - left], dst=total[here])
    return total


def _between(streaks: Array) -> Array:
    """(N, POINTS, 2) points evenly spread in time along (N, INSTANTS, 2)."""
    place = (np.arange(POINTS) + 0.5) / POINTS * (INSTANTS - 1)
    n = place.astype(int)
    part = (place - n)[:, None]
    return np.asarray(streaks[:, n] * (1 - part) + streaks[:, n + 1] * part)


_LOG_LIGHT = np.where(
    np.arange(1024) / 1023 <= 0.155251141552511,
    (np.arange(1024) / 1023 - 0.0729055341958355) / 10.5402377416545,
    2 ** (np.arange(1024) / 1023 * 17.52 - 9.72),
).astype(np.float32)
"""Linear light of 10-bit ACEScct codes."""


def _light(codes: Array, out: Array) -> Array:
    """float32 in `out`: squares of 8-bit codes, linear light of 10-bit ones."""
    if codes.dtype == np.uint8:
        return np.asarray(cv2.multiply(codes, codes, dst=out, dtype=cv2.CV_32F))
    return np.take(_LOG_LIGHT, codes, mode="clip", out=out)


def _code(light: Array, room: Array, out: Array) -> None:
    """Back again, rounded; by way of `room`."""
    if out.dtype == np.uint8:
        cv2.convertScaleAbs(cv2.sqrt(light, dst=room), dst=out)
        return
    low = np.minimum(light, np.float32(DARK)) * np.float32(10.5402377416545) + np.float32(0.0729055341958355)
    high = np.log2(np.maximum(light, np.float32(DARK))) * np.float32(1 / 17.52) - np.float32(np.log2(DARK) / 17.52)
    np.copyto(out, np.rint(np.clip((low + high) * np.float32(1023), 0, 1023)), casting="unsafe")
