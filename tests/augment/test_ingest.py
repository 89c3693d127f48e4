"""Laws of ingest: what is decided about foreign files, what is refused and how, and that all real clips pass or say why."""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from augment.ingest import Limits, Normalisation, Normalised, Unreadable, nearest, resolve, snap, upright
from augment.video import Deliver, deliver, examine, open_original, probe
from tests.augment import drawn
from tests.needs import need_footage

REFUSED = {
    "RomanArzumanyan+VALI/test_mpeg4.mpg": "is an MPEG program stream",
    "RomanArzumanyan+VALI/test_bad_task_info_pynv.mkv": "cannot be decoded",
    "androidx+media/dvhe_05_09.mp4": "Dolby Vision without a compatible base layer",
    "androidx+media/invalid-bitstream.webm": "cannot be decoded",
    "androidx+media/sample_malformed_free_box.mp4": "is cut short or damaged",
    "mozilla+mp4parse-rust/chunk_out_of_range.mp4": "is cut short or damaged",
    "mozilla+mp4parse-rust/invalid_userdata.mp4": "no frame in it can be decoded",
    "mozilla+mp4parse-rust/zero_empty_stsc.mp4": "cannot be decoded",
    "streamio+streamio-ffmpeg/broken.mp4": "is cut short or damaged",
    "streamio+streamio-ffmpeg/empty.flv": "is cut short or damaged",
}
"""Clips of ../shared/footage that cannot be read, and why; all others can."""

TURNS = {  # the display matrix's a b c d -> turn, mirrored; x' = a x + c y, y' = b x + d y
    (1, 0, 0, 1): (0, False),
    (0, 1, -1, 0): (90, False),
    (-1, 0, 0, -1): (180, False),
    (0, -1, 1, 0): (270, False),
    (-1, 0, 0, 1): (0, True),
    (1, 0, 0, -1): (180, True),
    (0, 1, 1, 0): (270, True),
    (0, -1, -1, 0): (90, True),
    (0, 0, 0, 0): (0, False),
}


class Worker:
    """A process that answers calls, and is killed when one takes too long: what hangs inside a codec asks no clock."""

    def __init__(self) -> None:
        self._process: Any = None
        self._pipe: Any = None

    def ask(self, call: Callable[..., Any], *given: Any, seconds: float) -> Any:
        """What the call returns; TimeoutError after `seconds`, with the process gone and another for the next call."""
        if self._process is None:
            spawned = multiprocessing.get_context("spawn")
            self._pipe, there = spawned.Pipe()
            self._process = spawned.Process(target=_answers, args=(there,), daemon=True)
            self._process.start()
            there.close()
            assert self._pipe.recv() == "ready"
        self._pipe.send((call, given))
        if not self._pipe.poll(seconds):
            self.end()
            raise TimeoutError(f"took more than {seconds} s")
        return self._pipe.recv()

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = None


def _answers(pipe: Any) -> None:
    pipe.send("ready")
    while True:
        call, given = pipe.recv()
        pipe.send(call(*given))


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made.end()


def test_a_worker_that_hangs_is_killed_and_replaced(worker: Worker) -> None:
    assert worker.ask(abs, -3, seconds=60) == 3
    hung = worker._process.pid
    with pytest.raises(TimeoutError, match="more than"):
        worker.ask(time.sleep, 600, seconds=0.2)
    assert not Path(f"/proc/{hung}").exists()
    assert worker.ask(abs, -4, seconds=60) == 4


def real_clips() -> list[str]:
    table = Path(__file__).resolve().parents[2] / ".." / "shared" / "footage" / "clips.csv"
    return [row["file"] for row in csv.DictReader(table.open())] if table.exists() else ["gopro+gpmf-parser/hero7.mp4"]


