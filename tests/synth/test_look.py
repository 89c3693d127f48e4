"""What is drawn stands where the labels say, plays in a real browser, and stays inert whatever the dataset's words are."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from augment.footage import Array, Event, Footage, Labels, Track, Tracks
from scenes.shot import Event as ShotEvent
from synth.config import vocabulary
from synth.dataset.clip import read_clip
from synth.dataset.index import read_part
from synth.dataset.manifest import read_manifest
from synth.look import look, pen, plan_view, report, sheet, viewing
from tests.browser import Page, browser
from tests.needs import need_chromium
from tests.scenes.small_shot import small_shot
from tests.synth.clips import some_dataset

SIZE_PX, FRAMES, FPS = (160, 90), 24, Fraction(12)
EVIL = "\"'></script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def moving(events: tuple[Event, ...] = ()) -> Footage:
    """Grey frames with one prop whose box moves two pixels per frame."""
    every = np.arange(FRAMES, dtype=np.int32)
    x0 = (10 + 2 * every).astype(np.float32)
    box = np.stack([x0, x0 * 0 + 40, x0 + 50, x0 * 0 + 80], axis=1)
    tracks = Tracks(
        things=(Track(id=7, track_class="prop_long", in_wearer_hand=True),),
        frame=every, track=np.full(FRAMES, 7, np.int32), box_px=box,
        visible=np.ones(FRAMES, np.float32), in_frame=np.ones(FRAMES, np.float32),
    )  # fmt: skip

    def frames() -> Iterator[Array]:
        return (np.full((SIZE_PX[1], SIZE_PX[0], 3), 120, np.uint8) for _ in every)

    labels = Labels(events=events, tracks=tracks)
    return Footage(fps=FPS, size_px=SIZE_PX, length=FRAMES, frames=frames, labels=labels)


def test_every_word_that_is_coloured_is_one_of_the_vocabulary() -> None:
    assert set(pen.CLASS_COLOURS) == set(vocabulary()["track_classes"])
    assert set(pen.EVENT_COLOURS) <= set(vocabulary()["events"])


@pytest.mark.parametrize("tile_px", [160, 400])
def test_boxes_stand_on_the_sheet_where_the_labels_of_that_frame_say(tile_px: int) -> None:
    tiles, columns = 6, 3
    picture = sheet.draw([(moving(), sheet.Caption(title="t"))], tiles=tiles, columns=columns, tile_px=tile_px).picture
    scale, tile_h = tile_px / SIZE_PX[0], round(tile_px * SIZE_PX[1] / SIZE_PX[0])
    top = sheet.MARGIN_PX + round(2.4 * sheet.ROW_PX)
    for i, frame in enumerate(sheet.moments(FRAMES, tiles)):
        left = sheet.MARGIN_PX + i % columns * (tile_px + sheet.GAP_PX)
        row = picture[top + i // columns * (tile_h + sheet.GAP_PX) + round(70 * scale), left : left + tile_px]
        hits = np.flatnonzero((row == pen.CLASS_COLOURS["prop_long"]).all(axis=1))
        assert hits.min() == pytest.approx((10 + 2 * frame) * scale, abs=1)
        assert hits.max() == pytest.approx((60 + 2 * frame) * scale - 1, abs=1)


@pytest.mark.parametrize("event_type", ["object_raised", "movement_start", "exercise_stop"])
def test_an_events_bar_spans_its_seconds(event_type: str) -> None:
    footage = moving((Event(type=event_type, onset_s=0.5, offset_s=1.25),))
    picture = sheet.draw([(footage, sheet.Caption(title="t"))], tiles=4, columns=4, tile_px=300).picture
    width = 4 * 300 + 3 * sheet.GAP_PX
    edge = picture[-sheet.MARGIN_PX - sheet.ROW_PX + 4, sheet.MARGIN_PX : sheet.MARGIN_PX + width]
    hits = np.flatnonzero((edge == pen.event_colour(event_type)).all(axis=1))
    assert hits.min() == pytest.approx(0.5 / 2 * width, abs=1) and hits.max() == pytest.approx(1.25 / 2 * width, abs=1)


def test_the_mark_is_on_every_picture_of_the_sheet() -> None:
    words = [sheet.Caption(title="t", mark=mark) for mark in ("", "SYNTHETIC")]
    bare, marked = (sheet.draw([(moving(), w)], tiles=3, columns=3, tile_px=200).picture for w in words)
    top, tile_h = sheet.MARGIN_PX + round(2.4 * sheet.ROW_PX), round(200 * SIZE_PX[1] / SIZE_PX[0])
    for i in range(3):
        right = sheet.MARGIN_PX + i * (200 + sheet.GAP_PX) + 200
        corner = slice(top + tile_h - 20, top + tile_h), slice(right - 60, right)
        assert (bare[corner] == 120).all() and (marked[corner] == pen.INK).all(axis=2).mean() > 0.3


def test_a_sheet_of_many_clips_is_a_png_with_a_strip_for_each(tmp_path: Path) -> None:
    one, three = (sheet.write([(moving(), sheet.Caption(title="t"))] * n, tmp_path / f"{n}.png") for n in (1, 3))
    heights = [cv2.imread(str(path)).shape[0] for path in (one, three)]
    strip = heights[0] - 2 * sheet.MARGIN_PX
    assert heights[1] == 3 * strip + 2 * sheet.ROW_PX + 2 * sheet.MARGIN_PX


@pytest.mark.parametrize(
    ("layout", "said"), [({"tiles": 0}, "tiles"), ({"columns": 9, "tiles": 8}, "columns"), ({"tile_px": 9}, "tile_px")]
)
def test_a_sheet_that_cannot_be_is_refused(layout: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sheet.draw([(moving(), sheet.Caption(title="t"))], **layout)


def test_a_sheet_of_footage_that_is_shorter_than_it_says_is_refused() -> None:
    with pytest.raises(ValueError, match="must yield"):
        sheet.draw([(replace(moving(), length=FRAMES * 2), sheet.Caption(title="t"))])


# --- the floor plan ------------------------------------------------------------------------------------------------


def planned() -> tuple[Any, ET.Element]:
    """A shot with a floor of 8 x 4 m and the drawing of it."""
    floor = ((-4.0, -2.0), (4.0, -2.0), (4.0, 2.0), (-4.0, 2.0))
    wall = ((-4.0, 2.0), (4.0, 2.0), (4.0, 2.2), (-4.0, 2.2))
    shot = small_shot()
    shot = replace(
        shot,
        plan=(("floor", floor), ("wall", wall), ("mark", ((1.0, 1.0),)), ("path:a", ((0.0, 0.0), (2.0, 1.0)))),
        events=(ShotEvent(type="object_raised", onset_s=0.0, offset_s=0.1, actor_role=EVIL),),
    )
    return shot, ET.fromstring(plan_view.draw(shot, title=EVIL))


def points(element: ET.Element) -> Array:
    return np.array([[float(v) for v in pair.split(",")] for pair in element.attrib["points"].split()])


def drawn(tree: ET.Element, kind: str) -> list[ET.Element]:
    return [element for element in tree.iter() if element.attrib.get("class") == kind]


def test_the_floor_plan_is_to_scale_and_the_camera_stands_in_it() -> None:
    shot, tree = planned()
    floor = points(drawn(tree, "floor")[0])
    span = floor.max(0) - floor.min(0)
    assert span[0] / span[1] == pytest.approx(8 / 4, rel=0.01)
    metre = span[0] / 8
    eye = points(drawn(tree, "sight")[-1])[0]
    at = (eye - [floor[:, 0].min(), floor[:, 1].max()]) / metre * [1, -1] + [-4, -2]
    assert at == pytest.approx(shot.world_from_cam[shot.frame_key(0), :2, 3], abs=0.01)


def test_the_drawn_field_of_view_is_the_lens_s() -> None:
    shot, tree = planned()
    eye, *rim = points(drawn(tree, "sight")[-1])
    rays = np.array([rim[0] - eye, rim[-1] - eye])
    angles = np.arctan2(-rays[:, 1], rays[:, 0])
    ahead = -shot.world_from_cam[shot.frame_key(0), :2, 2]
    half = float(shot.lens.theta(np.array(0.5)))
    middle = np.arctan2(ahead[1], ahead[0])
    turned = np.angle(np.exp(1j * (angles - middle)))
    assert sorted(turned) == pytest.approx([-half, half], abs=0.01)


def test_the_floor_plan_shows_everybody_and_takes_words_as_words() -> None:
    shot, tree = planned()
    said = "".join(tree.itertext())
    assert all(figure.name in said for figure in shot.figures if figure.role != "wearer")
    assert said.count(EVIL) == 3 and "script" not in {element.tag.rpartition("}")[2] for element in tree.iter()}


# --- the report ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_dataset(tmp_path_factory.mktemp("made"), pairs=2)


@pytest.fixture(scope="module")
def page(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return look(dataset, tmp_path_factory.mktemp("report") / "with space.html")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Page]:
    with browser(need_chromium()) as opened:
        yield opened


def index(dataset: Path) -> list[dict[str, Any]]:
    return [row for part in read_manifest(dataset)["index"] for row in read_part(dataset / part["file"])]


def test_the_same_dataset_gives_the_same_report(dataset: Path, page: Path, tmp_path: Path) -> None:
    assert report.write(dataset, tmp_path / "again.html").read_bytes() == page.read_bytes()


def test_the_report_names_no_place_to_load_from(page: Path) -> None:
    text = page.read_text("utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href|action)\s*=\s*["']?(https?:|//|file:)|url\(|@import""", text)


