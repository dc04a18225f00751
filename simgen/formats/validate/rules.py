"""All rules, by their id."""

from __future__ import annotations

import importlib

from simgen.formats.validate.finding import Rule

MODULES = (
    "reading.json_file",
    "validate.pictures",
    "validate.training",
    "native.check",
    "native.coco_files",
    "native.frame",
    "native.frame_camera",
    "native.frame_masks",
    "native.frame_maps",
    "native.scene_furnishings",
    "native.scene_models",
    "native.scene_motion",
    "coco.check",
    "coco.tables",
    "coco.check_annotations",
    "coco.check_panoptic",
    "reading.text_file",
    "yolo.check",
    "yolo.check_rows",
    "voc.check",
    "kitti.check",
    "bop.check",
    "bop.poses",
    "flow.check",
    "webdataset.check",
    "cityscapes.check",
    "cityscapes.labels",
    "tapvid.check",
    "tapvid.check_tracks",
    "nerf.check",
    "nerf.check_views",
    "nerf.check_colmap",
    "nerf.check_agreement",
    "huggingface.check",
    "huggingface.check_card",
    "huggingface.check_files",
    "huggingface.check_rows",
)
"""Those that state rules; in the order of the docs."""


def all_rules() -> dict[str, Rule]:
    """In the order in which they are written down."""
    found: dict[str, Rule] = {}
    for name in MODULES:
        module = importlib.import_module(f"simgen.formats.{name}")
        for value in vars(module).values():
            if isinstance(value, Rule):
                found.setdefault(value.id, value)
    return found
