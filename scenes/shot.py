"""Shot: everything a renderer needs, explicit, frame by frame; JSON and arrays, numpy alone.

Metres, seconds, radians, +Z up; a camera looks down its own -Z with +Y up and +X right (Blender's).
Everything that moves is keyed on one grid: key j stands at frame -1 + j / keys_per_frame, so that a frame of padding
lies at both ends and blur and flow of the first and last frame are valid. Frame f is centred on the instant f / fps.
Between keys positions and quaternions go linearly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Lens:
    """Polynomial fisheye: theta[rad] = c1*rho + c2*rho^2 + c3*rho^3 + c4*rho^4, rho in frame widths."""

    theta_coefficients: tuple[float, float, float, float]
    """(c1, c2, c3, c4)."""

    def theta(self, rho: Array) -> Array:
        """Angle from the optical axis, rad, for radii in frame widths. Any shape."""
        c1, c2, c3, c4 = self.theta_coefficients
        angle: Array = rho * (c1 + rho * (c2 + rho * (c3 + rho * c4)))
        return angle

    def rho(self, theta: Array) -> Array:
        """Radius in frame widths for angles in rad, by 12 Newton steps, clipped to rho in 0..1.5. Any shape."""
        c1, c2, c3, c4 = self.theta_coefficients
        rho = np.asarray(theta, float) / c1
        for _ in range(12):
            slope = c1 + rho * (2 * c2 + rho * (3 * c3 + rho * 4 * c4))
            rho = np.clip(rho - (self.theta(rho) - theta) / np.maximum(slope, 0.1), 0, 1.5)
        return rho

    def project(self, points_cam: Array, size_px: tuple[int, int]) -> Array:
        """Pixels (N, 2) float64, x right and y down, of points (N, 3) in camera coordinates; the first pixel's centre
        is (0.5, 0.5). Points behind the lens land far outside the frame, never inside."""
        w, h = size_px
        x, y, z = np.asarray(points_cam, float).T
        off_axis = np.hypot(x, y)
        rho = self.rho(np.arctan2(off_axis, -z))
        scale = np.divide(rho * w, off_axis, out=np.zeros_like(rho), where=off_axis > 1e-12)
        return np.stack([w / 2 + x * scale, h / 2 - y * scale], axis=1)


@dataclass(frozen=True, kw_only=True)
class Material:
    """A principled surface with procedural variation, so that nothing is flat."""

    name: str
    base_colour: tuple[float, float, float]
    """Linear RGB in 0..1."""
    roughness: float = 0.6
    """0 a mirror .. 1 chalk."""
    metallic: float = 0.0
    """0 or 1, between them for a coat of paint over metal."""
    variation: float = 0.15
    """Relative amplitude of noise on colour and roughness, 0..1."""
    variation_scale_m: float = 0.2
    """Size of the noise's largest features, m."""
    bump_m: float = 0.0
    """Height of the noise as relief, m."""
    pattern: str = "none"
    """none, tiles, bricks, planks, weave: a pattern across each face, fixed to the mesh at rest."""
    pattern_m: float = 0.3
    """Size of one element of the pattern, m."""
    emission_w_m2: float = 0.0
    """Radiant exitance of a glowing surface (lamp covers), W/m^2."""


