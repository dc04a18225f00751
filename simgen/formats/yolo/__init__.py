"""YOLO for Ultralytics: boxes, polygons, oriented boxes, poses.

https://docs.ultralytics.com/datasets/
"""

WRITERS = {
    "yolo": "write:YOLO",
    "yolo-seg": "write:YOLO_SEG",
    "yolo-pose": "write:YOLO_POSE",
    "yolo-obb": "write:YOLO_OBB",
}

DETECTED = 70
OPENED = 10
