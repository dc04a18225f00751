"""All rules, by their id."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from simgen.formats.findings import Rule
from simgen.formats.registry import FOLDERS


def all_rules() -> dict[str, Rule]:
    """Those that formats share, then those of each format, as they are written down."""
    found: dict[str, Rule] = {}
    for name in _modules():
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, Rule):
                found.setdefault(value.id, value)
    return found


def _modules() -> Iterator[str]:
    """Of all formats."""
    for folder in ("reading", "validate", *sorted(FOLDERS)):
        package = importlib.import_module(f"simgen.formats.{folder}")
        for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
            if module.name != "rules":
                yield f"{package.__name__}.{module.name}"
