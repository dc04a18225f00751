"""The parts of the image's light, from the path tracer: antialiased as the image itself is.

image = albedo * diffuse + specular + emission
"""

from __future__ import annotations

import numpy as np

from simgen.labels.drawing.colours import colour_light
from simgen.labels.label import Label, Values, floats


def _label(name: str, about: str, doc: str, *, noisy: bool = True) -> Label[np.ndarray]:
    return Label[np.ndarray](
        name,
        about,
        floats(name, "RGB", noisy=noisy),
        lambda inputs: inputs.view.raw.passes[name],
        passes=(name,),
        values=Values(),
        draw=colour_light,
        doc=f"`H x W x 3` float32: {doc}",
    )


ALBEDO = _label(
    "albedo",
    "part of the light that surfaces scatter, linear Rec.709",
    "part of the light that surfaces scatter, linear Rec.709, antialiased; 0 where there is "
    "nothing, and on metal and glass.",
)
DIFFUSE = _label(
    "diffuse",
    "diffusely reflected light, linear Rec.709",
    "diffusely reflected light without the surfaces' colour, so that `albedo * diffuse` is what "
    "reaches the camera. Linear Rec.709, antialiased.",
)
SPECULAR = _label(
    "specular",
    "mirrored and transmitted light, linear Rec.709",
    "mirrored and transmitted light, the surfaces' colour included, linear Rec.709, antialiased.",
)
EMISSION = _label(
    "emission",
    "light that surfaces send out, linear Rec.709",
    "light that surfaces and the surroundings send out themselves, linear Rec.709, antialiased.",
    noisy=False,
)
