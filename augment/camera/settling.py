"""Settling: how a camera's automatic exposure and white balance follow the light, late and a little too far."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.tracks import in_range

Array = NDArray[Any]
NEARLY_CRITICAL = 0.98
"""Damping of a loop without overshoot: it passes its target by 2e-7 of a step."""


@dataclass(frozen=True, kw_only=True)
class Settling:
    """A second-order loop, moved exactly from frame to frame while its target stands still."""

    rise_s: float
    """From 10 % to 90 % of a step."""
    overshoot: float
    """How far it passes its target, as a share of the step, 0..0.5."""
    fps: Fraction

    def __post_init__(self) -> None:
        in_range("rise_s", self.rise_s, 0.05, 10)
        in_range("overshoot", self.overshoot, 0, 0.5)

    @cached_property
    def _damping(self) -> float:
        if self.overshoot < 1e-6:
            return NEARLY_CRITICAL
        decay = -np.log(self.overshoot)
        return float(min(decay / np.hypot(np.pi, decay), NEARLY_CRITICAL))

    @cached_property
    def _step(self) -> Array:
        """(2, 2): what (distance from the target, its speed) becomes one frame later."""
        damping = self._damping
        turns = np.sqrt(1 - damping**2)
        tau = np.linspace(0, 12, 12_001)
        response = 1 - np.exp(-damping * tau) * (np.cos(turns * tau) + damping / turns * np.sin(turns * tau))
        rise_tau = tau[np.argmax(response >= 0.9)] - tau[np.argmax(response >= 0.1)]
        natural = rise_tau / self.rise_s
        slope = np.array([[0, 1], [-(natural**2), -2 * damping * natural]])
        still, swing, frame_s = damping * natural, turns * natural, 1 / float(self.fps)
        shape = np.cos(swing * frame_s) * np.eye(2) + np.sin(swing * frame_s) / swing * (slope + still * np.eye(2))
        return np.asarray(np.exp(-still * frame_s) * shape)

    def moved(self, state: Array, target: float) -> Array:
        """(value, speed per second) one frame later."""
        return np.asarray(self._step @ (state - (target, 0)) + (target, 0))

    def followed(self, targets: Array) -> Array:
        """(T,) float64: the loop on each frame, settled on the first, one frame behind."""
        state = np.array([targets[0], 0.0]) if len(targets) else np.zeros(2)
        values = np.empty(len(targets))
        for t, target in enumerate(targets):
            values[t] = state[0]
            state = self.moved(state, target)
        return values
