"""Parametric everyday objects: every draw of a class is another believable shape.

`CLASSES[name].draw(rng)` gives a dict of plain floats, and `CLASSES[name].build(params)` turns it
into the same `MeshData` every time. Objects are metric, stand on z = 0 and are made of closed
components; what they may be made of and how heavy they are is in `assets/catalogue.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import (
    ball,
    banana,
    book,
    bottle,
    can,
    candle,
    carton,
    chair,
    dishes,
    fruit,
    glasses,
    mug,
    teapot,
    vase,
)
from simgen.mesh import MeshData


@dataclass(frozen=True)
class ParametricClass:
    """A class of objects: how to draw one and how to build what was drawn."""

    name: str
    draw: Callable[[np.random.Generator], dict[str, float]]
    """A random member of the class as JSON-able numbers."""
    build: Callable[[dict[str, float]], MeshData]
    """Its mesh. A pure function: the same numbers give the same bytes."""


CLASSES: dict[str, ParametricClass] = {
    kind.name: kind
    for kind in (
        ParametricClass("apple", fruit.draw_apple, fruit.build_apple),
        ParametricClass("ball", ball.draw, ball.build),
        ParametricClass("banana", banana.draw, banana.build),
        ParametricClass("book", book.draw, book.build),
        ParametricClass("bottle", bottle.draw, bottle.build),
        ParametricClass("bowl", dishes.draw_bowl, dishes.build_bowl),
        ParametricClass("box", carton.draw, carton.build),
        ParametricClass("can", can.draw, can.build),
        ParametricClass("candle", candle.draw, candle.build),
        ParametricClass("chair", chair.draw, chair.build),
        ParametricClass("mug", mug.draw, mug.build),
        ParametricClass("pear", fruit.draw_pear, fruit.build_pear),
        ParametricClass("plate", dishes.draw_plate, dishes.build_plate),
        ParametricClass("teapot", teapot.draw, teapot.build),
        ParametricClass("tumbler", glasses.draw_tumbler, glasses.build_tumbler),
        ParametricClass("vase", vase.draw, vase.build),
        ParametricClass("wine_glass", glasses.draw_wine_glass, glasses.build_wine_glass),
    )
}
