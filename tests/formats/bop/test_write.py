"""BOP exports, checked by rays against the written models and by bop_toolkit's formulas."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
import webdataset as wds
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist

import simgen
from simgen.assets import entries
from simgen.assets.catalogue import built_in_info
from simgen.assets.classes import CLASSES
from simgen.assets.entries import Axis, Entry, Symmetries
from simgen.errors import InputError, SimgenError
from simgen.formats import export as exporting
from simgen.formats.bop import tars
from simgen.formats.bop.frame import bop_frame, run_lengths
from simgen.formats.bop.models import diameter, in_model
from simgen.formats.export import Options, export, plan_of
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.plan import Plan
from simgen.formats.sources import SimgenSource
from simgen.geometry.transforms import rotation_about
from tests.cast import SMALL, cast_dataset

BLOCK = (
    *SMALL,
    "assets.classes=[ball,building_block]",
    "labels=[rgb,depth,instances,objects,amodal_masks]",
    "frames_per_scene=2",
    "splits=[test:1]",
)
"""Scenes of convex shapes, so that all that can be seen of a model is on its outside."""


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cast_dataset(
        tmp_path_factory.mktemp("cast") / "pose", *BLOCK, "num_scenes=3", "seed=5",
        "objects.count_range=[5,7]",
    )  # fmt: skip


@pytest.fixture(scope="session")
def exported(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bop") / "out"
    export(["bop"], [SimgenSource(simgen.open(dataset))], out)
    return out


def load(path: Path) -> Any:
    return json.loads(path.read_text())


def scenes(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("*/*/scene_gt.json"))


def grey(path: Path) -> np.ndarray:
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image.ndim == 2
    return image


def rendered(mesh: trimesh.Trimesh, gt: dict, k: np.ndarray, size: tuple[int, int], canvas: int):
    """Depth of a model alone, `H x W` millimetres, 0 for none, by trimesh's rays; on a canvas of
    so many images beside each other, the image in its middle."""
    width, height = size
    pad = canvas // 2
    columns = np.arange(-pad * width, (pad + 1) * width)
    rows = np.arange(-pad * height, (pad + 1) * height)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    rays = np.column_stack([grid, np.ones(len(grid))]) @ np.linalg.inv(k).T
    turn, shift = np.reshape(gt["cam_R_m2c"], (3, 3)), np.array(gt["cam_t_m2c"])
    origins = np.broadcast_to(-shift @ turn, rays.shape)
    places, hit, _ = mesh.ray.intersects_location(origins, rays @ turn, multiple_hits=False)
    depth = np.zeros(len(grid))
    depth[hit] = (places @ turn.T + shift)[:, 2]
    return depth.reshape(len(rows), len(columns))


def each_image(folder: Path):
    for scene in scenes(folder):
        cameras, gts = load(scene / "scene_camera.json"), load(scene / "scene_gt.json")
        infos = load(scene / "scene_gt_info.json")
        assert list(cameras) == list(gts) == list(infos)
        for image in gts:
            yield scene, int(image), cameras[image], gts[image], infos[image]


def check_recomputed(folder: Path) -> int:
    """What bop_toolkit's scripts calc_gt_info and calc_gt_masks compute from models, poses and
    depth agrees with what was written. Returns the number of objects that were compared."""
    models: dict[int, trimesh.Trimesh] = {}
    compared = 0
    for scene, image, camera, gts, infos in each_image(folder):
        k = np.reshape(camera["cam_K"], (3, 3))
        raw = grey(scene / f"depth/{image:06d}.png")
        height, width = raw.shape
        depth = raw * camera["depth_scale"]
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        stretch = np.linalg.norm(
            np.dstack([(x - k[0, 2]) / k[0, 0], (y - k[1, 2]) / k[1, 1], np.ones_like(x)]), axis=2
        )
        for place, (gt, info) in enumerate(zip(gts, infos, strict=True)):
            number = gt["obj_id"]
            if number not in models:
                models[number] = trimesh.load(folder / f"models/obj_{number:06d}.ply")
            large = rendered(models[number], gt, k, (width, height), 3)
            own = large[height : 2 * height, width : 2 * width]
            seen = (own > 0) & ((depth == 0) | (own * stretch - depth * stretch <= 5))
            assert abs(info["px_count_all"] - (large > 0).sum()) <= 1
            assert abs(info["px_count_valid"] - ((own > 0) & (depth > 0)).sum()) <= 1
            assert abs(info["px_count_visib"] - seen.sum()) <= 2
            assert info["visib_fract"] == pytest.approx(seen.sum() / (large > 0).sum(), abs=0.02)
            name = f"{image:06d}_{place:06d}.png"
            whole, visible = grey(scene / "mask" / name), grey(scene / "mask_visib" / name)
            assert set(np.unique(whole)) | set(np.unique(visible)) <= {0, 255}
            assert ((whole > 0) != (own > 0)).sum() <= 1
            assert ((visible > 0) != seen).sum() <= 2
            boxes = np.array([info["bbox_obj"], info["bbox_visib"]])
            if not info["px_count_visib"]:
                assert (boxes == -1).all()
                continue
            rows, columns = np.nonzero(large)
            columns, rows = columns - width, rows - height
            for box, (r, c) in zip(boxes, ((rows, columns), np.nonzero(seen)), strict=True):
                expected = [c.min(), r.min(), c.max() - c.min(), r.max() - r.min()]
                assert np.abs(box - expected).max() <= 1
            compared += 1
    return compared


@pytest.mark.exhaustive
def test_info_and_masks_are_what_the_toolkit_computes_from_models_and_poses(
    exported: Path,
) -> None:
    assert check_recomputed(exported) > 20
    cut = [info for *_, infos in each_image(exported) for info in infos]
    assert any(0 < info["visib_fract"] < 0.95 for info in cut)


@pytest.mark.exhaustive
def test_an_export_in_another_size_keeps_its_meaning(dataset: Path, tmp_path: Path) -> None:
    options = Options(size=Size.read("48"))
    export(["bop"], [SimgenSource(simgen.open(dataset))], tmp_path / "out", options)
    for scene, image, camera, gts, _ in each_image(tmp_path / "out"):
        k = np.reshape(camera["cam_K"], (3, 3))
        for place, gt in enumerate(gts):
            mask = grey(scene / f"mask/{image:06d}_{place:06d}.png") > 0
            assert mask.shape == (36, 48)
            model = trimesh.load(tmp_path / f"out/models/obj_{gt['obj_id']:06d}.ply")
            own = rendered(model, gt, k, (48, 36), 1) > 0
            # Masks are those of the nearest original pixel: off by half a pixel of that at most.
            shell = cv2.dilate(own.astype(np.uint8), np.ones((3, 3)))
            core = cv2.erode(own.astype(np.uint8), np.ones((3, 3)), borderValue=0)
            assert not (mask & (shell == 0)).any()
            assert not ((core > 0) & ~mask).any()


def test_poses_are_the_datasets(dataset: Path, exported: Path) -> None:
    data = simgen.open(dataset)
    samples = {(sample.scene, sample.frame): sample for sample in data}
    for scene, image, camera, gts, _ in each_image(exported):
        sample = samples[int(scene.name), image]
        to_world = np.eye(4)
        turn, shift = np.reshape(camera["cam_R_w2c"], (3, 3)), np.array(camera["cam_t_w2c"])
        to_world[:3, :3], to_world[:3, 3] = turn.T, -turn.T @ shift / 1000
        np.testing.assert_allclose(to_world, sample.camera.cam_to_world, atol=1e-9)
        shown = [o for o in sample.objects if o.amodal_segmentation is not None]
        assert len(shown) == len(gts)
        for gt, item in zip(gts, shown, strict=True):
            np.testing.assert_allclose(np.array(gt["cam_t_m2c"]) / 1000, item.centre, atol=1e-9)
            np.testing.assert_allclose(np.reshape(gt["cam_R_m2c"], (3, 3)), item.rotation)
            assert load(exported / "objects.json")[str(gt["obj_id"])]["class"] == item.class_name
            mask = grey(scene / f"mask_visib/{image:06d}_{gts.index(gt):06d}.png") > 0
            assert (mask == (sample.instances == item.instance_id)).all()


def test_depth_in_millimetres(dataset: Path, exported: Path) -> None:
    data = {(sample.scene, sample.frame): sample for sample in simgen.open(dataset)}
    for scene, image, camera, *_ in each_image(exported):
        depth = grey(scene / f"depth/{image:06d}.png") * camera["depth_scale"]
        expected = data[int(scene.name), image].depth * 1000
        there = np.isfinite(expected)
        assert (depth[~there] == 0).all()
        np.testing.assert_allclose(depth[there], expected[there], atol=camera["depth_scale"] / 2)


def test_models(exported: Path) -> None:
    infos = load(exported / "models/models_info.json")
    assert sorted(map(int, infos)) == list(range(1, len(infos) + 1))
    for number, info in infos.items():
        path = exported / f"models/obj_{int(number):06d}.ply"
        head = path.read_bytes()[:400].decode()
        assert head.startswith("ply\nformat ascii 1.0\n")
        assert "property float nx" in head
        points = np.asarray(trimesh.load(path).vertices)
        low = np.array([info[f"min_{axis}"] for axis in "xyz"])
        size = np.array([info[f"size_{axis}"] for axis in "xyz"])
        np.testing.assert_allclose(low, points.min(axis=0), atol=1e-3)
        np.testing.assert_allclose(size, np.ptp(points, axis=0), atol=1e-3)
        np.testing.assert_allclose(low, -size / 2, atol=1e-3)
        assert info["diameter"] == pytest.approx(pdist(points).max(), rel=1e-6)
    kinds = load(exported / "objects.json")
    for number, kind in kinds.items():
        names = {key for key in infos[number] if key.startswith("sym")}
        expected = {"ball": "symmetries_continuous", "building_block": "symmetries_discrete"}
        assert names == {expected[kind["class"]]}


@given(st.integers(0, 10_000), st.integers(4, 60), st.sampled_from(["any", "flat", "line"]))
@settings(max_examples=40, deadline=None)
def test_the_diameter_is_the_largest_distance(seed: int, count: int, kind: str) -> None:
    points = np.random.default_rng(seed).normal(size=(count, 3))
    points[:, {"any": 3, "flat": 2, "line": 1}[kind] :] = 0
    assert diameter(points) == pytest.approx(pdist(points).max())


def test_the_diameter_of_very_many_points() -> None:
    points = np.random.default_rng(0).normal(size=(12_000, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    assert diameter(points * [50, 50, 70]) == pytest.approx(140, rel=1e-3)


def transformed(info: dict, points: np.ndarray, angle: float) -> list[np.ndarray]:
    """Points of a model under each of its symmetries, as bop_toolkit's misc.py has them."""
    found = []
    for matrix in info.get("symmetries_discrete", []):
        m = np.reshape(matrix, (4, 4))
        found.append(points @ m[:3, :3].T + m[:3, 3])
    for each in info.get("symmetries_continuous", []):
        turn, offset = rotation_about(angle * np.array(each["axis"])), np.array(each["offset"])
        found.append(points @ turn.T - turn @ offset + offset)
    return found


