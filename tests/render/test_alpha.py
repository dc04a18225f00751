"""Cut-out textures: the labels follow the leaf, not the rectangle that it is painted on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import TINY, Simgen
from oracle import near_edge
from PIL import Image

import simgen

pytestmark = pytest.mark.render

OBJ = """mtllib leaf.mtl
v -0.1 0 0.06
v 0.1 0 0.06
v 0.1 0 -0.06
v -0.1 0 -0.06
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl leaf
f 1/1 2/2 3/3 4/4
"""


@pytest.fixture(scope="module")
def leaves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rectangle in the plane z = 0 (y up in the file), opaque where x < 0."""
    folder = tmp_path_factory.mktemp("leaves") / "leaf"
    folder.mkdir()
    (folder / "leaf.obj").write_text(OBJ)
    (folder / "leaf.mtl").write_text("newmtl leaf\nKd 1 1 1\nmap_Kd leaf.png\n")
    texels = np.full((64, 64, 4), (40, 140, 30, 255), np.uint8)
    texels[:, 32:, 3] = 0
    Image.fromarray(texels).save(folder / "leaf.png")
    return folder.parent


def test_the_mask_follows_the_texture(leaves: Path, tmp_path: Path, simgen_command: Simgen) -> None:
    words = [*TINY, "num_scenes=3", "objects.count_range=[1,1]", f"assets.dir={leaves}"]
    done = simgen_command(["generate", *words, f"output.dir={tmp_path / 'dataset'}"])
    assert done.returncode == 0, done.stderr
    for sample in simgen.open(tmp_path / "dataset"):
        expected = painted(sample)
        differs = (sample.instances > 0) != expected
        assert expected.sum() > 50, "the leaf is to be seen"
        # Texels at the cut are interpolated, so the cut's own pixels may go either way.
        assert not (differs & ~near_edge(expected)).any()


def painted(sample: simgen.Sample) -> np.ndarray:
    """`H x W` bool: whether the ray through each pixel's centre meets the opaque half."""
    height, width = sample.depth.shape
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    rays = np.stack([u, v, np.ones_like(u)], axis=-1) @ np.linalg.inv(sample.camera.K).T
    to_object = np.linalg.inv(sample.objects[0].object_to_camera)
    directions = rays @ to_object[:3, :3].T
    distance = -to_object[2, 3] / directions[..., 2]
    points = to_object[:3, 3] + distance[..., None] * directions
    within = (np.abs(points[..., 0]) < 0.1) & (np.abs(points[..., 1]) < 0.06)
    return within & (points[..., 0] < 0) & (distance > 0)
