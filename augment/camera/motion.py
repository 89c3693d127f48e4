"""How a worn camera moves: a named path of a chain becomes a Trajectory that can be asked at any instant.

    {"gait": "walk", "mount": "chest", "amount": 1.0, "seed": 123}          a body, drawn (gaits.py)
    {"track": {"file": SHA-256, "start": 0.3}, "amount": 1.0, "seed": 0}    a recording, replayed (gyro.py)

either with {"knock": {"deg": 8, "at_s": [1.5, 4.0]}}: sudden jolts. A body is a sum of a step-locked part (bob, pitch
and yaw in step, sway and roll in stride, a heel-strike ring) and of band-limited parts with the root mean square that
was measured. Asking between frames is as good as on them: a rolling shutter reads one instant per row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera.gaits import GAITS, MOUNTS, Gait, Mount, Three
from augment.camera.gyro import Recording, recorded
from augment.kinds import Setting
from augment.tracks import in_range, one_of

Array = NDArray[Any]
SINES = 8
"""Sines per band: looks random, and never exceeds 4 times its root mean square."""
RING_S = 0.05
"""Decay of the ring after a heel strike: gone in 150 ms [P]."""
KNOCKS = 4096
"""Drawn knocks: more than an hour at 60 a minute."""
KNOCKS_RINGING = 3
"""Knocks that are heard at an instant; older ones have died away."""


@dataclass(frozen=True, kw_only=True)
class Knock:
    """Sudden jolts: the camera is struck, jumps and rings."""

    deg: float
    """Largest angle of each, 0..30 degrees; a worn camera that is struck turns by 5..15 [P]."""
    at_s: Sequence[float] = ()
    """Instants, s; or they are drawn."""
    per_minute: float = 0.0
    """Drawn knocks, 0..60: one in each stretch of 60 / per_minute seconds."""
    ring_hz: float = 8.0
    """Frequency of the mount's ring, 1..30 Hz; clips and straps ring at 5..15 (notes/domain.md 3.3 [P])."""
    decay_s: float = 0.12
    """Time in which the ring falls to 1/e, 0.02..0.3 s [P]."""

    def __post_init__(self) -> None:
        in_range("knock.deg", self.deg, 0, 30)
        in_range("knock.per_minute", self.per_minute, 0, 60)
        in_range("knock.ring_hz", self.ring_hz, 1, 30)
        in_range("knock.decay_s", self.decay_s, 0.02, 0.3)
        for at_s in self.at_s:
            in_range("knock.at_s", at_s, 0, 86_400)
        if bool(self.at_s) == bool(self.per_minute):
            raise ValueError(
                f"knock must have one of at_s and per_minute, got {list(self.at_s)} and {self.per_minute:g}"
            )


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Which recording is replayed, and from where."""

    file: str
    """SHA-256 of a file of the task's (a recipe names its path)."""
    start: float = 0.0
    """Where it begins, 0..1 of what the recording has to spare; 0 is its own beginning."""

    def __post_init__(self) -> None:
        if not isinstance(self.file, str) or not self.file:
            raise ValueError(f"track.file must name a gyroscope recording, got {self.file!r}")
        in_range("track.start", self.start, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Path:
    """A named trajectory of a chain, as its spec states it: a gait on a mount, or a track."""

    gait: str = ""
    """A row of GAITS."""
    mount: str = ""
    """A row of MOUNTS."""
    track: Mapping[str, Any] | None = None
    """The knobs of Replay."""
    knock: Mapping[str, Any] | None = None
    """The knobs of Knock."""
    amount: float = 1.0
    """Factor on everything, 0..5; 1 is an unstabilised camera, 0.05 what good electronic stabilisation leaves [M]."""
    seed: int

    def __post_init__(self) -> None:
        if self.track is None:
            one_of("gait", self.gait, GAITS)
            one_of("mount", self.mount, MOUNTS)
        elif self.gait or self.mount:
            raise ValueError(f"track must stand without gait and mount, got {self.gait or self.mount!r} besides")
        for knob, plain, cls in (("track", self.track, Replay), ("knock", self.knock, Knock)):
            if plain is not None:
                for name in plain:
                    one_of(f"{knob}'s knob", name, cls.__dataclass_fields__)
                cls(**plain)
        in_range("amount", self.amount, 0, 5)
        in_range("seed", self.seed, 0, 2**64)

    def rng(self, name: str) -> np.random.Generator:
        """A generator for a purpose."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:8], "big")))


@dataclass(frozen=True, kw_only=True)
class Sines:
    """A band-limited noise of unit rms per axis: sums of sines."""

    omega: Array
    """(K, 3) rad/s."""
    phase: Array
    """(K, 3) rad."""

    def at(self, t_s: Array) -> Array:
        """(N, 3)."""
        total = np.zeros((len(t_s), 3))
        for omega, phase in zip(self.omega, self.phase, strict=True):
            total += np.sin(t_s[:, None] * omega + phase)
        return np.asarray(total * np.sqrt(2 / len(self.omega)))


@dataclass(frozen=True, kw_only=True)
class Body:
    """A gait on a mount, of one wearer."""

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
        """(N, 3) pitch, yaw, roll."""
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
        return np.asarray(np.radians(steps + band * _times(gait.band_deg, mount.band) + sway))

    def shift_m(self, t_s: Array) -> Array:
        """(N, 3) right, up, back."""
        shift = self.shift_sway.at(t_s) * self.gait.sway_m
        if self.step_hz:
            heel, size = self._heel(t_s)
            beats = np.stack([np.sin(heel / 2), -np.cos(heel - 0.5), np.sin(heel)], axis=1)
            shift = shift + size[:, None] * beats * self.gait.bob_m
        return np.asarray(shift * self.mount.shift)

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


@dataclass(frozen=True, kw_only=True)
class Jolts:
    """Knocks with their instants and directions."""

    knock: Knock
    at_s: Array
    """(K,) rising."""
    towards: Array
    """(K, 3) unit vectors of pitch, yaw, roll."""

    def angles_rad(self, t_s: Array) -> Array:
        """(N, 3)."""
        omega, decay_s = 2 * np.pi * self.knock.ring_hz, self.knock.decay_s
        first_s = np.arctan(omega * decay_s) / omega
        peak = np.exp(-first_s / decay_s) * np.sin(omega * first_s)
        total, last = np.zeros((len(t_s), 3)), np.searchsorted(self.at_s, t_s, side="right") - 1
        for back in range(KNOCKS_RINGING):
            n = last - back
            since_s = np.where(n >= 0, t_s - self.at_s[np.maximum(n, 0)], np.inf)
            ring = np.exp(-since_s / decay_s) * np.sin(omega * np.minimum(since_s, 1e3))
            total += ring[:, None] * self.towards[np.maximum(n, 0)]
        return np.asarray(total * np.radians(self.knock.deg) / peak)


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """A path made ready to be asked."""

    path: Path
    body: Body | Recording
    start_s: float = 0.0
    """Where a recording is begun."""
    jolts: Jolts | None = None

    @property
    def step_hz(self) -> float:
        """This wearer's steps per second; 0 without any."""
        return self.body.step_hz if isinstance(self.body, Body) else 0.0

    def angles_rad(self, t_s: Array) -> Array:
        """(N, 3) pitch (up), yaw (left), roll (anticlockwise) of the camera about its own axes, rad, at t_s (N,)."""
        t_s = np.asarray(t_s, float)
        angles = self.body.angles_rad(t_s + self.start_s)
        if self.jolts is not None:
            angles = angles + self.jolts.angles_rad(t_s)
        return np.asarray(angles * self.path.amount)

    def shift_m(self, t_s: Array) -> Array:
        """(N, 3) right, up, back of the camera in its own axes, m, at t_s (N,); a gyroscope knows of none."""
        t_s = np.asarray(t_s, float)
        if not isinstance(self.body, Body):
            return np.zeros((len(t_s), 3))
        return np.asarray(self.body.shift_m(t_s) * self.path.amount)

    def turns(self, t_s: Array, *, distance_m: float = np.inf) -> Array:
        """(N, 3, 3) the camera's axes at t_s (N,); its shift counts as the turn that shows the same at a distance."""
        right, up, _ = self.shift_m(t_s).T / distance_m
        # a camera moved up sees what lies at the distance lower, as one turned up does
        return rotations(self.angles_rad(t_s) + np.stack([up, -right, np.zeros_like(up)], axis=1))


def trajectory(spec: Mapping[str, Any], files: Mapping[str, File] | None = None, *, seconds: float = 0.0) -> Trajectory:
    """A path's spec made ready: same spec, same movement, at whatever instants and in whatever order it is asked.

    ValueError when a recording is wrong or shorter than `seconds`.
    """
    path = Path(**spec)
    jolts = None if path.knock is None else _jolts(path, Knock(**path.knock))
    if path.track is None:
        return Trajectory(path=path, body=_body(path), jolts=jolts)
    replay = Replay(**path.track)
    one_of("track.file", replay.file, files or {})
    recording = recorded((files or {})[replay.file])
    recording.check_lasts(seconds)
    start_s = replay.start * max(0.0, recording.seconds - seconds)
    return Trajectory(path=path, body=recording, start_s=start_s, jolts=jolts)


def along(name: str, setting: Setting) -> Trajectory:
    """The chain's path of that name, for the clip as it arrives."""
    one_of("path", name, setting.paths)
    return trajectory(setting.paths[name], setting.files, seconds=setting.length / float(setting.fps))


def frames_s(setting: Setting) -> Array:
    """(T,) instants of the clip's frames, s."""
    return np.arange(setting.length) / float(setting.fps)


def rotations(angles_rad: Array) -> Array:
    """(N, 3, 3) rotations of camera axes (x right, y up, looking down -z) for (N, 3) pitch, yaw, roll."""
    (cp, cy, cr), (sp, sy, sr) = np.cos(angles_rad).T, np.sin(angles_rad).T
    rows = (
        np.stack([cy * cr + sy * sp * sr, -cy * sr + sy * sp * cr, sy * cp], axis=1),
        np.stack([cp * sr, cp * cr, -sp], axis=1),
        np.stack([-sy * cr + cy * sp * sr, sy * sr + cy * sp * cr, cy * cp], axis=1),
    )
    return np.asarray(np.stack(rows, axis=1))


def vectors(turns: Array) -> Array:
    """(..., 3) rotation vectors, rad, of (..., 3, 3) rotations by less than half a turn."""
    twice = np.stack(
        [
            turns[..., 2, 1] - turns[..., 1, 2],
            turns[..., 0, 2] - turns[..., 2, 0],
            turns[..., 1, 0] - turns[..., 0, 1],
        ],
        axis=-1,
    )
    sine = np.linalg.norm(twice, axis=-1) / 2
    angle = np.arctan2(sine, (np.trace(turns, axis1=-2, axis2=-1) - 1) / 2)
    return np.asarray(twice * (0.5 * angle / np.maximum(sine, 1e-12))[..., None])


def rotated(rays: Array, by: Array) -> Array:
    """(..., 3) rays turned by (..., 3) rotation vectors, each its own (Rodrigues)."""
    angle = np.sqrt((by**2).sum(axis=-1))
    swing, lift = np.sinc(angle / np.pi), np.sinc(angle / (2 * np.pi)) ** 2 / 2
    across = _cross(by, rays)
    return np.asarray(rays + swing[..., None] * across + lift[..., None] * _cross(by, across))


def _cross(a: Array, b: Array) -> Array:
    """(..., 3); numpy's own takes four times as long."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=-1)


def _body(path: Path) -> Body:
    gait, mount = GAITS[path.gait], MOUNTS[path.mount]
    steps = gait.step_hz and float(gait.step_hz + 0.13 * np.clip(path.rng("cadence").standard_normal(), -2, 2))
    # pitch runs against the bob (anti-phase, Moore 2001); the others start where they like
    phase = path.rng("phase").uniform(0, 2 * np.pi, (2, 3))
    phase[1, 0] = 0.5
    return Body(
        gait=gait,
        mount=mount,
        step_hz=steps if any(mount.step) else 0.0,
        phase=phase,
        wander=_sines(path.rng("wander"), (0.05, 0.3)),
        band=_sines(path.rng("band"), gait.band_hz),
        sway=_sines(path.rng("sway"), gait.sway_hz),
        shift_sway=_sines(path.rng("shift"), gait.sway_hz),
    )


def _jolts(path: Path, knock: Knock) -> Jolts:
    at_s = np.sort(np.asarray(knock.at_s, float))
    if not len(at_s):
        at_s = (np.arange(KNOCKS) + path.rng("knock/at").uniform(0, 1, KNOCKS)) * 60 / knock.per_minute
    # a blow on a worn camera turns it up or down and sideways more than it rolls it [P]
    towards = path.rng("knock/towards").standard_normal((len(at_s), 3)) * (1, 0.7, 0.5)
    return Jolts(knock=knock, at_s=at_s, towards=towards / np.linalg.norm(towards, axis=1, keepdims=True))


def _sines(rng: np.random.Generator, band_hz: tuple[float, float]) -> Sines:
    """One frequency in each eighth of the band, so that the band is filled and no two sines are equal."""
    low, high = band_hz
    hz = low + (high - low) * (np.arange(SINES)[:, None] + rng.uniform(0.1, 0.9, (SINES, 3))) / SINES
    return Sines(omega=2 * np.pi * hz, phase=rng.uniform(0, 2 * np.pi, (SINES, 3)))


def _times(a: Three, b: Three) -> Array:
    return np.asarray(np.multiply(a, b))
