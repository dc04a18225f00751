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

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""Unit quaternion, (w, x, y, z)."""
Matrix4 = tuple[tuple[float, float, float, float], ...]
"""Four rows of a 4x4 matrix."""

FORMAT_VERSION = 2


@dataclass(frozen=True)
class MaterialSpec:
    """A procedural surface. `kind` names a recipe in `simgen.blender.recipes`."""

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


@dataclass(frozen=True)
class AssetRef:
    """Names a mesh so that it can be made again.

    `parametric`: `params` are the arguments of the class's builder.
    `file`: `file` is relative to the asset folder, `sha256` is over its bytes and those of the
    files it uses, `unit` is the number of metres in one unit of the file and `up` is the file's up
    axis (`y` or `z`).
    """

    source: str
    id: str
    params: dict[str, float] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""
    unit: float = 1.0
    up: str = "z"


@dataclass(frozen=True)
class PoseSpec:
    """Where an object is at one moment: origin in the world, metres, and object to world."""

    position: Vector
    rotation: Quaternion


@dataclass(frozen=True)
class DeformationSpec:
    """How an object changes its shape over time; `simgen.motion.deformed` is the formula."""

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


@dataclass(frozen=True)
class EnvironmentSpec:
    """Image-based light."""

    hdri: str
    """Name of one of Blender's worlds, without extension."""
    rotation: float
    """About z, radians."""
    strength: float
    """Multiplier on the image's radiance after it was normalised to unit mean."""


@dataclass(frozen=True)
class LightSpec:
    """`area`: a disk of `size` metres across, `power` in watts. `sun`: `size` is its angle in
    radians, `power` in W/m2. Both shine from `position` towards `target`."""

    kind: str
    position: Vector
    target: Vector
    color: Vector
    power: float
    size: float


@dataclass(frozen=True)
class LensSpec:
    """How a camera maps directions to pixels; `simgen.lens` has the formulas.

    Focal length in pixels: fx = focal_length_mm / sensor_width_mm * width, fy = fx * pixel_aspect.
    An equirectangular image covers the whole sphere, whatever the focal length.
    """

    focal_length_mm: float
    sensor_width_mm: float
    model: str = "pinhole"
    """`pinhole`, `brown_conrady`, `kannala_brandt` or `equirectangular`."""
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
    exposure: float
    """In stops."""
    seed: int
    """Of the path tracer's noise."""


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
    shutter: ShutterSpec = ShutterSpec()
    frame_rate: float = 0.0
    """Frames a second of a sequence; 0 when the frames are views of one and the same moment."""
    stereo_baseline: float = 0.0
    """Metres that a second camera stands to the right of the first; 0 for none."""
    track_count: int = 0
    """Surface points to follow through the sequence."""
    stuff: tuple[str, ...] = ()
    """Classes of the stage's parts; their ids go on where those of `classes` end, and `background`
    is the first of them."""
    format_version: int = FORMAT_VERSION


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)


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
