"""Readers of Pascal VOC's files: XML annotations, image sets, masks, CVAT's label map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image

from simgen.formats.findings import At, Sink, finding
from simgen.formats.items import SUFFIXES
from simgen.formats.reading import images
from simgen.formats.reading.text_file import floats, named, read_text

_ENDS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True)
class VocObject:
    """An object of an annotation.

    name: empty if missing. ends: xmin, ymin, xmax, ymax: first and last column and row of the box,
    from 1; None if missing.
    """

    name: str
    ends: tuple[float, ...] | None
    difficult: bool

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """Return `[x, y, w, h]` in continuous pixels; requires `ends`."""
        assert self.ends is not None
        left, top, right, bottom = self.ends
        return left - 1, top - 1, right - left + 1, bottom - top + 1


@dataclass(frozen=True)
class VocAnnotation:
    """An annotation file.

    file_name: the stated name of the image; may be empty. size: stated width and height; None if
    missing.
    """

    file_name: str
    size: tuple[int, int] | None
    objects: tuple[VocObject, ...]


def read_annotation(path: Path, root: Path, report: Sink) -> VocAnnotation | None:
    """Read an annotation; None if it is not valid XML. root: the dataset's folder."""
    name = named(path, root)
    text = read_text(path, name, report)
    if text is None:
        return None
    # A document type may declare entities that expand a small file without bounds.
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        report(finding("voc/xml", name, "", "a document type with entities", "plain XML"))
        return None
    try:
        tree = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, RecursionError) as problem:
        report(finding("voc/xml", name, "", str(problem), "XML"))
        return None
    objects = tuple(map(_object, tree.findall("object")))
    for number, item in enumerate(objects, start=1):
        if not item.name:
            report(finding("voc/xml", name, f"object {number}", "no name", "a class"))
        if item.ends is None:
            found = "no bndbox of four numbers"
            report(finding("voc/xml", name, f"object {number}", found, ", ".join(_ENDS)))
    return VocAnnotation((tree.findtext("filename") or "").strip(), _size(tree), objects)


def _object(node: ElementTree.Element) -> VocObject:
    ends = floats([node.findtext(f"bndbox/{end}") or "" for end in _ENDS])
    difficult = floats([node.findtext("difficult") or "0"])
    name = (node.findtext("name") or "").strip()
    return VocObject(name, None if ends is None else tuple(ends), difficult not in (None, [0]))


def _size(tree: ElementTree.Element) -> tuple[int, int] | None:
    values = floats([tree.findtext(f"size/{side}") or "" for side in ("width", "height")])
    if values is None or any(value % 1 or not 0 < value < 100_000 for value in values):
        return None
    return int(values[0]), int(values[1])


def image_of(root: Path, stem: str, file_name: str) -> Path | None:
    """Return the image of an annotation: by the stated file name, or else by its own name."""
    folder, named_so = root / "JPEGImages", Path(file_name)
    endings = [named_so.suffix] if named_so.suffix.lower() in SUFFIXES else []
    names = [f"{stem}{ending}" for ending in (*endings, ".jpg", ".png", *sorted(SUFFIXES))]
    declared = [named_so.name] if named_so.name and images.inside(file_name) else []
    return next((folder / name for name in (*declared, *names) if (folder / name).is_file()), None)


@dataclass(frozen=True)
class ImageSet:
    """An image set.

    names: of images, with their line numbers. of_class: whether it flags which images show a class.
    """

    names: tuple[tuple[int, str], ...]
    of_class: bool


def read_image_set(file: Path, root: Path, report: Sink) -> ImageSet | None:
    text = read_text(file, named(file, root), report, may_be_empty=True)
    if text is None:
        return None
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1)]
    rows = [(number, words) for number, words in lines if words]
    flagged = all(len(words) == 2 and words[1] in ("1", "0", "-1") for _, words in rows)
    of_class = bool(rows) and flagged
    # Names may contain spaces.
    names = [(number, words[0] if of_class else " ".join(words)) for number, words in rows]
    return ImageSet(tuple(names), of_class)


def read_label_map(root: Path, report: Sink) -> tuple[str, ...]:
    """Return the classes of CVAT's label map without the background; empty without a map."""
    path = root / "labelmap.txt"
    text = read_text(path, path.name, report) if path.is_file() else ""
    lines = [line for line in (text or "").splitlines() if line[:1] != "#"]
    names = [line.split(":")[0].strip() for line in lines]
    return tuple(dict.fromkeys(name for name in names if name and name != "background"))


def read_mask(path: Path, root: Path, size: tuple[int, int], report: Sink) -> np.ndarray | None:
    """Read a mask, `H x W` uint8; None if invalid. size: width and height of the image."""
    at = At(named(path, root))
    found = images.size_in(path)
    if found is None:
        report(at("image/unreadable", "no image that Pillow can identify", "PNG"))
        return None
    if found != size:
        sizes = (f"{width} x {height}" for width, height in (found, size))
        report(at("voc/segmentation", *sizes))
        return None
    try:
        with Image.open(path) as image:
            if image.mode in ("P", "L"):
                return np.asarray(image)
            report(at("voc/segmentation", f"mode {image.mode}", "a palette or greyscale image"))
    except Exception as problem:  # as in `images.size_in`
        report(at("image/unreadable", str(problem), "PNG"))
    return None
