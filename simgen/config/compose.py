"""Composition of a typed config from overrides such as `scene=bin seed=7`, with Hydra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from simgen.config.calibrated import names_calibration, read_calibrations
from simgen.config.config_files import files_as_experiments
from simgen.config.explain import explain, known_keys, unknown_key
from simgen.config.rivals import is_settled, settle_rivals
from simgen.config.schema import Config
from simgen.errors import InputError
from simgen.resources import resource

CONFIG = "config"
"""The primary config file in `configs/`."""
_FREE = ("runner.slurm.options",)
"""Keys that hold arbitrary names and values."""


def load_config(overrides: Sequence[str] = (), config_dir: str | Path | None = None) -> Config:
    """Return the config that `simgen generate` would run with these overrides.

    overrides: such as `["scene=bin", "num_scenes=100"]`; one may be a config file, such as
    `"my_config.yaml"`. config_dir: a folder of your own config files, searched after simgen's.
    Raises `InputError`, one line, for a config that does not compose. Values are checked when the
    config is used.
    """
    register_schema()
    folders = [] if config_dir is None else [Path(config_dir)]
    folder = str(resource("configs"))
    with (
        files_as_experiments(overrides, folders) as words,
        own_hydra(),
        explained(),
        initialize_config_dir(folder, version_base="1.3"),
    ):
        composed = compose(CONFIG, list(with_free_keys(words)), return_hydra_config=True)
        stage = str(composed.hydra.runtime.choices["scene"])
        with open_dict(composed):
            del composed["hydra"]
        return settled(composed, stage, overrides)


def default_folder(config: Config) -> Path:
    """Return the folder of a dataset without `output.dir`."""
    return Path("datasets", f"{config.scene.name}-seed{config.seed}")


def settled(composed: DictConfig, stage: str, overrides: Sequence[str]) -> Config:
    """Return the typed config; the user's settings take precedence over the stage's.

    stage: the name given by `scene=`. overrides: from the command line. Hydra must be initialized.
    Raises `InputError` for unknown keys that were added with `+key=`, and for two keys that
    contradict each other, and for calibration files that cannot be used.
    """
    config = to_config(composed)
    if is_settled(config) and not names_calibration(config):
        return config
    ranks = _ranks(composed, stage, overrides)
    return read_calibrations(settle_rivals(config, ranks), ranks)


def to_config(composed: DictConfig) -> Config:
    """Return the typed config. Raises `InputError` for unknown keys added with `+key=`."""
    free = tuple(f"{key}." for key in _FREE)
    known = set(known_keys())
    extra = sorted(key for key in set(_keys(composed, "")) - known if not key.startswith(free))
    if extra:
        raise InputError(unknown_key(extra[0]))
    config = OmegaConf.to_object(composed)
    assert isinstance(config, Config)
    return config


def with_free_keys(words: Sequence[str]) -> Iterator[str]:
    """Yield the overrides with `++` before free keys, which Hydra requires for new keys."""
    return (f"++{word}" if word.startswith(_FREE) else word for word in words)


@cache
def register_schema() -> None:
    """Register the schema with Hydra under the name that `configs/config.yaml` refers to.

    Done once per process, since it takes a third of the time of composing.
    """
    ConfigStore.instance().store(name="schema", node=Config)


@contextmanager
def explained() -> Iterator[None]:
    """Convert errors of composition into `InputError`, one line each."""
    try:
        yield
    except (HydraException, OmegaConfBaseException, ValueError, yaml.YAMLError) as error:
        raise InputError(explain(error)) from error


@contextmanager
def own_hydra() -> Iterator[None]:
    """Isolate Hydra's global state, so that callers inside a Hydra application keep theirs."""
    kept = GlobalHydra.instance().hydra
    GlobalHydra.instance().hydra = None
    try:
        yield
    finally:
        GlobalHydra.instance().hydra = kept


def _ranks(composed: DictConfig, stage: str, overrides: Sequence[str]) -> Mapping[str, int]:
    """Return the precedence of each key: 2 if set on the command line, 1 if set by a file other
    than the stage's to a value that differs from the stage's."""
    loader = GlobalHydra.instance().config_loader()
    plain = loader.load_configuration(CONFIG, [f"scene={stage}"], RunMode.RUN)
    ranks = {
        key: 1
        for key in known_keys()
        if OmegaConf.select(composed, key) != OmegaConf.select(plain, key)
    }
    return ranks | {word.lstrip("+~").partition("=")[0]: 2 for word in overrides}


def _keys(node: DictConfig, prefix: str) -> Iterator[str]:
    """Yield all dotted keys of a composed config, including sections."""
    for name in map(str, node):
        yield f"{prefix}{name}"
        value = node[name]
        if isinstance(value, DictConfig):
            yield from _keys(value, f"{prefix}{name}.")
