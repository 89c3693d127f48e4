"""Laws of configuration: what is wrong is refused in one line with file, key, rule, value and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from synth.check import check
from synth.config import CONFIGS, KINDS, load
from synth.tree import RecipeError, read_yaml, walk

RENDER = CONFIGS / "render" / "demo.yaml"
AUGMENT = CONFIGS / "augment" / "demo_real.yaml"
SHIPPED = sorted(p for kind in KINDS for p in (CONFIGS / kind).glob("*.yaml"))

WRONG = [
    (RENDER, "pears=1", "pears: unknown key, did you mean 'pairs'?"),
    (RENDER, "pairs=0", "pairs must be in 1..10000000, got 0"),
    (RENDER, "pairs=many", "pairs: must be a valid integer, got 'many'"),
    (RENDER, "scenario.secondz=3", "scenario.secondz: unknown key, did you mean 'seconds'?"),
    (RENDER, "scenario.seconds={uniform: [1, 9999]}", "seconds must be in 0.1..3600, got 9999"),
    (RENDER, "scenario.cast={integers: [2, 99]}", "cast must be in 0..30, got 99"),
    (RENDER, "scenario.size_px=[321, 180]", "size_px must be even"),
    (RENDER, "scenario.seconds={uniform: [5, 2]}", "scenario.seconds: uniform must be [low, high]"),
    (RENDER, "scenario.family=incident_respons", "did you mean 'incident_response'?"),
    (RENDER, "scenario.venue={choice: [corridor, coridor]}", "did you mean 'corridor'?"),
    (RENDER, "scenario.camera_profile=bwc_chest_1080p_wid", "did you mean 'bwc_chest_1080p_wide'?"),
    (RENDER, "twin.hold=torch", "twin.hold: unknown key, did you mean 'held'?"),
    (RENDER, "deliver.fps='5'", "deliver.fps: must be left out"),
    (RENDER, "scenario.venue_knobs.lenght_m=9", "venue_knobs.lenght_m: unknown key, did you mean 'length_m'?"),
    (RENDER, "scenario.venue_knobs.doors=2.5", "venue_knobs.doors: must be a valid integer"),
    (RENDER, "scenario.venue_knobs.width_m={uniform: [1, 3]}", "width_m must be in 1.5..6, got 1"),
    (RENDER, "quality.samples=0", "quality.samples: samples must be in 1..16384, got 0"),
    (AUGMENT, "ops.noise.gain_db={uniform: [6, 99]}", "gain_db must be in 0..42, got 99"),
    (AUGMENT, "ops.noise.gane_db=3", "gane_db: unknown key, did you mean 'gain_db'?"),
    (AUGMENT, "ops.0.op=shaek", "ops[0].op: unknown op, did you mean 'shake'?"),
    (AUGMENT, "ops.noise.chance=2", "chance: must be in 0..1, got 2"),
    (AUGMENT, "ops.transcode.crf={integers: [18, 99]}", "got 99"),
    (AUGMENT, "deliver.crf=99", "crf must be in"),
    (AUGMENT, "sources=[films]", "sources must be of render, ingest"),
    (AUGMENT, "ops.sharpen.op=x", "a list entry must be 0.."),
    (AUGMENT, "children", "--set must be path=value"),
]


@pytest.mark.parametrize(("file", "edit", "said"), WRONG, ids=[edit for _, edit, _ in WRONG])
def test_what_is_wrong_is_refused_in_one_line(file: Path, edit: str, said: str) -> None:
    with pytest.raises(RecipeError) as caught:
        for step in load(file, [edit]).steps:
            check(step)
    line = str(caught.value)
    assert said in line
    assert "\n" not in line
    assert file.name in line or "--set" in line


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "[1, 2]", "a: [", "a: !!python/object:os.system {}", ""])
def test_only_strict_yaml_mappings_are_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(text)
    with pytest.raises(RecipeError, match=r"recipe\.yaml"):
        read_yaml(file)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_refuses_an_unknown_key(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump({"schema": 1, "kind": kind, "name": "x", "nonsense": 1}))
    with pytest.raises(RecipeError, match="nonsense: unknown key"):
        load(file)


def test_no_recipe_can_write_a_word_into_a_picture() -> None:
    word = "{text: anything, list: device_names, sha256: '0'}"
    with pytest.raises(RecipeError, match="words must be drawn"):
        load(AUGMENT, [f"ops.noise.device={word}"])


@pytest.mark.parametrize("file", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_every_shipped_recipe_stands(file: Path) -> None:
    (step,) = load(file).steps
    check(step)
    assert step.kind == file.parent.name


def test_a_job_edits_the_recipe_it_names() -> None:
    job = load(CONFIGS / "demo.yaml", ["demo_render.pairs=7", "demo.clips_per_shard=3"])
    assert {s.recipe.name: getattr(s.recipe, "pairs", None) for s in job.steps}["demo_render"] == 7
    assert [s.kind for s in job.steps] == ["ingest", "render", "augment", "augment", "package"]
    with pytest.raises(RecipeError, match="did you mean 'demo_render'"):
        load(CONFIGS / "demo.yaml", ["demo_rendr.pairs=7"])


def test_walk_names_every_node() -> None:
    assert dict(walk({"a": [1, {"b": 2}]})) == {"": {"a": [1, {"b": 2}]}, "a": [1, {"b": 2}], "a[0]": 1,
                                                "a[1]": {"b": 2}, "a[1].b": 2}  # fmt: skip
