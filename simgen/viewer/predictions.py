"""A detector's predictions over a dataset's labels: what was found, missed and false.

Matched by COCO's rules at an IoU of 0.5 (`simgen.training.evaluation`): of masks where both a
detection and a label have one, otherwise of boxes. Better detections choose
first, so one matching holds for all score thresholds: pages only compare scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset.layout import scene_name
from simgen.errors import InputError
from simgen.formats.coco.read import CocoSource
from simgen.formats.items import RLE, Item, Source
from simgen.formats.keys import ImageKeys
from simgen.formats.reading.external import collect_lost
from simgen.formats.simgen.read import SimgenSource
from simgen.training.detection import Detections, LabelledImage
from simgen.training.evaluation.errors import KINDS, judgements
from simgen.viewer.findings import GROUP
from simgen.viewer.overlaps import overlaps
from simgen.viewer.packing import pack, script
from simgen.viewer.paths import ViewPaths, make_folder, write
from simgen.viewer.results import Results, read_results
from simgen.viewer.unreadable import UNREADABLE

OUTCOMES = ("correct", "ignored", *(kind for kind in KINDS if kind != "missed"))
"""Kinds of detections; files hold indices of this tuple. The kind of labels is whether a correct
detection has found them."""
_DECIMALS = 2
"""Of pixels."""


@dataclass(frozen=True)
class _Labels:
    """The objects of an image, ignore regions included. number: of the image in the view, from 0.
    scene, frame: its place there. numbers: the `instance_id` of each."""

    number: int
    scene: int
    frame: int
    numbers: tuple[int, ...]
    image: LabelledImage


@dataclass(frozen=True)
class Predictions:
    """The matched detections of a file.

    name: of the file. scenes: by scene, for each of its frames a list of
    `[class_id, score, x, y, w, h, kind, instance_id]`, the last of the object that it matches or
    nearly matches, or 0; detections with a mask have its compressed run lengths as well. masks:
    whether any has. detections, labels: columns over all images, in their order, labels
    without ignore regions; the score of a label is that of the detection that found it, or NaN.
    threshold: the
    score with the best F1; 0 if nothing is correct. elsewhere: detections of images that the
    dataset does not have.
    """

    name: str
    scenes: dict[int, list[list[list[float | str]]]]
    detections: dict[str, np.ndarray]
    labels: dict[str, np.ndarray]
    threshold: float
    elsewhere: int
    masks: bool = False

    def about(self) -> dict[str, Any]:
        """Return the entry of the index."""
        scores = self.detections["score"]
        return {
            "name": self.name,
            "kinds": list(OUTCOMES),
            "about": {kind: KINDS[kind] for kind in KINDS},
            "threshold": self.threshold,
            "masks": self.masks,
            "low": float(min(0.0, scores.min(initial=0.0))),
            "high": float(max(1.0, scores.max(initial=1.0))),
        }


def read_predictions(source: Source, path: Path) -> Predictions:
    """Read a results file and match it with the labels of a dataset. Raises `InputError`."""
    if not source.classes:
        raise InputError(f"{source.name}: has no classes; --predictions needs labelled objects")
    collect_lost(source)
    keys, labels = ImageKeys(), []
    for item, found in _labelled(source):
        keys.add(item)
        labels.append(found)
    sizes = [(one.image.width, one.image.height) for one in labels]
    results = read_results(path, keys, sizes, *_category_names(source), list(source.classes))
    return _matched(path.name, labels, results, _masks(source, results))


def _masks(source: Source, results: Results) -> Iterator[Sequence[RLE | None]]:
    """Yield the masks of each image's objects. They are read again rather than kept, since those of
    a large dataset take more memory than all its boxes, and few results have masks."""
    if not results.masks:
        return repeat(())
    return ([entry.mask for entry in item.seen] for item, _ in _labelled(source))


def _labelled(source: Source) -> Iterator[tuple[Item, _Labels]]:
    index_of = {name: index for index, name in enumerate(source.classes)}
    if isinstance(source, SimgenSource):
        for place, sample in enumerate(source.dataset):
            try:
                item = source.item(sample)
            except UNREADABLE:  # the view marks it
                continue
            numbers = tuple(a.instance_id or 0 for a in item.seen)
            yield item, _Labels(place, sample.scene, sample.frame, numbers, _image(item, index_of))
        return
    for place, item in enumerate(source):
        numbers = tuple(n for n, a in enumerate(item.annotations, start=1) if a.bbox is not None)
        yield item, _Labels(place, *divmod(place, GROUP), numbers, _image(item, index_of))


def _image(item: Item, index_of: dict[str, int]) -> LabelledImage:
    boxes = np.array([a.bbox for a in item.seen], np.float64).reshape(-1, 4)
    classes = np.array([index_of[a.class_name] for a in item.seen], np.int64)
    ignore = np.array([a.crowd for a in item.seen], bool)
    size = item.width, item.height
    return LabelledImage(
        Path(item.name), *size, _corners(boxes), classes, ignore, group="", source=""
    )


def _corners(boxes: np.ndarray) -> np.ndarray:
    """Return `[x, y, w, h]` as `[x1, y1, x2, y2]`."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def _matched(
    name: str,
    labels: Sequence[_Labels],
    results: Results,
    masks: Iterator[Sequence[RLE | None]],
) -> Predictions:
    order = np.argsort(results.images, kind="stable")
    starts = np.searchsorted(results.images[order], np.arange(len(labels) + 1))
    scenes: dict[int, list[list[list[float | str]]]] = {}
    detected: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for place, one in enumerate(labels):
        own = order[starts[place] : starts[place + 1]]
        given = Detections(_corners(results.boxes[own]), results.scores[own], results.classes[own])
        own_masks, object_masks = [results.masks.get(n) for n in own.tolist()], next(masks)
        shapes = partial(overlaps, one.image, given.boxes, own_masks, object_masks)
        chosen, kinds, targets = judgements(one.image, given, shapes)
        best = Detections(given.boxes[chosen], given.scores[chosen], given.classes[chosen])
        numbers = [OUTCOMES.index(kind) for kind in kinds]
        frames = scenes.setdefault(one.scene, [])
        frames.extend([] for _ in range(one.frame + 1 - len(frames)))
        shown = [own_masks[n] for n in chosen.tolist()]
        frames[one.frame] = _rows(best, numbers, targets, one.numbers, shown)
        detected.append(np.column_stack([
            np.full(len(numbers), one.number), best.classes + 1, numbers, best.scores,
        ]).reshape(-1, 4))  # fmt: skip
        scores = np.full(len(one.numbers), np.nan)
        correct = kinds == OUTCOMES[0]
        scores[targets[correct]] = best.scores[correct]
        real = ~one.image.ignore
        found.append(np.column_stack([
            np.full(int(real.sum()), one.number), one.image.classes[real] + 1, scores[real],
            np.array(one.numbers, np.int64)[real],
        ]).reshape(-1, 4))  # fmt: skip
    rows, objects = np.concatenate(detected), np.concatenate(found)
    threshold = best_threshold(rows[:, 3], rows[:, 2].astype(int), len(objects))
    return Predictions(
        name,
        scenes,
        _columns(rows, image=np.uint32, **{"class": np.uint16}, kind=np.uint8, score=np.float32),
        _columns(
            objects, image=np.uint32, **{"class": np.uint16}, score=np.float32, instance=np.uint32
        ),
        threshold,
        results.elsewhere,
        bool(results.masks),
    )


