"""Optics and sensor: for each op a property of the real effect, measured on what it paints."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from augment.camera.fisheye import Fisheye
from augment.camera.settling import Settling
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops import OPS
from augment.ops.defocus import disc
from augment.ops.exposure import code, light, straightened
from augment.ops.tone import LUMA, acescct_code, acescct_light
from augment.ops.white_balance import planckian_rgb
from tests.augment.examples import setting

Array = np.ndarray[Any, Any]
RECTILINEAR = 0.7  # focal length in frame widths of a lens without distortion


def painted(name: str, knobs: dict[str, Any], at: Setting, frame: Array) -> list[Array]:
    """Each frame of a clip that shows one picture."""
    paint = OPS[name].op(**knobs).painter(at)
    return [paint(t, frame.copy()).copy() for t in range(at.length)]


def grey(value: int, size_px: tuple[int, int]) -> Array:
    return np.full((size_px[1], size_px[0], 3), value, np.uint8)


def rise_s(values: Array, fps: float) -> float:
    """10..90 % of a step from the first value to the last, read between frames."""
    share = (values - values[0]) / (values[-1] - values[0])
    instants = []
    for level in (0.1, 0.9):
        n = int(np.argmax(share >= level))
        instants.append((n - 1 + (level - share[n - 1]) / (share[n] - share[n - 1])) / fps)
    return instants[1] - instants[0]


# ------------------------------------------------------------------------------------------------ loops


@pytest.mark.parametrize("wanted_s", [0.3, 0.8, 2.0])
@pytest.mark.parametrize("overshoot", [0.0, 0.1, 0.3])
def test_a_loop_rises_and_overshoots_as_set_at_any_rate(wanted_s: float, overshoot: float) -> None:
    for fps in (Fraction(25), Fraction(60)):
        targets = np.where(np.arange(int(40 * fps)) < 5, 0.0, 1.0)
        values = Settling(rise_s=wanted_s, overshoot=overshoot, fps=fps).followed(targets)
        assert rise_s(values, float(fps)) == pytest.approx(wanted_s, rel=0.02)
        assert values.max() - 1 == pytest.approx(overshoot, abs=0.01)


def test_exposure_takes_a_change_of_light_back_and_keeps_its_ev() -> None:
    at = setting(fps=Fraction(30), length=600, seed=1)
    scene = {"steps": {"low": -2, "high": 2, "hold_s": 8}}
    stops = OPS["exposure"].op(ev=0.5, scene_ev=scene, rise_s=0.5, overshoot=0).stops(at)
    jump = int(np.abs(np.diff(stops)).argmax())
    assert abs(stops[jump + 1] - stops[jump]) > 0.5, "the light jumps at once"
    assert rise_s(stops[jump + 1 : jump + 90], 30) == pytest.approx(0.5, rel=0.05)
    assert stops[[0, jump, jump + 100]] == pytest.approx([0.5, 0.5, 0.5], abs=0.02)
    hunting = OPS["exposure"].op(ev=0, hunting_ev=0.1, hunting_s=0.5).stops(at)
    energy = np.abs(np.fft.rfft(hunting))
    assert energy.argmax() == 40 and np.abs(hunting).max() == pytest.approx(0.1, rel=0.02)  # 20 s, 2 Hz


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("before", "after"), [(0.05, 0.3), (0.3, 0.05)])
def test_auto_exposure_settles_on_its_key_in_its_time(before: float, after: float, dtype: type) -> None:
    """Its own picture's grey, after a step of light of 2.6 stops up and down."""
    at, wanted_s = setting(fps=Fraction(30), length=240), 0.6
    paint = OPS["auto_exposure"].op(key_light=0.16, rise_s=wanted_s, overshoot=0, highest_ev=4).painter(at)
    seen = []
    for t in range(at.length):
        scene = np.full((54, 96, 3), before if t < 60 else after)
        codes = 255 * code(scene) if dtype is np.uint8 else acescct_code(scene)
        shown = paint(t, np.rint(codes).astype(dtype))[20, 20] @ LUMA
        seen.append(np.log2(light(shown / 255) if dtype is np.uint8 else acescct_light(shown)))
    seen = np.asarray(seen) - np.log2(0.16)
    assert seen[[0, 59, 239]] == pytest.approx([0, 0, 0], abs=0.05)
    assert seen[60] == pytest.approx(np.log2(after / before), abs=0.1), "the first frame of new light is as it comes"
    assert rise_s(seen[60:200], 30) == pytest.approx(wanted_s, rel=0.12)


