"""What encoders are told: the last encode of a chain, and the codecs of its streams; plain words, no codec here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import cv2

from augment.tracks import in_range, one_of

AVX_512F = 13
"""cv2.CPU_AVX_512F, which the Python face of OpenCV 4.11 does not name."""
X264 = {"x264-params": "asm=avx2,fma3,bmi1,bmi2,lzcnt"} if cv2.checkHardwareSupport(AVX_512F) else {}
"""x264 core 165 (PyAV 18.1.0's wheel) writes other bytes from run to run on CPUs with AVX-512, even with one thread:
its macroblock tree reads what nobody has written (mbtree=0 or a lower instruction set cures it; up to half of 25
encodes of six frames of 320x180 differed). With AVX2 at most they are equal, and equal to those with SSE4."""


PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""Of x264 and x265, from fast to small."""


@dataclass(frozen=True, kw_only=True)
class Deliver:
    """The last encode: H.264 high, yuv420p, BT.709, constant rate, one-second closed GOP, one encoder thread."""

    size_px: tuple[int, int] | None = None
    """(width, height), even; None: as it comes."""
    fps: Fraction | None = None
    """None: as it comes."""
    crf: int = 23
    preset: str = "veryfast"
    audio_kbps: int = 96

    def __post_init__(self) -> None:
        if self.size_px is not None and (min(self.size_px) < 16 or self.size_px[0] % 2 or self.size_px[1] % 2):
            raise ValueError(f"size_px must be even and at least 16, got {list(self.size_px)}")
        if self.fps is not None and not 1 <= self.fps <= 240:
            raise ValueError(f"fps must be in 1..240, got {self.fps}")
        in_range("crf", self.crf, 1, 51)
        one_of("preset", self.preset, PRESETS)
        in_range("audio_kbps", self.audio_kbps, 16, 512)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Deliver:
        """From plain JSON: size_px a list, fps a string such as "30000/1001"."""
        size, fps = plain.get("size_px"), plain.get("fps")
        if size is not None and len(size) != 2:
            raise ValueError(f"size_px must be [width, height], got {size!r}")
        rest = {k: v for k, v in plain.items() if k not in ("size_px", "fps")}
        return cls(
            size_px=(int(size[0]), int(size[1])) if size is not None else None,
            fps=Fraction(fps) if fps is not None else None,
            **rest,
        )


CODECS: Mapping[str, tuple[str, str]] = {
    "h264": ("libx264", "h264"),
    "hevc": ("libx265", "hevc"),
    "vp9": ("libvpx-vp9", "vp9"),
    "mpeg4": ("mpeg4", "mpeg4"),
    "mjpeg": ("mjpeg", "mjpeg"),
}
"""Codec of a stream op -> FFmpeg's encoder and decoder."""


def quality(codec: str, crf: int | None, kbps: float | None, preset: str) -> dict[str, str]:
    """The encoder's options for constant quality or a mean rate."""
    options = {"flags": "+bitexact"}
    if codec in ("h264", "hevc"):
        options["preset"] = preset
    if codec == "h264":
        options |= X264
    if codec == "hevc":
        options["x265-params"] = "log-level=none:pools=none:frame-threads=1"
    if codec == "vp9":
        options |= {"deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0", "auto-alt-ref": "0"}
    if kbps is not None:
        return options
    level = 23 if crf is None else crf
    if codec in ("mpeg4", "mjpeg"):
        # qscale would be read from the frame, which PyAV does not let us set: every quality gave the same picture
        return {**options, "qmin": str(level), "qmax": str(level)}
    return {**options, "crf": str(level), **({"b": "0"} if codec == "vp9" else {})}
