"""A human: a build and an outfit become one dressed mesh at rest, skinned, with nothing bare by accident."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.people import hair, kit, skin
from scenes.people.bodies import Bodies, strongest
from scenes.people.fabric import AVERAGE, ground, skin_table
from scenes.people.part import Part
from scenes.people.shape import Build, Shaped, shaped
from scenes.people.skeleton import JOINTS
from scenes.people.tailor import Form, Piece, form, made, over
from scenes.people.wardrobe import PATTERNS

NEAR_M = 0.03
"""A point of the body this near to a covered point of the second skin cannot be seen."""


@dataclass(frozen=True, kw_only=True)
class Dress:
    """What one person wears, by names of the tables."""

    garments: tuple[str, ...]
    """Rows of PATTERNS, inner first."""
    hair: str
    """A row of hair.STYLES."""
    headgear: str = ""
    """A row of hair.HEADGEAR, or nothing."""
    mask: str = ""
    """A row of hair.MASKS, or nothing."""
    extras: tuple[str, ...] = ()
    """Rows of kit.EXTRAS: what is carried on the body."""
    gloves: bool = False


def human(bodies: Bodies, build: Build, dress: Dress, rng: np.random.Generator) -> tuple[Shaped, list[Part]]:
    """The body's measures, and all its parts in the order in which they are put on."""
    body = shaped(bodies, build)
    parts: list[Part] = []
    hidden = np.zeros(len(body.points_m), bool)
    forms: dict[str, Form] = {}

    def on(name: str) -> Form:
        if name not in forms:
            forms[name] = form(ground(bodies, name), body, rng)
        return forms[name]

    pieces: list[tuple[str, str, Piece]] = []
    for name in dress.garments:
        pattern = PATTERNS[name]
        if pattern.ground == "skirt":
            forms["skirt"] = over(on("skirt"), on("tights").points_m[~on("tights").arm], np.array(True))
        piece = made(pattern, on(pattern.ground), rng)
        pieces.append((name, pattern.ground, piece))
        forms[pattern.ground] = replace(
            on(pattern.ground), worn_m=np.maximum(on(pattern.ground).worn_m, piece.height_m)
        )
        hidden |= _beneath(bodies, pattern.ground, piece)
        if pattern.ground == "skirt":
            forms["tights"] = over(on("tights"), piece.points_m, ~on("tights").arm)
    pieces += _head(dress, on, rng)
    for _, of, piece in pieces:
        if of in ("scalp", "face"):
            hidden |= _beneath(bodies, of, piece)
    parts.append(skin.bare(bodies, body, build, hidden, dress.gloves))
    parts += [skin.eyes(bodies, body, rng), skin.lashes(bodies, body), skin.brows(on("face"))]
    covered: dict[str, Array] = {}
    for name, of, piece in reversed(pieces):  # outer ones first: what they cover is not made
        parts.append(_part(name, piece, covered.get(of)))
        if piece.covers.any():
            covered[of] = covered.get(of, np.zeros(len(piece.covers), bool)) | piece.covers
    if dress.hair in hair.FALLS and hair.FALLS[dress.hair][0] and dress.mask != "balaclava":
        parts.append(skin.falling(on("scalp"), body, *hair.FALLS[dress.hair], tied=dress.hair == "tied", rng=rng))
    if dress.hair == "bun" and not dress.headgear and dress.mask != "balaclava":
        parts.append(skin.bun(body))
    parts += [kit.EXTRAS[name](body, on("tights"), on("scalp")) for name in dress.extras]
    return body, parts


def _head(dress: Dress, on: Callable[[str], Form], rng: np.random.Generator) -> list[tuple[str, str, Piece]]:
    """Hair and what is worn over it."""
    scalp, face = on("scalp"), on("face")
    out: list[tuple[str, str, Piece]] = []
    style = hair.STYLES[dress.hair]
    hat = hair.HEADGEAR[dress.headgear] if dress.headgear else None
    if style and dress.mask != "balaclava":
        if hat:
            style = hair.under(style, hat)
        out.append(("hair", "scalp", made(style, scalp, rng)))
    if hat:
        out.append((dress.headgear, "scalp", made(hat, scalp, rng)))
    if dress.mask:
        out.append((dress.mask, "face", made(hair.MASKS[dress.mask], face, rng)))
    return out


