"""Kit: what is worn on the body and is no cloth shell: peaks, ear defenders, packs, radios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from scenes.mesh import Array, Mesh, lathe, merged
from scenes.people.part import Part
from scenes.people.shape import Shaped
from scenes.people.skeleton import JOINTS
from scenes.people.skin import head_points
from scenes.people.tailor import Form

Extra = Callable[[Shaped, Form, Form], Part]
"""A part on a body, given what is worn on the second skin and on the scalp."""


def rounded_box(low: Array, high: Array, power: float = 5.0, cells: int = 9) -> Mesh:
    """A box with soft edges and slightly bulging sides."""
    sides = []
    u, v = np.meshgrid(np.linspace(-1, 1, cells), np.linspace(-1, 1, cells), indexing="ij")
    cell = (np.arange(cells - 1)[:, None] * cells + np.arange(cells - 1)).ravel()
    quads = np.stack([cell, cell + cells, cell + cells + 1, cell + 1], 1)
    for axis in range(3):
        for sign in (1, -1):
            p = np.empty((cells * cells, 3))
            p[:, axis], p[:, (axis + 1) % 3], p[:, (axis + 2) % 3] = sign, (u * sign).ravel(), v.ravel()
            sides.append(
                Mesh(p.astype(np.float32), np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]]).astype(np.int32))
            )
    cube = merged(sides)
    unit = cube.vertices_m / ((np.abs(cube.vertices_m) ** power).sum(axis=1, keepdims=True) ** (1 / power))
    middle, half = (np.asarray(low) + high) / 2, (np.asarray(high) - low) / 2
    return Mesh((middle + unit * half).astype(np.float32), cube.triangles)


def _rigid(name: str, mesh: Mesh, joints: dict[str, float], slot: str) -> Part:
    table = np.zeros((len(mesh.vertices_m), len(JOINTS)), np.float32)
    for joint, share in joints.items():
        table[:, JOINTS[joint]] = share
    return Part(points_m=mesh.vertices_m.astype(float), triangles=mesh.triangles, slots=(f"{name}/{slot}",),
                slot=np.zeros(len(mesh.triangles), np.int32), skin=table)  # fmt: skip


def _joined(*parts: Part) -> Part:
    slots = tuple(dict.fromkeys(s for p in parts for s in p.slots))
    mesh = merged(Mesh(p.points_m, p.triangles) for p in parts)
    return Part(
        points_m=np.concatenate([p.points_m for p in parts]), triangles=mesh.triangles, slots=slots,
        slot=np.concatenate([np.array([slots.index(s) for s in p.slots], np.int32)[p.slot] for p in parts]),
        skin=np.concatenate([p.skin for p in parts]),
    )  # fmt: skip


def _peak(long_m: float, z_m: float, reach: float, thick_m: float, name: str, cloth: str) -> Extra:
    """The peak of a cap or a helmet, out from its front rim."""

    def part(body: Shaped, on: Form, scalp: Form) -> Part:
        turn = np.linspace(-1.15, 1.15, 15)
        out = np.linspace(0, 1, 6)
        a, v = np.meshgrid(turn, out, indexing="ij")
        rim = np.stack([0.040 + 0.090 * reach * np.cos(a), 0.079 * reach * np.sin(a), np.full(a.shape, z_m)], -1)
        ahead = v * long_m * np.cos(a * 1.25) ** 0.8
        top = rim + np.stack([ahead, 0 * a, -0.30 * ahead - 0.10 * ahead * v + 0.018 * (np.cos(a) - 1) * v], -1)
        points = np.concatenate([top.reshape(-1, 3), top.reshape(-1, 3) - (0, 0, thick_m)])
        n, m = len(turn), len(out)
        cell = (np.arange(n - 1)[:, None] * m + np.arange(m - 1)).ravel()
        up = np.concatenate(
            [np.stack([cell, cell + 1, cell + m + 1], 1)[:, ::-1], np.stack([cell, cell + m + 1, cell + m], 1)[:, ::-1]]
        )
        edge = np.arange(n - 1) * m + m - 1
        side = np.concatenate(
            [np.stack([edge, edge + m, edge + m + n * m], 1), np.stack([edge, edge + m + n * m, edge + n * m], 1)]
        )
        faces = np.concatenate([up, up[:, ::-1] + n * m, side]).astype(np.int32)
        return _rigid(name, Mesh(head_points(body, points).astype(np.float32), faces), {"head": 1.0}, cloth)

    return part


def ear_defenders(body: Shaped, on: Form, scalp: Form) -> Part:
    """Two cups and a band over the crown."""
    cup = lathe([(0.0, 0.030), (0.006, 0.036), (0.022, 0.034), (0.030, 0.022)], axis=1, sides=20)
    place = head_points(body, np.array([[0.032, 0.080, 1.628], [0.032, -0.080, 1.628]]))
    wide = np.array([1.0, 1.0, 1.2])
    cups = [Mesh((cup.vertices_m * wide).astype(np.float32), cup.triangles).moved(place[0]),
            Mesh((cup.vertices_m * wide).astype(np.float32), cup.triangles).mirrored().moved(place[1])]  # fmt: skip
    angle = np.linspace(-1.55, 1.55, 25)
    high = float((scalp.worn_m[scalp.z > 1.72]).max()) if (scalp.z > 1.72).any() else 0.0
    rise = 0.100 + max(0.018, high)
    line = np.stack([np.full(25, 0.032), np.sin(angle) * 0.100, 1.640 + np.cos(angle) * (rise + 0.01)], 1)
    band = []
    for dx, dr in ((-0.008, 0.0), (0.008, 0.0), (0.008, 0.004), (-0.008, 0.004)):
        out = np.stack([np.zeros(25), np.sin(angle), np.cos(angle)], 1)
        band.append(line + (dx, 0, 0) + dr * out)
    points = np.concatenate(band)
    k = np.arange(24)
    faces = [
        np.stack(t, 1)
        for i in range(4)
        for t in (
            (k + 25 * i, k + 25 * ((i + 1) % 4), k + 1 + 25 * i),
            (k + 1 + 25 * i, k + 25 * ((i + 1) % 4), k + 1 + 25 * ((i + 1) % 4)),
        )
    ]
    arc = Mesh(head_points(body, points).astype(np.float32), np.concatenate(faces).astype(np.int32))
    return _joined(_rigid("ear_defenders", merged(cups), {"head": 1.0}, "shell"),
                   _rigid("ear_defenders", arc, {"head": 1.0}, "band"))  # fmt: skip


def _outside(on: Form, region: Array, axis: int, sign: int) -> float:
    """How far what is worn reaches along an axis, within a region of the second skin."""
    points = on.points_m + on.worn_m[:, None] * on.normals
    return float(sign * (sign * points[region, axis]).max())


def backpack(body: Shaped, on: Form, scalp: Form) -> Part:
    """A rucksack on the back, with a pocket."""
    s = body.scale
    trunk = ~on.arm & ~on.leg
    back = _outside(on, trunk & (np.abs(on.y) < 0.12) & (on.z > 1.10) & (on.z < 1.42), 0, -1) + 0.012
    low, high = np.array([back - 0.17 * s, -0.145 * s, 0.99 * s]), np.array([back, 0.145 * s, 1.46 * s])
    pocket_low, pocket_high = (
        np.array([back - 0.225 * s, -0.115 * s, 1.02 * s]),
        np.array([back - 0.12 * s, 0.115 * s, 1.22 * s]),
    )
    carried = {"chest": 0.8, "spine": 0.2}
    return _joined(_rigid("backpack", rounded_box(low, high), carried, "cloth"),
                   _rigid("backpack", rounded_box(pocket_low, pocket_high), carried, "trim"))  # fmt: skip


def radio(body: Shaped, on: Form, scalp: Form) -> Part:
    """A hand-held radio on the left of the chest, its aerial up."""
    spot = ~on.arm & (np.abs(on.y - 0.09) < 0.03) & (np.abs(on.z - 1.31) < 0.04) & (on.x > 0)
    front = _outside(on, spot, 0, 1)
    y, z = 0.09 * body.scale, 1.31 * body.scale
    case = rounded_box(
        np.array([front - 0.006, y - 0.028, z - 0.055]), np.array([front + 0.028, y + 0.028, z + 0.045]), 8.0, 5
    )
    aerial = lathe([(0.0, 0.006), (0.09, 0.0045)], sides=8).moved((front + 0.010, y + 0.016, z + 0.04))
    return _rigid("radio", merged([case, aerial]), {"chest": 1.0}, "shell")


EXTRAS: dict[str, Extra] = {
    "cap_peak": _peak(0.068, 1.694, 1.10, 0.003, "cap", "cloth"),
    "helmet_peak": _peak(0.030, 1.704, 1.28, 0.004, "helmet", "shell"),
    "ear_defenders": ear_defenders,
    "backpack": backpack,
    "radio": radio,
}
"""Row names are what Dress.extras holds."""
