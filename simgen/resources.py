"""Locations of the content folders `configs`, `scenes` and `assets`, and of the cache.

The folders are beside the package in a checkout, and inside it in an installed wheel. In both
cases their Python files are submodules of this module: `scenes/room.py` is
`simgen.resources.scenes.room`. They import each other relatively.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from types import ModuleType

from simgen.errors import SimgenError

PACKAGE = Path(__file__).resolve().parent


def _content() -> Path:
    bundled = PACKAGE / "_resources"
    return bundled if bundled.is_dir() else PACKAGE.parent


__path__ = [str(_content())]  # makes this module a package; see the module's docstring


def resource(name: str) -> Path:
    """Return the path of a content folder, e.g. `resource("configs")`."""
    folder = _content() / name
    if not folder.is_dir():
        raise SimgenError(f"{folder}: simgen's own folder `{name}` is missing; reinstall simgen")
    return folder


def module_names(folder: str) -> tuple[str, ...]:
    """Return the names of the Python files in a content folder, sorted, without suffix."""
    return tuple(sorted(path.stem for path in resource(folder).glob("[a-z]*.py")))


def module(folder: str, name: str) -> ModuleType:
    """Import a Python file of a content folder and return the module."""
    return import_module(f"{__name__}.{folder.replace('/', '.')}.{name}")


def cache_dir() -> Path | None:
    """Return the cache folder for results that are slow to compute: `$XDG_CACHE_HOME/simgen`, or
    else `~/.cache/simgen`; None if there is no home directory (as in some containers)."""
    configured = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(configured):
        return Path(configured) / "simgen"
    try:
        return Path.home() / ".cache" / "simgen"
    except RuntimeError:
        return None
