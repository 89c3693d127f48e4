"""Laws of running, on the real thing: the same dataset by every engine and after every interruption; whole or absent."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from synth.run.job import read_plan
from tests.needs import need_blender, need_ray
from tests.synth.small_job import write_clip, write_job

SYNTH = [sys.executable, "-m", "synth"]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_blender()
    return write_job(tmp_path_factory.mktemp("job"))


@pytest.fixture(scope="module")
def inline(job: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The job carried out in one process: what all others must equal."""
    out = tmp_path_factory.mktemp("inline")
    ran = synth("run", job, "--out", out, "--engine", "inline", "--json")
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout)
    assert (answer["planned"], answer["made"], answer["failed"]) == (9, 10, {})
    return out


def synth(*words: object, timeout: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*SYNTH, *map(str, words)], capture_output=True, text=True, timeout=timeout, check=False)


def manifest(out: Path) -> bytes:
    return (out / "datasets" / "small" / "manifest.json").read_bytes()


def whole(out: Path) -> int:
    return len(list((out / "clips").glob("*/clip.json")))


def processes(out: Path) -> list[str]:
    """Command lines of live processes that name the output folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if str(out) in line or (str(out) in _open_files(entry)):
                found.append(line.replace("\0", " "))
    return found


def gone(out: Path) -> bool:
    return not processes(out)


def _open_files(entry: Path) -> str:
    try:
        return " ".join(str(link.readlink()) for link in (entry / "fd").iterdir())
    except OSError:
        return ""


@pytest.fixture
def started(job: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run on embedded Ray that has made its first clip."""
    need_ray()
    process = subprocess.Popen(
        [*SYNTH, "run", str(job), "--out", str(tmp_path), "--workers", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until(lambda: whole(tmp_path) >= 1, 200)
    yield process, tmp_path
    if process.poll() is None:
        process.kill()
    process.communicate()


def until(happened: object, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < deadline, f"did not happen within {seconds} s"
        time.sleep(0.05)


def test_a_run_with_nothing_to_do_makes_nothing_and_starts_no_ray(job: Path, inline: Path) -> None:
    before = manifest(inline)
    begun = time.monotonic()
    ran = synth("run", job, "--out", inline, "--json")
    answer = json.loads(ran.stdout)
    assert (ran.returncode, answer["made"], answer["skipped"]) == (0, 0, 10)
    assert time.monotonic() - begun < 6, "Ray takes longer than this to start"
    assert manifest(inline) == before


def test_embedded_ray_makes_the_same_dataset(job: Path, inline: Path, tmp_path: Path) -> None:
    need_ray()
    ran = synth("run", job, "--out", tmp_path, "--workers", "2")
    assert ran.returncode == 0, ran.stderr
    assert manifest(tmp_path) == manifest(inline)
    assert synth("verify", tmp_path / "datasets" / "small").returncode == 0
    until(lambda: not processes(tmp_path), 10)


def test_a_driver_killed_in_the_middle_loses_nothing(
    job: Path, inline: Path, started: tuple[subprocess.Popen[str], Path]
) -> None:
    process, out = started
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not processes(out), 30)
    done = whole(out)
    assert 1 <= done < 9
    ran = synth("run", job, "--out", out, "--workers", "2", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["skipped"] >= done
    assert manifest(out) == manifest(inline)
    assert not list((out / "attempts").glob("*/*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_within_five_seconds_and_leaves_nothing_half_made(
    job: Path, started: tuple[subprocess.Popen[str], Path], number: signal.Signals
) -> None:
    process, out = started
    begun = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode == 128 + number
    assert "run the same command again" in said
    until(lambda: not processes(out), 10)
    assert not list((out / "attempts").glob("*/*"))
    for folder in (out / "clips").iterdir():
        assert (folder / "clip.json").is_file()


def test_one_broken_clip_fails_alone_with_a_record(tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", renders=False, children=1)
    write_clip(tmp_path / "job" / "odd name\n·ключ.mp4", frames=20)
    whole_file = (tmp_path / "job" / "clip.mp4").read_bytes()
    middle = tmp_path / "job" / "middle broken.mp4"  # between clip.mp4 and "odd name"
    middle.write_bytes(whole_file[:600])  # cut inside its table of contents
    ran = synth(
        "run", job, "--out", tmp_path / "out", "--engine", "inline", "--set", "small_real.files=['*.mp4']", "--json"
    )
    assert ran.returncode == 1, ran.stderr
    answer = json.loads(ran.stdout)
    records = [json.loads(line) for line in
               (tmp_path / "out" / "runs" / answer["run_id"] / "failures.jsonl").read_text().splitlines()]  # fmt: skip
    tasks = {t.name: t for t in read_plan(tmp_path / "out" / "plans" / "small.jsonl")}
    assert {tasks[r["name"]].kind for r in records} == {"ingest", "augment"}
    assert all("\n" not in r["error"] and r["log_tail"] is not None for r in records)
    assert "parent" in next(r["error"] for r in records if r["kind"] == "augment")
    assert whole(tmp_path / "out") == len(tasks) - 2
    assert not list((tmp_path / "out" / "attempts").glob("*/*"))
    assert "missing" in answer["failed"]["package small"]


def test_a_scenario_that_cannot_be_laid_out_fails_with_what_to_change(tmp_path: Path) -> None:
    job = write_job(tmp_path / "job")
    edits = [f"--set=scenario.{e}" for e in ("cast=25", "venue_knobs.length_m=8", "venue_knobs.width_m=1.8")]
    ran = synth("render", job.parent / "render.yaml", "--out", tmp_path / "out", "--engine", "inline", "--json", *edits)
    assert ran.returncode == 1, ran.stderr
    errors = json.loads(ran.stdout)["failed"].values()
    assert len(errors) == 2 and len(set(errors)) == 1, "the two sides of a pair decide alike"
    assert all("take 0:" in e and "cast" in e and "\n" not in e for e in errors)
    assert whole(tmp_path / "out") == 0


BAD = {
    "empty.mp4": b"",
    "playlist.mp4": b"ffconcat version 1.0\nfile clip.mp4\n",
    "hls.mp4": b"#EXTM3U\n#EXTINF:1,\nclip.mp4\n",
    "text.mkv": b"this is no film",
    "page.html": b"<html></html>",
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_film_fails_in_one_line_and_leaves_nothing(name: str, tmp_path: Path) -> None:
    job = write_job(tmp_path / "job", renders=False, children=1)
    (tmp_path / "job" / name).write_bytes(BAD[name])
    out = tmp_path / "out"
    ran = synth(
        "ingest", job.parent / "ingest.yaml", "--out", out, "--engine", "inline", "--set", f"files=['{name}']", "--json"
    )
    assert ran.returncode == 1, ran.stderr
    (error,) = json.loads(ran.stdout)["failed"].values()
    assert name in error and "\n" not in error
    assert whole(out) == 0 and not list((out / "attempts").glob("*/*"))


def test_a_full_disk_fails_the_clip_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    """The largest file allowed here is 16 KiB: what a writer sees of a quota and of a full disk."""
    job = write_job(tmp_path / "job", renders=False, children=1)
    command = f"ulimit -f 16; exec {' '.join(SYNTH)} ingest {job.parent}/ingest.yaml --out {tmp_path}/out --engine inline --json"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1, ran.stderr
    (error,) = json.loads(ran.stdout)["failed"].values()
    assert "must fit the largest file allowed" in error and "\n" not in error
    assert whole(tmp_path / "out") == 0 and not list((tmp_path / "out" / "attempts").glob("*/*"))


def test_a_dataset_changed_behind_its_manifest_is_named(inline: Path, tmp_path: Path) -> None:
    shutil.copytree(inline / "datasets" / "small", tmp_path / "small")
    victim = sorted((tmp_path / "small" / "clips").iterdir())[3] / "video.mp4"
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    ran = synth("verify", tmp_path / "small")
    assert ran.returncode == 4
    assert f"clips/{victim.parent.name}/video.mp4" in ran.stdout


def test_the_demo_recipe_shows_what_the_wearer_holds(inline: Path) -> None:
    """Both sides of the pair have hands and the held thing in the wearer's hand, and say what they are."""
    sides = {}
    for path in (inline / "clips").glob("*/clip.json"):
        document = json.loads(path.read_text())
        if document["kind"] == "render":
            held = [t["track_class"] for t in document["things"] if t["in_wearer_hand"]]
            sides[document["spec"]["side"]] = (held, document["labels"]["clip"])
            assert {"hand_wearer", "forearm"} <= {t["track_class"] for t in document["things"]}
            assert document["provenance"]["is_synthetic"] is True
            assert "EXERCISE" in document["provenance"]["marking"]
    assert sides["positive"][0][0] in ("prop_long", "prop_short")
    assert sides["twin"][0][0] in ("torch", "phone", "tool")
    assert all(labels["content_status"] == "exercise" for _, labels in sides.values())
    assert sides["twin"][1]["label"] == "negative"


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_kills_at_random_instants_never_change_the_dataset(job: Path, inline: Path, tmp_path: Path) -> None:
    """SOAK_KILLS drivers (20 unless told) die by SIGKILL, SIGTERM or SIGINT at drawn instants; the last one finishes."""
    need_ray()
    rng = np.random.default_rng(seed := int(os.environ.get("SOAK_SEED", "2019")))
    print(f"SOAK_SEED={seed}")
    datasets = 0
    out = tmp_path / "0"
    for _ in range(int(os.environ.get("SOAK_KILLS", "20"))):
        process = subprocess.Popen(
            [*SYNTH, "run", str(job), "--out", str(out), "--workers", "2"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(float(rng.uniform(0.5, 20)))
        process.send_signal(int(rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])))
        process.wait(timeout=20)
        until(partial(gone, out), 30)
        assert all((folder / "clip.json").is_file() for folder in (out / "clips").glob("*"))
        if (out / "datasets" / "small" / "manifest.json").is_file():
            assert manifest(out) == manifest(inline)
            datasets += 1
            out = tmp_path / str(datasets)
    assert synth("run", job, "--out", out, "--workers", "2").returncode == 0
    assert manifest(out) == manifest(inline)
