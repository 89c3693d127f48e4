"""Ink: what is drawn is what is covered, and nothing but what the font holds."""

from __future__ import annotations

import numpy as np
import pytest

from augment.picture import ink

SIZE_PX = (160, 90)


def pen(**knobs: object) -> ink.Pen:
    return ink.Pen(font=ink.embedded_font(), height_px=18, **knobs)  # type: ignore[arg-type]


def changed(placed: ink.Placed) -> np.ndarray:
    """Pixels that differ on black or on white paper."""
    papers = [np.full((SIZE_PX[1], SIZE_PX[0], 3), value, np.uint8) for value in (0, 255)]
    return np.logical_or.reduce([(placed.paint(paper.copy()) != paper).any(axis=2) for paper in papers])


PATCHES = {
    "text": pen().line("2031-05-17 ÄÉ"),
    "outlined text": pen(outline_px=2).line("21:04:09"),
    "half opaque text": pen(opacity=0.5, outline_px=1).line("21:04:09"),
    "bar": ink.bar((50, 9)),
    "ring": ink.ring(20, opacity=0.75),
}


@pytest.mark.parametrize("name", PATCHES)
@pytest.mark.parametrize("corner", [(20, 30), (-7, -5), (120.4, 70.6)])
def test_covered_is_exactly_what_changes(name: str, corner: tuple[float, float]) -> None:
    placed = ink.place([(PATCHES[name], corner)], size_px=SIZE_PX)
    assert placed.mask.any() and np.array_equal(placed.mask, changed(placed))


def test_what_hangs_over_the_edge_is_cut_off() -> None:
    assert not ink.place([(PATCHES["bar"], (400, 10))], size_px=SIZE_PX).mask.any()
    inside = ink.place([(PATCHES["bar"], (140, 85))], size_px=SIZE_PX).mask
    assert inside.sum() == 20 * 5 and inside[85:, 140:].all()


def test_digits_are_different_and_of_one_width() -> None:
    drawn = [pen().line(digit) for digit in "0123456789"]
    assert len({patch.cover.tobytes() for patch in drawn}) == 10
    assert len({patch.size_px for patch in drawn}) == 1
    double = pen().line("77").cover
    step = double.shape[1] - drawn[7].cover.shape[1]
    assert np.array_equal(double[:, step:], drawn[7].cover)


def test_text_has_its_height_and_colour() -> None:
    capitals = ink.Pen(font=ink.embedded_font(), height_px=100, colour=(255, 200, 0)).line("HX")
    rows = np.flatnonzero(capitals.cover.max(axis=1) > 0.5)
    assert np.ptp(rows) + 1 == pytest.approx(73, abs=2)  # DejaVu's capitals
    full = capitals.cover > 0.999
    assert np.allclose(capitals.ink[full], (255, 200, 0), atol=0.5)


def test_a_glyph_is_drawn_once() -> None:
    one = pen()
    first = one.line("1010")
    kept = dict(one.glyphs)
    assert set(kept) == {"0", "1"} and np.array_equal(one.line("1010").cover, first.cover)
    assert all(one.glyphs[key] is value for key, value in kept.items())


def test_a_character_without_a_glyph_is_refused_and_no_box_is_drawn() -> None:
    with pytest.raises(ValueError, match="the font must hold every character, got '見'"):
        pen().line("OK 見")


WORD = {"text": "SYN", "list": "device_ids", "sha256": "0" * 64}


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("free text", "must be a word of a reviewed list"),
        ({**WORD, "size": 3}, "must be a word of a reviewed list"),
        ({**WORD, "sha256": "12"}, "device.sha256 must be 64 hexadecimal digits"),
        ({**WORD, "text": "two\nlines"}, "device.text must be one printable line"),
        ({**WORD, "text": ""}, "device.text must be one printable line"),
    ],
)
def test_free_text_is_refused(stated: object, said: str) -> None:
    assert ink.word("device", WORD) == "SYN"
    with pytest.raises(ValueError, match=said):
        ink.word("device", stated)
