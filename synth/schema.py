"""Schema: what a recipe may say, generated from the classes that read it."""

from __future__ import annotations

from typing import Any

from synth.config import KINDS, schema_of, vocabulary
from synth.recipe import DISTRIBUTIONS
from synth.tree import RecipeError, nearest

_OTHERS = ("ops", "scenario", "vocabulary", "distributions")


def describe(kind: str) -> dict[str, Any]:
    """The JSON Schema of a recipe kind, of a scenario or of every op; or the vocabulary; or the distributions."""
    if kind in KINDS:
        return schema_of(KINDS[kind])
    if kind == "scenario":
        from scenes.scenario import Scenario

        return schema_of(Scenario)
    if kind == "ops":
        from augment.ops import OPS

        return {name: {"kind": row.kind, **schema_of(row.op)} for name, row in sorted(OPS.items())}
    if kind == "vocabulary":
        return vocabulary()
    if kind == "distributions":
        return {name: (made.__doc__ or "[low, high]").splitlines()[0] for name, made in DISTRIBUTIONS.items()}
    names = (*KINDS, *_OTHERS)
    raise RecipeError(f"schema: must be one of {', '.join(names)}{nearest(kind, names)}, got {kind!r}")
