"""Law: what the README shows works: its job file is planned, its commands run, its loader snippet loads."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from augment.gate import MEASURES
from augment.ops import OPS
from tests.needs import need_blender, need_ray

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SMALLER = [
    f"--set=demo_render.{edit}"
    for edit in ("scenario.seconds=1", "scenario.size_px=[64, 36]", "quality.samples=1", "quality.denoise=false")
]
"""The README's job is the demo's; a test makes it small."""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.M | re.S)


def commands() -> list[list[str]]:
    lines = [
        line.split("  #")[0].split(" #")[0].split("|")[0].strip()
        for block in blocks("sh")
        for line in block.splitlines()
    ]
    return [shlex.split(line) for line in lines if line]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    need_blender()
    need_ray()
    folder = tmp_path_factory.mktemp("readme")
    (folder / "job.yaml").write_text(blocks("yaml")[0])
    return folder


def run(words: list[str], place: Path) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    ran = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True, timeout=500, check=False)
    assert ran.returncode == 0, f"{shlex.join(words)}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def test_the_commands_work_in_their_order(place: Path) -> None:
    shown = [words for words in commands() if words[0] == "synth"]
    assert [words[1] for words in shown] == ["plan", "run", "run", "status", "verify", "look"]
    for words in shown:
        if words[1] == "run":
            run([*words, *SMALLER, *(["--dry-run"] if "--set" in words else [])], place)
        else:
            assert run(words, place).strip()


def test_the_loader_snippet_loads(place: Path) -> None:
    if not (place / "out" / "datasets").is_dir():
        run(["synth", "run", "job.yaml", "--out", "out", *SMALLER], place)
    (snippet,) = blocks("python")
    lines = run([sys.executable, "-c", snippet], place).splitlines()
    assert len(lines) >= 10
    assert all(re.match(r"\(10, 36, 64, 3\) (positive|negative|unknown) \[", line) for line in lines)


def test_every_op_is_named_and_no_other() -> None:
    table = README[README.index("## What a chain can do") : README.index("![What ops")]
    named = re.findall(r"`(\w+)`", table[table.index("| --- |") :])
    assert sorted(named) == sorted(OPS)


def test_what_a_recipe_may_keep_is_measured() -> None:
    (keeps,) = [yaml.safe_load(block) for block in blocks("yaml") if "keep_if" in block]
    assert set(keeps["keep_if"]) <= set(MEASURES)


@pytest.mark.parametrize("words", [words for words in commands() if words[0] == "make"], ids=" ".join)
def test_make_knows_its_targets(words: list[str]) -> None:
    ran = subprocess.run([*words, "--dry-run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout


def test_every_file_the_readme_names_is_there() -> None:
    named = set(re.findall(r"`((?:scenes|synth|augment|configs|tests)/[\w./-]*)`", README)) | set(
        re.findall(r"\]\(([\w/.]+)\)", README)
    )
    assert len(named) > 8
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
