"""Steps: where and when each foot is set down, and where the body is in between.

A route is a list of legs. A leg goes from one stand to another in a whole number of steps at one cadence: print n
lies at share n / steps of the way, the right foot makes the odd prints, and both feet end side by side. The phase of
a leg counts steps: the body passes over print n at phase n; a foot is on the ground for `stance` of its stride (two
steps). When crawling, the prints are those of the knees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.mesh import Array
from scenes.motion.styles import STYLES, Style
from scenes.motion.turns import smooth

LEAD = 0.08
"""Steps by which a print lies behind its share of the way, so that a leg trails more than it leads."""
STRIDE_WIDTH_M = 0.10
"""Between the lines of left and right prints, less the rest pose's own width when standing."""
STAND_WIDTH_M = 0.20


@dataclass(frozen=True, kw_only=True)
class Stand:
    """A place to stand and where to look."""

    xy_m: tuple[float, float]
    heading_rad: float


@dataclass(frozen=True, kw_only=True)
class Leg:
    """From one stand to another, on foot."""

    start_s: float
    cadence_hz: float
    """Steps per second."""
    steps: int
    start: Stand
    end: Stand
    heading_rad: float | None = None
    """Where the body faces on the way; None turns evenly from start to end (turning on the spot, side steps)."""
    style: str = "walk"
    """A row of STYLES."""
    rise_m: float = 0.0
    """Up (or down, negative) with every step: the height of a stair."""

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if abs(self.rise_m) > 0.25:
            raise ValueError(f"rise_m must be in -0.25..0.25 m per step, got {self.rise_m}")
        if self.steps < 1:
            raise ValueError(f"steps must be at least 1, got {self.steps}")
        if not 0.5 <= self.cadence_hz <= 4:
            raise ValueError(f"cadence_hz must be in 0.5..4, got {self.cadence_hz}")

    @property
    def moves(self) -> Style:
        """How."""
        return STYLES[self.style]

    @property
    def left_over(self) -> float:
        """The phase runs from minus this to steps plus this: from the first lift-off to the last strike."""
        return 1.0 - self.moves.stance

    @property
    def end_s(self) -> float:
        """When both feet stand again."""
        return self.start_s + (self.steps + 2 * self.left_over) / self.cadence_hz

    def phase(self, t_s: Array) -> Array:
        """Steps done at instants, clipped to the leg."""
        done = (t_s - self.start_s) * self.cadence_hz - self.left_over
        return np.clip(done, -self.left_over, self.steps + self.left_over)

    def share(self, phase: Array) -> Array:
        """How far the body has come, 0..1: evenly, with a soft start and a soft end."""
        early = _soft_start(phase, self.moves.stance)
        late = self.steps - _soft_start(self.steps - phase, self.moves.stance)
        return np.where(phase < self.steps / 2, early, late) / self.steps

    def place(self, share: Array) -> tuple[Array, Array]:
        """(N, 2) positions and (N,) headings at shares of the way."""
        u = np.clip(share, 0, 1)
        a, b = np.asarray(self.start.xy_m), np.asarray(self.end.xy_m)
        first, last = self.start.heading_rad, nearest_turn(self.start.heading_rad, self.end.heading_rad)
        if self.heading_rad is None:
            return a + u[:, None] * (b - a), first + u * (last - first)
        middle = nearest_turn(first, self.heading_rad)
        last = nearest_turn(middle, last)
        edge = min(1.5 / self.steps, 0.5)
        heading = first + (middle - first) * smooth(u, 0, edge) + (last - middle) * smooth(u, 1 - edge, 1)
        return a + u[:, None] * (b - a), heading


def _soft_start(phase: Array, stance: float) -> Array:
    """Steps come at a phase: 0 with no speed at the first lift-off, one per step from one step later (cubic)."""
    u = np.clip(phase + 1 - stance, 0, 1)
    eased = stance * (3 * u**2 - 2 * u**3) + u**3 - u**2
    return np.where(phase < stance, eased, phase)


def nearest_turn(from_rad: float, to_rad: float) -> float:
    """`to_rad`, unwrapped so that it is the shorter way round."""
    return from_rad + (to_rad - from_rad + np.pi) % (2 * np.pi) - np.pi


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A route evaluated on instants (N,)."""

    xy_m: Array
    """(N, 2) the body over the ground."""
    heading_rad: Array
    """(N,)."""
    phase: Array
    """(N,) steps within the current leg."""
    moving: Array
    """(N,) 0 standing .. 1 walking, smooth."""
    foot_m: Array
    """(N, 2, 3): left and right print under the ankle; z is how high it is carried."""
    carried: Array
    """(N, 2) bool: the foot is in the air."""
    lift_m: Array
    """(N, 2) how high it is carried over the way between its prints."""
    foot_heading_rad: Array
    """(N, 2)."""
    foot_pitch_rad: Array
    """(N, 2): toes down positive."""
    ground_m: Array
    """(N,) the height of the floor that carries the body: 0 but on stairs."""
    style: tuple[tuple[str, Array], ...]
    """(row of STYLES, (N,) instants of its legs) in order; before the first leg people stand."""
    strikes_s: Array
    """(S,) instants at which a heel is set down, within the instants' span."""


def path(legs: Sequence[Leg], first: Stand, t_s: Array) -> Array:
    """(N, 2) the body over the ground: what walk() has of it, without the feet."""
    xy = np.tile(first.xy_m, (len(t_s), 1)).astype(float)
    for leg in legs:
        now = t_s >= leg.start_s
        if now.any():
            xy[now], _ = leg.place(leg.share(leg.phase(t_s[now])))
    return xy


