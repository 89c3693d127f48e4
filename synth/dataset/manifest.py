"""The manifest: a dataset's own account of itself, written last; same clips and recipe, same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synth.dataset.audit import audit, duplicates
from synth.dataset.canonical import canonical, read_json
from synth.dataset.clip import SCHEMA as CLIP_SCHEMA

SCHEMA = "dataset/1"
FILE = "manifest.json"

Row = Mapping[str, Any]


def manifest(
    *,
    name: str,
    recipe: Mapping[str, Any],
    rows: Sequence[Row],
    index: Sequence[Mapping[str, Any]],
    shards: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """What the dataset says of itself. `index` and `shards` hold {"file", "bytes", "sha256", ...} for each file."""
    return {
        "schema": SCHEMA,
        "name": name,
        "recipe": dict(recipe),
        "versions": {"clip": CLIP_SCHEMA, "makers": _makers(rows)},
        "index": [dict(part) for part in sorted(index, key=lambda part: str(part["file"]))],
        "shards": [dict(shard) for shard in sorted(shards, key=lambda shard: str(shard["file"]))],
        "counts": counts(rows),
        "licences": _count(rows, "licence"),
        "credits": dict(sorted(Counter(line for row in rows for line in row["credits"]).items())),
        "audit": {
            finding.feature: {"nmi": round(finding.nmi, 4), "groups": finding.groups, "verdict": finding.verdict}
            for finding in audit(rows)
        },
        "duplicates": duplicates(rows),
        "provenance": {
            "origins": _count(rows, "origin"),
            "synthetic_clips": sum(bool(row["is_synthetic"]) for row in rows),
            "real_clips": sum(not row["is_synthetic"] for row in rows),
        },
    }


def counts(rows: Sequence[Row]) -> dict[str, Any]:
    """How much there is, in all and per split and label."""
    splits: dict[str, Any] = {}
    for split in sorted({row["split"] for row in rows}):
        inside = [row for row in rows if row["split"] == split]
        splits[split] = {"labels": _count(inside, "label"), **_amount(inside)}
    return {**_amount(rows), "splits": splits}


def write_manifest(folder: Path, document: Mapping[str, Any]) -> None:
    """Writes manifest.json: from now on the folder is a dataset."""
    (folder / FILE).write_bytes(canonical(document, indent=1))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a dataset; one line that names the file when it is none or of another version."""
    path = folder / FILE
    if not path.is_file():
        raise FileNotFoundError(f"{folder} must be a dataset's folder, it has no {FILE}")
    document = read_json(path, schema=SCHEMA)
    missing = [key for key in ("name", "recipe", "index", "shards", "counts") if key not in document]
    if missing:
        raise ValueError(f"{path}: must have the fields {', '.join(missing)}")
    return document


def _makers(rows: Sequence[Row]) -> dict[str, list[int]]:
    """Which makers made the clips of each kind; their libraries' versions stand in each clip.json."""
    kinds = sorted({row["kind"] for row in rows})
    return {kind: sorted({row["maker"] for row in rows if row["kind"] == kind}) for kind in kinds}


def _amount(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "clips": len(rows),
        "units": len({row["unit"] for row in rows}),
        "bytes": sum(row["bytes"] for row in rows),
        "frames": sum(row["frames"] for row in rows),
    }


def _count(rows: Sequence[Row], column: str) -> dict[str, int]:
    return dict(sorted(Counter(str(row[column]) for row in rows).items()))
