"""The wardrobe: every garment as a pattern, by name, in the order in which it is put on. Country-generic, no insignia.

Cutting lines are on the average body (1.75 m in shoes): crotch 0.80 m, waist 1.05, chest 1.30, neck 1.47, eyes 1.64.
"""

from __future__ import annotations

import numpy as np

from scenes.mesh import Array
from scenes.people.fabric import mean_around
from scenes.people.skeleton import JOINTS
from scenes.people.tailor import Form, Line, Pattern


def _sleeve(end_m: float) -> Line:
    """Arms down to a length from the shoulder; the wrist is at 0.50."""
    return lambda f: np.where(f.arm, f.along_m - end_m, -1.0)


def _above(hem_m: float) -> Line:
    """Trunk and legs above a hem."""
    return lambda f: np.where(f.arm, -1.0, hem_m - f.z)


def _below(top_m: float) -> Line:
    """Trunk and legs below a waist."""
    return lambda f: np.where(f.arm, 1.0, f.z - top_m)


def _below_all(top_m: float) -> Line:
    return lambda f: f.z - top_m


def _neck(ahead_m: float, behind_m: float) -> Line:
    """Below a neckline that is lower in front, and all of the shoulders: only what is near the neck is left open."""
    return lambda f: np.minimum(
        f.z - (behind_m + (ahead_m - behind_m) * np.clip((f.x + 0.05) / 0.12, 0, 1)), 0.088 - np.hypot(f.x - 0.005, f.y)
    )


def _vee(low_m: float, slope: float) -> Line:
    """Outside a neck opening that comes to a point."""
    return lambda f: np.where(f.x > 0.0, np.minimum(f.z - low_m, slope * (f.z - low_m) - np.abs(f.y)), -1.0)


def _open(half_m: float, flare: float = 0.0) -> Line:
    """Outside a strip down the front, wider towards the hem."""
    return lambda f: np.where((f.x > 0) & ~f.arm, half_m + flare * (1.3 - f.z) - np.abs(f.y), -1.0)


def _sleeveless(half_m: float = 0.165) -> Line:
    """Without arms, a little over the shoulders' ends: along the joint's weights, which change more smoothly than its
    vertices lie."""
    arms = [JOINTS[f"{joint}_{side}"] for joint in ("shoulder", "elbow", "wrist") for side in "lr"]

    def line(f: Form) -> Array:
        edge = 0.12 * (f.of.skin[:, arms].sum(axis=1) - 0.42)
        edge = np.maximum(edge, np.abs(f.y) - half_m - 0.12 * np.clip((1.2 - f.z) / 0.1, 0, 1)).clip(-0.06, 0.06)
        for _ in range(4):
            edge = 0.4 * edge + 0.6 * mean_around(edge, f.of.around)
        return edge

    return line


def _band(middle_m: float, half_m: float) -> Line:
    """A level strip about trunk or legs."""
    return lambda f: np.where(f.arm, 1.0, np.abs(f.z - middle_m) - half_m)


def _cuff(start_m: float, end_m: float = 9.0) -> Line:
    """A strip about the sleeve."""
    return lambda f: np.where(f.arm, np.abs(f.along_m - (start_m + end_m) / 2) - (end_m - start_m) / 2, 1.0)


def _zip(half_m: float) -> Line:
    return lambda f: np.where((f.x > 0.03) & ~f.arm & (f.z > 0.75), np.abs(f.y) - half_m, 1.0)


def _braces(middle_m: float, half_m: float, low_m: float = 0.0) -> Line:
    """Two strips over the shoulders, front and back."""
    return lambda f: np.where(f.arm, 1.0, np.maximum(np.abs(np.abs(f.y) - middle_m) - half_m, low_m - f.z))


def _either(*lines: Line) -> Line:
    return lambda f: np.minimum.reduce([line(f) for line in lines])


def _both(*lines: Line) -> Line:
    return lambda f: np.maximum.reduce([line(f) for line in lines])


def _patch(x_sign: float, y_m: float, z_m: float, half: tuple[float, float]) -> Line:
    """Two rectangles, left and right, on the front (1) or the back (-1)."""
    return lambda f: np.where(
        (f.x * x_sign > 0) & ~f.arm,
        np.maximum(np.abs(np.abs(f.y) - y_m) - half[0], np.abs(f.z - z_m) - half[1]), 1.0,
    )  # fmt: skip


def _raised(line: Line, height_m: float, edge_m: float = 0.006) -> Line:
    """A height inside a line, rounded at its edge."""

    def height(f: Form) -> Array:
        out: Array = height_m * np.clip(-line(f) / edge_m, 0, 1) ** 0.5
        return out

    return height


def _sum(*lines: Line) -> Line:
    return lambda f: np.sum([line(f) for line in lines], axis=0)


def _stand(low_m: float, height_m: float) -> Line:
    """A collar that leans away from the neck towards its top."""
    return lambda f: np.where(f.arm, 0.0, height_m * np.clip((f.z - low_m) / 0.05, 0, 1))


