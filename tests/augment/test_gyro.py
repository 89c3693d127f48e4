"""Gyroscope recordings: every form is read to the same rates, replayed smoothly, and refused in one line."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from augment.camera import gyro, motion
from augment.ingest import Unreadable
from synth import plan as planning
from synth.config import load

HERO7 = Path(__file__).parents[2] / ".." / "shared" / "footage" / "gopro+gpmf-parser" / "hero7.mp4"
RATE_HZ, HZ = 200.0, np.array([2.0, 3.0, 5.0])
T_S = np.arange(0, 8, 1 / RATE_HZ)
PEAK_RAD = np.radians([2.0, 1.0, 0.5])


def rates() -> np.ndarray:
    """Of angles PEAK_RAD * sin(2 pi HZ t), with a drift on top."""
    return PEAK_RAD * 2 * np.pi * HZ * np.cos(2 * np.pi * HZ * T_S[:, None]) + (0.02, -0.01, 0.03)


def csv(path: Path, columns: str = "t_s,x,y,z", rows: np.ndarray | None = None) -> Path:
    table = np.column_stack([T_S + 100, rates()]) if rows is None else rows
    path.write_text(columns + "\n" + "\n".join(",".join(f"{v:.9f}" for v in row) for row in table) + "\n")
    return path


def gcsv(path: Path) -> Path:
    """The sensor lies with its y to the right, its x down and its z back."""
    x, y, z = (rates() / 0.001).T
    rows = "\n".join(f"{t * 1000:.0f},{a:.3f},{b:.3f},{c:.3f}" for t, a, b, c in zip(T_S, -y, x, z, strict=True))
    head = "GYROFLOW IMU LOG\nversion,1.3\norientation,YxZ\ntscale,0.001\ngscale,0.001\nt,gx,gy,gz\n"
    path.write_text(head + rows + "\n")
    return path


def replayed(path: Path, seconds: float = 4.0, **knobs: Any) -> motion.Trajectory:
    spec = {"track": {"file": "f" * 64, **knobs}, "seed": 0}
    return motion.trajectory(spec, {"f" * 64: path}, seconds=seconds)


@pytest.mark.parametrize("form", [csv, gcsv])
def test_a_recording_gives_back_the_angles_it_was_made_from(form: Any, tmp_path: Path) -> None:
    at_s = np.linspace(1, 7, 997)  # between samples too; the ends feel the filter
    angles = replayed(form(tmp_path / "gyro")).angles_rad(at_s)
    wanted = PEAK_RAD * np.sin(2 * np.pi * HZ * at_s[:, None])
    assert np.abs(angles - wanted).max() < 0.02 * PEAK_RAD.max(), "the drift is gone, the motion is there"
    assert not replayed(tmp_path / "gyro").shift_m(at_s).any()


def test_half_a_hertz_is_let_through_by_0_7_and_a_slow_turn_is_not(tmp_path: Path) -> None:
    t_s = np.arange(0, 60, 0.01)
    slow, edge = np.cos(2 * np.pi * 0.05 * t_s) * 0.3, np.cos(2 * np.pi * 0.5 * t_s)
    rows = np.column_stack([t_s, slow, edge, 0 * t_s])
    angles = replayed(csv(tmp_path / "g.csv", rows=rows)).angles_rad(np.arange(10, 50, 0.01))
    rms = np.sqrt((angles**2).mean(axis=0)) * np.sqrt(2)
    assert rms[1] * 2 * np.pi * 0.5 == pytest.approx(0.71, abs=0.02)
    assert rms[0] < 0.02 * 0.3 / (2 * np.pi * 0.05)


def test_a_start_is_a_share_of_what_the_recording_has_to_spare(tmp_path: Path) -> None:
    path, at_s = csv(tmp_path / "g.csv"), np.linspace(1, 2, 30)
    later = replayed(path, seconds=4.0, start=0.5).angles_rad(at_s)
    assert np.allclose(later, replayed(path).angles_rad(at_s + (8 - 1 / RATE_HZ - 4) / 2))


@pytest.mark.skipif(not HERO7.is_file(), reason="the development footage is not here")
def test_a_gopros_own_track_turns_as_was_measured() -> None:
    """21.2 / 14.4 / 16.8 deg/s of pitch, yaw, roll above 0.5 Hz (notes/assets-and-motion.md)."""
    recording = gyro.recorded(HERO7)
    t_s = np.arange(0.3, 10.7, 0.005)
    turning = np.degrees(np.gradient(recording.angles_rad(t_s), 0.005, axis=0))
    assert np.sqrt((turning**2).mean(axis=0)) == pytest.approx([21.2, 14.4, 16.8], rel=0.05)
    assert recording.t_s[0] == pytest.approx(0.14, abs=0.05) and recording.seconds == pytest.approx(11.0, abs=0.05)


def test_every_bad_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    good = np.column_stack([T_S, rates()])
    swapped, short, gap = good.copy(), good[:50], np.delete(good, slice(200, 300), axis=0)
    swapped[[70, 71]] = swapped[[71, 70]]
    hollow = good.copy()
    hollow[5, 2] = np.nan
    film = tmp_path / "film.mp4"
    film.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(200))
    cases = [
        (csv(tmp_path / "a", rows=swapped), "times are out of order: sample 71"),
        (csv(tmp_path / "b", rows=short), "holds 50 samples, less than a second"),
        (csv(tmp_path / "c", rows=gap), "has a gap of 0.51 s at 0.99 s"),
        (csv(tmp_path / "d", rows=hollow), "values that are no numbers"),
        (csv(tmp_path / "e", rows=good[::20]), "fewer than 20 samples per second"),
        (csv(tmp_path / "f", columns="time,gx,gy,gz"), "columns must be t_s, x, y, z, got 'time, gx, gy, gz'"),
        (film, "film.mp4"),
    ]
    (tmp_path / "g").write_text("t_s,x,y,z\n1,2,three,4\n")
    (tmp_path / "h").write_text("GYROFLOW IMU LOG\norientation,XXZ\nt,gx,gy,gz\n0,1,2,3\n")
    cases += [(tmp_path / "g", "three"), (tmp_path / "h", "letters X, Y, Z in some order, got 'XXZ'")]
    for path, said in cases:
        with pytest.raises(Unreadable) as refused:
            gyro.recorded(path)
        assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_recording_shorter_than_the_clip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"track must last as long as the clip, 60.000 s, got 7.995 s; take a longer"):
        replayed(csv(tmp_path / "g.csv"), seconds=60.0)


@pytest.mark.skipif(not HERO7.is_file(), reason="the development footage is not here")
def test_a_film_without_a_gyroscope_says_so() -> None:
    plain = next(path for path in sorted(HERO7.parents[1].rglob("*.mp4")) if "gopro" not in str(path).lower())
    with pytest.raises(Unreadable, match="gyroscope"):
        gyro.recorded(plain)


def test_a_recipe_names_a_recording_and_its_bytes_are_in_the_plan(tmp_path: Path) -> None:
    recipe = tmp_path / "shaken.yaml"
    recipe.write_text(
        "schema: 1\nkind: augment\nname: shaken\nseed: 3\nsources: [ingest]\nchildren: 1\n"
        "paths: {body: {track: {file: walk.csv, start: {uniform: [0, 1]}}}}\n"
        "ops: [{op: shake, path: body, max_zoom: 2}]\ndeliver: {crf: 23}\n"
    )
    clip = tmp_path / "a.mp4"
    clip.write_bytes(b"not read")
    (tmp_path / "in.yaml").write_text(
        "schema: 1\nkind: ingest\nname: own\nfootage: .\nfiles: [a.mp4]\nsource: {licence: CC0-1.0, source: own}\n"
    )
    (tmp_path / "job.yaml").write_text("schema: 1\nkind: job\nname: j\ningest: [in.yaml]\naugment: [shaken.yaml]\n")
    names = []
    for shift in (0.0, 0.1):
        path = csv(tmp_path / "walk.csv", rows=np.column_stack([T_S + shift, rates() * (1 + shift)]))
        planning._sha256.cache_clear()
        child = list(planning.plan(load(tmp_path / "job.yaml"), footage=tmp_path))[-1]
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        assert child.files == {sha256: str(path)}
        track = child.spec["takes"][0]["paths"]["body"]["track"]
        assert track["file"] == sha256 and 0 <= track["start"] <= 1
        names.append(child.name)
    assert names[0] != names[1]
