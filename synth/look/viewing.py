"""Viewing copies: clips drawn from a dataset, small, marked in the corner, and what a player draws over them."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from augment.footage import Array, Audio, Event, Footage, Labels, Tracks
from augment.video import Deliver, deliver
from synth.dataset.canonical import canonical
from synth.dataset.clip import Clip, read_clip
from synth.look import pen, sheet

SIZE_PX = (426, 240)
"""The largest picture of a viewing copy; smaller ones stay as they are."""
SECONDS = 12.0
"""The longest excerpt; it begins LEAD_S before the event that detection is timed from."""
LEAD_S = 3.0
ENCODING = Deliver(crf=28, preset="medium", audio_kbps=48)

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One viewing copy."""

    row: Row
    """The clip's row of the index."""
    document: Mapping[str, Any]
    """The clip's clip.json."""
    player: Mapping[str, Any]
    """Plain JSON for the player: mp4 (base64), fps, size, first, frames, mark, poster, things, rows."""
    lanes: Sequence[Mapping[str, Any]]
    """Events as bars: type, words, colour, and start and width in percent of the excerpt."""

    @property
    def characters(self) -> int:
        """What it adds to the page."""
        return len(self.player["mp4"])


def chosen(rows: Sequence[Row], *, seed: int) -> Iterator[Row]:
    """All rows in drawn order: one of each label, origin and family in turn, each group in the order of a hash."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda row: hashlib.sha256(f"{seed}/{row['name']}".encode()).digest()):
        groups.setdefault((str(row["label"]), str(row["origin"]), str(row["family"])), []).append(row)
    turns = [groups[key] for key in sorted(groups)]
    for turn in range(max(map(len, turns), default=0)):
        yield from (group[turn] for group in turns if turn < len(group))


def twin(row: Row, rows: Sequence[Row], clips: Path) -> Row | None:
    """The other side of the clip's pair that went through the same chain; None when there is none."""
    if not row["pair_id"]:
        return None
    chain = _chain(read_clip(clips / row["name"]))
    for other in rows:
        alike = all(other[key] == row[key] for key in ("pair_id", "kind", "ops"))
        if alike and other["side"] != row["side"] and _chain(read_clip(clips / other["name"])) == chain:
            return other
    return None


def copy(row: Row, clips: Path) -> Copy:
    """Encodes the viewing copy of one clip."""
    clip = read_clip(clips / row["name"])
    footage = clip.open()
    first, length = excerpt(footage)
    size = _fit(footage.size_px)
    mark = sheet.mark(clip.document)
    small = Footage(
        fps=footage.fps,
        size_px=size,
        length=length,
        frames=lambda: _pictures(footage, first, length, size, mark),
        audio=_sound(footage, first, length),
    )
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "copy.mp4"
        deliver(small, path, ENCODING, metadata={"title": f"VIEWING COPY - {mark}"})
        data = base64.b64encode(path.read_bytes()).decode()
    labels = footage.labels
    player = {
        "mp4": data,
        "fps": float(footage.fps),
        "size": size,
        "first": first,
        "frames": length,
        "mark": [round(v, 1) for v in pen.Canvas.blank(size).mark_edges(mark)],
        "last_rank": len(pen.WORDS_FIRST) - 1,
        "always_named": pen.ALWAYS_NAMED,
        "poster": _poster(labels, first, length, footage),
        "things": [_thing(thing.track_class, thing.in_wearer_hand) for thing in labels.tracks.things],
        "rows": rows_by_frame(
            labels.tracks, first, length, (size[0] / footage.size_px[0], size[1] / footage.size_px[1])
        ),
    }
    start_s, seconds = first / float(footage.fps), length / float(footage.fps)
    lanes = [lane for event in labels.events if (lane := _lane(event, start_s, seconds))]
    return Copy(row=row, document=clip.document, player=player, lanes=lanes)


