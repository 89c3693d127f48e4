"""The wearer's own arms and hands, and what they hold, before the camera; and the body that casts their shadow.

A holding hand is rigid with the thing; arms are solved from the trunk's shoulders to the wrists. The grip moves the
same whatever is held, and so does the left hand in one way of holding: twins differ in the thing, and in how far the
fingers close on it. A free arm hangs, swings with the steps, or is carried bent.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Mesh, blend, capsule, surface
from scenes.motion.gait import Manner, walked
from scenes.motion.limbs import Build, solved
from scenes.motion.steps import Walk
from scenes.motion.targets import joints, spread
from scenes.motion.turns import about, frame, smooth, unit
from scenes.people.hands import RELAXED, Pose, hand
from scenes.people.person import Body
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.props.held import RIGHT_HAND, WAYS, Held
from scenes.shot import Figure, Solid, quaternions

UPPER_ARM_M, FOREARM_M = 0.29, 0.255
GLOVE_M = 0.0015
REACH = 0.985
"""An arm is never straighter than this share of its length: the shoulder comes forward instead."""
SHOULDER_REACHES_M = 0.11
"""How far it can come (protraction and a turn of the upper trunk)."""


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


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """What the wearer's arms are dressed in: names of the shot's materials."""

    sleeve: str
    cuff: str
    hand: str
    gloved: bool


@dataclass(frozen=True, kw_only=True)
class Swing:
    """How a wearer's free arm is carried."""

    elbow_rad: float
    """Its bend while it hangs: 0.2 at ease .. 1.5 with the hand ready before the body."""
    forward_rad: float
    """The upper arm's, from hanging."""
    amplitude_rad: float
    """Of the upper arm at a walk, to each side (about 20 degrees; Murray 1967)."""
    apart_rad: float
    """Of the upper arm from the body."""


def drawn_swing(rng: np.random.Generator) -> Swing:
    """A wearer's habit: half let the arm hang, half carry it bent, the hand at the frame's edge."""
    ready = bool(rng.random() < 0.5)
    return Swing(
        elbow_rad=float(rng.uniform(1.15, 1.55) if ready else rng.uniform(0.25, 0.6)),
        forward_rad=float(rng.uniform(0.15, 0.40) if ready else rng.uniform(-0.05, 0.10)),
        amplitude_rad=float(rng.uniform(0.16, 0.26) if ready else rng.uniform(0.28, 0.42)),
        apart_rad=float(rng.uniform(0.12, 0.28)),
    )


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
    below = np.array([0, 0, min(0.09, 0.3 * max(0.0, above_chest_m)), 0, 0, 0])  # nobody holds it before the face
    carry, raised = carry - below, raised - below
    habit = rng.normal(0, 1, 6) * (0.012, 0.012, 0.010, 0.06, 0.04, 0.04)
    drift = np.stack(
        [np.sin(2 * np.pi * hz * t_s + start) for hz, start in zip(rng.uniform(0.3, 0.9, 6), rng.uniform(0, 6, 6),
                                                                  strict=True)], axis=1)  # fmt: skip
    pose = low + to_carry[:, None] * (carry + habit - low) + to_raised[:, None] * (raised - carry)
    pose = pose + drift * (0.004, 0.004, 0.005, 0.012, 0.012, 0.012)
    grip = np.tile(np.eye(4), (len(t_s), 1, 1))
    grip[:, :3, :3] = about(2, pose[:, 3]) @ about(1, -pose[:, 4]) @ about(0, pose[:, 5])
    grip[:, :3, 3] = pose[:, :3] + eye_m
    return np.asarray(lagging(t_s, world_from_trunk) @ grip)


def lagging(t_s: Array, trunk: Array, lag_s: float = 0.05) -> Array:
    """The trunk as the hands feel it: its shake 50 ms late and a quarter softer."""
    late_at = np.clip(t_s - lag_s, t_s[0], t_s[-1])

    def late(x: Array) -> Array:
        return 0.25 * x + 0.75 * np.interp(late_at, t_s, x)

    out = trunk.copy()
    ahead, left = (np.stack([late(trunk[:, row, column]) for row in range(3)], axis=1) for column in (0, 1))
    out[:, :3, :3] = frame(ahead, left)
    out[:, 2, 3] = late(trunk[:, 2, 3])
    return out


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One side: where its hand goes, and how it is bent."""

    side: str
    turn: Array
    """(K, 3, 3) world rotations of the hand."""
    wrist_m: Array
    """(K, 3) in the world."""
    pose: Pose

    @property
    def sign(self) -> float:
        """1 on the left."""
        return 1.0 if self.side == "left" else -1.0


def holding(world_from_grip: Array, side: str, at_m: Array, turn: Array, pose: Pose) -> Arm:
    """A hand closed about a point of the grip's frame."""
    sign = 1.0 if side == "left" else -1.0
    wrist = at_m - turn @ (np.asarray(pose.grip_m) * (1.0, -sign, 1.0))
    return Arm(
        side=side, turn=world_from_grip[:, :3, :3] @ turn,
        wrist_m=world_from_grip[:, :3, 3] + world_from_grip[:, :3, :3] @ wrist, pose=pose,
    )  # fmt: skip


