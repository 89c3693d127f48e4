"""Containers, opened so that they read one file alone; their streams, frames and packets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import av.filter

from augment.census import Census
from augment.delivery import CODECS
from augment.ingest import Unreadable, refused

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi,flv,ogg,asf,mjpeg,h264"
"""Containers that are opened (FFmpeg's names); none of them opens a second file."""
OUR_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
ATTACHED_PICTURE = 0x0400
"""AV_DISPOSITION_ATTACHED_PIC: cover art."""


@contextmanager
def opened(path: Path, formats: str) -> Iterator[Any]:
    """A container that may be of these formats alone and reads this file alone."""
    path = Path(path).absolute()
    if not path.exists():
        raise Unreadable(path, "is not there", "check the name")
    if not path.is_file():
        raise Unreadable(path, "is not a file", "name the files in it")
    if path.stat().st_size == 0:
        raise Unreadable(path, "is empty", "copy it again")
    options = {"format_whitelist": formats, "protocol_whitelist": "file"}
    try:
        container = av.open(f"file:{path}", container_options=options, metadata_errors="ignore", timeout=60)
    except PermissionError:
        raise Unreadable(path, "may not be read", "change its permissions") from None
    except (av.FFmpegError, ValueError, UnicodeError) as error:
        raise refused(path, formats, why(error)) from None
    with container:
        yield container


def why(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def video_stream(path: Path, container: Any) -> Any:
    """The first stream of pictures that move and whose codec is known."""
    videos = [s for s in container.streams.video if not int(s.disposition) & ATTACHED_PICTURE]
    if not len(container.streams):
        raise Unreadable(path, "is cut short or damaged: it holds no streams", "copy it again from where it came")
    if not videos:
        raise Unreadable(path, "holds no video", "give a clip with pictures")
    known = [s for s in videos if s.codec_context is not None]
    if not known:
        raise Unreadable(path, "its video's codec is not named or not known", "re-encode it first")
    return known[0]


def audio_stream(container: Any) -> Any:
    """The first stream of sound that can be decoded, or None."""
    usable = (s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate)
    return next(usable, None)


def decoded_frames(
    path: Path, container: Any, stream: Any, count: Census, deinterlace: str = ""
) -> Iterator[av.VideoFrame]:
    """Frames in the decoder's order up to the first that cannot be decoded, whose error lands in count.damage.

    One thread: what a decoder conceals in a damaged stream changes from run to run with more.
    """
    stream.thread_type = "NONE"
    stream.codec_context.thread_count = 1
    graph = _Deinterlacer(stream) if deinterlace else None
    packets = container.demux(stream)
    while True:
        count.check_time()
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else []
        except (av.FFmpegError, ValueError) as error:
            count.damage = f"cannot be decoded: {why(error)}"
            return
        for frame in frames:
            if graph is None:
                yield frame
            else:
                yield from graph.push(frame)
        if packet is None:
            break
    if graph is not None:
        yield from graph.flush()


class _Deinterlacer:
    """One progressive frame per frame, by bwdif."""

    def __init__(self, stream: Any) -> None:
        self.graph = av.filter.Graph()
        source = self.graph.add_buffer(template=stream, time_base=stream.time_base)
        bwdif = self.graph.add("bwdif", "mode=send_frame:deint=all")
        sink = self.graph.add("buffersink")
        source.link_to(bwdif)
        bwdif.link_to(sink)
        self.graph.configure()

    def push(self, frame: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """The frames that are ready now."""
        self.graph.push(frame)
        yield from self._ready()

    def flush(self) -> Iterator[av.VideoFrame]:
        """The frames that were held back."""
        self.graph.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[av.VideoFrame]:
        while True:
            try:
                yield self.graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return


def codecs() -> tuple[list[str], list[str]]:
    """(encoders that are here, encoders that are lacking) of those that deliveries, masters and streams use."""
    wanted = ["ffv1", "pcm_f32le", "aac", *(encoder for encoder, _ in CODECS.values())]
    have = [name for name in wanted if name in av.codecs_available]
    return have, [name for name in wanted if name not in have]


def packet_sha256(path: Path) -> str:
    """SHA-256 over the packets of pictures and sound in the file's order: what is shown, without the container."""
    digest = hashlib.sha256()
    with opened(path, FORMATS) as container:
        for packet in container.demux():
            if packet.size and packet.stream.type in ("video", "audio"):
                digest.update(f"{packet.stream.index} {packet.pts} {packet.dts} {packet.size}\n".encode())
                digest.update(bytes(packet))
    return digest.hexdigest()


def picture_bytes(path: Path) -> int:
    """Bytes of all packets of pictures."""
    with opened(path, FORMATS) as container:
        return sum(packet.size for packet in container.demux(video_stream(path, container)))
