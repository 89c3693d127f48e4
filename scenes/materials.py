"""Materials: named surfaces of the set, each with variation, relief or a pattern, so that nothing is flat."""

from __future__ import annotations

from dataclasses import replace

from scenes.shot import Material

Colour = tuple[float, float, float]

MATERIALS: dict[str, Material] = {
    m.name: m
    for m in (
        # walls
        Material(name="paint_cream", base_colour=(0.58, 0.52, 0.40), roughness=0.55, variation=0.10,
                 variation_scale_m=0.7, bump_m=0.0006),
        Material(name="paint_grey", base_colour=(0.42, 0.44, 0.44), roughness=0.5, variation=0.10,
                 variation_scale_m=0.7, bump_m=0.0006),
        Material(name="paint_mint", base_colour=(0.36, 0.50, 0.43), roughness=0.5, variation=0.10,
                 variation_scale_m=0.7, bump_m=0.0006),
        Material(name="paint_sand", base_colour=(0.52, 0.43, 0.31), roughness=0.55, variation=0.10,
                 variation_scale_m=0.7, bump_m=0.0006),
        Material(name="dado_blue", base_colour=(0.10, 0.17, 0.27), roughness=0.4, variation=0.16,
                 variation_scale_m=0.4, bump_m=0.0005),
        Material(name="dado_brown", base_colour=(0.22, 0.14, 0.08), roughness=0.4, variation=0.16,
                 variation_scale_m=0.4, bump_m=0.0005),
        Material(name="dado_green", base_colour=(0.09, 0.20, 0.13), roughness=0.4, variation=0.16,
                 variation_scale_m=0.4, bump_m=0.0005),
        Material(name="brick_painted", base_colour=(0.50, 0.47, 0.40), roughness=0.6, variation=0.12,
                 variation_scale_m=0.5, bump_m=0.003, pattern="bricks", pattern_m=0.22),
        Material(name="brick_red", base_colour=(0.30, 0.12, 0.07), roughness=0.8, variation=0.2,
                 variation_scale_m=0.3, bump_m=0.004, pattern="bricks", pattern_m=0.22),
        # floors and ceilings
        Material(name="lino_grey", base_colour=(0.21, 0.22, 0.23), roughness=0.28, variation=0.14,
                 variation_scale_m=0.25, bump_m=0.0003),
        Material(name="lino_green", base_colour=(0.13, 0.20, 0.16), roughness=0.28, variation=0.14,
                 variation_scale_m=0.25, bump_m=0.0003),
        Material(name="floor_tiles", base_colour=(0.36, 0.33, 0.29), roughness=0.3, variation=0.10,
                 variation_scale_m=0.4, bump_m=0.001, pattern="tiles", pattern_m=0.33),
        Material(name="floor_planks", base_colour=(0.31, 0.19, 0.10), roughness=0.4, variation=0.2,
                 variation_scale_m=0.3, bump_m=0.001, pattern="planks", pattern_m=0.14),
        Material(name="concrete", base_colour=(0.31, 0.30, 0.28), roughness=0.85, variation=0.25,
                 variation_scale_m=0.6, bump_m=0.002),
        Material(name="ceiling_tiles", base_colour=(0.62, 0.61, 0.57), roughness=0.9, variation=0.06,
                 variation_scale_m=0.2, bump_m=0.002, pattern="tiles", pattern_m=0.6),
        Material(name="skirting", base_colour=(0.10, 0.10, 0.11), roughness=0.45, variation=0.2, variation_scale_m=0.3),
        # fittings
        Material(name="wood_door", base_colour=(0.33, 0.19, 0.09), roughness=0.42, variation=0.25,
                 variation_scale_m=0.5, bump_m=0.0006, pattern="planks", pattern_m=0.9),
        Material(name="paint_door", base_colour=(0.12, 0.20, 0.30), roughness=0.4, variation=0.12,
                 variation_scale_m=0.4, bump_m=0.0004),
        Material(name="frame_white", base_colour=(0.62, 0.61, 0.58), roughness=0.4, variation=0.1),
        Material(name="steel_brushed", base_colour=(0.55, 0.55, 0.54), roughness=0.3, metallic=1.0, variation=0.15,
                 variation_scale_m=0.1),
        Material(name="steel_painted", base_colour=(0.33, 0.34, 0.35), roughness=0.45, variation=0.15,
                 variation_scale_m=0.2),
        Material(name="glass_dark", base_colour=(0.015, 0.02, 0.022), roughness=0.06, variation=0.05),
        Material(name="red_enamel", base_colour=(0.45, 0.018, 0.014), roughness=0.3, variation=0.1),
        Material(name="cork", base_colour=(0.36, 0.21, 0.10), roughness=0.95, variation=0.3, variation_scale_m=0.02,
                 bump_m=0.001),
        Material(name="paper_white", base_colour=(0.72, 0.71, 0.67), roughness=0.8, variation=0.06),
        Material(name="paper_yellow", base_colour=(0.70, 0.58, 0.18), roughness=0.8, variation=0.06),
        Material(name="paper_blue", base_colour=(0.22, 0.38, 0.58), roughness=0.8, variation=0.06),
        Material(name="cardboard", base_colour=(0.37, 0.24, 0.13), roughness=0.9, variation=0.18,
                 variation_scale_m=0.15, bump_m=0.0008),
        Material(name="packing_tape", base_colour=(0.50, 0.36, 0.18), roughness=0.3, variation=0.1),
        Material(name="bench_wood", base_colour=(0.40, 0.25, 0.13), roughness=0.5, variation=0.25,
                 variation_scale_m=0.2, bump_m=0.0006, pattern="planks", pattern_m=0.1),
        Material(name="plastic_black", base_colour=(0.03, 0.03, 0.032), roughness=0.5, variation=0.2),
        Material(name="plastic_white", base_colour=(0.62, 0.62, 0.60), roughness=0.4, variation=0.08),
        Material(name="exit_green", base_colour=(0.02, 0.35, 0.16), roughness=0.4, variation=0.05,
                 emission_w_m2=1.5),
        Material(name="lamp_cover", base_colour=(0.8, 0.8, 0.8), roughness=0.5, variation=0.03, emission_w_m2=30.0),
    )
}  # fmt: skip
"""What rooms are made of. Colours are linear RGB of ordinary paints and building boards."""


