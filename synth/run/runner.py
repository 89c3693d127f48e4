"""run(): tasks in, whole folders out; skips what is there, starts children when their parents are whole, goes on."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from synth.task import Task


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one attempt at a task ended."""

    task: Task
    seconds: float
    error: str = ""
    """One line; "" when the folder is whole."""
    log_tail: Sequence[str] = ()
    """Last lines of the attempt's log, for the failure record."""


class Engine(Protocol):
    """Where tasks are carried out."""

    slots: int
    """Tasks in flight at most; more are not submitted."""

    def submit(self, task: Task) -> None: ...

    def wait(self) -> Sequence[Outcome]:
        """Blocks until at least one submitted task ended, or a second passed."""

    def progress(self) -> Mapping[str, tuple[int, int]]:
        """(frame, of) of the tasks that said so."""

    def close(self) -> None:
        """Stops every process the engine started, at once."""


class Watcher(Protocol):
    """Who is told."""

    def skipped(self, task: Task) -> None: ...

    def started(self, task: Task) -> None: ...

    def ended(self, outcome: Outcome) -> None: ...

    def tick(self, frames: Mapping[str, tuple[int, int]]) -> None: ...


@dataclass(kw_only=True)
class Report:
    """What a run did."""

    made: int = 0
    skipped: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    """Task name to error."""


def run(tasks: Iterable[Task], engine: Engine, is_whole: Callable[[Task], bool], watcher: Watcher) -> Report:
    """Carries out every task that is not whole yet. Memory is bounded by the tasks in flight and those that wait for a
    parent in flight; a failed parent fails its children, and the run goes on."""
    report = Report()
    stream = iter(tasks)
    ready: deque[Task] = deque()  # children whose parent just ended
    flying: set[str] = set()
    parked: dict[str, list[Task]] = defaultdict(list)  # by the parent they wait for
    held: set[str] = set()  # names of tasks parked or ready: their own children wait for them too

    def settle(outcome: Outcome) -> None:
        name = outcome.task.name
        flying.discard(name)
        if outcome.error:
            report.failed[name] = outcome.error
        else:
            report.made += 1
        watcher.ended(outcome)
        ready.extend(parked.pop(name, []))

    def turn() -> None:
        for outcome in engine.wait():
            settle(outcome)
        watcher.tick(engine.progress())

    def place(task: Task) -> None:
        held.discard(task.name)
        lost = next((p for p in task.parents if p in report.failed), None)
        awaited = next((p for p in task.parents if p in flying or p in held), None)
        if is_whole(task):
            report.skipped += 1
            watcher.skipped(task)
            ready.extend(parked.pop(task.name, []))
        elif lost:
            settle(Outcome(task=task, seconds=0, error=f"parent {lost[:12]} failed: {report.failed[lost]}"))
        elif awaited:
            parked[awaited].append(task)
            held.add(task.name)
        else:
            flying.add(task.name)
            watcher.started(task)
            engine.submit(task)

    while True:
        while len(flying) >= engine.slots:
            turn()
        task = ready.popleft() if ready else next(stream, None)
        if task is not None:
            place(task)
        elif flying:
            turn()
        else:
            return report
