"""Filming: one shot to frames.npy, ids.npy and, last, result.json."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from scenes.shot import Array, Shot
from scenes.stage import build, curve, engine

Progress = Callable[[int, int], None]


def film(shot: Shot, out: Path, *, threads: int, proc: dict[str, ModuleType], progress: Progress) -> dict[str, Any]:
    """Renders every frame into `out`; what result.json says."""
    scratch = out / "scratch"
    scratch.mkdir()
    begun = time.monotonic()
    beauty = engine.fresh(proc, scratch)
    device = engine.choose_device(proc, shot.quality.device)
    tracks = np.array(build.build(shot, scratch), np.uint16)
    engine.set_lens(shot)
    engine.set_beauty(proc, beauty, shot, threads)
    truth = engine.truth_scene(beauty, shot)
    oiio = engine.exr_reader()
    built, built_cpu = time.monotonic(), time.process_time()

    w, h = shot.size_px
    frames = _array(out / "frames.npy", (shot.frames, h, w, 3))
    ids = _array(out / "ids.npy", (shot.frames, h, w))
    spent = {"beauty_s": 0.0, "truth_s": 0.0, "read_s": 0.0}
    for f in range(shot.frames):
        engine.set_seed(beauty, shot.seed + f)
        spent["beauty_s"] += engine.render(beauty, f, scratch / "beauty.exr")
        spent["truth_s"] += engine.render(truth, f, scratch / "truth.exr")
        reading = time.monotonic()
        frames[f] = curve.codes_from_light(engine.read(oiio, scratch / "beauty.exr", ("R", "G", "B")))
        index = engine.read(oiio, scratch / "truth.exr", ("IndexOB.X",))[..., 0]
        ids[f] = tracks[np.rint(index).astype(np.int64)]
        spent["read_s"] += time.monotonic() - reading
        progress(f, shot.frames)
    del frames, ids  # closes and writes them
    shutil.rmtree(scratch)

    result = {**engine.facts(), "device": device, "frames": shot.frames, "size_px": list(shot.size_px),
              "build_s": built - begun, "seconds_per_frame": (time.monotonic() - built) / shot.frames,
              "cpu_seconds_per_frame": (time.process_time() - built_cpu) / shot.frames,
              **{name: seconds / shot.frames for name, seconds in spent.items()}}  # fmt: skip
    unfinished = out / "result.json.part"
    unfinished.write_text(json.dumps(result, sort_keys=True, indent=1), encoding="utf-8")
    unfinished.replace(out / "result.json")
    return result


def _array(path: Path, shape: tuple[int, ...]) -> Array:
    """A new .npy of uint16 that is filled in place: a long clip never lies in memory as a whole."""
    made: Array = np.lib.format.open_memmap(path, "w+", np.uint16, shape)  # type: ignore[no-untyped-call]
    return made
