"""Clip files: glTF, GLB and BVH read into a skeleton at rest and its bones' world turns and places over time.

Both are turned to our axes: a person at rest stands with +Z up and looks along +X. FBX has no open description to read
it by: it is refused with the way out.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenes.mesh import Array
from scenes.motion.turns import about, unit
from scenes.shot import matrices

RATE_HZ = 30
LONGEST_S = 600.0
MOST_BONES = 500
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_KINDS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}


class ClipError(ValueError):
    """A file that cannot be used: one line with what was found and what to change."""


@dataclass(frozen=True, kw_only=True)
class Bones:
    """A skeleton and one clip of it, N bones, T instants at RATE_HZ."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    """-1 for a root; parents come before their children."""
    rest_turn: Array
    """(N, 3, 3) world."""
    rest_m: Array
    """(N, 3) world, in the file's own unit of length."""
    turn: Array
    """(T, N, 3, 3) world."""
    place_m: Array
    """(T, N, 3) world, in the file's own unit."""

    def turned(self, axes: Array) -> Bones:
        """In other axes: (3, 3) ours_from_file."""
        return Bones(
            names=self.names, parents=self.parents, rest_turn=axes @ self.rest_turn @ axes.T,
            rest_m=self.rest_m @ axes.T, turn=axes @ self.turn @ axes.T, place_m=self.place_m @ axes.T,
        )  # fmt: skip


def clips(path: Path) -> tuple[str, ...]:
    """The names of a file's clips, in its order; a BVH holds one, named after the file."""
    if path.suffix.lower() == ".bvh":
        return (path.stem,)
    document, _ = _gltf(path)
    return tuple(str(a.get("name", f"clip_{i}")) for i, a in enumerate(document.get("animations", [])))


def read(path: Path, clip: str) -> Bones:
    """One clip of a file, in the file's own axes."""
    suffix = path.suffix.lower()
    if suffix == ".bvh":
        bones = _bvh(path)
    elif suffix in (".glb", ".gltf"):
        bones = _gltf_clip(path, clip)
    else:
        raise ClipError(f"{path.name}: {suffix or 'no ending'} cannot be read: export it as glTF (.glb) or BVH")
    if len(bones.turn) / RATE_HZ > LONGEST_S:
        raise ClipError(
            f"{path.name}: clip {clip!r} must last at most {LONGEST_S:.0f} s, got {len(bones.turn) // 30} s"
        )
    if not (np.isfinite(bones.turn).all() and np.isfinite(bones.place_m).all()):
        raise ClipError(f"{path.name}: clip {clip!r} holds numbers that are not finite: export it again")
    return bones


def _gltf(path: Path) -> tuple[dict[str, Any], list[bytes]]:
    """The document and its buffers."""
    try:
        raw = path.read_bytes()
        inside: list[bytes] = []
        if raw[:4] == b"glTF":
            at = 12
            while at + 8 <= len(raw):
                size, kind = int.from_bytes(raw[at : at + 4], "little"), raw[at + 4 : at + 8]
                inside.append(raw[at + 8 : at + 8 + size] if kind in (b"JSON", b"BIN\0") else b"")
                at += 8 + size
            text, binary = inside[0], inside[1:2]
        else:
            text, binary = raw, []
        document = json.loads(text)
        buffers = []
        for i, buffer in enumerate(document.get("buffers", [])):
            uri = buffer.get("uri")
            if uri is None:
                buffers.append(binary[i])
            elif uri.startswith("data:"):
                buffers.append(base64.b64decode(uri.split(",", 1)[1]))
            else:
                buffers.append(_beside(path, uri).read_bytes())
        return document, buffers
    except (OSError, ValueError, IndexError, KeyError, binascii.Error) as error:
        if isinstance(error, ClipError):
            raise
        raise ClipError(f"{path.name}: no whole glTF ({type(error).__name__}): export it again as .glb") from error


def _beside(path: Path, uri: str) -> Path:
    """A file in the folder of the document, never outside it."""
    wanted = (path.parent / uri).resolve()
    if path.parent.resolve() not in wanted.parents:
        raise ClipError(f"{path.name}: buffer {uri!r} must lie beside the file: export it as one .glb")
    return wanted


def _accessor(document: Mapping[str, Any], buffers: list[bytes], index: int) -> Array:
    """(count, width) float64."""
    a = document["accessors"][index]
    view = document["bufferViews"][a["bufferView"]]
    dtype, width = np.dtype(_KINDS[a["componentType"]]), _WIDTHS[a["type"]]
    start = view.get("byteOffset", 0) + a.get("byteOffset", 0)
    stride = view.get("byteStride", 0) or dtype.itemsize * width
    data = np.frombuffer(buffers[view.get("buffer", 0)], np.uint8, offset=start)
    rows = np.lib.stride_tricks.as_strided(data, (a["count"], dtype.itemsize * width), (stride, 1))
    if a["count"] and (a["count"] - 1) * stride + dtype.itemsize * width > len(data):
        raise ClipError("an accessor reaches beyond its buffer: export the file again")
    values = np.ascontiguousarray(rows).view(dtype).astype(float)
    if a.get("normalized"):
        values /= np.iinfo(dtype).max
    return values


