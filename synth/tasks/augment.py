"""Augment: the first drawn chain that this footage can take and the gate lets pass; labels derived again from what
survives."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from augment import chain, gate, video
from augment.footage import CameraState, Footage
from augment.ingest import Normalised
from augment.ops import OPS
from augment.seating import Invalid
from synth.config import CONFIGS, words
from synth.dataset import labels, provenance
from synth.dataset.clip import Clip
from synth.task import Task
from synth.tasks.bench import Bench, Tell, named, told, write
from synth.tree import walk


def make_augment(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    """video.mp4, by the first take that can be made and passes the gate. Raises Invalid with the reason of each when
    none does. Where both sides of a pair are judged the last parent is the other side, for the gate alone."""
    spec, gated = task.spec, task.spec["gate"]
    check_words(spec)
    files = recordings(task)
    rules = {measure: gate.rule(measure, plain) for measure, plain in gated["keep_if"].items()}
    clips = [bench.clips.read(name) for name in task.parents]
    parents, judges = (clips[:-1], clips[-1:]) if gated["both_sides"] else (clips, [])
    source, *others = [source_footage(parent) for parent in parents]
    reasons = []
    for number, drawn in enumerate(spec["takes"]):
        stated = _stated(parents, drawn, source)
        metadata = provenance.container_metadata(stated)
        target = {"gate_at": gated["at"], "sources": tuple(others), "files": files, "metadata": metadata}
        try:
            made = _passed(rules, told(source, tell), drawn, folder / "video.mp4", **target)
            for judge in judges:
                target = {"gate_at": gated["at"], "files": files}
                _other_side_passes(rules, source_footage(judge), drawn, folder / "gate.mp4", **target)
        except Invalid as reason:
            reasons.append(f"take {number}: {reason}")
            continue
        shown = _labelled(made.footage, source, _root_origin(parents[0]))
        used = provenance.attribution(asset for parent in parents for asset in parent.document.get("assets", ()))
        record: dict[str, Any] = {"take": number, "chain": drawn, "provenance": stated, "assets": used}
        record |= {"gate_frames": made.gate_frames, "measures": made.measures}
        if judges:
            record["gate_parent"] = named(judges[0])
        write(task, folder, shown, files=["video.mp4"], parents=parents, **record)
        return
    raise Invalid("; ".join(reasons))


def _passed(
    rules: Mapping[str, gate.Rule], source: Footage, drawn: Mapping[str, Any], path: Path, **target: Any
) -> chain.Made:
    """What the chain makes of the source. Raises Invalid when it cannot, and when a rule refuses it."""
    made = chain.made(source, drawn, path, **target)
    refused = gate.broken(rules, made.measures)
    if refused:
        raise Invalid(refused)
    return made


def _other_side_passes(
    rules: Mapping[str, gate.Rule], source: Footage, drawn: Mapping[str, Any], path: Path, **target: Any
) -> None:
    """Raises Invalid when the pair's other side does not pass under the same draw; leaves no file."""
    try:
        _passed(rules, source, drawn, path, **target)
    except Invalid as reason:
        raise Invalid(f"the other side of the pair: {reason}") from None
    finally:
        path.unlink(missing_ok=True)


def source_footage(clip: Clip) -> Footage:
    """What a chain starts from: a render's lossless master, an ingest's original as its normalisation says, else the
    delivered video; with the clip's labels."""
    document, master = clip.document, clip.master
    if master is None:
        return clip.open()
    if "normalisation" in document:
        opened = video.open_original(master, Normalised.from_json(document["normalisation"]))
        return replace(opened, labels=clip.labels())
    return video.open_clip(master, labels=clip.labels(), camera=CameraState.of(document["master"]))


def recordings(task: Task) -> dict[str, Path]:
    """The gyroscope recordings of the task by SHA-256. ValueError when one is no longer the file that was planned."""
    for sha256, path in task.files.items():
        with Path(path).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != sha256:
            raise ValueError(
                f"{path!r}: sha256 must be {sha256[:12]} as planned, got {found[:12]}: the file changed, plan again"
            )
    return {sha256: Path(path) for sha256, path in task.files.items()}


def check_words(spec: Mapping[str, Any]) -> None:
    """ValueError when a word for a picture is not in the reviewed list that its spec names, as that list stands."""
    for at, node in walk(spec):
        if isinstance(node, Mapping) and set(node) == {"text", "list", "sha256"}:
            listed, sha256 = words(node["list"])
            if node["sha256"] != sha256 or node["text"] not in listed:
                raise ValueError(
                    f"{at}: text must be a word of {CONFIGS.name}/words/{node['list']}.yaml as planned, "
                    f"got {node['text']!r}: plan again"
                )


def _labelled(made: Footage, source: Footage, origin: str) -> Footage:
    """With clip labels derived from the events and tracks that the chain left."""
    clip = labels.derive(
        made.labels.events,
        made.labels.tracks,
        family=str(source.labels.clip.get("family") or ""),
        origin=origin,
        before=source.labels.clip,
        fps=made.fps,
        seconds=made.seconds,
    )
    return replace(made, labels=replace(made.labels, clip=clip))


def _stated(parents: list[Clip], drawn: Mapping[str, Any], source: Footage) -> dict[str, Any]:
    """The provenance of a child: every root's licence and handling, and each lossy encode, the delivery's included."""
    encodes = 1 + sum(OPS[op["op"]].kind == "stream" for op in drawn["ops"])
    blocks = [parent.document["provenance"] for parent in parents]
    return provenance.statement(
        roots=[_root_origin(parent) for parent in parents],
        parents=[parent.name for parent in parents],
        ops=[{**op, "action": OPS[op["op"]].c2pa_action} for op in drawn["ops"]],
        licences=[licence for block in blocks for licence in block["licences"]],
        generations=source.camera.generations + encodes,
        handling=[marking for block in blocks for marking in block["handling"]],
    )


def _root_origin(clip: Clip) -> str:
    return str(clip.document["provenance"]["root_origin"])
