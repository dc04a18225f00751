"""SceneSpec: the complete description of one scene, as plain frozen data.

A spec defines what to build and render, not how. It is sampled by the randomizers, resolved by the
physics, stored with the labels, and sufficient to regenerate the scene.
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
"""`AssetRef.source` of objects that are part of the stage."""


@dataclass(frozen=True)
class TextureMap:
    """An image of a texture set. kind: as in `simgen.assets.texture_sets`. file: in the user's
    texture folder, relative to it. sha256: of its bytes."""

    kind: str
    file: str
    sha256: str


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
    """Position of the surface in its infinite texture, in metres."""
    emission: float = 0.0
    """Radiance of lit parts (a display), in multiples of `color_a`."""
    texture: str = ""
    """An image in the user's texture folder, relative to it, for kind `image`."""
    texture_sha256: str = ""
    """Of the file's bytes."""
    motif: str = ""
    """The pattern it shows, for kinds with several patterns (`dots`, `stripes`)."""
    maps: tuple[TextureMap, ...] = ()
    """The other images of the set that `texture` belongs to."""


@dataclass(frozen=True)
class AssetRef:
    """Identifies a mesh so that it can be rebuilt.

    `parametric`: `params` are the arguments of the class's builder. `stage`: `id` consists of the
    names of the stage and its part; the mesh is that part of `SceneSpec.stage`. `file`: `file` is
    relative to the asset folder, `sha256` covers its bytes and those of the files it uses, `unit`
    is the number of metres per unit of the file and `up` is the file's up axis (`y` or `z`). `turn`
    is a rotation of the file's own axes before that, nine numbers row by row, or empty. `size` is
    the size to which the mesh's box is stretched, metres, z up, or empty.
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
    """The pose of an object at one moment: origin in the world, metres, and rotation from object to
    world."""

    position: Vector
    rotation: Quaternion


@dataclass(frozen=True)
class DeformationSpec:
    """How an object deforms over time; `simgen.geometry.motion.deformed` has the formula."""

    kind: str
    """`twist`, `bend` or `squash`."""
    amplitude: float
    """Of the oscillation: radians of twist or bend from foot to top, or relative squash."""
    frequency: float
    """Oscillations per second."""
    phase: float
    """Of the oscillation at frame 0, radians."""


@dataclass(frozen=True)
class ObjectSpec:
    """One labelled instance."""

    instance_id: int
    """1..N in the scene, the same in all frames."""
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
    """Slot name to surface. Slots that are not listed keep the asset's own material."""
    trajectory: tuple[PoseSpec, ...] = ()
    """The pose in every frame, for moving objects; `position` and `rotation` are the first."""
    deformation: DeformationSpec | None = None


@dataclass(frozen=True)
class StageSpec:
    """The surroundings of the objects. `params` are the arguments of `scenes/<name>.py`."""

    name: str
    params: dict[str, float]
    materials: dict[str, MaterialSpec]
    file_sha256: str = ""
    """Of the .blend file that the stage was read from, if any."""
    whole: bool = False
    """Whether furnishings are complete objects (a table with its legs, a house with its windows,
    books apart from their bookcase), as their labels require. False if none is labelled, as in
    scenes older than such labels: `StagePart.apart` keeps those byte-identical."""


@dataclass(frozen=True)
class SkySpec:
    """A physical sky: Nishita's model with multiple scattering, as implemented by Cycles."""

    sun_elevation: float
    """Radians above the horizon."""
    sun_azimuth: float
    """Radians from x towards y, the direction of the sun."""
    sun_strength: float
    """Of the disk: 1 is physical, 0 is a sky without a visible sun."""
    air: float
    """Density of molecules, 1 at sea level on a clear day."""
    aerosol: float
    """Density of dust and water drops, likewise."""
    ozone: float
    """Density of ozone, likewise."""
    altitude: float = 0.0
    """Metres above the sea."""
    clouds: float = 0.0
    """Fraction of the sky's light that comes from clouds instead, a white dome without a sun."""
    cloud_radiance: float = 0.0
    """Of that dome at the zenith, before the environment's strength; it falls to a third at the
    horizon (CIE overcast sky)."""
    ground: Vector = (0.0, 0.0, 0.0)
    """Radiance below the horizon, before the environment's strength."""


