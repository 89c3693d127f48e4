"""The contact sheet: moments of one clip or of many as one PNG, boxes and events drawn in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from augment.footage import Array, Event, Footage, Tracks
from synth.look import pen

GAP_PX = 10
MARGIN_PX = 24
ROW_PX = 24
"""Height of one line of words and of one event's bar."""


@dataclass(frozen=True, kw_only=True)
class Caption:
    """What stands above a clip's pictures."""

    title: str
    facts: tuple[str, ...] = ()
    """Short facts, written in one line."""
    mark: str = ""
    """The viewing mark on every picture; "" for none."""


def caption(document: Mapping[str, Any]) -> Caption:
    """The caption of a clip from what its clip.json says."""
    media, label = document["media"], document["labels"]["clip"]
    w, h = media["size_px"]
    facts = (
        str(document["kind"]),
        *(f"{key} {label[key]}" for key in ("label", "content_status", "appearance") if key in label),
        f"{media['seconds']:.2f} s",
        f"{w} x {h}",
        f"{media['fps']} frames/s",
        f"generation {document['camera']['generations']}",
    )
    return Caption(title=str(document["name"])[:16], facts=facts, mark=mark(document))


def mark(document: Mapping[str, Any]) -> str:
    """The words of the viewing mark."""
    provenance = document.get("provenance", {})
    origin = "SYNTHETIC" if provenance.get("is_synthetic") else "REAL FOOTAGE"
    status = document["labels"]["clip"].get("content_status")
    return f"{origin} · EXERCISE" if status in ("exercise", "synthetic_render") else origin


def draw(
    clips: Iterable[tuple[Footage, Caption]], *, tiles: int = 8, columns: int = 4, tile_px: int = 400
) -> pen.Canvas:
    """One strip per clip, one below the other: `tiles` moments, evenly spread, in `columns`, each `tile_px` wide."""
    if not 1 <= columns <= tiles <= 200:
        raise ValueError(f"columns and tiles must be in 1..200 with columns <= tiles, got {columns} and {tiles}")
    if not 64 <= tile_px <= 3840:
        raise ValueError(f"tile_px must be in 64..3840, got {tile_px}")
    strips = [_strip(footage, words, tiles, columns, tile_px) for footage, words in clips]
    if not strips:
        raise ValueError("clips must hold at least one clip, got none")
    width = 2 * MARGIN_PX + columns * tile_px + (columns - 1) * GAP_PX
    height = sum(strip.size_px[1] for strip in strips) + 2 * MARGIN_PX + (len(strips) - 1) * ROW_PX
    sheet = pen.Canvas.blank((width, height))
    y = MARGIN_PX
    for strip in strips:
        sheet.paste(strip.picture, (MARGIN_PX, y))
        y += strip.size_px[1] + ROW_PX
    return sheet


def write(clips: Iterable[tuple[Footage, Caption]], path: Path, **layout: int) -> Path:
    """Draws the sheet into a PNG; `layout` is draw()'s."""
    draw(clips, **layout).save_png(path)
    return path


def moments(length: int, tiles: int) -> list[int]:
    """Frame numbers of the middles of `tiles` equal parts of a clip; fewer when it has fewer frames."""
    tiles = min(tiles, length)
    return [int((i + 0.5) * length / tiles) for i in range(tiles)]


def boxes(tracks: Tracks, frame: int, scale: tuple[float, float] = (1.0, 1.0)) -> list[pen.Box]:
    """The boxes of one frame, people first and what lies in hands last, so that small things stay readable."""
    things = {thing.id: thing for thing in tracks.things}
    rows = np.flatnonzero((tracks.frame == frame) & (tracks.visible > 0))
    found = []
    for row in rows:
        thing = things[int(tracks.track[row])]
        x0, y0, x1, y1 = (float(v) for v in tracks.box_px[row])
        found.append(
            pen.Box(
                edges_px=(x0 * scale[0], y0 * scale[1], x1 * scale[0], y1 * scale[1]),
                text=thing.track_class + (" · in hand" if thing.in_wearer_hand else ""),
                colour=pen.class_colour(thing.track_class),
            )
        )
    return sorted(found, key=lambda box: -(box.edges_px[2] - box.edges_px[0]) * (box.edges_px[3] - box.edges_px[1]))


