"""Files and Footage, both ways: foreign files read safely, masters and deliveries written; the only import of av."""

from __future__ import annotations

import hashlib
import json
import resource
import subprocess
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import av.filter
import cv2
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.reformatter import ColorRange

from augment.carry import fitted
from augment.census import Census, forward
from augment.colour import Planes
from augment.delivery import CODECS, X264, Deliver, quality
from augment.footage import Array, Audio, CameraState, Footage, Labels
from augment.ingest import Limits, Normalisation, Normalised, Unreadable, nearest, refused, resolve, snap
from augment.show import packed, plane, show_delivery, show_master, shower

__all__ = [
    "CODECS",
    "Deliver",
    "codecs",
    "deliver",
    "examine",
    "open_clip",
    "open_original",
    "packet_sha256",
    "probe",
    "read_window",
    "recode",
    "write_master",
]

FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,avi,flv,ogg,asf,mjpeg,h264"
"""Containers that are opened (FFmpeg's names); none of them opens a second file."""
OUR_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"

AUDIO_HZ = 48_000
AUDIO_GAP_S = 0.010
"""Sound that starts later than this after what came before was missing, and silence is put there."""

ATTACHED_PICTURE = 0x0400
"""AV_DISPOSITION_ATTACHED_PIC: cover art."""


# ---------------------------------------------------------------------------------------------- what a file says


def probe(path: Path, *, until_s: float | None = None, limits: Limits | None = None) -> dict[str, Any]:
    """What `examine` finds, found by a child process that is killed at the limits of time and memory."""
    limits = limits or Limits()
    question = json.dumps([str(Path(path).absolute()), until_s, asdict(limits)])
    command = [sys.executable, "-m", "augment.video", question]
    home = Path(__file__).resolve().parents[1]
    try:
        child = subprocess.run(command, capture_output=True, timeout=limits.wall_s + 10, check=False, cwd=home)
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
    with _opened(path, FORMATS) as container:
        stream = _video_stream(path, container)
        audio = _audio_stream(container)
        count = Census(path, limits, until_s)
        for frame in _decoded(path, container, stream, count):
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


# ------------------------------------------------------------------------------------------------ reading


def open_original(path: Path, normalised: Normalised | Normalisation, *, limits: Limits | None = None) -> Footage:
    """Foreign footage, upright, with square pixels, at a constant rate, its sound in step; a rule is resolved first."""
    limits = limits or Limits()
    if isinstance(normalised, Normalisation):
        until_s = normalised.seconds[1] if normalised.seconds else None
        normalised = resolve(normalised, probe(path, until_s=until_s, limits=limits))
    how = normalised
    audio = None
    if how.audio_stream is not None:
        audio = _read_audio(path, how.audio_stream, start_s=how.start_s, seconds=float(how.length / how.fps))

    def frames() -> Iterator[Array]:
        show = shower(how)
        with _opened(path, FORMATS) as container:
            stream = container.streams[how.video_stream]
            shown = forward(_decoded(path, container, stream, Census(path, limits, None), how.deinterlace))
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
    with _opened(path, OUR_FORMATS) as container:
        stream = _video_stream(path, container)
        context = stream.codec_context
        size_px, fps = (context.width, context.height), snap(stream.average_rate)
        ten_bit = context.format.name == "gbrp10le"
        lossless = ten_bit or context.format.name == "bgr0"
        index = stream.index
        sound = _audio_stream(container)
        sound_index = None if sound is None else sound.index  # a stream must not be asked after its container closed
        length = stream.frames or sum(1 for packet in container.demux(stream) if packet.size)
    audio = None
    if sound_index is not None:
        audio = _read_audio(path, sound_index, start_s=0.0, seconds=float(length / fps))

    def frames() -> Iterator[Array]:
        show = show_master if lossless else show_delivery(size_px)
        with _opened(path, OUR_FORMATS) as container:
            stream = container.streams[index]
            stream.thread_type = "SLICE"
            for frame in container.decode(stream):
                yield show(frame)

    camera = camera or CameraState(log_curve="acescct" if ten_bit else "")
    labels = labels or Labels()
    return Footage(fps=fps, size_px=size_px, length=length, frames=frames, audio=audio, labels=labels, camera=camera)


@contextmanager
def _opened(path: Path, formats: str) -> Iterator[Any]:
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
        raise refused(path, formats, _why(error)) from None
    with container:
        yield container


def _why(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__)


def _video_stream(path: Path, container: Any) -> Any:
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


def _audio_stream(container: Any) -> Any:
    """The first stream of sound that can be decoded, or None."""
    usable = (s for s in container.streams.audio if s.codec_context is not None and s.codec_context.sample_rate)
    return next(usable, None)


