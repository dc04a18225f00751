"""`simgen validate` on what the later formats hold: options of exports, other lenses, and whatever
files people have."""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from cast import SMALL, cast_dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simgen import cli
from simgen.formats.export import Options, export
from simgen.formats.findings import ERROR
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import Selection
from simgen.formats.sources import open_source
from simgen.formats.validate.detect import detect, kind_of
from simgen.formats.validate.run import Report, validate

FORMATS = ["cityscapes", "tapvid", "nerf", "huggingface"]
CHANGED = Options(
    size=Size(50, 40), quality=80, selection=Selection(min_pixels=90, hardly_seen="crowd")
)


def checked(folder: Path, kind: str) -> Report:
    return validate(folder, kind_of(kind), processes=1)


def test_exports_have_no_errors(cast_folder: Path, tmp_path: Path) -> None:
    export(FORMATS, [open_source(str(cast_folder))], tmp_path / "out", CHANGED)
    for made in FORMATS:
        folder = tmp_path / "out" / made
        assert detect(folder).name == made
        found = validate(folder, detect(folder), processes=1).findings
        assert [item for item in found if item.severity == ERROR] == [], made


LENSES = {
    "brown_conrady": "camera.distortion=[-0.2,0.05,0.001,0.001,0.01]",
    "kannala_brandt": "camera.distortion=[0.02,0.01,0,0]",
    "equirectangular": "camera.distortion=[]",
}


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.corpus(1)
def test_other_lenses_have_no_errors(lens: str, tmp_path: Path) -> None:
    """Checks that take a pinhole for granted would find errors in them."""
    words = (*SMALL, "labels=[rgb,depth,instances,objects,tracks]", "num_scenes=1", "seed=3")
    more = (f"camera.model={lens}", LENSES[lens], "frames_per_scene=2", "camera.path=orbit")
    folder = cast_dataset(tmp_path / "made", *words, *more)
    export(["tapvid", "nerf"], [open_source(str(folder))], tmp_path / "out", Options())
    for made in ("tapvid", "nerf"):
        assert checked(tmp_path / "out" / made, made).findings == []


# --- any content

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
FILES = {
    "cityscapes": "labels.json",
    "nerf": "train/000000/transforms.json",
    "huggingface": "README.md",
}


@pytest.fixture(scope="session")
def small(stills_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dataset of each format, by name. Only to be looked at."""
    folder = tmp_path_factory.mktemp("small")
    export(list(FILES), [open_source(str(stills_folder))], folder, Options())
    for scene in sorted((folder / "nerf").glob("*/*"))[1:]:
        shutil.rmtree(scene)
    (folder / "nerf" / FILES["nerf"]).parent.joinpath("points.ply").unlink()
    points = next((folder / "nerf").rglob("points3D.txt"))
    points.write_text("\n".join(points.read_text().splitlines()[:50]))
    return folder


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.corpus(1)
def test_any_value_is_a_finding_or_harmless(
    small: Path, tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    """A value somewhere in a file is replaced by anything."""
    folder = tmp_path / kind
    if not folder.exists():
        shutil.copytree(small / kind, folder)
    path = folder / FILES[kind]
    good = (small / kind / FILES[kind]).read_text()
    front = good.split("---\n")[1] if kind == "huggingface" else good
    plain = yaml.safe_load(front) if kind == "huggingface" else json.loads(front)
    _replace(plain, data)
    changed = yaml.safe_dump(plain) if kind == "huggingface" else json.dumps(plain)
    path.write_text(good.replace(front, changed))
    for found in checked(folder, kind).findings:
        assert "\n" not in found.found + found.place


def _replace(place: Any, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(0, 6))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        nested = [key for key in keys if isinstance(place[key], dict | list) and place[key]]
        if not nested:
            break
        place = place[data.draw(st.sampled_from(nested))]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[data.draw(st.sampled_from(keys))] = data.draw(VALUES)


WORDS = ["", "x", "nan", "-1", "1e400", "9" * 30, "../../etc", "\x00", "#"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["cameras", "images", "points3D"]),
    st.integers(0, 3),
    st.integers(0, 11),
    st.sampled_from(WORDS),
)
def test_any_word_in_a_colmap_model(
    small: Path, tmp_path: Path, file: str, line: int, place: int, word: str
) -> None:
    folder = tmp_path / "nerf"
    if not folder.exists():
        shutil.copytree(small / "nerf", folder)
    name = f"train/000000/sparse/0/{file}.txt"
    lines = (small / "nerf" / name).read_text().split("\n")
    words = lines[min(line, len(lines) - 1)].split()
    words[place : place + 1] = [word]
    lines[min(line, len(lines) - 1)] = " ".join(words)
    (folder / name).write_text("\n".join(lines))
    checked(folder, "nerf")
    shutil.copyfile(small / "nerf" / name, folder / name)


def test_a_broken_model_is_not_read_to_its_end(small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small / "nerf", tmp_path / "nerf"))
    (folder / "train/000000/sparse/0/points3D.txt").write_text("nonsense\n" * 5000)
    assert 1 < len(checked(folder, "nerf").findings) < 50


def _npy(header: str, content: bytes = b"") -> bytes:
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + content


ARRAYS = {
    "text": _npy("no header"),
    "code": _npy("{'descr': __import__('os').getpid(), 'fortran_order': False, 'shape': (1,)}"),
    "huge": _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 3, 2)}"),
    "negative": _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3, 2)}"),
    "pickled": _npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", b"cos\n"),
    "short": _npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2)}", b"12"),
    "records": _npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1, 2)}"),
    "empty": b"",
}


@pytest.mark.parametrize("array", ARRAYS)
def test_any_array_is_a_finding(array: str, tmp_path: Path) -> None:
    others = {"video": np.full((1, 8, 8, 3), 9, np.uint8), "occluded": np.zeros((1, 1), bool)}
    with zipfile.ZipFile(tmp_path / "video.npz", "w") as file:
        for name, value in others.items():
            buffer = io.BytesIO()
            np.save(buffer, value)
            file.writestr(f"{name}.npy", buffer.getvalue())
        file.writestr("points.npy", ARRAYS[array])
    assert {found.rule for found in checked(tmp_path, "tapvid").findings} & {
        "tapvid/npz", "tapvid/array",
    }  # fmt: skip


@pytest.mark.parametrize("part", [0, 0.01, 0.5, 0.99])
def test_a_parquet_file_cut_short(part: float, small: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(small / "huggingface", tmp_path / "cut"))
    path = min(folder.glob("data/*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    found = checked(folder, "huggingface").findings
    assert {item.rule for item in found} == {"huggingface/parquet"}


def test_aliases_that_grow_are_a_finding(small: Path, tmp_path: Path) -> None:
    """Nine levels of nine references each, which are as few lines."""
    levels = [f"a{n}: &a{n} [{', '.join(9 * [f'*a{n - 1}'])}]" for n in range(1, 10)]
    features = "dataset_info: {features: [{name: x, struct: *a9}]}"
    text = "\n".join(["a0: &a0 [{name: x, dtype: int64}]", *levels, features])
    folder = Path(shutil.copytree(small / "huggingface", tmp_path / "grown"))
    (folder / "README.md").write_text(f"---\n{text}\n---\n")
    assert "huggingface/card" in {item.rule for item in checked(folder, "huggingface").findings}


def test_parquet_without_its_packages_is_one_line(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert cli.main(["validate", str(small / "huggingface")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "simgen[huggingface]" in said[0]
