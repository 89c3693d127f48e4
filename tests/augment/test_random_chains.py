"""Laws of chains that nobody thought of: random ops in random order with random knobs over drawn clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco

from augment.chain import apply
from augment.footage import Audio, Event, Footage
from augment.ops import OPS
from augment.seating import Invalid
from augment.video import packet_sha256
from tests.augment import drawn
from tests.augment.examples import knobs
from tests.augment.test_chain import misses_px

Rng = np.random.Generator
PER_RUN, LONG = 20, 130
"""Chains in every run, and those of `-m long`."""


def chain_of(rng: Rng) -> dict[str, Any]:
    """One to six ops; what a camera does it does once."""
    ops: list[dict[str, Any]] = []
    for name in rng.choice([n for n, row in OPS.items() if row.takes != "uint16"], int(rng.integers(1, 7))):
        if not (OPS[name].adds and any(op["op"] == name for op in ops)):
            ops.append({"op": str(name), "seed": int(rng.integers(2**63)), **knobs(name, rng)})
    sizes, rates = (None, [160, 90], [240, 180], [200, 112]), (None, "7", "10", "25", "30000/1001", "29.7")
    return {
        "paths": {"body": {"gait": "walk", "mount": "chest", "amount": 0.4, "seed": int(rng.integers(2**63))}},
        "ops": ops,
        "deliver": {
            "size_px": sizes[rng.integers(len(sizes))],
            "fps": rates[rng.integers(len(rates))],
            "crf": 8,
            "preset": "ultrafast",
        },
    }


def clip_of(rng: Rng) -> Footage:
    """One frame to a second of discs, with and without masks, mute, mono and stereo."""
    fps = (Fraction(10), Fraction(25), Fraction(30000, 1001))[rng.integers(3)]
    length = int(rng.choice([1, 2, int(fps)]))
    event = Event(type="walk", onset_s=0.2, offset_s=0.6, track=1, visible=True, audible=True)
    clip = drawn.discs(
        seconds=float(length / fps), fps=fps, size_px=(320, 180), masks=bool(rng.integers(2)), events=(event,)
    )
    channels = int(rng.integers(3))
    samples = rng.uniform(-0.5, 0.5, (round(clip.seconds * 48000), channels)).astype(np.float32)
    return replace(clip, audio=Audio(samples=samples, rate_hz=48000) if channels else None)


@pytest.mark.parametrize(
    "seed", [*range(PER_RUN), *(pytest.param(n, marks=pytest.mark.long) for n in range(PER_RUN, PER_RUN + LONG))]
)
def test_any_chain_keeps_the_laws(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    clip, chain = clip_of(rng), chain_of(rng)
    try:
        once = apply(clip, chain, tmp_path / "once.mp4")
    except Invalid as refused:
        assert "\n" not in str(refused) and str(refused).startswith("ops[")
        assert not list(tmp_path.iterdir())
        return
    apply(clip, chain, tmp_path / "twice.mp4")
    assert packet_sha256(tmp_path / "once.mp4") == packet_sha256(tmp_path / "twice.mp4")
    in_step(clip, chain, once)
    true_to_size(once)
    moving = [op for op in chain["ops"] if OPS[op["op"]].kind in ("warp", "time")]
    moved = apply(clip, {**chain, "ops": moving}, tmp_path / "moved.mp4")
    assert max(misses_px(moved), default=0) < 1.5, "labels follow pixels"
    assert np.array_equal(moved.labels.tracks.frame, once.labels.tracks.frame), "no other op moves a label"


def in_step(clip: Footage, chain: dict[str, Any], out: Footage) -> None:
    """Pictures, sound, labels and events are of one length."""
    deliver, labels = chain["deliver"], out.labels
    rates = [Fraction(op["fps"]) for op in chain["ops"] if op["op"] == "rate"]
    assert out.fps == Fraction(deliver["fps"] or [clip.fps, *rates][-1]) and sum(1 for _ in out.frames()) == out.length
    assert (out.audio is None) == (clip.audio is None)
    if out.audio is not None and clip.audio is not None:
        assert out.audio.samples.shape == (round(out.seconds * 48000), clip.audio.samples.shape[1])
    assert labels.world_from_cam is not None and len(labels.world_from_cam) == out.length
    assert len(labels.frame_state) in (0, out.length) and (labels.tracks.frame < out.length).all()
    assert all(0 <= event.onset_s <= event.offset_s <= out.seconds + 1e-6 for event in labels.events)


def true_to_size(out: Footage) -> None:
    """Boxes and masks lie in the delivered frame and speak of the same pixels; no share is more than all."""
    tracks, (width, height) = out.labels.tracks, out.size_px
    assert (tracks.box_px >= 0).all() and (tracks.box_px <= (width + 1e-3, height + 1e-3) * 2).all()
    assert (tracks.box_px[:, 2:] > tracks.box_px[:, :2]).all()
    assert ((tracks.visible >= 0) & (tracks.visible <= tracks.in_frame + 1e-6) & (tracks.in_frame <= 1)).all()
    for counts, box, visible in zip(tracks.mask or (), tracks.box_px, tracks.visible, strict=False):
        y, x = np.nonzero(coco.decode({"size": [height, width], "counts": counts}))
        assert len(x) > 0 or visible == 0
        if len(x):
            assert np.abs(box - (x.min(), y.min(), x.max() + 1, y.max() + 1)).max() <= 1.5
