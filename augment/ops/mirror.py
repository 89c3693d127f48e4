"""Mirror: left becomes right, as seen on re-uploads (notes/domain.md 6 [R]). Text and driving side turn over too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """Left and right change places; no knobs."""

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """As it came."""
        return setting.size_px

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """The other side of the middle."""
        width = setting.size_px[0]

        def sample(t: int, xy: Array) -> Array:
            return np.stack([width - xy[:, 0], xy[:, 1]], axis=1)

        return sample
