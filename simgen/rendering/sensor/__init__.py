"""The camera behind its lens: from the renderer's linear light to an 8-bit image.

Uses only NumPy and OpenCV. Images keep their size and the green channel is never displaced, so
labels stay aligned.
"""

from simgen.rendering.sensor.camera import Developed, Developer, develop
from simgen.rendering.sensor.metering import Exposure, expose, meter

__all__ = ["Developed", "Developer", "Exposure", "develop", "expose", "meter"]
