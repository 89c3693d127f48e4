"""Timeline: beats become events with onset and offset, and the sounds they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from scenes.families import Beats
from scenes.mesh import Array
from scenes.motion.acting import Actor
from scenes.shot import Event, Sound

RAISED_AFTER_S = 0.20
"""From the start of the raising move, 0.4 s long, to when the thing counts as raised."""
IMPULSE_S = 0.25
"""The time that a loud impulse is heard over everything else in a room."""


def events(
    beats: Beats, actors: Sequence[Actor], *, seconds: float, fps: float, held_track: int, prop: bool,
    seen_s: tuple[float, float] | None, people_tracks: Sequence[int],
) -> tuple[Event, ...]:  # fmt: skip
    """All events of a clip, by onset. `seen_s` is from when until when the gripping hands lie in the frame."""
    end, frame_s = seconds, 1 / fps
    made = [
        Event(type="stream_start", onset_s=0.0, offset_s=min(frame_s, end)),
        Event(type="movement_start", onset_s=beats.move_s, offset_s=beats.move_s + 0.5, actor_role="wearer"),
        Event(type="stream_end", onset_s=max(end - frame_s, 0.0), offset_s=end),
    ]
    if held_track and seen_s is not None:
        made.append(Event(type="object_in_hand_visible", onset_s=seen_s[0], offset_s=seen_s[1], actor_role="wearer",
                          track=held_track))  # fmt: skip
    if held_track and beats.raise_s is not None:
        down = end if beats.lower_s is None else beats.lower_s + 0.3
        made.append(Event(type="object_raised", onset_s=beats.raise_s + RAISED_AFTER_S, offset_s=down,
                          actor_role="wearer", track=held_track))  # fmt: skip
    if prop and beats.impulse_s is not None:
        made.append(Event(type="loud_impulse_sound", onset_s=beats.impulse_s, offset_s=beats.impulse_s + IMPULSE_S,
                          actor_role="wearer", track=held_track, audible=True))  # fmt: skip
    if beats.command_s is not None:
        made.append(Event(type="officer_command", onset_s=beats.command_s, offset_s=beats.command_s + 0.9,
                          actor_role="responder", audible=True))  # fmt: skip
    if beats.stop_s is not None:
        made.append(Event(type="exercise_stop", onset_s=beats.stop_s, offset_s=end, actor_role="umpire",
                          audible=True))  # fmt: skip
    for actor, track in zip(actors, people_tracks, strict=True):
        made += _acted(actor, track, end)
    inside = (_clipped(e, end) for e in made)
    return tuple(sorted((e for e in inside if e), key=lambda e: (e.onset_s, e.type, e.track)))


ACTED: dict[str, str] = {
    "hands_up": "hands_up", "kneel_hands_up": "hands_up", "lie_prone": "lying_down", "lie_supine": "lying_down",
    "take_cover": "taking_cover",
}  # fmt: skip
"""Motion -> the event that is on while somebody does it."""
RUN_SEEN_S = 0.4
"""From the first step of a run to when it can be told from a walk."""


def _acted(actor: Actor, track: int, end_s: float) -> list[Event]:
    """What a person does that the vocabulary has a word for, from when it can be seen."""
    made = []
    for act in actor.acts:
        if act.motion in ACTED:
            onset = (act.at_s + actor.reaches_s(act)) / 2
            made.append(Event(type=ACTED[act.motion], onset_s=onset, offset_s=min(act.end_s, end_s),
                              actor_role="role_player", track=track))  # fmt: skip
    for leg in actor.legs:
        if leg.style == "run" and leg.end_s > leg.start_s + RUN_SEEN_S:
            made.append(Event(type="people_running", onset_s=leg.start_s + RUN_SEEN_S, offset_s=min(leg.end_s, end_s),
                              actor_role="role_player", track=track))  # fmt: skip
    return [e for e in made if e.offset_s > e.onset_s]


def _clipped(event: Event, end_s: float) -> Event | None:
    """The event within the clip, or None when it begins after it."""
    if event.onset_s >= end_s or event.offset_s <= 0:
        return None
    onset, offset = (round(min(max(t, 0.0), end_s), 6) for t in (event.onset_s, event.offset_s))
    return replace(event, onset_s=onset, offset_s=offset)


def sounds(
    beats: Beats, *, seconds: float, prop: bool, wearer_strikes_s: Array,
    people_strikes: Sequence[Sequence[tuple[float, tuple[float, float]]]], rng: np.random.Generator,
) -> tuple[Sound, ...]:  # fmt: skip
    """Cues in order: the room, the wearer's cloth and steps, others' steps where they fall, voices, the impulse."""
    made = [
        Sound(kind="room_tone", t_s=0.0, seconds=seconds, gain=1.0),
        Sound(kind="cloth", t_s=0.0, seconds=seconds, gain=1.0),
    ]
    made += [Sound(kind="footstep", t_s=float(t), gain=float(rng.uniform(0.75, 1.1))) for t in wearer_strikes_s]
    for strikes in people_strikes:
        made += [
            Sound(kind="footstep", t_s=t, gain=float(rng.uniform(0.75, 1.1)), position_m=(x, y, 0.0))
            for t, (x, y) in strikes
        ]
    if prop and beats.impulse_s is not None:
        made.append(Sound(kind="impulse", t_s=beats.impulse_s))
    voices = (("shout", beats.command_s, 0.9), ("radio", beats.radio_s, 1.2), ("whistle", beats.stop_s, 0.7))
    made += [Sound(kind=kind, t_s=at, seconds=length) for kind, at, length in voices if at is not None]
    return tuple(sorted((s for s in made if 0 <= s.t_s < seconds), key=lambda s: (s.t_s, s.kind)))
