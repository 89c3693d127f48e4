"""Laws of dressed people: adults, never bare, layers that stay apart, nothing known of class; on a pack's bodies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenes.lanes import lane
from scenes.mesh import Array
from scenes.people import bodies, hair, human, kit, outfit, person, shape
from scenes.people.bodies import FACE_TARGETS, Bodies
from scenes.people.fabric import AVERAGE, ground, skin_table
from scenes.people.human import Dress
from scenes.people.skeleton import JOINTS, REST_M
from scenes.people.tailor import GAP_M, Piece, form, made
from scenes.people.wardrobe import PATTERNS
from scenes.shot import Figure
from tests.needs import need
from tests.scenes.lineup import POSES, figure

PEOPLE = 300
"""Draws that shares are counted over."""


@pytest.fixture(scope="module")
def pack() -> Bodies:
    """The installed pack's bodies."""
    found = bodies.installed()
    need("a pack of bodies (synth assets install bodies)", found is not None)
    assert found is not None
    return found


def drawn(seed: int, *, tabard: bool = False) -> person.Looks:
    return person.draw(lane(seed, "people"), kit=person.KIT_COLOURS[0] if tabard else None)


LOOKS = [drawn(seed) for seed in range(PEOPLE)]


def worn(pack: Bodies, names: tuple[str, ...], build: shape.Build) -> list[tuple[str, Piece]]:
    """Garments of the second skin put on one after the other."""
    body, rng = shape.shaped(pack, build), np.random.Generator(np.random.PCG64(1))
    on = form(ground(pack, "tights"), body, rng)
    out = []
    for name in names:
        piece = made(PATTERNS[name], on, rng)
        on = replace(on, worn_m=np.maximum(on.worn_m, piece.height_m))
        out.append((name, piece))
    return out


# --- draws, with or without a pack ---------------------------------------------------------------------------------


def test_everybody_is_an_adult() -> None:
    low, high = shape.ADULT_YEARS
    assert low >= 18
    assert all(low <= one.build.age_years <= high for one in LOOKS)
    assert {"young", "old"} == set(bodies.AGES), "no target of a child is read"
    with pytest.raises(ValueError, match=r"age_years must be an adult's, 18\.\.80, got 17"):
        replace(AVERAGE, age_years=17.0)


def test_nine_in_ten_wear_four_garments_of_different_cloth() -> None:
    assert len(outfit.GARMENT_COLOURS) > 8
    enough = [len({(w.fabric, w.colour) for w in one.worn}) + (one.kit is not None) >= 4 for one in LOOKS]
    assert np.mean(enough) >= 0.9


def test_every_dress_covers_feet_legs_and_trunk() -> None:
    feet, legs = {"shoes", "boots"}, set(outfit.LOWER)
    trunk = {u for row in outfit.UPPER for u in row} - {"shirt_collar", "hood_down"}
    for one in LOOKS:
        garments = set(one.dress.garments)
        assert garments & feet and garments & legs and garments & trunk
        assert {w.garment for w in one.worn} >= garments - {"tabard"}


def test_every_garment_and_style_is_worn_by_somebody() -> None:
    dresses = [outfit.draw_dress(lane(s, "d"), male=float(s % 2), tabard=s % 3 == 0) for s in range(1500)]
    assert {g for d in dresses for g in d.garments} == set(PATTERNS)
    assert {d.hair for d in dresses} == set(hair.STYLES)
    assert {d.headgear for d in dresses} == {"", *hair.HEADGEAR}
    assert {d.mask for d in dresses} == {"", *hair.MASKS}
    assert {e for d in dresses for e in d.extras} == set(kit.EXTRAS)
    assert np.mean([d.hair == "bald" for d in dresses]) < 0.03, "bald by choice alone"


def test_hair_is_told_from_skin() -> None:
    assert all(not 0.5 < one.hair[1] / one.skin[1] < 1.8 for one in LOOKS)


# --- bodies of a pack ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_a_dressed_person_is_whole(pack: Bodies, seed: int) -> None:
    looks = drawn(seed, tabard=seed % 2 == 0)
    body = person.of_pack(pack, looks, "p")
    assert np.isfinite(body.vertices_m).all()
    assert np.allclose(body.skin_weights.sum(axis=1), 1, atol=1e-5)
    assert 0 <= body.face_material.min() <= body.face_material.max() < len(body.materials)
    assert len({m.name for m in body.materials}) == len(body.materials)
    assert abs(body.vertices_m[:, 2].min() + body.pelvis_height_m) < 0.012, "soles on the floor"
    assert np.ptp(body.vertices_m[:, 2]) == pytest.approx(looks.height_m, abs=0.10)  # hair and helmets stand up
    assert len(body.joints_m) == len(JOINTS)
    assert len(body.vertices_m) < 45_000
    again = person.of_pack(pack, looks, "p")
    assert np.array_equal(body.vertices_m, again.vertices_m) and np.array_equal(body.triangles, again.triangles)


