"""Whatever is changed behind a dataset's back is found, in one line that names the file."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.dataset.canonical import canonical, facts
from synth.dataset.clip import Store
from synth.dataset.index import read_part, write_index
from synth.dataset.verify import verify
from tests.synth.clips import name_of, some_dataset

FIRST, TWIN, CHILD, OTHER = name_of(0, "p"), name_of(0, "t"), name_of(0, "child"), name_of(1, "p")
PART = "index/part-00000.parquet"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_dataset(tmp_path_factory.mktemp("made"))


@pytest.fixture
def dataset(untouched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(untouched, tmp_path / "copy"))


def flip(path: Path, at: int = -200) -> None:
    """Changes one bit."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(bytes(data))


def edit(path: Path, change: Callable[[Any], object]) -> None:
    """Changes a JSON file as its writer would have written it."""
    document = json.loads(path.read_bytes())
    change(document)
    path.write_bytes(canonical(document, indent=1))


def forge(root: Path, name: str, file: str = "clip.json") -> None:
    """Makes index and manifest agree with a changed file of a clip, as somebody would who covers the tracks."""

    def change(rows: list[dict[str, Any]]) -> None:
        stem = {"clip.json": "document", "video.mp4": "video", "tracks.parquet": "tracks"}[file]
        said = facts(root / "clips" / name / file)
        row = next(row for row in rows if row["name"] == name)
        row[f"{stem}_bytes"], row[f"{stem}_sha256"] = said["bytes"], said["sha256"]

    forge_index(root, change)


