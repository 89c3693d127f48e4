"""A furled umbrella, carried by its crook, its rolled cloth along the forearm's line."""

from __future__ import annotations

import functools

import numpy as np

from scenes.mesh import Array, Mesh, blend, capsule, surface
from scenes.people.hands import closed_on
from scenes.props.held import Held


def _field(p: Array) -> Array:
    turn = np.arctan2(p[:, 2] - 0.072, p[:, 1])
    folds = 0.0016 * np.sin(5 * turn + 18 * p[:, 0])  # the cloth is rolled about the stick
    cloth = capsule(p, (0.075, 0, 0.072), (0.50, 0, 0.072), 0.026, 0.015) + folds
    crook = [
        capsule(p, (0.004, 0, -0.085), (0.0, 0, 0.045), 0.0195, 0.019),
        capsule(p, (0.0, 0, 0.045), (0.028, 0, 0.070), 0.018, 0.014),
        capsule(p, (0.028, 0, 0.070), (0.08, 0, 0.072), 0.014, 0.011),
    ]
    return blend([*crook, cloth, capsule(p, (0.48, 0, 0.072), (0.565, 0, 0.072), 0.008, 0.006)], 0.012)


@functools.cache
def _mesh() -> Mesh:
    return surface(_field, low=(-0.05, -0.045, -0.125), high=(0.59, 0.045, 0.12), step_m=0.0065)


UMBRELLA = Held(
    track_class="tool", mesh=_mesh, longest_m=0.60, is_prop=False,
    ways={"two_apart": (closed_on(0.0195, "umbrella_right"), closed_on(0.0240, "umbrella_left"))},
)  # fmt: skip