def _fold(low_m: float, high_m: float, height_m: float) -> Line:
    """A collar that falls: far from the neck at its lower edge."""
    return lambda f: 0.003 + height_m * np.clip((high_m - f.z) / (high_m - low_m), 0, 1)


def _foot() -> Line:
    """The ankle and what is below."""
    return lambda f: np.where(f.leg, -1.0, 1.0)


def _tread() -> Line:
    """A sole that reaches the floor and stands out a little."""
    return lambda f: 0.011 * np.clip((0.036 - f.z) / 0.010, 0, 1)


def _padding(line: Line, height_m: float) -> Line:
    """Foam: full height 4 cm inside its edge."""
    return lambda f: height_m * np.sqrt(np.clip(-line(f) / 0.04, 0, 1))


_HOOD = _both(lambda f: 1.395 + 0.085 * np.clip((f.x + 0.05) / 0.10, 0, 1) - f.z, lambda f: f.z - 1.53,
              _vee(1.40, 0.8), _sleeveless(0.125))  # fmt: skip
_LIFE_PANELS = _both(_sleeveless(0.15), _above(0.98), _neck(1.40, 1.47), _vee(1.34, 0.5), _open(0.012))
_VEST = _both(_sleeveless(0.155), _above(0.97), _neck(1.40, 1.48), _vee(1.36, 0.6))
_TABARD = _both(_sleeveless(0.17), _above(0.925), _neck(1.42, 1.50), _vee(1.33, 0.35))
_SILVER = _either(_band(1.03, 0.025), _band(1.155, 0.025), _both(_braces(0.10, 0.025), _above(1.18)))
_SLING = _both(_either(_braces(0.095, 0.02, 1.12), _band(1.12, 0.02)), _sleeveless(0.2))
_PACK_STRAPS = _both(_braces(0.105, 0.027, 1.14), _sleeveless(0.2))

