"""Bodies: the base mesh, its shape targets and its skin weights, read once from an asset pack into one file of arrays.

The pack is MakeHuman's hm08 mesh with its macro and face targets (CC0). Targets of babies and children are never read:
no weights of any kind can make a child of what is kept.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenes import assets
from scenes.mesh import Array
from scenes.people.skeleton import SKELETON

VERSION = 1
"""Of what `convert` writes; raised when this file makes other arrays of the same pack."""
PACK = "bodies"
FILE = "bodies.npz"
AGES = ("young", "old")
"""The targets' ages: 25 and about 90 years."""
SEXES, MUSCLES, WEIGHTS = ("female", "male"), ("min", "average", "max"), ("min", "average", "max")
ANCESTRIES = ("african", "asian", "caucasian")
FACE_TARGETS: tuple[tuple[str, str, str], ...] = (
    ("head/head-", "age-decr", "age-incr"), ("head/head-fat-", "decr", "incr"), ("head/head-", "oval", "square"),
    ("head/head-", "triangular", "rectangular"), ("head/head-", "invertedtriangular", "round"),
    ("head/head-scale-depth-", "decr", "incr"), ("head/head-scale-horiz-", "decr", "incr"),
    ("head/head-scale-vert-", "decr", "incr"), ("head/head-back-scale-depth-", "decr", "incr"),
    ("forehead/forehead-scale-vert-", "decr", "incr"), ("forehead/forehead-temple-", "decr", "incr"),
    ("forehead/forehead-trans-", "backward", "forward"),
    ("nose/nose-scale-vert-", "decr", "incr"), ("nose/nose-scale-horiz-", "decr", "incr"),
    ("nose/nose-scale-depth-", "decr", "incr"), ("nose/nose-hump-", "decr", "incr"),
    ("nose/nose-point-", "down", "up"), ("nose/nose-curve-", "concave", "convex"),
    ("nose/nose-flaring-", "decr", "incr"),
    ("mouth/mouth-scale-horiz-", "decr", "incr"), ("mouth/mouth-scale-vert-", "decr", "incr"),
    ("mouth/mouth-trans-", "down", "up"), ("mouth/mouth-angles-", "down", "up"),
    ("mouth/mouth-lowerlip-volume-", "decr", "incr"), ("mouth/mouth-upperlip-volume-", "decr", "incr"),
    ("chin/chin-width-", "decr", "incr"), ("chin/chin-height-", "decr", "incr"),
    ("chin/chin-prominent-", "decr", "incr"),
    ("chin/chin-jaw-drop-", "decr", "incr"), ("chin/chin-bones-", "decr", "incr"),
    ("cheek/*-cheek-volume-", "decr", "incr"), ("cheek/*-cheek-bones-", "decr", "incr"),
    ("eyes/*-eye-scale-", "decr", "incr"), ("eyes/*-eye-bag-", "decr", "incr"), ("eyes/*-eye-height2-", "decr", "incr"),
    ("eyes/*-eye-trans-", "in", "out"), ("eyes/*-eye-corner2-", "down", "up"),
    ("eyebrows/eyebrows-angle-", "down", "up"), ("eyebrows/eyebrows-trans-", "down", "up"),
    ("ears/*-ear-scale-", "decr", "incr"), ("ears/*-ear-wing-", "decr", "incr"),
    ("neck/neck-scale-horiz-", "decr", "incr"), ("neck/neck-scale-depth-", "decr", "incr"),
    ("neck/neck-scale-vert-", "decr", "incr"), ("neck/neck-double-", "decr", "incr"),
    ("torso/torso-scale-horiz-", "decr", "incr"), ("torso/torso-vshape-", "decr", "incr"),
    ("torso/torso-scale-depth-", "decr", "incr"), ("torso/torso-scale-vert-", "decr", "incr"),
    ("hip/hip-scale-horiz-", "decr", "incr"), ("stomach/stomach-tone-", "decr", "incr"),
    ("stomach/stomach-pregnant-", "decr", "incr"), ("buttocks/buttocks-volume-", "decr", "incr"),
)  # fmt: skip
"""(stem, low end, high end) of each local target; * stands for both sides."""
PARTS = {
    "body": ("body",),
    "tights": ("helper-tights",),
    "skirt": ("helper-skirt",),
    "lashes": ("helper-l-eyelashes-1", "helper-l-eyelashes-2", "helper-r-eyelashes-1", "helper-r-eyelashes-2"),
    "eyes": ("helper-l-eye", "helper-r-eye"),
}
"""What is kept of the mesh: part -> groups of its faces."""
_FINGERS = tuple(f"finger{f}-{s}" for f in range(1, 6) for s in range(1, 4))
BONES: dict[str, tuple[str, tuple[str, ...]]] = {
    # joint -> (the cube it stands in, the bones of the pack's rig that it moves); a side is put in for *
    "pelvis": ("joint-pelvis", ("root", "spine05", "pelvis.L", "pelvis.R")),
    "spine": ("joint-spine-4", ("spine04", "spine03")),
    "chest": ("joint-spine-2", ("spine02", "spine01", "breast.L", "breast.R", "clavicle.L", "clavicle.R",
                                "shoulder01.L", "shoulder01.R")),
    "neck": ("joint-neck", ("neck01", "neck02", "neck03")),
    "head": ("joint-head", ()),
    "shoulder_*": ("joint-*-shoulder", ("upperarm01.", "upperarm02.")),
    "elbow_*": ("joint-*-elbow", ("lowerarm01.",)),
    "wrist_*": ("joint-*-hand", ("wrist.", "metacarpal1.", "metacarpal2.", "metacarpal3.", "metacarpal4.")),
    "hip_*": ("joint-*-upper-leg", ("upperleg01.", "upperleg02.")),
    "knee_*": ("joint-*-knee", ("lowerleg01.", "lowerleg02.")),
    "ankle_*": ("joint-*-ankle", ("foot.",)),
    "toe_*": ("joint-*-foot-1", tuple(f"toe{t}-{s}." for t in range(1, 6) for s in range(1, 4))),
    "twist_*": ("joint-*-hand", ("lowerarm02.",)),
    **{f"{name}_*": (f"joint-*-{name.replace('finger', 'finger-')}", (f"{name}.",)) for name in _FINGERS},
}  # fmt: skip
"""Joints of the prepared rig: those of every body first, then what the hand alone needs while it is put to rest."""


