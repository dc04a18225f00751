"""Labels of the real pipeline against an independent ray caster, pixel by pixel."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from agreement import check_everything, same_mask
from conftest import TINY, Simgen
from oracle import Oracle
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from trimesh.visual.material import SimpleMaterial
from trimesh.visual.texture import TextureVisuals

import simgen
from simgen.assets.library import Library
from simgen.labels import IGNORE
from simgen.labels.record import CameraRecord
from simgen.runs.pipeline import label_scene
from simgen.stages.resolver import Resolver

pytestmark = pytest.mark.render


def check_against_oracle(dataset: simgen.Dataset, assets_dir: Path | None = None) -> int:
    """Compare all frames; returns how many pixels were looked at."""
    return check_everything(dataset, assets_dir).looked_at["ids"]


def test_parametric_scenes_are_labelled_as_rays_see_them(dataset_folder: Path) -> None:
    assert check_against_oracle(simgen.open(dataset_folder)) == 3 * 2 * 96 * 72


@pytest.fixture(scope="module")
def mesh_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Meshes of all formats, off their origins, in odd units' sizes, some open, some broken."""
    folder = tmp_path_factory.mktemp("meshes")
    for name in ("ring", "knob", "block", "broken"):
        (folder / name).mkdir()
    ring = trimesh.creation.torus(0.05, 0.015)
    ring.apply_translation([0.3, -0.2, 0.1])
    ring.export(folder / "ring" / "ring.obj")
    trimesh.creation.annulus(0.03, 0.05, 0.04).export(folder / "ring" / "pipe.ply")
    knob = trimesh.creation.capsule(height=0.08, radius=0.03)
    scene = trimesh.Scene()
    scene.add_geometry(knob, transform=trimesh.transformations.rotation_matrix(0.7, [1, 2, 3]))
    scene.export(folder / "knob" / "knob.glb")
    trimesh.creation.box([0.1, 0.06, 0.04]).export(folder / "block" / "block.stl")
    half = trimesh.creation.icosphere(subdivisions=3, radius=0.05)
    half.update_faces(half.triangles_center[:, 2] < 0)
    half.export(folder / "block" / "open_bowl.ply")
    glass = trimesh.creation.cylinder(0.04, 0.1)
    glass.visual = TextureVisuals(material=SimpleMaterial(diffuse=[90, 120, 200, 60]))
    glass.export(folder / "block" / "glass.obj")
    mtl = folder / "block" / "material.mtl"
    mtl.write_text("newmtl material_0\nKd 0.3 0.5 0.8\nd 0.2\n")
    (folder / "broken" / "empty.obj").write_text("")
    (folder / "broken" / "text.stl").write_text("this is no mesh")
    return folder


@pytest.fixture(scope="module")
def mesh_dataset(
    mesh_folder: Path, tmp_path_factory: pytest.TempPathFactory, simgen_command: Simgen
) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "meshes"
    words = ["generate", *TINY, "num_scenes=3", "seed=1", f"assets.dir={mesh_folder}"]
    words += ["labels=all"]
    done = simgen_command([*words, "objects.scale_range=[0.5,2.0]", f"output.dir={folder}"])
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.exhaustive
def test_the_users_meshes_are_labelled_as_rays_see_them(
    mesh_dataset: Path, mesh_folder: Path
) -> None:
    dataset = simgen.open(mesh_dataset)
    assert dataset.classes == ("block", "knob", "ring")
    assert check_against_oracle(dataset, mesh_folder) == 3 * 96 * 72


@pytest.mark.exhaustive
def test_the_geometry_of_a_scene_is_at_hand(mesh_dataset: Path, mesh_folder: Path) -> None:
    dataset = simgen.open(mesh_dataset)
    folder = mesh_dataset / "scenes" / "000001"
    oracle = Oracle(dataset.spec(1), folder, Resolver(Library(mesh_folder)))
    placed = dataset.meshes(1)
    vertices = np.concatenate([mesh.vertices for mesh in placed])
    assert vertices == pytest.approx(oracle.vertices, abs=1e-12)
    ids = [mesh.instance_id for mesh in placed if mesh.instance_id]
    assert ids == [item.instance_id for item in dataset[1].objects]
    pose = dataset[1].objects[0].pose
    inside = placed[-len(ids)].vertices - pose[:3, 3]
    assert (inside @ pose[:3, :3]).max(axis=0) == pytest.approx(dataset[1].objects[0].box_max)


@pytest.mark.exhaustive
def test_broken_meshes_are_skipped_with_a_reason(mesh_dataset: Path) -> None:
    skipped = json.loads((mesh_dataset / "assets.json").read_text())["skipped"]
    names = ["broken/", "broken/empty.obj", "broken/text.stl"]
    assert [asset["file"] for asset in skipped] == names
    assert "none of its 2 meshes can be used: the class is omitted" in skipped[0]["reason"]
    assert "the file is empty" in skipped[1]["reason"]
    assert skipped[2]["reason"]


@pytest.mark.exhaustive
def test_poses_map_the_files_own_coordinates(mesh_dataset: Path, mesh_folder: Path) -> None:
    """The vertices of the file, placed by nothing but the documented pose, fill the mask."""
    dataset = simgen.open(mesh_dataset)
    checked = 0
    for sample in dataset:
        for item in sample.objects:
            if not item.asset.endswith("ring.obj") or item.visible_fraction < 0.9:
                continue
            raw = trimesh.load(mesh_folder / item.asset, process=False).vertices
            turned = np.column_stack([raw[:, 0], -raw[:, 2], raw[:, 1]])  # y up to z up
            points = np.column_stack([item.scale * turned, np.ones(len(raw))])
            seen = (item.object_to_camera @ points.T).T[:, :3]
            pixels = seen @ sample.camera.K.T
            pixels = pixels[:, :2] / pixels[:, 2:]
            x, y, width, height = item.bbox
            low, high = np.array([x, y]), np.array([x + width, y + height])
            assert (np.abs(pixels.min(axis=0) - low) < 1.5).all()
            assert (np.abs(pixels.max(axis=0) - high) < 1.5).all()
            checked += 1
    assert checked, "no ring was in plain view: choose another seed"


