"""Memory of a chain is flat: twice the clip takes no more than the clip, but for its sound, which is held whole."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

OPS: list[dict[str, Any]] = [
    {"op": "shake", "seed": 1, "path": "body", "max_zoom": 1.5},
    {"op": "zoom", "seed": 2, "factor": 1.1},
    {"op": "exposure", "seed": 3, "ev": {"walk": {"low": -1, "high": 1, "rate": 0.5}}},
    {"op": "noise", "seed": 4, "gain_db": 18},
    {"op": "freeze", "seed": 5, "start": 0.3, "seconds": 3, "after": "catch_up", "sound": "silent"},
    {"op": "drop", "seed": 6, "share": 0.1, "burst_frames": 3},
    {"op": "jitter", "seed": 7, "late_frames": 1},
    {"op": "speed", "seed": 8, "speed": "5/4"},
    {"op": "rate", "seed": 9, "fps": "30000/1001"},
    {"op": "transcode", "seed": 10, "crf": 35, "preset": "ultrafast"},
    {"op": "wind", "seed": 11, "level_db": -30},
    {"op": "room", "seed": 12, "rt60_s": 0.5},
]
SCRIPT = """
    import json, sys
    from fractions import Fraction
    from pathlib import Path
    import numpy as np
    from augment.chain import apply
    from augment.footage import Audio, Footage

    out, length, ops = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
    held_mib = []

    def frames():
        y, x = np.mgrid[:180, :320]
        picture = np.repeat((128 + 90 * np.sin(x / 17 + y / 11)).astype(np.uint8)[..., None], 3, axis=2)
        for t in range(length):
            held_mib.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20)
            yield np.roll(picture, 3 * t, axis=1)

    sound = Audio(samples=np.zeros((length * 8000 // 25, 1), np.float32), rate_hz=8000)
    footage = Footage(fps=Fraction(25), size_px=(320, 180), length=length, frames=frames, audio=sound)
    body = {"gait": "walk", "mount": "chest", "amount": 0.4, "seed": 3}
    chain = {"paths": {"body": body}, "ops": ops, "deliver": {"preset": "ultrafast"}}
    apply(footage, chain, out)
    print(json.dumps(held_mib))
"""


def held_mib(length: int, folder: Path) -> list[float]:
    """What the process of a chain holds as each frame is read."""
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(SCRIPT),
        str(folder / f"{length}.mp4"),
        str(length),
        json.dumps(OPS),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert not ran.returncode, ran.stderr[-2000:]
    found: list[float] = json.loads(ran.stdout)
    assert len(found) >= 0.95 * length, "the whole clip went through"
    return found


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_twice_the_clip_takes_the_memory_of_the_clip(tmp_path: Path) -> None:
    minute, two = held_mib(1500, tmp_path), held_mib(3000, tmp_path)
    # numbers per frame (instants, angles, picks: 2.4 KiB) and the sound, which is held whole, were 12 MiB
    assert max(two) - max(minute) < 20, "frames of 320x180 held would be 250 MiB more"
    assert max(two[-500:]) - max(two[1000:1500]) < 4, "nor does it grow within the clip"
