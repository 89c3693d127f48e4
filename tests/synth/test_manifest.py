"""The manifest is the same bytes for the same clips, however they came, and a dataset is replaced whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from synth.config import PackageRecipe
from synth.dataset import assemble as assembling
from synth.dataset.assemble import assemble, link, plan_shards
from synth.dataset.canonical import canonical
from synth.dataset.clip import Store
from synth.dataset.manifest import counts, read_manifest
from synth.dataset.verify import verify
from tests.synth.clips import name_of, put, some_dataset

THREE = {"train": 0.5, "val": 0.25, "test": 0.25}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_dataset(tmp_path_factory.mktemp("made"), splits=THREE, pairs=4)


def everything(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its place in the folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_dataset_from_any_order_at_any_place(made: Path, tmp_path: Path) -> None:
    again = some_dataset(tmp_path, splits=THREE, pairs=4)
    assert everything(made) == everything(again)
    store = Store(tmp_path)
    recipe = PackageRecipe(name="small", splits=THREE)
    tree = {"name": "small", "splits": THREE, "seed": 0}
    shards = list(plan_shards(recipe, store, store.names()))
    assert everything(assemble(recipe, tree, tmp_path, store.names()[::-1], shards[::-1])) == everything(made)


def test_it_counts_what_is_there(made: Path) -> None:
    document = read_manifest(made)
    assert document["counts"]["clips"] == 12 == len(list((made / "clips").iterdir()))
    assert document["counts"]["units"] == 4
    splits = document["counts"]["splits"]
    assert sum(split["clips"] for split in splits.values()) == 12
    assert all(split["labels"] == {"negative": split["clips"] // 3, "positive": split["clips"] // 3 * 2}
               for split in splits.values())  # fmt: skip
    assert document["versions"] == {"clip": "clip/1", "makers": {"augment": [1], "render": [1]}}
    assert document["licences"] == {"CC-BY-4.0": 12}
    assert document["provenance"] == {
        "origins": {"augmented": 4, "rendered": 8}, "real_clips": 0, "synthetic_clips": 12,
    }  # fmt: skip
    assert (made / "manifest.json").read_bytes() == canonical(document, indent=1)
    assert counts([]) == {"clips": 0, "units": 0, "bytes": 0, "frames": 0, "splits": {}}


def test_clips_are_links_and_masters_stay_behind(made: Path) -> None:
    name = name_of(0, "p")
    files = {p.name for p in (made / "clips" / name).iterdir()}
    assert files == {"video.mp4", "clip.json", "tracks.parquet"}
    assert (made / "clips" / name / "video.mp4").samefile(made.parents[1] / "clips" / name / "video.mp4")


def test_where_links_cannot_be_made_bytes_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(18, os.strerror(18))

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    (tmp_path / "a").write_text("bytes")
    link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "bytes" and not (tmp_path / "a").samefile(tmp_path / "b")


def test_a_new_dataset_takes_the_place_of_an_old_one_whole(tmp_path: Path) -> None:
    store = Store(tmp_path)
    recipe = PackageRecipe(name="one")
    for number in range(2):
        put(store, name_of(number), frames=2)
        folder = assemble(recipe, {"name": "one"}, tmp_path, store.names())
        assert len(list((folder / "clips").iterdir())) == number + 1
        assert verify(folder) == []
    assert [p for p in (tmp_path / "attempts").rglob("*") if p.is_file()] == []


def test_a_failed_package_leaves_the_old_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    recipe = PackageRecipe(name="one")
    put(store, name_of(0), frames=2)
    folder = assemble(recipe, {"name": "one"}, tmp_path, store.names())
    before = everything(folder)
    put(store, name_of(1), frames=2)
    (store.folder(name_of(1)) / "video.mp4").write_bytes(b"")
    with pytest.raises(ValueError, match=r"video\.mp4 must have the \d+ bytes it was made with, got 0"):
        assemble(recipe, {"name": "one"}, tmp_path, store.names())
    assert everything(folder) == before
    assert [p for p in (tmp_path / "attempts").rglob("*") if p.is_file()] == []


def test_a_killed_package_leaves_the_old_one_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    recipe = PackageRecipe(name="one")
    put(store, name_of(0), frames=2)
    before: dict[str, bytes] = {}
    for number in range(2):
        pid = os.fork()
        if pid == 0:
            monkeypatch.setattr(assembling, "write_manifest", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
            assemble(recipe, {"name": "one"}, tmp_path, store.names())
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        folder = tmp_path / "datasets" / "one"
        assert (everything(folder) if folder.exists() else {}) == before
        before = everything(assemble(recipe, {"name": "one"}, tmp_path, store.names()))
        put(store, name_of(number + 1), frames=2)


def test_a_folder_that_is_no_dataset_is_not_replaced(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, name_of(0), frames=2)
    precious = tmp_path / "datasets" / "one" / "thesis.txt"
    precious.parent.mkdir(parents=True)
    precious.write_text("do not lose me")
    with pytest.raises(ValueError, match="must be a dataset to be replaced"):
        assemble(PackageRecipe(name="one"), {"name": "one"}, tmp_path, store.names())
    assert precious.read_text() == "do not lose me"


def test_shards_are_dealt_by_split_in_the_order_of_names(made: Path) -> None:
    store = Store(made.parents[1])
    recipe = replace(PackageRecipe(name="small", splits=THREE), clips_per_shard=2)
    shards = list(plan_shards(recipe, store, store.names()))
    dealt = [name for shard in shards for name in shard.parents]
    assert sorted(dealt) == store.names()
    assert all(len(shard.parents) <= 2 and list(shard.parents) == sorted(shard.parents) for shard in shards)
    assert len({shard.spec["stem"] for shard in shards}) == len(shards)


def test_a_shard_that_is_not_made_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, name_of(0), frames=2)
    recipe = PackageRecipe(name="one")
    shards = list(plan_shards(recipe, store, store.names()))
    with pytest.raises(FileNotFoundError, match="must be a published shard"):
        assemble(recipe, {"name": "one"}, tmp_path, store.names(), shards)
    assert not (tmp_path / "datasets" / "one").exists()


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", json.dumps({"schema": "dataset/9"}), json.dumps({"schema": "dataset/1"})]
)
def test_a_strange_manifest_is_one_line_that_names_it(made: Path, tmp_path: Path, text: str) -> None:
    shutil.copytree(made, tmp_path / "copy")
    (tmp_path / "copy" / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match=r"manifest\.json") as caught:
        read_manifest(tmp_path / "copy")
    assert "\n" not in str(caught.value)
