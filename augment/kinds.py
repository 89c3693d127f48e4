"""The five kinds of op, as the chain sees them. An op is a frozen dataclass of its knobs that answers one of these.

An op decides nothing at random by itself: all randomness comes from `setting.rng(...)`, which hashes the op's seed in
the spec with the names it is given (a frame number for what is fresh every frame).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from augment.footage import Audio, CameraState

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where an op finds itself: the clip as it arrives at this op."""

    fps: Fraction
    size_px: tuple[int, int]
    length: int
    """Frames that arrive."""
    seed: int
    """The op's own seed, from the spec."""
    camera: CameraState = field(default_factory=CameraState)
    paths: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """The chain's named camera trajectories, as the spec states them (augment/camera/motion.py)."""
    files: Mapping[str, Path] = field(default_factory=dict)
    """Files of packs (fonts, marks) by "pack-hash/item"; handed in by synth/tasks/."""

    def rng(self, *names: str | int) -> np.random.Generator:
        """A generator for a purpose: same seed and names, same numbers."""
        text = "/".join(map(str, (self.seed, *names)))
        return np.random.Generator(np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")))


class Warp(Protocol):
    """Says where every output pixel samples the input."""

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """(width, height) of what comes out."""

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """f(t, xy): input pixel coordinates (N, 2) float64 for output pixel coordinates (N, 2); the first pixel's
        centre is (0.5, 0.5). Smooth: the chain evaluates it on a coarse grid and composes neighbours."""

    # A warp that looks through the lens says besides: camera_after(setting) -> CameraState with the lens behind it,
    # and, when it turns the camera, turns(setting) -> (T, 3, 3) its new axes (x right, y up, looking down -z) in its
    # old ones. For scaled, turned, mirrored and moved copies the chain finds both by itself (augment/camera/view.py).
    #
    # A warp that shows the picture in a part of its frame, with bars around it, says besides:
    # shows(setting) -> (x0, y0, x1, y1) whole px of the output, and surround(setting) -> f(frame) that fills the bars.


class Pixel(Protocol):
    """New values in place."""

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """f(t, frame) -> frame of the same shape and dtype (uint16 in, uint8 out for `tone`); may write in place."""

    def covers(self, setting: Setting) -> Callable[[int], Array | None]:
        """f(t): (H, W) bool of what this op hides on frame t, or None. (Ops that hide nothing leave it out.)"""


class Table(Protocol):
    """A pixel op that maps each value by itself; neighbours fuse into one look-up."""

    def table(self, setting: Setting) -> Callable[[int], Array]:
        """f(t): (256, 3) float64, what each 8-bit value of R, G, B becomes on frame t, 0..255."""


STANDS = 1e-3
"""A stretch played slower than this is a stall: it makes no sound."""


@dataclass(frozen=True, kw_only=True)
class TimeMap:
    """Which input frame each output frame shows, and how seconds move."""

    picks: Array
    """(N,) int64 input frames, never falling; one may be picked again and again."""
    fps: Fraction
    cuts: tuple[tuple[float, float, float], ...]
    """(start_s, stop_s, speed) stretches of the input played one after another; events and audio follow these."""
    state: tuple[str, ...] = ()
    """Per output frame "" or freeze, drop, duplicate (which show the frame before again); empty when all are ""."""
    silent: tuple[tuple[float, float], ...] = ()
    """(start_s, stop_s) stretches of the output without sound, as when a player stalls."""


class Time(Protocol):
    """Says which (source, instant) each output frame shows."""

    def time_map(self, setting: Setting) -> TimeMap:
        """Raises ValueError with the way out when nothing would be left."""


class Stream(Protocol):
    """A real encode and decode."""

    def run(self, setting: Setting, frames: Iterator[Array]) -> Iterator[tuple[Array, str]]:
        """Yields exactly one (frame, state) per input frame, state "" or loss, freeze."""


class Sounding(Protocol):
    """New samples in place."""

    def hear(self, setting: Setting, audio: Audio) -> Audio:
        """The new audio, of the same length and rate."""

    def silences(self, setting: Setting) -> tuple[tuple[float, float], ...]:
        """Stretches (start_s, stop_s) of the clip; what happens in one wholly can be heard nowhere any more."""

    def shift_s(self, setting: Setting) -> Array:
        """(T,) seconds by which the sound of each frame's instant is heard later than the frame is seen; less than 0
        for earlier. (Ops that keep sound in step leave it out.)"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table OPS."""

    op: type
    kind: str
    """warp, pixel, table, time, stream or sound."""
    takes: str = "uint8"
    """uint8, uint16 (10-bit log) or both."""
    adds: tuple[str, ...] = ()
    """What CameraState.done holds afterwards; when it already does, the op is an error."""
    c2pa_action: str = "c2pa.edited"
