"""Exports: laws over the whole table FORMATS, then each read back by what it is written for."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as rle
from pycocotools.coco import COCO

from augment.footage import Event, Labels, Tracks
from augment.labels.masks import rle as encoded
from synth.config import PackageRecipe, vocabulary
from synth.dataset import FootageDataset
from synth.dataset.assemble import assemble, plan_shards
from synth.dataset.clip import Clip, Store
from synth.dataset.formats import FORMATS
from synth.dataset.formats.coco import frames as coco_frames
from synth.dataset.formats.coco import mask_area
from synth.dataset.verify import verify
from tests.synth.clips import SIZE_PX, mask_of, name_of, number_of, put, some_dataset, some_labels

THREE = {"train": 0.5, "val": 0.25, "test": 0.25}
FPS = Fraction(10)
EVIL = "<script>alert(1)</script>\n---\n# =cmd|' /C calc'!A0 `x` \u202e\u2028"
"""A licence as a sidecar might have it."""
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three splits, two clips in a shard, every format."""
    root = tmp_path_factory.mktemp("made")
    return some_dataset(root, splits=THREE, pairs=4, formats=list(FORMATS), clips_per_shard=2)


def clips_of(store: Store) -> list[Clip]:
    return [store.read(name) for name in store.names()]


def written(form: str, folder: Path, clips: list[Clip], stem: str = "val-000003") -> Files:
    """The shard's files by name, which are those that write() names."""
    folder.mkdir(parents=True)
    names = FORMATS[form](folder, stem, clips)
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert sorted(names) == sorted(files), "what is named must be what is there: no part file may be left"
    assert all(re.match(rf"{stem}[./]", name) for name in files)
    return files


# ------------------------------------------------------------------------------------------------ laws of the table


