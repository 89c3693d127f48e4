"""Six warps as one: what they cost against one warp, and how near they come to the warp of an analytic chart.

python -m tests.bench.bench_warps
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from augment.field import Field
from augment.footage import CameraState
from augment.kinds import Setting
from augment.ops import OPS

Array = NDArray[Any]
SIX: Sequence[tuple[str, dict[str, Any]]] = (
    ("shake", {"path": "body", "max_zoom": 1.5}),
    ("lens", {"source": [2.0, 0, 0, 0], "target": [1.8, 0, 0.2, 0]}),
    ("rotate", {"roll_deg": 3.0}),
    ("zoom", {"factor": 1.06}),
    ("rotate", {"roll_deg": -2.0}),
    ("zoom", {"factor": 1.04, "centre_x": 0.52}),
)
PATHS = {"body": {"gait": "walk", "mount": "chest", "amount": 0.5, "seed": 8}}
FRAMES = 12
MARGIN_PX = 8


def main() -> None:
    """Print both figures for two sizes."""
    print(f"{'':12}one warp ms  six fused ms  ratio   six fused dB  in sequence dB  better by dB")
    for size_px in ((848, 480), (1920, 1080)):
        at = Setting(
            fps=Fraction(30),
            size_px=size_px,
            length=FRAMES,
            seed=1,
            camera=CameraState(lens=(2.0, 0, 0, 0)),
            paths=PATHS,
        )
        samplers = [OPS[name].op(**knobs).sampler(at) for name, knobs in SIX]
        one, six = (Field(samplers=part, size_in_px=size_px, size_out_px=size_px) for part in (samplers[:1], samplers))
        picture = chart(pixels(size_px)).reshape(size_px[1], size_px[0], 3)
        costs = [ms(field, picture) for field in (one, six)]
        fused, sequence = psnrs_db(picture, samplers, size_px)
        print(
            f"{size_px[0]}x{size_px[1]:<6}{costs[0]:12.2f}{costs[1]:14.2f}{costs[1] / costs[0]:7.2f}"
            f"{fused:15.1f}{sequence:16.1f}{fused - sequence:14.1f}"
        )


def ms(field: Field, picture: Array) -> float:
    """Least CPU milliseconds of one frame; every frame has a map of its own."""
    cv2.setNumThreads(1)
    best = np.inf
    for t in range(FRAMES):
        begun = time.process_time()
        field.warped(t, picture)
        best = min(best, time.process_time() - begun)
    return 1000 * float(best)


def psnrs_db(picture: Array, samplers: Sequence[Callable[[int, Array], Array]], size_px: tuple[int, int]) -> Array:
    """(2,) dB of six fused and six in sequence against the chart drawn at the warped places."""
    fused = Field(samplers=samplers, size_in_px=size_px, size_out_px=size_px)
    steps = [Field(samplers=[one], size_in_px=size_px, size_out_px=size_px) for one in samplers]
    wanted = chart(fused.sample(0, pixels(size_px))).reshape(picture.shape)
    in_sequence = picture
    for step in steps:
        in_sequence = step.warped(0, in_sequence).copy()
    inner = np.s_[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]
    errors = [
        np.mean((wanted[inner].astype(float) - made[inner]) ** 2) for made in (fused.warped(0, picture), in_sequence)
    ]
    return np.asarray(10 * np.log10(255**2 / np.array(errors)))


def pixels(size_px: tuple[int, int]) -> Array:
    """(W * H, 2) centres of all pixels."""
    y, x = np.mgrid[: size_px[1], : size_px[0]] + 0.5
    return np.stack([x.ravel(), y.ravel()], axis=1)


def chart(xy: Array) -> Array:
    """(N, 3) uint8 of a chart with detail down to 6 pixels a period, as a function of any place."""
    x, y = xy.T
    waves = [np.sin(2 * np.pi * (x * np.cos(a) + y * np.sin(a)) / p) for a, p in ((0.3, 6), (1.2, 11), (2.2, 23))]
    fine, middle, coarse = waves
    shades = (fine * 0.5 + coarse * 0.5, middle * 0.6 + fine * 0.4, coarse * 0.6 + middle * 0.4)
    return np.asarray(np.rint(127.5 + 120 * np.stack(shades, axis=1)), np.uint8)


if __name__ == "__main__":
    main()
