"""A person: measures, colours and dress drawn at random, and the dressed body that they make.

All of it is a nuisance: drawn from the person's own lane, never from class or role. Adults only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenes import materials
from scenes.mesh import Array, merged
from scenes.people import bodies
from scenes.people.bodies import FACE_TARGETS
from scenes.people.garments import CUTS, bare_hands, garment
from scenes.people.human import Dress, human, joined
from scenes.people.outfit import Worn, draw_dress, draw_worn
from scenes.people.shape import Build
from scenes.people.skeleton import HEIGHT_M, JOINTS, REST_M
from scenes.shot import Material

Colour = tuple[float, float, float]

ADULT_HEIGHT_M = (1.52, 2.0)
"""2nd percentile of women to 99th of men, roughly; nobody is drawn outside it."""

SKIN_TONES: tuple[Colour, ...] = (
    # ten steps from dark to light, linear RGB
    (0.030, 0.016, 0.011), (0.055, 0.028, 0.018), (0.090, 0.045, 0.027), (0.140, 0.070, 0.040),
    (0.210, 0.110, 0.063), (0.300, 0.165, 0.098), (0.400, 0.230, 0.145), (0.500, 0.310, 0.210),
    (0.590, 0.390, 0.285), (0.650, 0.450, 0.350),
)  # fmt: skip
HAIR_COLOURS: tuple[Colour, ...] = (
    (0.008, 0.007, 0.006), (0.022, 0.014, 0.009), (0.060, 0.032, 0.016), (0.13, 0.075, 0.035),
    (0.30, 0.20, 0.10), (0.16, 0.045, 0.015), (0.28, 0.27, 0.26),
)  # fmt: skip
CLOTH_COLOURS: tuple[Colour, ...] = (
    (0.012, 0.016, 0.035), (0.025, 0.045, 0.10), (0.05, 0.05, 0.055), (0.14, 0.14, 0.14), (0.015, 0.015, 0.016),
    (0.12, 0.015, 0.018), (0.02, 0.07, 0.035), (0.16, 0.115, 0.06), (0.33, 0.29, 0.22), (0.10, 0.035, 0.09),
    (0.45, 0.45, 0.44), (0.04, 0.10, 0.14),
)  # fmt: skip
TROUSER_COLOURS: tuple[Colour, ...] = (
    (0.012, 0.016, 0.035), (0.02, 0.035, 0.075), (0.03, 0.03, 0.033), (0.10, 0.10, 0.10), (0.17, 0.13, 0.08),
    (0.05, 0.05, 0.03), (0.045, 0.075, 0.13),
)  # fmt: skip
KIT_COLOURS: tuple[Colour, ...] = ((0.62, 0.78, 0.02), (0.85, 0.20, 0.008))
"""The tabards of an exercise: yellow or orange, one colour for the whole cast."""
IRIS_COLOURS: tuple[Colour, ...] = (
    (0.045, 0.020, 0.008), (0.09, 0.045, 0.018), (0.10, 0.10, 0.04), (0.09, 0.15, 0.22), (0.16, 0.20, 0.22),
)  # fmt: skip
HEADWEAR = ("hair_short", "hair_full", "hair_long", "hair_tied", "cap", "helmet")


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What one person is like."""

    height_m: float
    girth: float
    """Trunk and limbs across, relative to a slim adult."""
    shoulders: float
    """Breadth of the shoulders, relative."""
    bust_m: float
    head: str
    """One of HEADWEAR."""
    upper: str
    """jacket or shirt."""
    skin: Colour
    hair: Colour
    upper_colour: Colour
    trim_colour: Colour
    trousers_colour: Colour
    headgear_colour: Colour
    kit: Colour | None
    """The tabard's colour; None: no tabard."""
    build: Build
    """The body of the installed pack; the built-in one has the measures above."""
    dress: Dress
    """Clothes of the installed pack's bodies."""
    worn: tuple[Worn, ...]
    """Their cloths."""
    iris: Colour
    seed: int
    """Of folds, gaze and locks of hair."""

    def __post_init__(self) -> None:
        low, high = ADULT_HEIGHT_M
        if not low <= self.height_m <= high:
            raise ValueError(f"height_m must be an adult's, {low}..{high}, got {self.height_m}")
        if not 0.9 <= self.girth <= 1.45:
            raise ValueError(f"girth must be in 0.9..1.45, got {self.girth}")
        if self.head not in HEADWEAR:
            raise ValueError(f"head must be one of {', '.join(HEADWEAR)}, got {self.head!r}")


