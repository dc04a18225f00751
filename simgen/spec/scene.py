"""SceneSpec: everything that was decided about one scene, as plain frozen data.

A spec says what to build and render, and nothing about how. It is drawn by the randomizers,
resolved by the physics, stored beside the labels and sufficient to make the scene again.
Units are metres, radians and linear (scene-referred) Rec.709 colour; the world is right-handed
with z up. Camera poses are camera-to-world in the OpenCV convention (x right, y down, z forward).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""Unit quaternion, (w, x, y, z)."""
Matrix4 = tuple[tuple[float, float, float, float], ...]
"""Four rows of a 4x4 matrix."""

FORMAT_VERSION = 4
STAGE_SOURCE = "stage"
"""`AssetRef.source` of what a stage has put up."""


@dataclass(frozen=True)
class MaterialSpec:
    """A procedural surface. `kind` names a recipe in `assets/materials`."""

    kind: str
    color_a: Vector
    """Main colour, linear Rec.709."""
    color_b: Vector
    """Second colour (grain, veins, print), linear Rec.709."""
    roughness: float
    """Microfacet roughness, 0..1."""
    metallic: float = 0.0
    transmission: float = 0.0
    """0 opaque, 1 glass."""
    scale: float = 0.05
    """Size of one feature of the pattern, in metres."""
    bump: float = 0.0
    """Height of the relief, in metres."""
    coat: float = 0.0
    """Weight of a clear coat, 0..1."""
    offset: Vector = (0.0, 0.0, 0.0)
    """Where the pattern is cut out of its infinite texture, in metres."""
    emission: float = 0.0
    """Radiance of what is lit (a display), in multiples of `color_a`."""
    texture: str = ""
    """An image of the user's texture folder, relative to it, for kind `image`."""
    texture_sha256: str = ""
    """Over its bytes."""
    motif: str = ""
    """Which of the kind's patterns it shows, where a kind has several (`dots`, `stripes`)."""


@dataclass(frozen=True)
class AssetRef:
    """Names a mesh so that it can be made again.

    `parametric`: `params` are the arguments of the class's builder.
    `stage`: `id` is the stage's name and its part's; the mesh is that part of `SceneSpec.stage`.
    `file`: `file` is relative to the asset folder, `sha256` is over its bytes and those of the
    files it uses, `unit` is the number of metres in one unit of the file and `up` is the file's up
    axis (`y` or `z`). `turn` is a rotation of the file's own axes before that, nine numbers row by
    row, or nothing. `size` is what the mesh's box is stretched to, metres, z up, or nothing.
    """

    source: str
    id: str
    params: dict[str, float] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""
    unit: float = 1.0
    up: str = "z"
    turn: tuple[float, ...] = ()
    size: tuple[float, ...] = ()


@dataclass(frozen=True)
class PoseSpec:
    """Where an object is at one moment: origin in the world, metres, and object to world."""

    position: Vector
    rotation: Quaternion


@dataclass(frozen=True)
class DeformationSpec:
    """How an object changes its shape over time; `simgen.geometry.motion.deformed` is the
    formula."""

    kind: str
    """`twist`, `bend` or `squash`."""
    amplitude: float
    """Of the oscillation: radians of twist or bend from foot to top, or relative squash."""
    frequency: float
    """Oscillations a second."""
    phase: float
    """Of the oscillation at frame 0, radians."""


@dataclass(frozen=True)
class ObjectSpec:
    """One labelled instance."""

    instance_id: int
    """1..N in the scene, the same in all its frames."""
    class_name: str
    class_id: int
    asset: AssetRef
    scale: float
    """Uniform scale applied to the asset's metric mesh."""
    position: Vector
    """Origin of the object frame in the world, metres."""
    rotation: Quaternion
    """Object to world."""
    materials: dict[str, MaterialSpec]
    """Slot name to surface. A slot that is not named keeps the asset's own material."""
    trajectory: tuple[PoseSpec, ...] = ()
    """Its pose in every frame, for objects that move; `position` and `rotation` are the first."""
    deformation: DeformationSpec | None = None


