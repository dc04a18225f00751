"""Views of scenes for NeRF and Gaussian splatting: transforms.json and COLMAP models."""

WRITERS = {
    "nerf": "write:NERF",
}

DETECTED = 50
