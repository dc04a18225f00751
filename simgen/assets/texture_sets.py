"""PBR texture sets: images of a folder that belong together, recognized by their names.

ambientCG names them `Bricks075A_1K-JPG_Color.jpg`, `..._NormalGL.jpg`, `..._Roughness.jpg`; Poly
Haven, `brick_wall_001_diff_1k.jpg`, `..._nor_gl_1k.exr`, `..._rough_1k.exr`. Other common names
work too. https://docs.ambientcg.com/, https://docs.polyhaven.com/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

COLOR, NORMAL, NORMAL_DX, ROUGHNESS, METALLIC, ARM, DISPLACEMENT = (
    *("color", "normal", "normal_dx", "roughness", "metallic", "arm", "displacement"),
)
UNUSED = "unused"
_ENDINGS = {
    COLOR: ("color", "colour", "col", "diff", "diffuse", "albedo", "basecolor", "basecolour"),
    NORMAL: ("normalgl", "norgl", "normal", "normals", "nor", "nrm", "nrml"),
    NORMAL_DX: ("normaldx", "nordx"),
    ROUGHNESS: ("roughness", "rough"),
    METALLIC: ("metalness", "metallic", "metal"),
    ARM: ("arm", "orm"),
    DISPLACEMENT: ("displacement", "disp", "height"),
    # Ambient occlusion is traced; the others are not part of simgen's materials.
    UNUSED: (
        *(
            "ambientocclusion",
            "ao",
            "occlusion",
            "opacity",
            "emission",
            "spec",
            "specular",
            "gloss",
        ),
        *("bump", "mask", "translucent", "translucency", "idmap", "preview", "cavity", "edges"),
    ),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
_RESOLUTION = re.compile(r"(\d{1,2})k(?:jpg|png|exr)?")
_FORMATS = ("jpg", "jpeg", "png", "exr", "tif")
_SPLIT = re.compile(r"[_\-. ]+")
_WANTED_K, _HDRI_K = 2, 4
"""Preferred resolutions, in thousands of pixels: larger textures would be scaled down, and larger
worlds cost memory for detail that few images show."""


@dataclass(frozen=True)
class NamedMap:
    """What the name of an image says. name: of its set, with its folder, in lower case. kind: empty
    for an image that names no kind. resolution: in thousands of pixels, 0 if it is not named."""

    file: str
    name: str
    kind: str
    resolution: int = 0


@dataclass
class TextureSet:
    """The images of a set, by kind. color: its base colour. others: images that are not used."""

    color: str
    maps: dict[str, str] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)


def parse(file: str) -> NamedMap:
    """Return what the name of an image says. file: its path, with forward slashes."""
    path = PurePosixPath(file)
    words = [word for word in _SPLIT.split(path.stem.lower()) if word]
    sizes = [int(found[1]) for word in words if (found := _RESOLUTION.fullmatch(word))]
    words = [word for word in words if not _RESOLUTION.fullmatch(word) and word not in _FORMATS]
    kind, left = "", words
    for count in (2, 1):
        # Some sets have several colours, such as `bark_col_01`.
        for end in (len(words), len(words) - 1 if words and words[-1].isdigit() else 0):
            ending = "".join(words[max(0, end - count) : end])
            if not kind and end >= count and ending in _KINDS:
                kind, left = _KINDS[ending], words[: end - count]
    # Maps of a set often lie in a folder of their own: `textures/` beside a .blend file.
    return NamedMap(file, "_".join((path.parent.as_posix(), *left)), kind, max(sizes, default=0))


def group(files: Iterable[str]) -> list[TextureSet]:
    """Return the sets among the images of a folder: those with a colour and at least one map.

    Images that are in no set are not part of the result.
    """
    named: dict[str, list[NamedMap]] = {}
    for item in sorted(map(parse, files), key=lambda item: item.file):
        named.setdefault(item.name, []).append(item)
    sets = (_set(items) for _, items in sorted(named.items()))
    return [found for found in sets if found is not None]


def duplicates(files: Iterable[str]) -> set[str]:
    """Return the images of HDRIs that a folder has in several resolutions or formats, except the
    preferred one of each."""
    best: dict[str, NamedMap] = {}
    items = [parse(file) for file in sorted(files)]
    for item in items:
        key = f"{item.name} {item.kind}"
        if key not in best or _cost(item, _HDRI_K) < _cost(best[key], _HDRI_K):
            best[key] = item
    return {item.file for item in items} - {item.file for item in best.values()}


def _set(items: list[NamedMap]) -> TextureSet | None:
    best: dict[str, NamedMap] = {}
    for item in items:
        known = best.get(item.kind)
        if item.kind not in ("", UNUSED) and (known is None or _cost(item) < _cost(known)):
            best[item.kind] = item
    if COLOR not in best:
        return None
    color = best.pop(COLOR)
    if NORMAL in best:
        best.pop(NORMAL_DX, None)
    if ROUGHNESS in best:
        best.pop(ARM, None)
    if ARM in best:
        best.pop(METALLIC, None)
    used = {color.file, *(item.file for item in best.values())}
    others = {item.file for item in items} - used
    if not best:
        return None
    return TextureSet(color.file, {kind: best[kind].file for kind in sorted(best)}, others)


def _cost(item: NamedMap, wanted: int = _WANTED_K) -> tuple[bool, int, bool]:
    """Return how unwelcome an image is compared with others of its kind. wanted: resolution, in
    thousands of pixels."""
    too_large = item.resolution > wanted
    size = item.resolution if too_large else -item.resolution
    return too_large, size, item.file.lower().endswith(".exr")
