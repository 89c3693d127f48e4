"""The inline engine: tasks one after another in this process; for one task, and for debugging."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from synth.run.runner import Outcome
from synth.task import Task
from synth.tasks import attempt
from synth.tasks.bench import Bench


class InlineEngine:
    """Carries out the submitted task when it is waited for."""

    slots = 1

    def __init__(self, root: Path, run_id: str, threads: int, on_frame: Callable[[str, int, int], None]) -> None:
        self._bench = Bench(root=root, run_id=run_id, threads=threads)
        self._on_frame = on_frame
        self._next: Task | None = None

    def submit(self, task: Task) -> None:
        self._next = task

    def wait(self) -> list[Outcome]:
        task, self._next = self._next, None
        if task is None:
            return []
        begun = time.monotonic()
        error, tail = attempt(task, self._bench, lambda frame, of: self._on_frame(task.name, frame, of))
        return [Outcome(task=task, seconds=time.monotonic() - begun, error=error, log_tail=tail)]

    def progress(self) -> Mapping[str, tuple[int, int]]:
        return {}

    def close(self) -> None:
        self._bench.close()
