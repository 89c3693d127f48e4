"""A phone in a rugged case, its edge in the palm and its blank screen towards the wearer."""

from __future__ import annotations

import functools

import numpy as np

from scenes.mesh import Array, Mesh, block, box, merged, surface
from scenes.people.hands import FLAT, closed_on
from scenes.props.held import RIGHT_HAND, Held


def _field(p: Array) -> Array:
    """In the hand's axes, the grip's origin: the case across the palm, upright along the thumb's side."""
    case = block(p, (-0.0065, -0.012, -0.052), (0.0065, 0.064, 0.112), 0.006)
    inset = block(p, (-0.02, -0.006, -0.044), (-0.0045, 0.058, 0.104), 0.002)
    camera = block(p, (0.003, 0.030, 0.074), (0.0095, 0.056, 0.100), 0.003)
    return np.maximum(np.minimum(case, camera), -inset)


@functools.cache
def _mesh() -> Mesh:
    body = surface(_field, low=(-0.02, -0.03, -0.07), high=(0.03, 0.085, 0.13), step_m=0.004)
    glass = box((-0.0055, -0.0055, -0.0435), (-0.0040, 0.0575, 0.1035))
    return merged([body, glass]).turned(RIGHT_HAND)


PHONE = Held(
    track_class="phone", mesh=_mesh, longest_m=0.17, is_prop=False,
    ways={"one_hand": (FLAT, None), "two_together": (FLAT, closed_on(0.035, "on_phone"))},
)  # fmt: skip
