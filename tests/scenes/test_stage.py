"""Laws of the stage: what it films is what the Shot says, in space, in time and in every byte."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenes.film import Stage, StageError, Take, film
from scenes.shot import Lens, Material, Quality, Shot, Solid, matrices, quaternions
from scenes.stage import curve
from tests.scenes.small_shot import LENS, LOOK_ALONG_Y, ball, bending_tube, box, shift, small_shot, still_camera, turn

Array = np.ndarray[Any, Any]
LENSES = {
    "body-worn": LENS,
    "action": Lens(theta_coefficients=(2.111, 0.143, -1.03, 0.641)),
    "narrow": Lens(theta_coefficients=(1.2, 0.0, 0.05, 0.0)),
}
GLOW = Material(name="glow", base_colour=(1.0, 1.0, 1.0), emission_w_m2=10.0)


def bare(solids: Sequence[Solid], **more: Any) -> Shot:
    """Glowing solids in the dark before a camera that looks along +Y: light is coverage, without noise."""
    base = small_shot(**{k: more.pop(k) for k in ("frames", "size_px", "samples", "seed") if k in more})
    dark = {"figures": (), "lights": (), "materials": (GLOW,), "events": (), "world_colour": (0.0, 0.0, 0.0)}
    return still_camera(replace(base, solids=tuple(solids), **{**dark, **more}), LOOK_ALONG_Y)


def arrays_of(take: Take) -> tuple[Array, Array]:
    """Codes and ids."""
    return np.load(take.frames), np.load(take.ids)


def centroid(weights: Array) -> Array:
    """x, y in pixels, the first pixel's centre at 0.5."""
    y, x = np.indices(weights.shape) + 0.5
    return np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum()


# --- space -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES.keys())
@pytest.mark.parametrize("size_px", [(160, 90), (90, 120)], ids=["wide", "upright"])
def test_a_ball_is_seen_where_the_lens_says(stage: Stage, tmp_path: Path, lens: Lens, size_px: tuple[int, int]) -> None:
    w, h = size_px
    at_px = [(w * x, h * y) for x in (0.12, 0.5, 0.88) for y in (0.12, 0.5, 0.88)]
    centres = []
    for x, y in at_px:
        right, up = x - w / 2, h / 2 - y
        radius = np.hypot(right, up)
        theta = float(lens.theta(np.array(radius / w)))
        aside = np.sin(theta) / radius if radius else 0.0
        centres.append(5 * np.array([right * aside, up * aside, -np.cos(theta)]))
    pose = shift(1.0, -2.0, 0.7) @ turn("z", 2.5) @ turn("x", 1.2) @ turn("y", 0.4)
    worlds = [(pose @ [*c, 1.0])[:3] for c in centres]
    balls = [ball(f"b{i}", 0.1, tuple(c), material="glow", track=i + 1) for i, c in enumerate(worlds)]  # type: ignore[arg-type]
    shot = still_camera(bare(balls, frames=1, size_px=size_px, lens=lens, blur=False), pose)
    _, ids = arrays_of(film(shot, tmp_path, stage))
    expected = lens.project(np.array(centres), size_px)
    assert np.allclose(expected, at_px, atol=1e-6)
    found = np.array([centroid(ids[0] == i + 1) for i in range(len(balls))])
    assert np.abs(found - expected).max() < 0.5, found - expected


def test_quaternions_are_the_rotations_and_never_jump() -> None:
    angles = np.linspace(0, 4 * np.pi, 100)
    rotations = np.stack([(turn("z", a) @ turn("x", 2 * a) @ turn("y", 0.3))[:3, :3] for a in angles])
    found = quaternions(rotations)
    assert np.allclose(matrices(found), rotations, atol=1e-12)
    assert (np.einsum("ki,ki->k", found[1:], found[:-1]) > 0.9).all()


