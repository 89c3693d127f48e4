"""Surfaces: a Material's numbers as a node tree, a principled surface with noise, pattern and relief."""

from __future__ import annotations

import math
from typing import Any

import bpy

from scenes.shot import Material

REST = "rest_m"
"""Mesh attribute: position at rest, m. Object coordinates would swim over a figure that bends."""
SHEET = "sheet_m"
"""Mesh attribute per face corner: the two coordinates across the face's main axis, m, for patterns."""
TINT = "tint"
"""Mesh attribute per point: factors on the colour, where the figure has them."""

BRICKS = {"tiles": (1.0, 1.0, 0.0), "bricks": (1.0, 0.33, 0.5), "planks": (8.0, 1.0, 0.37)}
"""pattern: (width, height) of one element over pattern_m, and how far each row is shifted, in elements."""
SUBSURFACE_M = 0.006
"""How far red light wanders under skin, m (blue a fifth of it)."""
JOINT = 0.035
"""Width of a joint over pattern_m."""


def surface(material: Material) -> bpy.types.Material:
    """The material in Blender, by its name."""
    made = bpy.data.materials.new(material.name)
    made.use_nodes = True
    tree = made.node_tree
    shader = tree.nodes["Principled BSDF"]
    mottled = _noise(tree, material)
    height: Any = mottled
    shade = _range(tree, mottled, 1 - material.variation, 1 + material.variation)
    if material.pattern != "none":
        raised = _pattern(tree, material)
        creased = material.pattern == "creases"
        shade = _math(tree, "MULTIPLY", shade, _range(tree, raised, 0.8 if creased else 0.4, 1.0))
        height = _math(tree, "ADD", _math(tree, "MULTIPLY", mottled, 0.08 if creased else 0.4), raised)
    tint = tree.nodes.new("ShaderNodeVectorMath")
    tint.operation = "SCALE"
    tint.inputs[0].default_value = material.base_colour
    tree.links.new(shade, tint.inputs["Scale"])
    colour: Any = tint.outputs[0]
    if material.tinted:
        own = tree.nodes.new("ShaderNodeVectorMath")
        own.operation = "MULTIPLY"
        tree.links.new(colour, own.inputs[0])
        tree.links.new(_attribute(tree, TINT), own.inputs[1])
        colour = own.outputs[0]
    tree.links.new(colour, shader.inputs["Base Color"])
    rough = _range(tree, mottled, *(_unit(material.roughness * (1 + s * material.variation)) for s in (-1, 1)))
    tree.links.new(rough, shader.inputs["Roughness"])
    shader.inputs["Metallic"].default_value = material.metallic
    _soft(shader, material)
    if material.bump_m:
        bump = tree.nodes.new("ShaderNodeBump")
        bump.inputs["Distance"].default_value = material.bump_m
        tree.links.new(height, bump.inputs["Height"])
        tree.links.new(bump.outputs["Normal"], shader.inputs["Normal"])
    if material.emission_w_m2:
        shader.inputs["Emission Color"].default_value = (*material.base_colour, 1.0)
        shader.inputs["Emission Strength"].default_value = material.emission_w_m2 / math.pi
    return made


def _soft(shader: Any, material: Material) -> None:
    """Skin, fibres and wet films."""
    if material.subsurface:
        shader.inputs["Subsurface Weight"].default_value = material.subsurface
        shader.inputs["Subsurface Radius"].default_value = (1.0, 0.35, 0.2)
        shader.inputs["Subsurface Scale"].default_value = SUBSURFACE_M
    if material.sheen:
        shader.inputs["Sheen Weight"].default_value = material.sheen
        shader.inputs["Sheen Roughness"].default_value = 0.4
    if material.coat:
        shader.inputs["Coat Weight"].default_value = material.coat
        shader.inputs["Coat Roughness"].default_value = 0.03


def _noise(tree: Any, material: Material) -> Any:
    """Fractal noise, mean near 0.5."""
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = 1 / material.variation_scale_m
    noise.inputs["Detail"].default_value = 4.0
    tree.links.new(_stretched(tree, material), noise.inputs["Vector"])
    return noise.outputs["Fac"]


