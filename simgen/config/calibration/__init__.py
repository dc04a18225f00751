"""Calibrations of cameras, rigs of cameras and trajectories, from the files of other tools: OpenCV,
ROS, Kalibr, COLMAP, nerfstudio and BOP. The files are untrusted.

Each reader returns simgen's conventions, and raises an error of one line for a lens or a form that
simgen does not have.
"""

from simgen.config.calibration.camera import Calibration
from simgen.config.calibration.files import read_calibration, read_cameras
from simgen.config.calibration.rigs import RigCamera, read_rig
