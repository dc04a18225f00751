"""Usual sizes of objects, and the likely unit of mesh files of unusual size."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from simgen.assets.classes import CLASSES
from simgen.assets.scan_results import FileAsset
from simgen.errors import AssetError
from simgen.spec.rng import stream

UNITS = (1e-3, 1e-2, 0.0254, 0.1, 1.0, 10.0, 100.0, 1e3, 1e-6)
"""Common units of mesh files in metres, most likely first (except metres)."""
NAMES = {"mm": 1e-3, "cm": 1e-2, "dm": 0.1, "m": 1.0, "inch": 0.0254, "in": 0.0254, "ft": 0.3048}
ANYTHING = (0.02, 2.0)
"""Range of longest sides of most objects, metres."""
ON_TABLES = (0.005, 0.5)
"""Range of longest sides of tabletop objects, metres."""
_ODD = 4.0
"""Factor by which a mesh may be larger or smaller than usual for its class."""
_WORST = 3.0
_RANK = 0.1
"""Penalty, as a logarithm, of each later unit in `UNITS`."""


class SizeError(AssetError):
    """Raised for a mesh that is too large or too small. units: its longest side in file units."""

    def __init__(self, message: str, units: float) -> None:
        super().__init__(message, units)  # both, so that the error can be pickled
        self.units = units

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Measured:
    """The size of a mesh file. units: its longest side in file units."""

    file: str
    class_name: str
    units: float


@functools.cache
def usual(class_name: str) -> float | None:
    """Return the usual longest side of a built-in class, metres; None for other classes."""
    known = CLASSES.get(class_name)
    if known is None:
        return None
    low, high = known.build(known.draw(stream(0, "size", class_name))).bounds()
    return float((high - low).max())


def best_unit(
    found: Sequence[Measured],
    given: float,
    bounds: Sequence[float],
    typical: tuple[float, float] = ANYTHING,
) -> float:
    """Return the unit, in metres, that brings meshes closest to the usual size of their classes, or
    into `typical` if that is unknown.

    given: the current unit, kept unless another one fits better. bounds: allowed sizes, metres.
    """
    known = {item.class_name: usual(item.class_name) for item in found}

    def misfit(unit: float) -> float:
        sizes = [(item.units * unit, known[item.class_name]) for item in found]
        wrong = sum(_wrong(size, wanted, bounds, typical) for size, wanted in sizes) / len(found)
        return wrong + (0.0 if unit == given else _RANK * UNITS.index(unit))

    return min((given, *(unit for unit in UNITS if unit != given)), key=misfit)


def _wrong(
    size: float,
    wanted: float | None,
    bounds: Sequence[float],
    typical: tuple[float, float],
) -> float:
    """Return how far a size is from the expected one, as the logarithm of their ratio."""
    if not bounds[0] <= size <= bounds[1]:
        return _WORST
    low, high = typical if wanted is None else (wanted, wanted)
    return min(_WORST, max(0.0, math.log(low / size), math.log(size / high)))


def advice(
    item: Measured, others: Sequence[Measured], given: float, bounds: Sequence[float]
) -> str:
    """Return how to correct a mesh that was rejected for its size. others: all meshes of the
    folder, including this one."""
    common = best_unit(others, given, bounds)
    if common != given and _fits(item.units * common, bounds):
        sizes = _resulting(others, common)
        return f"if the files are in another unit, set assets.unit={common:g} ({sizes})"
    own = best_unit([item], given, bounds)
    if own == given:
        return "scale the model, or widen assets.size_range if its size is right"
    return (
        f"with the unit {own:g} it would be {item.units * own:.3g} m, but the other meshes of the"
        f" folder fit: scale this one, or import it with `simgen assets add --unit {own:g}`"
    )


def _fits(size: float, bounds: Sequence[float]) -> bool:
    return bounds[0] <= size <= bounds[1]


def _resulting(found: Sequence[Measured], unit: float) -> str:
    sizes = sorted(item.units * unit for item in found)
    if len(sizes) == 1:
        return f"it would be {sizes[0]:.3g} m"
    return f"the {len(sizes)} meshes would be {sizes[0]:.3g} to {sizes[-1]:.3g} m"


def import_advice(found: Sequence[Measured], given: float, bounds: Sequence[float]) -> str:
    """Return a line that suggests a unit for meshes rejected by an import; empty if none fits."""
    unit = best_unit(found, given, bounds) if len(found) > 1 else given
    if unit == given:
        return ""
    result = _resulting(found, unit)
    return f"if these {len(found)} are in another unit, give --unit {unit:g}: {result}"


def oddity(class_name: str, size: float, typical: tuple[float, float] | None) -> str:
    """Return why a size, metres, is unusual for a class; empty if it is usual. typical: sizes of
    unknown classes, metres."""
    wanted = usual(class_name)
    if wanted is not None:
        is_odd = not wanted / _ODD <= size <= wanted * _ODD
        about = f"but that of the built-in class {class_name} is about {wanted:.2g} m"
        return about if is_odd else ""
    if typical is None or _fits(size, typical):
        return ""
    return f"but those of tabletop objects are {typical[0]:g} to {typical[1]:g} m"


def remarks(
    assets: Sequence[FileAsset], typical: tuple[float, float] | None, bounds: Sequence[float]
) -> list[str]:
    """Return a line about the usable meshes whose size is unusual for their class or, if that is
    unknown, outside `typical`; an empty list if there are none."""
    checked = [(asset, oddity(asset.class_name, max(asset.size), typical)) for asset in assets]
    odd = [(asset, why) for asset, why in checked if why]
    if not odd:
        return []
    first, why = max(odd, key=lambda pair: abs(math.log(max(pair[0].size))))
    mine = [asset for asset in assets if asset.unit == first.unit]
    found = [Measured(a.file, a.class_name, max(a.size) / a.unit) for a in mine]
    unit = best_unit(found, first.unit, bounds, typical or ANYTHING)
    key = "its unit or size in catalogue.yaml" if first.entry else "assets.unit"
    then = f"is {key} right?"
    if unit != first.unit and not first.entry:
        then += (
            f" With assets.unit={unit:g} it would be {max(first.size) / first.unit * unit:.3g} m"
        )
    return [
        f"{len(odd)} of {len(assets)} meshes have an unusual size: the longest side of"
        f" {first.file} is {max(first.size):.3g} m, {why}; {then}"
    ]
