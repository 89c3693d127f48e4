"""Furniture catalogues: the models of a Sweet Home 3D library as items, with the sizes and authors that it states."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scenes.assets import file_sha256
from synth.fetch import fingerprint
from synth.tree import RecipeError


def from_catalogue(folder: Path, catalogue: str, shared: Mapping[str, Any], file: str) -> list[dict[str, Any]]:
    """One item for each model of the catalogue that was taken, with all files of its folder."""
    if not (folder / catalogue).is_file():
        raise RecipeError(f"{file}: catalogue must be among the files taken, {catalogue!r} is not there")
    made = []
    for row in _rows(folder / catalogue):
        model = row.get("model", "").lstrip("/")
        if not model or not (folder / model).is_file():
            continue
        beside = sorted(p.relative_to(folder).as_posix() for p in (folder / model).parent.iterdir() if p.is_file())
        files = [model, *(f for f in beside if f != model and f.lower().endswith((".mtl", ".jpg", ".jpeg", ".png")))]
        lines = fingerprint({f: file_sha256(folder / f) for f in files})
        own = {
            "name": Path(model).stem,
            "author": row.get("creator", shared.get("author", "")),
            "tags": [row["category"].lower()],
            "size_m": [round(float(row[edge]) / 100, 4) for edge in ("width", "depth", "height")],
        }
        made.append({**shared, **own, "files": files, "sha256": hashlib.sha256(lines.encode()).hexdigest()})
    return made


def _rows(path: Path) -> list[dict[str, str]]:
    """A Java properties file of numbered keys, name#7=Butter, as a row for each number."""
    rows: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        key, equals, value = line.partition("=")
        name, hash_sign, number = key.strip().partition("#")
        if equals and hash_sign and not key.startswith("#"):
            rows.setdefault(number, {})[name] = value.strip()
    return list(rows.values())
