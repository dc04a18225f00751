"""Labels per pixel: depth, normals, object and texture coordinates, classes and parts.

All refer to the ray through the pixel's centre. Camera axes are OpenCV's.
"""

from __future__ import annotations

import numpy as np

from simgen.geometry.raycast import weighted
from simgen.geometry.transforms import invert_rigid
from simgen.labels import IGNORE
from simgen.labels.drawing.colours import (
    colour_classes,
    colour_coordinates,
    colour_depth,
    colour_ids,
    colour_mask,
    colour_normals,
    colour_uv,
)
from simgen.labels.floats import rounded
from simgen.labels.label import Codec, Values, pixel_label
from simgen.labels.rows import rotate_rows, transform_rows
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.scene import ObjectSpec


@pixel_label(
    "distance along the camera's axis, metres",
    "Z",
    presets=("detection", "pose", "flow"),
    values=Values(infinite=True),
    draw=colour_depth,
    unit="m",
    hub=("depth-estimation",),
    on_pages=True,
)
def depth(view: FrameView) -> np.ndarray:
    """`H x W` float32: metres along the optical axis, infinity on the background. Negative behind
    the camera, where only lenses beyond 180 degrees see."""
    distance = view.raw.distance
    seen = np.isfinite(distance)
    planar = np.where(seen, np.where(seen, distance, 0) * view.rays[..., 2], np.inf)
    return rounded(planar.astype(np.float32), view.world.spec.render.depth_bits)


@pixel_label(
    "distance along the pixel's ray, metres",
    "Y",
    values=Values(low=0, infinite=True),
    draw=colour_depth,
    unit="m",
    hub=("depth-estimation",),
)
def ray_distance(view: FrameView) -> np.ndarray:
    """`H x W` float32: metres along the pixel's ray, infinity on the background."""
    return rounded(view.raw.distance.astype(np.float32), view.world.spec.render.depth_bits)


@pixel_label(
    "unit normals of the surface, camera axes",
    "RGB",
    presets=("pose",),
    values=Values(-1, 1, slack=1e-3),
    draw=colour_normals,
    note="red: right, green: up, blue: towards the camera",
    hub=("surface-normals",),
    on_pages=True,
)
def normals(view: FrameView) -> np.ndarray:
    """`H x W x 3` float32: unit normals of the triangles in camera axes, facing the camera; 0 on
    the background."""
    out = np.zeros((3, view.code.size), np.float32)
    rays, to_camera = view.ray_rows, invert_rigid(view.cam_to_world)
    for code in view.things:
        members = view.by_code.members(code)
        turn = to_camera[:3, :3] @ view.world.pose(code, view.frame)[:3, :3]
        of_faces = rotate_rows(turn, view.world.shape(code, view.frame).face_normals.T)
        found = of_faces.take(view.hits_on(code).triangle, axis=1)
        away = (found * rays.take(members, axis=1)).sum(axis=0)
        out[:, members] = np.where(away > 0, -found, found)
    return view.image(out)


@pixel_label(
    "position in the object's own box (NOCS), 0 to 1",
    "RGB",
    presets=("pose",),
    values=Values(0, 1, slack=1e-3),
    draw=colour_coordinates,
    note="x, y, z of the object's own box as red, green, blue",
    hub=("6d-pose",),
    on_pages=True,
)
def object_coordinates(view: FrameView) -> np.ndarray:
    """`H x W x 3` float32: position of a pixel's surface point in its object's own undeformed box,
    0..1 along each of the object's axes (NOCS; Wang et al., CVPR 2019, but normalized along each
    side separately). 0.5 along a side of zero length; 0 on stage and background."""
    out = np.zeros((3, view.code.size), np.float32)
    for code in view.things:
        surface = view.world.surfaces[code - 1]
        if surface.item is None:
            continue
        box = _rest_box(view, code, surface.item)
        size = box[1] - box[0]
        factor = np.where(size > 0, 1 / np.where(size > 0, size, 1), 0)
        shift = np.where(size > 0, -box[0] * factor, 0.5)
        found = _rest_points(view, code, surface.item)
        found = found * factor[:, None] + shift[:, None]
        out[:, view.by_code.members(code)] = np.clip(found, 0, 1)
    return view.image(out)


