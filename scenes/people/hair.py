"""Hair and headgear: patterns over the scalp and the face, and the styles that hair is worn in.

Heights are on the average head: crown 1.75 m, hairline 1.70, brows 1.66, eyes 1.64, ears 1.60 to 1.65, chin 1.53.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scenes.mesh import Array
from scenes.people.fabric import mean_around
from scenes.people.tailor import Form, Line, Pattern

_HAIRLINE = (
    (-0.07, -0.03, 0.000, 0.010, 0.018, 0.046, 0.050, 0.062, 0.070, 0.090, 0.120, 0.16),
    (1.558, 1.556, 1.575, 1.600, 1.650, 1.652, 1.628, 1.630, 1.672, 1.690, 1.703, 1.70),
)
"""x ahead and the height above which hair grows: nape, behind and above the ear, whiskers, temple, forehead."""


def _grows(lower_m: float = 0.0) -> Line:
    """Where hair grows, its line moved down."""

    def line(f: Form) -> Array:
        uneven = 0.0015 * np.sin(f.y * 330 + f.x * 170) + 0.003 * f.grain
        out: Array = np.interp(f.x, *_HAIRLINE) - lower_m + uneven - f.z
        return out

    return line


def _over_ears(end_m: float) -> Line:
    """Down over the ears and the neck to a height, the face left free."""

    def line(f: Form) -> Array:
        face = np.interp(
            f.x, (-0.2, 0.045, 0.055, 0.068, 0.09, 0.12, 0.2), (end_m, end_m, 1.60, 1.660, 1.688, 1.70, 1.70)
        )
        out: Array = face + 0.003 * f.grain - f.z
        return out

    return line


def _streaks(f: Form, depth_m: float) -> Array:
    """Locks: ridges from the crown outwards."""
    out: Array = depth_m * np.abs(np.sin(9 * f.angle + 4 * f.grain)) + 0.4 * depth_m * np.sin(f.x * 260 + 6 * f.grain)
    return out


def _rises(f: Form, line: Line, over_m: float) -> Array:
    """0 at the hairline .. 1 so far inside it."""
    out: Array = np.clip(-line(f) / over_m, 0, 1) ** 0.6
    return out


def _style(line: Line, low_m: float, top_m: float, streaks_m: float, *, over_m: float = 0.03) -> Pattern:
    """Hair `low_m` deep on the sides and `top_m` on the crown."""

    def depth(f: Form) -> Array:
        crown = np.clip((f.z - 1.66) / 0.07, 0, 1)
        return np.asarray(_rises(f, line, over_m) * (low_m + crown * (top_m - low_m) + _streaks(f, streaks_m)))

    return Pattern(ground="scalp", keep=(line,), ease_m=0.0015, fold_m=0.0, flare=depth, lip_m=0.02, slots=("hair",))


def _curls(line: Line, depth_m: float) -> Pattern:
    def depth(f: Form) -> Array:
        knots = np.sin(f.x * 330 + 2 * f.grain) * np.sin(f.y * 330 + f.grain) * np.sin(f.z * 330)
        crown = 0.6 + 0.4 * np.clip((f.z - 1.60) / 0.1, 0, 1)
        return np.asarray(_rises(f, line, 0.035) * (depth_m * crown + 0.12 * depth_m * knots))

    return Pattern(ground="scalp", keep=(line,), ease_m=0.0015, fold_m=0.0, flare=depth, lip_m=0.03, slots=("hair",))


STYLES: dict[str, Pattern | None] = {
    "bald": None,
    "buzz": _style(_grows(), 0.0012, 0.002, 0.0004),
    "short": _style(_grows(), 0.005, 0.018, 0.003),
    "crop": _style(_grows(), 0.003, 0.011, 0.002),
    "medium": _style(_grows(0.012), 0.014, 0.026, 0.005),
    "bob": _style(_over_ears(1.565), 0.022, 0.022, 0.005, over_m=0.02),
    "long": _style(_over_ears(1.560), 0.018, 0.018, 0.005, over_m=0.02),
    "tied": _style(_grows(0.004), 0.008, 0.010, 0.003),
    "bun": _style(_grows(0.004), 0.008, 0.010, 0.003),
    "curly": _curls(_grows(0.008), 0.035),
    "afro": _curls(_grows(0.004), 0.065),
}
"""Hair as it is worn."""


def under(style: Pattern, hat: Pattern) -> Pattern:
    """Hair pressed flat beneath a hat's rim, and no more of it than can be seen."""
    rim, free = hat.keep[0], style.flare

    def hidden(f: Form) -> Array:
        return np.asarray(-rim(f) - 0.012)

    def pressed(f: Form) -> Array:
        return np.minimum(free(f), 0.010) if free else np.zeros(len(f.z))

    return replace(style, keep=(*style.keep, hidden), flare=pressed)


