"""Task: a unit of work by name, the SHA-256 of what it is to make; plain JSON there and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from typing import Any

MAKER = {"ingest": 2, "render": 2, "augment": 2, "shard": 2}
"""Raised when the bytes of a kind change; tests/synth/test_golden.py fails when they change and it was not."""

_MAKES_BYTES = {
    "ingest": ("av", "numpy", "opencv-python-headless"),
    "render": ("av", "blenderproc", "bpy", "numpy", "opencv-python-headless"),
    "augment": ("albumentations", "av", "numpy", "opencv-python-headless"),
    "shard": ("pyarrow",),
}


@cache
def maker(kind: str) -> dict[str, Any]:
    """What makes the kind's bytes: our number and the versions of the libraries."""
    return {"maker": MAKER[kind], "versions": {name: version(name) for name in _MAKES_BYTES[kind]}}


def canonical(value: Any) -> str:
    """The one text of a spec, which is plain already; what is not goes through synth.dataset.canonical."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One clip or shard to make."""

    kind: str
    """ingest, render, augment or shard: a row of synth.tasks.MAKERS."""
    spec: Mapping[str, Any]
    """Plain numbers and words: everything that decides the bytes."""
    parents: tuple[str, ...] = ()
    """Names of the clips it is made from, in order."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Where inputs lie on this machine: SHA-256 to path. Not in the name."""
    resources: Mapping[str, float] = field(default_factory=lambda: {"num_cpus": 1})
    """What the engine reserves. Not in the name."""

    @cached_property
    def name(self) -> str:
        """SHA-256 of the canonical JSON of kind, spec, parents' names and the kind's maker."""
        stated = {"kind": self.kind, "spec": self.spec, "parents": self.parents, "maker": maker(self.kind)}
        return hashlib.sha256(canonical(stated).encode()).hexdigest()

    def to_json(self) -> str:
        """One line."""
        return canonical(
            {
                "name": self.name,
                "kind": self.kind,
                "spec": self.spec,
                "parents": self.parents,
                "files": self.files,
                "resources": self.resources,
            }
        )

    @classmethod
    def from_json(cls, line: str) -> Task:
        """The task of a line. Raises ValueError when the line was edited: its name is no longer its hash."""
        stated = json.loads(line)
        task = cls(
            kind=stated["kind"],
            spec=stated["spec"],
            parents=tuple(stated["parents"]),
            files=stated["files"],
            resources=stated["resources"],
        )
        if task.name != stated["name"]:
            raise ValueError(
                f"name must be the hash of the task, got {stated['name'][:12]} for {task.name[:12]}: "
                "the plan was edited or made with other versions; plan again"
            )
        return task
