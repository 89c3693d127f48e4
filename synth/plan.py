"""Planning: a job becomes a stream of tasks, plain numbers, before anything runs; pure but for hashing originals."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from synth import seeds
from synth.check import check
from synth.config import AugmentRecipe, IngestRecipe, Job, RenderRecipe, Step
from synth.recipe import draw, entries
from synth.resolve import camera, resolve
from synth.task import Task
from synth.tree import RecipeError, nearest, read_yaml

SOURCE_FIELDS = ("source", "licence", "force", "country", "site", "date", "mount", "camera", "marking", "agreement")
"""Sidecar columns; `file` names the row."""
GATE_FRAMES = 5
"""Frames of each child that are measured: about 5 % of a camera chain over 4 s, 2 % over 8 s."""


def plan(job: Job, *, footage: Path | None = None, known: Iterable[Task] = ()) -> Iterator[Task]:
    """The clip tasks of a job, every source (both sides of a pair) followed by its children. Packages are planned when
    their clips stand.

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
        for _, pair in groupby(sources(step, footage), key=lambda source: source.spec.get("pair", source.name)):
            sides = list(pair)
            yield from sides
            for source in sides:
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
            yield from _augments(step.recipe, source, step.file)


# --- render ----------------------------------------------------------------------------------------------------------


def _renders(recipe: RenderRecipe) -> Iterator[Task]:
    packs = {"packs": pack_hashes(recipe.packs)} if recipe.packs else {}
    for number in range(recipe.pairs):
        takes = []
        for take in range(recipe.takes):
            path = (recipe.seed, recipe.name, "pair", number, "take", take)
            case = draw(recipe.cases, *path, "case")
            drawn = {**case.get("scenario", {}), **_scenario(recipe.scenario, *path)}
            scenario = {"seed": seeds.seed(*path, "seed"), **packs, **drawn}
            twin = {**case.get("twin", {}), **draw(recipe.twin, *path, "twin")}
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


def pack_hashes(names: Iterable[str]) -> dict[str, str]:
    """Name -> hash of each pack of a recipe."""
    from synth.assets import pack_hash

    return {name: pack_hash(name) for name in names}


def _scenario(tree: Mapping[str, Any], *path: str | int) -> dict[str, Any]:
    drawn: dict[str, Any] = draw(tree, *path)
    if isinstance(drawn.get("camera_profile"), str):
        drawn["camera_profile"] = camera(drawn["camera_profile"], *path, "camera_profile")
    return drawn


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


def _augments(recipe: AugmentRecipe, source: Task, file: Path) -> Iterator[Task]:
    """Children of one source. Both sides of a pair draw from the same path, so their chains are equal."""
    origin = ("pair", source.spec["pair"]) if source.kind == "render" else ("original", source.spec["sha256"])
    judged = recipe.keep_if is not None and source.kind == "render"
    parents = (source.name, other_side(source).name) if judged else (source.name,)
    for child in range(recipe.children):
        path = (recipe.seed, recipe.name, *origin, "child", child)
        drawn = [chain(recipe, source.kind, *path, "take", take) for take in range(recipe.takes)]
        takes, files = _recordings(drawn, file)
        gate = {"at": gate_at(*path), "keep_if": recipe.keep_if or {}, "both_sides": judged}
        spec = {"recipe": recipe.name, "child": child, "takes": takes, "gate": gate}
        yield Task(kind="augment", spec=spec, parents=parents, files=files)


def _recordings(takes: list[dict[str, Any]], recipe: Path) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The takes with each gyroscope recording by its SHA-256, and where the files lie; names count from the recipe."""
    files: dict[str, str] = {}

    def named(name: str, path: dict[str, Any]) -> dict[str, Any]:
        if not path.get("track"):
            return path
        file = (recipe.parent / path["track"]["file"]).resolve()
        if not file.is_file():
            raise RecipeError(f"{recipe}: paths.{name}.track.file: must be a file, got {str(file)!r}")
        sha256 = _sha256(file)
        files[sha256] = str(file)
        return {**path, "track": {**path["track"], "file": sha256}}

    planned = [{**take, "paths": {name: named(name, path) for name, path in take["paths"].items()}} for take in takes]
    return planned, files


@cache
def _sha256(file: Path) -> str:
    """Of a recording: every child of a recipe names the same few."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def other_side(source: Task) -> Task:
    """The other render of a pair: the last parent of a child whose `keep_if` judges both sides, for the gate alone."""
    side = "twin" if source.spec["side"] == "positive" else "positive"
    return Task(kind="render", spec={**source.spec, "side": side})


def gate_at(*path: str | int) -> list[float]:
    """Where the gate looks: a share of the clip's length from each fifth of it."""
    return [round((part + seeds.unit(*path, "gate", part)) / GATE_FRAMES, 6) for part in range(GATE_FRAMES)]


def chain(recipe: AugmentRecipe, source_kind: str, *path: str | int) -> dict[str, Any]:
    """One drawn chain: named paths, ops with their seeds, deliver. A render gets `tone` first when none is named."""
    seated = []
    for name, entry in entries(recipe.ops, (*path, "ops")):
        op = resolve(draw(entry, *path, "ops", name), *path, "ops", name)
        seated.append({"seed": seeds.seed(*path, "ops", name, "seed"), **op})
    if source_kind == "render" and not any(op["op"] == "tone" for op in seated):
        seated.insert(0, {"op": "tone", "seed": seeds.seed(*path, "ops", "tone", "seed")})
    paths = {
        name: {"seed": seeds.seed(*path, "paths", name, "seed"), **knobs}
        for name, knobs in draw(recipe.paths, *path, "paths").items()
    }
    return {"paths": paths, "ops": seated, "deliver": draw(recipe.deliver, *path, "deliver")}
