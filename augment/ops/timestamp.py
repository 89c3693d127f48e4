"""Timestamp: the recorder's own stamp of date, time and device, ticking with the clip; words come from reviewed lists.

Layout and type class only, after what recorders of this kind print (notes/domain.md 4.1): no maker's name, logo or
plausible serial number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from augment.kinds import Setting
from augment.picture import ink
from augment.tracks import in_range, one_of

Array = NDArray[Any]
Word = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a kind of recorder prints. Shares of the frame's width or height."""

    date_time: str
    """Pattern of the first line."""
    left: float
    """x of the lines' left edge, share of width."""
    tops: tuple[float, ...]
    """y of the top of each line, share of height at 16:9."""
    height_of_w: float = 0.0
    """Text height, share of width; 0 when the height rules."""
    height_of_h: float = 0.0
    """Text height, share of height."""
    one_line: bool = False
    """Date and device stand beside each other."""
    mark: bool = False
    """An invented maker's mark at x 0.95, y 0.046, 0.035 of the width wide, 75 % opaque."""
    bar: tuple[float, float] | None = None
    """(top, height) of a full-width black bar, shares of height."""


LAYOUTS: Mapping[str, Layout] = {
    # a faithful replica of one maker's overlay, y in % of height computed [S 43, C]
    "ur_two_line": Layout(
        date_time="%Y-%m-%d %H:%M:%S %z", left=0.795, tops=(0.053, 0.075), height_of_w=0.012, mark=True
    ),
    # upper right, ISO 8601, 24 h, Z [S 44]; spacing [P]
    "ur_iso_z": Layout(date_time="%Y-%m-%dT%H:%M:%SZ", left=0.72, tops=(0.03, 0.065), height_of_h=0.03),
    # pattern [S 34]; margin 1.5..2.5 % and height 2.5..4 % of H, lower left [P]
    "oem_slash": Layout(date_time="%Y/%m/%d-%H:%M:%S", left=0.02, tops=(0.945,), height_of_h=0.034, one_line=True),
    # bar 4..6 % of H, text 2.5..3.5 % [P]
    "bar_bottom": Layout(
        date_time="%d/%m/%Y %H:%M:%S",
        left=0.015,
        tops=(0.956,),
        height_of_h=0.03,
        one_line=True,
        bar=(0.95, 0.05),
    ),
    # an explicit notice instead of the date [S 44]; place of ur_iso_z
    "clock_unset": Layout(date_time="", left=0.72, tops=(0.03, 0.065), height_of_h=0.03),
}

PATTERN = re.compile(r"(%[YmdHMSIpz]|[ \-/:.,TZ])*")
"""Codes of strftime and separators; T and Z are ISO 8601's."""
SMALLEST_PX = 6
"""Below this height a font has no shapes."""


