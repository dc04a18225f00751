"""What a dataset's reader gives back is what the labels were."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from synthetic import (
    CLASSES,
    HEIGHT,
    OBJECTS,
    WIDTH,
    labels,
    silhouette,
    spec,
    tracks,
    write_dataset,
)

import simgen
from simgen.dataset import layout
from simgen.dataset.layout import Layout
from simgen.dataset.sample import Sample
from simgen.dataset.writer import LabelledScene, commit_scene
from simgen.errors import InputError
from simgen.labels.annotate import FrameLabels
from simgen.labels.registry import LABELS, image_files

PROPERTIES = [name for name in LABELS if name not in ("coco", "camera")]


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[tuple[int, int], FrameLabels]]:
    root = tmp_path_factory.mktemp("made") / "dataset"
    return root, write_dataset(root)


def test_every_picture_comes_back(made: tuple[Path, dict[tuple[int, int], FrameLabels]]) -> None:
    root, written = made
    ds = simgen.open(root)
    assert [(sample.scene, sample.frame) for sample in ds] == list(written)
    for sample in ds:
        images = written[sample.scene, sample.frame].images
        assert images.keys() >= {"rgb", "depth", "panoptic"}
        for name in image_files():
            read = getattr(sample, name)
            if name not in images:
                assert read is None
                assert not sample.path(name).exists()
            else:
                assert read.dtype == images[name].dtype
                assert read.tobytes() == images[name].tobytes()
                assert getattr(sample, name) is read  # kept


def test_the_ends_of_a_sequence_have_no_flow_beyond_them(
    made: tuple[Path, dict[tuple[int, int], FrameLabels]],
) -> None:
    first, middle, last = simgen.open(made[0])[:3]
    for kind in ("flow", "occlusion", "scene_flow"):
        assert getattr(first, f"{kind}_backward") is None
        assert getattr(last, f"{kind}_forward") is None
        assert getattr(middle, f"{kind}_forward") is not None
        assert getattr(middle, f"{kind}_backward") is not None


def test_a_flow_that_is_gone_is_damage_and_not_an_end(tmp_path: Path) -> None:
    write_dataset(tmp_path / "d", ("flow_forward",))
    middle = simgen.open(tmp_path / "d")[1]
    middle.path("flow_forward").unlink()
    with pytest.raises(FileNotFoundError, match="flow_forward"):
        _ = middle.flow_forward


@pytest.mark.parametrize("content", ["", "{", "[]", '{"scene": 0, "frame": "x"}', "[" * 5000])
def test_a_damaged_record_is_named(content: str, tmp_path: Path) -> None:
    write_dataset(tmp_path / "dataset")
    path = tmp_path / "dataset/scenes/000000/frame_0000.json"
    path.write_text(content)
    sample = simgen.open(tmp_path / "dataset")[0]
    with pytest.raises(OSError, match=r"frame_0000\.json: not a valid frame record: "):
        _ = sample.record


def test_records_come_back(made: tuple[Path, dict[tuple[int, int], FrameLabels]]) -> None:
    root, written = made
    sample = simgen.open(root)[1]
    record = written[0, 1].record
    assert [item.instance_id for item in sample.objects] == [1, 2, 3]
    assert sample.segments == record.segments
    assert sample.occlusion_order == record.occlusion_order
    np.testing.assert_array_equal(sample.camera.K, record.camera.K)
    handle, foot = sample.keypoints[2]
    assert (handle.name, handle.visibility, foot.visibility) == ("handle", 2, 0)
    np.testing.assert_array_equal(handle.pixel, [8.5, 9.5])
    assert np.isnan(foot.pixel).all()


def test_amodal_masks_are_the_silhouettes(
    made: tuple[Path, dict[tuple[int, int], FrameLabels]],
) -> None:
    masks = simgen.open(made[0])[0].amodal_masks
    assert list(masks) == [1, 2, 3]
    for instance, mask in masks.items():
        assert mask.dtype == bool
        assert mask.shape == (HEIGHT, WIDTH)
        np.testing.assert_array_equal(mask, silhouette(instance))
    assert masks[1].any()
    assert not masks[OBJECTS].any()


def test_tracks_belong_to_their_scene(
    made: tuple[Path, dict[tuple[int, int], FrameLabels]],
) -> None:
    ds = simgen.open(made[0])
    for scene in (0, 2):
        wanted = tracks(scene, 3)
        for read in (ds.tracks(scene), ds[scene].tracks if scene == 0 else ds[3].tracks):
            for field in dataclasses.fields(wanted):
                one, other = getattr(read, field.name), getattr(wanted, field.name)
                assert one.dtype == other.dtype
                np.testing.assert_array_equal(one, other)
    assert not np.array_equal(ds.tracks(0).points, ds.tracks(2).points)


@pytest.mark.parametrize("label", PROPERTIES)
def test_a_label_that_was_not_asked_for_is_named(label: str, tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("camera",), scenes=(0,), frames=2)
    sample = simgen.open(root)[0]
    with pytest.raises(InputError, match=f"has no '{label}'.*camera"):
        getattr(sample, label)
    with pytest.raises(InputError, match=label):
        sample.path(label)


def test_every_label_is_a_property_with_a_docstring() -> None:
    for name in (*PROPERTIES, "camera"):
        assert getattr(Sample, name).__doc__, name


def test_a_scene_that_is_not_there_is_named(
    made: tuple[Path, dict[tuple[int, int], FrameLabels]],
) -> None:
    ds = simgen.open(made[0])
    for ask in (ds.spec, ds.tracks):
        with pytest.raises(InputError, match="has no scene 1; it holds 2 scenes from 0 to 2"):
            ask(1)


def test_classes_of_things_and_stuff(made: tuple[Path, dict[tuple[int, int], FrameLabels]]) -> None:
    ds = simgen.open(made[0])
    assert ds.classes == CLASSES
    assert ds.stuff_classes[0] == "background"
    assert {"table", "floor", "wall"} == set(ds.stuff_classes[1:])


def test_a_dataset_of_another_format_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "d"
    write_dataset(root, ("camera",), scenes=(0,), frames=1)
    path = Layout(root).manifest
    plain = json.loads(path.read_text()) | {"format_version": 1}
    path.write_text(json.dumps(plain))
    with pytest.raises(InputError, match=f"format_version 1.*reads {layout.FORMAT_VERSION}"):
        simgen.open(root)


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_dataset(tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    files = [name for name in files if (tmp_path / "one" / name).is_file()]
    # frames x (pictures + scan) - those that the ends lack + records + tracks + spec, and
    # dataset.json
    assert len(files) == 2 * (3 * (len(image_files()) + 1) - 6 + 3 + 1 + 1) + 1
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_scene_whose_labels_fail_is_not_there(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def failing():  # type: ignore[no-untyped-def]
        yield labels(0, 0, 2, ("rgb",), rng)
        raise RuntimeError("the renderer is gone")

    place = Layout(tmp_path)
    whole = LabelledScene(failing(), dict)
    with pytest.raises(RuntimeError, match="the renderer is gone"):
        commit_scene(place, spec(0, 2, ("rgb",)), whole)
    assert not place.committed()
    (left,) = place.staged(0)  # for whoever looks for the reason
    assert [path.name for path in left.iterdir()] == [layout.SPEC]
