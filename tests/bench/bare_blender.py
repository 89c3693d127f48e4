"""The script that one would write without this suite: bpy, the same objects, one animation render, no truth.

    python -m tests.bench.bare_blender FOLDER_OF_A_SAVED_SHOT FOLDER_FOR_EXR THREADS

Prints JSON: seconds a frame, of the clock and of the CPU. It shares the building of objects and surfaces with the stage, for the same picture, and
nothing else: no BlenderProc, settings by hand, Blender's own loop over the frames.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import bpy
import numpy as np

from scenes import shot as shots
from scenes.stage import build


def main(stored: Path, out: Path, threads: int) -> None:
    """Renders every frame to an EXR."""
    shot = shots.load(stored)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.world = bpy.data.worlds.new("World")
    scene.world.use_nodes = True
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (*shot.world_colour, 1)
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    build.build(shot, out)
    camera = scene.camera.data
    camera.type, camera.panorama_type, camera.sensor_fit = "PANO", "FISHEYE_LENS_POLYNOMIAL", "HORIZONTAL"
    camera.fisheye_polynomial_k0, camera.fisheye_fov, camera.clip_start = 0, 2 * np.pi, 0.01
    for n, c in enumerate(shot.lens.theta_coefficients, start=1):
        setattr(camera, f"fisheye_polynomial_k{n}", -c / camera.sensor_width**n)

    render, cycles = scene.render, scene.cycles
    render.engine, render.use_persistent_data = "CYCLES", True
    render.resolution_x, render.resolution_y = shot.size_px
    render.threads_mode, render.threads = "FIXED", threads
    exposure, readout = (float(s * shot.fps) for s in (shot.exposure_s, shot.readout_s))
    render.use_motion_blur, render.motion_blur_shutter = True, exposure + readout
    cycles.rolling_shutter_type, cycles.rolling_shutter_duration = "TOP", exposure / (exposure + readout)
    cycles.samples, cycles.use_adaptive_sampling, cycles.use_light_tree = shot.quality.samples, False, False
    cycles.use_denoising, cycles.denoising_prefilter = shot.quality.denoise, "FAST"
    cycles.diffuse_bounces = cycles.glossy_bounces = cycles.max_bounces = shot.quality.bounces
    cycles.caustics_reflective = cycles.caustics_refractive = False
    scene.frame_start, scene.frame_end = 0, shot.frames - 1
    render.image_settings.file_format, render.image_settings.color_depth = "OPEN_EXR", "16"
    render.filepath = str(out / "frame")

    begun, begun_cpu = time.monotonic(), time.process_time()
    bpy.ops.render.render(animation=True)
    spent = {
        "seconds_per_frame": (time.monotonic() - begun) / shot.frames,
        "cpu_seconds_per_frame": (time.process_time() - begun_cpu) / shot.frames,
    }
    print("\n" + json.dumps(spent), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