def test_auto_exposure_begins_again_at_frame_0_and_stops_at_its_gain() -> None:
    at = setting(length=3)
    paint = OPS["auto_exposure"].op(highest_ev=1).painter(at)
    dark = grey(30, at.size_px)
    first = [paint(t, dark.copy()).copy() for t in range(3)]
    paint(0, grey(250, at.size_px))
    assert all(np.array_equal(a, paint(t, dark.copy())) for t, a in enumerate(first))
    assert light(first[0][0, 0, 0] / 255) == pytest.approx(2 * light(30 / 255), rel=0.03)


# ------------------------------------------------------------------------------------------------ colour


@pytest.mark.parametrize("kelvin", [2500, 2850, 4000, 6500, 10_000])
def test_a_grey_under_a_lamp_takes_the_lamps_colour_and_keeps_its_luminance(kelvin: float) -> None:
    table = OPS["white_balance"].op(light_k=kelvin, balanced_k=6504, follow=0).table(setting())(0)
    shown = light(table[100] / 255)
    cast = planckian_rgb(kelvin) / planckian_rgb(6504)
    assert shown / shown[1] == pytest.approx(cast / cast[1], rel=1e-3)
    assert shown @ LUMA == pytest.approx(light(100 / 255), rel=1e-3)
    assert (shown[0] > shown[2]) == (kelvin < 6504)


def test_the_black_body_is_where_the_standards_put_it() -> None:
    """CIE A (2856 K) and the locus at 6500 K, as xy (CIE 15; the locus lies 0.003 beside D65)."""
    to_xyz = np.linalg.inv(
        [[3.2404542, -1.5371385, -0.4985314], [-0.969266, 1.8760108, 0.041556], [0.0556434, -0.2040259, 1.0572252]]
    )
    for kelvin, xy in ((2856, (0.4476, 0.4074)), (6500, (0.3135, 0.3237))):
        xyz = to_xyz @ planckian_rgb(kelvin)
        assert xyz[:2] / xyz.sum() == pytest.approx(xy, abs=1.5e-3)


def test_automatic_balance_takes_its_share_back_in_its_time() -> None:
    at = setting(fps=Fraction(30), length=900, seed=2)
    lamps = {"steps": {"low": 2700, "high": 7500, "hold_s": 12}}
    gains = {f: OPS["white_balance"].op(light_k=lamps, follow=f, rise_s=1.5).gains(at) for f in (0.0, 0.9, 1.0)}
    cast = {f: np.log2(g[:, 0] / g[:, 2]) for f, g in gains.items()}
    jump = int(np.abs(np.diff(cast[0.0])).argmax())
    assert abs(cast[1.0][jump + 1]) > 0.3 and abs(cast[1.0][jump + 200]) < 0.02
    assert rise_s(cast[1.0][jump + 1 : jump + 250], 30) == pytest.approx(1.5, rel=0.1)
    assert cast[0.9][jump + 200] / cast[0.0][jump + 200] == pytest.approx(0.1, abs=0.04), "a tenth of the cast is left"


# ------------------------------------------------------------------------------------------------ optics


def test_a_line_of_codes_is_near_to_a_gain_of_light() -> None:
    codes = np.arange(256)
    for gain, limit in ((0.25, 8), (0.5, 4.6), (0.7, 3), (0.9, 1.5), (1.0, 0.1), (1.1, 1.5), (1.4, 3)):
        slope, offset = straightened(np.array(gain))
        true = 255 * code(light(codes / 255) * gain)
        assert np.abs(np.clip(codes * slope + offset, 0, 255) - true).max() < limit


