"""The charts of a card: small PNGs, identical byte for byte on every call."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from simgen.report.card.gather import Facts
from simgen.report.lettering import shortened

_BARS = 30
_BLUE, _INK, _LINE = "#2b7bc4", "#1b1f24", "#d0d7de"
_PARTS = (_BLUE, "#e08a1e", "#2f9e6e", "#8b5cf6", "#d6457f", "#7a8391")
_DPI = 100


def classes(facts: Facts) -> bytes:
    """Draw the number of objects of the most frequent classes, by split, as a PNG."""
    counts = {name: facts.counts.by_class[name].objects for name in facts.classes}
    ranked = sorted(counts, key=lambda name: (-counts[name].total(), name))[:_BARS]
    figure = _figure(8.0, 1.2 + 0.2 * len(ranked))
    axes = figure.add_subplot()
    stacked_bars(axes, ranked, counts, facts.splits, _PARTS)
    more = len(facts.classes) - len(ranked)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("visible objects" + (f" of the {len(ranked)} most frequent" if more else ""))
    _clean(axes, "x")
    figure.legend(loc="outside upper center", ncols=6, frameon=False, fontsize=9)
    return _png(figure)


def objects(facts: Facts) -> bytes:
    """Draw size, visibility and position of objects, side by side, as a PNG."""
    figure = _figure(8.0, 2.5)
    size, visible, position = figure.subplots(1, 3)
    for axes, counts, title in (
        (size, facts.histogram("size"), "relative size"),
        (visible, facts.histogram("visibility"), "visible part"),
    ):
        shares = 100 * counts / max(1, counts.sum())
        axes.stairs(shares, np.linspace(0, 1, len(counts) + 1), fill=True, color=_BLUE)
        axes.set_xlabel(title)
        axes.set_xlim(0, 1)
        _clean(axes, "y")
    size.set_ylabel("% of objects")
    positions = facts.counts.positions
    level = np.sqrt(positions / max(1, positions.max()))
    position.imshow(level, cmap="Blues", vmin=0, vmax=1, extent=(0, 100, 100, 0), aspect="auto")
    position.set_xlabel("centre of box, % of width")
    position.set_ylabel("% of height")
    _clean(position, "both")
    return _png(figure)


def stacked_bars(
    axes: Axes,
    names: Sequence[str],
    counts: Mapping[str, Counter[str]],
    splits: Sequence[str],
    colours: Sequence[str],
) -> None:
    """Draw a bar for each name, the first one at the top, divided by split."""
    places = np.arange(len(names))[::-1]
    left = np.zeros(len(names))
    for number, split in enumerate(splits):
        widths = np.array([counts[name][split] for name in names], float)
        axes.barh(places, widths, 0.72, left, color=colours[number % len(colours)], label=split)
        left += widths
    axes.set_yticks(places, [shortened(name) for name in names])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)  # a dollar sign in a class name must not start a formula
    axes.set_ylim(-0.6, len(names) - 0.4)


def _figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), dpi=_DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def _clean(axes: Axes, grid: str) -> None:
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=grid, color=_LINE, linewidth=0.5, alpha=0.7)  # type: ignore[arg-type]
    axes.tick_params(length=0, labelsize=8.5, labelcolor=_INK)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set_fontsize(9)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(_LINE)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # Names with letters that Matplotlib's font lacks are in the card's table.
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
