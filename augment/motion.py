"""How a worn camera moves: gait and mount make small rotations and shifts, a continuous function of time.

A named path of a chain, {"gait": "walk", "mount": "chest", "amount": 1.0, "seed": 123}, becomes a Trajectory that can
be asked at any instant, between frames too (a rolling shutter reads one instant per row). It is a sum of a step-locked
part (bob, pitch and yaw in step, sway and roll in stride, a heel-strike ring) and of band-limited parts, each with the
root mean square that was measured.

Grades: [M] measured on GoPro gyroscopes and motion capture, [S] published, [P] proposed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.tracks import in_range, one_of

Array = NDArray[Any]
Three = tuple[float, float, float]
SINES = 8
"""Sines per band: looks random, and never exceeds 4 times its root mean square."""
RING_S = 0.05
"""Decay of the ring after a heel strike: gone in 150 ms [P]."""


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


@dataclass(frozen=True, kw_only=True)
class Sines:
    """A band-limited noise of unit rms per axis: sums of sines."""

    omega: Array
    """(K, 3) rad/s."""
    phase: Array
    """(K, 3) rad."""

    def at(self, t_s: Array) -> Array:
        """(N, 3)."""
        turns = t_s[:, None, None] * self.omega + self.phase
        return np.asarray(np.sin(turns).sum(axis=1) * np.sqrt(2 / len(self.omega)))


@dataclass(frozen=True, kw_only=True)
class Path:
    """A named trajectory of a chain, as its spec states it."""

    gait: str
    """A row of GAITS."""
    mount: str
    """A row of MOUNTS."""
    amount: float = 1.0
    """Factor on everything, 0..5; 1 is an unstabilised camera, 0.05 what good electronic stabilisation leaves [M]."""
    seed: int

    def __post_init__(self) -> None:
        one_of("gait", self.gait, GAITS)
        one_of("mount", self.mount, MOUNTS)
        in_range("amount", self.amount, 0, 5)
        in_range("seed", self.seed, 0, 2**64)

    def rng(self, name: str) -> np.random.Generator:
        """A generator for a purpose."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """A path made ready to be asked."""

    path: Path
    gait: Gait
    mount: Mount
    step_hz: float
    """This wearer's."""
    phase: Array
    """(2, 3) rad: of stride and step, per axis, relative to the heel strike."""
    wander: Sines
    """Slow drift of cadence and of step length."""
    band: Sines
    sway: Sines
    shift_sway: Sines

    def angles_rad(self, t_s: Array) -> Array:
        """(N, 3) pitch (up), yaw (left), roll (anticlockwise) of the camera about its own axes, rad, at t_s (N,)."""
        t_s = np.asarray(t_s, float)
        gait, mount = self.gait, self.mount
        band = self.band.at(t_s)
        steps = np.zeros((len(t_s), 3))
        if self.step_hz:
            heel, size = self._heel(t_s)
            stride = np.cos(heel[:, None] / 2 + self.phase[0])
            step = np.cos(heel[:, None] + self.phase[1])
            loud = np.sqrt(2) * size[:, None]
            steps = loud * (stride * _times(gait.stride_deg, mount.stride) + step * _times(gait.step_deg, mount.step))
            band = np.sqrt(1 - mount.ring) * band + np.sqrt(mount.ring) * self._ring(heel)[:, None]
        sway = self.sway.at(t_s) * _times(gait.sway_deg, mount.sway)
        turned_deg = steps + band * _times(gait.band_deg, mount.band) + sway
        return np.asarray(np.radians(turned_deg) * self.path.amount)

    def shift_m(self, t_s: Array) -> Array:
        """(N, 3) right, up, back of the camera in its own axes, m, at t_s (N,)."""
        t_s = np.asarray(t_s, float)
        shift = self.shift_sway.at(t_s) * self.gait.sway_m
        if self.step_hz:
            heel, size = self._heel(t_s)
            beats = np.stack([np.sin(heel / 2), -np.cos(heel - 0.5), np.sin(heel)], axis=1)
            shift = shift + size[:, None] * beats * self.gait.bob_m
        return np.asarray(shift * self.mount.shift * self.path.amount)

    def _heel(self, t_s: Array) -> tuple[Array, Array]:
        """(N,) phase of the steps, rad (a heel strikes at every multiple of 2 pi), and (N,) relative step size."""
        slow = self.wander.at(t_s)
        return 2 * np.pi * self.step_hz * t_s + 0.25 * slow[:, 0], 1 + 0.12 * slow[:, 1]

    def _ring(self, heel: Array) -> Array:
        """(N,) unit rms: the mount rings after each heel strike."""
        ring_hz = float(np.mean(self.gait.band_hz))
        since_s = np.linspace(0, 1, 512, endpoint=False) / self.step_hz
        scale = np.sqrt(np.mean((np.exp(-since_s / RING_S) * np.sin(2 * np.pi * ring_hz * since_s)) ** 2))
        since_s = (heel / (2 * np.pi) % 1) / self.step_hz
        return np.asarray(np.exp(-since_s / RING_S) * np.sin(2 * np.pi * ring_hz * since_s) / scale)


def trajectory(spec: Mapping[str, Any]) -> Trajectory:
    """A path's spec made ready: same spec, same movement, at whatever instants and in whatever order it is asked."""
    path = Path(**spec)
    gait, mount = GAITS[path.gait], MOUNTS[path.mount]
    steps = gait.step_hz and float(gait.step_hz + 0.13 * np.clip(path.rng("cadence").standard_normal(), -2, 2))
    # pitch runs against the bob (anti-phase, Moore 2001); the others start where they like
    phase = path.rng("phase").uniform(0, 2 * np.pi, (2, 3))
    phase[1, 0] = 0.5
    return Trajectory(
        path=path,
        gait=gait,
        mount=mount,
        step_hz=steps if any(mount.step) else 0.0,
        phase=phase,
        wander=_sines(path.rng("wander"), (0.05, 0.3)),
        band=_sines(path.rng("band"), gait.band_hz),
        sway=_sines(path.rng("sway"), gait.sway_hz),
        shift_sway=_sines(path.rng("shift"), gait.sway_hz),
    )


def rotations(angles_rad: Array) -> Array:
    """(N, 3, 3) rotations of camera axes (x right, y up, looking down -z) for (N, 3) pitch, yaw, roll."""
    (cp, cy, cr), (sp, sy, sr) = np.cos(angles_rad).T, np.sin(angles_rad).T
    rows = (
        np.stack([cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp], axis=1),
        np.stack([cp * sr, cp * cr, -sp], axis=1),
        np.stack([-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp], axis=1),
    )
    return np.asarray(np.stack(rows, axis=1))


def _sines(rng: np.random.Generator, band_hz: tuple[float, float]) -> Sines:
    """One frequency in each eighth of the band, so that the band is filled and no two sines are equal."""
    low, high = band_hz
    hz = low + (high - low) * (np.arange(SINES)[:, None] + rng.uniform(0.1, 0.9, (SINES, 3))) / SINES
    return Sines(omega=2 * np.pi * hz, phase=rng.uniform(0, 2 * np.pi, (SINES, 3)))


def _times(a: Three, b: Three) -> Array:
    return np.asarray(np.multiply(a, b))
