"""Trains a refiner on synthetic and unlabelled real images, and checks its output. Needs torch.

After Shrivastava et al., Learning from simulated and unsupervised images through adversarial
training, 2017 (SimGAN): a fully convolutional residual refiner; a patch critic; a history of
refined images that supplies half of the critic's input; and a loss that preserves content. Unlike
SimGAN, it uses the least-squares adversarial loss (Mao et al., 2017), which is more stable, and
weights gradients ten times as much as pixels: colours may change, edges may not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from pycocotools import mask as coco_mask

from simgen.dataset.adaptation.adaptation import Adaptation, Asked, Key
from simgen.dataset.adaptation.measured import shrunk
from simgen.dataset.reader import Dataset
from simgen.dataset.sample import Sample
from simgen.errors import InputError, SimgenError
from simgen.spec.rng import stream
from simgen.stats.adapt.learning import RealImages, pixels_of
from simgen.training.refiner.edges import Edges, compare_edges, joined
from simgen.training.refiner.learner import Learner
from simgen.training.refiner.networks import Training, weights_of
from simgen.training.trainers.loop import device_of

_MOST = 300
"""Maximum number of images of each kind in memory, evenly spread."""
_CHECKED = 40
"""Number of frames in which edges are checked."""


@dataclass(frozen=True)
class _Pieces:
    """The source of training patches: `H x W x 3` uint8 each. side: of a patch."""

    synthetic: Sequence[np.ndarray]
    real: Sequence[np.ndarray]
    side: int

    def batch(self, rng: np.random.Generator, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return `count x 3 x S x S` float32, -1 to 1: synthetic and real patches."""
        both = (self._some(kind, rng, count) for kind in (self.synthetic, self.real))
        first, second = both
        return first, second

    def _some(
        self, images: Sequence[np.ndarray], rng: np.random.Generator, count: int
    ) -> torch.Tensor:
        pieces = []
        for _ in range(count):
            image = images[int(rng.integers(len(images)))]
            top, left = (int(rng.integers(size - self.side + 1)) for size in image.shape[:2])
            pieces.append(image[top : top + self.side, left : left + self.side])
        values = torch.from_numpy(np.stack(pieces)).permute(0, 3, 1, 2)
        return values.float() / 127.5 - 1


def train_refiner(
    before: Adaptation, asked: Asked, real: RealImages, dataset: Dataset, learner: Learner
) -> Adaptation:
    """Return an adaptation with a refiner appended.

    An interrupted training resumes from its last checkpoint. Raises `InputError` for missing images
    or masks, and `SimgenError` if object edges would move.
    """
    checked = _spread(dataset, _CHECKED)
    _masks(checked[0])
    device = _device(learner.device)
    pieces = _pieces(before, asked, real, dataset, learner)
    training = Training(asked.options, device, _checkpoint(before, asked, dataset, learner.folder))
    steps = int(asked.options["steps"])
    for step in range(training.done, steps):
        rng = stream(before.seed, "refine", step)
        torch.manual_seed(int(rng.integers(2**31)))
        synthetic, photographs = pieces.batch(rng, int(asked.options["batch"]))
        training.step(synthetic, photographs)
        learner.steps(step + 1, steps)
    training.save()
    made = replace(
        before,
        methods=(*before.methods, asked),
        arrays=(*before.arrays, weights_of(training.refiner)),
    )
    found = joined([_edges(made, sample) for sample in checked])
    if found.wrong:
        keep = max(1.0, asked.options["keep"])
        raise SimgenError(
            f"method refine: result rejected: {found.wrong} (of {found.figures['edges']:.0f} "
            f"checked), so labels would no longer fit; for smaller changes, use --set "
            f"keep={2 * keep:g} steps={steps}"
        )
    return replace(made, figures=found.figures)


def _pieces(
    before: Adaptation, asked: Asked, real: RealImages, dataset: Dataset, learner: Learner
) -> _Pieces:
    synthetic = [_adapted(before, sample) for sample in _spread(dataset, _MOST)]
    area = float(np.median([image.shape[0] * image.shape[1] for image in synthetic]))
    photographs = []
    for done, image in enumerate(_some(pixels_of(real), len(real.side.entries)), start=1):
        factor = (area / (image.shape[0] * image.shape[1])) ** 0.5
        photographs.append(shrunk(image, min(1.0, factor)))
        learner.images(done, min(_MOST, len(real.side.entries)))
    side = min(int(asked.options["patch"]), *(min(image.shape[:2]) for image in synthetic))
    large = [image for image in photographs if min(image.shape[:2]) >= side]
    if not large:
        largest = max(min(image.shape[:2]) for image in photographs)
        raise InputError(
            f"{real.side.name}: at the scale of the synthetic images, no image has {side} pixels "
            f"on each side, as training needs; use --set patch={largest}"
        )
    return _Pieces(synthetic, large, side)


def _some(images: Iterator[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Yield at most `_MOST` of them, evenly spread."""
    chosen = set(np.linspace(0, count - 1, min(_MOST, count)).round().astype(int).tolist())
    return (image for place, image in enumerate(images) if place in chosen)


def _spread(dataset: Dataset, most: int) -> list[Sample]:
    if not len(dataset):
        raise InputError(f"{dataset.root}: has no scenes yet, so there is nothing to adapt")
    places = np.linspace(0, len(dataset) - 1, min(most, len(dataset))).round().astype(int)
    return [dataset[place] for place in places.tolist()]


def _adapted(adaptation: Adaptation, sample: Sample) -> np.ndarray:
    return adaptation.apply(sample.rgb, Key.of(sample.scene, sample.frame, "rgb"))


def _edges(adaptation: Adaptation, sample: Sample) -> Edges:
    return compare_edges(sample.rgb, _adapted(adaptation, sample), _masks(sample))


def _masks(sample: Sample) -> list[np.ndarray]:
    """Return masks of the visible part of each object, `H x W` bool. Raises `InputError` if no
    label has them."""
    if "objects" in sample.labels:
        found = (item.segmentation for item in sample.objects)
        return [coco_mask.decode(mask).astype(bool) for mask in found if mask is not None]
    if "instances" in sample.labels:
        ids = sample.instances
        return [ids == number for number in np.unique(ids) if number]
    raise InputError(
        f"{sample.folder.parent.parent}: has neither 'objects' nor 'instances', which are needed "
        "to check that a refiner moves nothing; generate it with labels=[...,objects]"
    )


def _device(asked: str) -> str:
    try:
        return device_of(asked)
    except InputError:
        raise InputError(f"--device {asked}: not available; expected auto, cpu ...") from None


def _checkpoint(before: Adaptation, asked: Asked, dataset: Dataset, folder: Path) -> Path:
    """Return the checkpoint file of a training, named by everything that determines its result."""
    key = f"{before.digest} {sorted(asked.options.items())} {dataset.digest}"
    return folder / f"refiner-{hashlib.sha256(key.encode()).hexdigest()[:16]}.pt"
