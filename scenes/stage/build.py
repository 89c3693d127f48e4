"""The set, built: a Shot's solids, figures, lights and camera as Blender objects, exactly as it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np

from scenes.shot import Array, Figure, Light, Shot, Solid, quaternions
from scenes.stage import surface
from scenes.stage.arrays import sheet_m, write_cache

LINEAR = 1
"""Blender's number for linear interpolation of keys."""


def build(shot: Shot, scratch: Path) -> tuple[int, ...]:
    """Builds into the current scene; caches of figures go to `scratch`, which must live as long as the render.

    Returns the track of each pass index, index 0 being the background: an object's index is 15 bits, a track 16.
    """
    surfaces = {m.name: surface.surface(m) for m in shot.materials}
    tracks = [0]
    made = [(solid.track, _solid(solid, shot, surfaces)) for solid in shot.solids]
    for i, figure in enumerate(shot.figures):
        made.append((figure.track, _figure(figure, shot, surfaces, scratch / f"figure{i}.pc2")))
    for track, thing in made:
        if track:
            thing.pass_index = len(tracks)
            tracks.append(track)
    for light in shot.lights:
        _light(light, shot)
    _move(bpy.context.scene.camera, shot.world_from_cam, shot)
    return tuple(tracks)


def _solid(solid: Solid, shot: Shot, surfaces: dict[str, Any]) -> bpy.types.Object:
    mesh = _mesh(solid.name, solid.vertices_m, solid.triangles, smooth=solid.smooth)
    mesh.materials.append(surfaces[solid.material])
    made = _object(solid.name, mesh)
    _move(made, solid.world_from_solid, shot)
    made.cycles.use_deform_motion = False
    return made


def _figure(figure: Figure, shot: Shot, surfaces: dict[str, Any], cache: Path) -> bpy.types.Object:
    mesh = _mesh(figure.name, figure.vertices_m, figure.triangles, smooth=True)
    for name in figure.materials:
        mesh.materials.append(surfaces[name])
    mesh.polygons.foreach_set("material_index", np.asarray(figure.face_material, np.int32))
    if figure.tint is not None:
        tint = mesh.attributes.new(surface.TINT, "FLOAT_VECTOR", "POINT")
        tint.data.foreach_set("vector", np.ascontiguousarray(figure.tint, np.float32).ravel())
    made = _object(figure.name, mesh)
    made.visible_camera = figure.in_camera
    if len(figure.rotations) == 1:
        mesh.vertices.foreach_set("co", figure.posed()[0].ravel())
        return made
    write_cache(cache, figure)
    modifier = made.modifiers.new("posed", "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "PC2", str(cache)
    modifier.interpolation, modifier.deform_mode, modifier.play_mode = "LINEAR", "OVERWRITE", "SCENE"
    modifier.time_mode = "FRAME"
    modifier.frame_scale = float(shot.keys_per_frame)
    modifier.frame_start = -float(shot.keys_per_frame)
    return made


def _light(light: Light, shot: Shot) -> None:
    data = bpy.data.lights.new(light.name, light.kind.upper())
    data.energy, data.color = light.power_w, light.colour
    if light.kind == "area":
        data.shape = "RECTANGLE"
        data.size, data.size_y = light.size_m
    elif light.kind == "point":
        data.shadow_soft_size = light.size_m[0]
    made = _object(light.name, data)
    made.visible_camera = False  # a lamp has no id: what is seen of it is a solid that glows
    _move(made, light.world_from_light, shot)


def _object(name: str, data: Any) -> bpy.types.Object:
    made = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(made)
    return made


def _mesh(name: str, vertices_m: Array, triangles: Array, *, smooth: bool) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(name)
    points, faces = len(vertices_m), len(triangles)
    mesh.vertices.add(points)
    mesh.vertices.foreach_set("co", np.ascontiguousarray(vertices_m, np.float32).ravel())
    mesh.loops.add(3 * faces)
    mesh.loops.foreach_set("vertex_index", np.ascontiguousarray(triangles, np.int32).ravel())
    mesh.polygons.add(faces)
    mesh.polygons.foreach_set("loop_start", np.arange(0, 3 * faces, 3, dtype=np.int32))
    mesh.polygons.foreach_set("use_smooth", np.full(faces, smooth))
    rest = mesh.attributes.new(surface.REST, "FLOAT_VECTOR", "POINT")
    rest.data.foreach_set("vector", np.ascontiguousarray(vertices_m, np.float32).ravel())
    sheet = mesh.attributes.new(surface.SHEET, "FLOAT_VECTOR", "CORNER")
    sheet.data.foreach_set("vector", sheet_m(vertices_m, triangles).ravel())
    mesh.update(calc_edges=True)
    mesh.validate()
    return mesh


def _move(thing: bpy.types.Object, world_from_it: Array, shot: Shot) -> None:
    """Stands it there, or keys location and quaternion, linear. (BlenderProc keys Euler angles with Bezier curves: a
    turn from 178 to 182 degrees spins the long way round.)"""
    quaternion = quaternions(world_from_it[:, :3, :3])
    thing.rotation_mode = "QUATERNION"
    thing.location, thing.rotation_quaternion = world_from_it[0, :3, 3], quaternion[0]
    if len(world_from_it) == 1 or not (world_from_it != world_from_it[0]).any():
        thing.cycles.use_motion_blur = False
        return
    action = bpy.data.actions.new(thing.name)
    thing.animation_data_create().action = action
    for path, values in (("location", world_from_it[:, :3, 3]), ("rotation_quaternion", quaternion)):
        for index, column in enumerate(values.T):
            curve = action.fcurve_ensure_for_datablock(thing, path, index=index)
            curve.keyframe_points.add(len(column))
            keys = np.stack([shot.key_frames(), column], axis=1).astype(np.float32)
            curve.keyframe_points.foreach_set("co", keys.ravel())
            curve.keyframe_points.foreach_set("interpolation", np.full(len(column), LINEAR, np.int32))
            curve.update()
