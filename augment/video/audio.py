"""Sound of a file in step with its pictures: decoded blocks go where their time stamps say."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from augment.footage import Array, Audio
from augment.video.container import FORMATS, OUR_FORMATS, opened

AUDIO_HZ = 48_000
AUDIO_GAP_S = 0.010
"""Sound that starts later than this after what came before was missing, and silence is put there."""
SOUND_RUN_UP_S = 0.2
"""Sound is decoded from this long before a window: a transform codec's first frames after a jump are not whole."""


def read_audio(path: Path, index: int, *, start_s: float, seconds: float) -> Audio | None:
    """The sound of [start_s, start_s + seconds) at 48 kHz, mono or stereo; silence where the file has none."""
    with opened(path, FORMATS) as container:
        stream = container.streams[index]
        stream.thread_type = "NONE"
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        samples = np.zeros((round(seconds * AUDIO_HZ), 1 if layout == "mono" else 2), np.float32)
        block = Placer(layout, samples, start_s)
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


class Placer:
    """Puts decoded sound where its time stamps say; each stretch without a gap goes through one resampler."""

    def __init__(self, layout: str, samples: Array, start_s: float) -> None:
        self.layout, self.samples, self.start_s = layout, samples, start_s
        self.heard = False
        self.next_s = -np.inf
        self._resampler: AudioResampler | None = None
        self._kind: tuple[str, str, int] | None = None
        """Format, layout and rate that the resampler takes; a transport stream may change them on the way."""
        self._at = 0

    def add(self, frame: av.AudioFrame) -> None:
        """A decoded frame, whose time stamp rules when it leaves a gap."""
        now = frame.time if frame.time is not None else max(self.next_s, self.start_s)
        kind = frame.format.name, frame.layout.name, frame.sample_rate
        if self._resampler is None or kind != self._kind or abs(now - self.next_s) > AUDIO_GAP_S:
            self.end()
            self._kind = kind
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


def window_audio(path: Path, index: int, *, start_s: float, seconds: float) -> Audio:
    """The sound of [start_s, start_s + seconds) at 48 kHz, decoded from shortly before it."""
    with opened(path, OUR_FORMATS) as container:
        stream = container.streams[index]
        stream.thread_type = "NONE"
        layout = "mono" if stream.codec_context.channels == 1 else "stereo"
        samples = np.zeros((round(seconds * AUDIO_HZ), 1 if layout == "mono" else 2), np.float32)
        block = Placer(layout, samples, start_s)
        if start_s > SOUND_RUN_UP_S:  # the start itself is not searched for: the encoder's run-up lies before 0
            container.seek(int((start_s - SOUND_RUN_UP_S) / stream.time_base), stream=stream, backward=True)
        for frame in container.decode(stream):
            block.add(frame)
            if block.next_s > start_s + seconds:
                break
        block.end()
    return Audio(samples=samples, rate_hz=AUDIO_HZ)
