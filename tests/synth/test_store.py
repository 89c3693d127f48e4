"""A folder is whole or absent, whatever stops the one who writes it."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import tempfile
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from augment import video
from augment.footage import Event
from synth.dataset.canonical import CannotWriteError, cannot_write, canonical
from synth.dataset.clip import Store, read_clip, write_clip
from tests.synth.clips import name_of, number_of, put

NAME = name_of("clip")

ENDINGS: dict[str, Callable[[Path], object]] = {
    "before anything": lambda folder: None,
    "in the middle of a file": lambda folder: (folder / "video.mp4").write_bytes(b"x" * 10_000),
    "when all is written": lambda folder: (folder / "clip.json").write_text("{}"),
}


def left(store: Store) -> list[str]:
    """Files of attempts that are still there."""
    return [str(p) for p in (store.root / "attempts").rglob("*") if p.is_file()]


@pytest.mark.parametrize("write", ENDINGS.values(), ids=ENDINGS.keys())
def test_a_killed_writer_leaves_nothing_that_looks_done(tmp_path: Path, write: Callable[[Path], object]) -> None:
    store = Store(tmp_path)
    pid = os.fork()
    if pid == 0:
        with store.attempt(NAME) as folder:
            write(folder)
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert not store.is_whole(NAME) and store.names() == []
    with store.attempt(NAME) as folder:
        (folder / "a").write_text("second try")
    assert store.names() == [NAME]


def test_an_error_removes_the_attempt(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(ZeroDivisionError), store.attempt(NAME) as folder:
        (folder / "a").write_text("half")
        raise ZeroDivisionError
    assert not store.is_whole(NAME) and left(store) == []


def test_an_empty_folder_is_not_published(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with pytest.raises(ValueError, match="must hold files"), store.attempt(NAME):
        pass
    assert not store.is_whole(NAME) and left(store) == []


def test_the_first_of_many_wins_and_the_others_drop_theirs(tmp_path: Path) -> None:
    store = Store(tmp_path)
    together = threading.Barrier(8)

    def write(number: int) -> None:
        with store.attempt(NAME) as folder:
            (folder / "a").write_text(str(number))
            (folder / "b").write_text(str(number))
            together.wait(timeout=30)

    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(timeout=60)
    assert store.names() == [NAME]
    folder = store.folder(NAME)
    assert (folder / "a").read_text() == (folder / "b").read_text()
    assert left(store) == []


def test_a_loser_leaves_the_winner_as_it_was(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for text in ("first", "second"):
        with store.attempt(NAME) as folder:
            (folder / "a").write_text(text)
    assert (store.folder(NAME) / "a").read_text() == "first"


def in_a_child(act: Callable[[], None]) -> str:
    """Runs a function in a forked child whose limits and rights it may change; returns what its error says."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act()
            said = "nothing was raised"
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(write, said.encode())
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read) as stream:
        return stream.read()


def test_a_full_disk_is_one_line_with_path_and_way_out(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def fill() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        with store.attempt(NAME) as folder:
            (folder / "a").write_bytes(b"x" * 10_000)

    said = in_a_child(fill)
    assert said.startswith(f"CannotWriteError: {tmp_path} must") and "choose another output folder" in said
    assert "\n" not in said
    assert not store.is_whole(NAME) and left(store) == []


def test_an_output_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWriteError, match="must be a folder"), Store(tmp_path / "file" / "out").attempt(NAME):
        pass


def test_an_output_folder_that_is_not_writable_is_one_line() -> None:
    with tempfile.TemporaryDirectory() as place:
        closed = Path(place) / "closed"
        closed.mkdir()
        closed.chmod(0o555)
        Path(place).chmod(0o755)

        def write() -> None:
            if os.getuid() == 0:
                os.setuid(65534)  # root may write anywhere; nobody may not
            with Store(closed / "out").attempt(NAME) as folder:
                (folder / "a").write_text("")

        said = in_a_child(write)
    assert said.startswith(f"CannotWriteError: {closed / 'out'} must be writable") and "\n" not in said


def test_the_error_travels_between_processes(tmp_path: Path) -> None:
    error = cannot_write(tmp_path, 28)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.errno == 28 and isinstance(again, OSError)


@pytest.mark.parametrize("name", ["..", ".", "a/b", "/etc", "", ".hidden", "a\nb", "a" * 300])
def test_no_name_leaves_the_shelf(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name must match"):
        Store(tmp_path).folder(name)


def test_a_clip_reads_back_equal(tmp_path: Path) -> None:
    clip = put(Store(tmp_path), NAME, frames=12)
    document = clip.document
    assert document["packet_sha256"] == video.packet_sha256(clip.video)
    assert document["media"] == {
        "fps": "10", "size_px": [64, 36], "frames": 12, "seconds": 1.2, "codec": "h264",
        "audio": {"rate_hz": 48000, "channels": 1},
    }  # fmt: skip
    assert (clip.folder / "clip.json").read_bytes() == canonical(document, indent=1)
    opened = clip.open()
    assert [number_of(frame) for frame in opened.frames()] == list(range(12))
    assert opened.camera.done == ("mount", "lens") and opened.camera.generations == 1
    assert opened.labels.events == clip.labels().events and opened.labels.clip["label"] == "positive"


def test_a_clip_says_nothing_of_time_host_and_path(tmp_path: Path) -> None:
    first, second = (put(Store(tmp_path / place), NAME, frames=4) for place in ("here", "there"))
    for path in sorted(first.folder.iterdir()):
        assert path.read_bytes() == (second.folder / path.name).read_bytes(), path.name
    assert str(tmp_path).encode() not in (first.folder / "clip.json").read_bytes()


def test_labels_outside_the_clip_are_refused(tmp_path: Path) -> None:
    clip = put(Store(tmp_path), NAME, frames=4)
    late = Event(type="object_raised", onset_s=0.0, offset_s=9.0)
    opened = clip.open()
    wrong = replace(opened, labels=replace(opened.labels, events=(late,)))
    with pytest.raises(ValueError, match=r"event object_raised must lie in 0\.\.0\.4 s, got 0\.\.9"):
        write_clip(clip.folder, name=NAME, kind="render", spec={}, parents=[], maker=1, footage=wrong,
                   files=["video.mp4"], record={})  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "clip/9"}', '{"schema": "clip/1"}', "[" * 100_000])
def test_a_strange_clip_json_is_one_line_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "clip.json").write_text(text)
    with pytest.raises(ValueError, match=r"clip\.json") as caught:
        read_clip(tmp_path)
    assert "\n" not in str(caught.value)


def test_strangers_on_the_shelf_are_passed_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    put(store, NAME, frames=2)
    (tmp_path / "clips" / ".DS_Store").write_text("")
    (tmp_path / "clips" / name_of("empty")).mkdir()
    assert store.names() == [NAME]


def test_a_store_reads_only_what_is_published(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="must be a published clip"):
        Store(tmp_path).read(NAME)
