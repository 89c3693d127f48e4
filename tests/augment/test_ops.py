"""The ops: laws over the whole table, and one measured property of the real effect for each."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from augment import video
from augment.camera import motion
from augment.camera.view import through_plane
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops import OPS, transcode
from augment.ops import albumentations as albu
from augment.ops.exposure import code, light
from augment.ops.tone import acescct_light
from augment.picture import ink
from scenes.shot import Lens as ScenesLens
from scenes.stage import curve
from tests.augment.examples import (
    BODY,
    CHEST,
    EXAMPLES,
    REFUSED,
    START,
    WIDE,
    WORD,
    H,
    T,
    W,
    pictures,
    sampled,
    setting,
    sound,
)

CONFIGS = Path(__file__).parents[2] / "configs"
CASES = [(name, knobs) for name, examples in EXAMPLES.items() for knobs in examples]
DRAWS = (
    *("noise", "night", "flicker", "drop", "duplicate", "jitter", "wind", "room", "hum", "dropout"),
    *("weather", "occlusion", "drops", "dirt", "flare"),
)
"""And tracks, and albumentations' own draws: another seed, another result."""
LOOKS_BACK = ("auto_exposure", "night")
"""And noise where it denoises: asked frame by frame from 0 on, as a chain does."""


def outcome(name: str, knobs: dict[str, Any], at: Setting, order: list[int] | None = None) -> list[np.ndarray]:
    """Everything that an op says or does, frame by frame in the order asked, sorted again by frame."""
    row = OPS[name]
    op, order = row.op(**knobs), order or list(range(T))
    frames = list(pictures(dtype=np.uint16 if row.takes == "uint16" else np.uint8))
    match row.kind:
        case "warp":
            x0, y0, x1, y1 = op.shows(at) if hasattr(op, "shows") else (0, 0, *op.out_size(at))
            edge = np.array([[x0 + 0.5, y0 + 0.5], [(2 * x0 + x1) / 3, (y0 + y1) / 2], [x1 - 0.5, y1 - 0.5]])
            ask = op.sampler(at)
            done = {t: ask(t, edge) for t in order}
        case "table":
            ask = op.table(at)
            done = {t: ask(t) for t in order}
        case "pixel":
            ask = op.painter(at)
            done = {t: ask(t, frames[t].copy()) for t in order}
        case "time":
            made = op.time_map(at)
            return [made.picks, np.array(made.state), np.array(made.cuts)]
        case "stream":
            return [frame.copy() for frame, _ in op.run(at, iter(frames))]
        case _:
            return [op.hear(at, sound()).samples, np.array(op.silences(at))]
    return [done[t] for t in sorted(done)]


