"""Parts: what a Shot is made of: surfaces, meshes, bodies, lamps, events, sounds, and the picture's quality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.shot.turns import Array, matrices


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
    """none; tiles, bricks, planks, weave: across each face, fixed to the mesh at rest; creases: cloth that has lain and
    been sat in, through space."""
    pattern_m: float = 0.3
    """Size of one element of the pattern, m."""
    emission_w_m2: float = 0.0
    """Radiant exitance of a glowing surface (lamp covers), W/m^2."""
    subsurface: float = 0.0
    """Share of light that comes out again beside where it went in (skin), 0..1; red goes farthest."""
    sheen: float = 0.0
    """Light that stands out along the edges of fibres (wool, fleece), 0..1."""
    coat: float = 0.0
    """A clear wet film over it (eyes, lacquer), 0..1."""
    stretch: float = 1.0
    """How much longer than wide the noise is, along the mesh's own height at rest: strands of hair, hanging cloth."""
    tinted: bool = False
    """Its colour is multiplied by the mesh's own: only figures with a tint."""


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
    in_camera: bool = True
    """False: the camera looks through it; its shadow and its reflection are there. It has no track."""
    tint: Array | None = None
    """(V, 3) float32 factors on the colour of the materials that are tinted; None: no vertex has its own."""

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