SLOW = ("8k24fps", "dvhe_05_09", "sample_edit_list", "hdr10", "hlg10", "portrait_4k60", "from_iphone", "test_hevc10")
"""Clips whose first second takes seconds to decode or tone-map with one thread."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long) if any(s in n for s in SLOW) else n for n in real_clips()]
)
def test_every_real_clip_is_read_or_refused_in_one_line(name: str, worker: Worker) -> None:
    path = need_footage() / name
    refused, made = worker.ask(_taken_in, path, seconds=120)
    if refused:
        assert name in REFUSED and REFUSED[name] in refused
        assert "\n" not in refused and repr(str(path)) in refused and "; " in refused
        return
    assert name not in REFUSED
    (width, height), pictures, length, seconds, samples = made
    assert set(pictures) == {((height, width, 3), "uint8")} and width % 2 == height % 2 == 0
    assert len(pictures) == length
    assert samples is None or samples == round(seconds * 48000)


def _taken_in(path: Path) -> tuple[str, Any]:
    """(why it is refused, or nothing; what its first half second is)."""
    try:
        footage = open_original(path, resolve(Normalisation(seconds=(0, 0.5)), examine(path, until_s=0.5)))
        pictures = [(picture.shape, str(picture.dtype)) for picture in footage.frames()]
    except Unreadable as refused:
        return str(refused), None
    samples = None if footage.audio is None else len(footage.audio.samples)
    return "", (footage.size_px, pictures, footage.length, footage.seconds, samples)


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_a_turned_clip_comes_out_upright(turn_deg: int, tmp_path: Path) -> None:
    """The same packets under another display matrix are the same picture, turned."""
    plain, turned = a_clip(tmp_path / "plain.mp4"), tmp_path / "turned.mp4"
    with av.open(str(plain)) as source, av.open(str(turned), "w") as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(-turn_deg)  # FFmpeg counts against the clock
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    upright_frame, frame = (next(open_original(p, Normalisation()).frames()) for p in (plain, turned))
    assert np.array_equal(np.rot90(upright_frame, -turn_deg // 90), frame)


@pytest.mark.parametrize("corner", TURNS, ids=str)
def test_a_display_matrix_is_a_turn_and_a_mirror(corner: tuple[int, int, int, int]) -> None:
    a, b, c, d = corner
    turn, mirrored = upright((a, b, 0, c, d, 0, 0, 0, 1))
    assert (turn, mirrored) == TURNS[corner]
    if not any(corner):
        return
    picture = np.arange(6).reshape(2, 3)
    shown = np.rot90(picture[:, ::-1] if mirrored else picture, -turn // 90)
    for (y, x), value in np.ndenumerate(picture):
        at = np.array([[a, c], [b, d]]) @ (x - 1, y - 0.5)
        where = at + (np.array(shown.shape[::-1]) - 1) / 2
        assert shown[round(where[1]), round(where[0])] == value


# ------------------------------------------------------------------------------------------------ decisions


def facts(**video: Any) -> dict[str, Any]:
    """A probe of a plain clip, with changes."""
    gap = {"min": 0.04, "median": 0.04, "max": 0.04, "typical": 0.04}
    plain = {
        "stream": 0,
        "size_px": [640, 360],
        "sar": [1, 1],
        "turn_deg": 0,
        "mirrored": False,
        "rgb": False,
        "matrix": 2,
        "transfer": 2,
        "full_range": False,
        "dolby_vision": False,
        "first_s": 0.0,
        "last_s": 3.96,
        "frames": 100,
        "claimed_fps": "1000",
        "gap_s": gap,
        "interlaced": 0,
        "size_changes": 0,
        "backward_frames": 0,
        "dropped_tail": "",
        "dropped_tail_s": 0.0,
    }
    return {"path": "clip.mp4", "audio": None, "video": {**plain, **video}}


@pytest.mark.parametrize(
    ("video", "rule", "decided"),
    [
        ({}, {}, {"size_px": (640, 360), "fps": Fraction(25), "length": 100, "matrix": "bt601", "constant_rate": True}),
        ({"size_px": [1280, 720]}, {}, {"matrix": "bt709"}),
        ({"size_px": [720, 1280], "matrix": 5}, {}, {"matrix": "bt601"}),
        ({"size_px": [161, 121]}, {}, {"size_px": (160, 120), "crop_px": (160, 120)}),
        ({"size_px": [720, 576], "sar": [16, 15]}, {}, {"size_px": (768, 576)}),
        ({"size_px": [640, 360], "sar": [2, 3]}, {}, {"size_px": (640, 540)}),
        ({"turn_deg": 90}, {}, {"size_px": (360, 640), "scaled_size_px": (640, 360)}),
        ({"size_px": [1920, 1080]}, {"max_side_px": 640}, {"size_px": (640, 360)}),
        ({"size_px": [1080, 1920], "turn_deg": 270}, {"max_side_px": 640}, {"size_px": (640, 360)}),
        ({}, {"max_side_px": 8192}, {"size_px": (640, 360)}),
        ({}, {"seconds": (1.0, 2.5)}, {"start_s": 1.0, "length": 38}),
        ({"first_s": 8.3, "last_s": 12.26}, {"seconds": (1.0, 99)}, {"start_s": 9.3, "length": 75}),
        ({}, {"fps": Fraction(10)}, {"fps": Fraction(10), "length": 40}),
        ({"interlaced": 51}, {}, {"deinterlace": "bwdif"}),
        ({"interlaced": 49}, {}, {"deinterlace": ""}),
        ({"interlaced": 100}, {"deinterlace": "off"}, {"deinterlace": ""}),
        ({}, {"deinterlace": "on"}, {"deinterlace": "bwdif"}),
        ({"transfer": 18}, {}, {"tone_map": "hlg"}),
        ({"transfer": 18, "dolby_vision": True}, {}, {"tone_map": "hlg"}),
        ({"gap_s": {"min": 0.04, "median": 0.04, "max": 0.08, "typical": 0.0402}}, {}, {"constant_rate": False}),
        ({"frames": 1, "last_s": 0.0, "claimed_fps": "0"}, {}, {"fps": Fraction(25), "length": 1}),
    ],
)
def test_what_a_probe_says_is_decided_by_rule(
    video: dict[str, Any], rule: dict[str, Any], decided: dict[str, Any]
) -> None:
    normalised = resolve(Normalisation(**rule), facts(**video))
    assert {name: getattr(normalised, name) for name in decided} == decided


def test_what_was_decided_survives_json() -> None:
    normalised = resolve(Normalisation(max_side_px=320), facts(size_px=[1920, 1080]))
    assert Normalised.from_json(json.loads(json.dumps(normalised.as_json()))) == normalised


@pytest.mark.parametrize(
    ("measured", "taken"),
    [
        ("29.87", "30000/1001"),
        ("59.446", "60000/1001"),
        ("24.04", "24"),
        ("23.98", "24000/1001"),
        ("17.2", "86/5"),
        ("9999", "240"),
    ],
)
def test_a_rate_is_snapped_to_a_usual_one(measured: str, taken: str) -> None:
    assert snap(Fraction(measured)) == Fraction(taken)


def test_frames_are_picked_by_their_time() -> None:
    times = [0.0, 0.1, 0.2, 0.5, 0.6]
    picked = list(nearest(iter((t, t) for t in times), start_s=0.0, fps=Fraction(10), length=8))
    assert picked == [0.0, 0.1, 0.2, 0.2, 0.5, 0.5, 0.6, 0.6]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"deinterlace": "yes"}, "deinterlace must be auto, on or off, got 'yes'"),
        ({"seconds": (3, 2)}, r"seconds must be \[start, stop\] with 0 <= start < stop, got \[3, 2\]"),
        ({"max_side_px": 1}, "max_side_px must be in 16..8192, got 1"),
        ({"fps": Fraction(1000)}, "fps must be in 1..240, got 1000"),
    ],
)
def test_a_wrong_rule_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Normalisation(**rule)


def test_a_start_behind_the_end_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"'clip.mp4': lasts 4.00 s, but seconds starts at 9; start earlier"):
        resolve(Normalisation(seconds=(9, 10)), facts())


# ------------------------------------------------------------------------------------------------ bad files


def a_clip(path: Path, **deliver_to: Any) -> Path:
    deliver(drawn.discs(seconds=0.5, size_px=(64, 36), sound=True), path, Deliver(**deliver_to))
    return path


@pytest.mark.parametrize(
    "name", ["a b.mp4", "a\nb.mp4", "запись–録画.mp4", "http:..mp4", "concat:a|b.mp4", "%d.mp4", "-i.mp4"]
)
def test_any_name_works(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    a_clip(tmp_path / "plain.mp4").rename(tmp_path / name)
    footage = open_original(Path(name), Normalisation())
    assert sum(1 for _ in footage.frames()) == footage.length == 5
    (tmp_path / name).write_bytes(b"no clip")
    with pytest.raises(Unreadable) as refused:
        probe(Path(name))
    assert "\n" not in str(refused.value)


PLAYLISTS = {
    "concat script": "ffconcat version 1.0\nfile {other}\n",
    "playlist": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{other}\n#EXT-X-ENDLIST\n",
    "manifest": '<?xml version="1.0"?><MPD><BaseURL>{other}</BaseURL></MPD>',
    "redirect": "file:{other}\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_a_script_in_disguise_is_refused_and_opens_nothing_else(kind: str, suffix: str, tmp_path: Path) -> None:
    other = tmp_path / "secret.mp4"
    a_clip(other)
    disguised = tmp_path / f"clip.{suffix}"
    disguised.write_text(PLAYLISTS[kind].format(other=other.name))
    opened = _files_opened(disguised)
    assert str(disguised) in opened, "the watch works"
    assert str(other) not in opened
    with pytest.raises(Unreadable, match=r"is (a|an) .*; give one of|is none of the containers"):
        examine(disguised)


def _files_opened(path: Path) -> str:
    """What a process that examines the file asks the system to open; through Python's audit hook and /proc."""
    script = (
        "import sys, os; from pathlib import Path\n"
        "from augment.video import examine\n"
        "from augment.ingest import Unreadable\n"
        "other = Path(sys.argv[1]).with_name('secret.mp4'); before = other.stat().st_atime_ns\n"
        "os.utime(other, ns=(1, other.stat().st_mtime_ns)); print(sys.argv[1])\n"
        "try: examine(Path(sys.argv[1]))\n"
        "except Unreadable: pass\n"
        "print(other if other.stat().st_atime_ns != 1 else '')\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    return done.stdout


def _only_sound(path: Path) -> None:
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48000, 0
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _no_frame(path: Path) -> None:
    with av.open(str(path), "w", format="mp4", container_options={"movflags": "empty_moov"}) as out:
        stream = out.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        stream.codec_context.open()
        out.start_encoding()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.mkdir(), "is not a file; name the files in it"),
        (lambda p: p.write_bytes(b""), "is empty; copy it again"),
        (lambda p: None, "is not there; check the name"),
        (lambda p: p.write_bytes(a_clip(p).read_bytes()[:48]), "is cut short or damaged"),
        (
            lambda p: p.write_bytes(os.urandom(5000)),
            "is none of the containers that are read|cannot be decoded|holds no",
        ),
        (_only_sound, "holds no video; give a clip with pictures"),
        (_no_frame, "no frame in it can be decoded|cut short"),
    ],
    ids=["directory", "empty", "absent", "truncated", "noise", "audio only", "no frame"],
)
def test_a_bad_file_is_refused_in_one_line(make: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    for read in (examine, probe):
        with pytest.raises(Unreadable, match=said) as refused:
            read(path)
        assert str(refused.value).startswith(repr(str(path))) and "\n" not in str(refused.value)


def test_a_tail_that_cannot_be_decoded_is_dropped_and_recorded() -> None:
    path = need_footage() / "dmlc+decord" / "corrupted.mp4"
    found = probe(path)
    normalised = resolve(Normalisation(), found)
    assert normalised.length == 28 and normalised.dropped_tail_s == pytest.approx(2.2, abs=0.11)
    assert "cannot be decoded" in normalised.dropped_tail
    assert sum(1 for _ in open_original(path, normalised).frames()) == 28


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"pixels": 100}, "64x36 is more than 100 pixels; scale it down first"),
        ({"frames": 3}, "is longer than 3 frames"),
        ({"seconds": 0.2}, "or 0.2 s; cut it first"),
        ({"wall_s": 0.0}, "reading took more than 0 s; give a shorter part"),
    ],
)
def test_a_file_may_not_ask_for_more_than_the_limits(limits: dict[str, Any], said: str, tmp_path: Path) -> None:
    path = a_clip(tmp_path / "clip.mp4")
    with pytest.raises(Unreadable, match=said):
        probe(path, limits=replace(Limits(), **limits))
