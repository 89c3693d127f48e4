"""The line-up: 24 people at 2, 4 and 8 m, by day, by night and by torch light, standing and in motion, as PNG files.

    python -m tests.scenes.lineup --out DIR [--bodies DIR] [--light day] [--pose stand] [--group 0] [--samples 24]
        [--sheet FILE]

It shows what a camera would see of the people that person.draw() draws; look at it after every change of theirs.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from scenes.film import Stage, film
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.people import bodies, person
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import Figure, Lens, Light, Material, Quality, Shot, Solid, quaternions
from scenes.stage.curve import light_from_codes

SIZE_PX = (640, 360)
LENS = Lens(theta_coefficients=(1.25, 0.0, 0.0, 0.0))
"""72 degrees across: what the middle of a body camera's frame shows."""
SHEET_PX = 290
"""Width of a picture in the sheet: nine of them stay under 500 kB."""
EYE_M = 1.45
PLACES: tuple[tuple[float, float], ...] = (
    # (ahead, left) of the camera: two people at 2 m, three at 4 m, three at 8 m
    (2.0, 0.75), (2.0, -0.75), (4.0, 1.9), (4.0, 0.0), (4.0, -1.9), (8.0, 2.6), (8.0, 0.9), (8.0, -1.1),
)  # fmt: skip
Turns = dict[str, tuple[float, float, float]]
POSES: dict[str, Turns] = {
    # joint -> turns about x, y and z, rad, from rest; signs of x and z are a left limb's
    "stand": {"shoulder_l": (-0.26, 0.05, 0), "shoulder_r": (0.26, 0.05, 0), "elbow_l": (0, -0.25, 0),
              "elbow_r": (0, -0.25, 0)},
    "walk": {"hip_l": (0, -0.50, 0), "knee_l": (0, 0.15, 0), "hip_r": (0, 0.30, 0), "knee_r": (0, 0.60, 0),
             "ankle_r": (0, 0.3, 0), "shoulder_l": (-0.24, 0.45, 0), "elbow_l": (0, -0.25, 0),
             "shoulder_r": (0.24, -0.40, 0), "elbow_r": (0, -0.55, 0), "chest": (0, 0.03, -0.12), "head": (0, 0, 0.1)},
    "hands_up": {"shoulder_l": (0.45, -1.30, 0), "elbow_l": (0.1, -1.75, 0), "shoulder_r": (-0.45, -1.30, 0),
                 "elbow_r": (-0.1, -1.75, 0)},
    "crouch": {"hip_l": (0.1, -1.45, 0), "knee_l": (0, 1.9, 0), "ankle_l": (0, -0.5, 0), "hip_r": (-0.1, -1.3, 0),
               "knee_r": (0, 1.9, 0), "ankle_r": (0, -0.6, 0), "spine": (0, 0.3, 0), "chest": (0, 0.2, 0),
               "shoulder_l": (-0.1, -0.9, 0), "shoulder_r": (0.1, -0.9, 0), "elbow_l": (0, -0.9, 0),
               "elbow_r": (0, -0.9, 0)},
}  # fmt: skip
LIGHTS: dict[str, tuple[float, tuple[Light, ...]]] = {}
"""light -> (radiance of the sky, lamps)."""


def _pose(x: float, y: float, z: float, tilt: float = 0.0, turn: float = 0.0) -> Array:
    """(1, 4, 4): at a place, shining down, tilted ahead (rad about -Y) and turned about Z."""
    c, s, cz, sz = np.cos(tilt), np.sin(tilt), np.cos(turn), np.sin(turn)
    out = np.eye(4)
    out[:3, :3] = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]]) @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
    out[:3, 3] = x, y, z
    return out[None]


LIGHTS["day"] = (0.9, (Light(name="sun", kind="sun", world_from_light=_pose(0, 0, 9, 0.8, 0.6), power_w=3.0,
                             colour=(1.0, 0.93, 0.82), size_m=(0.02, 0.02)),))  # fmt: skip
