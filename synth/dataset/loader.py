"""FootageDataset: a dataset as a list of windows of video with their labels; decodes only the window it is asked for.

Map-style: `len(d)` and `d[i]`, all that a torch DataLoader needs; torch itself is not imported. It pickles, and may be
used from worker processes: it holds the index, no open file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from augment import video
from augment.footage import Array, Event, Tracks
from synth.dataset.canonical import check_name
from synth.dataset.clip import Clip, read_clip
from synth.dataset.index import read_part
from synth.dataset.manifest import read_manifest

Sample = dict[str, Any]
META = ("split", "unit", "pair_id", "family", "origin", "is_synthetic", "licence")
"""Columns of the index that a sample's `meta` repeats."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of a clip: one item of the dataset."""

    row: int
    """Which row of the index."""
    start_s: float
    seconds: float
    fps: Fraction


class FootageDataset:
    """Windows of the clips of a split, in the order of the index.

    Each clip is cut into windows of `clip_seconds` one after another; a rest shorter than that is left out, but a clip
    that is shorter altogether is one shorter window. Without `clip_seconds` a window is the whole clip. Without `fps`
    frames come at the clip's own rate, else at instants start + k / fps, each showing the frame on screen then.

    A sample is {"video": (T, H, W, 3) uint8, "labels": clip labels, "events": tuple of Event and "tracks": Tracks, both
    in seconds and frames of the window, "audio": (N, C) float32 when the clip has sound, "meta": where it is from}.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        split: str | None = None,
        clip_seconds: float | None = None,
        fps: Fraction | str | float | None = None,
    ) -> None:
        if clip_seconds is not None and not 0 < clip_seconds <= 3600:
            raise ValueError(f"clip_seconds must be above 0 and at most 3600, got {clip_seconds}")
        rate = None if fps is None else Fraction(str(fps))
        if rate is not None and not 0 < rate <= 240:
            raise ValueError(f"fps must be above 0 and at most 240, got {fps}")
        self.path = Path(path)
        rows = _rows(self.path)
        splits = sorted({row["split"] for row in rows})
        if split is not None and split not in splits:
            raise ValueError(f"split must be one of {', '.join(splits)}, got {split!r}")
        self.rows = [row for row in rows if split in (None, row["split"])]
        """The rows of the index, for choosing and weighing."""
        self.windows = [w for i, row in enumerate(self.rows) for w in _windows(i, row, clip_seconds, rate)]

    def __len__(self) -> int:
        return len(self.windows)

    def __getitem__(self, index: int) -> Sample:
        window = self.windows[index]
        row = self.rows[window.row]
        clip = read_clip(self.path / "clips" / row["name"])
        frames, audio = video.read_window(clip.video, window.start_s, window.seconds, window.fps)
        sample: Sample = {
            "video": frames,
            "labels": dict(clip.document["labels"]["clip"]),
            **_window_labels(clip, window, len(frames)),
            "meta": {
                "name": row["name"],
                "start_s": window.start_s,
                "fps": str(window.fps),
                "audio_rate_hz": None if audio is None else audio.rate_hz,
                **{key: row[key] for key in META},
            },
        }
        if audio is not None:
            sample["audio"] = audio.samples
        return sample


def collate(samples: Sequence[Sample]) -> Sample:
    """A batch of windows of any length and size: `video` (B, T, H, W, 3) padded with black at the end, right and
    bottom, `frames` (B,) how many are real, `size_px` (B, 2) width and height that are; `audio` (B, N, C) padded with
    silence where any sample has sound; all else as lists. Pass it to a DataLoader as collate_fn."""
    batch: Sample = {key: [sample[key] for sample in samples] for key in ("labels", "events", "tracks", "meta")}
    clips = [sample["video"] for sample in samples]
    batch["video"] = _padded(clips)
    batch["frames"] = np.array([len(clip) for clip in clips], np.int64)
    batch["size_px"] = np.array([[clip.shape[2], clip.shape[1]] for clip in clips], np.int64)
    heard = [sample.get("audio") for sample in samples]
    if any(one is not None for one in heard):
        silent = np.zeros((0, 1), np.float32)
        batch["audio"] = _padded([silent if one is None else one for one in heard])
    return batch


def _rows(path: Path) -> list[dict[str, Any]]:
    document = read_manifest(path)
    rows: list[dict[str, Any]] = []
    for part in document["index"]:
        steps = str(part["file"]).split("/")
        rows += read_part(path.joinpath(*(check_name(step, f"{path}: index part") for step in steps)))
    return rows


def _windows(index: int, row: Mapping[str, Any], clip_seconds: float | None, fps: Fraction | None) -> list[Window]:
    own = Fraction(row["fps"])
    rate, length = fps or own, Fraction(row["frames"]) / own
    if clip_seconds is None or clip_seconds >= length:
        return [Window(row=index, start_s=0.0, seconds=float(length), fps=rate)]
    step = Fraction(str(clip_seconds))
    whole = length // step
    return [Window(row=index, start_s=float(k * step), seconds=float(step), fps=rate) for k in range(whole)]


def _window_labels(clip: Clip, window: Window, length: int) -> dict[str, Any]:
    """Events and tracks of a window, in its own seconds and frames."""
    labels = clip.labels()
    start, stop = window.start_s, window.start_s + window.seconds
    events = tuple(
        _moved(event, start, stop) for event in labels.events if event.onset_s < stop and event.offset_s > start
    )
    media = clip.document["media"]
    shown = shown_frames(window, length, own_fps=Fraction(media["fps"]), own_length=media["frames"])
    return {"events": events, "tracks": _picked(labels.tracks, shown)}


def shown_frames(window: Window, length: int, *, own_fps: Fraction, own_length: int) -> Array:
    """(length,) int64: the clip's frame that is on screen at each instant of the window."""
    start = Fraction(window.start_s) + Fraction(video.INSTANT_SLACK_S)
    shown = [int((start + k / window.fps) * own_fps) for k in range(length)]
    return np.minimum(np.array(shown, np.int64), own_length - 1)


def _moved(event: Event, start: float, stop: float) -> Event:
    """An event in seconds of the window, cut to it."""
    seen = event.observable_from_s
    return replace(
        event,
        onset_s=max(event.onset_s, start) - start,
        offset_s=min(event.offset_s, stop) - start,
        observable_from_s=None if seen is None else min(max(seen, start), stop) - start,
    )


def _picked(tracks: Tracks, shown: Array) -> Tracks:
    """The rows of the frames shown, numbered as the window numbers them."""
    first, last = np.searchsorted(tracks.frame, shown, "left"), np.searchsorted(tracks.frame, shown, "right")
    rows = np.array([row for a, b in zip(first, last, strict=True) for row in range(a, b)], np.int64)
    return Tracks(
        things=tracks.things,
        frame=np.repeat(np.arange(len(shown), dtype=np.int32), last - first),
        track=tracks.track[rows],
        box_px=tracks.box_px[rows],
        visible=tracks.visible[rows],
        in_frame=tracks.in_frame[rows],
        mask=None if tracks.mask is None else tuple(tracks.mask[i] for i in rows),
    )


def _padded(arrays: Sequence[Array]) -> Array:
    shape = np.max([array.shape for array in arrays], axis=0)
    batch = np.zeros((len(arrays), *shape), arrays[0].dtype)
    for place, array in zip(batch, arrays, strict=True):
        place[tuple(slice(0, n) for n in array.shape)] = array
    return batch