@pytest.mark.parametrize(
    "name", [name for name, info in built_in_info().items() if info.symmetries != Symmetries()]
)
@pytest.mark.corpus(5)
def test_symmetries_map_built_in_shapes_to_themselves(name: str) -> None:
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        # Symmetries are those of the dish, whatever lies in it.
        made = CLASSES[name].build(CLASSES[name].draw(rng) | {"contents": 0.0})
        centre = made.bounds().mean(axis=0)
        mesh = trimesh.Trimesh(1000 * (made.vertices - centre), made.faces, process=False)
        dense, _ = trimesh.sample.sample_surface(mesh, 20_000, seed=1)
        tree, few = cKDTree(dense), dense[:200]
        info = in_model(built_in_info()[name].symmetries, 1.0, np.zeros(3))
        for angle in (0.9, 2.5):
            for moved in transformed(info, few, angle):
                far = np.quantile(tree.query(moved)[0], 0.99)
                # The samples themselves lie a hundredth apart.
                assert far < 0.02 * diameter(np.asarray(mesh.vertices))


def test_symmetries_of_files_move_into_the_models_axes() -> None:
    """A cylinder that stands beside its origin, and a box of two halves."""
    offset, scale = np.array([0.3, -0.2, 0.0]), 1.7
    rod = trimesh.creation.cylinder(0.1, 0.5)
    rod.apply_translation(offset)
    half_turn = np.eye(4)
    half_turn[:2, :2] *= -1
    half_turn[:3, 3] = 2 * offset
    assert np.allclose(half_turn[:3, :3] @ offset + half_turn[:3, 3], offset)
    centre = scale * rod.bounds.mean(axis=0)
    found = Symmetries((Axis((0, 0, 2), (0.3, -0.2, 0.9)),), (tuple(half_turn.ravel().tolist()),))
    info = in_model(found, scale, centre)
    points = 1000 * (scale * np.asarray(rod.vertices) - centre)
    around = np.linalg.norm(points[:, :2], axis=1)
    for moved in transformed(info, points, 0.77):
        np.testing.assert_allclose(moved[:, 2], points[:, 2], atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(moved[:, :2], axis=1), around, atol=1e-6)
    np.testing.assert_allclose(
        transformed({"symmetries_discrete": info["symmetries_discrete"]}, points, 0)[0],
        points * [-1, -1, 1], atol=1e-6,
    )  # fmt: skip


