"""KITTI's 2015 benchmarks for optical flow and stereo.

https://www.cvlibs.net/datasets/kitti/eval_scene_flow.php, Menze and Geiger, CVPR 2015.

training/image_2/000000_10.png   a frame; _11 is the next frame; image_3: the right camera
training/flow_occ/000000_10.png  uint16: 64 u + 2^15, 64 v + 2^15, 1 where valid, in R, G, B
training/flow_noc/               the same, valid only for points visible in the next frame
training/disp_occ_0/, disp_noc_0/  as in `kitti`
training/calib/000000.txt        projection matrices
ImageSets/train.txt              numbers of a split's pairs
names.txt                        number of each pair and name of its first image
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from simgen.formats.items import Item
from simgen.formats.kitti.write import calibration, numbers_of, right_picture, write_disparity
from simgen.formats.output.rasters import check_pinhole, png
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import Sequences
from simgen.formats.plan import Plan
from simgen.formats.registry import Format

_STEPS, _ZERO = 64.0, 2.0**15
"""Encoded steps per pixel of flow, and the encoded value of zero flow."""


def flow_png(flow: np.ndarray, valid: np.ndarray) -> bytes:
    """Encode flow as a PNG. flow: `H x W x 2`, pixels. valid: `H x W` bool.

    Flow that 16 bits cannot represent, of 512 pixels or more, and non-finite flow are invalid.
    """
    coded = np.round(flow.astype(np.float64) * _STEPS + _ZERO)
    held = valid & ((coded >= 0) & (coded <= 65535)).all(axis=-1)
    coded = np.where(held[..., None], coded, 0)
    # OpenCV orders channels as B, G, R.
    return png(np.dstack([held, coded[..., 1], coded[..., 0]]).astype(np.uint16))


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    sequences = Sequences()
    with numbers_of(target, plan) as numbers:

        def add(item: Item) -> None:
            check_pinhole(item, "kitti-flow")
            first = sequences.place(item).before
            if first is None:
                return
            _write_pair(target, plan, first, item, numbers.next(item.split, first.name))

        yield add
    if not numbers.count:
        target.remarks.append("no pairs: no two images are consecutive frames")


def _write_pair(target: Target, plan: Plan, first: Item, then: Item, number: str) -> None:
    sample = first.frame
    for item, suffix in ((first, "10"), (then, "11")):
        target.picture(f"training/image_2/{number}_{suffix}", item.picture)
        if "rgb_right" in plan.labels:
            target.picture(f"training/image_3/{number}_{suffix}", right_picture(item))
    target.write(f"training/calib/{number}.txt", calibration(sample.camera))
    flow, occluded = sample.flow_forward, sample.occlusion_forward
    assert flow is not None
    assert occluded is not None
    everywhere = np.ones(flow.shape[:2], bool)
    target.write(f"training/flow_occ/{number}_10.png", flow_png(flow, everywhere))
    target.write(f"training/flow_noc/{number}_10.png", flow_png(flow, ~occluded))
    if {"disparity", "disparity_occlusion"} <= plan.labels:
        write_disparity(target, sample, "training", f"{number}_10")


KITTI_FLOW = Format(
    "kitti-flow",
    "KITTI: pairs of images with flow and disparity",
    frozenset({"rgb", "flow_forward", "occlusion_forward"}),
    _write,
)
