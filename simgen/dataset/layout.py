"""Names of the files of a dataset, in one place for readers and writers.

    dataset.json                          what the dataset is, and the config it was made with
    assets.json                           classes, assets, and the assets that were skipped
    scenes/000012/spec.json               everything that was decided about the scene
    scenes/000012/frame_0000.json         camera, objects, and what else is numbers
    scenes/000012/frame_0000.rgb.png      a label that is an image file
    scenes/000012/tracks.npz              a label of the whole scene
    annotations/instances.json            COCO
    annotations/panoptic.json             COCO panoptic
    preview.png                           contact sheet
    README.md                             dataset card
    adaptation.json, adaptation.npz       how the images of an adapted dataset were changed
    card/                                 its pictures
    exports/coco/                         the dataset in another format
    view/                                 pages of `simgen view`
    commits/000012.json                   in object storage alone: the scene is whole
    .simgen/                              the run's own: lock, logs, unfinished scenes
                                          (beside a dataset in object storage: in `output.dir`)

All but `.simgen/` is a function of config and seed, byte for byte. (`dataset.json` also names the
asset folder, where there is one.)
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import cast

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.labels import record

FORMAT = "simgen"
FORMAT_VERSION = 4
SPEC = "spec.json"
RECORD = record.SUFFIX


class Layout:
    """The paths within one dataset, which is a folder or stands at a URI.

    private: the folder of the run's own files, if it is not within the dataset. Readers of a
    dataset at a URI need none. part: of a run that several processes share: each has its own
    temporary files.
    """

    def __init__(self, root: AnyPath, private: Path | None = None, part: str = "") -> None:
        self.root = root
        self.manifest = root / "dataset.json"
        self.assets = root / "assets.json"
        self.scenes = root / "scenes"
        self.commits = root / "commits"
        self.begun = self.commits / "begun.json"
        self.adaptation = root / "adaptation.json"
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
    def has_markers(self) -> bool:
        """Whether a scene counts by its marker in `commits/`, and not by its folder."""
        return remote.is_remote(self.root) or remote.size(self.begun) >= 0

    @property
    def local(self) -> Path:
        """The local folder whose disk needs room: the dataset, or `output.dir`."""
        return self.private.parent

    def scene(self, index: int) -> AnyPath:
        return self.scenes / scene_name(index)

    def marker(self, index: int) -> AnyPath:
        return self.commits / f"{scene_name(index)}.json"

    def stage(self, index: int) -> Path:
        """Folder in which this process makes a scene; each process has its own."""
        return self.staging / f"{scene_name(index)}-{socket.gethostname()}-{os.getpid()}"

    def staged(self, index: int) -> list[Path]:
        """Folders in which processes have begun a scene."""
        return sorted(self.staging.glob(f"{scene_name(index)}-*"))

    def quarantine(self, index: int) -> Path:
        """Folder for the reports on a failed scene."""
        return self.failed / scene_name(index)

    def committed(self) -> list[int]:
        """Indices of the complete scenes, in order."""
        markers = remote.names(self.commits)
        found = [name.removesuffix(".json") for name in markers] or remote.names(self.scenes)
        return sorted(int(name) for name in found if name.isdecimal())


def scene_name(index: int) -> str:
    return f"{index:06d}"


def frame_file(frame: int, kind: str) -> str:
    """Name of a frame's file, e.g. `frame_file(0, "rgb.png")`."""
    return f"frame_{frame:04d}.{kind}"
