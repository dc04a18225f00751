"""The charts of a study's page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from simgen.report.lettering import shortened
from simgen.stats.charts import log_ticks
from simgen.stats.figures import FIRST, INK, LINE, PARTS, SECOND, clean, svg
from simgen.stats.html import Chart, Table
from simgen.training.answer.findings import ArmFindings, Findings
from simgen.training.answer.words import number, spanned
from simgen.training.evaluation.errors import KINDS
from simgen.training.evaluation.intervals import Difference, Interval
from simgen.training.evaluation.scores import RECALLS

_WIDTH = 4.4
_STYLES = ("-", "--", ":")
"""Line styles; each is combined with every colour."""


def of_arms(found: Findings) -> Chart:
    """Plot the AP50 of each arm with its interval and replicates."""

    def draw(axes: Axes) -> None:
        _spans(axes, found.arms, [one.ap50 for one in found.arms])
        for place, one in zip(_places(found.arms), found.arms, strict=True):
            heights = np.full(len(one.values), place - 0.24)
            axes.scatter(one.values, heights, s=7, color=INK, alpha=0.55, linewidths=0)
        axes.set_xlabel("AP50 on real test images")

    rows = [
        (one.arm.name, spanned(one.ap50), " ".join(number(value) for value in one.values))
        for one in found.arms
    ]
    note = "Mean and 95 % interval; small dots are replicates." + _baselines(found)
    return Chart(
        note, svg("arms", draw, _size(found)), Table("AP50", ("arm", "AP50", "replicates"), rows)
    )


def of_differences(found: Findings) -> Chart:
    """Plot the gain of each arm over the reference."""
    arms = [one for one in found.arms if one.difference is not None]
    spans = [one.difference for one in arms if one.difference is not None]

    def draw(axes: Axes) -> None:
        axes.axvline(0, color=INK, linewidth=1)
        _spans(axes, arms, spans, hollow=[not one.distinct for one in spans])
        axes.set_xlabel("difference in AP50")

    rows = [
        (one.arm.name, spanned(span, sign=True), "yes" if span.distinct else "no")
        for one, span in zip(arms, spans, strict=True)
    ]
    note = "On the same test images. Hollow: the interval includes 0: no significant difference."
    table = Table(
        f"Difference to {found.study.reference}", ("arm", "difference in AP50", "significant"), rows
    )
    return Chart(note, svg("differences", draw, _size(found)), table)


def of_learning(found: Findings) -> list[Chart]:
    """Plot AP50 against the number of images, for each series of arms."""
    series: dict[str, list[ArmFindings]] = {}
    for one in found.arms:
        if one.arm.series:
            series.setdefault(one.arm.series, []).append(one)
    return [
        _of_series(name, sorted(arms, key=lambda one: one.images), f"learning-{place}")
        for place, (name, arms) in enumerate(series.items())
        if len({one.images for one in arms}) > 1
    ]


def _of_series(name: str, arms: Sequence[ArmFindings], figure: str) -> Chart:
    def draw(axes: Axes) -> None:
        images = np.array([one.images for one in arms])
        means = np.array([one.ap50.mean for one in arms])
        lows, highs = ([getattr(one.ap50, end) for one in arms] for end in ("low", "high"))
        axes.fill_between(images, lows, highs, color=FIRST, alpha=0.18, linewidth=0)
        axes.plot(images, means, color=FIRST, linewidth=1.6, marker="o", markersize=5)
        axes.set_xscale("log")
        ticks = log_ticks(float(images.min()), float(images.max()))
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.xaxis.minorticks_off()
        axes.set_xlabel("training images")
        axes.set_ylabel("AP50")
        axes.set_ylim(bottom=0)
        clean(axes, grid="both")
        axes.margins(x=0.06)

    rows = [(f"{one.images:,}", spanned(one.ap50)) for one in arms]
    note = "AP50 on real test images, with its 95 % interval."
    table = Table(f"Learning curve: {name}", ("images", "AP50"), rows)
    return Chart(note, svg(figure, draw), table)


def of_parts(found: Findings, title: str, spans: Sequence[Interval], name: str) -> Chart:
    """Plot the AP50 of one class or size. spans: per arm."""

    def draw(axes: Axes) -> None:
        _spans(axes, found.arms, spans)
        axes.set_xlabel("AP50")

    pairs = zip(found.arms, spans, strict=True)
    rows = [(one.arm.name, spanned(span)) for one, span in pairs]
    return Chart("", svg(name, draw, _size(found)), Table(title, ("arm", "AP50"), rows))


def of_gap(found: Findings) -> Chart | None:
    """Plot AP50 on held-out synthetic images beside AP50 on real ones."""
    arms = [one for one in found.arms if not math.isnan(one.synthetic)]
    if not arms:
        return None

    def draw(axes: Axes) -> None:
        for place, one in zip(_places(arms), arms, strict=True):
            axes.plot([one.ap50.mean, one.synthetic], [place, place], color=LINE, linewidth=2)
        places = _places(arms)
        axes.scatter(
            [one.synthetic for one in arms], places, s=34, color=SECOND, zorder=3, label="synthetic"
        )
        axes.scatter(
            [one.ap50.mean for one in arms], places, s=34, color=FIRST, zorder=3, label="real"
        )
        _name_rows(axes, arms)
        axes.set_xlim(0, 1)
        axes.set_xlabel("AP50")
        axes.figure.legend(loc="outside upper center", ncols=2, frameon=False)

    rows = [
        (one.arm.name, number(one.synthetic), number(one.ap50.mean),
         number(one.synthetic - one.ap50.mean))
        for one in arms
    ]  # fmt: skip
    table = Table("Synthetic and real", ("arm", "synthetic", "real", "gap"), rows)
    note = "AP50 on held-out synthetic images and on real test images."
    return Chart(note, svg("gap", draw, _size(found, legend=1)), table)


def of_precision(found: Findings) -> Chart:
    """Plot the precision-recall curves of all arms."""

    def draw(axes: Axes) -> None:
        for place, one in enumerate(found.arms):
            style = _STYLES[place // len(PARTS) % len(_STYLES)]
            colour = PARTS[place % len(PARTS)]
            label = shortened(one.arm.name, 20)
            axes.plot(RECALLS, one.curve, style, color=colour, linewidth=1.5, label=label)
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.02)
        clean(axes, grid="both")
        axes.figure.legend(loc="outside upper center", ncols=2, frameon=False)

    shown = (20, 40, 60, 80)
    rows = [(one.arm.name, *(number(float(one.curve[at])) for at in shown)) for one in found.arms]
    head = ("arm", *(f"at recall {RECALLS[at]:g}" for at in shown))
    note = "At IoU 0.5, the mean over classes and replicates."
    size = (_WIDTH, 2.6 + 0.2 * -(-len(found.arms) // 2))
    return Chart(note, svg("precision", draw, size), Table("Precision and recall", head, rows))


def of_errors(found: Findings) -> Chart:
    """Plot the number of errors of each kind, at each arm's best threshold."""
    arms = found.arms

    def draw(axes: Axes) -> None:
        left = np.zeros(len(arms))
        for kind, colour in zip(KINDS, PARTS, strict=True):
            widths = np.array([one.error_counts[kind] for one in arms])
            axes.barh(_places(arms), widths, left=left, color=colour, height=0.66, label=kind)
            left += widths
        _name_rows(axes, arms)
        axes.set_xlim(left=0)
        axes.set_xlabel("errors on the test images")
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.figure.legend(loc="outside upper center", ncols=3, frameon=False)

    rows = [(one.arm.name, *(f"{one.error_counts[kind]:.0f}" for kind in KINDS)) for one in arms]
    note = "At the score threshold with the best F1; means over replicates."
    table = Table("Errors", ("arm", *KINDS), rows)
    return Chart(note, svg("errors", draw, _size(found, legend=2)), table)


