"""Laws of motion: published gait, planted feet, nobody through anything."""

import numpy as np
import pytest

from scenes.compose import compose
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.motion.acting import Act, Actor, posed
from scenes.motion.arms import drawn_manner
from scenes.motion.limbs import Build
from scenes.motion.steps import Leg, Stand
from scenes.people import person
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import Figure, matrices
from tests.scenes.scenarios import demo

SLIDE_M = 0.006
"""What a planted sole may move between set-down and lift-off, vertices of the boot included."""


def walker(cadence_hz: float, t_s: Array, *, acts: tuple[Act, ...] = ()) -> Figure:
    """A person who walks ten steps along +X from the start."""
    looks = person.draw(lane(3, "people"), kit=None)
    body = person.dressed(looks, "p")
    start, step = Stand(xy_m=(0.0, 0.0), heading_rad=0.0), 0.40 * looks.height_m
    leg = Leg(start_s=0.5, cadence_hz=cadence_hz, steps=10, start=start,
              end=Stand(xy_m=(10 * step, 0.0), heading_rad=0.0), heading_rad=0.0)  # fmt: skip
    build = Build(joints_m=body.joints_m, pelvis_height_m=body.pelvis_height_m)
    actor = Actor(first=start, legs=(leg,), acts=acts)
    rotations, root = posed(actor, t_s, build, drawn_manner(lane(3, "manner")))
    return Figure(
        name="p", vertices_m=body.vertices_m, triangles=body.triangles, face_material=body.face_material,
        materials=tuple(m.name for m in body.materials), joints_m=body.joints_m, parents=PARENTS,
        skin_joints=body.skin_joints, skin_weights=body.skin_weights, rotations=rotations, root_m=root,
    )  # fmt: skip


T_S = np.arange(0, 7, 1 / 60)


@pytest.mark.parametrize("cadence_hz", [1.75, 2.0])
def test_feet_do_not_slide(cadence_hz: float) -> None:
    figure = walker(cadence_hz, T_S)
    world = figure.posed()
    for side in "lr":
        mine = (figure.skin_joints[:, 0] == JOINTS[f"ankle_{side}"]) & (figure.skin_weights[:, 0] > 0.6)
        sole = np.flatnonzero(mine & (figure.vertices_m[:, 2] < figure.vertices_m[:, 2].min() + 0.012))
        feet = world[:, sole]
        flat = (np.ptp(feet[..., 2], axis=1) < 0.012) & (feet[..., 2].max(axis=1) < 0.03)
        both = flat[1:] & flat[:-1]
        assert both.sum() > 60
        starts = np.flatnonzero(np.diff(np.concatenate([[0], both.astype(int), [0]])) == 1)
        ends = np.flatnonzero(np.diff(np.concatenate([[0], both.astype(int), [0]])) == -1)
        for a, b in zip(starts, ends, strict=True):
            assert np.ptp(feet[a : b + 1, :, :2].mean(axis=1), axis=0).max() < SLIDE_M


def test_soles_stay_on_the_floor() -> None:
    lowest = walker(1.9, T_S).posed()[..., 2].min(axis=1)
    assert lowest.min() > -0.03
    assert lowest.max() < 0.03


def test_knee_and_pelvis_move_as_published() -> None:
    """Winter 1991, Perry 1992: 15..25 degrees of knee in stance, 50..70 in swing; 3..6 cm of pelvis at each step."""
    figure = walker(1.9, T_S)
    steady = (T_S > 1.8) & (T_S < 4.5)
    turn = matrices(figure.rotations[:, JOINTS["knee_l"]].astype(float))
    bend = np.degrees(np.arccos(np.clip((np.trace(turn, axis1=1, axis2=2) - 1) / 2, -1, 1)))[steady]
    assert 45 < bend.max() < 75
    assert 8 < np.percentile(bend, 30) < 28
    height = figure.root_m[steady, 2]
    assert 0.02 < np.ptp(height) < 0.065
    spectrum = np.abs(np.fft.rfft((height - height.mean()) * np.hanning(len(height)), 4096))
    assert np.fft.rfftfreq(4096, 1 / 60)[spectrum.argmax()] == pytest.approx(1.9, abs=0.15)


@pytest.mark.parametrize("name", ["hang", "hands_up", "ward_off"])
def test_gestures_keep_hands_outside_the_trunk(name: str) -> None:
    figure = walker(1.9, np.arange(0, 2, 0.1), acts=(Act(at_s=0.2, motion=name),))
    _, place = figure.joints_world()
    wrist, chest = place[-1, JOINTS["wrist_l"]], place[-1, JOINTS["chest"]]
    assert np.linalg.norm((wrist - chest)[:2]) > 0.16
    assert (wrist[2] > place[-1, JOINTS["head"], 2]) == (name == "hands_up")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("width_m", [1.8, 2.4, 4.0])
def test_nobody_reaches_through_a_wall_and_all_stand_on_the_floor(seed: int, width_m: float) -> None:
    """Whole skins, at the scale of a hand's breadth; people react, so arms are up as well as down."""
    shot = compose(demo(seed=seed, cast=3, seconds=4.0, venue_knobs={"width_m": width_m, "length_m": 20.0}))
    x_m, y_m, _ = shot.room_m
    for figure in (f for f in shot.figures if f.role != "wearer"):
        keys = np.arange(0, shot.keys, 12)
        skin = figure.posed(keys)
        assert np.abs(skin[..., 1]).max() < y_m / 2 + 0.03
        assert -0.03 < skin[..., 0].min() <= skin[..., 0].max() < x_m + 0.03
        key_s = 1 / (shot.keys_per_frame * float(shot.fps))
        runs = np.linalg.norm(np.gradient(figure.root_m[:, :2], key_s, axis=0), axis=1)[keys] > 1.5
        lowest = skin[..., 2].min(axis=1)
        assert np.abs(lowest[~runs]).max() < 0.03
        assert (lowest > -0.03).all() and (lowest < 0.12).all(), "a run has a flight phase, of some 5 cm"


def test_a_leg_starts_and_ends_at_rest_and_never_goes_back() -> None:
    leg = Leg(start_s=0.0, cadence_hz=1.9, steps=6, start=Stand(xy_m=(0, 0), heading_rad=0),
              end=Stand(xy_m=(4.2, 0), heading_rad=0))  # fmt: skip
    t_s = np.linspace(-0.5, leg.end_s + 0.5, 500)
    share = leg.share(leg.phase(t_s))
    assert (np.diff(share) >= -1e-12).all()
    assert share[0] == pytest.approx(0, abs=1e-12)
    assert share[-1] == pytest.approx(1, abs=1e-12)
