"""Laws of packs as the set opens them: nothing without licence, provenance and a look; nothing that is not as installed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from scenes import assets, meshfile

ITEM: dict[str, Any] = {
    "name": "crate", "kind": "furniture", "files": ["crate.obj"], "size_m": [0.6, 0.6, 0.6], "tags": ["storage"],
    "licence": "CC0-1.0", "author": "Somebody", "source": "their own work", "sha256": "0" * 64, "non_graphic": True,
}  # fmt: skip
BOX = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1 3 4\nf 2 3 4\n"


def put(cache: Path, *, name: str = "mine", items: list[dict[str, Any]] | None = None) -> str:
    """A pack in a cache, as an installer leaves it."""
    listed = [ITEM] if items is None else items
    files = {"crate.obj": {"bytes": len(BOX), "sha256": hashlib.sha256(BOX.encode()).hexdigest()}}
    text = json.dumps({"schema": assets.SCHEMA, "name": name, "items": listed, "files": files}).encode()
    sha256 = hashlib.sha256(text).hexdigest()
    folder = cache / sha256
    folder.mkdir(parents=True)
    (folder / "crate.obj").write_text(BOX)
    (folder / assets.DOCUMENT).write_bytes(text)
    (cache / "names").mkdir(exist_ok=True)
    (cache / "names" / name).write_text(sha256)
    return sha256


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(assets.FOLDER_VARIABLE, str(tmp_path / "packs"))
    return tmp_path / "packs"


def test_a_pack_is_found_by_name_and_by_hash(cache: Path) -> None:
    assert assets.pack_folder("mine") is None
    sha256 = put(cache)
    assert assets.pack_folder("mine") == assets.pack_folder(sha256) == cache / sha256
    pack = assets.open_pack("mine")
    (crate,) = assets.items("furniture")
    assert pack.path(crate).read_text() == BOX
    assert crate.size_m == (0.6, 0.6, 0.6)
    assert assets.items("hdri") == ()
    assert pack.findings() == []
    assert pack.attribution() == [
        {"pack": "mine", "pack_sha256": sha256, "item": "crate", "licence": "CC0-1.0", "author": "Somebody",
         "source": "their own work", "sha256": "0" * 64}
    ]  # fmt: skip


def test_the_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(assets.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert assets.cache_folder() == Path("/somewhere/synth/packs")
    monkeypatch.setenv(assets.FOLDER_VARIABLE, "/elsewhere")
    assert assets.cache_folder() == Path("/elsewhere")


@pytest.mark.parametrize("field", ["licence", "author", "source", "sha256", "non_graphic"])
@pytest.mark.parametrize("value", [None, "", " ", False])
def test_an_item_without_licence_provenance_or_a_look_cannot_be_loaded(cache: Path, field: str, value: object) -> None:
    put(cache, items=[{**ITEM, field: value}])
    with pytest.raises(assets.AssetError, match=f"^item 'crate': {field} must be"):
        assets.items("furniture")


@pytest.mark.parametrize(("changes", "said"), [
    ({"kind": "chair"}, "kind must be one of body, motion"),
    ({"files": []}, "files must name at least one"),
    ({"size_m": [0.6, 0, 0.6]}, "size_m must be three lengths above 0"),
    ({"name": "Sword_Idle"}, "must not hold 'sword'"),
    ({"name": "Death01"}, "must not hold 'death'"),
    ({"tags": ["stage", "gun"]}, "must not hold 'gun'"),
    ({"sha256": "abc"}, "sha256 must be 64 hex digits, got 'abc'"),
])  # fmt: skip
def test_what_else_an_item_must_be(cache: Path, changes: dict[str, Any], said: str) -> None:
    put(cache, items=[{**ITEM, **changes}])
    with pytest.raises(assets.AssetError, match=said) as raised:
        assets.open_pack("mine")
    assert "\n" not in str(raised.value)


def test_two_items_of_one_name_are_refused(cache: Path) -> None:
    put(cache, items=[ITEM, ITEM])
    with pytest.raises(assets.AssetError, match="item 'crate' stands twice"):
        assets.open_pack("mine")


def test_a_pack_that_is_not_there_says_what_is_near(cache: Path) -> None:
    put(cache, name="bodies")
    with pytest.raises(assets.AssetError, match=r"did you mean 'bodies'.*synth assets install"):
        assets.open_pack("bodys")
    with pytest.raises(assets.AssetError, match=r"pack 'bodies' as planned .* is not in .*plan again"):
        assets.whole_pack("bodies", "1" * 64)


def test_a_changed_pack_is_not_used(cache: Path) -> None:
    sha256 = put(cache)
    (cache / sha256 / "crate.obj").write_text(BOX.replace("1", "2"))
    assert assets.open_pack(sha256).findings() == ["crate.obj is not the file that was installed"]
    with pytest.raises(assets.AssetError, match="not the file that was installed: synth assets install mine --again"):
        assets.whole_pack("mine", sha256)
    (cache / sha256 / "crate.obj").unlink()
    assert assets.open_pack(sha256).findings() == ["crate.obj is missing"]


def test_a_changed_list_is_not_read(cache: Path) -> None:
    sha256 = put(cache)
    with (cache / sha256 / assets.DOCUMENT).open("a") as document:
        document.write(" ")
    with pytest.raises(assets.AssetError, match="was changed"):
        assets.open_pack(sha256)


@pytest.mark.parametrize(("name", "text", "said"), [
    ("flat.obj", "v 0 0 0\nv 0 0 0\nv 0 0 0\nf 1 2 3\n", "flat.obj must have a size, got 1 faces"),
    ("empty.obj", "# nothing\n", "empty.obj must have a size, got 0 faces"),
    ("huge.obj", BOX + "f 1 2 3\n" * 999_996, "at most 999999 faces, got 1000000"),
    ("bare.obj", "mtllib lost.mtl\n" + BOX, "bare.obj needs lost.mtl, which is not there"),
    ("paint.mtl", "newmtl a\nmap_Kd -bm 1 wood grain.jpg\n", "paint.mtl needs grain.jpg"),
    ("plain.mtl", "newmtl a\nmap_Kd oak wood.jpg\n", "plain.mtl needs oak wood.jpg"),
    ("lost.gltf", json.dumps({"images": [{"uri": "a%20b.png"}]}), "lost.gltf needs a b.png"),
    ("flat.gltf", json.dumps({"accessors": [{"count": 3, "min": [0, 0, 0], "max": [0, 0, 0]}],
                              "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}]}), "must have a size"),
])  # fmt: skip
def test_faults_of_meshes_are_named(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    facts = meshfile.examine(path)
    assert facts is not None
    assert said in str(meshfile.fault(path, facts))


def test_a_good_mesh_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "crate.obj"
    path.write_text(BOX)
    facts = meshfile.examine(path)
    assert facts == meshfile.MeshFacts(faces=4, extent=(1.0, 1.0, 1.0), needs=())
    assert meshfile.fault(path, facts) is None


@pytest.mark.parametrize("data", [b"glTF\x02\x00\x00\x00", b"[]", b"\xff\xfe", b'{"meshes": [{}]}'])
def test_what_is_no_gltf_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.glb").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.glb must be glTF 2\.0"):
        meshfile.examine(tmp_path / "a.glb")
