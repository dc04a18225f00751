"""Labels: pure functions from a rendered frame's arrays and its spec to what models train on."""

LABELS = ("rgb", "depth", "instances", "semantic", "objects", "camera", "coco")
"""Every label there is, in the order in which they are made and stored. The camera is always
stored: it costs nothing, and without it depth and poses mean little."""

NEEDS = {"coco": ("rgb", "objects")}
"""Labels that mean nothing without other labels."""

PRESETS = {"detection": LABELS, "all": LABELS}
"""Names for lists of labels."""
