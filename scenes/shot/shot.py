"""Shot: everything a renderer needs, explicit, frame by frame; JSON and arrays, numpy alone.

Metres, seconds, radians, +Z up; a camera looks down its own -Z with +Y up and +X right (Blender's).
Everything that moves is keyed on one grid: key j stands at frame -1 + j / keys_per_frame, so that a frame of padding
lies at both ends and blur and flow of the first and last frame are valid. Frame f is centred on the instant f / fps.
Between keys positions and quaternions go linearly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from scenes.shot.lens import Lens
from scenes.shot.parts import Event, Figure, Light, Material, Quality, Solid, Sound
from scenes.shot.turns import Array


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
    assets: tuple[str, ...] = ()
    """Third-party items in it, "pack/item" (scenes.assets)."""
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