def _strip(footage: Footage, words: Caption, tiles: int, columns: int, tile_px: int) -> pen.Canvas:
    """One clip: caption, pictures, time axis with a bar per event."""
    chosen = moments(footage.length, tiles)
    pictures = _pictures(footage, chosen, tile_px, words.mark)
    tile_h = pictures[0].shape[0]
    rows = -(-len(chosen) // columns)
    width = columns * tile_px + (columns - 1) * GAP_PX
    head = round(2.4 * ROW_PX)
    bars = head + rows * (tile_h + GAP_PX) + GAP_PX
    height = bars + ROW_PX + len(footage.labels.events) * ROW_PX
    strip = pen.Canvas.blank((width, height))
    strip.text((0, 12), pen.fitted(words.title, 20, width), height_px=20)
    strip.text((0, ROW_PX + 14), pen.fitted("   ".join(words.facts), 14, width), height_px=14, colour=pen.MUTED)
    for i, picture in enumerate(pictures):
        x, y = i % columns * (tile_px + GAP_PX), head + i // columns * (tile_h + GAP_PX)
        strip.paste(picture, (x, y))
    _bars(strip, bars, footage, [frame / float(footage.fps) for frame in chosen])
    return strip


def _pictures(footage: Footage, chosen: Sequence[int], tile_px: int, mark: str) -> list[Array]:
    """The chosen frames, fitted to a tile, with boxes, time and mark."""
    w, h = footage.size_px
    size = (tile_px, max(2, round(tile_px * h / w)))
    scale = (size[0] / w, size[1] / h)
    wanted, pictures = set(chosen), []
    for number, frame in enumerate(footage.frames()):
        if number in wanted:
            how = cv2.INTER_AREA if scale[0] < 1 else cv2.INTER_CUBIC
            tile = pen.Canvas(cv2.resize(frame, size, interpolation=how))
            corner = [tile.mark_edges(mark)] if mark else []
            tile.boxes(boxes(footage.labels.tracks, number, scale), height_px=max(10, tile_px // 32), taken=corner)
            if mark:
                tile.mark(mark)
            clock = f"{number / float(footage.fps):.2f} s"
            tile.rectangle((0, size[1] - 18, pen.text_width(clock, 12) + 8, size[1]), fill=pen.INK)
            tile.text((4, size[1] - 9), clock, height_px=12, colour=pen.PAPER)
            pictures.append(tile.picture)
        if number >= chosen[-1]:
            break
    if len(pictures) < len(chosen):
        raise ValueError(f"footage must yield {footage.length} frames, got {number + 1}")
    return pictures


def _bars(strip: pen.Canvas, top: int, footage: Footage, instants_s: Sequence[float]) -> None:
    """The time axis with a mark under each picture's instant, then one bar per event."""
    width = strip.size_px[0]
    seconds = max(footage.seconds, 1e-9)
    strip.rectangle((0, top, width, top + 2), fill=pen.LINE)
    for instant in instants_s:
        x = instant / seconds * width
        strip.polygon([(x - 5, top - 8), (x + 5, top - 8), (x, top)], colour=pen.MUTED)
    strip.text((0, top + 13), "0 s", height_px=12, colour=pen.MUTED)
    strip.text((width, top + 13), f"{seconds:.2f} s", height_px=12, colour=pen.MUTED, align="right")
    for row, event in enumerate(footage.labels.events):
        _bar(strip, top + (row + 1) * ROW_PX, event, seconds)


def _bar(strip: pen.Canvas, y: int, event: Event, seconds: float) -> None:
    """One event: a bar from onset to offset and its words, beside the bar or in it."""
    width = strip.size_px[0]
    x0 = event.onset_s / seconds * width
    x1 = max(event.offset_s / seconds * width, x0 + 3)
    colour = pen.event_colour(event.type)
    strip.rectangle((0, y + ROW_PX / 2, width, y + ROW_PX / 2 + 1), fill=pen.LINE)
    strip.rectangle((x0, y + 3, x1, y + ROW_PX - 3), fill=colour)
    senses = " and ".join(word for word, known in (("seen", event.visible), ("heard", event.audible)) if known)
    words = f"{event.type}  {event.onset_s:.2f} to {event.offset_s:.2f} s" + (f", {senses}" if senses else "")
    need = pen.text_width(words, 13) + 8
    middle = y + ROW_PX / 2
    if x1 - x0 >= need:
        strip.text((x0 + 6, middle), words, height_px=13, colour=pen.text_colour(colour))
        return
    at = x1 + 4 if x1 + need <= width else max(x0 - need, 0)
    strip.rectangle((at, y + 3, at + need, y + ROW_PX - 3), fill=pen.PAPER)
    strip.text((at + 4, middle), words, height_px=13)
