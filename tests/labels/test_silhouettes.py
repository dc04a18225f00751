"""Silhouettes against objects that are seen alone, by rays of OpenCV's and trimesh's making."""

from __future__ import annotations

import numpy as np
import pytest
from solids import LENSES, Scene, Thing, ball, box

from simgen.geometry.lens import lens_of
from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.labels.extent import canvas_of, extents
from simgen.labels.silhouettes import Silhouette, silhouettes
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.frame import RawFrame
from simgen.spec.scene import LensSpec

every_lens = pytest.mark.parametrize("model", sorted(LENSES))
PLAIN = LensSpec(36.0, 36.0)


def image(item: Silhouette, height: int, width: int) -> np.ndarray:
    mask = np.zeros(height * width, bool)
    mask[item.pixels] = True
    return mask.reshape(width, height).T


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def facing(x: float, y: float, half: float, z: float = 1.0) -> Thing:
    """A thin plate that faces the camera; its front is at depth z."""
    return Thing(box(2 * half, 2 * half, 1e-4), (x, y, z + 5e-5))


def mixed() -> tuple[Thing, ...]:
    """Near, far, turned, hidden, half outside the frame, around the seam, behind the camera."""
    return (
        Thing(box(0.5, 0.3, 0.2), (0.1, 0.05, 1.2), (0.4, 0.7, 0.2)),
        Thing(ball(0.3), (-0.2, 0.1, 2.0)),
        Thing(box(3.0, 0.06, 0.06), (0.3, -0.2, 1.5), (0.1, 0.3, 0.5)),
        Thing(box(0.8, 0.8, 0.8), (1.0, 0.6, 1.3), (0.5, 0.2, 0.9)),
        Thing(box(0.4, 1.0, 0.5), (0.2, 0.1, -1.4), (0.2, 0.1, 0.3)),
        Thing(box(0.5, 0.5, 0.5), (0.1, -1.2, 0.0), (0.1, 0.4, 0.8)),
        Thing(box(0.3, 0.3, 4.0), (0.5, 0.3, 0.5)),
        Thing(ball(0.02), (0.3, 0.2, 3.0)),
    )


@every_lens
@pytest.mark.corpus(2)
def test_silhouettes_are_the_objects_alone(model: str) -> None:
    scene = Scene(mixed(), LENSES[model], 160, 120)
    found, layers = silhouettes(scene.view()), scene.layers()
    assert len(found) == len(scene.things)
    seen = 0
    for item, layer in zip(found, layers, strict=True):
        alone, mine = np.isfinite(layer), image(item, scene.height, scene.width)
        assert iou(alone, mine) >= 0.999 or (alone ^ mine).sum() <= 1
        both = alone & mine
        distance = np.full(scene.width * scene.height, np.inf)
        distance[item.pixels] = item.distance
        at = distance.reshape(scene.width, scene.height).T[both]
        assert np.allclose(at, layer[both], rtol=1e-4)
        seen += int(both.sum() > 0)
    assert seen >= 5


@every_lens
@pytest.mark.corpus(2)
def test_the_whole_silhouette_reaches_beyond_the_frame(model: str) -> None:
    scene = Scene(mixed(), LENSES[model], 60, 40)
    canvas = canvas_of(lens_of(scene.lens, scene.width, scene.height))
    columns, rows = np.arange(canvas.left, canvas.right), np.arange(canvas.top, canvas.bottom)
    across, down = np.meshgrid(columns, rows)
    pixels = np.stack([across.ravel(), down.ravel()], axis=1)
    for number, item in enumerate(silhouettes(scene.view())):
        met = np.isfinite(scene.distances(number, pixels + 0.5))
        assert abs(item.whole - met.sum()) <= max(1, 0.002 * met.sum())
        if not met.any():
            assert item.bbox is None
            continue
        low, high = pixels[met].min(axis=0), pixels[met].max(axis=0) + 1
        assert item.bbox is not None
        x, y, width, height = item.bbox
        assert np.abs(np.array([x, y, x + width, y + height]) - [*low, *high]).max() <= 1


