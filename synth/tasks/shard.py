"""Shard: published clips, written by a row of FORMATS."""

from __future__ import annotations

from pathlib import Path

from synth.dataset.formats import FORMATS
from synth.task import Task
from synth.tasks.bench import Bench, Tell


def make_shard(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    """The files of one shard."""
    clips = [bench.clips.read(name) for name in task.parents]
    FORMATS[task.spec["format"]](folder, task.spec["stem"], clips)
