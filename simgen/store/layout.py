"""Names of the files of a dataset. One place, so that readers and writers cannot differ.

    dataset.json                          what the dataset is, and the config it was made with
    assets.json                           classes, assets, and the assets that were skipped
    scenes/000012/spec.json               everything that was decided about the scene
    scenes/000012/frame_0000.json         camera and objects
    scenes/000012/frame_0000.rgb.png      8-bit RGB
    scenes/000012/frame_0000.depth.exr    float32, channel Z, planar metres, inf = nothing
    scenes/000012/frame_0000.instances.png  16-bit ids
    scenes/000012/frame_0000.semantic.png   16-bit class ids
    annotations/instances.json            COCO
    preview.png                           contact sheet
    .simgen/                              the run's own: lock, logs, scenes in the making

All but `.simgen/` is a function of config and seed, byte for byte. (`dataset.json` also names the
asset folder, where there is one.)
"""

from __future__ import annotations

from pathlib import Path

FORMAT = "simgen"
FORMAT_VERSION = 1
SPEC = "spec.json"


class Layout:
    """The paths within one dataset folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = root / "dataset.json"
        self.assets = root / "assets.json"
        self.scenes = root / "scenes"
        self.coco = root / "annotations" / "instances.json"
        self.preview = root / "preview.png"
        self.private = root / ".simgen"
        self.lock = self.private / "lock"
        self.staging = self.private / "staging"
        self.scratch = self.private / "scratch"
        self.logs = self.private / "logs"
        self.failed = self.private / "failed"

    def scene(self, index: int) -> Path:
        return self.scenes / scene_name(index)

    def committed(self) -> list[int]:
        """Indices of the scenes that are there, in order. What is there is whole."""
        if not self.scenes.is_dir():
            return []
        return sorted(int(name.name) for name in self.scenes.iterdir() if name.name.isdecimal())


def scene_name(index: int) -> str:
    return f"{index:06d}"


def frame_file(frame: int, kind: str) -> str:
    """Name of a frame's file, e.g. `frame_file(0, "rgb.png")`."""
    return f"frame_{frame:04d}.{kind}"


RECORD = "json"
RGB = "rgb.png"
DEPTH = "depth.exr"
INSTANCES = "instances.png"
SEMANTIC = "semantic.png"
