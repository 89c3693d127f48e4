"""The tailor: makes a pattern's garment on one body: heights over the second skin that hang and fold, cut and hemmed.

Lengths along the body are those of the average body of 1.75 m; ease, thickness and folds are metres on the wearer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from scenes.mesh import Array
from scenes.people.fabric import (
    LIMBS,
    Ground,
    Sheet,
    boundary,
    bridged,
    cut,
    mean_around,
    normals,
    only,
    panel,
    points_on,
)
from scenes.people.shape import Shaped
from scenes.people.skeleton import JOINTS

Line = Callable[["Form"], Array]
"""(V,) a distance in metres on the average body, negative on the side that is kept or panelled."""

GAP_M = 0.0025
"""Between two layers of cloth."""
SMOOTHED = 14
"""Rounds of smoothing on the normals that heights stand on: with 14 a height of 6 cm crosses itself nowhere."""
TURNS, LEVELS = 40, 48
"""Directions and heights at which the trunk's outline is taken to hang cloth from it."""


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """How one kind of garment is cut and how it falls."""

    keep: tuple[Line, ...]
    """It covers where all of them are negative."""
    ground: str = "tights"
    """tights, the second skin, or skirt, the hull about both legs."""
    ease_m: float = 0.008
    """Least height over the second skin."""
    hang: float = 0.0
    """0 follows the trunk .. 1 falls straight down from chest, belly and seat."""
    sleeve_m: tuple[float, float] = (0.0, 0.0)
    """Least radius of the sleeve at the shoulder and at the wrist."""
    leg_m: tuple[float, float] = (0.0, 0.0)
    """Least radius of the leg at the hip and at the ankle."""
    fold_m: float = 0.004
    """Depth of its folds."""
    flare: Callable[[Form], Array] | None = None
    """Height over all the rest, m: collars, padding, pockets."""
    panels: tuple[tuple[Line, int], ...] = ()
    """(line, slot): other cloth where the line is negative, in order."""
    slots: tuple[str, ...] = ("cloth",)
    """Names of its cloths; the first is the garment's own."""
    lip_m: float = 0.003
    """Thickness of the edge."""
    hides: bool = True
    """What it covers is not made; False for straps and what gapes."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A ground on one body, with what patterns ask of it."""

    of: Ground
    points_m: Array
    """(V, 3) at rest."""
    normals: Array
    """(V, 3) that heights stand on."""
    along_m: Array
    """(V,) from the shoulder or the hip along the limb, on the average body; on the trunk, downwards from 1.5 m."""
    angle: Array
    """(V,) about the limb or the trunk, rad, 0 ahead."""
    radius_m: Array
    """(V,) from the limb's bone, on the wearer; on the trunk, from the body's axis."""
    grain: Array
    """(V,) smooth noise, -1..1, the wearer's own."""
    worn_m: Array
    """(V,) height of what is worn already."""

    @property
    def x(self) -> Array:
        """(V,) ahead, on the average body."""
        return np.asarray(self.of.average_m[:, 0])

    @property
    def y(self) -> Array:
        """(V,) to the left."""
        return np.asarray(self.of.average_m[:, 1])

    @property
    def z(self) -> Array:
        """(V,) up."""
        return np.asarray(self.of.average_m[:, 2])

    @property
    def arm(self) -> Array:
        """(V,) bool: of a sleeve."""
        return np.asarray((self.of.limb == 1) | (self.of.limb == 2))

    @property
    def leg(self) -> Array:
        """(V,) bool: of a trouser leg."""
        return np.asarray((self.of.limb == 3) | (self.of.limb == 4))


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A made garment at rest: what a figure needs of it, its cloths by slot."""

    points_m: Array
    """(P, 3)."""
    triangles: Array
    """(F, 3) int32."""
    slot: Array
    """(F,) int32 into `slots`."""
    slots: tuple[str, ...]
    skin: Array
    """(P, J) float32 weights."""
    nearest: Array = field(repr=False)
    """(P,) the vertex of its ground that each point is next to."""
    covers: Array = field(repr=False)
    """(V,) bool of its ground: what is under it cannot be seen."""
    height_m: Array = field(repr=False)
    """(V,) of its outside over the ground, 0 where it is not."""


def form(of: Ground, body: Shaped, rng: np.random.Generator) -> Form:
    """The ground on one body, nothing worn."""
    points = points_on(of, body)
    along, angle, radius = np.empty(len(points)), np.empty(len(points)), np.empty(len(points))
    for number, limb in enumerate(LIMBS):
        mine = of.limb == number
        if limb == "trunk":
            average = of.average_m[mine]
            along[mine], angle[mine] = 1.5 - average[:, 2], np.arctan2(average[:, 1], average[:, 0] - 0.02)
            radius[mine] = np.hypot(points[mine, 0] - 0.02, points[mine, 1])
            continue
        chain = [f"{j}_{limb[-1]}" for j in (("shoulder", "elbow", "wrist") if limb[:3] == "arm" else
                                             ("hip", "knee", "ankle"))]  # fmt: skip
        joints = body.joints_m[[JOINTS[j] for j in chain]]
        along[mine], angle[mine], radius[mine] = _about(points[mine], joints)
        along[mine] /= body.scale
    out = normals(points, of.triangles, of.around, smooth=SMOOTHED)
    return Form(
        of=of, points_m=points, normals=_level(of, _upright(bridged(of, out))),
        along_m=along, angle=angle, radius_m=radius, grain=_grain(of.average_m, rng),
        worn_m=np.full(len(points), 0.001),
    )  # fmt: skip


def _level(of: Ground, out: Array) -> Array:
    """Normals that above the crotch do not look down: a hem there hangs, it is not drawn between the legs."""
    high = (of.average_m[:, 2] > 0.825) & (of.average_m[:, 2] < 1.1) & (of.limb != 1) & (of.limb != 2)
    out = out.copy()
    out[high, 2] = np.maximum(out[high, 2], -0.3)
    return _upright(out)


def _upright(vectors: Array) -> Array:
    unit: Array = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _about(points: Array, joints: Array) -> tuple[Array, Array, Array]:
    """Lengths along a two-boned limb, angles about it and distances from it."""
    first, second = joints[1] - joints[0], joints[2] - joints[1]
    length = np.linalg.norm(first)
    best: list[tuple[Array, Array]] = []
    for start, bone, low, high in ((joints[0], first, -1.0, 1.0), (joints[1], second, 0.0, 1.5)):
        share = np.clip((points - start) @ bone / (bone @ bone), low, high)
        best.append((share * np.linalg.norm(bone), points - start - share[:, None] * bone))
    far = np.linalg.norm(best[1][1], axis=1) < np.linalg.norm(best[0][1], axis=1)
    along = np.where(far, best[1][0] + length, best[0][0])
    off = np.where(far[:, None], best[1][1], best[0][1])
    return along, np.arctan2(off[:, 1], off[:, 0]), np.linalg.norm(off, axis=1)


def _grain(average: Array, rng: np.random.Generator) -> Array:
    """A few waves of 8 to 30 cm in all directions."""
    waves = rng.normal(0, 1, (10, 3))
    waves *= (2 * np.pi / rng.uniform(0.08, 0.3, 10) / np.linalg.norm(waves, axis=1))[:, None]
    mixed: Array = np.sin(average @ waves.T + rng.uniform(0, 2 * np.pi, 10)).sum(axis=1) / 4
    return np.clip(mixed, -1, 1)


def over(on: Form, points: Array, mine: Array) -> Form:
    """A form that wears, where `mine` says so, whatever else reaches out beyond it: points by direction and height."""

    def cells(p: Array) -> tuple[Array, Array, Array]:
        turn = ((np.arctan2(p[:, 1], p[:, 0] - 0.02) + np.pi) / (2 * np.pi) * TURNS).astype(int) % TURNS
        return np.clip(p[:, 2] / 0.02, 0, 99).astype(int), turn, np.hypot(p[:, 0] - 0.02, p[:, 1])

    reach = np.zeros((100, TURNS))
    level, turn, radius = cells(points)
    np.maximum.at(reach, (level, turn), radius)
    for axis in (1, 0):
        around = np.maximum(np.roll(reach, 1, axis=axis), np.roll(reach, -1, axis=axis))
        reach = np.where(reach > 0, reach, around)
    level, turn, radius = cells(on.points_m)
    outside = np.clip(reach[level, turn] - radius, 0, 0.08)
    outside = 0.5 * outside + 0.5 * mean_around(outside, on.of.around)
    near = np.interp(outside, (0.0, 0.004), (0.0, 1.0))
    level_out = np.concatenate([on.points_m[:, :2] - (0.02, 0), np.zeros((len(outside), 1))], axis=1)
    share = (np.clip(outside / 0.02, 0, 1) * mine)[:, None]  # between the legs the skin faces down, and cloth does not
    out = _upright((1 - share) * on.normals + share * _upright(level_out))
    return replace(on, normals=out, worn_m=np.where(mine, np.maximum(on.worn_m, outside * near), on.worn_m))


def made(pattern: Pattern, on: Form, rng: np.random.Generator) -> Piece:
    """The garment on the form, over what is worn."""
    keep = np.maximum.reduce([line(on) for line in pattern.keep])
    if pattern.hang:
        keep = np.maximum(keep, _between_the_legs(on))
    under = on.worn_m + GAP_M
    height = np.maximum(_fitted(pattern, on), under)
    for _ in range(6):
        height = np.maximum(0.5 * height + 0.5 * mean_around(height, on.of.around), under)
    height = height + _folds(pattern, on, rng)
    if pattern.flare:
        height = np.maximum(height + pattern.flare(on), under)
    height = np.maximum(_apart(on, height), under)
    sheet = _sheet(pattern, on, keep, height)
    points, skin, nearest, triangles, slot = _edged(sheet, pattern)
    return Piece(
        points_m=points, triangles=triangles, slot=slot, slots=pattern.slots, skin=skin, nearest=nearest,
        covers=(keep < -0.025) & pattern.hides, height_m=np.where(keep < 0.01, height, 0.0),
    )  # fmt: skip


def _between_the_legs(on: Form) -> Array:
    """(V,) negative but right above the crotch, where what hangs has no cloth."""
    return np.where((on.z < 0.93) & ~on.arm, 0.065 - np.hypot(on.x - 0.01, on.y), -1.0)


def _fitted(pattern: Pattern, on: Form) -> Array:
    """(V,) heights of the smooth garment."""
    height = np.full(len(on.radius_m), pattern.ease_m)
    for limb, radii, length in ((on.arm, pattern.sleeve_m, 0.49), (on.leg, pattern.leg_m, 0.84)):
        share = np.clip(on.along_m / length, 0, 1)
        wanted = radii[0] + share * (radii[1] - radii[0]) - on.radius_m
        begins = np.clip((on.along_m - 0.03) / 0.10, 0, 1)  # no wider than the trunk where the limb leaves it
        height = np.where(limb, np.maximum(height, begins * wanted), height)
    if pattern.hang:
        height = np.maximum(height, np.where(on.arm, 0, pattern.hang * np.clip(_hung(on) - on.radius_m, 0, 0.07)))
    return height


def _hung(on: Form) -> Array:
    """(V,) radius of the trunk's outline, carried straight down from where it is widest."""
    body = ~on.arm & (on.z > 0.62)
    turn = ((on.angle + np.pi) / (2 * np.pi) * TURNS).astype(int) % TURNS
    level = np.clip((1.50 - on.z) / 0.9 * LEVELS, 0, LEVELS - 1).astype(int)
    outline = np.zeros((LEVELS, TURNS))
    around = np.hypot(on.points_m[:, 0] - 0.02, on.points_m[:, 1])
    angle = np.arctan2(on.points_m[:, 1], on.points_m[:, 0] - 0.02)
    turn = np.where(on.leg, ((angle + np.pi) / (2 * np.pi) * TURNS).astype(int) % TURNS, turn)
    np.maximum.at(outline, (level[body], turn[body]), around[body])
    for _ in range(2):  # across the hollow between the breasts, the shoulder blades and the seat
        outline = np.maximum(outline, 0.5 * (np.roll(outline, 2, axis=1) + np.roll(outline, -2, axis=1)))
    for row in range(int(LEVELS * 0.2), LEVELS):
        outline[row] = np.maximum(outline[row], outline[row - 1] - 0.003)
    for _ in range(3):
        outline = (outline + np.roll(outline, 1, axis=1) + np.roll(outline, -1, axis=1)) / 3
    hung: Array = np.where(body, outline[level, turn], 0)
    return np.where(on.leg, on.radius_m + np.clip(hung - around, 0, 1) * np.clip((on.z - 0.7) / 0.1, 0, 1), hung)