@dataclass(frozen=True)
class StageSpec:
    """What stands around the objects. `params` are the arguments of `scenes/<name>.py`."""

    name: str
    params: dict[str, float]
    materials: dict[str, MaterialSpec]
    file_sha256: str = ""
    """Of the .blend file that the stage was read from, for stages that are one."""
    whole: bool = False
    """Whether furnishings are whole things (a table with its legs, a house with its windows, books
    apart from their bookcase), as their labels need. Not where none is labelled, as in scenes that
    are older than such labels: `StagePart.apart` keeps those as they were, to the byte."""


@dataclass(frozen=True)
class SkySpec:
    """A physical sky: Nishita's model with multiple scattering, as Cycles has it."""

    sun_elevation: float
    """Radians above the horizon."""
    sun_azimuth: float
    """Radians from x towards y: where the sun stands."""
    sun_strength: float
    """Of the disk, 1 as it is, 0 for a sky without a visible sun."""
    air: float
    """Density of molecules, 1 at sea level on a clear day."""
    aerosol: float
    """Density of dust and water drops, likewise."""
    ozone: float
    """Density of ozone, likewise."""
    altitude: float = 0.0
    """Metres above the sea."""
    clouds: float = 0.0
    """Part of the sky's light that comes from clouds instead, a white dome without a sun."""
    cloud_radiance: float = 0.0
    """Of that dome at the zenith, before the environment's strength; it falls to a third at the
    horizon (the CIE's overcast sky)."""
    ground: Vector = (0.0, 0.0, 0.0)
    """Radiance below the horizon, before the environment's strength."""


@dataclass(frozen=True)
class EnvironmentSpec:
    """The light from all around, before the lamps.

    kind: `hdri` (an image), `sky` (a physical sky) or `plain` (the same from everywhere).
    """

    kind: str
    strength: float
    """hdri: mean radiance. sky: multiplier. plain: radiance."""
    tint: Vector = (1.0, 1.0, 1.0)
    """Multiplied with all of it, linear Rec.709."""
    rotation: float = 0.0
    """Of an image about z, radians."""
    hdri: str = ""
    """One of Blender's worlds, without extension, or a file of the user's folder, with it."""
    hdri_sha256: str = ""
    """Over the bytes of a file of the user's folder."""
    normalisation: float = 1.0
    """What brings the image to a mean radiance of one."""
    sky: SkySpec | None = None
    shows: tuple[str, ...] = ()
    """Classes of the dataset of which an image shows members. Where it is seen, it is a region to
    be ignored."""


@dataclass(frozen=True)
class LightSpec:
    """A lamp, shining from `position` towards `target`.

    kind: `area` (a disk `size` metres across, `power` in watts), `rectangle` (`size` wide and
    `height` high, `power` in watts), `point` (a bulb of radius `size`, `power` in watts; it shines
    everywhere) or `sun` (`size` is its angle in radians, `power` in W/m2).
    """

    kind: str
    position: Vector
    target: Vector
    color: Vector
    power: float
    size: float
    height: float = 0.0


@dataclass(frozen=True)
class WeatherSpec:
    """What is in the air and on surfaces that face up. The defaults are a clear, dry day."""

    extinction: float = 0.0
    """Of light in the air, per metre: exp(-extinction d) of it gets through d metres."""
    airlight: Vector = (0.0, 0.0, 0.0)
    """Radiance of the air itself, which takes the place of what is lost."""
    wetness: float = 0.0
    """0 for dry surfaces, 1 for standing water on level ground."""
    snow: float = 0.0
    """Share of level ground that is covered, about."""
    rain: float = 0.0
    """Millimetres an hour."""
    seed: int = 0
    """Of the drops in the air."""


@dataclass(frozen=True)
class SensorSpec:
    """How light becomes an 8-bit image; `simgen.rendering.sensor` has the formulas. The defaults
    are a perfect camera's."""

    metering: str = "scene"
    """`scene`: the exposure follows the picture's brightness. `fixed`: radiance 0.18 is middle
    grey."""
    exposure: float = 0.0
    """Stops brighter than metered, or than fixed."""
    white_balance: Vector = (1.0, 1.0, 1.0)
    """Wrong gains of red, green and blue."""
    auto_white_balance: float = 0.0
    """Strength, 0..1, with which the colour cast of the picture is removed before those gains."""
    vignetting: float = 0.0
    """Part of the light that the corners lose."""
    chromatic_aberration: float = 0.0
    """Difference in magnification between red and blue, relative to green."""
    blur: float = 0.0
    """Standard deviation of the point spread function, pixels."""
    full_well: float = 0.0
    """Electrons of a white pixel; 0 for an image without noise."""
    read_noise: float = 0.0
    """Electrons, standard deviation."""
    bayer: bool = False
    """Each pixel sees one colour, the others are interpolated."""
    sharpening: float = 0.0
    """Strength of the unsharp mask."""
    contrast: float = 1.0
    """Slope of the tone curve at middle grey, times its usual one."""
    saturation: float = 1.0
    jpeg_quality: int = 0
    """1..100, of a compression that leaves its marks; 0 for none."""
    seed: int = 0
    """Of the noise."""


