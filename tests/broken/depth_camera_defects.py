"""Defects of what depth cameras measure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from broken import Corpus, edited

CORPUS = Corpus()
add = CORPUS.add

RULE = "dataset/sensor-depth"


def a_map(folder: Path) -> Path:
    return folder / "scenes/000000/frame_0001.sensor_depth.png"


@contextmanager
def measured(folder: Path) -> Iterator[np.ndarray]:
    """Measured depth, to be changed in place."""
    image = cv2.imread(str(a_map(folder)), cv2.IMREAD_UNCHANGED)
    yield image
    cv2.imwrite(str(a_map(folder)), image)


@add("moving", "file/missing")
def sensor_depth_missing(folder: Path) -> None:
    a_map(folder).unlink()


@add("moving", "image/unreadable")
def sensor_depth_of_eight_bits(folder: Path) -> None:
    image = cv2.imread(str(a_map(folder)), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(a_map(folder)), (image // 256).astype(np.uint8))


@add("moving", RULE)
def sensor_depth_in_tenths_of_millimetres(folder: Path) -> None:
    with measured(folder) as image:
        image *= 10


@add("moving", RULE)
def sensor_depth_mirrored(folder: Path) -> None:
    with measured(folder) as image:
        image[:] = image[:, ::-1].copy()


@add("moving", RULE)
def sensor_depth_on_the_background(folder: Path) -> None:
    with measured(folder) as image:
        image[image == 0] = 1000


@add("moving", RULE)
def sensor_depth_beyond_the_range(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        plain["depth_camera"]["max_range"] = 0.45


@add("moving", RULE)
def depth_camera_without_a_window(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        plain["depth_camera"]["window"] = 0


@add("moving", RULE)
def depth_camera_of_infinite_noise(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        plain["depth_camera"]["lateral_noise"] = float("inf")
