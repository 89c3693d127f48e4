"""What is decided about a foreign file before it is read: a rule and a probe become a recorded normalisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Any

MIN_FPS, MAX_FPS = Fraction(1), Fraction(240)

USUAL_FPS = (
    *(Fraction(n) for n in (1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30, 40, 48, 50, 60, 72, 75, 90)),
    *(Fraction(n) for n in (100, 120, 144, 240)),
    *(Fraction(n, 2) for n in (15, 25)),
    *(Fraction(n, 1001) for n in (24000, 30000, 60000, 120000)),
)
"""Rates that cameras and platforms write; what is within 1 % of one of them is taken for it."""

MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
"""AVColorSpace -> the matrix that YUV is read with."""

TRANSFERS = {16: "pq", 18: "hlg"}
"""AVColorTransferCharacteristic of pictures brighter than a screen's white; others are shown as they are."""


class Unreadable(ValueError):  # noqa: N818  says what the file is
    """A file that cannot be read; one line with file, rule and way out."""

    def __init__(self, path: Path | str, rule: str, way_out: str) -> None:
        super().__init__(f"{str(path)!r}: {_one_line(rule)}; {_one_line(way_out)}")


OTHERS = {
    b"#EXTM3U": "an HLS playlist",
    b"ffconcat": "a concat script",
    b"<?xml": "an XML file",
    b"<MPD": "a DASH manifest",
    b"\x00\x00\x01\xba": "an MPEG program stream",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF",
    b"ID3": "an MP3 sound file",
    b"fLaC": "a FLAC sound file",
    b"PK\x03\x04": "a ZIP archive",
}
"""First bytes of what people hand in instead; only to say so by name, since the whitelist has refused it already."""

HEADS = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"RIFF"),
    (0, b"FLV"),
    (0, b"OggS"),
    (0, b"0&\xb2u"),
    (0, b"G@"),
)
"""(offset, bytes) by which a container that we read begins, though it could not be opened."""


def refused(path: Path, formats: str, why: str) -> Unreadable:
    """Why no container came of it, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(64)
    for start, name in OTHERS.items():
        if head.lstrip().startswith(start):
            return Unreadable(path, f"is {name}", f"give one of {formats.replace(',', ', ')}")
    if any(head[at:].startswith(start) for at, start in HEADS):
        return Unreadable(path, f"is cut short or damaged ({why})", "copy it again from where it came")
    return Unreadable(path, f"is none of the containers that are read ({why})", f"give one of {formats}")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a foreign file may ask of this machine."""

    pixels: int = 36_000_000
    """Per frame; 8K UHD is 33 million."""
    frames: int = 1_000_000
    seconds: float = 4 * 3600.0
    wall_s: float = 1800.0
    """For one pass over the file; the child process that probes is killed when it is over."""
    memory_bytes: int = 6 << 30
    """Address space of the child process that probes."""


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """The rule by which foreign files become footage: upright, square pixels, constant rate, even size."""

    deinterlace: str = "auto"
    """auto (when most frames say that they are interlaced), on, off."""
    seconds: tuple[float, float] | None = None
    """(start, stop) of the original from its first shown frame; None: all of it."""
    max_side_px: int | None = None
    """The longer side is scaled down to this; never up."""
    fps: Fraction | None = None
    """None: the rate that the frames' times show."""

    def __post_init__(self) -> None:
        if self.deinterlace not in ("auto", "on", "off"):
            raise ValueError(f"deinterlace must be auto, on or off, got {self.deinterlace!r}")
        if self.seconds is not None and not 0 <= self.seconds[0] < self.seconds[1]:
            raise ValueError(f"seconds must be [start, stop] with 0 <= start < stop, got {list(self.seconds)}")
        if self.max_side_px is not None and not 16 <= self.max_side_px <= 8192:
            raise ValueError(f"max_side_px must be in 16..8192, got {self.max_side_px}")
        if self.fps is not None and not MIN_FPS <= self.fps <= MAX_FPS:
            raise ValueError(f"fps must be in {MIN_FPS}..{MAX_FPS}, got {self.fps}")

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> Normalisation:
        """The rule in plain JSON (fps as "25" or "30000/1001")."""
        seconds, fps = rule.get("seconds"), rule.get("fps")
        return cls(
            **{k: v for k, v in rule.items() if k not in ("seconds", "fps")},
            seconds=(float(seconds[0]), float(seconds[1])) if seconds is not None else None,
            fps=Fraction(fps) if fps is not None else None,
        )


