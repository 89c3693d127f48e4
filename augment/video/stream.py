"""A real encode and decode without a container: what a stream op does to pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import av
from av.video.reformatter import ColorRange

from augment.delivery import CODECS, quality
from augment.footage import Array
from augment.picture.colour import Planes
from augment.picture.show import plane


def filled_frame(planes: Planes, picture: Array, pix_fmt: str) -> av.VideoFrame:
    """A new frame; its own memory, because PyAV 18.1 shifts chroma of borrowed arrays whose height is not 4 n."""
    frame = av.VideoFrame(*planes.size_px, pix_fmt)
    planes.fill(picture, *(plane(p) for p in frame.planes))
    return frame


def recode(
    frames: Iterator[Array],
    *,
    fps: Fraction,
    size_px: tuple[int, int],
    codec: str = "h264",
    crf: int | None = None,
    kbps: float | None = None,
    preset: str = "veryfast",
    gop: int | None = None,
    options: Mapping[str, str] | None = None,
) -> Iterator[Array]:
    """One real generation, without a container: RGB uint8 in, as many RGB uint8 out, a few frames later.

    `crf` is constant quality (the quantiser for mpeg4 and mjpeg), `kbps` a mean rate instead; `options` are the
    encoder's own (maxrate, bufsize ...). One thread on both sides, so same in, same out.
    """
    if codec not in CODECS:
        raise ValueError(f"codec must be one of {', '.join(CODECS)}, got {codec!r}")
    encoder = _encoder(codec, fps=fps, size_px=size_px, gop=gop or max(1, round(2 * fps)))
    encoder.options = {**quality(codec, crf, kbps, preset), **(options or {})}
    if kbps is not None:
        encoder.bit_rate = round(kbps * 1000)
    decoder = av.CodecContext.create(CODECS[codec][1], "r")
    decoder.thread_count, decoder.thread_type = 1, "NONE"
    planes = Planes(size_px, full_range=codec == "mjpeg")

    def decoded(packets: Iterable[Any]) -> Iterator[Array]:
        for packet in packets:
            for frame in decoder.decode(packet):
                yield planes.rgb(*(plane(p) for p in frame.planes))

    for n, picture in enumerate(frames):
        frame = filled_frame(planes, picture, encoder.pix_fmt)
        frame.pts, frame.time_base = n, 1 / fps
        frame.color_range = encoder.color_range
        yield from decoded(encoder.encode(frame))
    yield from decoded(encoder.encode(None))
    yield from decoded([None])


def _encoder(codec: str, *, fps: Fraction, size_px: tuple[int, int], gop: int) -> Any:
    """An encoder of BT.709 pictures with one thread."""
    encoder = av.CodecContext.create(CODECS[codec][0], "w")
    encoder.width, encoder.height = size_px
    encoder.time_base, encoder.framerate = 1 / fps, fps
    encoder.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    encoder.color_range = ColorRange.JPEG if codec == "mjpeg" else ColorRange.MPEG
    encoder.colorspace = encoder.color_primaries = encoder.color_trc = 1
    encoder.thread_count = 1
    encoder.gop_size = gop
    return encoder
