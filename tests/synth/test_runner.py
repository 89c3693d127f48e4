"""Laws of running: parents first, each once, failures go to the children, what is there is skipped."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from synth.run.runner import Outcome, run
from synth.task import Task


class Hands:
    """An engine that ends submitted tasks in an order the test draws, and fails those it is told to."""

    def __init__(self, slots: int, picks: list[int], broken: set[str]) -> None:
        self.slots, self.broken = slots, broken
        self.flying: list[Task] = []
        self.picks = deque(picks)
        self.order: list[str] = []
        self.most = 0

    def submit(self, task: Task) -> None:
        self.flying.append(task)
        self.most = max(self.most, len(self.flying))

    def wait(self) -> list[Outcome]:
        task = self.flying.pop((self.picks.popleft() if self.picks else 0) % len(self.flying))
        self.order.append(task.name)
        return [Outcome(task=task, seconds=1, error="broke" if task.name in self.broken else "")]

    def progress(self) -> Mapping[str, tuple[int, int]]:
        return {}

    def close(self) -> None: ...


class Deaf:
    """A watcher that hears nothing."""

    def skipped(self, task: Task) -> None: ...
    def started(self, task: Task) -> None: ...
    def ended(self, outcome: Outcome) -> None: ...
    def tick(self, frames: Mapping[str, tuple[int, int]]) -> None: ...


@st.composite
def plans(draw: st.DrawFn) -> list[Task]:
    """Tasks whose parents stand before them."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 14))):
        parents = draw(st.lists(st.sampled_from(tasks), max_size=2, unique_by=id)) if tasks else []
        tasks.append(Task(kind="augment", spec={"number": number}, parents=tuple(p.name for p in parents)))
    return tasks


@settings(max_examples=600, deadline=None)
@given(plan=plans(), slots=st.integers(1, 4), picks=st.lists(st.integers(0, 9)), data=st.data())
def test_every_task_ends_once_after_its_parents(
    plan: list[Task], slots: int, picks: list[int], data: st.DataObject
) -> None:
    names = [t.name for t in plan]
    broken = set(data.draw(st.lists(st.sampled_from(names), max_size=2)))
    whole = set(data.draw(st.lists(st.sampled_from(names), max_size=3))) - broken
    engine = Hands(slots, picks, broken)
    made = set(whole)

    def is_whole(task: Task) -> bool:
        return task.name in whole

    report = run(iter(plan), engine, is_whole, Deaf())
    for name in engine.order:
        task = next(t for t in plan if t.name == name)
        assert all(parent in made for parent in task.parents), "ran before its parents were whole"
        made |= set() if name in broken else {name}
    assert len(engine.order) == len(set(engine.order))
    assert engine.most <= slots
    assert report.skipped == len(whole)
    assert report.made + report.skipped + len(report.failed) == len(plan)
    for task in plan:
        lost = task.name in broken or any(parent in report.failed for parent in task.parents)
        assert (task.name in report.failed) == (lost and task.name not in whole)
