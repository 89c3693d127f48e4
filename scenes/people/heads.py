"""Heads: skull, face, eyes, hair and headgear as signed distances about the skeleton's head, and their regions."""

from __future__ import annotations

import numpy as np

from scenes.mesh import Array, blend, capsule, ellipsoid


def mirrored(p: Array) -> Array:
    """Points with their right half laid on the left one."""
    q: Array = np.abs(p) * (0, 1, 0) + p * (1, 0, 1)
    return q


def head(p: Array) -> Array:
    """Skull, neck and face, of one piece."""
    q = mirrored(p)
    skull = blend(
        [
            ellipsoid(p, (-0.012, 0, 1.668), (0.098, 0.076, 0.088)),
            ellipsoid(p, (0.022, 0, 1.605), (0.068, 0.058, 0.078)),
            capsule(p, (-0.026, 0, 1.46), (-0.014, 0, 1.585), 0.056, 0.053),
            ellipsoid(p, (0.067, 0, 1.555), (0.026, 0.026, 0.018)),  # chin
            ellipsoid(q, (0.045, 0.043, 1.628), (0.03, 0.02, 0.026)),  # cheeks
        ],
        0.03,
    )
    skull = blend([skull, capsule(q, (0.074, 0.012, 1.682), (0.066, 0.046, 1.68), 0.011, 0.009)], 0.012)  # brows
    skull = blend([skull, capsule(p, (0.080, 0, 1.668), (0.102, 0, 1.632), 0.009, 0.013)], 0.012)  # nose
    skull = blend([skull, ellipsoid(p, (0.078, 0, 1.592), (0.014, 0.024, 0.009))], 0.008)  # lips
    sockets = ellipsoid(q, (0.092, 0.032, 1.661), (0.021, 0.0155, 0.0095))
    ears = ellipsoid(q, (-0.006, 0.079, 1.645), (0.018, 0.010, 0.032))
    return blend([np.maximum(skull, -sockets), ears], 0.008)


def head_regions(p: Array) -> Array:
    """Skin 0, lips 1, brows 2."""
    lips = (np.abs(p[:, 2] - 1.591) < 0.006) & (np.abs(p[:, 1]) < 0.023) & (p[:, 0] > 0.07)
    brows = (np.abs(p[:, 2] - 1.686) < 0.006) & (np.abs(np.abs(p[:, 1]) - 0.031) < 0.018) & (p[:, 0] > 0.05)
    return np.where(lips, 1, np.where(brows, 2, 0))


def eyes(p: Array) -> Array:
    """Both eyeballs."""
    d: Array = np.linalg.norm(mirrored(p) - (0.066, 0.031, 1.660), axis=1)
    return d - 0.0135


def eye_regions(p: Array) -> Array:
    """White 0, iris 1."""
    iris = np.hypot(np.abs(p[:, 1]) - 0.0305, p[:, 2] - 1.660) < 0.0066
    return np.where(iris & (p[:, 0] > 0.07), 1, 0)


def hair(p: Array, thick_m: float, fringe_m: float, length_m: float, tail: bool) -> Array:
    """A cap of hair: the skull inflated, cut by the face, the ears and a length below the crown."""
    t = thick_m
    strands = 0.0025 * np.sin(p[:, 1] * 190 + 2 * np.sin(p[:, 2] * 60))
    skull = ellipsoid(p, (-0.014, 0, 1.672), (0.098 + t, 0.077 + t, 0.088 + t))
    back = capsule(p, (-0.05, 0, 1.64), (-0.055, 0, 1.70 - length_m), 0.062 + t, 0.05 + t)
    whole = strands + blend([skull, back], 0.03)
    face = np.maximum(p[:, 2] - (1.715 - fringe_m), 0.012 - p[:, 0] + 0.25 * (p[:, 2] - 1.66))
    ears = np.maximum(p[:, 2] - 1.672, -p[:, 0] - 0.03)
    kept = np.maximum(whole, 1.70 - length_m - p[:, 2] + 0.3 * (p[:, 0] + 0.05))
    kept = np.maximum(np.maximum(kept, -face), -ears)
    if tail:
        kept = blend([kept, capsule(p, (-0.115, 0, 1.70), (-0.14, 0, 1.53), 0.03, 0.014) + strands], 0.02)
    return np.asarray(kept)


def cap(p: Array) -> Array:
    """A baseball cap: dome and visor."""
    dome = ellipsoid(p, (-0.012, 0, 1.685), (0.114, 0.093, 0.087))
    dome = np.maximum(dome, 1.694 - p[:, 2] - 0.12 * (p[:, 0] + 0.01) * (p[:, 0] < 0))
    visor = np.maximum(
        ellipsoid(p, (0.085, 0, 1.695), (0.095, 0.078, 0.5)), np.abs(p[:, 2] - 1.70 + 0.18 * (p[:, 0] - 0.08)) - 0.006
    )
    return np.minimum(dome, np.maximum(visor, 0.05 - p[:, 0]))


def helmet(p: Array) -> Array:
    """An open helmet."""
    dome = ellipsoid(p, (-0.014, 0, 1.683), (0.128, 0.107, 0.112))
    return np.maximum(dome, 1.672 - p[:, 2] + 0.45 * np.maximum(p[:, 0], -0.05) * 0.5)
