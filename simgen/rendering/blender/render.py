"""Rendering of a scene, and reading of the resulting image and passes, all linear.

Cycles traces the first sample of every pixel through the pixel's centre, and its Depth and Object
Index passes store that sample regardless of the sample count (`docs/decisions.md`). The labels
therefore come from the rays of the image itself, unfiltered and without a second render, unless
lens or shutter scatter those rays.
"""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import OpenEXR

from simgen.rendering.blender.materials import LEAST_ALPHA
from simgen.spec.scene import RenderSpec

_LAYER = "layer"
_TRACED = "traced"
_MOST_TRANSPARENT = 8
"""Maximum number of consecutive transparent surfaces that a ray passes."""
LABEL_PASSES = {"depth": "Depth.Z", "index": "Object Index.X"}
"""Channels of the passes from which labels are computed."""
IMAGE_PASS = {f"radiance.{axis}": f"Combined.{axis}" for axis in "RGB"}
"""Channels of the image: linear light, after denoising."""


def set_up_render(
    scene: bpy.types.Scene, spec: RenderSpec, *, image: bool, threads: int, device: str
) -> None:
    """Apply the Cycles settings of a spec.

    image: whether to render the image; if not, one sample per pixel without bounces suffices for
    the labels. threads: 0 for all cores. device: "CPU" or "GPU".
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
        _set_up_denoiser(scene.cycles, spec, on_gpu=device == "GPU")
    else:
        _sample_labels(scene.cycles)
    layer = scene.view_layers[0]
    layer.name = _LAYER
    # Cut-out texels have zero alpha and are holes; everything else, including glass, is a surface.
    layer.pass_alpha_threshold = LEAST_ALPHA / 2
    layer.use_pass_z = layer.use_pass_object_index = True


def _sample_image(cycles: bpy.types.CyclesRenderSettings, spec: RenderSpec) -> None:
    cycles.seed = spec.seed
    cycles.samples = spec.samples
    # The threshold refers to noise before denoising, which hardly predicts the noise after it.
    cycles.use_adaptive_sampling = spec.noise_threshold > 0
    cycles.adaptive_threshold = spec.noise_threshold
    cycles.max_bounces = cycles.transmission_bounces = spec.max_bounces
    cycles.diffuse_bounces = spec.diffuse_bounces
    cycles.glossy_bounces = spec.glossy_bounces
    cycles.transparent_max_bounces = _MOST_TRANSPARENT
    # Without caustics, glass casts black shadows and mirrors reflect no light onto surfaces.
    cycles.caustics_reflective = cycles.caustics_refractive = True
    cycles.sample_clamp_indirect = spec.clamp_indirect
    cycles.blur_glossy = 1.0
    cycles.use_light_tree = spec.light_tree


def _set_up_denoiser(
    cycles: bpy.types.CyclesRenderSettings, spec: RenderSpec, *, on_gpu: bool
) -> None:
    cycles.use_denoising = spec.denoise
    # Cycles offers OptiX only if it finds an NVIDIA GPU.
    cycles.denoiser = "OPTIX" if spec.denoise and spec.denoiser == "optix" else "OPENIMAGEDENOISE"
    # Denoising takes seconds on the CPU, but a fraction of the rendering time on a GPU.
    cycles.denoising_use_gpu = on_gpu and bool(spec.denoiser)
    cycles.denoising_quality = spec.denoise_quality.upper()
    # Prefiltered guides give cleaner edges and textures: almost 1 dB for a tenth more time.
    cycles.denoising_prefilter = "ACCURATE"


def _sample_labels(cycles: bpy.types.CyclesRenderSettings) -> None:
    cycles.samples = 1
    cycles.use_adaptive_sampling = False
    cycles.use_denoising = False
    cycles.max_bounces = 0
    cycles.transparent_max_bounces = _MOST_TRANSPARENT  # rays pass through holes
    cycles.use_light_tree = False


def render(scene: bpy.types.Scene) -> None:
    """Render a scene as it is. `read_passes` returns the result, until the next render.

    Raises `RuntimeError` if Cycles stopped, as when a GPU is lost or out of memory. The process can
    then no longer render.
    """
    try:
        outcome = bpy.ops.render.render(scene=scene.name)
    except RuntimeError as error:
        lines = dict.fromkeys(line.removeprefix("Error: ") for line in str(error).splitlines())
        raise RuntimeError(f"Cycles stopped: {'; '.join(filter(None, lines))}") from error
    if outcome != {"FINISHED"}:
        raise RuntimeError("Cycles cancelled the render")


def read_passes(
    scene: bpy.types.Scene, scratch: Path, wanted: dict[str, str]
) -> dict[str, np.ndarray]:
    """Return channels of the last render.

    wanted: name in the result -> pass and channel, as in `{"depth": "Depth.Z"}`.
    scratch: a folder for Blender's temporary files. Raises `OSError` if it cannot be written, and
    `RuntimeError` if the result is empty: Cycles reports an error only once, and then leaves the
    passes empty.
    Returns `H x W` float32 arrays, row 0 on top.
    """
    path = scratch / "passes.exr"
    settings = scene.render.image_settings
    # The media type determines the available formats, so set it first.
    settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    settings.color_depth = "32"
    settings.exr_codec = "NONE"
    settings.use_exr_interleave = True  # one part in the file takes half the time of one per pass
    _save(scene, path)
    passes = read_exr(path, {**wanted, _TRACED: "Depth.Z"})
    path.unlink()
    # A ray that hits nothing has a huge depth, so if all are zero, no ray was traced.
    if not passes.pop(_TRACED).any():
        raise RuntimeError("Cycles rendered nothing: the image is empty")
    return passes


def _save(scene: bpy.types.Scene, path: Path) -> None:
    result = bpy.data.images["Render Result"]
    try:
        result.save_render(str(path), scene=scene)
    except RuntimeError as error:
        raise OSError(f"{path}: Blender cannot write its result: {error}") from error
    if not path.is_file():
        raise OSError(f"{path}: Blender cannot write its result; is the disk full?")


def read_exr(path: Path, wanted: dict[str, str]) -> dict[str, np.ndarray]:
    """Read channels of Blender's EXR of several passes.

    wanted: name in the result -> pass and channel, as in `{"depth": "Depth.Z"}`.
    Returns `H x W` float32 arrays, row 0 on top.
    """
    channels: dict[str, np.ndarray] = {}
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            for part in file.parts:
                for name, channel in part.channels.items():
                    channels[name] = channel.pixels
    except Exception as error:
        raise OSError(f"{path}: cannot read Blender's passes: {error}") from error
    names = {name: f"{_LAYER}.{key}" for name, key in wanted.items()}
    missing = sorted(set(names.values()) - channels.keys())
    if missing:  # a full disk truncates the file between two passes
        raise OSError(f"{path}: Blender's passes are incomplete: {missing[0]} is missing")
    return {name: channels[channel].copy() for name, channel in names.items()}
