"""Sound: what the camera hears of a shot, from its cues alone: 48 kHz, one channel, shaped noise and a plain room.

Nothing in it is speech: a shout and a radio are noise with a voice's envelope and bands.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import signal

from scenes.lanes import lane
from scenes.mesh import Array
from scenes.shot import Shot, Sound

RATE_HZ = 48_000
SOUND_MPS = 343.0
ABSORPTION = 0.18
"""Mean share that walls of plaster, board and lino swallow; Sabine gives the reverberation time from it."""
FULL_SCALE = 0.89
"""Where the soft limiter of the camera's microphone ends up."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of sound."""

    make: Callable[[int, np.random.Generator], Array]
    """(N,) samples of unit size; gets the length of a lasting sound, or 0."""
    level: float
    """Peak of a hit, or rms of a lasting sound, at 1 m (or on the wearer), full scale = 1."""
    room: float
    """How much of it reaches the room's reverberation, 0..1."""


def hear(shot: Shot) -> tuple[Array, int]:
    """(N, 1) float32 samples and their rate; sample 0 is heard at the instant of frame 0."""
    length = round(float(shot.frames / shot.fps) * RATE_HZ)
    dry, wet = np.zeros(length), np.zeros(length)
    heard: Counter[str] = Counter()
    for cue in shot.sounds:
        kind, own = KINDS[cue.kind], lane(shot.seed, f"sound/{cue.kind}/{heard[cue.kind]}")
        heard[cue.kind] += 1  # numbered within its kind: an impulse more leaves every footstep as it was
        sound = kind.make(round(cue.seconds * RATE_HZ), own) * kind.level * cue.gain
        near, delay_s = _distance(shot, cue)
        start = round((cue.t_s + delay_s) * RATE_HZ)
        kept = sound[: max(length - start, 0)]
        dry[start : start + len(kept)] += kept * near
        wet[start : start + len(kept)] += kept * kind.room * (0.5 + 0.5 * near)
    mixed = dry + 0.6 * signal.fftconvolve(wet, _room(shot))[:length]
    high_passed = signal.sosfilt(signal.butter(2, 90, "highpass", fs=RATE_HZ, output="sos"), mixed)
    return (FULL_SCALE * np.tanh(high_passed / FULL_SCALE)).astype(np.float32)[:, None], RATE_HZ


def _distance(shot: Shot, cue: Sound) -> tuple[float, float]:
    """Gain by distance and delay of a cue at the camera; a cue without a place is on the wearer."""
    if cue.position_m is None:
        return 1.0, 0.0
    key = min(round((cue.t_s * float(shot.fps) + 1) * shot.keys_per_frame), shot.keys - 1)
    apart = float(np.linalg.norm(shot.world_from_cam[key, :3, 3] - np.asarray(cue.position_m)))
    return 1 / max(apart, 1.0), apart / SOUND_MPS


def _room(shot: Shot) -> Array:
    """The room's tail: a few early echoes of the walls, then noise that falls by 60 dB in Sabine's time."""
    x, y, z = shot.room_m
    rt60_s = 0.161 * x * y * z / (ABSORPTION * 2 * (x * y + y * z + x * z))
    n = round(min(rt60_s * 1.2, 4.0) * RATE_HZ)
    t = np.arange(n) / RATE_HZ
    rng = np.random.Generator(np.random.PCG64(zlib.crc32(repr(shot.room_m).encode())))
    tail = rng.normal(size=n) * 10 ** (-3 * t / rt60_s) * np.minimum(t / 0.012, 1) * 0.02
    for way_m in (y, z, 2 * y, 2 * z, y + z):  # across and up, once and twice
        at = round(way_m / SOUND_MPS * RATE_HZ)
        if at < n:
            tail[at] += 0.35 / max(way_m, 1.0)
    return np.asarray(tail)


def _band(noise: Array, low_hz: float, high_hz: float) -> Array:
    filtered: Array = signal.sosfilt(signal.butter(2, (low_hz, high_hz), "bandpass", fs=RATE_HZ, output="sos"), noise)
    return filtered


def _peaked(x: Array) -> Array:
    scaled: Array = x / max(float(np.abs(x).max()), 1e-9)
    return scaled


def _levelled(x: Array) -> Array:
    scaled: Array = x / max(float(np.sqrt((x**2).mean())) if len(x) else 1.0, 1e-9)
    return scaled


def _hit(seconds: float) -> Array:
    return np.arange(round(seconds * RATE_HZ)) / RATE_HZ


