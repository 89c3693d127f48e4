"""The Shot, all that a stage is told: its parts, and how it is stored. numpy alone."""

from scenes.shot.lens import Lens
from scenes.shot.parts import Event, Figure, Light, Material, Quality, Solid, Sound
from scenes.shot.shot import Shot
from scenes.shot.store import load, save
from scenes.shot.turns import Array, matrices, quaternions

__all__ = [
    "Array", "Event", "Figure", "Lens", "Light", "Material", "Quality", "Shot", "Solid", "Sound",
    "load", "matrices", "quaternions", "save",
]  # fmt: skip
