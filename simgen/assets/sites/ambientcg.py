"""ambientCG: materials and HDRIs by id.

`/api/v2/full_json` lists the downloads of an asset: archives of a material's maps, or OpenEXR files
of an HDRI, and the size in centimetres. It states no checksums.
https://docs.ambientcg.com/api/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simgen.assets.sites.download import Client, RemoteFile
from simgen.assets.sites.item import (
    HDRI,
    TEXTURE,
    SiteItem,
    checked_id,
    expect,
    file_name,
    no_resolution,
)
from simgen.errors import AssetError

API = "https://ambientcg.com"
_PAGE = "https://ambientcg.com/a/"
_KINDS = {"Material": TEXTURE, "HDRI": HDRI}
_FORMATS = {TEXTURE: ("-JPG", "-PNG"), HDRI: ("-HDR", "-EXR", "")}
"""Ends of the names of downloads, the most suitable first."""
_SUFFIXES = (".zip", ".exr", ".hdr")


def find(client: Client, wanted: str, resolution: str) -> SiteItem:
    """Return an item. wanted: its id. resolution: such as `1k`. Raises `AssetError`."""
    answer = client.json(
        "api/v2/full_json", id=checked_id(wanted), include="downloadData,dimensionsData"
    )
    listed = expect(expect(answer, dict, "full_json").get("foundAssets"), list, "foundAssets")
    found = [item for item in listed if isinstance(item, dict) and item.get("assetId") == wanted]
    if not found:
        raise AssetError(
            "ambientCG has no asset of this id (it distinguishes upper and lower case)"
        )
    asset = found[0]
    if (kind := _KINDS.get(str(asset.get("dataType")))) is None:
        raise AssetError(f"it is of type {asset.get('dataType')!r}, expected Material or HDRI")
    downloads = {str(item.get("attribute")): item for item in _downloads(asset)}
    names = [f"{resolution.upper()}{end}" for end in _FORMATS[kind]]
    name = next((name for name in names if name in downloads), None)
    if name is None:
        raise no_resolution(resolution, downloads)
    return SiteItem(
        id=wanted,
        kind=kind,
        source=f"{_PAGE}{wanted}",
        files=_files(downloads[name]),
        authors=["ambientCG"],
        width=_width(asset) if kind == TEXTURE else None,
    )


def _downloads(asset: dict[str, Any]) -> Iterator[dict[str, Any]]:
    folders = asset.get("downloadFolders")
    for folder in _values(folders):
        for category in _values(folder.get("downloadFiletypeCategories")):
            listed = category.get("downloads")
            for item in listed if isinstance(listed, list) else ():
                if isinstance(item, dict):
                    yield item


def _values(plain: Any) -> list[dict[str, Any]]:
    """Return the objects in an object or a list."""
    values = plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ()
    return [value for value in values if isinstance(value, dict)]


def _files(item: dict[str, Any]) -> dict[str, RemoteFile]:
    url = expect(item.get("downloadLink"), str, "downloadLink")
    name = file_name(expect(item.get("fileName", url.rsplit("file=", 1)[-1]), str, "fileName"))
    if not name.lower().endswith(_SUFFIXES):
        raise AssetError(f"found the download {name!r}, expected {', '.join(_SUFFIXES)}")
    size = item.get("size")
    known = isinstance(size, int) and not isinstance(size, bool) and size > 0
    return {name: RemoteFile(url, name, size if known else None)}


def _width(asset: dict[str, Any]) -> float | None:
    try:
        side = float(asset.get("dimensionX") or 0)
    except (TypeError, ValueError):
        return None
    return side / 100.0 if 0.1 <= side <= 1e5 else None
