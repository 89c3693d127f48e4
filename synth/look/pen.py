"""The hand that every picture of ours is drawn with: colours, type, boxes, bars, the viewing mark.

Colours are Okabe and Ito's, which colour-blind readers can tell apart; no colour says what no word says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from augment.footage import Array
from augment.picture import ink

Rgb = tuple[int, int, int]
Edges = tuple[float, float, float, float]
"""x0, y0, x1, y1; x1 and y1 are the far edges, not the last pixels."""

INK: Rgb = (22, 27, 34)
MUTED: Rgb = (92, 102, 114)
LINE: Rgb = (214, 220, 227)
PAPER: Rgb = (255, 255, 255)
BLUE: Rgb = (0, 114, 178)
SKY: Rgb = (86, 180, 233)
GREEN: Rgb = (0, 158, 115)
YELLOW: Rgb = (240, 228, 66)
ORANGE: Rgb = (230, 159, 0)
VERMILLION: Rgb = (213, 94, 0)
PURPLE: Rgb = (204, 121, 167)

CLASS_COLOURS: dict[str, Rgb] = {
    "hand_wearer": YELLOW,
    "forearm": YELLOW,
    "prop_long": VERMILLION,
    "prop_short": VERMILLION,
    "tool": GREEN,
    "phone": GREEN,
    "torch": GREEN,
    "person_roleplayer": SKY,
    "person_bystander": SKY,
    "vehicle": PURPLE,
    "door": PURPLE,
    "screen": PURPLE,
    "animal": PURPLE,
}
"""The vocabulary's track classes in five groups: the wearer, props, harmless things in hands, people, surroundings."""

WORDS_FIRST = (VERMILLION, GREEN, SKY, YELLOW, PURPLE)
"""Whose words get their place first."""
ALWAYS_NAMED = 3
"""Groups whose words are written even where something stands; the others' are left out there."""

EVENT_COLOURS: dict[str, Rgb] = {
    "object_raised": VERMILLION,
    "loud_impulse_sound": VERMILLION,
    "object_in_hand_visible": ORANGE,
    "exercise_stop": GREEN,
}
"""Events that detection is timed from stand out: primary anchors, the early one, the end. All others are BLUE."""


def class_colour(track_class: str) -> Rgb:
    """The colour of a track class; surroundings' for a word that is not in the table."""
    return CLASS_COLOURS.get(track_class, PURPLE)


def rank(colour: Rgb) -> int:
    """Place in WORDS_FIRST."""
    return WORDS_FIRST.index(colour)


def event_colour(event_type: str) -> Rgb:
    """The colour of an event's bar."""
    return EVENT_COLOURS.get(event_type, BLUE)


def hexed(colour: Rgb) -> str:
    """#rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def text_colour(ground: Rgb) -> Rgb:
    """Black or white, whichever is read better on that ground (relative luminance, WCAG 2)."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in ground)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.179 else PAPER


@cache
def _font(height_px: int, colour: Rgb) -> ink.Pen:
    return ink.Pen(font=ink.embedded_font("DejaVuSans"), height_px=height_px, colour=colour)


def _line(text: str, height_px: int, colour: Rgb = INK) -> ink.Patch:
    """One line as a patch; a character that the reports' words never hold becomes a question mark."""
    known = "".join(c if " " <= c <= "~" or c in "·…°" else "?" for c in text)
    return _font(height_px, colour).line(known)


def text_width(text: str, height_px: int) -> int:
    """Pixels that a text takes."""
    return _line(text, height_px).size_px[0]


def fitted(text: str, height_px: int, width_px: float) -> str:
    """The text, cut with an ellipsis where it would not fit."""
    if text_width(text, height_px) <= width_px:
        return text
    while text and text_width(text + "…", height_px) > width_px:
        text = text[:-1]
    return text.rstrip() + "…"


@dataclass(frozen=True, kw_only=True)
class Box:
    """One labelled rectangle on a picture."""

    edges_px: Edges
    text: str
    colour: Rgb


