"""Render: the first take that can be laid out is filmed; its truth becomes labels, its light a lossless master."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from augment import chain, footage, video
from augment.footage import Array, Labels
from augment.labels.masks import rle
from scenes import assets
from scenes.compose import Rejected, compose
from scenes.film import film
from scenes.scenario import Scenario
from scenes.shot import Quality, Shot
from scenes.sound import hear
from scenes.truth import Truth, truth
from synth.config import read
from synth.dataset import labels, provenance
from synth.task import Task
from synth.tasks.bench import Bench, Tell, write


def make_render(task: Task, folder: Path, bench: Bench, tell: Tell) -> None:
    """master.mkv (10-bit ACEScct, lossless, with sound) and video.mp4, developed from it by the op `tone`."""
    spec = task.spec
    take, scenario, shot = lay_out(spec)
    shot = replace(shot, quality=read(Quality, spec["quality"], "spec", "quality"))
    scratch = folder / "scratch"
    scratch.mkdir()
    filmed = film(shot, scratch, bench.stage, threads=bench.threads, progress=tell)
    known = labels_of(shot, np.load(filmed.ids, mmap_mode="r"), scenario.family)
    camera = footage.CameraState(
        done=tuple(shot.camera_state.get("done", ())), log_curve="acescct", lens=shot.lens.theta_coefficients
    )
    samples, rate_hz = hear(shot)
    sound = footage.Audio(samples=samples, rate_hz=rate_hz)
    light = iter(np.load(filmed.frames, mmap_mode="r"))
    video.write_master(light, sound, folder / "master.mkv", fps=shot.fps, size_px=shot.size_px)
    shutil.rmtree(scratch)

    used = provenance.attribution(assets_used(scenario, shot))
    stated = provenance.statement(roots=["rendered"], licences=[spec["licence"]], generations=1)
    developed = {"ops": [{"op": "tone", "seed": 0, **spec["tone"]}], "deliver": spec["deliver"]}
    master = video.open_clip(folder / "master.mkv", labels=known, camera=camera)
    shown = chain.apply(master, developed, folder / "video.mp4", metadata=provenance.container_metadata(stated))
    files = ["master.mkv", "video.mp4"]
    record: dict[str, Any] = {"take": take, "chain": developed, "provenance": stated, "assets": used}
    write(task, folder, shown, files=files, master=asdict(camera), **record)


def assets_used(scenario: Scenario, shot: Shot) -> Iterator[dict[str, str]]:
    """Attribution of every pack item in the picture."""
    for name, sha256 in sorted(scenario.packs.items()):
        pack = assets.open_pack(sha256)
        yield from (row for row in pack.attribution() if f"{name}/{row['item']}" in shot.assets)


def lay_out(spec: Mapping[str, Any]) -> tuple[int, Scenario, Shot]:
    """(number of the take, scenario, shot) of a render: the first take that both sides of the pair can be laid out
    from, so that the two decide alike. Raises Rejected with the reason of each, AssetError when a pack is lacking."""
    reasons = []
    for name, sha256 in spec["takes"][0]["scenario"].get("packs", {}).items():
        assets.whole_pack(name, sha256)
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


def labels_of(shot: Shot, ids: Array, family: str) -> Labels:
    """A shot's truth, which is plain arrays, as the labels that a chain carries."""
    true = truth(shot, ids)
    tracks = _tracks(true, ids)
    events = tuple(footage.Event(**asdict(event)) for event in true.events)
    seconds = float(shot.frames / shot.fps)
    clip = labels.derive(events, tracks, family=family, origin="rendered", fps=shot.fps, seconds=seconds)
    return Labels(clip=clip, events=events, tracks=tracks, world_from_cam=true.world_from_cam)


def _tracks(true: Truth, ids: Array) -> footage.Tracks:
    return footage.Tracks(
        things=tuple(footage.Track(**asdict(thing)) for thing in true.things),
        frame=true.frame,
        track=true.track,
        box_px=true.box_px,
        visible=true.visible,
        in_frame=true.in_frame,
        keypoints_px=true.keypoints_px,
        mask=tuple(rle(ids[frame] == track) for frame, track in zip(true.frame, true.track, strict=True)),
    )
