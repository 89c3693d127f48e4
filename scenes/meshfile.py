"""What a mesh file says of itself (faces, extent, the files it needs), read without a renderer: OBJ and glTF."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

MOST_FACES = 999_999
LEAST_M = 1e-4
"""A mesh that is nowhere longer than a tenth of a millimetre has no size."""


@dataclass(frozen=True, kw_only=True)
class MeshFacts:
    """Of one file."""

    faces: int
    extent: tuple[float, float, float]
    """Edges of the bounding box, in the file's own unit and axes; zeros without a vertex."""
    needs: tuple[str, ...]
    """Files it names: materials, buffers, textures; beside it."""


def examine(path: Path) -> MeshFacts | None:
    """The facts of an OBJ, MTL, glTF or GLB file, None for other files. ValueError when it cannot be read."""
    suffix = path.suffix.lower()
    if suffix == ".obj":
        return _obj(path)
    if suffix == ".mtl":
        return MeshFacts(faces=-1, extent=(0, 0, 0), needs=tuple(_textures(path)))
    if suffix in (".gltf", ".glb"):
        return _gltf(path)
    return None


def fault(path: Path, facts: MeshFacts) -> str | None:
    """What is wrong with a mesh, in words with the way out; None when nothing is."""
    for name in facts.needs:
        if not (path.parent / name).is_file():
            return f"{path.name} needs {name}, which is not there: add the file, or leave the item out"
    if facts.faces > MOST_FACES:
        return f"{path.name} must have at most {MOST_FACES} faces, got {facts.faces}: simplify it"
    if facts.faces == 0 or (facts.faces > 0 and max(facts.extent) < LEAST_M):
        return f"{path.name} must have a size, got {facts.faces} faces in {facts.extent}: leave the item out"
    return None


def _obj(path: Path) -> MeshFacts:
    faces, needs, points = 0, [], []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("v "):
                points.append(line.split()[1:4])
            elif line.startswith("f "):
                faces += 1
            elif line.startswith("mtllib "):
                needs.append(line[7:].strip())
    where = np.array(points, float) if points else np.zeros((1, 3))
    return MeshFacts(faces=faces, extent=_extent(where.min(axis=0), where.max(axis=0)), needs=tuple(needs))


def _textures(path: Path) -> Iterator[str]:
    """Files of map_Kd and the like: the last word of the line, or all behind the key when there are no options."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        key, _, rest = line.strip().partition(" ")
        if key.lower().startswith(("map_", "bump", "norm", "disp", "refl")) and rest.strip():
            yield (rest.split()[-1] if rest.strip().startswith("-") else rest.strip()).replace("\\", "/")


def _gltf(path: Path) -> MeshFacts:
    try:
        document = _document(path.read_bytes())
        accessors = document.get("accessors", [])
        parts = [part for mesh in document.get("meshes", []) for part in mesh["primitives"]]
        counts = [accessors[part.get("indices", part["attributes"]["POSITION"])]["count"] for part in parts]
        boxes = [accessors[part["attributes"]["POSITION"]] for part in parts]
        low = np.min([box["min"] for box in boxes], axis=0) if boxes else np.zeros(3)
        high = np.max([box["max"] for box in boxes], axis=0) if boxes else np.zeros(3)
    except (ValueError, LookupError, TypeError, struct.error) as error:
        raise ValueError(f"{path.name} must be glTF 2.0, got {type(error).__name__}: {error}") from None
    named = [one["uri"] for key in ("buffers", "images") for one in document.get(key, []) if "uri" in one]
    needs = tuple(unquote(uri) for uri in named if not uri.startswith("data:"))
    return MeshFacts(faces=sum(counts) // 3 if parts else -1, extent=_extent(low, high), needs=needs)


def _document(data: bytes) -> dict[str, Any]:
    """The JSON of a glTF, or of a GLB's first chunk."""
    if data[:4] == b"glTF":
        length, kind = struct.unpack_from("<I4s", data, 12)
        if kind != b"JSON":
            raise ValueError("a GLB must start with its JSON")
        data = data[20 : 20 + length]
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ValueError("it must hold an object")
    return document


def _extent(low: Any, high: Any) -> tuple[float, float, float]:
    x, y, z = (float(edge) for edge in np.asarray(high, float) - np.asarray(low, float))
    return (x, y, z)