def _sided(names: dict[str, tuple[str, tuple[str, ...]]]) -> dict[str, tuple[str, tuple[str, ...]]]:
    out = {}
    for name, (cube, bones) in names.items():
        for side in "lr" if "*" in name else ("",):
            dotted = tuple(b + side.upper() if b.endswith(".") else b for b in bones)
            out[name.replace("*", side)] = (cube.replace("*", side), dotted)
    return out


_OURS = [name for name, _, _ in SKELETON]
RIG: dict[str, tuple[str, tuple[str, ...]]] = {
    **{name: _sided(BONES)[name] for name in _OURS if name in _sided(BONES)},
    **{name: row for name, row in _sided(BONES).items() if name not in _OURS},
}
"""BONES with both sides, the skeleton's own joints first and in its order."""
EXTRA_PLACES = ("ground", "head-2", "l-eye", "r-eye", "mouth", "l-hand-3", "r-hand-3", *(
    f"{side}-finger-{f}-4" for side in "lr" for f in range(1, 6)))  # fmt: skip
"""Cubes of the base mesh whose middles are kept beside the joints."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Bodies:
    """What every body is made of; all lengths in metres, +X forward, +Y left, +Z up."""

    points_m: Array
    """(P, 3) float32: vertices of all parts, then RIG's joints, then EXTRA_PLACES."""
    macro: tuple[str, ...]
    """Names of the macro targets."""
    macro_m: Array
    """(T, P, 3) float16 displacements."""
    local: tuple[str, ...]
    """Names of the local targets."""
    local_points: Array
    """(N,) int32 points that they move, one after the other."""
    local_m: Array
    """(N, 3) float16."""
    local_start: Array
    """(len(local) + 1,) int64."""
    quads: dict[str, Array]
    """part -> (F, 4) int32 corners, counter-clockwise from outside."""
    uv: dict[str, Array]
    """part -> (V,) ranges are not kept; here (F, 4, 2) float32 texture coordinates of the corners."""
    skin_joints: Array
    """(V, 4) int32 into RIG."""
    skin_weights: Array
    """(V, 4) float32."""

    def vertices_of(self, part: str) -> Array:
        """Numbers of the points that a part's faces use, ascending."""
        return np.unique(self.quads[part])


