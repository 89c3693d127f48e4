"""Carried: the phone, box or bag that a motion has in a person's hands, as solids that follow the joints."""

from __future__ import annotations

import numpy as np

from scenes.materials import leather
from scenes.mesh import Array, Mesh, box, merged, rod
from scenes.motion.acting import Actor
from scenes.motion.arms import Manner
from scenes.motion.limbs import SIDES, Build
from scenes.motion.turns import frame, unit
from scenes.people.skeleton import JOINTS
from scenes.shot import Figure, Material, Solid

PALM_M = 0.10
"""From the wrist to the middle of the palm, a body of 1.75 m."""
COLOURS: dict[str, tuple[float, float, float]] = {
    "phone": (0.012, 0.012, 0.014), "box": (0.33, 0.22, 0.12), "bag": (0.05, 0.06, 0.09),
    "trolley": (0.30, 0.31, 0.32),
}  # fmt: skip
"""Linear RGB: a dark case, cardboard, dark cloth, grey enamel."""
HANDLE_M, DECK_M = 1.0, (0.74, 0.44)
"""A trolley's handle over the floor, and the length and breadth of its decks."""


def solids(figure: Figure, actor: Actor, build: Build, manner: Manner) -> tuple[list[Solid], list[Material]]:
    """What is in the hands of a figure through the clip; nothing is put down, so each thing stays for good."""
    found = in_hands(actor, *figure.joints_world(), build, manner)
    if found is None:
        return [], []
    thing, mesh, world = found
    material = leather(f"{figure.name}_{thing}", COLOURS[thing])
    solid = Solid(name=f"{figure.name}_{thing}", vertices_m=mesh.vertices_m, triangles=mesh.triangles,
                  material=material.name, world_from_solid=world)  # fmt: skip
    return [solid], [material]


def in_hands(
    actor: Actor, turn: Array, place: Array, build: Build, manner: Manner
) -> tuple[str, Mesh, Array] | None:  # fmt: skip
    """What an actor has in the hands, its mesh, and (K, 4, 4) world_from_mesh, for joints (K, J, 3, 3), (K, J, 3)."""
    things = [act.row.carries for act in actor.acts if act.row.carries in COLOURS]
    return (things[0], *_placed(things[0], turn, place, build, manner)) if things else None  # hands hold one thing


def _placed(thing: str, turn: Array, place: Array, build: Build, manner: Manner) -> tuple[Mesh, Array]:
    """The mesh about its own middle, and (K, 4, 4) world_from_solid."""
    side = manner.hand
    wrist = JOINTS[f"wrist_{SIDES[side]}"]
    along = unit(build.bone("elbow", "wrist", side))  # a hand goes on where its forearm points
    inward = np.array([0.0, -1.0 if side == 0 else 1.0, 0.0])  # palms look inward at rest
    grip = frame(along, inward)
    palm = place[:, wrist] + turn[:, wrist] @ (
        along * PALM_M * build.scale + inward * (0.012 if thing == "phone" else 0.028)
    )
    if thing == "phone":
        return box((-0.062, -0.005, -0.036), (0.088, 0.005, 0.036)), _rigid(turn[:, wrist] @ grip, palm)
    if thing == "bag":
        out = 0.02 if side == 0 else -0.02  # it leans on the leg, not in it
        upright = frame(turn[:, JOINTS["pelvis"], :, 0] * (1, 1, 0), np.array([0.0, 1.0, 0.0]))
        axes = np.stack([upright[..., 0], np.cross([0.0, 0.0, 1.0], upright[..., 0]),
                         np.broadcast_to([0.0, 0.0, 1.0], upright[..., 0].shape)], axis=-1)  # fmt: skip
        handle = [box((x - 0.008, -0.008, -0.10), (x + 0.008, 0.008, 0.0)) for x in (-0.09, 0.09)]
        top = box((-0.098, -0.008, -0.012), (0.098, 0.008, 0.004))
        return merged([*handle, top, box((-0.19, out - 0.05, -0.36), (0.19, out + 0.05, -0.10))]), _rigid(axes, palm)
    left, right = (place[:, JOINTS[f"wrist_{s}"]] for s in SIDES)
    if thing == "trolley":
        ahead = unit(turn[:, JOINTS["pelvis"], :, 0] * (1, 1, 0))
        upright = np.stack([ahead, np.cross([0.0, 0.0, 1.0], ahead), np.broadcast_to([0.0, 0.0, 1.0], ahead.shape)], -1)
        return _trolley(), _rigid(upright, (left + right) / 2 * (1, 1, 0) + ahead * 0.09)
    across = left - right
    ahead = np.cross(across, [0.0, 0.0, 1.0])
    axes = frame(ahead, across)
    half = float(np.linalg.norm(across, axis=1).min()) / 2 - 0.035
    middle = (left + right) / 2 + unit(ahead) * 0.06
    return box((-0.14, -half, -0.11), (0.14, half, 0.13)), _rigid(axes, middle)


def _trolley() -> Mesh:
    """Two decks, four posts, four wheels and a handle across; the hands are on its near end, at the origin."""
    long, half = DECK_M[0], DECK_M[1] / 2
    decks = [box((0.0, -half, z), (long, half, z + 0.03)) for z in (0.17, 0.62)]
    ends = [(x, y) for x in (0.02, long - 0.02) for y in (half - 0.02, 0.02 - half)]
    posts = [rod((x, y, 0.15), (x, y, HANDLE_M if x < 0.1 else 0.70), 0.014) for x, y in ends]
    wheels = [rod((x, y - 0.014, 0.06), (x, y + 0.014, 0.06), 0.06) for x, y in ends]
    return merged([*decks, *posts, *wheels, rod((0.02, 0.02 - half, HANDLE_M), (0.02, half - 0.02, HANDLE_M), 0.016)])


def _rigid(turn: Array, place: Array) -> Array:
    """(K, 4, 4)."""
    world = np.tile(np.eye(4), (len(place), 1, 1))
    world[:, :3, :3], world[:, :3, 3] = turn, place
    return world
