"""The command line: parses, calls, prints. Data goes to stdout, what people read meanwhile to stderr.

Exit codes: 0 done, 1 some tasks failed, 2 usage or recipe error, 3 the machine lacks something, 4 verification failed,
130 or 143 interrupted.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="First-person training-exercise footage: rendered, augmented, packaged, and marked for what it is.",
)

RecipeFile = Annotated[Path, typer.Argument(help="A recipe of this kind; for run a job file.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Output folder: clips, plans, runs and datasets lie in it.")]
Sets = Annotated[list[str] | None, typer.Option("--set", help="Edit the recipe: path=value (YAML). Repeatable.")]
Engine = Annotated[str, typer.Option(help="inline (this process) or ray (embedded here unless an address is given).")]
Address = Annotated[str | None, typer.Option("--ray-address", help="Address of a running Ray; default RAY_ADDRESS.")]
Workers = Annotated[int | None, typer.Option(min=1, help="Tasks at a time (ray) or threads (inline); default: cores.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first N tasks of the plan.")]
Footage = Annotated[Path | None, typer.Option(help="Folder of the original clips, or one clip.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, JSON lines on stderr.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Plan and say what would be made; make nothing.")]


EXECUTING = {
    "run": ("Carry out a whole job: ingest, render, augment, package. Run it again to resume.",
            "synth run configs/demo.yaml --out build/demo"),
    "ingest": ("Real files become clips: the untouched original, its hash and its recorded normalisation.",
               "synth ingest configs/ingest/demo.yaml --footage ../footage --out build/mine"),
    "render": ("Render exercises and their twins in Blender.",
               "synth render configs/render/demo.yaml --out build/mine --set pairs=4"),
    "augment": ("Do to clips what cameras, networks and platforms do; labels and sound follow.",
                "synth augment configs/augment/demo_real.yaml --out build/mine"),
    "package": ("Make a dataset of the clips in --out: split by unit, index, exports, manifest last.",
                "synth package configs/package/demo.yaml --out build/mine"),
}  # fmt: skip
"""Commands that plan and make: (help, example). All take the same options."""


def _executing(command: str) -> Any:
    """The function of one of EXECUTING."""

    def execute(
        recipe: RecipeFile,
        out: Out = Path("out"),
        sets: Sets = None,
        engine: Engine = "ray",
        ray_address: Address = None,
        workers: Workers = None,
        limit: Limit = None,
        footage: Footage = None,
        as_json: AsJson = False,
        dry_run: DryRun = False,
    ) -> None:
        from synth.config import load
        from synth.tree import RecipeError, nearest

        if engine not in ("inline", "ray"):
            raise RecipeError(f"--engine must be inline or ray{nearest(engine, ('inline', 'ray'))}, got {engine!r}")
        job = load(recipe, sets or ())
        if command != "run" and any(step.kind != command for step in job.steps):
            said = f"kind must be {command}, got {job.steps[0].kind}; a whole job goes to synth run"
            raise RecipeError(f"{recipe}: {said}")
        from synth.run.job import Where, carry_out, tasks_of

        where = Where(
            out=out, engine=engine, address=ray_address, workers=workers, limit=limit, footage=footage, as_json=as_json
        )
        if dry_run:
            _print_plan(tasks_of(job, where), as_json)
            return
        answers = _stdout_for_answers()
        done = carry_out(job, where)
        _print_done(done, where, answers)
        raise typer.Exit(1 if done.failed else 0)

    return execute


for _name, (_said, _example) in EXECUTING.items():
    app.command(_name, help=_said, epilog=f"Example: {_example}")(_executing(_name))


@app.command(epilog="Example: synth plan configs/render/demo.yaml --set pairs=1000 > plan.jsonl")
def plan(
    recipe: Annotated[Path, typer.Argument(help="A recipe or a job.")],
    out: Out = Path("out"),
    sets: Sets = None,
    limit: Limit = None,
    footage: Footage = None,
    as_json: AsJson = False,
) -> None:
    """Print the plan: one task per line, plain numbers. Starts nothing."""
    from synth.config import load

    job = load(recipe, sets or ())
    from synth.run.job import Where, tasks_of

    count = 0
    for task in tasks_of(job, Where(out=out, limit=limit, footage=footage)):
        count += 1
        print(json.dumps({"name": task.name, "kind": task.kind}) if as_json else task.to_json())
    print(f"{count} tasks", file=sys.stderr)


@app.command(epilog="Example: synth look build/demo/datasets/demo --out build/report.html")
def look(
    thing: Annotated[Path, typer.Argument(help="A clip folder, a dataset, or a render recipe (floor plan).")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="File to write; default beside the thing.")] = None,
    sets: Sets = None,
    as_json: AsJson = False,
) -> None:
    """A clip's contact sheet (PNG), the floor plan of a recipe's first shot (SVG), a dataset's report (HTML)."""
    from synth.look import look as draw

    path = draw(thing, out, sets or ())
    print(json.dumps({"written": str(path)}) if as_json else path)


