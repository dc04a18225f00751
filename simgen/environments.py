"""Blender's HDRI worlds, as `assets/environments.yaml` measured them."""

from __future__ import annotations

from functools import cache

import yaml

from simgen.resources import resource


@cache
def _measured() -> dict[str, dict[str, float]]:
    return yaml.safe_load((resource("assets") / "environments.yaml").read_text())


def normalisation(hdri: str) -> float:
    """What brings a world's image to a mean radiance of one."""
    return 1.0 / float(_measured()[hdri]["mean_radiance"])
