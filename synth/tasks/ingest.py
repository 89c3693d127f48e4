"""Ingest: the untouched original, its recorded normalisation, and a video that plays."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from augment import chain, video
from augment.footage import Labels
from augment.ingest import Normalisation, resolve
from synth.config import read
from synth.dataset import labels, provenance
from synth.task import Task
from synth.tasks.bench import Bench, Tell, told, write


def make_ingest(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    """original.<ext>, video.mp4. Raises Unreadable for what is no film."""
    spec, source = task.spec, task.spec["source"]
    given = Path(task.files[spec["sha256"]])
    rule = read(Normalisation, spec["normalise"], "spec", "normalise")
    decided = resolve(rule, video.probe(given, until_s=rule.seconds[1] if rule.seconds else None))
    original = folder / f"original.{spec['container']}"
    copy(given, original, spec["sha256"])
    footage = video.open_original(original, decided)
    clip = labels.derive((), footage.labels.tracks, family="", origin="real", seconds=footage.seconds)
    stated = provenance.statement(
        roots=["real"],
        licences=[source.get("licence", "unknown")],
        generations=footage.camera.generations + 1,
        handling=[source["marking"]] if "marking" in source else [],
    )
    shown = chain.apply(
        told(replace(footage, labels=Labels(clip=clip)), tell),
        {"ops": [], "deliver": {}},
        folder / "video.mp4",
        metadata=provenance.container_metadata(stated),
    )
    files = [original.name, "video.mp4"]
    write(task, folder, shown, files=files, source=source, normalisation=decided.as_json(), provenance=stated)


def copy(source: Path, target: Path, sha256: str) -> None:
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
