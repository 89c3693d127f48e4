"""Laws of the wearer's own body, over every thing in every way of holding it, every mount, statures and gaits."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from scenes.bodycam import GAITS, MOUNTS
from scenes.compose import Rejected, compose
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.people.hands import MOST_BENT_RAD, POSES, Pose, closed_on, finger_joints, hand
from scenes.people.wearer import FOREARM_M, SHOULDER_REACHES_M, UPPER_ARM_M, drawn_swing
from scenes.props import PROPS
from scenes.props.held import RIGHT_HAND, WAYS
from scenes.shot import Figure, Shot
from tests.scenes.scenarios import demo

HELD_SO = [(name, way) for name, thing in PROPS.items() for way in thing.ways]
SIDES = ("right", "left")


@functools.cache
def worn(held: str, way: str, mount: str = "chest", seed: int = 3, gait: str = "walk", seconds: float = 3.0) -> Shot:
    return compose(demo(held=held, grip=way, mount=mount, seed=seed, gait=gait, seconds=seconds, cast=0))


def part(shot: Shot, name: str) -> Figure:
    return next(f for f in shot.figures if f.name == name)


def placed(points: Array, pose: Pose, turn: Array, at_m: Array, side: str) -> Array:
    """Points of a hand's own frame in the grip's."""
    mirror = (1.0, -1.0 if side == "left" else 1.0, 1.0)
    return np.asarray(at_m + ((points - pose.grip_m) * mirror) @ turn.T)


def near(points: Array, surface: Array) -> Array:
    """(N,) distance of each point from the nearest of a surface's."""
    return np.array([np.linalg.norm(surface - p, axis=1).min() for p in points])


def hands_on(held: str, way: str) -> list[tuple[Pose, Array, Array, str, Array]]:
    """(pose, turn, place, side, what it closes on) of each hand that holds, in the grip's frame."""
    thing, row = PROPS[held].mesh(), WAYS[way]
    right, left = PROPS[held].ways[way]
    dense = np.concatenate([thing.vertices_m, thing.centres()])
    out = [(right, RIGHT_HAND, np.zeros(3), "right", dense)]
    if row.left_m is not None and left is not None and row.left_turn is not None:
        fist = placed(hand(right, step_m=0.0045).vertices_m, right, RIGHT_HAND, np.zeros(3), "right")
        out.append((left, row.left_turn, np.asarray(row.left_m), "left", np.concatenate([dense, fist])))
    return out


# --- hands -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius_m", [0.010, 0.0195, 0.0235, 0.030, 0.043])
def test_a_hand_closes_on_what_is_round(radius_m: float) -> None:
    pose = closed_on(radius_m, "law")
    mesh = hand(pose, step_m=0.005)
    off = np.hypot(mesh.vertices_m[:, 0] - pose.grip_m[0], mesh.vertices_m[:, 1] - pose.grip_m[1]) - radius_m
    assert -0.004 < off.min() < 0.003, "it touches, and does not sink in"
    for finger in finger_joints(pose):
        joints = np.array(finger)
        middles = (joints[1:] + joints[:-1]) / 2
        gap = np.hypot(middles[:, 0] - pose.grip_m[0], middles[:, 1] - pose.grip_m[1]) - radius_m
        assert (gap < 0.010 + 0.0105).all(), "every phalanx lies along it"
    for bends in pose.fingers:
        assert all(0 <= bend <= most for bend, most in zip(bends, MOST_BENT_RAD, strict=True))


def test_a_hand_cannot_close_on_anything() -> None:
    with pytest.raises(ValueError, match=r"radius_m must be in 0\.008\.\.0\.055 .* got 0\.1"):
        closed_on(0.1, "law")


@pytest.mark.parametrize(("held", "way"), HELD_SO)
def test_hands_lie_on_what_they_hold(held: str, way: str) -> None:
    for pose, turn, at_m, side, surface in hands_on(held, way):
        skin = placed(hand(pose, step_m=0.006).vertices_m, pose, turn, at_m, side)
        assert near(skin, surface).min() < 0.004, f"the {side} hand touches"
        for finger in finger_joints(pose):
            joints = placed(np.array(finger), pose, turn, at_m, side)
            gaps = near((joints[1:] + joints[:-1]) / 2, surface)
            assert gaps[0] < 0.010 + 0.0105, f"the {side} hand's fingers lie on it within a centimetre"


