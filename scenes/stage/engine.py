"""Blender and BlenderProc with every quirk of theirs: entering, devices, render settings, one frame to an array.

Versions: bpy 4.5.15, BlenderProc 2.8.0 (wheels). Each quirk says what it does and how it shows.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from scenes.shot import Shot

DOOR = "OUTSIDE_OF_THE_INTERNAL_BLENDER_PYTHON_ENVIRONMENT_BUT_IN_RUN_SCRIPT"
BLENDERPROC = "blenderproc.python."
TRUTH_FILTER_PX = 0.01
"""Blender's smallest pixel filter: a truth sample lies within 0.005 px of its pixel's centre."""
NEAREST_M, FARTHEST_M = 0.01, 1000.0
"""Clipping of the camera; hands are 0.2 m away and BlenderProc's 0.1 m cuts sleeves open."""
SEEDS = 2**31
"""cycles.seed is a signed 32-bit number; a larger one raises OverflowError."""


class DeviceMissing(RuntimeError):  # noqa: N818
    """The device that the shot asks for is not on this machine."""


def enter() -> dict[str, ModuleType]:
    """BlenderProc's inner modules. `bproc.init()` cannot work on the 2.8.0 wheel (TypeError: enum "en_US" not found),
    and a plain `import blenderproc` raises; with this variable set the import succeeds and loads nothing."""
    os.environ[DOOR] = "1"
    names = {"initializer": "utility.Initializer", "renderer": "renderer.RendererUtility", "tool": "utility.Utility"}
    return {short: importlib.import_module(BLENDERPROC + name) for short, name in names.items()}


def facts() -> dict[str, str]:
    """What rendered: Blender's version and build."""
    return {"bpy": bpy.app.version_string, "build_hash": bpy.app.build_hash.decode()}


