"""Drawn clips whose truth is known: coloured discs on grey, their boxes, masks and joints, a frame counter, clicks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from augment.footage import Audio, CameraState, Event, Footage, Labels, Track, Tracks
from augment.labels.keypoints import KEYPOINTS

Array = NDArray[np.generic]
COLOURS = {1: (230, 30, 30), 2: (30, 200, 30), 3: (40, 40, 235)}
"""Track -> RGB."""
BITS = 8
"""The frame counter: white and black squares along the top, the lowest bit left."""
CLICK_S = 0.002


def discs(
    *,
    seconds: float = 1.0,
    fps: Fraction = Fraction(10),
    size_px: tuple[int, int] = (320, 180),
    masks: bool = False,
    counter: bool = False,
    sound: bool = False,
    events: tuple[Event, ...] = (),
    bare: bool = False,
) -> Footage:
    """Three discs that drift, with a nose in the middle of each and an eye halfway to either side; the counter stands
    where no disc comes. `bare`: the labels are the same, and no disc is drawn."""
    length = round(seconds * fps)
    radius = size_px[1] / 12
    pictures = [_picture(t, size_px, 0.0 if bare else radius, counter) for t in range(length)]
    things = tuple(Track(id=k, track_class="person") for k in COLOURS)
    rows = [(t, k, *_centre(t, k, size_px)) for t in range(length) for k in COLOURS]
    table = np.asarray(rows, np.float64)
    tracks = Tracks(
        things=things,
        frame=table[:, 0].astype(np.int32),
        track=table[:, 1].astype(np.int32),
        box_px=np.column_stack([table[:, 2:] - radius, table[:, 2:] + radius]).astype(np.float32),
        visible=np.ones(len(rows), np.float32),
        in_frame=np.ones(len(rows), np.float32),
        mask=tuple(_rle(found(pictures[t], k)) for t, k, _, _ in rows) if masks else None,
        keypoints_px=_joints(table[:, 2:], radius),
    )
    poses = np.tile(np.eye(4), (length, 1, 1))
    poses[:, 0, 3] = np.arange(length)

    def frames() -> Iterator[Array]:
        for picture in pictures:
            yield picture.copy()

    return Footage(
        fps=fps,
        size_px=size_px,
        length=length,
        frames=frames,
        audio=clicks(length / float(fps)) if sound else None,
        labels=Labels(tracks=tracks, events=events, world_from_cam=poses),
        camera=CameraState(generations=0),
    )


def clicks(seconds: float, *, channels: int = 1) -> Audio:
    """A click of 2 ms at each half second but the first."""
    samples = np.zeros((round(seconds * 48000), channels), np.float32)
    for at in np.arange(0.5, seconds, 0.5):
        first = round(at * 48000)
        samples[first : first + round(CLICK_S * 48000)] = 0.9
    return Audio(samples=samples, rate_hz=48000)


def heard_clicks(audio: Audio) -> list[float]:
    """Seconds of the loudest sample of each click."""
    loud = np.abs(audio.samples[:, 0])
    above = np.flatnonzero(loud > 0.4)
    starts = above[np.insert(np.diff(above) > 4800, 0, True)] if len(above) else above
    return [float(s) / audio.rate_hz for s in starts]


def found(picture: Array, track: int) -> Array:
    """(H, W) bool: pixels of a disc's colour."""
    away = np.abs(picture.astype(np.int16) - np.asarray(COLOURS[track], np.int16)).max(axis=2)
    return np.asarray(away < 75)


def centroid(picture: Array, track: int) -> tuple[float, float] | None:
    """(x, y) of a disc, px; None when fewer than 12 of its pixels are there."""
    y, x = np.nonzero(found(picture, track))
    return (float(x.mean() + 0.5), float(y.mean() + 0.5)) if len(x) >= 12 else None


def counted(picture: Array) -> int:
    """The number on the counter."""
    side = picture.shape[1] // 20
    levels = [
        picture[side // 4 : side * 3 // 4, (2 * b + 1) * side + side // 4 : (2 * b + 2) * side - side // 4].mean()
        for b in range(BITS)
    ]
    return sum(1 << b for b, level in enumerate(levels) if level > 128)


def psnr_db(a: Array, b: Array) -> float:
    """Between two pictures of 8 bits."""
    error = np.mean((a.astype(np.float64) - b.astype(np.float64)) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def _centre(t: int, track: int, size_px: tuple[int, int]) -> tuple[float, float]:
    width, height = size_px
    return (0.3 + 0.2 * (track - 1) + 0.004 * t) * width, (0.55 + 0.12 * np.sin(track + t / 7)) * height


def _joints(centre: Array, radius: float) -> Array:
    """(N, 17, 3) of which nose and eyes are visible; the left eye lies on the right, as of one who looks at us."""
    joints = np.zeros((len(centre), len(KEYPOINTS), 3), np.float32)
    for name, aside in (("nose", 0.0), ("left_eye", 0.5), ("right_eye", -0.5)):
        joints[:, KEYPOINTS.index(name)] = np.column_stack(
            [centre + np.array([aside * radius, 0]), np.full(len(centre), 2)]
        )
    return joints


def _picture(t: int, size_px: tuple[int, int], radius: float, counter: bool) -> Array:
    width, height = size_px
    picture = np.full((height, width, 3), 120, np.uint8)
    picture[:, :, :] += (np.indices((height, width)).sum(axis=0) // 16 % 2 * 12).astype(np.uint8)[..., None]
    for track, colour in COLOURS.items() if radius else ():
        x, y = _centre(t, track, size_px)
        at = (round((x - 0.5) * 16), round((y - 0.5) * 16))
        cv2.circle(picture, at, round((radius - 0.5) * 16), colour, -1, cv2.LINE_AA, shift=4)
    if counter:
        side = width // 20
        for b in range(BITS):
            picture[:side, (2 * b + 1) * side : (2 * b + 2) * side] = 255 if t >> b & 1 else 0
    return picture


def _rle(mask: Array) -> bytes:
    return bytes(coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"])
