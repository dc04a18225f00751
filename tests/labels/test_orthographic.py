"""Datasets of orthographic cameras, from their labels to what is made of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from agreement import check_everything
from cast import MOVING, cast_dataset

import simgen
from simgen.errors import InputError
from simgen.formats.export import export
from simgen.formats.sources import SimgenSource, open_source
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import validate
from simgen.geometry.transforms import transform
from simgen.stats.collect import gather


@pytest.fixture(scope="session")
def parallel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A moving scene, without a second camera."""
    words = [word for word in MOVING if "baseline" not in word]
    words.append("labels=[all,lidar]")  # depth cameras are pinholes
    more = ("num_scenes=2", "camera.model=orthographic", "motion.deform_probability=0.4")
    more += ("render.width=256", "render.height=192")
    shape = ("camera.pixel_aspect=1.1", "camera.principal_point=[0.55,0.46]")
    return cast_dataset(tmp_path_factory.mktemp("parallel") / "data", *words, *more, *shape)


@pytest.mark.exhaustive
def test_all_labels_agree(parallel: Path) -> None:
    tally = check_everything(simgen.open(parallel))
    assert tally.looked_at["flow at edges"] > 100
    assert tally.looked_at["occlusion"] > 1000


@pytest.mark.exhaustive
def test_the_validator_finds_nothing(parallel: Path) -> None:
    assert validate(parallel, detect(parallel), processes=1).findings == []


@pytest.mark.exhaustive
def test_the_record_says_what_its_numbers_mean(parallel: Path) -> None:
    """K takes metres across the view to pixels, and distance along a ray is depth."""
    for sample in simgen.open(parallel):
        camera, drawn = sample.camera, np.isfinite(sample.depth)
        assert camera.lens.model == "orthographic"
        assert (sample.depth == sample.ray_distance).all()
        far = np.where(drawn, sample.depth, 0)[..., None]
        points = camera.ray_origins() + camera.rays() * far
        flat = points[drawn] * [1, 1, 0] + [0, 0, 1]
        rows, columns = np.nonzero(drawn)
        pixels = np.stack([columns, rows], axis=1) + 0.5
        assert np.abs((flat @ camera.K.T)[:, :2] - pixels).max() < 1e-9
        for item in sample.objects:
            mine = sample.instances == item.instance_id
            own = transform(np.linalg.inv(item.object_to_camera), points[mine])
            slack = 1e-4 * np.linalg.norm(item.size) + 1e-4
            assert ((own >= item.box_min - slack) & (own <= item.box_max + slack)).all()


@pytest.mark.exhaustive
def test_a_moving_camera_keeps_its_scale(parallel: Path) -> None:
    samples = list(simgen.open(parallel))
    for scene in {sample.scene for sample in samples}:
        cameras = [sample.camera for sample in samples if sample.scene == scene]
        assert len({camera.K.tobytes() for camera in cameras}) == 1
        assert len({camera.pose.tobytes() for camera in cameras}) == 3


def test_views_and_distances_are_those_along_the_rays(parallel: Path) -> None:
    found, _ = gather(str(parallel))
    depths = [
        item.centre[2]
        for sample in simgen.open(parallel)
        for item in sample.objects
        if item.bbox is not None
    ]
    assert found.histograms["distance"].mean == pytest.approx(np.mean(depths))


@pytest.mark.parametrize("name", ["kitti", "kitti-flow", "bop", "bop-webdataset", "nerf"])
def test_formats_of_pinholes_refuse_it_in_one_line(
    name: str, parallel: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"camera\.model=orthographic.*generate") as found:
        export([name], [SimgenSource(simgen.open(parallel))], tmp_path / "out")
    assert "\n" not in str(found.value)
    assert not (tmp_path / "out").exists()


def test_other_formats_take_it(parallel: Path, tmp_path: Path) -> None:
    names = ["coco", "flow", "tapvid", "webdataset"]
    done = dict(zip(names, export(names, [open_source(str(parallel))], tmp_path), strict=True))
    assert any("no .cam files of orthographic" in remark for remark in done["flow"].remarks)
    assert not list(tmp_path.rglob("*.cam"))