def _decoded(path: Path, container: Any, stream: Any, count: Census, deinterlace: str = "") -> Iterator[av.VideoFrame]:
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
            count.damage = f"cannot be decoded: {_why(error)}"
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


def _filled(planes: Planes, picture: Array, pix_fmt: str) -> av.VideoFrame:
    """A new frame; its own memory, because PyAV 18.1 shifts chroma of borrowed arrays whose height is not 4 n."""
    frame = av.VideoFrame(*planes.size_px, pix_fmt)
    planes.fill(picture, *(plane(p) for p in frame.planes))
    return frame


def _read_audio(path: Path, index: int, *, start_s: float, seconds: float) -> Audio | None:
    """The sound of [start_s, start_s + seconds) at 48 kHz, mono or stereo; silence where the file has none."""
    with _opened(path, FORMATS) as container:
        stream = container.streams[index]
        stream.thread_type = "NONE"
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        samples = np.zeros((round(seconds * AUDIO_HZ), 1 if layout == "mono" else 2), np.float32)
        block = _Block(layout, samples, start_s)
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError:
                break
            if packet is None:
                break
            try:
                frames = packet.decode()
            except (av.FFmpegError, ValueError):
                continue  # a damaged packet of sound is a stretch of silence
            for frame in frames:
                block.add(frame)
            if block.next_s > start_s + seconds:
                break
        block.end()
    return Audio(samples=samples, rate_hz=AUDIO_HZ) if block.heard else None


class _Block:
    """Puts decoded sound where its time stamps say; each stretch without a gap goes through one resampler."""

    def __init__(self, layout: str, samples: Array, start_s: float) -> None:
        self.layout, self.samples, self.start_s = layout, samples, start_s
        self.heard = False
        self.next_s = -np.inf
        self._resampler: AudioResampler | None = None
        self._at = 0

    def add(self, frame: av.AudioFrame) -> None:
        """A decoded frame, whose time stamp rules when it leaves a gap."""
        now = frame.time if frame.time is not None else max(self.next_s, self.start_s)
        if self._resampler is None or abs(now - self.next_s) > AUDIO_GAP_S:
            self.end()
            self._resampler = AudioResampler(format="fltp", layout=self.layout, rate=AUDIO_HZ)
            self._at = round((now - self.start_s) * AUDIO_HZ)
            self.next_s = now
        self.next_s += frame.samples / frame.sample_rate
        frame.pts = None
        for part in self._resampler.resample(frame):
            self._put(part.to_ndarray())

    def end(self) -> None:
        """What the resampler still holds."""
        if self._resampler is not None:
            for part in self._resampler.resample(None):
                self._put(part.to_ndarray())
        self._resampler = None

    def _put(self, part: Array) -> None:
        self.heard = True
        first, stop = max(self._at, 0), min(self._at + part.shape[1], len(self.samples))
        if first < stop:
            self.samples[first:stop] = part[:, first - self._at : stop - self._at].T
        self._at += part.shape[1]


# ------------------------------------------------------------------------------------------------ windows


INSTANT_SLACK_S = 1e-6
"""A frame counts as on screen this long before its time stamp: an instant may have been rounded to a float. MP4's own
stamps are exact."""
SOUND_RUN_UP_S = 0.2
"""Sound is decoded from this long before a window: a transform codec's first frames after a jump are not whole."""


def read_window(path: Path, start_s: float, seconds: float, fps: Fraction) -> tuple[Array, Audio | None]:
    """What is on screen at start_s + k / fps, (T, H, W, 3) uint8, and the sound of the window, None without any.

    Of our own deliveries. Decodes from the key frame before the window to its end, on one thread; raises Unreadable.
    """
    if start_s < 0 or seconds <= 0 or fps <= 0:
        raise ValueError(f"a window must have start_s >= 0, seconds > 0, fps > 0, got {start_s}, {seconds}, {fps}")
    length = max(1, round(seconds * fps))
    instants_s = [start_s + float(k / fps) + INSTANT_SLACK_S for k in range(length)]
    try:
        with _opened(path, OUR_FORMATS) as container:
            stream = _video_stream(path, container)
            stream.thread_type = "NONE"
            sound = _audio_stream(container)
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
        audio = None if sound_at is None else _window_sound(path, sound_at, start_s=start_s, seconds=seconds)
    except av.FFmpegError as error:
        raise Unreadable(path, f"cannot be decoded: {_why(error)}", "make the clip again") from None
    return pictures, audio


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


