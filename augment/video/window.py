"""Windows of a delivery for loaders: exact instants, decoded from the key frame before them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from augment.footage import Array, Audio
from augment.ingest import Unreadable
from augment.picture.show import show_delivery
from augment.video.audio import window_audio
from augment.video.container import OUR_FORMATS, audio_stream, opened, video_stream, why

INSTANT_SLACK_S = 1e-6
"""A frame counts as on screen this long before its time stamp: an instant may have been rounded to a float. MP4's own
stamps are exact."""
GOP_S = 1.0
"""Between key frames of a delivery: where the one before a frame is nearer than what was read last, it is searched."""


def read_window(path: Path, start_s: float, seconds: float, fps: Fraction) -> tuple[Array, Audio | None]:
    """What is on screen at start_s + k / fps, (T, H, W, 3) uint8, and the sound of the window, None without any.

    Of our own deliveries. Decodes from the key frame before the window to its end, on one thread; raises Unreadable.
    """
    if start_s < 0 or seconds <= 0 or fps <= 0:
        raise ValueError(f"a window must have start_s >= 0, seconds > 0, fps > 0, got {start_s}, {seconds}, {fps}")
    length = max(1, round(seconds * fps))
    instants_s = [start_s + float(k / fps) + INSTANT_SLACK_S for k in range(length)]
    try:
        with opened(path, OUR_FORMATS) as container:
            stream = video_stream(path, container)
            stream.thread_type = "NONE"
            sound = audio_stream(container)
            sound_at = None if sound is None else sound.index  # a closed container's streams are freed memory
            context = stream.codec_context
            show = show_delivery((context.width, context.height))
            pictures = np.empty((length, context.height, context.width, 3), np.uint8)
            filled, end_s = 0, 0.0
            for frame, stop_s in _spans(_from(container, stream, start_s), 1.0 / float(stream.average_rate)):
                until = filled
                while until < length and instants_s[until] < stop_s:
                    until += 1
                if until > filled:
                    pictures[filled:until] = show(frame)
                filled, end_s = until, stop_s
                if filled == length:
                    break
        if filled < length:
            raise Unreadable(path, f"ends at {end_s:.3f} s, before {instants_s[filled]:.3f} s", "make the clip again")
        audio = None if sound_at is None else window_audio(path, sound_at, start_s=start_s, seconds=seconds)
    except av.FFmpegError as error:
        raise Unreadable(path, f"cannot be decoded: {why(error)}", "make the clip again") from None
    return pictures, audio


def read_frames(path: Path, numbers: Iterable[int]) -> Iterator[Array]:
    """The frames of these numbers, rising, of our own delivery; on the way to each, from the key frame before it."""
    with opened(path, OUR_FORMATS) as container:
        stream = video_stream(path, container)
        stream.thread_type = "NONE"
        fps = stream.average_rate
        show = show_delivery((stream.codec_context.width, stream.codec_context.height))
        frames: Iterator[av.VideoFrame] = iter(())
        at_s = -math.inf
        for number in numbers:
            wanted_s = float(number / fps)
            if wanted_s % GOP_S < wanted_s - at_s:
                frames = _from(container, stream, float((number + Fraction(1, 2)) / fps))  # a stamp may be rounded
            frame = next((frame for frame in frames if frame.time >= wanted_s - INSTANT_SLACK_S), None)
            if frame is None:
                raise Unreadable(path, f"ends before frame {number}", "make the clip again")
            at_s = frame.time
            yield show(frame)


def _from(container: Any, stream: Any, start_s: float) -> Iterator[av.VideoFrame]:
    """Frames from a key frame at or before `start_s`.

    MP4 is searched by decoding time, which runs ahead of the time stamps by the reordered frames; so a search may
    land one key frame too late, and is then repeated from further back (FFmpeg 8).
    """
    for back_s in (0.0, 1.5, 6.0, start_s):
        goal_s = max(start_s - back_s, 0.0)
        container.seek(int(goal_s / stream.time_base), stream=stream, backward=True)
        frames = container.decode(stream)
        first = next(frames, None)
        if first is not None and (goal_s == 0.0 or first.time <= start_s + INSTANT_SLACK_S):
            yield first
            yield from frames
            return


def _spans(frames: Iterator[av.VideoFrame], frame_s: float) -> Iterator[tuple[av.VideoFrame, float]]:
    """(frame, until when it is on screen)."""
    held = None
    for frame in frames:
        if held is not None:
            yield held, frame.time
        held = frame
    if held is not None:
        yield held, held.time + 1.5 * frame_s