def test_coco_and_targets(exported: Path) -> None:
    targets = load(exported / "test_targets_bop19.json")
    asked = {(t["scene_id"], t["im_id"]) for t in load(exported / "test_targets_bop24.json")}
    wanted = []
    for scene in scenes(exported):
        coco = COCO(str(scene / "scene_gt_coco.json"))
        for image in coco.imgs.values():
            assert (scene / image["file_name"]).is_file()
    for scene, image, _, gts, infos in each_image(exported):
        coco = COCO(str(scene / "scene_gt_coco.json"))
        entries = coco.loadAnns(coco.getAnnIds(imgIds=[image]))
        seen = [place for place, info in enumerate(infos) if info["px_count_visib"]]
        assert [e["category_id"] for e in entries] == [gts[place]["obj_id"] for place in seen]
        for entry, place in zip(entries, seen, strict=True):
            visible = grey(scene / f"mask_visib/{image:06d}_{place:06d}.png") > 0
            assert (coco.annToMask(entry).astype(bool) == visible).all()
            whole = grey(scene / f"mask/{image:06d}_{place:06d}.png") > 0
            rows, columns = np.nonzero(whole)
            x, y = columns.min(), rows.min()
            assert entry["bbox"] == [x, y, columns.max() - x + 1, rows.max() - y + 1]
            assert entry["area"] == visible.sum()
            assert entry["ignore"] == (infos[place]["visib_fract"] < 0.1)
        good = [gt["obj_id"] for gt, i in zip(gts, infos, strict=True) if i["visib_fract"] >= 0.1]
        for number in sorted(set(good)):
            wanted.append(
                {"im_id": image, "scene_id": int(scene.name), "inst_count": good.count(number),
                 "obj_id": number}
            )  # fmt: skip
    assert targets == wanted
    assert asked == {(t["scene_id"], t["im_id"]) for t in wanted}


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32))
def test_run_lengths_are_cocos(height: int, width: int, seed: int) -> None:
    mask = np.random.default_rng(seed).random((height, width)) < 0.5
    plain = run_lengths(mask)
    assert sum(plain["counts"]) == mask.size
    decoded = coco_mask.decode(coco_mask.frPyObjects(plain, height, width))
    assert (decoded.astype(bool) == mask).all()


