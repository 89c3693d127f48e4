"""A phone in a rugged case, upright in the fist, its blank screen towards the wearer."""

from __future__ import annotations

import functools

import numpy as np

from scenes.mesh import Array, Mesh, block, box, merged, surface
from scenes.props.held import Held


def _field(p: Array) -> Array:
    case = block(p, (0.0, -0.047, -0.03), (0.016, 0.047, 0.158), 0.007)
    inset = block(p, (-0.01, -0.039, -0.018), (0.003, 0.039, 0.146), 0.002)
    camera = block(p, (0.01, 0.008, 0.11), (0.02, 0.04, 0.145), 0.004)
    return np.maximum(np.minimum(case, camera), -inset)


@functools.cache
def _mesh() -> Mesh:
    body = surface(_field, low=(-0.02, -0.06, -0.05), high=(0.04, 0.06, 0.18), step_m=0.005)
    glass = box((0.0025, -0.037, -0.016), (0.004, 0.037, 0.144))
    return merged([body, glass])


PHONE = Held(track_class="phone", mesh=_mesh, longest_m=0.19, is_prop=False)
