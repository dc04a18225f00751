"""Hand-written YAML files: parsed safely, with errors of one line."""

from __future__ import annotations

from typing import Any

import yaml

# PyYAML's own parser is a hundred times slower than libyaml's, which wheels carry.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(data: bytes | str) -> Any:
    """The content as plain data. Raises `ValueError` for anything but valid YAML."""
    try:
        return yaml.load(data, _LOADER)  # a safe loader: no tag runs code
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(f"it is not valid YAML ({reason}); correct it") from error


def expect(is_right: bool, key: str, found: Any, expected: str) -> None:
    """Raises `ValueError` for a value that is not as expected."""
    if not is_right:
        raise ValueError(f"{key}: found {short(found)}, expected {expected}")


def short(value: Any) -> str:
    """A value as it is shown in a message."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
