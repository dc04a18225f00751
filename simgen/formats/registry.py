"""The definition of an export format, and the registry of formats."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType

from simgen.errors import InputError
from simgen.formats.items import Item
from simgen.formats.output.target import Target
from simgen.formats.plan import Plan

Write = Callable[[Target, Plan], AbstractContextManager[Callable[[Item], None]]]
"""A context manager that yields a function to be called with each image in order; when the context
exits without an error, the export is complete."""


@dataclass(frozen=True)
class Format:
    """An export format.

    about: one line for the help. needs: required labels; a format that requires any accepts only
    simgen's datasets. sharded: whether all files with images are passed to `Target.keep`, so they
    can be uploaded to object storage one by one. lists_objects: whether an image without objects
    means that it shows none; such formats reject datasets without labels that locate objects.
    """

    name: str
    about: str
    needs: frozenset[str]
    write: Write
    sharded: bool = False
    lists_objects: bool = False


def _folders() -> dict[str, ModuleType]:
    """Return the subpackages of `simgen.formats` that are formats, by name."""
    here = [str(Path(__file__).parent)]
    names = sorted(module.name for module in pkgutil.iter_modules(here) if module.ispkg)
    found = {name: importlib.import_module(f"simgen.formats.{name}") for name in names}
    return {name: module for name, module in found.items() if hasattr(module, "WRITERS")}


_FOLDERS = _folders()
FOLDERS = tuple(sorted(_FOLDERS, key=lambda name: _FOLDERS[name].DETECTED))
"""The folders of all formats, in the order in which the validator tries to recognise a dataset. A
folder's `WRITERS` locate its `Format`s, so only the requested ones are imported."""
OPENED = tuple(
    sorted(
        (name for name in FOLDERS if hasattr(_FOLDERS[name], "OPENED")),
        key=lambda name: _FOLDERS[name].OPENED,
    )
)
"""Folders of the external formats that exports can read, in the order in which they are tried."""


def format_names() -> tuple[str, ...]:
    """Return the names of the built-in formats."""
    return tuple(sorted(_writers()))


def _writers() -> dict[str, str]:
    """Return `module:attribute` of each format by name."""
    return {
        name: f"simgen.formats.{folder}.{place}"
        for folder in FOLDERS
        for name, place in _FOLDERS[folder].WRITERS.items()
    }


def format_of(name: str, own: Mapping[str, object] = MappingProxyType({})) -> Format:
    """Return a format by name. own: formats of plugins. Raises `InputError` for unknown names."""
    writers = _writers()
    if name in own:
        return _checked(name, own[name])
    if name not in writers:
        known = ", ".join([*format_names(), *own])
        raise InputError(f"unknown format {name!r}; expected one of {known}")
    module, attribute = writers[name].split(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, Format)
    return found


def _checked(name: str, found: object) -> Format:
    if name in format_names():
        raise InputError(f"--plugin: format {name!r} exists already; rename it")
    if not isinstance(found, Format):
        raise InputError(
            f"--plugin: format {name!r}: found a {type(found).__name__}, expected a "
            "simgen.formats.registry.Format"
        )
    return found