def equal(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return len(a) == len(b) and all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


# ------------------------------------------------------------------------------------------------ laws over the table


def test_every_op_has_an_example_and_a_known_kind() -> None:
    assert set(EXAMPLES) == set(OPS)
    assert {row.kind for row in OPS.values()} == {"warp", "pixel", "table", "time", "stream", "sound"}


@pytest.mark.parametrize(("name", "knobs"), CASES)
def test_a_spec_goes_through_json_and_back(name: str, knobs: dict[str, Any]) -> None:
    op = OPS[name].op(**json.loads(json.dumps(knobs)))
    assert OPS[name].op(**json.loads(json.dumps(asdict(op)))) == op
    for field in fields(op):
        if field.name in knobs and not isinstance(knobs[field.name], list):
            assert getattr(op, field.name) == knobs[field.name]


@pytest.mark.parametrize(("name", "knobs"), CASES)
def test_same_seed_same_result_in_any_order(name: str, knobs: dict[str, Any]) -> None:
    once = outcome(name, knobs, setting())
    assert equal(once, outcome(name, knobs, setting()))
    if name not in LOOKS_BACK and not knobs.get("denoise"):
        assert equal(once, outcome(name, knobs, setting(), order=list(range(T))[::-1]))


@pytest.mark.parametrize(("name", "knobs"), CASES)
def test_another_seed_is_another_draw_where_the_op_draws(name: str, knobs: dict[str, Any]) -> None:
    tracked = any(isinstance(knob, dict) and set(knob) <= {"walk", "wave", "steps"} for knob in knobs.values())
    drawn = name in DRAWS or knobs.get("transform") or tracked
    assert equal(outcome(name, knobs, setting(5)), outcome(name, knobs, setting(6))) != bool(drawn)


@pytest.mark.parametrize(("name", "knobs"), CASES)
def test_what_comes_out_has_the_size_and_type_of_its_kind(name: str, knobs: dict[str, Any]) -> None:
    row, made = OPS[name], outcome(name, knobs, setting())
    match row.kind:
        case "warp":
            assert not any(side % 2 for side in row.op(**knobs).out_size(setting())), "any encoder takes it"
            assert all(xy.shape == (3, 2) and np.isfinite(xy).all() for xy in made)
            assert all((xy >= 0).all() and (xy <= (W, H)).all() for xy in made), "nothing is invented"
        case "table":
            assert all(t.shape == (256, 3) and t.min() >= 0 and t.max() <= 255 for t in made)
        case "pixel" | "stream":
            assert len(made) == T and all(frame.shape == (H, W, 3) and frame.dtype == np.uint8 for frame in made)
        case "time":
            picks, state, _ = made
            assert (
                (np.diff(picks) >= 0).all() and picks.min() >= 0 and picks.max() < T and len(state) in (0, len(picks))
            )
        case _:
            assert made[0].shape == sound().samples.shape and made[0].dtype == np.float32 and np.abs(made[0]).max() <= 1


def test_every_op_with_knobs_has_a_refusal() -> None:
    assert {name for name, _, _ in REFUSED} == {name for name, row in OPS.items() if fields(row.op)}


@pytest.mark.parametrize(("name", "knobs", "said"), REFUSED)
def test_a_knob_out_of_range_is_refused_in_one_line(name: str, knobs: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError) as refused:
        OPS[name].op(**knobs)
    assert said in str(refused.value) and "\n" not in str(refused.value)


# ------------------------------------------------------------------------------------------------ warps


def test_a_shaken_picture_moves_at_the_step_frequency_by_the_paths_angles() -> None:
    at = setting(fps=Fraction(30), length=900, size_px=(848, 480), paths={"body": {**BODY, "mount": "hand"}})
    seen = sampled("shake", {"path": "body", "max_zoom": 2}, at, np.array([[424.0, 240.0]]))[:, 0]
    way = motion.trajectory(at.paths["body"])
    hz = np.fft.rfftfreq(900, 1 / 30)
    energy = np.abs(np.fft.rfft((seen - seen.mean(axis=0)) * np.hanning(900)[:, None], axis=0)) ** 2
    inside = (hz > 1.2) & (hz < 12)
    assert hz[inside][energy[inside, 1].argmax()] == pytest.approx(way.step_hz, abs=0.1)
    right, up, _ = way.shift_m(np.arange(900) / 30).T / 4
    pitch, yaw, _ = way.angles_rad(np.arange(900) / 30).T
    px_per_rad = 848 / WIDE[0]  # at the middle of the lens
    assert np.abs(seen[:, 1] - (240 - px_per_rad * (pitch + up))).max() < 0.6
    assert np.abs(seen[:, 0] - (424 - px_per_rad * (yaw - right))).max() < 0.6


def test_a_shake_zooms_just_as_far_as_it_must() -> None:
    at = setting(length=300, size_px=(848, 480), fps=Fraction(30))
    x, y = np.meshgrid(np.linspace(0.5, 847.5, 40), np.linspace(0.5, 479.5, 40))
    seen = sampled("shake", {"path": "body", "max_zoom": 1.6}, at, np.stack([x.ravel(), y.ravel()], axis=1))
    spare = np.minimum(seen, np.array([848, 480]) - seen)
    assert 0.4 < spare.min() < 1.0, "it touches the edge and does not pass it"
    zoom = WIDE[0] / OPS["shake"].op(path="body", max_zoom=1.6).camera_after(at).lens[0]
    assert zoom == pytest.approx(1.0 / (np.diff(seen[0].reshape(40, 40, 2)[20, :, 0]).mean() * 39 / 847), rel=0.03)
    with pytest.raises(ValueError, match=r"max_zoom must keep the view inside the picture, got 1.01; raise it or take"):
        sampled("shake", {"path": "body", "max_zoom": 1.01}, at, x[:1])
    with pytest.raises(ValueError, match="did you mean 'body'"):
        sampled("shake", {"path": "boddy"}, at, x[:1])


def test_the_lens_here_equals_the_lens_of_the_scenes() -> None:
    from augment.camera.fisheye import Fisheye

    points = np.random.default_rng(0).uniform(-1, 1, (400, 3)) * (2, 1.2, 0) - (0, 0, 1.6)
    for theta in (WIDE, CHEST, (1.4226, -0.0796, -0.8527, 0.4911)):
        theirs = ScenesLens(theta_coefficients=theta).project(points, (1920, 1080))
        ours = Fisheye(theta).pixels(points) * 1920 + (960, 540)
        inside = np.abs((theirs - (960, 540)) / 1920).max(axis=1) < 0.6
        assert inside.sum() > 200 and np.abs(ours - theirs)[inside].max() < 0.01
        rays = Fisheye(theta).rays((ours[inside] - (960, 540)) / 1920)
        assert np.allclose(rays, points[inside] / np.linalg.norm(points[inside], axis=1, keepdims=True), atol=1e-4)


def test_a_straight_line_is_bent_by_the_targets_amount() -> None:
    """Drawn through the source's lens, warped, found again in the pixels: it lies where the target's lens puts it."""
    size_px = w, h = 848, 480
    at = setting(size_px=size_px, length=1)
    op = OPS["lens"].op(target=CHEST, max_zoom=2)
    target = ScenesLens(theta_coefficients=op.camera_after(at).lens)
    line = np.stack([np.linspace(-3, 3, 2000), np.full(2000, 0.35), np.full(2000, -1.0)], axis=1)
    drawn = np.zeros((h, w), np.uint8)
    path = ScenesLens(theta_coefficients=WIDE).project(line, size_px) - 0.5
    cv2.polylines(drawn, [np.rint(path * 64).astype(np.int32)], False, 255, 3, cv2.LINE_AA, 6)
    x, y = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
    maps = (op.sampler(at)(0, np.stack([x.ravel(), y.ravel()], axis=1)) - 0.5).reshape(h, w, 2).astype(np.float32)
    shown = cv2.remap(drawn, maps, None, cv2.INTER_LINEAR).astype(float)
    columns = np.arange(40, w - 40, 20)
    found = (shown[:, columns] * (np.arange(h) + 0.5)[:, None]).sum(axis=0) / shown[:, columns].sum(axis=0)
    seen = target.project(line, size_px)
    expected = np.interp(columns + 0.5, seen[:, 0], seen[:, 1])
    assert np.abs(found - expected).max() < 0.3
    assert np.ptp(expected) > 20, "a straight line would say nothing"


def test_a_lens_shows_the_targets_field_of_view_and_never_more_than_was_seen() -> None:
    at = setting(size_px=(848, 480), length=1)
    edge = np.array([[847.5, 240.0]])
    seen = (sampled("lens", {"target": CHEST}, at, edge)[0, 0, 0] - 424) / 848
    angle = ScenesLens(theta_coefficients=WIDE).theta(seen)
    assert np.degrees(2 * angle) == pytest.approx(101.8, abs=0.5)  # notes: 101.8 degrees across
    narrow = setting(size_px=(848, 480), length=1, camera=CameraState(lens=CHEST))
    x, y = np.meshgrid(np.linspace(0.5, 847.5, 40), np.linspace(0.5, 479.5, 40))
    grid = np.stack([x.ravel(), y.ravel()], axis=1)
    zoomed = sampled("lens", {"target": WIDE, "max_zoom": 2}, narrow, grid)[0]
    assert 0.4 < np.minimum(zoomed, np.array([848, 480]) - zoomed).min() < 0.6, "zoomed until it just stays inside"
    with pytest.raises(ValueError, match="max_zoom must keep the view inside"):
        sampled("lens", {"target": WIDE, "max_zoom": 1.05}, narrow, edge)
    with pytest.raises(ValueError, match="source must be given"):
        sampled("lens", {"target": WIDE}, setting(camera=CameraState()), edge)


def test_a_zoom_magnifies_about_its_centre_and_stays_inside() -> None:
    corners = np.array([[0.0, 0.0], [W, H]])
    middle, right = (sampled("zoom", {"factor": 2, "centre_x": c}, setting(length=1), corners)[0] for c in (0.5, 1))
    assert np.allclose(middle, [[W / 4, H / 4], [3 * W / 4, 3 * H / 4]])
    assert np.allclose(right, [[W / 2, H / 4], [W, 3 * H / 4]])
    zoom = OPS["zoom"].op(factor=2)
    narrowed = through_plane(zoom.sampler(setting()), setting(), (W, H))[0].lens
    assert ScenesLens(theta_coefficients=narrowed).theta(0.5) == pytest.approx(
        ScenesLens(theta_coefficients=WIDE).theta(0.25)
    )


def test_a_mirror_changes_left_and_right_and_twice_is_nothing() -> None:
    xy = np.array([[0.5, 7.5], [W - 0.5, 9.5]])
    once = sampled("mirror", {}, setting(length=1), xy)[0]
    assert np.array_equal(once, [[W - 0.5, 7.5], [0.5, 9.5]])
    assert np.array_equal(sampled("mirror", {}, setting(length=1), once)[0], xy)


# ------------------------------------------------------------------------------------------------ light


def test_a_stop_doubles_linear_light() -> None:
    for ev in (-2, -1, 1, 2):
        table = OPS["exposure"].op(ev=ev).table(setting())(0)[:, 1]
        before, after = light(np.arange(256) / 255), light(table / 255)
        kept = before * 2.0**ev < 0.999
        assert np.allclose(after[kept], before[kept] * 2.0**ev, atol=1e-9) and (table[~kept] > 254.8).all()


def test_rec709_there_and_back() -> None:
    assert np.allclose(code(light(np.linspace(0, 1, 999))), np.linspace(0, 1, 999), atol=1e-3)
    assert code(0.18) == pytest.approx(0.409, abs=1e-3)


def test_tone_reads_the_stages_log_curve() -> None:
    codes = np.arange(1024)
    assert np.allclose(acescct_light(codes), curve.light_from_codes(codes), rtol=1e-4, atol=1e-6)
    lights = np.geomspace(1e-3, 100, 200)
    assert np.allclose(acescct_light(curve.codes_from_light(lights)), lights, rtol=0.01, atol=2e-4)


def shown(lights: np.ndarray, **knobs: Any) -> np.ndarray:
    """Linear light on the screen for linear light in the scene, grey."""
    log = np.repeat(curve.codes_from_light(lights)[None, :, None], 3, axis=2)
    return light(OPS["tone"].op(**knobs).painter(setting())(0, log)[0, :, 1] / 255)


def test_tone_keeps_middle_grey_doubles_by_the_stop_and_rolls_into_white() -> None:
    assert shown(np.array([0.18, 0.09])) == pytest.approx([0.18, 0.09], rel=0.03)
    assert shown(np.array([0.18]), exposure_ev=1) == pytest.approx([0.36], rel=0.03)
    assert shown(np.array([0.18]), contrast=1.5) == pytest.approx([0.18], rel=0.03)
    steps = shown(np.geomspace(0.02, 50, 60))
    assert (np.diff(steps) >= 0).all() and steps[-1] > 0.99
    assert shown(np.array([1.0]))[0] < 0.9 < shown(np.array([1.0]), shoulder=1)[0]
    with pytest.raises(ValueError, match="tone takes 10-bit log frames"):
        OPS["tone"].op().painter(setting())(0, np.zeros((H, W, 3), np.uint8))


def test_saturation_moves_colours_and_leaves_grey() -> None:
    red = np.full((2, 2, 3), (600, 400, 400), np.uint16)
    spread = {s: np.ptp(OPS["tone"].op(saturation=s).painter(setting())(0, red)[0, 0]) for s in (0, 0.5, 1, 1.5)}
    assert spread[0] <= 1 and spread[0.5] == pytest.approx(spread[1] / 2, abs=2) and spread[1.5] > spread[1]
    grey = np.full((2, 2, 3), 500, np.uint16)
    paint = [OPS["tone"].op(saturation=s).painter(setting())(0, grey) for s in (0, 1, 2)]
    assert np.ptp(paint) <= 1


@pytest.mark.parametrize("grain_px", [0.0, 0.7])
def test_noise_variance_is_linear_in_the_signal_in_linear_light(grain_px: float) -> None:
    """Photon transfer: var = light / white_e + (read / white_e)^2, with white_e = full well / gain."""
    at, gain_db, full_well_e, read_e = setting(size_px=(256, 144)), 24.0, 10_000.0, 3.0
    op = OPS["noise"].op(gain_db=gain_db, full_well_e=full_well_e, read_noise_e=read_e, grain_px=grain_px)
    paint, white_e = op.painter(at), full_well_e / 10 ** (gain_db / 20)
    signal, variance = [], []
    for value in range(40, 231, 10):
        flat = np.concatenate([paint(t, np.full((144, 256, 3), value, np.uint8)) for t in range(2)])
        signal.append(light(value / 255))
        variance.append(light(flat / 255).var())
    slope, offset = np.polyfit(signal, variance, 1)
    assert np.corrcoef(signal, variance)[0, 1] > 0.995
    assert slope == pytest.approx(1 / white_e, rel=0.06)
    assert abs(offset - (read_e / white_e) ** 2) < 0.03 / white_e


def test_noise_is_fresh_on_every_frame_and_has_no_bias() -> None:
    paint = OPS["noise"].op(gain_db=24).painter(setting(size_px=(256, 144)))
    grey = [paint(t, np.full((144, 256, 3), 120, np.uint8)).astype(float).ravel() - 120 for t in range(4)]
    assert max(abs(np.corrcoef(a, b)[0, 1]) for a, b in pairwise(grey)) < 0.02
    assert abs(np.mean(grey)) < 0.1 and np.std(grey) > 4


# ------------------------------------------------------------------------------------------------ stamp


def stamped(knobs: dict[str, Any], at: Setting, paper: int) -> list[np.ndarray]:
    paint = OPS["timestamp"].op(**knobs).painter(at)
    w, h = at.size_px
    return [paint(t, np.full((h, w, 3), paper, np.uint8)) for t in range(at.length)]


@pytest.mark.parametrize("knobs", EXAMPLES["timestamp"])
@pytest.mark.parametrize("size_px", [(320, 180), (1280, 720), (360, 640)])
def test_a_stamp_covers_exactly_what_it_changes(knobs: dict[str, Any], size_px: tuple[int, int]) -> None:
    at = setting(size_px=size_px, length=1)
    covered = OPS["timestamp"].op(**knobs).covers(at)(0)
    changed = [(stamped(knobs, at, paper)[0] != paper).any(axis=2) for paper in (0, 255)]
    assert np.array_equal(covered, changed[0] | changed[1])
    assert 0.0005 < covered.mean() < 0.08


@pytest.mark.parametrize("knobs", EXAMPLES["timestamp"])
def test_a_stamps_digits_change_once_a_second(knobs: dict[str, Any]) -> None:
    at = setting(fps=Fraction(30000, 1001), length=100, size_px=(320, 180))
    frames = stamped(knobs, at, 90)
    changes = [t for t in range(1, 100) if not np.array_equal(frames[t], frames[t - 1])]
    # the clock starts at half a second: it ticks at 0.5, 1.5, 2.5 s of the clip
    assert changes == ([] if knobs["layout"] == "clock_unset" else [15, 45, 75])


def test_a_stamp_reads_as_the_clock_says() -> None:
    knobs = {"layout": "ur_iso_z", "start": START, "device": WORD, "number": "004217"}
    op = OPS["timestamp"].op(**knobs)
    assert op.lines(0, Fraction(10)) == ("2031-05-17T21:04:09Z", "BWC-SIM SYN-004217")
    assert op.lines(505, Fraction(10)) == ("2031-05-17T21:05:00Z", "BWC-SIM SYN-004217")
    at = setting(size_px=(1280, 720), length=1)
    line = ink.Pen(font=ink.embedded_font(), height_px=22, outline_px=1).line("2031-05-17T21:04:09Z")
    frame = stamped(knobs, at, 0)[0][..., 0].astype(np.float32)
    match = cv2.matchTemplate(frame, np.rint(line.ink[..., 0]).astype(np.float32), cv2.TM_SQDIFF)
    assert match.min() < 1e-3 * (line.ink**2).sum(), "the line stands in the picture, letter by letter"
    assert (np.unravel_index(match.argmin(), match.shape)[1]) > 0.6 * 1280, "upper right"


def test_a_start_in_seconds_is_the_same_clock() -> None:
    text, number = (
        OPS["timestamp"].op(layout="ur_two_line", start=start, utc_offset_min=60, number=digits).lines(0, Fraction(10))
        for start, digits in (("2031-05-17T21:04:09+01:00", "004217"), (1936814649, 4217))
    )
    assert text == number == ("2031-05-17 21:04:09 +0100", "004217")


COUNTRIES = {
    path.stem: yaml.safe_load(path.read_text()) for path in (CONFIGS / "profiles" / "countries").glob("*.yaml")
}
PRINTED = {
    "uk": "05/03/2031 14:22:31",
    "us": "03/05/2031 02:22:31 PM",
    "fr": "05/03/2031 14:22:31",
    "de": "05.03.2031 14:22:31",
    "nz": "05/03/2031 14:22:31",
    "au": "05/03/2031 14:22:31",
}


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_a_country_prints_its_own_clock(country: str) -> None:
    assert set(COUNTRIES) == set(PRINTED)
    profile = COUNTRIES[country]
    op = OPS["timestamp"].op(
        layout="bar_bottom", start="2031-03-05T14:22:31-05:00", date_time=profile["stamp"]["date_time"]
    )
    assert op.lines(0, Fraction(25)) == (PRINTED[country],)
    assert profile["mains_hz"] in (50, 60) and profile["driving_side"] in ("left", "right")
    assert all(Fraction(1) < Fraction(rate) <= 60 for rate in profile["fps"])
    assert (CONFIGS / "words" / f"{profile['stamp']['notices']}.yaml").is_file()


WORD_LISTS = sorted((CONFIGS / "words").glob("*.yaml"))


@pytest.mark.parametrize("path", WORD_LISTS, ids=lambda path: path.stem)
def test_every_reviewed_word_can_be_printed(path: Path) -> None:
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert listed["name"] == path.stem and listed["language"] and listed["reviewed"] is True
    assert len(listed["words"]) >= 2 and len(set(listed["words"])) == len(listed["words"])
    pen, sha256 = ink.Pen(font=ink.embedded_font(), height_px=12), hashlib.sha256(path.read_bytes()).hexdigest()
    for text in listed["words"]:
        assert pen.line(ink.word("word", {"text": text, "list": path.stem, "sha256": sha256})).cover.any()


# ------------------------------------------------------------------------------------------------ albumentations


def test_every_picture_transform_of_the_library_is_offered_or_refused_with_a_reason() -> None:
    import albumentations
    from albumentations.core.transforms_interface import BasicTransform, DualTransform, ImageOnlyTransform

    def heirs(base: type) -> set[str]:
        return {n for n, c in vars(albumentations).items() if isinstance(c, type) and issubclass(c, base) and c != base}

    lists = (set(albu.TRANSFORMS), set(albu.REFUSED), set(albu.GEOMETRIC))
    assert sum(map(len, lists)) == len(set.union(*lists)), "each stands in one list"
    assert heirs(BasicTransform) - {"ImageOnlyTransform", "DualTransform"} == set.union(*lists)
    assert heirs(DualTransform) == set(albu.GEOMETRIC) and set(albu.TRANSFORMS) <= heirs(ImageOnlyTransform)


@pytest.mark.parametrize("transform", albu.TRANSFORMS)
def test_a_transform_keeps_the_frame_repeats_and_is_frozen_or_fresh_as_stated(transform: str) -> None:
    picture = next(pictures(1))
    frozen, fresh = (
        OPS["albumentations"].op(transform=transform, per_frame=per_frame).painter(setting())
        for per_frame in (False, True)
    )
    once = frozen(0, picture.copy())
    assert once.shape == picture.shape and once.dtype == np.uint8
    assert np.array_equal(once, frozen(7, picture.copy())), "one draw for the whole clip"
    assert np.array_equal(fresh(3, picture.copy()), fresh(3, picture.copy()))


@pytest.mark.parametrize("transform", ["GaussNoise", "RandomRain", "ISONoise", "ShotNoise"])
def test_fresh_noise_is_another_on_every_frame(transform: str) -> None:
    paint = OPS["albumentations"].op(transform=transform, per_frame=True).painter(setting())
    picture = next(pictures(1))
    assert not np.array_equal(paint(0, picture.copy()), paint(1, picture.copy()))


# ------------------------------------------------------------------------------------------------ time


@pytest.mark.parametrize(("share", "burst"), [(0.0, 1), (0.05, 1), (0.15, 2), (0.5, 4), (0.9, 30)])
def test_a_share_of_the_frames_is_lost_in_bursts_and_time_stays(share: float, burst: float) -> None:
    at = setting(length=1000, fps=Fraction(30))
    made = OPS["drop"].op(share=share, burst_frames=burst).time_map(at)
    lost = np.array([word != "" for word in made.state])
    assert lost.sum() == round(share * 1000) and len(made.picks) == 1000 and not lost[0]
    assert made.cuts == ((0.0, pytest.approx(1000 / 30), 1.0),) and made.fps == 30
    assert np.array_equal(made.picks[~lost], np.flatnonzero(~lost)), "what arrives is on time"
    repeated = np.flatnonzero(lost)
    assert np.array_equal(made.picks[repeated], made.picks[repeated - 1]), "what does not shows the one before"
    if share:
        starts = np.flatnonzero(np.diff(np.concatenate([[0], lost.astype(int)])) == 1)
        assert lost.sum() / len(starts) == pytest.approx(burst, rel=0.1)
        long = {made.state[t] for t in starts if lost[t : t + 9].all() and t + 9 <= 1000}
        assert long <= {"freeze"}, "0.3 s and more is a freeze"


def test_a_trim_keeps_the_instants_between_its_shares() -> None:
    made = OPS["trim"].op(start=0.3, stop=0.7).time_map(setting(length=10, fps=Fraction(10)))
    assert made.picks.tolist() == [3, 4, 5, 6] and made.cuts == ((0.3, 0.7, 1.0),)
    with pytest.raises(ValueError, match="trim must leave a frame"):
        OPS["trim"].op(start=0.41, stop=0.45).time_map(setting(length=10))


# ------------------------------------------------------------------------------------------------ streams


def psnr_db(a: list[np.ndarray], b: list[np.ndarray]) -> float:
    error = np.mean([(x.astype(float) - y) ** 2 for x, y in zip(a, b, strict=True)])
    return float(10 * np.log10(255**2 / error))


@pytest.mark.parametrize(
    ("codec", "qualities"),
    [
        ("h264", (18, 32, 46)),
        ("hevc", (18, 32, 46)),
        ("vp9", (10, 40, 60)),
        ("mpeg4", (2, 10, 28)),
        ("mjpeg", (2, 10, 28)),
    ],
)
def test_a_transcode_loses_with_its_quality(codec: str, qualities: tuple[int, ...]) -> None:
    rng, before = np.random.default_rng(0), list(pictures())
    before = [np.clip(f + rng.normal(0, 6, f.shape), 0, 255).astype(np.uint8) for f in before]
    found = [
        psnr_db(before, outcome_of(before, {"codec": codec, "crf": crf, "preset": "ultrafast"})) for crf in qualities
    ]
    assert found[0] > found[1] + 1 and found[1] > found[2] + 1 and found[0] > 28


def test_every_codec_of_the_wire_can_be_asked_for() -> None:
    assert set(transcode.CRF) == set(video.CODECS)


def outcome_of(frames: list[np.ndarray], knobs: dict[str, Any]) -> list[np.ndarray]:
    said = [(frame.copy(), state) for frame, state in OPS["transcode"].op(**knobs).run(setting(), iter(frames))]
    assert [state for _, state in said] == [""] * len(frames)
    return [frame for frame, _ in said]


def test_a_transcode_gains_with_its_rate() -> None:
    before = list(pictures())
    poor, rich = (psnr_db(before, outcome_of(before, {"kbps": kbps})) for kbps in (50, 2000))
    assert rich > poor + 3


# ------------------------------------------------------------------------------------------------ sound


def test_gain_is_in_decibels_and_clips_at_full_scale() -> None:
    tone = sound().samples
    louder = OPS["gain"].op(gain_db=6).hear(setting(), sound()).samples
    assert 20 * np.log10(louder.std() / tone.std()) == pytest.approx(6, abs=0.01)
    clipped = OPS["gain"].op(gain_db=30).hear(setting(), sound()).samples
    assert clipped.max() == 1 and clipped.min() == -1 and (np.abs(clipped) == 1).mean() > 0.8


def test_a_mute_is_silent_in_its_stretch_and_nowhere_else() -> None:
    op = OPS["mute"].op(start=0.25, stop=0.5)
    ((start_s, stop_s),) = op.silences(setting())
    assert (start_s, stop_s) == (pytest.approx(0.3), pytest.approx(0.6))
    before, after = sound().samples[:, 0], op.hear(setting(), sound()).samples[:, 0]
    t_s = np.arange(len(before)) / 8000
    assert not after[(t_s >= start_s) & (t_s <= stop_s)].any()
    away = (t_s < start_s - 0.006) | (t_s > stop_s + 0.006)
    assert (
        np.array_equal(after[away], before[away])
        and np.abs(np.diff(after)).max() <= np.abs(np.diff(before)).max() * 1.1
    )