def forge_index(root: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Changes rows and makes the manifest agree."""
    rows = read_part(root / PART)
    change(rows)
    shutil.rmtree(root / "index")
    parts = write_index(root / "index", rows)
    edit(root / "manifest.json", lambda m: m.update(index=parts))


def set_row(root: Path, which: str, **values: Any) -> None:
    """Changes a row, with the manifest agreeing."""
    forge_index(root, lambda rows: next(row for row in rows if row["name"] == which).update(values))


def relabel(root: Path) -> None:
    edit(root / f"clips/{FIRST}/clip.json", lambda d: d["labels"]["clip"].update(label="negative"))
    forge(root, FIRST)


def move_event(root: Path) -> None:
    edit(root / f"clips/{FIRST}/clip.json", lambda d: d["labels"]["events"][0].update(offset_s=99.0))
    forge(root, FIRST)


def swap_video(root: Path) -> None:
    shutil.copyfile(root / f"clips/{OTHER}/video.mp4", root / f"clips/{FIRST}/video.mp4")
    edit(
        root / f"clips/{FIRST}/clip.json",
        lambda d: d["files"].update({"video.mp4": facts(root / f"clips/{FIRST}/video.mp4")}),
    )
    forge(root, FIRST)
    forge(root, FIRST, "video.mp4")


def other_parent(root: Path) -> None:
    edit(root / f"clips/{CHILD}/clip.json", lambda d: d["parents"][0].update(packet_sha256="0" * 64))
    forge(root, CHILD)


def link_outside(root: Path) -> None:
    (root / f"clips/{FIRST}/video.mp4").unlink()
    (root / f"clips/{FIRST}/video.mp4").symlink_to("/etc/passwd")


TAMPERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a bit of a video": (lambda root: flip(root / f"clips/{FIRST}/video.mp4"), f"clips/{FIRST}/video.mp4: sha256"),
    "a bit of tracks": (lambda root: flip(root / f"clips/{FIRST}/tracks.parquet"), f"clips/{FIRST}/tracks.parquet: sha256"),
    "a shorter video": (lambda root: os.truncate(root / f"clips/{FIRST}/video.mp4", 100), f"clips/{FIRST}/video.mp4: bytes"),
    "a video is gone": (lambda root: (root / f"clips/{FIRST}/video.mp4").unlink(), f"clips/{FIRST}/video.mp4: must be a plain"),
    "a clip is gone": (lambda root: shutil.rmtree(root / f"clips/{TWIN}"), f"clips/{TWIN}/video.mp4: must be a plain"),
    "a link to elsewhere": (link_outside, f"clips/{FIRST}/video.mp4: must be a plain file"),
    "a file more": (lambda root: (root / "clips/extra.mp4").write_text("x"), "clips/extra.mp4: must be named"),
    "a label in clip.json": (
        lambda root: edit(root / f"clips/{FIRST}/clip.json", lambda d: d["labels"]["clip"].update(label="negative")),
        f"clips/{FIRST}/clip.json: sha256",
    ),
    "a label, hash forged": (relabel, f"clips/{FIRST}/clip.json: label must be the index's 'positive', got 'negative'"),
    "a label in the index": (
        lambda root: set_row(root, FIRST, label="negative"),
        "manifest.json: counts must be those of the index",
    ),
    "an event outside, hash forged": (move_event, f"clips/{FIRST}/tracks.parquet: event object_raised must lie in"),
    "a video swapped, hashes forged": (swap_video, f"clips/{FIRST}/video.mp4: packet_sha256"),
    "a parent's packets": (other_parent, f"clips/{CHILD}/clip.json: parent {FIRST} must have the packets"),
    "a bit of the index": (lambda root: flip(root / PART), f"{PART}: sha256"),
    "the index is gone": (lambda root: (root / PART).unlink(), f"{PART}: must be a plain file"),
    "a row points outside": (lambda root: set_row(root, FIRST, name="../../../etc"), f"{PART}: name must match"),
    "a split leaks": (lambda root: set_row(root, TWIN, split="test"), f"clips/{max(FIRST, TWIN, CHILD)}: its unit must lie in one"),
    "a pair parts": (lambda root: set_row(root, TWIN, unit="other"), "must lie in one unit"),
    "a child parts": (lambda root: set_row(root, CHILD, unit="other", pair_id=""), f"clips/{CHILD}: parent {FIRST} must lie"),
    "a shard's bit": (
        lambda root: flip(root / "exports/webdataset/all-000000.tar", 700),
        "exports/webdataset/all-000000.tar: sha256",
    ),
    "a shard is gone": (
        lambda root: (root / "exports/webdataset/all-000000.tar").unlink(),
        "exports/webdataset/all-000000.tar: must be a plain file",
    ),
    "the manifest's layout": (lambda root: flip(root / "manifest.json", -1), "manifest.json: must be"),
    "the manifest points outside": (
        lambda root: edit(root / "manifest.json", lambda m: m["shards"][0].update(file="../../x")),
        "../../x: file must match",
    ),
    "a newer layout": (lambda root: edit(root / "manifest.json", lambda m: m.update(schema="dataset/9")), "manifest.json: schema must be"),
    "a manifest of other types": (lambda root: edit(root / "manifest.json", lambda m: m.update(index=7)), "manifest.json: "),
}  # fmt: skip


def test_an_untouched_dataset_has_no_findings(untouched: Path) -> None:
    assert verify(untouched) == []


@pytest.mark.parametrize(("tamper", "said"), TAMPERS.values(), ids=TAMPERS.keys())
def test_each_tamper_is_named_with_its_file(dataset: Path, tamper: Callable[[Path], object], said: str) -> None:
    tamper(dataset)
    found = verify(dataset)
    assert any(said in line for line in found), found
    assert all("\n" not in line and str(dataset) not in line for line in found)


def test_evidence_is_left_alone(dataset: Path) -> None:
    (dataset / "evidence").mkdir()
    (dataset / "evidence" / "attempts.json").write_text("{}")
    assert verify(dataset) == []


def test_a_work_folder_and_its_datasets(untouched: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(untouched.parents[1], tmp_path / "out"))
    assert verify(root) == []
    flip(root / f"datasets/small/clips/{FIRST}/video.mp4")
    assert [line.split(": ")[:2] for line in verify(root)] == [
        [f"datasets/small/clips/{FIRST}/video.mp4", verify(root)[0].split(": ")[1]]
    ]
    shutil.rmtree(root / "clips" / FIRST)
    assert any(line.startswith(f"clips/{CHILD}/clip.json: parent {FIRST} must be here") for line in verify(root))


@pytest.mark.parametrize("junk", ["empty", "a file", "half"])
def test_what_is_no_clip_is_named(tmp_path: Path, junk: str) -> None:
    place = tmp_path / "clips" / FIRST
    place.parent.mkdir(parents=True)
    if junk == "a file":
        place.write_text("")
    else:
        place.mkdir()
    if junk == "half":
        (place / "clip.json").write_text('{"schema": "clip/1", "name": 3}')
    found = verify(tmp_path)
    assert len(found) == 1 and found[0].startswith(f"clips/{FIRST}/clip.json: ")


def test_a_folder_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="must hold"):
        verify(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        verify(Store(tmp_path).root / "nowhere")
