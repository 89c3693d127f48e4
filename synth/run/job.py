"""A job from recipe to dataset: plan to a file, run the plan, package what stands; what every command calls."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

from synth.config import IngestRecipe, Job, PackageRecipe, Step
from synth.dataset.clip import Store
from synth.plan import plan
from synth.run.journal import Journal
from synth.run.runner import Engine, Report, run
from synth.task import Task
from synth.tree import RecipeError, dump_yaml

SHELVES = {"shard": "shards"}
"""Where a kind's folders lie below the output root; all others are clips."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM arrived."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.exit_code = 128 + signum


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where and how fast; nothing here changes a byte of a clip."""

    out: Path
    engine: str = "ray"
    """inline or ray."""
    address: str | None = None
    workers: int | None = None
    limit: int | None = None
    footage: Path | None = None
    """A folder the recipe's files are looked up in, or one clip that stands for them."""
    as_json: bool = False


@dataclass(kw_only=True)
class Done:
    """What a job did."""

    run_id: str = ""
    planned: int = 0
    made: int = 0
    skipped: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    datasets: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)


def tasks_of(job: Job, where: Where) -> Iterator[Task]:
    """The job's clip tasks, at most `limit` of them."""
    if where.footage is not None and not where.footage.exists():
        raise RecipeError(f"--footage must be a folder of clips or one clip, there is no {str(where.footage)!r}")
    job, footage = _point(job, where.footage)
    known = () if not where.out.is_dir() else known_tasks(where.out, but=job.name)
    return islice(plan(job, footage=footage, known=known), where.limit)


def known_tasks(out: Path, *, but: str = "") -> Iterator[Task]:
    """Tasks of every plan that lies in an output folder, each once."""
    seen: set[str] = set()
    for path in sorted((out / "plans").glob("*.jsonl")):
        for task in read_plan(path) if path.stem != but else ():
            if task.name not in seen:
                seen.add(task.name)
                yield task