def _columns(table: np.ndarray, **dtypes: Any) -> dict[str, np.ndarray]:
    pairs = zip(dtypes.items(), table.T, strict=True)
    return {name: values.astype(dtype) for (name, dtype), values in pairs}


def _rows(
    best: Detections,
    kinds: Sequence[int],
    targets: np.ndarray,
    numbers: Sequence[int],
    masks: Sequence[str | None],
) -> list[list[float | str]]:
    rows = zip(best.classes, best.scores, best.boxes, kinds, targets, masks, strict=True)
    return [
        [int(c) + 1, float(np.float32(score)), *_plain_box(box), kind,
         numbers[target] if target >= 0 else 0, *([] if mask is None else [mask])]
        for c, score, box, kind, target, mask in rows
    ]  # fmt: skip


def _plain_box(box: np.ndarray) -> list[float]:
    x1, y1, x2, y2 = (float(value) for value in box)
    return [round(value, _DECIMALS) for value in (x1, y1, x2 - x1, y2 - y1)]


def best_threshold(scores: np.ndarray, kinds: np.ndarray, objects: int) -> float:
    """Return the score with the best F1; 0 if no detection is correct. kinds: indices of
    `OUTCOMES`."""
    counted = kinds != OUTCOMES.index("ignored")
    order = np.argsort(-scores[counted], kind="stable")
    scores, hits = scores[counted][order], np.cumsum(kinds[counted][order] == 0)
    if not len(hits) or not hits[-1]:
        return 0.0
    f1 = 2 * hits / (np.arange(1, len(hits) + 1) + objects)
    # Detections with equal scores pass a threshold together.
    ends = np.append(scores[1:] != scores[:-1], True)
    return float(np.float32(scores[np.where(ends, f1, 0.0).argmax()]))


def put_predictions(paths: ViewPaths, predictions: Predictions | None) -> dict[str, Any]:
    """Write the files of the predictions, if any; return their entry of the index. Raises
    `OSError`."""
    if predictions is None:
        return {}
    make_folder(paths.predictions)
    for scene, frames in predictions.scenes.items():
        name = f"predictions:{scene}"
        write(paths.predictions / f"{scene_name(scene)}.js", script(name, {"frames": frames}))
    packed = {
        part: {name: pack(values) for name, values in columns.items()}
        for part, columns in (("detections", predictions.detections),
                              ("labels", predictions.labels))
    }  # fmt: skip
    write(paths.outcomes, script("outcomes", packed))
    return {"predictions": predictions.about()}


def _category_names(source: Source) -> tuple[dict[int, str], bool]:
    """Return the class names by the `category_id` of a results file, and whether these ids are mere
    counts: from 1 in the order of the classes, in datasets whose files have no ids.

    Raises `InputError`.
    """
    if isinstance(source, CocoSource):
        return source.category_names, False
    return dict(enumerate(source.classes, start=1)), not isinstance(source, SimgenSource)
