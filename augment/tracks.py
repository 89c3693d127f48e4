"""Knobs of ops: a plain number, or a track over time {"steady" | "walk" | "wave" | "steps": {...}}; and their rules.

    {"steady": {"value": v}}                            the same on every frame
    {"walk": {"low": l, "high": h, "rate": r}}          a random walk reflected at l and h; r = rms change in 1 s
    {"wave": {"mean": m, "amplitude": a, "period_s": p}} a sine whose phase is drawn
    {"steps": {"low": l, "high": h, "hold_s": s}}       a new level after every s seconds on average (0.5 s .. 1.5 s)

Values come from the op's seed and the knob's name: two knobs of one op are independent.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting

Array = NDArray[Any]
Knob = float | Mapping[str, Mapping[str, float]]

SHAPES: Mapping[str, tuple[str, ...]] = {
    "steady": ("value",),
    "walk": ("low", "high", "rate"),
    "wave": ("mean", "amplitude", "period_s"),
    "steps": ("low", "high", "hold_s"),
}
"""A track's shapes and the numbers each is made of."""


def in_range(name: str, value: Any, low: float, high: float) -> None:
    """Refuses what is not a finite number in low..high."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or not low <= value <= high:
        raise ValueError(f"{name} must be in {low:g}..{high:g}, got {value!r}")


def one_of(name: str, value: Any, allowed: Iterable[str]) -> None:
    """Refuses a word that is not allowed, and offers the nearest one that is."""
    words = list(allowed)
    if value in words:
        return
    near = difflib.get_close_matches(str(value), words, n=1, cutoff=0.5)
    hint = f" (did you mean {near[0]!r}?)" if near else f"; it is one of {', '.join(words[:12])}"
    raise ValueError(f"{name} must be a known name, got {value!r}{hint}")


def knob_in_range(name: str, knob: Any, low: float, high: float) -> None:
    """Refuses a number outside low..high, and a track that is malformed or can leave low..high."""
    if not isinstance(knob, Mapping):
        in_range(name, knob, low, high)
        return
    if len(knob) != 1:
        raise ValueError(f"{name} must be a number or one track of {', '.join(SHAPES)}, got {sorted(knob)}")
    ((shape, numbers),) = knob.items()
    one_of(f"{name}'s track", shape, SHAPES)
    if not isinstance(numbers, Mapping) or set(numbers) != set(SHAPES[shape]):
        raise ValueError(f"{name}.{shape} must hold exactly {', '.join(SHAPES[shape])}, got {numbers!r}")
    for key in ("rate", "period_s", "hold_s"):
        if key in numbers:
            in_range(f"{name}.{shape}.{key}", numbers[key], 1e-3, 1e6)
    if shape == "wave":
        in_range(f"{name}.wave.amplitude", numbers["amplitude"], 0, high - low)
        in_range(f"{name}.wave mean - amplitude", numbers["mean"] - numbers["amplitude"], low, high)
        in_range(f"{name}.wave mean + amplitude", numbers["mean"] + numbers["amplitude"], low, high)
        return
    for key in SHAPES[shape][: 1 if shape == "steady" else 2]:
        in_range(f"{name}.{shape}.{key}", numbers[key], low, high)
    if shape != "steady" and numbers["low"] > numbers["high"]:
        raise ValueError(f"{name}.{shape}.low must not exceed high, got {numbers['low']} and {numbers['high']}")


def values(name: str, knob: Knob, setting: Setting) -> Array:
    """(T,) float64: the knob on each of the clip's frames."""
    if not isinstance(knob, Mapping):
        return np.full(setting.length, float(knob))
    ((shape, numbers),) = knob.items()
    rng = setting.rng("track", name)
    t_s = np.arange(setting.length) / float(setting.fps)
    match shape:
        case "steady":
            return np.full(setting.length, float(numbers["value"]))
        case "walk":
            start = rng.uniform(numbers["low"], numbers["high"])
            moves = rng.standard_normal(setting.length) * numbers["rate"] / math.sqrt(setting.fps)
            moves[:1] = 0
            return _reflected(start + np.cumsum(moves), low=numbers["low"], high=numbers["high"])
        case "wave":
            turns = t_s / numbers["period_s"] + rng.uniform()
            return np.asarray(numbers["mean"] + numbers["amplitude"] * np.sin(2 * np.pi * turns))
        case _:
            holds = rng.uniform(0.5, 1.5, math.ceil(2 * setting.length / float(setting.fps) / numbers["hold_s"]) + 1)
            levels = rng.uniform(numbers["low"], numbers["high"], len(holds) + 1)
            return np.asarray(levels[np.searchsorted(np.cumsum(holds * numbers["hold_s"]), t_s, side="right")])


def _reflected(x: Array, *, low: float, high: float) -> Array:
    """x folded back into low..high as if its ends were mirrors."""
    span = max(high - low, 1e-12)
    return np.asarray(low + span - np.abs((x - low) % (2 * span) - span))
