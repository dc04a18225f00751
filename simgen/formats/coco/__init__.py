"""COCO: instances, keypoints, panoptic segments. https://cocodataset.org/#format-data"""

WRITERS = {
    "coco": "write:COCO",
    "coco-polygons": "polygons:COCO_POLYGONS",
}

DETECTED = 100
OPENED = 20