def draw(rng: np.random.Generator, *, kit: Colour | None) -> Looks:
    """A person's looks."""

    def pick(colours: tuple[Colour, ...]) -> Colour:
        shade = rng.uniform(0.8, 1.2)
        r, g, b = colours[rng.integers(len(colours))]
        return (r * shade, g * shade, b * shade)

    tall = bool(rng.random() < 0.5)
    height = float(np.clip(rng.normal(1.78, 0.065) if tall else rng.normal(1.65, 0.06), *ADULT_HEIGHT_M))
    build = _build(rng, male=tall, height_m=height)
    skin = _skin_tone(rng, build)
    dress = draw_dress(rng, male=build.male, tabard=kit is not None)
    hair = _told_from(skin, _grey(pick(HAIR_COLOURS), build.age_years, rng.random()))
    return Looks(
        height_m=height,
        girth=float(np.clip(rng.normal(1.10, 0.09), 0.95, 1.38)),
        shoulders=float(rng.uniform(1.0, 1.07) if tall else rng.uniform(0.93, 1.0)),
        bust_m=0.0 if tall else float(rng.choice([0.0, 0.012, 0.02])),  # few values: each is a mesh that is kept
        head=str(rng.choice(HEADWEAR, p=(0.28, 0.18, 0.14, 0.14, 0.14, 0.12))),
        upper=str(rng.choice(["jacket", "shirt"])),
        skin=skin,
        hair=hair,
        upper_colour=pick(CLOTH_COLOURS),
        trim_colour=pick(CLOTH_COLOURS),
        trousers_colour=pick(TROUSER_COLOURS),
        headgear_colour=pick(CLOTH_COLOURS),
        kit=kit,
        build=build,
        dress=dress,
        worn=draw_worn(rng, dress),
        iris=IRIS_COLOURS[rng.integers(len(IRIS_COLOURS))] if skin[0] > 0.3 else IRIS_COLOURS[0],
        seed=int(rng.integers(2**31)),
    )


def _build(rng: np.random.Generator, *, male: bool, height_m: float) -> Build:
    """An adult's measures."""
    shares = rng.dirichlet((0.45, 0.45, 0.6))
    return Build(
        height_m=height_m,
        age_years=float(np.clip(rng.gamma(4.0, 6.0) + 16, 18, 75)),
        male=float(rng.uniform(0.85, 1.0) if male else rng.uniform(0.0, 0.15)),
        muscle=float(np.clip(rng.normal(0.55, 0.16), 0.1, 0.95)),
        weight=float(np.clip(rng.normal(0.56, 0.17), 0.15, 0.98)),
        proportions=float(rng.uniform(0.35, 0.85)),
        cup=float(np.clip(rng.normal(0.45, 0.2), 0, 0.9)),
        ancestry=(float(shares[0]), float(shares[1]), float(1 - shares[0] - shares[1])),
        face=tuple(float(x) for x in np.clip(rng.normal(0, 0.22, len(FACE_TARGETS)), -0.6, 0.6)),
    )


def _skin_tone(rng: np.random.Generator, build: Build) -> Colour:
    """A tone that goes with the ancestry, a step or two off."""
    middle = float(np.dot(build.ancestry, (1.6, 6.0, 7.8)))
    at = float(np.clip(middle + rng.normal(0, 1.0), 0, len(SKIN_TONES) - 1.001))
    low, share = int(at), at - int(at)
    mixed = (1 - share) * np.array(SKIN_TONES[low]) + share * np.array(SKIN_TONES[low + 1])
    r, g, b = (mixed * rng.uniform(0.92, 1.08)).tolist()
    return (r, g, b)