def _window_sound(path: Path, index: int, *, start_s: float, seconds: float) -> Audio:
    """The sound of [start_s, start_s + seconds) at 48 kHz, decoded from shortly before it."""
    with _opened(path, OUR_FORMATS) as container:
        stream = container.streams[index]
        stream.thread_type = "NONE"
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        samples = np.zeros((round(seconds * AUDIO_HZ), 1 if layout == "mono" else 2), np.float32)
        block = _Block(layout, samples, start_s)
        if start_s > SOUND_RUN_UP_S:  # the start itself is not searched for: the encoder's run-up lies before 0
            container.seek(int((start_s - SOUND_RUN_UP_S) / stream.time_base), stream=stream, backward=True)
        for frame in container.decode(stream):
            block.add(frame)
            if block.next_s > start_s + seconds:
                break
        block.end()
    return Audio(samples=samples, rate_hz=AUDIO_HZ)


# ------------------------------------------------------------------------------------------------ writing


def write_master(
    frames: Iterable[Array], audio: Audio | None, path: Path, *, fps: Fraction, size_px: tuple[int, int]
) -> int:
    """A lossless Matroska file: FFV1 of 10-bit (uint16) or 8-bit RGB, float PCM; returns how many frames it wrote."""
    pictures = iter(frames)
    first = next(pictures, None)
    if first is None:
        raise ValueError(f"{str(path)!r}: there is no frame to write; the footage is empty")
    pix_fmt = "gbrp10le" if first.dtype == np.uint16 else "bgr0"  # FFV1 has no planar RGB of 8 bits
    video = {"codec": "ffv1", "pix_fmt": pix_fmt, "options": {"level": "3", "slices": "4", "slicecrc": "1"}}
    with _Writer(
        path, "matroska", fps=fps, size_px=size_px, video=video, audio=audio, sound={"codec": "pcm_f32le"}
    ) as out:
        for picture in _chained(first, pictures):
            frame = av.VideoFrame(*size_px, pix_fmt)
            if pix_fmt == "bgr0":
                cv2.cvtColor(picture, cv2.COLOR_RGB2BGRA, dst=packed(frame))
            else:
                cv2.split(picture, tuple(plane(frame.planes[at], np.uint16) for at in (2, 0, 1)))
            out.write(frame)
    return out.frames


def deliver(footage: Footage, path: Path, spec: Deliver, *, metadata: Mapping[str, str] | None = None) -> Footage:
    """Bring footage to its delivered size and rate, encode it, and return what was written, labels and all."""
    if footage.camera.log_curve:
        raise ValueError(f"{str(path)!r}: a 10-bit log picture cannot be delivered; send it through a chain with tone")
    size_px = spec.size_px or footage.size_px
    footage = fitted(footage, size_px=size_px, fps=spec.fps or footage.fps)
    if size_px[0] % 2 or size_px[1] % 2:
        raise ValueError(f"size_px must be even, got {list(size_px)}; crop one row or column, or deliver another size")
    gop = max(1, round(footage.fps))
    options = {
        "crf": str(spec.crf),
        "preset": spec.preset,
        "sc_threshold": "0",
        "keyint_min": str(gop),
        "flags": "+cgop+bitexact",
        **X264,
    }
    video = {"codec": "libx264", "pix_fmt": "yuv420p", "options": options, "gop": gop}
    sound = {"codec": "aac", "kbps": spec.audio_kbps}
    planes = Planes(size_px)
    with (
        _Writer(
            path,
            "mp4",
            fps=footage.fps,
            size_px=size_px,
            video=video,
            audio=footage.audio,
            sound=sound,
            metadata=metadata,
        ) as out,
        _running(footage.frames()) as pictures,
    ):
        for picture in pictures:
            out.write(_filled(planes, picture, "yuv420p"))
        if out.frames != footage.length:
            rule = f"{footage.length} frames were promised and {out.frames} came"
            raise ValueError(f"{str(path)!r}: {rule}; the source has changed or is damaged")
    camera = replace(footage.camera, generations=footage.camera.generations + 1)
    return open_clip(path, labels=footage.labels, camera=camera)


