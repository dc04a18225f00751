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

FORMAT_VERSION = 1


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
    `file`: `file` is relative to the asset folder, `sha256` is of its bytes, `unit` is the
    number of metres in one unit of the file and `up` is the file's up axis (`y` or `z`).
    """

    source: str
    id: str
    params: dict[str, float] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""
    unit: float = 1.0
    up: str = "z"


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
class CameraSpec:
    """A pinhole camera. One per frame."""

    cam_to_world: Matrix4
    """OpenCV axes: x right, y down, z forward."""
    focal_length_mm: float
    sensor_width_mm: float


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
