"""What a clip says of itself, case by case, and that it stands in the container too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

from synth.dataset.clip import Store
from synth.dataset.provenance import container_metadata, statement
from tests.synth.clips import name_of, put

CASES: dict[str, tuple[dict[str, Any], tuple[bool, str, str, str]]] = {
    "render": ({"roots": ["rendered"]}, (True, "rendered", "rendered", "digitalCreation")),
    "child of a render": ({"roots": ["rendered"], "parents": ["a"]}, (True, "augmented", "rendered", "digitalCreation")),
    "real": ({"roots": ["real"]}, (False, "real", "real", "digitalCapture")),
    "captured game": ({"roots": ["real"], "screen_capture": True}, (False, "real", "real", "screenCapture")),
    "child of a real clip": ({"roots": ["real"], "parents": ["a"]}, (False, "augmented", "real", "algorithmicallyEnhanced")),
    "two real clips": ({"roots": ["real", "real"], "parents": ["a", "b"]}, (False, "augmented", "real", "compositeCapture")),
    "a render over a real clip": (
        {"roots": ["real", "rendered"], "parents": ["a", "b"]}, (True, "augmented", "mixed", "composite"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made_of", "said"), CASES.values(), ids=CASES.keys())
def test_statement(made_of: dict[str, Any], said: tuple[bool, str, str, str]) -> None:
    block = statement(licences=["CC0"], generations=2, **made_of)
    word = block["digital_source_type"].removeprefix("http://cv.iptc.org/newscodes/digitalsourcetype/")
    assert (block["is_synthetic"], block["origin"], block["root_origin"], word) == said
    assert ("SYNTHETIC" in block["marking"]) == block["is_synthetic"]


@pytest.mark.parametrize(("wrong", "rule"), [
    ({"roots": []}, "roots must be"),
    ({"roots": ["augmented"]}, "roots must be"),
    ({"roots": ["real"], "licences": []}, "licences must name"),
    ({"roots": ["real"], "licences": [""]}, "licences must name"),
    ({"roots": ["real", "real"]}, "must have one root"),
])  # fmt: skip
def test_what_cannot_be_stated_is_refused(wrong: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        statement(**{"licences": ["CC0"], "generations": 1, **wrong})


def test_a_positive_and_its_twin_carry_the_same_mark(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first = put(store, name_of("p"), frames=2, pair="1", side="positive")
    twin = put(store, name_of("t"), frames=2, pair="1", side="twin", family="hand_tool")
    assert first.document["provenance"] == twin.document["provenance"]
    with av.open(str(first.video)) as one, av.open(str(twin.video)) as two:
        assert dict(one.metadata) == dict(two.metadata)


def test_the_container_says_it(tmp_path: Path) -> None:
    clip = put(Store(tmp_path), name_of("p"), frames=2)
    wanted = container_metadata(clip.document["provenance"])
    with av.open(str(clip.video)) as container:
        found = dict(container.metadata)
    assert wanted.items() <= found.items()
    assert found["is_synthetic"] == "true" and "TRAINING EXERCISE" in found["title"]
    assert json.loads(found["comment"])["origin"] == "rendered"


def test_a_child_names_its_ops_and_their_actions_in_order() -> None:
    ops = [{"op": "tone", "action": "c2pa.adjustedColor"}, {"op": "trim", "action": "c2pa.trimmed"}]
    block = statement(roots=["real"], parents=["a"], ops=ops, licences=["MIT"], generations=2)
    assert (block["chain"], block["actions"]) == (["tone", "trim"], ["c2pa.adjustedColor", "c2pa.trimmed"])
