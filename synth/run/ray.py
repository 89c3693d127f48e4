"""The Ray engine: one Ray Core task per clip, embedded on this machine or on a cluster; the only import of ray.

Big bytes go through files; only task lines, progress and one-line errors go through Ray (ray 2.60.0).
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth.errors import LackingError
from synth.run.runner import Outcome
from synth.task import Task
from synth.tasks import attempt
from synth.tasks.bench import Bench

_BENCH: Bench | None = None  # of this worker process: the warm stage lives as long as the worker

_SETTINGS = {
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # under `uv run` Ray would ship the whole working folder
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # silences a warning about GPUs on machines that have none
}


class RayEngine:
    """Submits tasks to Ray; starts or attaches on the first one, so that a run with nothing to do starts nothing."""

    def __init__(self, root: Path, run_id: str, workers: int | None, address: str | None) -> None:
        self.slots = 1
        self._root, self._run_id, self._workers, self._address = root.resolve(), run_id, workers, address
        self._ray: Any = None
        self._temp: str | None = None
        self._flying: dict[Any, tuple[Task, float]] = {}

    def submit(self, task: Task) -> None:
        if self._ray is None:
            self._start()
        options = {"name": f"{task.kind}-{task.name[:12]}", "max_retries": 2, **task.resources}
        reference = self._carry_out.options(**options).remote(
            task.to_json(), str(self._root), self._run_id, self._board
        )
        self._flying[reference] = (task, time.monotonic())

    def wait(self) -> list[Outcome]:
        try:
            ready, _ = self._ray.wait(list(self._flying), num_returns=1, timeout=1.0)
        except SystemError as muddled:  # ray 2.60: a signal handler's exception inside wait() comes out as this
            raise (muddled.__cause__ or muddled.__context__ or muddled) from None
        outcomes = []
        for reference in ready:
            task, begun = self._flying.pop(reference)
            error, tail = self._fetch(reference)
            outcomes.append(Outcome(task=task, seconds=time.monotonic() - begun, error=error, log_tail=tail))
        return outcomes

    def progress(self) -> Mapping[str, tuple[int, int]]:
        try:
            return dict(self._ray.get(self._board.read.remote(), timeout=1.0)) if self._ray else {}
        except self._ray.exceptions.RayError:
            return {}  # a progress bar is not worth a failed run

    def close(self) -> None:
        """Ends the driver's job; Ray kills its workers, and with them every stage (PR_SET_PDEATHSIG)."""
        if self._ray is not None:
            self._ray.shutdown()
            self._ray = None
        if self._temp:
            shutil.rmtree(self._temp, ignore_errors=True)

    def _fetch(self, reference: Any) -> tuple[str, list[str]]:
        try:
            error, tail = self._ray.get(reference)
            return error, tail
        except self._ray.exceptions.RayError as failure:  # a worker that died three times, an out-of-memory kill
            text = str(failure).strip().splitlines()
            return f"{type(failure).__name__}: {text[0] if text else ''}", text[-40:]

    def _start(self) -> None:
        os.environ.update({key: os.environ.get(key, value) for key, value in _SETTINGS.items()})
        import ray

        ours = signal.getsignal(signal.SIGTERM)
        address = self._address or os.environ.get("RAY_ADDRESS") or "local"
        common = {"address": address, "log_to_driver": False, "logging_level": "ERROR", "namespace": self._run_id}
        if address == "local":
            self._temp = tempfile.mkdtemp(prefix="synth-ray-")  # 0700: Ray's own log folder is open to all
            ray.init(
                **common,
                include_dashboard=False,
                num_cpus=self._workers or os.cpu_count(),
                object_store_memory=128 * 2**20,
                _temp_dir=self._temp,
                _node_ip_address="127.0.0.1",
            )
        else:
            _must_answer(address)
            ray.init(**common)
        signal.signal(signal.SIGTERM, ours)  # ray 2.60 puts its own handler there, which exits at once
        slots = int(ray.cluster_resources().get("CPU", 1))
        self.slots = max(2, 2 * min(slots, self._workers or slots))  # twice the slots: the next one is always there
        self._board = ray.remote(num_cpus=0)(_Board).remote()
        self._carry_out = ray.remote(_carry_out)
        self._ray = ray


def _must_answer(address: str) -> None:
    """LackingError within seconds when nobody listens at host:port; Ray itself tries for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError as error:
        raise LackingError(
            f"--ray-address must name a running Ray, got {address!r}: {error.strerror or error}; "
            "start one with ray start --head, or leave the address out to embed one"
        ) from None


class _Board:
    """An actor that holds how far each task is."""

    def __init__(self) -> None:
        self._frames: dict[str, tuple[int, int]] = {}

    def write(self, name: str, frame: int, of: int) -> None:
        self._frames[name] = (frame, of)

    def read(self) -> dict[str, tuple[int, int]]:
        done = [name for name, (frame, of) in self._frames.items() if frame >= of]
        seen = dict(self._frames)
        for name in done:
            del self._frames[name]
        return seen


def _carry_out(line: str, root: str, run_id: str, board: Any) -> tuple[str, list[str]]:
    """The Ray task: makes one folder. Returns ("", []) or a one-line error and the log's tail."""
    global _BENCH  # noqa: PLW0603 (a worker process has one bench)
    if _BENCH is None or (_BENCH.root, _BENCH.run_id) != (Path(root), run_id):
        if _BENCH is not None:
            _BENCH.close()
        _BENCH = Bench(root=Path(root), run_id=run_id, threads=1)
    task = Task.from_json(line)
    said = time.monotonic()

    def tell(frame: int, of: int) -> None:
        nonlocal said
        if frame >= of or time.monotonic() - said > 0.5:
            said = time.monotonic()
            board.write.remote(task.name, frame, of)

    error, tail = attempt(task, _BENCH, tell)
    return error, list(tail)
