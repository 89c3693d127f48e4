"""Configuration: strict YAML becomes recipe models, and every error says file, key, rule and value in one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from synth.tree import RecipeError, edit, join, nearest, put, read_yaml, walk

T = TypeVar("T")

_BESIDE = Path(__file__).parent / "configs"  # inside the wheel
CONFIGS = _BESIDE if _BESIDE.is_dir() else Path(__file__).parent.parent / "configs"
"""Recipes, profiles, words and the vocabulary that ship with the suite."""


@dataclass(frozen=True, kw_only=True)
class IngestRecipe:
    """Real clips become root clips: the untouched original and its recorded normalisation."""

    name: str
    seed: int = 0
    footage: str = "."
    """Folder the files are looked up in; `--footage` says where it is on this machine."""
    files: list[str] = field(default_factory=list)
    """Names or glob patterns below `footage`."""
    sidecar: str | None = None
    """A YAML or CSV file with one row per file: source, licence, force, country, marking ..."""
    source: dict[str, Any] = field(default_factory=dict)
    """Sidecar fields that hold for every file."""
    normalise: dict[str, Any] = field(default_factory=dict)
    """Fields of augment.ingest.Normalisation."""
    optional: bool = False
    """True: when `footage` is not there the step says how to give a clip, and the job goes on."""


@dataclass(frozen=True, kw_only=True)
class RenderRecipe:
    """Exercises and their twins."""

    name: str
    seed: int
    pairs: int
    """Positives to render; each gets a twin that shares every draw but `twin`."""
    takes: int = 3
    """Complete draws per pair; the worker uses the first that can be laid out."""
    scenario: dict[str, Any]
    """Fields of scenes.scenario.Scenario, as constants or distributions."""
    twin: dict[str, Any]
    """What the twin has instead."""
    cases: dict[str, Any] = field(default_factory=dict)
    """A distribution over {scenario: {...}, twin: {...}}: what both sides of a pair must share in one draw, as what is
    held and how. What `scenario` and `twin` say themselves goes before it."""
    packs: list[str] = field(default_factory=list)
    """Asset packs by name: planning writes their hashes into each scenario. [] is what is built in."""
    quality: dict[str, Any] = field(default_factory=dict)
    """Fields of scenes.shot.Quality."""
    tone: dict[str, Any] = field(default_factory=dict)
    """Knobs of the op `tone` that develops the delivered video."""
    deliver: dict[str, Any] = field(default_factory=dict)
    licence: str = "CC-BY-4.0"

    def __post_init__(self) -> None:
        _within(self, pairs=(1, 10_000_000), takes=(1, 50))


@dataclass(frozen=True, kw_only=True)
class AugmentRecipe:
    """What a camera, a network and a platform do to each source clip."""

    name: str
    seed: int
    sources: list[str] = field(default_factory=lambda: ["render", "ingest"])
    """Kinds of the clips to augment."""
    children: int = 1
    """Children of each source; twins share the draws of each child."""
    takes: int = 3
    paths: dict[str, Any] = field(default_factory=dict)
    """Named camera trajectories that shake, shutter and blur share."""
    ops: list[dict[str, Any]]
    """Ops in physical order: {op: name, chance: p, knob: value or distribution or track}."""
    deliver: dict[str, Any] = field(default_factory=dict)
    keep_if: dict[str, dict[str, Any]] | None = None
    """{measure: {min, max, unknown}}: rules of augment.gate by which a take is kept, of a pair by both sides."""

    def __post_init__(self) -> None:
        _within(self, children=(1, 100_000), takes=(1, 50))
        if self.keep_if == {}:
            raise ValueError("keep_if must hold a rule on at least one measure, got none; or leave it out")
        unknown = [s for s in self.sources if s not in ("render", "ingest")]
        if unknown or not self.sources:
            raise ValueError(f"sources must be of render, ingest, got {self.sources}")


@dataclass(frozen=True, kw_only=True)
class PackageRecipe:
    """Clips become a dataset: split by unit, exported, marked, with a manifest written last."""

    name: str
    seed: int = 0
    splits: dict[str, float] = field(default_factory=lambda: {"all": 1.0})
    """Share of the units per split; the shares add up to 1."""
    formats: list[str] = field(default_factory=lambda: ["webdataset"])
    """Exports beside the primary layout, rows of synth.dataset.formats.FORMATS."""
    clips_per_shard: int = 256

    def __post_init__(self) -> None:
        _within(self, clips_per_shard=(1, 100_000))
        if abs(sum(self.splits.values()) - 1) > 1e-9 or min(self.splits.values(), default=0) <= 0:
            raise ValueError(f"splits must be shares above 0 that add up to 1, got {self.splits}")


Recipe = IngestRecipe | RenderRecipe | AugmentRecipe | PackageRecipe
KINDS: dict[str, type[Recipe]] = {
    "ingest": IngestRecipe,
    "render": RenderRecipe,
    "augment": AugmentRecipe,
    "package": PackageRecipe,
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One recipe of a job, checked."""

    recipe: Recipe
    tree: dict[str, Any]
    """The resolved recipe as plain data, with every --set applied."""
    file: Path

    @property
    def kind(self) -> str:
        return str(self.tree["kind"])