def _gltf_clip(path: Path, clip: str) -> Bones:
    document, buffers = _gltf(path)
    names = clips(path)
    if clip not in names:
        raise ClipError(f"{path.name}: clip must be one of {', '.join(names) or 'none'}, got {clip!r}")
    try:
        return _evaluated(document, buffers, document["animations"][names.index(clip)])
    except (KeyError, IndexError, ValueError, TypeError) as error:
        if isinstance(error, ClipError):
            raise ClipError(f"{path.name}: {error}") from error
        raise ClipError(f"{path.name}: no whole glTF ({type(error).__name__}): export it again as .glb") from error


def _evaluated(document: Mapping[str, Any], buffers: list[bytes], animation: Mapping[str, Any]) -> Bones:
    """Every node of the skin over time."""
    nodes = document["nodes"]
    if not document.get("skins"):
        raise ClipError("a clip needs a skin, none is in the file: export the rig with its mesh")
    skin = document["skins"][0]
    if not 0 < len(skin["joints"]) <= MOST_BONES or len(nodes) > 4 * MOST_BONES:
        raise ClipError(f"a skin must have 1..{MOST_BONES} bones, got {len(skin['joints'])}")
    parent = {child: i for i, node in enumerate(nodes) for child in node.get("children", [])}
    channels, end_s = {}, 0.0
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        times = _accessor(document, buffers, sampler["input"])[:, 0]
        values = _accessor(document, buffers, sampler["output"])
        how = sampler.get("interpolation", "LINEAR")
        channels[channel["target"].get("node", -1), channel["target"]["path"]] = (
            times, values[1::3] if how == "CUBICSPLINE" else values, how)  # fmt: skip
        end_s = max(end_s, float(times[-1]))
    t_s = np.arange(max(2, round(min(end_s, LONGEST_S + 1) * RATE_HZ) + 1)) / RATE_HZ
    turns: dict[int, Array] = {}
    places: dict[int, Array] = {}

    def world(node: int) -> tuple[Array, Array]:
        if node not in turns:
            turn, place, scale = _local(nodes[node], channels, node, t_s)
            if node in parent:
                above, at = world(parent[node])
                turn, place = above @ turn, at + np.einsum("tab,tb->ta", above, place)
            turns[node], places[node] = turn * scale[:, None, :], place
        return turns[node], places[node]

    order = sorted(skin["joints"], key=lambda n: _depth(n, parent))
    found = [world(n) for n in order]
    bind = np.linalg.inv(_accessor(document, buffers, skin["inverseBindMatrices"]).reshape(-1, 4, 4).swapaxes(1, 2))
    rest = bind[[skin["joints"].index(n) for n in order]]
    number = {n: i for i, n in enumerate(order)}
    return Bones(
        names=tuple(str(nodes[n].get("name", f"node_{n}")) for n in order),
        parents=tuple(number.get(parent.get(n, -1), -1) for n in order),
        rest_turn=_orthonormal(rest[:, :3, :3]), rest_m=rest[:, :3, 3],
        turn=_orthonormal(np.stack([turn for turn, _ in found], axis=1)),
        place_m=np.stack([place for _, place in found], axis=1),
    )  # fmt: skip


def _depth(node: int, parent: Mapping[int, int]) -> int:
    depth = 0
    while node in parent:
        node, depth = parent[node], depth + 1
        if depth > 4 * MOST_BONES:
            raise ClipError("a node is its own ancestor: export the file again")
    return depth


def _local(
    node: Mapping[str, Any], channels: Mapping[tuple[int, str], Any], number: int, t_s: Array
) -> tuple[Array, Array, Array]:
    """Local turn (T, 3, 3), place (T, 3) and scale (T, 3) of a node over time."""
    if "matrix" in node:
        m = np.array(node["matrix"], float).reshape(4, 4).T
        scale = np.linalg.norm(m[:3, :3], axis=0)
        k = len(t_s)
        return np.tile(m[:3, :3] / scale, (k, 1, 1)), np.tile(m[:3, 3], (k, 1)), np.tile(scale, (k, 1))
    values = {}
    for name, rest in (("rotation", (0, 0, 0, 1)), ("translation", (0, 0, 0)), ("scale", (1, 1, 1))):
        values[name] = _sampled(channels.get((number, name)), node.get(name, rest), t_s, turns=name == "rotation")
    x, y, z, w = unit(values["rotation"]).T
    return matrices(np.stack([w, x, y, z], axis=1)), values["translation"], values["scale"]


