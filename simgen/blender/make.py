"""Makes the frames of one resolved spec: the door of this room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simgen.blender.build import aim, build_scene
from simgen.blender.device_use import choose_device
from simgen.blender.render import render, set_up_render
from simgen.blender.session import reset
from simgen.environments import normalisation
from simgen.frame import RawFrame
from simgen.mesh import MeshData
from simgen.spec import SceneSpec
from simgen.stages import load_stage


@dataclass(frozen=True)
class Machine:
    """Where to render. threads: 0 for all cores. device: as `render.device` in the config.
    scratch: an existing folder for temporary files."""

    scratch: Path
    threads: int = 0
    device: str = "auto"


def render_frames(spec: SceneSpec, meshes: list[MeshData], machine: Machine) -> Iterator[RawFrame]:
    """Build a spec's scene and render its frames one by one.

    meshes: one per object of the spec, in its order, unscaled.
    Raises `OSError` when the scratch folder cannot be written.
    """
    image = "rgb" in spec.labels
    scene = reset()
    device = choose_device(machine.device)
    set_up_render(scene, spec.render, image=image, threads=machine.threads, device=device)
    stage = load_stage(spec.stage.name).build(spec.stage)
    build_scene(scene, spec, stage, meshes, normalisation(spec.environment.hdri))
    for camera in spec.cameras:
        aim(scene, camera)
        yield render(scene, machine.scratch, image=image)
