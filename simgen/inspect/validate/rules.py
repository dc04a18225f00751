"""All rules, by their id."""

from __future__ import annotations

import importlib

from simgen.inspect.validate.finding import Rule

MODULES = (
    "json_file",
    "pictures",
    "training",
    "canonical",
    "canonical_coco",
    "frame",
    "frame_camera",
    "frame_masks",
    "frame_maps",
    "scene_furnishings",
    "scene_models",
    "scene_motion",
    "coco",
    "coco_tables",
    "coco_annotations",
    "coco_panoptic",
    "text_file",
    "yolo",
    "yolo_rows",
    "voc",
    "kitti",
    "bop",
    "bop_poses",
    "flow_files",
    "webdataset",
    "cityscapes",
    "cityscapes_labels",
    "tapvid",
    "tapvid_tracks",
    "nerf",
    "nerf_views",
    "nerf_colmap",
    "nerf_agreement",
    "huggingface",
    "huggingface_card",
    "huggingface_files",
    "huggingface_rows",
)
"""Those that state rules; in the order of the docs."""


def all_rules() -> dict[str, Rule]:
    """In the order in which they are written down."""
    found: dict[str, Rule] = {}
    for name in MODULES:
        module = importlib.import_module(f"simgen.inspect.validate.{name}")
        for value in vars(module).values():
            if isinstance(value, Rule):
                found.setdefault(value.id, value)
    return found
