"""Looking at a thing: what it is decides how it is shown. What `synth look` calls."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MOST_CLIPS = 12
"""Strips on one sheet of many clips."""


def look(thing: Path, out: Path | None = None, sets: Sequence[str] = ()) -> Path:
    """Shows a thing in a file and returns the file's path; without `out` it lies beside the thing.

    A clip's folder and an output folder with clips become a contact sheet (PNG), a dataset a report (HTML), a recipe
    the floor plan of its first shot (SVG), laid out but not rendered.
    """
    from synth.dataset.clip import DOCUMENT
    from synth.dataset.manifest import FILE

    if (thing / FILE).is_file():
        from synth.look import report

        return report.write(thing, out or _beside(thing, "html"))
    if (thing / DOCUMENT).is_file():
        return _sheet([thing], out or _beside(thing, "png"))
    if (thing / "clips").is_dir():
        clips = sorted(path.parent for path in (thing / "clips").glob(f"*/{DOCUMENT}"))
        return _sheet(clips[:MOST_CLIPS], out or _beside(thing, "png"), many=True)
    if thing.suffix in (".yaml", ".yml"):
        return _plan(thing, out or Path(f"{thing.stem}.svg"), sets)
    raise ValueError(f"{str(thing)!r} must be a clip, a dataset, an output folder or a recipe, got none of them")


def _beside(thing: Path, suffix: str) -> Path:
    whole = thing.resolve()
    return whole.parent / f"{whole.name}.{suffix}"


def _sheet(folders: Sequence[Path], out: Path, *, many: bool = False) -> Path:
    from synth.dataset.clip import read_clip
    from synth.look import sheet

    clips = [(clip.open(), sheet.caption(clip.document)) for clip in map(read_clip, folders)]
    layout = {"tiles": 6, "columns": 6, "tile_px": 240} if many else {}
    return sheet.write(clips, out, **layout)


def _plan(recipe: Path, out: Path, sets: Sequence[str]) -> Path:
    """The plan of the first render of a recipe: its first take that can be laid out."""
    from synth.config import load
    from synth.look import plan_view
    from synth.plan import sources
    from synth.tasks.render import lay_out

    for step in load(recipe, sets).steps:
        if step.kind == "render":
            take, scenario, shot = lay_out(next(sources(step, None)).spec)
            title = f"{scenario.venue} · {scenario.family} · {scenario.country} · take {take}"
            return plan_view.write(shot, out, title=title)
    raise ValueError(f"{str(recipe)!r} must render something to have a floor plan, got no render step")
