"""simgen's own datasets, as a source of exports, and their validation rules."""

WRITERS: dict[str, str] = {}

DETECTED = 10
