"""Lenses and poses of Blender's cameras, and what their depth pass means.

Pinholes and orthographic cameras are Blender's own. The other models are one custom camera,
`lens.osl`, which traces them natively: image and labels share its rays.
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
from simgen.geometry.lens import STRAIGHT, Lens, lens_of
from simgen.geometry.lens_models import brown_conrady_limit, fisheye_limit
from simgen.spec.scene import LensSpec

CLIP = (1e-3, 1e4)
"""Metres. Cycles traces rays, so a wide range costs no precision."""

_FAR = 9e9
"""Depth from which on it is Blender's way of saying that a ray met nothing."""

_ASIDE = 0.00053
"""Pixels by which the ray that makes the labels passes the pixel's centre to the right and above:
the middle of Cycles' table of the pixel filter is not quite its middle. All lenses are moved by as
much, so that it meets the centre."""

_SHADER = Path(__file__).with_name("lens.osl")
_NUMBERS = {"brown_conrady": 1, "kannala_brandt": 2, "equirectangular": 3}
"""Of the models in `lens.osl`."""
_NAMES = {
    "brown_conrady": ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6"),
    "kannala_brandt": ("k1", "k2", "k3", "k4"),
    "equirectangular": (),
}
"""Of its coefficients, in OpenCV's order."""


def set_lens(scene: bpy.types.Scene, camera: bpy.types.Camera, spec: LensSpec) -> None:
    """Give a camera of a scene a lens. The scene's resolution has to be set.

    Pixels that are not square are a setting of the scene, which all of its cameras share.
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
    """The pose, `4 x 4`, of a camera in Blender's axes, which look along -z with y up, from that
    in OpenCV's."""
    return np.asarray(cam_to_world, float) @ np.diag([1.0, -1.0, -1.0, 1.0])


def distance_from_depth(depth: np.ndarray, spec: LensSpec) -> np.ndarray:
    """Distance along the rays, `H x W` float64, metres, from Blender's depth pass.

    The pass is planar for Blender's own cameras and already the distance for custom ones. Infinity
    where a ray met nothing, or where the lens sends no ray.
    """
    height, width = depth.shape
    factor = _distance_over_depth(spec, width, height)
    distance = depth.astype(np.float64) * factor
    distance[(depth >= _FAR) | np.isnan(factor)] = np.inf
    return distance


@lru_cache(maxsize=4)
def _distance_over_depth(spec: LensSpec, width: int, height: int) -> np.ndarray:
    """`H x W`; NaN where there is no ray."""
    lens = lens_of(spec, width, height)
    forward = lens.pixel_rays()[..., 2]
    return 1.0 / forward if lens.model in STRAIGHT else np.where(np.isnan(forward), np.nan, 1.0)


def _set_own(render: bpy.types.RenderSettings, camera: bpy.types.Camera, spec: LensSpec) -> None:
    width, height = render.resolution_x, render.resolution_y
    # Both numbers have to be at least 1 in Blender; only their ratio means anything.
    render.pixel_aspect_x = max(1.0, spec.pixel_aspect)
    render.pixel_aspect_y = max(1.0, 1.0 / spec.pixel_aspect)
    # Blender takes no lens or sensor below a millimetre; the image depends on their ratio alone.
    enlarged = max(1.0, 1.0 / spec.focal_length_mm, 1.0 / spec.sensor_width_mm)
    camera.type = "ORTHO" if spec.model == "orthographic" else "PERSP"
    camera.sensor_fit = "HORIZONTAL"
    camera.sensor_width = spec.sensor_width_mm * enlarged
    camera.lens = spec.focal_length_mm * enlarged
    if spec.view_width:
        camera.ortho_scale = spec.view_width
    # Shifts are in image widths along both axes, and move the view, not the image.
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
    """What gives Blender's camera the cone of light that a lens has.

    Of an orthographic camera that is a telecentric lens: an f-number N on the side of the sensor
    means a cone of tangent m / 2 N on the side of the things, where m is the magnification. Blender
    has an aperture of radius 1 / 2 N metres for it, whatever the focal length.
    """
    if spec.model != "orthographic":
        return spec.f_stop * enlarged
    magnification = spec.sensor_width_mm / 1000 / spec.view_width
    return spec.f_stop / (magnification * spec.focus_distance)


def _set_custom(camera: bpy.types.Camera, spec: LensSpec, lens: Lens) -> None:
    camera.type = "CUSTOM"
    camera.shift_x = camera.shift_y = 0.0  # would move the raster on which the shader works
    camera.dof.use_dof = False  # the shader has its own
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
    """`lens.osl` as Cycles runs it. Compiled once a process, by the compiler inside Cycles.

    Blender does the same when a camera is given its source, but looks for the shader's parameters
    with a Python module that its own wheel hides.
    """
    with tempfile.TemporaryDirectory(prefix="simgen_lens_") as folder:
        target = Path(folder, "lens.oso")
        if not _cycles.osl_compile(str(_SHADER), str(target)):
            raise InputError(f"{_SHADER}: Blender cannot compile it; see the messages above")
        return target.read_text()
