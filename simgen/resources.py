"""Where the folders of data are: `configs`, `scenes` and `assets`, and the cache.

In a checkout those of data lie beside the package, in an installed wheel inside it.
"""

from __future__ import annotations

import os
from pathlib import Path

from simgen.errors import SimgenError

PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder of a name, e.g. `resource("configs")`."""
    bundled = PACKAGE / "_resources"
    folder = (bundled if bundled.is_dir() else PACKAGE.parent) / name
    if not folder.is_dir():
        raise SimgenError(f"simgen's own folder `{name}` is missing at {folder}: reinstall it")
    return folder


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
