"""Furniture: what stands along an indoor wall, each piece built from the wall outwards.

A wall is named by its side: +1 stands at y = half, -1 at y = -half, both looking at the middle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from scenes.mesh import Mesh, box, lathe, merged, rod
from scenes.motion.steps import Stand
from scenes.venues.place import Mark, Rectangle

Part = tuple[str, str, Mesh]
"""Name of the solid, name of its material, mesh."""
Thing = tuple[str, Rectangle | None, list[Part]]
"""Name, what it takes of the floor, parts."""


BENCH_M = 0.455
"""Height of a bench's boards."""


def on_wall(side: int, half: float, x0: float, x1: float, z0: float, z1: float, thick_m: float) -> Mesh:
    """A plate on a side wall (+1 left, -1 right)."""
    y0, y1 = sorted((side * half, side * (half - thick_m)))
    return box((x0, y0, z0), (x1, y1, z1))


def _extinguisher(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    y, z = side * (half - 0.11), 0.55
    body = lathe([(0, 0.07), (0.02, 0.082), (0.38, 0.082), (0.45, 0.05), (0.47, 0.025)]).moved((x, y, z))
    top = merged([rod((x, y, z + 0.46), (x, y, z + 0.53), 0.02), rod((x, y, z + 0.51), (x + 0.11, y, z + 0.54), 0.012),
                  rod((x + 0.07, y, z + 0.50), (x + 0.095, y, z + 0.14), 0.011)])  # fmt: skip
    plate = on_wall(side, half, x - 0.14, x + 0.14, 1.35, 1.63, 0.006)
    return name, None, [(name, "red_enamel", body), (f"{name}_top", "plastic_black", top),
                        (f"{name}_plate", "red_enamel", plate)]  # fmt: skip


def _board(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    w, z0, z1 = width_m / 2 - 0.03, 1.15, 1.85
    frame = on_wall(side, half, x - w - 0.03, x + w + 0.03, z0 - 0.03, z1 + 0.03, 0.014)
    cork = on_wall(side, half, x - w, x + w, z0, z1, 0.018)
    sheets: dict[str, list[Mesh]] = {"paper_white": [], "paper_yellow": [], "paper_blue": []}
    for _ in range(int(rng.integers(4, 8))):
        sx, sz = x + rng.uniform(-w + 0.12, w - 0.12), rng.uniform(z0 + 0.17, z1 - 0.17)
        kind = str(rng.choice(list(sheets), p=(0.6, 0.2, 0.2)))
        sheets[kind].append(on_wall(side, half, sx - 0.105, sx + 0.105, sz - 0.148, sz + 0.148,
                                     0.0195 + 0.001 * rng.random()))  # fmt: skip
    return name, None, [(name, "bench_wood", frame), (f"{name}_cork", "cork", cork),
                        *((f"{name}_{kind}", kind, merged(m)) for kind, m in sheets.items() if m)]  # fmt: skip


def _boxes(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    z, cartons, tapes, widest = 0.0, [], [], 0.0
    for _ in range(int(rng.integers(1, 4))):
        w, d, h = rng.uniform(0.32, 0.46), rng.uniform(0.28, 0.38), rng.uniform(0.22, 0.36)
        y = side * (half - 0.03 - d / 2)
        dx = rng.uniform(-0.04, 0.04)
        cartons.append(box((x + dx - w / 2, y - d / 2, z), (x + dx + w / 2, y + d / 2, z + h)))
        tapes.append(
            box((x + dx - 0.03, y - d / 2 - 0.001, z + h * 0.6), (x + dx + 0.03, y + d / 2 + 0.001, z + h + 0.001))
        )
        z, widest = z + h, max(widest, d)
    return name, _floor(x, 0.54, side, half, widest + 0.04), [(name, "cardboard", merged(cartons)),
                                                       (f"{name}_tape", "packing_tape", merged(tapes))]  # fmt: skip


def _bench(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    w = width_m / 2
    y0, y1 = sorted((side * (half - 0.04), side * (half - 0.40)))
    seat = [box((x - w, y0 + k * 0.124, 0.42), (x + w, y0 + k * 0.124 + 0.11, BENCH_M)) for k in range(3)]
    legs = [box((x + s * (w - 0.08) - 0.02, y0 + 0.02, 0.0), (x + s * (w - 0.08) + 0.02, y1 - 0.02, 0.42)) for s in
            (-1, 1)]  # fmt: skip
    return name, _floor(x, 2 * w, side, half, 0.42), [(name, "bench_wood", merged(seat)),
                                                      (f"{name}_legs", "steel_painted", merged(legs))]  # fmt: skip


def seats(name: str, bench: Rectangle, side: int) -> list[Mark]:
    """Where people stand who then sit down on a bench: two on a long one, nobody on a stump."""
    x0, y0, x1, y1 = bench
    y = y0 - 0.18 if side > 0 else y1 + 0.18  # calves clear of the edge, hips over the boards
    room = x1 - x0
    ahead = () if room < 0.55 else (0.0,) if room < 1.28 else (-0.36, 0.36)
    return [Mark(name=f"seat_{name}_{i}", stand=Stand(xy_m=((x0 + x1) / 2 + dx, y), heading_rad=-side * np.pi / 2),
                 height_m=BENCH_M) for i, dx in enumerate(ahead)]  # fmt: skip


def _bin(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    shell = lathe([(0.0, 0.13), (0.55, 0.165), (0.58, 0.17), (0.60, 0.10)], sides=20)
    return (
        name,
        _floor(x, 0.36, side, half, 0.37),
        [(name, "plastic_black", shell.moved((x, side * (half - 0.19), 0.0)))],
    )


def _cabinet(name: str, x: float, side: int, half: float, width_m: float, rng: np.random.Generator) -> Thing:
    door = on_wall(side, half, x - 0.2, x + 0.2, 0.98, 1.48, 0.13)
    seams = on_wall(side, half, x - 0.17, x + 0.17, 1.01, 1.45, 0.137)
    knob = on_wall(side, half, x + 0.12, x + 0.145, 1.19, 1.27, 0.155)
    return name, None, [(name, "steel_painted", door), (f"{name}_door", "plastic_white", seams),
                        (f"{name}_knob", "plastic_black", knob)]  # fmt: skip


def _floor(x: float, width_m: float, side: int, half: float, depth_m: float) -> Rectangle:
    """What a thing at a wall takes of the floor."""
    y0, y1 = sorted((side * half, side * (half - depth_m)))
    return (x - width_m / 2, y0, x + width_m / 2, y1)


class Kind(NamedTuple):
    """One row of THINGS."""

    width_m: float
    """What it takes of the wall; boards and benches shrink with the wall there is, the rest is never wider."""
    make: Callable[[str, float, int, float, float, np.random.Generator], Thing]
    """Makes it of a name, x of its middle, side, half the room's width, its width, and a lane."""


THINGS: dict[str, Kind] = {
    "extinguisher": Kind(0.28, _extinguisher),
    "board": Kind(0.92, _board),
    "boxes": Kind(0.54, _boxes),
    "bench": Kind(1.30, _bench),
    "bin": Kind(0.36, _bin),
    "cabinet": Kind(0.40, _cabinet),
}
