"""A small real job for tests: a pair of 64x36 renders of two frames, a made-up clip, two children each, one dataset."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import yaml

from augment import video
from augment.footage import Audio, Footage
from synth.config import CONFIGS
from synth.tree import read_yaml


def write_job(folder: Path, *, renders: bool = True, children: int = 2, packs: Sequence[str] = ()) -> Path:
    """Writes job.yaml and its recipes, made from the shipped demo, and a clip; returns the job's path. Without packs
    it needs nothing but Blender."""
    folder.mkdir(parents=True, exist_ok=True)
    render = read_yaml(CONFIGS / "render" / "demo.yaml")
    render["packs"] = list(packs)
    render["scenario"] |= {"seconds": 0.2, "size_px": [64, 36], "cast": 1, "camera_profile": "bwc_chest_1080p_wide"}
    render["quality"] = {"samples": 1, "denoise": False, "bounces": 1}
    real, rendered = (read_yaml(CONFIGS / "augment" / f"demo_{name}.yaml") for name in ("real", "render"))
    for augment in (real, rendered):
        augment["children"] = children
    recipes = {
        "ingest": {"schema": 1, "kind": "ingest", "name": "small_real", "footage": str(folder), "files": ["clip.mp4"],
                   "source": {"source": "made by a test", "licence": "CC0-1.0"}, "normalise": {"seconds": [0, 1]}},
        "augment_real": real,
        "package": {"schema": 1, "kind": "package", "name": "small"},
    }  # fmt: skip
    if renders:
        recipes |= {"render": render, "augment_render": rendered}
    for name, tree in recipes.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(tree))
    kinds = {
        kind: [f"{n}.yaml" for n in recipes if n.startswith(kind)]
        for kind in ("ingest", "render", "augment", "package")
    }
    job = folder / "job.yaml"
    job.write_text(yaml.safe_dump({"schema": 1, "kind": "job", "name": "small", **kinds}))
    write_clip(folder / "clip.mp4")
    return job


def write_clip(path: Path, *, frames: int = 25, size_px: tuple[int, int] = (160, 90)) -> None:
    """A second of a moving gradient with a tone, as a camera would write it."""
    w, h = size_px
    ramp = np.linspace(40, 215, w, dtype=np.float32)

    def pictures() -> object:
        for t in range(frames):
            row = np.roll(ramp, 3 * t).astype(np.uint8)
            yield np.ascontiguousarray(np.repeat(np.repeat(row[None, :, None], h, 0), 3, 2))

    tone = 0.2 * np.sin(2 * np.pi * 440 * np.arange(48000 * frames // 25) / 48000).astype(np.float32)[:, None]
    footage = Footage(fps=Fraction(25), size_px=size_px, length=frames, frames=pictures,
                      audio=Audio(samples=tone, rate_hz=48000))  # fmt: skip
    video.deliver(footage, path, video.Deliver(), metadata={})
