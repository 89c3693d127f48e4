"""Text and shapes onto a frame: glyphs of a real font, drawn once and kept, laid on as small patches.

A Patch knows exactly which pixels it hides; whoever paints one can say what is covered. Pillow is imported here alone.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Array = NDArray[Any]
Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
FAINT = 1 / 16
"""Coverage below this is not drawn at all: what is covered is then exactly what has changed."""


def embedded_font(name: str = "DejaVuSansMono-Bold") -> Path:
    """The font that is always there: DejaVu, from matplotlib's wheel (found, not imported)."""
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ValueError(f"the font {name} must be installed, got none; install the package matplotlib, which ships it")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf"


def word(name: str, stated: Any) -> str:
    """The text of a word as a spec states it: {"text", "list", "sha256"}; free text is refused."""
    if not isinstance(stated, Mapping) or set(stated) != {"text", "list", "sha256"}:
        raise ValueError(f"{name} must be a word of a reviewed list with text, list and sha256, got {stated!r}")
    if not re.fullmatch(r"[0-9a-f]{64}", str(stated["sha256"])):
        raise ValueError(f"{name}.sha256 must be 64 hexadecimal digits, got {stated['sha256']!r}")
    if not isinstance(stated["text"], str) or not stated["text"].strip() or not stated["text"].isprintable():
        raise ValueError(f"{name}.text must be one printable line, got {stated['text']!r}")
    return str(stated["text"])


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A small picture with coverage, not yet anywhere."""

    ink: Array
    """(h, w, 3) float32 colour times coverage, 0..255."""
    cover: Array
    """(h, w) float32, 0..1; 0 or at least FAINT."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.cover.shape[1], self.cover.shape[0]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Patches laid on a frame of one size, ready to be painted on frame after frame."""

    size_px: tuple[int, int]
    pieces: tuple[tuple[tuple[slice, slice], Array, Array], ...]
    """(rows and columns, ink (h, w, 3) float32, what stays of the picture (h, w, 1) float32)."""

    def paint(self, frame: Array) -> Array:
        """The frame with the patches on it, in place."""
        for where, ink, stays in self.pieces:
            frame[where] = np.rint(frame[where] * stays + ink).astype(np.uint8)
        return frame

    @cached_property
    def mask(self) -> Array:
        """(H, W) bool: what is covered; shared, not to be written to."""
        covered = np.zeros((self.size_px[1], self.size_px[0]), bool)
        for where, _, stays in self.pieces:
            covered[where] |= stays[..., 0] < 1
        return covered


def place(patches: Iterable[tuple[Patch, tuple[float, float]]], *, size_px: tuple[int, int]) -> Placed:
    """Lays patches with their upper left corners at (x, y) px; what hangs over the frame's edge is cut off."""
    pieces = []
    for patch, (x, y) in patches:
        (w, h), left, top = patch.size_px, round(x), round(y)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + w, size_px[0]), min(top + h, size_px[1])
        if x0 < x1 and y0 < y1:
            inner = slice(y0 - top, y1 - top), slice(x0 - left, x1 - left)
            pieces.append(((slice(y0, y1), slice(x0, x1)), patch.ink[inner], 1 - patch.cover[inner][..., None]))
    return Placed(size_px=size_px, pieces=tuple(pieces))


@dataclass(frozen=True, kw_only=True)
class Pen:
    """One font at one size; keeps every glyph it has drawn."""

    font: Path
    height_px: int
    """Size of the font's em square; capitals are about 0.73 of it."""
    colour: Colour = WHITE
    outline_px: int = 0
    """Width of a black outline."""
    opacity: float = 1.0
    glyphs: dict[str, tuple[Array, int]] = field(default_factory=dict, repr=False, compare=False)
    """Glyph bitmaps that have been drawn, with their advance in px."""

    def line(self, text: str) -> Patch:
        """One line of text, left to right, its advance and the font's full height in size."""
        drawn = [self._glyph(character) for character in text]
        pad, height = self.outline_px + 1, sum(self._face.getmetrics())
        cover = np.zeros((height + 2 * pad, sum(step for _, step in drawn) + 2 * pad), np.float32)
        x = 0
        for bitmap, step in drawn:
            room = cover[:, x : x + bitmap.shape[1]]
            np.maximum(room, bitmap[:, : room.shape[1]], out=room)
            x += step
        return _inked(cover, self.colour, outline_px=self.outline_px, opacity=self.opacity)

    @cached_property
    def _face(self) -> ImageFont.FreeTypeFont:
        # BASIC: raqm is a system library, and not on every machine
        return ImageFont.truetype(str(self.font), self.height_px, layout_engine=ImageFont.Layout.BASIC)

    def _glyph(self, character: str) -> tuple[Array, int]:
        if character not in self.glyphs:
            face, pad = self._face, self.outline_px + 1
            missing = bytes(face.getmask("\U0010ffff")), face.getmask("\U0010ffff").size
            if not character.isspace() and (bytes(face.getmask(character)), face.getmask(character).size) == missing:
                raise ValueError(f"the font must hold every character, got {character!r}, not in {self.font.name}")
            step = round(face.getlength(character))
            sheet = Image.new("L", (step + 2 * pad + self.height_px // 2, sum(face.getmetrics()) + 2 * pad))
            ImageDraw.Draw(sheet).text((pad, pad), character, fill=255, font=face)
            self.glyphs[character] = np.asarray(sheet, np.float32) / 255, step
        return self.glyphs[character]


def bar(size_px: tuple[int, int], colour: Colour = BLACK, opacity: float = 1.0) -> Patch:
    """A filled rectangle."""
    return _inked(np.ones((size_px[1], size_px[0]), np.float32), colour, outline_px=0, opacity=opacity)


def ring(diameter_px: int, colour: Colour = WHITE, opacity: float = 1.0) -> Patch:
    """An invented maker's mark: a ring with a dot, nobody's logo."""
    fine = 4
    sheet = np.zeros((diameter_px * fine, diameter_px * fine), np.uint8)
    centre = (sheet.shape[1] // 2, sheet.shape[0] // 2)
    cv2.circle(sheet, centre, int(0.42 * sheet.shape[0]), 255, max(1, int(0.10 * sheet.shape[0])))
    cv2.circle(sheet, centre, int(0.14 * sheet.shape[0]), 255, -1)
    cover = cv2.resize(sheet, (diameter_px, diameter_px), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return _inked(cover, colour, outline_px=0, opacity=opacity)


def _inked(cover: Array, colour: Colour, *, outline_px: int, opacity: float) -> Patch:
    """Coverage given colour, and a black outline around it."""
    whole = cover
    if outline_px:
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * outline_px + 1, 2 * outline_px + 1))
        whole = cover + cv2.dilate(cover, disc) * (1 - cover)
    shown = np.where(whole * opacity < FAINT, 0, opacity).astype(np.float32)
    ink = (cover * shown)[..., None] * np.asarray(colour, np.float32)
    return Patch(ink=ink, cover=whole * shown)
