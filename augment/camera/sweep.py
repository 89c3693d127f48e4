"""Sweep: how the camera turns while one frame is taken, as rotation vectors at instants of every frame."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.camera.motion import Trajectory, vectors

Array = NDArray[Any]
CHUNK = 128
"""Frames for which the path is asked at once: one question costs as much as the answers for fifty frames."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A path, asked at the same number of instants of every frame."""

    way: Trajectory
    frames_s: Array
    """(T,) instants of the frames."""
    offsets_s: Array
    """(K,) or (T, K) instants from each frame's own."""
    distance_m: float = np.inf
    """Distance at which the path's shifts are seen."""
    _kept: dict[int, Array] = field(default_factory=dict, repr=False, compare=False)
    """Number of the last chunk -> its turns: memory stays flat for any length."""

    def on(self, frames: Any) -> Array:
        """(N, K, 3) rotation vectors, rad, for an index of N frames: the camera's axes in those at the frame's own."""
        frames_s = self.frames_s[frames]
        instants_s = frames_s[:, None] + np.broadcast_to(self.offsets_s, (len(self.frames_s), self._count))[frames]
        at = self.way.turns(frames_s, distance_m=self.distance_m)
        then = self.way.turns(instants_s.ravel(), distance_m=self.distance_m).reshape(len(frames_s), -1, 3, 3)
        return vectors(np.swapaxes(at, 1, 2)[:, None] @ then)

    def __getitem__(self, t: int) -> Array:
        """(K, 3) of frame t."""
        chunk = t // CHUNK
        if chunk not in self._kept:
            made = self.on(np.s_[chunk * CHUNK : (chunk + 1) * CHUNK])
            self._kept.clear()
            self._kept[chunk] = made
        return np.asarray(self._kept[chunk][t % CHUNK])

    @property
    def _count(self) -> int:
        return int(np.shape(self.offsets_s)[-1])
