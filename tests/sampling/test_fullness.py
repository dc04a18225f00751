"""Where many supports share what a config asks for, nearly all of it is there, and seen."""

from __future__ import annotations

import numpy as np
import pytest
from config.test_config import compose

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.geometry.instancing import Instance
from simgen.geometry.lens import lens_of
from simgen.geometry.transforms import invert_rigid, transform
from simgen.sampling.scenes import sample_scene
from simgen.sampling.visibility import Sight
from simgen.stages.placed import placed_meshes
from simgen.stages.resolver import Resolver


@pytest.mark.parametrize("stage", ["aerial", "room", "shelf"])
@pytest.mark.exhaustive
def test_nearly_all_objects_find_a_place(stage: str) -> None:
    config = compose(f"scene={stage}", "seed=1")
    catalogue, resolver = load_catalogue(config.assets), Resolver(Library(None))
    specs = [sample_scene(config, catalogue, resolver, scene, ()) for scene in range(16, 18)]
    asked = sum(float(spec.factors["objects.count_range"][0]) for spec in specs)
    assert sum(len(spec.placed) for spec in specs) >= 0.85 * asked


# A room has few objects, and a large one may hide several.
@pytest.mark.parametrize(("stage", "scenes"), [("room", 8), ("outdoor", 3), ("shelf", 8)])
@pytest.mark.exhaustive
def test_most_objects_can_be_recognised(stage: str, scenes: int) -> None:
    """In the image, a tenth of them visible at least, and ten pixels or more."""
    config = compose(f"scene={stage}", "seed=5")
    catalogue, resolver = load_catalogue(config.assets), Resolver(Library(None))
    good = []
    for scene in range(scenes):
        spec = sample_scene(config, catalogue, resolver, scene, ())
        (camera,), size = spec.cameras, (spec.render.width, spec.render.height)
        meshes = placed_meshes(spec, resolver.resolve(spec))
        sight = Sight([Instance(mesh.vertices, mesh.faces, np.zeros(3)) for mesh in meshes])
        to_camera = invert_rigid(np.array(camera.cam_to_world))
        for number, mesh in enumerate(meshes):
            if 0 < mesh.instance_id <= len(spec.placed):
                visible, inside = sight.parts_seen(number, camera, *size)
                pixels = lens_of(camera.lens, *size).project(transform(to_camera, mesh.vertices))
                side = np.nanmax(np.ptp(pixels, axis=0)) if inside else 0.0
                good.append(visible * inside >= 0.1 and side >= 10)
    assert np.mean(good) >= 0.85
