"""Laws of bodies, garments and hands: whole skins, adults, closed meshes, kit where it belongs."""

import numpy as np
import pytest

from scenes.compose import compose
from scenes.lanes import lane
from scenes.mesh import Array
from scenes.people import person
from scenes.people.garments import CUTS, garment
from scenes.people.hands import POSES, hand
from scenes.people.skeleton import JOINTS, PARENTS, SKELETON
from scenes.people.wearer import FOREARM_M, UPPER_ARM_M
from tests.scenes.scenarios import demo

LOOKS = [person.draw(lane(seed, "people"), kit=person.KIT_COLOURS[0]) for seed in range(12)]


def open_edges(triangles: Array) -> int:
    """Edges that do not lie between exactly two triangles."""
    edges = np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    return int((np.unique(edges, axis=0, return_counts=True)[1] % 2).sum())


def volume_m3(vertices: Array, triangles: Array) -> float:
    a, b, c = (vertices[triangles[:, i]].astype(float) for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def test_parents_come_first() -> None:
    assert PARENTS[0] == -1
    assert all(0 <= parent < joint for joint, parent in enumerate(PARENTS) if joint)
    assert len(SKELETON) == len(JOINTS) == 19


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("bust_m", [0.0, 0.02])
def test_garments_are_closed_and_skinned(name: str, bust_m: float) -> None:
    made, cut = garment(name, bust_m), CUTS[name](bust_m)
    assert open_edges(made.mesh.triangles) == 0
    assert volume_m3(*made.mesh) > 0
    assert np.allclose(made.skin_weights.sum(axis=1), 1, atol=1e-6)
    assert set(np.unique(made.skin_joints[made.skin_weights > 0])) <= {JOINTS[b] for b in cut.bones}
    assert 0 <= made.face_slot.min() <= made.face_slot.max() < len(cut.slots)
    low, high = made.mesh.vertices_m.min(axis=0), made.mesh.vertices_m.max(axis=0)
    assert (low > np.asarray(cut.low) + 1e-6).all(), "the mesh is cut off by its own grid"
    assert (high < np.asarray(cut.high) + cut.step_m).all()


@pytest.mark.parametrize("looks", LOOKS, ids=lambda looks: looks.head)
def test_bodies(looks: person.Looks) -> None:
    body = person.built_in(looks, "p")
    assert 3000 < len(body.vertices_m) < 12_000
    assert np.allclose(body.skin_weights.sum(axis=1), 1, atol=1e-5)
    assert body.face_material.max() < len(body.materials)
    soles = body.vertices_m[:, 2].min() + body.pelvis_height_m
    assert abs(soles) < 0.01
    assert np.ptp(body.vertices_m[:, 2]) == pytest.approx(looks.height_m, abs=0.09)  # hair and helmets stand up
    names = [m.name for m in body.materials]
    assert {"p_tabard", "p_silver", "p_upper", "p_trousers", "p_boots", "p_skin"} <= set(names)
    assert len(names) == len(set(names))


def test_nobody_is_a_child_or_bald() -> None:
    drawn = [person.draw(lane(seed, "people"), kit=None) for seed in range(400)]
    assert min(p.height_m for p in drawn) >= person.ADULT_HEIGHT_M[0]
    assert {p.head for p in drawn} == set(person.HEADWEAR)
    assert all(not 0.5 < p.hair[1] / p.skin[1] < 1.8 for p in drawn), "hair is told from skin"
    for looks in (next(p for p in drawn if p.head == head) for head in person.HEADWEAR):
        assert "p_hair" in {m.name for m in person.built_in(looks, "p").materials}
    with pytest.raises(ValueError, match=r"height_m must be an adult's, 1\.52\.\.2\.0, got 1\.2"):
        person.Looks(**{**vars(drawn[0]), "height_m": 1.2})


def test_looks_know_nothing_of_class_and_role() -> None:
    one = compose(demo(held="prop_long", wearer_role="role_player"))
    other = compose(demo(held="phone", wearer_role="responder"))
    for a, b in zip(one.figures, other.figures, strict=True):
        assert a.track_class == "hand_wearer" or np.array_equal(a.vertices_m, b.vertices_m)
        assert a.materials == b.materials


@pytest.mark.parametrize("pose", POSES.values(), ids=POSES)
def test_hands_have_four_fingers_and_a_thumb(pose: object) -> None:
    mesh = hand(pose, step_m=0.005)  # type: ignore[arg-type]
    assert open_edges(mesh.triangles) == 0
    assert 0.00025 < volume_m3(*mesh) < 0.0008
    assert hand(POSES["relaxed"], step_m=0.005).vertices_m[:, 0].max() > 0.16


def test_arms_reach_the_hands_and_bend() -> None:
    shot = compose(demo(seed=3))
    parts = {f.name: f for f in shot.figures}
    for side in ("left", "right"):
        _, place = parts[f"forearm_{side}"].joints_world()
        upper = np.linalg.norm(place[:, 1] - place[:, 0], axis=1)
        fore = np.linalg.norm(parts[f"hand_{side}"].root_m - place[:, 1], axis=1)
        assert np.allclose(upper, UPPER_ARM_M, atol=1e-4)
        assert np.allclose(fore, FOREARM_M, atol=1e-3)
        assert (place[40:, 1, 2] < shot.world_from_cam[40:, 2, 3] - 0.05).all(), "elbows hang below the camera"


def test_hands_are_rigid_with_what_they_hold() -> None:
    shot = compose(demo(seed=3))
    held = next(s for s in shot.solids if s.in_wearer_hand).world_from_solid
    for figure in (f for f in shot.figures if f.track_class == "hand_wearer"):
        turn, place = figure.joints_world()
        seen = np.einsum("kba,kb->ka", held[:, :3, :3], place[:, 0] - held[:, :3, 3])
        assert np.ptp(seen, axis=0).max() < 1e-4
        local = np.swapaxes(held[:, :3, :3], 1, 2) @ turn[:, 0]
        assert np.ptp(local, axis=0).max() < 1e-4
