"""Rendering of pages and cards from Jinja2 templates, which are beside the code that uses them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def renderer(folder: Path, **filters: Callable[..., Any]) -> Callable[..., str]:
    """Return a function that renders a template of a folder, given its name and its variables.

    All values are escaped for HTML unless they are `Markup`. filters: additional filters, besides
    `thousands`, which formats an integer with commas.
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
