"""Rules for the rows of a YOLO label file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from simgen.formats.findings import At, Finding, finding
from simgen.formats.yolo.data_file import Keypoints
from simgen.formats.yolo.rows import Row

_TOLERANCE = 0.01


@dataclass(frozen=True)
class Task:
    """The content of a dataset's rows.

    kind: `detect`, `polygons` (including oriented boxes) or `pose`. values: number of values after
    the class; 0 if it varies. dims: number of values of a keypoint.
    """

    kind: str
    values: int = 0
    dims: int = 0


def task_of(points: Keypoints | None, labels: Iterable[Sequence[Row]]) -> Task:
    """Determine the content of rows. labels: rows of several files; the first 200 rows are used."""
    if points is not None:
        return Task("pose", 4 + points.count * points.columns, points.columns)
    counts = [len(row.values) for row in islice(chain.from_iterable(labels), 200)]
    polygons = sum(count > 5 for count in counts)
    if polygons <= len(counts) / 2:
        return Task("detect", 4)
    return Task("polygons", 8 if all(count == 8 for count in counts) else 0)


def rows_findings(file: str, rows: Sequence[Row], task: Task) -> Iterator[Finding]:
    """Check the rows of a label file."""
    mixed = task.kind != "pose" and len({len(row.values) > 5 for row in rows}) > 1
    if mixed:
        yield finding("yolo/mixed-rows", file, "", "boxes and polygons", "either of them")
    before: set[tuple[float, ...]] = set()
    for row in rows:
        at = At(file, f"line {row.line}")
        if (row.number, *row.values) in before:
            yield at("yolo/row-twice", "a duplicate row", "each row once")
        before.add((row.number, *row.values))
        if not mixed:
            yield from _row(at, row.values, task)


def _row(at: At, values: Sequence[float], task: Task) -> Iterator[Finding]:
    count = len(values)
    if task.kind == "polygons":
        fits = count >= 6 and count % 2 == 0 and task.values in (0, count)
    else:
        fits = count == task.values
    if not fits:
        wanted = f"{task.values + 1}" if task.values else "an odd number of at least 7"
        yield at("yolo/columns", f"{count + 1} columns", wanted)
        return
    if task.dims == 3 and any(value not in (0, 1, 2) for value in values[6::3]):
        yield at("yolo/visibility", sorted(set(values[6::3])), "0, 1 or 2")
    positions = _positions(values, task)
    if min(positions) < -_TOLERANCE or max(positions) > 1 + _TOLERANCE:
        worst = max(positions, key=lambda value: abs(value - 0.5))
        yield at("yolo/coordinates", worst, "0..1")
    else:
        yield from _shape(at, values, task)


def boxes_of(rows: Sequence[Row], task: Task, size: tuple[int, int]) -> list[tuple[float, ...]]:
    """Return `[x, y, w, h]` of each row in pixels. size: width and height of the image."""
    return [_box(row.values, task, *size) for row in rows if len(row.values) >= 4]


def _box(values: Sequence[float], task: Task, width: int, height: int) -> tuple[float, ...]:
    if task.kind == "polygons":
        xs, ys = values[::2], values[1::2]
        left, top, w, h = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    else:
        x, y, w, h = values[:4]
        left, top = x - w / 2, y - h / 2
    return left * width, top * height, w * width, h * height


def _positions(values: Sequence[float], task: Task) -> list[float]:
    if task.dims != 3:
        return [*values]
    return [*values[:4], *(value for n, value in enumerate(values[4:]) if n % 3 < 2)]


def _shape(at: At, values: Sequence[float], task: Task) -> Iterator[Finding]:
    if task.kind == "polygons":
        if abs(_area(values[::2], values[1::2])) <= 1e-12:
            yield at("yolo/empty-object", "a polygon without area", "an area above 0")
        return
    x, y, w, h = values[:4]
    if w <= 0 or h <= 0:
        yield at("yolo/empty-object", f"{w:g} x {h:g}", "above 0")
        return
    low, high = min(x - w / 2, y - h / 2), max(x + w / 2, y + h / 2)
    if low < -_TOLERANCE or high > 1 + _TOLERANCE:
        yield at("yolo/box-outside", f"a box from {low:.3f} to {high:.3f}", "0..1")


def _area(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the signed area of a polygon by the shoelace formula."""
    following = zip([*xs[1:], xs[0]], [*ys[1:], ys[0]], strict=True)
    pairs = zip(xs, ys, following, strict=True)
    return sum(x * then_y - then_x * y for x, y, (then_x, then_y) in pairs) / 2
