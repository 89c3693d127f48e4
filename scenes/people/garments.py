"""Garments and bare parts of a body: smooth solids about the skeleton, each meshed once and skinned.

A dressed person is a stack of these. A collar hides the neck's end, a cuff the wrist's, a hem the trousers' top.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array, Field, Mesh, blend, capsule, ellipsoid, merged, surface
from scenes.people import heads
from scenes.people.hands import RELAXED, hand
from scenes.people.heads import mirrored
from scenes.people.skeleton import JOINTS, REST_M, weights

Regions = Callable[[Array], Array]
"""(F,) int slots of centroids (F, 3)."""

TRUNK = ("pelvis", "spine", "chest")
ARMS = ("shoulder_l", "elbow_l", "shoulder_r", "elbow_r")
LEGS = ("hip_l", "knee_l", "hip_r", "knee_r")


@dataclass(frozen=True, kw_only=True)
class Garment:
    """One skinned shell in the skeleton's rest pose."""

    mesh: Mesh
    skin_joints: Array
    """(V, 4) int32."""
    skin_weights: Array
    """(V, 4) float32."""
    face_slot: Array
    """(F,) int: index into the slots of the garment's table row."""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How a garment is meshed: what it covers and what its faces are made of."""

    field: Field
    """Its surface in the rest pose."""
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    """Corners of the grid it is meshed on, m; the surface lies within."""
    step_m: float
    """Of that grid."""
    bones: tuple[str, ...]
    """Joints that may move it."""
    slots: tuple[str, ...]
    """Cloths of the garment, in the order that `regions` numbers them."""
    regions: Regions | None = None
    """Which slot a face is of; None: all of the first."""
    soft_m: float = 0.035
    """How far from a joint both its bones move the cloth."""


def _above(p: Array, height_m: float) -> Array:
    """Keeps what lies above a height, as a distance to intersect with."""
    kept: Array = height_m - p[:, 2]
    return kept


def _torso(p: Array, thicker_m: float, bust_m: float) -> Array:
    """Ribs, belly, hips and shoulders, inflated."""
    q = mirrored(p)
    t = thicker_m
    return blend(
        [
            ellipsoid(p, (-0.008, 0, 1.27), (0.112 + t, 0.158 + t, 0.20 + t)),
            ellipsoid(p, (0.008, 0, 1.06), (0.106 + t, 0.138 + t, 0.16)),
            ellipsoid(q, (-0.012, 0.03, 0.91), (0.116 + t, 0.138 + t, 0.20)),
            ellipsoid(q, (0.055 + bust_m / 2, 0.075, 1.275), (0.05 + bust_m, 0.07, 0.065)),
            capsule(q, (-0.022, 0.0, 1.425), (-0.014, 0.155, 1.412), 0.062 + t, 0.054 + t),
            capsule(p, (-0.03, 0, 1.40), (-0.012, 0, 1.485), 0.068 + t, 0.058 + t * 0.6),
        ],
        0.06,
    )


def _sleeves(p: Array, thicker_m: float) -> Array:
    """Upper arms and forearms down to the wrist, with folds at the elbow."""
    q = mirrored(p)
    shoulder, elbow, wrist = (REST_M[JOINTS[j]] for j in ("shoulder_l", "elbow_l", "wrist_l"))
    along = np.linalg.norm(q - elbow, axis=1)
    folds = 0.004 * np.sin(along * 120) * np.exp(-((along / 0.09) ** 2))
    arms = blend(
        [
            capsule(q, shoulder, elbow, 0.056 + thicker_m, 0.044 + thicker_m),
            capsule(q, elbow, wrist, 0.044 + thicker_m, 0.034 + thicker_m),
        ],
        0.02,
    )
    sleeves: Array = arms + folds
    return sleeves


def _upper(p: Array, thicker_m: float, bust_m: float, hem_m: float, sleeve_end_m: float) -> Array:
    """A jacket or shirt: torso and sleeves, cut at the hem, the cuffs and the collar."""
    creases = 0.0035 * np.sin(p[:, 2] * 75 + 5 * np.sin(p[:, 1] * 14)) * np.exp(-(((p[:, 2] - 1.08) / 0.11) ** 2))
    torso = np.maximum(_torso(p, thicker_m, bust_m) + creases, _above(p, hem_m))
    torso = np.maximum(torso, p[:, 2] - 1.515)
    sleeves = np.maximum(_sleeves(p, thicker_m * 0.8), _above(p, sleeve_end_m))
    return blend([torso, sleeves], 0.045)


def _upper_regions(p: Array) -> Array:
    """Cloth 0; collar and zip 1."""
    trim = (p[:, 2] > 1.475) | ((np.abs(p[:, 1]) < 0.013) & (p[:, 0] > 0.03))
    return np.where(trim, 1, 0)


def _trousers(p: Array) -> Array:
    q = mirrored(p)
    hip, knee, ankle = (REST_M[JOINTS[j]] for j in ("hip_l", "knee_l", "ankle_l"))
    along = q[:, 2] - knee[2]
    folds = 0.004 * np.sin(along * 90 + 3 * q[:, 1]) * np.exp(-((along / 0.10) ** 2))
    stack = 0.005 * np.sin(q[:, 2] * 150) * np.exp(-(((q[:, 2] - 0.13) / 0.06) ** 2))
    legs = folds + stack + blend(
        [
            ellipsoid(p, (-0.012, 0, 0.945), (0.116, 0.158, 0.12)),
            capsule(q, hip - np.array([0, 0, 0.03]), knee, 0.083, 0.061),
            capsule(q, knee, ankle, 0.061, 0.066),
            ellipsoid(q, (-0.055, 0.075, 0.90), (0.075, 0.075, 0.09)),
            capsule(q, knee - np.array([0.02, 0, 0.07]), knee - np.array([0.025, 0, 0.16]), 0.055, 0.05),
        ],
        0.035,
    )  # fmt: skip
    return np.maximum(np.maximum(legs, _above(p, 0.055)), p[:, 2] - 1.03)


def _boots(p: Array) -> Array:
    q = mirrored(p)
    shaft = np.maximum(capsule(q, (-0.02, 0.10, 0.05), (-0.018, 0.10, 0.24), 0.046, 0.052), q[:, 2] - 0.20)
    foot = blend(
        [
            capsule(q, (-0.052, 0.10, 0.042), (0.10, 0.112, 0.036), 0.044, 0.046),
            capsule(q, (0.08, 0.112, 0.034), (0.145, 0.112, 0.03), 0.044, 0.036),
            shaft,
        ],
        0.035,
    )
    return np.maximum(foot, -q[:, 2])


def _tabard(p: Array, bust_m: float) -> Array:
    body = np.maximum(np.maximum(_torso(p, 0.034, bust_m), 0.94 - p[:, 2]), p[:, 2] - 1.475)
    neck = capsule(p, (0.0, 0, 1.42), (0.0, 0, 1.6), 0.075, 0.085)
    vee = np.maximum(np.maximum(np.abs(p[:, 1]) - 0.35 * (p[:, 2] - 1.33), 1.33 - p[:, 2]), 0.04 - p[:, 0])
    arms = np.abs(p[:, 1]) - np.where(p[:, 2] > 1.16, 0.165, 0.30)
    return np.maximum(np.maximum(np.maximum(body, -neck), -vee), arms)


def _tabard_regions(p: Array) -> Array:
    """Bright cloth 0, silver bands 1: two about the trunk and one over each shoulder, as high-visibility dress has."""
    bands = (np.abs(p[:, 2] - 1.03) < 0.025) | (np.abs(p[:, 2] - 1.155) < 0.025)
    braces = (np.abs(np.abs(p[:, 1]) - 0.10) < 0.025) & (p[:, 2] > 1.18)
    return np.where(bands | braces, 1, 0)


_BELT = ("pelvis", *LEGS)

CUTS: dict[str, Callable[[float], Cut]] = {
    # a row takes the bust in metres, the one measure that no scaling of bones can give
    "jacket": lambda bust: _upper_cut(0.020, bust, hem_m=0.865, sleeve_end_m=0.925),
    "shirt": lambda bust: _upper_cut(0.009, bust, hem_m=0.905, sleeve_end_m=0.918),
    "trousers": lambda _: Cut(
        field=_trousers, low=(-0.22, -0.25, 0.0), high=(0.2, 0.25, 1.08), step_m=0.030,
        bones=_BELT, slots=("trousers",), soft_m=0.03),
    "boots": lambda _: Cut(
        field=_boots, low=(-0.14, -0.2, -0.03), high=(0.22, 0.2, 0.24), step_m=0.021,
        bones=("knee_l", "ankle_l", "toe_l", "knee_r", "ankle_r", "toe_r"), slots=("boots", "sole"),
        regions=lambda p: np.where(p[:, 2] < 0.022, 1, 0), soft_m=0.012),
    "head": lambda _: Cut(
        field=heads.head, low=(-0.15, -0.1265, 1.38125), high=(0.15, 0.12, 1.79), step_m=0.0115,
        bones=("chest", "neck", "head"), slots=("skin", "lips", "hair"), regions=heads.head_regions, soft_m=0.02),
    "eyes": lambda _: Cut(
        field=heads.eyes, low=(0.05, -0.06, 1.63), high=(0.1, 0.06, 1.69), step_m=0.0055,
        bones=("head",), slots=("eye_white", "iris"), regions=heads.eye_regions),
    "hair_short": lambda _: _hair_cut(0.010, 0.0, 0.12, False),
    "hair_full": lambda _: _hair_cut(0.020, 0.022, 0.16, False),
    "hair_long": lambda _: _hair_cut(0.016, 0.012, 0.27, False),
    "hair_tied": lambda _: _hair_cut(0.011, 0.004, 0.13, True),
    "cap": lambda _: Cut(
        field=heads.cap, low=(-0.16, -0.12, 1.64), high=(0.22, 0.12, 1.80), step_m=0.011,
        bones=("head",), slots=("headgear",)),
    "helmet": lambda _: Cut(
        field=heads.helmet, low=(-0.17, -0.14, 1.60), high=(0.17, 0.14, 1.83), step_m=0.013,
        bones=("head",), slots=("headgear",)),
    "tabard": lambda bust: Cut(
        field=functools.partial(_tabard, bust_m=bust), low=(-0.2, -0.3125, 0.8925), high=(0.25, 0.3125, 1.53),
        step_m=0.025, bones=TRUNK, slots=("tabard", "silver"), regions=_tabard_regions),
}  # fmt: skip


def _upper_cut(thicker_m: float, bust_m: float, hem_m: float, sleeve_end_m: float) -> Cut:
    return Cut(
        field=functools.partial(_upper, thicker_m=thicker_m, bust_m=bust_m, hem_m=hem_m, sleeve_end_m=sleeve_end_m),
        low=(-0.22, -0.46, 0.82), high=(0.26, 0.46, 1.56), step_m=0.028,
        bones=(*TRUNK, *ARMS), slots=("upper", "trim"), regions=_upper_regions,
    )  # fmt: skip


def _hair_cut(thick_m: float, fringe_m: float, length_m: float, tail: bool) -> Cut:
    return Cut(
        field=functools.partial(heads.hair, thick_m=thick_m, fringe_m=fringe_m, length_m=length_m, tail=tail),
        low=(-0.2, -0.13, 1.38), high=(0.14, 0.13, 1.82), step_m=0.0145,
        bones=("chest", "neck", "head"), slots=("hair",), soft_m=0.02,
    )  # fmt: skip


@functools.cache
def garment(name: str, bust_m: float) -> Garment:
    """A row of CUTS meshed and skinned: pure, and kept because meshing takes 30 ms where a compose has 200."""
    cut = CUTS[name](bust_m)
    mesh = surface(cut.field, low=cut.low, high=cut.high, step_m=cut.step_m)
    joints, strength = weights(mesh.vertices_m, cut.bones, cut.soft_m)
    slot = np.zeros(len(mesh.triangles), np.int64)
    if cut.regions:  # by quad, whose two triangles stand half a list apart: straight seams instead of a zigzag
        one, other = np.split(mesh.centres(), 2)
        slot = np.tile(cut.regions((one + other) / 2), 2)
    return Garment(mesh=mesh, skin_joints=joints, skin_weights=strength, face_slot=slot)


@functools.cache
def bare_hands() -> Garment:
    """Both hands at the ends of the arms, skinned to the wrists; slot 0 is skin."""
    left = hand(RELAXED, step_m=0.0105).mirrored()
    wrist, elbow = REST_M[JOINTS["wrist_l"]], REST_M[JOINTS["elbow_l"]]
    down = (wrist - elbow) / np.linalg.norm(wrist - elbow)
    forward = np.array([1.0, 0, 0]) - down[0] * down
    forward /= np.linalg.norm(forward)
    inward = np.cross(forward, down)  # hand frame: +X to the fingers, +Z to the thumb, +Y of a left hand's back
    placed = left.turned(np.stack([down, -inward, forward], axis=1)).moved(wrist)
    mesh = merged([placed, placed.mirrored()])
    n = len(placed.vertices_m)
    joints = np.where(np.arange(2 * n) < n, JOINTS["wrist_l"], JOINTS["wrist_r"])[:, None].repeat(4, axis=1)
    strength = np.tile(np.array([1, 0, 0, 0], np.float32), (2 * n, 1))
    slots = np.zeros(len(mesh.triangles), np.int64)
    return Garment(mesh=mesh, skin_joints=joints.astype(np.int32), skin_weights=strength, face_slot=slots)
