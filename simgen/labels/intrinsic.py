"""Components of the image's light, from the path tracer and antialiased like the image.

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
    "fraction of the light that surfaces scatter, linear Rec.709",
    "fraction of the light that surfaces scatter, linear Rec.709, antialiased; 0 on the "
    "background, and on metal and glass.",
)
DIFFUSE = _label(
    "diffuse",
    "diffusely reflected light, linear Rec.709",
    "diffusely reflected light without the surfaces' colour, so that `albedo * diffuse` reaches "
    "the camera. Linear Rec.709, antialiased.",
)
SPECULAR = _label(
    "specular",
    "specularly reflected and transmitted light, linear Rec.709",
    "specularly reflected and transmitted light, including the surfaces' colour, linear Rec.709, "
    "antialiased.",
)
EMISSION = _label(
    "emission",
    "light that surfaces emit, linear Rec.709",
    "light that surfaces and surroundings emit, linear Rec.709, antialiased.",
    noisy=False,
)