PATTERNS: dict[str, Pattern] = {
    "shoes": Pattern(keep=(_foot(), _below(0.100)), ease_m=0.006, fold_m=0.0, slots=("shoe", "sole"),
                     panels=((_below_all(0.033), 1),), flare=_tread()),
    "boots": Pattern(keep=(_foot(), _below(0.235)), ease_m=0.009, fold_m=0.002, slots=("shoe", "sole"),
                     panels=((_below_all(0.033), 1),), flare=_tread()),
    "trousers": Pattern(keep=(_above(0.045), _below(1.03)), ease_m=0.006, leg_m=(0.085, 0.070), fold_m=0.008,
                        flare=_raised(_band(1.012, 0.018), 0.002)),
    "slacks": Pattern(keep=(_above(0.040), _below(1.03)), ease_m=0.006, leg_m=(0.088, 0.078), fold_m=0.003),
    "jeans": Pattern(keep=(_above(0.050), _below(1.01)), ease_m=0.004, leg_m=(0.075, 0.056), fold_m=0.008,
                     flare=_sum(_raised(_patch(-1, 0.085, 0.92, (0.055, 0.06)), 0.002),
                                _raised(_band(0.992, 0.018), 0.002))),
    "cargo": Pattern(keep=(_above(0.045), _below(1.03)), ease_m=0.008, leg_m=(0.095, 0.078), fold_m=0.010,
                     flare=_raised(lambda f: np.where(f.leg, np.maximum(np.abs(f.z - 0.66) - 0.085,
                                                                        0.125 - np.abs(f.y)), 1.0), 0.012, 0.02)),
    "shorts": Pattern(keep=(_above(0.50), _below(1.02)), ease_m=0.008, leg_m=(0.098, 0.125), fold_m=0.004),
    "t_shirt": Pattern(keep=(_above(0.88), _sleeve(0.18), _neck(1.445, 1.485)), ease_m=0.006, hang=0.7,
                       sleeve_m=(0.062, 0.066), fold_m=0.011, lip_m=0.002),
    "shirt": Pattern(keep=(_above(0.885), _sleeve(0.495), _neck(1.47, 1.50)), ease_m=0.007, hang=0.7,
                     sleeve_m=(0.060, 0.040), fold_m=0.008, lip_m=0.002, slots=("cloth", "trim"),
                     flare=_sum(_raised(_zip(0.016), 0.0018), _raised(_cuff(0.44), 0.002),
                                _raised(_patch(1, 0.075, 1.27, (0.05, 0.06)), 0.0015))),
    "shirt_collar": Pattern(keep=(lambda f: 1.452 - f.z, lambda f: f.z - 1.508, _vee(1.40, 0.42),
                                  lambda f: np.hypot(f.x, f.y) - 0.098), ease_m=0.007,
                            fold_m=0.0, flare=_fold(1.452, 1.508, 0.014), hides=False),
    "jumper": Pattern(keep=(_above(0.875), _sleeve(0.50), _neck(1.455, 1.495)), ease_m=0.012, hang=0.75,
                      sleeve_m=(0.068, 0.048), fold_m=0.009, lip_m=0.004,
                      flare=_sum(_raised(_cuff(0.44), -0.004), _raised(_band(0.89, 0.03), -0.003))),
    "hoodie": Pattern(keep=(_above(0.87), _sleeve(0.505), _neck(1.46, 1.50)), ease_m=0.013, hang=0.8,
                      sleeve_m=(0.072, 0.050), fold_m=0.011, lip_m=0.004,
                      flare=_sum(_raised(_both(_band(0.97, 0.08), lambda f: np.abs(f.y) - 0.13 + 0.4 * (f.z - 0.97),
                                               lambda f: -f.x), 0.006), _raised(_band(0.885, 0.03), -0.004))),
    "hood_down": Pattern(keep=(_HOOD,), ease_m=0.006, fold_m=0.008, hides=False, flare=_sum(
        _padding(_HOOD, 0.016), lambda f: 0.75 * _padding(_HOOD, 0.045)(f) * np.clip((0.02 - f.x) / 0.07, 0, 1))),
    "jacket": Pattern(keep=(_above(0.865), _sleeve(0.51), _neck(1.505, 1.53)), ease_m=0.014, hang=0.8,
                      sleeve_m=(0.070, 0.052), fold_m=0.011, lip_m=0.005, slots=("cloth", "trim"),
                      panels=((_zip(0.010), 1),),
                      flare=_sum(_stand(1.46, 0.004), _raised(_patch(1, 0.10, 0.96, (0.012, 0.075)), 0.003),
                                 _raised(_band(0.865, 0.02), -0.003))),
    "open_jacket": Pattern(keep=(_above(0.84), _sleeve(0.51), _neck(1.50, 1.52), _open(0.035, 0.10)), ease_m=0.014,
                           hang=0.9, sleeve_m=(0.070, 0.053), fold_m=0.011, lip_m=0.006, slots=("cloth", "trim"),
                           flare=_sum(_stand(1.45, 0.006), _raised(_patch(1, 0.12, 0.95, (0.05, 0.06)), 0.004))),
    "work_jacket": Pattern(keep=(_above(0.835), _sleeve(0.51), _neck(1.50, 1.525)), ease_m=0.017, hang=0.9,
                           sleeve_m=(0.075, 0.056), fold_m=0.011, lip_m=0.005, slots=("cloth", "trim", "silver"),
                           panels=((_above(1.25), 1), (_either(_band(0.93, 0.025), _band(1.17, 0.025),
                                                               _cuff(0.34, 0.39)), 2)),
                           flare=_sum(_stand(1.46, 0.006), _raised(_zip(0.03), 0.003),
                                      _raised(_patch(1, 0.085, 1.30, (0.05, 0.055)), 0.005))),
    "parka": Pattern(keep=(_above(0.80), _sleeve(0.515), _neck(1.52, 1.54)), ease_m=0.026, hang=1.0,
                     sleeve_m=(0.086, 0.063), fold_m=0.010, lip_m=0.008, slots=("cloth", "trim"),
                     panels=((_zip(0.012), 1),),
                     flare=_sum(_stand(1.46, 0.008), _raised(_zip(0.035), 0.004),
                                lambda f: np.where(f.arm, 0.006, 0.008) * np.abs(np.sin(np.pi * np.where(
                                    f.arm, f.along_m, f.z) / 0.11)) ** 0.5)),
    "skirt": Pattern(ground="skirt", keep=(lambda f: 0.50 - f.z, lambda f: f.z - 1.04), ease_m=0.010, fold_m=0.007),
    "long_skirt": Pattern(ground="skirt", keep=(lambda f: 0.30 - f.z, lambda f: f.z - 1.04), ease_m=0.010,
                          fold_m=0.010),
    "belt": Pattern(keep=(_band(1.00, 0.019),), ease_m=0.009, fold_m=0.0, hides=False, slots=("leather", "buckle"),
                    panels=((lambda f: np.maximum(np.abs(f.y) - 0.024, -f.x), 1),)),
    "tabard": Pattern(keep=(_TABARD,), ease_m=0.018, hang=0.9, fold_m=0.009, hides=False, slots=("tabard", "silver"),
                      panels=((_SILVER, 1),)),
    "vest": Pattern(keep=(_VEST,), ease_m=0.016, hang=0.6, fold_m=0.001, slots=("cloth", "trim"),
                    flare=_sum(_padding(_VEST, 0.02), _raised(_patch(1, 0.075, 1.06, (0.045, 0.055)), 0.02, 0.012),
                               _raised(_patch(1, 0.09, 1.30, (0.035, 0.05)), 0.014, 0.01))),
    "life_jacket": Pattern(keep=(_LIFE_PANELS,), ease_m=0.016, hang=0.4, fold_m=0.0, slots=("cloth", "trim"),
                           flare=_padding(_LIFE_PANELS, 0.045),
                           panels=((_either(_band(1.06, 0.016), _band(1.20, 0.016)), 1),)),
    "harness": Pattern(keep=(_SLING,), ease_m=0.010, fold_m=0.0, hides=False, slots=("strap",), lip_m=0.004),
    "pack_straps": Pattern(keep=(_PACK_STRAPS,), ease_m=0.012, fold_m=0.0, hides=False, slots=("strap",), lip_m=0.008,
                           flare=lambda f: np.full(len(f.z), 0.007)),
}  # fmt: skip
"""Garments over the second skin; dict order is the order in which they are put on."""
