"""Laws of the command line: every command shows an example, says its errors in one line, answers machines in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from synth.config import CONFIGS

COMMANDS = ("ingest", "render", "augment", "package", "look", "verify", "plan", "run", "status", "doctor", "schema")
DEMO = CONFIGS / "render" / "demo.yaml"


def synth(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "synth", *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    ran = synth(command, "--help")
    assert ran.returncode == 0
    assert f"Example: synth {command} " in " ".join(ran.stdout.split())


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from synth.cli import app\n"
        "try: app(['--help'], standalone_mode=False)\n"
        "finally: print('HEAVY', [m for m in ('ray', 'bpy', 'cv2', 'torch', 'numpy', 'pydantic') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "HEAVY []" in ran.stdout
    assert all(command in ran.stdout for command in COMMANDS)


WRONG = [
    (("render", "nowhere.yaml"), 2, "nowhere.yaml: cannot be read"),
    (("render", CONFIGS / "augment" / "demo_real.yaml"), 2, "kind must be render, got augment"),
    (("render", DEMO, "--engine", "rae"), 2, "--engine must be inline or ray"),
    (("render", DEMO, "--limit", "0"), 2, "limit"),
    (("render", DEMO, "--set", "pairs=0"), 2, "pairs must be in 1..10000000, got 0"),
    (("render", DEMO, "--out", "/proc/version/out", "--engine", "inline"), 2, "/proc/version"),
    (("run", CONFIGS / "demo.yaml", "--footage", "/nowhere.mp4", "--dry-run"), 2, "there is no '/nowhere.mp4'"),
    (("rendre", DEMO), 2, "rendre"),
    (("status", "/nowhere"), 2, "/nowhere must be an output folder"),
    (("verify", "/nowhere"), 2, "/nowhere"),
    (("look", "/nowhere"), 2, "/nowhere"),
    (("schema", "rendr"), 2, "did you mean 'render'?"),
    (("render", DEMO, "--ray-address", "127.0.0.1:1"), 3, "127.0.0.1:1"),
]


@pytest.mark.parametrize(("words", "code", "said"), WRONG, ids=[" ".join(map(str, w))[-60:] for w, _, _ in WRONG])
def test_errors_are_one_line_and_have_their_code(words: tuple, code: int, said: str, tmp_path: Path) -> None:
    out = () if "--out" in words or words[0] not in ("render",) else ("--out", tmp_path / "out")
    ran = synth(*words, *out)
    assert ran.returncode == code, ran.stderr
    lines = [line for line in ran.stderr.splitlines() if line.strip()]
    assert said in lines[-1]
    assert len(lines) == 1, ran.stderr


def test_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    ran = synth("run", CONFIGS / "demo.yaml", "--out", tmp_path / "out", "--footage", tmp_path, "--dry-run", "--json")
    assert json.loads(ran.stdout) == {"tasks": 10, "kinds": {"render": 2, "augment": 8}}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "kind", ["ingest", "render", "augment", "package", "ops", "scenario", "vocabulary", "distributions"]
)
def test_schemas_are_json(kind: str) -> None:
    assert json.loads(synth("schema", kind).stdout)


def test_doctor_finds_what_the_suite_needs(tmp_path: Path) -> None:
    ran = synth("doctor", "--json", "--out", tmp_path)
    found = {finding["what"]: finding for finding in json.loads(ran.stdout)}
    assert {"python", "blender", "codecs", "opencv", "ray", "disk", "configs", "packs"} <= set(found)
    lacking = [name for name, finding in found.items() if finding["needed"] and not finding["ok"]]
    assert ran.returncode == (3 if lacking else 0)
    assert "blender" in lacking or "bpy 4.5" in found["blender"]["said"]
