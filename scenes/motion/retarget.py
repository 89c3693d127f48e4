"""Retargeting: a clip of some other skeleton becomes turns of our joints, once, when its pack is installed.

A bone's turn from its own rest, in the world, is laid on our joint's rest after that was brought to lie along the same
limb. What depends on size is kept in leg lengths, so that one array serves every body.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenes.mesh import Array
from scenes.motion.clipfiles import RATE_HZ, Bones, ClipError, clips, read
from scenes.motion.limbs import SIDES, Build
from scenes.motion.turns import about, transposed, unit
from scenes.people.skeleton import JOINTS, PARENTS
from scenes.shot import quaternions

__all__ = ["ClipError", "Retargeted", "clips", "converted", "load", "retargeted"]

VERSION = 1
"""Of what converted() writes."""

REFUSED_WORDS = (
    "attack", "blood", "corpse", "dead", "death", "die", "died", "dying", "execution", "fall", "fight", "fighting",
    "gun", "headshot", "hit", "hostage", "hurt", "injured", "injury", "jab", "kick", "kill", "killed", "knife",
    "limp", "melee", "pistol", "punch", "reload", "rifle", "shoot", "shooting", "shot", "slash", "stab", "suicide",
    "sword", "victim", "weapon", "wound", "wounded",
)  # fmt: skip
"""Clips with such a word in their names are not offered: nobody is hurt in what we make."""

# Ours -> what others call it, lower case without prefix and with _ for dots: Mixamo and CMU, Rigify, Unreal.
TRUNK: dict[str, tuple[str, ...]] = {
    "pelvis": ("hips", "hip", "pelvis"),
    "spine": ("lowerback", "spine_001", "spine_01", "spine"),
    "chest": ("spine_003", "spine_03", "spine2", "spine1", "chest"),
    "neck": ("neck1", "neck_01", "neck"),
    "head": ("head",),
}
LIMBS: dict[str, tuple[str, ...]] = {
    "shoulder": ("{side}arm", "{side}upperarm", "upper_arm_{s}", "upperarm_{s}", "{side}shoulder_joint"),
    "elbow": ("{side}forearm", "{side}lowerarm", "forearm_{s}", "lowerarm_{s}"),
    "wrist": ("{side}hand", "hand_{s}"),
    "hip": ("{side}upleg", "{side}thigh", "thigh_{s}"),
    "knee": ("{side}leg", "{side}shin", "shin_{s}", "calf_{s}"),
    "ankle": ("{side}foot", "foot_{s}"),
    "toe": ("{side}toebase", "{side}toe", "toe_{s}", "ball_{s}"),
}
ALONG = {"shoulder": "elbow", "elbow": "wrist", "hip": "knee", "knee": "ankle"}
"""Limbs whose directions are brought to lie along each other at rest."""
KNOWN = re.compile(r"(left|right|[lr])?_?(hip_?joint|shoulder|clavicle|collar|finger|thumb|index|middle|ring|pinky|"
                   r"eye|jaw|root|armature|hand|toe|neck|spine|heel|palm|end|f_|leaf)|.*(_end|_leaf|nub)$")  # fmt: skip
"""Bones that we have no joint for and that are no surprise."""


@dataclass(frozen=True, kw_only=True)
class Retargeted:
    """A clip on our joints, T instants at RATE_HZ."""

    rotations: Array
    """(T, J, 4) float32 local turns w, x, y, z."""
    hips_legs: Array
    """(T, 3) float32: the middle between the hips, in leg lengths, from where it is over the floor at the start."""
    contacts: Array
    """(T, 2) bool: the left and the right foot are set down."""

    @property
    def seconds(self) -> float:
        """From the first to the last instant."""
        return (len(self.rotations) - 1) / RATE_HZ

    @property
    def travel_legs(self) -> float:
        """The farthest it gets from its start, in leg lengths."""
        return float(np.hypot(*self.hips_legs[:, :2].T).max())

    def save(self, path: Path) -> None:
        """As .npz, the same bytes every time."""
        np.savez(path, rotations=self.rotations, hips_legs=self.hips_legs, contacts=self.contacts)


def load(path: Path) -> Retargeted:
    """What save() wrote."""
    with np.load(path) as arrays:
        return Retargeted(**{name: arrays[name] for name in ("rotations", "hips_legs", "contacts")})


def refused_word(clip: str) -> str | None:
    """The first of REFUSED_WORDS that stands in a clip's name: Hit_Chest, swordIdle, Death01."""
    words = re.findall(r"[a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", clip).lower())
    return next((word for word in words if word in REFUSED_WORDS), None)


