"""A clip is a folder, whole or absent; a Store is the place where such folders are published by one rename.

    clips/<task name>/    video.mp4 (what people and loaders see), master.mkv or original.<ext>, tracks.parquet, and
                          clip.json, written last

clip.json is canonical JSON. Nothing in it depends on a time, a host, a path or a CPU: such facts go to evidence/.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from augment import video
from augment.footage import CameraState, Footage, Labels
from synth.dataset import tracks
from synth.dataset.canonical import (
    NAME,
    WAYS_OUT,
    CannotWriteError,
    cannot_write,
    canonical,
    check_name,
    facts,
    flush,
    flush_tree,
    read_json,
)

SCHEMA = "clip/1"
"""Version of clip.json; a reader of the previous one stays."""
VIDEO = "video.mp4"
TRACKS = "tracks.parquet"
DOCUMENT = "clip.json"
NOT_CARRIED = ("depth", "normals", "flow")
"""What no chain carries from frame to frame; said in every clip.json."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A published clip, as it stands in its folder."""

    folder: Path
    document: Mapping[str, Any]
    """What clip.json holds."""

    @property
    def name(self) -> str:
        """The task's name, which is the folder's."""
        return str(self.document["name"])

    @property
    def video(self) -> Path:
        """The delivered file: what people and loaders see."""
        return self.folder / VIDEO

    @property
    def master(self) -> Path | None:
        """The lossless master or the untouched original that children are made from; None when video.mp4 is all."""
        others = [name for name in self.document["files"] if name.startswith(("master.", "original."))]
        return self.folder / check_name(others[0], f"{self.folder}: file") if others else None

    def labels(self) -> Labels:
        """Everything known of the clip besides its pixels."""
        return tracks.read_tracks(self.folder / TRACKS, self.document)

    def camera(self) -> CameraState:
        """What has been done to video.mp4's picture."""
        return CameraState.of(self.document["camera"])

    def open(self) -> Footage:
        """video.mp4 with its labels, ready to be iterated."""
        return video.open_clip(self.video, labels=self.labels(), camera=self.camera())


@dataclass(frozen=True)
class Store:
    """Folders that are whole or absent, below `root / shelf`."""

    root: Path
    shelf: str = "clips"
    """clips or shards."""
    run_id: str = "local"
    """Whose attempts these are: they lie in attempts/<run id>, so that a run's own can be swept when it is over."""

    def folder(self, name: str) -> Path:
        """Where the folder of that name lies, or will lie."""
        return self.root / self.shelf / check_name(name, "name")

    def is_whole(self, name: str) -> bool:
        """Whether it is published; a folder with nothing in it is not."""
        return self.folder(name).is_dir() and any(self.folder(name).iterdir())

    def names(self) -> list[str]:
        """All that is published, sorted."""
        shelf = self.root / self.shelf
        found = shelf.iterdir() if shelf.is_dir() else ()
        return sorted(p.name for p in found if NAME.fullmatch(p.name) and self.is_whole(p.name))

    def read(self, name: str) -> Clip:
        """The clip of that name; FileNotFoundError when it is not published."""
        if not self.is_whole(name):
            raise FileNotFoundError(f"{self.folder(name)} must be a published clip: make it first (synth run)")
        return read_clip(self.folder(name))

    @contextmanager
    def attempt(self, name: str) -> Iterator[Path]:
        """A private folder to write into. It becomes `folder(name)` by one rename when the block ends well; it is
        removed when the block raises, and when somebody else has published that name meanwhile."""
        target = self.folder(name)
        with attempting(self.root, f"{self.run_id}/{name}") as private:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield private
            publish(private, target)


@contextmanager
def attempting(root: Path, where: str) -> Iterator[Path]:
    """A private folder below root/attempts; what has not been renamed away when the block ends is removed."""
    private = root / "attempts" / f"{where}.{uuid.uuid4().hex}"
    try:
        with _one_line_errors(root):
            private.mkdir(parents=True)
            yield private
    finally:
        shutil.rmtree(private, ignore_errors=True)


def publish(private: Path, target: Path) -> bool:
    """Makes a finished folder visible by one rename, after its bytes stand on the disk; False when `target` already
    holds something, which then stays as it is."""
    if not any(private.iterdir()):
        raise ValueError(f"{private} must hold files before it is published, got an empty folder")
    flush_tree(private)
    try:
        private.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    flush(target.parent)
    return True


@contextmanager
def _one_line_errors(root: Path) -> Iterator[None]:
    """Turns "the folder takes no more" of any library into one line with path, rule and way out."""
    try:
        yield
    except CannotWriteError:
        raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
        ours = error.filename is not None and _on_the_way(error.filename, root)
        if error.errno in WAYS_OUT and (full or ours):
            raise cannot_write(root, error.errno) from error
        raise


def _on_the_way(path: str | bytes | int, root: Path) -> bool:
    """Whether a path lies below the root, or the root below it."""
    if isinstance(path, int):
        return False
    place = Path(os.fsdecode(path))
    return place.is_relative_to(root) or root.is_relative_to(place)


