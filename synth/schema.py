"""Schema: what a recipe may say, generated from the classes that read it."""

from __future__ import annotations

from typing import Any

from synth.config import KINDS, vocabulary
from synth.recipe import DISTRIBUTIONS
from synth.tree import RecipeError, nearest

_OTHERS = ("ops", "scenario", "vocabulary", "distributions")


def describe(kind: str) -> dict[str, Any]:
    """The JSON Schema of a recipe kind, of a scenario or of every op; or the vocabulary; or the distributions."""
    from pydantic import TypeAdapter

    if kind in KINDS:
        return TypeAdapter(KINDS[kind]).json_schema()
    if kind == "scenario":
        from scenes.scenario import Scenario

        return TypeAdapter(Scenario).json_schema()
    if kind == "ops":
        from augment.ops import OPS

        return {name: {"kind": row.kind, **TypeAdapter(row.op).json_schema()} for name, row in sorted(OPS.items())}
    if kind == "vocabulary":
        return vocabulary()
    if kind == "distributions":
        return {name: (made.__doc__ or "[low, high]").splitlines()[0] for name, made in DISTRIBUTIONS.items()}
    names = (*KINDS, *_OTHERS)
    raise RecipeError(f"schema: must be one of {', '.join(names)}{nearest(kind, names)}, got {kind!r}")
