"""Checks of a recipe before its first draw: every extreme of every range, by the classes that will receive it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from synth.config import AugmentRecipe, IngestRecipe, RenderRecipe, Step, read
from synth.recipe import corners, leaves
from synth.resolve import camera, resolve
from synth.tree import RecipeError, nearest


def check(step: Step) -> None:
    """Every extreme of every range, by the classes that will receive it. Raises RecipeError."""
    file = str(step.file)
    try:
        for _ in leaves(step.tree):
            pass
    except ValueError as error:
        raise RecipeError(f"{file}: {error}") from None
    if isinstance(step.recipe, RenderRecipe):
        _check_render(step.recipe, file)
    elif isinstance(step.recipe, AugmentRecipe):
        _check_augment(step.recipe, file)
    elif isinstance(step.recipe, IngestRecipe):
        from augment.ingest import Normalisation

        read(Normalisation, step.recipe.normalise, file, "normalise")
    else:
        from synth.dataset.formats import FORMATS

        for index, form in enumerate(step.recipe.formats):
            if form not in FORMATS:
                raise RecipeError(
                    f"{file}: formats[{index}]: unknown format{nearest(form, tuple(FORMATS))}, got {form!r}"
                )


def _check_render(recipe: RenderRecipe, file: str) -> None:
    from augment.ops.tone import Tone
    from augment.video import Deliver
    from scenes.scenario import Scenario
    from scenes.shot import Quality

    for key in recipe.twin:
        if key not in (known := [f.name for f in fields(Scenario)]):
            raise RecipeError(f"{file}: twin.{key}: unknown key{nearest(key, known)}")
    read(Quality, recipe.quality, file, "quality")
    read(Tone, recipe.tone, file, "tone")
    read(Deliver, recipe.deliver, file, "deliver")
    for key in ("size_px", "fps"):
        if recipe.deliver.get(key) is not None:
            raise RecipeError(
                f"{file}: deliver.{key}: must be left out, a render is delivered as it was filmed: "
                f"set scenario.{key}, or deliver another in an augment recipe"
            )
    _check_packs(recipe, file)
    for case in corners(recipe.cases):
        if not set(case) <= {"scenario", "twin"}:
            raise RecipeError(f"{file}: cases: each must hold scenario and twin, got {', '.join(case)}")
        _check_case({**case.get("scenario", {}), **recipe.scenario}, {**case.get("twin", {}), **recipe.twin}, file)


def _check_case(scenario: Mapping[str, Any], twin: Mapping[str, Any], file: str) -> None:
    """Every extreme of both sides of a pair."""
    from scenes.scenario import Scenario
    from scenes.venues import VENUES

    first, base = next(corners(scenario)), next(corners(twin))
    for at, trees in (("scenario", scenario), ("twin", twin)):
        for tree in corners(trees):
            whole = tree if at == "scenario" else {**first, **base, **tree}
            whole = {"seed": 0, **whole}
            if isinstance(whole.get("camera_profile"), str):
                try:
                    whole["camera_profile"] = camera(whole["camera_profile"], 0)
                except RecipeError as error:
                    raise RecipeError(f"{file}: {at}.camera_profile: {error}") from None
            _check_names(whole, file, at)
            read(VENUES[whole["venue"]], whole.get("venue_knobs", {}), file, f"{at}.venue_knobs")
            read(Scenario, whole, file, at)
    _check_grips(scenario, twin, file)


def _check_grips(scenario: Mapping[str, Any], twin: Mapping[str, Any], file: str) -> None:
    """Both sides hold what they hold in one way: else hands and arms would tell the class."""
    from scenes.props import PROPS

    sides = [{key: list(corners(tree[key])) for key in ("held", "grip") if key in tree} for tree in (scenario, twin)]
    grips = sides[1].get("grip", sides[0].get("grip", [""]))
    ways: dict[str, str] = {}
    for held in (*sides[0].get("held", ["prop_long"]), *sides[1].get("held", [])):
        for grip in grips if held != "nothing" else []:
            known = tuple(PROPS[held].ways)
            if grip and grip not in known:
                raise RecipeError(f"{file}: grip: must be one of {', '.join(known)} for {held}, got {grip!r}")
            ways[held] = grip or known[0]
    if len(set(ways.values())) > 1 and (len(grips) > 1 or not grips[0]):
        said = ", ".join(f"{held} with {way}" for held, way in ways.items())
        raise RecipeError(
            f"{file}: grip: must be one for both sides of a pair, got {said}: state it, or draw it in cases"
        )


def _check_packs(recipe: RenderRecipe, file: str) -> None:
    for at, tree in (("scenario", recipe.scenario), ("twin", recipe.twin)):
        if "packs" in tree:
            raise RecipeError(f"{file}: {at}.packs: must be left out: name packs in the recipe's own `packs`")
    if not recipe.packs:
        return
    from synth.assets import pack_hash

    for index, name in enumerate(recipe.packs):
        try:
            pack_hash(name)
        except RecipeError as error:
            raise RecipeError(f"{file}: packs[{index}]: {error}") from None


def _check_names(scenario: Mapping[str, Any], file: str, at: str) -> None:
    for key, names in _scenario_names().items():
        if key in scenario and scenario[key] not in names:
            raise RecipeError(
                f"{file}: {at}.{key}: must be a known name{nearest(str(scenario[key]), names)}, got {scenario[key]!r}"
            )


@cache
def _scenario_names() -> dict[str, tuple[str, ...]]:
    from scenes.bodycam import GAITS
    from scenes.families import FAMILIES
    from scenes.light import LIGHTS
    from scenes.props import PALETTE, PROPS
    from scenes.props.held import WAYS
    from scenes.venues import VENUES

    return {
        "family": tuple(FAMILIES),
        "venue": tuple(VENUES),
        "held": (*PROPS, "nothing"),
        "held_colour": tuple(PALETTE),
        "grip": ("", *WAYS),
        "light": tuple(LIGHTS),
        "gait": tuple(GAITS),
    }


def _check_augment(recipe: AugmentRecipe, file: str) -> None:
    from augment import gate
    from augment.camera import motion
    from augment.ops import OPS
    from augment.video import Deliver

    for index, entry in enumerate(recipe.ops):
        at = f"ops[{index}]"
        if entry.get("op") not in OPS:
            raise RecipeError(
                f"{file}: {at}.op: unknown op{nearest(str(entry.get('op')), tuple(OPS))}, got {entry.get('op')!r}"
            )
        chance = entry.get("chance", 1)
        if not (isinstance(chance, int | float) and 0 <= chance <= 1):
            raise RecipeError(f"{file}: {at}.chance: must be in 0..1, got {chance!r}")
        knobs = {key: value for key, value in entry.items() if key not in ("op", "chance")}
        for corner in corners(knobs):
            read(OPS[entry["op"]].op, resolve(corner, 0), file, at)
    for name, tree in recipe.paths.items():
        for corner in corners(tree):
            read(motion.Path, {"seed": 0, **corner}, file, f"paths.{name}")
    for corner in corners(recipe.deliver):
        read(Deliver, corner, file, "deliver")
    for measure, plain in (recipe.keep_if or {}).items():
        at = f"keep_if.{measure}"
        if measure not in gate.MEASURES:
            raise RecipeError(f"{file}: {at}: unknown measure{nearest(measure, tuple(gate.MEASURES))}")
        read(gate.Rule, plain, file, at)
        try:
            gate.rule(measure, plain)
        except ValueError as error:
            raise RecipeError(f"{file}: keep_if.{error}") from None
