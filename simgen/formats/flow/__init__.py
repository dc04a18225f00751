"""Optical flow in the layout of Sintel."""

WRITERS = {
    "flow": "write:FLOW",
}

DETECTED = 110
