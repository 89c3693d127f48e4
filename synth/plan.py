"""Planning: a job becomes a stream of tasks, plain numbers, before anything runs; pure but for hashing originals."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from synth import seeds
from synth.config import (
    AugmentRecipe,
    IngestRecipe,
    Job,
    RenderRecipe,
    Step,
    profile,
    read,
    words,
)
from synth.recipe import corners, draw, leaves
from synth.task import Task
from synth.tree import RecipeError, nearest, read_yaml

SOURCE_FIELDS = ("source", "licence", "force", "country", "site", "date", "mount", "camera", "marking", "agreement")
"""Sidecar columns; `file` names the row."""


def plan(job: Job, *, footage: Path | None = None, known: Iterable[Task] = ()) -> Iterator[Task]:
    """The clip tasks of a job, every source followed by its children. Packages are planned when their clips stand.

    known: tasks of earlier runs that augment steps may take as sources when the job has none of its own.
    Raises RecipeError before the first task when a recipe is wrong.
    """
    for step in job.steps:
        check(step)
    children = [step for step in job.steps if step.kind == "augment"]
    own = [step for step in job.steps if step.kind in ("ingest", "render")]
    if not own:
        for source in known:
            yield from _children(children, source)
    for step in own:
        for source in sources(step, footage):
            yield source
            yield from _children(children, source)


def sources(step: Step, footage: Path | None) -> Iterator[Task]:
    """The root clips of an ingest or render step."""
    if isinstance(step.recipe, IngestRecipe):
        yield from _ingests(step.recipe, step.file, footage)
    elif isinstance(step.recipe, RenderRecipe):
        yield from _renders(step.recipe)


def _children(steps: Iterable[Step], source: Task) -> Iterator[Task]:
    for step in steps:
        assert isinstance(step.recipe, AugmentRecipe)
        if source.kind in step.recipe.sources:
            yield from _augments(step.recipe, source)


# --- render ----------------------------------------------------------------------------------------------------------


def _renders(recipe: RenderRecipe) -> Iterator[Task]:
    for number in range(recipe.pairs):
        takes = []
        for take in range(recipe.takes):
            path = (recipe.seed, recipe.name, "pair", number, "take", take)
            scenario = {"seed": seeds.seed(*path, "seed"), **_scenario(recipe.scenario, *path)}
            twin = draw(recipe.twin, *path, "twin")
            takes.append({"scenario": scenario, "twin": twin})
        pair = f"{seeds.seed(recipe.seed, recipe.name, 'pair', number):014x}"
        for side in ("positive", "twin"):
            yield Task(
                kind="render",
                spec={
                    "recipe": recipe.name,
                    "pair": pair,
                    "side": side,
                    "takes": takes,
                    "quality": recipe.quality,
                    "tone": recipe.tone,
                    "deliver": recipe.deliver,
                    "licence": recipe.licence,
                },
            )


def _scenario(tree: Mapping[str, Any], *path: str | int) -> dict[str, Any]:
    drawn: dict[str, Any] = draw(tree, *path)
    if isinstance(drawn.get("camera_profile"), str):
        drawn["camera_profile"] = camera(drawn["camera_profile"], *path, "camera_profile")
    return drawn


def camera(name: str, *path: str | int) -> dict[str, Any]:
    """A camera profile resolved into the plain numbers of scenes.scenario.CameraProfile."""
    drawn = draw(profile("cameras", name), *path)
    return {key: drawn[key] for key in ("name", "theta_coefficients", "readout_s", "exposure_s")}


# --- ingest ----------------------------------------------------------------------------------------------------------


def _ingests(recipe: IngestRecipe, file: Path, footage: Path | None) -> Iterator[Task]:
    root = footage or Path(recipe.footage)
    rows = _sidecar(root / recipe.sidecar) if recipe.sidecar else {}
    for name in recipe.files:
        found = [root / name] if (root / name).exists() else sorted(p for p in root.glob(name) if p.is_file())
        if not found and recipe.optional:
            continue
        if not found:
            raise RecipeError(f"{file}: files: no {name!r} in {str(root)!r}; say where it is with --footage")
        for path in found:
            relative = path.relative_to(root).as_posix()
            source = {**recipe.source, **rows.get(relative, rows.get(path.name, {}))}
            yield ingest_task(recipe, path, source, str(file))


def ingest_task(recipe: IngestRecipe, path: Path, source: Mapping[str, Any], file: str) -> Task:
    """The task that makes a clip of one original. Its name depends on the original's bytes, not on its place."""
    _source_fields(source, file)
    if not path.is_file():
        raise RecipeError(f"{file}: files: must be a file, got {str(path)!r}")
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    spec = {
        "recipe": recipe.name,
        "sha256": sha256,
        "container": path.suffix.lower().lstrip("."),
        "normalise": recipe.normalise,
        "source": dict(source),
    }
    return Task(kind="ingest", spec=spec, files={sha256: str(path.resolve())})


