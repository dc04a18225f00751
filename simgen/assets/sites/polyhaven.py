"""Poly Haven: textures, HDRIs and glTF models by id.

`/info/ID` has the type, the authors and, for textures, the size in millimetres; `/files/ID` lists
addresses, sizes and MD5s by map, resolution and format. https://api.polyhaven.com/
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from simgen.assets import texture_sets
from simgen.assets.sites.download import Client, RemoteFile
from simgen.assets.sites.item import (
    HDRI,
    MODEL,
    TEXTURE,
    SiteItem,
    checked_id,
    expect,
    file_name,
    no_resolution,
)
from simgen.errors import AssetError

API = "https://api.polyhaven.com"
_PAGE = "https://polyhaven.com/a/"
_KINDS = {0: HDRI, 1: TEXTURE, 2: MODEL}
_FORMATS = {texture_sets.DISPLACEMENT: ("png", "exr", "jpg")}
"""Formats of maps, the most suitable first: a relief needs more than 8 bits."""
_USUAL_FORMATS = ("jpg", "png", "exr")
_MOST_FILES = 200


def find(client: Client, wanted: str, resolution: str) -> SiteItem:
    """Return an item. wanted: its id. resolution: such as `1k`. Raises `AssetError`."""
    info = expect(client.json(f"info/{checked_id(wanted)}"), dict, "info")
    kind = _KINDS.get(expect(info.get("type"), int, "info.type"))
    listed = expect(client.json(f"files/{wanted}"), dict, "files")
    find_files = {HDRI: _hdri, TEXTURE: _texture, MODEL: _model}.get(kind or "")
    if find_files is None:
        raise AssetError(f"its type is {info['type']}, expected an HDRI, a texture or a model")
    authors = info.get("authors")
    return SiteItem(
        id=wanted,
        kind=str(kind),
        source=f"{_PAGE}{wanted}",
        files=find_files(listed, resolution),
        authors=[str(name)[:80] for name in authors] if isinstance(authors, dict) else [],
        width=_width(info) if kind == TEXTURE else None,
    )


def _width(info: dict[str, Any]) -> float | None:
    sides = info.get("dimensions")
    side = sides[0] if isinstance(sides, list) and sides else None
    known = isinstance(side, int | float) and 1.0 <= side <= 1e6
    return float(side) / 1000.0 if known and side else None


def _hdri(listed: dict[str, Any], resolution: str) -> dict[str, RemoteFile]:
    sizes = expect(listed.get("hdri"), dict, "files.hdri")
    if resolution not in sizes:
        raise no_resolution(resolution, sizes)
    return _named(_pick(sizes[resolution], ("hdr", "exr"), f"files.hdri.{resolution}"))


def _texture(listed: dict[str, Any], resolution: str) -> dict[str, RemoteFile]:
    found: dict[str, RemoteFile] = {}
    for key, sizes in listed.items():
        kind = texture_sets.parse(f"x_{key}.jpg").kind
        if kind in ("", texture_sets.UNUSED, texture_sets.NORMAL_DX) or not isinstance(sizes, dict):
            continue
        if resolution not in sizes:
            if kind == texture_sets.COLOR:
                raise no_resolution(resolution, sizes)
            continue
        formats = _FORMATS.get(kind, _USUAL_FORMATS)
        found |= _named(_pick(sizes[resolution], formats, f"files.{key}.{resolution}"))
    kinds = {texture_sets.parse(name).kind for name in found}
    if texture_sets.COLOR not in kinds:
        raise AssetError(f"it has no map of its colour among {', '.join(sorted(listed))[:100]}")
    return found


def _model(listed: dict[str, Any], resolution: str) -> dict[str, RemoteFile]:
    sizes = expect(listed.get("gltf"), dict, "files.gltf")
    if resolution not in sizes:
        raise no_resolution(resolution, sizes)
    where = f"files.gltf.{resolution}"
    plain = expect(expect(sizes[resolution], dict, where).get("gltf"), dict, where)
    found = _named(_file(plain, where))
    include = expect(plain.get("include", {}), dict, f"{where}.include")
    if len(include) > _MOST_FILES:
        raise AssetError(f"{where}: found {len(include)} files, expected at most {_MOST_FILES}")
    for path, each in include.items():
        parts = PurePosixPath(path).parts
        if not parts or any(file_name(part) != part for part in parts):
            raise AssetError(f"{where}.include: found {path[:60]!r}, expected a relative path")
        found["/".join(parts)] = _file(expect(each, dict, path), path)
    return found


def _pick(formats: Any, wanted: tuple[str, ...], where: str) -> RemoteFile:
    known = expect(formats, dict, where)
    name = next((name for name in wanted if name in known), None)
    if name is None:
        raise AssetError(f"{where}: found {', '.join(sorted(known))}, expected {wanted[0]}")
    return _file(expect(known[name], dict, where), where)


def _file(plain: dict[str, Any], where: str) -> RemoteFile:
    url = expect(plain.get("url"), str, f"{where}.url")
    size = expect(plain.get("size"), int, f"{where}.size")
    return RemoteFile(url, file_name(url), size, expect(plain.get("md5"), str, f"{where}.md5"))


def _named(file: RemoteFile) -> dict[str, RemoteFile]:
    return {file.name: file}
