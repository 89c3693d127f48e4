"""Laws of what cameras, phones and editors leave: each kind of file is read right, and what was decided is recorded."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.footage import Footage
from augment.ingest import Limits, Normalisation, Normalised, Unreadable, resolve
from augment.video import open_original, probe, reading
from tests.augment import drawn, foreign


def taken_in(path: Path, **rule: Any) -> tuple[Normalised, Footage]:
    """What ingest decides, through the child process, and the footage that it makes of it."""
    decided = resolve(Normalisation(**rule), probe(path))
    assert Normalised.from_json(decided.as_json()) == decided
    return decided, open_original(path, decided)


def numbers(footage: Footage) -> list[int]:
    """The counter of each frame; their number is what was promised."""
    shown = [drawn.counted(picture) for picture in footage.frames()]
    assert len(shown) == footage.length
    return shown


PIXELS = {
    "8-bit 4:2:0": ("libx264", "yuv420p", "mp4", 30),
    "10-bit 4:2:0": ("libx264", "yuv420p10le", "mp4", 30),
    "10-bit 4:2:0 HEVC": ("libx265", "yuv420p10le", "mp4", 28),
    "8-bit 4:2:2": ("libx264", "yuv422p", "mp4", 30),
    "10-bit 4:2:2": ("libx264", "yuv422p10le", "mov", 30),
    "10-bit 4:2:2 ProRes": ("prores_ks", "yuv422p10le", "mov", 30),
    "8-bit 4:4:4": ("libx264", "yuv444p", "mkv", 33),
    "12-bit 4:4:4": ("ffv1", "yuv444p12le", "mkv", 38),
    "full range": ("mjpeg", "yuvj422p", "avi", 28),
    "RGB": ("ffv1", "bgr0", "mkv", 90),
    "VP9": ("libvpx-vp9", "yuv420p", "webm", 28),
    "MPEG-2": ("mpeg2video", "yuv420p", "ts", 26),
}
"""Kind -> encoder, pixel format, container, least PSNR in dB of what comes out of ingest."""


@pytest.mark.parametrize("kind", PIXELS)
def test_every_pixel_format_shows_the_same_picture(kind: str, tmp_path: Path) -> None:
    codec, pix_fmt, suffix, least_db = PIXELS[kind]
    shown = foreign.pictures(8, (320, 180))
    good = {"crf": "12"} if codec in ("libx264", "libx265") else {"b": "4000000"}
    path = foreign.write(tmp_path / f"clip.{suffix}", shown, codec=codec, pix_fmt=pix_fmt, rate=25, options=good)
    decided, footage = taken_in(path)
    assert numbers(footage) == list(range(8)) and footage.fps == 25
    assert min(drawn.psnr_db(a, b) for a, b in zip(shown, footage.frames(), strict=True)) > least_db
    assert decided.full_range == (pix_fmt == "yuvj422p") and decided.matrix == ("" if pix_fmt == "bgr0" else "bt601")
    assert footage.audio is None and decided.audio_stream is None


def test_interlaced_fields_become_whole_pictures(tmp_path: Path) -> None:
    """Fields of two instants lie in one frame; bwdif leaves no comb, `off` leaves it."""
    fields = np.full((40, 180, 320, 3), 60, np.uint8)
    for t, field in enumerate(fields):
        field[30:150, 40 + 5 * t : 80 + 5 * t] = 200
    woven = fields[::2].copy()
    woven[:, 1::2] = fields[1::2, 1::2]
    options = {"flags": "+ildct+ilme", "x264-params": "tff=1", "crf": "8"}
    path = foreign.write(tmp_path / "clip.mp4", list(woven), rate=25, options=options)
    decided, footage = taken_in(path)
    assert decided.deinterlace == "bwdif" and footage.length == 20 == sum(1 for _ in footage.frames())
    left = open_original(path, Normalisation(deinterlace="off"))
    combed, whole = (np.mean([comb(picture) for picture in clip.frames()]) for clip in (left, footage))
    assert combed > 3 * whole


def comb(picture: np.ndarray) -> float:
    """How much lines differ from the mean of their neighbours."""
    grey = picture[40:140].astype(np.float64).mean(axis=2)
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


@pytest.mark.parametrize("size_px", [(161, 91), (321, 180), (320, 181)])
def test_an_odd_size_loses_its_last_row_and_column(size_px: tuple[int, int], tmp_path: Path) -> None:
    shown = foreign.pictures(4, size_px)
    path = foreign.write(tmp_path / "clip.mkv", shown, codec="ffv1", pix_fmt="bgr0")
    decided, footage = taken_in(path)
    even = (size_px[0] & ~1, size_px[1] & ~1)
    assert decided.coded_size_px == size_px and decided.size_px == even == decided.crop_px
    kept = [picture[: even[1], : even[0]] for picture in shown]
    assert all(np.array_equal(a, b) for a, b in zip(kept, footage.frames(), strict=True))


@pytest.mark.parametrize(
    ("sar", "size_px"), [((4, 3), (428, 180)), ((16, 15), (342, 180)), ((2, 3), (320, 270)), ((1, 2), (320, 360))]
)
def test_pixels_that_are_not_square_become_square(
    sar: tuple[int, int], size_px: tuple[int, int], tmp_path: Path
) -> None:
    """Only ever enlarged; a disc is then as much wider than high as its pixels were."""
    shown = foreign.pictures(3, (320, 180))
    path = foreign.write(tmp_path / "clip.mp4", shown, sar=sar, options={"crf": "10"})
    decided, footage = taken_in(path)
    assert abs(decided.size_px[0] - size_px[0]) <= 2 and abs(decided.size_px[1] - size_px[1]) <= 2
    y, x = np.nonzero(drawn.found(next(footage.frames()), 1))
    assert np.ptp(x) / np.ptp(y) == pytest.approx(sar[0] / sar[1], rel=0.12)


# ------------------------------------------------------------------------------------------------ sound


LAYOUTS = {
    "mono": ("aac", "mono", 48000, (440,), "mp4"),
    "mono 8 kHz": ("pcm_s16le", "mono", 8000, (440,), "mkv"),
    "stereo": ("aac", "stereo", 44100, (440, 880), "mp4"),
    "stereo MP3": ("libmp3lame", "stereo", 48000, (440, 880), "mkv"),
    "stereo Opus": ("libopus", "stereo", 48000, (440, 880), "mkv"),
    "5.1": ("aac", "5.1", 48000, (440, 880, 660, 0, 0, 0), "mp4"),
    "5.1 AC-3": ("ac3", "5.1", 48000, (440, 880, 660, 0, 0, 0), "ts"),
}
"""Kind -> encoder, layout, rate, a tone per channel, container; 5.1 is left, right, centre, low, left and right behind."""


@pytest.mark.parametrize("kind", LAYOUTS)
def test_every_layout_of_sound_becomes_mono_or_stereo_in_step(kind: str, tmp_path: Path) -> None:
    codec, layout, rate_hz, hz, suffix = LAYOUTS[kind]
    sound = {"codec": codec, "layout": layout, "rate_hz": rate_hz, "hz": hz}
    path = foreign.write(tmp_path / f"clip.{suffix}", foreign.pictures(20), sounds=[sound])
    decided, footage = taken_in(path)
    assert decided.audio_stream == 1 and footage.audio is not None
    samples = footage.audio.samples
    assert samples.shape == (96000, 1 if layout == "mono" else 2) and footage.audio.rate_hz == 48000
    heard = [tones(samples[10_000:60_000, c]) for c in range(samples.shape[1])]
    if layout == "5.1":
        assert heard[0] == {440, 660} and heard[1] == {880, 660}, "the centre is heard on both sides"
    else:
        assert heard == [{tone} for tone in hz]


def tones(samples: np.ndarray) -> set[int]:
    """Of 440, 660 and 880 Hz, those within 20 dB of the loudest."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    hz = np.fft.rfftfreq(len(samples), 1 / 48000)
    size = {tone: power[np.abs(hz - tone) < 8].max() for tone in (440, 660, 880)}
    return {tone for tone, value in size.items() if value > 0.1 * power.max()}


