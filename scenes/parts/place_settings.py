"""Places for objects as people put them on a table: settings for meals, and what stands between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simgen.spec.rng import stream
from simgen.spec.scene import Vector
from simgen.stages.stage import StagePart, Support

from .furnishing import chair

PLATES = ("plate",)
DRINKS = ("tumbler", "wine_glass", "mug", "cup", "paper_cup", "can")
SHARED = (
    "bowl",
    "vase",
    "bottle",
    "teapot",
    "candle",
    "potted_plant",
    "box",
    "frying_pan",
    "pizza",
)
"""Classes in the middle of a table."""
FOOD = ("sandwich", "cake_slice", "donut", "broccoli", "carrot", "banana", "apple", "orange",
        "pear")  # fmt: skip
CUTLERY = ("fork", "knife", "spoon")
_ABOVE_PLATE = 0.032
_ABOVE_FOOD = 0.06
"""Heights from which food falls onto a plate, and cutlery onto both, metres."""

Spot = tuple[float, float]


def setting(
    name: str, edge: Spot, inward: float, height: float, rng: np.random.Generator
) -> Iterator[Support]:
    """Yield the places of one setting.

    edge: point on the table's edge in front of the seat, x and y in the world. inward: direction
    from the seat to the table's centre, radians about z from x. height: of the table's top.
    """
    ahead = np.array([np.cos(inward), np.sin(inward)])
    right = np.array([ahead[1], -ahead[0]])
    away = rng.uniform(0.16, 0.2)
    # Cutlery is modelled along x, with its tip at +x; fronts are at -y.
    along = float(inward - np.pi / 2)
    wide = rng.uniform(0.16, 0.18)

    def place(part: str, x: float, y: float, half: Spot, tags: tuple[str, ...]) -> Support:
        here = np.array(edge) + ahead * y + right * x
        turned = np.abs([ahead * half[1] + right * half[0], ahead * half[1] - right * half[0]])
        size = turned.max(axis=0)
        centre = (float(here[0]), float(here[1]), height)
        return Support(
            (float(size[0]), float(size[1])), False, centre, tags=tags, name=f"{name}_{part}",
            headings=(along,), single=True,
        )  # fmt: skip

    yield place("plate", 0.0, away, (0.15, 0.15), PLATES)
    yield place("fork", -wide - 0.02, away, (0.028, 0.12), ("fork",))
    yield place("knife", wide + 0.01, away + 0.01, (0.028, 0.17), ("knife",))
    yield place("spoon", wide + 0.05, away, (0.028, 0.12), ("spoon",))
    yield place("glass", wide - 0.02, away + 0.2, (0.075, 0.075), DRINKS)
    yield place("side", -wide + 0.02, away + 0.2, (0.1, 0.1), ("bowl", "apple", "orange", "donut"))


def served(plate: Support, inward: float, rng: np.random.Generator) -> Iterator[Support]:
    """Yield the places on a plate: of one large piece of food or several small ones, and sometimes
    of cutlery.

    plate: its place in a setting. inward: direction from the seat to the table's centre, radians.
    """
    x, y, z = plate.centre
    count, start = int(rng.choice((1, 1, 2, 3))), rng.uniform(0, 2 * np.pi)
    out, half = (0.0, 0.085) if count == 1 else (0.05, 0.06)
    for number in range(count):
        turn = start + 2 * np.pi * number / count
        at = (float(x + out * np.cos(turn)), float(y + out * np.sin(turn)), z)
        yield Support((half, half), False, at, tags=FOOD, name=f"{plate.name}_food_{number}",
                      headings=(float(rng.uniform(0, 2 * np.pi)),), single=True,
                      drop=_ABOVE_PLATE)  # fmt: skip
    if rng.random() < 0.35:
        heading = float(inward - np.pi / 2 + rng.normal(0.0, 0.5))
        yield Support((0.12, 0.12), False, plate.centre, tags=CUTLERY, name=f"{plate.name}_cutlery",
                      headings=(heading,), single=True, drop=_ABOVE_FOOD)  # fmt: skip


def chairs(places: Sequence[tuple[Spot, float]], low: Vector, seed: int) -> Iterator[StagePart]:
    """Yield a chair at each seat, more or less pulled out. low: point on the floor below the
    table's centre, world."""
    rng = stream(seed, "chairs")
    high = float(rng.uniform(0.8, 0.95))
    for number, ((x, y), inward) in enumerate(places):
        out = float(rng.uniform(0.08, 0.4))
        at = (x - out * np.cos(inward), y - out * np.sin(inward))
        askew = float(rng.normal(0.0, 0.15))
        seat = chair(at, inward + np.pi / 2 + askew, high, stream(seed, "chair"))
        yield seat.part(f"chair_{number}", low)


def shared(half: Spot, height: float, rng: np.random.Generator) -> Iterator[Support]:
    """Yield places in the middle of a table at the origin, for what everybody reaches.

    half: half of the table's length (along x) and width, metres.
    """
    count = int(rng.integers(1, 4))
    for number in range(count):
        x = ((number + 0.5) / count - 0.5) * 1.1 * half[0]
        yield Support(
            (0.2, 0.2), False, (float(x), float(rng.normal(0.0, 0.03)), height), tags=SHARED,
            name=f"middle_{number}", headings=(float(rng.uniform(0, 2 * np.pi)),), single=True,
        )  # fmt: skip


def seats(
    half: Spot, count: int, is_round: bool, rng: np.random.Generator
) -> list[tuple[Spot, float]]:
    """Return the point on a table's edge and the direction inward for `count` seats at the most.

    half: half of the table's length (along x) and width, metres, about the origin.
    """
    if is_round:
        start = rng.uniform(0, 2 * np.pi)
        turns = start + 2 * np.pi * np.arange(count) / max(count, 1)
        return [
            ((float(half[0] * np.cos(t)), float(half[1] * np.sin(t))), float(t + np.pi))
            for t in turns
        ]
    columns = max(1, int(2 * half[0] / 0.62))
    places: list[tuple[Spot, float]] = []
    for number in range(columns):
        x = ((number + 0.5) / columns - 0.5) * 2 * half[0]
        places += [((x, half[1]), -np.pi / 2), ((x, -half[1]), np.pi / 2)]
    if half[1] > 0.4:
        places += [((half[0], 0.0), np.pi), ((-half[0], 0.0), 0.0)]
    return [places[n] for n in rng.permutation(len(places))[:count]]
