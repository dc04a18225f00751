"""What kind of dataset lies at a path."""

from __future__ import annotations

import importlib

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.registry import FOLDERS
from simgen.formats.validate.kind import Kind


def kind_of(name: str) -> Kind:
    """Raises `InputError` for an unknown name."""
    if name not in FOLDERS:
        raise InputError(f"--format {name}: expected one of {', '.join(FOLDERS)}")
    found = importlib.import_module(f"simgen.formats.{name}.check").KIND
    assert isinstance(found, Kind)
    return found


def detect(path: AnyPath) -> Kind:
    """Raises `InputError` where no format fits."""
    if not remote.is_remote(path) and not path.exists():
        raise InputError(f"{path}: no such folder or file")
    for name in FOLDERS:
        kind = kind_of(name)
        if kind.looks_like(path):
            return kind
    raise InputError(
        f"{path}: not a dataset of a known kind; say which with --format {'|'.join(FOLDERS)}"
    )
