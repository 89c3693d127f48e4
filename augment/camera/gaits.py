"""What bodies and mounts do to a camera: tables of gaits and mounts, each number with the grade of where it is from.

Grades: [M] measured on GoPro gyroscopes and motion capture, [S] published, [P] proposed (notes/assets-and-motion.md,
notes/domain.md 3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Three = tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Gait:
    """What the body does, as a camera held without damping feels it. Angles are degrees rms of (pitch, yaw, roll)."""

    step_hz: float
    """Steps per second; 0 when there are none. Wearers differ by 0.13 Hz rms [S MacDougall & Moore 2005]."""
    stride_deg: Three = (0, 0, 0)
    """At half the step frequency."""
    step_deg: Three = (0, 0, 0)
    """At the step frequency."""
    band_hz: tuple[float, float]
    """Hand, arm and mount: the broad band above the steps."""
    band_deg: Three
    sway_hz: tuple[float, float]
    """Slow wandering below the steps."""
    sway_deg: Three
    bob_m: Three = (0, 0, 0)
    """Amplitude of (right, up, back): right in stride, up and back in step."""
    sway_m: Three = (0, 0, 0)
    """Root mean square of the slow wandering of (right, up, back)."""


@dataclass(frozen=True, kw_only=True)
class Mount:
    """What a mount makes of a gait: factors for (pitch, yaw, roll)."""

    stride: Three
    step: Three
    band: Three
    sway: Three
    shift: Three
    """Factors for (right, up, back)."""
    ring: float
    """Share of the band's energy that rings in step with the heels, 0..1 [P]."""


GAITS: Mapping[str, Gait] = {
    # sway 0.1..0.5 Hz under 1 degree and under 1 cm [P]; a standing GoPro turns at 5..6 deg/s in all [M]
    "stand": Gait(
        step_hz=0,
        band_hz=(1.5, 6.0),
        band_deg=(0.10, 0.09, 0.08),
        sway_hz=(0.1, 0.5),
        sway_deg=(0.30, 0.35, 0.20),
        sway_m=(0.004, 0.002, 0.004),
    ),
    # 21.2 / 14.4 / 16.8 deg/s and 1.49 / 0.90 / 1.01 deg rms, peaks at 2.0 and 7.2 Hz, 95 % of the energy below 9.5 Hz,
    # 2.05 m/s^2 at 2 Hz [M hero7.mp4]; up 2.3 cm, right 2.5 cm [S Moore 2001]
    "walk": Gait(
        step_hz=1.9,
        stride_deg=(0.10, 0.65, 0.70),
        step_deg=(1.19, 0.40, 0.45),
        band_hz=(5.5, 7.5),
        band_deg=(0.37, 0.31, 0.37),
        sway_hz=(0.3, 1.0),
        sway_deg=(0.80, 0.40, 0.42),
        bob_m=(0.025, 0.021, 0.010),
        sway_m=(0.01, 0.004, 0.01),
    ),
    # between motion capture of a jog (13 / 21 / 15 deg/s, trunk alone) and of a run (46 / 62 / 48) [M]
    "jog": Gait(
        step_hz=2.5,
        stride_deg=(0.25, 1.5, 1.0),
        step_deg=(1.70, 0.8, 0.8),
        band_hz=(5.5, 8.5),
        band_deg=(0.55, 0.50, 0.55),
        sway_hz=(0.1, 0.6),
        sway_deg=(1.0, 1.0, 0.6),
        bob_m=(0.03, 0.045, 0.02),
        sway_m=(0.02, 0.01, 0.02),
    ),
    # 46 / 62 / 48 deg/s by motion capture, 50..154 by a GoPro [M]; pitch 4..10, yaw 5..15, roll 3..8 deg at most [P]
    "run": Gait(
        step_hz=2.9,
        stride_deg=(0.5, 3.0, 1.8),
        step_deg=(2.6, 1.6, 1.5),
        band_hz=(6.0, 11.0),
        band_deg=(0.80, 0.75, 0.80),
        sway_hz=(0.2, 0.8),
        sway_deg=(1.2, 1.5, 0.8),
        bob_m=(0.04, 0.06, 0.03),
        sway_m=(0.03, 0.01, 0.03),
    ),
    # slower than a walk, 1.6 steps/s [P]; the body drops and is caught at each step, so steps and heel strikes are
    # harder; the 17 cm of rise per step are left to the path of the body: 3.5 cm about it [P]
    "stairs": Gait(
        step_hz=1.6,
        stride_deg=(0.15, 0.80, 0.95),
        step_deg=(1.60, 0.55, 0.60),
        band_hz=(5.5, 9.0),
        band_deg=(0.45, 0.36, 0.42),
        sway_hz=(0.2, 0.8),
        sway_deg=(1.00, 0.80, 0.60),
        bob_m=(0.030, 0.035, 0.015),
        sway_m=(0.01, 0.01, 0.01),
    ),
    # a telephone in the hand of somebody who stands: drift and tremor at 0.5..3 Hz, 2..8 degrees at most [P]; the fine
    # physiological tremor of a hand lies at 8..12 Hz [S]
    "hand_held": Gait(
        step_hz=0,
        band_hz=(8, 12),
        band_deg=(0.04, 0.04, 0.03),
        sway_hz=(0.5, 3.0),
        sway_deg=(0.80, 0.90, 0.50),
        sway_m=(0.008, 0.008, 0.008),
    ),
    # ride 1..3 Hz, vibration 10..30 Hz [P]
    "vehicle": Gait(
        step_hz=0,
        band_hz=(10, 30),
        band_deg=(0.06, 0.04, 0.05),
        sway_hz=(1, 3),
        sway_deg=(0.35, 0.15, 0.35),
        sway_m=(0.004, 0.008, 0.002),
    ),
    # roll 0.1..0.5 Hz, 5..15 deg at most; engine 10..30 Hz [P]
    "boat": Gait(
        step_hz=0,
        band_hz=(10, 30),
        band_deg=(0.05, 0.04, 0.05),
        sway_hz=(0.1, 0.5),
        sway_deg=(2.0, 1.2, 4.0),
        sway_m=(0.03, 0.06, 0.02),
    ),
}

