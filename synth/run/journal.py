"""A run's journal: who holds the output folder, what happened, what failed; and one line or one bar for people.

    runs/<run id>/  run.json (what was asked, machine facts), events.jsonl, failures.jsonl, lock (held while it lives)

None of it is read by anything that makes bytes.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from synth.run.runner import Outcome
from synth.task import Task


class Journal:
    """Watches a run, writes its records, tells people how far it is."""

    def __init__(self, root: Path, *, total: int, asked: Mapping[str, Any], as_json: bool) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        self.run_id = f"{stamp}-{os.getpid()}"
        self.folder = root / "runs" / self.run_id
        self.folder.mkdir(parents=True)
        self.check: Callable[[], None] = lambda: None
        """Asked at every turn; raises when the run is to end."""
        self._lock = (self.folder / "lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._total, self._as_json = total, as_json
        self._ended = 0
        self._begun = time.monotonic()
        self._left: dict[str, int] = defaultdict(int)
        self._spent: dict[str, list[float]] = defaultdict(list)
        self._kinds: dict[str, str] = {}
        self._shown = time.monotonic()
        self._told: set[tuple[str, int]] = set()
        machine = {"host": platform.node(), "cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        facts = {"run": self.run_id, "total": total, "asked": asked, "machine": machine, "pid": os.getpid()}
        (self.folder / "run.json").write_text(json.dumps(facts, indent=1, sort_keys=True), encoding="utf-8")
        self._events = (self.folder / "events.jsonl").open("a", encoding="utf-8")
        sweep(root)

    def expect(self, more: int) -> None:
        """So many more tasks are to come."""
        self._total += more

    # what the runner says

    def skipped(self, task: Task) -> None:
        self._ended += 1
        self._note("skipped", task)

    def started(self, task: Task) -> None:
        self._kinds[task.name] = task.kind
        self._note("started", task)

    def ended(self, outcome: Outcome) -> None:
        task = outcome.task
        self._ended += 1
        self._kinds.pop(task.name, None)
        if not outcome.error:
            self._spent[task.kind].append(outcome.seconds)
            self._note("made", task, seconds=round(outcome.seconds, 2))
            self._say(f"{self._count()}  {task.kind:8} {task.name[:12]}  made in {outcome.seconds:.1f} s{self._eta()}")
            return
        record = {
            "name": task.name,
            "kind": task.kind,
            "spec": task.spec,
            "error": outcome.error,
            "attempts": 1,
            "log_tail": list(outcome.log_tail),
        }
        _append(self.folder / "failures.jsonl", record)
        self._note("failed", task, error=outcome.error)
        self._say(f"{self._count()}  {task.kind:8} {task.name[:12]}  FAILED: {outcome.error}")

    def tick(self, frames: Mapping[str, tuple[int, int]]) -> None:
        self.check()
        for name, (frame, of) in frames.items():
            self.frame(name, frame, of)

    def frame(self, name: str, frame: int, of: int) -> None:
        """Told at most every two seconds, and only when it is another frame."""
        told = (name, frame)
        if time.monotonic() - self._shown > 2 and name in self._kinds and told not in self._told:
            self._shown = time.monotonic()
            self._told = {t for t in self._told if t[0] in self._kinds and t[0] != name} | {told}
            self._say(f"{self._count()}  {self._kinds[name]:8} {name[:12]}  frame {frame}/{of}{self._eta()}")

    def close(self, ending: str) -> None:
        """Writes how the run ended and lets go of the lock."""
        _line(self._events, {"event": "ended", "how": ending, "seconds": round(time.monotonic() - self._begun, 2)})
        self._events.close()
        self._lock.close()

    def _count(self) -> str:
        return (
            f"clip {min(self._ended + 1, self._total)}/{self._total}" if self._kinds else f"{self._ended}/{self._total}"
        )

    def _eta(self) -> str:
        if not self._spent or self._ended >= self._total:
            return ""
        pace = (time.monotonic() - self._begun) / max(sum(map(len, self._spent.values())), 1)
        seconds = int(pace * (self._total - self._ended))
        return f"  about {seconds // 60}:{seconds % 60:02d} left"

    def _say(self, line: str) -> None:
        if not self._as_json:
            print(line, file=sys.stderr, flush=True)

    def _note(self, event: str, task: Task, **more: Any) -> None:
        record = {"event": event, "kind": task.kind, "name": task.name, **more}
        _line(self._events, record)
        if self._as_json:
            print(json.dumps({"run": self.run_id, **record}), file=sys.stderr, flush=True)


def sweep(root: Path) -> list[str]:
    """Removes the attempts of runs that no longer live (their lock is free). Returns their ids."""
    swept = []
    for attempts in sorted((root / "attempts").glob("*")):
        lock = root / "runs" / attempts.name / "lock"
        if not _held(lock):
            shutil.rmtree(attempts, ignore_errors=True)
            swept.append(attempts.name)
    return swept


def _held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open("r") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _append(path: Path, record: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as stream:
        _line(stream, record)


def _line(stream: IO[str], record: Mapping[str, Any]) -> None:
    stream.write(json.dumps(record, sort_keys=True) + "\n")
    stream.flush()
