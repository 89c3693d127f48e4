"""The wearer's own forearms, hands, and what they hold, before the camera.

Hands are rigid with the thing they grip; arms are solved from the trunk's shoulders to the wrists. The grip moves
the same whatever is held, so that twins differ in the thing alone.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Mesh, blend, capsule, surface
from scenes.motion.gait import solved
from scenes.motion.turns import about, frame, smooth, unit
from scenes.people.hands import FIST, RELAXED, Pose, hand
from scenes.props.held import LEFT_HAND_M, Held
from scenes.shot import Figure, Solid, quaternions

UPPER_ARM_M, FOREARM_M = 0.29, 0.255
GLOVE_M = 0.0015


@dataclass(frozen=True, kw_only=True)
class Grip:
    """A place of the gripping hands before the mount: where the right fist is, and how the thing lies in it."""

    place_m: tuple[float, float, float]
    """Of the right fist from the camera, in the trunk frame: ahead, left, up."""
    yaw_rad: float
    """The thing points this far left."""
    pitch_rad: float
    """The thing points this far up."""
    roll_rad: float


GRIPS: dict[str, Grip] = {
    "low": Grip(place_m=(0.10, -0.10, -0.30), yaw_rad=0.45, pitch_rad=-0.62, roll_rad=0.10),
    "carry": Grip(place_m=(0.215, -0.07, -0.165), yaw_rad=0.60, pitch_rad=-0.10, roll_rad=-0.12),
    "raised": Grip(place_m=(0.225, -0.055, -0.120), yaw_rad=0.34, pitch_rad=0.12, roll_rad=-0.06),
}

RIGHT_HAND = frame(np.array([0.94, 0.20, 0.26]), np.array([-0.2, 0.94, 0.0]))
"""The right hand in the grip's frame: fingers ahead, palm left, thumb up; leaning as a fist does."""
LEFT_HAND = frame(np.array([0.45, -0.75, 0.45]), np.array([0.26, -0.36, -0.86]))
"""The left hand, a right one mirrored in its y: from below left, palm up, thumb ahead."""


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """What the wearer's arms are dressed in: names of the shot's materials."""

    sleeve: str
    cuff: str
    hand: str
    gloved: bool


def grip_path(
    t_s: Array, world_from_trunk: Array, eye_m: Array, *, above_chest_m: float, lift_s: float, raise_s: float,
    lower_s: float | None, pace: float, rng: np.random.Generator,
) -> Array:  # fmt: skip
    """(K, 4, 4) world_from_grip: low, lifted into view, raised, perhaps lowered; following the trunk with a lag.

    `eye_m` (3,) is where the camera sits in the trunk frame, `above_chest_m` how far that lies above a chest (hands
    hang from the chest, and are raised to the camera), `pace` shortens the moves of a very short clip."""
    to_carry = smooth(t_s, lift_s, lift_s + 0.45 * pace)
    to_raised = smooth(t_s, raise_s, raise_s + 0.40 * pace)
    if lower_s is not None:
        to_raised = to_raised * (1 - smooth(t_s, lower_s, lower_s + 0.6))
    low, carry, raised = (
        np.array([*GRIPS[g].place_m, GRIPS[g].yaw_rad, GRIPS[g].pitch_rad, GRIPS[g].roll_rad])
        for g in ("low", "carry", "raised")
    )
    low = low - (0, 0, above_chest_m, 0, 0, 0)
    habit = rng.normal(0, 1, 6) * (0.012, 0.012, 0.010, 0.06, 0.04, 0.04)
    drift = np.stack(
        [np.sin(2 * np.pi * hz * t_s + start) for hz, start in zip(rng.uniform(0.3, 0.9, 6), rng.uniform(0, 6, 6),
                                                                  strict=True)], axis=1)  # fmt: skip
    pose = low + to_carry[:, None] * (carry + habit - low) + to_raised[:, None] * (raised - carry)
    pose = pose + drift * (0.004, 0.004, 0.005, 0.012, 0.012, 0.012)
    grip = np.tile(np.eye(4), (len(t_s), 1, 1))
    grip[:, :3, :3] = about(2, pose[:, 3]) @ about(1, -pose[:, 4]) @ about(0, pose[:, 5])
    grip[:, :3, 3] = pose[:, :3] + eye_m
    return np.asarray(_lagging(t_s, world_from_trunk) @ grip)


def _lagging(t_s: Array, trunk: Array, lag_s: float = 0.05) -> Array:
    """The trunk as the hands feel it: its shake 50 ms late and a quarter softer."""
    late_at = np.clip(t_s - lag_s, t_s[0], t_s[-1])

    def late(x: Array) -> Array:
        return 0.25 * x + 0.75 * np.interp(late_at, t_s, x)

    out = trunk.copy()
    ahead, left = (np.stack([late(trunk[:, row, column]) for row in range(3)], axis=1) for column in (0, 1))
    out[:, :3, :3] = frame(ahead, left)
    out[:, 2, 3] = late(trunk[:, 2, 3])
    return out


