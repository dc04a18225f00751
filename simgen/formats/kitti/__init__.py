"""KITTI: 3D boxes, LiDAR, depth, disparity, optical flow. https://www.cvlibs.net/datasets/kitti/"""

WRITERS = {
    "kitti": "write:KITTI",
    "kitti-flow": "flow:KITTI_FLOW",
}

DETECTED = 80
