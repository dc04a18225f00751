"""Checks of COCO panoptic: PNGs of segment ids against the segments in the JSON file."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from simgen.formats.coco.tables import Image, Tables
from simgen.formats.findings import At, Finding, finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_whole, numbers, read_bounded
from simgen.formats.validate.kind import Part, parts_of
from simgen.formats.validate.seen import Seen

Plain = dict[str, Any]


def parts(
    root: Path, table: Tables, folder: Path, images: Sequence[Image], seen: Seen
) -> tuple[int, Iterator[Part]]:
    """Return the number of images to check, and the parts that check them.

    folder: of the images. seen: receives the findings that concern the entire file.
    """
    rows: dict[int, Plain] = {}
    for row in table.annotations():
        number = row.get("image_id")
        if not is_whole(number) or number in rows or not _fits(row):
            seen.report(
                "coco/panoptic-entry",
                table.name,
                f"image {number!r}",
                "an invalid or duplicate entry",
                "one valid entry",
            )
        else:
            rows[number] = row
    for image in images:
        if image.id not in rows:
            place = f"image {image.id}"
            seen.report("coco/panoptic-entry", table.name, place, "no entry", "an entry")
    categories = {category.id for category in table.categories}
    stem = Path(table.name).stem
    names = [row["file_name"] for row in list(rows.values())[:20]]
    places = [root / stem, root / "annotations" / stem, root, folder, root / "panoptic"]
    there = [place for place in places if place.is_dir()]
    # PNGs have the names of the images, so the folder named after the JSON file has priority.
    count = {place: sum((place / name).is_file() for name in names) for place in there}
    pngs = next((place for place in there[:1] if count[place]), max(there, key=count.__getitem__))
    both = [(image, rows[image.id]) for image in images if image.id in rows]
    return len(both), parts_of(check_images, (root, pngs, table.name, categories), both)


def _fits(row: Plain) -> bool:
    segments, name = row.get("segments_info"), row.get("file_name")
    if not isinstance(segments, list) or not isinstance(name, str) or not images.inside(name):
        return False
    ids = [segment.get("id") for segment in segments if isinstance(segment, dict)]
    return len(set(map(str, ids))) == len(segments) and all(map(is_whole, ids))


def check_images(
    root: Path, folder: Path, table: str, categories: set[int], rows: Sequence[tuple[Image, Plain]]
) -> Seen:
    seen = Seen(images=len(rows))
    for image, row in rows:
        path = folder / row["file_name"]
        name = path.relative_to(root).as_posix()
        content = read_bounded(path, name, 512_000_000)
        pixels = content if isinstance(content, Finding) else images.pixels_of(content, name)
        if isinstance(pixels, Finding):
            seen.findings.append(pixels)
            continue
        assert isinstance(content, bytes)
        size = (image.height, image.width, 3)
        if pixels.shape != size or pixels.dtype != np.uint8 or not content.startswith(b"\x89PNG"):
            found = images.described(pixels.shape, pixels.dtype)
            wanted = f"a PNG of {images.described(size, np.uint8)}"
            seen.report("coco/panoptic-png", name, f"image {image.id} of {table}", found, wanted)
            continue
        with PIL.Image.open(io.BytesIO(content)) as opened:
            chunks_of = sorted({"gamma", "srgb", "icc_profile"} & opened.info.keys())
        if chunks_of:
            seen.report("coco/panoptic-colours", name, "", ", ".join(chunks_of), "none of these")
        ids = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)  # blue, green, red
        seen.findings += _segments(name, table, image.id, ids, row, categories)
    return seen


def _segments(
    name: str, table: str, image: int, ids: np.ndarray, row: Plain, categories: set[int]
) -> Iterator[Finding]:
    found, areas = np.unique(ids, return_counts=True)
    shown = dict(zip(found.tolist(), areas.tolist(), strict=True))
    shown.pop(0, None)
    segments = {segment["id"]: segment for segment in row["segments_info"]}
    if shown.keys() != segments.keys():
        odd = sorted(shown.keys() ^ segments.keys())
        yield finding(
            "coco/panoptic-ids",
            name,
            f"image {image} of {table}",
            f"ids {odd} in only one of PNG and segments_info",
            "the same ids in both",
        )
    for number in sorted(shown.keys() & segments.keys()):
        segment, at = segments[number], At(table, f"image {image}, segment {number}")
        category = segment.get("category_id")
        if not is_whole(category) or category not in categories:
            yield at("coco/panoptic-category", category, "a category of the file")
        if segment.get("area") != shown[number]:
            yield at(
                "coco/panoptic-area", f"area {segment.get('area')!r}", f"{shown[number]} pixels"
            )
        elif "bbox" in segment:
            rows, columns = np.nonzero(ids == number)
            left, top = int(columns.min()), int(rows.min())
            box = [left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1]
            stored = numbers(segment["bbox"], 4)
            if stored is None or np.abs(np.subtract(stored, box)).max() > 1:
                yield at("coco/panoptic-area", f"bbox {segment['bbox']!r}", box)
