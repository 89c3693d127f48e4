"""Reframe: another aspect, by crop or with bars, as players, apps and re-uploaders make it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.kinds import Setting
from augment.ops.crop import even
from augment.tracks import Knob, in_range, knob_in_range, one_of, values

Array = NDArray[Any]
ASPECTS: Mapping[str, float] = {"9:16": 9 / 16, "4:5": 4 / 5, "1:1": 1.0, "4:3": 4 / 3, "16:9": 16 / 9}
"""Width over height; portrait 35 % and rotated or pillarboxed 10 % of streams (notes/domain.md 4 [P])."""
FITS = ("crop", "black", "blurred")
COARSE = 16
"""The blurred bars are made this much smaller."""
SOFT_PX = 2.0
"""Sigma of their blur at that size: 32 px of the picture."""
Window = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Reframe:
    """A window of the wanted aspect, or the whole picture in a frame of it."""

    aspect: str
    """A name of ASPECTS."""
    fit: str = "crop"
    """crop: the largest window. black, blurred: the whole picture, with bars; the short side stays as it was."""
    centre_x: Knob = 0.5
    """crop alone: middle of the window, share of the width, 0..1, or a track: an app that follows what moves."""
    centre_y: Knob = 0.5
    """The same of the height."""
    dim: float = 0.6
    """blurred alone: what is left of the code values in the bars, 0.2..1 [P]."""

    def __post_init__(self) -> None:
        one_of("aspect", self.aspect, ASPECTS)
        one_of("fit", self.fit, FITS)
        knob_in_range("centre_x", self.centre_x, 0, 1)
        knob_in_range("centre_y", self.centre_y, 0, 1)
        in_range("dim", self.dim, 0.2, 1)

    def out_size(self, setting: Setting) -> tuple[int, int]:
        """Even."""
        (w, h), aspect = setting.size_px, ASPECTS[self.aspect]
        if self.fit == "crop":
            return even(min(w, h * aspect), most=w), even(min(h, w / aspect), most=h)
        short = min(w, h) - min(w, h) % 2
        return (short, 2 * round(short / aspect / 2)) if aspect < 1 else (2 * round(short * aspect / 2), short)

    def shows(self, setting: Setting) -> Window:
        """(x0, y0, x1, y1) px of the frame in which the picture lies; all of it when it is cropped."""
        (w, h), (out_w, out_h) = setting.size_px, self.out_size(setting)
        if self.fit == "crop":
            return 0, 0, out_w, out_h
        scale = min(out_w / w, out_h / h)
        inner_w, inner_h = even(w * scale, most=out_w), even(h * scale, most=out_h)
        left, top = (out_w - inner_w) // 2, (out_h - inner_h) // 2
        return left, top, left + inner_w, top + inner_h

    def sampler(self, setting: Setting) -> Callable[[int, Array], Array]:
        """The window moved to its place, or the picture scaled into the frame."""
        size = np.asarray(setting.size_px, float)
        if self.fit == "crop":
            window = np.asarray(self.out_size(setting))
            centre = np.stack([values(name, getattr(self, name), setting) for name in ("centre_x", "centre_y")], axis=1)
            corner = np.clip(centre * size - window / 2, 0, size - window)
            return lambda t, xy: np.asarray(xy + corner[t])
        x0, y0, x1, y1 = self.shows(setting)
        first, scale = np.array([x0, y0]), size / (x1 - x0, y1 - y0)
        return lambda t, xy: np.asarray((xy - first) * scale)

    def surround(self, setting: Setting) -> Callable[[Array], None]:
        """f(frame): fills the bars of a frame that holds the picture, in place."""
        x0, y0, x1, y1 = self.shows(setting)
        w, h = self.out_size(setting)
        bars = [np.s_[:y0], np.s_[y1:], np.s_[y0:y1, :x0], np.s_[y0:y1, x1:]]
        # the picture again, large enough to fill the frame, around its middle
        scale = max(w / (x1 - x0), h / (y1 - y0)) / COARSE
        wide = max(2, round((x1 - x0) * scale)), max(2, round((y1 - y0) * scale))
        across, down = max(2, round(w / COARSE)), max(2, round(h / COARSE))
        left, top = max(0, (wide[0] - across) // 2), max(0, (wide[1] - down) // 2)

        def fill(frame: Array) -> None:
            shown: Any = 0
            if self.fit == "blurred":
                small = cv2.resize(frame[y0:y1, x0:x1], wide, interpolation=cv2.INTER_AREA)
                soft = cv2.GaussianBlur(small, (0, 0), SOFT_PX)[top : top + down, left : left + across]
                shown = cv2.resize(cv2.convertScaleAbs(soft, alpha=self.dim), (w, h), interpolation=cv2.INTER_CUBIC)
            for bar in bars:
                frame[bar] = shown[bar] if self.fit == "blurred" else 0

        return fill
