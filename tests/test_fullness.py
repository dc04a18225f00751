"""Where many supports share what a config asks for, nearly all of it is there."""

from __future__ import annotations

import pytest
from test_config import compose

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.kit import Kit
from simgen.sampling import sample_scene


@pytest.mark.parametrize("stage", ["aerial", "room", "shelf"])
def test_nearly_all_objects_find_a_place(stage: str) -> None:
    config = compose(f"scene={stage}", "seed=1")
    catalogue, kit = load_catalogue(config.assets), Kit(Library(None))
    specs = [sample_scene(config, catalogue, kit, scene) for scene in range(16, 19)]
    asked = sum(float(spec.factors["objects.count_range"][0]) for spec in specs)
    assert sum(len(spec.objects) for spec in specs) >= 0.85 * asked
