"""Sound that follows a time map: stretches of the input played one after another."""

from __future__ import annotations

import numpy as np

from augment.footage import Array, Audio


def recut(audio: Audio, cuts: tuple[tuple[float, float, float], ...], *, seconds: float) -> Audio:
    """(start_s, stop_s, speed) stretches, joined; silence fills what is missing of `seconds`. Speed moves the pitch."""
    pieces = [_stretch(audio, start_s, stop_s, speed) for start_s, stop_s, speed in cuts]
    joined = np.concatenate([*pieces, np.zeros((0, audio.samples.shape[1]), np.float32)])
    wanted = round(seconds * audio.rate_hz)
    missing = np.zeros((max(0, wanted - len(joined)), audio.samples.shape[1]), np.float32)
    return Audio(samples=np.concatenate([joined[:wanted], missing]), rate_hz=audio.rate_hz)


def _stretch(audio: Audio, start_s: float, stop_s: float, speed: float) -> Array:
    """One stretch, resampled linearly where its speed is not 1."""
    first, stop = round(start_s * audio.rate_hz), round(stop_s * audio.rate_hz)
    if speed == 1:
        piece = audio.samples[first:stop]
        return np.concatenate([piece, np.zeros((stop - first - len(piece), piece.shape[1]), np.float32)])
    at = first + np.arange(round((stop - first) / speed)) * speed
    index = np.arange(len(audio.samples))
    channels = [np.interp(at, index, channel, right=0.0) for channel in audio.samples.T]
    return np.stack(channels, axis=1).astype(np.float32)
