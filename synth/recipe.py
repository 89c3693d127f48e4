"""Recipes: trees of constants and distributions that one draw turns into plain numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import NormalDist
from typing import Any, Protocol

from synth import seeds

Plain = Any
"""What JSON can hold."""


class Distribution(Protocol):
    """A range of values. `pick` maps a number in [0, 1) to one of them; `extremes` are the values at its edges."""

    def pick(self, u: float) -> Any: ...

    def extremes(self) -> Sequence[Any]: ...


@dataclass(frozen=True)
class Constant:
    """{constant: v}: always v; the way to write a mapping that looks like a distribution."""

    value: Any

    def pick(self, u: float) -> Any:
        return self.value

    def extremes(self) -> Sequence[Any]:
        return (self.value,)


@dataclass(frozen=True)
class Uniform:
    """{uniform: [low, high]}."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"uniform must be [low, high] with low <= high, got [{self.low}, {self.high}]")

    def pick(self, u: float) -> float:
        return self.low + (self.high - self.low) * u

    def extremes(self) -> Sequence[float]:
        return (self.low, self.high)


@dataclass(frozen=True)
class Integers:
    """{integers: [low, high]}, both included."""

    low: int
    high: int

    def __post_init__(self) -> None:
        if not (isinstance(self.low, int) and isinstance(self.high, int) and self.low <= self.high):
            raise ValueError(f"integers must be [low, high], whole, low <= high, got [{self.low}, {self.high}]")

    def pick(self, u: float) -> int:
        return self.low + int(u * (self.high - self.low + 1))

    def extremes(self) -> Sequence[int]:
        return (self.low, self.high)