LIGHTS["night"] = (0.004, (
    Light(name="street", kind="area", world_from_light=_pose(3.5, 3.5, 5.0), power_w=110, colour=(1.0, 0.62, 0.30),
          size_m=(0.4, 0.2)),
    Light(name="door", kind="area", world_from_light=_pose(9.0, -3.5, 2.6, 0.7, np.pi), power_w=25,
          colour=(0.8, 0.95, 1.1), size_m=(0.3, 0.3)),
))  # fmt: skip
LIGHTS["torch"] = (0.001, (Light(name="torch", kind="area", world_from_light=_pose(0.15, -0.25, 1.30, np.pi / 2),
                                 power_w=14, colour=(1.0, 0.97, 0.92), size_m=(0.03, 0.03)),))  # fmt: skip


def turned(turns: Turns) -> Array:
    """(1, J, 4) quaternions of a pose."""
    matrix = np.tile(np.eye(3), (1, len(JOINTS), 1, 1))
    for joint, angles in turns.items():
        for axis, angle in enumerate(angles):
            c, s = np.cos(angle), np.sin(angle)
            b, d = (axis + 1) % 3, (axis + 2) % 3
            turn = np.eye(3)
            turn[b, b] = turn[d, d] = c
            turn[d, b], turn[b, d] = s, -s
            matrix[0, JOINTS[joint]] = turn @ matrix[0, JOINTS[joint]]
    return quaternions(matrix).astype(np.float32)


def figure(body: person.Body, name: str, turns: Turns, at: tuple[float, float], heading: float, track: int) -> Figure:
    """A person in a pose, lowest point on the floor."""
    rotations = turned(turns)
    c, s = np.cos(heading / 2), np.sin(heading / 2)
    w, x, y, z = rotations[0, 0]
    rotations[0, 0] = (c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w)
    made = Figure(
        name=name, vertices_m=body.vertices_m, triangles=body.triangles, face_material=body.face_material,
        materials=tuple(m.name for m in body.materials), joints_m=body.joints_m, parents=PARENTS,
        skin_joints=body.skin_joints, skin_weights=body.skin_weights, tint=body.tint, rotations=rotations,
        root_m=np.array([[*at, 0.0]], np.float32), track=track, track_class="person_bystander", role="bystander",
    )  # fmt: skip
    made.root_m[0, 2] = -made.posed()[0, :, 2].min()
    return made


