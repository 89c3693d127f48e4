"""Transcode: the picture goes through a real encoder and decoder, and is one generation older."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from augment import video
from augment.delivery import PRESETS
from augment.kinds import Setting
from augment.tracks import in_range, one_of

Array = NDArray[Any]

CRF: Mapping[str, tuple[int, int]] = {
    "h264": (0, 51),
    "hevc": (0, 51),
    "vp9": (0, 63),
    "mpeg4": (1, 31),
    "mjpeg": (2, 31),
}
"""Codec -> its range of constant quality; of the quantiser for mpeg4 and mjpeg, which know no rate factor."""


@dataclass(frozen=True, kw_only=True)
class Transcode:
    """One encode and decode, by quality or by rate, with one thread: bytes depend on threads (notes/video.md 1)."""

    codec: str = "h264"
    """A row of CRF."""
    crf: int | None = None
    """Constant quality in the codec's range; re-uploads lie at 23..40 for h264 (notes/domain.md 6 [P])."""
    kbps: float | None = None
    """Mean video rate instead, 50..60,000 kbit/s; delivery rungs 230..3,400 (notes/domain.md 5 [R])."""
    preset: str = "veryfast"
    """One of PRESETS (augment/delivery.py), which h264 and hevc know."""
    gop_seconds: float = 2.0
    """Seconds between key frames, 0.1..20; live platforms ask for 2 (notes/domain.md 5 [S])."""

    def __post_init__(self) -> None:
        one_of("codec", self.codec, CRF)
        one_of("preset", self.preset, PRESETS)
        in_range("gop_seconds", self.gop_seconds, 0.1, 20)
        if (self.crf is None) == (self.kbps is None):
            raise ValueError(f"exactly one of crf and kbps must be given, got {self.crf} and {self.kbps}")
        if self.kbps is not None:
            in_range("kbps", self.kbps, 50, 60_000)
            return
        in_range("crf", self.crf, *CRF[self.codec])
        if not isinstance(self.crf, int):
            raise ValueError(f"crf must be a whole number, got {self.crf!r}")

    def run(self, setting: Setting, frames: Iterator[Array]) -> Iterator[tuple[Array, str]]:
        """As many frames as came, none damaged."""
        for frame in video.recode(
            frames,
            fps=setting.fps,
            size_px=setting.size_px,
            codec=self.codec,
            crf=self.crf,
            kbps=self.kbps,
            preset=self.preset,
            gop=max(1, round(self.gop_seconds * setting.fps)),
        ):
            yield frame, ""
