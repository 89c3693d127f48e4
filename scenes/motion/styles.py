"""Styles: the ways to get along on foot or on all fours, as numbers per style from published gait data.

Grades: [S] a published measurement, [P] our own choice between published ones. Sources by short name: Perry (Gait
Analysis, 1992), Winter (Biomechanics of Human Gait, 1991), Novacheck (The biomechanics of running, Gait and Posture 7,
1998), Riener (Stair ascent and descent, Gait and Posture 15, 2002), Patrick (Infant and adult hands-and-knees crawling,
2012: diagonal limbs move together).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Style:
    """One row."""

    stance: float
    """Share of the stride that a foot (a knee, when crawling) is on the ground."""
    lift_m: tuple[float, float]
    """How high a foot is carried: always, and for a full stride more."""
    foot_roll: float = 1.0
    """Toe-off angle, 1 for walking: 43 degrees."""
    heel: float = 1.0
    """Heel-strike angle, 1 for walking: 17 degrees; 0 lands flat."""
    drop: float = 0.0
    """How much lower the pelvis is carried, of the leg's length."""
    bounce_m: float = 0.0
    """Rise of the pelvis in flight, either way of its middle."""
    lean_rad: float = 0.03
    """Of the trunk, forward."""
    swing: float = 1.0
    """Arm swing, 1 for walking."""
    elbow_rad: float = 0.0
    """Bend of the elbows, more than when walking."""
    speed_mps: tuple[float, float] = (0.8, 1.8)
    """Slowest and fastest."""

    def __post_init__(self) -> None:
        if not 0.34 <= self.stance <= 0.75:
            raise ValueError(f"stance must be in 0.34..0.75 of the stride, got {self.stance}")


STYLES: dict[str, Style] = {
    "walk": Style(stance=0.60, lift_m=(0.03, 0.05)),  # Perry, Winter [S]
    "run": Style(stance=0.38, lift_m=(0.05, 0.16), foot_roll=1.15, heel=0.45, drop=0.045, bounce_m=0.035,
                 lean_rad=0.13, swing=1.5, elbow_rad=1.15, speed_mps=(1.8, 4.0)),  # Novacheck [S], lean [P]
    "crouch_walk": Style(stance=0.66, lift_m=(0.03, 0.03), foot_roll=0.6, heel=0.4, drop=0.26, lean_rad=0.50,
                         swing=0.35, elbow_rad=0.7, speed_mps=(0.4, 1.3)),  # [P]
    "stairs_up": Style(stance=0.63, lift_m=(0.035, 0.03), foot_roll=0.45, heel=0.0, lean_rad=0.14, swing=0.6,
                       speed_mps=(0.3, 0.8)),  # Riener [S]: 58..66 % stance, trunk 8..10 degrees forward
    "stairs_down": Style(stance=0.60, lift_m=(0.02, 0.02), foot_roll=0.5, heel=0.0, drop=0.02, lean_rad=0.05,
                         swing=0.5, speed_mps=(0.3, 0.9)),  # Riener [S]; the forefoot lands first
    "push": Style(stance=0.63, lift_m=(0.03, 0.04), lean_rad=0.17, swing=0.0, speed_mps=(0.6, 1.4)),  # [P]
    "crawl": Style(stance=0.62, lift_m=(0.025, 0.03), foot_roll=0.0, heel=0.0, lean_rad=0.0, swing=0.0,
                   speed_mps=(0.2, 0.8)),  # Patrick [S]
}  # fmt: skip