def _stretched(tree: Any, material: Material) -> Any:
    """The place at rest, its height shrunk so that what is drawn on it is long."""
    place: Any = _attribute(tree, REST)
    if material.stretch == 1.0:
        return place
    squeezed = tree.nodes.new("ShaderNodeVectorMath")
    squeezed.operation = "MULTIPLY"
    squeezed.inputs[1].default_value = (1.0, 1.0, 1 / material.stretch)
    tree.links.new(place, squeezed.inputs[0])
    return squeezed.outputs[0]


def _pattern(tree: Any, material: Material) -> Any:
    """1 on an element, 0 in a joint; between them for woven threads."""
    if material.pattern == "weave":
        return _weave(tree, material)
    if material.pattern == "creases":
        return _creases(tree, material)
    if material.pattern not in BRICKS:
        raise ValueError(f"pattern must be one of none, weave, creases, {', '.join(BRICKS)}, got {material.pattern!r}")
    wide, high, shifted = BRICKS[material.pattern]
    brick = tree.nodes.new("ShaderNodeTexBrick")
    brick.offset, brick.squash = shifted, 1.0
    brick.inputs["Scale"].default_value = 1.0
    brick.inputs["Brick Width"].default_value = wide * material.pattern_m
    brick.inputs["Row Height"].default_value = high * material.pattern_m
    brick.inputs["Mortar Size"].default_value = JOINT * material.pattern_m
    brick.inputs["Mortar Smooth"].default_value = 0.2
    for name, value in (("Color1", 1.0), ("Color2", 0.65), ("Mortar", 0.0)):
        brick.inputs[name].default_value = (value, value, value, 1.0)
    tree.links.new(_attribute(tree, SHEET), brick.inputs["Vector"])
    return brick.outputs["Color"]


def _creases(tree: Any, material: Material) -> Any:
    """Ridges that run across each other, sharp on one side and soft on the other, 0..1."""
    noise = tree.nodes.new("ShaderNodeTexNoise")
    noise.noise_type = "RIDGED_MULTIFRACTAL"
    noise.normalize = True
    for name, value in (("Scale", 1 / material.pattern_m), ("Detail", 1.0), ("Roughness", 0.35), ("Lacunarity", 2.3),
                        ("Offset", 0.85), ("Gain", 1.2), ("Distortion", 0.8)):  # fmt: skip
        noise.inputs[name].default_value = value
    tree.links.new(_stretched(tree, material), noise.inputs["Vector"])
    return noise.outputs["Fac"]


def _weave(tree: Any, material: Material) -> Any:
    """Two sets of threads across each other."""
    threads = []
    for direction in ("X", "Y"):
        wave = tree.nodes.new("ShaderNodeTexWave")
        wave.bands_direction = direction
        wave.inputs["Scale"].default_value = math.pi / 10 / material.pattern_m  # the node's period is pi/10 over scale
        tree.links.new(_attribute(tree, SHEET), wave.inputs["Vector"])
        threads.append(wave.outputs["Fac"])
    return _math(tree, "MAXIMUM", *threads)


def _attribute(tree: Any, name: str) -> Any:
    node = tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node.outputs["Vector"]


def _range(tree: Any, value: Any, low: float, high: float) -> Any:
    """0..1 spread over low..high."""
    node = tree.nodes.new("ShaderNodeMapRange")
    node.inputs["To Min"].default_value, node.inputs["To Max"].default_value = low, high
    tree.links.new(value, node.inputs["Value"])
    return node.outputs["Result"]


def _math(tree: Any, operation: str, a: Any, b: Any) -> Any:
    node = tree.nodes.new("ShaderNodeMath")
    node.operation = operation
    for socket, value in zip(node.inputs, (a, b), strict=False):
        if isinstance(value, float):
            socket.default_value = value
        else:
            tree.links.new(value, socket)
    return node.outputs[0]


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