def _footstep(_: int, rng: np.random.Generator) -> Array:
    """A heel's thump and click, then the sole's scuff a tenth of a second later."""
    t = _hit(0.22)
    thump = np.sin(2 * np.pi * rng.uniform(85, 120) * t) * np.exp(-t / 0.022)
    click = _band(rng.normal(size=len(t)), 900, 3800) * np.exp(-t / 0.007)
    scuff = _band(rng.normal(size=len(t)), 1500, 6000) * np.exp(-(((t - 0.11) / 0.025) ** 2))
    return _peaked(_peaked(thump) + 0.9 * _peaked(click) + 0.15 * _peaked(scuff))


def _impulse(_: int, rng: np.random.Generator) -> Array:
    """A simulated discharge: full at its first sample, broad, gone in a tenth of a second."""
    t = _hit(0.35)
    crack = rng.normal(size=len(t)) * np.exp(-t / 0.006)
    body = _band(rng.normal(size=len(t)), 120, 1800) * np.exp(-t / 0.04)
    crack[0] = np.abs(crack).max() * 1.2
    return _peaked(_peaked(crack) + 0.7 * _peaked(body))


def _voice(n: int, rng: np.random.Generator, *, low_hz: float, high_hz: float, syllables_hz: float) -> Array:
    """Noise and a buzzing tone in a voice's bands, opened and closed at the rate of syllables."""
    t = np.arange(n) / RATE_HZ
    pitch = rng.uniform(110, 220) * (1 + 0.06 * np.sin(2 * np.pi * 1.7 * t))
    buzz = signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE_HZ)
    mouth = 0.5 - 0.5 * np.cos(2 * np.pi * syllables_hz * t + rng.uniform(0, 0.3))
    ends = np.minimum(np.minimum(t, t[-1] - t) / 0.03, 1)
    return _peaked(_band(buzz + 0.6 * rng.normal(size=n), low_hz, high_hz) * mouth**1.5 * ends)


def _shout(n: int, rng: np.random.Generator) -> Array:
    return _voice(n, rng, low_hz=350, high_hz=3200, syllables_hz=3.2)


def _radio(n: int, rng: np.random.Generator) -> Array:
    """A voice through a small loudspeaker, between two bursts of hiss."""
    voice = np.tanh(3 * _voice(n, rng, low_hz=500, high_hz=2600, syllables_hz=4.5))
    hiss = _band(rng.normal(size=n), 800, 3000)
    t = np.arange(n) / RATE_HZ
    return _peaked(voice + hiss * (0.05 + 0.5 * ((t < 0.07) | (t > t[-1] - 0.09))))


def _whistle(n: int, rng: np.random.Generator) -> Array:
    """An umpire's whistle: a high tone that trills."""
    t = np.arange(n) / RATE_HZ
    trill = 1 + 0.5 * np.sin(2 * np.pi * 32 * t)
    return _peaked((np.sin(2 * np.pi * rng.uniform(2900, 3300) * t) + 0.15 * rng.normal(size=n)) * trill)


def _room_tone(n: int, rng: np.random.Generator) -> Array:
    """Ventilation, and the hum of the lamps."""
    t = np.arange(n) / RATE_HZ
    air = _band(rng.normal(size=n), 90, 700)
    return _levelled(_levelled(air) + 0.25 * np.sin(2 * np.pi * 100 * t) + 0.1 * np.sin(2 * np.pi * 200 * t))


def _cloth(n: int, rng: np.random.Generator) -> Array:
    """Rustle on the microphone, swelling about twice a second."""
    t = np.arange(n) / RATE_HZ
    swell = 0.3 + np.maximum(np.sin(2 * np.pi * 1.9 * t + rng.uniform(0, 6)), 0) ** 2
    return _levelled(_band(rng.normal(size=n), 400, 5000) * swell)


KINDS: dict[str, Kind] = {
    "room_tone": Kind(make=_room_tone, level=0.004, room=0.0),
    "cloth": Kind(make=_cloth, level=0.006, room=0.0),
    "footstep": Kind(make=_footstep, level=0.16, room=0.5),
    "impulse": Kind(make=_impulse, level=1.6, room=1.0),
    "shout": Kind(make=_shout, level=0.35, room=0.8),
    "radio": Kind(make=_radio, level=0.2, room=0.2),
    "whistle": Kind(make=_whistle, level=0.3, room=0.7),
}