def test_the_report_keeps_its_size_and_says_how_many_are_shown(dataset: Path, tmp_path: Path) -> None:
    videos = sum(viewing.copy(row, dataset / "clips").characters for row in index(dataset))
    whole = report.write(dataset, tmp_path / "whole.html")
    small = report.write(dataset, tmp_path / "small.html", mebibytes=videos / 2**20 / 2)
    shown = [int(re.search(r"(\d+) of 6 clips", path.read_text("utf-8"))[1]) for path in (whole, small)]  # type: ignore[index]
    assert shown[0] == 6 and 0 < shown[1] < 6 and small.stat().st_size < whole.stat().st_size


def test_every_nuisance_counts_every_clip_once(dataset: Path) -> None:
    rows = index(dataset)
    for nuisance in report.nuisances(rows):
        assert sum(value["total"] for value in nuisance["values"]) == len(rows), nuisance["column"]
        assert sum(sum(value["counts"]) for value in nuisance["values"]) == len(rows), nuisance["column"]


def test_many_values_of_a_nuisance_are_summed_up(dataset: Path) -> None:
    rows = [{**row, "venue": f"v{n}"} for n in range(30) for row in index(dataset)]
    venues = next(one for one in report.nuisances(rows) if one["column"] == "venue")["values"]
    assert len(venues) == report.LARGEST + 1 and sum(value["total"] for value in venues) == len(rows)