@dataclass(frozen=True, kw_only=True)
class Job:
    """Steps in the order of the four kinds. A recipe file by itself is a job of one step."""

    name: str
    steps: tuple[Step, ...]


def load(path: Path, sets: Sequence[str] = ()) -> Job:
    """Reads a job or a recipe file. `sets` are "key.path=value" edits; in a job the path starts with the recipe's name.

    Raises RecipeError.
    """
    tree = read_yaml(path)
    kind = _kind(tree, path, (*KINDS, "job"))
    edits = [edit(text) for text in sets]
    if kind != "job":
        return Job(name=str(tree.get("name", path.stem)), steps=(_step(tree, path, edits),))
    _known(tree, ("schema", "kind", "name", *KINDS), str(path))
    steps = []
    for step_kind in KINDS:
        for reference in tree.get(step_kind) or []:
            file = _beside(path, reference)
            inner = read_yaml(file)
            _kind(inner, file, (step_kind,))
            name = str(inner.get("name", file.stem))
            mine = [(keys[1:], value) for keys, value in edits if keys[0] == name]
            steps.append(_step(inner, file, mine))
    names = [s.recipe.name for s in steps]
    for keys, _ in edits:
        if keys[0] not in names:
            raise RecipeError(f"--set must start with a recipe of the job{nearest(keys[0], names)}, got {keys[0]!r}")
    return Job(name=str(tree.get("name", path.stem)), steps=tuple(steps))


def _step(tree: dict[str, Any], file: Path, edits: Sequence[tuple[list[str], Any]]) -> Step:
    for keys, value in edits:
        put(tree, keys, value)
    words = next((at for at, node in walk(tree) if isinstance(node, Mapping) and "text" in node), None)
    if words:
        raise RecipeError(f"{file}: {words}: words must be drawn with {{words: LIST}} (configs/words), never written")
    body = {key: value for key, value in tree.items() if key not in ("schema", "kind")}
    body.setdefault("name", file.stem)
    return Step(recipe=read(KINDS[tree["kind"]], body, str(file)), tree={**tree, "name": body["name"]}, file=file)


