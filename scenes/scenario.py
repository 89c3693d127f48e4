"""Scenario: the drawn choices of one exercise, before anything is laid out in metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

MOUNTS = ("chest", "shoulder", "helmet", "head", "fixed")
WEARER_ROLES = ("role_player", "responder", "bystander", "umpire")
CAMERA_STAGES = ("in_render", "in_chain")


@dataclass(frozen=True, kw_only=True)
class CameraProfile:
    """A class of device with every number resolved (configs/profiles/cameras, notes/domain.md section 3)."""

    name: str
    """The profile's name; recorded, never looked up again."""
    theta_coefficients: tuple[float, float, float, float]
    """c1..c4 of theta[rad] = c1*rho + c2*rho^2 + c3*rho^3 + c4*rho^4, rho in frame widths."""
    readout_s: float
    """Seconds from the first row's read-out to the last row's; 0 is a global shutter."""
    exposure_s: float
    """Seconds each row gathers light."""

    def __post_init__(self) -> None:
        if not 0 <= self.readout_s <= 0.05:
            raise ValueError(f"readout_s must be in 0..0.05, got {self.readout_s}")
        if not 0 < self.exposure_s <= 0.1:
            raise ValueError(f"exposure_s must be above 0 and at most 0.1, got {self.exposure_s}")
        if not 0.5 <= self.theta_coefficients[0] <= 4:
            raise ValueError(f"theta_coefficients[0] must be in 0.5..4, got {self.theta_coefficients[0]}")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One exercise, drawn. Every name in it is a row of a table; every number has a unit."""

    family: str
    """A row of scenes.families.FAMILIES."""
    venue: str
    """A row of scenes.venues.VENUES."""
    venue_knobs: Mapping[str, float | str] = field(default_factory=dict)
    """Keyword arguments of the venue; lengths in metres."""
    country: str = "uk"
    """A file of configs/profiles/countries."""
    wearer_role: str = "role_player"
    """One of WEARER_ROLES."""
    held: str = "prop_long"
    """What the wearer's hands hold: a row of scenes.props.PROPS, or "nothing"."""
    held_colour: str = "blue"
    """A colour of scenes.props.PALETTE: tools are blue or orange as often as props are."""
    grip: str = ""
    """How the hands hold it: a row of scenes.props.held.WAYS; "" is the thing's usual way. Both sides of a pair hold
    what they hold in one way, so that hands and arms tell nothing."""
    cast: int = 2
    """Role players in the scene, the wearer not counted."""
    mount: str = "chest"
    """One of MOUNTS: where the camera is worn."""
    gait: str = "walk"
    """A row of scenes.bodycam.GAITS: what the wearer's body does."""
    camera_profile: CameraProfile
    """The device, resolved."""
    camera: str = "in_render"
    """in_render: Blender makes mount, lens, shutter and blur; in_chain: sharp, the chain adds them."""
    light: str = "interior"
    """A row of scenes.light.LIGHTS."""
    packs: Mapping[str, str] = field(default_factory=dict)
    """Asset packs it is made with: name -> SHA-256 (scenes.assets). None named: built-in bodies, motions and rooms."""
    weather: str = "none"
    """"none" until there are venues with a sky."""
    seconds: float
    """Length of the clip, s."""
    fps: Fraction
    """Frames per second."""
    size_px: tuple[int, int]
    """(width, height), both even."""
    seed: int
    """Seed of everything that compose() lays out."""

    def __post_init__(self) -> None:
        if not 0.1 <= self.seconds <= 3600:
            raise ValueError(f"seconds must be in 0.1..3600, got {self.seconds}")
        if not 1 <= self.fps <= 240:
            raise ValueError(f"fps must be in 1..240, got {self.fps}")
        w, h = self.size_px
        if w % 2 or h % 2 or not (16 <= w <= 7680 and 16 <= h <= 4320):
            raise ValueError(f"size_px must be even and in 16x16..7680x4320, got {w}x{h}")
        if not 0 <= self.cast <= 30:
            raise ValueError(f"cast must be in 0..30, got {self.cast}")
        for name, allowed in (("mount", MOUNTS), ("wearer_role", WEARER_ROLES), ("camera", CAMERA_STAGES)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(allowed)}, got {getattr(self, name)!r}")
        if self.frames < 1:
            raise ValueError(f"seconds * fps must make at least one frame, got {self.seconds} * {self.fps}")
        for name in ("readout_s", "exposure_s"):
            value = getattr(self.camera_profile, name)
            if value > 1 / self.fps:
                raise ValueError(f"{name} must not exceed a frame, {float(1 / self.fps):.6f} s, got {value}")

    @property
    def frames(self) -> int:
        """Number of frames, rounded to the nearest."""
        return round(self.seconds * self.fps)
