"""Augment: the first take of a drawn chain that this footage can take; labels derived again from what survives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from augment import chain, video
from augment.footage import CameraState, Footage
from augment.ingest import Normalised
from augment.ops import OPS
from augment.seating import Invalid
from synth.config import CONFIGS, words
from synth.dataset import labels, provenance
from synth.dataset.clip import Clip
from synth.task import Task
from synth.tasks.bench import Bench, Tell, told, write
from synth.tree import walk


def make_augment(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    """video.mp4. Raises Invalid with the reason of each take when none can be made."""
    spec = task.spec
    check_words(spec)
    parents = [bench.clips.read(name) for name in task.parents]
    source, *others = [source_footage(parent) for parent in parents]
    reasons = []
    for number, drawn in enumerate(spec["takes"]):
        stated = _stated(parents, drawn, source)
        metadata = provenance.container_metadata(stated)
        try:
            made = chain.apply(
                told(source, tell), drawn, folder / "video.mp4", sources=tuple(others), metadata=metadata
            )
        except Invalid as reason:
            reasons.append(f"take {number}: {reason}")
            continue
        shown = _labelled(made, source, _root_origin(parents[0]))
        used = provenance.attribution(asset for parent in parents for asset in parent.document.get("assets", ()))
        record: dict[str, Any] = {"take": number, "chain": drawn, "provenance": stated, "assets": used}
        write(task, folder, shown, files=["video.mp4"], parents=parents, **record)
        return
    raise Invalid("; ".join(reasons))


def source_footage(clip: Clip) -> Footage:
    """What a chain starts from: a render's lossless master, an ingest's original as its normalisation says, else the
    delivered video; with the clip's labels."""
    document, master = clip.document, clip.master
    if master is None:
        return clip.open()
    if "normalisation" in document:
        opened = video.open_original(master, Normalised.from_json(document["normalisation"]))
        return replace(opened, labels=clip.labels())
    state = document["master"]
    camera = CameraState(**{**state, "done": tuple(state["done"]), "lens": tuple(state["lens"])})
    return video.open_clip(master, labels=clip.labels(), camera=camera)


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
