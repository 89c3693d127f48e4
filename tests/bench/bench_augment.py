"""What a chain costs: against a plain transcode, the albumentations script and AugLy, on a 480p and a 1080p clip.

    python -m tests.bench.bench_augment [clip ...]

Every row runs as one process per core at the same time: wall seconds are those of the slowest, CPU seconds the mean,
threads and children included, imports not. Five seconds of each clip, so that what is made once per clip weighs nearly
as little as in real ones. All end in the same H.264 encode with one thread; none carries the sound.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from augment.chain import _flow, apply
from augment.ingest import Normalisation, Normalised, resolve
from augment.seating import seated
from augment.video import Deliver, deliver, open_original, probe
from tests.bench import rivals

FOOTAGE = Path(__file__).resolve().parents[3] / "shared" / "footage"
CLIPS = (
    FOOTAGE / "gopro+gpmf-parser" / "hero7.mp4",  # 848x480
    FOOTAGE / "mapillary+mapillary_tools" / "sample-5s.mp4",  # 1920x1080
)
SECONDS = 5.0
PATHS = {"body": {"gait": "walk", "mount": "chest", "amount": 0.5, "seed": 8}}
SHAKE = {"op": "shake", "seed": 1, "path": "body", "max_zoom": 1.3}
LENS = {"op": "lens", "seed": 2, "source": [2.0, 0, 0, 0], "target": [1.8, 0, 0.2, 0]}
SHUTTER = {"op": "rolling_shutter", "seed": 9, "path": "body", "readout_s": 0.022}
BLUR = {"op": "motion_blur", "seed": 10, "path": "body", "exposure_s": 0.012}
EXPOSURE = {"op": "exposure", "seed": 3, "ev": {"walk": {"low": -0.5, "high": 0.5, "rate": 0.3}}}
NOISE = {"op": "noise", "seed": 4, "gain_db": 6}  # by day; 12 dB is dusk, and its grain makes the encoder slower
STAMP = {"op": "timestamp", "seed": 5, "layout": "oem_slash", "start": "2031-05-17T21:04:09+01:00"}
CAMERA = [SHAKE, SHUTTER, LENS, BLUR, EXPOSURE, NOISE, STAMP]
DEMO = [
    *CAMERA,
    {"op": "transcode", "seed": 6, "crf": 28},
    {"op": "drop", "seed": 7, "share": 0.03},
]
CHAINS: Mapping[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "camera": (CAMERA, {}),
    "demo": (DEMO, {}),
    "as_script": ([{**SHAKE, "max_zoom": 1.3}, {**EXPOSURE, "ev": 0.3}, BLUR, NOISE], {}),
    "as_augly": ([SHAKE, {**EXPOSURE, "ev": 0.3}, STAMP], {"crf": 35}),
}
ROWS: Mapping[str, tuple[str, int, str]] = {
    # what it is, encodes it contains, the row it is compared with
    "plain": ("plain transcode: decode, encode", 1, "plain"),
    "plain_2": ("two plain transcodes in a row", 2, "plain"),
    "deliver": ("deliver alone: decode, RGB, encode", 1, "plain"),
    "camera": ("camera: shake shutter lens blur exposure noise stamp", 1, "plain"),
    "noisy": ("  of it, the last encode (of its noisy pictures)", 1, "plain"),
    "demo": ("demo: the same, transcode, drop", 2, "plain"),
    "as_script": ("as the script: shake exposure blur noise", 1, "as_script"),
    "script": ("script: PyAV, albumentations of 4 ops, PyAV", 1, "as_script"),
    "as_augly": ("as AugLy: shake exposure stamp, crf 35", 1, "as_augly"),
    "augly": ("AugLy: its 4 ops", 4, "as_augly"),
}


def main(*clips: Path) -> None:
    """Print a table per clip."""
    reason = rivals.augly_reason()
    for clip in clips or CLIPS:
        normalised = normalisation(clip)
        width, height = normalised.size_px
        cores = os.cpu_count() or 1
        print(
            f"{clip.name}: {normalised.length} frames of {width}x{height}; {cores} at a time on {cores} cores, ", end=""
        )
        print(f"load {os.getloadavg()[0]:.1f}\n{'':54}encodes  wall s  CPU s  ms CPU/frame  wall and CPU against")
        seen: dict[str, tuple[float, float]] = {}
        for row, (what, encodes, base) in ROWS.items():
            if row == "augly" and reason:
                print(f"AugLy: {reason}")
                continue
            wall, cpu = seen[row] = measured(row, clip, cores)
            against = f"{wall / seen[base][0]:5.2f}  {cpu / seen[base][1]:5.2f}  {base}"
            print(
                f"{what:54}{encodes:7}{wall:8.2f}{cpu:7.2f}{1000 * cpu / normalised.length:14.1f}  {against}",
                flush=True,
            )


def measured(row: str, clip: Path, cores: int) -> tuple[float, float]:
    """(wall seconds of the slowest, mean CPU seconds) of a row that runs `cores` times at once."""
    command = [sys.executable, "-m", "tests.bench.bench_augment", "--row", row, str(clip)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(cores)]
    figures = [json.loads(run.communicate()[0].splitlines()[-1]) for run in runs]
    return max(wall for wall, _ in figures), sum(cpu for _, cpu in figures) / cores


def one(row: str, clip: Path) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of one row in this process."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mp4"
        if row == "augly":
            cut = Path(folder) / "cut.mp4"
            subprocess.run(
                ["ffmpeg", "-v", "error", "-i", clip, "-t", str(SECONDS), "-c", "copy", cut], check=True
            )  # the same seconds, streams as they are
            return rivals.augly(cut, out)
        work = job(row, clip, out)
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return time.perf_counter() - wall, time.process_time() - cpu


def job(row: str, clip: Path, out: Path) -> Callable[[], Any]:
    """What a row times; what it needs is made here."""
    normalised = normalisation(clip)
    if row in ("plain", "plain_2"):
        return lambda: rivals.plain(clip, out, normalised.length, times=2 if row == "plain_2" else 1)
    if row == "script":
        return lambda: rivals.script(clip, out, normalised.length)
    silent = replace(open_original(clip, normalised), audio=None)
    if row == "deliver":
        return lambda: deliver(silent, out, Deliver())
    if row == "noisy":
        noisy = [p.copy() for p in _flow(silent, seated(silent, {"paths": PATHS, "ops": CAMERA}, {})[0], {})]
        return lambda: deliver(replace(silent, frames=lambda: iter(noisy)), out, Deliver())
    ops, last = CHAINS[row]
    return lambda: apply(silent, {"paths": PATHS, "ops": ops, "deliver": last}, out)


def normalisation(clip: Path) -> Normalised:
    """The first seconds of a clip."""
    return resolve(Normalisation(seconds=(0, SECONDS)), probe(clip, until_s=SECONDS))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--row"]:
        print(json.dumps(one(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(*map(Path, sys.argv[1:]))