def read(cls: type[T], plain: Mapping[str, Any], file: str, at: str = "") -> T:
    """A dataclass instance from plain data: strict types, no unknown keys. Raises RecipeError."""
    _known_fields(cls, plain, file, at)
    try:
        return _adapter(cls).validate_json(json.dumps(plain), strict=True)  # type: ignore[arg-type, no-any-return]
    except Exception as error:
        errors = getattr(error, "errors", None)
        if errors is None:
            raise
        first = errors()[0]
        where = join(at, *first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "value_error":
            named = said.split(" ", 1)[0]
            hints = {f.name for f in fields(cls)} if is_dataclass(cls) else set()
            raise RecipeError(f"{file}: {join(where, named) if named in hints else where}: {said}") from None
        if first["type"] == "missing":
            raise RecipeError(f"{file}: {where}: must be given") from None
        said = said[0].lower() + said[1:].replace("Input should", "must")
        raise RecipeError(f"{file}: {where}: {said.replace('input should', 'must')}, got {first['input']!r}") from None


def schema_of(cls: type) -> dict[str, Any]:
    """The JSON Schema of a dataclass."""
    return dict(_adapter(cls).json_schema())


@cache
def _adapter(cls: Any) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def _known_fields(cls: Any, plain: Any, file: str, at: str) -> None:
    if not (is_dataclass(cls) and isinstance(plain, Mapping)):
        return
    hints = get_type_hints(cls)
    _known(plain, [f.name for f in fields(cls)], file, at)
    for key, value in plain.items():
        for inner in (hints[key], *get_args(hints[key])):
            _known_fields(inner, value, file, join(at, key))


def _known(tree: Mapping[str, Any], names: Sequence[str], file: str, at: str = "") -> None:
    for key in tree:
        if key not in names:
            raise RecipeError(f"{file}: {join(at, key)}: unknown key{nearest(str(key), names)}")


def _within(recipe: Any, **limits: tuple[int, int]) -> None:
    for name, (low, high) in limits.items():
        if not low <= getattr(recipe, name) <= high:
            raise ValueError(f"{name} must be in {low}..{high}, got {getattr(recipe, name)}")


def _kind(tree: Mapping[str, Any], path: Path, allowed: Sequence[str]) -> str:
    if tree.get("schema") != 1:
        raise RecipeError(f"{path}: schema must be 1, got {tree.get('schema')!r}")
    if tree.get("kind") not in allowed:
        raise RecipeError(f"{path}: kind must be one of {', '.join(allowed)}, got {tree.get('kind')!r}")
    return str(tree["kind"])


def _beside(job: Path, reference: Any) -> Path:
    for folder in (job.parent, CONFIGS):
        if isinstance(reference, str) and (folder / reference).is_file():
            return folder / reference
    raise RecipeError(f"{job}: no recipe {reference!r} beside the job or in {CONFIGS.name}/")


# --- what ships in configs/ ------------------------------------------------------------------------------------------


@cache
def profile(shelf: str, name: str) -> dict[str, Any]:
    """A file of configs/profiles/<shelf>, as a tree. Raises RecipeError with the nearest name."""
    folder = CONFIGS / "profiles" / shelf
    names = sorted(p.stem for p in folder.glob("*.yaml"))
    if name not in names:
        raise RecipeError(f"configs/profiles/{shelf}: no profile {name!r}{nearest(name, names)}")
    return read_yaml(folder / f"{name}.yaml")


@cache
def vocabulary() -> dict[str, Any]:
    """configs/vocabulary.yaml."""
    return read_yaml(CONFIGS / "vocabulary.yaml")


@cache
def words(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a reviewed list and the SHA-256 of its file. Raises RecipeError."""
    names = sorted(p.stem for p in (CONFIGS / "words").glob("*.yaml"))
    if name not in names:
        raise RecipeError(f"configs/words: no list {name!r}{nearest(name, names)}")
    path = CONFIGS / "words" / f"{name}.yaml"
    listed = read_yaml(path)
    if listed.get("reviewed") is not True:
        raise RecipeError(f"{path}: reviewed must be true before its words reach a picture")
    return tuple(listed["words"]), hashlib.sha256(path.read_bytes()).hexdigest()


def with_files(step: Step, files: list[str]) -> Step:
    """An ingest step over other files."""
    tree = {**step.tree, "files": files}
    assert isinstance(step.recipe, IngestRecipe)
    return replace(step, recipe=replace(step.recipe, files=files), tree=tree)