@dataclass(frozen=True, kw_only=True)
class Timestamp:
    """Prints a layout's lines: the clock reads start + frame / rate, cut to the second."""

    layout: str
    """A row of LAYOUTS."""
    start: str | float
    """What the clock shows at the clip's first frame: ISO 8601 with zone ("2031-05-17T21:04:09+01:00"), or seconds
    since 1970 UTC, which a recipe can draw."""
    utc_offset_min: int = 0
    """Zone of a start in seconds, minutes east, -720..840."""
    date_time: str | None = None
    """The country's pattern (configs/profiles/countries); null is the layout's own."""
    device: Word | None = None
    """Fictitious device name, a word {"text", "list", "sha256"}; null prints none."""
    number: str | int = ""
    """Digits behind the device name, at most 8; a whole number is printed with six at least."""
    notice: Word | None = None
    """What clock_unset prints for the date; needed there, unused elsewhere."""
    outline: bool = True
    """A black outline of a twentieth of the text's height; [S 43]."""
    font: str = ""
    """"pack-hash/item" of a font; "" is the embedded bold monospace."""

    def __post_init__(self) -> None:
        one_of("layout", self.layout, LAYOUTS)
        in_range("utc_offset_min", self.utc_offset_min, -720, 840)
        try:
            zone = self._clock.tzinfo
        except (TypeError, ValueError, OverflowError):
            zone = None
        if zone is None:
            raise ValueError(f"start must be ISO 8601 with a zone, or seconds since 1970, got {self.start!r}")
        pattern = self._layout.date_time if self.date_time is None else self.date_time
        if not isinstance(pattern, str) or not PATTERN.fullmatch(pattern):
            raise ValueError(f"date_time must be made of %Y %m %d %H %M %S %I %p %z and separators, got {pattern!r}")
        if isinstance(self.number, bool) or not re.fullmatch(r"[0-9]{0,8}", self._digits):
            raise ValueError(f"number must be at most 8 digits, got {self.number!r}")
        for name in ("device", "notice"):
            if getattr(self, name) is not None:
                ink.word(name, getattr(self, name))
        if self.layout == "clock_unset" and self.notice is None:
            raise ValueError("notice must be given for clock_unset, got null; take a word of recorder_notices_en")
        in_range("outline", int(self.outline), 0, 1)

    def lines(self, t: int, fps: Fraction) -> tuple[str, ...]:
        """What is printed on frame t."""
        pattern = self._layout.date_time if self.date_time is None else self.date_time
        clock = self._clock + timedelta(microseconds=int(t / fps * 1_000_000))
        unset = self.layout == "clock_unset"
        first = ink.word("notice", self.notice) if unset else _printed(pattern, clock)
        named = "-".join(part for part in (self.device and ink.word("device", self.device), self._digits) if part)
        lines = tuple(line for line in (first, named) if line)
        return (" ".join(lines),) if self._layout.one_line else lines

    def painter(self, setting: Setting) -> Callable[[int, Array], Array]:
        """Lays the second's patches on the frame."""
        stamp = self._stamp(setting)

        def paint(t: int, frame: Array) -> Array:
            return stamp(t).paint(frame)

        return paint

    def covers(self, setting: Setting) -> Callable[[int], Array | None]:
        """The printed pixels, outline, mark and bar included."""
        stamp = self._stamp(setting)

        def mask(t: int) -> Array | None:
            return stamp(t).mask

        return mask

    @property
    def _digits(self) -> str:
        return f"{self.number:06d}" if isinstance(self.number, int) else str(self.number)

    @property
    def _clock(self) -> datetime:
        if isinstance(self.start, str):
            return datetime.fromisoformat(self.start)
        zone = timezone(timedelta(minutes=self.utc_offset_min))
        return datetime.fromtimestamp(self.start, tz=zone)

    @property
    def _layout(self) -> Layout:
        return LAYOUTS[self.layout]

    def _stamp(self, setting: Setting) -> Callable[[int], ink.Placed]:
        """f(t): the placed patches; made anew only when the text changes."""
        pen = self._pen(setting)
        last: dict[tuple[str, ...], ink.Placed] = {}

        def stamp(t: int) -> ink.Placed:
            lines = self.lines(t, setting.fps)
            if lines not in last:
                last.clear()
                last[lines] = self._placed(lines, pen, setting.size_px)
            return last[lines]

        return stamp

    def _pen(self, setting: Setting) -> ink.Pen:
        if self.font:
            one_of("font", self.font, setting.files)
        w, h = setting.size_px
        height = max(SMALLEST_PX, round(self._layout.height_of_w * w + self._layout.height_of_h * h))
        return ink.Pen(
            font=setting.files[self.font] if self.font else ink.embedded_font(),
            height_px=height,
            outline_px=max(1, round(height / 20)) if self.outline else 0,
        )

    def _placed(self, lines: tuple[str, ...], pen: ink.Pen, size_px: tuple[int, int]) -> ink.Placed:
        (w, h), layout = size_px, self._layout
        patches = []
        if layout.bar:
            edge = round(layout.bar[0] * h)
            patches.append((ink.bar((w, round(sum(layout.bar) * h) - edge)), (0.0, float(edge))))
        drawn = [pen.line(text) for text in lines]
        # the block moves left where our font is wider than the recorder's
        right = (0.925 if layout.mark else 0.99) * w
        left = max(0.0, min(layout.left * w, right - max((patch.size_px[0] for patch in drawn), default=0)))
        y = 0.0
        for patch, top in zip(drawn, layout.tops, strict=False):
            y = min(max(y, top * h), h - patch.size_px[1])
            patches.append((patch, (left, y)))
            y += pen.height_px * 1.1
        if layout.mark:
            across = round(0.035 * w)
            patches.append((ink.ring(across, opacity=0.75), (0.95 * w - across / 2, 0.046 * h)))
        return ink.place(patches, size_px=size_px)


def _printed(pattern: str, clock: datetime) -> str:
    """strftime without the machine's language: %p is AM or PM everywhere."""
    east_min = int((clock.utcoffset() or timedelta()).total_seconds()) // 60
    hours, minutes = divmod(abs(east_min), 60)
    parts = {
        "%Y": f"{clock.year:04d}",
        "%m": f"{clock.month:02d}",
        "%d": f"{clock.day:02d}",
        "%H": f"{clock.hour:02d}",
        "%I": f"{(clock.hour - 1) % 12 + 1:02d}",
        "%M": f"{clock.minute:02d}",
        "%S": f"{clock.second:02d}",
        "%p": "AM" if clock.hour < 12 else "PM",
        "%z": f"{'-' if east_min < 0 else '+'}{hours:02d}{minutes:02d}",
    }
    return re.sub(r"%[A-Za-z]", lambda found: parts[found.group()], pattern)
