"""`gap.html` and `gap.json`: the differences between two sets of images on one page."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from simgen.stats import as_json
from simgen.stats.gap import words
from simgen.stats.gap.charts import of_distances, of_values
from simgen.stats.gap.examples import of_difference
from simgen.stats.gap.measuring import Measured
from simgen.stats.gap.pictures import thumbnail
from simgen.stats.gap.plain import of_gap
from simgen.stats.gap.ranking import Difference
from simgen.stats.gap.report import Gap
from simgen.stats.html import Chart, Key, Section, Strip, Table, Tile, page

PAGE, DATA = "gap.html", "gap.json"
_SHOWN = 6
"""Number of differences with pictures, the largest ones."""
_SIDE = 176
_QUALITY = 82

_DIFFERENCES = (
    "How far values have to be moved on average to turn the synthetic distribution into the real "
    "one (Wasserstein-1), in units of the real set's spread, minus the expected distance of two "
    "halves of one set. Only the part of a difference that no other difference explains counts. In "
    "95 of 100 comparisons of two halves of one set, all intervals contain 0."
)
_TOLD = (
    "Balanced accuracy of a simple classifier on images whose group it has not seen: 50 % is "
    "guessing. KID is a distance between the features of a network: 0 for equal sets."
)
_IMAGES = "Ranked by a classifier that has not seen the image's group."


def write_page(found: Gap, folder: Path) -> Path:
    """Write `gap.html` and `gap.json` into a folder, created if necessary; return the former's
    path. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DATA).write_bytes(as_json.to_json(of_gap(found)))
    (folder / PAGE).write_text(html_of(found), encoding="utf-8")
    return folder / PAGE


def html_of(found: Gap) -> str:
    names = found.synthetic.side.name, found.real.side.name
    return page(
        f"{names[0]} and {names[1]}",
        words.verdict(found),
        _tiles(found),
        [
            Section("What differs", _DIFFERENCES, _distances(found), [words.scale(found)]),
            *_largest(found, names),
            Section("Classification", _TOLD, blocks=_told(found)),
            Section("Images", _IMAGES, blocks=_images(found)),
            Section("Limitations", blocks=list(words.LIMITS)),
            Section("Omitted", blocks=_left_out(found)),
        ],
        kind="gap",
        data=DATA,
    )


def _tiles(found: Gap) -> list[Tile]:
    sides = found.synthetic.side, found.real.side
    counts = [f"{len(side.entries):,} of {side.total:,}" for side in sides]
    tiles = [
        Tile(counts[0], "synthetic images"),
        Tile(counts[1], "real images"),
        Tile(f"{len(found.beyond_chance)} of {len(found.differences)}", "quantities differ"),
    ]
    return [*tiles, *(Tile(words.percent(one.accuracy), f"classified correctly, {one.what}")
                      for one in found.apart)]  # fmt: skip


def _distances(found: Gap) -> list[Chart]:
    return [of_distances(found.differences)] if found.differences else []


def _largest(found: Gap, names: tuple[str, str]) -> list[Section]:
    """Return a section for each of the largest differences."""
    return [
        Section(
            f"{place}. {row.quantity.title}",
            f"{row.quantity.about} Distance {words.distance(row.interval)}.",
            [of_values(row)],
            [Key(*names), *_strips(found, row)],
        )
        for place, row in enumerate(found.beyond_chance[:_SHOWN], start=1)
    ]


def _strips(found: Gap, row: Difference) -> list[Strip]:
    synthetic, real = of_difference(row)
    captions = (
        "Most extreme synthetic images in this direction",
        "Real images closest to their median",
    )
    return [
        Strip(caption, _pictures(side, places))
        for caption, side, places in zip(
            captions, (found.synthetic, found.real), (synthetic, real), strict=True
        )
        if places
    ]


def _told(found: Gap) -> list[Table | str]:
    rows = [
        (
            words.named(one),
            words.percent(one.accuracy),
            "" if one.kid is None else words.per_mille(one.kid),
            f"{one.counts[0]:,} and {one.counts[1]:,}",
            one.model,
        )
        for one in found.apart
    ]
    head = ("compared", "classified correctly", "KID x 1000", "synthetic and real", "features")
    return [Table("Classification", head, rows)] if rows else []


def _images(found: Gap) -> list[Strip]:
    if found.examples is None:
        return []
    shown = found.examples
    strips = [
        Strip("The most real synthetic images", _pictures(found.synthetic, shown.most_real)),
        Strip("The least real synthetic images", _pictures(found.synthetic, shown.least_real)),
    ]
    if shown.unlike:
        places = [place for place, _ in shown.unlike]
        ratios = [f"{ratio:.1f} times the usual distance" for _, ratio in shown.unlike]
        strips.append(
            Strip(
                "Real images without a similar synthetic image, with the distance to the nearest "
                "synthetic image relative to that between real images",
                _pictures(found.real, places, ratios),
            )
        )
    return strips


def _pictures(
    side: Measured, places: Sequence[int], notes: Sequence[str] = ()
) -> list[tuple[str, str]]:
    return [
        (
            _address(side.thumbnails[place]),
            ": ".join([side.side.entries[place].name, *notes[number : number + 1]]),
        )
        for number, place in enumerate(places)
    ]


def _address(rgb: np.ndarray) -> str:
    small = cv2.cvtColor(thumbnail(rgb, _SIDE), cv2.COLOR_RGB2BGR)
    done, buffer = cv2.imencode(".jpg", small, (cv2.IMWRITE_JPEG_QUALITY, _QUALITY))
    assert done
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.tobytes()).decode()}"


def _left_out(found: Gap) -> list[Table]:
    if not found.left_out:
        return []
    return [Table("Not compared", ("quantity", "reason"), found.left_out)]