@dataclass(frozen=True, kw_only=True)
class Solid:
    """A rigid mesh: a wall, a box, a prop in a hand."""

    name: str
    vertices_m: Array
    """(V, 3) float32 in the solid's own frame."""
    triangles: Array
    """(F, 3) int32, counter-clockwise seen from outside."""
    material: str
    """A name of Shot.materials."""
    world_from_solid: Array
    """(1, 4, 4) when it stands still, else (K, 4, 4) on the key grid; rigid transforms."""
    track: int = 0
    """Instance id in the id image, 1..65535; 0 is not tracked."""
    track_class: str = ""
    """A word of the vocabulary's track_classes; "" when not tracked."""
    in_wearer_hand: bool = False
    """The wearer's own hands hold it; truth refuses a picture without it where it must be in view."""
    smooth: bool = False
    """Smooth shading; False shows facets."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A skinned body or a part of one: a role player, or the wearer's own forearms or hands."""

    name: str
    vertices_m: Array
    """(V, 3) float32, rest pose, root at the origin."""
    triangles: Array
    """(F, 3) int32."""
    face_material: Array
    """(F,) int32 into `materials`."""
    materials: tuple[str, ...]
    """Names of Shot.materials."""
    joints_m: Array
    """(J, 3) float32 rest positions; joint 0 is the root."""
    parents: Array
    """(J,) int32, parents[0] == -1, parents[j] < j."""
    skin_joints: Array
    """(V, 4) int32 joints that move each vertex."""
    skin_weights: Array
    """(V, 4) float32, rows sum to 1."""
    rotations: Array
    """(K, J, 4) float32 unit quaternions w, x, y, z: each joint's local rotation from rest, on the key grid."""
    root_m: Array
    """(K, 3) float32 position of joint 0 in the world."""
    track: int = 0
    """Instance id, 1..65535; 0 is not tracked."""
    track_class: str = ""
    """A word of the vocabulary's track_classes; "" when not tracked."""
    role: str = ""
    """role_player, bystander, umpire ... or "wearer"."""

    def joints_world(self) -> tuple[Array, Array]:
        """(K, J, 3, 3) world rotations and (K, J, 3) world positions of the joints, float64."""
        local = matrices(np.asarray(self.rotations, float))
        turn = np.empty(local.shape)
        place = np.empty((*local.shape[:2], 3))
        rest = np.asarray(self.joints_m, float)
        for j, parent in enumerate(self.parents):
            if parent < 0:
                turn[:, j], place[:, j] = local[:, j], self.root_m
            else:
                turn[:, j] = turn[:, parent] @ local[:, j]
                place[:, j] = place[:, parent] + turn[:, parent] @ (rest[j] - rest[parent])
        return turn, place

    def posed(self, keys: slice | Array = slice(None)) -> Array:
        """World positions (K', V, 3) float32 of the vertices at the chosen keys, by linear blend skinning."""
        turn, place = (a[keys] for a in self.joints_world())
        rest = np.asarray(self.joints_m, float)
        out = np.zeros((len(turn), len(self.vertices_m), 3))
        for slot in range(self.skin_joints.shape[1]):
            j = self.skin_joints[:, slot]
            local = (self.vertices_m - rest[j]).astype(float)
            moved = np.einsum("kvab,vb->kva", turn[:, j], local) + place[:, j]
            out += self.skin_weights[:, slot, None] * moved
        return out.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Light:
    """A lamp. It shines down its own -Z."""

    name: str
    kind: str
    """area, point or sun."""
    world_from_light: Array
    """(1, 4, 4) or (K, 4, 4)."""
    power_w: float
    """Radiant power, W (sun: W/m^2)."""
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Linear RGB."""
    size_m: tuple[float, float] = (0.1, 0.1)
    """Edges of an area lamp, or (radius, radius) of a point lamp."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens and can be observed, from `onset_s` to `offset_s` of the clip."""

    type: str
    """A word of the vocabulary's events."""
    onset_s: float
    offset_s: float
    actor_role: str = ""
    """Who does it; "wearer" for the wearer."""
    track: int = 0
    """The object it is about, an instance id; 0 for none."""
    audible: bool = False
    """It makes a sound of its own."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """One cue of the sound track."""

    kind: str
    """A row of scenes.sound.KINDS."""
    t_s: float
    """When it is made, s of the clip; a distant one is heard later."""
    gain: float = 1.0
    """Factor on the level of its kind."""
    position_m: tuple[float, float, float] | None = None
    """Where it is in the world; None: on the wearer."""
    seconds: float = 0.0
    """Length of a lasting sound; 0 is a single hit."""


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How the picture is computed. The device is part of the spec, never the node's choice."""

    device: str = "CPU"
    samples: int = 8
    denoise: bool = True
    bounces: int = 4
    """Diffuse bounces; glossy ones are at least 2, transmissive ones and the total at least 4."""

    def __post_init__(self) -> None:
        if self.device not in ("CPU", "OPTIX", "CUDA", "HIP"):
            raise ValueError(f"device must be one of CPU, OPTIX, CUDA, HIP, got {self.device!r}")
        if not 1 <= self.samples <= 16384:
            raise ValueError(f"samples must be in 1..16384, got {self.samples}")
        if not 1 <= self.bounces <= 64:
            raise ValueError(f"bounces must be in 1..64, got {self.bounces}")


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Everything explicit. A stage builds exactly this and decides nothing."""

    fps: Fraction
    size_px: tuple[int, int]
    frames: int
    seed: int
    """Seed of the render's noise; the absolute frame number is added to it."""
    materials: tuple[Material, ...]
    solids: tuple[Solid, ...]
    figures: tuple[Figure, ...]
    lights: tuple[Light, ...]
    world_colour: tuple[float, float, float] = (0.05, 0.05, 0.05)
    """Linear RGB radiance of the surroundings."""
    world_from_cam: Array
    """(K, 4, 4) float64."""
    lens: Lens
    readout_s: float
    exposure_s: float
    blur: bool = True
    """True: motion blur and rolling shutter are rendered. False: sharp, all rows at the frame's instant."""
    keys_per_frame: int = 4
    quality: Quality = field(default_factory=Quality)
    events: tuple[Event, ...] = ()
    sounds: tuple[Sound, ...] = ()
    room_m: tuple[float, float, float] = (10.0, 3.0, 2.6)
    """Length, width, height of the room for reverberation."""
    plan: tuple[tuple[str, tuple[tuple[float, float], ...]], ...] = ()
    """The floor plan: (what it is: floor, wall, furniture, mark, path:NAME; polygon or polyline in metres)."""
    camera_state: Mapping[str, Any] = field(default_factory=dict)
    """What the picture already has: gait, mount, lens, shutter, blur."""

    def __post_init__(self) -> None:
        if self.frames < 1:
            raise ValueError(f"frames must be at least 1, got {self.frames}")
        names = {m.name for m in self.materials}
        used = {s.material for s in self.solids} | {m for f in self.figures for m in f.materials}
        if used - names:
            raise ValueError(f"materials must hold every name used, missing {', '.join(sorted(used - names))}")
        motions = [(s.name, s.world_from_solid) for s in self.solids]
        motions += [(light.name, light.world_from_light) for light in self.lights]
        for name, motion in motions:
            if motion.shape not in ((1, 4, 4), (self.keys, 4, 4)):
                raise ValueError(f"{name}: transforms must be (1|{self.keys}, 4, 4), got {motion.shape}")
        if self.world_from_cam.shape != (self.keys, 4, 4):
            raise ValueError(f"world_from_cam must be ({self.keys}, 4, 4), got {self.world_from_cam.shape}")
        tracks = [s.track for s in self.solids if s.track] + [f.track for f in self.figures if f.track]
        if len(tracks) != len(set(tracks)):
            raise ValueError(f"track ids must be unique, got {sorted(tracks)}")
        if not self.lights and max(self.world_colour) <= 0 and not any(m.emission_w_m2 for m in self.materials):
            raise ValueError("lights must not be empty when nothing else shines")

    @property
    def keys(self) -> int:
        """Number of keys on the grid: one frame of padding at both ends."""
        return (self.frames + 1) * self.keys_per_frame + 1

    def key_frames(self) -> Array:
        """(keys,) float64: the frame number each key stands at, from -1 to `frames`."""
        return -1 + np.arange(self.keys) / self.keys_per_frame

    def frame_key(self, frame: int) -> int:
        """The key that stands at a frame."""
        return (frame + 1) * self.keys_per_frame