def _folds(pattern: Pattern, on: Form, rng: np.random.Generator) -> Array:
    """(V,) folds where cloth bends and where it lies loose, never inwards."""
    phase = rng.uniform(0, 2 * np.pi, 6)
    u, a, g = on.along_m, on.angle, on.grain

    def ridges(x: Array) -> Array:
        ridge: Array = (1 - np.abs(np.sin(x / 2))) ** 1.4
        return ridge

    def near(middle: float, width: float) -> Array:
        window: Array = np.exp(-(((u - middle) / width) ** 2))
        return window

    def across(length: float, slant: float, p: float, warp: float = 2.2) -> Array:
        return ridges(2 * np.pi * u / length + slant * np.sin(a + p) + warp * g + p)

    elbow = near(0.25, 0.09) * across(0.050, 2.0, phase[0]) + near(0.47, 0.06) * across(0.042, 1.2, phase[1])
    pit = near(0.05, 0.08) * across(0.060, 2.5, phase[2])
    knee = near(0.42, 0.10) * across(0.060, 2.0, phase[3]) + near(0.80, 0.07) * 1.3 * across(0.045, 1.0, phase[4])
    crotch = near(0.02, 0.10) * across(0.065, 3.0, phase[5])
    waist = np.exp(-(((on.z - 1.03) / 0.08) ** 2)) * ridges(2 * np.pi * on.z / 0.055 + 1.5 * np.sin(2 * a) + 2.5 * g)
    falls = np.clip((1.25 - on.z) / 0.4, 0, 1) * ridges(7 * a + 3 * g + phase[0]) * 0.6
    drags = (
        np.exp(-(((on.z - 1.30) / 0.10) ** 2)) * ridges(2 * np.pi * (on.z - 0.7 * np.abs(on.y)) / 0.075 + 2 * g) * 0.35
    )
    tube = 0.35 * ridges(2.5 * a + 14 * u + 2.5 * g + phase[1])
    trunk = waist + falls + drags
    depth = np.where(on.arm, elbow + pit + tube, np.where(on.leg, knee + crotch + tube, trunk))
    for _ in range(2):
        depth = 0.6 * depth + 0.4 * mean_around(depth, on.of.around)
    out: Array = pattern.fold_m * (depth + 0.35 * (1 + g))
    return out


