"""Safe parsing of hand-written YAML files, with errors of one line."""

from __future__ import annotations

from typing import Any

import yaml

# PyYAML's Python parser is a hundred times slower than libyaml's, which its wheels include.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(data: bytes | str) -> Any:
    """Parse YAML into plain data. Raises `ValueError` if it is not valid."""
    try:
        return yaml.load(data, _LOADER)  # a safe loader, which does not run code in tags
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"it is not valid YAML ({reason}); correct it") from error


def expect(is_right: bool, key: str, found: Any, expected: str) -> None:
    """Raise `ValueError` for `found` unless it is right."""
    if not is_right:
        raise ValueError(f"{key}: found {short(found)}, expected {expected}")


def short(value: Any) -> str:
    """Return a value for a message, truncated to 60 characters."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
