"""Laws of keep_if: both sides of a pair decide alike, what judged is recorded and is no ingredient."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.check import check
from synth.config import CONFIGS, Job, load
from synth.dataset.canonical import canonical
from synth.dataset.clip import Clip, Store
from synth.dataset.index import rows
from synth.dataset.verify import verify
from synth.plan import GATE_FRAMES, other_side, plan
from synth.task import Task
from synth.tasks import attempt
from synth.tasks.bench import Bench
from tests.synth.clips import mask_of, name_of, put, some_labels

RENDER, AUGMENT = CONFIGS / "render" / "demo.yaml", CONFIGS / "augment" / "demo_render.yaml"
AT = [0.1, 0.5, 0.9]
TAKES = [{"ops": [{"op": "zoom", "seed": 1, "factor": f}], "deliver": {"preset": "ultrafast"}} for f in (1.0, 2.0)]


def a_pair(root: Path, *, sides_px: tuple[int, int] = (10, 16)) -> tuple[Clip, Clip]:
    """Two clips of 64x36 whose held things are squares of these sides, in the middle."""
    made = []
    for side, px in zip(("positive", "twin"), sides_px, strict=True):
        labels = some_labels(10, Fraction(10))
        box = [32 - px // 2, 18 - px // 2, 32 + px // 2, 18 + px // 2]
        boxes = np.tile(np.array(box, np.float32), (10, 1))
        tracks = replace(labels.tracks, box_px=boxes, mask=tuple(mask_of(box) for _ in range(10)))
        labels = replace(labels, tracks=tracks)
        made.append(put(Store(root), name_of(side), frames=10, pair="ab", side=side, labels=labels, licence=side))
    return made[0], made[1]


def child(source: Clip, other: Clip | None, keep_if: Mapping[str, Any], takes: list[dict[str, Any]] = TAKES) -> Task:
    """A child of one side, judged by both when there is another."""
    gate = {"at": AT, "keep_if": keep_if, "both_sides": other is not None}
    names = (source.name,) if other is None else (source.name, other.name)
    return Task(kind="augment", spec={"recipe": "x", "child": 0, "takes": takes, "gate": gate}, parents=names)


def make(root: Path, task: Task) -> Clip | str:
    """The clip, or why there is none."""
    error, _ = attempt(task, Bench(root=root, run_id="test", threads=1), lambda frame, of: None)
    return error or Store(root).read(task.name)


@pytest.mark.parametrize("sides_px", [(10, 16), (16, 10)])
def test_both_sides_take_the_same_draw_though_one_alone_would_not(sides_px: tuple[int, int], tmp_path: Path) -> None:
    """Without a zoom one side's thing is 10 px, the other's 16: a rule of 14 refuses one of them alone."""
    one, two = a_pair(tmp_path, sides_px=sides_px)
    rule = {"object_px": {"min": 14}}
    alone = [make(tmp_path, child(clip, None, rule)) for clip in (one, two)]
    assert [clip.document["take"] for clip in alone if isinstance(clip, Clip)] == [int(px < 14) for px in sides_px]
    both = [make(tmp_path, child(*sides, rule)) for sides in ((one, two), (two, one))]
    assert [clip.document["take"] for clip in both if isinstance(clip, Clip)] == [1, 1]
    sizes = [clip.document["measures"]["object_px"] for clip in both if isinstance(clip, Clip)]
    assert sizes == [pytest.approx(2 * px, abs=0.5) for px in sides_px]


def test_the_judge_is_recorded_and_is_no_ingredient(tmp_path: Path) -> None:
    one, two = a_pair(tmp_path)
    clip = make(tmp_path, child(one, two, {"psnr_db": {"min": 10}}))
    assert isinstance(clip, Clip)
    document = clip.document
    assert [parent["name"] for parent in document["parents"]] == [one.name]
    assert document["gate_parent"] == {"name": two.name, "packet_sha256": two.document["packet_sha256"]}
    assert document["provenance"]["licences"] == ["positive"] and document["provenance"]["parents"] == [one.name]
    assert sorted(path.name for path in clip.folder.iterdir()) == ["clip.json", "tracks.parquet", "video.mp4"]
    (row,) = rows(Store(tmp_path), [clip.name], shares={"all": 1.0}, seed=0)
    assert row["parents"] == [one.name] and row["licence"] == "positive"
    assert verify(tmp_path) == []
    forged = canonical({**document, "gate_parent": {"name": two.name, "packet_sha256": "0" * 64}}, indent=1)
    (clip.folder / "clip.json").write_bytes(forged)
    assert [f"parent {two.name} must have the packets" in line for line in verify(tmp_path)] == [True]
    shutil.rmtree(two.folder)
    assert any(f"parent {two.name} must be here" in line for line in verify(tmp_path))


def test_when_no_take_passes_every_reason_is_said(tmp_path: Path) -> None:
    one, two = a_pair(tmp_path)
    said = make(tmp_path, child(one, two, {"object_px": {"max": 12}, "av_offset_s": {"max": 1}}))
    assert said == (
        "take 0: the other side of the pair: object_px must be at most 12, got 16; "
        "take 1: object_px must be at most 12, got 20"
    )
    empty = [{"ops": [{"op": "trim", "seed": 1, "start": 0.91, "stop": 0.92}], "deliver": {}}]
    assert "take 0: ops[0] (trim)" in str(make(tmp_path, child(one, None, {}, empty)))
    assert len(Store(tmp_path).names()) == 2


@pytest.mark.parametrize("unknown", ["refuse", "keep"])
def test_a_measure_that_no_label_tells_refuses_unless_the_rule_keeps(unknown: str, tmp_path: Path) -> None:
    one, _ = a_pair(tmp_path)
    bare = put(Store(tmp_path), name_of("bare"), frames=10, labels=replace(one.labels(), tracks=type(one.labels().tracks)(), events=()))  # fmt: skip
    made = make(tmp_path, child(bare, None, {"visible": {"min": 0.5, "unknown": unknown}}))
    if unknown == "refuse":
        assert "visible must be known" in str(made) and "keep_if.visible.unknown: keep" in str(made)
    else:
        assert isinstance(made, Clip) and made.document["measures"]["visible"] is None


def test_every_child_is_measured_with_or_without_rules(tmp_path: Path) -> None:
    one, _ = a_pair(tmp_path)
    clip = make(tmp_path, child(one, None, {}))
    assert isinstance(clip, Clip) and "gate_parent" not in clip.document
    assert clip.document["gate_frames"] == [1, 5, 9]
    assert all(value is not None for value in clip.document["measures"].values())


# ------------------------------------------------------------------------------------------------ planning


def planned(*sets: str) -> list[Task]:
    steps = (*load(RENDER, ["pairs=2"]).steps, *load(AUGMENT, sets).steps)
    return list(plan(Job(name="law", steps=steps)))


def test_rules_reach_the_spec_and_the_other_side_the_parents() -> None:
    tasks = planned("children=2", "keep_if={psnr_db: {min: 18, max: 40}}")
    renders = {task.name: task for task in tasks if task.kind == "render"}
    specs: dict[str, list[Any]] = {}
    for task in tasks:
        if task.kind == "augment":
            own, judge = task.parents
            assert judge == other_side(renders[own]).name and judge in renders and judge != own
            assert task.spec["gate"]["keep_if"] == {"psnr_db": {"min": 18, "max": 40}}
            specs.setdefault(renders[own].spec["pair"], []).append(task.spec)
    assert all(children[:2] == children[2:] for children in specs.values()), "both sides draw and judge alike"


@pytest.mark.parametrize("sets", [(), ("keep_if={visible: {min: 0.2}}",)])
def test_every_parent_is_planned_before_its_child(sets: tuple[str, ...]) -> None:
    seen: set[str] = set()
    for task in planned(*sets):
        assert set(task.parents) <= seen
        seen.add(task.name)


def test_gate_frames_are_spread_over_the_clip_and_equal_for_both_sides() -> None:
    shares = [tuple(task.spec["gate"]["at"]) for task in planned("children=3") if task.kind == "augment"]
    assert len(shares) == 12 and len(set(shares)) == 6
    for at in shares:
        assert [int(share * GATE_FRAMES) for share in at] == list(range(GATE_FRAMES))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("keep_if={psnr: {min: 20}}", "keep_if.psnr: unknown measure, did you mean 'psnr_db'?"),
        ("keep_if={psnr_db: {min: 40, max: 20}}", "keep_if.psnr_db.min: min must not exceed max, got 40 and 20"),
        ("keep_if={psnr_db: {}}", "keep_if.psnr_db.min: min or max must be given, got neither"),
        ("keep_if={psnr_db: {mni: 2}}", "keep_if.psnr_db.mni: unknown key, did you mean 'min'?"),
        ("keep_if={visible: {min: 8}}", "keep_if.visible.min must be in 0..1, got 8"),
        ("keep_if={visible: {min: much}}", "keep_if.visible.min: must be a valid number, got 'much'"),
        ("keep_if={}", "keep_if must hold a rule on at least one measure, got none; or leave it out"),
    ],
)
def test_a_wrong_rule_is_refused_in_one_line_with_file_and_key(edit: str, said: str) -> None:
    from synth.tree import RecipeError

    with pytest.raises(RecipeError) as caught:
        for step in load(AUGMENT, [edit]).steps:
            check(step)
    assert said in str(caught.value) and "demo_render.yaml" in str(caught.value) and "\n" not in str(caught.value)
