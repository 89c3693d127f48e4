"""Outfits: what people put on, drawn with nothing known of class or role: garments, their cloths and their colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from scenes.people.human import Dress

Colour = tuple[float, float, float]
Choice = TypeVar("Choice")

LOWER: dict[str, tuple[float, float]] = {
    # share of men's builds, of women's
    "trousers": (0.30, 0.27), "jeans": (0.32, 0.30), "cargo": (0.26, 0.16), "slacks": (0.09, 0.10),
    "shorts": (0.03, 0.02), "skirt": (0.0, 0.10), "long_skirt": (0.0, 0.05),
}  # fmt: skip
UPPER: dict[tuple[str, ...], float] = {
    # inner first
    ("t_shirt", "open_jacket"): 0.13, ("shirt", "shirt_collar", "open_jacket"): 0.12, ("hoodie", "hood_down"): 0.11,
    ("jacket",): 0.13, ("work_jacket",): 0.14, ("parka",): 0.08, ("shirt", "shirt_collar", "jumper"): 0.09,
    ("jumper",): 0.06, ("shirt", "shirt_collar"): 0.09, ("t_shirt",): 0.05,
}  # fmt: skip
HAIR: dict[str, tuple[float, float]] = {
    # share of men's builds, of women's
    "bald": (0.03, 0.0), "buzz": (0.17, 0.02), "crop": (0.25, 0.03), "short": (0.28, 0.09), "medium": (0.12, 0.12),
    "bob": (0.02, 0.18), "long": (0.03, 0.20), "tied": (0.03, 0.16), "bun": (0.01, 0.08), "curly": (0.04, 0.08),
    "afro": (0.02, 0.04),
}  # fmt: skip
CLOTHS: dict[str, tuple[str, ...]] = {
    # garment -> the fabrics it is made of (rows of scenes.materials.FABRICS)
    "shoes": ("leather", "canvas", "rubber"), "boots": ("leather", "leather", "rubber"),
    "trousers": ("cotton", "canvas"), "slacks": ("wool", "cotton"), "jeans": ("denim",), "cargo": ("canvas", "cotton"),
    "shorts": ("cotton", "canvas"), "skirt": ("wool", "denim", "cotton"), "long_skirt": ("cotton", "wool"),
    "t_shirt": ("jersey",), "shirt": ("cotton",), "shirt_collar": ("cotton",), "jumper": ("knit", "fleece"),
    "hoodie": ("jersey", "fleece"), "hood_down": ("jersey",), "jacket": ("softshell", "nylon", "fleece"),
    "open_jacket": ("canvas", "nylon", "softshell", "leather"), "work_jacket": ("canvas", "softshell"),
    "parka": ("nylon",), "belt": ("leather",), "vest": ("canvas", "softshell"), "life_jacket": ("nylon",),
    "harness": ("webbing",), "pack_straps": ("webbing",), "cap": ("canvas",), "beanie": ("knit",),
    "mask": ("jersey",), "balaclava": ("knit", "fleece"), "gloves": ("leather", "knit"),
    "backpack": ("nylon", "canvas"), "tabard": ("hi_vis",),
    "helmet": ("shell",), "ear_defenders": ("shell",), "radio": ("shell",),
}  # fmt: skip
GARMENT_COLOURS: tuple[Colour, ...] = (
    (0.012, 0.016, 0.035), (0.025, 0.045, 0.10), (0.05, 0.05, 0.055), (0.14, 0.14, 0.14), (0.015, 0.015, 0.016),
    (0.12, 0.015, 0.018), (0.02, 0.07, 0.035), (0.16, 0.115, 0.06), (0.33, 0.29, 0.22), (0.10, 0.035, 0.09),
    (0.45, 0.45, 0.44), (0.04, 0.10, 0.14), (0.07, 0.075, 0.045), (0.26, 0.10, 0.03), (0.20, 0.25, 0.30),
    (0.035, 0.022, 0.014),
)  # fmt: skip
SHIRT_COLOURS: tuple[Colour, ...] = (
    (0.60, 0.60, 0.58), (0.32, 0.42, 0.56), (0.42, 0.40, 0.36), (0.12, 0.16, 0.24), (0.22, 0.10, 0.10),
    (0.10, 0.14, 0.10), (0.50, 0.42, 0.30), (0.06, 0.06, 0.065), (0.36, 0.36, 0.38), (0.30, 0.20, 0.28),
)  # fmt: skip
LEG_COLOURS: tuple[Colour, ...] = (
    (0.012, 0.016, 0.035), (0.02, 0.035, 0.075), (0.03, 0.03, 0.033), (0.10, 0.10, 0.10), (0.17, 0.13, 0.08),
    (0.05, 0.05, 0.03), (0.045, 0.075, 0.13), (0.24, 0.20, 0.14), (0.012, 0.012, 0.013),
)  # fmt: skip
DENIM_COLOURS: tuple[Colour, ...] = ((0.03, 0.06, 0.13), (0.015, 0.025, 0.06), (0.10, 0.16, 0.26), (0.02, 0.02, 0.022))
LEATHER_COLOURS: tuple[Colour, ...] = (
    (0.016, 0.014, 0.013), (0.05, 0.026, 0.014), (0.10, 0.055, 0.028), (0.03, 0.028, 0.026), (0.22, 0.15, 0.08),
)  # fmt: skip
SHOE_COLOURS: tuple[Colour, ...] = (*LEATHER_COLOURS[:4], (0.16, 0.16, 0.17), (0.42, 0.42, 0.41), (0.03, 0.04, 0.08))
SHELL_COLOURS: tuple[Colour, ...] = (
    (0.62, 0.62, 0.60), (0.65, 0.46, 0.02), (0.50, 0.09, 0.008), (0.02, 0.06, 0.20), (0.03, 0.03, 0.032),
    (0.30, 0.012, 0.01),
)  # fmt: skip
WEBBING_COLOURS: tuple[Colour, ...] = (
    (0.015, 0.015, 0.016),
    (0.06, 0.06, 0.05),
    (0.12, 0.10, 0.06),
    (0.28, 0.05, 0.01),
)
_LEG = ("trousers", "slacks", "cargo", "shorts", "skirt", "long_skirt")


@dataclass(frozen=True, kw_only=True)
class Worn:
    """One garment's cloth."""

    garment: str
    """A name of CLOTHS."""
    fabric: str
    """A row of scenes.materials.FABRICS."""
    colour: Colour
    """Linear RGB."""


