"""Pictures of labels: the right colours, and no value that breaks them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cast import SMALL, cast_dataset
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from synthetic import HEIGHT, WIDTH, write_dataset

import simgen
from simgen.labels.drawing import colours, overlays
from simgen.labels.registry import LABELS, drawable
from simgen.report.preview import write_preview


def hue(colour: np.ndarray) -> str:
    """Which of red, green, blue a colour has most of."""
    return ("red", "green", "blue")[int(np.argmax(colour))]


def test_every_label_of_a_dataset_has_a_picture(tmp_path: Path) -> None:
    assert set(drawable(LABELS)) == set(LABELS) - {"camera", "coco"}
    write_dataset(tmp_path / "d")
    first, middle, last = simgen.open(tmp_path / "d")[:3]
    for name in drawable(LABELS):
        make = LABELS[name].picture
        picture = make(middle)
        assert picture is not None
        assert picture.dtype == np.uint8
        assert picture.shape == (HEIGHT, WIDTH, 3)
        assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1, name
        assert (make(first) is None) == name.endswith("backward")
        assert (make(last) is None) == name.endswith("forward")


def test_drawings_leave_the_sample_alone(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d")
    sample = simgen.open(tmp_path / "d")[1]
    before = {name: getattr(sample, name).copy() for name in ("rgb", "depth", "flow_forward")}
    for name in drawable(LABELS):
        LABELS[name].picture(sample)
    for name, array in before.items():
        assert getattr(sample, name).tobytes() == array.tobytes()


def test_flow_has_the_colours_of_middlebury() -> None:
    right, down, left, up = (
        colours.colour_flow(np.array([[vector]], np.float32))[0, 0]
        for vector in ((1, 0), (0, 1), (-1, 0), (0, -1))
    )
    # As in the paper's figure: red to the right, yellow down, cyan left, violet up.
    assert right[0] > 240
    assert max(right[1:]) < 40
    assert min(down[:2]) > 180
    assert down[2] < 40
    assert left[0] < 40
    assert min(left[1:]) > 140
    assert up[1] < 60
    assert up[2] > 200


def test_flow_fades_to_white_and_nothing_is_black() -> None:
    flow = np.array([[[10, 0], [5, 0], [0, 0], [np.nan, 3]]], np.float32)
    full, half, none, lost = colours.colour_flow(flow)[0].astype(int)
    assert none.tolist() == [255, 255, 255]
    assert lost.tolist() == [0, 0, 0]
    np.testing.assert_allclose(half, (full + 255) / 2, atol=1)


def test_normals_look_like_normal_maps() -> None:
    normals = np.array([[[1, 0, 0], [0, -1, 0], [0, 0, -1], [0, 0, 0]]], np.float32)
    right, up, front, nothing = colours.colour_normals(normals)[0]
    assert [hue(colour) for colour in (right, up, front)] == ["red", "green", "blue"]
    assert nothing.tolist() == [0, 0, 0]


def test_near_is_brighter_than_far_and_nothing_is_black() -> None:
    depth = np.array([[1, 2, 4, np.inf]], np.float32)
    light = colours.colour_depth(depth)[0].sum(axis=-1, dtype=int)
    assert light[0] > light[1] > light[2]
    assert light[3] == 0
    disparity = colours.colour_disparity(np.array([[8, 4, 2, 0]], np.float32))[0]
    assert disparity[3].sum() == 0
    assert disparity[0].sum(dtype=int) > disparity[1].sum(dtype=int)


def test_ids_have_colours_of_their_own() -> None:
    ids = np.arange(200, dtype=np.uint16).reshape(10, 20)
    found = colours.colour_ids(ids).reshape(-1, 3)
    assert len(np.unique(found, axis=0)) == 200
    assert found[0].tolist() == [0, 0, 0]
    far = colours.colour_ids(np.array([[0, 16_000_000]], np.uint32))
    assert far[0, 1].any()


def test_a_track_leads_to_its_point() -> None:
    paper = np.zeros((20, 40, 3), np.uint8)
    points = np.array([[[5.5, 10.5], [20.5, 10.5], [30.5, 10.5]]])
    hidden = np.array([[False, False, True]])
    second = overlays.draw_tracks(paper, points, hidden, 1)
    assert second[10, 6:21].any(axis=-1).all()
    assert not second[10, 25:].any()
    third = overlays.draw_tracks(paper, points, hidden, 2)
    assert third[10, 6:29].any(axis=-1).all()
    assert not paper.any()


def test_points_without_an_image_are_not_drawn() -> None:
    paper = np.zeros((8, 8, 3), np.uint8)
    points = np.array([[[np.nan, np.nan], [1e9, 2.0]]])
    for frame in (0, 1):
        drawn = overlays.draw_tracks(paper, points, np.ones((1, 2), bool), frame)
        assert not drawn.any()


@settings(max_examples=20)
@given(
    arrays.arrays(np.float32, (3, 4), elements=st.floats(width=32)),
    arrays.arrays(np.float32, (3, 4, 2), elements=st.floats(width=32)),
    arrays.arrays(np.float32, (3, 4, 3), elements=st.floats(width=32)),
)
@pytest.mark.filterwarnings("error")
def test_no_value_breaks_a_picture(
    plane: np.ndarray, pairs: np.ndarray, triples: np.ndarray
) -> None:
    for colour in (colours.colour_depth, colours.colour_disparity):
        assert colour(plane).shape == (3, 4, 3)
    for colour in (colours.colour_flow, colours.colour_uv):
        assert colour(pairs).shape == (3, 4, 3)
    for colour in (
        colours.colour_normals,
        colours.colour_coordinates,
        colours.colour_light,
        colours.colour_scene_flow,
    ):
        assert colour(triples).shape == (3, 4, 3)


@pytest.mark.exhaustive
def test_objects_of_a_pixel_are_drawn_in_a_smaller_picture(tmp_path: Path) -> None:
    words = (*SMALL, "num_scenes=1", "seed=2", "render.width=1600", "render.height=1200")
    folder = cast_dataset(tmp_path / "d", *words)
    (file,) = folder.glob("scenes/*/frame_0000.json")
    record = json.loads(file.read_text())
    for item in record["objects"]:
        item["bbox"] = [7.0, 9.0, 1.0, 1.0]
    file.write_text(json.dumps(record))
    write_preview(simgen.open(folder), tmp_path / "preview.png", tmp_path / "scratch")
    assert np.asarray(Image.open(tmp_path / "preview.png")).std() > 10


def test_a_preview_is_drawn(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d")
    write_preview(simgen.open(tmp_path / "d"), tmp_path / "preview.png", tmp_path / "scratch")
    sheet = np.asarray(Image.open(tmp_path / "preview.png"))
    # Six frames in two columns, each 480 pixels wide beside its depth.
    assert sheet.shape == (3 * (360 + 8) + 8, 2 * (2 * 480 + 8) + 8, 3)
    tiles = [sheet[8 + 368 * row :][:360, 8 + 968 * column :][:, :960]
             for row in range(3) for column in range(2)]  # fmt: skip
    assert all(tile.std() > 10 for tile in tiles)
    assert len({tile.tobytes() for tile in tiles}) == 6
