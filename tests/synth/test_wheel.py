"""Law: an installed synth finds its configs inside its wheel, and brings nothing of the tests."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder), str(ROOT)],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_the_packages_and_every_config(installed: Path) -> None:
    assert {p.name for p in installed.iterdir() if p.suffix != ".dist-info"} == {"synth", "scenes", "augment"}
    assert (installed / "synth" / "look" / "report.html.j2").is_file()
    shipped = {
        p.relative_to(installed / "synth" / "configs") for p in (installed / "synth" / "configs").rglob("*.yaml")
    }
    assert shipped == {p.relative_to(ROOT / "configs") for p in (ROOT / "configs").rglob("*.yaml")}


def test_a_job_is_planned_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "job.yaml").write_text("schema: 1\nkind: job\nname: w\nrender: [render/demo.yaml]\n")
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "import synth.config; print(synth.config.CONFIGS, file=sys.stderr)\n"
        "sys.argv = ['synth', 'plan', 'job.yaml', '--json']\nfrom synth.cli import main; main()"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert str(installed) in ran.stderr.splitlines()[0]
    assert [json.loads(line)["kind"] for line in ran.stdout.splitlines()] == ["render", "render"]