@pytest.mark.parametrize("pattern", ["tiles", "bricks", "planks", "weave"])
def test_a_pattern_shows_on_walls_of_every_direction(stage: Stage, tmp_path: Path, pattern: str) -> None:
    """Against the same walls without it, whose noise is the same."""
    codes = {}
    for name in ("none", pattern):
        wall = Material(name="wall", base_colour=(0.5, 0.5, 0.5), variation=0.0, pattern=name, pattern_m=0.4)
        walls = [
            box("end", (4, 0.1, 4), shift(0, 1.5, 0), material="wall"),
            box("left", (0.1, 4, 4), shift(-1.2, 1, 0), material="wall"),
            box("floor", (4, 4, 0.1), shift(0, 1, -0.7), material="wall"),
        ]
        day = {"materials": (wall,), "world_colour": (1.0, 1.0, 1.0), "quality": Quality(samples=16, bounces=1)}
        folder = tmp_path / name
        folder.mkdir()
        codes[name] = arrays_of(film(bare(walls, frames=1, blur=False, **day), folder, stage))[0][0, ..., 0]
    change = codes[pattern].astype(float) - codes["none"]
    for region in (change[:18, 24:40], change[5:30, :8], change[29:, 24:40]):
        assert region.std() > 2.5, "codes; a change that is the same everywhere is no pattern"


# --- time ------------------------------------------------------------------------------------------------------------


def test_ids_are_sharp_and_each_row_is_seen_at_its_own_instant(stage: Stage, tmp_path: Path) -> None:
    size, readout_s, yaw = (160, 90), 0.05, 0.12
    bar = box("bar", (0.06, 0.06, 6), shift(0, 3, 0), material="glow", track=9)
    shot = bare([bar], frames=1, size_px=size, samples=64, readout_s=readout_s, exposure_s=0.02)
    at = shot.key_frames()
    shot = replace(shot, world_from_cam=np.stack([turn("z", yaw * f) @ LOOK_ALONG_Y for f in at]))
    codes, ids = arrays_of(film(shot, tmp_path, stage))
    light = curve.light_from_codes(codes[0]).mean(axis=2)
    light[light < 0.01] = 0
    for row in (4, 20, 45, 70, 85):
        columns = np.flatnonzero(ids[0, row] == 9)
        assert (np.diff(columns) == 1).all(), "the edge is dithered"
        instant = ((row + 0.5) / size[1] - 0.5) * readout_s * float(shot.fps)
        pose = turn("z", yaw * instant) @ LOOK_ALONG_Y
        along = np.stack([np.zeros(601), np.full(601, 3.0), np.linspace(-3, 3, 601)], 1)
        path = shot.lens.project(along @ pose[:3, :3], size)
        expected = path[np.abs(path[:, 1] - row - 0.5).argmin(), 0]
        assert columns.mean() + 0.5 == pytest.approx(expected, abs=0.5), f"row {row}"
        seen = (light[row] * (np.arange(size[0]) + 0.5)).sum() / light[row].sum()
        assert seen == pytest.approx(expected, abs=0.5), f"row {row} of the colours"


@pytest.mark.parametrize("what", ["figure", "solid"])
def test_motion_between_frames_is_blurred(stage: Stage, tmp_path: Path, what: str) -> None:
    """The thing stands at the same place at every frame and swings 0.2 m to each side a quarter frame off it."""
    size, reach_m = (160, 90), 0.2
    base = bare([], frames=1, size_px=size, samples=128, lights=small_shot().lights, exposure_s=0.05, readout_s=0.0)
    sway = reach_m * np.sin(base.key_frames() * 2 * np.pi)
    spots = np.stack([sway, np.full_like(sway, 3.0), np.full_like(sway, -0.8)], 1)
    spreads = {}
    for name, path in (("still", spots * [0, 1, 1]), ("swinging", spots)):
        if what == "figure":
            rotations = np.tile([1.0, 0, 0, 0], (base.keys, 3, 1))
            tube = bending_tube("tube", rotations, path)
            shot = replace(base, figures=(replace(tube, materials=("glow", "glow")),))
        else:
            post = np.stack([shift(x, y, 0) for x, y, _ in path])
            shot = replace(base, solids=(box("post", (0.3, 0.3, 1.6), post, material="glow"),))
        folder = tmp_path / name
        folder.mkdir()
        codes, _ = arrays_of(film(replace(shot, lights=()), folder, stage))
        profile = curve.light_from_codes(codes[0])[30:60].mean(axis=(0, 2))
        profile[profile < 0.003] = 0
        x = np.arange(size[0])
        mean = (profile * x).sum() / profile.sum()
        spreads[name] = (profile * (x - mean) ** 2).sum() / profile.sum()
    px_per_m = np.diff(LENS.project(np.array([[0, 0, -2.85], [0.1, 0, -2.85]]), size)[:, 0])[0] / 0.1
    smear_px = np.sqrt(12 * (spreads["swinging"] - spreads["still"]))
    assert smear_px == pytest.approx(2 * reach_m * px_per_m, rel=0.08)