@app.command(epilog="Example: synth verify build/demo/datasets/demo")
def verify(
    path: Annotated[Path, typer.Argument(help="A dataset, or an output folder.")],
    pictures: Annotated[
        bool, typer.Option(help="Also decode every clip and name those black, flat or frozen.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check every hash, index row, label and parent of a dataset. Exit 4 names the files that differ."""
    from synth.dataset.verify import verify as check

    findings = check(path, look=pictures)
    if as_json:
        print(json.dumps({"path": str(path), "findings": findings}))
    else:
        print("\n".join(findings) or f"{path}: verified")
    raise typer.Exit(4 if findings else 0)


@app.command(epilog="Example: synth status build/demo")
def status(
    out: Annotated[Path, typer.Argument(help="An output folder.")],
    as_json: AsJson = False,
) -> None:
    """Done, failed and left, by kind, of the plans in an output folder."""
    from synth.status import count

    told = count(out)
    if as_json:
        print(json.dumps(told))
        return
    for kind, row in told["kinds"].items():
        print(f"{kind:8} {row['done']:>8} done {row['left']:>8} left {row['failed']:>6} failed")
    for name, error in told["failures"].items():
        print(f"{name[:12]}  {error}")


@app.command(epilog="Example: synth doctor --json")
def doctor(
    as_json: AsJson = False,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder whose disk is looked at.")] = Path(),
) -> None:
    """Show what this machine has: Blender, devices, codecs, Ray, free disk, packs. Exit 3 when something is missing."""
    from synth.doctor import examine

    found = examine(out)
    if as_json:
        print(json.dumps([finding.__dict__ for finding in found]))
    else:
        for finding in found:
            print(f"{'ok     ' if finding.ok else 'MISSING'}  {finding.what:10} {finding.said}")
    raise typer.Exit(0 if all(finding.ok or not finding.needed for finding in found) else 3)


@app.command(epilog="Example: synth schema render")
def schema(
    kind: Annotated[
        str, typer.Argument(help="ingest, render, augment, package, ops, scenario or vocabulary.")
    ] = "render",
) -> None:
    """Print the JSON Schema of a recipe kind, of the ops' knobs, of a scenario, or the vocabulary."""
    from synth.schema import describe

    print(json.dumps(describe(kind), indent=1))


packs = typer.Typer(no_args_is_help=True, help="Asset packs: third-party bodies, motions, light, furniture.")
app.add_typer(packs, name="assets")
Cache = Annotated[Path | None, typer.Option("--cache", help="Folder of the packs; default SYNTH_ASSETS, XDG cache.")]


def _cache(folder: Path | None) -> None:
    """What is imported after this looks for packs there."""
    if folder is not None:
        os.environ["SYNTH_ASSETS"] = str(folder.absolute())


@packs.command("list", epilog="Example: synth assets list --json")
def list_packs(cache: Cache = None, as_json: AsJson = False) -> None:
    """Known and installed packs."""
    _cache(cache)
    from synth.assets import listed

    told = listed()
    if as_json:
        print(json.dumps([pack.__dict__ for pack in told]))
        return
    for pack in told:
        state = f"{pack.items} items" if pack.installed else "not here"
        print(f"{pack.name:12} {state:>10}  {', '.join(pack.licences):10} {pack.about}")


@packs.command("install", epilog="Example: synth assets install bodies")
def install_packs(
    names: Annotated[list[str], typer.Argument(help="Known packs (synth assets list).")],
    source: Annotated[
        str | None, typer.Option("--from", help="A folder, an archive or an address to take the pack from.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Replace what is there.")] = False,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Fetch known packs into the cache, unless they are there. Exit 3 when one cannot be fetched."""
    _cache(cache)
    from synth.assets import install

    for name in names:
        _print_pack(install(name, source=source, again=again), as_json)


@packs.command("add", epilog="Example: synth assets add my_pack/ (pack.yaml: schema: 1, name, all, items)")
def add_pack(
    source: Annotated[Path, typer.Argument(help="A folder or an archive that holds pack.yaml.")],
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Put a pack of your own into the cache. Each item in its pack.yaml states name, kind, files, licence, author,
    source, sha256 and non_graphic: true; what all share stands once under all."""
    _cache(cache)
    from synth.assets import add

    _print_pack(add(source), as_json)


@packs.command("check", epilog="Example: synth assets check bodies")
def check_packs(
    names: Annotated[
        list[str] | None, typer.Argument(help="Installed packs, or folders with pack.yaml; default all installed.")
    ] = None,
    cache: Cache = None,
    as_json: AsJson = False,
) -> None:
    """Hash every file of packs again and look at their meshes. Exit 4 names what differs."""
    _cache(cache)
    from synth.assets import check as check_them

    findings = check_them(names or [])
    if as_json:
        print(json.dumps({"findings": findings}))
    else:
        print("\n".join(findings) or "every file is as it was installed")
    raise typer.Exit(4 if findings else 0)


def _print_pack(pack: Any, as_json: bool) -> None:
    told = {"name": pack.name, "sha256": pack.sha256, "items": len(pack.items), "folder": str(pack.folder)}
    print(json.dumps(told) if as_json else f"{pack.name}: {len(pack.items)} items in {pack.folder}")


def _stdout_for_answers() -> Any:
    """A stream on the real stdout; from here on descriptor 1 is stderr, so that no library's print mixes with data."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _print_plan(tasks: Any, as_json: bool) -> None:
    counts: dict[str, int] = {}
    for task in tasks:
        counts[task.kind] = counts.get(task.kind, 0) + 1
    if as_json:
        print(json.dumps({"tasks": sum(counts.values()), "kinds": counts}))
    else:
        print("\n".join(f"{kind:8} {count}" for kind, count in counts.items()) or "nothing to make")


def _print_done(done: Any, where: Any, answers: Any) -> None:
    with answers:
        if where.as_json:
            print(json.dumps({**done.__dict__, "out": str(where.out)}), file=answers)
            return
        for hint in done.hints:
            print(hint, file=answers)
        print(
            f"{done.made} made, {done.skipped} already there, {len(done.failed)} failed, in {where.out}", file=answers
        )
        for name, error in done.failed.items():
            print(f"  {name[:40]}  {error}", file=answers)
        if done.failed and done.run_id:
            print(f"  failures: {where.out}/runs/{done.run_id}/failures.jsonl", file=answers)
        for dataset in done.datasets:
            print(f"dataset: {dataset}\nnext:    synth look {dataset}\n         synth verify {dataset}", file=answers)


def main() -> None:
    """Entry point: turns the suite's errors into one line and an exit code."""
    os.umask(0o077)  # real footage is nobody else's to read
    from synth.errors import exit_code

    try:
        code = app(standalone_mode=False) or 0
    except BaseException as error:
        code, line = exit_code(error)
        if line:
            print(line if line.startswith("Usage:") else f"synth: {line}", file=sys.stderr)
    sys.exit(code)
