"""The appearance of each kind of surface: the ranges in `assets/materials/surfaces.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simgen.assets import yaml_files
from simgen.resources import resource

type Range = tuple[float, float]


@dataclass(frozen=True)
class Palette:
    """A box in HSV of display colour. Hue is cyclic: (0.95, 1.05) goes through red."""

    hue_range: Range
    saturation_range: Range
    value_range: Range


@dataclass(frozen=True)
class SurfaceRanges:
    """The ranges of one kind of surface. Its palettes are equally likely."""

    main: tuple[Palette, ...]
    second: tuple[Palette, ...] = ()
    """Palettes of `color_b`; without any, it is `color_a` times `shade_range`."""
    shade_range: Range = (0.5, 0.8)
    roughness_range: Range = (0.3, 0.6)
    metallic: tuple[float, ...] = (0.0,)
    """One of these; more than one if a surface may be metallic or not."""
    transmission: float = 0.0
    scale_range: Range = (0.02, 0.06)
    """Metres, log-uniform. Its meaning depends on the shader of the kind."""
    bump_range: Range = (0.0, 0.0)
    """Metres, log-uniform unless it starts at zero."""
    coat_range: Range = (0.0, 0.0)
    motifs: tuple[str, ...] = ("",)
    """One of these patterns."""
    emission_range: Range = (0.0, 0.0)
    """Radiance of lit parts; a motif of `off` emits no light."""


def _surface(entry: Mapping[str, Any], named: Mapping[str, tuple[Palette, ...]]) -> SurfaceRanges:
    values: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()
    }
    for name in {"main", "second"} & set(values):
        values[name] = _palettes(values[name], named)
    return SurfaceRanges(**values)


def _palettes(written: Any, named: Mapping[str, tuple[Palette, ...]]) -> tuple[Palette, ...]:
    """Return palettes by name, those of a group, or written out."""
    found = [named[item] if isinstance(item, str) else (_palette(item),) for item in written]
    return tuple(palette for some in found for palette in some)


def _palette(written: Any) -> Palette:
    return Palette(*map(tuple, written))


_FILE = yaml_files.parse((resource("assets") / "materials" / "surfaces.yaml").read_text())
_NAMED = {name: (_palette(box),) for name, box in _FILE["palettes"].items()}
_NAMED |= {name: _palettes(some, _NAMED) for name, some in _FILE["groups"].items()}
_OBJECTS, _STAGES, _PATTERNS = (
    {kind: _surface(entry, _NAMED) for kind, entry in _FILE[section].items()}
    for section in ("objects", "stages", "patterns")
)
OBJECT_SURFACES: Mapping[str, SurfaceRanges] = _OBJECTS
"""Surfaces of objects."""
STAGE_SURFACES: Mapping[str, SurfaceRanges] = _STAGES
"""Surfaces of floors, walls, roofs and grounds."""
SURFACES: Mapping[str, SurfaceRanges] = {**_OBJECTS, **_STAGES, **_PATTERNS}
