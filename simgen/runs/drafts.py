"""Drafts of a scene's frames, without a dataset: boxes, and the light before the sensor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.errors import InputError
from simgen.labels.annotate import Annotator
from simgen.labels.record import FrameRecord
from simgen.labels.registry import render_passes
from simgen.sampling.scenes import draw_scene
from simgen.stages.resolver import Resolver


@dataclass(frozen=True)
class Draft:
    """A frame outside of a dataset. record: its label `objects`. radiance: `H x W x 3` float32,
    linear Rec.709, before the sensor; None if no image was requested."""

    record: FrameRecord
    radiance: np.ndarray | None


def draft_scene(
    config: Config,
    catalogue: Catalogue,
    resolver: Resolver,
    scene: int,
    scratch: Path,
    *,
    threads: int = 0,
    image: bool = True,
) -> Iterator[Draft]:
    """Yield the frames of a scene as `simgen generate` would make them, up to the sensor.

    scratch: folder for temporary files. threads: of the renderer; 0 for all cores. image: whether
    to render the light too; boxes alone are much cheaper. Raises the errors of `draw_scene` and
    `render_frames`.
    """
    if image and (config.background.images or config.background.empty):
        raise InputError(
            "background: what is behind the objects is not fitted; leave out background.images and "
            "background.empty"
        )
    labels = ("rgb", "objects") if image else ("objects",)
    drawn = draw_scene(config, catalogue, resolver, scene, labels)
    # Importing bpy takes a second; importing this module should not.
    from simgen.rendering.blender.make import Machine, render_frames
    from simgen.rendering.blender.session import quiet

    spec, assets = drawn.spec, drawn.assets
    annotator = Annotator(spec, assets.objects, assets.parts)
    machine = Machine(scratch, threads, config.render.device, resolver.pictures)
    with quiet(scratch / "blender.log"):
        raws = [*render_frames(spec, assets.objects, assets.parts, machine, render_passes(labels))]
    for frame, raw in enumerate(raws):
        yield Draft(annotator.annotate(raw, frame).record, raw.radiance)