def test_of_several_sounds_the_first_is_heard_and_that_is_recorded(tmp_path: Path) -> None:
    sounds = [{"hz": (880,)}, {"hz": (440, 440), "layout": "stereo"}]
    path = foreign.write(tmp_path / "clip.mp4", foreign.pictures(20), sounds=sounds)
    assert probe(path)["streams"] == ["video", "audio", "audio"]
    decided, footage = taken_in(path)
    assert decided.audio_stream == 1 and footage.audio is not None
    assert footage.audio.samples.shape[1] == 1 and tones(footage.audio.samples[10_000:60_000, 0]) == {880}


# ------------------------------------------------------------------------------------------------ time


def test_an_edit_list_hides_what_lies_before_its_start(tmp_path: Path) -> None:
    """A cut by copying packets starts at the key frame before; the list says from where it is shown."""
    path = foreign.write(
        tmp_path / "clip.mp4",
        foreign.pictures(20),
        options={"crf": "10", "g": "30"},
        container={"avoid_negative_ts": "disabled", "use_editlist": "1"},
        earlier=5,
    )
    decided, footage = taken_in(path)
    assert numbers(footage) == list(range(5, 20)) and decided.constant_rate


def test_open_groups_are_read_whole_and_from_their_middle_without_what_lacks_its_reference(tmp_path: Path) -> None:
    shown = foreign.pictures(30)
    options = {"crf": "10", "x264-params": "open-gop=1:keyint=10:min-keyint=10:bframes=3:b-adapt=0:scenecut=0"}
    whole = foreign.write(tmp_path / "whole.ts", shown, options=options)
    assert numbers(taken_in(whole)[1]) == list(range(30))
    keys: list[int] = []

    def after_first_group(n: int, packet: Any) -> bool:
        if packet.is_keyframe:
            keys.append(n)
        return len(keys) >= 2

    path = foreign.write(tmp_path / "cut.ts", shown, options=options, keep=after_first_group)
    _, footage = taken_in(path)
    first = drawn.counted(next(footage.frames()))
    assert 7 <= first <= 11 and numbers(footage) == list(range(first, 30))
    seen = list(footage.frames())
    assert min(drawn.psnr_db(shown[first + n], picture) for n, picture in enumerate(seen)) > 25, "none is torn"


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi", "flv"])
@pytest.mark.parametrize("share", [0.45, 0.8])
def test_a_file_cut_short_shows_what_is_whole_and_says_what_is_missing(
    suffix: str, share: float, tmp_path: Path
) -> None:
    path = tmp_path / f"clip.{suffix}"
    front = {"movflags": "faststart"} if suffix == "mp4" else {}
    shown = foreign.pictures(40)
    foreign.write(path, shown, options={"crf": "12", "g": "10", "bf": "0"}, container=front)
    data = path.read_bytes()
    path.write_bytes(data[: round(len(data) * share)])
    decided, footage = taken_in(path)
    assert 40 * share - 8 <= footage.length < 40
    whole = numbers(footage)
    assert whole[:-1] == list(range(footage.length - 1)), "the last may be torn"
    if suffix == "mp4":  # alone it says beforehand how long it is, frame by frame
        assert decided.dropped_tail and decided.dropped_tail_s == pytest.approx((40 - footage.length) / 10, abs=0.11)


