"""Laws of the motion library, over every motion, every way between two postures, and bodies of 1.5 to 2.0 m."""

import itertools

import numpy as np
import pytest

from scenes.lanes import lane
from scenes.mesh import Array
from scenes.motion.acting import Act, Actor, Look, longest_way_s, posed
from scenes.motion.arms import drawn_manner
from scenes.motion.library import MOTIONS
from scenes.motion.limbs import SIDES, Build
from scenes.motion.limits import LIMITS, angles
from scenes.motion.postures import POSTURES, seconds_between
from scenes.motion.steps import Leg, Stand, walk
from scenes.motion.styles import STYLES
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import matrices

STATURES_M = (1.5, 1.75, 2.0)
BODIES_M = (1.5, 1.62, 1.75, 1.88, 2.0)
ORIGIN = Stand(xy_m=(0.0, 0.0), heading_rad=0.0)
FLESH_M = {"pelvis": 0.10, "chest": 0.10, "knee": 0.05, "wrist": 0.03, "elbow": 0.03, "head": 0.05}
"""What lies between a joint and the skin on the floor side, at least."""
SLIDE_M, BELOW_M = 0.03, 0.01
FASTEST_RAD_S = 32.0
"""Of any joint but the toes: a quick arm reaches 20 to 30 rad/s, a leg in a run 15 to 20 (Novacheck 1998)."""
RISE_M = {"stairs_up": 0.17, "stairs_down": -0.17}

POSED = {name: Actor(first=ORIGIN, acts=(Act(at_s=0.3, motion=name, seconds=7.0),)) for name, m in MOTIONS.items()
         if m.gesture or m.posture != "stand"}  # fmt: skip
BETWEEN = {
    f"{a}-{b}": Actor(first=ORIGIN, acts=(Act(at_s=0.1, motion=a, seconds=5.4), Act(at_s=5.5, motion=b, seconds=8.0)))
    for a, b in itertools.permutations([n for n, m in MOTIONS.items() if m.posture != "stand"], 2)
}


def gone(style: str, stature_m: float) -> Actor:
    """Eight steps in a style, at the middle of its speeds."""
    speed = sum(STYLES[style].speed_mps) / 2 * stature_m / 1.75
    cadence = {"run": 2.7, "crawl": 1.3, "crouch_walk": 1.6, "stairs_up": 1.4, "stairs_down": 1.4}.get(style, 1.8)
    crawls = style == "crawl"
    end = Stand(xy_m=(8 * speed / cadence, 0.0), heading_rad=0.0)
    leg = Leg(start_s=4.5 if crawls else 0.3, cadence_hz=cadence, steps=8, start=ORIGIN, end=end, heading_rad=0.0,
              style=style, rise_m=RISE_M.get(style, 0.0))  # fmt: skip
    acts = (Act(at_s=0.1, motion="crawl", seconds=leg.end_s),) if crawls else ()
    return Actor(first=ORIGIN, legs=(leg,), acts=acts)


def seen(
    actor: Actor, stature_m: float, *, end_s: float = 16.0, seed: int = 3
) -> tuple[Array, Array, Array, Array, Build]:
    """Instants, local rotations, world rotations and places of the joints of an actor, and the build."""
    build, t_s = Build.of_stature(stature_m), np.arange(0, end_s, 1 / 30)
    rotations, root = posed(actor, t_s, build, drawn_manner(lane(seed, "manner")))
    local = matrices(rotations.astype(float))
    turn, place = np.empty(local.shape), np.empty((*local.shape[:2], 3))
    turn[:, 0], place[:, 0] = local[:, 0], root
    for j, parent in list(enumerate(PARENTS))[1:]:
        turn[:, j] = turn[:, parent] @ local[:, j]
        place[:, j] = place[:, parent] + turn[:, parent] @ (build.joints_m[j] - build.joints_m[parent])
    return t_s, rotations, turn, place, build


def soles(turn: Array, place: Array, build: Build) -> Array:
    """(K, 4, 3): heel and ball of both feet, at the sole."""
    points = []
    for side, name in enumerate(SIDES):
        ankle = JOINTS[f"ankle_{name}"]
        for local in (build.ball(side), np.array([-0.065 * build.scale, 0.0, build.ball(side)[2]])):
            points.append(place[:, ankle] + turn[:, ankle] @ local)
    return np.stack(points, axis=1)


