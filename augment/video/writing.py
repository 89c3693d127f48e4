"""Masters and deliveries, written so that the same footage gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange

from augment.delivery import X264, Deliver
from augment.footage import Array, Audio, Footage, running
from augment.labels.carry import fitted
from augment.picture.colour import Planes
from augment.picture.show import packed, plane
from augment.video.reading import open_clip
from augment.video.stream import filled_frame


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
        running(footage.frames()) as pictures,
    ):
        for picture in pictures:
            out.write(filled_frame(planes, picture, "yuv420p"))
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
        self._write_sound(until=self._samples_by_now)

    def _write_sound(self, *, until: int, last: bool = False) -> None:
        """Blocks of 1024 samples up to sample `until` and no further than the sound; only the last may be shorter."""
        if self.audio is None:
            return
        until = min(until, len(self.audio.samples))
        while self.samples < until:
            block = self.audio.samples[self.samples : min(self.samples + 1024, until)]
            if len(block) < 1024 and not last:
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
        whole = False
        try:
            if kind is None:
                self._finish()
                whole = True
        finally:
            if not whole:
                with suppress(av.FFmpegError):  # nothing may have been written yet
                    self.container.close()
                self.path.unlink(missing_ok=True)

    def _finish(self) -> None:
        """What the encoders still hold, and the container's index."""
        if self.audio is not None:
            self._write_sound(until=self._samples_by_now, last=True)
        self.container.mux(self.video.encode(None))
        if self.sound is not None:
            self.container.mux(self.sound.encode(None))
        self.container.close()

    @property
    def _samples_by_now(self) -> int:
        """Samples of sound that lie beside the pictures written so far."""
        return 0 if self.audio is None else round(self.frames / self.fps * self.audio.rate_hz)


def _chained(first: Array, rest: Iterator[Array]) -> Iterator[Array]:
    yield first
    yield from rest
