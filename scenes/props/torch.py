"""A torch with an angled head: the body stands in the fist, the head looks forward."""

from __future__ import annotations

import functools

from scenes.mesh import Array, Mesh, blend, capsule, lathe, merged, surface
from scenes.people.hands import closed_on
from scenes.props.held import Held


def _field(p: Array) -> Array:
    return blend(
        [
            capsule(p, (0.006, 0, -0.09), (-0.006, 0, 0.105), 0.023, 0.024),
            capsule(p, (-0.008, 0, 0.118), (0.045, 0, 0.118), 0.027, 0.04),
        ],
        0.012,
    )


@functools.cache
def _mesh() -> Mesh:
    body = surface(_field, low=(-0.07, -0.06, -0.13), high=(0.1, 0.06, 0.175), step_m=0.006)
    rim = lathe([(0.05, 0.045), (0.085, 0.047), (0.085, 0.038), (0.078, 0.036)], axis=0, sides=24)
    return merged([body, rim.moved((0, 0, 0.118))])


TORCH = Held(
    track_class="torch", mesh=_mesh, longest_m=0.29, is_prop=False,
    ways={"one_hand": (closed_on(0.0235, "torch_right"), None)},
)  # fmt: skip
