"""Mesh: vertices and triangles in metres, and the few solids of which rooms and props are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Field = Callable[[Array], Array]
"""Signed distance in metres (N,) of points (N, 3); negative inside."""


class Mesh(NamedTuple):
    """Triangles, counter-clockwise seen from outside."""

    vertices_m: Array
    """(V, 3) float32."""
    triangles: Array
    """(F, 3) int32."""

    def moved(self, by: tuple[float, float, float] | Array) -> Mesh:
        """The same, shifted."""
        return Mesh((self.vertices_m + np.asarray(by)).astype(np.float32), self.triangles)

    def turned(self, rotation: Array) -> Mesh:
        """The same, turned about its origin by a rotation matrix (3, 3)."""
        return Mesh((self.vertices_m @ np.asarray(rotation).T).astype(np.float32), self.triangles)

    def mirrored(self) -> Mesh:
        """The mirror image in the plane y = 0, still facing outwards."""
        return Mesh((self.vertices_m * (1, -1, 1)).astype(np.float32), self.triangles[:, ::-1].copy())

    def centres(self) -> Array:
        """(F, 3) centroids of the triangles."""
        centres: Array = self.vertices_m[self.triangles].mean(axis=1)
        return centres


def merged(meshes: Iterable[Mesh]) -> Mesh:
    """One mesh of many, in order."""
    parts = list(meshes)
    starts = np.cumsum([0, *(len(m.vertices_m) for m in parts)])
    return Mesh(
        np.concatenate([m.vertices_m for m in parts]).astype(np.float32),
        np.concatenate([m.triangles + s for m, s in zip(parts, starts, strict=False)]).astype(np.int32),
    )


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Mesh:
    """An axis-aligned box between two corners."""
    corner = np.array([[(i >> a) & 1 for a in range(3)] for i in range(8)])
    quads = [(0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return Mesh(np.where(corner, high, low).astype(np.float32), np.array(triangles, np.int32))


def lathe(profile: list[tuple[float, float]], *, axis: int = 2, sides: int = 16) -> Mesh:
    """A body of revolution: (height along the axis, radius) from bottom to top; closed by its end discs."""
    angle = np.arange(sides) * 2 * np.pi / sides
    rings = [np.stack([r * np.cos(angle), r * np.sin(angle), np.full(sides, h)], axis=1) for h, r in profile]
    ends = [[0.0, 0.0, profile[0][0]], [0.0, 0.0, profile[-1][0]]]
    vertices = np.concatenate([*rings, ends])
    here, there = np.arange(sides), np.roll(np.arange(sides), -1)
    triangles = []
    for ring in range(len(profile) - 1):
        a, b = ring * sides, (ring + 1) * sides
        triangles += [np.stack([a + here, a + there, b + there], 1), np.stack([a + here, b + there, b + here], 1)]
    low, high, top = len(profile) * sides, len(profile) * sides + 1, (len(profile) - 1) * sides
    triangles += [np.stack([np.full(sides, low), there, here], 1)]
    triangles += [np.stack([np.full(sides, high), top + here, top + there], 1)]
    return Mesh(np.roll(vertices, axis - 2, axis=1).astype(np.float32), np.concatenate(triangles).astype(np.int32))


def rod(start: tuple[float, float, float], end: tuple[float, float, float], radius_m: float, sides: int = 10) -> Mesh:
    """A round bar between two points."""
    along = np.asarray(end, float) - np.asarray(start, float)
    length = float(np.linalg.norm(along))
    z = along / length
    x = np.cross(z, (0.0, 1.0, 0.0) if abs(z[1]) < 0.9 else (1.0, 0.0, 0.0))
    x /= np.linalg.norm(x)
    turn = np.stack([x, np.cross(z, x), z], axis=1)
    return lathe([(0.0, radius_m), (length, radius_m)], sides=sides).turned(turn).moved(start)


def surface(field: Field, *, low: tuple[float, float, float], high: tuple[float, float, float], step_m: float) -> Mesh:
    """The zero surface of a signed distance, by naive surface nets: one vertex per crossed cell of the grid."""
    axes = [lo + step_m * np.arange(int(np.ceil((hi - lo) / step_m)) + 1) for lo, hi in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    d = field(grid.reshape(-1, 3)).reshape(grid.shape[:3])
    inside = d < 0
    cells = tuple(n - 1 for n in d.shape)
    total, crossings = np.zeros((*cells, 3)), np.zeros(cells)
    quads = []
    for axis in range(3):
        near, far = _ends(d, axis)
        crossed = (near < 0) != (far < 0)
        share = np.divide(near, near - far, out=np.zeros_like(near), where=crossed)
        others = [a for a in range(3) if a != axis]
        for u, v in ((0, 0), (1, 0), (0, 1), (1, 1)):
            corner = [slice(None)] * 3
            corner[others[0]] = slice(u, u + cells[others[0]])
            corner[others[1]] = slice(v, v + cells[others[1]])
            hit = crossed[tuple(corner)]
            offset = np.zeros((*cells, 3))
            offset[..., axis], offset[..., others[0]], offset[..., others[1]] = share[tuple(corner)], u, v
            total += np.where(hit[..., None], offset, 0)
            crossings += hit
        quads.append(_quads(crossed, inside, axis))
    used = crossings > 0
    number = np.full(cells, -1)
    number[used] = np.arange(used.sum())
    where = np.argwhere(used) + total[used] / crossings[used][:, None]
    faces = np.concatenate([number[tuple(np.moveaxis(q, -1, 0))] for q in quads])
    triangles = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    return Mesh((np.asarray(low) + where * step_m).astype(np.float32), triangles.astype(np.int32))


def _ends(d: Array, axis: int) -> tuple[Array, Array]:
    """Values at both ends of every grid edge along an axis."""
    n = d.shape[axis]
    return np.take(d, range(n - 1), axis=axis), np.take(d, range(1, n), axis=axis)


def _quads(crossed: Array, inside: Array, axis: int) -> Array:
    """(Q, 4, 3) cell indices around every crossed inner edge along an axis, facing outwards."""
    b, c = (axis + 1) % 3, (axis + 2) % 3
    edge = np.argwhere(crossed)
    keep = (edge[:, b] > 0) & (edge[:, c] > 0)
    keep &= (edge[:, b] < crossed.shape[b] - 1) & (edge[:, c] < crossed.shape[c] - 1)
    edge = edge[keep]
    around = np.repeat(edge[:, None], 4, axis=1)
    around[:, :, b] -= (1, 0, 0, 1)
    around[:, :, c] -= (1, 1, 0, 0)
    starts_inside = inside[tuple(edge.T)]
    return np.where(starts_inside[:, None, None], around, around[:, ::-1])


# --- signed distances ----------------------------------------------------------------------------------------------


def capsule(p: Array, start: Any, end: Any, start_radius_m: float, end_radius_m: float) -> Array:
    """A round limb from one radius to another."""
    a, along = np.asarray(start, float), np.asarray(end, float) - np.asarray(start, float)
    share = np.clip((p - a) @ along / (along @ along), 0, 1)
    distance: Array = np.linalg.norm(p - a - share[:, None] * along, axis=1)
    limb: Array = distance - (start_radius_m + (end_radius_m - start_radius_m) * share)
    return limb


def ellipsoid(p: Array, centre: Any, radii_m: Any) -> Array:
    """An ellipsoid, exact to first order near its surface."""
    q = (p - np.asarray(centre, float)) / np.asarray(radii_m, float)
    k0 = np.linalg.norm(q, axis=1)
    k1 = np.linalg.norm(q / np.asarray(radii_m, float), axis=1)
    d: Array = k0 * (k0 - 1) / np.maximum(k1, 1e-9)
    return d


def block(p: Array, low: Any, high: Any, round_m: float) -> Array:
    """A box with rounded edges."""
    centre, half = (np.asarray(low) + np.asarray(high)) / 2, (np.asarray(high) - np.asarray(low)) / 2 - round_m
    q = np.abs(p - centre) - half
    d: Array = np.linalg.norm(np.maximum(q, 0), axis=1) + np.minimum(q.max(axis=1), 0) - round_m
    return d


def blend(parts: Iterable[Array], k_m: float) -> Array:
    """The union of distances, filleted over about k_m."""
    first, *rest = parts
    d = first
    for other in rest:
        h = np.maximum(k_m - np.abs(d - other), 0) / k_m
        d = np.minimum(d, other) - h * h * k_m / 4
    return d
