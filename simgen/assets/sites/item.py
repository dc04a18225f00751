"""What a site offers under one id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from simgen.assets import yaml_files
from simgen.assets.sites.download import RemoteFile
from simgen.errors import AssetError

TEXTURE, HDRI, MODEL = "texture", "hdri", "model"
RESOLUTIONS = ("1k", "2k", "4k", "8k")
LICENCE = "CC0-1.0"
"""Of everything on both sites."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,119}")


@dataclass(frozen=True)
class SiteItem:
    """An item and its files in the wanted resolution.

    kind: `texture`, `hdri` or `model`. width: that a texture covers, metres, if known. files: by
    their path in the item's folder; a ZIP archive is unpacked.
    """

    id: str
    kind: str
    source: str
    files: dict[str, RemoteFile]
    authors: list[str] = field(default_factory=list)
    width: float | None = None


def checked_id(text: str) -> str:
    """Return an id that is valid as a folder and in an address. Raises `AssetError`."""
    if not _ID.fullmatch(text):
        raise AssetError("expected an id of letters, digits, '-' and '_', as in the page's address")
    return text


def file_name(url: str) -> str:
    """Return the last part of an address, if it is a plain file name. Raises `AssetError`."""
    name = url.split("?", 1)[0].rsplit("/", 1)[-1]
    if not _NAME.fullmatch(name):
        raise AssetError(f"found the file name {name[:60]!r}, expected a plain one")
    return name


def expect(value: Any, kind: type, where: str) -> Any:
    """Return a value of an API's answer if it has this type. Raises `AssetError`."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise AssetError(
            f"{where}: found {yaml_files.short(value)}, expected {kind.__name__}; the site's API"
            " may have changed"
        )
    return value


def no_resolution(wanted: str, known: Any) -> AssetError:
    """Return the error for a resolution that an item does not have."""
    listed = ", ".join(sorted(map(str, known))) or "none"
    return AssetError(f"it has no resolution {wanted}; expected one of {listed}")
