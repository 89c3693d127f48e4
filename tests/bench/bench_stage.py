"""What the stage costs: seconds a frame against a bare Blender script, and the start of a clip, cold and warm.

python -m tests.bench.bench_stage
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scenes.film import Stage, Take, film
from scenes.shot import Shot, save
from tests.scenes.small_shot import small_shot

FRAMES, THREADS, ROUNDS = 4, 2, 3
AIM = 1.15
HOUSE = Path(__file__).resolve().parents[2]


def bare(shot: Shot, folder: Path) -> dict[str, float]:
    """Seconds a frame of the bare script, of the clock and of the CPU."""
    stored, out = folder / "shot", folder / "exr"
    stored.mkdir(parents=True), out.mkdir()
    save(shot, stored)
    words = [sys.executable, "-m", "tests.bench.bare_blender", str(stored), str(out), str(THREADS)]
    done = subprocess.run(words, cwd=HOUSE, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def timed(shot: Shot, folder: Path, stage: Stage) -> tuple[Take, float]:
    """A take, and all the seconds it took."""
    folder.mkdir()
    begun = time.monotonic()
    return film(shot, folder, stage, threads=THREADS), time.monotonic() - begun


def main() -> None:
    """Alternates the two, takes the best of each, prints the table."""
    shot = small_shot(size_px=(320, 180), frames=FRAMES, samples=8, denoise=True)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name, Stage() as stage:
        root = Path(name)
        _, cold_s = timed(small_shot(frames=1), root / "cold", stage)
        _, warm_s = timed(small_shot(frames=1), root / "warm", stage)
        for i in range(ROUNDS):
            ours.append(timed(shot, root / f"take{i}", stage)[0].info)
            theirs.append(bare(shot, root / f"bare{i}"))
    print(f"320x180, 8 samples, denoised, {FRAMES} frames, {THREADS} threads, best of {ROUNDS}, in turns")
    for what, key in (("clock", "seconds_per_frame"), ("CPU", "cpu_seconds_per_frame")):
        least, bare_least = min(info[key] for info in ours), min(info[key] for info in theirs)
        show(f"{what}: bare bpy script, no truth", f"{bare_least:.3f} s/frame")
        show(f"{what}: stage, colours and ids", f"{least:.3f} s/frame")
        show(f"{what}: ratio", f"{least / bare_least:.3f} (aim: at most {AIM})")
    best = min(ours, key=lambda info: info["seconds_per_frame"])
    for what, key in (("colours", "beauty_s"), ("ids", "truth_s"), ("reading and log curve", "read_s")):
        show(f"of the stage: {what}", f"{best[key]:.3f} s/frame")
    show("start of a one-frame clip, cold", f"{cold_s:.2f} s")
    show("start of a one-frame clip, warm", f"{warm_s:.2f} s")


def show(what: str, figure: str) -> None:
    """One row of the table."""
    print(f"{what:38s} {figure}")


if __name__ == "__main__":
    main()
