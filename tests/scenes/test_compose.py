"""Laws of compose(): deterministic, explicit, twins alike, first person, and one line when it cannot be."""

from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from scenes import assets
from scenes.bodycam import GAITS
from scenes.compose import HELD, Rejected, compose
from scenes.families import FAMILIES
from scenes.light import LIGHTS
from scenes.props import PROPS
from scenes.scenario import CAMERA_STAGES, MOUNTS
from scenes.shot import Shot, load, save
from tests.needs import need_bodies
from tests.scenes.scenarios import WIDE, demo

CAMERAS = sorted((Path(__file__).parents[2] / "configs/profiles/cameras").glob("*.yaml"))


def same(a: Any, b: Any) -> bool:
    """Equal field by field, arrays bit by bit."""
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if is_dataclass(a):
        return type(a) is type(b) and all(same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a))
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return set(a) == set(b) and all(same(a[k], b[k]) for k in a)
    return bool(a == b)


def silhouette(shot: Shot, frame: int) -> float:
    """Share of the frame's pixels that the held thing would cover if nothing stood before it."""
    key = shot.frame_key(frame)
    held = next(s for s in shot.solids if s.in_wearer_hand)
    pose = held.world_from_solid[key]
    world = held.vertices_m @ pose[:3, :3].T + pose[:3, 3]
    cam = (world - shot.world_from_cam[key, :3, 3]) @ shot.world_from_cam[key, :3, :3]
    xy = shot.lens.project(cam, shot.size_px)
    canvas = np.zeros(shot.size_px[::-1], np.uint8)
    for triangle in held.triangles:
        if (cam[triangle, 2] < -0.03).all():
            cv2.fillConvexPoly(canvas, np.round(xy[triangle]).astype(np.int32), 1)
    return float(canvas.mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_same_scenario_same_shot(seed: int) -> None:
    assert same(compose(demo(seed=seed)), compose(demo(seed=seed)))


def test_other_seed_other_shot() -> None:
    one, other = compose(demo(seed=0)), compose(demo(seed=1))
    assert not np.allclose(one.world_from_cam, other.world_from_cam, atol=1e-3)
    assert one.figures[-1].root_m[0] != pytest.approx(other.figures[-1].root_m[0], abs=1e-3)


def test_json_there_and_back(tmp_path: Path) -> None:
    shot = compose(demo(cast=1, seconds=0.5))
    save(shot, tmp_path)
    assert same(shot, load(tmp_path))


@pytest.mark.parametrize(("prop", "held", "grip"), [
    ("prop_long", "umbrella", "two_apart"), ("prop_short", "phone", "two_together"), ("prop_short", "phone", "one_hand"),
    ("prop_short", "torch", "one_hand"),
])  # fmt: skip
@pytest.mark.parametrize("seconds", [3.0, 8.0])
def test_twins_differ_in_what_is_held_alone(prop: str, held: str, grip: str, seconds: float) -> None:
    """And in how far the fingers close on it, which moves wrists and sleeves by its thickness."""
    one, other = (compose(demo(held=h, grip=grip, seconds=seconds, seed=5)) for h in (prop, held))
    assert same(one.world_from_cam, other.world_from_cam)
    arms = ("hand_wearer", "forearm")
    assert same(*([f for f in shot.figures if f.track_class not in arms] for shot in (one, other)))
    for a, b in zip(one.figures, other.figures, strict=True):
        assert (a.name, a.materials, a.track) == (b.name, b.materials, b.track)
        assert np.abs(a.root_m - b.root_m).max() < 0.015
    assert same(one.materials, other.materials)
    assert same(one.lights, other.lights)
    assert same([s for s in one.solids if not s.in_wearer_hand], [s for s in other.solids if not s.in_wearer_hand])
    motions = [next(s for s in shot.solids if s.in_wearer_hand).world_from_solid for shot in (one, other)]
    assert same(*motions)
    unloud = [e for e in one.events if e.type != "loud_impulse_sound"]
    assert unloud == [e for e in other.events if e.type != "loud_impulse_sound"]
    assert any(e.type == "loud_impulse_sound" for e in one.events) == (seconds >= 6)


@pytest.mark.parametrize("held", PROPS)
@pytest.mark.parametrize("seed", range(3))
def test_held_thing_covers_two_percent_for_a_second(held: str, seed: int) -> None:
    shot = compose(demo(held=held, seed=seed, cast=0))
    raised = next(e for e in shot.events if e.type == "object_raised")
    frames = [f for f in range(shot.frames) if f / shot.fps >= raised.onset_s]
    assert len(frames) >= shot.fps
    assert min(silhouette(shot, f) for f in frames[::4]) >= 0.02


def test_held_thing_comes_from_outside_the_frame() -> None:
    shot = compose(demo(held="torch"))
    seen = next(e for e in shot.events if e.type == "object_in_hand_visible")
    assert silhouette(shot, 0) == 0
    assert silhouette(shot, int(np.ceil(seen.onset_s * shot.fps)) + 1) > 0.005
    assert seen.track == HELD


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seconds", [0.2, 3.0, 9.0])
def test_events_lie_in_order_within_the_clip(family: str, seconds: float) -> None:
    events = compose(demo(family=family, seconds=seconds)).events
    onsets = [e.onset_s for e in events]
    assert onsets == sorted(onsets)
    assert all(0 <= e.onset_s <= e.offset_s <= seconds for e in events)
    assert events[0].type == "stream_start"
    assert events[-1].type == "stream_end"


@pytest.mark.parametrize("mount", MOUNTS)
@pytest.mark.parametrize("gait", GAITS)
def test_every_mount_and_gait(mount: str, gait: str) -> None:
    shot = compose(demo(mount=mount, gait=gait, cast=1))
    turn = shot.world_from_cam[:, :3, :3]
    assert np.allclose(turn @ np.swapaxes(turn, 1, 2), np.eye(3), atol=1e-9)
    assert 0.8 < shot.world_from_cam[:, 2, 3].min() <= shot.world_from_cam[:, 2, 3].max() < 2.1


def test_in_chain_is_sharp_and_undone_and_sees_more() -> None:
    drawn, left = compose(demo(camera="in_render")), compose(demo(camera="in_chain"))
    assert drawn.camera_state["done"] == ("gait", "mount", "lens", "shutter", "blur")
    assert (left.camera_state["done"], left.blur, left.readout_s) == ((), False, 0.0)
    assert np.ptp(left.world_from_cam[:, 2, 3]) < 1e-9 < np.ptp(drawn.world_from_cam[:, 2, 3])


@pytest.mark.parametrize("profile", CAMERAS, ids=lambda p: p.stem)
@pytest.mark.parametrize("size_px", [(320, 180), (180, 320)], ids=["wide", "upright"])
def test_in_chain_sees_more_all_along_the_edge(profile: Path, size_px: tuple[int, int]) -> None:
    own = tuple(yaml.safe_load(profile.read_text(encoding="utf-8"))["theta_coefficients"])
    device = replace(WIDE, theta_coefficients=own)
    drawn, left = (compose(demo(camera=c, camera_profile=device, size_px=size_px, cast=0)).lens for c in CAMERA_STAGES)
    rho = np.linspace(min(size_px), np.hypot(*size_px), 20) / size_px[0] / 2
    assert (left.theta(rho) >= 1.149 * drawn.theta(rho)).all()


@pytest.mark.parametrize("mount", MOUNTS)
def test_in_chain_hands_do_not_follow_the_gaze(mount: str) -> None:
    """The hands of both renders point the same way but for the shake, which is below 15 degrees."""
    held = [
        next(
            s.world_from_solid
            for s in compose(demo(camera=c, mount=mount, cast=0, seconds=6.0)).solids
            if s.track == HELD
        )
        for c in CAMERA_STAGES
    ]
    assert (np.einsum("ka,ka->k", held[0][:, :3, 0], held[1][:, :3, 0]) > np.cos(np.radians(15))).all()


@pytest.mark.parametrize("seconds", [0.1, 3.02, 2.97])
@pytest.mark.parametrize("fps", [Fraction(10), Fraction(25), Fraction(30000, 1001)], ids=str)
def test_events_and_sounds_end_with_the_last_frame(seconds: float, fps: Fraction) -> None:
    shot = compose(demo(seconds=seconds, fps=fps, cast=0))
    clip_s = pytest.approx(float(shot.frames / fps), abs=1e-6)
    assert max(e.offset_s for e in shot.events) == clip_s
    assert max(s.seconds for s in shot.sounds) == clip_s


def test_bodies_are_those_of_the_pack_that_is_named_alone() -> None:
    """Whatever is installed: a scenario without packs has the built-in bodies, and credits nobody."""
    built_in, packed = (compose(demo(cast=1, seconds=0.2, packs=packs)) for packs in ({}, need_bodies()))
    again = compose(demo(cast=1, seconds=0.2, packs=need_bodies()))
    assert same(packed, again)
    assert (built_in.assets, packed.assets) == ((), ("bodies/hm08",))
    for name in ("person_0", "wearer_body"):
        few, many = (next(f for f in shot.figures if f.name == name) for shot in (built_in, packed))
        assert len(many.vertices_m) > 2 * len(few.vertices_m)
        assert few.tint is None
        assert many.tint is not None


def test_a_machine_without_the_pack_says_so_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(assets.FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(
        assets.AssetError, match=r"pack 'bodies' as planned \(abab.* synth assets install bodies"
    ) as said:
        compose(demo(cast=1, packs={"bodies": "ab" * 32}))
    assert "\n" not in str(said.value)


def test_nothing_held() -> None:
    shot = compose(demo(held="nothing"))
    assert not any(s.in_wearer_hand for s in shot.solids)
    assert not any(e.track == HELD for e in shot.events)


def test_darker_light_gives_less_power() -> None:
    power = {name: sum(x.power_w for x in compose(demo(light=name, cast=0)).lights) for name in LIGHTS}
    assert power["dim"] < 0.5 * power["interior"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cast": 12, "venue_knobs": {"length_m": 5.0}}, "widen length_m or width_m, or lower cast"),
        ({"venue_knobs": {"length_m": 2.0}}, "length_m must be in 4..60, got 2"),
        ({"venue_knobs": {"lenght_m": 9.0}}, "got 'lenght_m'"),
        ({"venue_knobs": {"wall": "gold"}}, "wall must be one of cream"),
        ({"held": "broom"}, "held must be one of prop_long"),
        ({"venue": "moon"}, "venue must be one of corridor, got 'moon'"),
        ({"weather": "rain"}, "weather must be none"),
    ],
)
def test_rejected_says_what_to_change(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Rejected, match=says) as caught:
        compose(demo(**changes))
    assert "\n" not in str(caught.value)


def test_another_lane_shifts_nothing() -> None:
    """One more person leaves place, light, wearer and the first person as they were."""
    few, more = compose(demo(cast=1)), compose(demo(cast=2))
    assert same(few.world_from_cam, more.world_from_cam)
    assert same(few.solids, tuple(s for s in more.solids if not s.name.startswith("person_1_")))
    first = [next(f for f in shot.figures if f.name == "person_0") for shot in (few, more)]
    assert same(*first)
    assert same(few.lights, more.lights)
