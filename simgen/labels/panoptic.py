"""Panoptic segmentation (Kirillov et al., CVPR 2019): every pixel shows a thing or stuff."""

from __future__ import annotations

import numpy as np

from simgen.labels.drawing.colours import colour_ids
from simgen.labels.label import Codec, pixel_label
from simgen.labels.record import Segment
from simgen.labels.view import FrameView
from simgen.labels.world import World
from simgen.spec.scene import SceneSpec
from simgen.stages.stage import StagePart


@pixel_label(
    "segment id of each pixel, stuff classes included",
    Codec.ID_COLOURS,
    fields={"segments": lambda inputs: segments(inputs.view)},
    draw=colour_ids,
    hub=("image-segmentation",),
    on_pages=True,
    doc="`H x W` uint32 ids of `segments`: an object's instance id, or for a stuff class a number "
    "above those of all objects. Every pixel has one.",
)
def panoptic(view: FrameView) -> np.ndarray:
    """`H x W` uint32 segment ids.

    Objects keep their instance ids, 1..N. Stuff j of `SceneSpec.stuff` is N + 1 + j; stuff 0 is the
    background. Ids after all stuff are crowds, one for the ignore regions of each class. Raises
    `ValueError` for a stage part whose stuff is not in the spec.
    """
    return _ids(view.world)[view.code]


def segments(view: FrameView) -> tuple[Segment, ...]:
    """Return a segment for each id that occurs in `panoptic`, in their order."""
    pixels, width = view.by_code, view.code.shape[1]
    if not pixels.order.size:
        return ()
    rows, columns = np.divmod(pixels.order.astype(np.int32), np.int32(width))
    low = [np.minimum.reduceat(values, pixels.starts) for values in (columns, rows)]
    high = [np.maximum.reduceat(values, pixels.starts) for values in (columns, rows)]
    extents = np.stack([*low, *high], axis=1)
    areas, of_code = pixels.ends - pixels.starts, _ids(view.world)[pixels.codes]
    return tuple(
        _segment(view.world.spec, int(found), areas[of_code == found], extents[of_code == found])
        for found in np.unique(of_code)
    )


def _ids(world: World) -> np.ndarray:
    """Return the segment id of each code, uint32."""
    spec, first = world.spec, len(world.spec.objects) + 1
    stuff = [first + _stuff(spec, part) for part in world.stage]
    for code, name in world.ignored.items():
        stuff[code - 1] = first + len(spec.stuff) + spec.classes.index(name)
    return np.array([first, *stuff, *(item.instance_id for item in spec.objects)], np.uint32)


def _stuff(spec: SceneSpec, part: StagePart) -> int:
    if part.stuff not in spec.stuff:
        known = ", ".join(spec.stuff) or "none"
        raise ValueError(
            f"stage part {part.name!r}: unknown stuff {part.stuff!r}; expected one of {known}"
        )
    return spec.stuff.index(part.stuff)


def _segment(spec: SceneSpec, number: int, areas: np.ndarray, extents: np.ndarray) -> Segment:
    """Return one segment.

    areas: `n`, pixels of each of its surfaces. extents: `n x 4`, their first column and row, then
    last column and row.
    """
    left, top = extents[:, :2].min(axis=0)
    right, bottom = extents[:, 2:].max(axis=0)
    is_object = number <= len(spec.objects)
    stuff = number - len(spec.objects) - 1
    crowd = stuff >= len(spec.stuff)
    if is_object:
        category = spec.objects[number - 1].class_id
    elif crowd:
        category = stuff - len(spec.stuff) + 1
    else:
        category = len(spec.classes) + 1 + stuff
    return Segment(
        id=number,
        category_id=category,
        is_thing=is_object or crowd,
        crowd=crowd,
        area=int(areas.sum()),
        bbox=(float(left), float(top), float(right - left + 1), float(bottom - top + 1)),
    )
