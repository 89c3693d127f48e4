"""Locks: hair as strips, a few millimetres wide and each of its own shade, that break the outline of the shell below.

A shell alone looks like a cap: its edge is one line and its light is even.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenes.mesh import Array
from scenes.people.fabric import boundary
from scenes.people.part import Part
from scenes.people.shape import Shaped
from scenes.people.skeleton import JOINTS
from scenes.people.skin import head_points
from scenes.people.tailor import Piece

STEPS = 7
"""Cross-sections of a hanging lock."""
KNOT_M = np.array([-0.075, 0.0, 1.672])
"""Where hair is tied, on the average head."""
WHORL_M = np.array([-0.020, 0.0, 1.76])
"""What hair grows away from, a little above the average crown."""


@dataclass(frozen=True, kw_only=True)
class Tufts:
    """Short strips all over a style."""

    count: int
    """Of a whole head; fewer under a hat."""
    long_m: float
    lift_m: float
    """How far the tip stands off the shell."""
    wild: float = 0.25
    """0 all the same way .. 2 every which way."""
    droop: float = 0.0
    """How far the tip hangs down, over its length."""
    back: bool = False
    """Combed to the knot, not away from the crown."""


TUFTS: dict[str, Tufts] = {
    "crop": Tufts(count=260, long_m=0.016, lift_m=0.002, wild=0.3),
    "short": Tufts(count=330, long_m=0.026, lift_m=0.004, wild=0.35),
    "medium": Tufts(count=340, long_m=0.048, lift_m=0.005, wild=0.3, droop=0.15),
    "bob": Tufts(count=380, long_m=0.060, lift_m=0.003, wild=0.15, droop=0.3),
    "long": Tufts(count=220, long_m=0.065, lift_m=0.003, wild=0.15, droop=0.3),
    "tied": Tufts(count=220, long_m=0.045, lift_m=0.001, wild=0.10, back=True),
    "bun": Tufts(count=220, long_m=0.045, lift_m=0.001, wild=0.10, back=True),
    "curly": Tufts(count=420, long_m=0.034, lift_m=0.010, wild=1.4, droop=0.2),
    "afro": Tufts(count=520, long_m=0.024, lift_m=0.011, wild=2.0),
}
"""style of hair -> its tufts; none on a shorn head."""
FALLS: dict[str, tuple[int, float]] = {"long": (190, 0.30), "tied": (70, 0.20)}
"""style -> (locks, length in metres) that hang free."""


def tufts(style: Tufts, piece: Piece, seen: Array, body: Shaped, rng: np.random.Generator, *, pressed: bool) -> Part:
    """Strips on the triangles of a shell that can be seen (F,), more of them along its edge; flat and none ahead of the
    temples where a hat presses them."""
    if pressed:
        ahead = head_points(body, np.array([[0.072, 0.0, 1.7]]))[0, 0]
        seen = seen & (piece.points_m[piece.triangles, 0].max(axis=1) < ahead)
        style = replace(style, lift_m=0.4 * style.lift_m, long_m=0.7 * style.long_m, wild=0.5 * style.wild, droop=0.4)
    triangles = piece.triangles[seen]
    corners = piece.points_m[triangles]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(cross, axis=1)
    at_edge = np.isin(triangles, np.unique(boundary(triangles))).any(axis=1)
    chance = np.cumsum(area * np.where(at_edge, 1.7, 1.0))
    count = int(style.count * min(1.0, len(triangles) / len(piece.triangles) + 0.15))
    chosen = np.searchsorted(chance, rng.random(count) * chance[-1]).clip(0, len(triangles) - 1)
    share = rng.dirichlet((1.0, 1.0, 1.0), count)
    root = np.einsum("nk,nka->na", share, corners[chosen])
    out = cross[chosen] / np.maximum(area[chosen], 1e-12)[:, None]
    goal, away = (KNOT_M, 1.0) if style.back else (WHORL_M, -1.0)
    flow = away * (head_points(body, goal[None]) - root)
    flow = flow / np.linalg.norm(flow, axis=1, keepdims=True) + style.wild * rng.normal(0, 0.6, (count, 3))
    flow -= (flow * out).sum(axis=1, keepdims=True) * out
    flow /= np.maximum(np.linalg.norm(flow, axis=1, keepdims=True), 1e-9)
    long = style.long_m * rng.uniform(0.55, 1.15, count) * np.where(at_edge[chosen] & (root[:, 0] > 0.06), 0.55, 1.0)
    across = np.cross(out, flow) * rng.uniform(0.0020, 0.0045, count)[:, None]
    stands = rng.uniform(0.2, 1.0, count)[:, None] * style.lift_m
    middle = root + 0.5 * long[:, None] * flow + (0.7 * stands + 0.0015 - 0.25 * _sinks(long)) * out
    tip = root + long[:, None] * flow + (stands - _sinks(long)) * out
    tip[:, 2] -= style.droop * long
    if style.droop:
        middle, tip = (_beside(p, root, style.lift_m, body) for p in (middle, tip))
    root = root - 0.0015 * out
    points = np.stack([root - across, root + across, middle - across, middle + across, tip], axis=1)
    first = 5 * np.arange(count)[:, None, None]
    faces = (first + np.array([[0, 1, 3], [0, 3, 2], [2, 3, 4]])).reshape(-1, 3)
    skin = np.repeat(piece.skin[triangles[chosen, 0]], 5, axis=0)
    return _part(points.reshape(-1, 3), faces, skin, np.repeat(_shades(count, rng), 5))


def _sinks(long: Array) -> Array:
    """(N, 1) how far a head of 9 cm radius falls away under a straight strip."""
    fall: Array = long[:, None] ** 2 / (2 * 0.09)
    return fall


def _beside(points: Array, roots: Array, lift_m: float, body: Shaped) -> Array:
    """Points of hair that hangs: below the temples no further out than their roots."""
    middle = head_points(body, np.array([[0.03, 0.0, 1.685]]))[0]
    reach, rooted = (np.hypot(*(p - middle)[:, :2].T) for p in (points, roots))
    pulled = np.minimum(1.0, (rooted + lift_m) / np.maximum(reach, 1e-6))[:, None]
    inward = np.concatenate([middle[:2] + pulled * (points - middle)[:, :2], points[:, 2:]], axis=1)
    beside: Array = np.where(roots[:, 2:] < middle[2], inward, points)
    return beside


def falling(style: str, body: Shaped, rng: np.random.Generator) -> Part:
    """Locks that hang from the head: all about it, or from a knot behind."""
    count, length_m = FALLS[style]
    down = np.linspace(0, 1, STEPS)[None]
    path, across = (_tail if style == "tied" else _curtain)(count, length_m, down, rng)
    turn = rng.normal(0, 0.5, (count, 1, 1))  # a strip that lies flush shows no strand
    outward = np.cross(across, (0.0, 0.0, 1.0))
    across = np.cos(turn) * across + np.sin(turn) * outward
    taper = np.array([0.7, 1.0, 1.0, 0.95, 0.8, 0.5, 0.06])[None, :, None]
    width = rng.uniform(0.0035, 0.0075, (count, 1, 1)) * taper
    average = np.stack([path - across * width, path + across * width], axis=2).reshape(-1, 3)
    k = 2 * (STEPS * np.arange(count)[:, None] + np.arange(STEPS - 1)).reshape(-1, 1)
    faces = (k[:, :, None] + np.array([[0, 1, 3], [0, 3, 2]])).reshape(-1, 3)
    shade = np.repeat(_shades(count, rng), 2 * STEPS)
    return _part(head_points(body, average), faces, head_skin(average), shade)


def _tail(count: int, length_m: float, down: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """(N, STEPS, 3) middles and (N, 1, 3) directions across of what hangs from the knot."""
    a, r = rng.uniform(0, 2 * np.pi, (count, 1)), 0.021 * np.sqrt(rng.uniform(0.1, 1, (count, 1)))
    drop = down * length_m * rng.uniform(0.7, 1.05, (count, 1))
    back = KNOT_M[0] - 0.045 * np.sin(np.clip(down * 2.2, 0, np.pi / 2))
    thin = 0.55 + 0.75 * np.sin(np.pi * np.clip(down + 0.1, 0, 1)) - 0.3 * down
    sway = 0.006 * np.sin(5 * down + rng.uniform(0, 6.3, (count, 1))) * down
    path = np.stack([back + r * np.cos(a) * thin + sway, r * np.sin(a) * thin + sway, KNOT_M[2] - drop], axis=2)
    return path, np.stack([-np.sin(a), np.cos(a), 0 * a], axis=2)


def _curtain(count: int, length_m: float, down: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """The same of what hangs all about the head but the face: over the shoulders at the sides, down the back behind."""
    a = rng.uniform(1.05, 2 * np.pi - 1.05, (count, 1))
    side = np.abs(np.sin(a)) * (np.cos(a) > -0.75)
    start = 1.69 - 0.07 * rng.uniform(size=(count, 1))
    end = np.minimum(start - length_m * rng.uniform(0.72, 1.0, (count, 1)) * (1 - 0.35 * side), 1.50)
    end = np.where(side > 0.4, np.maximum(end, 1.465), end) + rng.uniform(0, 0.02, (count, 1))
    z = start + (end - start) * down
    layer = rng.uniform(-0.004, 0.009, (count, 1)) * np.sin(np.pi * np.clip(down + 0.15, 0, 1))
    wide = 1 + np.where(np.cos(a) > -0.6, 0.28, 0.60) * np.clip((1.56 - z) / 0.12, 0, 1)
    wide = wide + 0.05 * np.sin(7 * down + rng.uniform(0, 6.3, (count, 1)))
    bent = a + 0.07 * np.sin(5 * down + rng.uniform(0, 6.3, (count, 1))) * down
    path = np.stack([0.030 + (0.098 * wide + layer) * np.cos(bent), (0.088 * wide + layer) * np.sin(bent), z], axis=2)
    return path, np.stack([-np.sin(a), np.cos(a), 0 * a], axis=2)


def bun(body: Shaped, rng: np.random.Generator) -> Part:
    """A knot of hair behind the crown, wound of locks."""
    count, along = 60, np.linspace(-1, 1, STEPS)[None]
    tilt, start = rng.uniform(0.0, np.pi, (count, 1)), rng.uniform(0, 2 * np.pi, (count, 1))
    arc = start + 1.1 * along
    ring = np.stack([0 * arc + 0.30 * np.sin(3 * arc), np.cos(arc), np.sin(arc)], axis=2)
    c, s = np.cos(tilt)[..., None], np.sin(tilt)[..., None]
    turned = np.concatenate([ring[..., :1] * c - ring[..., 1:2] * s, ring[..., :1] * s + ring[..., 1:2] * c,
                             ring[..., 2:]], axis=2)  # fmt: skip
    unit = turned / np.linalg.norm(turned, axis=2, keepdims=True)
    radius = 0.036 * rng.uniform(0.86, 1.03, (count, 1, 1)) * np.array([0.82, 1.0, 1.0])
    middle = np.array([-0.078, 0.0, 1.695])
    path = middle + unit * radius
    ahead = np.gradient(path, axis=1)
    across = np.cross(ahead, unit)
    across /= np.maximum(np.linalg.norm(across, axis=2, keepdims=True), 1e-9)
    width = rng.uniform(0.004, 0.008, (count, 1, 1))
    average = np.stack([path - across * width, path + across * width], axis=2).reshape(-1, 3)
    k = 2 * (STEPS * np.arange(count)[:, None] + np.arange(STEPS - 1)).reshape(-1, 1)
    faces = (k[:, :, None] + np.array([[0, 1, 3], [0, 3, 2]])).reshape(-1, 3)
    table = np.zeros((len(average), len(JOINTS)), np.float32)
    table[:, JOINTS["head"]] = 1
    return _part(head_points(body, average), faces, table, np.repeat(_shades(count, rng), 2 * STEPS))


def head_skin(average: Array) -> Array:
    """(P, J) weights of what hangs from the head: below the chin more and more the chest's."""
    low = np.clip((1.56 - average[:, 2]) / 0.12, 0, 1)
    table = np.zeros((len(average), len(JOINTS)), np.float32)
    table[:, JOINTS["head"]] = np.clip(1 - 2 * low, 0, 1)
    table[:, JOINTS["chest"]] = np.clip(2 * low - 1, 0, 1)
    table[:, JOINTS["neck"]] = 1 - table[:, JOINTS["head"]] - table[:, JOINTS["chest"]]
    return table


def _shades(count: int, rng: np.random.Generator) -> Array:
    """(N,) brightness of each strip over the hair's colour."""
    shade: Array = np.exp(rng.normal(-0.08, 0.28, count)).clip(0.45, 1.7)
    return shade


def _part(points: Array, faces: Array, skin: Array, shade: Array) -> Part:
    return Part(points_m=points, triangles=faces.astype(np.int32), slots=("hair/hair",),
                slot=np.zeros(len(faces), np.int32), skin=skin, tint=np.repeat(shade[:, None], 3, axis=1))  # fmt: skip
