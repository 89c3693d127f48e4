"""Hugging Face videofolder: a folder per shard that `load_dataset` opens as it stands, with a card.

    <stem>/    README.md (the card), metadata.jsonl (a line per clip), <task name>.mp4 (links to the clips' videos)

The loader refuses a file name that leaves the folder of its metadata.jsonl, so the videos must lie beside it; as hard
links they cost nothing. It also wants the same types in every metadata.jsonl, so no column may ever be null.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from synth.dataset.assemble import link, split_of
from synth.dataset.canonical import canonical, check_name
from synth.dataset.clip import Clip

CARD, METADATA = "README.md", "metadata.jsonl"
LABELS = ("label", "family", "content_status", "evidence_level")
"""Clip labels that are always a word, "" where nothing is known."""
RESERVED_SPLIT = "all"
"""Stands for the union of all splits there, and may not be one's name."""
WHOLE_SPLIT = "train"
"""What a dataset that is not split calls its only split there."""
LICENCES = ("cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "cc-by-sa-4.0", "cc0-1.0")
"""Identifiers the hub knows, of licences that footage comes under; any other is `other` to it."""


def write(folder: Path, stem: str, clips: Sequence[Clip]) -> list[str]:
    """Writes `<stem>/`; returns the names of its files."""
    place = folder / check_name(stem, "stem")
    place.mkdir()
    ordered = sorted(clips, key=lambda one: check_name(one.name, "name"))
    lines = [line(clip) for clip in ordered]
    for clip, said in zip(ordered, lines, strict=True):
        link(clip.video, place / said["file_name"])
    (place / METADATA).write_bytes(b"".join(canonical(said) + b"\n" for said in lines))
    (place / CARD).write_text(card(stem, lines), encoding="utf-8", newline="\n")
    return [f"{stem}/{name}" for name in (CARD, METADATA, *(said["file_name"] for said in lines))]


def line(clip: Clip) -> dict[str, Any]:
    """One line of metadata.jsonl: where the video is, its class and where it is from."""
    media, said = clip.document["media"], clip.document.get("provenance", {})
    labels = clip.document["labels"]["clip"]
    return {
        "file_name": f"{clip.name}.mp4",
        **{name: str(labels.get(name) or "") for name in LABELS},
        "seconds": float(media["seconds"]),
        "fps": str(media["fps"]),
        "frames": int(media["frames"]),
        "is_synthetic": bool(said.get("is_synthetic", True)),
        "licence": "; ".join(said.get("licences", ())),
        "marking": str(said.get("marking", "")),
    }


def card(stem: str, lines: Sequence[dict[str, Any]]) -> str:
    """The card. Text that came from outside stands in it only as indented code, a line each, which nothing renders."""
    return f"""---
pretty_name: "{stem}"
license: {_licence({said["licence"] for said in lines})}
task_categories:
- video-classification
tags:
- video
- first-person
configs:
- config_name: default
  data_files:
  - split: "{_split(split_of(stem))}"
    path:
    - metadata.jsonl
    - "*.mp4"
---

# First-person training-exercise footage

Clips of the split `{split_of(stem)}` with their class. Boxes, masks, events and the camera's path stand in the dataset
that this shard is from, under the same names.

Clips, by marking:

{_listed(Counter(said["marking"] for said in lines))}

By licence:

{_listed(Counter(said["licence"] for said in lines))}

By label:

{_listed(Counter(said["label"] for said in lines))}
"""


def _listed(counts: Counter[str]) -> str:
    """Each text with its number, as a block of code in ASCII."""
    return "\n".join(f"    {counts[text]:6} {json.dumps(text)}" for text in sorted(counts))


def _licence(said: set[str]) -> str:
    only = next(iter(said)).lower() if len(said) == 1 else ""
    return only if only in LICENCES else "other"


def _split(name: str) -> str:
    """The split as the loader takes it: letters, digits and _ alone."""
    return WHOLE_SPLIT if name == RESERVED_SPLIT else re.sub(r"\W", "_", name)
