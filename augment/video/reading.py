"""What a file says, and its footage: foreign originals as their normalisation says, our own masters and deliveries."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from augment.census import Census, forward
from augment.footage import Array, CameraState, Footage, Labels
from augment.ingest import Limits, Normalisation, Normalised, Unreadable, nearest, resolve, snap
from augment.picture.show import show_delivery, show_master, shower
from augment.video.audio import read_audio
from augment.video.container import FORMATS, OUR_FORMATS, audio_stream, decoded_frames, opened, video_stream

GRACE_S = 10.0
"""The child keeps its limit of time by itself; it is killed so much later, when it hangs inside a codec."""


def probe(path: Path, *, until_s: float | None = None, limits: Limits | None = None) -> dict[str, Any]:
    """What `examine` finds, found by a child process that is killed at the limits of time and memory."""
    limits = limits or Limits()
    question = json.dumps([str(Path(path).absolute()), until_s, asdict(limits)])
    command = [sys.executable, "-m", "augment.video", question]
    home = Path(__file__).resolve().parents[2]
    try:
        child = subprocess.run(command, capture_output=True, timeout=limits.wall_s + GRACE_S, check=False, cwd=home)
    except subprocess.TimeoutExpired:
        raise Unreadable(path, f"reading took more than {limits.wall_s:g} s", "give a shorter part of it") from None
    answer = child.stdout.splitlines()[-1:] or [b"{}"]
    found = json.loads(answer[0])
    if "unreadable" in found:
        raise Unreadable(path, found["unreadable"], found["way_out"])
    if child.returncode:
        raise Unreadable(path, f"the decoder broke down (exit status {child.returncode})", "re-encode it first")
    return dict(found)


def examine(path: Path, *, until_s: float | None = None, limits: Limits | None = None) -> dict[str, Any]:
    """Plain JSON on a foreign file, from decoding it up to `until_s` after the first frame; raises Unreadable."""
    limits = limits or Limits()
    with opened(path, FORMATS) as container:
        stream = video_stream(path, container)
        audio = audio_stream(container)
        count = Census(path, limits, until_s)
        for frame in decoded_frames(path, container, stream, count):
            count.add(frame)
            if until_s is not None and count.last_s - count.first_s > until_s:
                break
        return {
            "path": str(path),
            "container": container.format.name,
            "bytes": Path(path).stat().st_size,
            "streams": [s.type for s in container.streams],
            "video": {"stream": stream.index, "codec": stream.codec_context.name, **count.facts(stream, container)},
            "audio": None
            if audio is None
            else {
                "stream": audio.index,
                "codec": audio.codec_context.name,
                "rate_hz": audio.codec_context.sample_rate,
                "channels": audio.codec_context.channels,
            },
        }


def open_original(path: Path, normalised: Normalised | Normalisation, *, limits: Limits | None = None) -> Footage:
    """Foreign footage, upright, with square pixels, at a constant rate, its sound in step; a rule is resolved first."""
    limits = limits or Limits()
    if isinstance(normalised, Normalisation):
        until_s = normalised.seconds[1] if normalised.seconds else None
        normalised = resolve(normalised, probe(path, until_s=until_s, limits=limits))
    how = normalised
    audio = None
    if how.audio_stream is not None:
        audio = read_audio(path, how.audio_stream, start_s=how.start_s, seconds=float(how.length / how.fps))

    def frames() -> Iterator[Array]:
        show = shower(how)
        # no limit of time: the probe kept it, and this pass waits for whoever works on its frames
        patient = Census(path, replace(limits, wall_s=math.inf), None)
        with opened(path, FORMATS) as container:
            stream = container.streams[how.video_stream]
            shown = forward(decoded_frames(path, container, stream, patient, how.deinterlace))
            last: Any = None
            with closing(shown):
                for frame in nearest(shown, start_s=how.start_s, fps=how.fps, length=how.length):
                    if frame is not last:
                        picture = show(frame)
                    last = frame
                    yield picture

    return Footage(
        fps=how.fps,
        size_px=how.size_px,
        length=how.length,
        frames=frames,
        audio=audio,
        camera=CameraState(generations=1),
    )


def open_clip(path: Path, *, labels: Labels | None = None, camera: CameraState | None = None) -> Footage:
    """Our own master (10-bit RGB, lossless) or delivery; both have a constant rate and start at 0."""
    with opened(path, OUR_FORMATS) as container:
        stream = video_stream(path, container)
        context = stream.codec_context
        size_px, fps = (context.width, context.height), _as_written(stream.average_rate)
        ten_bit = context.format.name == "gbrp10le"
        lossless = ten_bit or context.format.name == "bgr0"
        index = stream.index
        sound = audio_stream(container)
        sound_index = None if sound is None else sound.index  # a stream must not be asked after its container closed
        length = stream.frames or sum(1 for packet in container.demux(stream) if packet.size)
    audio = None
    if sound_index is not None:
        audio = read_audio(path, sound_index, start_s=0.0, seconds=float(length / fps))

    def frames() -> Iterator[Array]:
        show = show_master if lossless else show_delivery(size_px)
        with opened(path, OUR_FORMATS) as container:
            stream = container.streams[index]
            stream.thread_type = "SLICE"
            for frame in container.decode(stream):
                yield show(frame)

    camera = camera or CameraState(log_curve="acescct" if ten_bit else "")
    labels = labels or Labels()
    return Footage(fps=fps, size_px=size_px, length=length, frames=frames, audio=audio, labels=labels, camera=camera)


def _as_written(rate: Fraction) -> Fraction:
    """Our own files say their rate exactly, but for Matroska's nanoseconds: 120000/1001 comes back as 29011/242."""
    usual = snap(rate)
    return usual if abs(usual / rate - 1) < Fraction(1, 10**6) else rate
