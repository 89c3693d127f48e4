"""What a test needs from its machine: in CI a missing need fails the test, elsewhere it skips it with the reason."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names that distributions give the browser's program, the usual one first."""


def need(what: str, present: bool) -> None:
    """Goes on when `present`; otherwise fails where the environment says CI=true and skips elsewhere."""
    if present:
        return
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"needs {what}, which this machine lacks; nothing is skipped in CI", pytrace=False)
    pytest.skip(f"needs {what}")


def need_blender() -> None:
    """Blender as the bpy wheel, and BlenderProc; neither is imported here."""
    for wheel in ("bpy", "blenderproc"):
        need(f"Blender (pip install {wheel})", importlib.util.find_spec(wheel) is not None)


def need_torch() -> None:
    """PyTorch, an extra of its own."""
    need("PyTorch (make torch)", importlib.util.find_spec("torch") is not None)


def need_ray() -> None:
    """Ray, embedded."""
    need("Ray (pip install ray)", importlib.util.find_spec("ray") is not None)


def need_chromium() -> Path:
    """The browser's program, from CHROMIUM or from PATH."""
    names = (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES)
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    need("Chromium (make chromium, or CHROMIUM=/path/to/it)", found is not None)
    return Path(str(found))


def need_footage() -> Path:
    """The folder of real clips beside the repository, ../shared/footage."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "footage"
    need("the clips in ../shared/footage", folder.is_dir())
    return folder


def need_mesh2motion() -> Path:
    """The folder of CC0 motion clips beside the repository, ../shared/assets/mesh2motion."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "assets" / "mesh2motion"
    need("the clips in ../shared/assets/mesh2motion", folder.is_dir())
    return folder


def need_bodies() -> dict[str, str]:
    """The base pack of bodies, in the cache of this machine, as a scenario names packs: name -> hash."""
    from scenes.assets import pack_folder
    from synth.assets import pack_hash

    sha256 = pack_hash("bodies")
    need("the pack bodies (synth assets install bodies)", pack_folder(sha256) is not None)
    return {"bodies": sha256}
