"""Gyroscope recordings: read from text or from a GoPro's own data track, and replayed as smooth angles.

Three forms, told apart by what is in the file:

    CSV        t_s,x,y,z in the first line, in any order: seconds from the first row, and the camera's angular rate in
               rad/s about its axes right (x: pitch up), up (y: yaw left) and back (z: roll anticlockwise)
    .gcsv      Gyroflow's text: "GYROFLOW IMU LOG" or "CAMERA IMU LOG", then keys, then t,gx,gy,gz[,...]; times count
               tscale s, rates gscale rad/s; `orientation` names the sensor's axes that point right, up and back, a
               small letter against it (XYZ when it is not there)
    MP4        with GoPro's telemetry (GPMF): the stream GYRO, brought into order by MTRX, ORIN and ORIO

Angles are the rates integrated, less what is slower than 0.5 Hz: a gyroscope's drift, and turns of the wearer, which
are no shake.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.ingest import Unreadable
from augment.video.telemetry import telemetry

Array = NDArray[Any]
SMOOTH_S = 0.5
"""Sigma of the Gaussian that is taken away: what is left is 0.71 at 0.5 Hz."""
LONGEST_GAP_S = 0.25
SLOWEST_HZ = 20.0
"""A walk's ring lies at 5..8 Hz."""
SLACK_S = 0.1
"""A clip may last this much longer than its recording: the last angle is held."""
COLUMNS = ("t_s", "x", "y", "z")
GCSV = ("GYROFLOW IMU LOG", "CAMERA IMU LOG")
RIGHT_UP_BACK = {"X": (0, 1), "Z": (1, 1), "Y": (2, -1)}
"""GoPro's letters -> (our axis, sign): Z is up, X right, Y ahead [M hero7.mp4: gravity, and the picture's motion]."""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """Angular rates over time."""

    t_s: Array
    """(N,) rising."""
    rate_rad_s: Array
    """(N, 3) about right, up, back."""

    @property
    def seconds(self) -> float:
        """Until when it lasts."""
        return float(self.t_s[-1])

    def check_lasts(self, seconds: float) -> None:
        """ValueError when it is shorter."""
        if self.seconds + SLACK_S < seconds:
            raise ValueError(
                f"track must last as long as the clip, {seconds:.3f} s, got {self.seconds:.3f} s; take a longer one"
            )

    @cached_property
    def _grid(self) -> tuple[float, float, Array]:
        """(first instant, step, (N, 3) angles rad) at even steps."""
        step_s = float(np.median(np.diff(self.t_s)))
        even_s = np.arange(self.t_s[0], self.t_s[-1] + step_s / 2, step_s)
        rate = np.stack([np.interp(even_s, self.t_s, self.rate_rad_s[:, axis]) for axis in range(3)], axis=1)
        angles = np.zeros_like(rate)
        np.cumsum((rate[1:] + rate[:-1]) / 2 * step_s, axis=0, out=angles[1:])
        return float(even_s[0]), step_s, angles - _slow(angles, SMOOTH_S / step_s)

    def angles_rad(self, t_s: Array) -> Array:
        """(N, 3) pitch, yaw, roll at t_s (N,), by cubics through the samples; held before the first and after the last
        one."""
        first_s, step_s, angles = self._grid
        place = np.clip((np.asarray(t_s, float) - first_s) / step_s, 0, len(angles) - 1)
        n = np.minimum(place.astype(int), len(angles) - 2)
        x = (place - n)[:, None]
        before, here, there, behind = (angles[np.clip(n + k, 0, len(angles) - 1)] for k in (-1, 0, 1, 2))
        slope, next_slope = (there - before) / 2, (behind - here) / 2
        bend = 3 * (there - here) - 2 * slope - next_slope
        return np.asarray(here + x * (slope + x * (bend + x * (slope + next_slope - 2 * (there - here)))))


