"""Lenses of every model, and the profiles: both ways agree, views are the tables', fits are what they say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml

from augment.camera.fisheye import MODELS, Fisheye, lens_of, theta_fit, view_deg
from augment.footage import CameraState
from augment.ops import OPS
from synth.resolve import camera_class, resolve
from tests.augment.examples import CHEST, WIDE, sampled, setting

PROFILES = sorted((Path(__file__).parents[2] / "configs/profiles/cameras").glob("*.yaml"))
CLASSES = {  # notes/domain.md 3.1; superview is left out, action_cam_wide.yaml says why
    "bwc_chest_1080p_wide": (125.7, 69.5, 146.9),
    "bwc_shoulder_1080p": (125.7, 69.5, 146.9),
    "bwc_chest_1080p_mid": (110.9, 60.7, 128.4),
    "bwc_chest_1080p_120": (101.8, 54.5, 121.0),
    "bwc_chest_720p": (110.9, 60.7, 128.4),
    "bwc_chest_1440p_160": (130.9, 96.3, 160.0),
    "bwc_oem_1080p": (107.0, 59.0, 123.0),
    "bwc_head_legacy_480p": (68.0, 53.7, 80.3),
    "action_cam_wide": (118.0, 69.0, 132.5),
    "action_cam_wide_eis": (108.9, 63.4, 122.2),
    "action_cam_linear": (87.7, 55.9, 95.4),
    "action_cam_43_eis": (111.2, 84.8, 133.2),
    "action_cam_maxwide_eis": (114.6, 70.1, 130.3),
    "phone_landscape": (70.5, 43.6, 78.4),
    "phone_portrait": (43.6, 70.5, 78.4),
}
LENSES: dict[str, Any] = {
    "theta": list(WIDE),
    "pinhole": {"model": "pinhole", "focal": 0.741},
    "kannala_brandt": {"model": "kannala_brandt", "focal": 0.5363, "k": [-0.0301, -0.0165, 0.0024, 0.0055]},
    "brown_conrady": {"model": "brown_conrady", "focal": 0.8, "k": [-0.25, 0.07, -0.008], "p": [0.001, -0.002]},
}


def plane(count: int = 300) -> np.ndarray:
    return np.random.default_rng(0).uniform(-1, 1, (count, 2)) * (0.5, 0.28)


def test_every_model_stands_in_these_laws() -> None:
    assert set(LENSES) == {"theta", *MODELS}


@pytest.mark.parametrize("stated", LENSES.values(), ids=LENSES)
def test_a_lens_goes_both_ways(stated: Any) -> None:
    lens = lens_of("target", stated)
    rays = lens.rays(plane())
    assert np.allclose(np.linalg.norm(rays, axis=1), 1)
    assert np.abs(lens.pixels(rays) - plane()).max() * 1920 < 0.02


@pytest.mark.parametrize("name", ["pinhole", "kannala_brandt", "brown_conrady"])
def test_a_model_is_opencvs(name: str) -> None:
    lens = lens_of("target", LENSES[name])
    matrix = np.array([[lens.focal, 0, 0], [0, lens.focal, 0], [0, 0, 1]])
    points = lens.rays(plane()) * (1, -1, -1) * 3.0  # OpenCV's camera looks along z, its y points down
    if name == "kannala_brandt":
        seen, _ = cv2.fisheye.projectPoints(points[:, None], np.zeros(3), np.zeros(3), matrix, np.array(lens.k))
    else:
        bent = np.zeros(5) if name == "pinhole" else np.array([*lens.k[:2], *lens.p, lens.k[2]])
        seen, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, bent)
    assert np.abs(seen.reshape(-1, 2) - plane()).max() * 1920 < 0.02


@pytest.mark.parametrize("goal", LENSES, ids=LENSES)
def test_a_straight_line_is_bent_as_the_target_bends_it(goal: str) -> None:
    """What the source's lens draws of a straight line is asked for where the target's lens draws it."""
    op = OPS["lens"].op(target=LENSES[goal], max_zoom=3)
    at = setting(size_px=(1920, 1080), length=1)
    state = op.camera_after(at)
    target = lens_of("target", LENSES[goal])
    fitted = theta_fit(target, corner_rho=float(np.hypot(1920, 1080)) / 1920 / 2)
    zoom = fitted[0] / state.lens[0]
    line = np.stack([np.linspace(-0.5, 0.5, 200), np.full(200, 0.2), np.full(200, -1.0)], axis=1)
    shown = target.pixels(line) * zoom * 1920 + (960, 540)
    asked = sampled("lens", {"target": LENSES[goal], "max_zoom": 3}, at, shown)[0]
    assert np.abs(asked - (Fisheye(WIDE).pixels(line) * 1920 + (960, 540))).max() < 0.3
    bow = np.ptp(shown[:, 1] - np.interp(shown[:, 0], shown[[0, -1], 0], shown[[0, -1], 1]))
    assert bow < 0.05 if goal == "pinhole" else bow > 3


def test_all_classes_of_the_table_are_there_and_no_other() -> None:
    assert {path.stem for path in PROFILES} == set(CLASSES)


@pytest.mark.parametrize("path", PROFILES, ids=lambda p: p.stem)
def test_a_profiles_view_and_fit_are_recomputed_from_its_calibration(path: Path) -> None:
    drawn = camera_class(path.stem, "draw")
    width, height = drawn["size_px"]
    lens = lens_of("lens", drawn["lens"])
    across, _, slanting = view_deg(lens, (width, height))
    _, down, _ = view_deg(lens, (width, round(height / drawn.get("fy_per_fx", 1.0))))
    assert (across, down, slanting) == pytest.approx(CLASSES[path.stem], rel=0.01)
    assert drawn["fov_deg"] == pytest.approx(CLASSES[path.stem])
    corner = float(np.hypot(width, height)) / width / 2
    rho = np.linspace(0, corner, 200)
    own, again = Fisheye(tuple(drawn["theta_coefficients"])), Fisheye(theta_fit(lens, corner_rho=corner))
    stated_deg = float(path.read_text().split("fit error ")[1].split(" deg")[0])
    assert np.degrees(np.abs(own.theta(rho) - lens.theta(rho))).max() <= stated_deg + 0.006
    assert np.degrees(np.abs(again.theta(rho) - own.theta(rho))).max() < 0.25
    assert np.abs(own.rho(own.theta(rho)) - rho).max() * width < 0.05, "inverted up to its own corner"


@pytest.mark.parametrize("name", ["bwc_chest_1080p_120", "bwc_oem_1080p", "action_cam_linear", "phone_landscape"])
def test_the_view_is_the_targets_within_a_hundredth(name: str) -> None:
    drawn = camera_class(name, "draw")
    at = setting(size_px=(1920, 1080), length=1)
    ends = sampled("lens", {"target": drawn["lens"]}, at, np.array([[0.0, 540.0], [1920.0, 540.0]]))[0]
    rays = Fisheye(WIDE).rays((ends - (960, 540)) / 1920)
    seen_deg = np.degrees(np.arccos(np.clip(rays[0] @ rays[1], -1, 1)))
    assert seen_deg == pytest.approx(drawn["fov_deg"][0], rel=0.01)
    behind = OPS["lens"].op(target=drawn["lens"]).camera_after(at).lens
    assert view_deg(Fisheye(behind), (1920, 1080))[0] == pytest.approx(drawn["fov_deg"][0], rel=0.01)


def test_a_decentred_lens_keeps_its_axis() -> None:
    at = setting(length=1, camera=CameraState(lens=WIDE, centre=(0.52, 0.47)))
    op = OPS["lens"].op(target=CHEST)
    middle = np.array(op.camera_after(at).centre) * at.size_px
    assert np.allclose(op.sampler(at)(0, middle[None])[0], np.array([0.52, 0.47]) * at.size_px, atol=1e-6)


def test_a_recipe_draws_what_a_camera_is() -> None:
    assert resolve({"lens_of": "bwc_oem_1080p"}, 1)["model"] == "kannala_brandt"
    drawn = {resolve({"of_camera": "bwc_oem_1080p", "take": "readout_s"}, n) for n in range(9)}
    assert len(drawn) > 5 and min(drawn) >= 0.016 and max(drawn) <= 0.033
    with pytest.raises(ValueError, match="did you mean 'readout_s'"):
        resolve({"of_camera": "bwc_oem_1080p", "take": "readout"}, 1)


def test_a_profile_with_an_unknown_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {**yaml.safe_load(PROFILES[0].read_text()), "readuot_s": 1}
    monkeypatch.setattr("synth.resolve.profile", lambda shelf, name: wrong)
    with pytest.raises(ValueError, match="readuot_s: unknown key, did you mean 'readout_s'"):
        camera_class(PROFILES[0].stem, 1)
