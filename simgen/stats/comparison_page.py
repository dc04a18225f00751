"""The page that compares two datasets, by descending difference."""

from __future__ import annotations

from pathlib import Path

from simgen.stats import as_json
from simgen.stats.charts import number, of_histogram, of_hues, of_positions, of_sphere, percent
from simgen.stats.collect import Progress, gather
from simgen.stats.compare import Comparison, Difference, compare
from simgen.stats.html import Chart, Key, Section, Table, Tile, page
from simgen.stats.page import DATA, PAGE
from simgen.stats.statistics import Statistics

_CLASSES = 8
"""Maximum number of classes with their own charts."""
_FEW = 10
"""Minimum number of objects in either dataset for a class's histograms to be meaningful."""
_CHARTS = 3
"""Number of charts per class."""


def write_comparison(
    first_path: str, second_path: str, folder: Path, progress: Progress
) -> tuple[Path, Comparison]:
    """Write `stats.html` and `stats.json` about two datasets, as `write_page` does for one.

    Return the path of the page and the comparison. Raises `InputError` and `OSError`.
    """
    first, first_drawn = gather(first_path, progress)
    second, second_drawn = gather(second_path, progress)
    found = compare(first, second)
    both = as_json.of_two(
        as_json.of_one(first, first_drawn), as_json.of_one(second, second_drawn), found
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_bytes(as_json.to_json(both))
    (folder / PAGE).write_text(html_of(first, second, found), encoding="utf-8")
    return folder / PAGE, found


def html_of(first: Statistics, second: Statistics, found: Comparison) -> str:
    names = first.name, second.name
    return page(
        f"{names[0]} and {names[1]}",
        "How two datasets differ.",
        _tiles(first, second),
        [
            Section("Distances", _DISTANCES, blocks=_distances(found)),
            Section(
                "Quantities", "By descending difference.", _charts(first, second, found),
                [Key(*names)],
            ),
            Section("Classes", _CLASS_WORDS, _class_charts(first, second, found), _classes(found)),
            Section("Omitted", blocks=_left_out(first, second, names)),
        ],
    )  # fmt: skip


_DISTANCES = (
    "Jensen-Shannon distance: 0 for equal histograms, 1 for disjoint ones; beside it, the distance "
    "that two samples of this size from one source would have by chance. Wasserstein-1: how far "
    "values have to be moved on average to turn one histogram into the other, in the unit of the "
    "quantity."
)
_CLASS_WORDS = (
    "Matched by name; case is ignored, and spaces, hyphens and underscores are equivalent. By "
    "descending difference beyond chance."
)


def _tiles(first: Statistics, second: Statistics) -> list[Tile]:
    pairs = (
        ("images", first.image_count, second.image_count),
        ("visible objects", first.object_count, second.object_count),
        ("classes", len(first.classes), len(second.classes)),
    )
    return [Tile(f"{a:,} | {b:,}", name) for name, a, b in pairs]


def _distances(found: Comparison) -> list[str | Table]:
    rows = [_row(one) for one in found.quantities]
    head = (
        "quantity",
        "Jensen-Shannon",
        "by chance",
        "Wasserstein-1",
        "mean of first",
        "of second",
    )
    return [Table("Distances", head, rows) if rows else "They have nothing in common."]


def _row(one: Difference) -> tuple[str, ...]:
    unit = f" {one.unit}" if one.unit else ""
    moved = "" if one.wasserstein is None else f"{number(one.wasserstein)}{unit}"
    means = ("", "") if one.means is None else tuple(f"{number(m)}{unit}" for m in one.means)
    return one.title, f"{one.jensen_shannon:.3f}", f"{one.by_chance:.3f}", moved, *means


def _charts(first: Statistics, second: Statistics, found: Comparison) -> list[Chart]:
    charts: list[Chart] = []
    for one in found.quantities:
        if one.id == "hues":
            charts.append(of_hues(first.hues, second.hues))
        elif one.id == "positions":
            charts.append(of_positions(first.positions, "positions-1", "Positions: first"))
            charts.append(of_positions(second.positions, "positions-2", "Positions: second"))
        elif one.id == "sphere":
            charts.append(of_sphere(first.sphere, "Views: first", "sphere-1"))
            charts.append(of_sphere(second.sphere, "Views: second", "sphere-2"))
        elif one.id in first.histograms:
            a, b = first.histograms[one.id], second.histograms[one.id]
            charts.append(of_histogram(a, b, _note(one)))
    return charts


def _note(one: Difference) -> str:
    unit = f" {one.unit}" if one.unit else ""
    moved = "" if one.wasserstein is None else f", Wasserstein-1 {number(one.wasserstein)}{unit}"
    return f"Jensen-Shannon {one.jensen_shannon:.3f} ({one.by_chance:.3f} by chance){moved}."


def _classes(found: Comparison) -> list[str | Table]:
    rows = [
        (
            one.names[0] if one.names[0] == one.names[1] else f"{one.names[0]} = {one.names[1]}",
            f"{one.objects[0]:,}",
            percent(one.shares[0]),
            f"{one.objects[1]:,}",
            percent(one.shares[1]),
            "; ".join(
                f"{q.title.lower()} {q.jensen_shannon:.2f}" for q in one.quantities[:_CHARTS]
            ),
        )
        for one in found.classes
    ]
    head = ("class", "objects of first", "share", "objects of second", "share", "differs most in")
    first = Table("Matched classes", head, rows) if rows else "No class name occurs in both."
    alone = (("first", found.only_first), ("second", found.only_second))
    return [
        first,
        *(
            f"Only in the {which} ({len(names)}): {', '.join(names)}."
            for which, names in alone
            if names
        ),
    ]


def _class_charts(first: Statistics, second: Statistics, found: Comparison) -> list[Chart]:
    charts = []
    enough = [one for one in found.classes if min(one.objects) >= _FEW]
    for place, one in enumerate(enough[:_CLASSES]):
        a, b = first.by_class[one.names[0]], second.by_class[one.names[1]]
        for quantity in one.quantities[:_CHARTS]:
            histograms = a.histograms[quantity.id], b.histograms[quantity.id]
            name = f"class-{place}-{quantity.id}"
            title = f"{one.names[0]}: {quantity.title.lower()}"
            charts.append(of_histogram(*histograms, _note(quantity), name, title))
    return charts


def _left_out(first: Statistics, second: Statistics, names: tuple[str, str]) -> list[Table]:
    rows = [
        (what, name, reason)
        for name, one in zip(names, (first, second), strict=True)
        for what, reason in one.left_out.items()
    ]
    return [Table("Not compared", ("quantity", "dataset", "reason"), rows)] if rows else []
