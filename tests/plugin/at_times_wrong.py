"""What goes wrong in scenes: tests/runs/backends/test_ray.py runs it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from simgen.errors import SceneError
from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import Plugin


class OddError(Exception):
    """Cannot be pickled and read again."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} {why}")


def stumble(spec: SceneSpec, rng: Stream) -> SceneSpec:
    """Scene 1 cannot be made, scene 2 fails, scene 3 hangs once."""
    if spec.index == 1:
        raise SceneError("scene 1 cannot be")
    if spec.index == 2:
        raise OddError("scene 2", "is odd")
    hung = Path(os.environ["SIMGEN_TEST_HUNG"])
    if spec.index == 3 and not hung.exists():
        hung.touch()
        time.sleep(3600)
    return spec


PLUGIN = Plugin(classes=(), stages={}, randomizers={"stumble": stumble})
