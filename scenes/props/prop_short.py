"""The short training prop: a plain L-shaped block, cast in one piece, without functional detail."""

from __future__ import annotations

import functools

from scenes.mesh import Array, Mesh, blend, block, capsule, surface
from scenes.people.hands import closed_on
from scenes.props.held import ON_FIST, Held


def _field(p: Array) -> Array:
    return blend(
        [
            block(p, (-0.055, -0.019, 0.046), (0.165, 0.019, 0.098), 0.009),
            capsule(p, (0.002, 0, -0.075), (-0.004, 0, 0.06), 0.021, 0.021),
        ],
        0.012,
    )


@functools.cache
def _mesh() -> Mesh:
    return surface(_field, low=(-0.09, -0.045, -0.12), high=(0.2, 0.045, 0.13), step_m=0.006)


_FIST = closed_on(0.021, "short_right")
PROP_SHORT = Held(
    track_class="prop_short", mesh=_mesh, longest_m=0.23, is_prop=True,
    ways={"one_hand": (_FIST, None), "two_together": (_FIST, ON_FIST)},
)  # fmt: skip
