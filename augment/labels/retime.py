"""When: labels and frames through time maps and damaged streams, and through what sound ops silence and shift."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from augment.footage import Array, Event, Labels
from augment.kinds import TimeMap

HIDES = ("loss",)
"""States of a frame that shows its own instant and yet cannot be relied upon to show what happens."""
REPEATS = ("freeze", "drop", "duplicate")
"""States of a frame that shows the one before again."""


def through_time(labels: Labels, time_map: TimeMap, *, fps: Fraction) -> Labels:
    """Rows, poses and states as picked; events along the cuts; `fps` is the rate before."""
    picks = np.asarray(time_map.picks, np.int64)
    tracks = labels.tracks
    first = np.searchsorted(tracks.frame, picks, "left")
    count = np.searchsorted(tracks.frame, picks, "right") - first
    rows = np.repeat(first, count) + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    frame = np.repeat(np.arange(len(picks), dtype=np.int32), count)
    moved = replace(
        labels,
        tracks=replace(tracks.rows(rows), frame=frame),
        events=tuple(_moved_events(labels, time_map, picks, fps)),
        world_from_cam=None if labels.world_from_cam is None else labels.world_from_cam[picks],
        frame_state=_states(labels.frame_state, time_map.state, picks),
        audio_shift_s=_moved_shift(labels.audio_shift_s, time_map, fps),
    )
    return silenced(moved, time_map.silent, fps=time_map.fps)


def through_stream(labels: Labels, states: Sequence[str], *, fps: Fraction) -> Labels:
    """A frozen frame still shows what was shown before; a damaged one shows its own instant."""
    if not any(states):
        return labels
    picks = shown_again(states)
    seconds = float(len(states) / fps)
    return through_time(
        labels, TimeMap(picks=picks, fps=fps, cuts=((0.0, seconds, 1.0),), state=tuple(states)), fps=fps
    )


def shown_again(states: Sequence[str]) -> Array:
    """(T,) the frame that each shows, by what a stream says of them."""
    new = np.array([state not in REPEATS for state in states], bool)
    return np.asarray(np.maximum.accumulate(np.where(new, np.arange(len(states)), 0)))


def shifted(labels: Labels, shift_s: Array, *, fps: Fraction) -> Labels:
    """The sound of each frame is heard later by as much, besides what it was already; beyond either end it is lost."""
    before = np.asarray(labels.audio_shift_s or np.zeros(len(shift_s)))
    after = before + np.asarray(shift_s, np.float64)
    moved = replace(labels, audio_shift_s=tuple(after.tolist()) if after.any() else ())
    whole = ((0.0, float(len(shift_s) / fps), 1.0),)
    return _inaudible(moved, lambda sound: _span(sound, whole) is None, fps)


def silenced(labels: Labels, stretches: Iterable[tuple[float, float]], *, fps: Fraction) -> Labels:
    """An event of which all the sound falls into silence cannot be heard."""
    quiet = sorted(stretches)
    return _inaudible(labels, lambda sound: _inside(sound, quiet), fps) if quiet else labels


def _inaudible(labels: Labels, lost: Callable[[Event], bool], fps: Fraction) -> Labels:
    """Events whose sound is lost cannot be heard; lost(event when it is heard)."""
    events = (
        replace(event, audible=event.audible and not lost(_heard(event, labels.audio_shift_s, fps)))
        for event in labels.events
    )
    return replace(labels, events=tuple(events))


def _heard(event: Event, shift_s: Sequence[float], fps: Fraction) -> Event:
    """The event at the time at which its sound is heard."""
    if not shift_s:
        return event
    late_s = np.interp([event.onset_s, event.offset_s], np.arange(len(shift_s)) / float(fps), shift_s)
    return replace(event, onset_s=event.onset_s + late_s[0], offset_s=event.offset_s + late_s[1])


def _inside(event: Event, stretches: Sequence[tuple[float, float]]) -> bool:
    at = event.onset_s
    for start_s, stop_s in stretches:
        if start_s <= at + 1e-9:
            at = max(at, stop_s)
    return at >= event.offset_s and at > event.onset_s


def _moved_events(labels: Labels, time_map: TimeMap, picks: Array, fps: Fraction) -> Iterator[Event]:
    """Events of which something is left, in seconds of the output."""
    instants_s = picks / float(fps)
    half_in, half_out = 0.5 / float(fps), 0.5 / float(time_map.fps)
    hidden = np.array([state in HIDES for state in time_map.state] or [False] * len(picks))
    for event in labels.events:
        span = _span(event, time_map.cuts)
        if span is None:
            continue
        audible = event.audible and _span(_heard(event, labels.audio_shift_s, fps), time_map.cuts) is not None
        moved = replace(event, onset_s=span[0], offset_s=span[1], observable_from_s=None, audible=audible)
        if event.visible:
            since = event.onset_s if event.observable_from_s is None else event.observable_from_s
            shows = (instants_s >= since - half_in) & (instants_s <= event.offset_s + half_in) & ~hidden
            if not shows.any():
                moved = replace(moved, visible=False)
            else:
                from_s = float(int(np.argmax(shows)) / time_map.fps)
                late = from_s > span[0] + half_out + 1e-6
                moved = replace(moved, observable_from_s=from_s if late else None)
        yield moved


def _span(event: Event, cuts: Sequence[tuple[float, float, float]]) -> tuple[float, float] | None:
    """(onset, offset) in the output: from the first to the last stretch that holds some of the event."""
    at, found = 0.0, []
    for start_s, stop_s, speed in cuts:
        low, high = max(event.onset_s, start_s), min(event.offset_s, stop_s)
        momentary = event.onset_s == event.offset_s and start_s <= event.onset_s < stop_s
        if low < high or momentary:
            found += [at + (low - start_s) / speed, at + (high - start_s) / speed]
        at += (stop_s - start_s) / speed
    return (min(found), max(found)) if found else None


def _moved_shift(shift_s: Sequence[float], time_map: TimeMap, fps: Fraction) -> tuple[float, ...]:
    """A shift stays with its sound, which follows the cuts: twice as fast is half as late.

    A frame and its sound may lie in different stretches, so both instants go through the cuts.
    """
    if not shift_s:
        return ()
    start_s, stop_s, speed = np.asarray(time_map.cuts, np.float64).T
    ends_s = np.cumsum((stop_s - start_s) / speed)
    at_s = np.arange(len(time_map.picks)) / float(time_map.fps)
    number = np.minimum(np.searchsorted(ends_s, at_s, side="right"), len(ends_s) - 1)
    seen_s = stop_s[number] - (ends_s[number] - at_s) * speed[number]
    heard_s = seen_s + np.interp(seen_s, np.arange(len(shift_s)) / float(fps), shift_s)
    knots_in = np.stack([start_s, stop_s], axis=1).ravel()
    knots_out = np.stack([ends_s - (stop_s - start_s) / speed, ends_s], axis=1).ravel()
    before, after = np.minimum(heard_s - start_s[0], 0) / speed[0], np.maximum(heard_s - stop_s[-1], 0) / speed[-1]
    return tuple((np.interp(heard_s, knots_in, knots_out) + before + after - at_s).tolist())


def _states(before: Sequence[str], now: Sequence[str], picks: Array) -> tuple[str, ...]:
    """A frame's own new state, else that of the frame it shows; empty when all are ""."""
    old = [before[p] for p in picks] if before else [""] * len(picks)
    states = tuple(new or was for new, was in zip(now or [""] * len(picks), old, strict=True))
    return states if any(states) else ()


def rate_map(length: int, fps: Fraction, wanted: Fraction) -> TimeMap:
    """The frame nearest to each instant of the wanted rate; length in seconds kept to the nearest frame."""
    count = max(1, round(length * wanted / fps))
    picks = np.array([min(length - 1, int(n * fps / wanted + Fraction(1, 2))) for n in range(count)], np.int64)
    return TimeMap(picks=picks, fps=wanted, cuts=((0.0, float(min(length / fps, count / wanted)), 1.0),))


def picked(frames: Iterator[Array], picks: Array) -> Iterator[Array]:
    """Frames by number, rising; one that is shown again is copied, since what follows may paint on it.

    Ends early when the frames do: whoever writes them counts.
    """
    frame: Array | None = None
    at = -1
    for n, pick in enumerate(picks):
        while at < pick:
            frame, at = next(frames, None), at + 1
        if frame is None:
            return
        again = n + 1 < len(picks) and picks[n + 1] == pick
        yield frame.copy() if again else frame
