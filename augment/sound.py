"""Sound, whole in memory and worked in blocks: re-cut along a time map, resampled, filtered, convolved, hushed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import signal

from augment.footage import Array, Audio
from augment.kinds import STANDS

BLOCK = 1 << 18
"""Samples worked at once: what is not float32 is never longer than this (5.5 s at 48 kHz)."""
LOBES, PHASES = 12, 4096
"""Half-width of the resampler's windowed sinc in its zero crossings, and places between two samples it is known at."""
FADE_S = 0.005
"""Sound fades for this long outside a silent stretch: a jump would be a click that nobody's recorder makes [P]."""
Stretches = Sequence[tuple[float, float]]


def blocks(length: int) -> Iterator[slice]:
    """0..length in pieces of BLOCK."""
    return (slice(first, min(first + BLOCK, length)) for first in range(0, length, BLOCK))


def recut(audio: Audio, cuts: Sequence[tuple[float, float, float]], *, seconds: float, silent: Stretches = ()) -> Audio:
    """(start_s, stop_s, speed) stretches, joined; silence fills what is missing of `seconds`. Speed moves the pitch."""
    samples, rate_hz = audio.samples, audio.rate_hz
    out = np.zeros((round(seconds * rate_hz), samples.shape[1]), np.float32)
    at_s = 0.0
    for start_s, stop_s, speed in cuts:
        end_s = at_s + (stop_s - start_s) / speed
        first, stop = round(at_s * rate_hz), min(round(end_s * rate_hz), len(out))
        if speed == 1:
            piece = samples[round(start_s * rate_hz) :][: max(0, stop - first)]
            out[first : first + len(piece)] = piece
        elif speed > STANDS:
            read_at(samples, out[first:stop], first=start_s * rate_hz + (first - at_s * rate_hz) * speed, step=speed)
        at_s = end_s
    within = [(start_s + FADE_S, stop_s - FADE_S) for start_s, stop_s in silent if stop_s - start_s > 2 * FADE_S]
    return hushed(Audio(samples=out, rate_hz=rate_hz), within)  # what plays again at its end is whole


def read_at(samples: Array, out: Array, *, first: float, step: float) -> None:
    """out[n] = the sound at sample first + n * step, by a windowed sinc that keeps what would fold; zero outside."""
    kernel, reach = _kernel(step)
    for block in blocks(len(out)):
        at = first + np.arange(block.start, block.stop) * step
        whole = np.floor(at).astype(np.int64)
        phase = ((at - whole) * PHASES).astype(np.int64)
        low, high = int(whole[0]) - reach + 1, int(whole[-1]) + reach + 1
        near = np.zeros((high - low, samples.shape[1]), np.float32)
        inside = slice(max(low, 0), max(0, min(high, len(samples))))
        if inside.start < inside.stop:
            near[inside.start - low : inside.stop - low] = samples[inside]
        total = np.zeros_like(out[block])
        for tap in range(2 * reach):
            total += near[whole - int(whole[0]) + tap] * kernel[tap][phase, None]
        out[block] = total


def _kernel(step: float) -> tuple[Array, int]:
    """((taps, PHASES) float32, half the taps): a sinc under a Kaiser window, as wide as what is skipped needs."""
    stretch = max(1.0, step)
    reach = math.ceil(LOBES * stretch)
    tap = np.arange(2 * reach)[:, None] - (reach - 1) - np.arange(PHASES)[None] / PHASES
    window = np.i0(7 * np.sqrt(np.clip(1 - (tap / reach) ** 2, 0, 1))) / np.i0(7)
    kernel = np.sinc(tap / stretch) * window
    return (kernel / kernel.sum(axis=0)).astype(np.float32), reach


def hushed(audio: Audio, stretches: Stretches) -> Audio:
    """Zero inside the stretches, faded just outside."""
    if not stretches:
        return audio
    out, rate_hz = audio.samples.copy(), audio.rate_hz
    for start_s, stop_s in stretches:
        first, stop = max(0, math.ceil(start_s * rate_hz)), max(0, math.ceil(stop_s * rate_hz))
        out[first:stop] = 0
        reach = math.ceil(FADE_S * rate_hz)
        for edge_s, near in ((start_s, slice(max(0, first - reach), first)), (stop_s, slice(stop, stop + reach))):
            away_s = np.abs(np.arange(near.start, min(near.stop, len(out))) / rate_hz - edge_s)
            out[near] *= np.clip(away_s / FADE_S, 0, 1).astype(np.float32)[:, None]
    return Audio(samples=out, rate_hz=rate_hz)