@pytest.mark.parametrize("way", WAYS)
def test_thumbs_are_on_their_side(way: str) -> None:
    assert RIGHT_HAND[2, 2] > 0.8, "the right thumb up"
    assert -RIGHT_HAND[1, 1] < -0.8, "the right palm to the left"
    turn = WAYS[way].left_turn
    if turn is not None:
        assert np.linalg.det(turn) == pytest.approx(1)
        palm, thumb = -turn[:, 1], turn[:, 2]  # a left hand is mirrored in its y
        assert palm[1] < -0.5 or palm[2] > 0.5, "the left palm to the right, or up"
        assert thumb[0] > 0.8 or thumb[2] > 0.8, "the left thumb ahead, or up"


def test_left_hands_are_mirror_images() -> None:
    shot = worn("prop_long", "two_apart")
    for side, sign in (("right", 1.0), ("left", -1.0)):
        figure = part(shot, f"hand_{side}")
        pose = PROPS["prop_long"].ways["two_apart"][side == "left"]
        assert pose is not None
        tips = np.array([finger[-1] for finger in finger_joints(pose)]) * (1, sign, 1)
        assert near(tips, figure.vertices_m).max() < 0.013, "fingers curl to the palm's own side"


# --- arms ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 3])
@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize(("held", "way"), [*HELD_SO, ("nothing", "")])
def test_forearms_meet_hands_and_keep_off_the_camera(held: str, way: str, mount: str, seed: int) -> None:
    shot = worn(held, way, mount, seed)
    for side in SIDES:
        arm, palm = part(shot, f"forearm_{side}"), part(shot, f"hand_{side}")
        turn, place = arm.joints_world()
        end = place[:, 1] + turn[:, 1] @ np.array([0.0, 0.0, -FOREARM_M])
        gap = np.linalg.norm(end - palm.root_m, axis=1)
        assert gap.max() < 0.002, f"{side}: {gap.max():.3f} m at key {gap.argmax()}"
        assert np.allclose(np.linalg.norm(place[:, 1] - place[:, 0], axis=1), UPPER_ARM_M, atol=1e-4)
    eye = shot.world_from_cam[::8, :3, 3]
    keys = np.arange(shot.keys)[::8]
    for figure in (f for f in shot.figures if f.in_camera):
        assert all(np.linalg.norm(p - e, axis=1).min() > 0.04 for p, e in zip(figure.posed(keys), eye, strict=True))
    for solid in (s for s in shot.solids if s.in_wearer_hand):
        pose = solid.world_from_solid[::8]
        where = np.einsum("kab,vb->kva", pose[:, :3, :3], solid.vertices_m) + pose[:, None, :3, 3]
        assert np.linalg.norm(where - eye[:, None], axis=2).min() > 0.04


WRIST_RAD = {"flexion": (-1.25, 1.40), "deviation": (-0.75, 0.45)}
"""Of an adult's wrist (AAOS: extension 70, flexion 80; to the little finger 30..40, to the thumb 20..25 degrees)."""


@pytest.mark.parametrize("mount", ["chest", "helmet", "shoulder"])
@pytest.mark.parametrize(("held", "way"), [*HELD_SO, ("nothing", "")])
def test_wrists_stay_within_an_adults_range(held: str, way: str, mount: str) -> None:
    shot = worn(held, way, mount)
    for side, sign in (("right", 1.0), ("left", -1.0)):
        turn, _ = part(shot, f"hand_{side}").joints_world()
        _, elbow = part(shot, f"forearm_{side}").joints_world()
        fore = part(shot, f"hand_{side}").root_m - elbow[:, 1]
        fore = np.einsum("kba,kb->ka", turn[:, 0], fore / np.linalg.norm(fore, axis=1, keepdims=True))
        flexion = -np.arctan2(sign * fore[:, 1], fore[:, 0])
        deviation = -np.arcsin(np.clip(fore[:, 2], -1, 1))
        for name, angle in (("flexion", flexion), ("deviation", deviation)):
            low, high = WRIST_RAD[name]
            assert low <= angle.min() <= angle.max() <= high, (
                f"{side} {name}: {np.degrees(angle.min()):.0f}..{np.degrees(angle.max()):.0f} degrees"
            )


