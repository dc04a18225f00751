"""Renders a scene and reads what came of it: the image and the passes.

Cycles sends the first sample of every pixel through the pixel's centre, and its Depth and Object
Index passes keep that sample whatever the sample count (`docs/decisions.md`). So the labels come
from the rays of the image itself, unfiltered, and cost no second render, as long as lens and
shutter do not scatter those rays.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import cv2
import numpy as np
import OpenEXR

from simgen.blender.materials import LEAST_ALPHA
from simgen.spec import RenderSpec

_LAYER = "layer"
_MOST_TRANSPARENT = 8
"""Transparent surfaces behind each other that a ray goes through."""
LABEL_PASSES = {"depth": "Depth.Z", "index": "Object Index.X"}
"""Channels of the passes that labels are made from."""


def set_up_render(
    scene: bpy.types.Scene, spec: RenderSpec, *, image: bool, threads: int, device: str
) -> None:
    """Cycles settings of a spec.

    image: whether the picture is wanted; without it one sample a pixel, which goes no further than
    the first surface, is enough for the labels.
    threads: 0 for as many as there are cores. device: "CPU" or "GPU".
    """
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = spec.width, spec.height
    scene.render.resolution_percentage = 100
    scene.render.use_persistent_data = True
    scene.render.use_compositing = False
    scene.render.use_sequencer = False
    scene.render.use_motion_blur = False
    scene.render.threads_mode = "FIXED" if threads else "AUTO"
    if threads:
        scene.render.threads = threads
    scene.cycles.device = device
    if image:
        _sample_image(scene.cycles, spec)
    else:
        _sample_labels(scene.cycles)
    scene.view_settings.view_transform = "AgX"
    scene.view_settings.look = "AgX - Medium High Contrast"
    scene.view_settings.exposure = spec.exposure
    layer = scene.view_layers[0]
    layer.name = _LAYER
    # Cut-out texels have no alpha and are holes; everything else is a surface, glass too.
    layer.pass_alpha_threshold = LEAST_ALPHA / 2
    layer.use_pass_z = layer.use_pass_object_index = True


def _sample_image(cycles: bpy.types.CyclesRenderSettings, spec: RenderSpec) -> None:
    cycles.seed = spec.seed
    cycles.samples = spec.samples
    cycles.use_adaptive_sampling = False
    cycles.max_bounces = spec.max_bounces
    cycles.diffuse_bounces = min(spec.max_bounces, 3)
    cycles.glossy_bounces = min(spec.max_bounces, 3)
    cycles.transmission_bounces = spec.max_bounces
    cycles.transparent_max_bounces = _MOST_TRANSPARENT
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.sample_clamp_indirect = 4.0
    cycles.blur_glossy = 1.0
    # With a few lamps the light tree costs a tenth more and shows no less noise.
    cycles.use_light_tree = False
    cycles.use_denoising = spec.denoise
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_prefilter = "FAST"


def _sample_labels(cycles: bpy.types.CyclesRenderSettings) -> None:
    cycles.samples = 1
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces = 0
    cycles.transparent_max_bounces = _MOST_TRANSPARENT  # holes are looked through
    cycles.use_light_tree = False


def render(scene: bpy.types.Scene) -> None:
    """Render a scene as it stands. `read_image` and `read_passes` give its result, until the next
    render."""
    bpy.ops.render.render(scene=scene.name)


def read_image(scene: bpy.types.Scene, scratch: Path) -> np.ndarray:
    """The image that was rendered: `H x W x 3` uint8, after the view transform.

    Blender applies that only when it saves, so the way leads through a file.
    BMP: it is written and read ten times faster than a PNG.
    scratch: a folder for Blender's temporary files. Raises `OSError` when it cannot be written.
    """
    path = scratch / "image.bmp"
    settings = scene.render.image_settings
    settings.media_type = "IMAGE"
    settings.file_format = "BMP"
    settings.color_mode = "RGB"
    _save(scene, path)
    bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    path.unlink()
    if bgr is None or bgr.shape[:2] != (scene.render.resolution_y, scene.render.resolution_x):
        raise OSError(f"{path}: Blender's image is not whole; is the disk full?")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def read_passes(
    scene: bpy.types.Scene, scratch: Path, wanted: dict[str, str]
) -> dict[str, np.ndarray]:
    """Channels that were rendered.

    wanted: name in the result to pass and channel, as in `{"depth": "Depth.Z"}`.
    scratch: a folder for Blender's temporary files. Raises `OSError` when it cannot be written.
    Returns `H x W` float32 arrays, row 0 on top.
    """
    path = scratch / "passes.exr"
    settings = scene.render.image_settings
    # The media type decides which formats there are, so it goes first.
    settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    settings.exr_codec = "NONE"
    _save(scene, path)
    passes = read_exr(path, wanted)
    path.unlink()
    return passes


def _save(scene: bpy.types.Scene, path: Path) -> None:
    result = bpy.data.images["Render Result"]
    try:
        result.save_render(str(path), scene=scene)
    except RuntimeError as error:
        raise OSError(f"{path}: Blender could not write its result: {error}") from error
    if not path.is_file():
        raise OSError(f"{path}: Blender could not write its result; is the disk full?")


def read_exr(path: Path, wanted: dict[str, str]) -> dict[str, np.ndarray]:
    """Channels out of Blender's multi-part EXR.

    wanted: name in the result to pass and channel, as in `{"depth": "Depth.Z"}`.
    Returns `H x W` float32 arrays, row 0 on top.
    """
    channels: dict[str, np.ndarray] = {}
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            for part in file.parts:
                for name, channel in part.channels.items():
                    channels[name] = channel.pixels
    except Exception as error:
        raise OSError(f"{path}: Blender's passes cannot be read: {error}") from error
    names = {name: f"{_LAYER}.{key}" for name, key in wanted.items()}
    missing = sorted(set(names.values()) - channels.keys())
    if missing:  # a full disk ends the file early, between two passes
        raise OSError(f"{path}: Blender's passes are not whole: {missing[0]} is missing")
    return {name: channels[channel].copy() for name, channel in names.items()}
