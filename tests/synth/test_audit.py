"""The audit finds a class that leaks into a nuisance, finds none where there is none, and knows when it cannot tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.config import PackageRecipe
from synth.dataset.assemble import assemble
from synth.dataset.audit import FEATURES, audit, duplicates, normalised_mutual_information, picture, pictures
from synth.dataset.clip import Store
from synth.dataset.index import rows
from tests.synth import clips
from tests.synth.clips import name_of, put, some_dataset


def table(groups: int, **leaks: Any) -> list[dict[str, Any]]:
    """`groups` units of each class; every nuisance cycles alike in both, but those in `leaks` say the class."""
    made = []
    for unit in range(groups):
        for label in ("positive", "negative"):
            row: dict[str, Any] = {
                "name": f"{label}-{unit}", "unit": f"{label}-{unit}", "label": label, "width_px": 320 + 2 * (unit % 3),
                "height_px": 180, "fps": str(10 + unit % 2), "codec": "h264", "video_bytes": 1000 + 7 * (unit % 50),
                "seconds": 3.0, "has_audio": unit % 2 == 0, "generations": 1 + unit % 3, "camera": f"c{unit % 4}",
                "mount": "chest", "venue": f"v{unit % 5}", "country": "uk", "ops": "tone", "overlays": "",
                "held_colour": ("blue", "orange")[unit % 2], "is_synthetic": True, "licence": "CC0",
                "packet_sha256": f"{label}-{unit}",
            }  # fmt: skip
            made.append({**row, **{key: value[label] for key, value in leaks.items()}})
    return made


LEAKS: dict[str, tuple[str, Any, Any]] = {
    "size": ("width_px", 320, 640),
    "fps": ("fps", "10", "25"),
    "bitrate_bps": ("video_bytes", 1000, 9000),
    "seconds": ("seconds", 3.0, 4.0),
    "codec": ("codec", "h264", "hevc"),
    "held_colour": ("held_colour", "blue", "orange"),
    "venue": ("venue", "corridor", "yard"),
}


@pytest.mark.parametrize("feature", LEAKS)
def test_a_leak_is_found_and_named_first(feature: str) -> None:
    column, one, other = LEAKS[feature]
    found = audit(table(200, **{column: {"positive": one, "negative": other}}))
    telling = [finding.feature for finding in found if finding.nmi > 0.5]
    assert feature in telling and set(telling) <= {feature, "bitrate_bps"}
    assert {finding.verdict for finding in found} == {"measured"}


def test_where_nothing_leaks_nothing_is_found() -> None:
    found = audit(table(200))
    assert {finding.feature for finding in found} == set(FEATURES)
    assert max(finding.nmi for finding in found) < 1e-9


def test_below_200_groups_it_does_not_tell() -> None:
    assert {finding.verdict for finding in audit(table(199))} == {"too few to tell"}
    assert {finding.groups for finding in audit(table(199))} == {199}
    assert {finding.verdict for finding in audit([])} == {"too few to tell"}


def test_children_of_one_source_count_once() -> None:
    many = [{**row, "unit": row["label"], "name": f"{n}"} for n, row in enumerate(table(300))]
    assert {finding.groups for finding in audit(many)} == {1}
    one_tells = table(100)
    bulk = [{**one_tells[0], "codec": "hevc", "name": f"bulk{n}"} for n in range(1000)]
    share = next(f.nmi for f in audit([*one_tells, *bulk]) if f.feature == "codec")
    assert share < 0.05, "a thousand children of one unit must not look like a thousand sources"


def test_the_unknown_stand_outside() -> None:
    unknown = [{**row, "label": "unknown", "codec": "x"} for row in table(50)]
    assert audit([*table(200), *unknown]) == audit(table(200))


def test_mutual_information_of_known_tables() -> None:
    assert normalised_mutual_information("aabb", "xxyy") == pytest.approx(1)
    assert normalised_mutual_information("abab", "xxyy") == pytest.approx(0)
    assert normalised_mutual_information("ab", "xx") == 0
    half = normalised_mutual_information("aaab", "xxyy")
    assert half == pytest.approx(1 - 0.75 * (np.log(3) - 2 / 3 * np.log(2)) / np.log(2))


def test_pictures() -> None:
    rng = np.random.default_rng(1)
    alive = rng.integers(0, 255, (4, 8, 8, 3), dtype=np.uint8)
    assert picture(alive) == ""
    assert picture(np.zeros((4, 8, 8, 3), np.uint8)) == "black"
    assert picture(np.full((4, 8, 8, 3), 128, np.uint8)) == "flat"
    assert picture(np.repeat(alive[:1], 4, axis=0)) == "frozen"


def test_pictures_of_a_real_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    put(store, name_of("alive"), frames=20)
    monkeypatch.setattr(clips, "numbered", lambda number, tint: np.full((36, 64, 3), tint, np.uint8))
    put(store, name_of("black"), frames=20)
    put(store, name_of("grey"), frames=20, tint=128)
    folder = assemble(PackageRecipe(name="one"), {"name": "one"}, tmp_path, store.names())
    found = pictures(folder, rows(store, store.names(), shares={"all": 1.0}, seed=0))
    assert sorted(found) == sorted(
        f"clips/{name_of(w)}/video.mp4: is {s}" for w, s in (("black", "black"), ("grey", "flat"))
    )


def test_duplicates_of_a_real_dataset(tmp_path: Path) -> None:
    some_dataset(tmp_path, pairs=1)
    store = Store(tmp_path)
    found = duplicates(rows(store, store.names(), shares={"all": 1.0}, seed=0))
    assert len(found) == 1 and "shows the very packets of" in found[0]