def _crown(front_m: float, side_m: float, back_m: float) -> Line:
    """Above a rim."""
    return lambda f: np.interp(f.x, (-0.06, 0.03, 0.12), (back_m, side_m, front_m)) - f.z


def _dome(height_m: float, top_m: float) -> Line:
    return lambda f: height_m + top_m * np.clip((f.z - 1.69) / 0.06, 0, 1)


def _bridges(rounds: int) -> Line:
    """How far tight cloth stands over lips, nostrils and the folds beside the nose."""

    def height(f: Form) -> Array:
        taut = f.points_m
        for _ in range(rounds):
            taut = 0.4 * taut + 0.6 * mean_around(taut, f.of.around)
        out: Array = np.clip(((taut - f.points_m) * f.normals).sum(axis=1), 0, 0.012)
        return out

    return height


def _face_only(low_m: float, high_m: float, back_m: float) -> Line:
    def line(f: Form) -> Array:
        out: Array = np.maximum.reduce(
            [low_m - f.z, f.z - high_m + 0.25 * np.clip(f.y**2 / 0.05, 0, 0.02), back_m - f.x]
        )
        return out

    return line


HEADGEAR: dict[str, Pattern] = {
    "cap": Pattern(ground="scalp", keep=(_crown(1.690, 1.672, 1.668),), ease_m=0.009, fold_m=0.0015,
                   flare=_dome(0.0, 0.012), lip_m=0.004),
    "beanie": Pattern(ground="scalp", keep=(_crown(1.692, 1.640, 1.610),), ease_m=0.009, fold_m=0.004,
                      flare=lambda f: 0.004 * np.clip(-_crown(1.735, 1.690, 1.660)(f) < 0, 0, 1)
                      + 0.022 * np.clip((f.z - 1.70) / 0.06, 0, 1), lip_m=0.005),
    "helmet": Pattern(ground="scalp", keep=(_crown(1.700, 1.672, 1.655),), ease_m=0.028, fold_m=0.0,
                      flare=lambda f: 0.010 * np.clip((f.z - 1.69) / 0.06, 0, 1)
                      + 0.004 * (np.abs(np.abs(f.y) - 0.018) < 0.006), lip_m=0.006, slots=("shell",)),
}  # fmt: skip
"""Over the scalp; hair beneath is pressed flat."""
MASKS: dict[str, Pattern] = {
    "mask": Pattern(ground="face", keep=(_face_only(1.535, 1.618, 0.045),), ease_m=0.0045, fold_m=0.001, lip_m=0.002,
                    flare=_bridges(30)),
    "balaclava": Pattern(ground="face", keep=(lambda f: np.maximum.reduce([
        np.where(f.x > 0.07, 0.020 - np.abs(f.z - 1.645), -1.0), 1.50 - f.z]),), ease_m=0.0045, fold_m=0.0015,
        lip_m=0.004, flare=_bridges(20)),
}  # fmt: skip
"""Over the face."""