def test_the_noise_belongs_to_the_absolute_frame(stage: Stage, tmp_path: Path) -> None:
    takes = {}
    for seed in (7, 8, 2**31 + 7):
        (tmp_path / str(seed)).mkdir()
        shot = still_camera(small_shot(seed=seed, blur=False, yaw_rad_per_frame=0, box_m_per_frame=0), LOOK_ALONG_Y)
        shot = replace(shot, solids=shot.solids[:-1], figures=(), events=(), lights=shot.lights)
        takes[seed] = arrays_of(film(shot, tmp_path / str(seed), stage))[0]
    assert (takes[7][0] != takes[7][1]).mean() > 0.3
    assert np.array_equal(takes[7][1], takes[8][0])
    assert np.array_equal(takes[7], takes[2**31 + 7])


# --- bytes -----------------------------------------------------------------------------------------------------------


def test_a_warm_stage_films_what_a_fresh_one_does_with_any_threads(stage: Stage, tmp_path: Path) -> None:
    before = small_shot(seed=1, blur=False, size_px=(48, 48), samples=2)
    shot = small_shot(samples=2, denoise=True)
    takes = {}
    for name, threads in (("before", 1), ("warm", 1), ("two", 2), ("fresh", 1)):
        folder = tmp_path / name
        folder.mkdir()
        if name == "fresh":
            with Stage() as fresh:
                takes[name] = arrays_of(film(shot, folder, fresh, threads=threads))
        else:
            takes[name] = arrays_of(film(before if name == "before" else shot, folder, stage, threads=threads))
    codes, ids = takes["fresh"]
    assert set(np.unique(ids)) == {0, 3, 40000}
    assert codes.std() > 50
    for name in ("warm", "two"):
        assert np.array_equal(takes[name][0], codes), name
        assert np.array_equal(takes[name][1], ids), name


def test_light_is_linear_and_comes_back_from_the_codes(stage: Stage, tmp_path: Path) -> None:
    """A glowing wall of known radiance fills the frame."""
    wall = box("wall", (40, 0.1, 40), shift(0, 1, 0), material="glow")
    for exitance in (0.1, 3.0, 300.0):
        glow = Material(name="glow", base_colour=(1.0, 0.5, 0.25), emission_w_m2=exitance, roughness=1.0)
        folder = tmp_path / str(exitance)
        folder.mkdir()
        shot = bare([wall], frames=1, blur=False, materials=(glow,), lens=LENSES["narrow"])
        codes, _ = arrays_of(film(shot, folder, stage))
        light = curve.light_from_codes(codes).mean(axis=(0, 1, 2))
        assert light == pytest.approx(np.array([1.0, 0.5, 0.25]) * exitance / np.pi, rel=0.01)


@pytest.mark.parametrize(("light", "code"), [(0.0, 75), (0.0078125, 159), (0.18, 423), (1.0, 568), (1e9, 1023)])
def test_known_points_of_acescct(light: float, code: int) -> None:
    assert curve.codes_from_light(np.array([light]))[0] == code


def test_every_code_comes_back() -> None:
    codes = np.arange(1024)
    assert np.array_equal(curve.codes_from_light(curve.light_from_codes(codes)), codes)
    assert curve.codes_from_light(np.array([np.nan, -5.0]))[0] == 75


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_missing_device_is_an_error_and_the_stage_goes_on(stage: Stage, tmp_path: Path) -> None:
    """HIP, for no machine that tests this has an AMD card."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir(), second.mkdir()
    with pytest.raises(StageError, match="device must be on this machine, got HIP"):
        film(replace(small_shot(), quality=Quality(device="HIP")), first, stage)
    assert not (first / "result.json").exists()
    pid = stage.pid
    take = film(replace(small_shot(), fps=Fraction(30)), second, stage)
    assert stage.pid == pid
    assert take.info["device"] == "CPU"
    assert take.info["build_hash"]


def test_an_unknown_pattern_is_refused_by_name(stage: Stage, tmp_path: Path) -> None:
    dotted = Material(name="x", base_colour=(1.0, 1.0, 1.0), pattern="dots")
    shot = replace(small_shot(), materials=(*small_shot().materials, dotted))
    with pytest.raises(StageError, match=r"pattern must be one of .*, got 'dots'"):
        film(shot, tmp_path, stage)