@dataclass(frozen=True)
class EnvironmentSpec:
    """The light from all directions, apart from lamps.

    kind: `hdri` (an image), `sky` (a physical sky), `plain` (uniform) or `photo` (estimated from
    the photograph of `SceneSpec.background`).
    """

    kind: str
    strength: float
    """hdri: mean radiance. sky, photo: multiplier. plain: radiance."""
    tint: Vector = (1.0, 1.0, 1.0)
    """Factor applied to the light from all directions, linear Rec.709."""
    rotation: float = 0.0
    """Of an image about z, radians. photo: azimuth of the camera's view, from x towards y."""
    hdri: str = ""
    """One of Blender's worlds, without extension, or a file in the user's folder, with extension.
    """
    hdri_sha256: str = ""
    """Of the bytes of a file in the user's folder."""
    normalisation: float = 1.0
    """Factor that brings the image to a mean radiance of one."""
    sky: SkySpec | None = None
    shows: tuple[str, ...] = ()
    """Classes of the dataset that an image shows. Where it is visible, it is an ignore region of
    them."""


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
    """Effects of weather in the air and on surfaces that face up. The defaults are a clear, dry
    day."""

    extinction: float = 0.0
    """Of light in the air, per metre: a fraction exp(-extinction d) passes through d metres."""
    airlight: Vector = (0.0, 0.0, 0.0)
    """Radiance of the air itself, which replaces the light that is lost."""
    wetness: float = 0.0
    """0 for dry surfaces, 1 for standing water on level ground."""
    snow: float = 0.0
    """Approximate fraction of level ground that is covered."""
    rain: float = 0.0
    """Millimetres per hour."""
    seed: int = 0
    """Of the drops in the air."""


@dataclass(frozen=True)
class SensorSpec:
    """The conversion of light to an 8-bit image; `simgen.rendering.sensor` has the formulas. The
    defaults are a perfect camera."""

    metering: str = "scene"
    """`scene`: the exposure follows the image's brightness. `fixed`: radiance 0.18 is middle grey.
    """
    exposure: float = 0.0
    """Stops above the metered, or the fixed, exposure."""
    dark_adaptation: float = 0.65
    """Share, 0..1, of a dim scene's missing stops that the metered exposure compensates."""
    white_balance: Vector = (1.0, 1.0, 1.0)
    """Gains of red, green and blue: the error of the white balance."""
    auto_white_balance: float = 0.0
    """Strength, 0..1, with which the colour cast of the image is removed before those gains."""
    vignetting: float = 0.0
    """Fraction of the light that the corners lose."""
    chromatic_aberration: float = 0.0
    """Difference in magnification between red and blue, relative to green."""
    blur: float = 0.0
    """Standard deviation of the point spread function, pixels."""
    full_well: float = 0.0
    """Electrons of a white pixel; 0 for an image without noise."""
    read_noise: float = 0.0
    """Electrons, standard deviation."""
    bayer: bool = False
    """Whether each pixel measures one colour and the other two are interpolated."""
    sharpening: float = 0.0
    """Strength of the unsharp mask."""
    contrast: float = 1.0
    """Slope of the tone curve at middle grey, relative to the usual one."""
    saturation: float = 1.0
    jpeg_quality: int = 0
    """1..100, of a compression whose artefacts are visible; 0 for none."""
    seed: int = 0
    """Of the noise."""


@dataclass(frozen=True)
class LensSpec:
    """How a camera maps the scene to pixels; `simgen.geometry.lens` has the formulas.

    Focal length in pixels: fx = focal_length_mm / sensor_width_mm * width, fy = fx * pixel_aspect.
    An equirectangular image covers the entire sphere, whatever the focal length. An orthographic
    one has fx = width / view_width instead.
    """

    focal_length_mm: float
    sensor_width_mm: float
    model: str = "pinhole"
    """`pinhole`, `brown_conrady`, `kannala_brandt`, `equirectangular` or `orthographic`."""
    coefficients: tuple[float, ...] = ()
    """Distortion in OpenCV's order: (k1, k2, p1, p2, k3, k4, k5, k6) for brown_conrady,
    (k1, k2, k3, k4) for kannala_brandt; missing ones are 0."""
    principal_point: tuple[float, float] = (0.5, 0.5)
    """Point where the optical axis meets the image, relative to its width and height."""
    pixel_aspect: float = 1.0
    """Width of a pixel over its height."""
    f_stop: float = 0.0
    """Depth of field: focal length over aperture; 0 for unlimited depth of field."""
    focus_distance: float = 0.0
    """Metres along the axis to the plane in focus."""
    view_width: float = 0.0
    """Metres that the width of an orthographic image covers; 0 for all other models."""


