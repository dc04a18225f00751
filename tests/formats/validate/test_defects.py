"""`simgen validate` finds every defect of a corpus of broken datasets, and none in good ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from broken import Broken
from broken.everything import CORPUS
from cast import MOVING, cast_dataset
from regions import add_regions

from simgen.formats.export import Options, export
from simgen.formats.findings import ERROR
from simgen.formats.sources import open_source
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import Report, validate

FULL = ("num_scenes=1", "seed=7", "objects.count_range=[6,6]")
"""Overrides for a sequence in which every class occurs."""

COPIED = Options(copy=True)
EXPORTS = {
    "coco": ("stills", "coco", COPIED),
    "coco-keypoints": ("moving", "coco", COPIED),
    "coco-panoptic": ("moving", "coco", COPIED),
    "coco-polygons": ("stills", "coco-polygons", COPIED),
    "yolo": ("stills", "yolo", COPIED),
    "yolo-seg": ("stills", "yolo-seg", COPIED),
    "yolo-obb": ("stills", "yolo-obb", COPIED),
    "yolo-pose": ("moving", "yolo-pose", COPIED),
    "voc": ("stills", "voc", COPIED),
    "kitti": ("moving", "kitti", COPIED),
    "kitti-flow": ("moving", "kitti-flow", COPIED),
    "bop": ("moving", "bop", COPIED),
    "flow": ("moving", "flow", COPIED),
    "webdataset": ("stills", "webdataset", COPIED),
    "cityscapes": ("stills", "cityscapes", COPIED),
    "cityscapes-panoptic": ("moving", "cityscapes", COPIED),
    "tapvid": ("moving", "tapvid", COPIED),
    "nerf": ("moving", "nerf", COPIED),
    "nerf-stills": ("stills", "nerf", COPIED),
    "pointcloud": ("moving", "pointcloud", COPIED),
    "pointcloud-pcd": ("moving", "pointcloud-pcd", COPIED),
    "pointcloud-depth": ("moving", "pointcloud-depth", COPIED),
    "pointcloud-sensor": ("moving", "pointcloud-sensor", COPIED),
    "huggingface": ("stills", "huggingface", COPIED),
    "huggingface-keypoints": ("moving", "huggingface", COPIED),
}
"""Good datasets that are exports of others: of which, the format, and how."""


@pytest.fixture(scope="session")
def goods(tmp_path_factory: pytest.TempPathFactory, stills_folder: Path) -> dict[str, Path]:
    """Good datasets by name. Only to be looked at."""
    folder = tmp_path_factory.mktemp("good")
    moving = cast_dataset(folder / "moving", *MOVING, *FULL)
    made = {"moving": moving, "stills": stills_folder, "regions": folder / "regions"}
    shutil.copytree(moving, made["regions"])
    add_regions(made["regions"])
    for name, (source, format_name, options) in EXPORTS.items():
        made[name] = folder / name
        export([format_name], [open_source(str(made[source]))], made[name], options)
    return made


def checked(folder: Path) -> Report:
    return validate(folder, detect(folder), processes=1)


@pytest.mark.parametrize("broken", CORPUS, ids=lambda broken: f"{broken.good}-{broken.name}")
@pytest.mark.corpus(20)
def test_every_defect_is_found(broken: Broken, goods: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(goods[broken.good], folder)
    broken.damage(folder)
    report = checked(folder)
    assert broken.rule in {found.rule for found in report.findings}
    errors = {found.rule for found in report.findings if found.severity == ERROR}
    others = errors - {broken.rule} - broken.also
    assert not others, [found for found in report.findings if found.rule in others]


@pytest.mark.parametrize("name", ["moving", "stills", "regions", *EXPORTS])
@pytest.mark.corpus(12)
def test_good_datasets_have_no_findings(name: str, goods: dict[str, Path]) -> None:
    # A single scene is in one split, which YOLO then validates on, too.
    expected = {"yolo/same-split"} if name == "yolo-pose" else set()
    assert {found.rule for found in checked(goods[name]).findings} == expected