def test_a_stream_that_changes_its_size_keeps_the_first(tmp_path: Path) -> None:
    """Two encodes one after another in a raw stream, as after a switch of rungs."""
    options = {"crf": "10", "bf": "0", "x264-params": "repeat-headers=1"}
    parts = [
        foreign.write(tmp_path / f"part{n}.h264", foreign.pictures(20, size_px)[10 * n : 10 * n + 10], options=options)
        for n, size_px in enumerate([(320, 180), (160, 90)])
    ]
    path = tmp_path / "clip.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    decided, footage = taken_in(path, fps=25)
    assert decided.size_changes == 10 and decided.size_px == (320, 180)
    assert {picture.shape for picture in footage.frames()} == {(180, 320, 3)}
    assert numbers(footage) == list(range(20))


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_single_frame_is_a_clip_of_one(suffix: str, tmp_path: Path) -> None:
    path = foreign.write(tmp_path / f"clip.{suffix}", foreign.pictures(6)[5:])
    decided, footage = taken_in(path)
    assert numbers(footage) == [5] and decided.length == 1 and footage.fps == 10


def test_a_variable_rate_is_told_and_shown_by_time(tmp_path: Path) -> None:
    """A phone in the dark: 10 frames/s, then 5; every instant of 10 frames/s shows the frame nearest to it."""
    pts = [*range(10), *range(10, 30, 2)]
    path = foreign.write(tmp_path / "clip.mp4", foreign.pictures(20), pts=pts, options={"bf": "0"})
    decided, footage = taken_in(path)
    assert not decided.constant_rate and footage.fps == 10
    times = np.asarray(pts)
    assert all(abs(times[n] - t) == np.abs(times - t).min() for t, n in enumerate(numbers(footage)[:29]))


@pytest.mark.timeout(300)
def test_an_hour_streams_in_flat_memory(tmp_path: Path) -> None:
    """3600 frames at 1 frame/s: what the process holds after 3600 frames is what it held after 600."""
    picture = np.full((36, 64, 3), 120, np.uint8)
    path = foreign.write(tmp_path / "clip.mp4", [picture] * 3600, rate=1, options={"preset": "ultrafast"})
    script = (
        "import sys; from pathlib import Path; from augment.video import open_original\n"
        "from augment.ingest import Normalisation\n"
        "def held(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096 / 2**20\n"
        "footage, held_mib = open_original(Path(sys.argv[1]), Normalisation()), {}\n"
        "for n, _ in enumerate(footage.frames(), 1):\n"
        "    if n in (600, 3600): held_mib[n] = held()\n"
        "print(n, footage.seconds, held_mib[600], held_mib[3600])\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    count, seconds, early_mib, late_mib = map(float, ran.stdout.split())
    assert (count, seconds) == (3600, 3600) and late_mib - early_mib < 4


# ------------------------------------------------------------------------------------------------ limits


def test_a_reader_that_hangs_is_killed_at_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that never answers, as one that hangs inside a codec: no clock of its own is asked."""
    path = foreign.write(tmp_path / "clip.mp4", foreign.pictures(2))
    hangs = tmp_path / "hangs"
    hangs.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    hangs.chmod(0o755)
    monkeypatch.setattr(reading.sys, "executable", str(hangs))
    monkeypatch.setattr(reading, "GRACE_S", 0.3)
    with pytest.raises(Unreadable, match=r"reading took more than 0\.2 s; give a shorter part of it"):
        probe(path, limits=replace(Limits(), wall_s=0.2))
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists(), "it is gone, not left behind"