@dataclass(frozen=True)
class CameraSpec:
    """The camera of one frame."""

    cam_to_world: Matrix4
    """OpenCV axes: x right, y down, z forward."""
    lens: LensSpec


@dataclass(frozen=True)
class RigCameraSpec:
    """One camera of a rig."""

    name: str
    width: int
    height: int
    cam_to_rig: Matrix4
    """Rigid, OpenCV axes of the camera; the rig's axes are those of its calibration."""


@dataclass(frozen=True)
class ShutterSpec:
    """The exposure of a frame in a sequence. Labels are those of the middle of the exposure."""

    exposure: float = 0.0
    """Fraction of the time between two frames; 0 for no motion blur."""
    row_exposure: float = 1.0
    """Fraction of the exposure during which each row is exposed; below 1 it is a rolling shutter,
    from the top row to the bottom row."""


@dataclass(frozen=True)
class BackgroundSpec:
    """What is behind the objects instead of a stage: a photograph, or nothing."""

    photograph: str = ""
    """A file in the user's folder, relative to it; empty for nothing."""
    sha256: str = ""
    """Of the photograph's bytes."""
    ground: float | None = None
    """Height of the invisible floor that catches the objects' shadows, metres; None for none."""


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
    """Noise level at which a pixel receives no more paths; 0 traces the same number for all."""
    denoise_quality: str = "high"
    diffuse_bounces: int = 3
    glossy_bounces: int = 3
    clamp_indirect: float = 4.0
    light_tree: bool = False
    denoiser: str = ""
    """`oidn`, on the GPU if one renders, or `optix`; empty in older specs: `oidn` on the CPU."""
    depth_bits: int = 23
    """Mantissa bits of depth and ray distance as stored, without the leading one."""


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
class DepthCameraSpec:
    """A depth camera in the camera's place. `simgen.labels.depth_stereo` and `depth_tof` have the
    formulas of what it measures."""

    kind: str
    """`stereo` or `tof`; it determines which of the fields below count."""
    min_range: float
    max_range: float
    """Metres along the axis."""
    detection_range: float
    """Metres at which a surface that reflects 10 % is missing in half of the pixels."""
    dropout: float
    """Probability that a pixel is missing."""
    baseline: float
    """Metres by which the second viewpoint is to the right."""
    subpixel: int
    """Steps of disparity in a pixel."""
    disparity_noise: float
    """Standard deviation, pixels."""
    window: int
    """Side of the matched square, pixels."""
    lateral_noise: float
    """Standard deviation of the measured place, pixels."""
    signal_noise: float
    """Standard deviation of the logarithm of the light."""
    ambiguity_range: float
    """Metres after which distances begin again at 0."""
    range_noise: float
    """Standard deviation for a white matt surface 1 m away in the dark, metres."""
    ambient: float
    """Other light, relative to what returns from such a surface."""
    blur: float
    """Standard deviation of the lens's blur, pixels."""