def excerpt(footage: Footage) -> tuple[int, int]:
    """(first frame, number of frames) of what is shown: all of a short clip."""
    length = min(footage.length, max(1, int(SECONDS * footage.fps)))
    events = footage.labels.events
    anchors = [e.onset_s for e in events if e.type in pen.EVENT_COLOURS] or [e.onset_s for e in events] or [0.0]
    first = max(0, int((min(anchors) - LEAD_S) * footage.fps))
    return min(first, footage.length - length), length


def rows_by_frame(tracks: Tracks, first: int, length: int, scale: tuple[float, float]) -> list[list[list[float]]]:
    """Per frame of the excerpt the boxes as [thing's number, x0, y0, x1, y1 in the copy's px, percent visible], large
    ones first."""
    number = {thing.id: i for i, thing in enumerate(tracks.things)}
    frames: list[list[list[float]]] = [[] for _ in range(length)]
    for row in np.flatnonzero((tracks.frame >= first) & (tracks.frame < first + length) & (tracks.visible > 0)):
        x0, y0, x1, y1 = (float(v) for v in tracks.box_px[row])
        box = [x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]]
        share = round(100 * float(tracks.visible[row]))
        frames[int(tracks.frame[row]) - first].append(
            [number[int(tracks.track[row])], *(round(v, 1) for v in box), share]
        )
    for boxes in frames:
        boxes.sort(key=lambda b: -(b[3] - b[1]) * (b[4] - b[2]))
    return frames


def _chain(clip: Clip) -> bytes:
    return canonical(clip.document.get("chain", {}))


def _fit(size_px: tuple[int, int]) -> tuple[int, int]:
    """Even, never larger than the clip; a portrait clip gets a portrait's room."""
    room = SIZE_PX if size_px[0] >= size_px[1] else SIZE_PX[::-1]
    scale = min(room[0] / size_px[0], room[1] / size_px[1], 1.0)
    return max(16, round(size_px[0] * scale / 2) * 2), max(16, round(size_px[1] * scale / 2) * 2)


def _pictures(footage: Footage, first: int, length: int, size: tuple[int, int], mark: str) -> Iterator[Array]:
    """The excerpt's frames, small and marked."""
    for frame in islice(footage.frames(), first, first + length):
        canvas = pen.Canvas(cv2.resize(frame, size, interpolation=cv2.INTER_AREA))
        canvas.mark(mark)
        yield canvas.picture


def _sound(footage: Footage, first: int, length: int) -> Audio | None:
    if footage.audio is None:
        return None
    begin, end = (round(n / footage.fps * footage.audio.rate_hz) for n in (first, first + length))
    return replace(footage.audio, samples=footage.audio.samples[begin:end])


def _poster(labels: Labels, first: int, length: int, footage: Footage) -> int:
    """The frame a card shows before it plays: half a second into the event that detection is timed from, else the
    middle."""
    anchors = [event.onset_s + 0.5 for event in labels.events if event.type in pen.EVENT_COLOURS]
    frame = int(min(anchors) * footage.fps) - first if anchors else length // 2
    return min(max(frame, 0), length - 1)


def _thing(track_class: str, in_hand: bool) -> dict[str, Any]:
    colour = pen.class_colour(track_class)
    return {
        "text": track_class + (" · in hand" if in_hand else ""),
        "colour": pen.hexed(colour),
        "ink": pen.hexed(pen.text_colour(colour)),
        "rank": pen.rank(colour),
    }


def _lane(event: Event, start_s: float, seconds: float) -> dict[str, Any] | None:
    """An event as a bar over the excerpt; None when it lies outside."""
    begin, end = max(event.onset_s - start_s, 0.0), min(event.offset_s - start_s, seconds)
    if begin > seconds or end < 0:
        return None
    senses = [word for word, known in (("seen", event.visible), ("heard", event.audible)) if known]
    return {
        "type": event.type,
        "when": f"{event.onset_s:.2f} to {event.offset_s:.2f} s",
        "senses": " and ".join(senses),
        "colour": pen.hexed(pen.event_colour(event.type)),
        "start": round(100 * begin / seconds, 2),
        "width": round(max(100 * (end - begin) / seconds, 0.8), 2),
    }
