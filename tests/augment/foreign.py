"""Foreign files as cameras, phones and editors leave them, made small: drawn discs with a counter, tones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.augment import drawn

SIZE = (160, 90)
RATE = 10
Array = np.ndarray[Any, Any]


def pictures(count: int = 20, size_px: tuple[int, int] = SIZE) -> list[Array]:
    """RGB discs with a counter."""
    return list(drawn.discs(seconds=count / RATE, size_px=size_px, counter=True).frames())


def write(
    path: Path,
    shown: Sequence[Array],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    rate: int = RATE,
    sar: tuple[int, int] = (1, 1),
    options: dict[str, str] | None = None,
    sounds: Sequence[dict[str, Any]] = (),
    container: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
    keep: Callable[[int, Any], bool] = lambda n, packet: True,
    earlier: int = 0,
) -> Path:
    """`shown` encoded; `keep(n, packet)` says which packets of pictures are written, `earlier` moves all by frames."""
    height, width = shown[0].shape[:2]
    with av.open(str(path), "w", container_options=container or {}) as out:
        stream = out.add_stream(codec, rate=rate, options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.time_base = Fraction(1, rate)
        stream.codec_context.thread_count = 1
        stream.codec_context.sample_aspect_ratio = Fraction(*sar)
        tracks = [_sound(out, len(shown) / rate, **sound) for sound in sounds]
        for number, packet in enumerate(_packets(stream, shown, pix_fmt, pts, rate)):
            if earlier:
                packet.pts -= round(earlier / rate / packet.time_base)
                packet.dts -= round(earlier / rate / packet.time_base)
            if keep(number, packet):
                out.mux(packet)
        for track, frames in tracks:
            for frame in [*frames, None]:
                out.mux(track.encode(frame))
    return path


def _packets(stream: Any, shown: Sequence[Array], pix_fmt: str, pts: Sequence[int] | None, rate: int) -> Iterator[Any]:
    for n, picture in enumerate(shown):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt, dst_colorspace="ITU601")
        frame.pts, frame.time_base = pts[n] if pts else n, Fraction(1, rate)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound(
    out: Any, seconds: float, *, codec: str = "aac", layout: str = "mono", rate_hz: int = 48000, hz: Sequence[float]
) -> tuple[Any, list[Any]]:
    """A stream of sound and its frames: each channel a tone of its own."""
    track = out.add_stream(codec, rate=rate_hz, layout=layout)
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    tones = np.stack([0.4 * np.sin(2 * np.pi * f * t_s) * (f > 0) for f in hz]).astype(np.float32)
    frames = []
    for first in range(0, tones.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(tones[:, first : first + 1024]), format="fltp", layout=layout
        )
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
        frames.append(frame)
    return track, frames
