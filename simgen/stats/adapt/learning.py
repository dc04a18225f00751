"""Reads real images once, and stores the statistics that adaptation methods need."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.dataset import remote
from simgen.dataset.adaptation.adaptation import Adaptation, Asked, Real, RealFile
from simgen.dataset.adaptation.measured import shrunk
from simgen.dataset.adaptation.methods import (
    METHODS,
    cumulative_shares,
    lab_statistics,
    low_amplitudes,
)
from simgen.errors import InputError
from simgen.stats.gap import detail
from simgen.stats.gap.look import Look
from simgen.stats.gap.pictures import UNREADABLE, Pixels, read_pixels
from simgen.stats.gap.scale import MOST_PIXELS
from simgen.stats.gap.sides import Entry, Side, Tell, open_side

_LARGEST = 2048
"""Shorter side of adapted images up to which frequencies are stored, pixels."""
_SIDE = 256
"""Minimum side to which images are resized for their lowest frequencies, pixels."""


@dataclass(frozen=True)
class RealImages:
    """Real images to fit to. side: the readable ones. real: their names and digests. left_out:
    names of unreadable ones, each with the reason."""

    side: Side
    real: Real
    left_out: tuple[str, ...]


def open_real(path: str, limit: int) -> RealImages:
    """Open the images at a path: a dataset in a readable format, or a folder of images.

    limit: maximum number, evenly spread; 0 for all. Raises `InputError`.
    """
    return real_images(open_side(path, limit, "image", {}))


def real_images(side: Side) -> RealImages:
    """Return the readable images of a set, with digests. Raises `InputError` if there are none."""
    kept, lost = [], list(side.left_out)
    for entry in side.entries:
        try:
            content = remote.read_bytes(entry.picture.path)
            read_pixels(entry.picture, labelled=side.labelled)
        except UNREADABLE as error:
            lost.append(f"{entry.name}: {' '.join(str(error).split()) or type(error).__name__}")
            continue
        kept.append((entry, RealFile(entry.picture.path.name, hashlib.sha256(content).hexdigest())))
    if not kept:
        raise InputError(f"{side.name}: has no readable images" + (f"; {lost[0]}" if lost else ""))
    entries = tuple(entry for entry, _ in kept)
    real = Real(side.name, tuple(file for _, file in kept))
    return RealImages(Side(side.name, entries, side.labelled, side.total), real, tuple(lost))


def pixels_of(found: RealImages) -> Iterator[np.ndarray]:
    """Yield the images, `H x W x 3` uint8."""
    for entry in found.side.entries:
        yield _read(entry, found.side).rgb


def learn(
    methods: Sequence[Asked], seed: int, found: RealImages, area: float | None, tell: Tell
) -> Adaptation:
    """Fit methods that need no training to real images.

    area: median number of pixels of the images to adapt; None if unknown.
    """
    keepers = [_KEEPERS[one.method](one.options) for one in methods]
    size = _area(found.side, area)
    kept: list[list[Mapping[str, np.ndarray]]] = [[] for _ in methods]
    for done, entry in enumerate(found.side.entries, start=1):
        pixels = _read(entry, found.side)
        for some, keep in zip(kept, keepers, strict=True):
            some.append(keep(pixels, size))
        tell(done, len(found.side.entries))
    arrays = tuple(
        {name: np.stack([one[name] for one in some]) for name in some[0]}
        | ({"pixels": np.array(size)} if one.method == "noise" else {})
        for one, some in zip(methods, kept, strict=True)
    )
    return Adaptation(tuple(methods), seed, found.real, arrays)


def is_trained(methods: Sequence[Asked]) -> bool:
    """Return whether any method needs training on synthetic images as well."""
    return any(METHODS[one.method].trained for one in methods)


def _read(entry: Entry, side: Side) -> Pixels:
    return read_pixels(entry.picture, labelled=side.labelled)


def _area(side: Side, area: float | None) -> float:
    """Return the image area at which sharpness and noise are compared, pixels, as in
    `simgen.stats.gap.scale`."""
    own = float(np.median([entry.size[0] * entry.size[1] for entry in side.entries]))
    return min(own, MOST_PIXELS, math.inf if area is None else area)


type _Keep = Callable[[Pixels, float], Mapping[str, np.ndarray]]


def _coarse(pixels: Pixels) -> np.ndarray:
    """Shrink an image to the resolution that colours need."""
    height, width = pixels.rgb.shape[:2]
    return shrunk(pixels.rgb, min(1.0, math.sqrt(MOST_PIXELS / (height * width))))


def _colour(options: Mapping[str, float]) -> _Keep:
    def keep(pixels: Pixels, area: float) -> Mapping[str, np.ndarray]:
        values = _coarse(pixels).astype(np.float32) / 255
        return {"lab": lab_statistics(cv2.cvtColor(values, cv2.COLOR_RGB2LAB))}

    return keep


def _histogram(options: Mapping[str, float]) -> _Keep:
    def keep(pixels: Pixels, area: float) -> Mapping[str, np.ndarray]:
        return {"shares": cumulative_shares(_coarse(pixels))}

    return keep


def _fourier(options: Mapping[str, float]) -> _Keep:
    cut = int(options["beta"] * _LARGEST)
    side = max(_SIDE, 8 * cut)

    def keep(pixels: Pixels, area: float) -> Mapping[str, np.ndarray]:
        square = cv2.resize(pixels.rgb, (side, side), interpolation=cv2.INTER_AREA)
        return {"amplitudes": low_amplitudes(square, cut).astype(np.float32)}

    return keep


def _noise(options: Mapping[str, float]) -> _Keep:
    def keep(pixels: Pixels, area: float) -> Mapping[str, np.ndarray]:
        height, width = pixels.rgb.shape[:2]
        small = shrunk(pixels.rgb, min(1.0, math.sqrt(area / (height * width))))
        look = Look(small, pixels.rgb, pixels.quantisation)
        readings = (detail.edge_width(look), detail.noise(look), detail.blockiness(look))
        return {"readings": np.array(readings)}

    return keep


_KEEPERS: dict[str, Callable[[Mapping[str, float]], _Keep]] = {
    "colour": _colour,
    "histogram": _histogram,
    "fourier": _fourier,
    "noise": _noise,
}
"""For each method without training, a factory of the function that reduces a real image."""
