"""TAP-Vid: point tracks. https://github.com/google-deepmind/tapnet"""

WRITERS = {
    "tapvid": "write:TAPVID",
}

DETECTED = 60
