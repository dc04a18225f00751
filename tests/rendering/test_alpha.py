"""Cut-out textures: the labels follow the leaf, not the rectangle that it is painted on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from agreement import same_mask
from conftest import SEQUENCE, TINY, Generate
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


@pytest.mark.exhaustive
def test_the_mask_follows_the_texture(leaves: Path, generate: Generate) -> None:
    words = (*TINY, "num_scenes=3", "objects.count_range=[1,1]", f"assets.dir={leaves}")
    for sample in simgen.open(generate(*words)):
        expected = leaf_at(sample, 1, rays_of(sample)).painted
        differs = (sample.instances > 0) != expected
        assert expected.sum() > 50, "the leaf is to be seen"
        # Texels at the cut are interpolated, so the cut's own pixels may go either way.
        assert not (differs & ~near_edge(expected)).any()


@pytest.fixture(scope="module")
def fluttering(leaves: Path, generate: Generate) -> simgen.Dataset:
    """Three leaves in a heap that move before a camera that moves."""
    return simgen.open(
        generate(
            *SEQUENCE,
            "seed=1",
            "objects.count_range=[3,3]",
            "placement.spread=0.1",
            f"assets.dir={leaves}",
            "camera.path=orbit",
            "motion.objects=keyframed",
            "motion.probability=1",
        )
    )


@pytest.mark.exhaustive
def test_amodal_masks_have_the_holes(fluttering: simgen.Dataset) -> None:
    looked_at = 0
    for sample in fluttering:
        rays = rays_of(sample)
        for item in sample.objects:
            expected = leaf_at(sample, item.instance_id, rays).painted
            told = sample.amodal_masks.get(item.instance_id, np.zeros_like(expected)).astype(bool)
            # The cut runs between texels; elsewhere the promise is that of all masks.
            cut = np.abs(leaf_at(sample, item.instance_id, rays).x) < 0.2 / 64
            same_mask(told & ~cut, expected & ~cut)
            looked_at += int(expected.sum())
    assert looked_at > 300


@pytest.mark.exhaustive
def test_flow_and_occlusion_see_through_the_holes(fluttering: simgen.Dataset) -> None:
    """What shows through a hole moves as what is there moves, and is not hidden by the hole."""
    through = 0
    for here, there in ((fluttering[0], fluttering[1]), (fluttering[1], fluttering[0])):
        forward = here.frame < there.frame
        flow = here.flow_forward if forward else here.flow_backward
        occluded = here.occlusion_forward if forward else here.occlusion_backward
        drawn = np.isfinite(here.depth)
        points = rays_of(here) * np.where(drawn, here.depth, 1.0)[..., None]
        world = points @ here.camera.cam_to_world[:3, :3].T + here.camera.cam_to_world[:3, 3]
        for item, later in zip(here.objects, there.objects, strict=True):
            mine = here.instances == item.instance_id
            move = later.object_to_world @ np.linalg.inv(item.object_to_world)
            world[mine] = world[mine] @ move[:3, :3].T + move[:3, 3]
        to_camera = np.linalg.inv(there.camera.cam_to_world)
        then = world @ to_camera[:3, :3].T + to_camera[:3, 3]
        pixels = then @ there.camera.K.T
        pixels = pixels[..., :2] / pixels[..., 2:]
        columns, rows = np.meshgrid(np.arange(96) + 0.5, np.arange(72) + 0.5)
        off = np.linalg.norm(flow + np.stack([columns, rows], axis=-1) - pixels, axis=-1)
        assert off[drawn].max() < 0.01

        directions = then / then[..., 2:]
        hidden, doubtful = np.zeros(drawn.shape, bool), np.zeros(drawn.shape, bool)
        seen_through = np.zeros(drawn.shape, bool)
        for item in there.objects:
            leaf = leaf_at(there, item.instance_id, directions)
            before = leaf.depth < then[..., 2] * (1 - 1e-4)
            hidden |= leaf.painted & before
            doubtful |= near_edge(leaf.painted & before)
            seen_through |= leaf.within & ~leaf.painted & before
        inside = ((pixels >= 0) & (pixels <= [96, 72])).all(axis=-1)
        # Nothing but leaves is above the table top, so nothing else hides what is there.
        known = drawn & inside & ~doubtful & (world[..., 2] > -1e-3)
        assert known.sum() > 1000
        assert np.array_equal(occluded[known], hidden[known])
        through += int((seen_through & ~hidden & known).sum())
    assert through > 20, "something is seen through a hole: choose another seed"


@dataclass(frozen=True)
class Leaf:
    """Where rays pass the plane of a leaf. painted: on its opaque half. within: in its rectangle.
    depth: planar metres, infinity behind the camera. x: along the leaf, metres."""

    painted: np.ndarray
    within: np.ndarray
    depth: np.ndarray
    x: np.ndarray


def rays_of(sample: simgen.Sample) -> np.ndarray:
    """`H x W x 3`: directions with z = 1 through the pixels' centres, camera axes."""
    height, width = sample.depth.shape
    u, v = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([u, v, np.ones_like(u)], axis=-1) @ np.linalg.inv(sample.camera.K).T


def leaf_at(sample: simgen.Sample, instance_id: int, rays: np.ndarray) -> Leaf:
    """rays: `H x W x 3`, z = 1, from the camera of a sample, in its axes."""
    to_object = np.linalg.inv(sample.objects[instance_id - 1].object_to_camera)
    directions = rays @ to_object[:3, :3].T
    depth = -to_object[2, 3] / directions[..., 2]
    points = to_object[:3, 3] + depth[..., None] * directions
    depth = np.where(depth > 0, depth, np.inf)
    within = (np.abs(points[..., 0]) < 0.1) & (np.abs(points[..., 1]) < 0.06) & (depth < np.inf)
    return Leaf(within & (points[..., 0] < 0), within, depth, points[..., 0])
