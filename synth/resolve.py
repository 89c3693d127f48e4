"""Names in a recipe become plain data: cameras their numbers, word lists one reviewed word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from synth import seeds
from synth.config import profile, read, words
from synth.recipe import draw
from synth.tree import RecipeError, nearest


@dataclass(frozen=True, kw_only=True)
class CameraClass:
    """A file of configs/profiles/cameras, drawn: a kind of device with every range become a number."""

    name: str
    lens: Mapping[str, Any]
    """A model of augment/camera/fisheye.py with its numbers, as it was calibrated."""
    fov_deg: tuple[float, float, float]
    """Across, down, from corner to corner."""
    fy_per_fx: float = 1.0
    """Of the calibration; pictures are made with square pixels."""
    theta_coefficients: tuple[float, float, float, float]
    """c1..c4, the lens as everything else in the suite has it."""
    readout_s: float
    readout_nominal_s: float
    exposure_s: float
    size_px: tuple[int, int]
    fps: list[str]
    codecs: list[str]
    mbps: float
    """Of the camera's own file."""
    audio: Mapping[str, Any]
    """codec, rate_hz, channels."""
    mounts: list[str]

    def __post_init__(self) -> None:
        for name, low, high in (("readout_s", 0, 0.05), ("exposure_s", 1e-4, 0.1), ("mbps", 0.5, 100)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be in {low:g}..{high:g}, got {getattr(self, name)}")
        if set(self.audio) != {"codec", "rate_hz", "channels"}:
            raise ValueError(f"audio must have codec, rate_hz and channels, got {', '.join(self.audio)}")


def camera_class(name: str, *path: str | int) -> dict[str, Any]:
    """A camera profile, drawn. Raises RecipeError where its file is wrong."""
    drawn: dict[str, Any] = draw(profile("cameras", name), *path)
    read(CameraClass, drawn, f"configs/profiles/cameras/{name}.yaml")
    return drawn


def camera(name: str, *path: str | int) -> dict[str, Any]:
    """A camera profile resolved into the plain numbers of scenes.scenario.CameraProfile."""
    drawn = camera_class(name, *path)
    return {key: drawn[key] for key in ("name", "theta_coefficients", "readout_s", "exposure_s")}


def resolve(node: Any, *path: str | int) -> Any:
    """Plain data with names replaced by what they stand for: {words: LIST} by one of its words with the list's hash,
    {theta_of: CAMERA} by lens coefficients, {lens_of: CAMERA} by the lens as it was calibrated, {of_camera: CAMERA,
    take: FIELD} by a field of its profile, drawn."""
    if isinstance(node, dict):
        if set(node) == {"words"}:
            listed, sha256 = words(node["words"])
            return {"text": listed[int(seeds.unit(*path) * len(listed))], "list": node["words"], "sha256": sha256}
        if set(node) == {"theta_of"}:
            return camera(node["theta_of"], *path)["theta_coefficients"]
        if set(node) == {"lens_of"}:
            return camera_class(node["lens_of"], *path)["lens"]
        if set(node) == {"of_camera", "take"}:
            known = [field.name for field in fields(CameraClass)]
            if node["take"] not in known:
                raise RecipeError(f"take: no field {node['take']!r} of a camera{nearest(str(node['take']), known)}")
            return camera_class(node["of_camera"], *path).get(node["take"], 1.0)
        return {key: resolve(value, *path, key) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, *path, index) for index, value in enumerate(node)]
    return node