def read_plan(path: Path) -> Iterator[Task]:
    """The tasks of a plan file, one by one. ValueError names the file and line of one that was edited."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Task.from_json(line)
            except (ValueError, KeyError) as error:
                raise ValueError(f"{path}: line {number}: {error}") from None


def carry_out(job: Job, where: Where) -> Done:
    """Plans, runs and packages. Raises RecipeError, OSError, Interrupted."""
    done = Done(hints=_hints(job, where))
    path = _write_plan(job, where)
    done.planned = sum(1 for _ in path.open("rb"))
    journal = Journal(where.out, total=done.planned, asked=_asked(job, where), as_json=where.as_json)
    done.run_id = journal.run_id
    engine = _engine(where, journal)
    ending = "interrupted"
    with _signals() as signals:
        journal.check = signals.check
        try:
            _add(done, run(read_plan(path), engine, _whole(where.out), journal))
            for step in job.steps:
                if isinstance(step.recipe, PackageRecipe):
                    _package(step, path, where, engine, journal, done)
            ending = "failed" if done.failed else "done"
        finally:
            engine.close()
            journal.close(ending)
            _remove_attempts(where.out, journal.run_id)
    return done


def _package(step: Step, path: Path, where: Where, engine: Engine, journal: Journal, done: Done) -> None:
    """Splits, shards, index and manifest, when every planned clip stands."""
    from synth.dataset.assemble import assemble, plan_shards

    recipe = step.recipe
    assert isinstance(recipe, PackageRecipe)
    tasks = list(read_plan(path)) or list(known_tasks(where.out))
    missing = [task for task in tasks if not Store(where.out).is_whole(task.name)]
    if missing or not tasks:
        done.failed[f"package {recipe.name}"] = (
            f"{len(missing)} of {len(tasks)} planned clips are missing, first {missing[0].name[:12]}: run again"
            if tasks
            else f"no clip is planned in {where.out}: ingest, render or augment first"
        )
        return
    names = [task.name for task in tasks]
    shards = list(plan_shards(recipe, Store(where.out), names))
    journal.expect(len(shards))
    report = run(shards, engine, _whole(where.out), journal)
    _add(done, report)
    if not report.failed:
        done.datasets.append(str(assemble(recipe, step.tree, where.out, names, shards, run_id=journal.run_id)))


def _write_plan(job: Job, where: Where) -> Path:
    """plans/<job>.jsonl and the resolved recipes beside it, whole or absent."""
    folder = where.out / "plans"
    tasks = tasks_of(job, where)
    first = next(tasks, None)  # a wrong recipe raises here, before anything is written
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / f"{job.name}.jsonl", folder / f".{job.name}.{os.getpid()}.part"
    try:
        with part.open("w", encoding="utf-8") as stream:
            if first is not None:
                stream.write(first.to_json() + "\n")
            stream.writelines(task.to_json() + "\n" for task in tasks)
        trees = [step.tree for step in job.steps]
        (folder / f"{job.name}.yaml").write_text(dump_yaml(trees), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _engine(where: Where, journal: Journal) -> Engine:
    if where.engine == "inline":
        from synth.run.inline import InlineEngine

        threads = where.workers or os.cpu_count() or 1
        return InlineEngine(where.out, journal.run_id, threads, journal.frame)
    from synth.run.ray import RayEngine

    return RayEngine(where.out, journal.run_id, where.workers, where.address)


def _whole(out: Path) -> Any:
    return lambda task: Store(out, SHELVES.get(task.kind, "clips")).is_whole(task.name)


def _add(done: Done, report: Report) -> None:
    done.made += report.made
    done.skipped += report.skipped
    done.failed.update(report.failed)


def _point(job: Job, footage: Path | None) -> tuple[Job, Path | None]:
    """A footage path that is one file stands for the files of every ingest step."""
    from synth.config import with_files

    if footage is None or not footage.is_file():
        return job, footage
    steps = tuple(with_files(s, [footage.name]) if isinstance(s.recipe, IngestRecipe) else s for s in job.steps)
    return Job(name=job.name, steps=steps), footage.parent


def _hints(job: Job, where: Where) -> list[str]:
    """How to give a clip, when an optional ingest step has none."""
    hints = []
    for step in job.steps:
        if isinstance(step.recipe, IngestRecipe) and step.recipe.optional:
            root = where.footage or Path(step.recipe.footage)
            if not root.is_file() and not any((root / name).exists() for name in step.recipe.files):
                hints.append(
                    f"{step.recipe.name}: no real clip in {str(root)!r}; give one with --footage CLIP.mp4 "
                    "(make demo CLIP=CLIP.mp4)"
                )
    return hints


def _asked(job: Job, where: Where) -> dict[str, Any]:
    return {"job": job.name, "engine": where.engine, "workers": where.workers, "limit": where.limit}


class _signals:  # noqa: N801 (a context manager, read as a word)
    """SIGINT and SIGTERM raise Interrupted in the main thread, also where a parent shell had them ignored."""

    def __enter__(self) -> _signals:
        self._signum = 0
        self._before: Sequence[Any] = [signal.signal(s, self._raise) for s in (signal.SIGINT, signal.SIGTERM)]
        return self

    def check(self) -> None:
        """Raises what a foreign library swallowed."""
        if self._signum:
            raise Interrupted(self._signum)

    def __exit__(self, *_: object) -> None:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), self._before, strict=True):
            signal.signal(number, handler)

    def _raise(self, signum: int, _frame: FrameType | None) -> None:
        self._signum = signum
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # clean up once; the second Ctrl-C does not break it
        raise Interrupted(signum)


def _remove_attempts(out: Path, run_id: str) -> None:
    """What an interrupted run of ours left; workers may need a moment to die."""
    import shutil
    import time

    for _ in range(20):
        shutil.rmtree(out / "attempts" / run_id, ignore_errors=True)
        if not (out / "attempts" / run_id).exists():
            return
        time.sleep(0.1)
