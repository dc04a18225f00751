"""Parametric everyday objects: every draw of a class is another believable shape.

`CLASSES[name].draw(rng)` gives the numbers that a scene's spec stores, and
`CLASSES[name].build(numbers)` turns them into the same `MeshData` every time. Objects are metric,
stand on z = 0 and are made of closed components; what they may be made of and how heavy they are is
in `assets/catalogue.yaml`. Parameters are in metres and radians, or relative to what a comment
says. Imports `simgen.geometry.solids` and `simgen.spec.parameters`.

A class is found in whichever file of `assets/classes/` has it in its `CLASSES`.
"""

from __future__ import annotations

from typing import Any

from simgen.assets.parametric import ParametricClass
from simgen.resources import module, module_names


def _built_in() -> dict[str, ParametricClass[Any]]:
    modules = [module("assets/classes", name) for name in module_names("assets/classes")]
    found = [item for one in modules for item in getattr(one, "CLASSES", ())]
    return {item.name: item for item in sorted(found, key=lambda item: item.name)}


CLASSES = _built_in()
