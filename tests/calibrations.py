"""Calibrations as other tools write them, for tests: numbers of the EuRoC MAV dataset's cameras
(Burri et al., IJRR 2016), of a fisheye, and of a rig of both."""

from __future__ import annotations

from pathlib import Path

CAMCHAIN = """\
cam0:
  cam_overlaps: [1]
  camera_model: pinhole
  distortion_coeffs: [-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05]
  distortion_model: radtan
  intrinsics: [458.654, 457.296, 367.215, 248.375]
  resolution: [752, 480]
  rostopic: /cam0/image_raw
cam1:
  T_cn_cnm1:
  - [0.9999972563, -0.0023175421, 0.0003760010, -0.1100739988]
  - [0.0023120691, 0.9998980485, 0.0140898358, -0.0002127766]
  - [-0.0004086140, -0.0140889713, 0.9999006631, 0.0008097633]
  - [0.0, 0.0, 0.0, 1.0]
  cam_overlaps: [0]
  camera_model: pinhole
  distortion_coeffs: [-0.28368365, 0.07451284, -0.00010473, -3.55590700e-05]
  distortion_model: radtan
  intrinsics: [457.587, 456.134, 379.999, 255.238]
  resolution: [752, 480]
  rostopic: /cam1/image_raw
"""
"""A stereo camera, in the form and with the digits of Kalibr."""

FISHEYE = """\
image_width: 160
image_height: 160
camera_name: below
camera_matrix: {rows: 3, cols: 3, data: [89.7, 0., 79.7, 0., 89.7, 80.3, 0., 0., 1.]}
distortion_model: equidistant
distortion_coefficients: {rows: 1, cols: 4, data: [-0.0157, 0.0017, -0.0088, 0.0037]}
"""
"""A camera_info file of ROS."""

MIXED = """\
cameras:
  - name: front
    calibration: {fx: 100, fy: 101, cx: 60.2, cy: 44.9, width: 120, height: 90}
    position: [0.05, 0, 0]
  - name: below
    calibration: fisheye.yaml
    position: [0, 0.02, 0]
    rotation: [0.9961946981, 0, 0.0871557427, 0]
  - name: wide
    calibration:
      image_width: 94
      image_height: 60
      camera_matrix: [57.33, 0, 45.4, 0, 57.16, 30.6, 0, 0, 1]
      distortion_coefficients: [-0.28340811, 0.07395907, 0.00019359, 1.76187114e-05]
    cam_to_rig: [[0, -1, 0, -0.04], [1, 0, 0, 0], [0, 0, 1, 0.01], [0, 0, 0, 1]]
"""
"""A rig in simgen's own form: three lenses, three sizes, one camera on its side. `fisheye.yaml` is
`FISHEYE`, beside it."""


def write_rig(folder: Path, text: str = MIXED) -> Path:
    """Write a rig, and the calibration that `MIXED` refers to. Returns the rig's file."""
    (folder / "fisheye.yaml").write_text(FISHEYE)
    path = folder / "rig.yaml"
    path.write_text(text)
    return path
