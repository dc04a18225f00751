"""What a format is, and which there are."""

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
"""A context manager: within it, what it gives takes the images one by one, in order; where it ends
without an error, all is written."""


@dataclass(frozen=True)
class Format:
    """A way to write datasets.

    about: a line for the help. needs: labels without which there is nothing to write; a format that
    needs any takes simgen's own datasets alone. sharded: whether all files with images are given to
    `Target.keep`, so that they can go to object storage one by one. lists_objects: whether an image
    without objects says that there are none, so that datasets which do not know are refused.
    """

    name: str
    about: str
    needs: frozenset[str]
    write: Write
    sharded: bool = False
    lists_objects: bool = False


def _folders() -> dict[str, ModuleType]:
    """The packages beside this module that are formats, by name."""
    here = [str(Path(__file__).parent)]
    names = sorted(module.name for module in pkgutil.iter_modules(here) if module.ispkg)
    found = {name: importlib.import_module(f"simgen.formats.{name}") for name in names}
    return {name: module for name, module in found.items() if hasattr(module, "WRITERS")}


_FOLDERS = _folders()
FOLDERS = tuple(sorted(_FOLDERS, key=lambda name: _FOLDERS[name].DETECTED))
"""Of each format, in the order in which the validator tries what a dataset is. A folder's `WRITERS`
say where its `Format`s are, so that only those that are asked for are loaded."""
OPENED = tuple(
    sorted(
        (name for name in FOLDERS if hasattr(_FOLDERS[name], "OPENED")),
        key=lambda name: _FOLDERS[name].OPENED,
    )
)
"""Folders of other people's formats that exports can start from, in the order in which they are
tried."""


def format_names() -> tuple[str, ...]:
    """Of the formats that come with simgen."""
    return tuple(sorted(_writers()))


def _writers() -> dict[str, str]:
    """Module and attribute of each format, by its name."""
    return {
        name: f"simgen.formats.{folder}.{place}"
        for folder in FOLDERS
        for name, place in _FOLDERS[folder].WRITERS.items()
    }


def format_of(name: str, own: Mapping[str, object] = MappingProxyType({})) -> Format:
    """A format by its name. own: those of the user's plugins. Raises `InputError` for an unknown
    name."""
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
        raise InputError(f"--plugin: there is another format {name!r}; rename it")
    if not isinstance(found, Format):
        raise InputError(
            f"--plugin: format {name!r}: found a {type(found).__name__}, expected a "
            "simgen.formats.registry.Format"
        )
    return found
