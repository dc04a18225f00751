"""KITTI: detection, flow, stereo."""
