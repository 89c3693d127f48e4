"""The report: one self-contained HTML file of a dataset. It asks no network for anything and runs no text as markup.

Every word of the dataset enters through Jinja's autoescape or as JSON that the player writes with textContent; the
page's own policy (CSP) allows its one script and its one style by hash, and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from synth.dataset.canonical import read_json
from synth.dataset.clip import DOCUMENT
from synth.dataset.clip import SCHEMA as CLIP_SCHEMA
from synth.dataset.index import read_part
from synth.dataset.manifest import FILE, read_manifest
from synth.look import viewing

LABELS = ("positive", "negative", "unknown")
NUISANCES = {
    "family": "Family",
    "camera": "Camera",
    "venue": "Venue",
    "country": "Country",
    "mount": "Mount",
    "size": "Size",
    "fps": "Frames per second",
    "origin": "Origin",
    "split": "Split",
    "held": "Held by the wearer",
    "held_colour": "Colour of what is held",
    "generations": "Lossy generations",
    "overlays": "Overlays",
}
"""What must not tell the class, with the words for people; `size` is made of width and height."""
LARGEST = 12
"""Values shown of one nuisance; the others are summed up."""
READ_CLIPS = 2000
"""Clips whose events are counted; a larger dataset's are those first in drawn order."""
BINS = 20
HERE = Path(__file__).parent

Row = Mapping[str, Any]


def write(dataset: Path, out: Path, *, clips: int = 24, mebibytes: float = 24.0, seed: int = 0) -> Path:
    """Writes the report of a dataset; at most `clips` viewing copies (and their twins) of `mebibytes` in all."""
    manifest = read_manifest(dataset)
    rows = [row for part in manifest["index"] for row in read_part(dataset / part["file"])]
    order = list(viewing.chosen(rows, seed=seed))
    singles, pairs = _copies(order, rows, dataset / "clips", clips, mebibytes)
    page = render(
        manifest=manifest,
        manifest_sha256=hashlib.sha256((dataset / FILE).read_bytes()).hexdigest(),
        rows=rows,
        singles=singles,
        pairs=pairs,
        events=_events(order[:READ_CLIPS], dataset / "clips"),
        counted=min(len(order), READ_CLIPS),
    )
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return out


def render(
    *,
    manifest: Mapping[str, Any],
    manifest_sha256: str,
    rows: Sequence[Row],
    singles: Sequence[viewing.Copy],
    pairs: Sequence[tuple[viewing.Copy, viewing.Copy]],
    events: Sequence[Mapping[str, Any]],
    counted: int,
) -> str:
    """The page's text."""
    style, script = (HERE / "report.css").read_text("utf-8"), (HERE / "report.js").read_text("utf-8")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html.j2").render(
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        manifest=manifest,
        manifest_sha256=manifest_sha256,
        markings=_markings([*singles, *(side for pair in pairs for side in pair)]),
        figures=_figures(rows),
        singles=singles,
        pairs=pairs,
        shown=len(singles) + 2 * len(pairs),
        labels=[label for label in LABELS if any(_label(row) == label for row in rows)],
        nuisances=nuisances(rows),
        events=events,
        counted=counted,
        total=len(rows),
        sources=_sources(rows),
        facts=_facts,
        label_of=_label,
    )