@lru_cache(maxsize=8)
def recorded(path: Path) -> Recording:
    """What a file holds; kept, for several ops ask for the same. Raises Unreadable, in one line."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if b"\0" in head:
        return _checked(path, *_gopro(path))
    try:
        text = path.read_text(encoding="utf-8-sig")
        read = _gcsv if text.startswith(GCSV) else _csv
        return _checked(path, *read(text))
    except (ValueError, KeyError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(path, " ".join(str(error).split()), "see augment/camera/gyro.py for the forms") from None


def _checked(path: Path, t_s: Array, rate: Array) -> Recording:
    """A recording that can be replayed."""
    if len(t_s) < 2 or t_s[-1] - t_s[0] < 2 * SMOOTH_S:
        raise Unreadable(path, f"holds {len(t_s)} samples, less than a second", "take a longer recording")
    if not (np.isfinite(t_s).all() and np.isfinite(rate).all()):
        raise Unreadable(path, "holds values that are no numbers", "clean it")
    gaps = np.diff(t_s)
    if gaps.min() <= 0:
        row = int(np.argmax(gaps <= 0)) + 1
        raise Unreadable(path, f"its times are out of order: sample {row} is not later than the one before", "sort it")
    if gaps.max() > LONGEST_GAP_S:
        at_s = float(t_s[gaps.argmax()])
        raise Unreadable(path, f"has a gap of {gaps.max():.2f} s at {at_s:.2f} s", "take one without")
    if len(gaps) / (t_s[-1] - t_s[0]) < SLOWEST_HZ:
        raise Unreadable(path, f"has fewer than {SLOWEST_HZ:g} samples per second", "take a faster one")
    return Recording(t_s=t_s, rate_rad_s=rate)


def _slow(angles: Array, sigma: float) -> Array:
    """(N, 3) a Gaussian average, the ends continued point by point through the last value."""
    pad = min(int(np.ceil(4 * sigma)), len(angles) - 1)
    before, after = 2 * angles[0] - angles[pad:0:-1], 2 * angles[-1] - angles[-2 : -pad - 2 : -1]
    whole = np.concatenate([before, angles, after])
    turns = np.fft.rfftfreq(len(whole))[:, None]
    smooth = np.fft.irfft(
        np.fft.rfft(whole, axis=0) * np.exp(-0.5 * (2 * np.pi * turns * sigma) ** 2), len(whole), axis=0
    )
    return np.asarray(smooth[pad : pad + len(angles)])


# ------------------------------------------------------------------------------------------------ text


def _csv(text: str) -> tuple[Array, Array]:
    head = [name.strip() for name in text.split("\n", 1)[0].split(",")]
    if sorted(head) != sorted(COLUMNS):
        raise ValueError(f"its columns must be {', '.join(COLUMNS)}, got {', '.join(head)[:80]!r}")
    rows = _rows(text.split("\n", 1)[-1])
    t_s = rows[:, head.index("t_s")]
    return t_s - t_s[0], rows[:, [head.index(name) for name in COLUMNS[1:]]]


def _gcsv(text: str) -> tuple[Array, Array]:
    keys: dict[str, str] = {}
    lines = text.splitlines()
    cells: list[str] = []
    while lines and cells[:1] not in (["t"], ["time"]):
        cells = [cell.strip() for cell in lines.pop(0).split(",")]
        keys[cells[0]] = cells[1] if len(cells) > 1 else ""
    if cells[1:4] not in (["gx", "gy", "gz"], ["rx", "ry", "rz"]):
        raise ValueError(f"its columns must be t,gx,gy,gz, got {','.join(cells)[:80]!r}")
    rows = _rows("\n".join(lines))
    order = keys.get("orientation", "XYZ")
    if sorted(order.upper()) != ["X", "Y", "Z"]:
        raise ValueError(f"its orientation must be the letters X, Y, Z in some order, got {order!r}")
    signs = [1 if letter.isupper() else -1 for letter in order]
    rate = rows[:, ["XYZ".index(letter) + 1 for letter in order.upper()]] * signs
    t_s = rows[:, 0] * float(keys.get("tscale", "0.001"))
    return t_s - t_s[0], rate * float(keys.get("gscale", "1"))


def _rows(text: str) -> Array:
    rows = np.loadtxt(StringIO(text), delimiter=",", ndmin=2)
    if not rows.size:
        raise ValueError("holds no samples")
    return np.asarray(rows)


# ------------------------------------------------------------------------------------------------ GoPro


def _gopro(path: Path) -> tuple[Array, Array]:
    """Times on the film's clock: a packet holds the samples up to its end, at a rate that stays the same."""
    packets = telemetry(path, begins=b"DEVC")
    found = [(start_s + seconds, _gyro(payload)) for start_s, seconds, payload in packets]
    blocks = [(end_s, rates) for end_s, rates in found if rates is not None and len(rates)]
    if not blocks:
        raise Unreadable(path, "holds no gyroscope (no GYRO in a GoPro data track)", "give a CSV or a clip that has it")
    ends_s = np.array([end_s for end_s, _ in blocks])
    counts = np.cumsum([len(rates) for _, rates in blocks])
    # the first packet starts late: it is short of samples, not slow (HERO7)
    step_s = (ends_s[-1] - ends_s[0]) / max(counts[-1] - counts[0], 1) if len(blocks) > 1 else ends_s[0] / counts[0]
    t_s = ends_s[0] + (np.arange(counts[-1]) + 0.5 - counts[0]) * step_s
    return t_s, np.concatenate([rates for _, rates in blocks])


def _gyro(payload: bytes) -> Array | None:
    """(N, 3) rad/s about right, up, back of one packet, None when it holds none."""
    for stream in _streams(payload):
        if "GYRO" not in stream:
            continue
        raw = np.frombuffer(stream["GYRO"], ">i2").reshape(-1, 3).astype(float)
        scale = float(np.frombuffer(stream["SCAL"], ">i2")[0]) if "SCAL" in stream else 1.0
        letters = "ZXY"  # GoPro's order since the HERO5
        if "MTRX" in stream:
            raw = raw @ np.frombuffer(stream["MTRX"], ">f4").reshape(3, 3).astype(float).T
            letters = stream.get("ORIO", b"ZXY").decode("ascii", "replace")
        elif "ORIN" in stream:
            letters = stream["ORIN"].decode("ascii", "replace")
        rate = np.zeros_like(raw)
        for column, letter in enumerate(letters[:3]):
            axis, sign = RIGHT_UP_BACK[letter.upper()]
            rate[:, axis] = raw[:, column] / scale * (sign if letter.isupper() else -sign)
        return rate
    return None


def _streams(payload: bytes) -> Iterator[Mapping[str, bytes]]:
    """The streams of a packet: key -> value, the last of each key."""
    for _, device in (item for item in _items(payload) if item[0] == "DEVC"):
        for _, stream in (item for item in _items(device) if item[0] == "STRM"):
            yield dict(_items(stream))


def _items(data: bytes) -> Iterator[tuple[str, bytes]]:
    """GPMF: four letters, a type, a size, a count, then the value, filled up to four bytes."""
    at = 0
    while at + 8 <= len(data):
        key, size, count = data[at : at + 4], data[at + 5], struct.unpack_from(">H", data, at + 6)[0]
        yield key.decode("latin-1"), data[at + 8 : at + 8 + size * count]
        at += 8 + (size * count + 3) // 4 * 4
