"""Laws of retargeting: limbs point where the clip's limbs point, on our joints, once; and what cannot be read says so."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from scenes.lanes import lane
from scenes.mesh import Array
from scenes.motion.acting import Act, Actor, posed
from scenes.motion.arms import drawn_manner
from scenes.motion.clipfiles import read
from scenes.motion.library import MOTIONS, offered
from scenes.motion.limbs import SIDES, Build
from scenes.motion.playing import repeats, stays
from scenes.motion.retarget import ClipError, Retargeted, _ours_from_file, clips, converted, matched, retargeted
from scenes.motion.steps import Stand
from scenes.motion.turns import unit
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import matrices
from tests.needs import need_mesh2motion
from tests.scenes.test_motions import seen, slid, soles

CLIPS = (("human-base-animations.glb", "Walk_Loop"), ("human-base-animations.glb", "Crouch_Idle_Loop"),
         ("human-base-animations.glb", "Sitting_Talking_Loop"), ("human-addon-animations.glb", "Greeting"),
         ("human-addon-animations.glb", "Crawl"))  # fmt: skip
LIMBS = [(f"{a}_{s}", f"{b}_{s}") for s in SIDES for a, b in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"),
                                                            ("knee", "ankle"))]  # fmt: skip

# A CMU-like hierarchy: name, depth, offset (Y up, facing +Z), in no particular unit.
CMU = (("Hips", 0, (0, 18, 0)), ("LHipJoint", 1, (0, 0, 0)), ("LeftUpLeg", 2, (1.8, 0, 0)), ("LeftLeg", 3, (0, -8, 0)),
       ("LeftFoot", 4, (0, -8, 0)), ("LeftToeBase", 5, (0, -1.4, 2.6)), ("RHipJoint", 1, (0, 0, 0)),
       ("RightUpLeg", 2, (-1.8, 0, 0)), ("RightLeg", 3, (0, -8, 0)), ("RightFoot", 4, (0, -8, 0)),
       ("RightToeBase", 5, (0, -1.4, 2.6)), ("LowerBack", 1, (0, 2, 0)), ("Spine", 2, (0, 2, 0)), ("Spine1", 3, (0, 2, 0)),
       ("Neck", 4, (0, 4, 0)), ("Neck1", 5, (0, 1, 0)), ("Head", 6, (0, 1, 0)), ("LeftShoulder", 4, (0, 3, 0)),
       ("LeftArm", 5, (3.3, 0, 0)), ("LeftForeArm", 6, (5, 0, 0)), ("LeftHand", 7, (4.6, 0, 0)),
       ("RightShoulder", 4, (0, 3, 0)), ("RightArm", 5, (-3.3, 0, 0)), ("RightForeArm", 6, (-5, 0, 0)),
       ("RightHand", 7, (-4.6, 0, 0)))  # fmt: skip


def bvh(path: Path, turns: dict[str, tuple[float, float, float]], *, rename: dict[str, str] | None = None,
        frames: int = 20) -> Path:  # fmt: skip
    """A file in which bones stand turned by (Z, Y, X) degrees from the first frame on."""
    lines, rows = ["HIERARCHY"], []
    for i, (name, depth, offset) in enumerate(CMU):
        moves = "6 Xposition Yposition Zposition" if depth == 0 else "3"
        lines += [f"{'ROOT' if depth == 0 else 'JOINT'} {(rename or {}).get(name, name)}", "{",
                  f"OFFSET {offset[0]} {offset[1]} {offset[2]}", f"CHANNELS {moves} Zrotation Yrotation Xrotation"]  # fmt: skip
        rows += ([0, 18, 0] if depth == 0 else []) + list(turns.get(name, (0, 0, 0)))
        after = CMU[i + 1][1] if i + 1 < len(CMU) else 0
        if after <= depth:
            lines += ["End Site", "{", "OFFSET 0 1 0", "}"]
        lines += ["}"] * (depth - after + 1 if i + 1 < len(CMU) else depth + 1)
    text = "\n".join([*lines, "MOTION", f"Frames: {frames}", "Frame Time: 0.0333333"])
    path.write_text(text + ("\n" + " ".join(map(str, rows))) * frames + "\n", encoding="utf-8")
    return path


def placed(clip: Retargeted) -> Array:
    """(T, J, 3) joints of a body of 1.75 m, its pelvis at the origin."""
    build, local = Build.of_stature(1.75), matrices(clip.rotations.astype(float))
    turn, place = local.copy(), np.zeros((*local.shape[:2], 3))
    for j, parent in list(enumerate(PARENTS))[1:]:
        turn[:, j] = turn[:, parent] @ local[:, j]
        place[:, j] = place[:, parent] + turn[:, parent] @ (build.joints_m[j] - build.joints_m[parent])
    return place


@pytest.mark.parametrize(("file", "clip"), CLIPS)
def test_limbs_point_as_the_clip_has_them(file: str, clip: str) -> None:
    path = need_mesh2motion() / file
    bones, made = read(path, clip), retargeted(path, clip)
    where = matched(bones.names)
    theirs, ours = bones.turned(_ours_from_file(bones, where)).place_m, placed(made)
    for a, b in LIMBS:
        one = unit(ours[:, JOINTS[b]] - ours[:, JOINTS[a]])
        other = unit(theirs[:, where[b]] - theirs[:, where[a]])
        assert (one * other).sum(axis=1).min() > np.cos(np.radians(3)), (a, b)


def test_a_walk_on_the_spot_gets_its_way() -> None:
    """Mesh2Motion's walk goes about 1.2 m/s at 0.82 m of leg, and stands on one foot or the other all the time."""
    clip = retargeted(need_mesh2motion() / "human-base-animations.glb", "Walk_Loop")
    assert 0.8 < clip.travel_legs / clip.seconds < 2.0
    assert clip.hips_legs[-1, 0] > 5 * abs(clip.hips_legs[-1, 1])
    assert clip.contacts.any(axis=1).mean() > 0.75
    assert not stays(clip)
    with pytest.raises(ValueError, match="use a clip on the spot"):
        Act(at_s=0, motion="Walk_Loop", clip=clip)


