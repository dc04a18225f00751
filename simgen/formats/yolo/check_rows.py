"""Rules for the rows of a YOLO label file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from simgen.formats.findings import Finding, error, warning
from simgen.formats.reading.text_file import floats

COLUMNS = error(
    "yolo/columns",
    "A row is a class and numbers: 4 of a box, 8 of a turned box, at least 6 and an even count of "
    "a polygon, 4 + K x D of a pose. Else the whole image is dropped.",
    "write the row anew",
)
MIXED = error(
    "yolo/mixed-rows",
    "The rows of a file are of one kind: one of more than six columns makes polygons of all, boxes "
    "included.",
    "write all as boxes, or all as polygons",
)
COORDINATES = error(
    "yolo/coordinates",
    "Coordinates are within 0..1: above 1.01 or below 0 the whole image is dropped.",
    "divide pixels by the image's width and height; clip to 0..1",
)
CLASS = error(
    "yolo/class",
    "The class is a whole number from 0 to the number of names less one: else the "
    "image is dropped.",
    "count classes from 0, in the order of `names`",
)
EMPTY = error(
    "yolo/empty-object", "Boxes have a width and height, and polygons an area, above 0.",
    "take it out",
)  # fmt: skip
BEYOND = warning(
    "yolo/box-outside",
    "A box, centre and size, reaches no more than 1 % beyond the image.",
    "clip the box; x and y are those of its centre",
)
VISIBILITY = error(
    "yolo/visibility", "The third number of a keypoint is 0, 1 or 2.", "write 0, 1 or 2"
)
TWICE = warning(
    "yolo/row-twice", "No row of a file is there twice: the second is dropped.", "take it out"
)
_TOLERANCE = 0.01


@dataclass(frozen=True)
class Task:
    """What rows hold. kind: `detect`, `polygons` (turned boxes among them) or `pose`. columns: how
    many there are; 0 where it differs. dims: numbers of a keypoint."""

    kind: str
    columns: int = 0
    dims: int = 0


def task_of(points: tuple[int, int] | None, labels: Iterable[Path]) -> Task:
    """points: `kpt_shape`. labels: some files, of which the first rows tell boxes from polygons."""
    if points is not None:
        return Task("pose", 5 + points[0] * points[1], points[1])
    counts = list(islice(_counts(labels), 200))
    polygons = sum(count > 6 for count in counts)
    if polygons <= len(counts) / 2:
        return Task("detect", 5)
    return Task("polygons", 9 if all(count == 9 for count in counts) else 0)


def _counts(labels: Iterable[Path]) -> Iterator[int]:
    for path in labels:
        if path.is_file() and path.stat().st_size < 1_000_000:
            lines = path.read_text("utf-8", "replace").splitlines()
            yield from (len(line.split()) for line in lines if line.strip())


def rows_of(
    file: str, text: str, names: Sequence[str], task: Task
) -> tuple[list[Finding], list[str]]:
    """What is wrong with a label file, and the classes of its objects."""
    rows = [line.split() for line in text.splitlines()]
    findings: list[Finding] = []
    counts = {len(row) > 6 for row in rows if row}
    if len(counts) > 1 and task.kind != "pose":
        findings.append(MIXED.at(file, "", "boxes and polygons", "one of them"))
    before: set[tuple[str, ...]] = set()
    classes = []
    for number, row in enumerate(rows, start=1):
        if not row:
            continue
        place = f"line {number}"
        if tuple(row) in before:
            findings.append(TWICE.at(file, place, "a row that was there", "each row once"))
        before.add(tuple(row))
        name, found = _row(file, place, row, names, task, mixed=len(counts) > 1)
        findings += found
        classes += [name] if name else []
    return findings, classes


def _row(
    file: str, place: str, row: list[str], names: Sequence[str], task: Task, *, mixed: bool
) -> tuple[str, list[Finding]]:
    """The class, or nothing, and what is wrong."""
    values = floats(row)
    if values is None:
        return "", [COLUMNS.at(file, place, " ".join(row), "numbers")]
    if not 0 <= values[0] < len(names) or values[0] % 1:
        return "", [CLASS.at(file, place, f"class {row[0]}", f"0 to {len(names) - 1}")]
    name = names[int(values[0])]
    count = len(values)
    if task.kind == "polygons":
        fits = count >= 7 and count % 2 == 1 and task.columns in (0, count)
    else:
        fits = count == task.columns
    if mixed or not fits:
        wanted = f"{task.columns}" if task.columns else "an odd count from 7 on"
        return name, [] if mixed else [COLUMNS.at(file, place, f"{count} columns", wanted)]
    wrong = _pose(file, place, values, task) if task.kind == "pose" else []
    positions = _positions(values, task)
    if min(positions) < -_TOLERANCE or max(positions) > 1 + _TOLERANCE:
        worst = max(positions, key=lambda value: abs(value - 0.5))
        return name, [*wrong, COORDINATES.at(file, place, worst, "0..1")]
    return name, [*wrong, *_shape(file, place, values, task)]


def boxes_of(text: str, task: Task, size: tuple[int, int]) -> list[tuple[float, ...]]:
    """`[x, y, w, h]` in pixels of the rows that can be read. size: of the image."""
    rows = [floats(line.split()) for line in text.splitlines()]
    return [_box(row, task, *size) for row in rows if row is not None and len(row) >= 5]


def _box(row: list[float], task: Task, width: int, height: int) -> tuple[float, ...]:
    if task.kind == "polygons":
        xs, ys = row[1::2], row[2::2]
        left, top, w, h = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    else:
        x, y, w, h = row[1:5]
        left, top = x - w / 2, y - h / 2
    return left * width, top * height, w * width, h * height


def _positions(values: list[float], task: Task) -> list[float]:
    if task.kind != "pose" or task.dims == 2:
        return values[1:]
    points = [value for n, value in enumerate(values[5:]) if n % 3 < 2]
    return values[1:5] + points


def _pose(file: str, place: str, values: list[float], task: Task) -> list[Finding]:
    if task.dims == 3 and any(value not in (0, 1, 2) for value in values[7::3]):
        found = sorted(set(values[7::3]))
        return [VISIBILITY.at(file, place, found, "0, 1 or 2")]
    return []


def _shape(file: str, place: str, values: list[float], task: Task) -> Iterator[Finding]:
    if task.kind == "polygons":
        if abs(_area(values[1::2], values[2::2])) <= 1e-12:
            yield EMPTY.at(file, place, "a polygon without area", "an area above 0")
        return
    x, y, w, h = values[1:5]
    if w <= 0 or h <= 0:
        yield EMPTY.at(file, place, f"{w:g} x {h:g}", "above 0")
        return
    low, high = min(x - w / 2, y - h / 2), max(x + w / 2, y + h / 2)
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        yield BEYOND.at(file, place, f"a box from {low:.3f} to {high:.3f}", "0..1")


def _area(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Of a polygon, by the shoelace formula."""
    following = zip([*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    pairs = zip(xs, ys, following, strict=True)
    return sum(x * then_y - then_x * y for x, y, (then_x, then_y) in pairs) / 2
