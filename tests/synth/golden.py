"""The golden record: what one small task of each kind made, by the numbers in MAKER. `python -m tests.synth.golden` writes it.

Run it after the bytes of a kind changed on purpose and its number in synth/task.py was raised.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any

from synth.config import load
from synth.run.job import Where, carry_out, read_plan
from synth.task import canonical, maker
from tests.synth.small_job import write_job

FOLDER = Path(__file__).parent / "golden"
RECORD = FOLDER / "record.json"


def cpu() -> str:
    """The CPU type that bytes of pixels are promised for: its model and whether it has AVX-512."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "")
    return f"{model or platform.machine()}{' avx512' if 'avx512f' in info else ''}"


def make(folder: Path) -> dict[str, dict[str, Any]]:
    """Carries out the small job with one child a source; one record per task, by kind and number."""
    job = write_job(folder / "job", children=1)
    out = folder / "out"
    done = carry_out(load(job), Where(out=out, engine="inline", workers=1))
    assert not done.failed, done.failed
    records, seen = {}, {}
    for task in read_plan(out / "plans" / "small.jsonl"):
        seen[task.kind] = seen.get(task.kind, 0) + 1
        key = f"{task.kind}-{seen[task.kind]}"
        clip = out / "clips" / task.name
        payload = hashlib.sha256()
        for file in sorted(clip.iterdir()):
            payload.update(f"{file.name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
        stated = hashlib.sha256(canonical({"spec": task.spec, "parents": len(task.parents)}).encode()).hexdigest()
        records[key] = {"maker": maker(task.kind), "spec": stated, "payload": payload.hexdigest(),
                        "video": str(clip / "video.mp4")}  # fmt: skip
    return records


def main() -> None:
    """Writes record.json and the delivered videos beside it."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        records = make(Path(folder))
        for key, record in records.items():
            shutil.copyfile(record.pop("video"), FOLDER / f"{key}.mp4")
    text = json.dumps({"cpu": cpu(), "made": records}, indent=1, sort_keys=True)
    RECORD.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {RECORD}")


if __name__ == "__main__":
    main()