def _grey(hair: Colour, age_years: float, luck: float) -> Colour:
    """Hair that goes grey from 35 on, sooner or later."""
    share = float(np.clip((age_years - 35 - 25 * luck) / 20, 0, 1))
    r, g, b = ((1 - share) * h + share * w for h, w in zip(hair, (0.30, 0.29, 0.28), strict=True))
    return (r, g, b)


def _told_from(skin: Colour, hair: Colour) -> Colour:
    """Hair as drawn, but darkened where it is so near to the skin that a head looks bald at 320 pixels."""
    r, g, b = hair
    near = 0.5 < g / skin[1] < 1.8
    shade = 0.45 * skin[1] / g if near else 1.0
    return (r * shade, g * shade, b * shade)


@dataclass(frozen=True, kw_only=True)
class Body:
    """A dressed body at rest, its pelvis at the origin: what a Figure needs besides its motion."""

    vertices_m: Array
    triangles: Array
    face_material: Array
    materials: tuple[Material, ...]
    joints_m: Array
    """(J, 3) rest places relative to the pelvis."""
    pelvis_height_m: float
    """Of the pelvis above the soles, standing."""
    skin_joints: Array
    skin_weights: Array
    tint: Array | None = None
    """(V, 3) factors on the colour of tinted materials."""


def dressed(looks: Looks, name: str, pack: bodies.Bodies | None = None) -> Body:
    """The body with these looks, of a pack's bodies or built in; its materials are named after the person."""
    return built_in(looks, name) if pack is None else of_pack(pack, looks, name)


def of_pack(pack: bodies.Bodies, looks: Looks, name: str) -> Body:
    """The body with these looks, of a pack's mesh."""
    rng = np.random.Generator(np.random.PCG64(looks.seed))
    body, parts = human(pack, looks.build, looks.dress, rng)
    whole = joined(parts, body)
    return Body(
        vertices_m=whole.vertices_m,
        triangles=whole.triangles,
        face_material=whole.face_material,
        materials=tuple(_stuff(slot, looks, name) for slot in whole.slots),
        joints_m=whole.joints_m,
        pelvis_height_m=float(body.joints_m[0, 2]),
        skin_joints=whole.skin_joints,
        skin_weights=whole.skin_weights,
        tint=whole.tint,
    )


def _stuff(slot: str, looks: Looks, name: str) -> Material:
    """The surface of "garment/cloth"."""
    garment, cloth = slot.split("/")
    label = f"{name}_{garment}_{cloth}"
    if garment == "skin":
        return materials.skin(label, looks.skin, tinted=True)
    if garment == "eyes":
        return materials.eye(
            label, {"white": (0.62, 0.60, 0.57), "iris": looks.iris, "pupil": (0.004, 0.004, 0.004)}[cloth]
        )
    if cloth in ("hair", "lash"):
        r, g, b = looks.hair
        own = looks.hair if garment == "hair" else (0.6 * r, 0.55 * g, 0.55 * b)
        return materials.hair(label, own, tinted=True)
    if cloth in ("tabard", "silver"):
        return (
            materials.hi_vis(label, looks.kit or KIT_COLOURS[0]) if cloth == "tabard" else materials.reflective(label)
        )
    if cloth == "buckle":
        return replace(materials.MATERIALS["steel_brushed"], name=label)
    worn = next(w for w in looks.worn if w.garment == garment)
    r, g, b = worn.colour
    if cloth in ("sole", "band"):
        return materials.fabric(label, "rubber", (0.02, 0.02, 0.021))
    if cloth == "trim":
        return materials.fabric(
            label, worn.fabric, looks.trim_colour if garment != "shirt" else (0.9 * r, 0.9 * g, 0.9 * b)
        )
    return materials.fabric(label, worn.fabric, worn.colour)


