"""What is read is what was written, value for value."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from simgen.dataset import files
from simgen.labels.label import Codec, ImageFile
from simgen.labels.registry import image_files

SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))
FILES = image_files()


def values(file: ImageFile) -> st.SearchStrategy[np.ndarray]:
    """Any array that a label of this kind may be."""
    depth = {Codec.RGB: 3, Codec.RGBA: 4, Codec.FLOATS: len(file.channels)}.get(file.codec, 1)
    shapes = SIDES.map(lambda sides: sides if depth == 1 else (*sides, depth))
    match file.codec:
        case Codec.RGB | Codec.RGBA:
            return arrays.arrays(np.uint8, shapes)
        case Codec.MILLIMETRES:
            return arrays.arrays(np.uint16, shapes)
        case Codec.MASK:
            return arrays.arrays(np.bool_, shapes)
        case Codec.ID_COLOURS:
            return arrays.arrays(np.uint32, shapes, elements=st.integers(0, 2**24 - 1))
        case Codec.IDS:
            wide = arrays.arrays(np.uint32, shapes, elements=st.integers(0, 2**24 - 1))
            return st.one_of(arrays.arrays(np.uint16, shapes), wide)
    return arrays.arrays(np.float32, shapes)  # NaN, infinity, -0 and subnormals among them


@pytest.mark.parametrize("label", FILES)
@settings(max_examples=25)
@given(data=st.data())
@pytest.mark.corpus(8)
def test_what_is_read_is_what_was_written(
    label: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = FILES[label]
    image = data.draw(values(file))
    path = tmp_path_factory.getbasetemp() / file.suffix
    files.write_image(path, image, file)
    before = path.read_bytes()
    again = files.read_image(path, file)
    assert again.dtype == image.dtype
    assert again.shape == image.shape
    assert again.tobytes() == image.tobytes()  # NaN and -0 too
    files.write_image(path, image, file)
    assert path.read_bytes() == before


def test_labels_do_not_share_a_file() -> None:
    assert len({file.suffix for file in FILES.values()}) == len(FILES)


def test_ids_are_what_other_readers_see(tmp_path: Path) -> None:
    few = np.array([[0, 1], [258, 65535]], np.uint16)
    many = np.array([[0, 1], [70_000, 2**24 - 1]], np.uint32)
    files.write_image(tmp_path / "few.png", few, FILES["instances"])
    files.write_image(tmp_path / "many.png", many, FILES["instances"])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "few.png")), few)
    red, green, blue = np.moveaxis(np.asarray(Image.open(tmp_path / "many.png"), np.int64), -1, 0)
    np.testing.assert_array_equal(red + 256 * green + 65536 * blue, many)


def test_rgb_is_rgb(tmp_path: Path) -> None:
    image = np.zeros((2, 3, 3), np.uint8)
    image[..., 0] = 200
    files.write_image(tmp_path / "a.png", image, FILES["rgb"])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), image)


def test_vectors_are_stored_in_the_channels_that_carry_their_names(tmp_path: Path) -> None:
    import OpenEXR

    flow = np.stack([np.full((2, 3), 1.5), np.full((2, 3), -2.5)], axis=-1).astype(np.float32)
    files.write_image(tmp_path / "flow.exr", flow, FILES["flow_forward"])
    with OpenEXR.File(str(tmp_path / "flow.exr"), separate_channels=True) as file:
        found = {name: channel.pixels[1, 2] for name, channel in file.channels().items()}
    assert found == {"U": 1.5, "V": -2.5}


@pytest.mark.parametrize(
    ("label", "image"),
    [
        ("depth", np.zeros((2, 2))),
        ("depth", np.zeros((2, 2, 1), np.float32)),
        ("flow_forward", np.zeros((2, 2, 3), np.float32)),
        ("transparent", np.zeros((2, 2), np.uint8)),
        ("instances", np.zeros((2, 2), np.int32)),
        ("panoptic", np.full((2, 2), 2**24, np.uint32)),
        ("panoptic", np.zeros((2, 2), np.uint16)),
        ("rgb", np.zeros((2, 2, 4), np.uint8)),
    ],
)
def test_an_array_of_another_kind_is_refused(label: str, image: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=FILES[label].suffix):
        files.write_image(tmp_path / FILES[label].suffix, image, FILES[label])


@pytest.mark.parametrize("label", ["depth", "instances", "rgb"])
def test_a_damaged_file_is_named(label: str, tmp_path: Path) -> None:
    path = tmp_path / FILES[label].suffix
    with pytest.raises(OSError, match=path.name):
        files.read_image(path, FILES[label])
    path.write_bytes(b"nonsense")
    with pytest.raises(OSError, match=path.name):
        files.read_image(path, FILES[label])


def test_a_grey_picture_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "rgb.png"
    cv2.imwrite(str(path), np.zeros((3, 3), np.uint8))
    with pytest.raises(OSError, match=r"rgb\.png"):
        files.read_image(path, FILES["rgb"])


def test_arrays_come_back_and_give_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "tracks.npz"
    made = {"points": np.array([[np.nan, 1.0]], np.float32), "occluded": np.array([True, False])}
    files.write_arrays(path, made)
    before = path.read_bytes()
    again = files.read_arrays(path)
    assert again.keys() == made.keys()
    assert all(again[name].tobytes() == made[name].tobytes() for name in made)
    files.write_arrays(path, made)
    assert path.read_bytes() == before


def test_arrays_are_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "tracks.npz"
    np.savez(path, points=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(OSError, match=r"tracks\.npz"):
        files.read_arrays(path)
    with pytest.raises(ValueError, match="pickle"):
        files.write_arrays(path, {"points": np.array([{"a": 1}], dtype=object)})


# --- the same file at another place -------------------------------------------------------------


@pytest.fixture(params=["links", "no links"])
def linking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the disk has hard links."""
    if request.param == "links":
        return True

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    return False


