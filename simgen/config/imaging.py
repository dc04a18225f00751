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
        "Paths per pixel of the image, at most. Labels do not depend on it.",
        at_least=1,
        at_most=1_048_576,
    )
    noise_threshold: float = key(
        0.0,
        "Noise level at which a pixel gets no more paths; 0 gives all pixels the same number.",
        at_least=0.0,
        at_most=1.0,
    )
    denoise: bool = key(True, "Denoise the image. Labels do not depend on it.")
    denoiser: str = key(
        "oidn",
        "Denoiser: oidn (Intel's, on the GPU if one renders) or optix (NVIDIA GPUs only; faster, "
        "less detail).",
        one_of=("oidn", "optix"),
    )
    denoise_quality: str = key(
        "high",
        "Quality of oidn: fast, balanced or high. Better ones take longer.",
        one_of=("fast", "balanced", "high"),
    )
    max_bounces: int = key(12, "Most bounces of a light path.", at_least=0, at_most=1024)
    diffuse_bounces: int = key(4, "Most diffuse bounces of a light path.", at_least=0, at_most=1024)
    glossy_bounces: int = key(4, "Most glossy bounces of a light path.", at_least=0, at_most=1024)
    clamp_indirect: float = key(
        4.0, "Limit on the brightness of indirect light; 0 for none.", at_least=0.0, at_most=1e6
    )
    light_tree: bool = key(False, "Sample lamps by how much they matter: for scenes with many.")
    depth_bits: int = key(
        18,
        "Bits of the mantissa of depth and ray distance: 18 have a relative error of 2e-6 at most, "
        "in half of the file size of 23, all that float32 has.",
        at_least=10,
        at_most=23,
        before=23,
    )
    device: str = key(
        "auto",
        "auto, cpu, cuda, optix, hip, oneapi or metal. auto uses a GPU if there is one.",
        one_of=("auto", "cpu", "cuda", "optix", "hip", "oneapi", "metal"),
    )


@dataclass
class SensorConfig:
    """The camera's response, from light to the 8-bit image. Labels do not depend on it."""

    metering: str = key(
        "scene",
        "scene (exposed for what is in the image) or fixed (`exposure_range` alone: at 0, a "
        "radiance of 0.18 is middle grey).",
        one_of=("scene", "fixed"),
    )
    exposure_range: Drawn = factor(
        ["normal", 0.0, 0.4, -1.2, 1.2], "Stops brighter than metered.", (-10.0, 10.0)
    )
    effects: list[str] = names(
        EFFECTS,
        "Imperfections of the camera to draw from: white_balance, vignetting, "
        "chromatic_aberration, blur, noise, bayer, sharpening, jpeg. An empty list, as with "
        "sensor=perfect, is a perfect camera.",
        of=EFFECTS,
        set=True,
        may_be_empty=True,
        before=[],
    )
    effect_count_range: Drawn = factor(
        [2, 8],
        "How many of them an image has, at most as many as are listed.",
        (0, 100),
        whole=True,
    )
    auto_white_balance_range: Drawn = factor(
        0.0,
        "Strength of the automatic white balance: 0 leaves the colour cast of the light, 1 removes "
        "all of it.",
        (0.0, 1.0),
    )
    white_balance_range: Drawn = factor(
        ["normal", 0.0, 0.05, -0.2, 0.2],
        "Error of the white balance; above 0 is too warm.",
        (-1.0, 1.0),
    )
    tint_range: Drawn = factor(
        0.0, "Likewise from magenta to green; above 0 is too green.", (-1.0, 1.0)
    )
    vignetting_range: Drawn = factor(
        [0.05, 0.4], "Share of the light that the corners lose.", (0.0, 1.0)
    )
    chromatic_aberration_range: Drawn = factor(
        [0.2, 1.0],
        "Pixels between red and blue in the corners of an image 1000 pixels wide.",
        (0.0, 20.0),
    )
    blur_range: Drawn = factor(
        [0.3, 0.7], "Standard deviation of the lens blur, pixels.", (0.0, 50.0)
    )
    iso_range: Drawn = factor(
        ["log_uniform", 100.0, 2000.0],
        "Sensitivity: the higher, the more shot and read noise. It is that of a camera with large "
        "pixels; phones are as noisy at a sixth of it.",
        (10.0, 1e6),
    )
    sharpening_range: Drawn = factor([0.2, 0.8], "Strength of the unsharp mask.", (0.0, 10.0))
    contrast_range: Drawn = factor(
        [0.85, 1.2], "Slope of the tone curve at middle grey; 1 changes nothing.", (0.1, 5.0)
    )
    saturation_range: Drawn = factor(
        [0.85, 1.2], "Saturation of the colours; 1 changes nothing.", (0.0, 5.0)
    )
    jpeg_quality_range: Drawn = factor(
        [80, 97],
        "Quality of the JPEG compression whose artefacts the image has.",
        (1, 100),
        whole=True,
    )