def _apart(on: Form, height: Array) -> Array:
    """Heights lowered where one leg would reach through the other."""
    inward = -on.normals[:, 1] * np.sign(on.points_m[:, 1])
    room = np.maximum(np.abs(on.points_m[:, 1]) - 0.002, 0) / np.maximum(inward, 0.05)
    return np.where(on.leg & (inward > 0.05), np.minimum(height, room), height)


def _sheet(pattern: Pattern, on: Form, keep: Array, height: Array) -> Sheet:
    """The garment's outside: cut out and panelled, with its points and weights."""
    lines = {f"panel_{i}": line(on) for i, (line, _) in enumerate(pattern.panels)}
    points = on.points_m + height[:, None] * on.normals
    values = {"keep": keep, "points": points, "inner": on.points_m + on.worn_m[:, None] * on.normals,
              "number": np.arange(len(keep)),
              "skin": on.of.hanging if pattern.hang else on.of.skin, **lines}  # fmt: skip
    faces = (keep[on.of.triangles] < 0).any(axis=1)
    sheet = Sheet(values=values, triangles=on.of.triangles, slot=np.zeros(len(on.of.triangles), np.int32))
    sheet = cut(only(sheet, faces), "keep")
    for i, (_, slot) in enumerate(pattern.panels):
        sheet = panel(sheet, f"panel_{i}", slot)
    return sheet


