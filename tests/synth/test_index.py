"""The index: one row per clip, in order, the same bytes from any order, read back equal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth.dataset import index
from synth.dataset.canonical import file_sha256
from synth.dataset.clip import Store
from synth.dataset.tracks import write_table
from tests.synth.clips import name_of, put, some_dataset

ALL = {"all": 1.0}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("store"))
    some_dataset(made.root)
    return made


def test_a_row_says_what_the_clip_says(store: Store) -> None:
    name = name_of(0, "p")
    row = index.rows(store, [name], shares=ALL, seed=0)[0]
    clip = store.read(name)
    assert {key: row[key] for key in ("kind", "label", "family", "venue", "country", "camera", "mount", "held_colour")} == {
        "kind": "render", "label": "positive", "family": "incident_response", "venue": "corridor", "country": "uk",
        "camera": "bwc_mid", "mount": "chest", "held_colour": "blue",
    }  # fmt: skip
    assert (row["fps"], row["width_px"], row["height_px"], row["frames"], row["codec"]) == ("10", 64, 36, 20, "h264")
    for stem, file in index.FILES.items():
        assert row[f"{stem}_sha256"] == file_sha256(clip.folder / file)
        assert row[f"{stem}_bytes"] == (clip.folder / file).stat().st_size


def test_a_twin_holds_what_the_twin_holds(store: Store) -> None:
    sides = index.rows(store, [name_of(0, "p"), name_of(0, "t")], shares=ALL, seed=0)
    assert {row["side"]: row["held"] for row in sides} == {"positive": "prop_long", "twin": "torch"}
    assert len({row["pair_id"] for row in sides}) == len({row["unit"] for row in sides}) == 1


def test_a_child_has_its_roots_scene_and_unit(store: Store) -> None:
    child, root = (index.rows(store, [name_of(1, which)], shares=ALL, seed=0)[0] for which in ("child", "p"))
    for column in ("venue", "country", "camera", "pair_id", "side", "unit", "split"):
        assert child[column] == root[column], column
    assert child["parents"] == [root["name"]]


def test_a_child_whose_parent_is_gone_is_refused(tmp_path: Path) -> None:
    import shutil

    store = Store(tmp_path)
    put(store, name_of("root"), frames=2)
    put(store, name_of("child"), frames=2, parents=[name_of("root")])
    shutil.rmtree(store.folder(name_of("root")))
    with pytest.raises(FileNotFoundError, match="must be a published clip"):
        index.rows(store, [name_of("child")], shares=ALL, seed=0)


def many(count: int) -> list[dict[str, Any]]:
    """Rows of no clip, of every column's type."""
    plain: dict[Any, Any] = {pa.string(): "x", pa.bool_(): True, pa.float64(): 0.5, pa.list_(pa.string()): ["a", "b"]}
    return [{f.name: plain.get(f.type, 7) for f in index.SCHEMA} | {"name": name_of(n)} for n in range(count)]


def test_there_and_back_sorted_and_the_same_bytes_from_any_order(tmp_path: Path) -> None:
    made = many(50)
    shuffled = [made[17 * n % 50] for n in range(50)]
    first, second = index.write_index(tmp_path / "a", made), index.write_index(tmp_path / "b", shuffled)
    assert [part["sha256"] for part in first] == [part["sha256"] for part in second]
    assert index.read_part(tmp_path / "a" / "part-00000.parquet") == sorted(made, key=lambda row: row["name"])


def test_parts_and_row_groups_are_of_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "ROWS_PER_PART", 40)
    monkeypatch.setattr(index, "ROWS_PER_GROUP", 16)
    parts = index.write_index(tmp_path / "index", many(100))
    assert [part["rows"] for part in parts] == [40, 40, 20]
    metadata = pq.ParquetFile(tmp_path / parts[0]["file"]).metadata
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [16, 16, 8]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "a/b", ""])
def test_a_row_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    index.write_index(tmp_path / "index", [{**many(1)[0], "name": name}])
    with pytest.raises(ValueError, match=r"part-00000\.parquet: name must match"):
        index.read_part(tmp_path / "index" / "part-00000.parquet")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    write_table(pa.table({"name": ["a"]}), tmp_path / "part.parquet")
    with pytest.raises(ValueError, match=r"part\.parquet: columns must be those of this version"):
        index.read_part(tmp_path / "part.parquet")
