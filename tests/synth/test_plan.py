"""Laws of planning: the same recipe gives the same bytes, twins share every draw, growing a plan shifts nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scenes.props import PROPS
from scenes.props.held import WAYS
from synth.config import CONFIGS, Job, load, vocabulary, words
from synth.plan import plan
from synth.run.job import Where, read_plan, tasks_of
from synth.task import Task
from synth.tasks.augment import check_words
from synth.tree import RecipeError

RENDER, AUGMENT = CONFIGS / "render" / "demo.yaml", CONFIGS / "augment" / "demo_render.yaml"


def job(*sets: str) -> Job:
    """Renders and their children."""
    render, augment = (
        load(RENDER, [s for s in sets if not s.startswith("+")]),
        load(AUGMENT, [s[1:] for s in sets if s.startswith("+")]),
    )
    return Job(name="law", steps=(*render.steps, *augment.steps))


def tasks(*sets: str) -> list[Task]:
    return list(plan(job(*sets)))


def test_the_same_recipe_gives_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    here = "\n".join(t.to_json() for t in tasks_of(load(CONFIGS / "demo.yaml"), Where(out=tmp_path, footage=tmp_path)))
    ran = subprocess.run(
        [sys.executable, "-m", "synth", "plan", str(CONFIGS / "demo.yaml"), "--footage", str(tmp_path)],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "77"},
    )  # fmt: skip
    assert ran.stdout.strip() == here
    assert here


def test_twins_share_every_draw_but_their_side() -> None:
    renders = [t for t in tasks("pairs=3") if t.kind == "render"]
    for positive, twin in zip(renders[::2], renders[1::2], strict=True):
        assert {**positive.spec, "side": ""} == {**twin.spec, "side": ""}
        assert (positive.spec["side"], twin.spec["side"]) == ("positive", "twin")
        for take in twin.spec["takes"]:
            assert take["twin"]["held"] != take["scenario"]["held"]


def test_both_sides_of_a_pair_hold_what_they_hold_in_one_way() -> None:
    ways = set()
    for task in plan(load(CONFIGS / "render" / "demo.yaml", ["pairs=40"])):
        for take in task.spec["takes"]:
            grip = take["scenario"]["grip"]
            ways.add(grip)
            assert grip in PROPS[take["scenario"]["held"]].ways
            assert grip in PROPS[take["twin"]["held"]].ways
            assert "grip" not in take["twin"]
    assert ways == set(WAYS)


@pytest.mark.parametrize(("edits", "said"), [
    (["cases={}", "scenario.held=prop_long", "twin.held=torch"], "grip: must be one for both sides of a pair, got prop_long with two_apart, torch with one_hand"),
    (["cases={}", "scenario.held=prop_long", "scenario.grip=one_hand", "twin.held=torch"], "grip: must be one of two_apart for prop_long"),
    (["cases={choice: [{scenari: {held: torch}}]}"], "cases: each must hold scenario and twin, got scenari"),
])  # fmt: skip
def test_pairs_whose_hands_would_tell_the_class_are_refused(edits: list[str], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        next(plan(load(CONFIGS / "render" / "demo.yaml", edits)))


def test_twins_share_the_chains_of_their_children() -> None:
    planned = tasks("pairs=2", "+children=3")
    of_parent = {r.name: [t.spec for t in planned if t.parents == (r.name,)] for r in planned if r.kind == "render"}
    specs = list(of_parent.values())
    assert specs[0] == specs[1] and specs[2] == specs[3]
    assert specs[0] != specs[2]
    assert len({json.dumps(spec) for spec in specs[0]}) == 3


@pytest.mark.parametrize("sets", [("pairs=4",), ("+children=9",)])
def test_growing_a_plan_keeps_what_was_planned(sets: tuple[str, ...]) -> None:
    small, large = (
        {t.name for t in tasks("pairs=2", "+children=2")},
        {t.name for t in tasks("pairs=2", "+children=2", *sets)},
    )
    assert small < large


def test_editing_one_knob_changes_only_what_has_it() -> None:
    before, after = tasks("pairs=1"), tasks("pairs=1", "+ops.noise.full_well_e=9000")
    assert [t.name for t in before if t.kind == "render"] == [t.name for t in after if t.kind == "render"]
    for old, new in zip(before, after, strict=True):
        if old.kind == "augment":
            assert old.name != new.name
            for take, other in zip(old.spec["takes"], new.spec["takes"], strict=True):
                assert [o for o in take["ops"] if o["op"] != "noise"] == [o for o in other["ops"] if o["op"] != "noise"]


def test_every_chain_over_a_render_has_tone_once() -> None:
    for sets in ((), ("+ops.tone.op=noise", "+ops.0={op: noise, gain_db: 6}")):
        for task in tasks(*sets):
            for take in task.spec["takes"] if task.kind == "augment" else ():
                assert [op["op"] for op in take["ops"]].count("tone") == 1


def test_a_plan_line_is_read_back_and_an_edited_one_is_refused(tmp_path: Path) -> None:
    (first, *_), file = tasks(), tmp_path / "plan.jsonl"
    file.write_text(first.to_json() + "\n")
    assert list(read_plan(file)) == [first]
    file.write_text(first.to_json().replace('"side":"positive"', '"side":"twin"') + "\n")
    with pytest.raises(ValueError, match=r"plan\.jsonl: line 1: name must be the hash"):
        list(read_plan(file))


def test_limit_is_a_prefix(tmp_path: Path) -> None:
    whole = [t.name for t in tasks_of(job(), Where(out=tmp_path))]
    assert [t.name for t in tasks_of(job(), Where(out=tmp_path, limit=3))] == whole[:3]


def test_names_depend_on_content_not_on_place(tmp_path: Path) -> None:
    recipe = tmp_path / "ingest.yaml"
    recipe.write_text("schema: 1\nkind: ingest\nname: mine\nfiles: ['*.mp4']\n")
    names = []
    for folder in ("a b", "ünïcode\nfolder"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "clip.mp4").write_bytes(b"the same bytes")
        (task,) = tasks_of(load(recipe), Where(out=tmp_path, footage=tmp_path / folder))
        names.append(task.name)
    assert names[0] == names[1]


@pytest.mark.parametrize(("sidecar", "said"), [
    ("nothing,here\n1,2\n", "must have a column 'file'"),
    ("file,licens\nclip.mp4,MIT\n", "unknown field, did you mean 'licence'"),
])  # fmt: skip
def test_a_wrong_sidecar_is_refused_in_one_line(sidecar: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"x")
    (tmp_path / "side.csv").write_text(sidecar)
    recipe = tmp_path / "ingest.yaml"
    recipe.write_text("schema: 1\nkind: ingest\nname: mine\nfiles: [clip.mp4]\nsidecar: side.csv\n")
    with pytest.raises(RecipeError) as caught:
        list(tasks_of(load(recipe), Where(out=tmp_path, footage=tmp_path)))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_words_that_a_list_does_not_hold_are_refused() -> None:
    name = sorted(p.stem for p in (CONFIGS / "words").glob("*.yaml"))[0]
    listed, sha256 = words(name)
    check_words({"ops": [{"device": {"text": listed[0], "list": name, "sha256": sha256}}]})
    for text, hashed in (("not a listed word", sha256), (listed[0], "0" * 64)):
        with pytest.raises(ValueError, match="text must be a word of configs/words"):
            check_words({"ops": [{"device": {"text": text, "list": name, "sha256": hashed}}]})


def test_recipes_and_words_use_the_vocabulary() -> None:
    known = vocabulary()
    for task in tasks("pairs=5"):
        for take in task.spec["takes"] if task.kind == "render" else ():
            assert take["scenario"]["family"] in known["families"]