@dataclass(frozen=True, kw_only=True)
class Normalised:
    """What was decided for one file; with the file it gives the same footage each time."""

    size_px: tuple[int, int]
    """(width, height) of the footage, upright."""
    fps: Fraction
    length: int
    """Frames of the footage."""
    start_s: float
    """Time stamp in the file of the footage's instant 0."""
    turn_deg: int
    """Clockwise turn, 0, 90, 180 or 270, after the mirroring."""
    mirrored: bool
    """Left and right are exchanged before the turn."""
    coded_size_px: tuple[int, int]
    """(width, height) of the first frame as coded."""
    crop_px: tuple[int, int]
    """(width, height) kept of the coded frame, top left; what an odd size loses."""
    scaled_size_px: tuple[int, int]
    """(width, height) that the kept part is scaled to before it is turned: square pixels, even, max_side_px."""
    deinterlace: str
    """The filter, bwdif, or empty."""
    matrix: str
    """bt601, bt709, bt2020, smpte240m, fcc; empty for RGB and grey."""
    full_range: bool
    tone_map: str
    """pq or hlg when the picture is brighter than a screen's white and was mapped to it, else empty."""
    audio_stream: int | None
    """Index of the sound's stream in the file; None: no sound."""
    video_stream: int
    constant_rate: bool
    """Whether the frames' times were evenly spaced already."""
    dropped_tail_s: float
    """Seconds at the end that the file promises and that could not be decoded."""
    dropped_tail: str
    """Why."""
    size_changes: int
    """Frames of another size than the first, scaled to it."""
    backward_frames: int
    """Frames left out because their time was not after that of the one before."""

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; `from_json` reads it back equal."""
        return {**asdict(self), "fps": str(self.fps)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Normalised:
        """The inverse of `as_json`."""
        pairs = {f.name for f in fields(cls) if str(f.type).startswith("tuple")}
        values: dict[str, Any] = {k: tuple(v) if k in pairs else v for k, v in plain.items()}
        values["fps"] = Fraction(plain["fps"])
        return cls(**values)


def resolve(rule: Normalisation, probe: Mapping[str, Any]) -> Normalised:
    """Decide everything about a file from its probe (video.probe); raises Unreadable."""
    path, video = probe["path"], probe["video"]
    if video["dolby_vision"] and video["transfer"] not in (1, 16, 18):
        raise Unreadable(
            path, "Dolby Vision without a compatible base layer cannot be shown", "export it as HDR10, HLG or SDR first"
        )
    fps = rule.fps or measured_fps(video)
    start_s, seconds = _range(path, rule, video, fps)
    crop, scaled = _square_even(path, rule, video)
    turned = video["turn_deg"] in (90, 270)
    return Normalised(
        size_px=(scaled[1], scaled[0]) if turned else scaled,
        fps=fps,
        length=max(1, round(seconds * fps)),
        start_s=start_s,
        turn_deg=video["turn_deg"],
        mirrored=video["mirrored"],
        coded_size_px=tuple(video["size_px"]),
        crop_px=crop,
        scaled_size_px=scaled,
        deinterlace="bwdif" if _interlaced(rule, video) else "",
        matrix=_matrix(video),
        full_range=video["full_range"],
        tone_map=TRANSFERS.get(video["transfer"], ""),
        audio_stream=probe["audio"]["stream"] if probe["audio"] else None,
        video_stream=video["stream"],
        constant_rate=_is_constant(video),
        dropped_tail_s=video["dropped_tail_s"],
        dropped_tail=video["dropped_tail"],
        size_changes=video["size_changes"],
        backward_frames=video["backward_frames"],
    )


def measured_fps(video: Mapping[str, Any]) -> Fraction:
    """The constant rate nearest to what the frames' times show, never what the header claims (it may say 0 or 1000)."""
    if video["frames"] < 2:
        claimed = Fraction(video["claimed_fps"])
        return snap(claimed) if MIN_FPS <= claimed <= MAX_FPS else Fraction(25)
    if _is_constant(video):
        return snap(Fraction(video["frames"] - 1) / Fraction(video["last_s"] - video["first_s"]))
    typical = 1 / Fraction(video["gap_s"]["typical"])
    return min(USUAL_FPS, key=lambda usual: abs(usual / typical - 1))


