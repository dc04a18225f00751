"""Logs as JSON lines: time, level, logger, message, and what else is known, such as the scene."""

from __future__ import annotations

import logging
from pathlib import Path

from pythonjsonlogger.json import JsonFormatter


class _Handler(logging.FileHandler):
    """On a full disk a line is lost, and no screen is filled with tracebacks for it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        pass


def log_to(path: Path, **always: object) -> None:
    """Send what this package logs to a file, and nowhere else. The file is appended to.

    always: fields of every line. Raises `OSError`.
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