def matrices(quaternions: Array) -> Array:
    """Rotation matrices (..., 3, 3) of unit quaternions (..., 4) in the order w, x, y, z."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


# --- JSON and arrays, there and back -------------------------------------------------------------------------------

_PARTS = {
    "lens": Lens,
    "materials": Material,
    "solids": Solid,
    "figures": Figure,
    "lights": Light,
    "events": Event,
    "sounds": Sound,
    "quality": Quality,
}


def save(shot: Shot, folder: Path) -> None:
    """Writes shot.npz, then shot.json, into an existing folder."""
    arrays: dict[str, Array] = {}

    def plain(value: Any, at: str) -> Any:
        if isinstance(value, np.ndarray):
            arrays[at] = value
            return {"array": at}
        if is_dataclass(value):
            return {f.name: plain(getattr(value, f.name), f"{at}.{f.name}") for f in fields(value)}
        if isinstance(value, list | tuple):
            return [plain(v, f"{at}.{i}") for i, v in enumerate(value)]
        if isinstance(value, Mapping):
            return {k: plain(v, f"{at}.{k}") for k, v in value.items()}
        return str(value) if isinstance(value, Fraction) else value

    document = plain(shot, "shot")
    np.savez(folder / "shot.npz", **arrays)
    (folder / "shot.json").write_text(json.dumps(document, sort_keys=True, indent=1), encoding="utf-8")


def load(folder: Path) -> Shot:
    """Reads what save() wrote; equal to it field by field."""
    document = json.loads((folder / "shot.json").read_text(encoding="utf-8"))
    with np.load(folder / "shot.npz", allow_pickle=False) as stored:
        arrays = {k: stored[k] for k in stored.files}

    def rich(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"array"}:
            return arrays[value["array"]]
        if isinstance(value, dict):
            return {k: rich(v) for k, v in value.items()}
        return tuple(rich(v) for v in value) if isinstance(value, list) else value

    parts = rich(document)
    for name, cls in _PARTS.items():
        made = parts[name]
        parts[name] = cls(**made) if isinstance(made, dict) else tuple(cls(**one) for one in made)
    return Shot(**{**parts, "fps": Fraction(parts["fps"])})
