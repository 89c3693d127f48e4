"""A shot small enough for a test, with one of everything: walls, a moving box, a bending figure, a turning camera."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenes.shot import Event, Figure, Lens, Light, Material, Quality, Shot, Solid

Array = NDArray[Any]

BOX_TRACK = 3
FIGURE_TRACK = 40000
"""Above 32767, the largest index that Blender gives an object."""
LENS = Lens(theta_coefficients=(2.0, 0.1, -0.25, 0.05))

_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_BOX_TRIANGLES = np.array([t for a, b, c, d in _QUADS for t in ((a, b, c), (a, c, d))], np.int32)


def turn(axis: str, angle: float) -> Array:
    """(4, 4) rotation about a world axis, rad."""
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    out = np.eye(4)
    out[i, i] = out[j, j] = np.cos(angle)
    out[j, i], out[i, j] = np.sin(angle), -np.sin(angle)
    return out


def shift(x: float, y: float, z: float) -> Array:
    """(4, 4) translation, m."""
    out = np.eye(4)
    out[:3, 3] = x, y, z
    return out


LOOK_ALONG_Y = turn("x", np.pi / 2)
"""Turns a camera that looks down -Z so that it looks along +Y with +Z up."""


def box(name: str, size_m: tuple[float, float, float], world_from_solid: Array, **more: Any) -> Solid:
    """A box about its own origin."""
    motion = world_from_solid if world_from_solid.ndim == 3 else world_from_solid[None]
    vertices = _CORNERS * np.asarray(size_m, np.float32) / 2
    return Solid(name=name, vertices_m=vertices, triangles=_BOX_TRIANGLES, world_from_solid=motion, **more)


def ball(name: str, radius_m: float, centre_m: tuple[float, float, float], **more: Any) -> Solid:
    """A ball of 8 rings, fine enough for a centroid."""
    theta, phi = np.meshgrid(np.linspace(0, np.pi, 9), np.arange(16) * np.pi / 8, indexing="ij")
    sphere = np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
    vertices = radius_m * sphere.reshape(-1, 3)
    cells = [(r * 16 + s, r * 16 + (s + 1) % 16) for r in range(8) for s in range(16)]
    triangles = [t for a, b in cells for t in ((a, a + 16, b + 16), (a, b + 16, b))]
    return Solid(name=name, vertices_m=vertices.astype(np.float32), triangles=np.array(triangles, np.int32),
                 world_from_solid=shift(*centre_m)[None], **more)  # fmt: skip


def bending_tube(name: str, rotations: Array, root_m: Array, **more: Any) -> Figure:
    """A standing tube 1.6 m high on three joints, ten-sided, closed at both ends."""
    rings, sides = 9, 10
    angle = np.arange(sides) * 2 * np.pi / sides
    around = np.stack([0.18 * np.cos(angle), 0.18 * np.sin(angle)], 1)
    heights = np.linspace(0, 1.6, rings)
    vertices = np.array([[x, y, z] for z in heights for x, y in around] + [[0, 0, 0], [0, 0, 1.6]], np.float32)
    triangles = []
    for r in range(rings - 1):
        for s in range(sides):
            a, b = r * sides + s, r * sides + (s + 1) % sides
            triangles += [(a, b, b + sides), (a, b + sides, a + sides)]
    bottom, top, last = len(vertices) - 2, len(vertices) - 1, (rings - 1) * sides
    for s in range(sides):
        after = (s + 1) % sides
        triangles += [(bottom, after, s), (top, last + s, last + after)]
    along = np.clip(vertices[:, 2] / 0.5 - 0.25, 0, 1.999)
    low = np.floor(along).astype(np.int32)
    skin_weights = np.zeros((len(vertices), 4), np.float32)
    skin_weights[:, 0], skin_weights[:, 1] = 1 - (along - low), along - low
    skin_joints = np.zeros((len(vertices), 4), np.int32)
    skin_joints[:, 0], skin_joints[:, 1] = low, low + 1
    face_material = np.array([0 if vertices[list(t), 2].mean() < 0.8 else 1 for t in triangles], np.int32)
    joints_m = np.array([[0, 0, 0], [0, 0, 0.5], [0, 0, 1.0]], np.float32)
    return Figure(name=name, vertices_m=vertices, triangles=np.array(triangles, np.int32), face_material=face_material,
                  materials=("trousers", "jacket"), joints_m=joints_m,
                  parents=np.array([-1, 0, 1], np.int32), skin_joints=skin_joints, skin_weights=skin_weights,
                  rotations=rotations.astype(np.float32), root_m=root_m.astype(np.float32), **more)  # fmt: skip


def small_shot(
    *,
    size_px: tuple[int, int] = (64, 36),
    frames: int = 2,
    blur: bool = True,
    samples: int = 1,
    denoise: bool = False,
    seed: int = 7,
    yaw_rad_per_frame: float = 0.1,
    box_m_per_frame: float = 0.15,
) -> Shot:
    """A room of 4 x 6 x 2.6 m seen from one end at 1.5 m: a box slides, a tube bends and sways, the camera turns."""
    kpf = 4
    at = -1 + np.arange((frames + 1) * kpf + 1) / kpf
    still = np.array([1.0, 0, 0, 0])
    bends = np.stack([np.stack([still, *(np.array([np.cos(a), np.sin(a), 0, 0]) for a in (w, w))])
                      for w in 0.1 + 0.1 * at])  # fmt: skip
    tube = bending_tube("player", bends, np.stack([-0.9 + 0.05 * at, 3.0 + 0 * at, 0 * at], 1),
                        track=FIGURE_TRACK, track_class="person", role="role_player")  # fmt: skip
    slide = np.stack([shift(0.8 + box_m_per_frame * f, 2.5, 0.9) @ turn("z", 0.3 * f) for f in at])
    pose = np.stack([shift(0, 0, 1.5) @ turn("z", yaw_rad_per_frame * f) @ LOOK_ALONG_Y for f in at])
    return Shot(
        fps=Fraction(10),
        size_px=size_px,
        frames=frames,
        seed=seed,
        materials=(
            Material(name="floor", base_colour=(0.3, 0.3, 0.28), pattern="tiles", pattern_m=0.5, bump_m=0.002),
            Material(name="brick", base_colour=(0.45, 0.2, 0.14), pattern="bricks", pattern_m=0.24, bump_m=0.004),
            Material(name="plank", base_colour=(0.4, 0.27, 0.15), pattern="planks", pattern_m=0.12, roughness=0.4),
            Material(name="paint", base_colour=(0.6, 0.62, 0.6), variation_scale_m=0.5),
            Material(name="blue", base_colour=(0.03, 0.1, 0.6), roughness=0.3),
            Material(name="trousers", base_colour=(0.05, 0.05, 0.08), pattern="weave", pattern_m=0.02),
            Material(name="jacket", base_colour=(0.5, 0.45, 0.1), pattern="weave", pattern_m=0.02, bump_m=0.001),
            Material(name="glow", base_colour=(1.0, 0.95, 0.85), emission_w_m2=12.0),
        ),
        solids=(
            box("floor", (4, 6.4, 0.1), shift(0, 2.7, -0.05), material="floor"),
            box("ceiling", (4, 6.4, 0.1), shift(0, 2.7, 2.65), material="paint"),
            box("left", (0.1, 6.4, 2.6), shift(-2.05, 2.7, 1.3), material="brick"),
            box("right", (0.1, 6.4, 2.6), shift(2.05, 2.7, 1.3), material="plank"),
            box("end", (4, 0.1, 2.6), shift(0, 5.95, 1.3), material="paint"),
            box("cover", (0.6, 1.2, 0.04), shift(0, 2.5, 2.58), material="glow"),
            box("crate", (0.5, 0.4, 0.6), slide, material="blue", track=BOX_TRACK, track_class="prop_long"),
        ),
        figures=(tube,),
        lights=(
            Light(name="panel", kind="area", world_from_light=shift(0, 2.5, 2.5)[None], power_w=60, size_m=(0.6, 1.2)),
            Light(name="bulb", kind="point", world_from_light=shift(0.5, 0.5, 2.2)[None], power_w=15,
                  colour=(1, 0.8, 0.6), size_m=(0.05, 0.05)),
        ),
        world_from_cam=pose,
        lens=LENS,
        readout_s=0.02,
        exposure_s=0.01,
        blur=blur,
        keys_per_frame=kpf,
        quality=Quality(samples=samples, denoise=denoise),
        events=(
            Event(type="prop_in_frame", onset_s=0.0, offset_s=frames / 10, track=BOX_TRACK),
            Event(type="role_player_down", onset_s=0.0, offset_s=frames / 10, track=FIGURE_TRACK),
        ),
    )  # fmt: skip


def still_camera(shot: Shot, world_from_cam: Array) -> Shot:
    """The same shot from one fixed pose."""
    return replace(shot, world_from_cam=np.repeat(world_from_cam[None], shot.keys, axis=0))
