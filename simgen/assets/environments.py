"""Measurements of Blender's HDRI worlds, from `assets/environments.yaml`."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from simgen.resources import resource


@cache
def _measured() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((resource("assets") / "environments.yaml").read_text())


def normalisation(hdri: str) -> float:
    """Return the factor that gives a world's image a mean radiance of 1."""
    return 1.0 / float(_measured()[hdri]["mean_radiance"])


def shown_classes(hdri: str) -> tuple[str, ...]:
    """Return the built-in classes of recognisable objects in a world's image."""
    return tuple(_measured()[hdri]["shows"])
