"""A GPU that is lost once: tests/rendering/test_device_use.py runs it."""

from __future__ import annotations

import os
from pathlib import Path

from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import Plugin


def lose(spec: SceneSpec, rng: Stream) -> SceneSpec:
    """In the first worker that draws scene 1, Cycles is given a device that is not there."""
    lost = Path(os.environ["SIMGEN_TEST_LOST"])
    if spec.index == 1 and not lost.exists():
        import _cycles

        lost.touch()
        _cycles.set_device_override("CUDA")
    return spec


PLUGIN = Plugin(classes=(), stages={}, randomizers={"lose": lose})
