"""Contact sheets of every op: before, after, after with labels, three instants each; and all ops on one page.

    python -m tests.sheets [--footage DIR] [--out build/sheets] [--only NAME ...]

The clip is a render of build/demo (`make demo`; one is rendered when there is none), and with --footage real ones too.
A new op gets its sheet by its row in OPS and its example. The page of all ops goes to tests/pictures/ops.png.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from augment import video
from augment.chain import apply
from augment.footage import Audio, CameraState, Footage
from augment.ingest import Normalisation
from augment.ops import OPS
from augment.ops.exposure import light
from scenes.stage import curve
from synth.dataset.clip import Store
from tests.augment.examples import BODY, EXAMPLES, RUNNER, WIDE

Array = np.ndarray
HERE = Path(__file__).parent
SECONDS = 1.6
INSTANTS = (0.15, 0.5, 0.85)
"""Shares of the clip that are shown."""
TALL_PX, STRIP_PX, GAP_PX = 240, 70, 6
LARGEST_BYTES = 500_000
"""Of the page of all ops."""
COLOURS = ((255, 80, 60), (80, 220, 90), (90, 150, 255), (250, 210, 60), (240, 90, 240))


def main() -> None:
    """Makes the sheets and says where they are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--footage", type=Path, help="a folder of real clips")
    asked.add_argument("--out", type=Path, default=Path("build/sheets"))
    asked.add_argument("--only", nargs="*", help="names of ops; all when left out")
    asked.add_argument("--real", type=int, default=3, help="real clips to take")
    given = asked.parse_args()
    names = given.only or list(OPS)
    for clip_name, clip in [("render", rendered()), *itertools.islice(real(given.footage), given.real)]:
        folder = given.out / clip_name
        folder.mkdir(parents=True, exist_ok=True)
        pages = {name: list(sheets(name, clip)) for name in names}
        for name, made in pages.items():
            for n, (sheet, _) in enumerate(made):
                cv2.imwrite(str(folder / f"{name}_{n}.png"), sheet[..., ::-1])
        if clip_name == "render" and not given.only:
            shown = [name for name in pages if OPS[name].kind != "time"]  # a time op's picture is any picture
            overview([(name, tile) for name in shown for _, tile in pages[name][:1]], HERE / "pictures/ops.png")
        print(f"{folder}: {sum(map(len, pages.values()))} sheets")


# ------------------------------------------------------------------------------------------------ clips


def rendered() -> Footage:
    """The largest render of the demo, as people see it."""
    store = Store(Path("build/demo"))
    clips = [store.read(name) for name in store.names()]
    renders = [clip for clip in clips if clip.document["kind"] == "render"]
    if not renders:
        command = [sys.executable, "-c", "from synth.cli import main; main()", "run", "configs/demo.yaml"]
        subprocess.run([*command, "--out", "build/demo", "--limit", "1"], check=True)
        return rendered()
    return max((clip.open() for clip in renders), key=lambda footage: (footage.size_px, footage.length))


def real(folder: Path | None) -> Iterator[tuple[str, Footage]]:
    """(name, clip) of a folder's files that can be taken in and last long enough."""
    for path in sorted(folder.rglob("*") if folder else ()):
        if path.suffix.lower() not in (".mp4", ".mov", ".mkv", ".webm"):
            continue
        try:
            clip = video.open_original(path, Normalisation())
        except (ValueError, OSError) as error:
            print(f"{path.name}: {error}")
            continue
        if clip.seconds >= SECONDS and clip.size_px[0] <= 1920:
            yield path.stem, clip