def _edged(sheet: Sheet, pattern: Pattern) -> tuple[Array, Array, Array, Array, Array]:
    """Points, weights, ground vertices, triangles and slots, with a lip along every open edge: cloth has thickness."""
    points, skin, number = (sheet.values[k] for k in ("points", "skin", "number"))
    edges = boundary(sheet.triangles)
    rim, place = np.unique(edges, return_inverse=True)
    a, b = edges.T
    c, d = (len(points) + place.reshape(-1, 2)).T
    down = sheet.values["inner"][rim] - points[rim]
    depth = np.linalg.norm(down, axis=1, keepdims=True)
    lip = points[rim] + down * np.minimum(1.0, pattern.lip_m / np.maximum(depth, 1e-9))
    side = np.concatenate([np.stack([b, a, c], 1), np.stack([b, c, d], 1)]).astype(np.int32)
    slot_of_edge = _slot_of_edges(sheet, edges)
    return (
        np.concatenate([points, lip]),
        np.concatenate([skin, skin[rim]]),
        np.concatenate([number, number[rim]]),
        np.concatenate([sheet.triangles, side]),
        np.concatenate([sheet.slot, slot_of_edge, slot_of_edge]),
    )


def _slot_of_edges(sheet: Sheet, edges: Array) -> Array:
    """(E,) the slot of the triangle that each open edge belongs to."""
    size = len(sheet.values["points"])
    every = sheet.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    code = every[:, 0] * size + every[:, 1]
    order = np.argsort(code, kind="stable")
    at = np.searchsorted(code[order], edges[:, 0] * size + edges[:, 1])
    out: Array = sheet.slot[order[at] // 3]
    return out
