"""Blender's HDRI worlds, as `assets/environments.yaml` measured them."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from simgen.resources import resource


@cache
def _measured() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((resource("assets") / "environments.yaml").read_text())


def normalisation(hdri: str) -> float:
    """What brings a world's image to a mean radiance of one."""
    return 1.0 / float(_measured()[hdri]["mean_radiance"])


def shown_classes(hdri: str) -> tuple[str, ...]:
    """Built-in classes of which a world's image shows members large enough to be recognised."""
    return tuple(_measured()[hdri]["shows"])
