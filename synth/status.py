"""Status: what is done, failed and left of the plans in an output folder, read from the folders themselves."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from synth.dataset.clip import Store
from synth.run.job import SHELVES, known_tasks


def count(out: Path) -> dict[str, Any]:
    """{"kinds": {kind: {done, left, failed}}, "failures": {name: error}, "datasets": [...]}.

    A failure of an earlier run counts until its task is done. Raises ValueError when `out` holds no plan.
    """
    if not (out / "plans").is_dir():
        raise ValueError(f"{out} must be an output folder with plans/, got none: synth run JOB --out {out}")
    failures = _failures(out)
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: {"done": 0, "left": 0, "failed": 0})
    open_failures = {}
    for task in known_tasks(out):
        if Store(out, SHELVES.get(task.kind, "clips")).is_whole(task.name):
            kinds[task.kind]["done"] += 1
            continue
        kinds[task.kind]["failed" if task.name in failures else "left"] += 1
        if task.name in failures:
            open_failures[task.name] = failures[task.name]
    datasets = sorted(str(p.parent) for p in out.glob("datasets/*/manifest.json"))
    return {"out": str(out), "kinds": dict(kinds), "failures": open_failures, "datasets": datasets}


def _failures(out: Path) -> dict[str, str]:
    found = {}
    for path in sorted(out.glob("runs/*/failures.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            found[record["name"]] = record["error"]
    return found
