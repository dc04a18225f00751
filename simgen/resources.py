"""Where the content is: the folders `configs`, `scenes` and `assets`; and the cache.

In a checkout they are beside the package, in an installed wheel inside it. Their Python files are
submodules of this module in both: `scenes/room.py` is `simgen.resources.scenes.room`. Among
themselves they use relative imports.
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


__path__ = [str(_content())]  # makes this module a package, see above


def resource(name: str) -> Path:
    """The folder of a name, e.g. `resource("configs")`."""
    folder = _content() / name
    if not folder.is_dir():
        raise SimgenError(f"simgen's own folder `{name}` is missing at {folder}: reinstall it")
    return folder


def module_names(folder: str) -> tuple[str, ...]:
    """The Python files of a folder, sorted, without their suffix."""
    return tuple(sorted(path.stem for path in resource(folder).glob("[a-z]*.py")))


def module(folder: str, name: str) -> ModuleType:
    """One of the Python files of a folder, imported."""
    return import_module(f"{__name__}.{folder.replace('/', '.')}.{name}")


def cache_dir() -> Path | None:
    """What is slow to make is kept there between runs: `$XDG_CACHE_HOME/simgen`, else
    `~/.cache/simgen`.

    None where there is no home directory (some containers).
    """
    configured = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(configured):
        return Path(configured) / "simgen"
    try:
        return Path.home() / ".cache" / "simgen"
    except RuntimeError:
        return None
