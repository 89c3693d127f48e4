"""A Shot in a folder: shot.json and shot.npz, there and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from scenes.shot.lens import Lens
from scenes.shot.parts import Event, Figure, Light, Material, Quality, Solid, Sound
from scenes.shot.shot import Shot
from scenes.shot.turns import Array

_PARTS = {
    "lens": Lens,
    "materials": Material,
    "solids": Solid,
    "figures": Figure,
    "lights": Light,
    "events": Event,
    "sounds": Sound,
    "quality": Quality,
}


def save(shot: Shot, folder: Path) -> None:
    """Writes shot.npz, then shot.json, into an existing folder."""
    arrays: dict[str, Array] = {}

    def plain(value: Any, at: str) -> Any:
        if isinstance(value, np.ndarray):
            arrays[at] = value
            return {"array": at}
        if is_dataclass(value):
            return {f.name: plain(getattr(value, f.name), f"{at}.{f.name}") for f in fields(value)}
        if isinstance(value, list | tuple):
            return [plain(v, f"{at}.{i}") for i, v in enumerate(value)]
        if isinstance(value, Mapping):
            return {k: plain(v, f"{at}.{k}") for k, v in value.items()}
        return str(value) if isinstance(value, Fraction) else value

    document = plain(shot, "shot")
    np.savez(folder / "shot.npz", **arrays)
    (folder / "shot.json").write_text(json.dumps(document, sort_keys=True, indent=1), encoding="utf-8")


def load(folder: Path) -> Shot:
    """Reads what save() wrote; equal to it field by field."""
    document = json.loads((folder / "shot.json").read_text(encoding="utf-8"))
    with np.load(folder / "shot.npz", allow_pickle=False) as stored:
        arrays = {k: stored[k] for k in stored.files}

    def rich(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"array"}:
            return arrays[value["array"]]
        if isinstance(value, dict):
            return {k: rich(v) for k, v in value.items()}
        return tuple(rich(v) for v in value) if isinstance(value, list) else value

    parts = rich(document)
    for name, cls in _PARTS.items():
        made = parts[name]
        parts[name] = cls(**made) if isinstance(made, dict) else tuple(cls(**one) for one in made)
    return Shot(**{**parts, "fps": Fraction(parts["fps"])})