def fresh(proc: dict[str, ModuleType], scratch: Path) -> bpy.types.Scene:
    """A session as after a start, with BlenderProc's world and camera.

    BlenderProc's clean_up() leaves compositor nodes, registered outputs and actions behind, so that the second shot of
    a process differs from the first (empty masks, "duplicate keys"); loading the factory file forgets everything.
    Its temporary folder defaults to shared memory and survives a kill: it is set to our scratch.
    """
    bpy.ops.wm.read_factory_settings(use_empty=True)
    proc["tool"].Utility.temp_dir = str(scratch)
    proc["initializer"].clean_up(clean_up_camera=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    proc["initializer"]._Initializer.set_default_parameters()
    return scene


def choose_device(proc: dict[str, ModuleType], device: str) -> str:
    """The name of the device now in use. BlenderProc falls back to the CPU without an error, hence the check."""
    scene = bpy.context.scene
    proc["renderer"].set_render_devices(use_only_cpu=device == "CPU", desired_gpu_device_type=[device])
    if device == "CPU":
        return "CPU"
    preferences = bpy.context.preferences.addons["cycles"].preferences
    used = [d.name for d in preferences.devices if d.use and d.type == device]
    if scene.cycles.device != "GPU" or preferences.compute_device_type != device or not used:
        raise DeviceMissing(f"quality.device must be on this machine, got {device}; CPU is always there")
    return f"{device}: {', '.join(used)}"


def set_beauty(proc: dict[str, ModuleType], scene: bpy.types.Scene, shot: Shot, threads: int) -> None:
    """Colours: denoised, motion-blurred where the shot says so, into a half-float EXR (11 bits to a stop; a code of
    the master is 1/58 stop).

    BlenderProc's defaults are 1024 samples, adaptive sampling, and no glossy or transmissive bounce (no reflections,
    black glass); its denoiser is a compositor node, which costs a second pass over the picture, so Cycles' own is used.
    """
    renderer, quality = proc["renderer"], shot.quality
    renderer.set_cpu_threads(threads)
    renderer.set_denoiser(None)
    renderer.set_noise_threshold(0)
    renderer.set_max_amount_of_samples(quality.samples)
    renderer.set_light_bounces(quality.bounces, max(2, quality.bounces), 0, max(4, quality.bounces),
                               max(4, quality.bounces), 8, 0)  # fmt: skip
    renderer.set_world_background(list(shot.world_colour))
    _common(scene, shot)
    scene.cycles.use_denoising = quality.denoise
    scene.view_layers[0].cycles.use_denoising = quality.denoise
    scene.cycles.denoiser = "OPENIMAGEDENOISE"
    scene.cycles.denoising_use_gpu = False
    scene.cycles.denoising_prefilter = "FAST"  # at 320x180, 8 samples: 1.54 s and 44.4 dB; ACCURATE 1.94 s, 45.0 dB
    scene.cycles.sample_clamp_indirect = 10.0
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = False
    exposure, readout = float(shot.exposure_s * shot.fps), float(shot.readout_s * shot.fps)
    if shot.blur and readout > 0:
        renderer.enable_motion_blur(exposure + readout, "TOP", exposure / (exposure + readout))
    elif shot.blur:
        renderer.enable_motion_blur(exposure, "NONE", 0.1)
    _into_exr(scene, "OPEN_EXR", "16")


def truth_scene(beauty: bpy.types.Scene, shot: Shot) -> bpy.types.Scene:
    """A second scene with the same objects: sharp, one sample at each pixel's centre, object indices alone.

    Under motion blur the index pass of the beauty is jittered in time per pixel (dithered edges), so ids are rendered
    apart; a shutter as long as the read-out with a rolling duration of 0 sees each row at its own instant. Switching
    passes on one scene between renders crashes (exit 139) with persistent data. A new scene starts with 4096 samples.
    """
    scene = bpy.data.scenes.new("truth")
    for thing in beauty.collection.objects:
        if thing.type != "LIGHT":
            scene.collection.objects.link(thing)
    scene.camera = beauty.camera
    scene.render.engine = "CYCLES"
    scene.render.threads_mode, scene.render.threads = beauty.render.threads_mode, beauty.render.threads
    scene.cycles.device = beauty.cycles.device
    _common(scene, shot)
    scene.cycles.samples = 1
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 0
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", TRUTH_FILTER_PX
    readout = float(shot.readout_s * shot.fps)
    if shot.blur and readout > 0:
        scene.render.use_motion_blur = True
        scene.render.motion_blur_shutter = readout
        scene.cycles.rolling_shutter_type, scene.cycles.rolling_shutter_duration = "TOP", 0.0
    layer = scene.view_layers[0]
    layer.use_pass_object_index = True
    layer.use_pass_combined = layer.use_pass_z = False
    layer.material_override = bpy.data.materials.new("truth")
    _into_exr(scene, "OPEN_EXR_MULTILAYER", "32")
    return scene


def _common(scene: bpy.types.Scene, shot: Shot) -> None:
    scene.render.resolution_x, scene.render.resolution_y = shot.size_px
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.use_motion_blur = False
    scene.render.motion_blur_position = "CENTER"
    scene.render.use_compositing = scene.render.use_sequencer = scene.use_nodes = False
    scene.render.use_simplify = False
    scene.frame_start, scene.frame_end = 0, shot.frames - 1


def _into_exr(scene: bpy.types.Scene, file_format: str, depth: str) -> None:
    settings = scene.render.image_settings
    settings.file_format, settings.color_depth, settings.exr_codec = file_format, depth, "NONE"
    settings.color_mode = "RGB"
    scene.render.use_overwrite = True
    scene.render.use_file_extension = False


def set_lens(shot: Shot) -> None:
    """Blender's polynomial is in millimetres of sensor and gives the angle's negative: k_n = -c_n / width^n.

    Angles beyond fisheye_fov render black, so it is opened fully.
    """
    camera = bpy.context.scene.camera.data
    camera.type, camera.panorama_type = "PANO", "FISHEYE_LENS_POLYNOMIAL"
    camera.sensor_fit, camera.sensor_width = "HORIZONTAL", 36.0
    camera.fisheye_polynomial_k0 = 0.0
    for n, c in enumerate(shot.lens.theta_coefficients, start=1):
        setattr(camera, f"fisheye_polynomial_k{n}", -c / camera.sensor_width**n)
    camera.fisheye_fov = 2 * np.pi
    camera.clip_start, camera.clip_end = NEAREST_M, FARTHEST_M
    camera.dof.use_dof = False


def render(scene: bpy.types.Scene, frame: int, path: Path) -> float:
    """Renders one frame into a file; seconds it took. Setting frame_current and not frame_set() spares one evaluation
    of the whole scene: the renderer makes its own."""
    before = time.monotonic()
    scene.frame_current = frame
    scene.render.filepath = str(path)
    bpy.ops.render.render(scene=scene.name, write_still=True)
    return time.monotonic() - before


def set_seed(scene: bpy.types.Scene, seed: int) -> None:
    """cycles.seed is 0 for every frame by default: a still camera then shows the same noise in all of them."""
    scene.cycles.use_animated_seed = False
    scene.cycles.seed = seed % SEEDS


def exr_reader() -> ModuleType:
    """OpenImageIO as Blender ships it: in the bpy wheel, but not on sys.path."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    folder = Path(bpy.utils.resource_path("LOCAL")) / "python" / "lib" / version / "site-packages"
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    return importlib.import_module("OpenImageIO")


def read(oiio: Any, path: Path, suffixes: tuple[str, ...]) -> NDArray[np.float32]:
    """(H, W, len(suffixes)) float32 of an EXR; channels are found by suffix, for their names carry scene and layer."""
    source = oiio.ImageInput.open(str(path))
    if source is None:
        raise OSError(f"{path.name} must be a readable EXR, got: {oiio.geterror()}")
    with contextlib.closing(source):
        names = list(source.spec().channelnames)
        picture = source.read_image("float")
    columns = [next(i for i, name in enumerate(names) if name.endswith(suffix)) for suffix in suffixes]
    return np.asarray(picture)[..., columns]
