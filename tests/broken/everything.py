"""All broken datasets."""

from __future__ import annotations

from broken import (
    cityscapes_defects,
    coco_defects,
    depth_camera_defects,
    huggingface_defects,
    lidar_defects,
    motion_defects,
    nerf_defects,
    other_defects,
    simgen_defects,
    tapvid_defects,
)

CORPUS = [
    *simgen_defects.CORPUS,
    *coco_defects.CORPUS,
    *other_defects.CORPUS,
    *motion_defects.CORPUS,
    *cityscapes_defects.CORPUS,
    *tapvid_defects.CORPUS,
    *nerf_defects.CORPUS,
    *huggingface_defects.CORPUS,
    *lidar_defects.CORPUS,
    *depth_camera_defects.CORPUS,
]
