"""The command that generates a dataset again, as shown on its card."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from simgen.config.compose import load_config
from simgen.dataset.manifest import FOLDERS, Manifest
from simgen.labels.registry import presets
from simgen.resources import resource

_PLAIN = re.compile(r"[A-Za-z_][\w./-]*")
_WORDS = ("null", "true", "false", "nan", "inf", "yes", "no", "on", "off")
"""Words that YAML does not parse as strings."""


def command(manifest: Manifest) -> str:
    """Return the command as one line of shell.

    Keys with the default values of simgen's configs are omitted. The user's folders become
    placeholders, since their paths are meaningless elsewhere.
    """
    config = manifest.config
    name = str(config["scene"]["name"])
    words = ["simgen", "generate"]
    for plugin in manifest.plugins:
        words += ["--plugin", plugin]
    is_file = resource("configs").joinpath("scene", f"{name}.yaml").is_file()
    base = dict(_flat(asdict(load_config([f"scene={name if is_file else 'tabletop'}"]))))
    if is_file and name != "tabletop":
        words.append(f"scene={name}")
    found = dict(_flat(config))
    found["labels"] = _labels(manifest)
    for key, value in sorted(found.items()):
        if key in FOLDERS:
            if value is not None:
                words.append(f"{key}={_placeholder(key)}")
        elif key not in base or base[key] != value:
            words.append(f"{key}={_written(value)}")
    return shlex.join([*words, "output.dir=my_dataset"])


def adapting(adaptation: Mapping[str, Any]) -> str:
    """Return the command that adapts the images again, as one line of shell. adaptation: as stored
    in `dataset.json`."""
    methods = adaptation["methods"]
    words = ["simgen", "adapt", "my_dataset", "my_adapted", "--to", "REAL"]
    words += ["--method", "+".join(one["method"] for one in methods)]
    words += ["--seed", str(adaptation["seed"])]
    options = {name: value for one in methods for name, value in one["options"].items()}
    if options:
        words += ["--set", *(f"{name}={value!r}" for name, value in options.items())]
    return shlex.join(words)


def _flat(plain: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    pairs: list[tuple[str, Any]] = []
    for key, value in plain.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{key}.")
        else:
            pairs.append((f"{prefix}{key}", value))
    return pairs


def _labels(manifest: Manifest) -> Any:
    """Return the name of the preset with exactly these labels, or else the list of labels."""
    for name, labels in presets().items():
        if tuple(manifest.labels) == tuple(labels):
            return name
    return list(manifest.labels)


def _placeholder(key: str) -> str:
    return f"YOUR_{key.split('.')[-1].upper()}"


def _written(value: Any) -> str:
    """Format a value in the syntax of Hydra overrides."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(f'{key}:{_written(one)}' for key, one in value.items())}}}"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
