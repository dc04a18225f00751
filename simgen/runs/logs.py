"""Logging as JSON lines: time, level, logger, message, and further fields such as the scene."""

from __future__ import annotations

import logging
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter


class _Handler(logging.FileHandler):
    """A file handler that drops lines it cannot write, instead of printing a traceback for each:
    the disk may be full."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass


def log_to(path: Path, **always: object) -> None:
    """Append what simgen logs to a file, and send it nowhere else.

    always: fields to add to every line. Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = _Handler(path, encoding="utf-8")
    handler.setFormatter(
        JsonFormatter(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            static_fields=always,
        )
    )
    logger = logging.getLogger("simgen")
    for old in logger.handlers:
        old.close()
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