def swinging(side: str, trunk: Array, shoulder_m: Array, walk: Walk, swing: Swing) -> Arm:
    """A free arm. `trunk` (K, 4, 4) as the arm feels it, `shoulder_m` (3,) in its frame."""
    sign = 1.0 if side == "left" else -1.0
    step = -sign * np.sin(np.pi * walk.phase) * walk.moving  # the left arm comes forward with the right leg
    forward = swing.forward_rad + swing.amplitude_rad * step
    upper = about(0, np.full(len(step), sign * swing.apart_rad)) @ about(1, -forward)
    fore = upper @ about(1, -(swing.elbow_rad + 0.35 * swing.amplitude_rad * (walk.moving + step)))
    down = np.array([0.0, 0.0, -1.0])
    wrist = shoulder_m + UPPER_ARM_M * upper @ down + FOREARM_M * fore @ down
    # the palm towards the body, the thumb ahead; the forearm turned in a little
    rest = np.stack([down, [0.0, 1.0, 0.0], np.cross(down, [0.0, 1.0, 0.0])], axis=1)
    turn = fore @ about(2, -sign * 0.35) @ rest @ about(2, -sign * 0.10)
    world = trunk[:, :3, :3]
    return Arm(
        side=side, turn=world @ turn, wrist_m=trunk[:, :3, 3] + np.einsum("kab,kb->ka", world, wrist), pose=RELAXED
    )


def shoulder_of(side: str, *, height_m: float, stature_m: float) -> Array:
    """(3,) in the trunk frame, which stands `height_m` above the ground."""
    sign = 1.0 if side == "left" else -1.0
    return np.array([0.03, sign * 0.112 * stature_m, 0.795 * stature_m - height_m])


def arms(
    world_from_grip: Array, world_from_trunk: Array, t_s: Array, walk: Walk, *, held: Held | None, way: str,
    swing: Swing, height_m: float, stature_m: float,
) -> tuple[Arm, Arm]:  # fmt: skip
    """The right and the left arm of a wearer who holds a thing in a way of WAYS, or nothing."""
    felt = lagging(t_s, world_from_trunk, lag_s=0.08)
    at = {side: shoulder_of(side, height_m=height_m, stature_m=stature_m) for side in ("right", "left")}
    free = {side: swinging(side, felt, at[side], walk, swing) for side in ("right", "left")}
    if held is None:
        return free["right"], free["left"]
    right_pose, left_pose = held.ways[way]
    right = holding(world_from_grip, "right", np.zeros(3), RIGHT_HAND, right_pose)
    row = WAYS[way]
    if row.left_m is None or row.left_turn is None or left_pose is None:
        return right, free["left"]
    return right, holding(world_from_grip, "left", np.asarray(row.left_m), row.left_turn, left_pose)


def figures(
    pair: tuple[Arm, Arm], world_from_trunk: Array, *, height_m: float, stature_m: float, outfit: Outfit,
    tracks: tuple[int, int, int, int],
) -> tuple[Figure, ...]:  # fmt: skip
    """Right hand, left hand, right forearm, left forearm. `height_m` is the trunk frame's above the ground."""
    hands, sleeves = [], []
    for arm, hand_track, arm_track in zip(pair, tracks[:2], tracks[2:], strict=True):
        hands.append(_hand(arm, outfit, hand_track))
        shoulder = shoulder_of(arm.side, height_m=height_m, stature_m=stature_m)
        sleeves.append(_sleeve_to(arm, world_from_trunk, shoulder, outfit, arm_track))
    return (*hands, *sleeves)


def unseen_body(body: Body, walk: Walk, t_s: Array, manner: Manner) -> Figure:
    """The wearer from neck to toe and the head, without the arms, which are drawn: what shadows and mirrors show."""
    build = Build(joints_m=body.joints_m, pelvis_height_m=body.pelvis_height_m)
    rotations, root = joints(spread(walked(walk, t_s, build, manner), len(t_s)), build)
    arm = [number for name, number in JOINTS.items() if name.startswith(("shoulder", "elbow", "wrist"))]
    of_arm = (np.isin(body.skin_joints, arm) * body.skin_weights).sum(axis=1) > 0.5
    kept = ~of_arm[body.triangles].any(axis=1)
    used, triangles = np.unique(body.triangles[kept], return_inverse=True)
    return Figure(
        name="wearer_body", vertices_m=body.vertices_m[used], triangles=triangles.reshape(-1, 3).astype(np.int32),
        face_material=body.face_material[kept], materials=tuple(m.name for m in body.materials),
        joints_m=body.joints_m, parents=PARENTS, skin_joints=body.skin_joints[used],
        skin_weights=body.skin_weights[used], tint=None if body.tint is None else body.tint[used],
        rotations=rotations, root_m=root, role="wearer", in_camera=False,
    )  # fmt: skip