@every_lens
@pytest.mark.parametrize("seed", range(40))
@pytest.mark.corpus(16)
def test_no_pixel_lies_outside_of_the_extent(model: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = rng.normal(size=3) * rng.choice([0.3, 1.0, 3.0])
    thing = Thing(box(*rng.uniform(0.02, 2.0, 3)), tuple(place), tuple(rng.normal(size=3)))
    scene = Scene([thing], LENSES[model], 60, 40)
    lens = lens_of(scene.lens, scene.width, scene.height)
    (reach,) = extents(lens, [thing.mesh.vertices], [thing.pose])
    canvas = canvas_of(lens)
    across, down = np.meshgrid(
        np.arange(canvas.left, canvas.right), np.arange(canvas.top, canvas.bottom)
    )
    pixels = np.stack([across.ravel(), down.ravel()], axis=1)
    touched = pixels[np.isfinite(scene.distances(0, pixels + 0.5))]
    assert (touched >= [reach.left, reach.top]).all()
    assert (touched < [reach.right, reach.bottom]).all()


def test_a_plate_in_plain_view_is_seen_whole() -> None:
    (item,) = silhouettes(Scene([facing(0, 0, 0.2)], PLAIN, 50, 40).view())
    assert (len(item.visible), len(item.pixels), item.whole) == (400, 400, 400.0)
    assert item.visible_fraction == item.inside_fraction == item.unoccluded_fraction == 1.0
    assert item.bbox == (15.0, 10.0, 20.0, 20.0)


def test_what_hides_an_object_lowers_its_visible_part_only() -> None:
    hides = Thing(box(0.2, 0.8, 1e-3), (-0.1, 0, 0.8))  # its side lies on the optical axis
    item = silhouettes(Scene([facing(0, 0, 0.2), hides], PLAIN, 50, 40).view())[0]
    assert (len(item.pixels), item.whole, item.inside_fraction) == (400, 400, 1.0)
    assert item.visible_fraction == item.unoccluded_fraction == 0.5


def test_the_border_of_the_frame_lowers_the_part_inside() -> None:
    (item,) = silhouettes(Scene([facing(0.5, 0, 0.2)], PLAIN, 50, 40).view())
    assert (len(item.pixels), item.whole) == (200, 400)
    assert (item.inside_fraction, item.unoccluded_fraction) == (0.5, 1.0)
    assert item.visible_fraction == item.inside_fraction
    assert item.bbox == (40.0, 10.0, 20.0, 20.0)


def test_an_object_out_of_view_has_no_part_inside() -> None:
    (item,) = silhouettes(Scene([facing(-1.2, -0.9, 0.2)], PLAIN, 50, 40).view())
    assert len(item.pixels) == len(item.visible) == 0
    assert item.whole == 400
    assert item.bbox == (-45.0, -35.0, 20.0, 20.0)
    assert item.unoccluded_fraction == item.inside_fraction == 0.0


def test_an_object_behind_the_camera_is_nowhere() -> None:
    (item,) = silhouettes(Scene([Thing(box(1, 1, 1), (0, 0, -1.0))], PLAIN, 50, 40).view())
    assert (len(item.pixels), item.whole, item.bbox) == (0, 0.0, None)
    assert item.visible_fraction == 0.0


def test_a_pixel_that_shows_the_object_belongs_to_it() -> None:
    """Whatever shape the renderer gave it: here it covers the whole image."""
    scene = Scene([facing(0, 0, 0.2)], PLAIN, 50, 40)
    world = World(scene.spec(), [scene.things[0].mesh], ())
    raw = RawFrame(None, np.full((40, 50), 2.5), np.ones((40, 50), np.int32))
    (item,) = silhouettes(FrameView(world, raw, 0))
    assert np.array_equal(item.pixels, np.arange(2000))
    assert (item.distance == 2.5).all()
    assert item.whole == 2000


def test_a_cut_out_leaf_is_cut_out() -> None:
    """The left half of the quad's texture has no alpha."""
    texture = np.full((2, 64, 4), 255, np.uint8)
    texture[:, :32, 3] = 0
    corners = np.array([[-0.2, 0.2, 0], [0.2, 0.2, 0], [0.2, -0.2, 0], [-0.2, -0.2, 0]])
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.int32)
    leaf = MeshData(
        vertices=corners,
        faces=faces,
        uv=np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)[faces],
        slot=np.zeros(2, np.int32),
        slots=("leaf",),
        surfaces=(SurfaceData(image=texture),),
    )
    scene = Scene([Thing(leaf, (0, 0, 1.0))], PLAIN, 50, 40)
    world = World(scene.spec(), [leaf], ())
    empty = RawFrame(None, np.full((40, 50), np.inf), np.zeros((40, 50), np.int32))
    (item,) = silhouettes(FrameView(world, empty, 0))
    assert item.bbox == (25.0, 10.0, 10.0, 20.0)
    assert len(item.pixels) == item.whole == 200


def test_huge_silhouettes_are_counted_in_bounded_time() -> None:
    scene = Scene([facing(0, 0, 50.0)], PLAIN, 1000, 700)
    world = World(scene.spec(), [scene.things[0].mesh], ())
    raw = RawFrame(None, np.ones((700, 1000)), np.ones((700, 1000), np.int32))
    (item,) = silhouettes(FrameView(world, raw, 0))
    assert item.whole == pytest.approx(9 * 700_000, rel=0.01)  # the canvas
    assert len(item.pixels) == 700_000
