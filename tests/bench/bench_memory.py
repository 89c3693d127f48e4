"""What a chain holds in memory: the slope between the first and the third minute of a 1080p clip, and the peak.

python -m tests.bench.bench_memory [fps]
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from augment.chain import apply
from augment.footage import Array, Audio
from augment.video import open_original
from tests.bench.bench_augment import CAMERA, CLIPS, PATHS, normalisation

MINUTES = 3


def main(fps: int = 10) -> None:
    """Print the slope and the peak of the camera chain over a clip that repeats itself, with sound."""
    clip = open_original(CLIPS[1], normalisation(CLIPS[1]))
    length = 60 * MINUTES * fps
    pictures = [frame.copy() for frame in itertools.islice(clip.frames(), 6)]
    held_mib: list[float] = []

    def frames() -> Iterator[Array]:
        for t in range(length):
            held_mib.append(resident_mib("VmRSS"))
            yield pictures[t % len(pictures)].copy()

    sound = Audio(samples=np.zeros((48000 * 60 * MINUTES, 1), np.float32), rate_hz=48000)
    long = replace(clip, fps=Fraction(fps), length=length, frames=frames, audio=sound)
    with tempfile.TemporaryDirectory() as folder:
        apply(long, {"paths": PATHS, "ops": CAMERA, "deliver": {"preset": "ultrafast"}}, Path(folder) / "out.mp4")
    minutes = np.arange(length) / (60 * fps)
    later = minutes >= 1
    slope = np.polyfit(minutes[later], np.asarray(held_mib)[later], 1)[0]
    width, height = clip.size_px
    print(f"camera chain, {MINUTES} minutes of {width}x{height} at {fps} frames/s: ", end="")
    print(
        f"slope {slope:+.2f} MiB a minute between minutes 1 and 3 (at most 1), peak {resident_mib('VmHWM'):.0f} MiB",
        end="",
    )
    print(" (at most 400)")


def resident_mib(field: str) -> float:
    """VmRSS or VmHWM of this process, MiB."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
