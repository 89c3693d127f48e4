"""Laws of chains that nobody thought of: random ops in random order with random knobs over drawn clips."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
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

Rng = np.random.Generator
MILD: dict[str, dict[str, Any]] = {
    "transcode": {"codec": "h264", "crf": 20, "kbps": None},
    "noise": {"denoise": 0},
    "night": {"denoise": 0},
    "wind": {"level_db": -70},
    "hum": {"level_db": -80},
}
"""What leaves shapes and clicks where they are: a codec at its worst leaves none, what is denoised over time trails
behind, and a storm that is clipped drowns every click."""
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


SEEDS = [*range(PER_RUN), *(pytest.param(n, marks=pytest.mark.long) for n in range(PER_RUN, PER_RUN + LONG))]


@pytest.mark.parametrize("seed", SEEDS)
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
    mild = {**chain, "ops": [{**op, **MILD.get(op["op"], {})} for op in chain["ops"]]}
    bare = replace(clip, frames=drawn.discs(seconds=clip.seconds, fps=clip.fps, bare=True).frames)
    shown, empty = (apply(c, mild, tmp_path / f"{n}.mp4") for n, c in enumerate((clip, bare)))
    assert max(strays_px(shown, empty), default=0) < 1.5, "labels follow pixels"


def test_a_label_that_is_off_is_noticed(tmp_path: Path) -> None:
    clip, bare = drawn.discs(seconds=0.3), drawn.discs(seconds=0.3, bare=True)
    chain = {"ops": [{"op": "exposure", "ev": 1.0}, {"op": "noise", "gain_db": 20}], "deliver": {"crf": 8}}
    shown, empty = (apply(c, chain, tmp_path / f"{n}.mp4") for n, c in enumerate((clip, bare)))
    assert len(strays_px(shown, empty)) == 9 and max(strays_px(shown, empty)) < 0.5
    tracks = shown.labels.tracks
    assert tracks.keypoints_px is not None
    moved = replace(tracks, keypoints_px=tracks.keypoints_px + np.array([2, 0, 0], np.float32))
    off = replace(shown, labels=replace(shown.labels, tracks=moved))
    assert min(strays_px(off, empty)) > 1.5


def strays_px(shown: Footage, empty: Footage) -> list[float]:
    """How far each wholly visible disc lies from its nose. It is what the chain shows of the clip beyond what it shows
    of the same clip without discs, whatever became of colour and light; boxes contain it."""
    tracks, away = shown.labels.tracks, []
    states = shown.labels.frame_state or ("",) * shown.length
    for t, (picture, other) in enumerate(zip(shown.frames(), empty.frames(), strict=True)):
        beyond = np.abs(picture.astype(np.int16) - other).sum(axis=2).astype(np.float32)
        for row in np.flatnonzero((tracks.frame == t) & (tracks.in_frame > 0.999) & (tracks.visible > 0.999)):
            if states[t]:
                continue
            box, (x, y, v) = tracks.box_px[row], tracks.keypoints_px[row, 0]
            assert v == 2, f"frame {t}: the nose of a wholly visible disc"
            seen = peak(beyond, box)
            if seen is not None:
                assert box[0] <= seen[0] <= box[2] and box[1] <= seen[1] <= box[3]
                away.append(float(np.hypot(*np.subtract(seen, (x, y)))))
    return away


def peak(beyond: np.ndarray, box: np.ndarray) -> tuple[float, float] | None:
    """The centroid of what stands out around a box; None where nothing does, as in a picture that is burnt out."""
    (height, width), margin = beyond.shape, (box[2:] - box[:2]) * 0.4
    x0, y0 = np.maximum(np.floor(box[:2] - margin), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(box[2:] + margin), (width, height)).astype(int)
    near = cv2.GaussianBlur(beyond, (0, 0), 1.0)[y0:y1, x0:x1]
    ground = float(np.median(np.concatenate([near[0], near[-1], near[:, 0], near[:, -1]])))
    if near.max() - ground < 100:  # of 765
        return None
    rows, columns = np.nonzero(near > (near.max() + ground) / 2)
    return float(columns.mean() + x0 + 0.5), float(rows.mean() + y0 + 0.5)


TIMING = [name for name, row in OPS.items() if row.kind in ("time", "sound")]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_timing_is_followed(seed: int, tmp_path: Path) -> None:
    """A counter in the pixels, events by the instants it shows, and clicks, through up to six time and sound ops."""
    rng = np.random.default_rng(seed)
    ops = [{"op": str(name), "seed": int(rng.integers(2**63)), **knobs(str(name), rng), **MILD.get(str(name), {})}
           for name in rng.choice(TIMING, int(rng.integers(1, 7)))]  # fmt: skip
    fps = (Fraction(10), Fraction(25), Fraction(30000, 1001))[rng.integers(3)]
    walk = Event(type="walk", onset_s=0.8, offset_s=2.1, visible=True)
    marks = [Event(type="door", onset_s=at, offset_s=at, audible=True) for at in np.arange(0.5, 3.5, 0.5)]
    clip = drawn.discs(seconds=4, fps=fps, size_px=(160, 90), counter=True, sound=True, events=(walk, *marks))
    assert clip.audio is not None
    chain = {"ops": ops, "deliver": {"crf": 8, "preset": "ultrafast", "audio_kbps": 256}}
    try:
        out = apply(clip, chain, tmp_path / "out.mp4")
    except Invalid:
        return
    silent = replace(clip, audio=replace(clip.audio, samples=np.zeros_like(clip.audio.samples)))
    quiet = apply(silent, chain, tmp_path / "quiet.mp4")
    counted = np.array([drawn.counted(picture) for picture in out.frames()])
    assert out.labels.world_from_cam is not None
    assert np.array_equal(counted, out.labels.world_from_cam[:, 0, 3]), "the counter agrees with the time map"
    within_events(out, counted / float(fps), walk, half_s=0.5 / float(fps))
    heard_where_it_shows(out, quiet)


def within_events(out: Footage, shown_s: np.ndarray, event: Event, *, half_s: float) -> None:
    """Frames of an event's time in the output show the event's time in the source, to half a frame of either rate."""
    half_out_s = 0.5 / float(out.fps) + 1e-6
    states = np.array(out.labels.frame_state or ("",) * out.length)
    at_s = np.arange(out.length) / float(out.fps)
    moved = [e for e in out.labels.events if e.type == event.type]
    deep = (shown_s > event.onset_s + 2 * half_s) & (shown_s < event.offset_s - 2 * half_s) & (states == "")
    if not moved:
        assert not deep.any(), "an event that is shown is told of"
        return
    inside = (at_s > moved[0].onset_s + half_out_s) & (at_s < moved[0].offset_s - half_out_s) & (states == "")
    speed = max(1.0, float(np.max(np.diff(shown_s), initial=0)) / (2 * half_out_s))
    slack_s = half_s + half_out_s * speed
    assert (shown_s[inside] >= event.onset_s - slack_s).all() and (shown_s[inside] <= event.offset_s + slack_s).all()


def heard_where_it_shows(out: Footage, quiet: Footage) -> None:
    """A click that can be heard lies within 10 ms of its mark and the shift that sound ops declare."""
    assert out.audio is not None and quiet.audio is not None
    rate_hz, shift_s = out.audio.rate_hz, np.array(out.labels.audio_shift_s or (0.0,) * out.length)
    bends_s = np.abs(
        np.diff(shift_s, 2, prepend=shift_s[:1], append=shift_s[-1:])
    )  # told per frame, it may bend inside
    beyond = np.abs(out.audio.samples[:, 0] - quiet.audio.samples[:, 0])
    for mark in (event for event in out.labels.events if event.type == "door" and event.audible):
        at = mark.onset_s * float(out.fps)
        heard_s = mark.onset_s + float(np.interp(at, np.arange(out.length), shift_s))
        slack_s = 0.010 + bends_s[max(0, int(at) - 1) : int(at) + 3].max(initial=0)
        first, stop = (int((heard_s + aside_s) * rate_hz) for aside_s in (-0.1, 0.1))
        near = beyond[max(0, first) : max(0, stop)]
        if first < 0 or stop > len(beyond) or near.max(initial=0) < 0.02:
            continue
        begins = int(np.argmax(near > 0.3 * near.max()))  # a room may answer louder than it was asked
        assert abs((max(0, first) + begins) / rate_hz - heard_s) < slack_s, f"click at {mark.onset_s} s"


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