def test_shards_say_the_same(dataset: Path, exported: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(["bop-webdataset"], [SimgenSource(simgen.open(dataset))], out, Options(shard_mb=1))
    for path in sorted((exported / "models").iterdir()):
        assert (out / "models" / path.name).read_bytes() == path.read_bytes()
    assert load(out / "camera.json") == load(exported / "camera.json")
    shards = load(out / "test/key_to_shard.json")
    images = {f"{int(s.name):06d}_{i:06d}": (s, i) for s, i, *_ in each_image(exported)}
    assert list(shards) == list(images)
    found = 0
    for sample in wds.WebDataset(str(out / "test/shard-000000.tar"), shardshuffle=False):
        scene, image = images[sample["__key__"]]
        found += shards[sample["__key__"]] == 0
        for part in ("camera", "gt", "gt_info"):
            name = "scene_gt_info" if part == "gt_info" else f"scene_{part}"
            assert json.loads(sample[f"{part}.json"]) == load(scene / f"{name}.json")[str(image)]
        assert sample["depth.png"] == (scene / f"depth/{image:06d}.png").read_bytes()
        assert sample["rgb.png"] == (scene / f"rgb/{image:06d}.png").read_bytes()
        for part in ("mask", "mask_visib"):
            for place, plain in json.load(io.BytesIO(sample[f"{part}.json"])).items():
                decoded = coco_mask.decode(coco_mask.frPyObjects(plain, *plain["size"]))
                expected = grey(scene / part / f"{image:06d}_{int(place):06d}.png") > 0
                assert (decoded.astype(bool) == expected).all()
    assert found == len(images)


def test_objects_that_change_their_shape_are_left_out(tmp_path: Path) -> None:
    data = cast_dataset(
        tmp_path / "data", *BLOCK, "num_scenes=1", "motion.deform_probability=1.0", "seed=3",
        "camera.path=orbit",
    )  # fmt: skip
    (done,) = export(["bop"], [SimgenSource(simgen.open(data))], tmp_path / "out")
    assert any("deforming objects" in remark for remark in done.remarks)
    assert all(not gts for *_, gts, _ in each_image(tmp_path / "out"))
    assert not list((tmp_path / "out/models").glob("*.ply"))


@pytest.mark.exhaustive
def test_several_datasets_and_hardly_seen_objects(dataset: Path, tmp_path: Path) -> None:
    """Scenes of two datasets have numbers of their own, the same shapes have one number."""
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    options = Options(
        selection=Selection(rename={"ball": "orb"}, min_visibility=0.5, hardly_seen="crowd")
    )
    sources = [SimgenSource(simgen.open(path)) for path in (dataset, copy)]
    export(["bop"], sources, tmp_path / "out", options)
    alone = export(["bop"], sources[:1], tmp_path / "alone", options)
    assert len(scenes(tmp_path / "out")) == 6
    objects = load(tmp_path / "out/objects.json")
    assert len(objects) == len(load(tmp_path / "alone/objects.json"))
    assert {kind["class"] for kind in objects.values()} == {"orb", "building_block"}
    assert all("--min-visibility: marked" in remark for remark in alone[0].remarks)
    for scene in scenes(tmp_path / "out"):
        info = load(scene / "scene_gt_info.json")
        for entry in load(scene / "scene_gt_coco.json")["annotations"]:
            alike = [
                shown["visib_fract"] < 0.5
                for shown in info[str(entry["image_id"])]
                if shown["px_count_visib"] == entry["area"]
            ]
            assert entry["ignore"] in alike


def test_the_same_export_gives_the_same_files(
    dataset: Path, exported: Path, tmp_path: Path
) -> None:
    export(["bop"], [SimgenSource(simgen.open(dataset))], tmp_path / "out")
    for path in sorted(exported.rglob("*")):
        if path.is_file() and path.name != ".simgen-export.json":
            assert (tmp_path / "out" / path.relative_to(exported)).read_bytes() == path.read_bytes()


def test_a_mesh_file_is_one_model_with_its_symmetries(tmp_path: Path) -> None:
    """In all scenes, where it has a single scale; its poses stay those of the file's axes."""
    assets = tmp_path / "assets"
    assets.mkdir()
    rod = trimesh.creation.cylinder(0.05, 0.3)
    rod.apply_translation([0.2, 0.1, 0.0])
    rod.export(assets / "rod.ply")
    axis = Symmetries((Axis((0, 0, 1), (0.2, 0.1, 0.0)),))
    entries.write(assets, [Entry("rod", "rod", "rod.ply", symmetries=axis)])
    words = [word for word in BLOCK if not word.startswith("assets.classes")]
    data = cast_dataset(
        tmp_path / "data", *words, "num_scenes=2", f"assets.dir={assets}", "seed=2",
        "assets.classes=[rod]", "objects.size_range=null",
    )  # fmt: skip
    out = tmp_path / "out"
    export(["bop"], [SimgenSource(simgen.open(data))], out)
    (info,) = load(out / "models/models_info.json").values()
    assert info["size_z"] == pytest.approx(300, abs=0.01)
    (line,) = info["symmetries_continuous"]
    assert line["axis"] == [0, 0, 1]
    np.testing.assert_allclose(line["offset"][:2], 0, atol=1e-3)
    assert check_recomputed(out) > 5
    (assets / "rod.ply").unlink()
    with pytest.raises(SimgenError, match="rod"):
        export(["bop"], [SimgenSource(simgen.open(data))], out)


def test_a_dataset_of_a_plugin_asks_for_it(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dataset, copy)
    content = load(copy / "dataset.json")
    (copy / "dataset.json").write_text(json.dumps({**content, "plugins": ["my_things"]}))
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "plugin"))
    source = SimgenSource(simgen.open(copy))
    with pytest.raises(InputError, match="--plugin my_things"):
        export(["bop"], [source], tmp_path / "out")
    export(["bop"], [source], tmp_path / "out", Options(plugins=("my_things",)))


