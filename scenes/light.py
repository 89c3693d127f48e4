"""Light: what the lamps of a venue give, as a table of conditions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.shot import Light


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition of light; a venue says where its lamps hang, this says what they give."""

    power: float
    """Factor on the power the venue gives a lamp; 1 is a well-lit room."""
    colour: tuple[float, float, float]
    """Linear RGB of the lamps, green = 1."""
    lit: float
    """Share of the lamps that are on, 0..1; at least one always is."""
    world_colour: tuple[float, float, float]
    """Linear RGB radiance of what little comes from elsewhere."""

    def __post_init__(self) -> None:
        if not 0 < self.power <= 10:
            raise ValueError(f"power must be in 0..10, got {self.power}")
        if not 0 < self.lit <= 1:
            raise ValueError(f"lit must be in 0..1, got {self.lit}")


LIGHTS: dict[str, Condition] = {
    # LED panels of about 4000 K, sodium-warm and cold tubes: white balance is the chain's affair, not ours
    "interior": Condition(power=1.0, colour=(1.08, 1.0, 0.90), lit=1.0, world_colour=(0.02, 0.02, 0.02)),
    "interior_cold": Condition(power=0.9, colour=(0.90, 1.0, 1.12), lit=1.0, world_colour=(0.02, 0.02, 0.022)),
    "interior_warm": Condition(power=0.7, colour=(1.35, 1.0, 0.62), lit=1.0, world_colour=(0.02, 0.017, 0.012)),
    "dim": Condition(power=0.45, colour=(1.15, 1.0, 0.80), lit=0.5, world_colour=(0.008, 0.008, 0.008)),
}


def lamps(
    condition: Condition, hung: list[tuple[float, float, float]], *, power_w: float, size_m: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Light, ...]:  # fmt: skip
    """One area lamp per hung place, shining down; those that are off are left out."""
    on = max(1, round(condition.lit * len(hung)))
    chosen = sorted(rng.permutation(len(hung))[:on])
    spread = rng.normal(1.0, 0.06, len(hung))  # tubes age differently
    return tuple(
        Light(
            name=f"lamp_{i}",
            kind="area",
            world_from_light=placed(hung[i]),
            power_w=float(power_w * condition.power * np.clip(spread[i], 0.8, 1.2)),
            colour=condition.colour,
            size_m=size_m,
        )
        for i in chosen
    )


def placed(position_m: tuple[float, float, float]) -> Array:
    """(1, 4, 4): a thing that stands still."""
    pose = np.eye(4)
    pose[:3, 3] = position_m
    return pose[None]
