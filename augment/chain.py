"""The chain: one streaming pass in which ops in their physical order make new footage, and labels follow by themselves.

First everything is decided (augment/seating.py), then the frames flow: decode, work, each real encode and the last
one in threads of their own, with a few frames between them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from augment import gate
from augment.footage import Array, Audio, Footage, Labels, running
from augment.labels import carry, retime
from augment.seating import Invalid, Step, check_inside, deliver_spec, fused_field, groups, seated
from augment.sound import recut
from augment.video import deliver

DEPTH = 4
"""Frames that wait between two threads."""
STRIP_ROWS = 16
"""Rows that are looked up at once: they stay in the cache."""
cv2.setNumThreads(1)  # tasks run side by side; OpenCV would take all cores in each (albumentations#1246)


def apply(
    footage: Footage,
    chain: Mapping[str, Any],
    path: Path,
    *,
    sources: Sequence[Footage] = (),
    files: Mapping[str, Path] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Footage:
    """Write the chain's footage to `path` (MP4) and return it as delivered, with its labels.

    ValueError: the chain is wrong. Invalid: it is right, and cannot be made of this footage.
    """
    return made(footage, chain, path, sources=sources, files=files, metadata=metadata).footage


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a chain delivered, and what the gate says of it."""

    footage: Footage
    gate_frames: Sequence[int]
    """Frames of it that were looked at."""
    measures: gate.Measures
    """Of augment.gate.MEASURES; empty when no frame was looked at."""


