"""Lenses and poses of Blender's cameras, and the interpretation of their depth pass.

Pinhole and orthographic cameras are built into Blender. The other models use a custom camera,
`lens.osl`, whose rays trace both image and labels.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
from functools import cache, lru_cache
from pathlib import Path

import _cycles  # type: ignore[import-not-found]  # inside Blender
import bpy
import numpy as np

from simgen.errors import InputError
from simgen.geometry.lens import STRAIGHT, Lens, lens_of, pixel_ray_rows
from simgen.geometry.lens_models import brown_conrady_limit, fisheye_limit
from simgen.spec.scene import LensSpec

CLIP = (1e-3, 1e4)
"""Clip distances, metres. Cycles traces rays, so a wide range costs no precision."""

_FAR = 9e9
"""Depth above which Blender's value means that a ray hit nothing."""

_ASIDE = 0.00053
"""Offset in pixels, to the right and upwards, of Cycles' first ray from the pixel's centre: the
middle entry of its pixel filter table is slightly off-centre. All lenses are shifted to
compensate, so that the labels' rays pass through the centre."""

_SHADER = Path(__file__).with_name("lens.osl")
_NUMBERS = {"brown_conrady": 1, "kannala_brandt": 2, "equirectangular": 3}
"""Numbers of the models in `lens.osl`."""
_NAMES = {
    "brown_conrady": ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
    "kannala_brandt": ("k1", "k2", "k3", "k4"),
    "equirectangular": (),
}
"""Parameter names of the coefficients in `lens.osl`, in OpenCV's order."""


def set_lens(scene: bpy.types.Scene, camera: bpy.types.Camera, spec: LensSpec) -> None:
    """Set the lens of a scene's camera. The scene's resolution must already be set.

    The pixel aspect is a setting of the scene, shared by all its cameras.
    """
    render = scene.render
    lens = lens_of(spec, render.resolution_x, render.resolution_y)
    camera.clip_start, camera.clip_end = CLIP
    if lens.model in STRAIGHT:
        _set_own(render, camera, spec)
    else:
        render.pixel_aspect_x = render.pixel_aspect_y = 1.0
        _set_custom(camera, spec, lens)


def blender_axes(cam_to_world: np.ndarray) -> np.ndarray:
    """Convert a camera pose, `4 x 4`, from OpenCV's axes to Blender's, which look along -z with y
    up."""
    return np.asarray(cam_to_world, float) @ np.diag([1.0, -1.0, -1.0, 1.0])


def distance_from_depth(depth: np.ndarray, spec: LensSpec) -> np.ndarray:
    """Convert Blender's depth pass to distance along the rays, `H x W` float64, metres.

    The pass is planar depth for Blender's own cameras, and already the distance for custom ones.
    Infinity where a ray hit nothing, and for pixels without a ray.
    """
    height, width = depth.shape
    factor = _distance_over_depth(spec, width, height)
    distance = depth * factor
    distance[(depth >= _FAR) | np.isnan(factor)] = np.inf
    return distance


@lru_cache(maxsize=1)
def _distance_over_depth(spec: LensSpec, width: int, height: int) -> np.ndarray:
    """Return the ratio of distance to planar depth, `H x W`; NaN for pixels without a ray."""
    lens = lens_of(spec, width, height)
    forward = pixel_ray_rows(lens)[2].reshape(height, width)
    return 1.0 / forward if lens.model in STRAIGHT else np.where(np.isnan(forward), np.nan, 1.0)