def test_twins_are_the_two_sides_that_went_through_the_same_chain(dataset: Path) -> None:
    rows = index(dataset)
    for row in rows:
        other = viewing.twin(row, rows, dataset / "clips")
        if row["kind"] == "augment":  # the fixture has children of one side alone
            assert other is None
        else:
            assert other is not None and other["pair_id"] == row["pair_id"] and other["side"] != row["side"]


def test_drawn_order_holds_every_clip_once_and_begins_with_one_of_each_kind(dataset: Path) -> None:
    rows = index(dataset)
    order = list(viewing.chosen(rows, seed=0))
    assert sorted(row["name"] for row in order) == [row["name"] for row in rows]
    kinds = {(row["label"], row["origin"], row["family"]) for row in rows}
    assert {(row["label"], row["origin"], row["family"]) for row in order[: len(kinds)]} == kinds


@pytest.mark.parametrize("onset_s", [0.0, 1.0, 40.0, 59.9])
def test_an_excerpt_lies_in_the_clip_and_holds_its_event(onset_s: float) -> None:
    events = (Event(type="object_raised", onset_s=onset_s, offset_s=60.0),)
    long = replace(moving(events), length=int(60 * FPS))
    first, length = viewing.excerpt(long)
    assert first >= 0 and first + length <= long.length and length == int(viewing.SECONDS * FPS)
    assert first <= onset_s * FPS < first + length


