"""Corridor: an indoor passage of an invented building, closed at both ends, with doors, lamps and what stands about.

It runs along +X from x = 0; y = 0 is its middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scenes.light import placed
from scenes.materials import MATERIALS
from scenes.mesh import Mesh, box, lathe, merged, rod
from scenes.motion.steps import Stand
from scenes.shot import Solid
from scenes.venues.furniture import THINGS, Part, on_wall, seats
from scenes.venues.place import Mark, Place, Plan, Rectangle, corners

WALLS = {"cream": ("paint_cream", "dado_blue"), "grey": ("paint_grey", "dado_brown"), "mint": ("paint_mint",
         "dado_green"), "sand": ("paint_sand", "dado_brown"), "brick": ("brick_painted", "dado_green"),
         "red_brick": ("brick_red", "dado_blue")}  # fmt: skip
FLOORS = {"lino": "lino_grey", "green_lino": "lino_green", "tiles": "floor_tiles", "planks": "floor_planks",
          "concrete": "concrete"}  # fmt: skip
DOORS = {"wood": "wood_door", "painted": "paint_door"}

DOOR_WIDTH_M, DOOR_HEIGHT_M = 0.93, 2.04
DADO_M = 1.05
LAMP_M = (1.20, 0.30)


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """The knobs."""

    length_m: float = 14.0
    width_m: float = 2.4
    height_m: float = 2.6
    doors: int = 5
    lamps: int = 5
    clutter: int = 6
    """Things along the walls: boxes, bench, bin, notice board, extinguisher, cabinet."""
    wall: str = "cream"
    """A row of WALLS: upper and lower paint."""
    floor: str = "lino"
    """A row of FLOORS."""
    door: str = "wood"
    """A row of DOORS."""

    def __post_init__(self) -> None:
        for name, low, high in (("length_m", 4, 60), ("width_m", 1.5, 6), ("height_m", 2.2, 5), ("doors", 0, 40),
                                ("lamps", 1, 40), ("clutter", 0, 30)):  # fmt: skip
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be in {low}..{high}, got {getattr(self, name)}")
        for name, table in (("wall", WALLS), ("floor", FLOORS), ("door", DOORS)):
            if getattr(self, name) not in table:
                raise ValueError(f"{name} must be one of {', '.join(table)}, got {getattr(self, name)!r}")

    def laid_out(self, rng: np.random.Generator, first_track: int) -> Place:
        """The place; doors are tracked from `first_track` on."""
        doors = self._door_places(rng)
        parts: list[Part] = [*self._shell(), *self._trim(doors), *self._ceiling_things(), *self._end_doors()]
        furniture: list[tuple[str, Rectangle]] = []
        for name, rectangle, things in self._clutter(rng, doors):
            parts += things
            if rectangle:
                furniture.append((name, rectangle))
        tracked = {f"door_{i}": first_track + i for i in range(len(doors))}
        solids = [_solid(name, material, mesh, tracked) for name, material, mesh in parts]
        solids += [_solid(f"door_{i}", DOORS[self.door], self._leaf(x, side), tracked) for i, (x, side) in
                   enumerate(doors)]  # fmt: skip
        used = {s.material for s in solids}
        half = self.width_m / 2
        return Place(
            solids=tuple(solids),
            materials=tuple(m for name, m in MATERIALS.items() if name in used),
            lamps_m=tuple((x, 0.0, self.height_m - 0.075) for x in self._lamp_places()),
            # 7.5 W of lamp per square metre of floor light these walls to about a third of white
            lamp_power_w=7.5 * self.length_m * self.width_m / len(self._lamp_places()),
            lamp_size_m=LAMP_M,
            floor=(0.45, -half + 0.32, self.length_m - 0.45, half - 0.32),
            walls=(0.0, -half, self.length_m, half),
            furniture=tuple(r for _, r in furniture),
            marks=(
                *self._marks(rng, doors),
                *(
                    mark
                    for name, bench in furniture
                    if name.startswith("bench")
                    for mark in seats(name, bench, 1 if bench[1] > 0 else -1)
                ),
            ),
            plan=self._plan(furniture, doors),
            room_m=(self.length_m, self.width_m, self.height_m),
        )

    def _door_places(self, rng: np.random.Generator) -> list[tuple[float, int]]:
        """(x, side): doors on both walls in turn, on an uneven raster."""
        room = self.length_m - 2.4
        fit = min(self.doors, int(room / (DOOR_WIDTH_M + 0.35)) * 2)
        first = int(rng.integers(2))
        raster = room / max(fit, 1)
        shifts = rng.uniform(-1, 1, fit) * min(0.25, raster / 4, raster - (DOOR_WIDTH_M + 0.2) / 2)  # frames apart
        return [(1.2 + raster * (i + 0.5) + shifts[i], 1 if (i + first) % 2 else -1) for i in range(fit)]

    def _lamp_places(self) -> list[float]:
        fit = min(self.lamps, int(self.length_m / (LAMP_M[0] + 0.1)))
        return [self.length_m * (i + 0.5) / fit for i in range(fit)]

    def _shell(self) -> Iterator[Part]:
        """Floor, ceiling, walls in two paints, ends: boxes 10 cm thick that overlap at the corners."""
        L, half, H = self.length_m, self.width_m / 2, self.height_m
        upper, lower = WALLS[self.wall]
        yield "floor", FLOORS[self.floor], box((-0.1, -half - 0.1, -0.1), (L + 0.1, half + 0.1, 0.0))
        yield "ceiling", "ceiling_tiles", box((-0.1, -half - 0.1, H), (L + 0.1, half + 0.1, H + 0.1))
        for name, z0, z1, material in (("lower", 0.0, DADO_M, lower), ("upper", DADO_M, H, upper)):
            for side, tag in ((1, "left"), (-1, "right")):
                y0, y1 = sorted((side * half, side * (half + 0.1)))
                yield f"wall_{tag}_{name}", material, box((-0.1, y0, z0), (L + 0.1, y1, z1))
            for x0, x1, tag in ((-0.1, 0.0, "near"), (L, L + 0.1, "far")):
                yield f"wall_{tag}_{name}", material, box((x0, -half - 0.1, z0), (x1, half + 0.1, z1))

    def _trim(self, doors: list[tuple[float, int]]) -> Iterator[Part]:
        """Skirting, the rail over the lower paint, door frames and handles, sockets."""
        half, rails, skirts, frames, handles, sockets = self.width_m / 2, [], [], [], [], []
        for side in (1, -1):
            stops = sorted(x for x, s in doors if s == side)
            for start, end in _gaps(stops, self.length_m, DOOR_WIDTH_M / 2 + 0.06):
                skirts.append(on_wall(side, half, start, end, 0.0, 0.11, 0.015))
                rails.append(on_wall(side, half, start, end, DADO_M - 0.02, DADO_M + 0.02, 0.02))
                at = (start + end) / 2
                sockets.append(on_wall(side, half, at - 0.06, at + 0.06, 0.28, 0.37, 0.012))
            for x in stops:
                w = DOOR_WIDTH_M / 2
                frames.append(on_wall(side, half, x - w - 0.065, x - w, 0.0, DOOR_HEIGHT_M + 0.065, 0.045))
                frames.append(on_wall(side, half, x + w, x + w + 0.065, 0.0, DOOR_HEIGHT_M + 0.065, 0.045))
                frames.append(on_wall(side, half, x - w, x + w, DOOR_HEIGHT_M, DOOR_HEIGHT_M + 0.065, 0.045))
                handles.append(_handle(x + w - 0.10, side, half))
                handles.append(on_wall(side, half, x - w + 0.02, x + w - 0.02, 0.02, 0.20, 0.026))  # kick plate
                sockets.append(on_wall(side, half, x - 0.11, x + 0.11, 1.52, 1.58, 0.026))  # blank name plate
        yield "skirting", "skirting", merged(skirts)
        yield "rail", "bench_wood", merged(rails)
        yield "sockets", "plastic_white", merged(sockets)
        if frames:
            yield "door_frames", "frame_white", merged(frames)
            yield "door_handles", "steel_brushed", merged(handles)

    def _leaf(self, x: float, side: int) -> Mesh:
        w = DOOR_WIDTH_M / 2
        return on_wall(side, self.width_m / 2, x - w, x + w, 0.008, DOOR_HEIGHT_M, 0.018)

    def _end_doors(self) -> Iterator[Part]:
        """A double door with dark panes at the far end, and a green sign without words above it."""
        L, w = self.length_m, min(0.8, self.width_m / 2 - 0.15)
        leaves = [box((L - 0.035, y0, 0.008), (L + 0.01, y1, 2.04)) for y0, y1 in ((-w, -0.004), (0.004, w))]
        panes = [box((L - 0.042, y - 0.09, 1.05), (L, y + 0.09, 1.85)) for y in (-w / 2, w / 2)]
        bars = [rod((L - 0.085, y0, 1.02), (L - 0.085, y1, 1.02), 0.014) for y0, y1 in ((-w + 0.08, -0.06),
                                                                                    (0.06, w - 0.08))]  # fmt: skip
        frame = [box((L - 0.05, -w - 0.07, 0), (L, -w, 2.11)), box((L - 0.05, w, 0), (L, w + 0.07, 2.11)),
                 box((L - 0.05, -w, 2.04), (L, w, 2.11))]  # fmt: skip
        yield "end_leaves", "paint_door", merged(leaves)
        yield "end_panes", "glass_dark", merged(panes)
        yield "end_bars", "steel_brushed", merged(bars)
        yield "end_frame", "frame_white", merged(frame)
        if self.height_m > 2.36:
            yield "exit_sign", "exit_green", box((L - 0.06, -0.17, 2.2), (L, 0.17, 2.34))
        yield "near_door", "paint_door", box((-0.01, -0.5, 0.008), (0.03, 0.5, 2.04))

    def _ceiling_things(self) -> Iterator[Part]:
        """Lamp trays with covers, two pipes on brackets, smoke heads."""
        H, half = self.height_m, self.width_m / 2
        a, b = LAMP_M[0] / 2, LAMP_M[1] / 2
        xs = self._lamp_places()
        yield "lamp_trays", "steel_painted", merged(
            box((x - a - 0.03, -b - 0.03, H - 0.05), (x + a + 0.03, b + 0.03, H)) for x in xs)  # fmt: skip
        yield "lamp_covers", "lamp_cover", merged(
            box((x - a, -b, H - 0.066), (x + a, b, H - 0.05)) for x in xs)  # fmt: skip
        y = -half + 0.14
        pipes = [rod((0, y, H - 0.13), (self.length_m, y, H - 0.13), 0.032),
                 rod((0, y + 0.10, H - 0.11), (self.length_m, y + 0.10, H - 0.11), 0.02)]  # fmt: skip
        brackets = [box((x - 0.012, y - 0.05, H - 0.17), (x + 0.012, y + 0.14, H)) for x in
                    np.arange(0.6, self.length_m, 1.5)]  # fmt: skip
        yield "pipes", "steel_painted", merged([*pipes, *brackets])
        heads = [
            lathe([(-0.055, 0.03), (-0.03, 0.052), (0.0, 0.055)]).moved((x + 1.0, 0.35 * half, H)) for x in xs[:-1]
        ]
        if heads:
            yield "smoke_heads", "plastic_white", merged(heads)

    def _clutter(
        self, rng: np.random.Generator, doors: list[tuple[float, int]]
    ) -> Iterator[tuple[str, Rectangle | None, list[Part]]]:
        """Things along the walls, between the doors: (name, what it takes of the floor, parts)."""
        half = self.width_m / 2
        free = [
            (start, end, side)
            for side in (1, -1)
            for start, end in _gaps(sorted(x for x, s in doors if s == side), self.length_m - 0.3, 0.62)
            if end - start > 0.55
        ]
        kinds = ["extinguisher", "board", "boxes", "cabinet", "bench", "bin", "board", "extinguisher"]
        order = rng.permutation(len(free))
        for i in range(min(self.clutter, len(free))):
            start, end, side = free[order[i]]
            kind = kinds[i % len(kinds)]
            if kind in ("boxes", "bench") and self.width_m < 1.9:
                kind = "cabinet"
            width = min(THINGS[kind].width_m, end - start)
            centre = float(rng.uniform(start + width / 2, end - width / 2))
            yield THINGS[kind].make(f"{kind}_{i}", centre, side, half, width, rng)

    def _marks(self, rng: np.random.Generator, doors: list[tuple[float, int]]) -> tuple[Mark, ...]:
        """Where the wearer sets out, and a mark before every door."""
        half = self.width_m / 2
        start = Stand(xy_m=(0.9, float(rng.uniform(-0.12, 0.12))), heading_rad=0.0)
        before = (Stand(xy_m=(x, side * (half - 0.55)), heading_rad=side * np.pi / 2) for x, side in doors)
        return (Mark(name="wearer", stand=start), *(Mark(name=f"door_{i}", stand=s) for i, s in enumerate(before)))

    def _plan(self, furniture: list[tuple[str, Rectangle]], doors: list[tuple[float, int]]) -> Plan:
        L, half = self.length_m, self.width_m / 2
        walls = [(-0.1, half, L + 0.1, half + 0.1), (-0.1, -half - 0.1, L + 0.1, -half), (-0.1, -half, 0.0, half),
                 (L, -half, L + 0.1, half)]  # fmt: skip
        leaves = [(x - DOOR_WIDTH_M / 2, side * half, x + DOOR_WIDTH_M / 2, side * (half + 0.1)) for x, side in doors]
        return (
            ("floor", corners((0.0, -half, L, half))),
            *(("wall", corners(w)) for w in walls),
            *(("door", corners(d)) for d in leaves),
            *(("furniture", corners(r)) for _, r in furniture),
        )


def _solid(name: str, material: str, mesh: Mesh, tracked: dict[str, int]) -> Solid:
    track = tracked.get(name, 0)
    round_things = ("pipes", "smoke_heads", "extinguisher", "bin", "end_bars")
    return Solid(
        name=name, vertices_m=mesh.vertices_m, triangles=mesh.triangles, material=material,
        world_from_solid=placed((0.0, 0.0, 0.0)), track=track, track_class="door" if track else "",
        smooth=name.startswith(round_things),
    )  # fmt: skip


def _gaps(stops: list[float], length_m: float, around_m: float) -> list[tuple[float, float]]:
    """The stretches of a wall between its doors."""
    edges = [0.0, *(e for x in stops for e in (x - around_m, x + around_m)), length_m]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 0.02]


def _handle(x: float, side: int, half: float) -> Mesh:
    """A lever on a rose."""
    y = side * half
    rose = on_wall(side, half, x - 0.026, x + 0.026, 0.93, 1.11, 0.026)
    neck = rod((x, y - side * 0.02, 1.04), (x, y - side * 0.07, 1.04), 0.009)
    lever = rod((x + 0.008, y - side * 0.068, 1.04), (x - 0.115, y - side * 0.068, 1.036), 0.009)
    return merged([rose, neck, lever])
