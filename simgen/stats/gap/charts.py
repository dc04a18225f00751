"""The charts of the page: all distances with their intervals, and the values of each quantity."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from simgen.report.lettering import shortened
from simgen.stats.figures import FIRST, LINE, bars, clean, outline, svg
from simgen.stats.gap.ranking import Difference
from simgen.stats.gap.words import distance, figure, values
from simgen.stats.html import Chart, Table

_BINS = 24
_KINDS = 12


def of_distances(rows: Sequence[Difference]) -> Chart:
    """Plot the distances of all quantities, the largest on top."""
    places = np.arange(len(rows))

    def draw(axes: Axes) -> None:
        for place, row in enumerate(rows):
            found, colour = row.interval, FIRST if row.interval.differs else LINE
            ends = max(0.0, found.low), max(0.0, found.high)
            axes.plot(ends, (place, place), color=colour, linewidth=2)
            axes.plot(max(0.0, found.value), place, "o", color=colour, markersize=5)
        axes.axvline(0, color=LINE, linewidth=0.8)
        axes.set_yticks(places, [shortened(row.quantity.title, 32) for row in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("distance, in spreads of the real set")
        clean(axes, grid="x")

    head = ("quantity", "distance", "synthetic, median", "real, median", "unit", "about")
    cells = [
        (
            row.quantity.title, distance(row.interval), *map(figure, row.medians),
            row.unit, row.quantity.about,
        )
        for row in rows
    ]  # fmt: skip
    note = "Lines are simultaneous 95 % intervals; grey ones contain 0."
    size = (6.4, 0.9 + 0.24 * len(rows))
    return Chart(note, svg("distances", draw, size), Table("Distances", head, cells))


def of_values(row: Difference) -> Chart:
    """Plot the values of a quantity: synthetic ones filled, real ones as a line."""
    variant = row.shown
    if variant.real.is_shares:
        return _of_shares(row)
    both = [one.values[np.isfinite(one.values)] for one in (variant.synthetic, variant.real)]
    low, high = np.quantile(np.concatenate(both), [0.005, 0.995])
    edges = np.linspace(low, max(high, low + 1e-6), _BINS + 1)
    shares = [np.histogram(np.clip(one, low, edges[-1]), edges)[0] / len(one) for one in both]

    def draw(axes: Axes) -> None:
        bars(axes, edges, shares[0])
        outline(axes, edges, shares[1])
        axes.set_xlabel(row.quantity.unit or row.quantity.title.lower())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
        clean(axes)

    cells = [
        (f"{figure(a)} to {figure(b)}", f"{first:.1%}", f"{second:.1%}")
        for (a, b), first, second in zip(itertools.pairwise(edges), *shares, strict=True)
        if first or second
    ]
    table = Table(row.quantity.title, ("value", "synthetic", "real"), cells)
    return Chart(values(row), svg(f"values-{row.quantity.id}", draw), table)


def _of_shares(row: Difference) -> Chart:
    both = []
    for one in (row.shown.synthetic, row.shown.real):
        total = one.values.sum(axis=0)
        both.append(total / max(float(total.sum()), 1e-12))
    kinds = row.quantity.kinds
    order = np.arange(len(kinds))
    if len(kinds) > _KINDS:
        order = np.argsort(-np.abs(both[0] - both[1]), kind="stable")
    shown = order[:_KINDS]
    edges = np.arange(len(shown) + 1) - 0.5

    def draw(axes: Axes) -> None:
        bars(axes, edges, both[0][shown], gaps=True)
        outline(axes, edges, both[1][shown])
        names = [shortened(kinds[place], 16) for place in shown]
        axes.set_xticks(range(len(shown)), names, rotation=60, ha="right")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
        clean(axes)

    cells = [(kinds[n], f"{both[0][n]:.1%}", f"{both[1][n]:.1%}") for n in order]
    table = Table(row.quantity.title, ("kind", "synthetic", "real"), cells)
    note = f"The {_KINDS} of {len(kinds)} that differ most." if len(kinds) > _KINDS else ""
    return Chart(note, svg(f"values-{row.quantity.id}", draw, (4.4, 3.2)), table)