@pytest.mark.parametrize("gait", GAITS)
@pytest.mark.parametrize("held", ["torch", "nothing"])
def test_a_free_arm_swings_while_one_walks_and_hangs_while_one_stands(held: str, gait: str) -> None:
    shot = worn(held, "", gait=gait, seconds=6.0)
    body = part(shot, "wearer_body")
    heading = np.diff(body.root_m[:, :2], axis=0)
    walking = np.linalg.norm(heading, axis=1) * float(shot.fps) * shot.keys_per_frame > 0.8
    for side in SIDES if held == "nothing" else ("left",):
        fore = part(shot, f"hand_{side}").root_m - part(shot, f"forearm_{side}").root_m
        reach = np.ptp(fore[1:][walking] if walking.any() else fore, axis=0).max()
        assert reach > 0.08 if walking.any() else reach < 0.06


def test_a_free_hand_is_at_times_at_the_edge_of_a_wide_chest_camera() -> None:
    """Of the wearers drawn, some show it and some never do."""
    shown = []
    for seed in range(8):
        shot = worn("torch", "one_hand", seed=seed)
        keys = np.arange(8, shot.keys, 4)
        free = part(shot, "hand_left").posed(keys)
        turn, eye = shot.world_from_cam[keys, :3, :3], shot.world_from_cam[keys, :3, 3]
        at_px = [shot.lens.project((p - e) @ t, shot.size_px) for p, t, e in zip(free, turn, eye, strict=True)]
        inside = [((xy > 0) & (xy < shot.size_px)).all(axis=1).any() for xy in at_px]
        shown.append(any(inside))
    assert 2 <= sum(shown) <= 7


def test_habits_of_a_free_arm_differ() -> None:
    drawn = [drawn_swing(lane(seed, "wearer/swing")) for seed in range(100)]
    ready = [swing.elbow_rad > 1 for swing in drawn]
    assert 30 < sum(ready) < 70
    assert 0 < SHOULDER_REACHES_M < 0.15


# --- twins, and the body that is not seen ----------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_in_one_way_arms_and_hands_are_where_they_are_whatever_is_held(way: str) -> None:
    one, *others = [worn(held, so) for held, so in HELD_SO if so == way]
    assert others, "a pair needs two things that are held alike"
    for other in others:
        for name in ("hand_right", "forearm_right", "forearm_left", "hand_left", "wearer_body"):
            a, b = part(one, name), part(other, name)
            if name.startswith("hand"):  # a hand closes on what it holds: its wrist goes back by the thickness
                assert np.abs(a.root_m - b.root_m).max() < 0.012
                assert np.array_equal(a.rotations, b.rotations)
            else:
                assert np.allclose(a.root_m, b.root_m, atol=0.015)
        held = [next(s for s in shot.solids if s.in_wearer_hand) for shot in (one, other)]
        assert np.array_equal(held[0].world_from_solid, held[1].world_from_solid)


def test_every_way_has_a_prop_and_a_tool() -> None:
    for way in WAYS:
        kinds = {PROPS[held].is_prop for held, so in HELD_SO if so == way}
        assert kinds == {True, False}, f"{way}: a pair needs both"


def test_what_cannot_be_held_so_is_refused() -> None:
    with pytest.raises(Rejected, match="grip must be one of one_hand for torch, got 'two_apart'"):
        compose(demo(held="torch", grip="two_apart"))
    with pytest.raises(Rejected, match="grip must be one of , one_hand"):
        compose(demo(held="torch", grip="teeth"))


def test_the_body_is_there_for_shadows_alone() -> None:
    shot = worn("torch", "one_hand")
    body = part(shot, "wearer_body")
    assert (body.in_camera, body.track, body.track_class, body.role) == (False, 0, "", "wearer")
    used = np.unique(body.triangles)
    posed = body.posed(np.arange(0, shot.keys, 16))[:, used]
    assert posed[:, :, 2].min() > -0.02
    assert 1.4 < np.ptp(posed[:, :, 2], axis=1).min() < 2.15
    hips = np.abs(body.root_m[:, :2] - shot.world_from_cam[:, :2, 3])
    assert np.hypot(*hips.T).max() < 0.35, "the camera is on it"
    assert np.abs(posed[:, :, :2] - body.root_m[::16, None, :2]).max() < 0.75, "its arms are drawn with the hands"


@pytest.mark.parametrize("name", POSES)
def test_poses_have_their_names(name: str) -> None:
    assert POSES[name].name == name
