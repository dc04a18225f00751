"""Adjustments of surfaces for large parts of a stage, which are less colourful, or have larger
patterns, than objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from simgen.spec.scene import MaterialSpec, Vector
from simgen.stages.stage import Materials

Rng = np.random.Generator
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Luminance weights of linear Rec.709."""
CALM_PROBABILITY = 0.8
GROUND_ALBEDO = 0.4
"""Maximum albedo of the brightest channel: that of fresh concrete."""
NATURAL = ("tabletop_wood", "floorboards", "wood", "brick", "leather", "rust", "marble")
"""Kinds whose colours are never saturated and are characteristic of them."""


def calm(material: MaterialSpec, rng: Rng) -> MaterialSpec:
    """Usually reduce the saturation: walls and sofas are rarely as colourful as toys."""
    if rng.random() > CALM_PROBABILITY or material.kind in NATURAL:
        return material
    return faded(material, rng.uniform(0.1, 0.55))


def faded(material: MaterialSpec, keep: float) -> MaterialSpec:
    """Scale the saturation by `keep`, at constant luminance."""
    return replace(
        material, color_a=_fade(material.color_a, keep), color_b=_fade(material.color_b, keep)
    )


def of_albedo(material: MaterialSpec, albedo: float) -> MaterialSpec:
    """Scale the colours so that the first one has luminance `albedo`."""
    factor = albedo / max(float(_LUMINANCE @ np.array(material.color_a)), 1e-3)
    return replace(
        material,
        color_a=_scaled(material.color_a, factor),
        color_b=_scaled(material.color_b, factor),
    )


def pale(material: MaterialSpec, rng: Rng) -> MaterialSpec:
    """Return the material in white or nearly white."""
    white = rng.uniform(0.6, 0.82)
    color = (white, white * rng.uniform(0.96, 1.0), white * rng.uniform(0.88, 0.98))
    return replace(material, color_a=color, color_b=color)


def toned(
    materials: Materials, rng: Rng, calm_slots: Iterable[str], pale_slots: Iterable[str] = ()
) -> Materials:
    """Return the materials with some slots muted and others pale."""
    found = dict(materials)
    for slot in calm_slots:
        found[slot] = calm(found[slot], rng)
    for slot in pale_slots:
        found[slot] = pale(found[slot], rng)
    return found


def weathered(material: MaterialSpec) -> MaterialSpec:
    """Remove the gloss that a surface has indoors, as dust, rain and frost do."""
    return replace(material, roughness=max(material.roughness, 0.45 + 0.5 * material.roughness),
                   coat=0.0)  # fmt: skip


def trodden(material: MaterialSpec) -> MaterialSpec:
    """Return a weathered material, no lighter than ground that people walk and drive on."""
    return replace(
        weathered(material), color_a=_capped(material.color_a), color_b=_capped(material.color_b)
    )


def _capped(color: Vector) -> Vector:
    return _scaled(color, min(1.0, GROUND_ALBEDO / max(color)))


def _scaled(color: Vector, factor: float) -> Vector:
    red, green, blue = (min(float(factor * channel), 0.9) for channel in color)
    return (red, green, blue)


def sunlit(material: MaterialSpec, factor: float) -> MaterialSpec:
    """Brighten leaves: real ones transmit sunlight, which opaque ones do not reproduce."""
    red, green, blue = (min(factor * channel, 0.6) for channel in material.color_a)
    second = tuple(min(factor * channel, 0.6) for channel in material.color_b)
    return replace(material, color_a=(red, green, blue), color_b=(second[0], second[1], second[2]))


def like(material: MaterialSpec, other: MaterialSpec) -> MaterialSpec:
    """Return a material with the colours and finish of another: the same wood, cut differently."""
    return replace(
        material, color_a=other.color_a, color_b=other.color_b, roughness=other.roughness,
        coat=other.coat,
    )  # fmt: skip


def _fade(color: Vector, keep: float) -> Vector:
    grey = float(_LUMINANCE @ color)
    red, green, blue = (float(grey + keep * (channel - grey)) for channel in color)
    return (red, green, blue)
