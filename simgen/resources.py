"""Where the folders of data are: `configs`, `scenes` and `assets`.

In a checkout they lie beside the package, in an installed wheel inside it.
"""

from __future__ import annotations

from pathlib import Path

from simgen.errors import SimgenError

PACKAGE = Path(__file__).resolve().parent


def resource(name: str) -> Path:
    """The folder of a name, e.g. `resource("configs")`."""
    bundled = PACKAGE / "_resources"
    folder = (bundled if bundled.is_dir() else PACKAGE.parent) / name
    if not folder.is_dir():
        raise SimgenError(f"simgen's own folder `{name}` is missing at {folder}: install it anew")
    return folder