@pytest.mark.parametrize("stature_m", [1.5, 2.0])
@pytest.mark.parametrize("clip", ["Idle_Talking_Loop", "Crouch_Idle_Loop", "Idle_Loop"])
def test_a_clip_is_acted_without_sliding(clip: str, stature_m: float) -> None:
    made = retargeted(need_mesh2motion() / "human-base-animations.glb", clip)
    assert repeats(made)
    actor = Actor(
        first=Stand(xy_m=(1.0, 2.0), heading_rad=1.0), acts=(Act(at_s=0.5, motion=clip, seconds=4.0, clip=made),)
    )
    *_, turn, place, build = seen(actor, stature_m, end_s=7.0)
    feet = soles(turn, place, build)
    assert slid(feet, feet[..., 2] < 0.01) < 0.03
    assert feet[..., 2].min() > -0.02
    alone = posed(Actor(first=actor.first), np.arange(0, 7, 1 / 30), build, drawn_manner(lane(3, "manner")))[0]
    changed = np.abs(seen(actor, stature_m, end_s=7.0)[1] - alone).max(axis=(1, 2))
    assert changed[0] < 1e-6
    assert changed[60:120].min() > 0.05
    assert changed[-1] < 1e-6


def test_the_arrays_of_a_pack_are_made_once_and_offered(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    bvh(tmp_path / "pack" / "bow.bvh", {"Spine": (0, 0, 30)})
    items = [
        {"name": "bow", "kind": "motion", "files": ["bow.bvh"]},
        {"name": "sky", "kind": "hdri", "files": ["s.hdr"]},
    ]
    (tmp_path / "pack" / "pack.json").write_text(json.dumps({"items": items}), encoding="utf-8")
    for out in ("one", "two"):
        converted(tmp_path / "pack", tmp_path / out)
    assert [p.name for p in (tmp_path / "one").iterdir()] == ["bow.npz"]
    assert (tmp_path / "one" / "bow.npz").read_bytes() == (tmp_path / "two" / "bow.npz").read_bytes()
    library = offered(tmp_path / "one")
    assert set(library) == {*MOTIONS, "bow"}
    bow = library["bow"]
    assert isinstance(bow, Retargeted)
    assert stays(bow)


def test_bvh_arms_that_hang_hang_and_a_trunk_that_bends_bends(tmp_path: Path) -> None:
    path = bvh(tmp_path / "down.bvh", {"LeftArm": (-90, 0, 0), "RightArm": (90, 0, 0), "LowerBack": (0, 0, 40)})
    assert clips(path) == ("down",)
    made = placed(retargeted(path, "down"))[0]
    spine = unit(made[JOINTS["neck"]] - made[JOINTS["spine"]])
    assert spine[0] == pytest.approx(np.sin(np.radians(40)), abs=0.05)
    for side in SIDES:
        arm = unit(made[JOINTS[f"wrist_{side}"]] - made[JOINTS[f"shoulder_{side}"]])
        assert arm @ -spine > 0.99
    assert np.abs(made[JOINTS["ankle_l"], :2] - made[JOINTS["hip_l"], :2]).max() < 0.03


@pytest.mark.parametrize(
    "name", ["Death01", "Hit_Chest", "Pistol_Aim_Down", "swordIdle", "Fighting Left Jab", "injured walk"]
)
def test_clips_named_for_injury_or_death_are_refused(name: str, tmp_path: Path) -> None:
    path = bvh(tmp_path / f"{name}.bvh", {})
    with pytest.raises(ClipError, match="nothing of that kind is used") as caught:
        retargeted(path, name)
    assert "\n" not in str(caught.value)


def glb(document: dict[str, object]) -> bytes:
    """The bytes of a GLB without a buffer."""
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sII", b"glTF", 2, 20 + len(text)) + struct.pack("<I4s", len(text), b"JSON") + text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.fbx", b"Kaydara FBX", "export it as glTF"),
        ("a.glb", b"glTF\x02\x00\x00\x00", "no whole glTF"),
        ("a.gltf", b"{]", "no whole glTF"),
        ("a.gltf", b'{"buffers": [{"uri": "../../secret.bin"}]}', "must lie beside the file"),
        ("a.glb", glb({"animations": [{"name": "other"}]}), "clip must be one of other, got 'a'"),
        ("a.glb", glb({"animations": [{"name": "a", "channels": [], "samplers": []}], "nodes": []}), "needs a skin"),
        ("a.bvh", b"HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0", "no whole BVH"),
        ("a.bvh", b"HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nWINGS 3", "'WINGS' stands where a joint should"),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_say_so_in_one_line(name: str, content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClipError, match=says) as caught:
        retargeted(tmp_path / name, "a")
    assert "\n" not in str(caught.value)


def test_a_skeleton_with_unknown_bones_is_refused_by_the_bone_s_name(tmp_path: Path) -> None:
    path = bvh(tmp_path / "a.bvh", {}, rename={"LeftLeg": "Tentacle7"})
    with pytest.raises(ClipError, match="no bone for knee_l; bone 'Tentacle7' is unknown: rename it") as caught:
        retargeted(path, "a")
    assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    path = bvh(tmp_path / "a.bvh", {"LeftArm": (float("nan"), 0, 0)})
    with pytest.raises(ClipError, match="not finite"):
        retargeted(path, "a")
