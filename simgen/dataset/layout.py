"""Names of the files of a dataset, shared by readers and writers.

    dataset.json                          the dataset's manifest, with the config that generated it
    assets.json                           classes, assets, and assets that were skipped
    scenes/000012/spec.json               every sampled value of the scene
    scenes/000012/frame_0000.json         camera, objects and other numbers of a frame
    scenes/000012/frame_0000.rgb.png      a label stored as an image file
    scenes/000012/tracks.npz              a label of the entire scene
    annotations/instances.json            COCO
    annotations/panoptic.json             COCO panoptic
    preview.png                           contact sheet
    README.md                             dataset card
    card/                                 pictures of the dataset card
    adaptation.json, adaptation.npz       how the images of an adapted dataset were changed
    exports/coco/                         the dataset in another format
    view/                                 pages of `simgen view`
    commits/000012.json                   only in object storage: marks the scene as complete
    .simgen/                              files of the run: lock, logs, unfinished scenes
                                          (for a dataset in object storage: in `output.dir`)

Everything but `.simgen/` is determined by config and seed, byte for byte. (`dataset.json` also
names the asset folder, if there is one.)
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
    """The paths within one dataset, in a folder or at a URI.

    private: the folder of the run's own files, if it is not within the dataset; not needed to read
    a dataset. part: name of a part of a run that several processes share; each part has separate
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
        """Whether complete scenes are determined by markers in `commits/` instead of folders."""
        return remote.is_remote(self.root) or remote.size(self.begun) >= 0

    @property
    def local(self) -> Path:
        """The local folder whose disk needs free space: the dataset, or `output.dir`."""
        return self.private.parent

    def scene(self, index: int) -> AnyPath:
        return self.scenes / scene_name(index)

    def marker(self, index: int) -> AnyPath:
        return self.commits / f"{scene_name(index)}.json"

    def stage(self, index: int) -> Path:
        """Return the folder in which this process writes a scene; unique to the process."""
        return self.staging / f"{scene_name(index)}-{socket.gethostname()}-{os.getpid()}"

    def staged(self, index: int) -> list[Path]:
        """Return the folders of all processes that have begun a scene."""
        return sorted(self.staging.glob(f"{scene_name(index)}-*"))

    def quarantine(self, index: int) -> Path:
        """Return the folder for reports on a failed scene."""
        return self.failed / scene_name(index)

    def committed(self) -> list[int]:
        """Return the sorted indices of complete scenes."""
        markers = remote.names(self.commits)
        found = [name.removesuffix(".json") for name in markers] or remote.names(self.scenes)
        return sorted(int(name) for name in found if name.isdecimal())


def scene_name(index: int) -> str:
    return f"{index:06d}"


def frame_file(frame: int, kind: str) -> str:
    """Return the name of a frame's file, e.g. `frame_file(0, "rgb.png")`."""
    return f"frame_{frame:04d}.{kind}"
