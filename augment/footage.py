"""Footage and Labels: pictures that can be iterated again and again, and what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.labels.keypoints import KEYPOINTS

Array = NDArray[Any]
Frames = Callable[[], Iterator[Array]]


@dataclass(frozen=True, kw_only=True)
class Audio:
    """Sound in step with the pictures: sample 0 is heard at instant 0."""

    samples: Array
    """(N, C) float32 in -1..1."""
    rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            raise ValueError(f"samples must be (N, C) float32, got {self.samples.shape} {self.samples.dtype}")
        if not 4000 <= self.rate_hz <= 192000:
            raise ValueError(f"rate_hz must be in 4000..192000, got {self.rate_hz}")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens, in seconds of this clip."""

    type: str
    """A word of the vocabulary's events."""
    onset_s: float
    offset_s: float
    actor_role: str = ""
    track: int = 0
    """The track it is about; 0 for none."""
    visible: bool = False
    audible: bool = False
    observable_from_s: float | None = None
    """When a freeze hides the onset: the first instant at which it can be observed. None: at the onset."""


@dataclass(frozen=True, kw_only=True)
class Track:
    """One thing that is followed through the clip."""

    id: int
    track_class: str
    """A word of the vocabulary's track_classes."""
    in_wearer_hand: bool = False
    role: str = ""


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """What is where, one row per thing and frame; all columns have N rows, sorted by frame, then track."""

    things: tuple[Track, ...] = ()
    frame: Array = field(default_factory=lambda: np.zeros(0, np.int32))
    """(N,) int32."""
    track: Array = field(default_factory=lambda: np.zeros(0, np.int32))
    """(N,) int32 Track.id."""
    box_px: Array = field(default_factory=lambda: np.zeros((0, 4), np.float32))
    """(N, 4) float32 x0, y0, x1, y1 of what is visible; edges, so a one-pixel thing is 1 wide. Clipped to the frame."""
    visible: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    """(N,) float32 share of the whole thing's silhouette that can be seen, 0..1."""
    in_frame: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    """(N,) float32 share of the whole thing's silhouette that lies inside the frame, 0..1."""
    mask: tuple[bytes, ...] | None = None
    """N COCO RLE counts (compressed) for frames of the footage's size; None when no masks are known."""
    keypoints_px: Array | None = None
    """(N, 17, 3) float32 x, y, v of KEYPOINTS. v is COCO's: 0 outside or unknown (x = y = 0), 1 occluded, 2 visible;
    all 0 for what is no person. None when none are known."""

    def __post_init__(self) -> None:
        n = len(self.frame)
        for name in ("track", "box_px", "visible", "in_frame"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"{name} must have {n} rows, got {len(getattr(self, name))}")
        if self.mask is not None and len(self.mask) != n:
            raise ValueError(f"mask must have {n} rows, got {len(self.mask)}")
        wanted = (n, len(KEYPOINTS), 3)
        if self.keypoints_px is not None and self.keypoints_px.shape != wanted:
            raise ValueError(f"keypoints_px must be {wanted}, got {self.keypoints_px.shape}")

    def rows(self, rows: Array) -> Tracks:
        """Some of the rows, in this order."""
        columns = ("frame", "track", "box_px", "visible", "in_frame", "keypoints_px")
        picked = {name: column[rows] for name in columns if (column := getattr(self, name)) is not None}
        return replace(self, **picked, mask=None if self.mask is None else tuple(self.mask[row] for row in rows))


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What is known of a clip besides its pixels."""

    clip: Mapping[str, Any] = field(default_factory=dict)
    """Clip labels by the vocabulary; derived from events, carried but never edited by a chain."""
    events: tuple[Event, ...] = ()
    tracks: Tracks = field(default_factory=Tracks)
    world_from_cam: Array | None = None
    """(T, 4, 4) float64 pose of the camera per frame, +Z up, looking down -Z; left-handed behind a mirror."""
    frame_state: tuple[str, ...] = ()
    """Per frame: "" or freeze, drop, duplicate, loss (the vocabulary's corruption_state); empty when all are ""."""
    audio_shift_s: tuple[float, ...] = ()
    """Per frame: how much later than the picture its sound is heard, s; empty when they are together throughout."""


@dataclass(frozen=True, kw_only=True)
class CameraState:
    """What has been done to the picture already."""

    done: tuple[str, ...] = ()
    """Of gait, mount, lens, shutter, blur, tone, noise ...: an op that repeats one of these is an error."""
    lens: tuple[float, float, float, float] | None = None
    """theta coefficients c1..c4 (rad per frame width^n) of every frame; None when unknown or when it varies."""
    centre: tuple[float, float] = (0.5, 0.5)
    """Where the optical axis meets the picture, shares of its width and height; a crop moves it, even outside."""
    log_curve: str = ""
    """"acescct" for a render's 10-bit master, else ""."""
    generations: int = 0
    """Lossy encodes the picture has been through, the camera's own included."""

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> CameraState:
        """From plain JSON, where tuples are lists."""
        tuples: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in plain.items()}
        return cls(**tuples)

    def zoomed(self, zoom: float) -> CameraState:
        """The camera of a picture magnified about its middle: the lens narrows, a decentred axis moves outwards."""
        lens = self.lens and (
            self.lens[0] / zoom,
            self.lens[1] / zoom**2,
            self.lens[2] / zoom**3,
            self.lens[3] / zoom**4,
        )
        x, y = self.centre
        return replace(self, lens=lens, centre=(0.5 + (x - 0.5) * zoom, 0.5 + (y - 0.5) * zoom))

    def with_done(self, *more: str) -> CameraState:
        """The same with more done."""
        return replace(self, done=(*self.done, *(m for m in more if m not in self.done)))


@dataclass(frozen=True, kw_only=True)
class Footage:
    """A clip as the chain sees it: lazy frames at a constant rate."""

    fps: Fraction
    size_px: tuple[int, int]
    """(width, height)."""
    length: int
    """Number of frames that iterating yields."""
    frames: Frames
    """frames() starts again each time; yields RGB (H, W, 3) uint8, or uint16 in 0..1023 for a log master.
    The yielded array may be reused for the next frame: copy what must last."""
    audio: Audio | None = None
    labels: Labels = field(default_factory=Labels)
    camera: CameraState = field(default_factory=CameraState)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return float(self.length / self.fps)


@contextmanager
def running(frames: Iterator[Array]) -> Iterator[Iterator[Array]]:
    """Frames whose threads and files are let go at the end, whatever happens to the reader.

    Garbage collection is not enough: a traceback that somebody keeps holds every generator that it went through.
    """
    try:
        yield frames
    finally:
        if isinstance(frames, Generator):
            frames.close()
