"""Recognition of a dataset's format."""

from __future__ import annotations

import importlib

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.registry import FOLDERS
from simgen.formats.validate.kind import Kind


def kind_of(name: str) -> Kind:
    """Return the checks of a format. Raises `InputError` for an unknown name."""
    if name not in FOLDERS:
        raise InputError(f"--format {name}: expected one of {', '.join(FOLDERS)}")
    found = importlib.import_module(f"simgen.formats.{name}.check").KIND
    assert isinstance(found, Kind)
    return found


def detect(path: AnyPath) -> Kind:
    """Return the checks of the first format that recognises a path, or raise `InputError`."""
    if not remote.is_remote(path) and not path.exists():
        raise InputError(f"{path}: no such folder or file")
    for name in FOLDERS:
        kind = kind_of(name)
        if kind.looks_like(path):
            return kind
    raise InputError(f"{path}: unknown dataset format; name it with --format {'|'.join(FOLDERS)}")
