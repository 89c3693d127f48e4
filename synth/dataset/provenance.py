"""What every output says of itself: made or filmed, from what, by which chain, under which licence and marking.

The same statement goes into clip.json (`provenance`) and, shortened, into the container's metadata. It depends on the
origin alone, never on the class: a mark that positives and negatives do not share would be a label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from synth.dataset.canonical import canonical

MARKINGS = {
    "rendered": "TRAINING EXERCISE - SYNTHETIC: computer-rendered role players and inert props in an invented place",
    "real": "TRAINING MATERIAL - REAL FOOTAGE: filmed, not rendered; handle as its source requires",
    "mixed": "TRAINING MATERIAL - SYNTHETIC IN PART: filmed and computer-rendered footage together",
}
"""The marking by what a clip's roots are; whatever holds any render says synthetic."""
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
"""The vocabulary of digitalSourceType, as of 23 October 2024."""


def statement(
    *,
    roots: Sequence[str],
    parents: Sequence[str] = (),
    ops: Sequence[Mapping[str, Any]] = (),
    licences: Sequence[str],
    generations: int,
    handling: Sequence[str] = (),
    screen_capture: bool = False,
) -> dict[str, Any]:
    """The `provenance` block of clip.json.

    `roots` has rendered or real for each root source, `parents` the names of the clips it was made from (none for a
    root), `ops` the chain as applied ({"op", "action" by C2PA 2.2, ...}), `handling` the handling markings of real
    sources, `screen_capture` says that a real root shows a captured game.
    """
    strangers = sorted(set(roots) - {"rendered", "real"})
    if strangers or not roots:
        raise ValueError(f"roots must be rendered or real, at least one, got {list(roots)}")
    if not all(licences) or not licences:
        raise ValueError(f"licences must name one for each root, got {list(licences)}")
    if not parents and len(roots) > 1:
        raise ValueError(f"a clip without parents must have one root, got {len(roots)}")
    kind = next(iter(set(roots))) if len(set(roots)) == 1 else "mixed"
    return {
        "is_synthetic": kind != "real",
        "origin": "augmented" if parents else roots[0],
        "root_origin": kind,
        "parents": list(parents),
        "chain": [str(op["op"]) for op in ops],
        "actions": [str(op["action"]) for op in ops],
        "generations": generations,
        "licences": sorted(set(licences)),
        "marking": MARKINGS[kind],
        "handling": sorted(set(handling)),
        "digital_source_type": IPTC + digital_source_type(roots, edited=bool(parents), screen_capture=screen_capture),
    }


def attribution(used: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The `assets` block of clip.json: third-party items in the picture, each once, by pack and name."""
    fields = ("pack", "pack_sha256", "item", "licence", "author", "source", "sha256")
    rows = {tuple(str(asset[field]) for field in fields) for asset in used}
    return [dict(zip(fields, row, strict=True)) for row in sorted(rows)]


def credit(asset: Mapping[str, str]) -> str:
    """An asset in one line, as an index and a manifest name it: title, author, source, licence."""
    said = "{item} by {author} ({licence}), from {source}; pack {pack} {pack_sha256:.12}"
    return said.format(**asset)


def digital_source_type(roots: Sequence[str], *, edited: bool, screen_capture: bool = False) -> str:
    """The word of the IPTC list; no render here uses generative AI."""
    if "rendered" in roots:
        return "composite" if "real" in roots else "digitalCreation"
    if not edited:
        return "screenCapture" if screen_capture else "digitalCapture"
    return "compositeCapture" if len(roots) > 1 else "algorithmicallyEnhanced"


def container_metadata(block: Mapping[str, Any]) -> dict[str, str]:
    """The statement as a video container's metadata: the keys that MP4 keeps everywhere, and one of our own.

    Nothing in it tells one clip of an origin from another but its chain's length, so it says nothing of the class.
    """
    short = {key: block[key] for key in ("is_synthetic", "origin", "root_origin", "generations", "digital_source_type")}
    return {
        "title": str(block["marking"]),
        "comment": canonical(short).decode(),
        "copyright": "; ".join(block["licences"]),
        "is_synthetic": str(block["is_synthetic"]).lower(),
    }