@pytest.mark.parametrize("knobs", [{"corner_ev": 1.5}, {"corner_ev": 3.0, "share": 0.5}, {}])
def test_a_vignette_falls_off_as_the_fourth_power_of_the_cosine(knobs: dict[str, Any]) -> None:
    """In linear light, on a painted grey; without a knob by a lens without distortion."""
    rho = np.linspace(0, 0.63, 200)
    theta = np.arctan(rho / RECTILINEAR)
    c = np.linalg.lstsq(np.stack([rho**n for n in (1, 2, 3, 4)], axis=1), theta, rcond=None)[0]
    at = setting(size_px=(640, 360), length=1, camera=CameraState(lens=tuple(c)))
    shown = light(painted("vignette", knobs, at, grey(160, at.size_px))[0][..., 1] / 255) / light(160 / 255)
    y, x = np.mgrid[:360, :640]
    radius = np.hypot(x + 0.5 - 320, y + 0.5 - 180) / 640
    corner = np.hypot(0.5, 0.5 * 9 / 16)
    tangent = np.sqrt(2 ** (knobs["corner_ev"] / 2) - 1) / corner if "corner_ev" in knobs else 1 / RECTILINEAR
    expected = np.cos(np.arctan(radius * tangent)) ** (4 * knobs.get("share", 1))
    assert np.abs(shown - expected).max() < 0.025
    assert shown[0, 0] < 0.65 and shown[180, 320] > 0.98


def test_a_vignette_without_a_lens_asks_for_its_corner() -> None:
    with pytest.raises(ValueError, match="corner_ev must be given where the footage's lens is not known"):
        OPS["vignette"].op().painter(setting(camera=CameraState()))


