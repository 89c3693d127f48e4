"""Small real clips for tests: each frame shows its own number, so that what was decoded can be told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from augment import video
from augment.footage import Array, Audio, CameraState, Event, Footage, Labels, Track, Tracks
from augment.labels.masks import rle
from synth.dataset import labels as clip_labels
from synth.dataset import provenance
from synth.dataset.clip import Clip, Store, write_clip

SIZE_PX = (64, 36)
BITS = 8


def mask_of(box_px: Sequence[float]) -> bytes:
    """The mask of a box with whole edges, filled."""
    x0, y0, x1, y1 = (int(edge) for edge in box_px)
    mask = np.zeros(SIZE_PX[::-1], bool)
    mask[y0:y1, x0:x1] = True
    return rle(mask)


def name_of(*words: object) -> str:
    """A task name, as tasks have them."""
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()


def numbered(number: int, tint: int = 0) -> Array:
    """A picture of the number: eight black or white columns above, `tint` below."""
    picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), tint, np.uint8)
    for bit in range(BITS):
        picture[:24, bit * 8 : bit * 8 + 8] = 235 if number >> bit & 1 else 16
    return picture


def number_of(picture: Array) -> int:
    """The number a picture shows."""
    return sum(1 << bit for bit in range(BITS) if picture[4:20, bit * 8 + 2 : bit * 8 + 6].mean() > 128)


def some_labels(frames: int, fps: Fraction, *, family: str = "incident_response") -> Labels:
    """One prop in the wearer's hand that moves a pixel per frame, raised in the second half."""
    every = np.arange(frames, dtype=np.int32)
    x0 = (every % 40).astype(np.float32)
    box_px = np.stack([x0, x0 * 0 + 5, x0 + 10, x0 * 0 + 20], axis=1).astype(np.float32)
    tracks = Tracks(
        things=(Track(id=3, track_class="prop_long", in_wearer_hand=True),),
        frame=every,
        track=np.full(frames, 3, np.int32),
        box_px=box_px,
        visible=np.full(frames, 0.75, np.float32),
        in_frame=np.ones(frames, np.float32),
        mask=tuple(mask_of(box) for box in box_px),
    )
    seconds = float(frames / fps)
    events = (Event(type="object_raised", onset_s=seconds / 2, offset_s=seconds, track=3, visible=True),)
    derived = clip_labels.derive(events, tracks, family=family, origin="rendered", fps=fps, seconds=seconds)
    poses = np.tile(np.eye(4), (frames, 1, 1))
    poses[:, 0, 3] = every / 7
    return Labels(clip=derived, events=events, tracks=tracks, world_from_cam=poses)


def footage(
    frames: int, fps: Fraction, *, family: str = "incident_response", tint: int = 0, sound: bool = True
) -> Footage:
    """Numbered frames with labels, and a sine whose sign says nothing."""

    def pictures() -> Iterator[Array]:
        return (numbered(n, tint) for n in range(frames))

    t = np.arange(round(frames / fps * 48000)) / 48000
    wave = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None]
    return Footage(
        fps=fps,
        size_px=SIZE_PX,
        length=frames,
        frames=pictures,
        audio=Audio(samples=wave, rate_hz=48000) if sound else None,
        labels=some_labels(frames, fps, family=family),
        camera=CameraState(done=("mount", "lens"), lens=(2.0, 0.0, 0.0, 0.0)),
    )


def put(
    store: Store,
    name: str,
    *,
    frames: int = 20,
    fps: Fraction = Fraction(10),
    family: str = "incident_response",
    tint: int = 0,
    sound: bool = True,
    pair: str = "",
    side: str = "",
    parents: Sequence[str] = (),
    labels: Labels | None = None,
    licence: str = "CC-BY-4.0",
) -> Clip:
    """Makes and publishes a clip: a render, or with parents a child of them; with the usual labels or others."""
    with store.attempt(name) as folder:
        block = provenance.statement(roots=["rendered"], licences=[licence], generations=1, parents=list(parents))
        made = video.deliver(
            footage(frames, fps, family=family, tint=tint, sound=sound),
            folder / "video.mp4",
            video.Deliver(preset="ultrafast"),
            metadata=provenance.container_metadata(block),
        )
        lineage = [{"name": p, "packet_sha256": store.read(p).document["packet_sha256"]} for p in parents]
        write_clip(
            folder,
            name=name,
            kind="augment" if parents else "render",
            spec={} if parents else spec(pair, side),
            parents=lineage,
            maker=1,
            footage=replace(made, labels=made.labels if labels is None else labels),
            files=["video.mp4"],
            record={"provenance": block, "take": 0, "chain": {"ops": [{"op": "tone", "seed": 0}]}},
        )
    return store.read(name)


def spec(pair: str, side: str) -> dict[str, Any]:
    """A render's spec, as planning writes it."""
    scenario = {"venue": "corridor", "country": "uk", "mount": "chest", "held": "prop_long", "held_colour": "blue"}
    take = {"scenario": {**scenario, "camera_profile": {"name": "bwc_mid"}}, "twin": {"held": "torch"}}
    return {"pair": pair, "side": side, "takes": [take]}


def some_dataset(
    root: Path,
    *,
    splits: dict[str, float] | None = None,
    pairs: int = 2,
    formats: Sequence[str] = ("webdataset",),
    clips_per_shard: int = 256,
) -> Path:
    """A store with `pairs` pairs and a child of each first side, packaged as `small`."""
    from synth.config import PackageRecipe
    from synth.dataset.assemble import assemble, plan_shards
    from synth.dataset.formats import FORMATS

    store, shelf = Store(root), Store(root, "shards")
    names = []
    for number in range(pairs):
        pair = f"{number:014x}"
        sides = [(name_of(number, "p"), "positive", "incident_response"), (name_of(number, "t"), "twin", "hand_tool")]
        for name, side, family in sides:
            put(store, name, pair=pair, side=side, family=family, tint=20 + 50 * number, frames=20 + 4 * number)
        child = name_of(number, "child")
        put(store, child, parents=[sides[0][0]], tint=90 + number)
        names += [child, *(name for name, _, _ in sides)]
    recipe = PackageRecipe(
        name="small", splits=splits or {"all": 1.0}, formats=list(formats), clips_per_shard=clips_per_shard
    )
    shards = list(plan_shards(recipe, store, names))
    for shard in shards:
        if not shelf.is_whole(shard.name):
            with shelf.attempt(shard.name) as folder:
                FORMATS[shard.spec["format"]](folder, shard.spec["stem"], [store.read(n) for n in shard.parents])
    return assemble(recipe, {"name": "small", "splits": recipe.splits, "seed": 0}, root, names, shards)
