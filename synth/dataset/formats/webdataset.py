"""WebDataset: plain tars that stream, the same bytes every time, with an index of offsets beside each.

A sample is `<task name>.mp4`, `.json` (the clip's clip.json) and `.tracks.json` (its rows as columns); there is no
pickle in it, and readers need none. `<stem>.offsets.json` says where each member's bytes begin, for random access.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from augment.footage import Labels
from synth.dataset.canonical import canonical, check_name, flush
from synth.dataset.clip import DOCUMENT, Clip

OFFSETS_SCHEMA = "webdataset-offsets/1"


def write(folder: Path, stem: str, clips: Sequence[Clip]) -> list[str]:
    """Writes `<stem>.tar` and `<stem>.offsets.json`; returns their names. Clips come in the order of their names."""
    check_name(stem, "stem")
    part, tar = folder / f"{stem}.tar.part", folder / f"{stem}.tar"
    with tarfile.open(part, "w", format=tarfile.USTAR_FORMAT) as shard:
        for clip in sorted(clips, key=lambda one: one.name):
            check_name(clip.name, "name")
            _add(shard, f"{clip.name}.json", (clip.folder / DOCUMENT).read_bytes())
            with clip.video.open("rb") as stream:
                shard.addfile(_member(f"{clip.name}.mp4", clip.video.stat().st_size), stream)
            _add(shard, f"{clip.name}.tracks.json", canonical(columns(clip.labels())))
    flush(part)
    part.rename(tar)
    offsets = folder / f"{stem}.offsets.json"
    offsets.write_bytes(canonical({"schema": OFFSETS_SCHEMA, "tar": tar.name, "members": members(tar)}, indent=1))
    return [tar.name, offsets.name]


def members(tar: Path) -> list[dict[str, Any]]:
    """Name, offset and size of each member; ValueError for one that is no plain file or would leave a folder."""
    found = []
    with tarfile.open(tar, "r:") as shard:
        for member in shard:
            if not member.isreg():
                raise ValueError(f"{tar}: members must be plain files, got {member.name!r}")
            check_name(member.name, f"{tar}: member")
            found.append({"name": member.name, "offset": member.offset_data, "bytes": member.size})
    return found


def columns(labels: Labels) -> dict[str, Any]:
    """The rows of tracks.parquet as columns of plain JSON; unknown columns are absent."""
    tracks = labels.tracks
    made: dict[str, Any] = {
        name: np.asarray(getattr(tracks, name)).tolist() for name in ("frame", "track", "box_px", "visible", "in_frame")
    }
    if tracks.mask is not None:
        made["mask_rle"] = [mask.decode("ascii") for mask in tracks.mask]
    if labels.world_from_cam is not None:
        made["world_from_cam"] = labels.world_from_cam.tolist()
    return made


def _add(shard: tarfile.TarFile, name: str, data: bytes) -> None:
    shard.addfile(_member(name, len(data)), io.BytesIO(data))


def _member(name: str, size: int) -> tarfile.TarInfo:
    """A header that says nothing of a time, a user or a machine."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, 0, 0o644
    member.uname = member.gname = "synth"
    return member
