"""The stage of a scene: sampled, large enough for the objects, with its surfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.assets.textures import TextureFolder
from simgen.config.draws import Draws
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.bodies import radius as body_radius
from simgen.sampling.randomizers.materials import GROUND_KINDS, IMAGE, draw_surface
from simgen.spec.scene import MaterialSpec, StageSpec
from simgen.stages.registry import AnyStage, draw_stage, fit_stage


def draw_roomy_stage(
    draws: Draws, textures: TextureFolder | None, stage: AnyStage, bodies: Sequence[Body]
) -> StageSpec:
    """Sample a stage with room for the objects; with a spread of 1, even side by side. textures:
    images to cover surfaces with."""
    room = 1.5 * draws.config.placement.spread * _disk_radius(bodies)
    drawn = draw_stage(draws.config.scene.name, stage, draws)
    materials = _surfaces(draws, drawn, textures, stage.ground)
    return fit_stage(stage, replace(drawn, materials=materials), room, 0.0)


def _surfaces(
    draws: Draws, stage: StageSpec, textures: TextureFolder | None, ground: Sequence[str]
) -> dict[str, MaterialSpec]:
    """Sample the stage's surfaces at the config's level of realism.

    ground: slots that cover outdoor ground; only ground materials are plausible there.
    """
    config = draws.config.materials
    if config.level == "realistic" and textures is None:
        return stage.materials
    size = draws.number("materials.texture_size_range")
    drawn = {}
    for slot, found in stage.materials.items():
        level = config.level
        kinds: tuple[str, ...] = (found.kind,)
        if slot in ground and level == "plausible":
            level, kinds = "realistic", GROUND_KINDS
        drawn[slot] = draw_surface(
            replace(config, level=level),
            kinds,
            textures,
            size,
            draws.stream("stage.materials", slot),
        )
    if config.level != "realistic":
        return drawn
    # Surfaces without an image stay as sampled by the stage, which coordinates them.
    shown = {slot: surface for slot, surface in drawn.items() if surface.kind == IMAGE}
    return {**stage.materials, **shown}


def _disk_radius(bodies: Sequence[Body]) -> float:
    """Return the radius of the disk whose area is that of all bodies' disks together, metres."""
    return float(np.sqrt(np.sum(np.square([body_radius(body) for body in bodies]))))