@pytest.mark.parametrize("height_m", [1.53, 1.75, 1.98])
@pytest.mark.parametrize("weight", [0.2, 0.95])
@pytest.mark.parametrize("male", [0.0, 1.0])
def test_limbs_rest_along_the_skeletons(pack: Bodies, height_m: float, weight: float, male: float) -> None:
    body = shape.shaped(pack, replace(AVERAGE, height_m=height_m, weight=weight, male=male))
    assert np.ptp(body.points_m[np.unique(pack.quads["body"]), 2]) == pytest.approx(height_m - shape.SOLE_M, abs=1e-6)
    for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
        for side in "lr":
            i, j = JOINTS[f"{a}_{side}"], JOINTS[f"{b}_{side}"]
            ours, rest = body.joints_m[j] - body.joints_m[i], REST_M[j] - REST_M[i]
            assert ours @ rest / np.linalg.norm(ours) / np.linalg.norm(rest) > 0.9999
    assert body.joints_m[JOINTS["ankle_l"], 2] == pytest.approx(shape.ANKLE_M)


def test_no_draw_is_bare(pack: Bodies) -> None:
    """Skin shows at the head, the throat, the arms and hands, and below a skirt or shorts: nowhere else."""
    average = shape.shaped(pack, AVERAGE).points_m
    table = skin_table(pack)
    arm = table[:, [JOINTS[f"{j}_{s}"] for j in ("shoulder", "elbow", "wrist") for s in "lr"]].sum(axis=1) > 0.4
    quads = pack.quads["body"]
    for looks in LOOKS[:40]:
        hidden = human.hidden_by(pack, looks.build, looks.dress)
        z = average[quads][~hidden[quads].all(axis=1) & ~arm[quads].any(axis=1)][:, :, 2].max(axis=1)
        short = any(g in looks.dress.garments for g in ("shorts", "skirt"))
        low = 0.60 if short else 0.42 if "long_skirt" in looks.dress.garments else 0.13
        assert not ((z > low) & (z < 1.36)).any(), looks.dress


LAYERS = sorted(
    {
        (a, b)
        for row in outfit.UPPER
        for a in ("trousers", "jeans", "cargo", "shirt", "t_shirt", "hoodie")
        for b in (*row, "tabard", "vest", "life_jacket")
        if a != b and list(PATTERNS).index(a) < list(PATTERNS).index(b)
    }
)


@pytest.mark.parametrize(("inner", "outer"), LAYERS)
def test_layers_stay_apart(pack: Bodies, inner: str, outer: str) -> None:
    """Where both are worn the inner one lies beneath the outer one, at rest and in the standard poses."""
    for build in (AVERAGE, replace(AVERAGE, male=0.0, weight=0.9, cup=0.8), replace(AVERAGE, male=1.0, weight=0.2)):
        (_, below), (_, above) = worn(pack, (inner, outer), build)
        both = (below.height_m > 0) & (above.height_m > 0)
        assert (above.height_m[both] >= below.height_m[both] + GAP_M - 1e-9).all()


@pytest.mark.parametrize("pose", POSES)
@pytest.mark.parametrize("seed", [2, 5])
def test_layers_stay_apart_in_motion(pack: Bodies, pose: str, seed: int) -> None:
    """Posed, the trousers do not come out of the jacket by more than 5 mm."""
    build = drawn(seed).build
    body, parts = human.human(
        pack, build, Dress(garments=("shoes", "trousers", "jacket"), hair="short"), lane(seed, "x")
    )
    (_, inner), (_, outer) = worn(pack, ("trousers", "jacket"), build)
    of = ground(pack, "tights")
    points = form(of, body, np.random.Generator(np.random.PCG64(1)))
    both = (inner.height_m > 0) & outer.covers
    at = [points.points_m + h.height_m[:, None] * points.normals for h in (inner, outer)]
    posed = [_posed(p, skin, body, pose) for p, skin in zip(at, (of.skin, of.hanging), strict=True)]
    out = _normals(posed[1], of.triangles)
    reach = ((posed[0] - posed[1]) * out).sum(axis=1)[both]
    share = 0.90 if pose == "crouch" else 0.999  # in the groin of a crouch all cloth folds into itself
    assert np.quantile(reach, share) < 0.005, f"{reach.max():.4f} m"
    assert len(parts) > 5


def _posed(points: Array, skin: Array, body: shape.Shaped, pose: str) -> Array:
    joints, strength = bodies.strongest(skin)
    triangles = np.zeros((1, 3), np.int32)
    made_of = person.Body(
        vertices_m=(points - body.joints_m[0]).astype(np.float32), triangles=triangles, face_material=np.zeros(1, np.int32),
        materials=(), joints_m=(body.joints_m - body.joints_m[0]).astype(np.float32), pelvis_height_m=1.0,
        skin_joints=joints, skin_weights=strength,
    )  # fmt: skip
    posed: Figure = figure(made_of, "p", POSES[pose], (0.0, 0.0), 0.0, 1)
    return np.asarray(posed.posed()[0], float)


def _normals(points: Array, triangles: Array) -> Array:
    from scenes.people.fabric import normals

    return normals(points, triangles)


def test_a_face_is_its_own(pack: Bodies) -> None:
    """Two people of the same measures differ by their faces' targets."""
    other = replace(AVERAGE, face=tuple(0.5 for _ in FACE_TARGETS))
    a, b = (shape.shaped(pack, one).points_m for one in (AVERAGE, other))
    assert np.abs(a - b).max() > 0.003
