"""Point clouds as PLY or PCD: of scans, or of depth."""

WRITERS = {
    "pointcloud": "write:PLY",
    "pointcloud-pcd": "write:PCD",
    "pointcloud-depth": "depth:DEPTH",
    "pointcloud-sensor": "depth:SENSOR",
}

DETECTED = 105