def retargeted(path: Path, clip: str) -> Retargeted:
    """One clip of a file on our joints. ClipError says in one line what is wrong and what to do."""
    refused = refused_word(clip)
    if refused:
        raise ClipError(
            f"{path.name}: clip {clip!r} holds the word {refused!r}, nothing of that kind is used: leave it out"
        )
    bones = read(path, clip)
    try:
        where = matched(bones.names)
    except ClipError as error:
        raise ClipError(f"{path.name}: {error}") from error
    bones = bones.turned(_ours_from_file(bones, where))
    turns = _world_turns(bones, where)
    local = np.empty_like(turns)
    for j, parent in enumerate(PARENTS):
        local[:, j] = turns[:, j] if parent < 0 else transposed(turns[:, parent]) @ turns[:, j]
    hips, contacts = _hips(bones, where)
    return Retargeted(rotations=quaternions(local).astype(np.float32), hips_legs=hips.astype(np.float32),
                      contacts=contacts)  # fmt: skip


def converted(pack: Path, out: Path) -> None:
    """The arrays of every motion of a pack's pack.json, one .npz per item: what installing it calls."""
    out.mkdir(parents=True, exist_ok=True)
    for item in json.loads((pack / "pack.json").read_text(encoding="utf-8"))["items"]:
        if item["kind"] != "motion":
            continue
        path = pack / item["files"][0]
        names = [item["part"]] if item.get("part") else [n for n in clips(path) if refused_word(n) is None][:1]
        if not names:
            raise ClipError(f"{path.name}: no clip of it can be used: name one as part")
        retargeted(path, names[0]).save(out / f"{item['name']}.npz")


def matched(names: tuple[str, ...]) -> dict[str, int]:
    """Our joint -> number of the bone. ClipError names what is missing, and a bone that nobody knows."""
    plain = [re.sub(r"^(.*:|def-|bip01[_ ]?|rig_)", "", n.lower()).replace(".", "_").replace(" ", "_") for n in names]
    where: dict[str, int] = {}
    wanted = dict(TRUNK)
    for side, word in (("l", "left"), ("r", "right")):
        wanted |= {f"{j}_{side}": tuple(n.format(side=word, s=side) for n in all_) for j, all_ in LIMBS.items()}
    for joint, known in wanted.items():
        found = next((plain.index(n) for n in known if n in plain), None)
        if found is None:
            all_known = {n for words in wanted.values() for n in words}
            strange = [n for n, p in zip(names, plain, strict=True) if p not in all_known and not KNOWN.match(p)]
            of = f"; bone {strange[0]!r} is unknown" if strange else ""
            raise ClipError(f"the skeleton has no bone for {joint}{of}: rename it to one of {', '.join(known)}")
        where[joint] = found
    return where


def _ours_from_file(bones: Bones, where: dict[str, int]) -> Array:
    """(3, 3): up is where the head is over the hips at rest, ahead is across the line of the hips."""
    up = np.zeros(3)
    trunk = bones.rest_m[where["head"]] - bones.rest_m[where["pelvis"]]
    axis = int(np.abs(trunk).argmax())
    up[axis] = np.sign(trunk[axis])
    left = bones.rest_m[where["hip_l"]] - bones.rest_m[where["hip_r"]]
    left = unit(left - (left @ up) * up)
    return np.stack([np.cross(left, up), left, up])


