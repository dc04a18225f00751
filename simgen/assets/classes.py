"""Parametric classes of everyday objects: every sample of a class has another plausible shape.

`CLASSES[name].draw(rng)` samples the numbers that a scene's spec stores, and
`CLASSES[name].build(numbers)` builds the same `MeshData` from them every time. Objects are metric,
stand on z = 0 and consist of closed components; `assets/catalogue.yaml` has their materials and
densities. Parameters are in metres and radians, or relative to a quantity named in a comment.

The classes are those listed in `CLASSES` by any file of `assets/classes/`, which use
`simgen.geometry.solids` and `simgen.spec.parameters`.
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
