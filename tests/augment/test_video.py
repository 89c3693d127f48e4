"""Laws of files: masters come back exact, colours and clicks come back close, and the same input is the same bytes."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from augment.footage import Audio, CameraState, Footage
from augment.ingest import Limits, Normalisation, resolve
from augment.picture.colour import LUMA, Planes, tone_mapper
from augment.video import (
    CODECS,
    Deliver,
    deliver,
    open_clip,
    open_original,
    packet_sha256,
    probe,
    recode,
    write_master,
)
from augment.video.audio import Placer
from tests.augment import drawn


def still(picture: Any, *, length: int = 5, audio: Audio | None = None) -> Footage:
    return Footage(
        fps=Fraction(10),
        size_px=(picture.shape[1], picture.shape[0]),
        length=length,
        frames=lambda: (picture.copy() for _ in range(length)),
        audio=audio,
        camera=CameraState(generations=2),
    )


def chart(patch_px: int = 16) -> Any:
    """216 colours that fill the cube, in flat patches, 18 across."""
    colours = np.array(list(itertools.product((0, 32, 64, 128, 192, 255), repeat=3)), np.uint8).reshape(12, 18, 3)
    return colours.repeat(patch_px, axis=0).repeat(patch_px, axis=1)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint8])
@pytest.mark.parametrize("size_px", [(64, 36), (50, 34)])
@pytest.mark.parametrize("fps", ["10", "30000/1001"])
def test_a_master_comes_back_exact(dtype: Any, size_px: tuple[int, int], fps: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    top = 1024 if dtype == np.uint16 else 256
    pictures = [rng.integers(0, top, (size_px[1], size_px[0], 3)).astype(dtype) for _ in range(7)]
    seconds = 7 / float(Fraction(fps))
    audio = Audio(samples=rng.uniform(-1, 1, (round(seconds * 48000), 2)).astype(np.float32), rate_hz=48000)
    assert write_master(iter(pictures), audio, tmp_path / "m.mkv", fps=Fraction(fps), size_px=size_px) == 7
    back = open_clip(tmp_path / "m.mkv")
    assert (back.fps, back.size_px, back.length) == (Fraction(fps), size_px, 7)
    assert back.camera.log_curve == ("acescct" if dtype == np.uint16 else "")
    for _ in range(2):
        assert all(np.array_equal(a, b) for a, b in zip(back.frames(), pictures, strict=True))
    assert back.audio is not None and np.array_equal(back.audio.samples, audio.samples)


def test_a_master_of_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no frame to write"):
        write_master(iter([]), None, tmp_path / "m.mkv", fps=Fraction(10), size_px=(64, 36))


def test_a_master_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    def pictures() -> Iterator[Any]:
        yield np.zeros((36, 64, 3), np.uint8)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        write_master(pictures(), None, tmp_path / "m.mkv", fps=Fraction(10), size_px=(64, 36))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("matrix", LUMA)
@pytest.mark.parametrize("full_range", [False, True])
def test_colours_survive_their_planes(matrix: str, full_range: bool) -> None:
    """8 bits of YUV cost 2/255 of RGB, and ten journeys cost no more than one and a rounding."""
    picture = chart(2)
    planes = Planes((36, 24), matrix=matrix, full_range=full_range)
    y, u, v = np.empty((24, 36), np.uint8), np.empty((12, 18), np.uint8), np.empty((12, 18), np.uint8)
    planes.fill(picture, y, u, v)
    once = planes.rgb(y, u, v).copy()
    assert np.abs(once.astype(int) - picture).max() <= 2
    again = once
    for _ in range(9):
        planes.fill(again, y, u, v)
        again = planes.rgb(y, u, v).copy()
    assert abs(float(again.astype(int).mean() - once.mean())) < 0.2, "no generation darkens"


@pytest.mark.parametrize("as_original", [False, True], ids=["open_clip", "open_original"])
def test_a_colour_chart_survives_delivery(as_original: bool, tmp_path: Path) -> None:
    path = tmp_path / "chart.mp4"
    deliver(still(chart()), path, Deliver(crf=1))
    footage = open_original(path, Normalisation()) if as_original else open_clip(path)
    inner = np.s_[:, 4:12, :, 4:12]
    for picture in footage.frames():
        away = np.abs(picture.astype(int) - chart()).reshape(12, 16, 18, 16, 3)[inner]
        assert away.mean(axis=(1, 3)).max() <= 2.0, "no patch is off by more than 2/255"
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        tags = context.colorspace, context.color_primaries, context.color_trc, context.color_range
        assert tuple(map(int, tags)) == (1, 1, 1, 1), "BT.709, limited range"


def test_what_is_brighter_than_white_is_squeezed_and_what_is_darker_is_kept() -> None:
    for transfer in ("pq", "hlg"):
        grey = np.linspace(0, 65535, 64).astype(np.uint16)[None, :, None].repeat(3, axis=2)
        shown = tone_mapper(transfer)(grey)[0, :, 0].astype(int)
        assert (np.diff(shown) >= 0).all() and shown[0] == 0 and shown[-1] >= 250
        white = {"pq": 0.5806, "hlg": 0.75}[transfer]  # 203 nits, BT.2408
        assert 215 <= tone_mapper(transfer)(np.full((1, 1, 3), white * 65535, np.uint16))[0, 0, 0] <= 240


@pytest.mark.parametrize("fps", ["10", "25", "30000/1001"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_clicks_come_back_where_they_were(fps: str, channels: int, kind: str, tmp_path: Path) -> None:
    rate = Fraction(fps)
    length = round(3 * rate)
    audio = drawn.clicks(float(length / rate), channels=channels)
    picture = np.zeros((36, 64, 3), np.uint8)
    footage = Footage(
        fps=rate, size_px=(64, 36), length=length, frames=lambda: (picture for _ in range(length)), audio=audio
    )
    path = tmp_path / f"clip.{kind}"
    if kind == "mp4":
        deliver(footage, path, Deliver())
    else:
        write_master(footage.frames(), audio, path, fps=rate, size_px=(64, 36))
    for back in (open_clip(path), open_original(path, Normalisation())):
        assert back.audio is not None and back.audio.samples.shape == audio.samples.shape
        assert np.allclose(drawn.heard_clicks(back.audio), drawn.heard_clicks(audio), atol=0.010)
        assert (back.fps, back.length) == (rate, length)


def test_sound_that_starts_late_stays_late(tmp_path: Path) -> None:
    """A file whose sound begins at 0.7 s: the gap is silence, and the click at 1.0 s stays there."""
    path = tmp_path / "late.mkv"
    with av.open(str(path), "w") as out:
        video, sound = out.add_stream("ffv1", rate=10), out.add_stream("pcm_s16le", rate=8000, layout="mono")
        video.width, video.height, video.pix_fmt = 64, 36, "gbrp10le"
        for t in range(20):
            frame = av.VideoFrame(64, 36, "gbrp10le")
            frame.pts = t
            out.mux(video.encode(frame))
        samples = np.zeros((1, 8000), np.int16)
        samples[0, 2400:2416] = 30000
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 8000, 5600, Fraction(1, 8000)
        out.mux(sound.encode(frame))
        out.mux(video.encode(None))
        out.mux(sound.encode(None))
    footage = open_original(path, Normalisation())
    assert footage.audio is not None and len(footage.audio.samples) == 96000
    assert not footage.audio.samples[: 48000 * 6 // 10].any()
    assert np.allclose(drawn.heard_clicks(footage.audio), [1.0], atol=0.010)
    part = open_original(path, Normalisation(seconds=(0.8, 1.5)))
    assert part.audio is not None and len(part.audio.samples) == 33600
    assert np.allclose(drawn.heard_clicks(part.audio), [0.2], atol=0.010)


def test_a_variable_rate_is_resampled_by_time(tmp_path: Path) -> None:
    """A counter whose frames come at 0, 1, 2, 3, 6, 7, 8 ... tenths: each instant shows the frame nearest to it."""
    tenths = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15]
    pictures = list(drawn.discs(seconds=2, counter=True).frames())
    path = tmp_path / "vfr.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "bgr0"
        for t in tenths:
            frame = av.VideoFrame.from_ndarray(pictures[t], format="rgb24").reformat(format="bgr0")
            frame.pts, frame.time_base = t, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    footage = open_original(path, Normalisation())
    shown = [drawn.counted(p) for p in footage.frames()]
    assert footage.fps == 10 and shown == [0, 1, 2, 3, 3, 6, 6, 7, 8, 8, 8, 12, 12, 13, 14, 15]


def test_the_same_footage_is_the_same_bytes_here_and_in_another_process(tmp_path: Path) -> None:
    """Busy pictures, so that the macroblock tree has work (it is what differs on CPUs with AVX-512)."""
    script = (
        "import sys; from pathlib import Path; from tests.augment import test_video as law;law.busy(Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "there.mp4")], check=True, cwd=Path.cwd())
    whole = set()
    for n in range(8):
        busy(tmp_path / f"{n}.mp4")
        whole.add((tmp_path / f"{n}.mp4").read_bytes())
    assert whole == {(tmp_path / "there.mp4").read_bytes()}
    assert packet_sha256(tmp_path / "0.mp4") == packet_sha256(tmp_path / "there.mp4")


def busy(path: Path) -> None:
    """A delivery of noise that slides over discs, with sound."""
    noise = np.random.default_rng(3).integers(0, 40, (180, 340, 3)).astype(np.uint8)
    footage = drawn.discs(seconds=1.2, sound=True)
    pictures = [p // 2 + noise[:, t : t + 320] for t, p in enumerate(footage.frames())]
    same = Footage(
        fps=footage.fps, size_px=footage.size_px, length=12, frames=lambda: iter(pictures), audio=footage.audio
    )
    deliver(same, path, Deliver(crf=12), metadata={"comment": "synthetic"})


@pytest.mark.parametrize("fps", ["1", "12.34", "15000/1001", "23.8", "29.7", "30000/1001", "120000/1001", "239"])
@pytest.mark.parametrize("length", [1, 2, 30])
def test_our_own_files_keep_their_rate_exactly(fps: str, length: int, tmp_path: Path) -> None:
    clip = still(np.zeros((36, 64, 3), np.uint8), length=length)
    clip = Footage(fps=Fraction(fps), size_px=clip.size_px, length=length, frames=clip.frames)
    write_master(clip.frames(), None, tmp_path / "m.mkv", fps=clip.fps, size_px=clip.size_px)
    for back in (deliver(clip, tmp_path / "d.mp4", Deliver()), open_clip(tmp_path / "m.mkv")):
        assert (back.fps, back.length) == (Fraction(fps), length)


@pytest.mark.parametrize("seconds", [0.3, 0.4, 0.5], ids=["shorter", "equal", "longer"])
def test_sound_is_heard_to_the_last_picture(seconds: float, tmp_path: Path) -> None:
    t_s = np.arange(round(seconds * 48000)) / 48000
    hum = Audio(samples=(0.5 * np.sin(2 * np.pi * 300 * t_s))[:, None].astype(np.float32), rate_hz=48000)
    out = deliver(still(np.zeros((36, 64, 3), np.uint8), length=4, audio=hum), tmp_path / "out.mp4", Deliver())
    assert out.audio is not None and len(out.audio.samples) == 19200
    end = round(min(seconds, 0.4) * 48000)
    assert out.audio.samples[end - 480 : end].std() > 0.25 and not out.audio.samples[end + 1100 :].any()


def test_sound_that_changes_its_layout_or_rate_goes_on() -> None:
    samples = np.zeros((48000, 2), np.float32)
    placer = Placer("stereo", samples, 0.0)
    for n, (layout, rate) in enumerate((("mono", 48000), ("stereo", 48000), ("mono", 32000), ("mono", 32000))):
        channels = 1 if layout == "mono" else 2
        frame = av.AudioFrame.from_ndarray(np.full((channels, rate // 4), 0.5, np.float32), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, n, Fraction(1, 4)
        placer.add(frame)
    placer.end()
    assert (np.abs(samples[200:-200]) > 0.2).mean() > 0.995


def test_a_slow_reader_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    deliver(drawn.discs(seconds=1, size_px=(64, 36)), path, Deliver())
    rule = resolve(Normalisation(), probe(path))
    frames = open_original(path, rule, limits=replace(Limits(), wall_s=0.05)).frames()
    seen = 0
    for _ in frames:
        seen += 1
        time.sleep(0.02)
    assert seen == 10


def test_packets_tell_contents_and_not_containers(tmp_path: Path) -> None:
    footage = drawn.discs(seconds=0.5, sound=True)
    for name, metadata, crf in (("a", {"x": "1"}, 23), ("b", {"x": "2"}, 23), ("c", {"x": "1"}, 24)):
        deliver(footage, tmp_path / f"{name}.mp4", Deliver(crf=crf), metadata=metadata)
    a, b, c = (packet_sha256(tmp_path / f"{name}.mp4") for name in "abc")
    assert a == b != c


def test_a_delivery_is_what_players_and_loaders_want(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    marking = {"synthetic": "yes", "comment": "Übung – 演習", "c2pa_chain": '{"ops": ["lens"]}'}
    out = deliver(drawn.discs(seconds=2.5, sound=True), path, Deliver(), metadata=marking)
    assert out.camera.generations == 1 and out.audio is not None
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "faststart"
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.codec_context.name == "h264" and video.codec_context.format.name == "yuv420p"
        keys = [float(p.pts * p.time_base) for p in container.demux(video) if p.size and p.is_keyframe]
        assert keys == [0.0, 1.0, 2.0], "a key frame every second"
        found = dict(container.metadata)
    assert {k: found.get(k) for k in marking} == marking
    assert not {"creation_time", "encoder"} & found.keys() and b"Lavf" not in data
    stamps = [data[at + 8 : at + 16] for at in range(len(data) - 16) if data[at : at + 4] == b"mvhd"]
    assert stamps == [bytes(8)], "no clock in the movie's head"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("quality", [{"crf": 5}, {"kbps": 900}], ids=["crf", "kbps"])
def test_a_stream_gives_a_frame_for_a_frame(codec: str, quality: dict[str, Any]) -> None:
    footage = drawn.discs(seconds=1.3, counter=True)
    one, two = (
        [p.copy() for p in recode(footage.frames(), fps=footage.fps, size_px=footage.size_px, codec=codec, **quality)]
        for _ in range(2)
    )
    assert [drawn.counted(p) for p in one] == list(range(13))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True)), "repeatable"
    decibels = [drawn.psnr_db(a, b) for a, b in zip(one, footage.frames(), strict=True)]
    assert 24 < np.mean(decibels) < 60, "coded, and not beyond recognition"


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"crf": 0}, "crf must be in 1..51, got 0"),
        ({"crf": 99}, "crf must be in 1..51, got 99"),
        ({"preset": "quick"}, "preset must be a known name, got 'quick'; it is one of ultrafast"),
        ({"size_px": (65, 36)}, r"size_px must be even and at least 16, got \[65, 36\]"),
        ({"fps": Fraction(500)}, "fps must be in 1..240, got 500"),
        ({"audio_kbps": 1}, "audio_kbps must be in 16..512, got 1"),
    ],
)
def test_a_wrong_delivery_is_refused(knobs: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Deliver(**knobs)


def test_an_odd_size_and_a_log_picture_are_refused_in_our_own_words(tmp_path: Path) -> None:
    odd = still(np.zeros((35, 65, 3), np.uint8))
    with pytest.raises(ValueError, match=r"size_px must be even, got \[65, 35\]; crop"):
        deliver(odd, tmp_path / "out.mp4", Deliver())
    log = Footage(
        fps=Fraction(10), size_px=(64, 36), length=1, frames=lambda: iter([]), camera=CameraState(log_curve="acescct")
    )
    with pytest.raises(ValueError, match="10-bit log picture cannot be delivered"):
        deliver(log, tmp_path / "out.mp4", Deliver())


def test_fewer_frames_than_promised_are_an_error_and_leave_nothing(tmp_path: Path) -> None:
    short = still(np.zeros((36, 64, 3), np.uint8), length=3)
    lying = Footage(fps=short.fps, size_px=short.size_px, length=4, frames=short.frames)
    with pytest.raises(ValueError, match="4 frames were promised and 3 came"):
        deliver(lying, tmp_path / "out.mp4", Deliver())
    assert not list(tmp_path.iterdir())