# ------------------------------------------------------------------------------------------------ filters


def filtered(samples: Array, sections: Array) -> Array:
    """Second-order sections (S, 6) run forward over (N, C) float32."""
    out, state = np.empty_like(samples), filter_state(sections, samples.shape[1])
    for block in blocks(len(samples)):
        out[block], state = filtered_on(samples[block], sections, state)
    return out


def filter_state(sections: Array, channels: int) -> Array:
    """(S, 2, C) of sections that have heard nothing yet."""
    return np.zeros((len(sections), 2, channels))


def filtered_on(samples: Array, sections: Array, state: Array) -> tuple[Array, Array]:
    """(sound as float32, state for what follows), worked in float64: poles at 15 Hz need it."""
    if not len(sections):
        return samples, state
    out, state = signal.sosfilt(sections, samples, axis=0, zi=state)
    return np.asarray(out, np.float32), state


def convolved(samples: Array, responses: Array) -> Array:
    """(N, C) float32 with (K, C) responses, each channel with its own; what rings after the end is lost."""
    out = np.zeros_like(samples)
    for block in blocks(len(samples)):
        ringing = signal.oaconvolve(samples[block], responses, axes=0)[: len(samples) - block.start]
        out[block.start : block.start + len(ringing)] += ringing.astype(np.float32)
    return out


def edge(kind: str, hz: float, *, order: int, rate_hz: int) -> Array:
    """(S, 6) sections of a Butterworth filter; none where the rate has nothing to take away."""
    if not 0 < hz < 0.48 * rate_hz:
        return np.zeros((0, 6))
    return np.asarray(signal.butter(order, hz, kind, fs=rate_hz, output="sos"))


def peak(hz: float, gain_db: float, *, rate_hz: int) -> Array:
    """(1, 6) a resonance two octaves wide (Bristow-Johnson's peaking equaliser); none above half the rate."""
    if not gain_db or not 0 < hz < 0.48 * rate_hz:
        return np.zeros((0, 6))
    turn, a = 2 * math.pi * hz / rate_hz, 10 ** (gain_db / 40)
    alpha, cosine = math.sin(turn) / (2 * 0.7), -2 * math.cos(turn)
    section = np.array([1 + alpha * a, cosine, 1 - alpha * a, 1 + alpha / a, cosine, 1 - alpha / a])
    return np.asarray(section[None] / section[3])


def falling(slope: float, low_hz: float, high_hz: float, *, rate_hz: int) -> Array:
    """(S, 6) sections that make of white noise one of the same RMS with a power spectrum f ** slope in low_hz..high_hz.

    A pole and a zero in each octave, so far apart that the steps make the slope (to 0.5 dB); nothing below low_hz.
    """
    octaves = max(1, round(math.log2(high_hz / low_hz)))
    poles_hz = low_hz * 2.0 ** np.arange(octaves + 1)
    zeros_hz = poles_hz * 2.0 ** (-slope / 2)
    poles, zeros = (np.exp(-2 * math.pi * np.minimum(hz, 0.49 * rate_hz) / rate_hz) for hz in (poles_hz, zeros_hz))
    none, one = np.zeros(octaves + 1), np.ones(octaves + 1)
    steps = np.stack([one, -zeros, none, one, -poles, none], axis=1)
    sections: Array = np.concatenate([edge("highpass", low_hz, order=2, rate_hz=rate_hz), steps])
    _, response = signal.sosfreqz(sections, 1 << 16)
    sections[0, :3] /= math.sqrt(float(np.mean(np.abs(response) ** 2)))
    return sections


def delay_samples(sections: Array, hz: float, *, rate_hz: int) -> float:
    """By how many samples sections hold back what swings at `hz`: the slope of their phase."""
    if not len(sections):
        return 0.0
    around = np.array([hz * 0.98, hz * 1.02])
    _, response = signal.sosfreqz(sections, around, fs=rate_hz)
    turned = float(np.angle(response[1] / response[0]))
    return -turned / (2 * math.pi * float(around[1] - around[0])) * rate_hz
