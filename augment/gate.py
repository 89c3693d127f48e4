"""The gate: what came out of a chain, measured on a few frames, and the rules by which a take is kept.

A recipe's `keep_if` holds rules on these measures and no others; none is a distance to a matcher or a classifier.
Damage is what the chain did besides moving, timing and developing the picture: the output is compared with the source
after the chain's warps, time ops and tone alone, which no codec has seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from augment import video
from augment.footage import Array, Footage, Labels, Tracks, running
from augment.kinds import TimeMap
from augment.labels import carry
from augment.seating import Step, fused_field, groups
from augment.tracks import in_range, one_of

MEASURES: Mapping[str, tuple[float, float]] = {
    "object_px": (0, 16384),  # side of the labelled object, square root of its box's area; median of the frames
    "visible": (0, 1),  # share of its silhouette that can be seen; median of the frames
    "psnr_db": (0, 100),  # of all the frames together; 100 for no damage at all
    "ssim": (-1, 1),  # of luma, mean of the frames
    "bitrate_kbps": (0, 1e6),  # of the pictures
    "av_offset_s": (-60, 60),  # how much later the sound is than the picture, by what sound ops say, at its worst
}
"""Measure -> what it can be. The labelled object is what the wearer holds, else the largest track; it is looked for
where the source shows it, and counts as 0 where the output does not. None where there is no such object or frame."""
NO_DAMAGE_DB = 100.0
SSIM_PX = 256
"""Pictures are shrunk until their short side is about this long, as Wang's ssim.m does."""
HEAD = 6
"""Pixels are compared in the first sixth of a key frame's second: what lies deeper costs its whole way to decode."""
Measures = Mapping[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a measure must be for a take to be kept."""

    min: float | None = None
    max: float | None = None
    unknown: str = "refuse"
    """refuse or keep: what becomes of a take whose measure is not known, as object_px of a clip without labels."""

    def __post_init__(self) -> None:
        one_of("unknown", self.unknown, ("refuse", "keep"))
        if self.min is None and self.max is None:
            raise ValueError("min or max must be given, got neither")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min must not exceed max, got {self.min:g} and {self.max:g}")

    def broken(self, measure: str, value: float | None) -> str:
        """Why the rule is broken; "" when it is kept."""
        if value is None:
            way_out = f"keep_if.{measure}.unknown: keep lets it pass"
            return "" if self.unknown == "keep" else f"{measure} must be known, no labelled object is seen; {way_out}"
        if self.min is not None and value < self.min:
            return f"{measure} must be at least {self.min:g}, got {value:g}"
        if self.max is not None and value > self.max:
            return f"{measure} must be at most {self.max:g}, got {value:g}"
        return ""


def rule(measure: str, plain: Mapping[str, Any]) -> Rule:
    """A rule of a spec or recipe. ValueError when its bounds lie where the measure never is."""
    one_of("measure", measure, MEASURES)
    made = Rule(**plain)
    for name in ("min", "max"):
        if getattr(made, name) is not None:
            in_range(f"{measure}.{name}", getattr(made, name), *MEASURES[measure])
    return made


def broken(rules: Mapping[str, Rule], measures: Measures) -> str:
    """Why a take is refused; "" when it is kept."""
    return "; ".join(said for name, one in rules.items() if (said := one.broken(name, measures[name])))


# ------------------------------------------------------------------------------------------------ watching


class Watch:
    """The frames that the gate looks at, and the source's frames below them, which are kept as they pass."""

    def __init__(self, at: Sequence[float], steps: Sequence[Step], delivery: TimeMap) -> None:
        """`at`: shares of the output's length; `delivery`: which frame behind the last op each output frame shows."""
        self.steps = steps
        length, gop = len(delivery.picks), round(delivery.fps)
        self.frames = sorted({min(length - 1, int(share * length)) for share in at})
        """Of the output: where labels are asked."""
        self.pictures = sorted({n // gop: n - n % gop + n % gop // HEAD for n in self.frames}.values())
        """Of the output: where pixels are compared, at the head of the seconds they lie in, one in each."""
        self._places = [_places(steps, int(delivery.picks[frame])) for frame in self.pictures]
        self._kept: dict[int, Array] = {}

    def passing(self, frames: Iterator[Array]) -> Iterator[Array]:
        """The source's frames, of which some are copied."""
        wanted = {places[0] for places in self._places}
        with running(frames):
            for n, frame in enumerate(frames):
                if n in wanted:
                    self._kept[n] = frame.copy()
                yield frame

    def unharmed(self, size_px: tuple[int, int]) -> Iterator[Array]:
        """What the frames would be without damage, at the delivered size."""
        plain = [step for step in self.steps if step.row.kind in ("warp", "time") or step.row.takes == "uint16"]
        work = [(kind, group, fused_field(group) if kind == "warp" else None) for kind, group in groups(plain)]
        for places in self._places:
            picture = self._kept[places[0]]
            for kind, group, warp in work:
                t = places[group[0].number]
                if warp is not None:
                    picture = warp.warped(t, picture)
                elif kind == "pixel":
                    picture = group[0].act(t, picture.copy())
            yield carry.resized(picture, size_px)


def _places(steps: Sequence[Step], frame: int) -> list[int]:
    """Which frame it is before each step, by the step's number, and behind the last."""
    places = [frame]
    for step in reversed(steps):
        places.append(int(step.act.picks[places[-1]]) if step.row.kind == "time" else places[-1])
    return places[::-1]


# ------------------------------------------------------------------------------------------------ measuring


def measured(watch: Watch, source: Labels, made: Footage, path: Path, shown: Array) -> dict[str, float | None]:
    """Every measure; `shown` (T,) is the source's frame that each output frame shows."""
    side_px, visible = _object(source.tracks, made.labels.tracks, watch.frames, shown)
    psnr_db, ssim_of = damage(watch.unharmed(made.size_px), video.read_frames(path, watch.pictures))
    late_s = made.labels.audio_shift_s
    found = {
        "object_px": side_px,
        "visible": visible,
        "psnr_db": psnr_db,
        "ssim": ssim_of,
        "bitrate_kbps": video.picture_bytes(path) * 8 / 1000 / made.seconds,
        "av_offset_s": max(late_s, key=abs) if late_s else 0.0,
    }
    return {name: None if value is None else round(float(value), 4) for name, value in found.items()}


def labelled_object(tracks: Tracks) -> int | None:
    """The track that the wearer holds, else the one that is largest where it is largest; None without any."""
    area = (tracks.box_px[:, 2:] - tracks.box_px[:, :2]).prod(axis=1) * (tracks.visible > 0)
    if not (area > 0).any():
        return None
    held = np.isin(tracks.track, [thing.id for thing in tracks.things if thing.in_wearer_hand])
    among = area * held if (area * held > 0).any() else area
    return int(tracks.track[np.argmax(among)])


def _object(before: Tracks, after: Tracks, frames: Sequence[int], shown: Array) -> tuple[float | None, float | None]:
    """Medians of the object's side, px, and of its visible share."""
    track = labelled_object(before)
    in_view = set(before.frame[(before.track == track) & (before.visible > 0)].tolist())
    sides, shares = [], []
    for frame in frames:
        if int(shown[frame]) in in_view:
            row = np.flatnonzero((after.frame == frame) & (after.track == track) & (after.visible > 0))[:1]
            sides.append(float(np.sqrt((after.box_px[row, 2:] - after.box_px[row, :2]).prod(axis=1).sum())))
            shares.append(float(after.visible[row].sum()))
    return (float(np.median(sides)), float(np.median(shares))) if sides else (None, None)


def damage(unharmed: Iterator[Array], delivered: Iterator[Array]) -> tuple[float, float]:
    """(PSNR in dB of all frames together, mean SSIM) between frames in step."""
    errors, likeness = [], []
    for one, two in zip(unharmed, delivered, strict=True):
        errors.append(cv2.norm(one, two, cv2.NORM_L2SQR) / one.size)
        likeness.append(ssim(one, two))
    error = float(np.mean(errors))
    decibels = NO_DAMAGE_DB if error == 0 else min(NO_DAMAGE_DB, 10 * float(np.log10(255**2 / error)))
    return decibels, float(np.mean(likeness))


def ssim(one: Array, two: Array) -> float:
    """Structural similarity of the luma of two RGB uint8 pictures: Gaussian windows of 11 px, sigma 1.5 (Wang 2004)."""
    shrink = max(1, round(min(one.shape[:2]) / SSIM_PX))
    size = one.shape[1] // shrink, one.shape[0] // shrink
    a, b = (
        cv2.resize(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), size, interpolation=cv2.INTER_AREA).astype(np.float64)
        for p in (one, two)
    )
    mean_a, mean_b, aa, bb, ab = (cv2.GaussianBlur(p, (11, 11), 1.5) for p in (a, b, a * a, b * b, a * b))
    spread_a, spread_b, together = aa - mean_a**2, bb - mean_b**2, ab - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_a * mean_b + c1) * (2 * together + c2)
    alike /= (mean_a**2 + mean_b**2 + c1) * (spread_a + spread_b + c2)
    inner = alike[5:-5, 5:-5]  # where windows are whole
    return float((inner if inner.size else alike).mean())
