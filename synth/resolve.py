"""Names in a recipe become plain data: cameras their numbers, word lists one reviewed word."""

from __future__ import annotations

from typing import Any

from synth import seeds
from synth.config import profile, words
from synth.recipe import draw


def camera(name: str, *path: str | int) -> dict[str, Any]:
    """A camera profile resolved into the plain numbers of scenes.scenario.CameraProfile."""
    drawn = draw(profile("cameras", name), *path)
    return {key: drawn[key] for key in ("name", "theta_coefficients", "readout_s", "exposure_s")}


def resolve(node: Any, *path: str | int) -> Any:
    """Plain data with names replaced by what they stand for: {words: LIST} by one of its words with the list's hash,
    {theta_of: CAMERA} by lens coefficients."""
    if isinstance(node, dict):
        if set(node) == {"words"}:
            listed, sha256 = words(node["words"])
            return {"text": listed[int(seeds.unit(*path) * len(listed))], "list": node["words"], "sha256": sha256}
        if set(node) == {"theta_of"}:
            return camera(node["theta_of"], *path)["theta_coefficients"]
        return {key: resolve(value, *path, key) for key, value in node.items()}
    if isinstance(node, list):
        return [resolve(value, *path, index) for index, value in enumerate(node)]
    return node
