"""`python -m tests.bench [NAME ...]`: the figures of the suite, as tables; ratios are measured in one run."""

from __future__ import annotations

import sys

from tests.bench import bench_augment, bench_memory, bench_office, bench_people, bench_stage, bench_warps

BENCHES = {
    "office": bench_office.main,
    "augment": bench_augment.main,
    "warps": bench_warps.main,
    "memory": bench_memory.main,
    "stage": bench_stage.main,
    "people": bench_people.main,
}

for name in sys.argv[1:] or BENCHES:
    print(f"== {name}", flush=True)
    BENCHES[name]()
