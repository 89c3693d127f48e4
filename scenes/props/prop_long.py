"""The long training prop: a plain rounded stock and tube, cast in one piece, without functional detail."""

from __future__ import annotations

import functools

from scenes.mesh import Array, Mesh, blend, block, capsule, surface
from scenes.people.hands import closed_on
from scenes.props.held import Held


def _field(p: Array) -> Array:
    return blend(
        [
            capsule(p, (-0.08, 0, 0.072), (0.44, 0, 0.072), 0.026, 0.021),  # tube
            block(p, (-0.10, -0.024, 0.035), (0.105, 0.024, 0.098), 0.016),  # body
            block(p, (-0.31, -0.02, 0.0), (-0.25, 0.02, 0.105), 0.015),  # butt
            capsule(p, (-0.30, 0, 0.062), (-0.06, 0, 0.068), 0.026, 0.022),  # stock
            capsule(p, (0.002, 0, -0.075), (-0.004, 0, 0.05), 0.0195, 0.0195),  # hand grip
        ],
        0.02,
    )


@functools.cache
def _mesh() -> Mesh:
    return surface(_field, low=(-0.35, -0.05, -0.12), high=(0.5, 0.05, 0.13), step_m=0.008)


PROP_LONG = Held(
    track_class="prop_long", mesh=_mesh, longest_m=0.79, is_prop=True,
    ways={"two_apart": (closed_on(0.0195, "long_right"), closed_on(0.0235, "long_left"))},
)  # fmt: skip