def _sidecar(path: Path) -> dict[str, dict[str, Any]]:
    """Rows by file name from a CSV with a `file` column, or YAML {file: {field: value}}."""
    if path.suffix.lower() in (".yaml", ".yml"):
        rows = {name: dict(row) for name, row in read_yaml(path).items()}
    else:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                listed = list(csv.DictReader(stream))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise RecipeError(f"{path}: sidecar cannot be read: {error}") from None
        if not listed or "file" not in listed[0]:
            raise RecipeError(f"{path}: sidecar must have a column 'file' and a row per clip")
        rows = {row.pop("file"): {k: v for k, v in row.items() if v} for row in listed}
    for row in rows.values():
        _source_fields(row, str(path))
    return rows


def _source_fields(row: Mapping[str, Any], file: str) -> None:
    for key, value in row.items():
        if key not in SOURCE_FIELDS:
            raise RecipeError(f"{file}: source.{key}: unknown field{nearest(str(key), SOURCE_FIELDS)}")
        if not isinstance(value, str) or len(value) > 500:
            raise RecipeError(f"{file}: source.{key}: must be text of at most 500 characters, got {value!r}")


# --- augment ---------------------------------------------------------------------------------------------------------


def _augments(recipe: AugmentRecipe, source: Task) -> Iterator[Task]:
    """Children of one source. Both sides of a pair draw from the same path, so their chains are equal."""
    origin = ("pair", source.spec["pair"]) if source.kind == "render" else ("original", source.spec["sha256"])
    for child in range(recipe.children):
        path = (recipe.seed, recipe.name, *origin, "child", child)
        takes = [chain(recipe, source.kind, *path, "take", take) for take in range(recipe.takes)]
        spec = {"recipe": recipe.name, "child": child, "takes": takes}
        yield Task(kind="augment", spec=spec, parents=(source.name,))


def chain(recipe: AugmentRecipe, source_kind: str, *path: str | int) -> dict[str, Any]:
    """One drawn chain: named paths, ops with their seeds, deliver. A render gets `tone` first when none is named."""
    ops = draw(recipe.ops, *path, "ops")
    if source_kind == "render" and not any(op["op"] == "tone" for op in ops):
        ops = [{"op": "tone"}, *ops]
    seen: dict[str, int] = {}
    seated = []
    for op in ops:
        count = seen[op["op"]] = seen.get(op["op"], 0) + 1
        seed = seeds.seed(*path, "ops", op["op"], count, "seed")
        seated.append({"seed": seed, **resolve(op, *path, "ops", op["op"], count)})
    paths = {
        name: {"seed": seeds.seed(*path, "paths", name, "seed"), **knobs}
        for name, knobs in draw(recipe.paths, *path, "paths").items()
    }
    return {"paths": paths, "ops": seated, "deliver": draw(recipe.deliver, *path, "deliver")}


def resolve(node: Any, *path: str | int) -> Any:
    """Plain data with names replaced by what they stand for: {words: LIST} by one of its words with the list's hash,
    {theta_of: CAMERA} by lens coefficients."""
    if isinstance(node, dict):
        if set(node) == {"words"}:
            listed, sha256 = words(node["words"])
            return {"text": listed[int(seeds.unit(*path) * len(listed))], "list": node["words"], "sha256": sha256}
        if set(node) == {"theta_of"}:
            return camera(node["theta_of"], *path)["theta_coefficients"]
        return {key: resolve(value, *path, key) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, *path, index) for index, value in enumerate(node)]
    return node


# --- checks, before the first draw ---------------------------------------------------------------------------------


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
    base = next(corners(recipe.twin))
    for at, trees in (("scenario", recipe.scenario), ("twin", recipe.twin)):
        for tree in corners(trees):
            whole = tree if at == "scenario" else {**next(corners(recipe.scenario)), **base, **tree}
            whole = {"seed": 0, **whole}
            if isinstance(whole.get("camera_profile"), str):
                try:
                    whole["camera_profile"] = camera(whole["camera_profile"], 0)
                except RecipeError as error:
                    raise RecipeError(f"{file}: {at}.camera_profile: {error}") from None
            _check_names(whole, file, at)
            read(Scenario, whole, file, at)


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
    from scenes.venues import VENUES

    return {
        "family": tuple(FAMILIES),
        "venue": tuple(VENUES),
        "held": (*PROPS, "nothing"),
        "held_colour": tuple(PALETTE),
        "light": tuple(LIGHTS),
        "gait": tuple(GAITS),
    }


def _check_augment(recipe: AugmentRecipe, file: str) -> None:
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
    for corner in corners(recipe.deliver):
        read(Deliver, corner, file, "deliver")