@dataclass(frozen=True)
class SceneSpec:
    seed: int
    index: int
    classes: tuple[str, ...]
    """All classes of the dataset; a class's id is its index here plus 1."""
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
    """Unlabelled objects; their ids are 0."""
    shutter: ShutterSpec = ShutterSpec()
    frame_rate: float = 0.0
    """Frames per second of a sequence; 0 if the frames are views of one moment."""
    stereo_baseline: float = 0.0
    """Metres by which a second camera is to the right of the first; 0 for none."""
    track_count: int = 0
    """Number of surface points to follow through the sequence."""
    split: str = "train"
    """Of the dataset: train, val, test, or other names in the config."""
    case: str = ""
    """Name of the rare case that the scene was generated for."""
    factors: dict[str, tuple[str | float, ...]] = field(default_factory=dict)
    """Sampled values by config key; several values for factors per object or view."""
    stuff: tuple[str, ...] = ()
    """Classes of the stage's parts; their ids follow those of `classes`, and `background` is the
    first."""
    stage_classes: dict[str, str] = field(default_factory=dict)
    """Built-in class of a stage's part -> class of the dataset. Parts of these classes that are not
    among `objects` are ignore regions."""
    unlabelled: dict[str, int] = field(default_factory=dict)
    """Class of the dataset -> number of unlabelled parts of the stage; an image of the surroundings
    that shows the class counts as one."""
    weather: WeatherSpec = WeatherSpec()
    refused: tuple[str, ...] = ()
    """Assets that the physics rejected and others replaced: files, or built-in classes."""
    lidar: LidarSpec | None = None
    """The scanner of the label `lidar`."""
    background: BackgroundSpec | None = None
    """What replaces the parts of the stage; None to keep them."""
    rig: tuple[RigCameraSpec, ...] = ()
    """Cameras that are fixed to each other; empty for a single camera. `cameras` then has all
    moments of the first camera of the rig, followed by all moments of the second."""
    depth_camera: DepthCameraSpec | None = None
    """The depth camera of the label `sensor_depth`."""
    format_version: int = FORMAT_VERSION

    @property
    def moments(self) -> int:
        """Number of poses of the camera or rig: the frames of each camera."""
        return len(self.cameras) // max(len(self.rig), 1)

    @property
    def lens_model(self) -> str:
        """Lens model that the renderer has to support: of a rig, one that bends lines, if any."""
        models = [camera.lens.model for camera in self.cameras]
        bending = [model for model in models if model not in ("pinhole", "orthographic")]
        return (bending or models)[0]

    def moment(self, frame: int) -> int:
        """Return the number of a frame among those of its camera, which is its time in a
        sequence."""
        return frame % self.moments

    def rig_camera(self, frame: int) -> RigCameraSpec | None:
        """Return the camera of the rig that takes a frame; None for a single camera."""
        return self.rig[frame // self.moments] if self.rig else None

    def size(self, frame: int) -> tuple[int, int]:
        """Return the width and height of a frame's image, pixels."""
        one = self.rig_camera(frame) or self.render
        return one.width, one.height

    @property
    def placed(self) -> tuple[ObjectSpec, ...]:
        """The requested objects, without those that are part of the stage."""
        return tuple(item for item in self.objects if item.asset.source != STAGE_SOURCE)


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)


# Fields that older datasets lack are only written when not at their default, so that a scene of
# theirs is regenerated byte for byte.
_SINCE = {
    MaterialSpec: ("maps",),
    SensorSpec: ("auto_white_balance", "dark_adaptation"),
    RenderSpec: ("denoiser", "depth_bits"),
    EnvironmentSpec: ("shows",),
    StageSpec: ("whole",),
    LensSpec: ("view_width",),
    SceneSpec: (
        *("stage_classes", "unlabelled", "weather", "refused", "lidar", "background"),
        *("rig", "depth_camera"),
    ),
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
    """Convert a spec, or any part of one, to dicts, lists, numbers and strings."""
    return _CONVERTER.unstructure(value)


def dumps(spec: SceneSpec) -> str:
    """Return the spec as JSON: keys in field order, floats in their shortest exact form."""
    return json.dumps(to_plain(spec), indent=1, allow_nan=False) + "\n"


def loads(text: str) -> SceneSpec:
    """Parse what `dumps` wrote. Raises `ValueError` for anything else."""
    plain = json.loads(text)
    version = plain.get("format_version") if isinstance(plain, dict) else None
    if version != FORMAT_VERSION:
        raise ValueError(f"scene spec has format_version {version!r}, expected {FORMAT_VERSION}")
    try:
        return _CONVERTER.structure(plain, SceneSpec)
    except cattrs.BaseValidationError as error:
        reasons = "; ".join(cattrs.transform_error(error))
        raise ValueError(f"not a scene spec: {reasons}") from error
