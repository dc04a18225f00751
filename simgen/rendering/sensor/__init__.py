"""The camera after its lens: from light, as the renderer hands it over, to an 8-bit picture.

numpy and OpenCV only. Pictures keep their size and no green ever moves, so labels stay aligned.
"""

from simgen.rendering.sensor.camera import Developed, Developer, develop
from simgen.rendering.sensor.metering import Exposure, expose, meter

__all__ = ["Developed", "Developer", "Exposure", "develop", "expose", "meter"]