FABRICS: dict[str, Material] = {
    m.name: m
    for m in (
        Material(name="cotton", base_colour=(1, 1, 1), roughness=0.88, variation=0.14, variation_scale_m=0.07,
                 bump_m=0.010, pattern="creases", pattern_m=0.10, sheen=0.05, stretch=1.7),
        Material(name="canvas", base_colour=(1, 1, 1), roughness=0.92, variation=0.22, variation_scale_m=0.10,
                 bump_m=0.014, pattern="creases", pattern_m=0.13, stretch=1.5),
        Material(name="denim", base_colour=(1, 1, 1), roughness=0.9, variation=0.38, variation_scale_m=0.06,
                 bump_m=0.010, pattern="creases", pattern_m=0.10, stretch=2.0),
        Material(name="jersey", base_colour=(1, 1, 1), roughness=0.93, variation=0.10, variation_scale_m=0.06,
                 bump_m=0.009, pattern="creases", pattern_m=0.14, sheen=0.12, stretch=1.8),
        Material(name="wool", base_colour=(1, 1, 1), roughness=0.95, variation=0.18, variation_scale_m=0.03,
                 bump_m=0.008, pattern="creases", pattern_m=0.15, sheen=0.2, stretch=1.8),
        Material(name="knit", base_colour=(1, 1, 1), roughness=0.95, variation=0.30, variation_scale_m=0.012,
                 bump_m=0.0025, pattern="weave", pattern_m=0.006, sheen=0.25),
        Material(name="fleece", base_colour=(1, 1, 1), roughness=1.0, variation=0.25, variation_scale_m=0.010,
                 bump_m=0.0020, sheen=0.4),
        Material(name="nylon", base_colour=(1, 1, 1), roughness=0.50, variation=0.12, variation_scale_m=0.06,
                 bump_m=0.006, pattern="creases", pattern_m=0.07, stretch=1.3),
        Material(name="softshell", base_colour=(1, 1, 1), roughness=0.70, variation=0.12, variation_scale_m=0.08,
                 bump_m=0.010, pattern="creases", pattern_m=0.12, stretch=1.5),
        Material(name="webbing", base_colour=(1, 1, 1), roughness=0.75, variation=0.2, variation_scale_m=0.02,
                 bump_m=0.0006, pattern="weave", pattern_m=0.004),
        Material(name="leather", base_colour=(1, 1, 1), roughness=0.55, variation=0.3, variation_scale_m=0.03,
                 bump_m=0.006, pattern="creases", pattern_m=0.06),
        Material(name="rubber", base_colour=(1, 1, 1), roughness=0.7, variation=0.2, variation_scale_m=0.04,
                 bump_m=0.0006),
        Material(name="shell", base_colour=(1, 1, 1), roughness=0.32, variation=0.12, variation_scale_m=0.05,
                 bump_m=0.0002, coat=0.3),
    )
}  # fmt: skip
"""What clothes are made of; `fabric` gives them a colour."""