def slid(points: Array, down: Array) -> float:
    """The farthest that any of (K, P, 3) points goes from where it came down, while it is down (K, P)."""
    worst = 0.0
    for p in range(points.shape[1]):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], down[:, p].astype(int), [0]])))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            worst = max(worst, float(np.hypot(*(points[a:b, p, :2] - points[a, p, :2]).T).max()))
    return worst


def lawful(actor: Actor, stature_m: float, *, level: bool = True) -> None:
    """Everything that holds for whatever anybody does."""
    t_s, rotations, turn, place, build = seen(actor, stature_m)
    for name, angle in angles(rotations).items():
        low, high = LIMITS[name]
        assert low <= angle.min(), f"{name} {np.degrees(angle.min()):.0f}"
        assert angle.max() <= high, f"{name} {np.degrees(angle.max()):.0f}"
    cosine = np.clip(np.abs((rotations[1:] * rotations[:-1]).sum(axis=-1)), 0, 1)
    rate = 2 * np.arccos(cosine) * 30
    rate[:, [JOINTS["toe_l"], JOINTS["toe_r"]]] = 0
    assert rate.max() < FASTEST_RAD_S, list(JOINTS)[int(rate.max(axis=0).argmax())]
    feet = soles(turn, place, build)
    if level:
        assert slid(feet, feet[..., 2] < 0.012) < SLIDE_M
        assert feet[..., 2].min() > -BELOW_M
        for name, flesh in FLESH_M.items():
            joints = [j for n, j in JOINTS.items() if n.split("_")[0] == name]
            assert place[:, joints, 2].min() > flesh * build.scale * 0.9 - BELOW_M, name
    else:
        way = walk(actor.legs, actor.first, t_s)
        flat = ~way.carried & (np.abs(way.foot_pitch_rad) < 0.02)
        assert flat.sum() > 60
        assert slid(feet, np.repeat(flat, 2, axis=1)) < SLIDE_M


@pytest.mark.parametrize("stature_m", BODIES_M)
@pytest.mark.parametrize("name", POSED)
def test_every_motion_is_one_that_people_can_do(name: str, stature_m: float) -> None:
    lawful(POSED[name], stature_m)


@pytest.mark.parametrize("name", BETWEEN)
def test_every_way_between_two_postures_is_one_that_people_can_go(name: str) -> None:
    lawful(BETWEEN[name], STATURES_M[sum(map(ord, name)) % 3])


@pytest.mark.parametrize("stature_m", STATURES_M)
@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_one_that_people_can_go_in(style: str, stature_m: float) -> None:
    lawful(gone(style, stature_m), stature_m, level=style not in RISE_M)


@pytest.mark.parametrize("name", RISE_M)
def test_stairs_are_climbed_by_their_rise(name: str) -> None:
    _, _, turn, place, build = seen(gone(name, 1.75), 1.75)
    assert place[-1, 0, 2] - place[0, 0, 2] == pytest.approx(8 * RISE_M[name], abs=0.02)
    assert soles(turn, place, build)[-1, :, 2] == pytest.approx(8 * RISE_M[name], abs=0.01)


def test_a_run_has_flight_and_a_walk_has_none() -> None:
    for style, flies in (("run", True), ("walk", False)):
        way = walk(gone(style, 1.75).legs, ORIGIN, np.arange(0, 4, 0.01))
        assert way.carried.all(axis=1).any() == flies


@pytest.mark.parametrize("name", [n for n, m in MOTIONS.items() if m.posture != "stand" or n in ("stand", "hang")])
@pytest.mark.parametrize("seed", range(3))
def test_nobody_freezes(name: str, seed: int) -> None:
    """In any two seconds some joint turns by more than half a degree, with everybody in his own rhythm."""
    actor = Actor(first=ORIGIN, acts=(Act(at_s=-8.0, motion=name),))
    _, rotations, *_ = seen(actor, 1.75, end_s=8.0, seed=seed)
    for start in range(0, 180, 30):
        part = rotations[start : start + 60]
        cosine = np.clip(np.abs((part * part[:1]).sum(axis=-1)), 0, 1)
        assert (2 * np.arccos(cosine)).max() > np.radians(0.5)
    _, other, *_ = seen(actor, 1.75, end_s=8.0, seed=seed + 10)
    assert np.abs(rotations - other).max() > 0.01


def test_postures_are_reached_when_it_is_said() -> None:
    for name, motion in MOTIONS.items():
        if motion.posture == "stand":
            continue
        act = Act(at_s=1.0, motion=name, seconds=9.0)
        actor = Actor(first=ORIGIN, acts=(act,))
        assert actor.reaches_s(act) == pytest.approx(1.0 + seconds_between("stand", motion.posture))
        assert actor.postures()[-1][1] == pytest.approx(10.0 + seconds_between("stand", motion.posture))
    assert longest_way_s() < 10.0


