"""The table MAKERS: kind of task, what makes its folder. Workers read no recipe and know neither each other nor Ray."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from synth.errors import one_line
from synth.task import Task
from synth.tasks.augment import make_augment
from synth.tasks.bench import Bench, Tell
from synth.tasks.ingest import make_ingest
from synth.tasks.render import make_render
from synth.tasks.shard import make_shard

MAKERS: dict[str, Callable[[Task, Path, Bench, Tell], None]] = {
    "ingest": make_ingest,
    "render": make_render,
    "augment": make_augment,
    "shard": make_shard,
}
"""maker(task, private folder, bench, tell): writes the folder's files or raises; the folder is then published."""


def attempt(task: Task, bench: Bench, tell: Tell) -> tuple[str, Sequence[str]]:
    """Makes the task's folder. Returns ("", ()) or a one-line error and the log's tail; interrupts pass through."""
    store = bench.shards if task.kind == "shard" else bench.clips
    try:
        with store.attempt(task.name) as folder:
            MAKERS[task.kind](task, folder, bench, tell)
    except Exception as error:  # whatever a library raises fails this one task
        trace = "".join(traceback.format_exception(error)).splitlines()
        return one_line(error), [*trace[-20:], *bench.log_tail()]
    return "", ()
