"""Plugins: classes, stages, randomizers and formats from user-supplied Python modules.

Importing a module runs its code, so modules are only named on the command line (`--plugin`) or in
the user's own Python code, never by a config file.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simgen.assets.catalogue import Catalogue, ClassInfo, load_catalogue
from simgen.assets.classes import CLASSES
from simgen.assets.parametric import ParametricClass
from simgen.config import Config
from simgen.errors import InputError
from simgen.spec.rng import Stream
from simgen.spec.scene import SceneSpec
from simgen.stages.registry import AnyStage, stage_names
from simgen.stages.stage import Stage

Randomizer = Callable[[SceneSpec, Stream], SceneSpec]
"""Changes a sampled spec; the stream is its own, keyed by its name."""


@dataclass(frozen=True)
class OwnClass:
    """A parametric class, with the information that the catalogue has for built-in ones."""

    shape: ParametricClass
    info: ClassInfo


@dataclass(frozen=True)
class Plugin:
    """What a module provides as its `PLUGIN`."""

    classes: Sequence[OwnClass] = ()
    stages: Mapping[str, AnyStage] = field(default_factory=dict)
    randomizers: Mapping[str, Randomizer] = field(default_factory=dict)
    formats: Mapping[str, object] = field(default_factory=dict)
    """Each a `simgen.formats.registry.Format`."""


@dataclass(frozen=True)
class Own:
    """What all modules provide together, by name."""

    classes: Mapping[str, OwnClass]
    stages: Mapping[str, AnyStage]
    randomizers: Mapping[str, Randomizer]
    formats: Mapping[str, object]


def catalogue_of(config: Config, own: Mapping[str, OwnClass]) -> Catalogue:
    """Return the classes and assets of a config, with the assets of its distractors. own: classes
    of plugins. Raises `InputError` as `load_catalogue` does."""
    infos = {name: found.info for name, found in own.items()}
    return load_catalogue(config.assets, infos, config.distractors.classes)


def load_plugins(modules: Sequence[str]) -> Own:
    """Import modules and combine what they provide.

    Raises `InputError` for a module that cannot be imported or has no `PLUGIN`, and for duplicate
    names.
    """
    classes: dict[str, OwnClass] = {}
    stages: dict[str, AnyStage] = {}
    randomizers: dict[str, Randomizer] = {}
    formats: dict[str, object] = {}
    for name in modules:
        plugin = _load(name)
        offered = {own.shape.name: own for own in plugin.classes}
        _add(name, "class", classes, offered, set(CLASSES))
        _add(name, "stage", stages, dict(plugin.stages), {*stage_names(), "blend"})
        _check_stages(name, plugin.stages)
        _add(name, "randomizer", randomizers, dict(plugin.randomizers), set())
        _add(name, "format", formats, dict(plugin.formats), set())
    return Own(classes, stages, randomizers, formats)


def _check_stages(module: str, stages: Mapping[str, object]) -> None:
    for name, stage in stages.items():
        if not isinstance(stage, Stage):
            raise InputError(
                f"--plugin {module}: the stage {name!r} is of type {type(stage).__name__}; expected"
                " simgen.stages.stage.Stage, with typed parameters and one function `build` that "
                "returns parts, supports, room and lamps (docs/own-scene.md)"
            )


def _load(name: str) -> Plugin:
    # Unlike `python -m`, the command `simgen` does not search the current folder for modules.
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise InputError(f"--plugin {name}: cannot be imported: {error}") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise InputError(f"--plugin {name}: error during import: {reason}") from error
    plugin = getattr(module, "PLUGIN", None)
    if not isinstance(plugin, Plugin):
        found = "no PLUGIN" if plugin is None else f"PLUGIN of type {type(plugin).__name__}"
        raise InputError(
            f"--plugin {name}: found {found}, expected PLUGIN = simgen.stages.plugins.Plugin"
        )
    return plugin


def _add[T](
    module: str, what: str, known: dict[str, T], offered: dict[str, T], taken: set[str]
) -> None:
    for name, thing in offered.items():
        if name in known or name in taken:
            raise InputError(
                f"--plugin {module}: another {what} is already named {name!r}; rename it"
            )
        known[name] = thing
