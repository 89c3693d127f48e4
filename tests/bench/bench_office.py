"""The office's figures: `synth --help` and no-op resume in seconds, planning 100,000 tasks in seconds and MiB."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

PLAN = """
import resource, sys, time
from synth.config import CONFIGS, Job, load
from synth.plan import plan
steps = (*load(CONFIGS / "render/demo.yaml", ["pairs=10000"]).steps, *load(CONFIGS / "augment/demo_render.yaml").steps)
begun, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = size = 0
for task in plan(Job(name="bench", steps=steps)):
    count += 1
    size += len(task.to_json()) + 1
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(count, time.monotonic() - begun, size / 2**20, (after - before) / 1024, after / 1024)
"""


def seconds(command: list[str], times: int = 5) -> float:
    """Median wall seconds of a command."""
    taken = []
    for _ in range(times):
        begun = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        taken.append(time.monotonic() - begun)
    return median(taken)


def main() -> None:
    """Prints the table."""
    bare, help_s = seconds([sys.executable, "-c", "pass"]), seconds([sys.executable, "-m", "synth", "--help"])
    count, plan_s, size, grown, peak = subprocess.run(
        [sys.executable, "-c", PLAN], check=True, capture_output=True, text=True
    ).stdout.split()
    print(f"{'synth --help':34} {help_s:8.3f} s     (a bare interpreter: {bare:.3f} s)")
    print(f"{'planning ' + count + ' tasks':34} {float(plan_s):8.1f} s     {int(count) / float(plan_s):,.0f} tasks/s")
    print(f"{'  plan file':34} {float(size):8.1f} MiB   {float(size) * 2**20 / int(count):,.0f} bytes a task")
    print(f"{'  memory grown while planning':34} {float(grown):8.1f} MiB   (peak {float(peak):.0f} MiB)")


if __name__ == "__main__":
    main()
