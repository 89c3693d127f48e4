"""What stands before the lens and on its glass: each op by one property of the real effect, measured in linear light."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from augment.kinds import Setting
from augment.ops import OPS
from augment.ops.exposure import code, light
from augment.ops.occlusion import KINDS, SIDES
from augment.ops.weather import FALLS_MPS, FOCAL
from augment.picture.veil import Veil
from tests.augment.examples import setting

Array = np.ndarray
W, H = 320, 180


def at(**changes: Any) -> Setting:
    return setting(**{"size_px": (W, H), "fps": Fraction(25), "length": 50, **changes})


def flat(value: int, size_px: tuple[int, int] = (W, H)) -> Array:
    return np.full((size_px[1], size_px[0], 3), value, np.uint8)


def scene(shift_px: int = 0, size_px: tuple[int, int] = (W, H)) -> Array:
    """Soft blotches of many colours, moved to the left."""
    wide = np.random.default_rng(1).integers(0, 256, (size_px[1], size_px[0] + 100, 3), dtype=np.uint8)
    soft = cv2.GaussianBlur(wide, (0, 0), 4).astype(float)
    soft = np.clip((soft - soft.mean()) * 6 + 110, 5, 250).astype(np.uint8)
    return np.ascontiguousarray(soft[:, shift_px : shift_px + size_px[0]])


def light_of(picture: Array) -> Array:
    return np.asarray(light(picture / 255))


def passing(paint: Any, t: int, dark: int = 60, bright: int = 180) -> Array:
    """(H, W) share of a scene's light that gets through, by the difference of two flat scenes."""
    seen = [light_of(paint(t, flat(value)))[..., 1] for value in (bright, dark)]
    return np.asarray((seen[0] - seen[1]) / (light(bright / 255) - light(dark / 255)))


# ------------------------------------------------------------------------------------------------ light


@pytest.mark.parametrize("value", [3, 20, 90, 200, 250])
@pytest.mark.parametrize(("passes", "adds"), [(1.0, 0.0), (0.6, 0.0), (0.3, 0.1), (1.0, 0.4), (0.0, 0.2), (1.0, 2.0)])
def test_light_is_lost_and_added_as_on_the_sensor(value: int, passes: float, adds: float) -> None:
    lost, added = np.full((23, 40), passes, np.float32), np.full((23, 40, 3), adds, np.float32)
    seen = Veil().lay(flat(value), passes=lost, adds=added)
    wanted = 255 * code(light(value / 255) * passes + adds)
    assert np.abs(seen.astype(float) - wanted).max() <= 1.5


def test_detail_inside_a_cell_keeps_the_contrast_that_light_leaves_it() -> None:
    rng = np.random.default_rng(3)
    fine = rng.integers(90, 131, (H, W, 3), dtype=np.uint8)
    lost, added = np.full((23, 40), 0.5, np.float32), np.full((23, 40, 3), 0.1, np.float32)
    seen = Veil().lay(fine.copy(), passes=lost, adds=added).astype(float)
    wanted = 255 * code(light(fine / 255) * 0.5 + 0.1)
    assert np.abs(seen - wanted).max() <= 3 and np.abs(seen - wanted).mean() < 0.7


# ------------------------------------------------------------------------------------------------ occlusion


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_cloth_covers_is_where_it_hides_more_than_half(kind: str, side: str) -> None:
    op = OPS["occlusion"].op(kind=kind, side=side, reach=0.25, at=0.5, sway=0.01)
    paint, covers = op.painter(at()), op.covers(at())
    for t in (0, 7):
        hidden, stays = covers(t), passing(paint, t)
        # what reflects is lit by the scene, so a bright scene shows a brighter cloth: at most its reflectance more
        sure = np.abs(stays - 0.5) > 0.35
        assert 0.01 < hidden.mean() < 0.7
        assert (hidden[sure] == (stays < 0.5)[sure]).mean() > 0.998
        edges = {"left": hidden[:, 0], "right": hidden[:, -1], "top": hidden[0], "bottom": hidden[-1]}
        assert edges[side].any(), "it comes from its side"


