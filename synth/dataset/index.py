"""The index: one row per clip, sorted by task name, in Parquet parts whose bytes depend on the rows alone.

A row says what one must know to choose a clip (labels, split, family, camera, size) and to trust it (hashes of its
files). What a child does not know of its scene (venue, country, camera) comes from its first parent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from synth.dataset.canonical import check_name, facts
from synth.dataset.clip import DOCUMENT, TRACKS, VIDEO, Clip, Store
from synth.dataset.provenance import credit
from synth.dataset.splits import Member, assign, units
from synth.dataset.tracks import read_table, write_table

ROWS_PER_PART = 1_000_000
ROWS_PER_GROUP = 16384
FILES = {"video": VIDEO, "document": DOCUMENT, "tracks": TRACKS}
"""Which of a clip's files a dataset holds, by the prefix of their columns."""
OVERLAYS = ("timestamp",)
"""Ops that draw text or shapes over the picture."""

SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("maker", pa.int32()),
        ("origin", pa.string()),
        ("is_synthetic", pa.bool_()),
        ("licence", pa.string()),
        ("credits", pa.list_(pa.string())),
        ("label", pa.string()),
        ("content_status", pa.string()),
        ("first_person", pa.bool_()),
        ("appearance", pa.int8()),
        ("evidence_level", pa.string()),
        ("family", pa.string()),
        ("venue", pa.string()),
        ("country", pa.string()),
        ("camera", pa.string()),
        ("mount", pa.string()),
        ("held", pa.string()),
        ("held_colour", pa.string()),
        ("pair_id", pa.string()),
        ("side", pa.string()),
        ("unit", pa.string()),
        ("split", pa.string()),
        ("fps", pa.string()),
        ("width_px", pa.int32()),
        ("height_px", pa.int32()),
        ("frames", pa.int32()),
        ("seconds", pa.float64()),
        ("codec", pa.string()),
        ("has_audio", pa.bool_()),
        ("generations", pa.int16()),
        ("ops", pa.string()),
        ("overlays", pa.string()),
        ("parents", pa.list_(pa.string())),
        ("bytes", pa.int64()),
        *((f"{stem}_bytes", pa.int64()) for stem in FILES),
        *((f"{stem}_sha256", pa.string()) for stem in FILES),
        ("packet_sha256", pa.string()),
    ]
)
"""Columns and types. Words are "" where nothing is known; only first_person and appearance may be null."""


def rows(store: Store, names: Iterable[str], *, shares: Mapping[str, float], seed: int) -> list[dict[str, Any]]:
    """The index of these clips, sorted by name. Ancestors that are not among them still decide unit and split, so
    they must stand in the store."""
    chosen = sorted(set(names))
    clips = _with_ancestors(store, chosen)
    unit_of = units(member(clip) for clip in clips.values())
    made = []
    for name in chosen:
        unit = unit_of[name]
        made.append({**row(clips[name], clips), "unit": unit, "split": assign(unit, shares, seed=seed)})
    return made


def row(clip: Clip, others: Mapping[str, Clip]) -> dict[str, Any]:
    """One clip's row, without its unit and split."""
    document = clip.document
    media, labels, stated = document["media"], document["labels"]["clip"], document.get("provenance", {})
    ops = [str(op["op"]) for op in document.get("chain", {}).get("ops", ())]
    known = {stem: facts(clip.folder / name) if name == DOCUMENT else document["files"][name]
             for stem, name in FILES.items()}  # fmt: skip
    return {
        "name": clip.name,
        "kind": document["kind"],
        "maker": document["maker"],
        "origin": stated.get("origin", ""),
        "is_synthetic": stated.get("is_synthetic", True),
        "licence": "; ".join(stated.get("licences", ())),
        "credits": [credit(asset) for asset in document.get("assets", ())],
        **{key: labels.get(key, "") for key in ("label", "content_status", "evidence_level", "family")},
        "first_person": labels.get("first_person"),
        "appearance": labels.get("appearance"),
        **scene(clip, others),
        "fps": media["fps"],
        "width_px": media["size_px"][0],
        "height_px": media["size_px"][1],
        "frames": media["frames"],
        "seconds": media["seconds"],
        "codec": media["codec"],
        "has_audio": media["audio"] is not None,
        "generations": document["camera"]["generations"],
        "ops": " ".join(ops),
        "overlays": " ".join(sorted({op for op in ops if op in OVERLAYS})),
        "parents": [parent["name"] for parent in document["parents"]],
        "bytes": sum(file["bytes"] for file in known.values()),
        **{f"{stem}_bytes": file["bytes"] for stem, file in known.items()},
        **{f"{stem}_sha256": file["sha256"] for stem, file in known.items()},
        "packet_sha256": document["packet_sha256"],
    }


def scene(clip: Clip, others: Mapping[str, Clip]) -> dict[str, str]:
    """Where and with what the picture was taken, from the clip's root: its scenario when rendered, its source when
    filmed."""
    root = clip
    while root.document["parents"]:
        root = others[root.document["parents"][0]["name"]]
    spec = root.document["spec"]
    said = scenario(root) if "takes" in spec else spec.get("source", {})
    profile = said.get("camera_profile", said.get("camera", ""))
    words = {key: str(said.get(key, "")) for key in ("venue", "country", "mount", "held", "held_colour")}
    return {
        **words,
        "camera": str(profile["name"] if isinstance(profile, Mapping) else profile),
        "pair_id": str(spec.get("pair", "")),
        "side": str(spec.get("side", "")),
    }


def scenario(clip: Clip) -> Mapping[str, Any]:
    """The drawn choices a render was made of: the take that passed, with the twin's changes on the twin's side."""
    spec = clip.document["spec"]
    take = spec["takes"][clip.document.get("take", 0)]
    return {**take["scenario"], **(take["twin"] if spec.get("side") == "twin" else {})}


def member(clip: Clip) -> Member:
    """What the splits must know of a clip."""
    parents = tuple(parent["name"] for parent in clip.document["parents"])
    return Member(name=clip.name, parents=parents, pair=str(clip.document["spec"].get("pair", "")))


def write_index(folder: Path, made: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Writes part-00000.parquet and so on; returns what the manifest says of each part."""
    ordered = sorted(made, key=lambda one: one["name"])
    folder.mkdir()
    parts = []
    for number, start in enumerate(range(0, max(len(ordered), 1), ROWS_PER_PART)):
        chunk = ordered[start : start + ROWS_PER_PART]
        path = folder / f"part-{number:05d}.parquet"
        write_table(pa.Table.from_pylist(chunk, schema=SCHEMA), path, rows_per_group=ROWS_PER_GROUP)
        parts.append({"file": f"{folder.name}/{path.name}", "rows": len(chunk), **facts(path)})
    return parts


def read_part(path: Path) -> list[dict[str, Any]]:
    """The rows of one part; ValueError when its columns are others or a name would leave the dataset's folder."""
    table = read_table(path)
    if not table.schema.equals(SCHEMA):
        other = sorted(set(table.schema.names) ^ set(SCHEMA.names)) or "their types"
        raise ValueError(f"{path}: columns must be those of this version, differ in {other}")
    made: list[dict[str, Any]] = table.to_pylist()
    for one in made:
        check_name(one["name"], f"{path}: name")
    return made


def _with_ancestors(store: Store, names: Iterable[str]) -> dict[str, Clip]:
    clips: dict[str, Clip] = {}
    wanted = list(names)
    while wanted:
        name = wanted.pop()
        if name not in clips:
            clips[name] = store.read(name)
            wanted += [parent["name"] for parent in clips[name].document["parents"]]
    return clips
