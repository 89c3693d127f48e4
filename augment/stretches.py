"""Stretches of a clip: laid out at random in bursts, and the frames that stretches played one after another show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Cut = tuple[Fraction, Fraction, Fraction]
"""(start, stop, speed) of a stretch of the input; start and stop in frames that arrive."""


def bursts(rng: np.random.Generator, length: int, *, count: int, mean: float) -> Array:
    """(length,) bool with exactly `count` true, in bursts of `mean` on average; the first is never one of them."""
    hit = np.zeros(length, bool)
    count = min(count, length - 1)
    if count <= 0:
        return hit
    kept = length - count
    number = min(max(1, round(count / mean)), kept)
    lengths = _parts(rng, count, number)
    # one more, and taken off again: the clip may end in a burst
    gaps = _parts(rng, kept + 1, number + 1)
    at = 0
    for gap, burst in zip(gaps, lengths, strict=False):
        at += gap
        hit[at : at + burst] = True
        at += burst
    return hit


def runs(hit: Array) -> Iterator[tuple[int, int]]:
    """(first, stop) of each run of true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], hit, [False]]).astype(np.int8)))
    return ((int(first), int(stop)) for first, stop in edges.reshape(-1, 2))


def played(cuts: Sequence[Cut], *, length: int, count: int) -> Array:
    """(count,) int64: of `length` frames the one nearest to each output instant, at the rate at which they arrive."""
    picks = np.full(count, length - 1, np.int64)
    at = Fraction(0)
    for start, stop, speed in cuts:
        end = at + (stop - start) / speed
        n = np.arange(math.ceil(at), min(math.ceil(end), count))
        # a millionth of a frame: halves go up, whatever the last bit says
        shown = np.floor(float(start) + (n - float(at)) * float(speed) + 0.5 + 1e-6)
        picks[n] = np.clip(shown, 0, length - 1).astype(np.int64)
        at = end
    return picks


def seconds(cuts: Sequence[Cut], fps: Fraction) -> tuple[tuple[float, float, float], ...]:
    """The cuts as a TimeMap states them."""
    return tuple((float(start / fps), float(stop / fps), float(speed)) for start, stop, speed in cuts if stop > start)


def ratio(name: str, value: Any, low: float, high: float) -> Fraction:
    """An exact ratio: "30000/1001", "5/4", or a number, taken to the nearest thousandth part."""
    try:
        exact = Fraction(value) if isinstance(value, str | int) else Fraction(value).limit_denominator(1000)
        if low <= exact <= high and not isinstance(value, bool):
            return exact
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        pass
    raise ValueError(f"{name} must be a ratio in {low:g}..{high:g}, got {value!r}")


def _parts(rng: np.random.Generator, whole: int, count: int) -> list[int]:
    """`whole` cut at random into `count` parts of at least 1."""
    cuts = np.sort(rng.choice(np.arange(1, whole), count - 1, replace=False))
    return [int(part) for part in np.diff(np.concatenate([[0], cuts, [whole]]))]
