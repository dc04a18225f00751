"""What every scene of a run shares: made by the command, read by its workers."""

from __future__ import annotations

from dataclasses import dataclass

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.dataset.layout import Layout
from simgen.stages.resolver import ResolverSettings


@dataclass(frozen=True)
class Job:
    """What every scene of a run shares. Plain data, so that it can travel to workers."""

    config: Config
    catalogue: Catalogue
    place: Layout
    """Of the dataset."""
    settings: ResolverSettings
    """What the resolver of each worker is made from."""
    threads: int
    """Of each worker's renderer; 0 for all cores."""