def test_a_file_is_at_another_place_too(linking: bool, tmp_path: Path) -> None:
    original, path = tmp_path / "a", tmp_path / "b"
    original.write_bytes(b"content")
    files.link_or_copy(original, path)
    assert path.read_bytes() == b"content"
    assert path.samefile(original) == linking


@pytest.mark.parametrize("relative", [True, False])
def test_of_a_symbolic_link_it_is_the_file(linking: bool, relative: bool, tmp_path: Path) -> None:
    stored, original, path = tmp_path / "stored", tmp_path / "in/a", tmp_path / "out/b"
    stored.write_bytes(b"content")
    original.parent.mkdir()
    path.parent.mkdir()
    original.symlink_to("../stored" if relative else stored)
    files.link_or_copy(original, path)
    assert not path.is_symlink()
    assert path.samefile(stored) == linking
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("there", ["a file", "a second name", "a symbolic link", "a dead link"])
def test_what_is_there_is_replaced_and_keeps_its_content(
    linking: bool, there: str, tmp_path: Path
) -> None:
    original, other, path = tmp_path / "a", tmp_path / "other", tmp_path / "out/b"
    original.write_bytes(b"content")
    other.write_bytes(b"of somebody else")
    path.parent.mkdir()
    match there:
        case "a file":
            path.write_bytes(b"old")
        case "a second name":
            path.hardlink_to(other) if linking else shutil.copyfile(other, path)
        case "a symbolic link":
            path.symlink_to(other)
        case "a dead link":
            path.symlink_to(tmp_path / "nowhere")
    for _ in range(2):  # the second time it is there already
        files.link_or_copy(original, path)
        assert not path.is_symlink()
        assert path.read_bytes() == b"content"
        assert os.listdir(path.parent) == ["b"]
    assert other.read_bytes() == b"of somebody else"
    assert original.read_bytes() == b"content"
    assert not (tmp_path / "nowhere").exists()


def test_a_copy_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    def cut_short(original: Path, path: Path) -> None:
        path.write_bytes(b"con")
        raise OSError(errno.ENOSPC, "No space left on device")

    (tmp_path / "a").write_bytes(b"content")
    path = tmp_path / "out/b"
    path.parent.mkdir()
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(shutil, "copyfile", cut_short)
    with pytest.raises(OSError, match="No space left"):
        files.link_or_copy(tmp_path / "a", path)
    assert path.read_bytes() == b"old"
    assert os.listdir(path.parent) == ["b"]


def test_an_original_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        files.link_or_copy(tmp_path / "nowhere.png", tmp_path / "b")
    assert str(caught.value.filename) == str(tmp_path / "nowhere.png")
    assert os.listdir(tmp_path) == []
