"""Deciding a chain: every op built, asked and in its place, and what cannot be refused, before a frame flows."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from augment.camera import motion, view
from augment.field import SLACK_PX, Field
from augment.footage import CameraState, Footage
from augment.kinds import Row, Setting
from augment.ops import OPS
from augment.ops.lens import View
from augment.video import Deliver

CHECKED_FRAMES = 24
"""Frames, evenly spaced, on which warps are checked before anything is encoded; all others as they pass."""


class Invalid(ValueError):  # noqa: N818  says what the draw is
    """This draw cannot be made of this footage; another may."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One op in its place."""

    number: int
    """Its place in the chain's ops."""
    at: str
    """"ops[2] (lens)", for errors."""
    row: Row
    op: Any
    setting: Setting
    """The clip as it arrives here."""
    act: Any = None
    """What the op answered: a sampler, a table, a painter, a TimeMap; None for streams and sounds."""
    camera: CameraState = field(default_factory=CameraState)
    """What has been done to the picture behind it."""
    turns: Any = None
    """(T, 3, 3) a warp's new camera axes in its old ones; None when it keeps them."""


def deliver_spec(chain: Mapping[str, Any]) -> Deliver:
    for key in chain:
        if key not in ("paths", "ops", "deliver"):
            raise ValueError(f"{key}: unknown key of a chain{_near(key, ('paths', 'ops', 'deliver'))}")
    plain = chain.get("deliver") or {}
    names = [f.name for f in fields(Deliver)]
    for key in plain:
        if key not in names:
            raise ValueError(f"deliver: unknown knob {key!r}{_near(key, names)}")
    try:
        return Deliver.of(plain)
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise ValueError(f"deliver: {error}") from None


def seated(footage: Footage, chain: Mapping[str, Any], files: Mapping[str, Path]) -> tuple[list[Step], Setting]:
    """Every op built and asked for its part, in order, and the clip as it leaves the last."""
    paths = chain.get("paths") or {}
    for name, spec in paths.items():
        _check_path(name, spec, files)
    here = Setting(
        fps=footage.fps,
        size_px=footage.size_px,
        length=footage.length,
        seed=0,
        camera=footage.camera,
        paths=paths,
        files=files,
    )
    ops = [_built(n, plain) for n, plain in enumerate(chain.get("ops") or [])]
    steps = []
    for number, (at, seed, row, op) in enumerate(ops):
        _check_place(at, row, here)
        _check_names(at, op, here)
        step = _asked(Step(number=number, at=at, row=row, op=op, setting=replace(here, seed=seed)))
        steps.append(step)
        here = _after(step)
    if here.camera.log_curve:
        raise ValueError(
            'ops: a 10-bit log master needs exactly one tone op, got none; add {"op": "tone"} to the chain'
        )
    _check_warps(steps)
    return steps, here


def _built(n: int, plain: Mapping[str, Any]) -> tuple[str, int, Row, Any]:
    """(place for errors, seed, row, op) of one entry of `ops`."""
    name = plain.get("op")
    at = f"ops[{n}] ({name})"
    if name not in OPS:
        raise ValueError(f"ops[{n}]: unknown op {name!r}{_near(str(name), list(OPS))}")
    row = OPS[name]
    knobs = {k: v for k, v in plain.items() if k not in ("op", "seed")}
    names = [f.name for f in fields(row.op)]
    for knob in knobs:
        if knob not in names:
            raise ValueError(f"{at}: unknown knob {knob!r}{_near(knob, names)}")
    try:
        return at, int(plain.get("seed", 0)), row, row.op(**knobs)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{at}: {' '.join(str(error).split())}") from None