def hands_and_arms(
    world_from_grip: Array, world_from_trunk: Array, *, holding: bool, height_m: float, stature_m: float,
    outfit: Outfit, tracks: tuple[int, int, int, int],
) -> tuple[Figure, ...]:  # fmt: skip
    """Right hand, left hand, right forearm, left forearm. `height_m` is the trunk frame's above the ground."""
    pose = FIST if holding else RELAXED
    figures, arms = [], []
    for side, sign, turn, grip_at, (hand_track, arm_track) in (
        ("right", -1.0, RIGHT_HAND, (0.0, 0.0, 0.0), (tracks[0], tracks[2])),
        ("left", 1.0, LEFT_HAND, LEFT_HAND_M, (tracks[1], tracks[3])),
    ):
        mesh = hand(pose, step_m=0.005, thicker_m=GLOVE_M if outfit.gloved else 0.0)
        wrist = np.asarray(grip_at) - turn @ (np.asarray(pose.grip_m) * (1.0, -sign, 1.0))
        world_turn = world_from_grip[:, :3, :3] @ turn
        world_wrist = world_from_grip[:, :3, 3] + world_from_grip[:, :3, :3] @ wrist
        figures.append(_hand(f"hand_{side}", mesh if side == "right" else mesh.mirrored(), world_turn, world_wrist,
                             pose, outfit, hand_track))  # fmt: skip
        shoulder = np.array([0.05, sign * 0.112 * stature_m, 0.795 * stature_m - height_m])  # drawn forward
        arms.append(_arm(f"forearm_{side}", sign, world_from_trunk, shoulder, world_wrist, outfit, arm_track))
    return (*figures, *arms)


def held_solid(held: Held, world_from_grip: Array, *, material: str, track: int) -> Solid:
    """What the hands hold."""
    mesh = held.mesh()
    return Solid(
        name="held", vertices_m=mesh.vertices_m, triangles=mesh.triangles, material=material,
        world_from_solid=world_from_grip, track=track, track_class=held.track_class, in_wearer_hand=True, smooth=True,
    )  # fmt: skip


def _hand(name: str, mesh: Mesh, turn: Array, wrist: Array, pose: Pose, outfit: Outfit, track: int) -> Figure:
    """One rigid hand with its glove's cuff."""
    n = len(mesh.vertices_m)
    weights = np.zeros((n, 4), np.float32)
    weights[:, 0] = 1
    one, other = np.split(mesh.centres(), 2)
    cuff = np.tile(((one + other) / 2)[:, 0] < -0.012, 2) if outfit.gloved else np.zeros(len(mesh.triangles), bool)
    return Figure(
        name=name, vertices_m=mesh.vertices_m, triangles=mesh.triangles, face_material=cuff.astype(np.int32),
        materials=(outfit.hand, outfit.cuff), joints_m=np.zeros((1, 3), np.float32), parents=np.array([-1], np.int32),
        skin_joints=np.zeros((n, 4), np.int32), skin_weights=weights,
        rotations=quaternions(turn)[:, None].astype(np.float32), root_m=wrist.astype(np.float32),
        track=track, track_class="hand_wearer", role="wearer",
    )  # fmt: skip


@functools.cache
def _sleeve() -> tuple[Mesh, Array]:
    """A sleeve along +X, the shoulder at the origin, with folds at elbow and wrist; and its (V, 4) weights."""

    def field(p: Array) -> Array:
        elbow, wrist = (UPPER_ARM_M, 0.0, 0.0), (UPPER_ARM_M + FOREARM_M - 0.012, 0.0, 0.0)
        near_elbow = np.exp(-(((p[:, 0] - UPPER_ARM_M) / 0.08) ** 2))
        near_wrist = np.exp(-(((p[:, 0] - wrist[0] + 0.05) / 0.06) ** 2))
        ripple = np.sin(p[:, 0] * 135 + 2.2 * np.sin(p[:, 1] * 45) + p[:, 2] * 30)
        arm = blend([capsule(p, (0, 0, 0), elbow, 0.056, 0.050), capsule(p, elbow, wrist, 0.050, 0.039)], 0.02)
        return np.maximum(arm + 0.0035 * ripple * (near_elbow + 0.8 * near_wrist), p[:, 0] - wrist[0])

    mesh = surface(field, low=(-0.07, -0.08, -0.08), high=(0.57, 0.08, 0.08), step_m=0.0105)
    bend = smooth(mesh.vertices_m[:, 0], UPPER_ARM_M - 0.06, UPPER_ARM_M + 0.06)
    return mesh, np.stack([1 - bend, bend, 0 * bend, 0 * bend], axis=1).astype(np.float32)


def _arm(name: str, sign: float, trunk: Array, shoulder: Array, wrist: Array, outfit: Outfit, track: int) -> Figure:
    """One sleeve, from the trunk's shoulder to the wrist, the elbow down and outwards."""
    mesh, weights = _sleeve()
    turn = trunk[:, :3, :3]
    start = trunk[:, :3, 3] + turn @ shoulder
    outwards = turn @ unit(np.array([-0.25, sign * 0.5, -0.9]))
    along = np.array([1.0, 0.0, 0.0])
    # the rest arm lies along X, which `solved` bends towards: give it bones along -Z and turn the mesh into them
    lay = about(1, np.pi / 2)
    upper, fore = solved(start, wrist, lay @ along * UPPER_ARM_M, lay @ along * FOREARM_M, bend_towards=outwards)
    local = np.stack([quaternions(upper), quaternions(np.swapaxes(upper, 1, 2) @ fore)], axis=1)
    laid = mesh.turned(lay)
    one, other = np.split(mesh.centres(), 2)
    cuff = np.tile(((one + other) / 2)[:, 0] > UPPER_ARM_M + FOREARM_M - 0.045, 2)
    return Figure(
        name=name, vertices_m=laid.vertices_m, triangles=laid.triangles, face_material=cuff.astype(np.int32),
        materials=(outfit.sleeve, outfit.cuff),
        joints_m=np.stack([np.zeros(3), lay @ along * UPPER_ARM_M]).astype(np.float32),
        parents=np.array([-1, 0], np.int32),
        skin_joints=np.tile(np.array([0, 1, 0, 0], np.int32), (len(laid.vertices_m), 1)), skin_weights=weights,
        rotations=local.astype(np.float32), root_m=start.astype(np.float32),
        track=track, track_class="forearm", role="wearer",
    )  # fmt: skip