MOUNTS: Mapping[str, Mount] = {
    # more yaw in stride than pitch: 8.9 / 17.9 / 6.4 deg/s at a chest joint [M CMU 12_03]; clip spring 4..10 Hz [P]
    "chest": Mount(
        stride=(1, 2.2, 1), step=(0.6, 1, 0.6), band=(0.8, 0.8, 0.8), sway=(0.7, 1, 0.7), shift=(1.2, 1, 1), ring=0.4
    ),
    "shoulder": Mount(
        stride=(1, 1.8, 1.2), step=(0.7, 1, 0.8), band=(0.7, 0.7, 0.7), sway=(0.7, 1, 0.7), shift=(1.1, 1, 1), ring=0.3
    ),
    # compensated from 3 Hz up, most energy below 4 Hz [S Cromwell 2001, Kavanagh 2005]; 17 deg/s peak [S Moore 2001]
    "head": Mount(
        stride=(1, 1.2, 0.7), step=(0.6, 0.7, 0.5), band=(0.3, 0.3, 0.3), sway=(1, 1.5, 0.8), shift=(1, 1, 1), ring=0.2
    ),
    "helmet": Mount(
        stride=(1, 1.2, 0.8), step=(0.7, 0.8, 0.6), band=(0.4, 0.4, 0.4), sway=(1, 1.5, 0.8), shift=(1, 1, 1), ring=0.3
    ),
    # the table of gaits is what a hand-held or harnessed GoPro felt
    "hand": Mount(stride=(1, 1, 1), step=(1, 1, 1), band=(1, 1, 1), sway=(1, 1, 1), shift=(1, 1, 1), ring=0.0),
    # screwed to a vehicle: what the vehicle does and nothing of steps
    "fixed": Mount(stride=(0, 0, 0), step=(0, 0, 0), band=(1, 1, 1), sway=(1, 1, 1), shift=(1, 1, 1), ring=0.0),
}