def built_in(looks: Looks, name: str) -> Body:
    """The body with these looks, of the built-in shapes."""
    worn = ["trousers", "boots", looks.upper, "head", "eyes", looks.head]
    if looks.head in ("cap", "helmet"):
        worn.append("hair_short")
    if looks.kit:
        worn.append("tabard")
    parts = [(garment(w, looks.bust_m), CUTS[w](0.0).slots) for w in worn] + [(bare_hands(), ("skin",))]
    slots = list(dict.fromkeys(slot for _, names in parts for slot in names))
    mesh = merged(g.mesh for g, _ in parts)
    joints = np.concatenate([g.skin_joints for g, _ in parts])
    strength = np.concatenate([g.skin_weights for g, _ in parts])
    slot_of_face = [np.array([slots.index(n) for n in names])[g.face_slot] for g, names in parts]
    places, scales = _measures(looks)
    local = mesh.vertices_m[:, None] - REST_M[joints]
    shaped = (strength[..., None] * (places[joints] + scales[joints] * local)).sum(axis=1)
    return Body(
        vertices_m=(shaped - places[0]).astype(np.float32),
        triangles=mesh.triangles,
        face_material=np.concatenate(slot_of_face).astype(np.int32),
        materials=tuple(_material(slot, looks, name) for slot in slots),
        joints_m=(places - places[0]).astype(np.float32),
        pelvis_height_m=float(places[0, 2]),
        skin_joints=joints,
        skin_weights=strength,
    )


def _measures(looks: Looks) -> tuple[Array, Array]:
    """(J, 3) places of the joints and (J, 3) scales of the flesh about them."""
    tall = looks.height_m / HEIGHT_M
    places = REST_M * (1, 1, tall)
    scales = np.tile((looks.girth, looks.girth, tall), (len(REST_M), 1))
    head = tall**0.4  # heads vary far less than heights
    neck = places[JOINTS["neck"]]
    places[JOINTS["head"]] = neck + head * (REST_M[JOINTS["head"]] - REST_M[JOINTS["neck"]])
    for joint, scale in (("neck", (1 + looks.girth) / 2), ("head", 1.0)):
        scales[JOINTS[joint]] = head * scale
    for side, sign in (("l", 1), ("r", -1)):
        shoulder = JOINTS[f"shoulder_{side}"]
        moved = sign * REST_M[JOINTS["shoulder_l"], 1] * (looks.shoulders * (0.6 + 0.4 * looks.girth) - 1)
        apart = np.array([0.0, moved + sign * 0.02 * (looks.girth - 1), 0.0])
        for joint in ("shoulder", "elbow", "wrist"):
            places[JOINTS[f"{joint}_{side}"]] += apart
        for joint in ("ankle", "toe", "wrist"):
            scales[JOINTS[f"{joint}_{side}"]] = tall if joint != "wrist" else (tall + looks.girth) / 2
        places[shoulder, 2] = places[JOINTS["chest"], 2] + tall * (REST_M[shoulder, 2] - REST_M[JOINTS["chest"], 2])
    return places, scales


def _material(slot: str, looks: Looks, name: str) -> Material:
    """The surface of one slot of the dressed body."""
    label = f"{name}_{slot}"
    r, g, b = looks.skin
    cloths = {
        "upper": looks.upper_colour,
        "trim": looks.trim_colour,
        "trousers": looks.trousers_colour,
        "headgear": looks.headgear_colour,
    }
    if slot in cloths:
        return materials.cloth(label, cloths[slot])
    if slot in ("boots", "sole"):
        return materials.leather(label, (0.018, 0.016, 0.015) if slot == "boots" else (0.01, 0.01, 0.01))
    if slot in ("skin", "lips"):
        return materials.skin(label, looks.skin if slot == "skin" else (r * 0.85, g * 0.6, b * 0.6))
    if slot == "hair":
        return materials.hair(label, looks.hair)
    if slot in ("tabard", "silver"):
        return materials.hi_vis(label, looks.kit or KIT_COLOURS[0]) if slot == "tabard" else materials.reflective(label)
    return Material(
        name=label, base_colour=(0.55, 0.53, 0.50) if slot == "eye_white" else (0.03, 0.02, 0.012), roughness=0.15
    )
