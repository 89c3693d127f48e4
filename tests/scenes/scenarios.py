"""Scenarios that the laws of the set are held on."""

from fractions import Fraction
from typing import Any

from scenes.scenario import CameraProfile, Scenario

WIDE = CameraProfile(
    name="bwc_chest_1080p_wide", theta_coefficients=(2.1713, 0.0628, -0.9467, 1.8152), readout_s=0.022, exposure_s=0.008
)


def demo(**changes: Any) -> Scenario:
    """Three seconds in the corridor, as the demo has them."""
    values: dict[str, Any] = {
        "family": "incident_response",
        "venue": "corridor",
        "camera_profile": WIDE,
        "seconds": 3.0,
        "fps": Fraction(10),
        "size_px": (320, 180),
        "seed": 7,
        "cast": 2,
    }
    return Scenario(**{**values, **changes})