def line_up(
    group: int, light: str, pose: str, *, samples: int, pack: bodies.Bodies | None, seed: int, width: int
) -> Shot:
    """Eight of the 24, facing the camera more or less."""
    figures, stuff = [], []
    for i, (ahead, left) in enumerate(PLACES):
        number = group * len(PLACES) + i
        rng = lane(seed, f"people/{number}")
        looks = person.draw(rng, kit=person.KIT_COLOURS[number % 2] if number % 4 == 0 else None)
        body = person.of_pack(pack, looks, f"p{i}") if pack else person.dressed(looks, f"p{i}")
        heading = np.pi + rng.uniform(-0.7, 0.7) + np.arctan2(left, ahead)
        figures.append(figure(body, f"p{i}", POSES[pose], (ahead, left), heading, i + 1))
        stuff += body.materials
    sky, lamps = LIGHTS[light]
    ground = np.array([[-5, -12, 0], [25, -12, 0], [25, 12, 0], [-5, 12, 0]], np.float32)
    wall = np.array([[12, -12, -0.1], [12, -12, 4], [12, 12, 4], [12, 12, -0.1]], np.float32)
    quad = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    pose_of_camera = np.eye(4)
    pose_of_camera[:3, :3] = np.array([[0, 0, -1.0], [-1, 0, 0], [0, 1, 0]])
    pose_of_camera[:3, 3] = 0, 0, EYE_M
    return Shot(
        fps=Fraction(10), size_px=(width, width * 9 // 16), frames=1, seed=seed,
        materials=(Material(name="ground", base_colour=(0.20, 0.20, 0.19), roughness=0.9, variation=0.3, bump_m=0.002),
                   Material(name="wall", base_colour=(0.40, 0.36, 0.31), roughness=0.8, pattern="bricks",
                            pattern_m=0.24, bump_m=0.003), *stuff),
        solids=(Solid(name="ground", vertices_m=ground, triangles=quad, material="ground", world_from_solid=np.eye(4)[None]),
                Solid(name="wall", vertices_m=wall, triangles=quad, material="wall", world_from_solid=np.eye(4)[None])),
        figures=tuple(figures), lights=lamps, world_colour=(sky * 0.85, sky * 0.95, sky * 1.1),
        world_from_cam=np.repeat(pose_of_camera[None], 9, axis=0), lens=LENS, readout_s=0.0, exposure_s=0.01, blur=False,
        quality=Quality(samples=samples, denoise=True),
    )  # fmt: skip


def picture(codes: Array) -> Array:
    """(H, W, 3) uint8 BGR of a master's frame, exposed on its own brightness."""
    light = light_from_codes(codes)
    middle, bright = np.exp(np.log(light.mean(axis=-1) + 1e-4).mean()), np.quantile(light.mean(axis=-1), 0.975)
    exposed = light * min(0.20 / max(float(middle), 1e-3), 1.1 / max(float(bright), 1e-3))
    shown = np.clip(exposed / (1 + 0.35 * exposed) * 1.1, 0, 1) ** (1 / 2.2)
    return np.rint(shown[..., ::-1] * 255).astype(np.uint8)


def sheet(rows: list[list[Array]]) -> Array:
    """All pictures side by side, each SHEET_PX wide and cut to the heights where people are."""

    def small(whole: Array) -> Array:
        high = len(whole)
        cut = whole[high // 6 :]
        size = (SHEET_PX, round(SHEET_PX * cut.shape[0] / cut.shape[1]))
        return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA))

    return np.concatenate([np.concatenate([small(p) for p in row], axis=1) for row in rows])


def main() -> None:
    """Renders what is asked for."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--out", type=Path, required=True)
    ask.add_argument("--bodies", type=Path, help="arrays of a pack of bodies; else the installed one, else built in")
    ask.add_argument("--light", choices=LIGHTS, action="append")
    ask.add_argument("--pose", choices=POSES, action="append")
    ask.add_argument("--group", type=int, choices=(0, 1, 2), action="append")
    ask.add_argument("--samples", type=int, default=24)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--sheet", type=Path, help="PNG that all the pictures go into, a row per light and pose")
    ask.add_argument("--width", type=int, default=SIZE_PX[0], help="of the picture, px; 16:9")
    asked = ask.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    pack = bodies.load(asked.bodies) if asked.bodies else bodies.installed()
    rows: list[list[Array]] = []
    with Stage() as stage:
        for light in asked.light or LIGHTS:
            for pose in asked.pose or ("stand", "walk"):
                rows.append([])
                for group in asked.group or (0, 1, 2):
                    begun = time.monotonic()
                    shot = line_up(
                        group, light, pose, samples=asked.samples, pack=pack, seed=asked.seed, width=asked.width
                    )
                    made = time.monotonic() - begun
                    folder = asked.out / f"{light}_{pose}_{group}"
                    folder.mkdir(exist_ok=True)
                    take = film(shot, folder, stage, threads=2)
                    rows[-1].append(picture(np.load(take.frames)[0]))
                    cv2.imwrite(f"{folder}.png", rows[-1][-1])
                    print(f"{folder.name}.png: {made:.2f} s to make {len(shot.figures)} people, {take.info['build_s']:.2f} s "
                          f"to build, {take.info['seconds_per_frame']:.1f} s to render")  # fmt: skip
    if asked.sheet:
        cv2.imwrite(str(asked.sheet), sheet(rows), [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
