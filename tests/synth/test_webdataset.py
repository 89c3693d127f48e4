"""The WebDataset export: nothing but plain files, read back by the real library."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from synth.dataset import FootageDataset
from synth.dataset.formats.webdataset import members
from tests.synth.clips import some_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_dataset(tmp_path_factory.mktemp("made"))


def test_members_are_plain_and_say_nothing_of_the_machine(dataset: Path) -> None:
    with tarfile.open(dataset / "exports/webdataset/all-000000.tar") as tar:
        headers = tar.getmembers()
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode, m.isreg()) for m in headers} == {
        (0, 0, 0, "synth", "synth", 0o644, True)
    }
    assert {name.name.split(".", 1)[1] for name in headers} == {"mp4", "json", "tracks.json"}


def test_offsets_lead_to_each_members_bytes(dataset: Path) -> None:
    path = dataset / "exports/webdataset/all-000000.tar"
    listed = json.loads((dataset / "exports/webdataset/all-000000.offsets.json").read_bytes())
    data = path.read_bytes()
    for member in listed["members"]:
        name, file = member["name"].split(".", 1)
        if file == "mp4":
            stored = (dataset / "clips" / name / "video.mp4").read_bytes()
            assert data[member["offset"] : member["offset"] + member["bytes"]] == stored


READER = """
import json, sys
import webdataset as wds
found = {}
for sample in wds.WebDataset(sys.argv[1], shardshuffle=False).decode():
    assert isinstance(sample["mp4"], bytes), type(sample["mp4"])
    found[sample["__key__"]] = [len(sample["mp4"]), sample["json"]["labels"]["clip"]["label"], sample["tracks.json"]["box_px"][3]]
print(json.dumps(found))
"""


def test_the_real_library_reads_it_without_pickle(dataset: Path) -> None:
    settings = {**os.environ, "WDS_SECURE": "1", "WDS_PYTORCH_WEIGHTS_ONLY": "1"}
    shard = str(dataset / "exports/webdataset/all-000000.tar")
    done = subprocess.run([sys.executable, "-c", READER, shard], capture_output=True, text=True, env=settings, timeout=120,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    ours = FootageDataset(dataset)
    assert len(found) == len(ours.rows) == 6
    for sample in ours:
        size, label, box = found[sample["meta"]["name"]]
        assert size == (dataset / "clips" / sample["meta"]["name"] / "video.mp4").stat().st_size
        assert label == sample["labels"]["label"]
        assert box == sample["tracks"].box_px[3].tolist()


EVIL = {
    "up": {"name": "../x.mp4"},
    "absolute": {"name": "/x.mp4"},
    "link": {"name": "x.mp4", "type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
    "hard link": {"name": "x.mp4", "type": tarfile.LNKTYPE, "linkname": "y"},
    "device": {"name": "x.mp4", "type": tarfile.CHRTYPE},
}


@pytest.mark.parametrize("member", EVIL.values(), ids=EVIL.keys())
def test_a_member_that_would_leave_the_tar_is_refused(tmp_path: Path, member: dict[str, object]) -> None:
    path = tmp_path / "evil.tar"
    with tarfile.open(path, "w") as tar:
        header = tarfile.TarInfo()
        for key, value in member.items():
            setattr(header, key, value)
        tar.addfile(header, io.BytesIO(b""))
    with pytest.raises(ValueError, match=r"evil\.tar: member"):
        members(path)
