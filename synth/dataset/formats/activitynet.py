"""ActivityNet truth: which event goes on when in which clip, for evaluators of temporal detection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synth.dataset.assemble import split_of
from synth.dataset.canonical import canonical, check_name
from synth.dataset.clip import Clip

VERSION = "VERSION 1.3"
"""The release of ActivityNet whose shape this is."""


def write(folder: Path, stem: str, clips: Sequence[Clip]) -> list[str]:
    """Writes `<stem>.json`; returns its name."""
    path = folder / f"{check_name(stem, 'stem')}.json"
    subset = split_of(stem)
    database = {check_name(clip.name, "name"): {"subset": subset, **truth(clip)} for clip in clips}
    path.write_bytes(canonical({"version": VERSION, "database": database}, indent=1))
    return [path.name]


def truth(clip: Clip) -> dict[str, Any]:
    """A clip's duration and its events in order, cut to it: an event's end is not rounded to a frame, a clip's is."""
    seconds = float(clip.document["media"]["seconds"])
    events = sorted(clip.labels().events, key=lambda event: (event.onset_s, event.offset_s, event.type))
    return {
        "duration": seconds,
        "annotations": [
            {"segment": [max(event.onset_s, 0.0), min(event.offset_s, seconds)], "label": event.type}
            for event in events
        ],
    }
