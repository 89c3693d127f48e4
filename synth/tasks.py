"""Making: a spec in, a whole folder out. Runs in workers that read no recipe and know neither each other nor Ray."""

from __future__ import annotations

import hashlib
import json
import shutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from augment import footage as known
from augment.footage import Footage, Labels
from synth.config import CONFIGS, read, words
from synth.dataset import labels as vocabulary_labels
from synth.dataset import provenance
from synth.dataset.clip import Clip, Store, write_clip
from synth.errors import one_line
from synth.task import Task, maker
from synth.tree import walk

Tell = Callable[[int, int], None]
"""tell(frame, of)."""


class Bench:
    """What a process keeps between tasks: where it works, its share of threads, and the warm stage."""

    def __init__(self, *, root: Path, run_id: str, threads: int) -> None:
        self.root, self.run_id, self.threads = root, run_id, threads
        self.clips = Store(root, "clips", run_id)
        self.shards = Store(root, "shards", run_id)
        self._stage: Any = None

    @property
    def stage(self) -> Any:
        """The stage's handle; Blender starts with the first shot."""
        if self._stage is None:
            from scenes.film import Stage

            self._stage = Stage()
        return self._stage

    def attempt(self, task: Task, tell: Tell) -> tuple[str, Sequence[str]]:
        """Makes the task's folder. Returns ("", ()) or a one-line error and the log's tail; interrupts pass through."""
        store = self.shards if task.kind == "shard" else self.clips
        try:
            with store.attempt(task.name) as folder:
                MAKERS[task.kind](task, folder, self, tell)
        except Exception as error:  # whatever a library raises fails this one task
            tail = traceback.format_exception(error)[-3:]
            return one_line(error), [*"".join(tail).splitlines()[-20:], *(self._stage.tail() if self._stage else ())]
        return "", ()

    def close(self) -> None:
        if self._stage is not None:
            self._stage.close()
            self._stage = None


# --- ingest ----------------------------------------------------------------------------------------------------------


