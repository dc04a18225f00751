"""The registry of labels: its entries are whole, and one more entry is all that a label takes."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cast import SMALL, cast_dataset

import simgen
from simgen.dataset import files
from simgen.dataset.layout import Layout
from simgen.formats.validate.detect import detect
from simgen.formats.validate.run import validate
from simgen.labels.label import DatasetFile, ImageFile, Recorded
from simgen.labels.registry import (
    LABELS,
    LabelledFrame,
    drawable,
    image_files,
    presets,
    register,
    render_passes,
)
from simgen.labels.selection import labels_help
from simgen.report.card.write import write_card

PLUGIN = Path(__file__).resolve().parents[1] / "plugin"


@pytest.fixture
def own_labels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two labels that simgen does not have: `height`, an image, and `highest`, a number."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    importlib.import_module("my_labels").register_all()
    yield
    for name in ("height", "highest"):
        del LABELS[name]
        delattr(LabelledFrame, name)


@pytest.mark.parametrize("name", LABELS)
def test_an_entry_says_what_its_label_is(name: str) -> None:
    label = LABELS[name]
    assert label.name == name
    assert label.about
    assert set(label.needs) <= set(LABELS)
    if not isinstance(label.stored, DatasetFile):
        assert label.__doc__
        assert getattr(simgen.Sample, name) is label
    if isinstance(label.stored, ImageFile):
        assert label.make is not None
        assert label.stored.suffix.startswith(f"{name}.")
    if isinstance(label.stored, Recorded):
        assert label.fields or "objects" in label.needs
    assert label.several_frames or not label.neighbour


def test_passes_are_those_of_the_labels() -> None:
    assert render_passes(["depth", "instances", "objects"]) == frozenset()
    assert render_passes(["rgb", "albedo", "camera"]) == {"radiance", "albedo"}
    assert render_passes(presets()["all"]) == {
        "radiance", "radiance_right", "albedo", "diffuse", "specular", "emission",
    }  # fmt: skip


def test_a_name_in_use_is_refused() -> None:
    for name in ("depth", "coco", "record"):
        label = type(LABELS["depth"])(name, "something", LABELS["depth"].stored)
        with pytest.raises(ValueError, match=f"'{name}': expected a name that is not in use"):
            register(label)


def test_a_label_of_ones_own_goes_all_the_way(own_labels: None, tmp_path: Path) -> None:
    """Asked for, made, stored, read, drawn, described and checked, from its entry alone."""
    assert "height above z = 0, metres" in labels_help()
    words = (*SMALL, "num_scenes=1", "seed=2", "labels=[rgb,depth,height,highest]")
    folder = cast_dataset(tmp_path / "d", *words)
    dataset = simgen.open(folder)
    assert dataset.manifest.labels == ("rgb", "depth", "camera", "height", "highest")

    sample = dataset[0]
    found = sample.height  # type: ignore[attr-defined]
    camera = sample.camera
    points = camera.rays() * (sample.depth / camera.rays()[..., 2])[..., None]
    there = np.isfinite(sample.depth)
    expected = points[there] @ camera.pose[2, :3] + camera.pose[2, 3]
    assert found.dtype == np.float32
    assert np.isnan(found[~there]).all()
    np.testing.assert_allclose(found[there], expected, atol=1e-3)
    assert sample.highest == pytest.approx(float(np.nanmax(found)))  # type: ignore[attr-defined]
    assert sample.path("height").name == "frame_0000.height.exr"

    assert drawable(dataset.manifest.labels) == ["rgb", "depth", "height"]
    picture = LABELS["height"].picture(sample)
    assert picture is not None
    assert picture.shape == sample.rgb.shape
    (panel, *_) = simgen.plot(sample, "height").axes
    assert (panel.get_title("left"), panel.get_title("right")) == ("height", "m, grey: background")

    card = write_card(Layout(folder), dataset)
    assert card is not None
    assert "| height | height.exr | height above z = 0, metres |" in card.read_text()

    assert not validate(folder, detect(folder), processes=1).findings
    high = np.full_like(found, 1000)
    files.write_image(Path(str(sample.path("height"))), high, image_files()["height"])
    (wrong,) = validate(folder, detect(folder), processes=1).findings
    assert (wrong.rule, wrong.expected) == ("dataset/label-values", "-100 to 100 or NaN")
    files.write_image(Path(str(sample.path("height"))), high[:10], image_files()["height"])
    (wrong,) = validate(folder, detect(folder), processes=1).findings
    assert wrong.rule == "dataset/label-shape"
