"""The counted quantities of images and of the objects visible in them."""

from __future__ import annotations

from simgen.report.counting.histogram import Axis

IMAGE = (
    Axis("objects", "Objects in an image", "", -0.5, 255.5, 256,
         "Objects with at least one visible pixel, without ignore regions.", integer=True),
    Axis("brightness", "Brightness", "", 0, 1, 100, "Mean luma: 0 black, 1 white."),
    Axis("contrast", "Contrast", "", 0, 0.5, 100, "RMS contrast: standard deviation of luma."),
    Axis("sharpness", "Sharpness", "", 1e-2, 1e6, 160,
         "Variance of the Laplacian of luma, in squared grey levels. Also increases with noise.",
         log=True),
    Axis("saturation", "Saturation", "", 0, 1, 100, "Mean of (max - min) / max: 0 is grey."),
)  # fmt: skip
"""Quantities of images. All but the first are in `simgen.report.counting.measures`."""

OBJECT = (
    Axis("size", "Relative size", "", 0, 1, 100,
         "Square root of the box's area over the image's area."),
    Axis("aspect", "Aspect ratio", "", 1 / 32, 32, 100, "Width over height of the box.", log=True),
    Axis("visibility", "Visibility", "", 0, 1, 50,
         "Visible pixels divided by those of the complete silhouette, also outside of the frame."),
    Axis("truncation", "Truncation", "", 0, 1, 50,
         "Fraction of the silhouette outside of the frame."),
    Axis("occlusion", "Occlusion", "", 0, 1, 50,
         "Hidden fraction of the silhouette within the frame."),
    Axis("distance", "Distance", "m", 1e-2, 1e4, 240,
         "From the camera to the centre of the object's 3D box.", log=True),
    Axis("length", "Longest side", "m", 1e-3, 1e3, 240,
         "Longest side of the object's 3D box.", log=True),
)  # fmt: skip
"""Quantities of visible objects."""

POSED = ("truncation", "occlusion", "distance", "length")
"""The quantities of objects that only simgen's own datasets have."""

GRID = 24
"""Cells along each side of the map of positions."""
SPHERE = (12, 24)
"""Cells of the view sphere: bands of equal area from bottom to top, and steps of azimuth."""
