"""Pascal VOC: boxes and masks. http://host.robots.ox.ac.uk/pascal/VOC/voc2012/htmldoc/"""

WRITERS = {
    "voc": "write:VOC",
}

DETECTED = 20
OPENED = 30