def read(folder: Path) -> Bodies:
    """Reads the pack's files; about 10 s."""
    vertices, faces, uv = _base(folder)
    groups = json.loads((folder / "mesh_metadata" / "basemesh_vertex_groups.json").read_text(encoding="utf-8"))
    kept = np.unique(np.concatenate([f for names in PARTS.values() for n in names for f in faces[n]]))
    number = np.full(len(vertices), -1, np.int64)
    number[kept] = np.arange(len(kept))
    cubes = [cube for cube, _ in RIG.values()] + [f"joint-{name}" for name in EXTRA_PLACES]
    spans = [np.concatenate([np.arange(a, b + 1) for a, b in groups[cube]]) for cube in cubes]

    def points(of: Array) -> Array:
        middles = np.stack([of[span].mean(axis=0) for span in spans])
        return np.asarray(np.concatenate([of[kept], middles]) @ _TO_OURS)

    macro = {name: path for name, path in _macro_files(folder) if path.exists()}
    made = [points(_target(path, len(vertices))).astype(np.float16) for path in macro.values()]
    local, local_points, local_m = [], [], []
    for name, paths in _local_files(folder):
        moved = sum((points(_target(path, len(vertices))) for path in paths), np.zeros((1, 3)))
        used = np.flatnonzero(np.abs(moved).max(axis=1) > 2e-5)
        local.append(name)
        local_points.append(used.astype(np.int32))
        local_m.append(moved[used].astype(np.float16))
    joints, strength = _weights(folder, len(vertices))
    return Bodies(
        points_m=points(vertices).astype(np.float32),
        macro=tuple(macro),
        macro_m=np.stack(made),
        local=tuple(local),
        local_points=np.concatenate(local_points),
        local_m=np.concatenate(local_m),
        local_start=np.cumsum([0, *(len(p) for p in local_points)]),
        quads={p: number[np.concatenate([faces[n] for n in names])].astype(np.int32) for p, names in PARTS.items()},
        uv={p: np.concatenate([uv[n] for n in names]).astype(np.float32) for p, names in PARTS.items()},
        skin_joints=joints[kept],
        skin_weights=strength[kept],
    )


def convert(folder: Path, into: Path) -> None:
    """Writes the arrays of a pack's files, once, when it is installed."""
    base = next(iter(sorted(folder.rglob("3dobjs/base.obj"))), None)
    if base is None:
        raise ValueError(
            f"a pack of bodies must hold 3dobjs/base.obj with targets and rigs beside it, got {folder.name}"
        )
    made = read(base.parents[1])
    arrays: dict[str, Any] = {k: v for k, v in vars(made).items() if isinstance(v, np.ndarray)}
    arrays |= {k: np.array(getattr(made, k)) for k in ("macro", "local")}
    arrays |= {f"{k}_{p}": a for k in ("quads", "uv") for p, a in getattr(made, k).items()}
    with (into / FILE).open("wb") as out:
        np.savez(out, **arrays)


@functools.lru_cache(maxsize=2)
def load(folder: Path) -> Bodies:
    """What `convert` wrote."""
    with np.load(folder / FILE, allow_pickle=False) as stored:
        parts = {k: stored[k] for k in stored.files}
    lists = {k: tuple(parts[k].tolist()) for k in ("macro", "local")}
    dicts: dict[str, dict[str, Array]] = {k: {p: parts[f"{k}_{p}"] for p in PARTS} for k in ("quads", "uv")}
    plain = ("points_m", "macro_m", "local_points", "local_m", "local_start", "skin_joints", "skin_weights")
    return Bodies(**lists, **dicts, **{k: parts[k] for k in plain})  # type: ignore[arg-type]


def installed() -> Bodies | None:
    """The bodies of the pack that was installed last under this name, for a look at them; None where there is none.
    What is rendered has the bodies of the pack that its scenario names by hash (scenes.supplies)."""
    if assets.pack_folder(PACK) is None:
        return None
    return load(assets.open_pack(PACK).arrays("body"))