def held_solid(held: Held, world_from_grip: Array, *, material: str, track: int) -> Solid:
    """What the hands hold."""
    mesh = held.mesh()
    return Solid(
        name="held", vertices_m=mesh.vertices_m, triangles=mesh.triangles, material=material,
        world_from_solid=world_from_grip, track=track, track_class=held.track_class, in_wearer_hand=True, smooth=True,
    )  # fmt: skip


def _hand(arm: Arm, outfit: Outfit, track: int) -> Figure:
    """One rigid hand with its glove's cuff."""
    mesh = hand(arm.pose, step_m=0.0045, thicker_m=GLOVE_M if outfit.gloved else 0.0)
    if arm.side == "left":
        mesh = mesh.mirrored()
    n = len(mesh.vertices_m)
    weights = np.zeros((n, 4), np.float32)
    weights[:, 0] = 1
    one, other = np.split(mesh.centres(), 2)
    cuff = np.tile(((one + other) / 2)[:, 0] < -0.012, 2) if outfit.gloved else np.zeros(len(mesh.triangles), bool)
    return Figure(
        name=f"hand_{arm.side}", vertices_m=mesh.vertices_m, triangles=mesh.triangles,
        face_material=cuff.astype(np.int32), materials=(outfit.hand, outfit.cuff),
        joints_m=np.zeros((1, 3), np.float32), parents=np.array([-1], np.int32),
        skin_joints=np.zeros((n, 4), np.int32), skin_weights=weights,
        rotations=quaternions(arm.turn)[:, None].astype(np.float32), root_m=arm.wrist_m.astype(np.float32),
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


def _sleeve_to(arm: Arm, trunk: Array, shoulder: Array, outfit: Outfit, track: int) -> Figure:
    """One sleeve, from the trunk's shoulder to the wrist, the elbow down and outwards."""
    mesh, weights = _sleeve()
    turn = trunk[:, :3, :3]
    start = trunk[:, :3, 3] + turn @ shoulder
    to_hand: Array = arm.wrist_m - start
    far = np.linalg.norm(to_hand, axis=1, keepdims=True)
    lacking = np.clip(far - REACH * (UPPER_ARM_M + FOREARM_M), 0.0, SHOULDER_REACHES_M)
    start = start + to_hand / far * lacking
    high = smooth(np.einsum("kba,kb->ka", turn, to_hand)[:, 2], -0.32, 0.08)  # a high hand lifts its elbow outwards
    low_way = np.array([-0.25, arm.sign * 0.5, -0.9])
    high_way = np.array([-0.12, 0.50, -0.50] if arm.side == "left" else [-0.1, -1.1, -0.45])
    outwards = np.einsum("kab,kb->ka", turn, unit(low_way + high[:, None] * (high_way - low_way)))
    along = np.array([1.0, 0.0, 0.0])
    # the rest arm lies along X, which `solved` bends towards: give it bones along -Z and turn the mesh into them
    lay = about(1, np.pi / 2)
    upper, fore = solved(start, arm.wrist_m, lay @ along * UPPER_ARM_M, lay @ along * FOREARM_M, bend_towards=outwards)
    local = np.stack([quaternions(upper), quaternions(np.swapaxes(upper, 1, 2) @ fore)], axis=1)
    laid = mesh.turned(lay)
    one, other = np.split(mesh.centres(), 2)
    cuff = np.tile(((one + other) / 2)[:, 0] > UPPER_ARM_M + FOREARM_M - 0.045, 2)
    return Figure(
        name=f"forearm_{arm.side}", vertices_m=laid.vertices_m, triangles=laid.triangles,
        face_material=cuff.astype(np.int32), materials=(outfit.sleeve, outfit.cuff),
        joints_m=np.stack([np.zeros(3), lay @ along * UPPER_ARM_M]).astype(np.float32),
        parents=np.array([-1, 0], np.int32),
        skin_joints=np.tile(np.array([0, 1, 0, 0], np.int32), (len(laid.vertices_m), 1)), skin_weights=weights,
        rotations=local.astype(np.float32), root_m=start.astype(np.float32),
        track=track, track_class="forearm", role="wearer",
    )  # fmt: skip
