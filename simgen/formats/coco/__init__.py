"""COCO: instances, keypoints, panoptic segments. https://cocodataset.org/#format-data"""

WRITERS = {
    "coco": "write:COCO",
    "coco-polygons": "polygons:COCO_POLYGONS",
}