def write_clip(
    folder: Path,
    *,
    name: str,
    kind: str,
    spec: Mapping[str, Any],
    parents: list[dict[str, Any]],
    maker: int,
    footage: Footage,
    files: list[str],
    record: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes tracks.parquet, then clip.json, beside the media files that already lie in `folder`.

    `footage` is what video.mp4 delivers; `parents` are {"name", "packet_sha256"} of the sources in order; `record`
    holds further blocks (source, normalisation, chain, provenance, versions, facets). Returns clip.json's content.
    """
    if VIDEO not in files:
        raise ValueError(f"files must hold {VIDEO}, got {', '.join(files)}")
    check_labels(footage.labels, length=footage.length, size_px=footage.size_px, seconds=footage.seconds)
    tracks.write_tracks(folder / TRACKS, footage.labels)
    document = {
        "schema": SCHEMA,
        "name": check_name(name, "name"),
        "kind": kind,
        "spec": spec,
        "parents": [{"name": parent["name"], "packet_sha256": parent["packet_sha256"]} for parent in parents],
        "maker": maker,
        "media": _media(footage, folder / VIDEO),
        **tracks.to_document(footage.labels),
        "camera": asdict(footage.camera),
        "files": {file: facts(folder / check_name(file, "file")) for file in sorted({*files, TRACKS})},
        "packet_sha256": video.packet_sha256(folder / VIDEO),
        "carried": {"not": list(NOT_CARRIED)},
    }
    clash = sorted(set(document) & set(record))
    if clash:
        raise ValueError(f"record must not name what the clip says itself, got {', '.join(clash)}")
    text = canonical({**document, **record}, indent=1)
    (folder / DOCUMENT).write_bytes(text)
    return dict(read_json(folder / DOCUMENT, schema=SCHEMA))


def read_clip(folder: Path) -> Clip:
    """The clip in a folder; ValueError names clip.json when it is of another version or lacks a field."""
    document = read_json(folder / DOCUMENT, schema=SCHEMA)
    needed = ("name", "kind", "parents", "media", "labels", "things", "frame_state", "camera", "files", "packet_sha256")
    missing = [field for field in needed if field not in document]
    if missing:
        raise ValueError(f"{folder / DOCUMENT}: must have the fields {', '.join(missing)}")
    return Clip(folder=folder, document=document)


def check_labels(labels: Labels, *, length: int, size_px: tuple[int, int], seconds: float) -> None:
    """ValueError when a label lies outside the clip's time or frame."""
    found = next(labels_outside(labels, length=length, size_px=size_px, seconds=seconds), None)
    if found:
        raise ValueError(found)


def labels_outside(labels: Labels, *, length: int, size_px: tuple[int, int], seconds: float) -> Iterator[str]:
    """One line for each rule that the labels break: inside the clip's time, inside its frame, one state per frame."""
    t = labels.tracks
    slack_px = 0.01  # float32 edges of 8K frames
    slack_s = 0.501 * seconds / max(length, 1)  # a length is rounded to whole frames, an event's end is not
    if len(t.frame) and not 0 <= int(np.min(t.frame)) <= int(np.max(t.frame)) < length:
        yield f"frame must be in 0..{length - 1}, got {np.min(t.frame)}..{np.max(t.frame)}"
    box = np.asarray(t.box_px, float).reshape(-1, 4)
    edge = np.array([*size_px, *size_px], float)
    if ((box < -slack_px) | (box > edge + slack_px)).any():
        yield f"box_px must be in 0..{size_px[0]} x 0..{size_px[1]}, got {box.min():g}..{box.max():g}"
    if (box[:, :2] > box[:, 2:]).any():
        yield "box_px must have x0 <= x1 and y0 <= y1"
    for name in ("visible", "in_frame"):
        share = np.asarray(getattr(t, name), float)
        if len(share) and not -1e-4 <= share.min() <= share.max() <= 1 + 1e-4:
            yield f"{name} must be in 0..1, got {share.min():g}..{share.max():g}"
    if t.keypoints_px is not None:
        known = t.keypoints_px[t.keypoints_px[..., 2] > 0]
        if ((known[:, :2] < -slack_px) | (known[:, :2] > edge[:2] + slack_px)).any():
            span = f"{known[:, :2].min():g}..{known[:, :2].max():g}"
            yield f"keypoints_px must be in 0..{size_px[0]} x 0..{size_px[1]}, got {span}"
        if not np.isin(t.keypoints_px[..., 2], (0, 1, 2)).all():
            yield "keypoints_px must have v 0, 1 or 2"
    for event in labels.events:
        if not -slack_s <= event.onset_s <= event.offset_s <= seconds + slack_s:
            span = f"{event.onset_s:g}..{event.offset_s:g}"
            yield f"event {event.type} must lie in 0..{seconds:g} s, got {span}"
    poses = labels.world_from_cam
    if poses is not None and poses.shape != (length, 4, 4):
        yield f"world_from_cam must be ({length}, 4, 4), got {poses.shape}"
    for name in ("frame_state", "audio_shift_s"):
        if len(getattr(labels, name)) not in (0, length):
            yield f"{name} must have one for each of {length} frames or none, got {len(getattr(labels, name))}"


def _media(footage: Footage, path: Path) -> dict[str, Any]:
    """What a reader must know before it opens the file."""
    audio = footage.audio
    return {
        "fps": footage.fps,
        "size_px": footage.size_px,
        "frames": footage.length,
        "seconds": footage.seconds,
        "codec": video.examine(path, until_s=0.0)["video"]["codec"],
        "audio": None if audio is None else {"rate_hz": audio.rate_hz, "channels": audio.samples.shape[1]},
    }
