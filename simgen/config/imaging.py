"""The `render` and `sensor` keys."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.config.keys import Drawn, factor, key, names

EFFECTS = (
    *("white_balance", "vignetting", "chromatic_aberration", "blur", "noise", "bayer"),
    *("sharpening", "jpeg"),
)


@dataclass
class RenderConfig:
    width: int = key(640, "Width of the image, pixels.", at_least=4, at_most=16_384)
    height: int = key(480, "Height of the image, pixels.", at_least=4, at_most=16_384)
    samples: int = key(
        16,
        "Maximum number of light paths per pixel of the image. Does not affect labels.",
        at_least=1,
        at_most=1_048_576,
    )
    noise_threshold: float = key(
        0.0,
        "Noise level at which a pixel receives no more paths; 0 traces the same number for all "
        "pixels.",
        at_least=0.0,
        at_most=1.0,
    )
    denoise: bool = key(True, "Denoise the image. Does not affect labels.")
    denoiser: str = key(
        "oidn",
        "Denoiser: oidn (Intel's; on the GPU if rendering uses one) or optix (NVIDIA GPUs only; "
        "faster, less detail).",
        one_of=("oidn", "optix"),
    )
    denoise_quality: str = key(
        "high",
        "Quality of oidn: fast, balanced or high. Higher quality takes longer.",
        one_of=("fast", "balanced", "high"),
    )
    max_bounces: int = key(
        12, "Maximum number of bounces of a light path.", at_least=0, at_most=1024
    )
    diffuse_bounces: int = key(
        4, "Maximum number of diffuse bounces of a light path.", at_least=0, at_most=1024
    )
    glossy_bounces: int = key(
        4, "Maximum number of glossy bounces of a light path.", at_least=0, at_most=1024
    )
    clamp_indirect: float = key(
        4.0,
        "Limit on the brightness of indirect light; 0 means no limit.",
        at_least=0.0,
        at_most=1e6,
    )
    light_tree: bool = key(False, "Sample lamps by their contribution; for scenes with many lamps.")
    depth_bits: int = key(
        18,
        "Mantissa bits stored for depth and ray distance: 18 bits have a relative error of at most "
        "2e-6 in half the file size of 23, the full precision of float32.",
        at_least=10,
        at_most=23,
        before=23,
    )
    device: str = key(
        "auto",
        "Device to render on: auto, cpu, cuda, optix, hip, oneapi or metal. auto uses a GPU if one "
        "is available.",
        one_of=("auto", "cpu", "cuda", "optix", "hip", "oneapi", "metal"),
    )


@dataclass
class SensorConfig:
    """The camera's response, from light to the 8-bit image. Does not affect labels."""

    metering: str = key(
        "scene",
        "How the exposure is set: scene (metered from the image's content) or fixed (by "
        "`exposure_range` alone: at 0, a radiance of 0.18 is middle grey).",
        one_of=("scene", "fixed"),
    )
    exposure_range: Drawn = factor(
        ["normal", 0.0, 0.4, -1.2, 1.2], "Stops brighter than metered.", (-10.0, 10.0)
    )
    dark_adaptation_range: Drawn = factor(
        [0.75, 0.95],
        "Share of a dim scene's missing stops that the metered exposure compensates: with 1, night "
        "is as bright as day.",
        (0.0, 1.0),
        before=0.65,
    )
    effects: list[str] = names(
        EFFECTS,
        "Imperfections of the camera to sample from: white_balance, vignetting, "
        "chromatic_aberration, blur, noise, bayer, sharpening, jpeg. An empty list, as set by "
        "sensor=perfect, is a perfect camera.",
        of=EFFECTS,
        set=True,
        may_be_empty=True,
        before=[],
    )
    effect_count_range: Drawn = factor(
        [2, 8],
        "Number of imperfections in an image; at most as many as `effects` lists.",
        (0, 100),
        whole=True,
    )
    auto_white_balance_range: Drawn = factor(
        0.0,
        "Strength of the automatic white balance: 0 keeps the colour cast of the light, 1 removes "
        "it completely.",
        (0.0, 1.0),
    )
    white_balance_range: Drawn = factor(
        ["normal", 0.0, 0.05, -0.2, 0.2],
        "Error of the white balance; positive values are too warm.",
        (-1.0, 1.0),
    )
    tint_range: Drawn = factor(
        0.0,
        "Error of the white balance from magenta to green; positive values are too green.",
        (-1.0, 1.0),
    )
    vignetting_range: Drawn = factor(
        [0.05, 0.4], "Fraction of the light that the corners lose.", (0.0, 1.0)
    )
    chromatic_aberration_range: Drawn = factor(
        [0.2, 1.0],
        "Offset between red and blue in the corners, pixels of an image 1000 pixels wide.",
        (0.0, 20.0),
    )
    blur_range: Drawn = factor(
        [0.3, 0.7], "Standard deviation of the lens blur, pixels.", (0.0, 50.0)
    )
    iso_range: Drawn = factor(
        ["log_uniform", 100.0, 2000.0],
        "ISO sensitivity: higher values have more shot and read noise. The scale is that of a "
        "camera with large pixels; phones are as noisy at a sixth of the value.",
        (10.0, 1e6),
    )
    sharpening_range: Drawn = factor([0.2, 0.8], "Strength of the unsharp mask.", (0.0, 10.0))
    contrast_range: Drawn = factor(
        [0.85, 1.2], "Slope of the tone curve at middle grey; 1 is neutral.", (0.1, 5.0)
    )
    saturation_range: Drawn = factor(
        [0.85, 1.2], "Saturation of the colours; 1 is neutral.", (0.0, 5.0)
    )
    jpeg_quality_range: Drawn = factor(
        [80, 97],
        "Quality of the JPEG compression that adds artefacts to the image.",
        (1, 100),
        whole=True,
    )
