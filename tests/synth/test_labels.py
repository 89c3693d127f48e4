"""The table of clip labels, case by case."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from augment.footage import Event, Track, Tracks
from synth.config import vocabulary
from synth.dataset.labels import absence, derive, evidence


def tracks(track_class: str, visible: float = 0.9, frames: int = 4) -> Tracks:
    """Track 1, seen equally on each frame."""
    return Tracks(
        things=(Track(id=1, track_class=track_class),),
        frame=np.arange(frames, dtype=np.int32),
        track=np.ones(frames, np.int32),
        box_px=np.tile(np.float32([0, 0, 4, 4]), (frames, 1)),
        visible=np.full(frames, visible, np.float32),
        in_frame=np.ones(frames, np.float32),
    )


RAISED = Event(type="object_raised", onset_s=1.0, offset_s=2.0, track=1, visible=True)
UNSEEN = Event(type="object_raised", onset_s=1.0, offset_s=2.0, track=1, visible=False)
BANG = Event(type="loud_impulse_sound", onset_s=2.0, offset_s=2.2, audible=True)
MUTED = Event(type="loud_impulse_sound", onset_s=2.0, offset_s=2.2)
SHOUT = Event(type="shouting", onset_s=0.5, offset_s=1.0, audible=True)


@dataclass(frozen=True, kw_only=True)
class Case:
    """What goes in and what must come out."""

    events: tuple[Event, ...] = ()
    thing: str = "prop_long"
    visible: float = 0.9
    family: str = "incident_response"
    origin: str = "rendered"
    before: str | None = None
    """The label of the source it was made from; None for a root."""
    label: str
    appearance: int | None
    evidence_level: str
    content_status: str = "exercise"


CASES = {
    "raised prop": Case(events=(RAISED,), label="positive", appearance=1, evidence_level="high"),
    "short prop": Case(events=(RAISED,), thing="prop_short", label="positive", appearance=1, evidence_level="high"),
    "glimpse": Case(events=(RAISED,), visible=0.05, label="positive", appearance=1, evidence_level="low"),
    "a third": Case(events=(RAISED,), visible=0.3, label="positive", appearance=1, evidence_level="med"),
    "only heard": Case(events=(BANG,), label="positive", appearance=1, evidence_level="med"),
    "hostage": Case(events=(RAISED,), family="hostage_situation", label="positive", appearance=1, evidence_level="high"),
    "out of sight": Case(events=(UNSEEN,), before="positive", label="unknown", appearance=0, evidence_level="none"),
    "no pixel left": Case(events=(RAISED,), visible=0.0, before="positive", label="unknown", appearance=0, evidence_level="none"),
    "muted": Case(events=(MUTED,), before="positive", label="unknown", appearance=0, evidence_level="none"),
    "chain took it": Case(events=(SHOUT,), before="positive", label="unknown", appearance=0, evidence_level="none"),
    "lost before": Case(events=(SHOUT,), before="unknown", label="unknown", appearance=0, evidence_level="none"),
    "child of a twin": Case(events=(RAISED,), thing="phone", before="negative", label="negative", appearance=0, evidence_level="none"),
    "child that kept it": Case(events=(RAISED,), before="positive", label="positive", appearance=1, evidence_level="high"),
    "torch raised": Case(events=(RAISED,), thing="torch", label="negative", appearance=0, evidence_level="none"),
    "look-alike": Case(
        events=(RAISED,), thing="tool", family="hand_tool", label="negative", appearance=0, evidence_level="none",
        content_status="everyday",
    ),
    "look-alike with the look": Case(
        events=(RAISED, BANG), family="hand_tool", label="negative", appearance=1, evidence_level="high",
        content_status="everyday",
    ),
    "look-alike without anything": Case(
        family="hand_tool", label="negative", appearance=0, evidence_level="none", content_status="everyday",
    ),
    "real, nothing said": Case(
        family="", origin="real", label="unknown", appearance=None, evidence_level="none", content_status="unknown",
    ),
    "real exercise": Case(
        events=(RAISED,), origin="real", label="positive", appearance=1, evidence_level="high",
    ),
    "real, events but no family": Case(
        events=(RAISED,), family="", origin="real", label="unknown", appearance=1, evidence_level="high",
        content_status="unknown",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derive(case: Case) -> None:
    before = None if case.before is None else {"label": case.before}
    made = derive(case.events, tracks(case.thing, case.visible), family=case.family, origin=case.origin, before=before)
    assert {key: made[key] for key in ("label", "appearance", "evidence_level", "content_status", "family")} == {
        "label": case.label, "appearance": case.appearance, "evidence_level": case.evidence_level,
        "content_status": case.content_status, "family": case.family,
    }  # fmt: skip


@pytest.mark.parametrize("family", sorted(vocabulary()["families"]))
def test_every_family_of_the_vocabulary_has_both_labels_defined(family: str) -> None:
    with_it, without = (
        derive(events, tracks("prop_long"), family=family, origin="rendered", before={"label": "positive"})
        for events in ((RAISED,), ())
    )
    assert (with_it["label"], without["label"]) in {("positive", "unknown"), ("negative", "negative")}
    positive = family in ("incident_response", "hostage_situation")
    assert (with_it["label"] == "positive") == positive
    assert with_it["content_status"] not in ("real_event", "unknown")
    assert (with_it["content_status"] == "exercise") >= positive


def test_only_frames_of_the_event_are_its_evidence() -> None:
    seen_early = tracks("prop_long", frames=40)
    seen_early.visible[10:] = 0.1
    late = Event(type="object_raised", onset_s=2.0, offset_s=3.0, track=1, visible=True)
    assert evidence(late, seen_early, fps=Fraction(10)) == "low"
    assert evidence(late, seen_early) == "high"


def test_first_person_is_said_of_renders_and_seen_in_real_clips() -> None:
    assert derive((), tracks("phone"), family="hand_tool", origin="rendered")["first_person"] is True
    assert derive((), tracks("phone"), family="hand_tool", origin="real")["first_person"] is None
    assert derive((), tracks("hand_wearer"), family="hand_tool", origin="real")["first_person"] is True


def test_anchors_are_the_first_that_can_be_observed() -> None:
    hidden = Event(type="object_raised", onset_s=1.0, offset_s=4.0, track=1, visible=True, observable_from_s=2.5)
    early = Event(type="object_in_hand_visible", onset_s=0.2, offset_s=4.0, track=1, visible=True)
    made = derive((early, hidden, BANG), tracks("prop_long"), family="incident_response", origin="rendered")
    assert (made["early_s"], made["primary_s"]) == (0.2, 2.0)


ABSENCES: dict[str, tuple[tuple[Event, ...], float | None, list[Any]]] = {
    "nothing": ((), 5.0, [[0.0, 5.0]]),
    "open end": ((RAISED,), None, [[0.0, 1.0], [2.0, None]]),
    "between": ((BANG, RAISED), 5.0, [[0.0, 1.0], [2.2, 5.0]]),
    "all of it": ((Event(type="object_raised", onset_s=0.0, offset_s=5.0),), 5.0, []),
}


@pytest.mark.parametrize(("events", "seconds", "gaps"), ABSENCES.values(), ids=ABSENCES.keys())
def test_absence(events: tuple[Event, ...], seconds: float | None, gaps: list[Any]) -> None:
    assert absence(events, seconds) == gaps


def test_what_is_unknown_has_no_absence() -> None:
    assert derive((), tracks("torch"), family="", origin="real", seconds=5.0)["absence_s"] == []
    assert derive((), tracks("torch"), family="hand_tool", origin="real", seconds=5.0)["absence_s"] == [[0.0, 5.0]]


@pytest.mark.parametrize(("family", "origin", "said"), [
    ("no_such", "rendered", "family must be a word of the vocabulary"),
    ("", "rendered", "family must be named"),
    ("hand_tool", "augmented", "origin must be rendered or real"),
])  # fmt: skip
def test_words_outside_the_vocabulary_are_refused(family: str, origin: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        derive((), Tracks(), family=family, origin=origin)
