"""Laws of the handle on the stage: it ends what it started, knows why a stage ended, and goes on after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scenes.film import Stage, StageDied, film
from scenes.shot import Shot
from tests.needs import need_blender
from tests.scenes.small_shot import small_shot

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _blender() -> None:
    need_blender()


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Iterator[Path]]:
    """New empty folders, one after another."""

    def fresh() -> Iterator[Path]:
        for i in range(100):
            (tmp_path / str(i)).mkdir()
            yield tmp_path / str(i)

    yield fresh()


def long_shot() -> Shot:
    """Some seconds a frame."""
    return small_shot(size_px=(320, 180), samples=64)


def gone(pid: int, within_s: float) -> bool:
    """The process has ended (a zombie counts) in that time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def later(seconds: float, act: object, *args: object) -> None:
    """Calls act(*args) from another thread."""
    timer = threading.Timer(seconds, act, args)  # type: ignore[arg-type]
    timer.daemon = True
    timer.start()


def test_a_take_is_whole_and_progress_names_every_frame(stage: Stage, folders: Iterator[Path]) -> None:
    seen: list[tuple[int, int]] = []
    folder = next(folders)
    take = film(small_shot(frames=3), folder, stage, progress=lambda frame, of: seen.append((frame, of)))
    assert seen == [(0, 3), (1, 3), (2, 3)]
    frames, ids = np.load(take.frames, mmap_mode="r"), np.load(take.ids, mmap_mode="r")
    assert (frames.shape, frames.dtype) == ((3, 36, 64, 3), np.uint16)
    assert (ids.shape, ids.dtype) == ((3, 36, 64), np.uint16)
    assert frames.max() <= 1023
    assert sorted(p.name for p in folder.iterdir()) == ["frames.npy", "ids.npy", "result.json"]
    assert take.info["seconds_per_frame"] > 0


def test_a_stage_that_is_killed_says_so_with_its_log_and_the_next_film_starts_another(
    folders: Iterator[Path],
) -> None:
    with Stage() as stage:
        film(small_shot(), next(folders), stage)
        first = stage.pid
        assert first
        assert os.getpgid(first) == os.getpgid(0), "Ctrl-C must reach it"
        for deadly in (signal.SIGKILL, signal.SIGINT):
            victim = stage.pid
            assert victim
            folder = next(folders)
            later(0.6, os.kill, victim, deadly)
            begun = time.monotonic()
            with pytest.raises(StageDied, match=rf"ended \(exit -{deadly.value}\)(.|\n)*Fra:"):
                film(long_shot(), folder, stage)
            assert time.monotonic() - begun < 5
            assert not (folder / "result.json").exists()
            assert stage.pid is None
            film(small_shot(), next(folders), stage)
            assert stage.pid != victim
        last = stage.pid
        assert last
    assert gone(last, 3)
    assert stage.tail() == []


def test_a_stage_that_stalls_is_ended_even_if_it_hears_nothing(folders: Iterator[Path]) -> None:
    with Stage(stall_s=1.0) as stage:
        film(small_shot(), next(folders), stage)
        pid = stage.pid
        assert pid
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(StageDied, match="said nothing for 1 s"):
            film(small_shot(), next(folders), stage)
        assert gone(pid, 1)


def test_an_interrupted_wait_ends_the_stage(folders: Iterator[Path]) -> None:
    with Stage() as stage:
        pids = []

        def interrupt(frame: int, of: int) -> None:
            pids.append(stage.pid)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            film(small_shot(), next(folders), stage, progress=interrupt)
        assert pids[0]
        assert gone(pids[0], 3)


def test_a_stage_is_recycled_by_age_and_by_memory(folders: Iterator[Path]) -> None:
    pids = []
    with Stage(max_shots=2) as stage:
        for limit in (6144, 6144, 6144, 1):
            stage.max_rss_mib = limit
            film(small_shot(), next(folders), stage)
            pids.append(stage.pid)
            assert stage.rss_mib() > 100
    assert pids[0] == pids[1]
    assert len(set(pids)) == 3


def test_a_stage_sees_no_secret_and_no_proxy(folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "AWS_SECRET_ACCESS_KEY", "SOME_TOKEN", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, "not for a stage")
    with Stage() as stage:
        film(small_shot(), next(folders), stage, threads=2)
        told = Path(f"/proc/{stage.pid}/environ").read_bytes()
    assert b"not for a stage" not in told
    assert b"OMP_NUM_THREADS=2" in told
    assert b"OPENBLAS_NUM_THREADS=2" in told


def test_a_stage_does_not_outlive_its_parent(folders: Iterator[Path]) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(next(folders))],
        cwd=HOUSE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(next(folders))},  # what a killed parent leaves lies there
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    assert not gone(child, 0.2)
    parent.kill()
    parent.wait()
    assert gone(child, 5)


PARENT = """
import sys, time
from pathlib import Path
from scenes.film import Stage, film
from tests.scenes.small_shot import small_shot
stage = Stage()
film(small_shot(), Path(sys.argv[1]), stage)
print(stage.pid, flush=True)
time.sleep(60)
"""


def test_the_end_of_its_input_ends_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "scenes.stage"], cwd=HOUSE, input=b"", capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout.startswith(b'{"ready"')
    assert done.stdout.count(b"\n") == 1


@pytest.mark.parametrize("bad", [{"stall_s": 0.0}, {"start_s": -1.0}, {"max_shots": 0}])
def test_limits_are_refused_by_name(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        Stage(**bad)  # type: ignore[arg-type]