def of_error_costs(found: Findings) -> Chart:
    """Plot the gain in AP50 if errors of one kind were fixed, for the best arm."""
    best = found.best

    def draw(axes: Axes) -> None:
        places = np.arange(len(KINDS))[::-1]
        values = [best.error_costs[kind] for kind in KINDS]
        axes.barh(places, values, color=PARTS, height=0.66)
        axes.set_yticks(places, list(KINDS))
        axes.set_xlim(left=0)
        axes.set_xlabel("AP50 gained without these errors")
        clean(axes, grid="x")

    rows = [
        (one.arm.name, *(number(one.error_costs[kind]) for kind in KINDS)) for one in found.arms
    ]
    which = f"Of {best.arm.name}, the arm with the highest AP50. " if len(found.arms) > 1 else ""
    note = f"{which}The costs of different kinds do not add up."
    table = Table("Cost of errors", ("arm", *KINDS), rows)
    return Chart(note, svg("costs", draw, (_WIDTH, 2.2)), table)


def _spans(
    axes: Axes,
    arms: Sequence[ArmFindings],
    spans: Sequence[Interval | Difference],
    hollow: Sequence[bool] | None = None,
) -> None:
    """Draw a dot and a bar in the row of each arm."""
    places = _places(arms)
    for row, span in enumerate(spans):
        place = places[row]
        colour = SECOND if arms[row].arm.baseline else FIRST
        axes.plot([span.low, span.high], [place, place], color=colour, linewidth=2.2, alpha=0.6)
        filled = colour if hollow is None or not hollow[row] else "none"
        axes.scatter([span.mean], [place], s=38, color=filled, edgecolors=colour, zorder=3)
    _name_rows(axes, arms)
    axes.margins(x=0.05)


def _name_rows(axes: Axes, arms: Sequence[ArmFindings]) -> None:
    axes.set_yticks(_places(arms), [shortened(one.arm.name, 22) for one in arms])
    axes.set_ylim(-0.6, len(arms) - 0.4)
    clean(axes, grid="x")


def _places(arms: Sequence[ArmFindings]) -> np.ndarray:
    """Return the heights of the rows, the first at the top."""
    return np.arange(len(arms))[::-1]


def _size(found: Findings, legend: int = 0) -> tuple[float, float]:
    return _WIDTH, 0.9 + 0.27 * len(found.arms) + 0.2 * legend


def _baselines(found: Findings) -> str:
    return " Orange: baselines." if any(one.arm.baseline for one in found.arms) else ""