@dataclass(frozen=True)
class LensSpec:
    """How a camera maps what it sees to pixels; `simgen.geometry.lens` has the formulas.

    Focal length in pixels: fx = focal_length_mm / sensor_width_mm * width, fy = fx * pixel_aspect.
    An equirectangular image covers the whole sphere, whatever the focal length. An orthographic one
    has fx = width / view_width instead.
    """

    focal_length_mm: float
    sensor_width_mm: float
    model: str = "pinhole"
    """`pinhole`, `brown_conrady`, `kannala_brandt`, `equirectangular` or `orthographic`."""
    coefficients: tuple[float, ...] = ()
    """Distortion in OpenCV's order: (k1, k2, p1, p2, k3, k4, k5, k6) for brown_conrady,
    (k1, k2, k3, k4) for kannala_brandt; missing ones are 0."""
    principal_point: tuple[float, float] = (0.5, 0.5)
    """Where the optical axis meets the image, as parts of its width and height."""
    pixel_aspect: float = 1.0
    """Width of a pixel over its height."""
    f_stop: float = 0.0
    """Depth of field: focal length over aperture; 0 for a lens that is sharp everywhere."""
    focus_distance: float = 0.0
    """Metres along the axis to the plane that is sharp."""
    view_width: float = 0.0
    """Metres that the width of an orthographic image shows; 0 for all other models."""


@dataclass(frozen=True)
class CameraSpec:
    """One per frame."""

    cam_to_world: Matrix4
    """OpenCV axes: x right, y down, z forward."""
    lens: LensSpec


@dataclass(frozen=True)
class ShutterSpec:
    """How long a frame of a sequence is exposed. Labels are those of the middle of the exposure."""

    exposure: float = 0.0
    """Part of the time between two frames; 0 for no motion blur."""
    row_exposure: float = 1.0
    """Part of the exposure during which each row is open: below 1 the shutter rolls from the top
    row to the bottom row."""


@dataclass(frozen=True)
class RenderSpec:
    width: int
    height: int
    samples: int
    denoise: bool
    max_bounces: int
    seed: int
    """Of the path tracer's noise."""
    noise_threshold: float = 0.0
    """Noise at which a pixel gets no more paths; 0 gives all pixels the same number."""
    denoise_quality: str = "high"
    diffuse_bounces: int = 3
    glossy_bounces: int = 3
    clamp_indirect: float = 4.0
    light_tree: bool = False
    denoiser: str = ""
    """`oidn`, on the GPU if one renders, or `optix`; empty in older specs: `oidn` on the CPU."""
    depth_bits: int = 23
    """Of the mantissa of depth and ray distance as stored, without the leading one."""


@dataclass(frozen=True)
class LidarSpec:
    """A laser scanner. Its axes are x forward, y left, z up; `simgen.geometry.scans` has the
    patterns, `simgen.labels.returns` the formulas of what comes back."""

    pattern: str
    """`spinning`, `raster` or `rosette`."""
    elevations: tuple[float, ...]
    """Of each beam of a spinning or raster scan, radians; the lowest and highest of a rosette."""
    width: float
    """Radians that a raster or rosette covers horizontally."""
    count: int
    """Columns of a spinning or raster scan, pulses of a rosette."""
    mount: str
    """`camera`: the pose is in the camera's place, relative to forward, left and up along the
    camera's axes. `level`: likewise, with up vertical. `world`: in the world."""
    position: Vector
    rotation: Quaternion
    min_range: float
    max_range: float
    detection_range: float
    """Metres at which a surface that reflects 10 % returns half of the pulses."""
    reference_range: float
    """Metres up to which intensity is compensated for range."""
    range_noise: float
    """Standard deviation, metres."""
    intensity_noise: float
    """Standard deviation of the logarithm of the light that returns."""
    dropout: float
    """Probability that a return is lost."""


