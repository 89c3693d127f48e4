"""Shape: one adult's build as numbers, and the bare points and joints that the bodies' targets make of it, at rest.

At rest a body stands on z = 0 with its pelvis above the origin, facing +X, its limbs along the skeleton's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.people.bodies import ANCESTRIES, EXTRA_PLACES, FACE_TARGETS, RIG, Bodies
from scenes.people.skeleton import JOINTS, REST_M

ADULT_YEARS = (18.0, 80.0)
"""Nobody is younger. The targets' "young" is 25, and those under it have that body too."""
ANKLE_M = 0.09
"""Height of the ankle joints above the soles, in shoes."""
SOLE_M = 0.018
"""What a shoe adds to a height."""
_ENDS = {"muscle": "muscle", "weight": "weight"}
_CURL_RAD = (0.28, 0.45, 0.35)
"""How far each joint of a finger bends in a hand at rest."""
_RIG = {name: i for i, name in enumerate(RIG)}


@dataclass(frozen=True, kw_only=True)
class Build:
    """The measures of one adult."""

    height_m: float
    """From the floor to the crown, in shoes."""
    age_years: float
    male: float
    """0 a woman's build .. 1 a man's."""
    muscle: float
    """0 none .. 0.5 average .. 1 an athlete's; as in the pack."""
    weight: float
    """0 thin .. 0.5 average .. 1 heavy."""
    proportions: float
    """0 uncommon .. 0.5 average .. 1 ideal."""
    cup: float
    """0..1, for women's builds alone."""
    ancestry: tuple[float, ...]
    """Shares of ANCESTRIES, summing to 1."""
    face: tuple[float, ...]
    """-1..1 for each row of FACE_TARGETS: towards its low or its high end."""

    def __post_init__(self) -> None:
        low, high = ADULT_YEARS
        if not low <= self.age_years <= high:
            raise ValueError(f"age_years must be an adult's, {low:g}..{high:g}, got {self.age_years:g}")
        for name in ("male", "muscle", "weight", "proportions", "cup"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in 0..1, got {getattr(self, name)}")
        if len(self.ancestry) != len(ANCESTRIES) or abs(sum(self.ancestry) - 1) > 1e-6:
            raise ValueError(f"ancestry must be {len(ANCESTRIES)} shares that sum to 1, got {self.ancestry}")
        if len(self.face) != len(FACE_TARGETS) or max(map(abs, self.face)) > 1:
            raise ValueError(f"face must be {len(FACE_TARGETS)} numbers in -1..1, got {len(self.face)}")


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """A bare body at rest, soles on z = 0."""

    points_m: Array
    """(V, 3) float64 of all the pack's vertices."""
    joints_m: Array
    """(J, 3) of the skeleton's joints."""
    places_m: dict[str, Array]
    """EXTRA_PLACES, (3,) each."""
    scale: float
    """Metres over those of an average adult of 1.75 m: sizes of hems and straps go with it."""


def shaped(bodies: Bodies, build: Build) -> Shaped:
    """The build's points, put into the rest pose and onto the floor."""
    points = bodies.points_m.astype(np.float64)
    lengths = np.zeros_like(points)
    for name, strength in macro_weights(build).items():
        if name in bodies.macro and strength > 1e-4:
            points += strength * bodies.macro_m[bodies.macro.index(name)].astype(np.float64)
    for name, strength in _stature_weights(build, points).items():
        if name in bodies.macro:
            lengths += strength * bodies.macro_m[bodies.macro.index(name)].astype(np.float64)
    for name, strength in _local_weights(build):
        span = slice(*bodies.local_start[[bodies.local.index(name), bodies.local.index(name) + 1]])
        points[bodies.local_points[span]] += strength * bodies.local_m[span].astype(np.float64)
    wanted = build.height_m - SOLE_M
    tall, grown = (np.ptp(p[bodies.quads["body"], 2]) for p in (points, points + lengths))
    share = np.clip((wanted - tall) / (grown - tall), 0, 1) if abs(grown - tall) > 1e-3 else 0.0
    return _at_rest(bodies, points + share * lengths, wanted)


def macro_weights(build: Build) -> dict[str, float]:
    """Strength of each macro target; they multiply as the pack's own file of combinations says."""
    old = np.clip((build.age_years - 25) / 65, 0, 1)
    out: dict[str, float] = {}
    for sex, of_sex in (("female", 1 - build.male), ("male", build.male)):
        for age, of_age in (("young", 1 - old), ("old", old)):
            for race, of_race in zip(ANCESTRIES, build.ancestry, strict=True):
                out[f"{race}-{sex}-{age}"] = of_sex * of_age * of_race
            for muscle, of_muscle in _thirds(build.muscle):
                for weight, of_weight in _thirds(build.weight):
                    body, strength = (
                        f"{sex}-{age}-{muscle}muscle-{weight}weight",
                        of_sex * of_age * of_muscle * of_weight,
                    )
                    out[body] = strength
                    for end, of_end in _ends("uncommonproportions", "idealproportions", build.proportions):
                        out[f"{body}-{end}"] = strength * of_end
                    for end, of_end in _ends("mincup", "maxcup", build.cup) if sex == "female" else ():
                        out[f"{body}-{end}"] = strength * of_end
    return out


def _thirds(x: float) -> list[tuple[str, float]]:
    return [("min", max(0.0, 1 - 2 * x)), ("average", 1 - abs(2 * x - 1)), ("max", max(0.0, 2 * x - 1))]


def _ends(low: str, high: str, x: float) -> list[tuple[str, float]]:
    return [(low, max(0.0, 1 - 2 * x)), (high, max(0.0, 2 * x - 1))]


def _stature_weights(build: Build, points: Array) -> dict[str, float]:
    """The height targets, all the way to the end that is wanted."""
    end = "maxheight" if build.height_m - SOLE_M > np.ptp(points[:, 2]) else "minheight"
    bodies = {n: w for n, w in macro_weights(build).items() if n.endswith("weight")}
    return {f"{name}-{end}": strength for name, strength in bodies.items() if strength > 1e-4}


def _local_weights(build: Build) -> list[tuple[str, float]]:
    out = []
    for (stem, low, high), amount in zip(FACE_TARGETS, build.face, strict=True):
        if abs(amount) > 0.02:
            out.append(((stem + (high if amount > 0 else low)).replace("*-", ""), abs(amount)))
    return out


def _at_rest(bodies: Bodies, points: Array, wanted_m: float) -> Shaped:
    """Limbs turned to the skeleton's directions, scaled to the height, soles on the floor."""
    count = len(bodies.skin_joints)
    start = points[count : count + len(RIG)]
    turn = rest_turns(start)
    place = _chained(start, turn)
    vertices = np.zeros((count, 3))
    for slot in range(4):
        j = bodies.skin_joints[:, slot]
        moved = np.einsum("vab,vb->va", turn[j], points[:count] - start[j]) + place[j]
        vertices += bodies.skin_weights[:, slot, None] * moved
    extra = {
        name: turn[j] @ (points[count + len(RIG) + i] - start[j]) + place[j]
        for i, name in enumerate(EXTRA_PLACES)
        for j in [_rig_joint_of(name)]
    }
    body = vertices[np.unique(bodies.quads["body"])]
    scale = wanted_m / np.ptp(body[:, 2])
    under = np.array([place[0, 0], 0.0, body[:, 2].min()])
    joints = (place[: len(JOINTS)] - under) * scale
    joints[:, 2] += SOLE_M
    vertices = (vertices - under) * scale + (0, 0, SOLE_M)
    for side in "lr":  # every ankle 9 cm above the floor, along the shin: feet are planted by it
        ankle, knee = joints[JOINTS[f"ankle_{side}"]], joints[JOINTS[f"knee_{side}"]]
        joints[JOINTS[f"ankle_{side}"]] = knee + (ankle - knee) * (knee[2] - ANKLE_M) / (knee[2] - ankle[2])
    places = {name: (p - under) * scale + (0, 0, SOLE_M) for name, p in extra.items()}
    return Shaped(points_m=vertices, joints_m=joints, places_m=places, scale=wanted_m / (1.75 - SOLE_M))


def _rig_joint_of(place: str) -> int:
    if "finger" in place:
        side, _, number, _ = place.split("-")
        return _RIG[f"finger{number}-3_{side}"]
    if "hand" in place:
        return _RIG[f"wrist_{place[0]}"]
    return 0 if place == "ground" else _RIG["head"]


def rest_turns(start: Array) -> Array:
    """(R, 3, 3) world turns of RIG's joints that bring the pack's stance to the skeleton's."""
    turn = np.tile(np.eye(3), (len(_RIG), 1, 1))

    def bone(a: str, b: str) -> Array:
        along: Array = start[_RIG[b]] - start[_RIG[a]]
        return along

    for side, sign in (("l", 1.0), ("r", -1.0)):
        before = np.eye(3)
        for a, b in (("shoulder", "elbow"), ("elbow", "wrist")):
            wanted = _rest(b, side) - _rest(a, side)
            before = _arc(before @ bone(f"{a}_{side}", f"{b}_{side}"), wanted) @ before
            turn[_RIG[f"{a}_{side}"]] = before
        for a, b in (("hip", "knee"), ("knee", "ankle")):
            turn[_RIG[f"{a}_{side}"]] = _arc(bone(f"{a}_{side}", f"{b}_{side}"), _rest(b, side) - _rest(a, side))
        foot, wanted = bone(f"ankle_{side}", f"toe_{side}"), _rest("toe", side) - _rest("ankle", side)
        flat = np.array([1.0, 1.0, 0.0])
        turn[_RIG[f"ankle_{side}"]] = turn[_RIG[f"toe_{side}"]] = _arc(foot * flat, wanted * flat)
        _hand(turn, start, side, sign)
    return turn


def _hand(turn: Array, start: Array, side: str, sign: float) -> None:
    """The hand at rest: fingers down and a little bent, palm to the thigh, thumb ahead and inward."""
    wrist = start[_RIG[f"wrist_{side}"]]
    fingers = start[_RIG[f"finger3-1_{side}"]] - wrist
    across = start[_RIG[f"finger2-1_{side}"]] - start[_RIG[f"finger5-1_{side}"]]
    down = _rest("wrist", side) - _rest("elbow", side)
    down = down / np.linalg.norm(down) + np.array([0.10, 0, 0])
    ahead = np.array([np.cos(0.5), -sign * np.sin(0.5), 0.0])
    hand = _axes(down, ahead) @ _axes(fingers, across).T
    fore = turn[_RIG[f"elbow_{side}"]]
    turn[_RIG[f"wrist_{side}"]] = hand
    turn[_RIG[f"twist_{side}"]] = _half_twist(fore, hand, down / np.linalg.norm(down))
    along, axis, palm = _axes(down, ahead).T

    def spread(finger: int) -> float:
        first, second = (start[_RIG[f"finger{finger}-{k}_{side}"]] for k in (1, 2))
        points = hand @ (second - first)
        return float(np.arctan2(points @ axis, points @ along))

    for finger in range(1, 6):
        bent = 0.0
        closed = _about(palm, -(0.5 if finger == 1 else 0.75) * (spread(finger) - spread(3))) @ hand
        for segment, angle in enumerate(_CURL_RAD, start=1):
            bent += angle * (0.35 if finger == 1 else 0.8 + 0.1 * finger)
            turn[_RIG[f"finger{finger}-{segment}_{side}"]] = _about(axis, -sign * bent) @ closed


def _half_twist(fore: Array, hand: Array, axis: Array) -> Array:
    """Half the hand's roll about the forearm, given to the forearm's lower part."""
    relative = hand @ fore.T
    angle = np.arctan2((relative[2, 1] - relative[1, 2]) * axis[0] + (relative[0, 2] - relative[2, 0]) * axis[1]
                       + (relative[1, 0] - relative[0, 1]) * axis[2], np.trace(relative) - 1)  # fmt: skip
    return _about(axis, float(angle) / 2) @ fore


def _chained(start: Array, turn: Array) -> Array:
    """(R, 3) places of RIG's joints once they are turned."""
    parent = {name: _parent(name) for name in _RIG}
    place = start.copy()
    for name, i in _RIG.items():
        p = parent[name]
        if p:
            j = _RIG[p]
            place[i] = place[j] + turn[j] @ (start[i] - start[j])
    return place


def _parent(name: str) -> str:
    stem, _, side = name.partition("_")
    if stem.startswith("finger"):
        segment = int(stem[-1])
        return f"{stem[:-1]}{segment - 1}_{side}" if segment > 1 else f"wrist_{side}"
    chain = {"spine": "pelvis", "chest": "spine", "neck": "chest", "head": "neck", "shoulder": "chest",
             "elbow": "shoulder", "wrist": "elbow", "hip": "pelvis", "knee": "hip", "ankle": "knee", "toe": "ankle",
             "twist": "elbow"}  # fmt: skip
    above = chain.get(stem, "")
    return f"{above}_{side}" if side and above not in ("chest", "pelvis") else above


def _rest(joint: str, side: str) -> Array:
    place: Array = REST_M[JOINTS[f"{joint}_{side}"]]
    return place


def _arc(a: Array, b: Array) -> Array:
    """The shortest turn from one direction to another."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    v, c = np.cross(a, b), float(a @ b)
    k = np.array([[0, -v[2], v[1]], [v[2], 0, -v[0]], [-v[1], v[0], 0]])
    turn: Array = np.eye(3) + k + k @ k / (1 + c)
    return turn


def _about(axis: Array, angle: float) -> Array:
    """A turn about a unit axis."""
    x, y, z = axis
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: Array = np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * k @ k
    return turn


def _axes(first: Array, near: Array) -> Array:
    """(3, 3) columns: a direction, the part of another across it, and their cross product."""
    x = first / np.linalg.norm(first)
    y = near - (near @ x) * x
    y = y / np.linalg.norm(y)
    return np.stack([x, y, np.cross(x, y)], axis=1)
