"""Optical flow in the folder layout of MPI Sintel.

http://sintel.is.tue.mpg.de, Butler et al., ECCV 2012.

training/final/000000/frame_0001.png          images; `training` is the split `train`
training/flow/000000/frame_0001.flo           to frame_0002
training/occlusions/000000/frame_0001.png     255: hidden in, or outside, the next frame
training/invalid/000000/frame_0001.png        255: no flow
training/flow_backward/000000/frame_0002.flo  to frame_0001; also occlusions_backward and
                                              invalid_backward
training/depth/000000/frame_0001.dpt          metres along the optical axis
training/camdata_left/000000/frame_0001.cam   camera, for pinhole cameras

`.flo` is Middlebury's (https://vision.middlebury.edu/flow/code/flow-code/README.txt): float32
magic 202021.25, int32 width and height, then row by row float32 u, v: pixels, x right and y down.
Unknown flow is 1e10. `.dpt` is the same with a single float32 per pixel. `.cam` is the magic, then
float64 row by row: M, 3 x 3, and N, 3 x 4, world to camera in OpenCV's axes, so M N projects a
world point to pixel coordinates whose origin is the centre of the top left pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from simgen.formats.items import Item
from simgen.formats.output.rasters import mask_png, opencv_k
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import Sequences
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.geometry.transforms import invert_rigid
from simgen.labels.record import CameraRecord

_MAGIC = np.array(202021.25, "<f4").tobytes()
_UNKNOWN = 1e10
_LARGEST = 1e9
"""Flow above which Middlebury's code treats it as unknown."""


def flo(flow: np.ndarray) -> bytes:
    """Return the content of a `.flo`. flow: `H x W x 2`, pixels; not finite where unknown."""
    return _raster(np.where(_known(flow)[..., None], flow, _UNKNOWN))


def _raster(values: np.ndarray) -> bytes:
    """Return the content of a `.flo`, or of a `.dpt` for `H x W` values."""
    size = np.array([values.shape[1], values.shape[0]], "<i4")
    return _MAGIC + size.tobytes() + values.astype("<f4").tobytes()


def _cam(camera: CameraRecord) -> bytes:
    """Return the content of a `.cam`, for a pinhole camera."""
    matrices = opencv_k(camera), invert_rigid(camera.cam_to_world)[:3]
    return _MAGIC + b"".join(matrix.astype("<f8").tobytes() for matrix in matrices)


def _known(flow: np.ndarray) -> np.ndarray:
    """Return where flow is known, `H x W` bool."""
    return (np.abs(flow) <= _LARGEST).all(axis=-1)


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    sequences = Sequences()
    backward = {"flow_backward", "occlusion_backward"} <= plan.labels
    has_depth = "depth" in plan.labels
    left_out: set[str] = set()

    def add(item: Item) -> None:
        place = sequences.place(item)
        folder = _folder(item)
        name = f"{place.sequence}/frame_{place.number + 1:04d}"
        target.picture(f"{folder}/final/{name}", item.picture)
        if place.before is not None:
            earlier = f"{place.sequence}/frame_{place.number:04d}"
            _write_flow(target, earlier, place.before, "forward")
            if backward:
                _write_flow(target, name, item, "backward")
        if has_depth:
            target.write(f"{folder}/depth/{name}.dpt", _raster(item.frame.depth))
        camera = item.frame.camera
        if camera.lens.model == "pinhole":
            target.write(f"{folder}/camdata_left/{name}.cam", _cam(camera))
        else:
            left_out.add(camera.lens.model)

    yield add
    for model in sorted(left_out):
        target.remarks.append(f"no .cam files of {model} cameras: .cam only stores pinholes")


def _folder(item: Item) -> str:
    return "training" if item.split == "train" else item.split


def _write_flow(target: Target, name: str, item: Item, way: str) -> None:
    folder, suffix = _folder(item), "" if way == "forward" else "_backward"
    flow = getattr(item.frame, f"flow_{way}")
    target.write(f"{folder}/flow{suffix}/{name}.flo", flo(flow))
    occluded = getattr(item.frame, f"occlusion_{way}")
    target.write(f"{folder}/occlusions{suffix}/{name}.png", mask_png(occluded))
    target.write(f"{folder}/invalid{suffix}/{name}.png", mask_png(~_known(flow)))


FLOW = Format(
    "flow",
    "optical flow in the layout of MPI Sintel",
    frozenset({"rgb", "flow_forward", "occlusion_forward"}),
    _write,
)
