"""Examples of every op: knobs that work, knobs that are refused, knobs drawn at random; the laws run over these tables.

A new op adds its row to each of EXAMPLES, REFUSED and the table in `knobs`.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from augment.footage import Audio, CameraState
from augment.kinds import Setting
from augment.ops import OPS
from augment.ops.band_limit import BANDS
from augment.ops.flare import SOURCES
from augment.ops.occlusion import KINDS as OCCLUSIONS
from augment.ops.occlusion import SIDES
from augment.ops.reframe import ASPECTS, FITS
from augment.ops.timestamp import LAYOUTS
from augment.ops.transcode import CRF
from augment.ops.weather import KINDS as WEATHER

Rng = np.random.Generator
WIDE = (2.1863, 0.0148, -0.6017, 0.1136)  # action_cam_wide, 118 degrees across
CHEST = (1.6447, 0.2377, -0.6852, 1.4874)  # bwc_chest_1080p_120, 102 degrees across
W, H, T = 96, 54, 12
WORD = {"text": "BWC-SIM SYN", "list": "device_ids", "sha256": "0" * 64}
NOTICE = {"text": "CLOCK NOT SET", "list": "recorder_notices_en", "sha256": "0" * 64}
START = "2031-05-17T21:04:09.500+01:00"
BODY = {"gait": "walk", "mount": "chest", "amount": 0.5, "seed": 3}
RUNNER = {"gait": "run", "mount": "hand", "amount": 2.0, "seed": 3}

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "shake": [{"path": "body", "max_zoom": 1.5}],
    "rolling_shutter": [{"path": "body", "readout_s": 0.022}, {"path": "body", "readout_s": 0.03, "upwards": True}],
    "stabilise": [{"path": "body"}, {"path": "body", "crop": 0.2, "readout_s": 0.02, "wobble": 0.5}],
    "motion_blur": [
        {"path": "runner", "exposure_s": 1 / 12},
        {"path": "runner", "exposure_s": {"wave": {"mean": 0.05, "amplitude": 0.04, "period_s": 1}}},
    ],
    "lens": [{"target": list(CHEST)}, {"source": list(WIDE), "target": list(CHEST), "max_zoom": 2}],
    "zoom": [{"factor": 1.5}, {"factor": {"wave": {"mean": 2, "amplitude": 0.5, "period_s": 1}}, "centre_x": 0.9}],
    "mirror": [{}],
    "crop": [{"width": 0.75, "height": 0.9, "centre_x": 0.3}],
    "rotate": [{"roll_deg": -4}, {"turn_deg": 90, "roll_deg": {"wave": {"mean": 0, "amplitude": 3, "period_s": 0.8}}}],
    "reframe": [{"aspect": "9:16", "centre_x": 0.6}, {"aspect": "1:1", "fit": "blurred"}],
    "weather": [
        {"kind": "rain", "intensity": 0.6, "wind_mps": 3},
        {"kind": "fog", "density": {"walk": {"low": 0.3, "high": 0.7, "rate": 0.2}}},
        {"kind": "snow", "intensity": {"wave": {"mean": 0.6, "amplitude": 0.3, "period_s": 2}}},
        {"kind": "spray", "intensity": 0.8, "bursts_per_s": 1},
    ],
    "occlusion": [
        {"kind": "strap", "side": "bottom", "at": 0.15, "reach": 0.2},
        {"kind": "jacket", "side": "left", "reach": 0.12, "cloth": "navy", "sway": 0.02},
        {"kind": "finger", "side": "top", "at": 0.7, "reach": 0.15, "softness": 0.06},
    ],
    "drops": [{}, {"count": 18, "size": 0.03, "running": 0.8}],
    "dirt": [{}, {"specks": 30, "darkness": 0.5, "smears": 0, "fingerprints": 0}],
    "flare": [{"veil": 0.4}, {"source": "drawn", "x": {"walk": {"low": -0.1, "high": 0.6, "rate": 0.2}}, "y": 0.15}],
    "defocus": [{"radius": 0.003}, {"radius": {"wave": {"mean": 0.003, "amplitude": 0.003, "period_s": 1}}}],
    "chromatic_aberration": [{}, {"red": 0.002, "blue": 0.001}],
    "vignette": [{"corner_ev": 1.2}, {"share": 0.5, "centre_x": 0.51}],
    "flicker": [{}, {"mains_hz": {"walk": {"low": 59.8, "high": 60.2, "rate": 0.1}}, "lamp_depth": 1}],
    "auto_exposure": [{}, {"key_light": 0.3, "centre_weight": 1, "rise_s": 0.3, "overshoot": 0.3}],
    "exposure": [
        {"ev": -1.5},
        {"ev": {"walk": {"low": -1, "high": 1, "rate": 0.8}}},
        {"ev": 0, "scene_ev": {"steps": {"low": -2, "high": 2, "hold_s": 0.4}}, "rise_s": 0.3, "hunting_ev": 0.1},
    ],
    "white_balance": [
        {"light_k": 2850, "tint": 0.08},
        {"light_k": {"steps": {"low": 3200, "high": 6500, "hold_s": 0.8}}, "follow": 0.9, "rise_s": 0.8},
    ],
    "tone": [{}, {"exposure_ev": 1, "contrast": 1.2, "shoulder": 1, "saturation": 0.5}],
    "noise": [
        {"gain_db": 24},
        {"gain_db": {"steps": {"low": 6, "high": 30, "hold_s": 0.5}}, "grain_px": 0},
        {"gain_db": 30, "denoise": 0.7, "colour": 0.15, "blotch_px": 5},
    ],
    "night": [{"mode": "ir"}, {"mode": "colour", "gain_db": 33}],
    "timestamp": [{"layout": "clock_unset", "start": START, "notice": NOTICE}]
    + [
        {"layout": name, "start": START, "device": WORD, "number": "004217"}
        for name in LAYOUTS
        if name != "clock_unset"
    ],
    "albumentations": [
        {"transform": "GaussNoise", "per_frame": True, "parameters": {"std_range": [0.03, 0.05]}},
        {"transform": "MotionBlur", "per_frame": False, "parameters": {"blur_limit": [5, 7]}},
    ],
    "rate": [{"fps": "24000/1001"}, {"fps": 12.5, "frames": "kept"}],
    "drop": [{"share": 0.25}, {"share": 0.5, "burst_frames": 3}],
    "duplicate": [{"share": 0.4, "burst_s": 0.3}, {"share": 0.6, "times": 3, "burst_s": 0.5}],
    "freeze": [
        {"start": 0.25, "seconds": 0.3},
        {"start": 0.25, "seconds": 0.3, "after": "catch_up", "catch_up": 2, "sound": "silent"},
    ],
    "speed": [{"speed": "5/4"}, {"speed": 0.5, "start": 0.25, "stop": 0.75}],
    "jitter": [{"late_frames": 1}, {"late_frames": {"wave": {"mean": 1.5, "amplitude": 1, "period_s": 1}}}],
    "trim": [{"start": 0.25, "stop": 0.75}],
    "transcode": [{"crf": 35}, {"codec": "mpeg4", "kbps": 300}],
    "gain": [{"gain_db": {"wave": {"mean": 0, "amplitude": 6, "period_s": 0.5}}}, {"automatic_db": -20}],
    "clipping": [{"drive_db": 12}, {"drive_db": 20, "ceiling_db": -6, "knee": "soft"}],
    "band_limit": [{"through": "telephone"}, {"through": "mems", "low_hz": 200, "high_hz": 3000}],
    "wind": [{"level_db": -30}, {"level_db": {"walk": {"low": -40, "high": -20, "rate": 6}}, "gusts": 1}],
    "room": [{"rt60_s": 0.4}, {"rt60_s": 2.5, "direct_db": -3}],
    "hum": [{"mains_hz": 50, "level_db": -40}, {"mains_hz": 60, "level_db": -30, "harmonics": 1}],
    "dropout": [{"share": 0.3, "gap_s": 0.2}, {"share": 0.5, "gap_s": 0.1, "fill": "repeat"}],
    "offset": [{"late_s": 0.2}, {"late_s": -0.5}],
    "drift": [{"ppm": 2000}, {"ppm": -50}],
    "mute": [{"start": 0.25, "stop": 0.5}],
}

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("shake", {"path": "body", "max_zoom": 5}, "max_zoom must be in 1..3, got 5"),
    ("shake", {"path": ""}, "path must be a name of the chain's paths, got ''"),
    ("rolling_shutter", {"path": "body", "readout_s": 0.2}, "readout_s must be in 0..0.05, got 0.2"),
    ("rolling_shutter", {"path": "body", "readout_s": 0.02, "upwards": 1}, "upwards must be true or false, got 1"),
    ("rolling_shutter", {"path": "body", "readout_s": 0.02, "max_zoom": 9}, "max_zoom must be in 1..3, got 9"),
    ("stabilise", {"path": "body", "crop": 0.9}, "crop must be in 0..0.5, got 0.9"),
    ("stabilise", {"path": "body", "residual": -1}, "residual must be in 0..1, got -1"),
    ("stabilise", {"path": "body", "smooth_s": 0}, "smooth_s must be in 0.05..3, got 0"),
    ("stabilise", {"path": "body", "wobble": 2}, "wobble must be in 0..1, got 2"),
    ("motion_blur", {"path": "body", "exposure_s": 0}, "exposure_s must be in 0.000125..0.1, got 0"),
    ("motion_blur", {"path": "", "exposure_s": 0.01}, "path must be a name of the chain's paths, got ''"),
    ("lens", {"target": {"model": "pinhole", "focal": 9}}, "target.focal must be in 0.3..4, got 9"),
    ("lens", {"target": {"model": "kanala_brandt", "focal": 1}}, "did you mean 'kannala_brandt'?"),
    ("lens", {"target": {"model": "kannala_brandt", "focal": 0.5}}, "target.k must be given for a kannala_brandt lens"),
    ("lens", {"target": {"model": "pinhole", "fokal": 1}}, "target's number must be a known name, got 'fokal'"),
    ("lens", {"target": [1, 2]}, "target must be four numbers c1..c4 or a lens model, got [1, 2]"),
    ("lens", {"target": [9, 0, 0, 0]}, "target[0] must be in 0.5..4, got 9"),
    ("lens", {"target": [1, 0, -5, 0]}, "target must rise up to the frame's corner"),
    ("lens", {"target": list(CHEST), "max_zoom": 0.5}, "max_zoom must be in 1..3, got 0.5"),
    ("zoom", {"factor": 0.5}, "factor must be in 1..8, got 0.5"),
    ("zoom", {"factor": 2, "centre_x": 2}, "centre_x must be in 0..1, got 2"),
    ("weather", {"kind": "hail"}, "kind must be a known name, got 'hail'"),
    ("weather", {"kind": "rain", "intensity": 2}, "intensity must be in 0..1, got 2"),
    ("weather", {"kind": "fog", "density": -1}, "density must be in 0..4, got -1"),
    ("weather", {"kind": "rain", "wind_mps": 40}, "wind_mps must be in -15..15, got 40"),
    ("weather", {"kind": "rain", "exposure_s": 1}, "exposure_s must be in 0.0001..0.04, got 1"),
    ("weather", {"kind": "spray", "bursts_per_s": 0}, "bursts_per_s must be in 0.05..3, got 0"),
    ("occlusion", {"kind": "strapp"}, "did you mean 'strap'?"),
    ("occlusion", {"kind": "strap", "side": "middle"}, "side must be a known name, got 'middle'"),
    ("occlusion", {"kind": "strap", "cloth": "tweed"}, "cloth must be a known name, got 'tweed'"),
    ("occlusion", {"kind": "strap", "reach": 0}, "reach must be in 0.02..0.6, got 0"),
    ("occlusion", {"kind": "strap", "at": 2}, "at must be in 0..1, got 2"),
    ("occlusion", {"kind": "strap", "softness": 0}, "softness must be in 0.005..0.12, got 0"),
    ("occlusion", {"kind": "strap", "sway": 1}, "sway must be in 0..0.1, got 1"),
    ("occlusion", {"kind": "strap", "sway_hz": 9}, "sway_hz must be in 0.1..6, got 9"),
    ("drops", {"count": 0}, "count must be in 1..80, got 0"),
    ("drops", {"size": 1}, "size must be in 0.01..0.2, got 1"),
    ("drops", {"opacity": 0}, "opacity must be in 0.3..1, got 0"),
    ("drops", {"seconds": 0}, "seconds must be in 1..120, got 0"),
    ("drops", {"running": 2}, "running must be in 0..1, got 2"),
    ("drops", {"speed": 3}, "speed must be in 0.01..1, got 3"),
    ("dirt", {"specks": 100}, "specks must be in 0..80, got 100"),
    ("dirt", {"speck_size": 1}, "speck_size must be in 0.004..0.1, got 1"),
    ("dirt", {"darkness": 1}, "darkness must be in 0..0.9, got 1"),
    ("dirt", {"smears": 9}, "smears must be in 0..8, got 9"),
    ("dirt", {"fingerprints": 5}, "fingerprints must be in 0..4, got 5"),
    ("dirt", {"film": 1}, "film must be in 0..0.8, got 1"),
    ("flare", {"source": "sun"}, "source must be a known name, got 'sun'"),
    ("flare", {"veil": 3}, "veil must be in 0..2, got 3"),
    ("flare", {"rays": 3}, "rays must be in 0..2, got 3"),
    ("flare", {"ray_count": 20}, "ray_count must be in 0..16, got 20"),
    ("flare", {"ghosts": 3}, "ghosts must be in 0..2, got 3"),
    ("flare", {"ghost_count": 9}, "ghost_count must be in 0..8, got 9"),
    ("flare", {"x": 2}, "x must be in -0.2..1.2, got 2"),
    ("flare", {"light": 0}, "light must be in 1..100000, got 0"),
    ("crop", {"width": 0}, "width must be in 0.1..1, got 0"),
    ("crop", {"centre_y": 1.2}, "centre_y must be in 0..1, got 1.2"),
    ("rotate", {"turn_deg": 45}, "turn_deg must be 0, 90, 180 or 270, got 45"),
    ("rotate", {"roll_deg": 30}, "roll_deg must be in -20..20, got 30"),
    ("reframe", {"aspect": "9:15"}, "aspect must be a known name, got '9:15' (did you mean '9:16'?)"),
    ("reframe", {"aspect": "1:1", "fit": "stretch"}, "fit must be a known name, got 'stretch'"),
    ("reframe", {"aspect": "1:1", "centre_x": 2}, "centre_x must be in 0..1, got 2"),
    ("reframe", {"aspect": "1:1", "dim": 0}, "dim must be in 0.2..1, got 0"),
    ("defocus", {"radius": 3}, "radius must be in 0..0.02, got 3"),
    ("chromatic_aberration", {"red": 0.1}, "red must be in -0.005..0.005, got 0.1"),
    ("chromatic_aberration", {"blue": -0.1}, "blue must be in -0.005..0.005, got -0.1"),
    ("vignette", {"corner_ev": 9}, "corner_ev must be in 0..4, got 9"),
    ("vignette", {"share": 2}, "share must be in 0..1, got 2"),
    ("vignette", {"centre_x": 2}, "centre_x must be in 0..1, got 2"),
    ("vignette", {"centre_y": -1}, "centre_y must be in 0..1, got -1"),
    ("flicker", {"mains_hz": 400}, "mains_hz must be in 45..65, got 400"),
    ("flicker", {"exposure_s": 1}, "exposure_s must be in 5e-05..0.1, got 1"),
    ("flicker", {"readout_s": 1}, "readout_s must be in 0..0.05, got 1"),
    ("flicker", {"lamp_depth": 2}, "lamp_depth must be in 0..1, got 2"),
    ("auto_exposure", {"key_light": 1}, "key_light must be in 0.02..0.5, got 1"),
    ("auto_exposure", {"centre_weight": 2}, "centre_weight must be in 0..1, got 2"),
    ("auto_exposure", {"rise_s": 0}, "rise_s must be in 0.1..5, got 0"),
    ("auto_exposure", {"overshoot": 1}, "overshoot must be in 0..0.5, got 1"),
    ("auto_exposure", {"lowest_ev": 1}, "lowest_ev must be in -8..0, got 1"),
    ("auto_exposure", {"highest_ev": -1}, "highest_ev must be in 0..8, got -1"),
    ("exposure", {"ev": 9}, "ev must be in -6..6, got 9"),
    ("exposure", {"ev": 0, "scene_ev": 9}, "scene_ev must be in -6..6, got 9"),
    ("exposure", {"ev": 0, "rise_s": 0}, "rise_s must be in 0.1..5, got 0"),
    ("exposure", {"ev": 0, "overshoot": 1}, "overshoot must be in 0..0.5, got 1"),
    ("exposure", {"ev": 0, "hunting_ev": 2}, "hunting_ev must be in 0..1, got 2"),
    ("exposure", {"ev": 0, "hunting_s": 0}, "hunting_s must be in 0.2..5, got 0"),
    ("white_balance", {"light_k": 1000}, "light_k must be in 2200..12000, got 1000"),
    ("white_balance", {"balanced_k": 1000}, "balanced_k must be in 2200..12000, got 1000"),
    ("white_balance", {"tint": 2}, "tint must be in -1..1, got 2"),
    ("white_balance", {"follow": 2}, "follow must be in 0..1, got 2"),
    ("white_balance", {"rise_s": 0}, "rise_s must be in 0.1..10, got 0"),
    ("tone", {"contrast": 3}, "contrast must be in 0.5..2, got 3"),
    ("tone", {"shoulder": 0}, "shoulder must be in 0.1..1, got 0"),
    ("tone", {"saturation": -1}, "saturation must be in 0..2, got -1"),
    ("noise", {"gain_db": 99}, "gain_db must be in 0..42, got 99"),
    ("noise", {"gain_db": 9, "full_well_e": 1}, "full_well_e must be in 500..100000, got 1"),
    ("noise", {"gain_db": 9, "colour": 1}, "colour must be in 0..0.666667, got 1"),
    ("noise", {"gain_db": 9, "blotch_px": 99}, "blotch_px must be in 0..16, got 99"),
    ("noise", {"gain_db": 9, "denoise": 2}, "denoise must be in 0..1, got 2"),
    ("night", {"mode": "infra"}, "mode must be a known name, got 'infra'"),
    ("night", {"mode": "ir", "ev": -9}, "ev must be in -6..2, got -9"),
    ("night", {"mode": "ir", "gain_db": 99}, "gain_db must be in 0..42, got 99"),
    ("night", {"mode": "ir", "spot": 2}, "spot must be in 0..1, got 2"),
    ("night", {"mode": "ir", "spot_size": 0}, "spot_size must be in 0.1..1, got 0"),
    ("night", {"mode": "ir", "bloom": 2}, "bloom must be in 0..1, got 2"),
    ("night", {"mode": "colour", "saturation": 2}, "saturation must be in 0..1, got 2"),
    ("night", {"mode": "colour", "black_lift": 99}, "black_lift must be in 0..48, got 99"),
    ("night", {"mode": "colour", "denoise": 2}, "denoise must be in 0..1, got 2"),
    ("timestamp", {"layout": "ur_two_lines", "start": START}, "did you mean 'ur_two_line'?"),
    ("timestamp", {"layout": "oem_slash", "start": "2031-05-17"}, "start must be ISO 8601 with a zone"),
    ("timestamp", {"layout": "oem_slash", "start": START, "date_time": "POLICE %Y"}, "date_time must be made of"),
    ("timestamp", {"layout": "oem_slash", "start": START, "number": "A12"}, "number must be at most 8 digits"),
    ("timestamp", {"layout": "oem_slash", "start": START, "device": "my words"}, "device must be a word of a reviewed"),
    ("timestamp", {"layout": "clock_unset", "start": START}, "notice must be given for clock_unset"),
    ("timestamp", {"layout": "oem_slash", "start": START, "number": -5}, "number must be at most 8 digits, got -5"),
    ("albumentations", {"transform": "MotionBlurr", "per_frame": True}, "did you mean 'MotionBlur'?"),
    ("albumentations", {"transform": "TextImage", "per_frame": True}, "it prints free text"),
    ("albumentations", {"transform": "Affine", "per_frame": True}, "take shake, lens, zoom or mirror"),
    ("albumentations", {"transform": "Blur", "per_frame": 1}, "per_frame must be true or false, got 1"),
    ("albumentations", {"transform": "Blur", "per_frame": True, "parameters": {"blur": 3}}, "'blur' are not valid"),
    ("albumentations", {"transform": "Blur", "per_frame": True, "parameters": {"p": 0.5}}, "arguments without p"),
    ("rate", {"fps": 500}, "fps must be a ratio in 1..240, got 500"),
    ("rate", {"fps": "25/0"}, "fps must be a ratio in 1..240, got '25/0'"),
    ("rate", {"fps": 25, "frames": "keep"}, "frames must be a known name, got 'keep' (did you mean 'kept'?)"),
    ("drop", {"share": 1}, "share must be in 0..0.9, got 1"),
    ("drop", {"share": 0.1, "burst_frames": 0}, "burst_frames must be in 1..300, got 0"),
    ("duplicate", {"share": 2}, "share must be in 0..1, got 2"),
    ("duplicate", {"share": 0.5, "times": 1}, "times must be 2, 3 or 4, got 1"),
    ("duplicate", {"share": 0.5, "burst_s": 0}, "burst_s must be in 0.05..60, got 0"),
    ("freeze", {"start": 2, "seconds": 1}, "start must be in 0..1, got 2"),
    ("freeze", {"start": 0, "seconds": 0}, "seconds must be in 0.05..60, got 0"),
    (
        "freeze",
        {"start": 0, "seconds": 1, "after": "jmp"},
        "after must be a known name, got 'jmp' (did you mean 'jump'?)",
    ),
    ("freeze", {"start": 0, "seconds": 1, "catch_up": 1}, "catch_up must be a ratio in 1.05..8, got 1"),
    ("freeze", {"start": 0, "seconds": 1, "sound": "on"}, "sound must be a known name, got 'on'"),
    ("freeze", {"start": 0, "seconds": 1, "after": "catch_up"}, "sound must be silent where after is catch_up"),
    ("speed", {"speed": 0}, "speed must be a ratio in 0.1..10, got 0"),
    ("speed", {"speed": "fast"}, "speed must be a ratio in 0.1..10, got 'fast'"),
    ("speed", {"speed": 2, "start": 0.5, "stop": 0.5}, "stop must be more than start, got 0.5 and 0.5"),
    ("speed", {"speed": 2, "stop": 3}, "stop must be in 0..1, got 3"),
    ("jitter", {"late_frames": 4}, "late_frames must be in 0..3, got 4"),
    ("trim", {"start": 0.5, "stop": 0.5}, "stop must be more than start, got 0.5 and 0.5"),
    ("trim", {"stop": 2}, "stop must be in 0..1, got 2"),
    ("transcode", {"crf": 99}, "crf must be in 0..51, got 99"),
    ("transcode", {"crf": 23.5}, "crf must be a whole number, got 23.5"),
    ("transcode", {"crf": 23, "kbps": 500}, "exactly one of crf and kbps must be given"),
    ("transcode", {"kbps": 0}, "kbps must be in 50..60000, got 0"),
    ("transcode", {"codec": "h265", "crf": 23}, "codec must be a known name, got 'h265'"),
    ("transcode", {"crf": 23, "gop_seconds": 0}, "gop_seconds must be in 0.1..20, got 0"),
    ("gain", {"gain_db": 99}, "gain_db must be in -60..40, got 99"),
    ("gain", {"automatic_db": 0}, "automatic_db must be in -40..-6, got 0"),
    ("gain", {"automatic_db": -20, "attack_s": 0}, "attack_s must be in 0.005..1, got 0"),
    ("gain", {"automatic_db": -20, "release_s": 20}, "release_s must be in 0.05..10, got 20"),
    ("clipping", {"drive_db": 50}, "drive_db must be in 0..40, got 50"),
    ("clipping", {"drive_db": 9, "ceiling_db": 3}, "ceiling_db must be in -30..0, got 3"),
    ("clipping", {"drive_db": 9, "knee": "sofd"}, "knee must be a known name, got 'sofd' (did you mean 'soft'?)"),
    ("band_limit", {"through": "phone"}, "through must be a known name, got 'phone' (did you mean 'telephone'?)"),
    ("band_limit", {"through": "mems", "low_hz": 5}, "low_hz must be in 20..1000, got 5"),
    ("band_limit", {"through": "mems", "high_hz": 99}, "high_hz must be in 500..20000, got 99"),
    (
        "band_limit",
        {"through": "cloth", "low_hz": 900, "high_hz": 800},
        "high_hz must be above low_hz, got 800 and 900",
    ),
    ("wind", {"level_db": 3}, "level_db must be in -70..0, got 3"),
    ("wind", {"level_db": -20, "gusts": 2}, "gusts must be in 0..1, got 2"),
    ("room", {"rt60_s": 9}, "rt60_s must be in 0.1..4, got 9"),
    ("room", {"rt60_s": 1, "direct_db": -20}, "direct_db must be in -12..24, got -20"),
    ("hum", {"mains_hz": 55, "level_db": -40}, "mains_hz must be 50 or 60, got 55"),
    ("hum", {"mains_hz": 50, "level_db": 0}, "level_db must be in -80..-10, got 0"),
    ("hum", {"mains_hz": 50, "level_db": -40, "harmonics": 0}, "harmonics must be a whole number in 1..20, got 0"),
    ("dropout", {"share": 1}, "share must be in 0..0.9, got 1"),
    ("dropout", {"share": 0.1, "gap_s": 0}, "gap_s must be in 0.02..10, got 0"),
    ("dropout", {"share": 0.1, "fill": "noise"}, "fill must be a known name, got 'noise'"),
    ("offset", {"late_s": 5}, "late_s must be in -2..2, got 5"),
    ("drift", {"ppm": 1e4}, "ppm must be in -5000..5000, got 10000.0"),
    ("mute", {"start": 0.5, "stop": 0.1}, "stop must be more than start, got 0.1 and 0.5"),
]


def setting(seed: int = 5, **changes: Any) -> Setting:
    plain: dict[str, Any] = {
        "fps": Fraction(10),
        "size_px": (W, H),
        "length": T,
        "camera": CameraState(lens=WIDE),
        "paths": {"body": BODY, "runner": RUNNER},
    }
    return Setting(**{**plain, "seed": seed, **changes})


def pictures(count: int = T, dtype: type = np.uint8) -> Iterator[np.ndarray]:
    """Smooth shapes that move: codecs and warps have something to do."""
    y, x = np.mgrid[:H, :W]
    for t in range(count):
        waves = [np.sin((x * a + y * b + 9 * t) / 17) for a, b in ((1, 0.3), (0.2, 1), (0.7, -0.7))]
        full = 255 if dtype is np.uint8 else 1023
        yield ((np.stack(waves, axis=2) * 0.45 + 0.5) * full).astype(dtype)


def sound() -> Audio:
    t_s = np.arange(int(T / 10 * 8000)) / 8000
    return Audio(samples=(0.2 * np.sin(2 * np.pi * 440 * t_s))[:, None].astype(np.float32), rate_hz=8000)


def sampled(name: str, knobs: dict[str, Any], at: Setting, xy: np.ndarray) -> np.ndarray:
    """(T, N, 2) input px of (N, 2) output px."""
    ask = OPS[name].op(**knobs).sampler(at)
    return np.stack([ask(t, xy) for t in range(at.length)])


def knobs(name: str, rng: Rng) -> dict[str, Any]:
    """Valid knobs of an op, drawn as wide as a small picture can show."""

    def number(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    def track(low: float, high: float) -> Any:
        middle, half = (low + high) / 2, (high - low) / 2
        shapes: list[Any] = [
            number(low, high),
            {"walk": {"low": low, "high": high, "rate": half}},
            {"wave": {"mean": middle, "amplitude": half, "period_s": 0.7}},
            {"steps": {"low": low, "high": high, "hold_s": 0.3}},
        ]
        return shapes[rng.integers(len(shapes))]

    start = number(0, 0.6)
    codec = str(rng.choice(list(CRF)))
    drawn_knobs: dict[str, dict[str, Any]] = {
        "shake": {"path": "body", "max_zoom": 1.6},
        "rolling_shutter": {"path": "body", "readout_s": number(0, 0.033), "upwards": bool(rng.integers(2))},
        "stabilise": {
            "path": "body",
            "residual": number(0, 1),
            "crop": number(0.02, 0.2),
            "readout_s": number(0, 0.03),
        },
        "motion_blur": {"path": "body", "exposure_s": number(0.001, 0.033)},
        "lens": {"source": [2, 0, 0, 0], "target": [number(1.6, 1.9), 0, number(0, 0.2), 0]},
        "zoom": {"factor": track(1, 1.25), "centre_x": track(0.4, 0.6), "centre_y": number(0, 1)},
        "mirror": {},
        "weather": {
            "kind": str(rng.choice(WEATHER)),
            "intensity": track(0, 1),
            "density": track(0, 2),
            "wind_mps": number(-8, 8),
        },
        "occlusion": {
            "kind": str(rng.choice(OCCLUSIONS)),
            "side": str(rng.choice(list(SIDES))),
            "reach": number(0.05, 0.3),
            "at": number(0, 1),
            "sway": track(0, 0.03),
        },
        "drops": {"count": int(rng.integers(1, 20)), "size": number(0.02, 0.1), "running": number(0, 1)},
        "dirt": {"specks": int(rng.integers(0, 30)), "smears": int(rng.integers(0, 4)), "film": number(0, 0.6)},
        "flare": {"source": str(rng.choice(SOURCES)), "veil": track(0, 0.6), "x": track(-0.1, 1.1)},
        "crop": {"width": number(0.7, 1), "height": number(0.7, 1), "centre_x": number(0, 1), "centre_y": number(0, 1)},
        "rotate": {"turn_deg": int(rng.choice([0, 90, 180, 270])), "roll_deg": track(-6, 6)},
        "reframe": {
            "aspect": str(rng.choice(list(ASPECTS))),
            "fit": str(rng.choice(FITS)),
            "centre_x": track(0.4, 0.6),
        },
        "defocus": {"radius": track(0, 0.0125)},
        "chromatic_aberration": {"red": number(-0.003, 0.003), "blue": number(-0.003, 0.003)},
        "vignette": {"corner_ev": number(0, 3), "share": number(0, 1), "centre_y": number(0.4, 0.6)},
        "flicker": {"mains_hz": track(49, 61), "exposure_s": number(1e-4, 0.03), "readout_s": number(0, 0.04)},
        "auto_exposure": {"key_light": number(0.03, 0.4), "rise_s": number(0.1, 2), "overshoot": number(0, 0.4)},
        "exposure": {"ev": track(-2, 2), "scene_ev": track(-2, 2), "hunting_ev": number(0, 0.3)},
        "white_balance": {"light_k": track(2200, 9000), "tint": track(-0.5, 0.5), "follow": number(0, 1)},
        "noise": {"gain_db": track(0, 30), "grain_px": number(0, 1), "denoise": number(0, 1)},
        "night": {"mode": str(rng.choice(["ir", "colour"])), "gain_db": track(10, 40), "denoise": number(0, 1)},
        "timestamp": {"layout": str(rng.choice(["ur_iso_z", "bar_bottom"])), "start": number(1e9, 2e9)},
        "albumentations": {"transform": str(rng.choice(["ToGray", "GaussNoise", "Blur"])), "per_frame": True},
        "rate": {
            "fps": str(rng.choice(["8", "24", "25", "30000/1001"])),
            "frames": str(rng.choice(["picked", "kept"])),
        },
        "drop": {"share": number(0, 0.6), "burst_frames": number(1, 5)},
        "duplicate": {"share": number(0, 1), "times": int(rng.integers(2, 5)), "burst_s": number(0.05, 0.6)},
        "freeze": {"start": start, "seconds": number(0.05, 0.6), "sound": str(rng.choice(["goes_on", "silent"]))}
        | ({"after": "catch_up", "catch_up": number(1.1, 4), "sound": "silent"} if rng.integers(2) else {}),
        "speed": {"speed": number(0.5, 2), "start": start, "stop": number(start + 0.1, 1)},
        "jitter": {"late_frames": track(0, 3)},
        "trim": {"start": start, "stop": number(start + 0.1, 1)},
        "transcode": {"codec": codec, "crf": int(rng.integers(*CRF[codec])), "preset": "ultrafast"},
        "gain": {"gain_db": track(-20, 6)} | ({"automatic_db": number(-30, -10)} if rng.integers(2) else {}),
        "clipping": {
            "drive_db": number(0, 30),
            "ceiling_db": number(-12, 0),
            "knee": str(rng.choice(["hard", "soft"])),
        },
        "band_limit": {"through": str(rng.choice(list(BANDS)))},
        "wind": {"level_db": track(-40, -6), "gusts": number(0, 1)},
        "room": {"rt60_s": number(0.1, 2), "direct_db": number(-6, 12)},
        "hum": {
            "mains_hz": int(rng.choice([50, 60])),
            "level_db": track(-50, -20),
            "harmonics": int(rng.integers(1, 12)),
        },
        "dropout": {"share": number(0, 0.6), "gap_s": number(0.02, 1), "fill": str(rng.choice(["silence", "repeat"]))},
        "offset": {"late_s": number(-1, 1)},
        "drift": {"ppm": number(-5000, 5000)},
        "mute": {"start": start, "stop": number(start + 0.1, 1)},
    }
    return drawn_knobs[name]
