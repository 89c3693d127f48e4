"""A human: a build and an outfit become one dressed mesh at rest, skinned, with nothing bare by accident."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.people import hair, kit, locks, skin
from scenes.people.bodies import Bodies, strongest
from scenes.people.fabric import AVERAGE, ground, skin_table
from scenes.people.part import Part
from scenes.people.shape import Build, Shaped, shaped
from scenes.people.skeleton import JOINTS
from scenes.people.tailor import Form, Pattern, Piece, form, made, over
from scenes.people.wardrobe import PATTERNS

NEAR_M = 0.035
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


class _Dressing:
    """A body while it is dressed: its grounds with what they wear already, and the pieces made so far."""

    def __init__(self, bodies: Bodies, build: Build, rng: np.random.Generator) -> None:
        self.bodies, self.rng = bodies, rng
        self.body = shaped(bodies, build)
        self.forms: dict[str, Form] = {}
        self.pieces: list[tuple[str, str, Piece]] = []
        self.hidden = np.zeros(len(self.body.points_m), bool)

    def on(self, name: str) -> Form:
        """A ground on this body."""
        if name not in self.forms:
            self.forms[name] = form(ground(self.bodies, name), self.body, self.rng)
        return self.forms[name]

    def wear(self, name: str, pattern: Pattern) -> None:
        """Makes a garment over all that is worn."""
        of = pattern.ground
        if of == "skirt":
            legs = self.on("tights")
            self.forms["skirt"] = over(self.on("skirt"), legs.points_m[~legs.arm], np.array(True))
        piece = made(pattern, self.on(of), self.rng)
        self.pieces.append((name, of, piece))
        self.forms[of] = replace(self.on(of), worn_m=np.maximum(self.on(of).worn_m, piece.height_m))
        self.hidden |= _beneath(self.bodies, of, piece)
        if of == "skirt":
            self.forms["tights"] = over(self.on("tights"), piece.points_m, ~self.on("tights").arm)

    def dress(self, dress: Dress) -> None:
        """Puts everything on."""
        for name in dress.garments:
            self.wear(name, PATTERNS[name])
        style = hair.STYLES[dress.hair]
        hat = hair.HEADGEAR[dress.headgear] if dress.headgear else None
        if style and dress.mask != "balaclava":
            self.wear("hair", hair.under(style, hat) if hat else style)
        if hat:
            self.wear(dress.headgear, hat)
        if dress.mask:
            self.wear(dress.mask, hair.MASKS[dress.mask])


def human(bodies: Bodies, build: Build, dress: Dress, rng: np.random.Generator) -> tuple[Shaped, list[Part]]:
    """The body's measures, and all its parts."""
    made_up = _Dressing(bodies, build, rng)
    made_up.dress(dress)
    body, on = made_up.body, made_up.on
    parts = [skin.bare(bodies, body, build, made_up.hidden, dress.gloves)]
    parts += [skin.eyes(bodies, body, rng), skin.lashes(bodies, body), skin.brows(on("face"))]
    covered: dict[str, Array] = {}
    for name, of, piece in reversed(made_up.pieces):  # outer ones first: what they cover is not made
        parts.append(_part(name, piece, covered.get(of)))
        if name == "hair" and dress.hair in locks.TUFTS:
            seen = _seen(piece, covered.get(of))
            parts.append(locks.tufts(locks.TUFTS[dress.hair], piece, seen, body, rng, pressed=bool(dress.headgear)))
        if piece.covers.any():
            covered[of] = covered.get(of, np.zeros(len(piece.covers), bool)) | piece.covers
    if dress.hair in locks.FALLS and dress.mask != "balaclava":
        parts.append(locks.falling(dress.hair, body, rng))
    if dress.hair == "bun" and not dress.headgear and dress.mask != "balaclava":
        parts.append(locks.bun(body, rng))
    parts += [kit.EXTRAS[name](body, on("tights"), on("scalp")) for name in dress.extras]
    return body, parts


def hidden_by(bodies: Bodies, build: Build, dress: Dress) -> Array:
    """(V,) bool: the pack's points that a dress hides."""
    made_up = _Dressing(bodies, build, np.random.Generator(np.random.PCG64(0)))
    made_up.dress(dress)
    return made_up.hidden


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
    plain = np.flatnonzero((of.corners == of.corners[:, :1]).all(axis=1))  # the pack's own: a quarter, 3 cm apart
    skin_m = of.average_m[plain]
    points = shaped(bodies, AVERAGE).points_m[np.unique(bodies.quads["body"])]
    near, distance = np.empty(len(points), np.int64), np.empty(len(points))
    for first in range(0, len(points), 1000):
        some = points[first : first + 1000]
        square = (some**2).sum(1)[:, None] - 2 * some @ skin_m.T + (skin_m**2).sum(1)
        near[first : first + 1000] = plain[square.argmin(axis=1)]
        distance[first : first + 1000] = np.sqrt(np.maximum(square.min(axis=1), 0))
    return near, distance


def _seen(piece: Piece, covered: Array | None) -> Array:
    """(F,) bool: a piece's triangles that no outer piece covers."""
    if covered is None:
        return np.ones(len(piece.triangles), bool)
    return ~np.asarray(covered[piece.nearest[piece.triangles]].all(axis=1))


def _part(name: str, piece: Piece, covered: Array | None) -> Part:
    """A piece without what outer pieces cover."""
    keep = _seen(piece, covered)
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