_TO_OURS = np.array([[0, 0.1, 0], [0, 0, 0.1], [0.1, 0, 0]])
"""Decimetres, +Y up, facing +Z, to metres, +Z up, facing +X."""


def _base(folder: Path) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """(V, 3) vertices in the file's own frame; corners and texture coordinates by group."""
    vertices, texture = [], []
    faces: dict[str, list[list[int]]] = {}
    corners: dict[str, list[list[int]]] = {}
    group = ""
    for line in (folder / "3dobjs" / "base.obj").read_text(encoding="utf-8").splitlines():
        kind, *rest = line.split() or [""]
        if kind == "v":
            vertices.append([float(x) for x in rest])
        elif kind == "vt":
            texture.append([float(x) for x in rest[:2]])
        elif kind == "g":
            group = rest[0]
        elif kind == "f":
            pairs = [tuple(int(x) - 1 for x in corner.split("/")[:2]) for corner in rest]
            faces.setdefault(group, []).append([p[0] for p in pairs])
            corners.setdefault(group, []).append([p[1] for p in pairs])
    grid = np.array(texture)
    return (
        np.array(vertices),
        {g: np.array(f) for g, f in faces.items()},
        {g: grid[np.array(c)] for g, c in corners.items()},
    )


def _macro_files(folder: Path) -> Iterator[tuple[str, Path]]:
    root = folder / "targets" / "macrodetails"
    for race, sex, age in itertools.product(ANCESTRIES, SEXES, AGES):
        yield f"{race}-{sex}-{age}", root / f"{race}-{sex}-{age}.target.gz"
    for sex, age, muscle, weight in itertools.product(SEXES, AGES, MUSCLES, WEIGHTS):
        body = f"{sex}-{age}-{muscle}muscle-{weight}weight"
        yield body, root / f"universal-{body}.target.gz"
        for end in ("minheight", "maxheight"):
            yield f"{body}-{end}", root / "height" / f"{body}-{end}.target.gz"
        for end in ("uncommonproportions", "idealproportions"):
            yield f"{body}-{end}", root / "proportions" / f"{body}-{end}.target.gz"
        for end in ("mincup", "maxcup") if sex == "female" else ():
            name = f"{body}-{end}-averagefirmness"
            yield f"{body}-{end}", folder / "targets" / "breast" / f"{name}.target.gz"


def _local_files(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    for stem, *ends in FACE_TARGETS:
        for end in ends:
            sides = [stem.replace("*", s) for s in "lr"] if "*" in stem else [stem]
            yield (stem + end).replace("*-", ""), [folder / "targets" / f"{s}{end}.target.gz" for s in sides]


def _target(path: Path, points: int) -> Array:
    """(V, 3) displacements in the file's own frame."""
    moved = np.zeros((points, 3))
    text = "\n".join(x for x in gzip.decompress(path.read_bytes()).decode().splitlines() if x and x[0] != "#")
    rows = np.array(text.split(), float).reshape(-1, 4)
    moved[rows[:, 0].astype(int)] = rows[:, 1:]
    return moved


def _weights(folder: Path, points: int) -> tuple[Array, Array]:
    """(V, 4) joints of RIG and (V, 4) weights; bones that RIG does not name belong to the head."""
    bones = json.loads((folder / "rigs" / "standard" / "weights.default.json").read_text(encoding="utf-8"))["weights"]
    names = list(RIG)
    joint_of = {bone: names.index(joint) for joint, (_, moved) in RIG.items() for bone in moved}
    dense = np.zeros((points, len(names)), np.float32)
    for bone, pairs in bones.items():
        if pairs:
            where, strength = np.array(pairs).T
            np.add.at(dense[:, joint_of.get(bone, names.index("head"))], where.astype(int), strength)
    return strongest(dense)


def strongest(dense: Array) -> tuple[Array, Array]:
    """(V, 4) joints and (V, 4) weights of a full table (V, J)."""
    left, rows, best = dense.copy(), np.arange(len(dense)), np.empty((len(dense), 4), np.int32)
    for slot in range(4):
        best[:, slot] = left.argmax(axis=1)
        left[rows, best[:, slot]] = -1
    strength = np.take_along_axis(dense, best, axis=1)
    strength = np.where(strength > 0.01, strength, 0)
    return best, (strength / np.maximum(strength.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)