def test_what_the_player_draws_are_the_labels_of_that_frame() -> None:
    rows = viewing.rows_by_frame(moving().labels.tracks, 5, 4, (0.5, 0.5))
    assert rows == [[[0, (10 + 2 * n) / 2, 20.0, (60 + 2 * n) / 2, 40.0, 100]] for n in range(5, 9)]


def evil(value: Any) -> Any:
    """The same with a hostile text in place of every text."""
    if isinstance(value, dict):
        return {key: evil(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [evil(one) for one in value]
    return EVIL if isinstance(value, str) else value


def hostile(dataset: Path) -> str:
    """A report in which every word of the dataset is hostile."""
    rows = index(dataset)
    copies = [viewing.copy(row, dataset / "clips") for row in rows[:3]]
    bad = [
        replace(
            copy,
            row=evil(copy.row),
            document={**evil(copy.document), "media": copy.document["media"]},
            player={**copy.player, "things": evil(copy.player["things"])},
            lanes=[{**evil(lane), "colour": lane["colour"]} for lane in copy.lanes],
        )
        for copy in copies
    ]
    events = [{"type": EVIL, "counts": [1, 0, 0], "bins": [0.0] * report.BINS}]
    return report.render(
        manifest=evil(read_manifest(dataset)), manifest_sha256="0" * 64, rows=[evil(row) for row in rows],
        singles=bad[:1], pairs=[(bad[1], bad[2])], events=events, counted=1,
    )  # fmt: skip


def test_no_word_of_a_dataset_becomes_markup(dataset: Path) -> None:
    text = hostile(dataset)
    assert EVIL not in text and 'onerror="document' not in text and "</script><script>" not in text
    assert text.count("document.title") > 10  # the words themselves are all there


def test_a_clips_folder_gives_a_png_and_nothing_else_is_taken(dataset: Path, tmp_path: Path) -> None:
    clip = next((dataset / "clips").iterdir())
    path = look(clip, tmp_path / "sheet.png")
    assert cv2.imread(str(path)).shape[1] == 2 * sheet.MARGIN_PX + 4 * 400 + 3 * sheet.GAP_PX
    with pytest.raises(ValueError, match="must be a clip, a dataset"):
        look(tmp_path, tmp_path / "x")


# --- in a real browser ---------------------------------------------------------------------------------------------

READY = "document.documentElement.dataset.ready === 'yes'"
LOADED = "players.forEach((p) => p.load()), players.every((p) => p.frame >= 0 && p.video.readyState >= 2)"


def opened(chromium: Page, page: Path, **window: Any) -> Page:
    chromium.events.clear()
    chromium.open(page, **window)
    chromium.wait(READY)
    chromium.wait(LOADED)
    return chromium


def test_every_clip_of_the_report_plays(chromium: Page, page: Path) -> None:
    tab = opened(chromium, page)
    count = tab.evaluate("players.length")
    assert count == 6
    for number in range(count):
        tab.evaluate(f"players[{number}].video.muted = true, players[{number}].toggle()")
        tab.wait(f"players[{number}].video.currentTime > 0.3 && !players[{number}].video.paused")
        assert tab.evaluate(f"players[{number}].video.videoWidth") == 64
        tab.evaluate(f"players[{number}].pause()")
    assert tab.troubles() == []


def test_boxes_follow_the_frame_that_is_shown(chromium: Page, page: Path) -> None:
    tab = opened(chromium, page)
    probe = """(async (frame) => {
        const p = players[0], done = new Promise((next) => p.video.addEventListener("seeked", next, { once: true }));
        p.seek(frame); await done; p.show(p.video.currentTime);
        const [, x0, y0, x1, y1] = p.clip.rows[frame][0], c = p.canvas, scale = c.width / p.clip.size[0];
        const at = (x, y) => [...c.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data];
        const copy = document.createElement("canvas"), pen = copy.getContext("2d");
        copy.width = 64; copy.height = 36; pen.drawImage(p.video, 0, 0, 64, 36);
        const bits = [0, 1, 2, 3, 4, 5, 6, 7].map((b) => pen.getImageData(b * 8 + 4, 10, 1, 1).data[0] > 128 ? 1 << b : 0);
        return [p.frame, bits.reduce((a, b) => a + b), x0, at(x0, (y0 + y1) / 2), at(x1 + 6, (y0 + y1) / 2)];
    })"""
    for frame in (0, 3, 11, 19):
        shown, pictured, x0, edge, outside = tab.evaluate(f"{probe}({frame})")
        assert (shown, pictured, x0) == (
            frame,
            frame,
            frame,
        )  # the fixture shows its number and moves a pixel per frame
        assert edge[:3] == pytest.approx(pen.CLASS_COLOURS["prop_long"], abs=8) and outside[3] == 0


def test_the_report_is_driven_by_keys_and_twins_go_together(chromium: Page, page: Path) -> None:
    tab = opened(chromium, page)
    tab.evaluate("pair = document.querySelector('.pair'), duo = players.filter((p) => pair.contains(p.root)), 0")
    assert tab.evaluate("duo.length") == 2
    tab.evaluate("duo.forEach((p) => { p.video.muted = true }), duo[0].root.focus()")
    tab.key(" ")
    tab.wait("duo.every((p) => !p.video.paused && p.video.currentTime > 0.2)")
    tab.key(" ")
    tab.wait("duo.every((p) => p.video.paused)")
    for key, frame in (("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1)):
        tab.key(key)
        tab.wait(f"duo.every((p) => p.frame === {frame})")
    tab.key("b")
    assert tab.evaluate("duo.every((p) => !p.withBoxes)")
    assert tab.evaluate("duo[0].canvas.getContext('2d').getImageData(0, 0, 300, 100).data.every((v) => v === 0)")


@pytest.mark.parametrize("width_px", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(chromium: Page, page: Path, width_px: int) -> None:
    tab = opened(chromium, page, size_px=(width_px, 800))
    tab.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width_px


def test_hostile_words_stay_words(chromium: Page, dataset: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.html"
    path.write_text(hostile(dataset), encoding="utf-8")
    tab = opened(chromium, path)
    assert tab.evaluate("document.title").startswith(EVIL[:10]) and tab.evaluate("document.images.length") == 0
    assert tab.evaluate("document.querySelector('h1').textContent") == EVIL
    assert tab.troubles() == []


def test_the_pages_policy_stops_a_script_that_is_not_its_own(chromium: Page, page: Path, tmp_path: Path) -> None:
    path = tmp_path / "tampered.html"
    text = page.read_text("utf-8").replace("<footer>", "<script>document.title = 'owned'</script><footer>")
    path.write_text(text, encoding="utf-8")
    tab = opened(chromium, path)
    assert tab.evaluate("document.title") != "owned" and any("Content Security Policy" in t for t in tab.troubles())


def test_viewing_copies_carry_the_mark_and_stay_small(dataset: Path) -> None:
    row = index(dataset)[0]
    clip = read_clip(dataset / "clips" / row["name"])
    assert sheet.mark(clip.document).startswith("SYNTHETIC")
    copy = viewing.copy(row, dataset / "clips")
    w, h = copy.player["size"]
    assert w <= viewing.SIZE_PX[0] and h <= viewing.SIZE_PX[1] and copy.characters < 400_000
