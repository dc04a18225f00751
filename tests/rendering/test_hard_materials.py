"""Glass and mirrors: solid to labels, whatever the image shows in and through them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from agreement import check_everything
from conftest import SEQUENCE, Generate
from oracle import Oracle

import simgen
from simgen.assets.library import Library
from simgen.stages.resolver import Resolver

pytestmark = pytest.mark.render


@pytest.fixture(scope="module")
def glasses(generate: Generate) -> simgen.Dataset:
    """Wine glasses and tumblers among mugs, from two sides."""
    return simgen.open(
        generate(
            *SEQUENCE,
            "seed=1",
            "objects.count_range=[5,5]",
            "camera.path=orbit",
            "assets.classes=[mug,tumbler,wine_glass]",
        )
    )


@pytest.mark.exhaustive
def test_glass_is_transparent_and_labelled_by_its_front(glasses: simgen.Dataset) -> None:
    spec = glasses.spec(0)
    clear = {
        item.instance_id
        for item in spec.objects
        if any(look.transmission > 0 for look in item.materials.values())
    }
    solid = {item.instance_id for item in spec.objects} - clear
    assert clear, "something is of glass"
    assert solid, "something is not"
    oracle = Oracle(spec, glasses[0].folder, Resolver(Library(None)))
    for sample in glasses:
        glass = np.isin(sample.instances, list(clear))
        assert glass.sum() > 50
        assert np.array_equal(sample.transparent.astype(bool), glass)
        # Nearest surface of all, as the caster finds it: the front of the glass.
        seen = oracle.look(sample.frame)
        same = glass & (sample.instances == seen.ids)
        assert np.abs(sample.depth[same] / seen.depth[same] - 1).max() < 0.5
        assert (np.abs(sample.depth[same] / seen.depth[same] - 1) < 1e-4).mean() > 0.99
    check_everything(glasses)


@pytest.mark.exhaustive
def test_a_mirror_is_itself(glasses: simgen.Dataset, tmp_path: Path) -> None:
    """All objects of polished metal: not one label changes, though every picture does."""
    from simgen.runs.pipeline import label_scene

    spec = glasses.spec(0)
    mirrors = replace(
        spec,
        labels=("rgb", "depth", "instances", "normals", "transparent"),
        objects=tuple(
            replace(item, materials={
                slot: replace(look, kind="metal", metallic=1.0, roughness=0.0, transmission=0.0)
                for slot, look in item.materials.items()
            })
            for item in spec.objects
        ),
    )  # fmt: skip
    made = label_scene(mirrors, Resolver(Library(None)), tmp_path, 0, "cpu")
    for sample, labels in zip(glasses, made.frames, strict=True):
        for name in ("depth", "instances", "normals"):
            assert np.array_equal(labels.images[name], getattr(sample, name)), name
        assert not labels.images["transparent"].any()
        on_objects = sample.instances > 0
        assert np.abs(labels.images["rgb"] - sample.rgb.astype(float))[on_objects].mean() > 3
