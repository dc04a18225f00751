"""A corpus of broken datasets: good copies with one defect each, and the rule that says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset import files
from simgen.labels.registry import LABELS, image_files

Damage = Callable[[Path], None]


@dataclass(frozen=True)
class Broken:
    """good: the dataset that is copied. rule: what has to be found. also: rules that the same
    defect breaks of necessity."""

    name: str
    good: str
    rule: str
    damage: Damage
    also: frozenset[str] = frozenset()


class Corpus(list[Broken]):
    def add(self, good: str, rule: str, *also: str) -> Callable[[Damage], Damage]:
        def keep(damage: Damage) -> Damage:
            self.append(Broken(damage.__name__, good, rule, damage, frozenset(also)))
            return damage

        return keep


@contextmanager
def edited(path: Path) -> Iterator[Any]:
    """The content of a JSON file, to be changed in place."""
    plain = json.loads(path.read_text())
    yield plain
    path.write_text(json.dumps(plain))


@contextmanager
def record(folder: Path, frame: int = 0, scene: int = 0) -> Iterator[Any]:
    with edited(folder / f"scenes/{scene:06d}/frame_{frame:04d}.json") as plain:
        yield plain


def label_path(folder: Path, label: str, frame: int = 0, scene: int = 0) -> Path:
    return folder / f"scenes/{scene:06d}/frame_{frame:04d}.{LABELS[label].suffix}"


@contextmanager
def label(folder: Path, name: str, frame: int = 0, scene: int = 0) -> Iterator[np.ndarray]:
    """The array of a label, to be changed in place."""
    path = label_path(folder, name, frame, scene)
    array = files.read_image(path, image_files()[name])
    yield array
    files.write_image(path, array, image_files()[name])


def replace_label(folder: Path, name: str, array: np.ndarray, frame: int = 0) -> None:
    files.write_image(label_path(folder, name, frame), array, image_files()[name])


def read_label(folder: Path, name: str, frame: int = 0, scene: int = 0) -> np.ndarray:
    return files.read_image(label_path(folder, name, frame, scene), image_files()[name])


def cut(path: Path) -> None:
    """Only the first half of a file, as a copy that was interrupted."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
