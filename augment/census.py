"""What the frames of one pass over a foreign file say, and the limits that the pass keeps."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from augment.ingest import Limits, Unreadable, upright

DISPLAY_MATRIX, DOLBY_VISION = "DISPLAYMATRIX", "DOVI_METADATA"
"""FFmpeg's kinds of side data; a frame is PyAV's."""
FULL_RANGE = 2
"""AVCOL_RANGE_JPEG."""
GUESSED_GAP_S = 0.04
"""Between frames of a file without time stamps (raw streams); FFmpeg takes 25 frames/s too."""


class Census:
    """Adds up what the frames of one pass say, and keeps the pass within the limits."""

    def __init__(self, path: Path, limits: Limits, until_s: float | None) -> None:
        self.path, self.limits, self.until_s = path, limits, until_s
        self.first: dict[str, Any] = {}
        self.first_s = self.last_s = 0.0
        self.gaps_s: list[float] = []
        self.frames = self.interlaced = self.size_changes = self.backward = 0
        self.damage = ""
        self._until = time.monotonic() + limits.wall_s

    def check_time(self) -> None:
        """The pass's own clock; the caller's child process is killed a little later."""
        if time.monotonic() > self._until:
            raise Unreadable(self.path, f"reading took more than {self.limits.wall_s:g} s", "give a shorter part of it")

    def add(self, frame: Any) -> None:
        """One decoded frame, in the decoder's order."""
        self.check_time()
        now = _time_s(frame, self.last_s if self.frames else None)
        if not self.frames:
            self._begin(frame, now)
        elif now <= self.last_s:
            self.backward += 1
            return
        else:
            self.gaps_s.append(now - self.last_s)
        self.last_s = now
        self.frames += 1
        self.interlaced += bool(frame.interlaced_frame)
        self.size_changes += (frame.width, frame.height) != tuple(self.first["size_px"])
        if self.frames > self.limits.frames or now - self.first_s > self.limits.seconds:
            rule = f"is longer than {self.limits.frames} frames or {self.limits.seconds:g} s"
            raise Unreadable(self.path, rule, "cut it first")

    def _begin(self, frame: Any, now: float) -> None:
        if frame.width * frame.height > self.limits.pixels:
            rule = f"{frame.width}x{frame.height} is more than {self.limits.pixels} pixels"
            raise Unreadable(self.path, rule, "scale it down first")
        turn, mirrored = _orientation(frame)
        self.first_s = now
        self.first = {
            "size_px": [frame.width, frame.height],
            "pix_fmt": frame.format.name,
            "rgb": frame.format.is_rgb,
            "turn_deg": turn,
            "mirrored": mirrored,
            "matrix": int(frame.colorspace),
            "transfer": int(frame.color_trc),
            "primaries": int(frame.color_primaries),
            "full_range": int(frame.color_range) == FULL_RANGE or frame.format.name.startswith("yuvj"),
            "dolby_vision": _side_data(frame, DOLBY_VISION) is not None,
        }

    def facts(self, stream: Any, container: Any) -> dict[str, Any]:
        """Plain JSON."""
        if not self.frames:
            why = self.damage or "no frame in it can be decoded"
            raise Unreadable(self.path, why, "give a file that plays")
        gaps = np.asarray(self.gaps_s or [GUESSED_GAP_S])
        median = float(np.sort(gaps)[len(gaps) // 2])  # one that occurs, where two kinds of gap are as frequent
        sar = stream.sample_aspect_ratio
        promised = container.duration / 1e6 if container.duration else 0.0
        shown = self.last_s - self.first_s + median
        whole = self.until_s is not None and shown > self.until_s
        return {
            **self.first,
            "sar": [sar.numerator, sar.denominator] if sar and Fraction(1, 8) <= sar <= 8 else [1, 1],
            "first_s": self.first_s,
            "last_s": self.last_s,
            "frames": self.frames,
            "claimed_fps": str(stream.average_rate or 0),
            "gap_s": {
                "min": float(gaps.min()),
                "median": median,
                "max": float(gaps.max()),
                "typical": float(gaps[np.abs(gaps - median) <= 0.2 * median].mean()),
            },
            "interlaced": self.interlaced,
            "size_changes": self.size_changes,
            "backward_frames": self.backward,
            "dropped_tail": "" if whole else self.damage,
            "dropped_tail_s": round(max(0.0, promised - shown), 3) if self.damage and not whole else 0.0,
        }


def forward(frames: Iterator[Any]) -> Generator[tuple[float, Any], None, None]:
    """(time stamp, frame), leaving out frames that are not after the one before, as Census does."""
    last: float | None = None
    for frame in frames:
        now = _time_s(frame, last)
        if last is None or now > last:
            last = now
            yield now, frame


def _time_s(frame: Any, last_s: float | None) -> float:
    """Its time stamp; without one, a guess behind the frame before."""
    if frame.time is not None:
        return float(frame.time)
    return 0.0 if last_s is None else last_s + GUESSED_GAP_S


def _orientation(frame: Any) -> tuple[int, bool]:
    """(clockwise turn, mirrored); `frame.rotation` knows no mirror and reads -2147483648 for a matrix of zeros."""
    matrix = _side_data(frame, DISPLAY_MATRIX)
    return (0, False) if matrix is None else upright(tuple(np.frombuffer(bytes(matrix), np.int32).tolist()))


def _side_data(frame: Any, kind: str) -> Any:
    """None when there is none; PyAV 18.1 raises ValueError on kinds that FFmpeg 8.1 has and its list has not."""
    try:
        return frame.side_data.get(kind)
    except ValueError:
        return None
