"""Photographs that replace a stage: what is chosen, what stays as it was, and what is refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cast import SMALL, cast_dataset
from PIL import Image

import simgen
from simgen.config import Config
from simgen.config.compose import load_config
from simgen.errors import InputError
from simgen.geometry.lens import lens_of
from simgen.labels import IGNORE
from simgen.sampling.randomizers.background import facing
from simgen.spec.scene import CameraSpec, EnvironmentSpec, LensSpec, SceneSpec, dumps, loads

TABLE = ("assets.classes=[ball,box,mug]", "objects.count_range=[3,5]")
FLAT = ("render.width=120", "render.height=90")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three photographs, of which `long.jpg` has a focal length."""
    made = tmp_path_factory.mktemp("photographs")
    rng = np.random.default_rng(0)
    for name in ("one.png", "two.png"):
        Image.fromarray(rng.integers(0, 256, (60, 80, 3), np.uint8)).save(made / name)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA405] = 70
    Image.new("RGB", (400, 300), (90, 80, 70)).save(made / "long.jpg", exif=exif)
    return made


def config(folder: Path, *words: str) -> Config:
    return load_config([f"background.images={folder}", *TABLE, *FLAT, *words])


def test_photographs_are_equally_frequent_and_repeatable(folder: Path) -> None:
    asked = config(folder, "scene=flying")
    specs = [simgen.sample_scene(asked, scene) for scene in range(24)]
    assert specs[:2] == [simgen.sample_scene(asked, scene) for scene in range(2)]
    counts = Counter(spec.background.photograph for spec in specs if spec.background)
    assert set(counts) == {"one.png", "two.png", "long.jpg"}
    assert min(counts.values()) >= 3
    assert all(loads(dumps(spec)) == spec for spec in specs[:5])


@pytest.mark.parametrize("stage", ["tabletop", "room", "outdoor", "shelf"])
def test_only_the_stage_is_replaced(folder: Path, stage: str) -> None:
    words = (f"scene={stage}", *TABLE, *FLAT)
    asked = config(folder, *words, "background.match_lens=false")
    spec = simgen.sample_scene(asked, 1)
    assert spec.background is not None
    assert spec.background.ground is not None
    own = simgen.sample_scene(list(words), 1)
    assert [item.asset for item in spec.placed] == [item.asset for item in own.placed]
    assert [item.materials for item in spec.placed] == [item.materials for item in own.placed]
    assert spec.sensor == own.sensor
    assert len(spec.objects) == len(spec.placed)  # no furnishings
    lowest = min(item.position[2] for item in spec.objects)
    assert lowest == pytest.approx(spec.background.ground, abs=0.12)


def test_objects_float_without_a_floor_where_nothing_supports_them(folder: Path) -> None:
    for words in (("scene=flying",), ("scene=tabletop", "placement.methods=[float]")):
        background = simgen.sample_scene(config(folder, *words), 0).background
        assert background is not None
        assert background.ground is None


def test_older_specs_have_no_background(folder: Path) -> None:
    spec = simgen.sample_scene(["scene=flying", *TABLE], 0)
    assert '"background":' not in dumps(spec)
    assert '"background":' in dumps(simgen.sample_scene(config(folder, "scene=flying"), 0))


def _long(folder: Path, *words: str) -> SceneSpec:
    asked = config(folder, "scene=flying", "camera.focal_length_mm_range=20", *words)
    specs = (simgen.sample_scene(asked, scene) for scene in range(40))
    return next(s for s in specs if s.background and s.background.photograph == "long.jpg")


@pytest.mark.parametrize("size", [(120, 90), (120, 60), (60, 90)])
def test_the_lens_has_the_angle_of_the_photograph(folder: Path, size: tuple[int, int]) -> None:
    width, height = size
    spec = _long(folder, f"render.width={width}", f"render.height={height}")
    lens = lens_of(spec.cameras[0].lens, width, height)
    # 400 x 300 pixels are scaled to cover the image; their diagonal sees what a film of 43.27 mm
    # sees behind 70 mm.
    scale = max(width / 400, height / 300)
    assert lens.fx == pytest.approx(500 * scale * 70 / 43.2666, rel=1e-4)
    assert lens.fy == pytest.approx(lens.fx)
    assert "camera.focal_length_mm_range" not in spec.factors


def test_lenses_are_sampled_where_they_cannot_match(folder: Path) -> None:
    for words in (["background.match_lens=false"], ["camera.model=kannala_brandt"]):
        assert _long(folder, *words).cameras[0].lens.focal_length_mm == 20


def test_light_comes_from_where_the_camera_looks() -> None:
    # OpenCV axes: the third column is the direction of view, here along y.
    pose = ((1.0, 0.0, 0.0, 5.0), (0.0, 0.0, 1.0, 6.0), (0.0, -1.0, 0.0, 7.0), (0.0, 0.0, 0.0, 1.0))
    camera = CameraSpec(pose, LensSpec(35.0, 36.0))
    photo = EnvironmentSpec("photo", 1.0)
    assert facing(photo, camera) == replace(photo, rotation=pytest.approx(np.pi / 2))
    assert facing(EnvironmentSpec("plain", 1.0), camera) == EnvironmentSpec("plain", 1.0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lighting.kinds=[photo]"], "lighting.kinds=photo: .*set background.images"),
        (["background.classes=[car]"], "not used without background.images"),
        (["background.images=x", "background.empty=true"], "leave one out"),
        (["background.images=x", "camera.path=orbit"], "camera.path=orbit: .*views, static"),
        (["background.images=x", "camera.stereo_baseline=0.1"], "no stereo pair"),
        (["background.images=x", "camera.model=equirectangular"], "sees all directions"),
        (["scene=outdoor", "background.images=x", "weather.kinds=[rain]"], "weather.kinds=.*clear"),
        (["labels=[rgba]"], "'rgba' needs background.images, or background.empty=true"),
        (["background.images=nowhere"], "background.images=.*nowhere: not a folder"),
    ],
)
def test_contradictions_are_named_in_one_line(words: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        simgen.sample_scene(words, 0)
    assert "\n" not in str(caught.value)


def test_a_dataset_has_the_photograph_exactly_where_no_object_is(
    folder: Path, tmp_path: Path
) -> None:
    words = (*SMALL, "labels=[detection,rgba]", "lighting=photo", "background.classes=[mug]")
    root = cast_dataset(tmp_path / "d", *words, f"background.images={folder}", "num_scenes=3")
    dataset = simgen.open(root)
    for sample in dataset:
        spec = dataset.spec(sample.scene)
        assert spec.background is not None
        with Image.open(folder / spec.background.photograph) as image:
            shown = np.asarray(image.resize((96, 72), Image.Resampling.LANCZOS))
        far = np.isinf(sample.depth)
        assert (far == (sample.instances == 0)).all()
        # Beyond the reach of the lens's blur from any object, nothing is changed.
        clear = far & (sample.rgba[..., 3] == 0)
        off = np.abs(sample.rgb[clear].astype(int) - shown[clear])
        assert np.quantile(off, 0.9) <= 2  # JPEGs may be decoded at another scale
        assert (sample.rgba[~far][:, 3] > 100).all()
        assert (sample.semantic[far] == IGNORE).all()
        (region,) = sample.record.ignore_regions
        assert region.class_name == "mug"