def _world_turns(bones: Bones, where: dict[str, int]) -> Array:
    """(T, J, 3, 3) of our joints."""
    build = Build.of_stature(1.75)
    made = np.empty((len(bones.turn), len(PARENTS), 3, 3))
    aligned: dict[str, Array] = {}
    for name, j in JOINTS.items():
        bone, (kind, _, side) = where[name], name.partition("_")
        turn = np.eye(3)
        if kind in ALONG:
            there = bones.rest_m[where[f"{ALONG[kind]}_{side}"]] - bones.rest_m[bone]
            turn = _shortest(build.at(f"{ALONG[kind]}_{side}") - build.at(name), there)
        elif kind == "wrist":
            turn = aligned[f"elbow_{side}"]
        aligned[name] = turn
        made[:, j] = bones.turn[:, bone] @ bones.rest_turn[bone].T @ turn
    return made


def _shortest(one: Array, other: Array) -> Array:
    """(3, 3) the least turn that takes one direction to another."""
    a, b = unit(one), unit(other)
    v, c = np.cross(a, b), float(a @ b)
    if c < -0.9999:
        return about(0, np.pi)
    cross = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    turn: Array = np.eye(3) + cross + cross @ cross / (1 + c)
    return turn


DOWN_LEGS, STILL_LEGS_PER_S = 0.06, 0.35
"""How near to the floor, and how slow, a foot is that stands."""


def _hips(bones: Bones, where: dict[str, int]) -> tuple[Array, Array]:
    """(T, 3) of the middle between the hips in leg lengths, and (T, 2) contacts of the feet.

    A walk on the spot, as games have them, gets the way that its standing feet go back.
    """
    at = {n: bones.place_m[:, i] for n, i in where.items()}
    rest = {n: bones.rest_m[i] for n, i in where.items()}
    leg = float(np.linalg.norm(rest["knee_l"] - rest["hip_l"]) + np.linalg.norm(rest["ankle_l"] - rest["knee_l"]))
    build = Build.of_stature(1.75)
    ours = build.thigh_m + build.shin_m
    hips = (at["hip_l"] + at["hip_r"]) / 2 / leg
    feet = np.stack([(at[f"ankle_{s}"] + at[f"toe_{s}"]) / 2 for s in SIDES], axis=1) / leg
    ankles = np.stack([at[f"ankle_{s}"] for s in SIDES], axis=1) / leg
    ankle_rest = build.ankle_height_m(0) / ours
    hips[:, 2] -= ankles[..., 2].min() - ankle_rest  # the lowest ankle is one that stands
    low = feet[..., 2] < feet[..., 2].min(axis=0).max() + DOWN_LEGS
    step = np.diff(feet, axis=0, prepend=feet[:1]) * RATE_HZ
    step[0] = step[1] if len(step) > 1 else 0
    pace = np.where(low[..., None], step, np.nan)[..., :2]
    lower = feet[..., 2].argmin(axis=1)
    back = np.take_along_axis(step[..., :2], lower[:, None, None], axis=1)[:, 0]
    stays = np.hypot(*(hips[-1] - hips[0])[:2]) < 0.25
    slides = stays and np.hypot(*np.nanmean(pace.reshape(-1, 2), axis=0)) > STILL_LEGS_PER_S if low.any() else False
    if slides:
        kernel = np.ones(5) / 5
        back = np.stack([np.convolve(np.pad(c, 2, mode="edge"), kernel, mode="valid") for c in back.T], axis=1)
        way = np.cumsum(-back / RATE_HZ, axis=0)
        hips[:, :2] += way - way[0]
        step[..., :2] -= back[:, None]
    contacts = low & (np.hypot(step[..., 0], step[..., 1]) < STILL_LEGS_PER_S)
    hips[:, :2] -= hips[0, :2]
    return hips, contacts
