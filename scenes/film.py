"""Filming: a Shot becomes a Take, by a warm Blender in a child process."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scenes.shot import Shot, save

PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ",
    "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES",
)  # fmt: skip
"""All that a stage sees of this process's environment: no proxies, no tokens."""
THREAD_COUNTS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TAIL_LINES = 40
GRACE_S = 2.0
"""Time between SIGTERM and SIGKILL; a rendering Blender ends within 0.3 s of SIGTERM."""

Progress = Callable[[int, int], None]


class StageError(RuntimeError):
    """The stage could not film this shot; it stands ready for the next."""


class StageDied(RuntimeError):  # noqa: N818
    """The stage ended or stalled in the middle of a shot; the next film starts a new one."""


@dataclass(frozen=True, kw_only=True)
class Take:
    """What a shot became."""

    frames: Path
    """.npy, (T, H, W, 3) uint16 in 0..1023: ACEScct codes of linear Rec.709 light."""
    ids: Path
    """.npy, (T, H, W) uint16 instance ids, sharp; each row at its own instant when the shot has blur."""
    info: Mapping[str, Any] = field(default_factory=dict)
    """device, bpy, build_hash, (cpu_)seconds_per_frame, beauty_s, truth_s, read_s, build_s: evidence alone."""


class Stage:
    """A handle on the warm child process `python -m scenes.stage`: starts when first needed, ends with this process."""

    def __init__(
        self,
        *,
        stall_s: float = 600.0,
        start_s: float = 180.0,
        max_shots: int = 50,
        max_rss_mib: int = 6144,
    ) -> None:
        """`stall_s`: longest silence, that is, longest frame. `start_s`: longest start of Blender. After `max_shots`
        shots, or above `max_rss_mib` (Blender leaks 5 to 20 MB a shot), the next film starts a new child."""
        for name, value in (("stall_s", stall_s), ("start_s", start_s), ("max_shots", max_shots)):
            if value <= 0:
                raise ValueError(f"{name} must be above 0, got {value}")
        self.stall_s, self.start_s = stall_s, start_s
        self.max_shots, self.max_rss_mib = max_shots, max_rss_mib
        self._child: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None
        self._shots = 0
        self._unread = b""

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child else None

    def rss_mib(self) -> int:
        """Resident memory of the child, MiB; 0 while there is none."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        except OSError:
            return 0
        return pages * os.sysconf("SC_PAGE_SIZE") // 2**20

    def tail(self) -> list[str]:
        """The last 40 lines of the child's log; it outlasts the child and ends with close()."""
        if self._scratch is None or not self._log.exists():
            return []
        with self._log.open("rb") as log:
            log.seek(max(0, self._log.stat().st_size - 400 * TAIL_LINES))
            return log.read().decode("utf-8", "replace").splitlines()[-TAIL_LINES:]

    def ask(self, request: Mapping[str, Any], *, threads: int, progress: Progress | None) -> dict[str, Any]:
        """Sends a request and waits for its result. Anything that ends the wait early ends the child too."""
        self._recycle()
        try:
            if self._child is None:
                self._start(threads)
            assert self._child and self._child.stdin
            self._child.stdin.write(json.dumps({**request, "threads": threads}).encode() + b"\n")
            self._child.stdin.flush()
            while True:
                answer = self._answer(self.stall_s)
                if "progress" in answer and progress:
                    progress(answer["progress"], answer["of"])
                if "done" in answer or "error" in answer:
                    break
        except BrokenPipeError as broken:
            raise self._died("closed its input") from broken
        except BaseException:
            self._end()
            raise
        self._shots += 1
        if "error" in answer:
            raise StageError(answer["error"])
        return dict(answer["done"])

    def close(self) -> None:
        """Ends the child and forgets its log."""
        self._end()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    @property
    def _log(self) -> Path:
        assert self._scratch
        return self._scratch / "stage.log"

    def _recycle(self) -> None:
        if self._child and (self._shots >= self.max_shots or self.rss_mib() > self.max_rss_mib):
            self._end()

    def _start(self, threads: int) -> None:
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="stage-"))
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "scenes.stage"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._scratch,
                env=environment(self._scratch, threads),
            )
        self._shots, self._unread = 0, b""
        self._answer(self.start_s)

    def _answer(self, limit_s: float) -> dict[str, Any]:
        """The child's next line."""
        assert self._child and self._child.stdout
        pipe, deadline = self._child.stdout.fileno(), time.monotonic() + limit_s
        while b"\n" not in self._unread:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise self._died(f"said nothing for {limit_s:g} s")
            more = os.read(pipe, 65536)
            if not more:
                raise self._died("ended")
            self._unread += more
        line, self._unread = self._unread.split(b"\n", 1)
        return dict(json.loads(line))

    def _died(self, how: str) -> StageDied:
        status = self._end()
        return StageDied("\n".join([f"the stage {how} (exit {status}); its log ends:", *self.tail()]))

    def _end(self) -> int | None:
        """Ends the child: at once when idle or rendering (SIGTERM), by SIGKILL when it does not hear."""
        child, self._child = self._child, None
        if child is None:
            return None
        for pipe in (child.stdin, child.stdout):
            if pipe:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            return child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()


def environment(scratch: Path, threads: int) -> dict[str, str]:
    """What the child sees: an allow-list, its own scratch, its share of threads."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {
        **passed,
        **dict.fromkeys(THREAD_COUNTS, str(threads)),
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(scratch),
        "BLENDER_USER_RESOURCES": str(scratch),
        "STAGE_PARENT": str(os.getpid()),
    }


def film(shot: Shot, folder: Path, stage: Stage, *, threads: int = 1, progress: Progress | None = None) -> Take:
    """Films into `folder`, which exists, is private and holds no take yet; progress(frame, of) follows each frame."""
    if threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads}")
    stored = folder / "shot"
    stored.mkdir()
    save(shot, stored)
    request = {"shot": str(stored.resolve()), "out": str(folder.resolve())}
    info = stage.ask(request, threads=threads, progress=progress)
    shutil.rmtree(stored)
    for name in ("frames.npy", "ids.npy", "result.json"):
        if not (folder / name).is_file():
            raise StageError(f"{name} must stand in the folder when the stage says done")
    return Take(frames=folder / "frames.npy", ids=folder / "ids.npy", info=info)
