"""Objects in photographs, rendered by Blender: light, shadows, coverage, and labels as exact as
those on a stage."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from agreement import check_everything
from conftest import TINY, Generate, Simgen
from miniature import shoot, spec, thing
from PIL import Image
from solids import ball

import simgen
from simgen.assets.textures import Pictures
from simgen.geometry.transforms import as_rows, look_at
from simgen.sampling.randomizers.background import facing
from simgen.spec.frame import RawFrame
from simgen.spec.scene import BackgroundSpec, CameraSpec, EnvironmentSpec, LensSpec

pytestmark = pytest.mark.render


def one_sided(folder: Path) -> str:
    """Write a photograph that is bright on the left; return its SHA-256."""
    pixels = np.full((60, 80, 3), 20, np.uint8)
    pixels[:, :30] = 255
    Image.fromarray(pixels).save(folder / "a.png")
    return hashlib.sha256((folder / "a.png").read_bytes()).hexdigest()


def ball_in_photograph(
    folder: Path, eye: tuple[float, float, float], ground: float | None
) -> RawFrame:
    """A ball with a radius of 0.1 m on z = 0, lit by the photograph."""
    camera = CameraSpec(as_rows(look_at(eye, (0.0, 0.0, 0.1))), LensSpec(50.0, 36.0))
    made = spec([thing(1, (0.0, 0.0, 0.1))], [camera], width=64, height=48, samples=64)
    made = replace(
        made,
        environment=facing(EnvironmentSpec("photo", 1.0), camera),
        background=BackgroundSpec("a.png", one_sided(folder), ground),
    )
    (raw,) = shoot(made, [ball(0.1)], folder, pictures=Pictures(photographs=folder))
    return raw


@pytest.mark.parametrize("eye", [(0.0, -1.2, 0.5), (1.2, 0.0, 0.5), (-0.9, 0.9, 0.5)])
def test_light_falls_from_the_bright_side_of_the_photograph(
    tmp_path: Path, eye: tuple[float, float, float]
) -> None:
    raw = ball_in_photograph(tmp_path, eye, None)
    assert raw.radiance is not None
    assert raw.shade is None
    rows, columns = np.nonzero(raw.code)
    middle = columns.mean()
    brightness = raw.radiance[rows, columns].mean(axis=1)
    left, right = brightness[columns < middle - 2].mean(), brightness[columns > middle + 2].mean()
    assert left > 1.5 * right


def test_the_floor_shows_shadows_and_is_nothing_to_labels(tmp_path: Path) -> None:
    raw = ball_in_photograph(tmp_path, (0.0, -1.2, 0.5), 0.0)
    assert raw.shade is not None
    assert raw.cover is not None
    assert set(np.unique(raw.code)) == {0, 1}
    np.testing.assert_array_equal(np.isinf(raw.distance), raw.code == 0)
    # Where the ball covers a pixel's centre, it covers much of the pixel, and the reverse.
    assert ((raw.cover > 0.5) != (raw.code > 0)).sum() <= 0.2 * (
        (raw.cover > 0) & (raw.cover < 1)
    ).sum()
    assert ((raw.cover > 0) & (raw.cover < 1)).any()
    free = raw.cover == 0
    assert raw.shade[free].min() < 0.7
    np.testing.assert_allclose(np.median(raw.shade[:6]), 1.0, atol=0.05)


def test_a_dataset_in_photographs_is_exact_valid_and_repeatable(
    generate: Generate, simgen_command: Simgen, tmp_path: Path
) -> None:
    one_sided(tmp_path)
    words = (
        *TINY,
        f"background.images={tmp_path}",
        "lighting=photo",
        "labels=[detection,pose,panoptic,rgba]",
        "frames_per_scene=2",
        "num_scenes=1",
        "objects.count_range=[3,3]",
        "assets.classes=[ball,box,mug]",
        "camera.f_stop_range=2",
        "camera.fill_range=1.4",
        "render.width=160",
        "render.height=120",
    )
    folder = generate(*words)
    dataset = simgen.open(folder)
    check_everything(dataset)
    for sample in dataset:
        assert (np.isinf(sample.depth) == (sample.instances == 0)).all()
        assert (sample.rgba[..., 3][sample.instances == 0] < 255).any()
        for found in sample.objects:
            assert found.visible_pixels == (sample.instances == found.instance_id).sum()
        assert {segment.category_id for segment in sample.record.segments or ()} >= {
            len(dataset.manifest.classes) + 1  # the background
        }
    assert simgen_command(["validate", str(folder)]).returncode == 0
    assert simgen_command(["replay", str(folder), "--scene", "0"]).returncode == 0
    (tmp_path / "a.png").unlink()
    gone = simgen_command(["replay", str(folder), "--scene", "0"])
    assert gone.returncode != 0
    assert "a.png: the file does not exist" in gone.stderr + gone.stdout
