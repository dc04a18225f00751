"""The data shared by all scenes of a run: created by the command, read by its workers."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.dataset.layout import Layout
from simgen.stages.resolver import ResolverSettings


@dataclass(frozen=True)
class Job:
    """The data shared by all scenes of a run. Plain data, so that it can be sent to workers."""

    config: Config
    catalogue: Catalogue
    place: Layout
    """Layout of the dataset."""
    settings: ResolverSettings
    """Settings from which each worker makes its resolver."""
    threads: int
    """Threads of each worker's renderer; 0 for all cores."""
