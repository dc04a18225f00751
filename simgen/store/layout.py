"""Names of the files of a dataset. One place, so that readers and writers cannot differ.

    dataset.json                          what the dataset is, and the config it was made with
    assets.json                           classes, assets, and the assets that were skipped
    scenes/000012/spec.json               everything that was decided about the scene
    scenes/000012/frame_0000.json         camera, objects, and what else is numbers
    scenes/000012/frame_0000.rgb.png      a label that is a picture; `FILES` has them all
    scenes/000012/tracks.npz              a label of the whole scene
    annotations/instances.json            COCO
    annotations/panoptic.json             COCO panoptic
    preview.png                           contact sheet
    README.md                             dataset card
    card/                                 its pictures
    exports/coco/                         the dataset in another format
    view/                                 pages of `simgen view`
    commits/000012.json                   in object storage alone: the scene is whole
    .simgen/                              the run's own: lock, logs, scenes in the making
                                          (beside a dataset in object storage: in `output.dir`)

All but `.simgen/` is a function of config and seed, byte for byte. (`dataset.json` also names the
asset folder, where there is one.)
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import cast

from simgen.store import remote
from simgen.store.remote import AnyPath

FORMAT = "simgen"
FORMAT_VERSION = 4
SPEC = "spec.json"
TRACKS = "tracks.npz"
RECORD = "json"


class Layout:
    """The paths within one dataset, which is a folder or stands at a URI.

    private: the folder of the run's own files, where it is not within the dataset. Whoever only
    reads a dataset at a URI needs none. part: of a run that several processes share: each has
    its own temporary files.
    """

    def __init__(self, root: AnyPath, private: Path | None = None, part: str = "") -> None:
        self.root = root
        self.manifest = root / "dataset.json"
        self.assets = root / "assets.json"
        self.scenes = root / "scenes"
        self.commits = root / "commits"
        self.begun = self.commits / "begun.json"
        self.coco = root / "annotations" / "instances.json"
        self.panoptic = root / "annotations" / "panoptic.json"
        self.preview = root / "preview.png"
        self.card = root / "README.md"
        self.card_pictures = root / "card"
        self.private = cast(Path, root / ".simgen") if private is None else private
        self.lock = self.private / "lock"
        self.lease = root / ".simgen" / "lease.json"
        self.leases = root / ".simgen" / "leases"
        self.locks = self.private / "leases"
        self.staging = self.private / "staging" / part
        self.scratch = self.private / "scratch" / part
        self.logs = self.private / "logs"
        self.metrics = self.private / "metrics"
        self.status = self.private / "status"
        self.failed = self.private / "failed"
        self.finished = self.private / "finished.json"
        self.slurm = self.private / "slurm.json"
        self.slurm_tasks = self.private / "slurm"
        self.slurm_logs = self.logs / "slurm"

    @property
    def marked(self) -> bool:
        """Whether a scene counts by its marker in `commits/`, and not by its folder."""
        return remote.is_remote(self.root) or remote.size(self.begun) >= 0

    @property
    def local(self) -> Path:
        """The folder on this machine that has to have room: the dataset, or `output.dir`."""
        return self.private.parent

    def scene(self, index: int) -> AnyPath:
        return self.scenes / scene_name(index)

    def marker(self, index: int) -> AnyPath:
        return self.commits / f"{scene_name(index)}.json"

    def stage(self, index: int) -> Path:
        """Folder in which this process may make a scene. Another process has another one."""
        return self.staging / f"{scene_name(index)}-{socket.gethostname()}-{os.getpid()}"

    def staged(self, index: int) -> list[Path]:
        """What processes have begun of a scene."""
        return sorted(self.staging.glob(f"{scene_name(index)}-*"))

    def quarantine(self, index: int) -> Path:
        """Folder for what is known of a scene that was given up."""
        return self.failed / scene_name(index)

    def committed(self) -> list[int]:
        """Indices of the scenes that are there, in order. What is there is whole."""
        markers = remote.names(self.commits)
        found = [name.removesuffix(".json") for name in markers] or remote.names(self.scenes)
        return sorted(int(name) for name in found if name.isdecimal())


def scene_name(index: int) -> str:
    return f"{index:06d}"


def frame_file(frame: int, kind: str) -> str:
    """Name of a frame's file, e.g. `frame_file(0, "rgb.png")`."""
    return f"frame_{frame:04d}.{kind}"


class Codec(Enum):
    """How an array becomes a file. `simgen.store.files` does it, without loss in each case."""

    RGB = "H x W x 3 uint8 as 8-bit RGB PNG"
    IDS = "H x W uint16 as 16-bit grey PNG, or uint32 as ID_COLOURS"
    ID_COLOURS = "H x W uint32 as 8-bit RGB PNG, with id = R + 256 G + 65536 B"
    MASK = "H x W bool as 8-bit grey PNG: 0 or 255"
    FLOATS = "H x W or H x W x C float32 as EXR; NaN and infinity are kept"


@dataclass(frozen=True)
class File:
    """How a label of a frame is stored.

    suffix: what its file's name ends with. channels: of an EXR, in the order of the array's last
    axis; an array with a single one has no such axis. noisy: whether the last digits of an EXR's
    values differ from pixel to pixel, so that compression makes it hardly smaller and costs much.
    """

    suffix: str
    codec: Codec
    channels: tuple[str, ...] = ()
    noisy: bool = False


def _floats(name: str, channels: str, *, noisy: bool = False) -> File:
    return File(f"{name}.exr", Codec.FLOATS, tuple(channels), noisy)


def _png(name: str, codec: Codec) -> File:
    return File(f"{name}.png", codec)


FILES: dict[str, File] = {
    "rgb": _png("rgb", Codec.RGB),
    "rgb_right": _png("rgb_right", Codec.RGB),
    "depth": _floats("depth", "Z"),
    "ray_distance": _floats("ray_distance", "Y"),
    "normals": _floats("normals", "RGB"),
    "object_coordinates": _floats("object_coordinates", "RGB"),
    "uv": _floats("uv", "UV"),
    "albedo": _floats("albedo", "RGB", noisy=True),
    "diffuse": _floats("diffuse", "RGB", noisy=True),
    "specular": _floats("specular", "RGB", noisy=True),
    "emission": _floats("emission", "RGB"),
    "instances": _png("instances", Codec.IDS),
    "semantic": _png("semantic", Codec.IDS),
    "panoptic": _png("panoptic", Codec.ID_COLOURS),
    "parts": _png("parts", Codec.IDS),
    "transparent": _png("transparent", Codec.MASK),
    "flow_forward": _floats("flow_forward", "UV", noisy=True),
    "flow_backward": _floats("flow_backward", "UV", noisy=True),
    "occlusion_forward": _png("occlusion_forward", Codec.MASK),
    "occlusion_backward": _png("occlusion_backward", Codec.MASK),
    "scene_flow_forward": _floats("scene_flow_forward", "RGB", noisy=True),
    "scene_flow_backward": _floats("scene_flow_backward", "RGB", noisy=True),
    "disparity": _floats("disparity", "Y"),
    "disparity_occlusion": _png("disparity_occlusion", Codec.MASK),
}
"""The labels of a frame that are pictures. All others are numbers in the frame's JSON file, but for
those that belong to a scene or to the whole dataset."""
