"""Law: when the bytes of a kind change, its number in MAKER was raised, and the golden record was made anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.video import open_clip
from tests.needs import need_blender
from tests.synth.golden import FOLDER, RECORD, cpu, make

KEYS = ("ingest-1", "render-1", "render-2", "augment-1", "augment-2", "augment-3")
WAY_OUT = "raise its number in synth/task.py MAKER and run: python -m tests.synth.golden"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    need_blender()
    return make(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    return json.loads(RECORD.read_text(encoding="utf-8"))


def test_the_record_covers_every_kind(made: dict, golden: dict) -> None:
    assert tuple(sorted(made)) == tuple(sorted(KEYS)) == tuple(sorted(golden["made"]))


@pytest.mark.parametrize("key", KEYS)
def test_bytes_change_only_with_their_maker(key: str, made: dict, golden: dict) -> None:
    then, now = golden["made"][key], made[key]
    assert now["spec"] == then["spec"], f"the plan of {key} changed: {WAY_OUT}"
    if now["maker"] != then["maker"]:
        pytest.fail(f"{key} is made by {now['maker']}, the record by {then['maker']}: run python -m tests.synth.golden")
    if cpu() == golden["cpu"]:
        assert now["payload"] == then["payload"], f"the bytes of {key} changed: {WAY_OUT}"


@pytest.mark.parametrize("key", KEYS)
def test_pixels_agree_on_every_cpu_type(key: str, made: dict) -> None:
    """At least 50 dB for what is not damaged on the way; a child's own encodes amplify a last bit, so 35 dB there."""
    now, then = (np.stack([f.copy() for f in open_clip(path).frames()]).astype(float)
                 for path in (Path(made[key]["video"]), FOLDER / f"{key}.mp4"))  # fmt: skip
    assert now.shape == then.shape
    error = np.mean((now - then) ** 2)
    assert error == 0 or 10 * np.log10(255**2 / error) >= (35 if key.startswith("augment") else 50)
