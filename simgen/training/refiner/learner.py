"""How a network is trained, but for what it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simgen.stats.gap.sides import Tell


@dataclass(frozen=True)
class Learner:
    """How a network is trained. folder: for its checkpoint. device: such as cpu or cuda. images,
    steps: are told how far reading and training are."""

    folder: Path
    device: str
    images: Tell
    steps: Tell
