"""Rows of a Hugging Face dataset: images, classes, objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from simgen.formats.findings import Finding, finding
from simgen.formats.reading import images
from simgen.formats.reading.json_file import is_whole, numbers
from simgen.formats.reading.masks import box_of, runs_of
from simgen.formats.validate import pictures
from simgen.formats.validate.seen import Seen

Row = dict[str, Any]

_MOST_BYTES = 512_000_000


def check_row(
    root: Path, place: str, split: str, row: Row, image_columns: tuple[str, ...], seen: Seen
) -> None:
    """A row, whose findings and picture are added. place: the file and the number of the row."""
    size = None
    for column in image_columns:
        found = _image(root, place, row.get(column))
        if isinstance(found, Finding):
            seen.findings.append(found)
            continue
        image = images.pixels_of(found, place)
        if isinstance(image, Finding):
            seen.findings.append(image)
            continue
        seen.findings += pictures.faint(image, place)
        if column == image_columns[0]:
            seen.pictures.append(pictures.picture_of(found, place, split))
            size = images.size_of(found)
    seen.images += 1
    stated = row.get("width"), row.get("height")
    if size is not None and None not in stated and stated != size:
        wanted = f"{stated[0]!r} x {stated[1]!r}"
        seen.findings.append(finding("image/size", place, "", f"{size[0]} x {size[1]}", wanted))
        return  # what objects are within cannot be told
    seen.findings += _objects(place, row.get("objects"), size)


def _image(root: Path, place: str, value: Any) -> bytes | Finding:
    content = value.get("bytes") if isinstance(value, dict) else value
    path = value.get("path") if isinstance(value, dict) else None
    if isinstance(content, bytes) and content:
        return content
    if not isinstance(path, str) or not images.inside(path):
        return finding(
            "huggingface/image", place, "", f"no bytes, path {path!r}", "bytes, or a path within"
        )
    if not (root / path).is_file():
        return finding("file/missing", place, "", f"no {path}", "an image")
    if (root / path).stat().st_size > _MOST_BYTES:
        return finding("file/too-large", path, "", f"more than {_MOST_BYTES} bytes", "an image")
    return (root / path).read_bytes()


def _objects(place: str, objects: Any, size: tuple[int, int] | None) -> Iterator[Finding]:
    """objects: lists for each field, or a list with the fields of each object."""
    if isinstance(objects, list):
        rows = [item for item in objects if isinstance(item, dict)]
    elif isinstance(objects, dict):
        lists = {key: value for key, value in objects.items() if isinstance(value, list)}
        lengths = {key: len(value) for key, value in lists.items()}
        if len(set(lengths.values())) > 1:
            yield finding("huggingface/objects", place, "objects", f"{lengths}", "as many of each")
            return
        count = next(iter(lengths.values()), 0)
        rows = [{key: value[i] for key, value in lists.items()} for i in range(count)]
    else:
        return
    for number, item in enumerate(rows):
        yield from _object(place, f"object {number}", item, size)


def _object(place: str, at: str, item: Row, size: tuple[int, int] | None) -> Iterator[Finding]:
    box = numbers(item.get("bbox"), 4)
    if "bbox" in item:
        wrong = box is None or min(box[2:]) <= 0 or (size is not None and not _within(box, size))
        if wrong:
            limits = "" if size is None else f" within {size[0]} x {size[1]}"
            yield finding("huggingface/bbox", place, at, item["bbox"], f"x, y, w, h{limits}")
            return
    mask = item.get("segmentation")
    if not isinstance(mask, dict) or mask.get("counts") is None:
        return
    try:
        runs = runs_of(mask, None if size is None else size[::-1])
    except ValueError as wrong:
        yield finding(
            "huggingface/segmentation", place, at, str(wrong), "run lengths of the image's size"
        )
        return
    about = box_of(runs, mask["size"][0])
    if box is None:
        return
    if about is None or not _near(_ends(box), _ends(about), 2 + 0.02 * max(about[2:])):
        yield finding(
            "huggingface/segmentation", place, at, f"pixels in {about}", f"in the bbox {box}"
        )


def _near(ends: Sequence[float], others: Sequence[float], most: float) -> bool:
    return all(abs(a - b) <= most for a, b in zip(ends, others, strict=True))


def _within(box: list[float], size: tuple[int, int]) -> bool:
    right, bottom = _ends(box)[2:]
    return min(box[:2]) >= -1 and right <= size[0] + 1 and bottom <= size[1] + 1


def _ends(box: Any) -> tuple[float, float, float, float]:
    return box[0], box[1], box[0] + box[2], box[1] + box[3]


def labels_at(value: Any, keys: list[str]) -> Iterator[Any]:
    """The values of a column, whatever lists it lies in. keys: the path to it."""
    if isinstance(value, list):
        for item in value:
            yield from labels_at(item, keys)
    elif not keys:
        yield value
    elif isinstance(value, dict):
        yield from labels_at(value.get(keys[0]), keys[1:])


def check_labels(place: str, row: Row, classes: dict[str, tuple[str, ...]], seen: Seen) -> None:
    """The class labels of a row, which are counted. classes: names, by the path of the column."""
    for path, names in classes.items():
        for label in labels_at(row, path.split(".")):
            if label is None or label == -1:
                continue
            if not is_whole(label) or not 0 <= label < len(names):
                wanted = f"0..{len(names) - 1}"
                seen.findings.append(finding("huggingface/class-label", place, path, label, wanted))
                break
            seen.per_class[names[label]] += 1
