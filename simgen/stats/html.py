"""What stands on a page of statistics, as plain data; `templates/` makes HTML of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from simgen.report.templates import renderer

_ROWS = 400
"""Of a table on the page; the file of data has all."""


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    value: str
    name: str


@dataclass(frozen=True)
class Table:
    """Cells are plain text; the first of each row is its heading."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Swatch:
    """colour: as in CSS."""

    colour: str


@dataclass(frozen=True)
class Strip:
    """Pictures side by side. pictures: of each its `data:` address and its caption."""

    caption: str
    pictures: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Link:
    """A link to a file beside the page. address: relative."""

    words: str
    address: str


@dataclass(frozen=True)
class Key:
    """What the filled shape and the line of a comparison are: the names of two datasets."""

    first: str
    second: str


@dataclass(frozen=True)
class Chart:
    """A figure and a table that says the same under its title. note: a line below the title.
    warn: whether something is not as it should be."""

    note: str
    svg: Markup
    table: Table
    warn: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page. words: below its heading. blocks: between the words and the charts, text
    as a paragraph."""

    title: str
    words: str = ""
    charts: Sequence[Chart] = ()
    blocks: Sequence[str | Table | Swatch | Strip | Link | Key] = ()

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def page(
    title: str,
    subtitle: str,
    tiles: Sequence[Tile],
    sections: Sequence[Section],
    kind: str = "statistics",
    data: str = "stats.json",
) -> str:
    """A whole document that loads nothing else. Sections without content are left out.

    kind: of page, for the title of the window. data: the file that has all rows of long tables.
    """
    render = renderer(Path(__file__).parent / "templates")
    return render(
        "page.html.jinja",
        title=title,
        subtitle=subtitle,
        tiles=tiles,
        sections=[part for part in sections if part.charts or part.blocks],
        most_rows=_ROWS,
        kind=kind,
        data=data,
    )