def nuisances(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """How the labels lie over each value of each nuisance, the most frequent values first; those that no clip knows
    are left out."""
    found = []
    for column, words in NUISANCES.items():
        table: dict[str, Counter[str]] = {}
        for row in rows:
            table.setdefault(_value(row, column), Counter())[_label(row)] += 1
        if set(table) == {""}:
            continue
        ranked = sorted(table.items(), key=lambda item: (-item[1].total(), item[0]))
        shown, rest = ranked[:LARGEST], ranked[LARGEST:]
        if rest:
            shown.append((f"{len(rest)} more", sum((counts for _, counts in rest), Counter())))
        most = max(counts.total() for _, counts in shown)
        nothing = "none" if column == "overlays" else "not stated"
        values = [_stack(value or nothing, counts, most) for value, counts in shown]
        found.append({"column": column, "words": words, "values": values})
    return found


def _stack(value: str, counts: Counter[str], most: int) -> dict[str, Any]:
    """One bar: a piece per label, in percent of the longest bar."""
    pieces, at = [], 0.0
    for label in LABELS:
        width = 100 * counts[label] / most
        if width:
            pieces.append({"label": label, "start": round(at, 2), "width": round(width, 2)})
        at += width
    return {"value": value, "pieces": pieces, "counts": [counts[label] for label in LABELS], "total": counts.total()}


def _value(row: Row, column: str) -> str:
    if column == "size":
        return f"{row['width_px']} x {row['height_px']}"
    return str(row[column])


def _label(row: Row) -> str:
    """One of LABELS; a row without a label is unknown."""
    return str(row["label"]) if row["label"] in LABELS else "unknown"


def _copies(
    order: Sequence[Row], rows: Sequence[Row], clips: Path, most: int, mebibytes: float
) -> tuple[list[viewing.Copy], list[tuple[viewing.Copy, viewing.Copy]]]:
    """(single copies, pairs of twins) in drawn order until their number or the page's room is used up."""
    singles: list[viewing.Copy] = []
    pairs: list[tuple[viewing.Copy, viewing.Copy]] = []
    seen: set[str] = set()
    room = mebibytes * 2**20
    for row in order:
        if row["name"] in seen:
            continue
        if len(seen) >= most:
            break
        other = viewing.twin(row, rows, clips)
        sides = [row] if other is None else sorted((row, other), key=lambda side: str(side["side"]))
        seen.update(side["name"] for side in sides)
        made = [viewing.copy(side, clips) for side in sides]
        room -= sum(copy.characters for copy in made)
        if room < 0:
            break
        if len(made) == 2:
            pairs.append((made[0], made[1]))
        else:
            singles.append(made[0])
    pairs.sort(key=lambda pair: str(pair[0].row["ops"]))  # renders before what was made of them
    return singles, pairs


def _events(rows: Sequence[Row], clips: Path) -> list[dict[str, Any]]:
    """Per type: how many clips of each label have it, and when it begins, as counts over BINS parts of the clip."""
    table: dict[str, dict[str, Any]] = {}
    for row in rows:
        document = read_json(clips / row["name"] / DOCUMENT, schema=CLIP_SCHEMA)
        events, seconds = document["labels"]["events"], max(float(row["seconds"]), 1e-9)
        for type_ in sorted({event["type"] for event in events}):
            entry = table.setdefault(type_, {"clips": Counter(), "bins": [0] * BINS})
            entry["clips"][_label(row)] += 1
        for event in events:
            place = min(max(int(BINS * event["onset_s"] / seconds), 0), BINS - 1)
            table[event["type"]]["bins"][place] += 1
    ranked = sorted(table.items(), key=lambda item: (-item[1]["clips"].total(), item[0]))
    return [
        {
            "type": type_,
            "counts": [entry["clips"][label] for label in LABELS],
            "bins": [round(100 * count / max(entry["bins"]), 1) for count in entry["bins"]],
        }
        for type_, entry in ranked
    ]


def _figures(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The numbers at the top."""
    seconds = sum(float(row["seconds"]) for row in rows)
    length = f"{seconds / 3600:.1f} h" if seconds >= 7200 else f"{seconds / 60:.1f} min"
    size = sum(int(row["bytes"]) for row in rows)
    labels = Counter(_label(row) for row in rows)
    return [
        ("Clips", f"{len(rows):,}"),
        ("Footage", length),
        ("Positive", f"{labels['positive']:,}"),
        ("Negative", f"{labels['negative']:,}"),
        ("Twin pairs", f"{len({row['pair_id'] for row in rows} - {''}):,}"),
        ("Units for splits", f"{len({row['unit'] for row in rows}):,}"),
        ("Synthetic", f"{100 * sum(bool(row['is_synthetic']) for row in rows) / max(len(rows), 1):.0f} %"),
        ("On disk", f"{size / 2**30:.2f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"),
    ]


def _markings(copies: Sequence[viewing.Copy]) -> list[str]:
    """What the shown clips say they are, each statement once."""
    return sorted({str(copy.document.get("provenance", {}).get("marking", "")) for copy in copies} - {""})


def _sources(rows: Sequence[Row]) -> list[tuple[str, str, str, int]]:
    """(origin, synthetic or real, licence, clips)."""
    kinds = ((str(row["origin"]), "synthetic" if row["is_synthetic"] else "real", str(row["licence"])) for row in rows)
    return [(*kind, count) for kind, count in sorted(Counter(kinds).items())]


def _facts(copy: viewing.Copy) -> list[tuple[str, str]]:
    """What a card tells when it is opened; empty values are left out."""
    row, document = copy.row, copy.document
    provenance, media = document.get("provenance", {}), document["media"]
    whole = copy.player["frames"] == media["frames"]
    said = {
        "name": row["name"],
        "content_status": row["content_status"],
        "evidence": row["evidence_level"],
        "country": row["country"],
        "camera": " · ".join(filter(None, (row["camera"], row["mount"]))),
        "held": " ".join(filter(None, (row["held_colour"], row["held"]))),
        "picture": f"{row['width_px']} x {row['height_px']}, {row['fps']} frames/s, {row['codec']}",
        "length": f"{row['frames']} frames, {row['seconds']:.2f} s" + ("" if whole else ", an excerpt is shown"),
        "generations": row["generations"],
        "chain": row["ops"],
        "split": row["split"],
        "unit": row["unit"],
        "made from": ", ".join(parent[:16] for parent in row["parents"]),
        "origin": row["origin"],
        "licence": row["licence"],
        "source type": str(provenance.get("digital_source_type", "")).rpartition("/")[2],
        "handling": ", ".join(provenance.get("handling", ())),
        "marking": provenance.get("marking", ""),
        "packets": row["packet_sha256"],
    }
    return [(key, str(value)) for key, value in said.items() if str(value)]


def _hash(text: str) -> str:
    """A source expression of a content security policy. The text is put between the tags as it is."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