def _check_path(name: str, spec: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    knobs = [f.name for f in fields(motion.Path)]
    for knob in spec:
        if knob not in knobs:
            raise ValueError(f"paths.{name}: unknown knob {knob!r}{_near(knob, knobs)}")
    try:
        motion.trajectory(spec, files)
    except (TypeError, ValueError) as error:
        raise ValueError(f"paths.{name}: {' '.join(str(error).split())}") from None


def _check_names(at: str, op: Any, here: Setting) -> None:
    """What an op calls by name must be there: another footage would not bring it."""
    for knob, known in (("path", here.paths), ("font", here.files)):
        name = getattr(op, knob, None)
        if name and name not in known:
            raise ValueError(f"{at}: {knob} must be there, got {name!r}{_near(name, list(known))}")


def _check_place(at: str, row: Row, here: Setting) -> None:
    """Whether the op may stand after what has been done already."""
    camera = here.camera
    if row.kind == "stream" and (here.size_px[0] % 2 or here.size_px[1] % 2):
        raise ValueError(f"{at}: takes pictures of even size, got {list(here.size_px)}; bring the clip in by ingest")
    again = [word for word in row.adds if word in camera.done]
    if again:
        done = ", ".join(camera.done)
        raise ValueError(f"{at}: {again[0]} has been done to this picture already (done: {done}); leave the op out")
    if row.kind in ("time", "sound") or row.takes == "both":
        return
    arrives = "uint16" if camera.log_curve else "uint8"
    if row.takes == "uint16" and arrives == "uint8":
        raise ValueError(
            f"{at}: takes a 10-bit log picture and gets an 8-bit one; a chain over a master has one tone op"
        )
    if row.takes == "uint8" and arrives == "uint16":
        raise ValueError(f"{at}: takes an 8-bit picture and gets a 10-bit log one; put it after the tone op")


def _asked(step: Step) -> Step:
    """The step with the op's answer; what the op refuses here depends on the footage, so the draw is Invalid."""
    ask = {"warp": "sampler", "table": "table", "pixel": "painter", "time": "time_map"}.get(step.row.kind)
    try:
        act: Any = getattr(step.op, ask)(step.setting) if ask else None
        camera, turns = _camera(step, act)
    except ValueError as error:
        raise Invalid(f"{step.at}: {' '.join(str(error).split())}") from None
    if step.row.kind == "time" and not len(act.picks):
        raise Invalid(f"{step.at}: leaves no frame of {step.setting.length}; keep more")
    return replace(step, act=act, camera=camera, turns=turns)


def _camera(step: Step, act: Any) -> tuple[CameraState, Any]:
    """The camera behind a step, and how it turned: as the op says, else as its warp shows."""
    op, setting = step.op, step.setting
    camera, turns = setting.camera, None
    if isinstance(act, View):
        camera, turns = act.camera, act.turns
    elif hasattr(op, "camera_after"):
        camera = op.camera_after(setting)
        turns = op.turns(setting) if hasattr(op, "turns") else None
    elif step.row.kind == "warp":
        camera, turns = view.through_plane(act, setting, op.out_size(setting))
    if step.row.kind == "stream":
        camera = replace(camera, generations=camera.generations + 1)
    if step.row.takes == "uint16":
        camera = replace(camera, log_curve="")
    return camera.with_done(*step.row.adds), turns


def _after(step: Step) -> Setting:
    """The clip as it leaves this step."""
    setting = replace(step.setting, camera=step.camera)
    if step.row.kind == "warp":
        return replace(setting, size_px=step.op.out_size(step.setting))
    if step.row.kind == "time":
        return replace(setting, fps=step.act.fps, length=len(step.act.picks))
    return setting


def _check_warps(steps: Sequence[Step]) -> None:
    """Nothing is invented, on frames spread over the clip."""
    for kind, group in groups(steps):
        if kind == "warp":
            length = group[0].setting.length
            warp = fused_field(group)
            for t in np.unique(np.linspace(0, length - 1, CHECKED_FRAMES).astype(int)):
                check_inside(group, warp, int(t))


def check_inside(group: Sequence[Step], warp: Field, t: int) -> None:
    outside = warp.outside_px(t)
    if outside > SLACK_PX:
        places = " + ".join(step.at for step in group)
        raise Invalid(
            f"{places}: frame {t} samples {outside:.1f} px outside the picture; "
            "raise max_zoom or take a milder path or lens"
        )


def groups(steps: Sequence[Step]) -> list[tuple[str, list[Step]]]:
    """Neighbours of a kind that fuse (warps, tables) together, all others alone; sound stands aside."""
    pictures = [step for step in steps if step.row.kind != "sound"]
    # bars are nothing to look through: what shows the picture in a part of its frame is the last of its group
    framed = np.cumsum([0, *(hasattr(step.op, "shows") for step in pictures)])
    fuses = ("warp", "table")
    fused = groupby(enumerate(pictures), lambda n: (n[1].row.kind, framed[n[0]]) if n[1].row.kind in fuses else n[0])
    return [(group[0].row.kind, group) for _, numbered in fused if (group := [step for _, step in numbered])]


def fused_field(group: Sequence[Step]) -> Field:
    last = group[-1]
    framed = hasattr(last.op, "shows")
    return Field(
        samplers=[step.act for step in group],
        size_in_px=group[0].setting.size_px,
        size_out_px=last.op.out_size(last.setting),
        shows_px=last.op.shows(last.setting) if framed else None,
        surround=last.op.surround(last.setting) if framed else None,
    )


def _near(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; it is one of {', '.join(sorted(known))}" if known else "; there is none"