def walk(legs: Sequence[Leg], first: Stand, t_s: Array) -> Walk:
    """A person who stands at `first`, goes the legs in order, and stands in between."""
    n = len(t_s)
    xy, heading = np.tile(first.xy_m, (n, 1)).astype(float), np.full(n, first.heading_rad)
    phase, moving = np.zeros(n), np.zeros(n)
    foot, foot_heading, pitch = np.zeros((n, 2, 3)), np.tile(first.heading_rad, (n, 2)).astype(float), np.zeros((n, 2))
    for side in (0, 1):
        foot[:, side, :2] = _print(xy[:1], heading[:1], side, standing=True)
    strikes: list[float] = []
    ground, base_m = np.zeros(n), 0.0
    style: list[tuple[str, Array]] = []
    carried, lift = np.zeros((n, 2), bool), np.zeros((n, 2))
    for leg in legs:
        now = t_s >= leg.start_s
        if not now.any():
            continue
        p = leg.phase(t_s[now])
        phase[now] = p
        xy[now], turned = leg.place(leg.share(p))
        heading[now] = turned
        span = leg.end_s - leg.start_s
        ramp = min(0.5, span / 2)
        since = t_s[now] - leg.start_s
        moving[now] = smooth(since, 0, ramp) * (1 - smooth(since, span - ramp, span))
        for side in (0, 1):
            foot[now, side], foot_heading[now, side], pitch[now, side], lift[now, side] = _foot(leg, p, side)
            carried[now, side] = lift[now, side] > 1e-6
            foot[now, side, 2] += base_m
        ground[now] = base_m + leg.rise_m * leg.steps * leg.share(p)
        base_m += leg.rise_m * leg.steps
        style.append((leg.style, now))
        strikes += [leg.start_s + (k - 2 * leg.moves.stance + 1) / leg.cadence_hz for k in range(1, leg.steps + 2)]
    kept = np.array([s for s in strikes if t_s[0] <= s <= t_s[-1]])
    return Walk(xy_m=xy, heading_rad=heading, phase=phase, moving=moving, foot_m=foot, carried=carried,
                lift_m=lift, foot_heading_rad=foot_heading, foot_pitch_rad=pitch, ground_m=ground, style=tuple(style),
                strikes_s=kept)  # fmt: skip


def _print(xy: Array, heading: Array, side: int, *, standing: bool) -> Array:
    """(N, 2): where the foot of a side belongs under a body; narrower when walking."""
    width = (STAND_WIDTH_M if standing else STRIDE_WIDTH_M) / 2 * (1 if side == 0 else -1)
    prints: Array = xy + width * np.stack([-np.sin(heading), np.cos(heading)], axis=1)
    return prints


def _foot(leg: Leg, p: Array, side: int) -> tuple[Array, Array, Array, Array]:
    """Ankle prints (N, 3), headings and pitches of one foot along a leg, and how high it is carried."""
    how = leg.moves
    low = side + 2 * np.floor((p + how.stance - side) / 2)  # on this print, or in the air from it to the next but one
    least = low.min() - 2
    places, headings = _set_down(leg, least + 2 * np.arange((low.max() - least) / 2 + 2), side)
    number = ((low - least) / 2).astype(int)
    before, here, there = ((places[number + k], headings[number + k]) for k in (-1, 0, 1))
    ground = np.clip((p - low + how.stance) / (2 * how.stance), 0, 1)
    air = np.clip((p - low - how.stance) / (2 - 2 * how.stance), 0, 1)
    arrived, leaves = (_effort(a[0], b[0]) for a, b in ((before, here), (here, there)))
    swing = (1 - np.cos(np.pi * air)) / 2
    place = np.zeros((len(p), 3))
    place[:, :2] = here[0] + swing[:, None] * (there[0] - here[0])
    lift = np.sin(np.pi * air**0.75) * (how.lift_m[0] + how.lift_m[1] * leaves)
    tread, next_tread = (leg.rise_m * np.clip(low + k, 0, leg.steps) for k in (0, 2))
    when = (0.0, 0.6) if leg.rise_m > 0 else (0.45, 1.0)  # up before it goes forward, down after it went
    place[:, 2] = lift + tread + (next_tread - tread) * smooth(air, *when)
    # foot against the floor: 17 degrees at the strike, 43 at toe-off of a full step (Perry; Winter)
    roll = how.foot_roll
    standing = 0.80 * roll * leaves * smooth(ground, 0.48, 1.04) - 0.30 * how.heel * arrived * (
        1 - smooth(ground, 0.0, 0.14)
    )
    flying = (0.80 * roll * (1 - smooth(air, 0.05, 0.65)) - 0.30 * how.heel * smooth(air, 0.45, 1.0)) * leaves
    return place, here[1] + swing * (there[1] - here[1]), np.where(air > 0, flying, standing), lift


def _effort(here: Array, there: Array) -> Array:
    """How much of a full stride (1.3 m) lies between prints, 0..1.2."""
    effort: Array = np.clip(np.linalg.norm(there - here, axis=1) / 1.3, 0, 1.2)
    return effort


def _set_down(leg: Leg, number: Array, side: int) -> tuple[Array, Array]:
    """Places (N, 2) and headings (N,) of the prints with these numbers; the last two stand side by side."""
    share = np.clip((number - LEAD) / leg.steps, 0, 1)
    share = np.where(number >= leg.steps, 1.0, share)
    xy, heading = leg.place(share)
    ends = (share <= 0) | (share >= 1)
    narrow = _print(xy, heading, side, standing=False)
    return np.where(ends[:, None], _print(xy, heading, side, standing=True), narrow), heading