def _rest_box(view: FrameView, code: int, item: ObjectSpec) -> np.ndarray:
    if item.deformation is None:
        return view.world.shape(code, view.frame).box
    return view.world.surfaces[code - 1].mesh.bounds()


def _rest_points(view: FrameView, code: int, item: ObjectSpec) -> np.ndarray:
    """Return the points on the unscaled, undeformed mesh behind an object's pixels, `3 x n`."""
    if item.deformation is not None:
        found, mesh = view.hits_on(code), view.world.surfaces[code - 1].mesh
        return weighted(found.weights, mesh.vertices[mesh.faces[found.triangle]]).T
    to_object = invert_rigid(view.world.pose(code, view.frame)) @ view.cam_to_world
    points = view.point_rows.take(view.by_code.members(code), axis=1)
    return transform_rows(to_object, points) / item.scale


@pixel_label(
    "texture coordinates", "UV", values=Values(nan=True), draw=colour_uv, note="u red, v green"
)
def uv(view: FrameView) -> np.ndarray:
    """`H x W x 2` float32: the mesh's texture coordinates, v up; NaN on the background."""
    out = np.full((2, view.code.size), np.nan, np.float32)
    for code in view.things:
        found, mesh = view.hits_on(code), view.world.surfaces[code - 1].mesh
        out[:, view.by_code.members(code)] = weighted(found.weights, mesh.uv[found.triangle]).T
    return view.image(out)


@pixel_label(
    "class id of each pixel",
    Codec.IDS,
    presets=("detection",),
    draw=colour_classes,
    hub=("image-segmentation",),
    on_pages=True,
)
def semantic(view: FrameView) -> np.ndarray:
    """`H x W` uint16: class ids; 0 on stage and background, `IGNORE` on ignore regions."""
    return class_table(view.world)[view.code]


def class_table(world: World) -> np.ndarray:
    """Return the value of `semantic` for each code, uint16."""
    items = [surface.item for surface in world.surfaces]
    table = np.array([0, *(item.class_id if item else 0 for item in items)], np.uint16)
    table[list(world.ignored)] = IGNORE
    if world.spec.environment.shows:
        table[0] = IGNORE
    return table


@pixel_label(
    "part of the object that each pixel shows",
    Codec.IDS,
    draw=colour_ids,
    hub=("image-segmentation",),
)
def parts(view: FrameView) -> np.ndarray:
    """`H x W` uint16: the part of the object's mesh, counted from 1 in the order of
    `MeshData.parts`; 0 on stage and background."""
    out = np.zeros(view.code.shape, np.uint16)
    for code in view.things:
        surface = view.world.surfaces[code - 1]
        if surface.item is not None:
            out.reshape(-1)[view.by_code.members(code)] = (
                _of_faces(view, code, surface.mesh.part) + 1
            )
    return out


@pixel_label(
    "pixels of transparent surfaces",
    Codec.MASK,
    draw=colour_mask,
    note="white: transparent",
)
def transparent(view: FrameView) -> np.ndarray:
    """`H x W` bool: whether the surface transmits light, like glass."""
    out = np.zeros(view.code.shape, bool)
    for code in view.things:
        surface = view.world.surfaces[code - 1]
        if surface.see_through.any():
            clear = surface.see_through[surface.mesh.slot]
            out.reshape(-1)[view.by_code.members(code)] = _of_faces(view, code, clear)
    return out


def _of_faces(view: FrameView, code: int, values: np.ndarray) -> np.ndarray:
    """Return the values of a mesh's faces (`F`) at the pixels of a surface; a scalar, without
    casting rays, if all are equal."""
    if (values == values[0]).all():
        return values[0]
    return values[view.hits_on(code).triangle]


@pixel_label(
    "instance id of each pixel",
    Codec.IDS,
    wide_ids=True,
    presets=("detection", "pose", "flow"),
    draw=colour_ids,
    hub=("image-segmentation", "mask-generation"),
    on_pages=True,
)
def instances(view: FrameView) -> np.ndarray:
    """`H x W` instance ids; 0 on stage and background. uint16, or uint32 in scenes with more than
    65,535 objects."""
    return view.instances
