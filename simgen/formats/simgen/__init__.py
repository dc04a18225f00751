"""simgen's own datasets: a source of exports, and their rules."""

WRITERS: dict[str, str] = {}

DETECTED = 10
