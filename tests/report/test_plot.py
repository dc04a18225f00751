"""Figures of labels show the values that the labels have."""

from __future__ import annotations

import dataclasses
import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image
from regions import add_regions

import simgen
from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.labels.drawing.colours import IGNORED_COLOUR
from simgen.labels.registry import LABELS


@pytest.fixture
def sample(cast_folder: Path) -> Sample:
    return simgen.open(cast_folder)[1]


def panel(sample: Sample, label: str) -> Axes:
    return simgen.plot(sample, label).axes[0]


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_every_label_can_be_drawn(sample: Sample) -> None:
    # Only scenes without a stage have rgba.
    names = [name for name in LABELS if name not in ("camera", "coco", "rgba")]
    figure = simgen.plot(sample, names)
    titles = [axes.get_title("left") for axes in figure.axes]
    assert [title for title in titles if title] == names
    with Image.open(io.BytesIO(figure._repr_png_())) as image:
        assert image.format == "PNG"
        assert len(np.unique(np.asarray(image.convert("L")))) > 50


@pytest.mark.parametrize("label", ["depth", "ray_distance", "disparity"])
def test_measures_are_the_labels_own_and_nothing_is_not_a_measure(
    sample: Sample, label: str
) -> None:
    holes = getattr(sample, label).copy()
    holes[:20] = 0 if label == "disparity" else np.inf
    setattr(sample, label, holes)
    axes = panel(sample, label)
    (shown,) = axes.images
    values, drawn = getattr(sample, label), shown.get_array()
    assert drawn is not None
    there = np.isfinite(values) & (values > 0)
    assert 0 < there.sum() < there.size
    assert np.array_equal(np.ma.getmaskarray(drawn), ~there)
    np.testing.assert_array_equal(np.ma.getdata(drawn)[there], values[there])
    low, high = shown.get_clim()
    assert low == pytest.approx(values[there].min())
    assert low < high <= values[there].max()
    assert axes.get_title("right").startswith("px" if label == "disparity" else "m")


def test_boxes_lie_on_the_pixels_of_the_masks(sample: Sample) -> None:
    axes = panel(sample, "objects")
    boxes = {
        (box.get_x(), box.get_y(), box.get_width(), box.get_height())
        for box in axes.patches
        if isinstance(box, Rectangle)
    }
    expected = set()
    for number in np.unique(sample.instances[sample.instances > 0]):
        # The middle of pixel 0 is at 0 in matplotlib's coordinates.
        rows, columns = np.nonzero(sample.instances == number)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        expected.add((columns.min() - 0.5, rows.min() - 0.5, width, height))
    assert boxes == expected
    seen = {item.class_name for item in sample.objects if item.visible_pixels}
    assert seen <= set(words(axes))


def test_the_legend_names_the_classes_in_their_colours(sample: Sample) -> None:
    axes = panel(sample, "semantic")
    (shown,) = axes.images
    picture, legend = shown.get_array(), axes.get_legend()
    assert picture is not None
    assert legend is not None
    named = {
        text.get_text(): handle.get_facecolor()
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    for item in sample.objects:
        pixels = np.asarray(picture)[sample.semantic == item.class_id]
        if len(pixels):
            np.testing.assert_allclose(pixels / 255, [named[item.class_name][:3]] * len(pixels))


def test_the_legend_names_regions_to_be_ignored(cast_folder: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(cast_folder, tmp_path / "regions"))
    add_regions(folder)
    sample = simgen.open(folder)[1]
    legend = panel(sample, "semantic").get_legend()
    assert legend is not None
    shown = {
        text.get_text(): tuple(np.round(255 * np.array(patch.get_facecolor()[:3])).astype(int))
        for text, patch in zip(legend.get_texts(), legend.get_patches(), strict=True)
    }
    assert shown["ignore region"] == IGNORED_COLOUR
    assert IGNORED_COLOUR in {tuple(c) for c in LABELS["semantic"].picture(sample).reshape(-1, 3)}


def test_the_wheel_says_how_long_the_longest_flow_is(sample: Sample) -> None:
    figure = simgen.plot(sample, "flow_forward")
    longest = max(np.hypot(u, v) for u, v in sample.flow_forward.reshape(-1, 2) if u == u)
    assert any(f"{longest:.1f} px" in text for text in words(figure.axes[0]))
    wheel = np.asarray(figure.axes[0].child_axes[0].images[0].get_array())
    picture = np.asarray(figure.axes[0].images[0].get_array())
    row, column = np.unravel_index(
        np.nanargmax(np.linalg.norm(sample.flow_forward, axis=-1)), sample.depth.shape
    )
    # On the wheel's rim, where the flow points to, there is the colour that the picture has.
    u, v = sample.flow_forward[row, column] / longest
    rim = wheel[round(50 + 49 * v), round(50 + 49 * u), :3].astype(int)
    assert np.abs(rim - picture[row, column].astype(int)).max() < 25


def test_a_frame_that_has_no_next_one_says_so(cast_folder: Path) -> None:
    last = simgen.open(cast_folder)[2]
    assert words(panel(last, "flow_forward"))[-1] == "none in the last frame"
    titles = [axes.get_title("left") for axes in simgen.plot(last).axes]
    assert "flow_forward" not in titles
    assert "flow_forward" in [
        a.get_title("left") for a in simgen.plot(simgen.open(cast_folder)[0]).axes
    ]


def test_what_nothing_is_said_of_is_drawn_as_far_as_it_is_there(stills_folder: Path) -> None:
    titles = [axes.get_title("left") for axes in simgen.plot(simgen.open(stills_folder)[0]).axes]
    assert titles[:3] == ["objects", "depth", "semantic"]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ("camera", "'camera' cannot be drawn"),
        ("dept", "'dept' cannot be drawn"),
        ([], "found none"),
    ],
)
def test_what_is_no_picture_is_refused(sample: Sample, labels: object, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        simgen.plot(sample, labels)  # type: ignore[arg-type]
    assert "depth" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_label_that_the_dataset_lacks_is_refused(stills_folder: Path) -> None:
    with pytest.raises(InputError, match="has no 'normals'; expected some of rgb, depth"):
        simgen.plot(simgen.open(stills_folder)[0], "normals")


def test_names_are_text_and_not_formulas(sample: Sample) -> None:
    """A formula that cannot be parsed would end the drawing."""
    name = r"$\frac{ & \n" + "x" * 500
    objects = tuple(dataclasses.replace(o, class_name=name) for o in sample.record.objects or ())
    sample.record = dataclasses.replace(sample.record, objects=objects)
    figure = simgen.plot(sample, ["objects", "semantic", "instances"])
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert any(text.startswith(r"$\frac{ &") and len(text) <= 24 for text in words(figure.axes[0]))


@pytest.mark.exhaustive
def test_simgen_alone_is_light_and_a_figure_belongs_to_nobody(cast_folder: Path) -> None:
    code = (
        "import sys, simgen\n"
        "heavy = {'matplotlib', 'cv2', 'numpy', 'PIL'} & set(sys.modules)\n"
        f"figure = simgen.plot(simgen.open({str(cast_folder)!r})[0], 'depth')\n"
        "print(sorted(heavy), 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[0] == "[] False"