@dataclass(frozen=True)
class SceneSpec:
    seed: int
    index: int
    classes: tuple[str, ...]
    """All classes of the dataset; a class's id is its place here, counted from 1."""
    labels: tuple[str, ...]
    objects: tuple[ObjectSpec, ...]
    stage: StageSpec
    environment: EnvironmentSpec
    lights: tuple[LightSpec, ...]
    cameras: tuple[CameraSpec, ...]
    """One per frame."""
    render: RenderSpec
    sensor: SensorSpec = SensorSpec()
    distractors: tuple[ObjectSpec, ...] = ()
    """Things without a label; their ids are 0."""
    shutter: ShutterSpec = ShutterSpec()
    frame_rate: float = 0.0
    """Frames a second of a sequence; 0 when the frames are views of one and the same moment."""
    stereo_baseline: float = 0.0
    """Metres that a second camera stands to the right of the first; 0 for none."""
    track_count: int = 0
    """Surface points to follow through the sequence."""
    split: str = "train"
    """Of the dataset: train, val, test, or what else the config calls them."""
    case: str = ""
    """Name of the rare case that the scene was made for."""
    factors: dict[str, tuple[str | float, ...]] = field(default_factory=dict)
    """What was drawn for each config key; several values where a scene has several of it."""
    stuff: tuple[str, ...] = ()
    """Classes of the stage's parts; their ids go on where those of `classes` end, and `background`
    is the first of them."""
    stage_classes: dict[str, str] = field(default_factory=dict)
    """Built-in class of a stage's part -> class of the dataset that it is a member of. Parts of
    these classes that are not among `objects` are regions to be ignored."""
    unlabelled: dict[str, int] = field(default_factory=dict)
    """Class of the dataset -> number of the stage's parts that are members and have no label; an
    image of the surroundings that shows members counts as one."""
    weather: WeatherSpec = WeatherSpec()
    refused: tuple[str, ...] = ()
    """Assets that the physics refused, in whose places others stand: files, or built-in classes."""
    lidar: LidarSpec | None = None
    """The scanner of the label `lidar`."""
    format_version: int = FORMAT_VERSION

    @property
    def placed(self) -> tuple[ObjectSpec, ...]:
        """The objects that were asked for, without those that the stage has put up."""
        return tuple(item for item in self.objects if item.asset.source != STAGE_SOURCE)


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)


# Fields that older datasets do not have are written where they say something, so that a scene of
# theirs is made again byte for byte.
_SINCE = {
    SensorSpec: ("auto_white_balance",),
    RenderSpec: ("denoiser", "depth_bits"),
    EnvironmentSpec: ("shows",),
    StageSpec: ("whole",),
    LensSpec: ("view_width",),
    SceneSpec: ("stage_classes", "unlabelled", "weather", "refused", "lidar"),
}
for _kind, _names in _SINCE.items():
    _later: Any = {name: override(omit_if_default=True) for name in _names}
    _CONVERTER.register_unstructure_hook(
        _kind, make_dict_unstructure_fn(_kind, _CONVERTER, **_later)
    )


def _structure_drawn(value: Any, _: Any) -> str | float:
    return value if isinstance(value, str) else float(value)


_CONVERTER.register_structure_hook(str | float, _structure_drawn)


def to_plain(value: Any) -> Any:
    """A spec, or any part of one, as dicts, lists, numbers and strings."""
    return _CONVERTER.unstructure(value)


def dumps(spec: SceneSpec) -> str:
    """The spec as JSON: keys in field order, floats in their shortest exact form."""
    return json.dumps(to_plain(spec), indent=1, allow_nan=False) + "\n"


def loads(text: str) -> SceneSpec:
    """The spec that `dumps` wrote. Raises `ValueError` for anything else."""
    plain = json.loads(text)
    version = plain.get("format_version") if isinstance(plain, dict) else None
    if version != FORMAT_VERSION:
        raise ValueError(f"scene spec has format_version {version!r}, expected {FORMAT_VERSION}")
    try:
        return _CONVERTER.structure(plain, SceneSpec)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error))
        raise ValueError(f"not a scene spec: {reasons}") from error
