"""The audit: can the class be told from what should not tell it? And which clips show nothing, or the same thing?

Counted are groups (units), never clips: a thousand children of one source say no more than it does. Clips whose class
is `unknown` stand outside.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from augment import video
from augment.footage import Array
from synth.dataset.canonical import check_name
from synth.dataset.clip import VIDEO

MIN_GROUPS = 200
"""Groups per class below which nothing can be said."""
BINS = 10
"""Quantile bins of a feature that is a number."""
FLAT = 2.0
"""Standard deviation of 8-bit values below which a frame shows nothing; sensor noise alone is about 2."""
LOOKS = 8
"""Frames of a clip that are looked at."""
BLACK = 8.0
"""Mean 8-bit value below which a flat frame is black."""

Row = Mapping[str, Any]
Feature = Callable[[Row], Hashable]

FEATURES: dict[str, Feature] = {
    "size": lambda row: (row["width_px"], row["height_px"]),
    "fps": lambda row: row["fps"],
    "codec": lambda row: row["codec"],
    "bitrate_bps": lambda row: row["video_bytes"] * 8 / row["seconds"],
    "seconds": lambda row: float(row["seconds"]),
    "has_audio": lambda row: row["has_audio"],
    "generations": lambda row: row["generations"],
    "camera": lambda row: row["camera"],
    "mount": lambda row: row["mount"],
    "venue": lambda row: row["venue"],
    "country": lambda row: row["country"],
    "ops": lambda row: row["ops"],
    "overlays": lambda row: row["overlays"],
    "held_colour": lambda row: row["held_colour"],
    "origin": lambda row: row["is_synthetic"],
    "licence": lambda row: row["licence"],
}
"""What must not tell the class, read from a row of the index. A float is binned, anything else is a word."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """How much one feature tells of the class."""

    feature: str
    nmi: float
    """Mutual information over the class's entropy, 0 (nothing) to 1 (everything); small samples raise it."""
    groups: int
    """Groups in the smaller class."""
    verdict: str
    """"too few to tell", or "measured"."""


def audit(rows: Sequence[Row]) -> list[Finding]:
    """One finding per feature, the most telling first."""
    known = [row for row in rows if row["label"] in ("positive", "negative")]
    groups = {label: {row["unit"] for row in known if row["label"] == label} for label in ("positive", "negative")}
    least = min(len(group) for group in groups.values())
    verdict = "measured" if least >= MIN_GROUPS else "too few to tell"
    weights = _weights(known)
    made = []
    for name, feature in FEATURES.items():
        words = _words([feature(row) for row in known])
        nmi = normalised_mutual_information(words, [row["label"] for row in known], weights)
        made.append(Finding(feature=name, nmi=nmi, groups=least, verdict=verdict))
    return sorted(made, key=lambda finding: (-finding.nmi, finding.feature))


def normalised_mutual_information(
    words: Sequence[Hashable], classes: Sequence[Hashable], weights: Sequence[float] | None = None
) -> float:
    """I(word; class) / H(class) in 0..1; 0 when there is one class only."""
    weights = [1.0] * len(words) if weights is None else weights
    joint: Counter[tuple[Hashable, Hashable]] = Counter()
    for word, label, weight in zip(words, classes, weights, strict=True):
        joint[word, label] += weight  # type: ignore[assignment]
    total = sum(joint.values())
    of_word, of_class = _margin(joint, 0), _margin(joint, 1)
    entropy = -sum(p / total * math.log(p / total) for p in of_class.values() if p)
    if entropy < 1e-12:
        return 0.0
    information = sum(
        p / total * math.log(p * total / (of_word[word] * of_class[label])) for (word, label), p in joint.items() if p
    )
    return min(max(information / entropy, 0.0), 1.0)


def duplicates(rows: Sequence[Row]) -> list[str]:
    """One line for each clip whose packets another clip has too."""
    first: dict[str, str] = {}
    return [
        f"clips/{row['name']}: shows the very packets of {first[row['packet_sha256']]}"
        for row in rows
        if first.setdefault(row["packet_sha256"], row["name"]) != row["name"]
    ]


def pictures(dataset: Path, rows: Sequence[Row]) -> list[str]:
    """One line for each clip of a dataset whose video shows nothing, or one thing only."""
    found = []
    for row in rows:
        seconds = float(row["seconds"])
        rate = min(Fraction(row["fps"]), LOOKS / Fraction(seconds))
        frames, _ = video.read_window(dataset / "clips" / check_name(row["name"], "name") / VIDEO, 0.0, seconds, rate)
        if shows := picture(frames):
            found.append(f"clips/{row['name']}/{VIDEO}: is {shows}")
    return found


def picture(frames: Array) -> str:
    """What a clip's frames (T, H, W, 3) uint8 show at worst: "" for something, else black, flat or frozen."""
    spread = frames.reshape(len(frames), -1).std(axis=1)
    if (spread < FLAT).all():
        return "black" if frames.mean() < BLACK else "flat"
    return "frozen" if len(frames) > 1 and (frames == frames[:1]).all() else ""


def _weights(rows: Sequence[Row]) -> list[float]:
    """Each unit weighs 1 within a class, however many clips it has there."""
    size = Counter((row["unit"], row["label"]) for row in rows)
    return [1 / size[row["unit"], row["label"]] for row in rows]


def _words(values: Sequence[Hashable]) -> list[Hashable]:
    """Values as words: floats fall into quantile bins."""
    if not values or not isinstance(values[0], float):
        return list(values)
    numbers = np.array(values, float)
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1]))
    return [int(bin_) for bin_ in np.searchsorted(edges, numbers, side="right")]


def _margin(joint: Mapping[tuple[Hashable, Hashable], float], side: int) -> dict[Hashable, float]:
    made: dict[Hashable, float] = defaultdict(float)
    for key, weight in joint.items():
        made[key[side]] += weight
    return made
