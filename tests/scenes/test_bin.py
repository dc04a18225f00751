from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml

from scenes import checks
from simgen.assets.catalogue import load_catalogue
from simgen.config.compose import load_config

NAME = "bin"
SCENES = range(6)


@pytest.mark.parametrize("scene", SCENES)
def test_walls_stand_all_around_the_support(scene: int) -> None:
    """Level rays from the middle, low above the floor, meet the bin's convex pieces."""
    (support,) = checks.content(NAME, scene).supports
    bin_ = next(part for part in checks.built(NAME, scene) if part.stuff == "bin")
    hulls = [trimesh.convex.convex_hull(piece) for piece in bin_.mesh.pieces]
    solid = trimesh.util.concatenate(hulls)
    high = checks.drawn(NAME, scene).params["height"]
    angle = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    away = np.stack([np.cos(angle), np.sin(angle), np.zeros(180)], axis=1)
    met = np.zeros(180, bool)
    for z in np.linspace(0.1, 0.9, 9) * high:
        met |= solid.ray.intersects_any(np.tile([0.0, 0.0, z], (180, 1)), away)
    # Nothing as wide as the angle between two rays falls out between boards.
    assert (met | np.roll(met, 1)).all()
    assert support.half_size[0] > support.half_size[1] > 0.0


@pytest.mark.parametrize("scene", SCENES)
def test_a_pile_makes_the_bin_wider_and_nothing_else_does(scene: int) -> None:
    spec = checks.drawn(NAME, scene)
    assert checks.fitted(spec, 0.05, 1.0).params["width"] == spec.params["width"]
    grown = checks.fitted(spec, 0.6, 5.0)
    assert min(grown.params["width"], grown.params["depth"]) >= 1.2
    assert grown.params["floor_size"] / 2 > 5.0


def test_what_lies_in_bins_by_default_fits_into_hands() -> None:
    catalogue = load_catalogue(load_config(["scene=bin"]).assets)
    assert len(catalogue.classes) > 20
    known = yaml.safe_load(
        (Path(__file__).parents[2] / "assets" / "catalogue.yaml").read_text(encoding="utf-8")
    )
    longest = {name: known[name]["size"]["length"][1] for name in catalogue.classes}
    assert {name: size for name, size in longest.items() if size > 0.6} == {}
