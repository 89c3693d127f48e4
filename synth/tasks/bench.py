"""Bench: what a process keeps between tasks, and how a finished clip is written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from augment.footage import Array, Footage
from scenes.film import Stage
from synth.dataset.clip import Clip, Store, write_clip
from synth.task import Task, maker

Tell = Callable[[int, int], None]
"""tell(frame, of)."""


class Bench:
    """Where a process works, its share of threads, and the stage, whose Blender starts with the first shot."""

    def __init__(self, *, root: Path, run_id: str, threads: int) -> None:
        self.root, self.run_id, self.threads = root, run_id, threads
        self.clips = Store(root, "clips", run_id)
        self.shards = Store(root, "shards", run_id)
        self.stage = Stage()

    def log_tail(self) -> Sequence[str]:
        """The last lines of the stage's log, for failure records."""
        return self.stage.tail()

    def close(self) -> None:
        """Ends the stage."""
        self.stage.close()


def write(
    task: Task, folder: Path, shown: Footage, *, files: list[str], parents: Sequence[Clip] = (), **record: Any
) -> None:
    """Writes clip.json last: what was shown, from which parents, and what the maker records besides."""
    made = maker(task.kind)
    write_clip(
        folder,
        name=task.name,
        kind=task.kind,
        spec=json.loads(json.dumps(task.spec)),
        parents=[named(parent) for parent in parents],
        maker=made["maker"],
        footage=shown,
        files=files,
        record={**record, "versions": made["versions"]},
    )


def named(clip: Clip) -> dict[str, str]:
    """A parent as clip.json records it."""
    return {"name": clip.name, "packet_sha256": str(clip.document["packet_sha256"])}


def told(source: Footage, tell: Tell) -> Footage:
    """The same footage, which says how far it has been read."""

    def frames() -> Iterator[Array]:
        for number, frame in enumerate(source.frames(), 1):
            tell(number, source.length)
            yield frame

    return replace(source, frames=frames)
