"""What a chain costs: the demo chain against a plain transcode, and against the script that everybody writes first.

    python -m tests.bench.bench_augment [clip] [seconds]

All end in the same H.264 encode with one thread, and none carries the sound. CPU seconds are those of the whole
process, its threads included.
"""

from __future__ import annotations

import itertools
import os
import queue
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from augment.chain import _flow, apply
from augment.delivery import X264
from augment.ingest import Normalisation, Normalised, resolve
from augment.seating import seated
from augment.video import Deliver, deliver, open_original, probe

CLIP = Path(__file__).resolve().parents[3] / "shared" / "footage" / "gopro+gpmf-parser" / "hero7.mp4"
X264_OPTIONS = {"crf": "23", "preset": "veryfast", "sc_threshold": "0", "flags": "+cgop", **X264}
CAMERA = [
    {"op": "shake", "seed": 1, "path": "body", "max_zoom": 1.3},
    {"op": "lens", "seed": 2, "source_theta": [2.0, 0, 0, 0], "target_theta": [1.8, 0, 0.2, 0]},
    {"op": "exposure", "seed": 3, "ev": {"walk": {"low": -0.5, "high": 0.5, "rate": 0.3}}},
    {"op": "noise", "seed": 4, "gain_db": 12},
    {"op": "timestamp", "seed": 5, "layout": "oem_slash", "start": "2031-05-17T21:04:09+01:00"},
]
TRANSCODE = {"op": "transcode", "seed": 6, "crf": 28}
DROP = {"op": "frame_drop", "seed": 7, "share": 0.03}
PATHS = {"body": {"gait": "walk", "mount": "chest", "amount": 0.5, "seed": 8}}


def main(clip: Path = CLIP, seconds: float = 8.0) -> None:
    """Print the table."""
    normalised = resolve(Normalisation(seconds=(0, seconds)), probe(clip, until_s=seconds))
    frames, (width, height) = normalised.length, normalised.size_px
    print(f"{clip.name}: {frames} frames of {width}x{height}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{'':52}{'encodes':>8}{'wall s':>8}{'ratio':>7}{'CPU s':>8}{'ratio':>7}{'ms CPU/frame':>14}")
    floor: tuple[float, float] | None = None
    with tempfile.TemporaryDirectory() as folder:
        for name, encodes, work in rows(clip, normalised, Path(folder) / "out.mp4"):
            wall, cpu = (min(figures) for figures in zip(*(timed(work) for _ in range(2)), strict=True))
            floor = floor or (wall, cpu)
            ratios = wall / floor[0], cpu / floor[1]
            print(
                f"{name:52}{encodes:8}{wall:8.2f}{ratios[0]:7.2f}{cpu:8.2f}{ratios[1]:7.2f}{1000 * cpu / frames:14.1f}",
                flush=True,
            )


def rows(clip: Path, normalised: Normalised, out: Path) -> list[tuple[str, int, Callable[[], Any]]]:
    """(name, encodes it contains, work); the first is what the others are compared with."""
    camera, demo = ({"paths": PATHS, "ops": ops} for ops in (CAMERA, [*CAMERA, TRANSCODE, DROP]))
    silent = replace(open_original(clip, normalised), audio=None)
    noisy = [p.copy() for p in _flow(silent, seated(silent, camera, {})[0], {})]
    kept = replace(silent, frames=lambda: iter(noisy))
    return [
        ("plain transcode: decode, encode", 1, lambda: plain(clip, out, normalised.length, 1)),
        ("two plain transcodes in a row", 2, lambda: plain(clip, out, normalised.length, 2)),
        ("deliver alone: decode, RGB, encode", 1, lambda: deliver(silent, out, Deliver())),
        ("camera chain: shake lens exposure noise timestamp", 1, lambda: apply(silent, camera, out)),
        ("  of it, the last encode (of noisy pictures)", 1, lambda: deliver(kept, out, Deliver())),
        ("demo chain: the same, transcode, frame_drop", 2, lambda: apply(silent, demo, out)),
        ("script: PyAV, albumentations of 4 ops, PyAV", 1, lambda: script(clip, out, normalised.length)),
    ]


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of one call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def plain(clip: Path, out: Path, frames: int, times: int) -> None:
    """What FFmpeg does: decoded frames straight into the encoder, decoding in a thread of its own."""
    for _ in range(times):
        target = out.with_suffix(".plain.mp4")
        with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
            video = source.streams.video[0]
            video.thread_type, video.codec_context.thread_count = "NONE", 1
            stream = encoder(sink, video.average_rate, (video.width, video.height))
            planes = (frame for _, frame in zip(range(frames), source.decode(video), strict=False))
            for n, held in enumerate(ahead(planes)):
                frame = held.reformat(format="yuv420p")
                # PyAV keeps what the source's frame was, and x264 would not decide by itself: a quarter too cheap
                frame.pict_type = PictureType.NONE
                frame.pts, frame.time_base = n, 1 / Fraction(video.average_rate)
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
        clip = target.rename(out)


def ahead(items: Iterator[Any]) -> Iterator[Any]:
    """The same items, made in a thread of their own, a few ahead."""
    ready: queue.Queue[Any] = queue.Queue(8)
    threading.Thread(target=lambda: [ready.put(item) for item in itertools.chain(items, [None])], daemon=True).start()
    while (item := ready.get()) is not None:
        yield item


def script(clip: Path, out: Path, frames: int) -> None:
    """All frames in memory, one Compose over them, and out again."""
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    import albumentations

    with av.open(str(clip)) as source:
        video = source.streams.video[0]
        rate = video.average_rate
        pictures = (f.to_ndarray(format="rgb24") for _, f in zip(range(frames), source.decode(video), strict=False))
        clip_thwc = np.stack(list(pictures))
    compose = albumentations.Compose(
        [
            albumentations.Affine(rotate=(-3, 3), scale=1.1, p=1),
            albumentations.RandomBrightnessContrast(p=1),
            albumentations.MotionBlur(blur_limit=5, p=1),
            albumentations.GaussNoise(p=1),
        ]
    )
    moved = compose(images=clip_thwc)["images"]
    with av.open(str(out), "w") as sink:
        stream = encoder(sink, rate, (moved.shape[2], moved.shape[1]))
        for picture in moved:
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        sink.mux(stream.encode(None))


def encoder(sink: Any, rate: Any, size_px: tuple[int, int]) -> Any:
    """The encoder of `deliver`."""
    stream = sink.add_stream("libx264", rate=rate, options=X264_OPTIONS)
    stream.width, stream.height, stream.pix_fmt = *size_px, "yuv420p"
    stream.codec_context.thread_count, stream.codec_context.gop_size = 1, round(rate)
    return stream


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((Path, float), sys.argv[1:], strict=False)))