HEIGHTS_M = {"crouch": (0.35, 0.55), "cover": (0.28, 0.50), "kneel_one": (0.42, 0.58), "kneel": (0.44, 0.58),
             "all_fours": (0.40, 0.60), "prone": (0.09, 0.20), "floor_sit": (0.08, 0.20), "supine": (0.08, 0.20),
             "sit": (0.48, 0.62), "lunge": (0.60, 0.85)}  # fmt: skip


@pytest.mark.parametrize("name", [n for n, m in MOTIONS.items() if m.posture != "stand"])
def test_postures_have_their_height(name: str) -> None:
    """Of the pelvis over the floor, for a body of 1.75 m."""
    *_, place, _ = seen(Actor(first=ORIGIN, acts=(Act(at_s=-12.0, motion=name),)), 1.75, end_s=1.0)
    low, high = HEIGHTS_M[MOTIONS[name].posture]
    assert low < place[:, 0, 2].min() <= place[:, 0, 2].max() < high
    assert set(HEIGHTS_M) == set(POSTURES) - {"stand"}


@pytest.mark.parametrize("stature_m", BODIES_M)
def test_hands_of_somebody_who_sits_lie_on_the_thighs(stature_m: float) -> None:
    """The wrist is over the thigh, between hip and knee, no more than the thigh's own thickness above its bone."""
    *_, place, build = seen(Actor(first=ORIGIN, acts=(Act(at_s=-12.0, motion="sit"),)), stature_m, end_s=1.0)
    for side in SIDES:
        hip, knee, wrist = (place[-1, JOINTS[f"{n}_{side}"]] for n in ("hip", "knee", "wrist"))
        share = (wrist - hip) @ (knee - hip) / ((knee - hip) @ (knee - hip))
        assert 0.3 < share < 0.8
        assert 0.06 * build.scale < wrist[2] - (hip + share * (knee - hip))[2] < 0.19


@pytest.mark.parametrize("stature_m", STATURES_M)
def test_a_phone_is_held_to_the_ear_of_every_body(stature_m: float) -> None:
    *_, turn, place, build = seen(POSED["phone_ear"], stature_m, end_s=5.0)
    head, wrist = JOINTS["head"], JOINTS["wrist_r"]
    palm = place[-1, wrist] + turn[-1, wrist] @ np.array([0.03, 0.0, -0.12]) * build.scale
    ear = place[-1, head] + turn[-1, head] @ np.array([0.0, -0.075, 0.05]) * build.scale
    assert np.linalg.norm(palm - ear) < 0.13


def test_a_head_turns_to_what_it_looks_at() -> None:
    actor = Actor(first=ORIGIN, looks=(Look(at_s=0.2, place_m=(2.0, 1.5, 1.6)),))
    *_, turn, _, _ = seen(actor, 1.75, end_s=2.0)
    aim = np.array([2.0, 1.5]) / 2.5
    assert turn[-1, JOINTS["head"], :2, 0] @ aim > np.cos(np.radians(20))
    assert turn[3, JOINTS["head"], :2, 0] @ aim < np.cos(np.radians(20))


def test_acts_that_cannot_be_are_refused_in_one_line() -> None:
    leg = Leg(start_s=0.5, cadence_hz=1.8, steps=4, start=ORIGIN, end=ORIGIN)
    for make, says in (
        (lambda: Act(at_s=0.0, motion="fly"), "motion must be one of stand, walk"),
        (lambda: Act(at_s=0.0, motion="wave", seconds=0), "seconds must be more than 0, got 0"),
        (lambda: Actor(first=ORIGIN, legs=(leg,), acts=(Act(at_s=1.0, motion="kneel"),)), "begin it later"),
        (lambda: Actor(first=ORIGIN, acts=(Act(at_s=2, motion="wave"), Act(at_s=1, motion="talk"))), "order of at_s"),
        (lambda: Leg(start_s=0, cadence_hz=2, steps=2, start=ORIGIN, end=ORIGIN, style="hop"), "style must be one of"),
        (lambda: Leg(start_s=0, cadence_hz=2, steps=2, start=ORIGIN, end=ORIGIN, rise_m=0.4), "rise_m must be in"),
    ):
        with pytest.raises(ValueError, match=says) as caught:
            make()
        assert "\n" not in str(caught.value)
