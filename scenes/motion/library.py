"""The library of motions: MOTIONS says by name what legs, arms and trunk do. Packs add clips under the same face."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenes.motion import arms
from scenes.motion.postures import POSTURES
from scenes.motion.retarget import Retargeted, load
from scenes.motion.styles import STYLES


@dataclass(frozen=True, kw_only=True)
class Motion:
    """One row. Where it came from stands with the posture, the style or the gesture that it names."""

    posture: str = "stand"
    """A row of POSTURES."""
    gesture: arms.Gesturing | None = None
    """What arms and head do over it; None: what the posture or the walk has them do."""
    style: str = ""
    """A row of STYLES for the legs of somebody who gets along like this; "": any."""
    into_s: float = 0.5
    """For the arms, to get there and back."""
    carries: str = ""
    """What is in the hands: phone, box, bag or trolley."""

    def __post_init__(self) -> None:
        for name, table in (("posture", POSTURES), ("style", {"": None, **STYLES})):
            if getattr(self, name) not in table:
                raise ValueError(f"{name} must be one of {', '.join(table)}, got {getattr(self, name)!r}")


MOTIONS: dict[str, Motion] = {
    "stand": Motion(),
    "walk": Motion(style="walk"),
    "run": Motion(style="run"),
    "stairs_up": Motion(style="stairs_up"),
    "stairs_down": Motion(style="stairs_down"),
    "crouch_walk": Motion(style="crouch_walk"),
    "crouch": Motion(posture="crouch"),
    "kneel_one": Motion(posture="kneel_one"),
    "kneel": Motion(posture="kneel"),
    "sit": Motion(posture="sit"),
    "sit_on_floor": Motion(posture="floor_sit"),
    "lie_prone": Motion(posture="prone"),
    "lie_supine": Motion(posture="supine"),
    "crawl": Motion(posture="all_fours", style="crawl"),
    "take_cover": Motion(posture="cover"),
    "kneel_hands_up": Motion(posture="kneel", gesture=arms.HANDS_UP),
    "hang": Motion(gesture=arms.HANG),
    "hands_up": Motion(gesture=arms.HANDS_UP),
    "ward_off": Motion(gesture=arms.WARD_OFF),
    "point": Motion(gesture=arms.point),
    "wave": Motion(gesture=arms.wave, into_s=0.6),
    "talk": Motion(gesture=arms.talk, into_s=0.7),
    "phone_ear": Motion(gesture=arms.phone_ear, into_s=0.9, carries="phone"),
    "phone_look": Motion(gesture=arms.phone_look, into_s=0.7, carries="phone"),
    "film": Motion(gesture=arms.film, into_s=0.7, carries="phone"),
    "carry_box": Motion(gesture=arms.carry_box, into_s=0.8, carries="box"),
    "carry_bag": Motion(gesture=arms.carry_bag, carries="bag"),
    "open_door": Motion(gesture=arms.open_door, into_s=0.6),
    "push_trolley": Motion(gesture=arms.push, style="push", carries="trolley"),
}


def offered(arrays: Path | None = None) -> dict[str, Motion | Retargeted]:
    """Every motion by name: ours, and those of a pack whose arrays (scenes.motion.retarget.converted) lie in a folder.

    A pack's clip that has the name of ours stands beside it as pack:NAME.
    """
    packed = sorted(arrays.glob("*.npz")) if arrays is not None else []
    clips = {(f"pack:{p.stem}" if p.stem in MOTIONS else p.stem): load(p) for p in packed}
    return {**MOTIONS, **clips}
