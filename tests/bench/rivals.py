"""What others do for the same: a plain transcode, the albumentations script that everybody writes first, and AugLy.

AugLy 1.0.0 needs an interpreter of its own (numpy before 1.24, Pillow before 10) and a system ffmpeg; `augly_python`
makes it in build/augly where pip and ffmpeg are there. Its torchaudio is a stand-in: no op measured here uses it.
"""

from __future__ import annotations

import itertools
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import PictureType

from augment.delivery import X264

X264_OPTIONS = {"crf": "23", "preset": "veryfast", "sc_threshold": "0", "flags": "+cgop", **X264}
AUGLY = Path(__file__).parents[2] / "build" / "augly"
AUGLY_NEEDS = [
    "numpy==1.23.5",
    "scipy==1.11.4",
    "opencv-python-headless==4.10.0.84",
    "Pillow==9.5.0",
    "vidgear==0.2.6",
    "ffmpeg-python==0.2.0",
    "iopath==0.1.10",
    "python-magic==0.4.27",
    "regex==2024.11.6",
    "librosa==0.10.2",
    "pyloudnorm==0.1.1",
    "nlpaug==1.1.11",
    "torch",
]
TORCHAUDIO = (
    "class _None:\n    def __getattr__(self, name):\n        raise RuntimeError(name)\n\n\nsox_effects = _None()\n"
)
AUGLY_CHAIN = """
import resource, sys, time
import augly.video as v
chain = v.Compose([
    v.PerspectiveTransformAndShake(sigma=10, shake_radius=5, seed=1),
    v.Brightness(level=0.1),
    v.OverlayText(text_len=8),
    v.EncodingQuality(quality=35),
])
def cpu():
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
wall, before = time.perf_counter(), cpu()
chain(sys.argv[1], sys.argv[2])
print("figures", time.perf_counter() - wall, cpu() - before)
"""


def plain(clip: Path, out: Path, frames: int, times: int = 1) -> None:
    """What FFmpeg does: decoded frames straight into the encoder, decoding in a thread of its own."""
    for _ in range(times):
        target = out.with_suffix(".plain.mp4")
        with av.open(str(clip)) as source, av.open(str(target), "w") as sink:
            video = source.streams.video[0]
            video.thread_type, video.codec_context.thread_count = "NONE", 1
            stream = encoder(sink, video.average_rate, (video.width, video.height))
            planes = (frame for _, frame in zip(range(frames), source.decode(video), strict=False))
            for n, held in enumerate(_ahead(planes)):
                frame = held.reformat(format="yuv420p")
                # PyAV keeps what the source's frame was, and x264 would not decide by itself: a quarter too cheap
                frame.pict_type = PictureType.NONE
                frame.pts, frame.time_base = n, 1 / Fraction(video.average_rate)
                sink.mux(stream.encode(frame))
            sink.mux(stream.encode(None))
        clip = target.rename(out)


def script(clip: Path, out: Path, frames: int) -> None:
    """All frames in memory, one albumentations Compose of four transforms over them, and out again."""
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


def augly(clip: Path, out: Path) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of AugLy's chain of four ops, its child processes included."""
    done = subprocess.run(
        [AUGLY / "bin" / "python", "-c", AUGLY_CHAIN, clip.resolve(), out.resolve()],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    wall, cpu = next(line for line in done.stdout.splitlines() if line.startswith("figures")).split()[1:]
    return float(wall), float(cpu)


def augly_reason() -> str:
    """Makes the interpreter AugLy needs; "" when it is there, else why it is not."""
    if not (shutil.which("ffmpeg") and shutil.which("ffprobe")):
        return "no ffmpeg on this machine"
    if (AUGLY / "ready").exists():
        return ""
    print("(making an interpreter for AugLy, once)", flush=True)
    python = str(AUGLY / "bin" / "python")
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", AUGLY], check=True, capture_output=True)
        for wanted in (AUGLY_NEEDS, ["--no-deps", "augly==1.0.0"]):
            subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        return f"its packages cannot be had: {error.stderr.decode(errors='replace').strip()[-200:]}"
    stand_in = next((AUGLY / "lib").glob("python3*")) / "site-packages" / "torchaudio"
    stand_in.mkdir()
    (stand_in / "__init__.py").write_text(TORCHAUDIO)
    (AUGLY / "ready").touch()
    return ""


def _ahead(items: Iterator[Any]) -> Iterator[Any]:
    """The same items, made in a thread of their own, a few ahead."""
    ready: queue.Queue[Any] = queue.Queue(8)
    threading.Thread(target=lambda: [ready.put(item) for item in itertools.chain(items, [None])], daemon=True).start()
    while (item := ready.get()) is not None:
        yield item