def test_all_labels_of_a_frame_agree(dataset_folder: Path) -> None:
    dataset = simgen.open(dataset_folder)
    for sample in dataset:
        ids = {item.instance_id: item for item in sample.objects}
        assert set(np.unique(sample.instances)) <= {0, *ids}
        assert ((sample.instances > 0) <= np.isfinite(sample.depth)).all()
        for number, item in ids.items():
            mask = sample.instances == number
            assert item.class_name == dataset.classes[item.class_id - 1]
            assert (sample.semantic[mask] == item.class_id).all()
            assert item.visible_pixels == mask.sum()
            assert 0 <= item.visible_fraction <= item.unoccluded_fraction <= 1
            assert item.visible_fraction <= item.inside_fraction <= 1
            if item.segmentation is None:
                assert not mask.any()
                assert item.bbox is None
            else:
                assert np.array_equal(coco_mask.decode(item.segmentation), mask)
        ignored = np.zeros(sample.instances.shape, bool)
        for region in sample.ignore_regions:
            ignored |= coco_mask.decode(region.segmentation).astype(bool)
        assert np.array_equal(sample.semantic == IGNORE, ignored)
        assert not sample.instances[ignored].any()
        assert (sample.semantic[(sample.instances == 0) & ~ignored] == 0).all()
        assert sample.rgb.shape == (72, 96, 3)
        assert sample.rgb.std() > 5, "a picture shows something"


def test_coco_is_what_pycocotools_and_the_id_images_say(dataset_folder: Path) -> None:
    dataset = simgen.open(dataset_folder)
    coco = COCO(dataset_folder / "annotations" / "instances.json")
    assert [category["name"] for category in coco.loadCats(coco.getCatIds())] == [*dataset.classes]
    assert sorted(coco.getAnnIds()) == list(range(1, len(coco.getAnnIds()) + 1))
    for sample, image in zip(dataset, coco.loadImgs(sorted(coco.getImgIds())), strict=True):
        assert dataset_folder / image["file_name"] == sample.path("rgb")
        annotations = coco.loadAnns(coco.getAnnIds(image["id"], iscrowd=False))
        crowds = coco.loadAnns(coco.getAnnIds(image["id"], iscrowd=True))
        assert [c["area"] for c in crowds] == [r.area for r in sample.ignore_regions]
        ids = [number for number in np.unique(sample.instances) if number]
        assert len(annotations) == len(ids)
        for number, annotation in zip(ids, annotations, strict=True):
            mask = coco.annToMask(annotation)
            assert np.array_equal(mask, sample.instances == number)
            assert annotation["area"] == mask.sum()
            rows, columns = np.nonzero(mask)
            box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
            assert annotation["bbox"] == box


@pytest.mark.exhaustive
def test_amodal_masks_are_what_objects_show_alone(moving_folder: Path, tmp_path: Path) -> None:
    """Each object of a scene is really rendered with none of the others there."""
    dataset = simgen.open(moving_folder)
    spec, library = dataset.spec(0), Library(None)
    hidden = 0
    for number, item in enumerate(spec.objects):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        alone = replace(spec, objects=(replace(item, instance_id=1),), labels=("instances",))
        labels = label_scene(alone, Resolver(library), scratch, 0, "cpu").frames
        for sample, made in zip(dataset, labels, strict=False):
            shown = made.images["instances"] == 1
            told = sample.amodal_masks.get(item.instance_id, np.zeros_like(shown))
            same_mask(told.astype(bool), shown)
            hidden += int((shown & (sample.instances != item.instance_id)).sum())
    assert hidden > 20, "no object hides others: choose another seed of the folder"


@pytest.mark.exhaustive
def test_the_whole_silhouette_is_what_the_object_shows_alone(dataset_folder: Path) -> None:
    """The amodal pixel counts against a rasteriser of the test's own (no rays)."""
    dataset = simgen.open(dataset_folder)
    sample, library = dataset[0], Library(None)
    for item, described in zip(dataset.spec(0).objects, sample.objects, strict=True):
        mesh = library.mesh(item.asset)
        points = np.column_stack([mesh.vertices * item.scale, np.ones(len(mesh.vertices))])
        seen = (described.object_to_camera @ points.T).T[:, :3] @ sample.camera.K.T
        covered = rasterise(seen[:, :2] / seen[:, 2:], mesh.faces, sample.camera)
        inside = described.visible_pixels / max(described.unoccluded_fraction, 1e-9)
        if described.visible_pixels:
            assert inside == pytest.approx(covered.sum(), rel=0.01, abs=3)


def rasterise(pixels: np.ndarray, faces: np.ndarray, camera: CameraRecord) -> np.ndarray:
    """`H x W` bool: pixel centres within any projected triangle."""
    covered = np.zeros((camera.height, camera.width), bool)
    for corners in pixels[faces]:
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int), [camera.width, camera.height])
        if (low >= high).any():
            continue
        x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
        sides = []
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            edge = end - start
            sides.append(edge[0] * (y - start[1]) - edge[1] * (x - start[0]))
        within = np.all(np.array(sides) >= 0, axis=0) | np.all(np.array(sides) <= 0, axis=0)
        covered[low[1] : high[1], low[0] : high[0]] |= within
    return covered