class _Writer:
    """A container with one stream of pictures and perhaps one of sound, interleaved; the same bytes each time."""

    def __init__(
        self,
        path: Path,
        format: str,
        *,
        fps: Fraction,
        size_px: tuple[int, int],
        video: Mapping[str, Any],
        audio: Audio | None,
        sound: Mapping[str, Any],
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        options = {"fflags": "+bitexact"}  # no encoder's name, no random identifier
        if format == "mp4":
            options["movflags"] = "+faststart+use_metadata_tags"
        self.fps, self.audio, self.path = fps, audio, Path(path).absolute()
        self.container = av.open(str(self.path), "w", format=format, container_options=options)
        self.container.metadata.update(metadata or {})
        self.video = self.container.add_stream(video["codec"], rate=fps, options=dict(video["options"]))
        context = self.video.codec_context
        context.width, context.height = size_px
        context.pix_fmt = video["pix_fmt"]
        context.time_base = 1 / fps
        context.thread_count = 1  # x264's bytes depend on it
        if video["codec"] == "libx264":
            context.gop_size = video["gop"]
            context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
            context.color_range = ColorRange.MPEG
        self.frames = self.samples = 0
        self.sound: Any = None
        if audio is not None:
            self.sound = self.container.add_stream(sound["codec"], rate=audio.rate_hz, options={"flags": "+bitexact"})
            self.sound.codec_context.layout = "mono" if audio.samples.shape[1] == 1 else "stereo"
            self.sound.codec_context.format = "fltp" if sound["codec"] == "aac" else "flt"
            if "kbps" in sound:
                self.sound.codec_context.bit_rate = sound["kbps"] * 1000

    def write(self, frame: av.VideoFrame) -> None:
        """The next picture, and the sound that goes with it."""
        frame.pts, frame.time_base = self.frames, 1 / self.fps
        frame.colorspace = frame.color_primaries = frame.color_trc = 1
        frame.color_range = ColorRange.MPEG
        self.container.mux(self.video.encode(frame))
        self.frames += 1
        self._write_sound(until=round(self.frames / self.fps * self.audio.rate_hz) if self.audio else 0)

    def _write_sound(self, *, until: int) -> None:
        """Blocks of 1024 samples up to sample `until` and no further than the sound."""
        if self.audio is None:
            return
        until = min(until, len(self.audio.samples))
        while self.samples < until:
            block = self.audio.samples[self.samples : min(self.samples + 1024, until)]
            if len(block) < 1024 and until < len(self.audio.samples):
                return
            planar = self.sound.codec_context.format.is_planar
            data = np.ascontiguousarray(block.T) if planar else np.ascontiguousarray(block).reshape(1, -1)
            layout = self.sound.codec_context.layout.name
            frame = av.AudioFrame.from_ndarray(data, format=self.sound.codec_context.format.name, layout=layout)
            frame.sample_rate, frame.time_base = self.audio.rate_hz, Fraction(1, self.audio.rate_hz)
            frame.pts = self.samples
            self.container.mux(self.sound.encode(frame))
            self.samples += len(block)

    def __enter__(self) -> _Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(av.FFmpegError):  # nothing may have been written yet
                self.container.close()
            self.path.unlink(missing_ok=True)
            return
        self._write_sound(until=round(self.frames / self.fps * self.audio.rate_hz) if self.audio else 0)
        self.container.mux(self.video.encode(None))
        if self.sound is not None:
            self.container.mux(self.sound.encode(None))
        self.container.close()


@contextmanager
def _running(frames: Iterator[Array]) -> Iterator[Iterator[Array]]:
    """Frames whose threads and files are let go whatever happens to the reader."""
    try:
        yield frames
    finally:
        if isinstance(frames, Generator):
            frames.close()


def _chained(first: Array, rest: Iterator[Array]) -> Iterator[Array]:
    yield first
    yield from rest


# ------------------------------------------------------------------------------------------------ streams


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
        frame = _filled(planes, picture, encoder.pix_fmt)
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


def codecs() -> tuple[list[str], list[str]]:
    """(encoders that are here, encoders that are lacking) of those that deliveries, masters and streams use."""
    wanted = ["ffv1", "pcm_f32le", "aac", *(encoder for encoder, _ in CODECS.values())]
    have = [name for name in wanted if name in av.codecs_available]
    return have, [name for name in wanted if name not in have]


def packet_sha256(path: Path) -> str:
    """SHA-256 over the packets of pictures and sound in the file's order: what is shown, without the container."""
    digest = hashlib.sha256()
    with _opened(path, FORMATS) as container:
        for packet in container.demux():
            if packet.size and packet.stream.type in ("video", "audio"):
                digest.update(f"{packet.stream.index} {packet.pts} {packet.dts} {packet.size}\n".encode())
                digest.update(bytes(packet))
    return digest.hexdigest()


def _answer(question: str) -> int:
    """The child process of `probe`: one line of JSON."""
    path, until_s, plain = json.loads(question)
    limits = Limits(**plain)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    try:
        found = examine(Path(path), until_s=until_s, limits=limits)
    except Unreadable as error:
        rule, _, way_out = str(error).removeprefix(f"{path!r}: ").rpartition("; ")
        found = {"unreadable": rule, "way_out": way_out}
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(_answer(sys.argv[1]))
