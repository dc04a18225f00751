"""The quantities that are counted, of images and of the objects visible in them."""

from __future__ import annotations

from simgen.report.counting.histogram import Axis

IMAGE = (
    Axis("objects", "Objects in an image", "", -0.5, 255.5, 256,
         "Objects of which something is visible; regions to be ignored are none.", integer=True),
    Axis("brightness", "Brightness", "", 0, 1, 100, "Mean luma: 0 black, 1 white."),
    Axis("contrast", "Contrast", "", 0, 0.5, 100, "RMS contrast: standard deviation of luma."),
    Axis("sharpness", "Sharpness", "", 1e-2, 1e6, 160,
         "Variance of the Laplacian of luma, in squared grey levels. Grows with noise too.",
         log=True),
    Axis("saturation", "Saturation", "", 0, 1, 100, "Mean of (max - min) / max: 0 is grey."),
)  # fmt: skip
"""Of images. All but the first are measures of pixels (`simgen.report.counting.measures`)."""

OBJECT = (
    Axis("size", "Relative size", "", 0, 1, 100,
         "Square root of the box's area over the image's area."),
    Axis("aspect", "Aspect ratio", "", 1 / 32, 32, 100, "Width over height of the box.", log=True),
    Axis("visibility", "Visibility", "", 0, 1, 50,
         "Visible pixels over those of the whole silhouette, beyond the frame too."),
    Axis("truncation", "Truncation", "", 0, 1, 50, "Part of the silhouette beyond the frame."),
    Axis("occlusion", "Occlusion", "", 0, 1, 50,
         "Hidden part of the silhouette within the frame."),
    Axis("distance", "Distance", "m", 1e-2, 1e4, 240,
         "From the camera to the middle of the object's 3D box.", log=True),
    Axis("length", "Longest side", "m", 1e-3, 1e3, 240,
         "Of the object's 3D box.", log=True),
)  # fmt: skip
"""Of visible objects."""

POSED = ("truncation", "occlusion", "distance", "length")
"""Those of them that only simgen's own datasets have."""

GRID = 24
"""Cells along each side of the map of positions."""
SPHERE = (12, 24)
"""Cells of the view sphere: bands of equal area from below to above, and steps of azimuth."""