def prepared(clip: Footage, name: str) -> Footage:
    """Its first seconds; with a sound, a lens and nothing done yet, and as a log master where an op takes one."""
    length = min(clip.length, round(SECONDS * clip.fps))
    kept = clip.labels.tracks.frame < length
    tracks = clip.labels.tracks
    columns = {c: getattr(tracks, c)[kept] for c in ("frame", "track", "box_px", "visible", "in_frame")}
    keypoints = None if tracks.keypoints_px is None else tracks.keypoints_px[kept]
    mask = None if tracks.mask is None else tuple(m for m, k in zip(tracks.mask, kept, strict=True) if k)
    poses = clip.labels.world_from_cam
    labels = replace(
        clip.labels,
        tracks=replace(tracks, **columns, keypoints_px=keypoints, mask=mask),
        events=(),
        world_from_cam=None if poses is None else poses[:length],
        frame_state=(),
    )
    log = OPS[name].takes == "uint16"
    codes = curve.codes_from_light(light(np.arange(256) / 255)).astype(np.uint16)

    def frames() -> Iterator[Any]:
        shown = itertools.islice(clip.frames(), length)
        return (codes[frame] for frame in shown) if log else shown

    return replace(
        clip,
        length=length,
        frames=frames,
        labels=labels,
        audio=sounding(length / clip.fps),
        camera=CameraState(lens=clip.camera.lens or WIDE, log_curve="acescct" if log else ""),
    )


def sounding(seconds: Fraction) -> Audio:
    """A voice-like hum with words, and a clap at each half second: something to hear every fault in."""
    t_s = np.arange(round(seconds * 48000)) / 48000
    words = np.clip(np.sin(2 * np.pi * 3.1 * t_s), 0, 1) * (0.6 + 0.4 * np.sin(2 * np.pi * 0.7 * t_s))
    voice = sum(np.sin(2 * np.pi * 140 * n * t_s) / n for n in range(1, 9)) * 0.12 * words
    claps = 0.7 * np.exp(-40 * (t_s % 0.5)) * np.sin(2 * np.pi * 1900 * t_s)
    return Audio(samples=(voice + claps)[:, None].astype(np.float32), rate_hz=48000)


# ------------------------------------------------------------------------------------------------ sheets


def sheets(name: str, clip: Footage) -> Iterator[tuple[Array, Array]]:
    """(sheet, one tile for the page of all) of each example of an op."""
    clip = prepared(clip, name)
    for knobs in EXAMPLES[name]:
        with tempfile.TemporaryDirectory() as scratch:
            chain = {
                "paths": {"body": BODY, "runner": RUNNER},
                "ops": [{"op": name, "seed": 7, **knobs}],
                "deliver": {"crf": 10},
            }
            try:
                made = apply(clip, chain, Path(scratch) / "after.mp4")
            except ValueError as error:
                print(f"{name} {knobs}: {error}")
                continue
            yield sheet_of(name, knobs, clip, made)


def sheet_of(name: str, knobs: dict[str, Any], clip: Footage, made: Footage) -> tuple[Array, Array]:
    """Rows of before, after, after with labels; below them the sound where the op is one."""
    before, after = (shown_at(footage) for footage in (clip, made))
    rows = [beside([tall(a), tall(b[1]), tall(labelled(made, *b))]) for (_, a), b in zip(before, after, strict=True)]
    title = f"{name}  " + ", ".join(f"{k}={v}" for k, v in knobs.items() if not isinstance(v, dict) or "text" not in v)
    wide = max(row.shape[1] for row in rows)
    parts = [text(title, wide), *rows]
    if OPS[name].kind == "sound" and clip.audio is not None and made.audio is not None:
        parts += [wave(clip.audio, wide, (150, 150, 150)), wave(made.audio, wide, (90, 150, 255))]
        across = 4 * STRIP_PX
        return below(parts), below(
            [wave(clip.audio, across, (150, 150, 150)), wave(made.audio, across, (90, 150, 255))]
        )
    return below(parts), tall(labelled(made, *after[1]))


def shown_at(footage: Footage) -> list[tuple[int, Array]]:
    """(frame, picture) at the instants; a log master as codes over four."""
    wanted = [min(footage.length - 1, int(share * footage.length)) for share in INSTANTS]
    found = {}
    for t, frame in enumerate(footage.frames()):
        if t in wanted:
            found[t] = (frame >> 2).astype(np.uint8) if frame.dtype == np.uint16 else frame.copy()
    return [(t, found[t]) for t in wanted]


