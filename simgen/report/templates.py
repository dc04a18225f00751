"""Pages and cards from Jinja2 templates, stored beside the code that fills them in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def renderer(folder: Path, **filters: Callable[..., Any]) -> Callable[..., str]:
    """A function that takes the name of a template in a folder and the values of its variables, and
    returns the text.

    All values are escaped for HTML, unless they are `Markup`. filters: for these templates, besides
    `thousands`, which writes a whole number with commas.
    """
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(filters, thousands=lambda number: f"{number:,}")

    def render(name: str, **values: Any) -> str:
        return environment.get_template(name).render(values)

    return render
