"""Charts of sampled values and of the distributions in the config."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from simgen.config import FACTORS
from simgen.report.lettering import shortened
from simgen.stats.charts import number, percent
from simgen.stats.drawn import Drawn
from simgen.stats.figures import FIRST, INK, bars, clean, outline, svg
from simgen.stats.html import Chart, Table
from simgen.stats.names_drawn import NamesDrawn
from simgen.stats.numbers_drawn import NumberDrawn

_NAMES = 14


def of_drawn(one: Drawn, departs: bool) -> Chart:
    """Plot the sampled values as bars, and the distribution in the config as a line."""
    if isinstance(one, NamesDrawn):
        return _of_names(one, departs)
    return _of_numbers(one, departs)


def _of_numbers(one: NumberDrawn, departs: bool) -> Chart:
    drawn, asked = one.drawn / one.count, one.asked / one.count
    whole = FACTORS[one.key].whole

    def draw(axes: Axes) -> None:
        bars(axes, one.edges, drawn, gaps=whole)
        outline(axes, one.edges, asked, INK)
        axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:g} %")
        if whole:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylim(0, 1.15 * max(float(drawn.max()), float(asked.max())))
        clean(axes)

    spans = zip(one.edges[:-1], one.edges[1:], drawn, asked, strict=True)
    rows = [(f"{a:.4g} to {b:.4g}", percent(d), percent(e)) for a, b, d, e in spans]
    table = Table(one.key, (one.key, "sampled", "requested"), rows)
    return Chart(_note(one, departs), svg(one.key, draw, (4.4, 1.9)), table, warn=departs)


def _of_names(one: NamesDrawn, departs: bool) -> Chart:
    order = np.argsort(-one.asked, kind="stable")[:_NAMES]
    drawn, asked = one.drawn[order] / one.count, one.asked[order] / one.count
    names = [one.names[i] for i in order]
    places = np.arange(len(names))[::-1]

    def draw(axes: Axes) -> None:
        axes.barh(places, drawn, color=FIRST, height=0.7, alpha=0.85)
        for place, share in zip(places, asked, strict=True):
            axes.plot([share, share], [place - 0.42, place + 0.42], color=INK, linewidth=1.6)
        axes.set_yticks(places, [shortened(name, 18) for name in names])
        axes.set_ylim(-0.6, len(names) - 0.4)
        axes.xaxis.set_major_formatter(lambda x, _: f"{100 * x:g} %")
        axes.xaxis.set_major_locator(MaxNLocator(5))
        clean(axes, grid="x")
        axes.margins(x=0.05)

    rows = [
        (name, percent(d / one.count), percent(a / one.count))
        for name, d, a in zip(one.names, one.drawn, one.asked, strict=True)
    ]
    figure = svg(one.key, draw, (4.4, max(1.3, 0.55 + 0.21 * len(names))))
    more = f" {len(names)} of {len(one.names)} are shown." if len(one.names) > len(names) else ""
    table = Table(one.key, (one.key, "sampled", "requested"), rows)
    return Chart(_note(one, departs) + more, figure, table, warn=departs)


def _note(one: Drawn, departs: bool) -> str:
    count = f"{one.count:,} samples."
    if one.outside:
        count += f" {one.outside:,} of them are impossible under the config."
    test = one.test if isinstance(one, NamesDrawn) else "Kolmogorov-Smirnov D"
    if one.p is None and one.statistic is not None:
        return f"{count} {test.capitalize()}: {number(one.statistic)}."
    if one.p is None:
        return f"{count} {_untested(one)}"
    figures = f"{test} {number(one.statistic or 0.0)}, p {_p(one.p)}."
    if departs:
        return f"{count} Differs from the config: {figures}"
    if one.even:
        return f"{count} Stratified, so closer than independent samples: {figures}"
    return f"{count} {figures}"


def _untested(one: Drawn) -> str:
    if isinstance(one, NumberDrawn) and np.count_nonzero(one.asked) <= 1:
        return "Constant, as requested."
    if isinstance(one, NamesDrawn) and len(one.names) <= 1:
        return "Constant, as requested."
    return "Too few to test."


def _p(p: float) -> str:
    return "below 0.0001" if p < 1e-4 else f"{p:.2g}"
