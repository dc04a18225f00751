"""The background that replaces a stage: which photograph, and where its invisible floor is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from simgen.assets.photographs import FoundPhotograph, PhotographFolder, focal_length_px
from simgen.config.draws import Draws
from simgen.spec.scene import BackgroundSpec, CameraSpec, EnvironmentSpec
from simgen.stages.stage import StageContent

_MATCHED = ("pinhole", "brown_conrady")
"""Camera models with the focal length of a photograph."""


@dataclass(frozen=True)
class Backdrop:
    """A scene's background. focal_length_px: of its photograph, pixels; 0 to sample a lens."""

    spec: BackgroundSpec
    focal_length_px: float = 0.0


def draw_backdrop(
    draws: Draws, photographs: PhotographFolder | None, content: StageContent
) -> Backdrop | None:
    """Sample what replaces the stage, from a stream of its own; None if the stage stays.

    photographs: of the user's folder, each as likely as the others. content: of the stage. There is
    a floor unless objects float.
    """
    background = draws.config.background
    if background.empty or photographs is None:
        return Backdrop(BackgroundSpec()) if background.empty else None
    found = photographs.found
    chosen = found[int(draws.stream("background").integers(len(found)))]
    spec = BackgroundSpec(chosen.file, chosen.sha256, _ground(draws, content))
    return Backdrop(spec, _focal_length(draws, chosen))


def _ground(draws: Draws, content: StageContent) -> float | None:
    if not content.supports or draws.pick("placement.methods") == "float":
        return None
    return float(content.supports[0].centre[2])


def _focal_length(draws: Draws, chosen: FoundPhotograph) -> float:
    config = draws.config
    if not config.background.match_lens or config.camera.model not in _MATCHED:
        return 0.0
    return focal_length_px(chosen, config.render.width, config.render.height)


def facing(environment: EnvironmentSpec, camera: CameraSpec) -> EnvironmentSpec:
    """Turn light that is estimated from a photograph to the side that a camera looks at."""
    if environment.kind != "photo":
        return environment
    x, y = np.array(camera.cam_to_world)[:2, 2]
    return replace(environment, rotation=float(np.arctan2(y, x)))
