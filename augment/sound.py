"""Sound, whole in memory and worked in blocks: re-cut along a time map, resampled, filtered, convolved, hushed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from scipy import signal

from augment.footage import Array, Audio

BLOCK = 1 << 18
"""Samples worked at once: what is not float32 is never longer than this (5.5 s at 48 kHz)."""
LOBES, PHASES = 8, 4096
"""Half-width of the resampler's windowed sinc in its zero crossings, and places between two samples it is known at:
flat to 0.1 dB up to 0.35 of the rate, and -72 dB of noise from rounding to a phase."""
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
        else:
            read_at(samples, out[first:stop], first=start_s * rate_hz + (first - at_s * rate_hz) * speed, step=speed)
        at_s = end_s
    return hushed(Audio(samples=out, rate_hz=rate_hz), silent)


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
    window = np.i0(8 * np.sqrt(np.clip(1 - (tap / reach) ** 2, 0, 1))) / np.i0(8)
    kernel = np.sinc(tap / stretch) * window
    return (kernel / kernel.sum(axis=0)).astype(np.float32), reach


def hushed(audio: Audio, stretches: Stretches) -> Audio:
    """Zero inside the stretches, faded just outside."""
    if not stretches:
        return audio
    out, rate_hz = audio.samples.copy(), audio.rate_hz
    for start_s, stop_s in stretches:
        first, stop = max(0, math.floor((start_s - FADE_S) * rate_hz)), math.ceil((stop_s + FADE_S) * rate_hz)
        at_s = np.arange(first, min(stop, len(out))) / rate_hz
        away_s = np.maximum(start_s - at_s, at_s - stop_s)
        out[first:stop] *= np.clip(away_s / FADE_S, 0, 1).astype(np.float32)[:, None]
    return Audio(samples=out, rate_hz=rate_hz)


def filtered(samples: Array, sections: Array) -> Array:
    """Second-order sections (S, 6) run forward over (N, C) float32, in float64 within a block."""
    out = np.empty_like(samples)
    state = np.zeros((len(sections), 2, samples.shape[1]))
    for block in blocks(len(samples)):
        out[block], state = signal.sosfilt(sections, samples[block], axis=0, zi=state)
    return out


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


def delay_samples(sections: Array, hz: float, *, rate_hz: int) -> float:
    """By how many samples sections hold back what swings at `hz`: the slope of their phase."""
    around = np.array([hz * 0.98, hz * 1.02])
    _, response = signal.sosfreqz(sections, around, fs=rate_hz)
    turned = float(np.angle(response[1] / response[0]))
    return -turned / (2 * math.pi * float(around[1] - around[0])) * rate_hz