def _ingest(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    from augment import chain, video
    from augment.ingest import Normalisation, resolve

    spec = task.spec
    given = Path(task.files[spec["sha256"]])
    rule = read(Normalisation, spec["normalise"], "spec", "normalise")
    decided = resolve(rule, video.probe(given))
    original = folder / f"original.{spec['container']}"
    _copy(given, original, spec["sha256"])
    made = video.open_original(original, decided)
    labels = Labels(clip=vocabulary_labels.derive((), made.labels.tracks, family="", origin="real"))
    made = replace(made, labels=labels)
    source = spec["source"]
    stated = provenance.statement(
        roots=["real"],
        licences=[source.get("licence", "unknown")],
        generations=made.camera.generations + 1,
        handling=[source["marking"]] if "marking" in source else [],
    )
    shown = chain.apply(
        _told(made, tell),
        {"ops": [], "deliver": {}},
        folder / "video.mp4",
        metadata=provenance.container_metadata(stated),
    )
    _write(
        task,
        folder,
        shown,
        [original.name, "video.mp4"],
        [],
        {"source": source, "normalisation": decided.as_json(), "provenance": stated},
    )


def _copy(source: Path, target: Path, sha256: str) -> None:
    """Copies an original untouched; ValueError when it is no longer the file that was planned."""
    digest = hashlib.sha256()
    with source.open("rb") as stream, target.open("wb") as copy:
        while block := stream.read(1 << 20):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != sha256:
        raise ValueError(
            f"{str(source)!r}: sha256 must be {sha256[:12]} as planned, got {digest.hexdigest()[:12]}: "
            "the file changed, plan again"
        )


# --- render ----------------------------------------------------------------------------------------------------------


def _render(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    import numpy as np

    from augment import chain, video
    from scenes.film import film
    from scenes.shot import Quality
    from scenes.sound import hear
    from scenes.truth import truth

    spec = task.spec
    take, scenario, shot = lay_out(spec)
    shot = replace(shot, quality=read(Quality, spec["quality"], "spec", "quality"))
    scratch = folder / "scratch"
    scratch.mkdir()
    filmed = film(shot, scratch, bench.stage, threads=bench.threads, progress=tell)
    ids = np.load(filmed.ids, mmap_mode="r")
    labels = _labels(truth(shot, ids), ids, scenario.family)
    camera = known.CameraState(
        done=tuple(shot.camera_state.get("done", ())), log_curve="acescct", lens=shot.lens.theta_coefficients
    )
    samples, rate_hz = hear(shot)
    audio = known.Audio(samples=samples, rate_hz=rate_hz)
    video.write_master(
        iter(np.load(filmed.frames, mmap_mode="r")), audio, folder / "master.mkv", fps=shot.fps, size_px=shot.size_px
    )
    shutil.rmtree(scratch)
    stated = provenance.statement(roots=["rendered"], licences=[spec["licence"]], generations=1)
    developed = {"ops": [{"op": "tone", "seed": 0, **spec["tone"]}], "deliver": spec["deliver"]}
    master = video.open_clip(folder / "master.mkv", labels=labels, camera=camera)
    shown = chain.apply(master, developed, folder / "video.mp4", metadata=provenance.container_metadata(stated))
    _write(
        task,
        folder,
        shown,
        ["master.mkv", "video.mp4"],
        [],
        {
            "take": take,
            "chain": developed,
            "provenance": stated,
            "master": asdict(camera),
        },
    )


def lay_out(spec: Mapping[str, Any]) -> tuple[int, Any, Any]:
    """(number of the take, scenario, shot) of a render: the first take that both sides of the pair can be laid out
    from, so that the two decide alike. Raises Rejected with the reason of each."""
    from scenes.compose import Rejected, compose
    from scenes.scenario import Scenario

    reasons = []
    for number, take in enumerate(spec["takes"]):
        sides = {"positive": take["scenario"], "twin": {**take["scenario"], **take["twin"]}}
        try:
            scenarios = {side: read(Scenario, plain, "spec", f"takes[{number}]") for side, plain in sides.items()}
            shots = {side: compose(scenario) for side, scenario in scenarios.items()}
        except Rejected as reason:
            reasons.append(f"take {number}: {reason}")
            continue
        return number, scenarios[spec["side"]], shots[spec["side"]]
    raise Rejected("; ".join(reasons))


def _labels(true: Any, ids: Any, family: str) -> Labels:
    """Truth, which is plain arrays, as the labels a chain carries."""
    from augment.carry import rle

    tracks = known.Tracks(
        things=tuple(
            known.Track(id=t.id, track_class=t.track_class, in_wearer_hand=t.in_wearer_hand, role=t.role)
            for t in true.things
        ),
        frame=true.frame,
        track=true.track,
        box_px=true.box_px,
        visible=true.visible,
        in_frame=true.in_frame,
        mask=tuple(rle(ids[frame] == track) for frame, track in zip(true.frame, true.track, strict=True)),
    )
    events = tuple(
        known.Event(
            type=e.type,
            onset_s=e.onset_s,
            offset_s=e.offset_s,
            actor_role=e.actor_role,
            track=e.track,
            visible=e.visible,
            audible=e.audible,
        )
        for e in true.events
    )
    clip = vocabulary_labels.derive(events, tracks, family=family, origin="rendered")
    return Labels(clip=clip, events=events, tracks=tracks, world_from_cam=true.world_from_cam)


# --- augment ---------------------------------------------------------------------------------------------------------


def _augment(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    from augment import chain

    spec = task.spec
    parents = [bench.clips.read(name) for name in task.parents]
    check_words(spec)
    source, *others = [source_footage(parent) for parent in parents]
    block = parents[0].document["provenance"]
    reasons = []
    for number, drawn in enumerate(spec["takes"]):
        stated = provenance.statement(
            roots=[_root_origin(parent) for parent in parents],
            parents=list(task.parents),
            ops=drawn["ops"],
            licences=block["licences"],
            generations=source.camera.generations + lossy_encodes(drawn),
            handling=block["handling"],
        )
        try:
            made = chain.apply(
                _told(source, tell),
                drawn,
                folder / "video.mp4",
                sources=tuple(others),
                metadata=provenance.container_metadata(stated),
            )
        except chain.Invalid as reason:
            reasons.append(f"take {number}: {reason}")
            continue
        labels = vocabulary_labels.derive(
            made.labels.events,
            made.labels.tracks,
            family=str(source.labels.clip.get("family") or ""),
            origin=_root_origin(parents[0]),
            before=source.labels.clip,
            fps=made.fps,
            seconds=made.seconds,
        )
        made = replace(made, labels=replace(made.labels, clip=labels))
        lineage = [{"name": p.name, "packet_sha256": p.document["packet_sha256"]} for p in parents]
        _write(task, folder, made, ["video.mp4"], lineage, {"take": number, "chain": drawn, "provenance": stated})
        return
    raise chain.Invalid("; ".join(reasons))


def lossy_encodes(drawn: Mapping[str, Any]) -> int:
    """Lossy encodes of a chain, its delivery included."""
    from augment.ops import OPS

    return 1 + sum(OPS[op["op"]].kind == "stream" for op in drawn["ops"])


def source_footage(clip: Clip) -> Footage:
    """What a chain starts from: a render's lossless master, an ingest's original as its normalisation says, else the
    delivered video; with the clip's labels."""
    from augment import video
    from augment.ingest import Normalised

    document, master = clip.document, clip.master
    if master is None:
        return clip.open()
    if "normalisation" in document:
        opened = video.open_original(master, Normalised.from_json(document["normalisation"]))
        return replace(opened, labels=clip.labels())
    state = document["master"]
    camera = known.CameraState(**{**state, "done": tuple(state["done"]), "lens": tuple(state["lens"])})
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


def _root_origin(clip: Clip) -> str:
    return str(clip.document["provenance"]["root_origin"])


# --- shard -----------------------------------------------------------------------------------------------------------


def _shard(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    from synth.dataset.formats import FORMATS

    clips = [bench.clips.read(name) for name in task.parents]
    FORMATS[task.spec["format"]](folder, task.spec["stem"], clips)


MAKERS: dict[str, Callable[[Task, Path, Bench, Tell], None]] = {
    "ingest": _ingest,
    "render": _render,
    "augment": _augment,
    "shard": _shard,
}


def _write(
    task: Task, folder: Path, shown: Footage, files: list[str], parents: list[dict[str, Any]], record: dict[str, Any]
) -> None:
    made = maker(task.kind)
    write_clip(
        folder,
        name=task.name,
        kind=task.kind,
        spec=json.loads(json.dumps(task.spec)),
        parents=parents,
        maker=made["maker"],
        footage=shown,
        files=files,
        record={**record, "versions": made["versions"]},
    )


def _told(source: Footage, tell: Tell) -> Footage:
    """The same footage, which says how far it has been read."""

    def frames() -> Any:
        for number, frame in enumerate(source.frames(), 1):
            tell(number, source.length)
            yield frame

    return replace(source, frames=frames)