class Canvas:
    """A picture that is being drawn."""

    def __init__(self, picture: Array) -> None:
        self.picture = np.array(picture, np.uint8, order="C")
        """(H, W, 3) uint8."""

    @classmethod
    def blank(cls, size_px: tuple[int, int], colour: Rgb = PAPER) -> Canvas:
        """An empty sheet of (width, height)."""
        return cls(np.full((size_px[1], size_px[0], 3), colour, np.uint8))

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.picture.shape[1], self.picture.shape[0]

    def paste(self, picture: Array, at: tuple[int, int]) -> None:
        """Lays an (h, w, 3) uint8 picture with its top left corner at (x, y)."""
        x, y = at
        self.picture[y : y + picture.shape[0], x : x + picture.shape[1]] = picture

    def text(
        self, at: tuple[float, float], text: str, *, height_px: int, colour: Rgb = INK, align: str = "left"
    ) -> None:
        """Writes one line, its middle at y; `at` is its left or right end."""
        patch = _line(text, height_px, colour)
        w, h = patch.size_px
        corner = (at[0] - (w if align == "right" else 0), at[1] - h / 2)
        ink.place([(patch, corner)], size_px=self.size_px).paint(self.picture)

    def rectangle(self, edges_px: Sequence[float], *, fill: Rgb | None = None, line: Rgb | None = None) -> None:
        """Fills or outlines the pixels between the edges x0, y0, x1, y1."""
        x0, y0, x1, y1 = (round(v) for v in edges_px)
        corners = (x0, y0), (max(x1 - 1, x0), max(y1 - 1, y0))
        if fill is not None:
            cv2.rectangle(self.picture, *corners, fill, -1)
        if line is not None:
            cv2.rectangle(self.picture, *corners, line, 1)

    def polygon(self, points: Sequence[tuple[float, float]], *, colour: Rgb) -> None:
        """A filled polygon."""
        cv2.fillPoly(self.picture, [np.rint(points).astype(np.int32)], colour, cv2.LINE_AA)

    def boxes(self, boxes: Sequence[Box], *, height_px: int, taken: Sequence[Edges] = ()) -> None:
        """Outlines first, then the words, each where nothing stands yet; `taken` is what stands there before."""
        for box in boxes:
            x0, y0, x1, y1 = box.edges_px
            self.rectangle((x0 - 1, y0 - 1, x1 + 1, y1 + 1), line=INK)
            self.rectangle((x0, y0, x1, y1), line=box.colour)
            if rank(box.colour) < len(WORDS_FIRST) - 1:
                self.rectangle((x0 + 1, y0 + 1, x1 - 1, y1 - 1), line=box.colour)
        plates = list(taken)
        for box in sorted(boxes, key=lambda box: rank(box.colour)):
            plate = self._place(box, height_px, plates)
            if plate is None:
                continue
            plates.append(plate)
            self.rectangle(plate, fill=box.colour)
            middle = (plate[0] + 2, (plate[1] + plate[3]) / 2)
            self.text(middle, box.text, height_px=height_px, colour=text_colour(box.colour))

    def _place(self, box: Box, height_px: int, taken: Sequence[Edges]) -> Edges | None:
        """Where the words of a box go: above it, below it, inside it at the top or the bottom; else above all the same
        or, for the groups that may stay without, nowhere."""
        width, height = self.size_px
        w, h = text_width(box.text, height_px) + 4, height_px + 4
        x0, y0, _, y1 = box.edges_px
        x = min(max(x0, 0), max(width - w, 0))
        spots = [(x, min(max(y, 0), height - h)) for y in (y0 - h, y1, y0 + 2, y1 - h - 2, y0 + h + 2)]
        plates = [(sx, sy, sx + w, sy + h) for sx, sy in spots]
        free = next((p for p in plates if not any(_overlap(p, other) for other in taken)), None)
        return free or (plates[0] if rank(box.colour) < ALWAYS_NAMED else None)

    def mark_edges(self, words: str) -> Edges:
        """Where the viewing mark goes: the bottom right corner, where no camera writes its stamp."""
        height = max(8, round(self.size_px[1] / 24))
        pad = round(height / 3)
        right, bottom = self.size_px[0] - pad, self.size_px[1] - pad
        return right - text_width(words, height) - 2 * pad, bottom - height - 2 * pad, right, bottom

    def mark(self, words: str) -> None:
        """The viewing mark: a small plate that says what the picture is."""
        height = max(8, round(self.size_px[1] / 24))
        plate = self.mark_edges(words)
        self.rectangle(plate, fill=INK)
        end = (plate[2] - round(height / 3), (plate[1] + plate[3]) / 2)
        self.text(end, words, height_px=height, colour=PAPER, align="right")

    def save_png(self, path: Path) -> None:
        """Writes a PNG whose bytes depend on the picture alone."""
        ok, data = cv2.imencode(".png", cv2.cvtColor(self.picture, cv2.COLOR_RGB2BGR))
        if not ok:
            raise ValueError(f"{path} must be encodable as PNG, got a picture of {self.size_px}")
        path.write_bytes(data.tobytes())


def _overlap(a: Edges, b: Edges) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