def draw_dress(rng: np.random.Generator, *, male: float, tabard: bool) -> Dress:
    """What somebody puts on; a tabard over it where the exercise gives one out."""
    column = int(male < 0.5)
    last = ("shirt_collar", "hood_down")  # over all else
    lower = _pick(rng, {k: v[column] for k, v in LOWER.items()})
    upper = _pick(rng, UPPER)
    style = _pick(rng, {k: v[column] for k, v in HAIR.items()})
    headgear = _pick(rng, {"": 0.52, "cap": 0.17, "beanie": 0.14, "helmet": 0.17})
    mask = _pick(rng, {"": 0.90, "mask": 0.06, "balaclava": 0.04})
    over = _pick(rng, {"": 0.62, "vest": 0.12, "life_jacket": 0.08, "harness": 0.18})
    belt, pack, radio, muffs, gloves = rng.random(5) < (0.75, 0.16, 0.22, 0.07, 0.30)
    garments = [str(_pick(rng, {"shoes": 0.55, "boots": 0.45})), lower, *(u for u in upper if u not in last)]
    if belt and upper[-1] in ("t_shirt", "shirt_collar") and "skirt" not in lower:
        garments.append("belt")
    if tabard:
        garments.append("tabard")
    if over and not (tabard and over != "harness"):
        garments.append(over)
    extras = []
    if pack and over not in ("life_jacket", "vest"):
        garments.append("pack_straps")
        extras.append("backpack")
    garments += [u for u in upper if u in last]
    if radio and over != "life_jacket":
        extras.append("radio")
    if headgear in ("cap", "helmet"):
        extras.append(f"{headgear}_peak")
    if muffs and headgear in ("", "helmet") and style not in ("afro", "bun"):
        extras.append("ear_defenders")
    if headgear and style in ("bun", "afro"):
        style = "tied"
    return Dress(
        garments=tuple(garments), hair=style, headgear=headgear, mask=mask, extras=tuple(extras), gloves=bool(gloves)
    )


def draw_worn(rng: np.random.Generator, dress: Dress) -> tuple[Worn, ...]:
    """The cloths of a dress, each of another colour than what is next to it."""
    names = [*dress.garments, dress.headgear, dress.mask, *(e for e in dress.extras if e in CLOTHS)]
    names += ["gloves"] if dress.gloves else []
    out: list[Worn] = []
    for name in [n for n in names if n and n != "tabard"]:
        fabric = str(rng.choice(CLOTHS[name]))
        choices = _colours(name, fabric)
        taken = [w.colour for w in out[-2:]]
        base = choices[rng.integers(len(choices))]
        if any(np.allclose(base, t, rtol=0.35) for t in taken):
            base = choices[(choices.index(base) + 1 + rng.integers(len(choices) - 1)) % len(choices)]
        shade = rng.uniform(0.8, 1.2)
        r, g, b = base
        out.append(Worn(garment=name, fabric=fabric, colour=(r * shade, g * shade, b * shade)))
    by_name = {w.garment: w for w in out}
    for collar, of in (("shirt_collar", "shirt"), ("hood_down", "hoodie")):
        out = [Worn(garment=collar, fabric=by_name[of].fabric, colour=by_name[of].colour) if w.garment == collar else w
               for w in out]  # fmt: skip
    return tuple(out)


def _colours(name: str, fabric: str) -> tuple[Colour, ...]:
    if fabric in ("shell",):
        return SHELL_COLOURS if name == "helmet" else SHELL_COLOURS[1:]
    if name in ("shoes", "boots"):
        return LEATHER_COLOURS if fabric == "leather" and name == "boots" else SHOE_COLOURS
    if fabric == "leather":
        return LEATHER_COLOURS
    if fabric == "denim":
        return DENIM_COLOURS
    if fabric == "webbing":
        return WEBBING_COLOURS
    if name == "life_jacket":
        return ((0.62, 0.10, 0.008), (0.60, 0.30, 0.01), (0.02, 0.03, 0.08), (0.35, 0.015, 0.012))
    if name in ("t_shirt", "shirt", "mask"):
        return SHIRT_COLOURS
    return LEG_COLOURS if name in _LEG else GARMENT_COLOURS


def _pick(rng: np.random.Generator, shares: dict[Choice, float]) -> Choice:
    """A key by its share."""
    names = list(shares)
    weights = np.array([shares[n] for n in names])
    return names[
        int(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(), side="right").clip(0, len(names) - 1))
    ]