def _set_own(render: bpy.types.RenderSettings, camera: bpy.types.Camera, spec: LensSpec) -> None:
    width, height = render.resolution_x, render.resolution_y
    # Blender requires both numbers to be at least 1; only their ratio matters.
    render.pixel_aspect_x = max(1.0, spec.pixel_aspect)
    render.pixel_aspect_y = max(1.0, 1.0 / spec.pixel_aspect)
    # Blender's minimum lens and sensor is 1 mm; the image depends only on their ratio.
    enlarged = max(1.0, 1.0 / spec.focal_length_mm, 1.0 / spec.sensor_width_mm)
    camera.type = "ORTHO" if spec.model == "orthographic" else "PERSP"
    camera.sensor_fit = "HORIZONTAL"
    camera.sensor_width = spec.sensor_width_mm * enlarged
    camera.lens = spec.focal_length_mm * enlarged
    if spec.view_width:
        camera.ortho_scale = spec.view_width
    # Shifts are in image widths along both axes, and move the view rather than the image.
    x, y = spec.principal_point[0] + _ASIDE / width, spec.principal_point[1] - _ASIDE / height
    camera.shift_x = 0.5 - x
    camera.shift_y = (y - 0.5) * height / (width * spec.pixel_aspect)
    camera.dof.use_dof = spec.f_stop > 0
    if spec.f_stop > 0:
        camera.dof.aperture_fstop = _blender_f_stop(spec, enlarged)
        camera.dof.focus_distance = spec.focus_distance
        camera.dof.aperture_blades = 0
        camera.dof.aperture_ratio = 1.0


def _blender_f_stop(spec: LensSpec, enlarged: float) -> float:
    """Return the f-number that gives Blender's camera the light cone of a lens.

    An orthographic camera is a telecentric lens: an f-number N on the sensor's side means a cone of
    tangent m / 2 N on the scene's side, where m is the magnification. Blender uses an aperture of
    radius 1 / 2 N metres for it, regardless of the focal length.
    """
    if spec.model != "orthographic":
        return spec.f_stop * enlarged
    magnification = spec.sensor_width_mm / 1000 / spec.view_width
    return spec.f_stop / (magnification * spec.focus_distance)


def _set_custom(camera: bpy.types.Camera, spec: LensSpec, lens: Lens) -> None:
    camera.type = "CUSTOM"
    camera.shift_x = camera.shift_y = 0.0  # a shift would move the shader's raster
    camera.dof.use_dof = False  # the shader implements its own
    values = _custom_values(spec, lens)
    for name, value in values.items():
        camera.cycles_custom[name] = value
    bytecode = _compiled()
    camera.custom_bytecode = bytecode
    camera.custom_bytecode_hash = hashlib.md5(bytecode.encode(), usedforsecurity=False).hexdigest()
    camera.update_tag()


def _custom_values(spec: LensSpec, lens: Lens) -> dict[str, float | int]:
    limit = {"brown_conrady": brown_conrady_limit, "kannala_brandt": fisheye_limit}
    aperture = 0.0
    if spec.f_stop > 0:
        aperture = spec.focal_length_mm / 1000 / spec.f_stop / 2
    return {
        "model": _NUMBERS[lens.model],
        "x_scale": lens.width / lens.fx,
        "y_scale": lens.height / lens.fy,
        "x_middle": (lens.cx + _ASIDE) / lens.width,
        "y_middle": (lens.cy - _ASIDE) / lens.height,
        "limit": limit[lens.model](lens.coefficients) if lens.model in limit else math.inf,
        "aperture": aperture,
        "focus": spec.focus_distance if aperture else 1.0,
        **dict(zip(_NAMES[lens.model], lens.coefficients, strict=True)),
    }


@cache
def _compiled() -> str:
    """Return `lens.osl` compiled for Cycles. Compiled once per process, by Cycles' compiler.

    Given a camera's source, Blender does the same, but then reads the shader's parameters with a
    Python module that its wheel does not expose.
    """
    with tempfile.TemporaryDirectory(prefix="simgen_lens_") as folder:
        target = Path(folder, "lens.oso")
        if not _cycles.osl_compile(str(_SHADER), str(target)):
            raise InputError(f"{_SHADER}: Blender cannot compile it; see the messages above")
        return target.read_text()
