"""A frame whose images are adapted when they are read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from simgen.dataset.adaptation.adaptation import IMAGES, Adaptation, Key
from simgen.dataset.remote import AnyPath
from simgen.dataset.sample import Sample
from simgen.labels.label import Label


class AdaptedSample(Sample):
    """A frame with adapted images. `path` returns the files of the original images."""

    def __init__(
        self,
        folder: AnyPath,
        scene: int,
        frame: int,
        frames: int,
        labels: tuple[str, ...],
        split: str,
        adaptation: Adaptation,
    ) -> None:
        super().__init__(folder, scene, frame, frames, labels, split)
        self._adaptation = adaptation

    def change_of(self, label: str) -> Callable[[np.ndarray], np.ndarray] | None:
        """See `Sample.change_of`."""
        if label not in IMAGES:
            return None
        return partial(self._adaptation.apply, key=Key.of(self.scene, self.frame, label))

    def load[T](self, label: Label[T]) -> T:
        """See `Sample.load`."""
        found: Any = super().load(label)
        change = self.change_of(label.name)
        if change is not None:
            found = change(found)
        return found