@pytest.mark.exhaustive
def test_shards_that_are_there_are_kept(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An export that was interrupted ends with the same bytes, numbers of models included."""
    source = SimgenSource(simgen.open(dataset))

    def small(*given: Any) -> Plan:
        return replace(plan_of(*given), shard_bytes=80_000)

    monkeypatch.setattr(exporting, "plan_of", small)
    export(["bop-webdataset"], [source], tmp_path / "whole")
    shards = sorted(path.name for path in (tmp_path / "whole/test").glob("*.tar"))
    assert len(shards) > 2
    seen = 0

    def broken(item: Any, model_of: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == 5:
            raise KeyboardInterrupt
        return bop_frame(item, model_of)

    with monkeypatch.context() as patched:
        patched.setattr(tars, "bop_frame", broken)
        with pytest.raises(KeyboardInterrupt):
            export(["bop-webdataset"], [source], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    kept = sorted(path.name for path in (tmp_path / ".out.partial/whole/test").glob("*.tar"))
    assert 0 < len(kept) < len(shards)
    export(["bop-webdataset"], [source], tmp_path / "out")
    for path in sorted((tmp_path / "whole").rglob("*")):
        if path.is_file():
            there = tmp_path / "out" / path.relative_to(tmp_path / "whole")
            assert there.read_bytes() == path.read_bytes(), path
    places = load(tmp_path / "out/test/key_to_shard.json")
    for number, name in enumerate(shards):
        keys = [s["__key__"] for s in wds.WebDataset(
            str(tmp_path / "out/test" / name), shardshuffle=False
        )]  # fmt: skip
        assert keys == [key for key, shard in places.items() if shard == number]
