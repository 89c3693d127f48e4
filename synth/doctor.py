"""Doctor: what this machine has of what the suite needs, each by trying it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from synth.config import CONFIGS

_BLENDER = """
import json, bpy
devices = ["CPU"]
preferences = bpy.context.preferences.addons["cycles"].preferences
for kind in ("OPTIX", "CUDA", "HIP"):
    try:
        devices += [d.name for d in preferences.get_devices_for_type(kind) if d.type == kind]
    except Exception:
        pass
print("FOUND" + json.dumps({"version": bpy.app.version_string, "devices": devices}))
"""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    said: str
    needed: bool = True
    """False: its lack is told but does not fail."""


def examine(out: Path) -> list[Finding]:
    """Findings in the order of CHECKS; nothing here raises."""
    found = []
    for what, (look, needed) in CHECKS.items():
        try:
            ok, said = look(out)
        except Exception as error:  # a broken library may raise anything; the doctor's work is to say so
            ok, said = False, " ".join(f"{type(error).__name__}: {error}".split())
        found.append(Finding(what=what, ok=ok, said=said, needed=needed))
    return found


def _python(_: Path) -> tuple[bool, str]:
    told = sys.version.split()[0]
    return sys.version_info[:2] == (3, 11), f"{told} (bpy needs 3.11)"


def _blender(_: Path) -> tuple[bool, str]:
    """In a child: neither this process nor Ray may load bpy."""
    ran = subprocess.run([sys.executable, "-c", _BLENDER], capture_output=True, text=True, timeout=120, check=False)
    line = next((line for line in ran.stdout.splitlines() if line.startswith("FOUND")), None)
    if line is None:
        last = (ran.stderr.strip().splitlines() or ["no answer"])[-1]
        return False, f"bpy does not load: {last}; run make setup"
    found = json.loads(line.removeprefix("FOUND"))
    return True, f"bpy {found['version']}, BlenderProc {version('blenderproc')}, devices {', '.join(found['devices'])}"


def _codecs(_: Path) -> tuple[bool, str]:
    from augment.video import codecs

    have, lacking = codecs()
    return not lacking, f"encoders {', '.join(have)}" + (f"; lacking {', '.join(lacking)}" if lacking else "")


def _opencv(_: Path) -> tuple[bool, str]:
    import cv2

    others = [
        name
        for name in ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
        if _installed(name)
    ]
    wanted = version("opencv-python-headless")
    ok = not others and wanted.startswith(cv2.__version__)
    return ok, f"{cv2.__version__} headless" + (f"; {others[0]} overwrites it: uninstall it" if others else "")


def _ray(_: Path) -> tuple[bool, str]:
    return True, f"{version('ray')}, embedded; RAY_ADDRESS {os.environ.get('RAY_ADDRESS', 'not set')}"


def _disk(out: Path) -> tuple[bool, str]:
    place = next(p for p in (out.absolute(), *out.absolute().parents) if p.exists())
    free = shutil.disk_usage(place).free / 2**30
    return free > 2 and os.access(place, os.W_OK), f"{free:.1f} GiB free in {place}"


def _configs(_: Path) -> tuple[bool, str]:
    recipes = len(list(CONFIGS.rglob("*.yaml")))
    return recipes > 0, f"{recipes} files in {CONFIGS}"


def _packs(_: Path) -> tuple[bool, str]:
    from scenes.assets import cache_folder, installed
    from synth.assets import known_packs

    here = installed()
    lacking = [name for name in known_packs() if name not in here]
    told = f"{', '.join(here) or 'none'} in {cache_folder()}"
    return "bodies" in here, told + (f"; not here: {', '.join(lacking)} (synth assets install NAME)" if lacking else "")


def _torch(_: Path) -> tuple[bool, str]:
    return _installed("torch"), version("torch") if _installed(
        "torch"
    ) else "not installed (make torch); only loaders use it"


def _installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


CHECKS: dict[str, tuple[Callable[[Path], tuple[bool, str]], bool]] = {
    "python": (_python, True),
    "blender": (_blender, True),
    "codecs": (_codecs, True),
    "opencv": (_opencv, True),
    "ray": (_ray, True),
    "disk": (_disk, True),
    "configs": (_configs, True),
    "packs": (_packs, False),
    "torch": (_torch, False),
}