@pytest.mark.parametrize("share", [-0.003, -0.001, 0.0004, 0.001, 0.002])
def test_red_lies_off_green_by_its_share_of_the_radius(share: float) -> None:
    """White bars, their centres found in red and green, along both axes."""
    size_px = w, h = 960, 540
    at = setting(size_px=size_px, length=1)
    for axis, centres in ((1, (60, 240, 480, 720, 900)), (0, (40, 270, 500))):
        bars = np.zeros((h, w, 3), np.uint8)
        for centre in centres:
            where = slice(centre - 3, centre + 3)
            bars[(slice(None), where) if axis else (where,)] = 255
        shown = painted("chromatic_aberration", {"red": share, "blue": -share}, at, bars)[0]
        profile = (shown[h // 4] if axis else shown[:, w // 4]).astype(float)
        for centre in centres:
            near = np.arange(centre - 12, centre + 12)
            red, green, blue = (profile[near].T @ (near + 0.5)) / profile[near].sum(axis=0)
            off = (centre - (w if axis else h) / 2) * share
            assert (red - green, blue - green) == pytest.approx((off, -off), abs=0.06)


@pytest.mark.parametrize("radius_px", [1.5, 3.0, 6.0, 9.5])
def test_a_point_becomes_a_disc_of_its_radius(radius_px: float) -> None:
    """A small lamp in the dark: its second moment is the disc's, its edge lies at the radius."""
    at = setting(size_px=(480, 90), length=1)
    lamp = np.full((90, 480, 3), 16, np.uint8)
    lamp[44:47, 239:242] = 255
    shown = painted("defocus", {"radius": radius_px / 480}, at, lamp)[0].mean(axis=2)
    bright = (shown / 255) ** 2 - (16 / 255) ** 2
    y, x = np.mgrid[:90, :480]
    bright[bright < 0.004 * bright.max()] = 0
    spread = (bright * ((x - 240) ** 2 + (y - 45) ** 2)).sum() / bright.sum()
    assert spread == pytest.approx(radius_px**2 / 2 + 2 * 9 / 12 - 2 / 12, rel=0.15)  # r^2 / 2 and the lamp's own
    assert bright.sum() == pytest.approx(9 * (1 - (16 / 255) ** 2), rel=0.12), "light is kept: a lamp stays a lamp"


@pytest.mark.parametrize("radius_px", [2.0, 3.0, 8.0])
def test_defocus_passes_waves_as_a_disc_does(radius_px: float) -> None:
    """MTF of a disc: 2 J1(2 pi r f) / (2 pi r f); small modulation, so that codes are as good as light."""
    at = setting(size_px=(512, 64), length=1)
    x = np.arange(512) + 0.5
    for cycles in (8, 16, 24):
        wave = np.rint(128 + 40 * np.sin(2 * np.pi * x * cycles / 256)).astype(np.uint8)
        frame = np.repeat(np.repeat(wave[None, :, None], 64, axis=0), 3, axis=2)
        shown = painted("defocus", {"radius": radius_px / 512}, at, frame)[0][32, 32:224, 1].astype(float)
        basis = np.exp(-2j * np.pi * x[32:224] * cycles / 256)
        left = 2 * abs(((shown - shown.mean()) * basis).mean()) / 40
        angles = np.linspace(0, np.pi, 2000)
        z = 2 * np.pi * radius_px * cycles / 256
        expected = abs(2 / z * np.cos(angles - z * np.sin(angles)).mean())
        assert left == pytest.approx(expected, abs=0.06)


def test_a_disc_covers_what_it_should() -> None:
    for radius in (0.3, 0.5, 1.0, 2.7, 6.0):
        kernel = disc(radius)
        assert kernel.sum() == pytest.approx(1, abs=1e-5) and np.allclose(kernel, kernel.T)
        assert (kernel > 0.5 * kernel.max()).sum() == pytest.approx(
            np.pi * radius**2, abs=max(4, 0.1 * np.pi * radius**2)
        )


# ------------------------------------------------------------------------------------------------ flicker


def bands(at: Setting, **knobs: Any) -> Array:
    """(T, H) linear light of each row over its mean, on a painted grey."""
    plain = grey(128, at.size_px)
    rows = np.stack([frame[:, 3, 1] for frame in painted("flicker", knobs, at, plain)])
    return light(rows / 255) / light(128 / 255)


@pytest.mark.parametrize(
    ("fps", "mains_hz", "beat_hz"),
    [  # notes/domain.md 7 [C]
        (Fraction(25), 50, 0.0),
        (Fraction(25), 60, 5.0),
        (Fraction(30), 50, 10.0),
        (Fraction(30), 60, 0.0),
        (Fraction(30000, 1001), 60, 0.12),
        (Fraction(30000, 1001), 50, 10.09),
    ],
)
def test_bands_roll_by_the_beat(fps: Fraction, mains_hz: float, beat_hz: float) -> None:
    seconds = 40 if 0 < beat_hz < 1 else 10
    at = setting(fps=fps, length=int(seconds * fps), size_px=(8, 36))
    row = bands(at, mains_hz=mains_hz, exposure_s=0.002, readout_s=0.0166, lamp_depth=0.4)[:, 10]
    if beat_hz == 0:
        assert np.ptp(row) < 0.02
        return
    fine = np.arange(0.02, float(fps) / 2, 0.005)
    t_s = np.arange(at.length) / float(fps)
    energy = np.abs(np.exp(-2j * np.pi * fine[:, None] * t_s) @ (row - row.mean()))
    assert fine[energy.argmax()] == pytest.approx(beat_hz, abs=0.02)


@pytest.mark.parametrize(("mains_hz", "readout_s", "count"), [(50, 0.0166, 1.66), (60, 0.0166, 1.99), (50, 0.03, 3.0)])
def test_as_many_bands_as_swings_in_a_readout(mains_hz: float, readout_s: float, count: float) -> None:
    at = setting(length=1, size_px=(8, 720))
    rows = bands(at, mains_hz=mains_hz, exposure_s=0.001, readout_s=readout_s, lamp_depth=0.4)[0]
    cycles = np.arange(0.5, 6, 0.01)
    y = np.arange(720) / 720
    errors = []
    for n in cycles:
        basis = np.stack([np.ones(720), np.cos(2 * np.pi * n * y), np.sin(2 * np.pi * n * y)], axis=1)
        errors.append(np.linalg.lstsq(basis, rows, rcond=None)[1][0])
    assert cycles[int(np.argmin(errors))] == pytest.approx(count, abs=0.05)


@pytest.mark.parametrize(
    ("exposure_s", "mains_hz", "left"),
    [
        (1 / 50, 50, 0),
        (1 / 50, 60, 0.13),
        (1 / 60, 50, 0.17),
        (1 / 60, 60, 0),
        (1 / 100, 60, 0.16),
        (1 / 120, 50, 0.19),
        (1 / 250, 50, 0.76),
        (1 / 250, 60, 0.66),
    ],
)
def test_an_exposure_leaves_its_share_of_the_lamps_depth(exposure_s: float, mains_hz: float, left: float) -> None:
    at = setting(length=30, fps=Fraction(30000, 1001), size_px=(8, 256))
    seen = bands(at, mains_hz=mains_hz, exposure_s=exposure_s, readout_s=0.0166, lamp_depth=0.5)
    depth = (seen.max() - seen.min()) / (seen.max() + seen.min())
    assert depth == pytest.approx(0.5 * left, abs=0.02)


def test_a_global_shutter_has_no_bands() -> None:
    seen = bands(setting(length=8, fps=Fraction(30), size_px=(8, 64)), readout_s=0.0, lamp_depth=0.4)
    assert np.ptp(seen, axis=1).max() == 0 and np.ptp(seen[:, 0]) > 0.2


# ------------------------------------------------------------------------------------------------ noise


@pytest.mark.parametrize("gain_db", [0.0, 12.0, 36.0])
@pytest.mark.parametrize(("colour", "blotch_px"), [(0.0, 0.0), (0.6, 3.0), (2 / 3, 0.0)])
def test_noise_is_as_strong_as_its_photons_whatever_its_colour(gain_db: float, colour: float, blotch_px: float) -> None:
    at = setting(size_px=(320, 180))
    op = OPS["noise"].op(gain_db=gain_db, grain_px=0, colour=colour, blotch_px=blotch_px)
    paint, sigmas = op.painter(at), op.sigma_codes(gain_db)
    for value in (90, 128, 160):
        noise = np.concatenate([paint(t, grey(value, at.size_px)).astype(float) - value for t in range(2)]).reshape(
            -1, 3
        )
        rounding = 1 / 12
        assert noise.std(axis=0) == pytest.approx(np.hypot(sigmas[value], rounding**0.5), rel=0.07)
        if gain_db > 20:
            across = np.corrcoef(noise.T)[np.triu_indices(3, 1)]
            assert across == pytest.approx(1 - 1.5 * colour, abs=0.08), "brightness is shared, colour sums to nothing"


@pytest.mark.parametrize("size_px", [(1920, 1080), (960, 540), (540, 960)])
def test_grain_and_blotches_belong_to_the_sensor_whatever_size_it_delivers(size_px: tuple[int, int]) -> None:
    """A Gaussian smear of sigma s is correlated by exp(-d^2 / 4 s^2) at distance d."""
    at = setting(size_px=size_px, length=1)
    noise = painted("noise", {"gain_db": 24, "grain_px": 2.5, "colour": 0}, at, grey(128, size_px))[0][..., 0] - 128.0
    for share_of_short_side in (2 / 540, 4 / 540):
        d = round(share_of_short_side * min(size_px))
        alike = np.corrcoef(noise[:, d:].ravel(), noise[:, :-d].ravel())[0, 1]
        sigma = 2.5 * min(size_px) / 1080
        assert alike == pytest.approx(np.exp(-(d**2) / (4 * sigma**2)), abs=0.05)


def test_every_row_and_column_has_its_noise() -> None:
    """Strips, pairs of rows and odd heights leave no seam."""
    at = setting(size_px=(200, 131), length=1)
    noise = painted("noise", {"gain_db": 24, "grain_px": 0, "colour": 0}, at, grey(128, at.size_px))[0][..., 0] - 128.0
    sigma = OPS["noise"].op(gain_db=24).sigma_codes(24)[128]
    assert np.abs(noise.std(axis=1) / sigma - 1).max() < 0.25 and np.abs(noise.std(axis=0) / sigma - 1).max() < 0.3


def test_a_denoiser_takes_noise_and_faint_detail_and_leaves_edges() -> None:
    at = setting(size_px=(320, 180), length=6)
    x = np.arange(320)
    frame = grey(110, at.size_px)
    frame[:90] = (110 + 4 * np.sign(np.sin(x * 2 * np.pi / 4 + 0.1)))[None, :, None]  # fine and faint
    frame[:, 160:] += 100  # an edge
    raw, clean = (painted("noise", {"gain_db": 24, "denoise": d}, at, frame)[-1].astype(float) for d in (0, 0.7))
    flat = (slice(100, 170), slice(10, 150))
    assert clean[flat].std() < 0.45 * raw[flat].std()
    faint = {
        name: np.abs(p[10:80, 10:150, 1].mean(axis=0) @ np.exp(2j * np.pi * x[10:150] / 4))
        for name, p in (("raw", raw), ("clean", clean))
    }
    assert faint["clean"] < 0.6 * faint["raw"], "texture smears"
    step = clean[100:170, 165:175, 1].mean() - clean[100:170, 145:155, 1].mean()
    sharp = clean[100:170, 161, 1].mean() - clean[100:170, 158, 1].mean()
    assert step == pytest.approx(100, abs=4) and sharp > 85


def test_a_denoiser_leaves_trails_of_faint_movers_only() -> None:
    at = setting(size_px=(320, 180), length=12)
    left = {}
    for height in (5, 90):
        paint = OPS["noise"].op(gain_db=20, denoise=0.8).painter(at)
        for t in range(12):
            frame = grey(100, at.size_px)
            frame[60:120, 20 + 20 * t : 60 + 20 * t] += height
            shown = paint(t, frame).astype(float)
        left[height] = (shown[65:115, 210:230].mean() - shown[65:115, 20:60].mean()) / height
    assert left[5] > 0.2 and abs(left[90]) < 0.03


# ------------------------------------------------------------------------------------------------ night


def test_infrared_is_grey_and_brightest_in_the_middle() -> None:
    at = setting(size_px=(320, 180), length=1)
    colours = grey(140, at.size_px)
    colours[:, ::2] = (170, 120, 90)
    shown = painted(
        "night",
        {"mode": "ir", "ev": 0, "gain_db": 20, "black_lift": 0, "bloom": 0, "spot": 0.6, "spot_size": 0.35},
        at,
        colours,
    )[0]
    assert np.ptp(shown, axis=2).max() <= 1
    middle, corner = (light(part / 255).mean() for part in (shown[80:100, 150:170], shown[:12, :20]))
    cone = 2 ** -((np.hypot(150, 84) / 320 / 0.35) ** 2)
    assert corner / middle == pytest.approx((0.4 + 1.2 * cone) / 1.6, rel=0.12)


def test_a_colour_night_is_noisy_pale_and_its_black_is_lifted() -> None:
    at = setting(size_px=(1920, 1080), length=1)
    knobs = {"mode": "colour", "ev": 0, "saturation": 0.4, "black_lift": 16, "denoise": 0, "bloom": 0}
    red = grey(0, at.size_px)
    red[:] = (180, 110, 110)
    shown = {gain: painted("night", {**knobs, "gain_db": gain}, at, red)[0].astype(float) for gain in (12, 36)}
    mean = shown[12].mean(axis=(0, 1))
    assert mean[0] - mean[1] == pytest.approx(0.4 * 70 * (1 - 16 / 255), abs=2)
    assert shown[36].std(axis=(0, 1))[1] > 2 * shown[12].std(axis=(0, 1))[1]
    black = painted("night", {**knobs, "gain_db": 0}, at, grey(0, at.size_px))[0]
    assert black.min() >= 15 and black.mean() == pytest.approx(16, abs=1)
    noise = shown[36] - cv2.GaussianBlur(shown[36], (0, 0), 40)
    chroma, luma = noise[..., 0] - noise[..., 2], noise @ LUMA
    lasting = [np.corrcoef(n[:, 4:].ravel(), n[:, :-4].ravel())[0, 1] for n in (chroma, luma)]
    assert lasting[0] > 0.6 and lasting[1] < 0.3, "colour comes in blotches, brightness in grain"


def test_what_is_too_bright_blooms() -> None:
    at = setting(size_px=(640, 360), length=1)
    lamp = grey(20, at.size_px)
    lamp[160:200, 300:340] = 255
    plain, glow = (
        painted("night", {"mode": "colour", "ev": 0, "gain_db": 0, "bloom": bloom}, at, lamp)[0].astype(float)
        for bloom in (0, 0.8)
    )
    ring = (slice(170, 190), slice(350, 356))
    assert glow[ring].mean() > plain[ring].mean() + 15 and abs(glow[:20, :20].mean() - plain[:20, :20].mean()) < 2


def test_the_fisheyes_own_falloff_is_1_in_the_middle() -> None:
    from augment.ops.vignette import natural

    for theta in ((2.1863, 0.0148, -0.6017, 0.1136), (1.6447, 0.2377, -0.6852, 1.4874)):
        left = natural(Fisheye(theta), np.linspace(0, 0.57, 58))
        assert left[0] == pytest.approx(1, abs=0.01) and (np.diff(left) <= 0.002).all() and left[-1] < 0.7
