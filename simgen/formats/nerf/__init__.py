"""NeRF and Gaussian splatting: views of scenes as transforms.json and COLMAP models."""

WRITERS = {
    "nerf": "write:NERF",
}

DETECTED = 50