def _sampled(channel: tuple[Array, Array, str] | None, rest: Any, t_s: Array, *, turns: bool) -> Array:
    """(T, width) values at instants; turns go the shorter way."""
    if channel is None:
        return np.tile(np.asarray(rest, float), (len(t_s), 1))
    times, values, how = channel
    after = np.clip(np.searchsorted(times, t_s, side="right"), 1, max(len(times) - 1, 1))
    if len(times) == 1:
        return np.repeat(values, len(t_s), axis=0)
    if how == "STEP":
        return np.asarray(values[np.clip(np.searchsorted(times, t_s + 1e-6, side="right") - 1, 0, len(times) - 1)])
    one, other = values[after - 1], values[after]
    if turns:
        other = np.where((one * other).sum(axis=1, keepdims=True) < 0, -other, other)
    u = np.clip((t_s - times[after - 1]) / np.maximum(times[after] - times[after - 1], 1e-9), 0, 1)[:, None]
    mixed: Array = one + u * (other - one)
    return mixed


def _orthonormal(turn: Array) -> Array:
    """Without scale."""
    x = unit(turn[..., 0])
    y = unit(turn[..., 1] - (turn[..., 1] * x).sum(axis=-1, keepdims=True) * x)
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def _bvh(path: Path) -> Bones:
    """A Biovision hierarchy: at rest all turns are none, and the offsets say how the bones lie."""
    words = path.read_text(encoding="utf-8", errors="replace").split()
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    channels: list[list[str]] = []
    try:
        at, stack = words.index("HIERARCHY") + 1, [-1]
        while words[at] != "MOTION":
            word = words[at]
            if word in ("ROOT", "JOINT", "End"):
                names.append(words[at + 1] if word != "End" else f"{names[stack[-1]]}_end")
                parents.append(stack[-1])
                offsets.append([0.0, 0.0, 0.0])
                channels.append([])
                at += 2
            elif word == "{":
                stack.append(len(names) - 1)
                at += 1
            elif word == "}":
                stack.pop()
                at += 1
            elif word == "OFFSET":
                offsets[-1] = [float(x) for x in words[at + 1 : at + 4]]
                at += 4
            elif word == "CHANNELS":
                count = int(words[at + 1])
                channels[-1] = words[at + 2 : at + 2 + count]
                at += 2 + count
            else:
                raise ClipError(f"{path.name}: no BVH: {word[:20]!r} stands where a joint should")
        frames, frame_s = int(words[at + 2]), float(words[at + 5])
        width = sum(len(c) for c in channels)
        values = np.array(words[at + 6 : at + 6 + frames * width], float).reshape(frames, width)
    except (ValueError, IndexError) as error:
        if isinstance(error, ClipError):
            raise
        raise ClipError(f"{path.name}: no whole BVH ({type(error).__name__}): export it again") from error
    if not 0 < len(names) <= MOST_BONES or not 0 < frame_s <= 1 or frames < 1:
        raise ClipError(
            f"{path.name}: a BVH must have bones, frames and a frame time, got {len(names)}, {frames}, {frame_s}"
        )
    return _bvh_world(names, parents, np.array(offsets), channels, values, frame_s)


def _bvh_world(
    names: list[str], parents: list[int], offsets: Array, channels: list[list[str]], values: Array, frame_s: float
) -> Bones:
    seconds = (len(values) - 1) * frame_s
    times = np.arange(len(values)) * frame_s
    t_s = np.arange(max(2, round(seconds * RATE_HZ) + 1)) / RATE_HZ
    turn, place, rest = np.empty((len(t_s), len(names), 3, 3)), np.empty((len(t_s), len(names), 3)), offsets.copy()
    column = 0
    for i, parent in enumerate(parents):
        local, shift = np.tile(np.eye(3), (len(t_s), 1, 1)), np.zeros((len(t_s), 3))
        for channel in channels[i]:
            axis = "XYZ".index(channel[0])
            if channel.endswith("rotation"):
                angle = np.interp(t_s, times, np.unwrap(np.radians(values[:, column])))
                local = local @ about(axis, angle)
            else:
                shift[:, axis] = np.interp(t_s, times, values[:, column])
            column += 1
        if parent < 0:
            turn[:, i], place[:, i] = local, (shift if any("position" in c for c in channels[i]) else offsets[i])
        else:
            rest[i] += rest[parent]
            turn[:, i] = turn[:, parent] @ local
            place[:, i] = place[:, parent] + turn[:, parent] @ offsets[i]
    return Bones(names=tuple(names), parents=tuple(parents), rest_turn=np.tile(np.eye(3), (len(names), 1, 1)),
                 rest_m=rest, turn=turn, place_m=place)  # fmt: skip
