"""Sampling of materials: surfaces from the ranges of their kind, or without restriction.

Colours are sampled in HSV of display (sRGB) colour, in which palettes are easy to specify, and
converted to linear Rec.709 clipped to `ALBEDO_RANGE`: nothing real is blacker than soot or whiter
than fresh plaster, and a path tracer would brighten without limit.
"""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from simgen.assets.textures import FoundTexture, TextureFolder
from simgen.config import MaterialsConfig
from simgen.geometry.color import srgb_to_linear
from simgen.sampling.randomizers.surfaces import (
    OBJECT_SURFACES,
    STAGE_SURFACES,
    SURFACES,
    Palette,
    Range,
)
from simgen.spec.rng import log_uniform
from simgen.spec.scene import MaterialSpec, Vector

ALBEDO_RANGE: Range = (0.02, 0.85)
OFFSET_RANGE: Range = (-10.0, 10.0)
"""Metres. Much larger than any feature, so that no two surfaces show the same part of a pattern."""

KINDS: tuple[str, ...] = tuple(SURFACES)
"""All kinds of surfaces: those of objects, those of stages, and `pattern`, which is no real
material."""
OBJECT_KINDS: tuple[str, ...] = tuple(OBJECT_SURFACES)
STAGE_KINDS: tuple[str, ...] = tuple(STAGE_SURFACES)
GROUND_KINDS: tuple[str, ...] = (
    *("asphalt", "concrete", "stone", "tiles", "brick", "gravel", "soil", "grass", "snow"),
)
"""Kinds that cover outdoor ground of any width, unlike boards, carpet and marble."""

LEVELS: tuple[str, ...] = ("realistic", "plausible", "random")
"""Degrees to which surfaces may deviate from the typical materials of an object; see
`draw_surface`."""

IMAGE = "image"
"""Kind of a surface that shows a user-supplied image; it has no ranges."""
RELIEF = 0.02
"""Height of the relief of a texture set without normals, relative to the width of its image."""
IMAGE_ROUGHNESS_RANGE: Range = (0.35, 0.9)
_PATTERN_PROBABILITY = 0.6
"""Probability of a pattern at level `random`; otherwise a real kind's relief and structure in
arbitrary colours."""
_ANY_COLOR = (Palette((0.0, 1.0), (0.0, 1.0), (0.0, 1.0)),)


def draw_surface(
    config: MaterialsConfig,
    kinds: Sequence[str],
    textures: TextureFolder | None,
    size: float,
    rng: np.random.Generator,
) -> MaterialSpec:
    """Sample a surface for something that is typically made of one of `kinds`.

    The level `realistic` uses one of `kinds`; `plausible` any real kind, of stages if all of
    `kinds` are stages', else of objects; `random` anything in any colour and finish. textures:
    images used for some surfaces at each level. size: width of an image, metres. Raises
    `ValueError` for an unknown level.
    """
    if config.level not in LEVELS:
        known = ", ".join(LEVELS)
        raise ValueError(f"unknown level of materials {config.level!r}; expected one of {known}")
    found = textures.found if textures is not None else ()
    if found and rng.random() < config.texture_probability:
        return draw_image(found[int(rng.integers(len(found)))], size, rng)
    if config.level == "realistic":
        return draw_material(_pick(kinds, rng), rng)
    if config.level == "plausible":
        return draw_material(_pick(_relatives(kinds), rng), rng)
    return _draw_anything(rng)


def draw_material(kind: str, rng: np.random.Generator) -> MaterialSpec:
    """Sample a surface of one of `KINDS`, within the ranges of that kind's `SurfaceRanges`."""
    if kind not in SURFACES:
        raise ValueError(f"unknown kind of material {kind!r}; expected one of {', '.join(KINDS)}")
    ranges = SURFACES[kind]
    color_a = _draw_color(ranges.main, rng)
    shade = rng.uniform(*ranges.shade_range)
    color_b = _clip(np.multiply(color_a, shade))
    if ranges.second:
        color_b = _draw_color(ranges.second, rng)
    offset = _draw_offset(rng)
    motif = _pick(ranges.motifs, rng)
    glow = float(rng.uniform(*ranges.emission_range))
    return MaterialSpec(
        kind=kind,
        color_a=color_a,
        color_b=color_b,
        roughness=float(rng.uniform(*ranges.roughness_range)),
        metallic=ranges.metallic[int(rng.integers(len(ranges.metallic)))],
        transmission=ranges.transmission,
        scale=log_uniform(rng, ranges.scale_range),
        bump=log_uniform(rng, ranges.bump_range),
        coat=float(rng.uniform(*ranges.coat_range)),
        offset=offset,
        emission=0.0 if motif == "off" else glow,
        motif=motif,
    )


def draw_by_slot(
    kinds: Mapping[str, Sequence[str]], rng: np.random.Generator
) -> dict[str, MaterialSpec]:
    """Sample a surface for every slot, of one of its kinds; listed twice means twice as likely."""
    return {slot: draw_material(str(rng.choice(some)), rng) for slot, some in kinds.items()}


def draw_image(texture: FoundTexture, size: float, rng: np.random.Generator) -> MaterialSpec:
    """Return a surface that shows an image, repeated every `size` metres of its width.

    A set with a displacement but no normals gets a relief of a fixed share of that width.
    """
    size = texture.width or size
    kinds = {each.kind for each in texture.maps}
    relief = RELIEF * size if "displacement" in kinds and not kinds & {"normal", "normal_dx"} else 0
    white = (ALBEDO_RANGE[1],) * 3
    return MaterialSpec(
        kind=IMAGE,
        color_a=white,
        color_b=white,
        roughness=float(rng.uniform(*IMAGE_ROUGHNESS_RANGE)),
        scale=size,
        offset=_draw_offset(rng),
        texture=texture.file,
        texture_sha256=texture.sha256,
        bump=float(relief),
        maps=texture.maps,
    )


def _draw_anything(rng: np.random.Generator) -> MaterialSpec:
    if rng.random() < _PATTERN_PROBABILITY:
        return draw_material("pattern", rng)
    drawn = draw_material(_pick((*OBJECT_KINDS, *STAGE_KINDS), rng), rng)
    return replace(
        drawn,
        color_a=_draw_color(_ANY_COLOR, rng),
        color_b=_draw_color(_ANY_COLOR, rng),
        roughness=float(rng.uniform(0.0, 1.0)),
    )


def _relatives(kinds: Sequence[str]) -> tuple[str, ...]:
    return STAGE_KINDS if set(kinds) <= set(STAGE_KINDS) else OBJECT_KINDS


def _pick(names: Sequence[str], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]


def _draw_offset(rng: np.random.Generator) -> Vector:
    x, y, z = (float(value) for value in rng.uniform(*OFFSET_RANGE, size=3))
    return x, y, z


def _draw_color(palettes: tuple[Palette, ...], rng: np.random.Generator) -> Vector:
    palette = palettes[rng.integers(len(palettes))]
    hue = rng.uniform(*palette.hue_range) % 1.0
    saturation = rng.uniform(*palette.saturation_range)
    value = rng.uniform(*palette.value_range)
    return _clip(srgb_to_linear(np.array(colorsys.hsv_to_rgb(hue, saturation, value))))


def _clip(linear: np.ndarray) -> Vector:
    red, green, blue = np.clip(linear, *ALBEDO_RANGE)
    return float(red), float(green), float(blue)
