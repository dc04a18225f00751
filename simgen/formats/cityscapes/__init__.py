"""Cityscapes: semantic and instance ids. https://www.cityscapes-dataset.com"""

WRITERS = {
    "cityscapes": "write:CITYSCAPES",
}

DETECTED = 30
