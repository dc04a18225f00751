"""People and animals of a user's folder: imported with their tags, upright in every stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh

import simgen
from simgen.assets.entries import read
from simgen.assets.living import TAGS, tags_of
from simgen.cli import main
from simgen.errors import InputError
from simgen.geometry.transforms import rotation_from_quaternion
from simgen.spec.scene import ObjectSpec, SceneSpec

TALL = 1.75


def walker() -> trimesh.Trimesh:
    """A person of capsules, y up as in glTF: two legs, two arms, trunk and head."""
    limbs = [((s * 0.1, 0.08, 0.0), 0.85, 0.07) for s in (-1, 1)]
    limbs += [((s * 0.24, 0.75, 0.0), 0.55, 0.05) for s in (-1, 1)]
    limbs += [((0.0, 0.95, 0.0), 0.4, 0.15), ((0.0, 1.6, 0.03), 0.05, 0.1)]
    made = []
    for foot, long, radius in limbs:
        limb = trimesh.creation.capsule(height=long, radius=radius, count=[8, 8])
        limb.apply_transform(trimesh.transformations.rotation_matrix(-np.pi / 2, [1, 0, 0]))
        made.append(limb.apply_translation(foot))
    whole = trimesh.util.concatenate(made)
    whole.apply_translation((0.0, -whole.bounds[0, 1], 0.0))
    return whole.apply_scale(TALL / whole.bounds[1, 1])


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Assets with one person, imported from a file."""
    folder = tmp_path_factory.mktemp("people")
    walker().export(folder / "walker.glb")
    words = ["assets", "add", str(folder / "walker.glb"), "--class", "person"]
    assert main([*words, "--to", str(folder / "assets"), "--no-thumbnails"]) == 0
    return folder / "assets"


def sample(people: Path, *words: str, scene: int = 0) -> SceneSpec:
    return simgen.sample_scene(simgen.load_config([f"assets.dir={people}", *words]), scene)


def stands(item: ObjectSpec) -> bool:
    return bool(rotation_from_quaternion(item.rotation)[2, 2] > 1 - 1e-8)


def test_an_imported_person_is_tagged_by_its_class(people: Path) -> None:
    (entry,) = read(people)
    assert set(TAGS) <= set(entry.tags)
    assert entry.size[2] == pytest.approx(TALL)


def test_names_are_whole_words() -> None:
    assert tags_of("Person") == tags_of("dog") == TAGS
    assert all(tags_of(name) == () for name in ("hot_dog", "teddy_bear", "mug", ""))


@pytest.mark.parametrize("scene", ["room", "outdoor", "aerial"])
def test_people_stand_in_every_stage(people: Path, scene: str) -> None:
    spec = sample(people, f"scene={scene}", "objects.count_range=3", "placement.structured=1")
    assert len(spec.objects) == 3
    assert all(stands(item) and item.scale == 1.0 for item in spec.objects)
    assert [item.position[2] for item in spec.objects] == pytest.approx([0.0] * 3, abs=0.2)


def test_people_are_neither_dropped_nor_tilted(people: Path) -> None:
    words = ("assets.classes=[person]", "objects.count_range=3", "placement.methods=[drop]")
    spec = sample(people, "scene=tabletop", "placement.poses=[tumbled]", *words)
    assert len(spec.objects) == 3
    assert all(stands(item) for item in spec.objects)


def test_a_person_without_a_catalogue_stands_too(tmp_path: Path) -> None:
    (tmp_path / "person").mkdir()
    walker().export(tmp_path / "person" / "a.glb")
    words = ("scene=outdoor", "objects.count_range=4", "placement.poses=[side]")
    assert all(stands(item) for item in sample(tmp_path, *words).objects)


def test_people_are_distractors_of_their_real_size(people: Path) -> None:
    words = ("scene=outdoor", "assets.with_parametric=true", "assets.classes=[fire_hydrant,bin]")
    words += ("objects.count_range=3", "distractors.count_range=3", "distractors.classes=[person]")
    spec = sample(people, *words)
    assert spec.classes == ("bin", "fire_hydrant")
    assert len(spec.distractors) == 3
    for item in spec.distractors:
        assert (item.class_name, item.class_id, item.scale) == ("person", 0, 1.0)
        assert stands(item)


def test_distractors_of_an_unknown_class_are_refused(people: Path) -> None:
    count = "distractors.count_range=2"
    with pytest.raises(InputError, match=r"distractors.classes: unknown class 'persn'.*person"):
        sample(people, "assets.classes=[person]", count, "distractors.classes=[persn]")
    with pytest.raises(InputError, match="objects already use all of these"):
        sample(people, "assets.classes=[person]", count, "distractors.classes=[person]")
