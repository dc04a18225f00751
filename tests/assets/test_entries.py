"""The catalogue of an asset folder: read, written, refused, and what a dataset makes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
import yaml

from simgen.assets import entries, folder
from simgen.assets.catalogue import load_catalogue
from simgen.assets.entries import Axis, Entry, Physics, Symmetries
from simgen.assets.library import Library
from simgen.config import AssetsConfig
from simgen.errors import AssetError, InputError

IDENTITY = tuple(np.eye(4).ravel().tolist())
FULL = Entry(
    id="mug/blue",
    class_name="mug",
    file="mug/blue/a.stl",
    size=(0.1, 0.2, 0.4),
    unit=0.001,
    up="y",
    turn=(0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    name="Blue mug",
    licence="CC0-1.0",
    author="Ä. Nonymous",
    source="a shop",
    keypoints={"handle": (0.5, 0.0, 1e-3)},
    skeleton=(("handle", "handle"),),
    symmetries=Symmetries((Axis((0.0, 0.0, 1.0)),), (IDENTITY,)),
    parts={"node0": "body"},
    tags=("kitchen", "tabletop"),
    physics=Physics(mass=0.3, friction=0.4, hull="convex"),
    scale_range=(0.9, 1.2),
    notes=("one line: with a colon",),
    sha256="0" * 64,
)


def listed(library: Path, *items: dict) -> None:
    text = yaml.safe_dump({"version": 1, "assets": list(items)})
    (library / entries.FILE).write_text(text)


def box(library: Path, file: str = "thing.stl", sides: tuple[float, ...] = (1.0, 2.0, 4.0)) -> str:
    """A box with a corner in the origin, z up."""
    path = library / file
    path.parent.mkdir(parents=True, exist_ok=True)
    mesh = trimesh.creation.box(sides)
    mesh.apply_translation(np.array(sides) / 2)
    mesh.export(path)
    return file


def test_what_is_written_is_read(tmp_path: Path) -> None:
    plain = Entry("a", "b", "c.stl")
    entries.write(tmp_path, [FULL, plain])
    assert entries.read(tmp_path) == (FULL, plain)
    assert "physics" not in yaml.safe_load((tmp_path / entries.FILE).read_text())["assets"][1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"clas": "x"}, "unknown key 'clas'; did you mean 'class'?"),
        ({"class_name": "x"}, "unknown key 'class_name'"),
        ({"physics": {"frictoin": 1}}, "unknown key 'physics.frictoin'; did you mean 'friction'?"),
        ({"tags": "kitchen"}, "tags: found 'kitchen', expected a list"),
        ({"size": [1, 2]}, "size: found"),
        ({"size": [1, 2, -1]}, "size: found"),
        ({"size": [1, 2, "x"]}, "size"),
        ({"turn": [1, 0, 0, 0, 1, 0, 0, 0, -1]}, "turn: found"),
        ({"file": "../outside.stl"}, "file: found '../outside.stl'"),
        ({"file": "/outside.stl"}, "file: found"),
        ({"up": "x"}, "up: found 'x'"),
        ({"unit": 0}, "unit: found"),
        ({"scale_range": [1.2, 0.9]}, "scale_range: found"),
        ({"physics": {"mass": 1, "density": 2}}, "expected one of them"),
        ({"physics": {"hull": "box"}}, "physics.hull: found 'box'"),
        ({"skeleton": [["a", "b"]]}, "skeleton: found"),
        ({"keypoints": {"a": [0, 1]}}, "keypoints"),
        ({"class": "a/b"}, "class: found 'a/b'"),
        ({"symmetries": {"discrete": [[1, 2]]}}, "symmetries.discrete"),
        ({"licence": 3}, "licence"),
    ],
)
def test_what_is_wrong_is_named_with_its_entry(tmp_path: Path, change: dict, said: str) -> None:
    listed(tmp_path, {"id": "mug/blue", "class": "mug", "file": "a.stl"} | change)
    with pytest.raises(InputError) as caught:
        entries.read(tmp_path)
    text = str(caught.value)
    assert "asset 'mug/blue'" in text
    assert said in text
    assert "\n" not in text


def test_two_entries_of_one_id_are_refused(tmp_path: Path) -> None:
    item = {"id": "a", "class": "b", "file": "c.stl"}
    listed(tmp_path, item, item)
    with pytest.raises(InputError, match="listed twice"):
        entries.read(tmp_path)


def test_a_catalogue_runs_no_yaml_tags(tmp_path: Path) -> None:
    made = tmp_path / "made"
    (tmp_path / entries.FILE).write_text(f"!!python/object/apply:os.mkdir ['{made}']\n")
    with pytest.raises(InputError, match="not valid YAML"):
        entries.read(tmp_path)
    assert not made.exists()


def test_turn_up_and_size_are_applied_in_that_order(tmp_path: Path) -> None:
    """A box of 1 x 2 x 4 file units: the turn makes (x, y, z) -> (y, -x, z), y up then
    (x, y, z) -> (x, -z, y)."""
    file = box(tmp_path)
    turn = [0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    item = {"id": "a", "class": "b", "file": file, "unit": 0.1, "up": "y", "turn": turn}
    item["keypoints"] = {"corner": [1.0, 2.0, 4.0]}
    listed(tmp_path, item)
    (plain,) = folder.scan(tmp_path, AssetsConfig()).assets
    assert plain.size == pytest.approx((0.2, 0.4, 0.1))
    mesh = Library(tmp_path).mesh(folder.reference(plain))
    assert mesh.keypoints["corner"] == pytest.approx((0.2, -0.4, -0.1))
    listed(tmp_path, item | {"size": [0.4, 0.4, 0.3]})
    (sized,) = folder.scan(tmp_path, AssetsConfig()).assets
    assert sized.size == pytest.approx((0.4, 0.4, 0.3))
    mesh = Library(tmp_path).mesh(folder.reference(sized))
    np.testing.assert_allclose(mesh.bounds()[1] - mesh.bounds()[0], (0.4, 0.4, 0.3))
    assert mesh.keypoints["corner"] == pytest.approx((0.4, -0.4, -0.3))


def test_a_size_of_another_shape_is_refused(tmp_path: Path) -> None:
    listed(tmp_path, {"id": "a", "class": "b", "file": box(tmp_path), "size": [0.001, 0.1, 0.1]})
    with pytest.raises(InputError, match="correct the entry's size"):
        folder.scan(tmp_path, AssetsConfig())


def test_mass_friction_hull_and_tags_reach_the_catalogue(tmp_path: Path) -> None:
    item = {"id": "a", "class": "b", "file": box(tmp_path, sides=(0.1, 0.2, 0.4))}
    physics = {"mass": 2.0, "friction": 0.9, "hull": "convex"}
    listed(tmp_path, item | {"physics": physics, "tags": ["x"], "scale_range": [0.5, 2]})
    catalogue = load_catalogue(AssetsConfig(dir=str(tmp_path)))
    (asset,) = catalogue.files("b")
    assert catalogue.density(asset) == pytest.approx(2.0 / 0.008)
    assert catalogue.friction(asset) == 0.9
    assert catalogue.scale_range(asset) == (0.5, 2.0)
    assert catalogue.tags("b") == ("x",)
    assert len(Library(tmp_path).pieces(asset, Library(tmp_path).mesh(asset))) == 1


def test_a_hollow_is_filled_where_the_hull_is_convex(tmp_path: Path) -> None:
    trimesh.creation.annulus(0.08, 0.1, 0.05).export(tmp_path / "ring.stl")
    counts = {}
    for hull in ("convex", "decompose"):
        listed(tmp_path, {"id": hull, "class": "b", "file": "ring.stl", "physics": {"hull": hull}})
        (asset,) = load_catalogue(AssetsConfig(dir=str(tmp_path))).files("b")
        library = Library(tmp_path)
        counts[hull] = len(library.pieces(asset, library.mesh(asset)))
    assert counts["convex"] == 1 < counts["decompose"]


def test_other_bytes_than_the_entry_says_are_refused(tmp_path: Path) -> None:
    file = box(tmp_path)
    listed(tmp_path, {"id": "a", "class": "b", "file": file})
    sha = folder.scan(tmp_path, AssetsConfig()).assets[0].sha256
    listed(tmp_path, {"id": "a", "class": "b", "file": file, "sha256": sha})
    assert folder.scan(tmp_path, AssetsConfig()).skipped == ()
    box(tmp_path, sides=(1.0, 2.0, 3.0))
    with pytest.raises(InputError, match="its content differs from its entry"):
        folder.scan(tmp_path, AssetsConfig())


def test_keypoints_and_parts_are_part_of_the_fingerprint_but_not_of_the_entrys(
    tmp_path: Path,
) -> None:
    item = {"id": "a", "class": "b", "file": box(tmp_path)}
    listed(tmp_path, item)
    (bare,) = folder.scan(tmp_path, AssetsConfig()).assets
    more = {"keypoints": {"top": [0, 0, 4]}, "parts": {"": "body"}, "sha256": bare.sha256}
    listed(tmp_path, item | more)
    (asset,) = folder.scan(tmp_path, AssetsConfig()).assets
    assert asset.sha256 != bare.sha256
    mesh = Library(tmp_path).mesh(folder.reference(asset))
    assert mesh.parts == ("body",)
    assert mesh.keypoints == {"top": (0.0, 0.0, 4.0)}
    listed(tmp_path, item)
    with pytest.raises(AssetError, match="changed since the scene was sampled"):
        Library(tmp_path).mesh(folder.reference(asset))


def test_tags_choose_classes_and_untagged_ones_fit_everywhere(tmp_path: Path) -> None:
    listed(
        tmp_path,
        {"id": "1", "class": "mug", "file": box(tmp_path, "1.stl"), "tags": ["kitchen"]},
        {"id": "2", "class": "saw", "file": box(tmp_path, "2.stl"), "tags": ["tools"]},
        {"id": "3", "class": "thing", "file": box(tmp_path, "3.stl")},
    )

    def classes(*tags: str) -> tuple[str, ...]:
        return load_catalogue(AssetsConfig(dir=str(tmp_path), tags=list(tags) or None)).classes

    assert classes() == ("mug", "saw", "thing")
    assert classes("kitchen") == ("mug", "thing")
    assert classes("kitchen", "tools") == ("mug", "saw", "thing")


def test_a_tag_that_nothing_has_lists_those_there_are(tmp_path: Path) -> None:
    item = {"id": "1", "class": "mug", "file": box(tmp_path), "tags": ["kitchen"]}
    listed(tmp_path, item)
    with pytest.raises(InputError, match=r"no class has any of tolls; known tags are kitchen"):
        load_catalogue(AssetsConfig(dir=str(tmp_path), tags=["tolls"]))


def test_an_entry_cannot_lead_out_of_the_folder_by_a_link(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    box(tmp_path, "secret.stl")
    (library / "link.stl").symlink_to(tmp_path / "secret.stl")
    listed(library, {"id": "1", "class": "mug", "file": "link.stl"})
    with pytest.raises(InputError, match="outside the asset folder"):
        folder.scan(library, AssetsConfig())


@pytest.mark.parametrize("name", ["../mug", "/mug", "a/../../mug", "."])
def test_an_id_is_no_way_out_of_the_folder(tmp_path: Path, name: str) -> None:
    """An asset that is imported again is written where its id says."""
    listed(tmp_path, {"id": name, "class": "mug", "file": "a.stl"})
    with pytest.raises(InputError, match="id: found"):
        entries.read(tmp_path)
