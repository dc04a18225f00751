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
    appliances,
    bakery,
    ball,
    banana,
    book,
    bottle,
    building_block,
    can,
    candle,
    car,
    carton,
    chair,
    clock,
    computer_mouse,
    couch,
    cup,
    cutlery,
    dishes,
    fruit,
    frying_pan,
    furniture,
    glasses,
    greengrocer,
    handhelds,
    house,
    keyboard,
    lamp,
    laptop,
    luggage,
    mug,
    pen,
    potted_plant,
    scissors,
    stapler,
    street,
    table,
    teapot,
    teddy_bear,
    tools,
    toothbrush,
    tree,
    umbrella,
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
        ParametricClass("backpack", luggage.draw_backpack, luggage.build_backpack),
        ParametricClass("ball", ball.draw, ball.build),
        ParametricClass("banana", banana.draw, banana.build),
        ParametricClass("bench", furniture.draw_bench, furniture.build_bench),
        ParametricClass("bin", street.draw_bin, street.build_bin),
        ParametricClass("book", book.draw, book.build),
        ParametricClass("bookcase", furniture.draw_bookcase, furniture.build_bookcase),
        ParametricClass("bottle", bottle.draw, bottle.build),
        ParametricClass("bowl", dishes.draw_bowl, dishes.build_bowl),
        ParametricClass("box", carton.draw, carton.build),
        ParametricClass("building_block", building_block.draw, building_block.build),
        ParametricClass("cake_slice", bakery.draw_cake_slice, bakery.build_cake_slice),
        ParametricClass("can", can.draw, can.build),
        ParametricClass("candle", candle.draw, candle.build),
        ParametricClass("car", car.draw, car.build),
        ParametricClass("carrot", greengrocer.draw_carrot, greengrocer.build_carrot),
        ParametricClass("cell_phone", handhelds.draw_cell_phone, handhelds.build_cell_phone),
        ParametricClass("chair", chair.draw, chair.build),
        ParametricClass("clock", clock.draw, clock.build),
        ParametricClass("computer_mouse", computer_mouse.draw, computer_mouse.build),
        ParametricClass("couch", couch.draw, couch.build),
        ParametricClass("cup", cup.draw_cup, cup.build_cup),
        ParametricClass("donut", bakery.draw_donut, bakery.build_donut),
        ParametricClass("fire_hydrant", street.draw_hydrant, street.build_hydrant),
        ParametricClass("fork", cutlery.draw_fork, cutlery.build_fork),
        ParametricClass("frying_pan", frying_pan.draw, frying_pan.build),
        ParametricClass("hammer", tools.draw_hammer, tools.build_hammer),
        ParametricClass("house", house.draw, house.build),
        ParametricClass("keyboard", keyboard.draw, keyboard.build),
        ParametricClass("knife", cutlery.draw_knife, cutlery.build_knife),
        ParametricClass("lamp", lamp.draw, lamp.build),
        ParametricClass("laptop", laptop.draw, laptop.build),
        ParametricClass("microwave", appliances.draw_microwave, appliances.build_microwave),
        ParametricClass("mug", mug.draw, mug.build),
        ParametricClass("orange", greengrocer.draw_orange, greengrocer.build_orange),
        ParametricClass("paper_cup", cup.draw_paper_cup, cup.build_paper_cup),
        ParametricClass("pear", fruit.draw_pear, fruit.build_pear),
        ParametricClass("pen", pen.draw, pen.build),
        ParametricClass("plate", dishes.draw_plate, dishes.build_plate),
        ParametricClass("potted_plant", potted_plant.draw, potted_plant.build),
        ParametricClass("refrigerator", appliances.draw_fridge, appliances.build_fridge),
        ParametricClass("remote", handhelds.draw_remote, handhelds.build_remote),
        ParametricClass("scissors", scissors.draw, scissors.build),
        ParametricClass("screwdriver", tools.draw_screwdriver, tools.build_screwdriver),
        ParametricClass("spoon", cutlery.draw_spoon, cutlery.build_spoon),
        ParametricClass("stapler", stapler.draw, stapler.build),
        ParametricClass("stop_sign", street.draw_sign, street.build_sign),
        ParametricClass("suitcase", luggage.draw_suitcase, luggage.build_suitcase),
        ParametricClass("table", table.draw, table.build),
        ParametricClass("teapot", teapot.draw, teapot.build),
        ParametricClass("teddy_bear", teddy_bear.draw, teddy_bear.build),
        ParametricClass("toothbrush", toothbrush.draw, toothbrush.build),
        ParametricClass("toy_car", car.draw_toy, car.build_toy),
        ParametricClass("traffic_cone", street.draw_cone, street.build_cone),
        ParametricClass("tree", tree.draw, tree.build),
        ParametricClass("tumbler", glasses.draw_tumbler, glasses.build_tumbler),
        ParametricClass("tv", appliances.draw_tv, appliances.build_tv),
        ParametricClass("umbrella", umbrella.draw, umbrella.build),
        ParametricClass("vase", vase.draw, vase.build),
        ParametricClass("wine_glass", glasses.draw_wine_glass, glasses.build_wine_glass),
        ParametricClass("wrench", tools.draw_wrench, tools.build_wrench),
    )
}
