"""The content of a statistics page as plain data, rendered to HTML by `templates/`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from simgen.report.templates import renderer

_ROWS = 400
"""Maximum number of table rows on the page; the data file has all of them."""


@dataclass(frozen=True)
class Tile:
    """A figure at the top of the page."""

    value: str
    name: str


@dataclass(frozen=True)
class Table:
    """A table of plain text; the first cell of each row is its heading."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Swatch:
    """A patch of a CSS colour."""

    colour: str


@dataclass(frozen=True)
class Strip:
    """Pictures side by side. pictures: `data:` URL and caption of each."""

    caption: str
    pictures: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Link:
    """A link to a file beside the page. address: relative."""

    words: str
    address: str


@dataclass(frozen=True)
class Key:
    """The legend of a comparison: the names of the filled and the outlined dataset."""

    first: str
    second: str


@dataclass(frozen=True)
class Chart:
    """A figure, and a table with the same content and its title.

    note: a line below the title. warn: whether to highlight a problem.
    """

    note: str
    svg: Markup
    table: Table
    warn: bool = False


@dataclass(frozen=True)
class Section:
    """A section of the page. words: text below its heading. blocks: between that text and the
    charts; a string is a paragraph."""

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
    """Return a self-contained HTML document, without empty sections.

    kind: of page, for the window title. data: name of the file with all rows of long tables.
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