def labelled(footage: Footage, t: int, picture: Array) -> Array:
    """Boxes, each with what is visible of its thing, and keypoints."""
    picture, tracks = picture.copy(), footage.labels.tracks
    thick = max(1, round(picture.shape[0] / TALL_PX))
    for row in np.flatnonzero(tracks.frame == t):
        colour = COLOURS[int(tracks.track[row]) % len(COLOURS)]
        x0, y0, x1, y1 = (round(float(edge)) for edge in tracks.box_px[row])
        cv2.rectangle(picture, (x0, y0), (x1, y1), colour, thick)
        says = f"{float(tracks.visible[row]):.2f}"
        cv2.putText(
            picture, says, (x0 + 2, max(10, y0 - 3)), cv2.FONT_HERSHEY_SIMPLEX, 0.35 * thick, colour, 1, cv2.LINE_AA
        )
        for x, y, *seen in tracks.keypoints_px[row] if tracks.keypoints_px is not None else ():
            if np.isfinite((x, y)).all() and (not seen or seen[0] > 0):
                cv2.circle(picture, (round(float(x)), round(float(y))), thick + 1, colour, -1, cv2.LINE_AA)
    return picture


def wave(audio: Audio, wide: int, colour: tuple[int, int, int]) -> Array:
    """The loudest and the quietest sample of every column."""
    strip, samples = np.full((STRIP_PX, wide, 3), 24, np.uint8), audio.samples[:, 0]
    for x, part in enumerate(np.array_split(samples, wide)):
        if len(part):
            top, bottom = (int((0.5 - 0.49 * float(level)) * STRIP_PX) for level in (part.max(), part.min()))
            strip[max(0, top) : bottom + 1, x] = colour
    return strip


def overview(tiles: list[tuple[str, Array]], path: Path) -> None:
    """All ops on one page, in as few colours and as small as the page's limit asks."""
    for tall_px in range(180, 60, -10):
        made = []
        for name, tile in tiles:
            across = round(tall_px * 16 / 9)
            scale = min(across / tile.shape[1], tall_px / tile.shape[0])
            small = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            cell = np.full((tall_px, across, 3), 24, np.uint8)
            y, x = (tall_px - small.shape[0]) // 2, (across - small.shape[1]) // 2
            cell[y : y + small.shape[0], x : x + small.shape[1]] = small
            made.append(below([text(name, across), cell]))
        blank = np.full_like(made[0], 24)
        rows = [beside((made + [blank] * 4)[n : n + 5]) for n in range(0, len(made), 5)]
        Image.fromarray(below(rows)).quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST_BYTES:
            return


def tall(picture: Array) -> Array:
    """Of one height."""
    return np.asarray(
        cv2.resize(
            picture, (round(picture.shape[1] * TALL_PX / picture.shape[0]), TALL_PX), interpolation=cv2.INTER_AREA
        )
    )


def text(words: str, wide: int) -> Array:
    """A line of title."""
    line = np.full((20, wide, 3), 24, np.uint8)
    cv2.putText(line, words[: wide // 6], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (235, 235, 235), 1, cv2.LINE_AA)
    return line


def beside(pictures: list[Array]) -> Array:
    """Side by side, with a gap."""
    gap = np.full((pictures[0].shape[0], GAP_PX, 3), 24, np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, gap)][:-1], axis=1)


def below(pictures: list[Array]) -> Array:
    """One below the other, as wide as the widest."""
    wide = max(picture.shape[1] for picture in pictures)
    padded = [np.pad(p, ((0, GAP_PX), (0, wide - p.shape[1]), (0, 0)), constant_values=24) for p in pictures]
    return np.concatenate(padded)


if __name__ == "__main__":
    main()