def test_a_blurred_edge_is_as_wide_as_stated() -> None:
    widths = []
    for softness in (0.03, 0.08):
        op = OPS["occlusion"].op(kind="jacket", side="left", reach=0.3, softness=softness, sway=0)
        row = passing(op.painter(at()), 0)[H // 2]
        soft = (row > 0.1) & (row < 0.9)
        widths.append(soft.sum() / W)
    assert widths[0] == pytest.approx(0.03 * 0.6, rel=0.4) and widths[1] == pytest.approx(0.08 * 0.6, rel=0.4)


def test_a_strap_sways_at_its_rate_and_amplitude() -> None:
    op = OPS["occlusion"].op(kind="jacket", side="left", reach=0.2, sway=0.02, sway_hz=2.0)
    here = at(fps=Fraction(25), length=250)
    covers = op.covers(here)
    edge = np.array([covers(t)[H // 2].sum() for t in range(0, 250)]) / W
    spectrum = np.abs(np.fft.rfft(edge - edge.mean()))
    assert np.fft.rfftfreq(250, 1 / 25)[spectrum.argmax()] == pytest.approx(2.0, abs=0.11)
    assert 0.01 < np.ptp(edge) < 0.08


def test_cloth_is_as_dark_as_the_scene_that_lights_it() -> None:
    op = OPS["occlusion"].op(kind="jacket", side="left", reach=0.3, cloth="grey", sway=0)
    cloth = cv2.erode(op.covers(at())(0).astype(np.uint8), np.ones((15, 15))).astype(bool)
    seen = [light_of(op.painter(at())(0, flat(value)))[cloth].mean() for value in (60, 120)]
    assert seen[1] / seen[0] == pytest.approx(light(120 / 255) / light(60 / 255), rel=0.2)


# ------------------------------------------------------------------------------------------------ dirt


def test_dirt_stands_on_the_glass_while_the_picture_moves() -> None:
    """The map of what passes, measured frame by frame behind different scenes, is one and the same."""
    paint = OPS["dirt"].op(specks=20, darkness=0.7, smears=0, fingerprints=0).painter(at())
    found = []
    for t in (0, 13, 49):
        before = scene(7 * t % 90)
        after = light_of(paint(t, before.copy()))
        found.append((after / light_of(before)).mean(axis=2))
    assert found[0].min() < 0.6 and found[0].max() < 1.1
    for other in found[1:]:
        assert np.corrcoef(found[0].ravel(), other.ravel())[0, 1] > 0.97
    flats = [passing(paint, t) for t in (0, 49)]
    assert np.array_equal(flats[0], flats[1])


def test_a_film_takes_contrast_and_gives_light_back() -> None:
    op = OPS["dirt"].op(specks=0, smears=0, fingerprints=4, film=0.8)
    before = np.zeros((H, W, 3), np.uint8)
    before[:, ::2] = 200  # stripes: as much light everywhere, much contrast
    after = op.painter(at())(0, before.copy())
    _, film = op.maps(at())
    thick = cv2.resize(film, (W, H)) > 0.4
    clean = cv2.resize(film, (W, H)) < 0.005
    contrast = np.abs(np.diff(light_of(after)[..., 1], axis=1))
    assert thick.mean() > 0.01
    assert contrast[thick[:, 1:]].mean() < 0.8 * contrast[clean[:, 1:]].mean()
    assert after[:, 1::2][thick[:, 1::2]].mean() > 5 > after[:, 1::2][clean[:, 1::2]].mean()


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("dirt", {"film": 0.8, "smears": 6, "specks": 12, "fingerprints": 0}),
        ("occlusion", {"kind": "jacket", "side": "bottom", "reach": 0.14}),
        ("occlusion", {"kind": "strap", "side": "left", "at": 0.3}),
    ],
)
def test_what_is_out_of_focus_has_no_seam(name: str, knobs: dict[str, Any]) -> None:
    """What is blurred over many pixels bends slowly: no step where parts of the frame meet."""
    frame = np.repeat(np.linspace(40, 220, 848)[None, :, None], 480, axis=0).repeat(3, axis=2).astype(np.uint8)
    shown = OPS[name].op(**knobs).painter(at(size_px=(848, 480)))(0, frame).astype(float).mean(axis=2)
    kinks = np.abs(shown[2:] - 2 * shown[1:-1] + shown[:-2]).max(axis=1)
    assert kinks.max() < 9, f"row {kinks.argmax() + 1}"


def test_dirt_never_adds_light_where_only_specks_are() -> None:
    paint = OPS["dirt"].op(specks=40, darkness=0.9, smears=0, fingerprints=0).painter(at())
    before = scene()
    assert (paint(0, before.copy()).astype(int) <= before.astype(int) + 1).all()


# ------------------------------------------------------------------------------------------------ drops


def test_drops_stay_where_they_are_while_the_picture_moves() -> None:
    op = OPS["drops"].op(count=10, size=0.08, running=0, seconds=60)
    here = at()
    paint, covers = op.painter(here), op.covers(here)
    changed = [np.abs(paint(t, scene(s)).astype(int) - scene(s)).max(axis=2) > 12 for t, s in ((20, 0), (25, 60))]
    hidden = covers(20)
    assert hidden.mean() > 0.01 and np.array_equal(hidden, covers(25)), "nothing runs, lands or dries in 0.2 s"
    for moved in changed:
        assert (moved & hidden).sum() / hidden.sum() > 0.8, "what is covered shows something else"
        assert (moved & ~cv2.dilate(hidden.astype(np.uint8), np.ones((15, 15))).astype(bool)).mean() < 0.002


def test_a_drop_shows_the_scene_upside_down() -> None:
    """Bright above and dark below: in a drop it is the other way round."""
    before = np.full((H, W, 3), 30, np.uint8)
    before[: H // 2] = 220
    op, tried = OPS["drops"].op(count=1, size=0.15, running=0, seconds=60, opacity=1), 0
    for seed in range(8):
        here = at(seed=seed)
        hidden = op.covers(here)(10)
        rows = np.flatnonzero(hidden.any(axis=1))
        if len(rows) > 20 and rows[0] > 0.15 * H and rows[-1] < 0.85 * H:
            after, third, tried = op.painter(here)(10, before.copy()), len(rows) // 3, tried + 1
            upper, lower = (after[part][hidden[part]].mean() for part in (rows[:third], rows[-third:]))
            assert lower > upper + 30
    assert tried >= 2


def test_drops_that_run_run_down() -> None:
    op = OPS["drops"].op(count=6, size=0.06, running=1, speed=0.3, seconds=8)
    lives = op._lives(at(length=200))
    for life in lives:
        tops = [life.at(t)[1] for t in np.arange(life.start_s + life.runs_after_s, life.stop_s, 0.05)]
        assert (np.diff(tops) >= -1).all()
        if len(tops) > 20:
            seconds = 0.05 * (len(tops) - 1)
            assert (tops[-1] - tops[0]) / seconds == pytest.approx(life.speed_px_s, rel=0.15)


def test_as_many_drops_as_stated_are_on_the_glass() -> None:
    op = OPS["drops"].op(count=20, size=0.02, running=0, seconds=3)
    here = at(length=500)
    lives = op._lives(here)
    on_glass = [sum(life.start_s < t < life.stop_s for life in lives) for t in np.arange(0.5, 19.5, 0.5)]
    assert np.mean(on_glass) == pytest.approx(20, rel=0.2)


# ------------------------------------------------------------------------------------------------ flare


def test_flare_adds_light_about_its_source() -> None:
    x, y = 0.62, 0.4
    op = OPS["flare"].op(source="drawn", x=x, y=y, veil=0.02, rays=0, ghosts=0, light=200)
    before = flat(20)
    added = light_of(op.painter(at())(0, before.copy()))[..., 1] - light(20 / 255)
    assert added.min() > -1e-3 and added.max() > 0.05
    weight = np.maximum(added - 0.5 * added.max(), 0)
    here = (weight.sum(axis=0) @ (np.arange(W) + 0.5), weight.sum(axis=1) @ (np.arange(H) + 0.5)) / weight.sum()
    assert np.hypot(here[0] - x * W, here[1] - y * H) < 0.03 * W


def test_flare_never_takes_light() -> None:
    for knobs in ({"veil": 0.3}, {"source": "drawn", "rays": 0.1, "ghosts": 0.2}):
        before = cv2.convertScaleAbs(scene(), alpha=1.8)
        after = OPS["flare"].op(**knobs).painter(at())(0, before.copy())
        lost = before.astype(int) - after.astype(int)
        # detail inside a cell is levelled as more light levels it, about the same mean
        assert lost.max() <= 6 and lost.mean() < 0


def test_a_lamp_in_the_picture_flares_where_it_is_and_follows_it() -> None:
    op = OPS["flare"].op(veil=0.5, rays=0, ghosts=0)
    paint, middles = op.painter(at()), []
    for x in (80, 200):
        before = flat(20)
        before[80:100, x : x + 20] = 255
        added = light_of(paint(0, before.copy()))[..., 1] - light_of(before)[..., 1]
        added = np.maximum(added, 0)
        middles.append(added.sum(axis=0) @ (np.arange(W) + 0.5) / added.sum())
    assert middles == pytest.approx([90, 210], abs=0.03 * W)
    dim = flat(120)
    assert np.abs(paint(0, dim.copy()).astype(int) - dim).max() <= 1, "nothing shines, nothing flares"


def test_ghosts_lie_on_the_line_through_the_middle() -> None:
    op = OPS["flare"].op(source="drawn", x=0.8, y=0.5, veil=0, rays=0, ghosts=2, ghost_count=6, light=500)
    added = light_of(op.painter(at())(0, flat(20)))[..., 1] - light(20 / 255)
    rows, _ = np.nonzero(added > 0.01)
    assert len(rows) > 20 and np.abs(rows + 0.5 - H / 2).max() < 0.08 * W


def test_rays_are_as_many_as_stated() -> None:
    size_px = (640, 360)
    here = at(size_px=size_px, length=1)
    op = OPS["flare"].op(source="drawn", x=0.5, y=0.5, veil=0, ghosts=0, rays=0.3, ray_count=5, light=300)
    added = light_of(op.painter(here)(0, flat(10, size_px)))[..., 1]
    turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    ring = added[np.rint(180 + 30 * np.sin(turn)).astype(int), np.rint(320 + 30 * np.cos(turn)).astype(int)]
    lit = ring > 0.35 * ring.max()
    assert (lit & ~np.roll(lit, 1)).sum() == 5


# ------------------------------------------------------------------------------------------------ weather


@pytest.mark.parametrize("density", [0.3, 1.0, 2.0])
def test_fog_takes_contrast_by_its_optical_depth(density: float) -> None:
    """Two scenes of one mean light differ by exp(-density) of what they did."""
    paint = OPS["weather"].op(kind="fog", density=density, wind_mps=0).painter(at())
    before = np.zeros((H, W, 3), np.uint8)
    squares = (np.indices((H, W)) // 20).sum(axis=0) % 2 == 0
    before[squares], before[~squares] = 190, 90
    after = light_of(paint(0, before.copy()))[..., 1]
    inner = cv2.erode(squares.astype(np.uint8), np.ones((9, 9))).astype(bool)
    outer = cv2.erode((~squares).astype(np.uint8), np.ones((9, 9))).astype(bool)
    left = (after[inner].mean() - after[outer].mean()) / (light(190 / 255) - light(90 / 255))
    assert left == pytest.approx(np.exp(-density), rel=0.12)


def streaks(knobs: dict[str, Any], size_px: tuple[int, int] = (640, 360), frames: int = 4) -> list[Array]:
    """What falls, alone: light added to a flat grey of the same haze."""
    here = at(size_px=size_px, length=frames)
    op = OPS["weather"].op(**knobs)
    paint, sheets = op.painter(here), []
    for t in range(frames):
        seen = paint(t, flat(90, size_px))[..., 1].astype(np.float32)
        sheets.append(np.maximum(seen - cv2.medianBlur(seen.astype(np.uint8), 31), 0))
    return sheets


def direction_deg(sheet: Array) -> float:
    """Of the streaks, from the vertical to the right, by the structure tensor."""
    gx, gy = (cv2.Sobel(sheet, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    across = 0.5 * np.arctan2(2 * (gx * gy).sum(), (gx * gx - gy * gy).sum())
    return float(np.rad2deg(across))


@pytest.mark.parametrize("wind_mps", [-6.0, 0.0, 6.0])
def test_rain_slants_with_the_wind(wind_mps: float) -> None:
    sheets = streaks({"kind": "rain", "intensity": 0.6, "wind_mps": wind_mps, "exposure_s": 0.02})
    found = np.mean([direction_deg(sheet) for sheet in sheets])
    wanted = -np.rad2deg(np.arctan2(wind_mps, FALLS_MPS["rain"]))
    assert found == pytest.approx(wanted, abs=5)


def test_streaks_are_as_long_as_the_shutter_is_open() -> None:
    op, u = OPS["weather"].op, np.random.default_rng(0).uniform(size=(400, 6))
    for exposure_s in (0.002, 0.01, 0.03):
        made = op(kind="rain", exposure_s=exposure_s, wind_mps=0)._falling(u, 0.0, (640, 360))
        length, depth = np.hypot(*(made[:, 2:4] - made[:, :2]).T), np.cbrt(0.5**3 + u[:, 2] * (6.0**3 - 0.5**3))
        speed_mps = length / exposure_s * depth / (FOCAL * 640)
        assert speed_mps.mean() == pytest.approx(FALLS_MPS["rain"], rel=0.05)
    lines = {s: streaks({"kind": "rain", "intensity": 0.2, "wind_mps": 0, "exposure_s": s})[0] for s in (0.002, 0.02)}
    tall = {
        s: np.median(cv2.connectedComponentsWithStats((x > 4).astype(np.uint8))[2][1:, 3]) for s, x in lines.items()
    }
    assert tall[0.02] > 2 * tall[0.002]


def test_rain_is_fresh_on_every_frame_and_flakes_go_on_their_way() -> None:
    rain = streaks({"kind": "rain", "intensity": 0.7})
    assert abs(np.corrcoef(rain[0].ravel(), rain[1].ravel())[0, 1]) < 0.25
    here = at(size_px=(640, 360), length=4)
    there = OPS["weather"].op(kind="snow", intensity=0.5, wind_mps=0)._particles(here)
    steps = there(1)[:, :2] - there(0)[:, :2]
    still = np.abs(steps[:, 1]) < 100  # those that did not begin again above
    assert (steps[still, 1] > 0).all()
    wide, fast = there(0)[still, 4], steps[still, 1]
    assert np.corrcoef(wide, fast)[0, 1] > 0.5, "near flakes are larger and cross the picture faster"


def test_spray_comes_in_bursts() -> None:
    here = at(size_px=(W, H), length=150)
    op = OPS["weather"].op(kind="spray", intensity=0.8, bursts_per_s=0.5, wind_mps=0)
    paint = op.painter(here)
    changed = np.array([np.abs(paint(t, flat(90)).astype(int) - 90).mean() for t in range(0, 150, 3)])
    assert (changed < 0.1).mean() > 0.25 and changed.max() > 1
    starts = ((changed > 0.3) & (np.roll(changed, 1) <= 0.3))[1:].sum()
    assert 2 <= starts <= 4, "six seconds, a burst every two"


@pytest.mark.parametrize("kind", ["rain", "snow"])
def test_more_of_it_at_a_higher_intensity_and_none_at_zero(kind: str) -> None:
    assert np.array_equal(OPS["weather"].op(kind=kind, intensity=0).painter(at())(0, scene()), scene())
    much = [np.mean(streaks({"kind": kind, "intensity": i}, frames=2)) for i in (0.2, 0.6, 1.0)]
    assert much[0] < much[1] < much[2]
