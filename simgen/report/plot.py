"""`simgen.plot`: the labels of a frame side by side, as a Matplotlib figure."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from simgen.dataset.sample import Sample
from simgen.errors import InputError
from simgen.labels import IGNORE
from simgen.labels.drawing.colours import (
    IGNORED_COLOUR,
    class_colour,
    colour_depth,
    colour_disparity,
    colour_flow,
    text_colour_on,
)
from simgen.labels.registry import LABELS, drawable
from simgen.report.lettering import shortened
from simgen.report.preview import with_masks

DEFAULT = ("objects", "depth", "semantic", "normals", "flow_forward", "keypoints")
"""Labels drawn by default, if the frame has them."""

_WIDTH = 4.4
"""Width of a panel, inches."""
_ACROSS = 3
_MOST_NAMES = 12
"""Maximum number of names in a legend."""


class LabelFigure(Figure):
    """A figure that notebooks display, whether or not pyplot is used there."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def plot(sample: Sample, labels: str | Sequence[str] | None = None) -> LabelFigure:
    """Draw labels of a frame side by side: depth with a bar in metres, ids with names, flow with a
    colour wheel.

    labels: one or more names of labels, except `camera` and `coco`, which cannot be drawn; by
    default those of `DEFAULT` that the frame has. Raises `InputError` for any other name, and for a
    label that the dataset lacks.
    Returns a figure that is not registered with pyplot: save it with `figure.savefig("x.png")`.
    """
    names = _names(sample, labels)
    columns = min(_ACROSS, len(names))
    rows = -(-len(names) // columns)
    height = _WIDTH * sample.camera.height / sample.camera.width + 0.8
    figure = LabelFigure(figsize=(_WIDTH * columns, height * rows), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.12)  # type: ignore[union-attr, call-arg]
    figure.suptitle(f"scene {sample.scene}, frame {sample.frame}", fontsize=10)
    for number, name in enumerate(names):
        axes = figure.add_subplot(rows, columns, number + 1)
        axes.set_axis_off()
        axes.set_title(name, fontsize=10, loc="left", family="monospace")
        if LABELS[name].note:
            _write_note(axes, LABELS[name].note)
        _panel(name)(axes, sample, name)
    return figure


def _names(sample: Sample, labels: str | Sequence[str] | None) -> list[str]:
    if labels is None:
        there = [name for name in DEFAULT if name in sample.labels and _has(sample, name)]
        names = there if "objects" in there or "rgb" not in sample.labels else ["rgb", *there]
    else:
        names = [labels] if isinstance(labels, str) else list(labels)
    expected = f"expected some of {', '.join(drawable(sample.labels))}"
    for name in names:
        if not drawable([name]):
            raise InputError(f"labels: {name!r} cannot be drawn; {expected}")
        if name not in sample.labels:
            raise InputError(f"labels: the dataset has no {name!r}; {expected}")
    if not names:
        raise InputError(f"labels: found none; {expected}")
    return names


def _has(sample: Sample, name: str) -> bool:
    """Return whether this frame has a label of its dataset; the last frame, for example, has no
    forward flow."""
    if name == "keypoints":
        return any(item.keypoints for item in sample.objects)
    return sample.reaches(LABELS[name])


def _write_note(axes: Axes, note: str) -> None:
    axes.text(0, -0.02, note, fontsize=8, va="top", color="0.4", transform=axes.transAxes)


def _picture(axes: Axes, sample: Sample, name: str) -> None:
    image = LABELS[name].picture(sample)
    if image is None:
        which = "last" if LABELS[name].neighbour > 0 else "first"
        axes.text(0.5, 0.5, f"none in the {which} frame", ha="center", va="center")
        return
    axes.imshow(image)


def _measured(colours: str) -> Callable[[Axes, Sample, str], None]:
    """Return the function that draws a panel with a colour bar."""

    def draw(axes: Axes, sample: Sample, name: str) -> None:
        values = getattr(sample, name)
        seen = np.isfinite(values) & (values > 0)
        low, high = np.quantile(values[seen], [0.0, 0.98]) if seen.any() else (0.0, 1.0)
        map_ = matplotlib.colormaps[colours].with_extremes(bad="0.6")
        # Near values get finer steps, since a far wall would otherwise use up most colours.
        norm = PowerNorm(0.5, vmin=low, vmax=max(high, low))
        shown = axes.imshow(np.where(seen, values, np.nan), map_, norm)
        bar = axes.figure.colorbar(
            shown, cax=axes.inset_axes((0.0, -0.07, 1.0, 0.04)), orientation="horizontal",
            extend="max" if (values[seen] > high).any() else "neither",
        )  # fmt: skip
        unit = LABELS[name].unit
        note = unit if seen.all() else f"{unit}, grey: background"
        axes.set_title(note, fontsize=8, loc="right", color="0.4")
        bar.ax.tick_params(labelsize=7)

    return draw


def _flow(axes: Axes, sample: Sample, name: str) -> None:
    flow = getattr(sample, name)
    _picture(axes, sample, name)
    if flow is None:
        return
    length = np.linalg.norm(flow, axis=-1)
    longest = float(np.nanmax(length)) if np.isfinite(length).any() else 0.0
    across, down = np.meshgrid(*[np.linspace(-1, 1, 101)] * 2)
    within = np.hypot(across, down) <= 1
    disc = colour_flow(np.where(within[..., None], np.dstack([across, down]), np.nan))
    round_ = np.dstack([disc, np.where(within, 255, 0).astype(np.uint8)])
    wheel = axes.inset_axes((0.8, 0.02, 0.18, 0.18 * sample.camera.width / sample.camera.height))
    wheel.imshow(round_)
    wheel.set_axis_off()
    rim = f"rim of the wheel: {longest:.1f} {LABELS[name].unit}"
    _write_note(axes, f"hue: direction; {rim}; black: undefined")


def _ids(axes: Axes, sample: Sample, name: str) -> None:
    _picture(axes, sample, name)
    if "objects" not in sample.labels:
        return
    seen = [item for item in sample.objects if item.bbox is not None]
    if name == "semantic":
        names = {item.class_id: item.class_name for item in seen}
        if sample.record.ignore_regions:
            names[IGNORE] = "ignore region"
    else:
        names = {item.instance_id: f"{item.instance_id} {item.class_name}" for item in seen}
    patches = [
        Patch(color=_rgb(number), label=shortened(text))
        for number, text in sorted(names.items())[:_MOST_NAMES]
    ]
    if len(names) > _MOST_NAMES:
        patches.append(Patch(color="none", label=f"and {len(names) - _MOST_NAMES} more"))
    if patches:
        legend = axes.legend(
            handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=4, fontsize=7,
            frameon=False, handlelength=1, columnspacing=1,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set_parse_math(False)  # a dollar sign in a class name must not start a formula


def _objects(axes: Axes, sample: Sample, name: str) -> None:
    size = (sample.camera.height, sample.camera.width)
    image = sample.rgb if "rgb" in sample.labels else np.full((*size, 3), 60, np.uint8)
    axes.imshow(with_masks(image, sample) if "instances" in sample.labels else image)
    for item in sample.objects:
        if item.bbox is None:
            continue
        x, y, width, height = item.bbox
        colour = _rgb(item.class_id)
        # Boxes are measured from the corner of the first pixel, Matplotlib from its centre.
        axes.add_patch(
            Rectangle((x - 0.5, y - 0.5), width, height, fill=False, edgecolor=colour, lw=1.2)
        )
        dark = text_colour_on(class_colour(item.class_id)) == (255, 255, 255)
        axes.text(
            x - 0.5, y - 0.5, shortened(item.class_name), fontsize=6.5, va="bottom", clip_on=True,
            color="white" if dark else "black", parse_math=False,
            bbox={"facecolor": colour, "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def _rgb(number: int) -> tuple[float, float, float]:
    red, green, blue = IGNORED_COLOUR if number == IGNORE else class_colour(number)
    return red / 255, green / 255, blue / 255


_BY_DRAWING: dict[object, Callable[[Axes, Sample, str], None]] = {
    colour_depth: _measured("inferno_r"),
    colour_disparity: _measured("inferno"),
    colour_flow: _flow,
}
"""Panels of labels whose colours need a scale, by the labels' drawing function."""
_BY_NAME = {"objects": _objects, "semantic": _ids, "instances": _ids}


def _panel(name: str) -> Callable[[Axes, Sample, str], None]:
    return _BY_NAME.get(name) or _BY_DRAWING.get(LABELS[name].draw, _picture)
