"""Settings for training a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.stats.gap.sides import Tell


@dataclass(frozen=True)
class Learner:
    """How a network is trained. folder: for its checkpoint. device: such as cpu or cuda. images,
    steps: progress callbacks of reading and training."""

    folder: Path
    device: str
    images: Tell
    steps: Tell