def _beneath(bodies: Bodies, of: str, piece: Piece) -> Array:
    """(V,) bool: the pack's points that a piece hides."""
    hidden = np.zeros(len(bodies.skin_joints), bool)
    if of in ("scalp", "face"):
        corners = ground(bodies, of).corners
        own = (corners == corners[:, :1]).all(axis=1)
        hidden[corners[own, 0]] = piece.covers[own]
        return hidden
    if of == "skirt":
        average, table = ground(bodies, "skirt").average_m, skin_table(bodies)
        low = average[piece.covers, 2].min() + 0.02
        points = shaped(bodies, AVERAGE).points_m
        arms = [JOINTS[f"{j}_{s}"] for j in ("shoulder", "elbow", "wrist") for s in "lr"]
        arm: Array = table[:, arms].sum(axis=1) > 0.3
        hidden = (points[:, 2] > low) & (points[:, 2] < 1.03) & ~arm
    if of == "tights":
        near, distance = _nearest(bodies)
        body = np.unique(bodies.quads["body"])
        hidden[body] = piece.covers[near] & (distance < NEAR_M)
    return hidden


@functools.lru_cache(maxsize=2)
def _nearest(bodies: Bodies) -> tuple[Array, Array]:
    """The vertex of the second skin next to each point of the body, and how far it is, on the average body."""
    of = ground(bodies, "tights")
    points = shaped(bodies, AVERAGE).points_m[np.unique(bodies.quads["body"])]
    near, distance = np.empty(len(points), np.int64), np.empty(len(points))
    for first in range(0, len(points), 1000):
        some = points[first : first + 1000]
        square = (some**2).sum(1)[:, None] - 2 * some @ of.average_m.T + (of.average_m**2).sum(1)
        near[first : first + 1000] = square.argmin(axis=1)
        distance[first : first + 1000] = np.sqrt(np.maximum(square.min(axis=1), 0))
    return near, distance


def _part(name: str, piece: Piece, covered: Array | None) -> Part:
    """A piece without what outer pieces cover."""
    keep = np.ones(len(piece.triangles), bool)
    if covered is not None:
        keep = ~covered[piece.nearest[piece.triangles]].all(axis=1)
    used, triangles = np.unique(piece.triangles[keep], return_inverse=True)
    return Part(
        points_m=piece.points_m[used], triangles=triangles.reshape(-1, 3).astype(np.int32),
        slots=tuple(f"{name}/{s}" for s in piece.slots), slot=piece.slot[keep], skin=piece.skin[used],
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Whole:
    """One skinned mesh of all parts, its pelvis at the origin."""

    vertices_m: Array
    triangles: Array
    face_material: Array
    """(F,) int32 into `slots`."""
    slots: tuple[str, ...]
    """"garment/cloth"."""
    joints_m: Array
    skin_joints: Array
    skin_weights: Array
    tint: Array
    """(V, 3) float32."""


def joined(parts: list[Part], body: Shaped) -> Whole:
    """All parts as one mesh."""
    parts = [p for p in parts if len(p.triangles)]
    slots = tuple(dict.fromkeys(p.slots[i] for p in parts for i in np.unique(p.slot)))
    starts = np.cumsum([0, *(len(p.points_m) for p in parts)])
    joints, strength = strongest(np.concatenate([p.skin for p in parts]))
    tint = [p.tint if p.tint is not None else np.ones((len(p.points_m), 3)) for p in parts]
    numbers = [np.array([slots.index(s) if s in slots else 0 for s in p.slots])[p.slot] for p in parts]
    return Whole(
        vertices_m=(np.concatenate([p.points_m for p in parts]) - body.joints_m[0]).astype(np.float32),
        triangles=np.concatenate([p.triangles + s for p, s in zip(parts, starts, strict=False)]).astype(np.int32),
        face_material=np.concatenate(numbers).astype(np.int32),
        slots=slots,
        joints_m=(body.joints_m - body.joints_m[0]).astype(np.float32),
        skin_joints=joints,
        skin_weights=strength,
        tint=np.concatenate(tint).astype(np.float32),
    )
