"""FootageDataset shows the frames that are on screen at the instants asked for, with the labels of those frames."""

from __future__ import annotations

import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment import video
from augment.footage import Array
from synth.config import PackageRecipe
from synth.dataset import FootageDataset, collate
from synth.dataset.assemble import assemble
from synth.dataset.clip import Store
from tests.needs import need_torch
from tests.synth.clips import mask_of, name_of, number_of, put, some_dataset

RATES = [Fraction(10), Fraction(25), Fraction(30000, 1001)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One clip of 250 frames for each rate: ten GOPs at 25 frames a second."""
    root = tmp_path_factory.mktemp("made")
    for rate in RATES:
        put(Store(root), name_of(rate), fps=rate, frames=250, sound=rate == 25)
    return assemble(PackageRecipe(name="rates"), {"name": "rates"}, root, Store(root).names())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_dataset(tmp_path_factory.mktemp("small"), splits={"train": 0.5, "test": 0.5}, pairs=3)


def numbers(sample: dict[str, Any]) -> list[int]:
    """The frame numbers a sample shows."""
    return [number_of(frame) for frame in sample["video"]]


def on_screen(start_s: Fraction, count: int, fps: Fraction, own: Fraction) -> list[int]:
    """The rule in exact arithmetic: frame n is on screen from n / own to (n + 1) / own."""
    return [int((start_s + k / fps) * own) for k in range(count)]


def test_a_whole_clip_is_all_its_frames(dataset: Path) -> None:
    for sample in FootageDataset(dataset):
        assert numbers(sample) == list(range(250))
        assert sample["video"].dtype == np.uint8 and sample["video"].shape == (250, 36, 64, 3)


@pytest.mark.parametrize("fps", ["5", "10", "25", "30000/1001", "24", "60"])
@pytest.mark.parametrize("clip_seconds", [0.7, 1.0, 2.5])
def test_each_instant_shows_what_is_on_screen(dataset: Path, fps: str, clip_seconds: float) -> None:
    windows = FootageDataset(dataset, clip_seconds=clip_seconds, fps=fps)
    own_of = {name_of(rate): rate for rate in RATES}
    for index in range(0, len(windows), 5):
        sample = windows[index]
        own, start_s = own_of[sample["meta"]["name"]], Fraction(str(sample["meta"]["start_s"]))
        count = round(Fraction(str(clip_seconds)) * Fraction(fps))
        assert numbers(sample) == on_screen(start_s, count, Fraction(fps), own)


def test_windows_follow_one_another_and_leave_out_a_rest(dataset: Path) -> None:
    windows = FootageDataset(dataset, clip_seconds=3.0)
    starts = [(w.row, w.start_s) for w in windows.windows]
    lengths = [row["seconds"] for row in windows.rows]
    assert starts == [(row, 3.0 * k) for row, seconds in enumerate(lengths) for k in range(int(seconds // 3))]


def test_a_window_is_the_same_pixels_as_the_whole(dataset: Path) -> None:
    whole = FootageDataset(dataset)
    for index, row in enumerate(whole.rows):
        full, fps = whole[index]["video"], Fraction(row["fps"])
        path = dataset / "clips" / row["name"] / "video.mp4"
        opened = np.stack([frame.copy() for frame in video.open_clip(path).frames()])
        assert np.array_equal(full, opened)
        for start in (0, 1, 49, 50, 51, 120, 249):
            window, _ = video.read_window(path, float(start / fps), float(1 / fps), fps)
            assert np.array_equal(window[0], full[start])


def test_sound_is_in_step(dataset: Path) -> None:
    name = name_of(Fraction(25))
    path = dataset / "clips" / name / "video.mp4"
    whole = video.open_clip(path).audio
    assert whole is not None
    for start_s in (0.0, 0.5, 3.1, 9.0):
        _, audio = video.read_window(path, start_s, 0.8, Fraction(25))
        assert audio is not None and audio.samples.shape == (38400, 1)
        first = round(start_s * 48000)
        assert np.abs(audio.samples - whole.samples[first : first + 38400]).max() < 1e-3
    assert np.abs(whole.samples[4800:9600]).max() > 0.2


def test_labels_are_those_of_the_frames_shown(dataset: Path) -> None:
    windows = FootageDataset(dataset, clip_seconds=2.0, fps=5)
    for index in range(len(windows)):
        sample, window = windows[index], windows.windows[index]
        tracks = sample["tracks"]
        assert tracks.frame.tolist() == list(range(10))
        shown = np.array(numbers(sample))
        assert tracks.box_px[:, 0].tolist() == (shown % 40).tolist(), "a box must be that of the frame it lies on"
        assert tracks.mask == tuple(mask_of((n % 40, 5, n % 40 + 10, 20)) for n in shown)
        half = windows.rows[window.row]["seconds"] / 2
        expected = [] if window.start_s + 2 <= half else [(max(half, window.start_s) - window.start_s, 2.0)]
        assert [(e.onset_s, e.offset_s) for e in sample["events"]] == [pytest.approx(e) for e in expected]


def test_a_split_is_its_clips_alone(small: Path) -> None:
    splits = {split: {row["name"] for row in FootageDataset(small, split=split).rows} for split in ("train", "test")}
    assert splits["train"] | splits["test"] == {row["name"] for row in FootageDataset(small).rows}
    assert not splits["train"] & splits["test"]
    with pytest.raises(ValueError, match="split must be one of test, train, got 'val'"):
        FootageDataset(small, split="val")


@pytest.mark.parametrize("wrong", [{"clip_seconds": 0}, {"clip_seconds": -1}, {"fps": 0}, {"fps": 1000}])
def test_windows_that_cannot_be_are_refused(small: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        FootageDataset(small, **wrong)


def test_an_index_past_the_end_ends_iteration(small: Path) -> None:
    data = FootageDataset(small)
    assert len(list(data)) == len(data) == 9
    with pytest.raises(IndexError):
        data[len(data)]


def test_it_pickles(small: Path) -> None:
    data = FootageDataset(small, clip_seconds=1.0, fps="5")
    again = pickle.loads(pickle.dumps(data))
    assert len(again) == len(data) and np.array_equal(again[1]["video"], data[1]["video"])


def test_a_batch_is_padded_and_says_so(small: Path) -> None:
    data = FootageDataset(small)
    samples = [data[index] for index in range(len(data))]
    batch = collate(samples)
    longest = max(len(sample["video"]) for sample in samples)
    assert batch["video"].shape == (9, longest, 36, 64, 3)
    for sample, padded, count in zip(samples, batch["video"], batch["frames"], strict=True):
        assert np.array_equal(padded[:count], sample["video"]) and not padded[count:].any()
    assert batch["audio"].shape[0] == 9 and [m["name"] for m in batch["meta"]] == [row["name"] for row in data.rows]


def test_synth_dataset_is_imported_without_anything_heavy() -> None:
    code = (
        "import synth.dataset, sys; print([m for m in ('torch', 'av', 'pyarrow', 'cv2', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_loader_needs_no_torch() -> None:
    code = "import sys; sys.modules['torch'] = None; from synth.dataset import FootageDataset; print(FootageDataset)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_torch_loader_with_workers_gives_the_same(small: Path, start: str) -> None:
    need_torch()
    from torch.utils.data import DataLoader

    data = FootageDataset(small, clip_seconds=1.0, fps=5)
    loader: Any = DataLoader(data, batch_size=4, num_workers=2, collate_fn=collate, multiprocessing_context=start)  # type: ignore[arg-type]
    seen: list[Array] = []
    names: list[str] = []
    for batch in loader:
        seen += list(np.asarray(batch["video"]))
        names += [meta["name"] for meta in batch["meta"]]
    assert names == [sample["meta"]["name"] for sample in data]
    assert all(np.array_equal(one, sample["video"]) for one, sample in zip(seen, data, strict=True))


@pytest.mark.parametrize("name", ["../x", "/etc"])
def test_an_index_that_points_outside_is_not_followed(small: Path, tmp_path: Path, name: str) -> None:
    import json
    import shutil

    copy = Path(shutil.copytree(small, tmp_path / "copy"))
    document = json.loads((copy / "manifest.json").read_bytes())
    document["index"][0]["file"] = f"{name}/part-00000.parquet"
    (copy / "manifest.json").write_text(json.dumps(document))
    with pytest.raises(ValueError, match="index part must match"):
        FootageDataset(copy)


def test_a_damaged_video_is_one_line(small: Path, tmp_path: Path) -> None:
    import shutil

    copy = Path(shutil.copytree(small, tmp_path / "copy"))
    data = FootageDataset(copy)
    path = copy / "clips" / data.rows[0]["name"] / "video.mp4"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=r"video\.mp4") as caught:
        data[0]
    assert "\n" not in str(caught.value)
