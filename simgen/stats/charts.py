"""The charts of the statistics page."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from colorsys import hsv_to_rgb

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from simgen.report.card.pictures import stacked_bars
from simgen.report.counting.counts import ClassCounts
from simgen.report.counting.histogram import Axis, Histogram, coarser
from simgen.report.counting.measures import HUES
from simgen.report.counting.sphere import coverage
from simgen.report.lettering import shortened
from simgen.stats.figures import PARTS, bars, clean, heat, outline, svg
from simgen.stats.html import Chart, Table
from simgen.stats.statistics import Statistics

_BINS = 40
_BARS = 40
_MATRIX = 12
_ELEVATIONS = (-90, -30, 0, 30, 90)


def of_histogram(
    first: Histogram,
    second: Histogram | None = None,
    note: str = "",
    name: str = "",
    title: str = "",
) -> Chart:
    """Plot a histogram as shares, with that of a second dataset as a line over it.

    note, name, title: override those of the axis.
    """
    axis = first.axis
    both = first.counts if second is None else first.counts + second.counts
    _, edges = coarser(both, axis.edges, _BINS)
    parts = [_regrouped(one, edges) for one in (first, second) if one is not None]

    def draw(axes: Axes) -> None:
        bars(axes, edges, parts[0], gaps=axis.integer and len(edges) <= _BINS // 2)
        if len(parts) > 1:
            outline(axes, edges, parts[1])
        if axis.log:
            axes.set_xscale("log")
            ticks = log_ticks(float(edges[0]), float(edges[-1]))
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            axes.xaxis.minorticks_off()
        if axis.integer:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel(_labelled(axis))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
        clean(axes)

    spans = [_span(axis, low, high) for low, high in itertools.pairwise(edges)]
    rows = [
        (span, *(percent(share) for share in shares))
        for span, *shares in zip(spans, *parts, strict=True)
        if any(shares)
    ]
    heads = ("share",) if second is None else ("first", "second")
    table = Table(title or axis.title, (_labelled(axis), *heads), rows)
    return Chart(note or axis.about, svg(name or axis.id, draw), table)


def of_classes(found: Statistics) -> Chart:
    """Plot the objects of each class, by split."""
    columns = [f"{what} in {split}" for split in found.splits for what in ("objects", "images")]
    posed = ("median distance, m", "views covered") if found.sphere.any() else ()
    head = ("class", *columns, "median size", *posed)
    counts = {name: one.objects for name, one in found.by_class.items()}
    rows = {name: _class_row(found, name) for name in counts}
    return _of_counts(found, "objects", counts, "classes", "Objects of each class", head, rows)


def of_class_images(found: Statistics) -> Chart:
    """Plot the images with each class, by split."""
    counts = {name: one.images for name, one in found.by_class.items()}
    rows = {
        name: (name, *(f"{count[split]:,}" for split in found.splits))
        for name, count in counts.items()
    }
    head = ("class", *found.splits)
    return _of_counts(found, "images", counts, "class-images", "Images with each class", head, rows)


def _of_counts(
    found: Statistics,
    what: str,
    counts: dict[str, Counter[str]],
    name: str,
    title: str,
    head: Sequence[str],
    rows: Mapping[str, Sequence[str]],
) -> Chart:
    """Plot bars of the most frequent classes, stacked by split. rows: of all classes."""
    ranked = sorted(counts, key=lambda one: -counts[one].total())
    shown, several = ranked[:_BARS], len(found.splits) > 1

    def draw(axes: Axes) -> None:
        stacked_bars(axes, shown, counts, found.splits, PARTS)
        axes.set_xlabel(what)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        clean(axes, grid="x")
        if several:
            axes.figure.legend(loc="outside upper center", ncols=4, frameon=False)

    legend = -(-len(found.splits) // 4) if several else 0
    size = (4.4, max(1.6, 0.7 + 0.2 * legend + 0.2 * len(shown)))
    note = f"The {_BARS} most frequent of {len(ranked)}." if len(ranked) > _BARS else ""
    return Chart(note, svg(name, draw, size), Table(title, head, [rows[one] for one in ranked]))


def of_positions(counts: np.ndarray, name: str = "positions", title: str = "Positions") -> Chart:
    """Plot the distribution of box centres. counts: rows from the top."""

    def draw(axes: Axes) -> None:
        heat(axes, counts, (0, 100, 100, 0))
        axes.set_xlabel("% of the width")
        axes.set_ylabel("% of the height")
        clean(axes, grid="both")

    note = "Centres of the boxes; the image's top is at the top. Full colour marks the maximum."
    table = Table(title, ("", "left", "middle", "right"), _thirds(counts))
    return Chart(note, svg(name, draw, (4.4, 3.0)), table)


def of_sphere(counts: np.ndarray, title: str, name: str) -> Chart:
    """Plot the directions from which objects are seen. counts: indexed by `sphere.cell`."""

    def draw(axes: Axes) -> None:
        heat(axes, counts[::-1], (-180, 180, -1, 1))
        axes.set_xticks(range(-180, 181, 90))
        axes.set_yticks(np.sin(np.radians(_ELEVATIONS)), [str(e) for e in _ELEVATIONS])
        axes.set_xlabel("azimuth, degrees")
        axes.set_ylabel("elevation")
        clean(axes, grid="both")

    views = int(counts.sum())
    note = f"{percent(coverage(counts))} of {counts.size} directions covered, {views:,} views."
    bands = counts.reshape(4, -1, counts.shape[1]).sum(axis=(1, 2))[::-1]
    spans = ("above 30", "0 to 30", "-30 to 0", "below -30")
    rows = [(span, percent(n / max(1, views))) for span, n in zip(spans, bands, strict=True)]
    table = Table(title, ("elevation, degrees", "views"), rows)
    return Chart(note, svg(name, draw, (4.4, 2.6)), table)


def of_hues(first: np.ndarray, second: np.ndarray | None = None) -> Chart:
    edges = np.linspace(0, 360, HUES + 1)

    def draw(axes: Axes) -> None:
        for number, share in enumerate(first):
            colour = hsv_to_rgb((number + 0.5) / HUES, 0.75, 0.85)
            axes.bar(edges[number], share, 360 / HUES, align="edge", color=colour)
        if second is not None:
            outline(axes, edges, second)
        axes.set_xticks(range(0, 361, 60))
        axes.set_xlabel("hue, degrees")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:g} %"))
        clean(axes)

    heads = ("share",) if second is None else ("first", "second")
    parts = [first] if second is None else [first, second]
    rows = [
        (f"{edges[i]:g} to {edges[i + 1]:g}", *(percent(float(part[i])) for part in parts))
        for i in range(HUES)
    ]
    note = "Pixels by their hue, weighted by how colourful they are."
    return Chart(note, svg("hues", draw), Table("Colour", ("hue, degrees", *heads), rows))


def of_together(found: Statistics) -> Chart:
    """Plot which classes occur together in images."""
    images = {name: one.images.total() for name, one in found.by_class.items()}
    shown = [name for name in sorted(images, key=lambda n: -images[n]) if images[name]][:_MATRIX]
    matrix = np.zeros((len(shown), len(shown)))
    for row, a in enumerate(shown):
        for column, b in enumerate(shown):
            low, high = sorted((a, b))
            matrix[row, column] = images[a] if a == b else found.together[low, high]

    def draw(axes: Axes) -> None:
        count = len(shown)
        shares = matrix / np.array([images[name] for name in shown])[:, None]
        heat(axes, shares**2, (0, count, count, 0))
        for row, column in np.ndindex(count, count):
            text = f"{100 * shares[row, column]:.0f}"
            axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=7)
        names = [shortened(name, 13) for name in shown]
        axes.set_xticks(np.arange(count) + 0.5, names, rotation=60, ha="right")
        axes.set_yticks(np.arange(count) + 0.5, names)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)

    side = min(4.2, 1.5 + 0.25 * len(shown))
    note = "% of the images with the row's class that also contain the column's class."
    rows = [(a, b, f"{count:,}") for (a, b), count in found.together.most_common(200)]
    table = Table("Together", ("class", "and", "images with both"), rows)
    return Chart(note, svg("together", draw, (4.4, side)), table)


def log_ticks(low: float, high: float) -> list[float]:
    """Return round numbers for a logarithmic axis: 1, 2, 5, 10 ... or powers of ten."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [step * 10.0**power for power in powers for step in (1, 2, 5)]
    inside = [tick for tick in ticks if low * 0.999 <= tick <= high * 1.001]
    if len(inside) < 2:
        return [float(f"{tick:.2g}") for tick in np.geomspace(low, high, 3)]
    if len(inside) <= 7:
        return inside
    tens = [10.0**power for power in powers if low * 0.999 <= 10.0**power <= high * 1.001]
    return tens if len(tens) >= 2 else inside


def percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def number(value: float) -> str:
    return "" if value != value else f"{value:.3g}"


def _class_row(found: Statistics, name: str) -> tuple[str, ...]:
    one: ClassCounts = found.by_class[name]
    counts = [f"{n:,}" for s in found.splits for n in (one.objects[s], one.images[s])]
    row = (name, *counts, number(one.histograms["size"].quantile(0.5)))
    if not found.sphere.any():
        return row
    distance = number(one.histograms["distance"].quantile(0.5))
    return (*row, distance, percent(coverage(one.sphere)))


def _thirds(counts: np.ndarray) -> tuple[tuple[str, ...], ...]:
    total = max(1, int(counts.sum()))
    rows, columns = counts.shape
    parts = counts.reshape(3, rows // 3, 3, columns // 3).sum(axis=(1, 3))
    names = ("top", "middle", "bottom")
    return tuple(
        (name, *(percent(n / total) for n in row.tolist()))
        for name, row in zip(names, parts, strict=True)
    )


def _regrouped(found: Histogram, edges: np.ndarray) -> np.ndarray:
    """Return shares in the coarser bins given by `edges`."""
    places = np.searchsorted(edges[1:-1], found.axis.centres, side="right")
    return np.bincount(places, found.counts, len(edges) - 1) / max(1, found.count)


def _labelled(axis: Axis) -> str:
    title = axis.title.lower()
    return f"{title}, {axis.unit}" if axis.unit else title


def _span(axis: Axis, low: float, high: float) -> str:
    if not axis.integer:
        return f"{low:.3g} to {high:.3g}"
    first, last = round(low + 0.5), round(high - 0.5)
    return f"{first}" if first == last else f"{first} to {last}"