@dataclass(frozen=True)
class Weighted:
    """{choice: [a, b]} with equal weights, or {weighted: {a: 3, b: 1}}. A choice may hold distributions."""

    values: tuple[Any, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError("choice must offer at least one value, got []")
        if min(self.weights) < 0 or not sum(self.weights) > 0:
            raise ValueError(f"weighted must have weights >= 0 that do not all vanish, got {list(self.weights)}")

    def pick(self, u: float) -> Any:
        reached = u * sum(self.weights)
        for value, edge in zip(self.values, accumulate(self.weights), strict=True):
            if reached < edge:
                return value
        return self.values[-1]

    def extremes(self) -> Sequence[Any]:
        return self.values


@dataclass(frozen=True)
class Normal:
    """{normal: {mean: m, std: s, low: a, high: b}}: cut off at the bounds, which are required."""

    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not (self.std > 0 and self.low < self.high):
            raise ValueError(f"normal must have std > 0 and low < high, got {self}")

    def pick(self, u: float) -> float:
        curve = NormalDist(self.mean, self.std)
        low, high = curve.cdf(self.low), curve.cdf(self.high)
        inside = min(max(low + (high - low) * u, 1e-300), 1 - 1e-16)
        return min(max(curve.inv_cdf(inside), self.low), self.high)

    def extremes(self) -> Sequence[float]:
        return (self.low, self.high)


@dataclass(frozen=True)
class LogUniform:
    """{log_uniform: [low, high]}, both above 0."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError(f"log_uniform must be [low, high] with 0 < low <= high, got [{self.low}, {self.high}]")

    def pick(self, u: float) -> float:
        return float(min(max(self.low * (self.high / self.low) ** u, self.low), self.high))

    def extremes(self) -> Sequence[float]:
        return (self.low, self.high)


@dataclass(frozen=True)
class Digits:
    """{digits: n}: n decimal digits as text, for fictitious numbers on a stamp."""

    count: int

    def __post_init__(self) -> None:
        if not (isinstance(self.count, int) and 1 <= self.count <= 12):
            raise ValueError(f"digits must be in 1..12, got {self.count!r}")

    def pick(self, u: float) -> str:
        return f"{int(u * 10**self.count):0{self.count}d}"

    def extremes(self) -> Sequence[str]:
        return ("0" * self.count, "9" * self.count)


def _pair(value: Any, name: str) -> tuple[Any, Any]:
    if not (isinstance(value, list) and len(value) == 2 and all(_number(v) for v in value)):
        raise ValueError(f"{name} must be [low, high], got {value!r}")
    return value[0], value[1]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _normal(value: Any) -> Normal:
    names = ("mean", "std", "low", "high")
    if not (isinstance(value, dict) and set(value) == set(names) and all(_number(v) for v in value.values())):
        raise ValueError(f"normal must have the numbers {', '.join(names)}, got {value!r}")
    return Normal(**value)


def _choice(value: Any) -> Weighted:
    if not isinstance(value, list):
        raise ValueError(f"choice must be a list, got {value!r}")
    return Weighted(tuple(value), (1.0,) * len(value))


def _weighted(value: Any) -> Weighted:
    if not (isinstance(value, dict) and all(_number(v) for v in value.values())):
        raise ValueError(f"weighted must map values to weights, got {value!r}")
    return Weighted(tuple(value), tuple(map(float, value.values())))


DISTRIBUTIONS: dict[str, Callable[[Any], Distribution]] = {
    "constant": Constant,
    "uniform": lambda v: Uniform(*_pair(v, "uniform")),
    "integers": lambda v: Integers(*_pair(v, "integers")),
    "choice": _choice,
    "weighted": _weighted,
    "normal": _normal,
    "digits": Digits,
    "log_uniform": lambda v: LogUniform(*_pair(v, "log_uniform")),
}


def distribution(node: Any) -> Distribution | None:
    """The distribution that a mapping with one known key states, else None. Raises ValueError when it is ill-formed."""
    if isinstance(node, dict) and len(node) == 1:
        ((name, value),) = node.items()
        if name in DISTRIBUTIONS:
            return DISTRIBUTIONS[name](value)
    return None


def draw(node: Any, *path: str | int) -> Plain:
    """One value of the tree; every leaf is drawn from the path of names that leads to it.

    In a list of ops an entry's name is its op and how many of the same stand before it, so adding another op shifts
    nothing; an entry with `chance: p` is left out with probability 1 - p.
    """
    if not isinstance(node, dict | list | tuple):
        return node
    known = distribution(node)
    if known is not None:
        picked = known.pick(seeds.unit(*path))
        return picked if isinstance(known, Constant) else draw(picked, *path, "picked")
    if isinstance(node, dict):
        return {key: draw(value, *path, key) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [draw(entry, *path, name) for name, entry in entries(node, path)]
    return node


def entries(node: Sequence[Any], path: Sequence[str | int]) -> Iterator[tuple[str | int, Any]]:
    """(name, entry) for the entries of a list that their `chance` lets pass, without that key."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(node):
        if not (isinstance(entry, dict) and "op" in entry):
            yield index, entry
            continue
        count = seen[entry["op"]] = seen.get(entry["op"], 0) + 1
        name = entry["op"] if count == 1 else f"{entry['op']}#{count}"
        if "chance" not in entry:
            yield name, entry
        elif seeds.unit(*path, name, "chance") < entry["chance"]:
            yield name, {key: value for key, value in entry.items() if key != "chance"}


def leaves(node: Any, at: str = "") -> Iterator[tuple[str, Distribution]]:
    """(key path, distribution) of every distribution in the tree; ill-formed ones raise ValueError with their path."""
    try:
        known = distribution(node)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{at}: {error}") from None
    if known is not None:
        yield at, known
        if isinstance(known, Weighted):
            for value in known.values:
                yield from leaves(value, at)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, f"{at}.{key}" if at else str(key))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from leaves(value, f"{at}[{index}]")


def corners(node: Any) -> Iterator[Plain]:
    """Plain trees that together show every extreme value of every distribution: the lowest everywhere first, then one
    leaf at a time at each of its other extremes. What every corner satisfies, knob by knob, every draw satisfies."""
    known = distribution(node)
    if known is not None:
        for extreme in known.extremes():
            yield from [extreme] if isinstance(known, Constant) else corners(extreme)
    elif isinstance(node, Mapping):
        yield from _varied({key: list(corners(value)) for key, value in node.items()})
    elif isinstance(node, list | tuple):
        for tree in _varied({index: list(corners(value)) for index, value in enumerate(node)}):
            yield list(tree.values())
    else:
        yield node


def _varied(options: Mapping[Any, list[Any]]) -> Iterator[dict[Any, Any]]:
    first = {key: values[0] for key, values in options.items()}
    yield dict(first)
    for key, values in options.items():
        for value in values[1:]:
            yield {**first, key: value}
