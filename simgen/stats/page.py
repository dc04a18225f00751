"""`stats.html` and `stats.json`: the statistics of a dataset on one page."""

from __future__ import annotations

from pathlib import Path

from simgen.report.counting.quantities import IMAGE, OBJECT
from simgen.stats import as_json
from simgen.stats.charts import (
    of_class_images,
    of_classes,
    of_histogram,
    of_hues,
    of_positions,
    of_sphere,
    of_together,
)
from simgen.stats.collect import Progress, gather, silent
from simgen.stats.drawn import Drawn, flagged
from simgen.stats.drawn_charts import of_drawn
from simgen.stats.html import Chart, Section, Swatch, Table, Tile, page
from simgen.stats.statistics import Statistics

PAGE, DATA = "stats.html", "stats.json"
_SPHERES = 11
"""Maximum number of classes with their own view sphere."""
_PAIRS = 50


def write_page(dataset_path: str, folder: Path, progress: Progress = silent) -> Path:
    """Write `stats.html` and `stats.json` about a dataset into a folder; return the former's path.

    dataset_path: path or URI for `simgen.formats.sources.open_source`. folder: created if
    necessary. Output is deterministic. Raises `InputError` and `OSError`.
    """
    found, drawn = gather(dataset_path, progress)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_bytes(as_json.to_json(as_json.of_one(found, drawn)))
    (folder / PAGE).write_text(html_of(found, drawn), encoding="utf-8")
    return folder / PAGE


def html_of(found: Statistics, drawn: list[Drawn] | None) -> str:
    return page(
        found.name,
        "Statistics of this dataset.",
        _tiles(found),
        [
            Section("Classes", charts=_classes(found)),
            Section("Objects", _OBJECTS, _objects(found)),
            Section("Views", _VIEWS, _spheres(found)),
            Section("Images", "", _images(found), _sizes(found)),
            Section("Near duplicates", _ALIKE, blocks=_alike(found)),
            Section("Requested and sampled", _ASKED, _asked(drawn or []), _verdict(drawn)),
            Section("Omitted", blocks=_left_out(found)),
        ],
    )


_OBJECTS = "All objects with at least one visible pixel."
_VIEWS = (
    "Directions from which objects are seen, in the object's frame: z is up, and azimuth 0 is the "
    "x axis. The map preserves areas, so uniformly distributed views fill it evenly."
)
_ALIKE = (
    "Images whose 64-bit fingerprints (dHash) differ in few bits look alike at thumbnail size. "
    "Frames of one scene often do, by nature."
)
_ASKED = (
    "Every range and every list of names in the config: bars show the sampled values, the line "
    "shows the distribution in the config. Scenes that cannot be realized are sampled again, so a "
    "difference may only reflect what fits. The tests together have a significance level of 1 %."
)


def _tiles(found: Statistics) -> list[Tile]:
    images = max(1, found.image_count)
    tiles = [
        Tile(f"{found.image_count:,}", "images"),
        Tile(f"{found.object_count:,}", "visible objects"),
        Tile(f"{found.object_count / images:.3g}", "objects per image"),
        Tile(f"{sum(1 for one in found.by_class.values() if one.objects)}", "classes seen"),
    ]
    shares = [(split, found.images[split]) for split in found.splits]
    return [*tiles, *(Tile(f"{count:,}", split) for split, count in shares if len(shares) > 1)]


def _objects(found: Statistics) -> list[Chart]:
    charts = [of_histogram(found.histograms["objects"])] if found.object_count else []
    axes = [axis for axis in OBJECT if found.histograms[axis.id].count]
    charts += [of_histogram(found.histograms[axis.id]) for axis in axes]
    if found.object_count:
        charts.append(of_positions(found.positions))
    return charts


def _classes(found: Statistics) -> list[Chart]:
    if not found.object_count:
        return []
    charts = [of_classes(found), of_class_images(found)]
    return [*charts, of_together(found)] if found.together else charts


def _spheres(found: Statistics) -> list[Chart]:
    if not found.sphere.any():
        return []
    ranked = sorted(found.by_class, key=lambda name: -int(found.by_class[name].sphere.sum()))
    charts = [of_sphere(found.sphere, "All classes", "sphere")]
    for place, name in enumerate(ranked[:_SPHERES]):
        views = found.by_class[name].sphere
        if views.any() and len(ranked) > 1:
            charts.append(of_sphere(views, name, f"sphere-{place}"))
    return charts


def _images(found: Statistics) -> list[Chart]:
    axes = [axis for axis in IMAGE[1:] if found.histograms[axis.id].count]
    charts = [of_histogram(found.histograms[axis.id]) for axis in axes]
    return [*charts, of_hues(found.hues)] if found.hues.any() else charts


def _sizes(found: Statistics) -> list[str | Table | Swatch]:
    blocks: list[str | Table | Swatch] = []
    sizes = [(f"{width} x {height}", count) for (width, height), count in found.sizes.most_common()]
    if len(sizes) == 1:
        blocks.append(f"All images have {sizes[0][0]} pixels.")
    elif sizes:
        rows = [(size, f"{count:,}") for size, count in sizes]
        blocks.append(Table("Sizes", ("pixels", "images"), rows))
    if found.near_duplicates:
        blocks.append(
            Swatch("#" + "".join(f"{round(255 * value):02x}" for value in found.mean_colour))
        )
    return blocks


def _alike(found: Statistics) -> list[str | Table]:
    if found.near_duplicates is None:
        return []
    one = found.near_duplicates
    most = "" if one.complete else " or more"
    pairs = f"{one.other:,}{most} pairs"
    if found.kind == "simgen":
        pairs += f" of different scenes and {one.same_scene:,}{most} pairs of frames of one scene"
    blocks: list[str | Table] = [f"{pairs} differ in at most {one.near} bits."]
    shown = [pair for pair in one.pairs if not pair.same_scene][:_PAIRS]
    if shown:
        rows = [(pair.first, pair.second, str(pair.bits)) for pair in shown]
        blocks.append(Table("Pairs", ("image", "looks like", "bits"), rows))
    return blocks


def _asked(drawn: list[Drawn]) -> list[Chart]:
    departing = {one.key for one in flagged(drawn)}
    return [of_drawn(one, one.key in departing) for one in drawn]


def _verdict(drawn: list[Drawn] | None) -> list[str]:
    if not drawn:
        return []
    tested = [one for one in drawn if one.p is not None]
    departing = [one.key for one in flagged(drawn)]
    names = ", ".join(departing)
    return [
        f"{len(drawn)} factors, {len(tested)} with enough samples to test. Significantly different "
        f"from the config: {names or 'none'}."
    ]


def _left_out(found: Statistics) -> list[Table]:
    rows = list(found.left_out.items())
    return [Table("Not available", ("quantity", "reason"), rows)] if rows else []
