"""Parametric everyday objects: every draw of a class is another believable shape.

`CLASSES[name].draw(rng)` gives the numbers that a scene's spec stores, and
`CLASSES[name].build(numbers)` turns them into the same `MeshData` every time. Objects are metric,
stand on z = 0 and are made of closed components; what they may be made of and how heavy they are is
in `assets/catalogue.yaml`. Parameters are in metres and radians, or relative to what a comment
says. Imports `simgen.geometry.solids` and `simgen.spec.parameters`.

A class is found in whichever module of this package has it in its `CLASSES`.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from simgen.assets.parametric.parametric_class import ParametricClass

__all__ = ["CLASSES", "ParametricClass"]


def _built_in() -> dict[str, ParametricClass[Any]]:
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    found = [item for module in modules for item in getattr(module, "CLASSES", ())]
    return {item.name: item for item in sorted(found, key=lambda item: item.name)}


CLASSES = _built_in()
