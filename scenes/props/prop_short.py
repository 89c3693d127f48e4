"""The short training prop: a plain L-shaped block, cast in one piece, without functional detail."""

from __future__ import annotations

import functools

from scenes.mesh import Array, Mesh, blend, block, capsule, surface
from scenes.props.held import Held


def _field(p: Array) -> Array:
    return blend(
        [
            block(p, (-0.055, -0.019, 0.046), (0.165, 0.019, 0.098), 0.009),
            capsule(p, (-0.028, 0, -0.075), (0.004, 0, 0.06), 0.021, 0.021),
        ],
        0.012,
    )


@functools.cache
def _mesh() -> Mesh:
    return surface(_field, low=(-0.09, -0.045, -0.12), high=(0.2, 0.045, 0.13), step_m=0.006)


PROP_SHORT = Held(track_class="prop_short", mesh=_mesh, longest_m=0.23, is_prop=True)
