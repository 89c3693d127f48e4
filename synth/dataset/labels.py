"""Clip labels, derived from events by one table; derived again after every chain from what survived it.

`label` is the class: wherever class, positive or negative is said, it is meant. An exercise is labelled `exercise`,
never an attack. A twin of a positive never had the `appearance` and is negative; a clip that lost it in a chain is
`unknown`: neither side may learn from it. A real clip of which nothing was said is `unknown` throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from augment.footage import Event, Tracks
from synth.config import vocabulary

LEVELS = ("none", "low", "med", "high")
"""Evidence, weakest first."""
SEEN_FROM = ((0.5, "high"), (0.2, "med"), (0.0, "low"))
"""Least share of a thing's silhouette that must be seen for a level; above 0 for the weakest. Our choice, unmeasured:
half of a thing is told apart easily, a fifth barely."""
HEARD = "med"
"""A sound alone says that something happens, not who does it."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One line of the table: an event of this type, about a thing of these classes, makes the appearance."""

    event: str
    track_classes: tuple[str, ...] = ()
    """Classes of the thing it is about; empty: the event alone is enough."""


APPEARANCE = (
    Rule(event="object_raised", track_classes=("prop_long", "prop_short")),
    Rule(event="loud_impulse_sound"),
)
"""What makes a clip look or sound like what the classifier must find."""
EARLY = "object_in_hand_visible"
"""The event that comes before; the early anchor of time-to-detect."""


def derive(
    events: Sequence[Event],
    tracks: Tracks,
    *,
    family: str,
    origin: str,
    before: Mapping[str, Any] | None = None,
    fps: Fraction | None = None,
    seconds: float | None = None,
) -> dict[str, Any]:
    """Clip labels by the table above and the vocabulary's families.

    `family` is a word of the vocabulary, "" when a real clip came without one; `origin` is rendered or real (an
    augmented clip has its root's); `before` are the clip labels of the source it was made from. With `fps` only the
    frames during an event count as its evidence, else the thing's whole track does. Without `seconds` the last absence
    interval is open: it ends in None.
    """
    if origin not in ("rendered", "real"):
        raise ValueError(f"origin must be rendered or real, got {origin!r}")
    families = vocabulary()["families"]
    if family and family not in families:
        raise ValueError(f"family must be a word of the vocabulary ({', '.join(sorted(families))}), got {family!r}")
    if not family and origin == "rendered":
        raise ValueError("family must be named for a rendered clip, got ''")

    known = bool(family or events)
    made = [(event, evidence(event, tracks, fps=fps)) for event in events if _appears(event, tracks)]
    observed = [event for event, level in made if level != "none"]
    lost = before is not None and before.get("label") in ("positive", "unknown") and not observed
    positive = bool(family) and families[family]["label"] == "positive"
    label = "unknown" if not family or (positive and lost) else "positive" if positive and observed else "negative"
    return {
        "family": family,
        "content_status": families[family]["content_status"] if family else "unknown",
        "first_person": origin == "rendered" or _wearer_seen(tracks) or None,
        "appearance": int(bool(observed)) if known else None,
        "label": label,
        "evidence_level": max((level for _, level in made), key=LEVELS.index, default="none"),
        "primary_s": _first(observed),
        "early_s": _first(e for e in events if e.type == EARLY and evidence(e, tracks, fps=fps) != "none"),
        "absence_s": absence(observed, seconds) if label != "unknown" else [],
    }


def evidence(event: Event, tracks: Tracks, *, fps: Fraction | None = None) -> str:
    """How well one event can be observed, one of LEVELS: the best of what is seen and what is heard."""
    heard = HEARD if event.audible else "none"
    return max(_seen(event, tracks, fps), heard, key=LEVELS.index)


def absence(observed: Iterable[Event], seconds: float | None) -> list[list[float | None]]:
    """The stretches [start_s, stop_s] of the clip in which none of the events goes on."""
    gaps: list[list[float | None]] = []
    clear_from = 0.0
    for event in sorted(observed, key=lambda e: e.onset_s):
        if event.onset_s > clear_from:
            gaps.append([clear_from, event.onset_s])
        clear_from = max(clear_from, event.offset_s)
    if seconds is None or clear_from < seconds:
        gaps.append([clear_from, seconds])
    return gaps


def _appears(event: Event, tracks: Tracks) -> bool:
    classes = {thing.id: thing.track_class for thing in tracks.things}
    return any(
        event.type == rule.event and (not rule.track_classes or classes.get(event.track) in rule.track_classes)
        for rule in APPEARANCE
    )


def _seen(event: Event, tracks: Tracks, fps: Fraction | None) -> str:
    """The level of the best frame; an event about no tracked thing is seen as well as it says itself."""
    if not event.visible:
        return "none"
    if not event.track:
        return "med"
    rows = tracks.track == event.track
    if fps is not None:
        at_s = tracks.frame / float(fps)
        rows &= (at_s >= event.onset_s - 0.5 / float(fps)) & (at_s <= event.offset_s + 0.5 / float(fps))
    best = float(np.max(tracks.visible[rows], initial=0.0))
    return next((level for least, level in SEEN_FROM if best > 0 and best >= least), "none")


def _wearer_seen(tracks: Tracks) -> bool:
    return any(thing.track_class == "hand_wearer" for thing in tracks.things)


def _first(events: Iterable[Event]) -> float | None:
    """When the first of the events can be observed."""
    starts = (e.onset_s if e.observable_from_s is None else e.observable_from_s for e in events)
    return min(starts, default=None)