def snap(fps: Fraction) -> Fraction:
    """A usual rate when one is within 1 %, else the rate as a plain fraction, within what we read."""
    nearest = min(USUAL_FPS, key=lambda usual: abs(usual / fps - 1))
    if abs(nearest / fps - 1) <= Fraction(1, 100):
        return nearest
    return max(MIN_FPS, min(MAX_FPS, fps.limit_denominator(100)))


def upright(matrix: tuple[float, ...]) -> tuple[int, bool]:
    """(turn_deg clockwise, mirrored) of a display matrix a b u c d v x y w: x' = a x + c y, y' = b x + d y."""
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    if not a * d - b * c:
        return 0, False  # all zero in files without a time scale: nothing is said
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if abs(a) >= abs(b):
        return (0 if a > 0 else 180), mirrored
    return (90 if b > 0 else 270), mirrored


def nearest(times_s: Iterator[tuple[float, Any]], *, start_s: float, fps: Fraction, length: int) -> Iterator[Any]:
    """For instants start_s + n / fps, the item whose time is nearest (the earlier of two as near); times rise."""
    before: tuple[float, Any] | None = None
    after = next(times_s, None)
    for n in range(length):
        instant = start_s + float(n / fps)
        while after is not None and after[0] <= instant:
            before, after = after, next(times_s, None)
        if before is None or (after is not None and after[0] - instant < instant - before[0] - 1e-6):
            if after is None:
                return
            yield after[1]
        else:
            yield before[1]


def _range(path: str, rule: Normalisation, video: Mapping[str, Any], fps: Fraction) -> tuple[float, float]:
    """(time stamp of instant 0, seconds)."""
    last_gap = min(video["gap_s"]["median"], 1.0) if video["frames"] > 1 else float(1 / fps)
    seconds = video["last_s"] - video["first_s"] + last_gap
    if rule.seconds is None:
        return video["first_s"], seconds
    start, stop = rule.seconds
    if start >= seconds:
        raise Unreadable(path, f"lasts {seconds:.2f} s, but seconds starts at {start:g}", "start earlier")
    return video["first_s"] + start, min(stop, seconds) - start


def _square_even(path: str, rule: Normalisation, video: Mapping[str, Any]) -> tuple[tuple[int, int], tuple[int, int]]:
    """(part of the coded frame that is kept, size it is scaled to)."""
    width, height = video["size_px"]
    sar = Fraction(*video["sar"])
    square_w, square_h = (width * sar, Fraction(height)) if sar >= 1 else (Fraction(width), height / sar)
    shrink = min(Fraction(1), Fraction(rule.max_side_px or 1 << 20) / max(square_w, square_h))
    if sar == 1 and shrink == 1:
        kept = (width & ~1, height & ~1)
        scaled = kept
    else:
        kept = (width, height)
        scaled = (2 * round(square_w * shrink / 2), 2 * round(square_h * shrink / 2))
    if min(scaled) < 16:
        raise Unreadable(path, f"{width}x{height} is too small", "give a clip of at least 16x16 pixels")
    return kept, scaled


def _interlaced(rule: Normalisation, video: Mapping[str, Any]) -> bool:
    """Whether a deinterlacer is put in front."""
    return rule.deinterlace == "on" or (rule.deinterlace == "auto" and 2 * video["interlaced"] > video["frames"])


def _matrix(video: Mapping[str, Any]) -> str:
    """The tagged matrix; without a tag, BT.709 from 720 lines up as cameras write it."""
    if video["rgb"]:
        return ""
    return MATRICES.get(video["matrix"]) or ("bt709" if min(video["size_px"]) >= 720 else "bt601")


def _is_constant(video: Mapping[str, Any]) -> bool:
    """Evenly spaced up to the rounding of a millisecond clock."""
    gap = video["gap_s"]
    return bool(gap["max"] - gap["min"] <= max(0.0021, 0.1 * gap["median"]))


def _one_line(text: str) -> str:
    return " ".join(str(text).split())