def fabric(name: str, kind: str, colour: Colour) -> Material:
    """A garment's cloth."""
    return replace(FABRICS[kind], name=name, base_colour=colour)


def cloth(name: str, colour: Colour, *, weave_m: float = 0.002) -> Material:
    """A woven garment: matt, slightly uneven, with threads that show at arm's length alone."""
    return Material(name=name, base_colour=colour, roughness=0.9, variation=0.22, variation_scale_m=0.09,
                    bump_m=0.0003, pattern="weave", pattern_m=weave_m)  # fmt: skip


def skin(name: str, tone: Colour, *, tinted: bool = False) -> Material:
    """Skin: blotches of a centimetre down to pores, dull and oily by turns, red light shining through."""
    return Material(name=name, base_colour=tone, roughness=0.55, variation=0.16, variation_scale_m=0.012, bump_m=0.0006,
                    subsurface=0.12, tinted=tinted)  # fmt: skip


def hair(name: str, colour: Colour, *, tinted: bool = False) -> Material:
    """Hair: dark and light strands a few millimetres wide, running down."""
    return Material(name=name, base_colour=colour, roughness=0.66, variation=0.6, variation_scale_m=0.005, bump_m=0.004,
                    stretch=8.0, tinted=tinted)  # fmt: skip


def eye(name: str, colour: Colour) -> Material:
    """What of an eye shows, wet."""
    return Material(name=name, base_colour=colour, roughness=0.25, variation=0.05, variation_scale_m=0.002, coat=1.0)


def leather(name: str, colour: Colour) -> Material:
    """Boots and gloves."""
    return Material(name=name, base_colour=colour, roughness=0.72, variation=0.3, variation_scale_m=0.02, bump_m=0.0008)


def hi_vis(name: str, colour: Colour) -> Material:
    """The bright cloth of exercise kit."""
    return Material(name=name, base_colour=colour, roughness=0.75, variation=0.12, variation_scale_m=0.12,
                    bump_m=0.010, pattern="creases", pattern_m=0.11, stretch=1.5)  # fmt: skip


def reflective(name: str) -> Material:
    """The silver bands of exercise kit."""
    return Material(name=name, base_colour=(0.62, 0.63, 0.65), roughness=0.35, metallic=0.3, variation=0.1)


def training_plastic(name: str, colour: Colour) -> Material:
    """What props and tools are cast of: one solid colour, scuffed."""
    return Material(name=name, base_colour=colour, roughness=0.45, variation=0.12, variation_scale_m=0.05,
                    bump_m=0.0003)  # fmt: skip