def made(
    footage: Footage,
    chain: Mapping[str, Any],
    path: Path,
    *,
    gate_at: Sequence[float] = (),
    sources: Sequence[Footage] = (),
    files: Mapping[str, Path] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Made:
    """As apply(), with the measures of the frames at these shares of the output's length."""
    if sources:
        raise ValueError(f"sources must be empty, got {len(sources)}: no op of this chain takes a second source")
    spec = deliver_spec(chain)
    steps, end = seated(footage, chain, files or {})
    time_map = retime.rate_map(end.length, end.fps, spec.fps or end.fps)
    watch = gate.Watch(gate_at, steps, time_map)
    states: dict[int, list[str]] = {}
    watched = replace(footage, frames=lambda: watch.passing(footage.frames()))
    piped = Footage(
        fps=end.fps,
        size_px=end.size_px,
        length=end.length,
        frames=lambda: _flow(watched, steps, states),
        audio=_heard(footage.audio, steps),
        camera=end.camera,
    )
    written = deliver(piped, path, spec, metadata=metadata)
    labels = _carried(footage.labels, steps, states, heard=footage.audio is not None)
    labels = carry.fitted_labels(labels, time_map, fps=end.fps, before_px=end.size_px, after_px=written.size_px)
    delivered = replace(written, labels=labels)
    if not watch.frames:
        return Made(footage=delivered, gate_frames=(), measures={})
    shown = _shown(footage.length, steps, states)[time_map.picks]
    measures = gate.measured(watch, footage.labels, delivered, path, shown)
    return Made(footage=delivered, gate_frames=watch.frames, measures=measures)


# ------------------------------------------------------------------------------------------------ doing


def _flow(footage: Footage, steps: Sequence[Step], states: dict[int, list[str]]) -> Iterator[Array]:
    """The frames of the whole chain; what streams say of each frame lands in `states` by the step's number."""
    with ExitStack() as threads:

        def in_a_thread(frames: Iterator[Array]) -> Iterator[Array]:
            return threads.enter_context(running(overlapped(frames)))

        frames = in_a_thread(footage.frames())
        for n, (kind, group) in enumerate(groups(steps)):
            if kind == "stream":
                states[n] = []
                frames = _streamed(group[0], in_a_thread(frames), states[n])
            else:
                frames = WORK[kind](group, frames)
        yield from in_a_thread(frames)


def _warped(group: Sequence[Step], frames: Iterator[Array]) -> Iterator[Array]:
    warp = fused_field(group)
    for t, frame in enumerate(frames):
        shown = warp.warped(t, frame)
        check_inside(group, warp, t)
        yield shown


def _looked_up(group: Sequence[Step], frames: Iterator[Array]) -> Iterator[Array]:
    """Neighbouring tables as one: the later is read between the values of the earlier, and rounded once."""
    values = np.arange(256.0)
    for t, frame in enumerate(frames):
        fused = group[0].act(t)
        for step in group[1:]:
            later = step.act(t)
            fused = np.stack([np.interp(fused[:, c], values, later[:, c]) for c in range(3)], axis=1)
        yield _through(frame, np.clip(np.rint(fused), 0, 255).astype(np.uint8))


def _through(frame: Array, table: Array) -> Array:
    """The frame with each value replaced by its row of a (256, 3) table, in place."""
    if (table != table[:, :1]).any():
        return np.asarray(cv2.LUT(frame, table[None], dst=frame))
    wide = table[:, 0].astype(
        np.uint16
    )  # OpenCV 4.11 looks up 16 bits in half the time of 8: 2.5 ms against 4.8, 1080p
    for top in range(0, len(frame), STRIP_ROWS):
        rows = frame[top : top + STRIP_ROWS]
        np.copyto(rows, cv2.LUT(rows, wide), casting="unsafe")
    return frame


def _painted(group: Sequence[Step], frames: Iterator[Array]) -> Iterator[Array]:
    for t, frame in enumerate(frames):
        yield group[0].act(t, frame)


def _picked(group: Sequence[Step], frames: Iterator[Array]) -> Iterator[Array]:
    return retime.picked(frames, group[0].act.picks)


WORK: Mapping[str, Callable[[Sequence[Step], Iterator[Array]], Iterator[Array]]] = {
    "warp": _warped,
    "table": _looked_up,
    "pixel": _painted,
    "time": _picked,
}


def _streamed(step: Step, frames: Iterator[Array], states: list[str]) -> Iterator[Array]:
    for frame, state in step.op.run(step.setting, frames):
        states.append(state)
        yield frame
    if len(states) != step.setting.length:
        raise Invalid(
            f"{step.at}: {len(states)} of {step.setting.length} frames came out of the stream; take a milder one"
        )


def overlapped(frames: Iterator[Array], *, depth: int = DEPTH) -> Iterator[Array]:
    """The same frames, made in a thread of their own, at most `depth` ahead; each is the reader's until the next."""
    ready: queue.Queue[tuple[Array | None, BaseException | None]] = queue.Queue(depth)
    stopped = threading.Event()

    def put(item: tuple[Array | None, BaseException | None]) -> None:
        while not stopped.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue

    def work() -> None:
        ring: list[Array] = []
        try:
            with running(frames):
                for n, frame in enumerate(frames):
                    if stopped.is_set():
                        break
                    slot = n % (depth + 2)  # those that wait, the one being made, the one being read
                    if slot == len(ring):
                        ring.append(frame.copy())
                    elif ring[slot].shape == frame.shape and ring[slot].dtype == frame.dtype:
                        np.copyto(ring[slot], frame)
                    else:
                        ring[slot] = frame.copy()
                    put((ring[slot], None))
            put((None, None))
        except BaseException as error:  # told to the reader, whatever it is
            put((None, error))

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        while True:
            frame, error = ready.get()
            if error is not None:
                raise error
            if frame is None:
                return
            yield frame
    finally:
        stopped.set()
        worker.join()


# ------------------------------------------------------------------------------------------------ following


def _heard(audio: Audio | None, steps: Sequence[Step]) -> Audio | None:
    """The sound as time and sound ops leave it, in order."""
    if audio is None:
        return None
    for step in steps:
        if step.row.kind == "time":
            seconds = float(len(step.act.picks) / step.act.fps)
            audio = recut(audio, step.act.cuts, seconds=seconds, silent=step.act.silent)
        elif step.row.kind == "sound":
            audio = step.op.hear(step.setting, audio)
    return audio


def _carried(labels: Labels, steps: Sequence[Step], states: Mapping[int, Sequence[str]], *, heard: bool) -> Labels:
    """Labels behind the last op; what sound ops silence and shift counts in the seconds of their place."""
    sounds = [step for step in steps if step.row.kind == "sound" and heard]
    for n, (kind, group) in enumerate(groups(steps)):
        op, setting = group[0].op, group[0].setting
        fps: Fraction = setting.fps
        if kind == "warp":
            labels = carry.through_warp(labels, fused_field(group), fps=fps)
            for step in group:
                labels = labels if step.turns is None else carry.turned(labels, step.turns)
        elif kind == "time":
            while sounds and sounds[0].number < group[0].number:
                labels = _sounded(labels, sounds.pop(0))
            labels = retime.through_time(labels, group[0].act, fps=fps)
        elif kind == "stream":
            labels = retime.through_stream(labels, states[n], fps=fps)
        elif hasattr(op, "covers"):
            labels = carry.under_cover(labels, op.covers(setting), size_px=setting.size_px, fps=fps)
    for step in sounds:
        labels = _sounded(labels, step)
    return labels


def _sounded(labels: Labels, step: Step) -> Labels:
    """What a sound op silences cannot be heard; what it shifts is recorded."""
    setting = step.setting
    labels = retime.silenced(labels, step.op.silences(setting), fps=setting.fps)
    return retime.shifted(labels, step.op.shift_s(setting), fps=setting.fps) if hasattr(step.op, "shift_s") else labels


def _shown(length: int, steps: Sequence[Step], states: Mapping[int, Sequence[str]]) -> Array:
    """(T,) which frame of the source each frame behind the last op shows."""
    shown: Array = np.arange(length)
    for n, (kind, group) in enumerate(groups(steps)):
        if kind == "time":
            shown = shown[group[0].act.picks]
        elif kind == "stream":
            shown = shown[retime.shown_again(states[n])]
    return shown