@pytest.fixture(scope="module")
def earlier(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """What each format wrote more than a second ago, so that any time written down would differ."""
    clips = clips_of(Store(dataset.parents[1]))
    made = {form: written(form, tmp_path_factory.mktemp("earlier") / form, clips) for form in FORMATS}
    time.sleep(1.1)
    return made


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bytes_from_any_order_at_any_place_and_time(
    dataset: Path, earlier: dict[str, Files], tmp_path: Path, form: str
) -> None:
    store = Store(dataset.parents[1])
    moved = Path(shutil.copytree(store.root / "clips", tmp_path / "elsewhere" / "clips"))
    for path in moved.rglob("*"):
        os.utime(path, (1e9, 1e9))
    assert written(form, tmp_path / "a", clips_of(store)) == earlier[form]
    assert written(form, tmp_path / "b", clips_of(store)[::-1]) == earlier[form]
    assert written(form, tmp_path / "c", clips_of(Store(moved.parent))) == earlier[form]


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_of_the_machine_is_inside(dataset: Path, form: str) -> None:
    root = dataset.parents[1]
    machine = [str(root), root.name, socket.gethostname(), f"/{getpass.getuser()}/", str(Path.home())]
    files = [p for p in (dataset / "exports" / form).rglob("*") if p.is_file() and p.suffix != ".mp4"]
    assert files
    for path in files:
        found = [word for word in machine if len(word) > 3 and word.encode() in path.read_bytes()]
        assert not found, path


def in_tar(files: Files) -> Iterator[str]:
    for name in files:
        if name.endswith(".offsets.json"):
            members = [member["name"] for member in json.loads(files[name])["members"]]
            yield from (member[: -len(".mp4")] for member in members if member.endswith(".mp4"))


def in_coco(files: Files) -> Iterator[str]:
    for name in files:
        videos = [video["name"] for video in json.loads(files[name])["videos"]]
        yield from videos if name.endswith(".coco.json") else ()


def in_metadata(files: Files) -> Iterator[str]:
    for name in files:
        if name.endswith("metadata.jsonl"):
            yield from (json.loads(line)["file_name"].removesuffix(".mp4") for line in files[name].splitlines())


CLIPS: dict[str, Callable[[Files], Iterator[str]]] = {
    "activitynet": lambda files: (name for data in files.values() for name in json.loads(data)["database"]),
    "coco": in_coco,
    "huggingface": in_metadata,
    "webdataset": in_tar,
}
"""The names of the clips that files of a format hold; a new format's row here makes the law below test it."""


@pytest.mark.parametrize("form", FORMATS)
def test_every_clip_of_a_split_is_in_exactly_one_of_its_shards(dataset: Path, form: str) -> None:
    place = dataset / "exports" / form
    for split in THREE:
        rows = FootageDataset(dataset, split=split).rows
        mine = [*place.glob(f"{split}-*"), *place.glob(f"{split}-*/*")]
        files = {p.relative_to(place).as_posix(): p.read_bytes() for p in mine if p.is_file()}
        assert Counter(CLIPS[form](files)) == Counter(row["name"] for row in rows)


def test_a_dataset_with_every_format_verifies(dataset: Path) -> None:
    assert {p.name for p in (dataset / "exports").iterdir()} == set(FORMATS)
    assert verify(dataset) == []


@pytest.mark.parametrize("form", FORMATS)
def test_any_changed_file_of_an_export_is_found(dataset: Path, tmp_path: Path, form: str) -> None:
    copy = Path(shutil.copytree(dataset, tmp_path / "copy"))
    files = [p for p in (copy / "exports" / form).rglob("*") if p.is_file()]
    for path in files:
        data = path.read_bytes()
        path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    found = verify(copy)
    assert sorted(line.split(":")[0] for line in found) == sorted(p.relative_to(copy).as_posix() for p in files)


# ------------------------------------------------------------------------------------------------ COCO, YouTube-VIS


def hard_labels(frames: int) -> Labels:
    """Two things: one with odd edges, hidden on every third frame and empty on every fourth; one seen once."""
    easy = some_labels(frames, FPS)
    every = np.arange(frames, dtype=np.int32)
    box = easy.tracks.box_px + np.float32([0.1, 0.7, 0.3, 0.9])
    box[every % 4 == 3, 2] = box[every % 4 == 3, 0]
    person = replace(easy.tracks.things[0], id=9, track_class="person_bystander", in_wearer_hand=False)
    order = [*range(6), frames, *range(6, frames)]

    def with_one(column: Any, last: Any) -> Any:
        return np.concatenate([column, np.asarray([last], column.dtype)])[order]

    masks = [mask_of(np.ceil(b)) for b in box] + [mask_of((50, 1, 64, 36))]
    tracks = Tracks(
        things=(*easy.tracks.things, person),
        frame=with_one(easy.tracks.frame, 5),
        track=with_one(easy.tracks.track, 9),
        box_px=with_one(box, [50, 1, 64, 36]),
        visible=with_one(np.where(every % 3 == 2, 0, 0.75).astype(np.float32), 1),
        in_frame=with_one(easy.tracks.in_frame, 1),
        mask=tuple(masks[i] for i in order),
    )
    return replace(easy, tracks=tracks)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset of one clip each: the usual labels, harder ones, boxes without masks, nothing at all."""
    root = tmp_path_factory.mktemp("hard")
    store, shelf = Store(root), Store(root, "shards")
    labels = hard_labels(20)
    put(store, name_of("usual"))
    put(store, name_of("hard"), labels=labels)
    put(store, name_of("boxes"), labels=replace(labels, tracks=replace(labels.tracks, mask=None)))
    put(store, name_of("bare"), labels=replace(labels, tracks=Tracks(), events=()), licence=EVIL)
    recipe = PackageRecipe(name="hard", formats=list(FORMATS))
    shards = list(plan_shards(recipe, store, store.names()))
    for shard in shards:
        with shelf.attempt(shard.name) as folder:
            FORMATS[shard.spec["format"]](folder, shard.spec["stem"], [store.read(n) for n in shard.parents])
    return assemble(recipe, {"name": "hard"}, root, store.names(), shards)


def test_the_hard_dataset_verifies(hard: Path) -> None:
    assert verify(hard) == []


def seen(tracks: Tracks, frame: int) -> list[int]:
    """Rows of a frame in which something shows."""
    box = tracks.box_px
    shows = (tracks.frame == frame) & (tracks.visible > 0) & (box[:, 2] > box[:, 0]) & (box[:, 3] > box[:, 1])
    return np.flatnonzero(shows).tolist()


def test_coco_gives_the_boxes_and_masks_of_every_frame(hard: Path) -> None:
    coco = COCO(hard / "exports/coco/all-000000.coco.json")
    words = vocabulary()["track_classes"]
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == words
    ours = FootageDataset(hard)
    assert len(coco.imgs) == sum(row["frames"] for row in ours.rows)
    assert 0 not in {*coco.imgs, *coco.anns}
    images = {(image["file_name"], image["frame_id"]): image for image in coco.imgs.values()}
    shown = 0
    for sample in ours:
        tracks = sample["tracks"]
        class_of = {thing.id: thing.track_class for thing in tracks.things}
        for frame in range(len(sample["video"])):
            image = images[f"clips/{sample['meta']['name']}/video.mp4", frame]
            assert (image["width"], image["height"]) == SIZE_PX
            found = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
            rows = seen(tracks, frame)
            assert [a["track_id"] for a in found] == tracks.track[rows].tolist()
            for annotation, row in zip(found, rows, strict=True):
                shown += 1
                x, y, w, h = annotation["bbox"]
                assert [x, y, x + w, y + h] == tracks.box_px[row].tolist()
                assert coco.cats[annotation["category_id"]]["name"] == class_of[annotation["track_id"]]
                assert annotation["iscrowd"] == 0
                if tracks.mask is None:
                    assert "segmentation" not in annotation and annotation["area"] == w * h
                else:
                    truth = {"size": list(SIZE_PX[::-1]), "counts": tracks.mask[row]}
                    assert np.array_equal(coco.annToMask(annotation), rle.decode(truth))
                    assert annotation["area"] == rle.area(truth) > 0
    assert shown == len(coco.anns) == 20 + 2 * (20 - 6 - 5 + 1 + 1)


def test_coco_counts_keypoints_in_pixel_indices(tmp_path: Path) -> None:
    labels = some_labels(4, Fraction(10))
    joints = np.zeros((4, 17, 3), np.float32)
    joints[1:, 0], joints[1:, 5] = (10.5, 7.5, 2), (12.0, 9.0, 1)
    person = replace(labels.tracks.things[0], track_class="person_bystander")
    tracks = replace(labels.tracks, things=(person,), keypoints_px=joints)
    clip = put(Store(tmp_path), name_of("joints"), frames=4, labels=replace(labels, tracks=tracks))
    document = coco_frames([clip])
    assert [one.get("num_keypoints", 0) for one in document["annotations"]] == [0, 2, 2, 2]
    listed = document["annotations"][1]["keypoints"]
    assert len(listed) == 51 and listed[:3] == [10.0, 7.0, 2] and listed[15:18] == [11.5, 8.5, 1]
    (category,) = [one for one in document["categories"] if one["name"] == "person_bystander"]
    assert category["keypoints"][5] == "left_shoulder" and max(map(max, category["skeleton"])) == 17


def test_coco_names_the_dataset_s_own_pixels(hard: Path) -> None:
    coco = COCO(hard / "exports/coco/all-000000.coco.json")
    for file in sorted({image["file_name"] for image in coco.imgs.values()}):
        ids = [image["frame_id"] for image in coco.imgs.values() if image["file_name"] == file]
        reader = cv2.VideoCapture(str(hard / file))
        numbers = []
        while (read := reader.read())[0]:
            numbers.append(number_of(read[1]))
        assert ids == numbers == list(range(20))


def test_youtube_vis_gives_the_boxes_and_masks_of_every_frame(hard: Path) -> None:
    document = json.loads((hard / "exports/coco/all-000000.ytvis.json").read_bytes())
    assert [c["name"] for c in document["categories"]] == vocabulary()["track_classes"]
    assert len({a["id"] for a in document["annotations"]} - {0}) == len(document["annotations"])
    store = Store(hard.parents[1])
    assert [video["name"] for video in document["videos"]] == store.names()
    for video in document["videos"]:
        clip = store.read(video["name"])
        tracks = clip.labels().tracks
        assert (video["width"], video["height"], video["length"]) == (*SIZE_PX, 20)
        assert video["file_names"] == [f"clips/{clip.name}/video.mp4"] * 20
        found = [a for a in document["annotations"] if a["video_id"] == video["id"]]
        assert [a["track_id"] for a in found] == ([3, 9] if len(tracks.things) == 2 else [t.id for t in tracks.things])
        for frame in range(20):
            rows = {int(tracks.track[row]): row for row in seen(tracks, frame)}
            for annotation in found:
                entry = [annotation[name][frame] for name in ("bboxes", "areas", "segmentations")]
                row = rows.get(annotation["track_id"])
                if row is None:
                    assert entry == [None, None, None]
                    continue
                (x, y, w, h), area, segmentation = entry
                assert [x, y, x + w, y + h] == tracks.box_px[row].tolist()
                if tracks.mask is None:
                    assert segmentation is None and area == w * h
                else:
                    truth = {"size": list(SIZE_PX[::-1]), "counts": tracks.mask[row]}
                    assert np.array_equal(rle.decode(segmentation), rle.decode(truth)) and area == rle.area(truth)


@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.integers(1, 300), st.sampled_from([0, 0.02, 0.5, 0.98, 1]))
def test_the_area_of_a_mask_is_the_library_s(seed: int, height: int, width: int, share: float) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < share
    assert mask_area(encoded(mask)) == mask.sum()


# ------------------------------------------------------------------------------------------------ ActivityNet


def test_activitynet_has_the_fields_of_its_truth_and_no_others(hard: Path, dataset: Path) -> None:
    for root in (hard, dataset):
        rows = {row["name"]: row for row in FootageDataset(root).rows}
        store = Store(root.parents[1])
        for path in (root / "exports/activitynet").iterdir():
            document = json.loads(path.read_bytes())
            assert set(document) == {"version", "database"} and isinstance(document["version"], str)
            for name, truth in document["database"].items():
                assert set(truth) == {"duration", "subset", "annotations"}
                assert truth["duration"] == rows[name]["seconds"] and truth["subset"] == rows[name]["split"]
                events = store.read(name).labels().events
                assert truth["annotations"] == [
                    {"segment": [event.onset_s, event.offset_s], "label": event.type} for event in events
                ]
                assert {one["label"] for one in truth["annotations"]} <= set(vocabulary()["events"])
    assert json.loads((hard / "exports/activitynet/all-000000.json").read_bytes())["database"][name_of("bare")][
        "annotations"
    ] == []  # fmt: skip


def test_activitynet_segments_are_in_order_and_inside_the_clip(tmp_path: Path) -> None:
    late = Event(type="stream_end", onset_s=1.9, offset_s=2.04)  # a clip's length is rounded to whole frames
    early = Event(type="stream_start", onset_s=-0.01, offset_s=0.1)
    clip = put(Store(tmp_path), name_of("x"), labels=replace(some_labels(20, FPS), events=(late, early)))
    (data,) = written("activitynet", tmp_path / "shard", [clip]).values()
    assert json.loads(data)["database"][clip.name] == {
        "duration": 2.0,
        "subset": "val",
        "annotations": [
            {"segment": [0.0, 0.1], "label": "stream_start"},
            {"segment": [1.9, 2.0], "label": "stream_end"},
        ],
    }


# ------------------------------------------------------------------------------------------------ Hugging Face


def front_matter(card: Path) -> dict[str, Any]:
    _, head, _ = card.read_text(encoding="utf-8").split("---\n", 2)
    return dict(yaml.safe_load(head))


def test_huggingface_metadata_follows_the_rules_of_a_videofolder(dataset: Path, hard: Path) -> None:
    types = set()
    for root in (dataset, hard):
        rows = {row["name"]: row for row in FootageDataset(root).rows}
        for folder in (root / "exports/huggingface").iterdir():
            lines = [json.loads(line) for line in (folder / "metadata.jsonl").read_bytes().splitlines()]
            types |= {tuple((key, type(value)) for key, value in line.items()) for line in lines}
            named = [PurePosixPath(line["file_name"]) for line in lines]
            assert not any(path.is_absolute() or ".." in path.parts for path in named)
            assert sorted(map(str, named)) == sorted(p.name for p in folder.glob("*.mp4"))
            for line in lines:
                row = rows[line["file_name"].removesuffix(".mp4")]
                same = ("label", "family", "content_status", "evidence_level", "seconds", "fps", "frames", "licence")
                assert {key: line[key] for key in same} == {key: row[key] for key in same}
                assert (folder / line["file_name"]).samefile(root / "clips" / row["name"] / "video.mp4")
    assert len(types) == 1, "the loader wants the same columns and types everywhere"
    assert type(None) not in dict(types.pop()).values(), "a column of nulls has another type"


def test_huggingface_cards_name_a_split_the_loader_takes(dataset: Path, hard: Path, tmp_path: Path) -> None:
    clip = Store(dataset.parents[1]).read(name_of(0, "p"))
    written("huggingface", tmp_path / "odd", [clip], stem="held-out.2-000000")
    cards = {p.parent.name: p for root in (dataset, hard) for p in (root / "exports/huggingface").glob("*/README.md")}
    cards["held-out.2-000000"] = tmp_path / "odd/held-out.2-000000/README.md"
    for stem, card in cards.items():
        (config,) = front_matter(card)["configs"]
        (files,) = config["data_files"]
        assert re.fullmatch(r"\w+(\.\w+)*", files["split"]) and files["split"] != "all"
        expected = {"all": "train", "held-out.2": "held_out_2"}
        assert files["split"] == expected.get(stem.rpartition("-")[0], stem.rpartition("-")[0])
        assert {p.name for pattern in files["path"] for p in card.parent.glob(pattern)} == {
            p.name for p in card.parent.iterdir() if p != card
        }


def test_huggingface_cards_are_inert_and_say_what_this_is(dataset: Path, hard: Path) -> None:
    card = hard / "exports/huggingface/all-000000/README.md"
    assert front_matter(card)["license"] == "other", "two licences have no one name"
    text = card.read_text(encoding="utf-8")
    assert text.isascii() and text.count("\n---\n") == 1
    assert "TRAINING EXERCISE - SYNTHETIC" in text
    (line,) = [line for line in text.splitlines() if "script" in line]
    assert line.startswith("    ") and json.loads(line.split(maxsplit=1)[1]) == EVIL
    for other in (dataset / "exports/huggingface").glob("*/README.md"):
        assert front_matter(other)["license"] == "cc-by-4.0"
