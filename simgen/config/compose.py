"""From overrides such as `scene=bin seed=7` to a typed config, with Hydra."""

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

from simgen.config.config_files import files_as_experiments
from simgen.config.explain import explain, known_keys, unknown_key
from simgen.config.rivals import is_settled, settle_rivals
from simgen.config.schema import Config
from simgen.errors import InputError
from simgen.resources import resource

CONFIG = "config"
"""The file of `configs/` that everything starts from."""
_FREE = ("runner.slurm.options",)
"""Keys that hold names and values of the user's choice."""


def load_config(overrides: Sequence[str] = (), config_dir: str | Path | None = None) -> Config:
    """The config that `simgen generate` would run with these overrides.

    overrides: such as `["scene=bin", "num_scenes=100"]`; one may be a config file, such as
    `"my_config.yaml"`. config_dir: a folder of your own config files, searched after simgen's.
    Raises `InputError`, one line, for what does not compose. Values are checked when the config is
    used.
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
    """Where a dataset goes that has no `output.dir`."""
    return Path("datasets", f"{config.scene.name}-seed{config.seed}")


def settled(composed: DictConfig, stage: str, overrides: Sequence[str]) -> Config:
    """The typed config, in which what the user wrote wins over the stage's choices.

    stage: that `scene=` names. overrides: the command line's. Hydra has to be initialised.
    Raises `InputError` for unknown keys that were added with `+key=`, and for two keys that
    contradict each other.
    """
    config = to_config(composed)
    if is_settled(config):
        return config
    return settle_rivals(config, _ranks(composed, stage, overrides))


def to_config(composed: DictConfig) -> Config:
    """The typed config. Raises `InputError` for keys that were added to it with `+key=`."""
    free = tuple(f"{key}." for key in _FREE)
    known = set(known_keys())
    extra = sorted(key for key in set(_keys(composed, "")) - known if not key.startswith(free))
    if extra:
        raise InputError(unknown_key(extra[0]))
    config = OmegaConf.to_object(composed)
    assert isinstance(config, Config)
    return config


def with_free_keys(words: Sequence[str]) -> Iterator[str]:
    """The words, with `++` before keys that are the user's own: Hydra takes new keys only so."""
    return (f"++{word}" if word.startswith(_FREE) else word for word in words)


@cache
def register_schema() -> None:
    """Make the schema known to Hydra by the name that `configs/config.yaml` starts from. Once a
    process: it is a third of what composing costs."""
    ConfigStore.instance().store(name="schema", node=Config)


@contextmanager
def explained() -> Iterator[None]:
    """Turns the errors of composition into `InputError`, one line each."""
    try:
        yield
    except (HydraException, OmegaConfBaseException, ValueError, yaml.YAMLError) as error:
        raise InputError(explain(error)) from error


@contextmanager
def own_hydra() -> Iterator[None]:
    """Hydra's state is global: callers within a Hydra application of their own get theirs back."""
    kept = GlobalHydra.instance().hydra
    GlobalHydra.instance().hydra = None
    try:
        yield
    finally:
        GlobalHydra.instance().hydra = kept


def _ranks(composed: DictConfig, stage: str, overrides: Sequence[str]) -> Mapping[str, int]:
    """How near to the user each key was given: 2 on the command line, 1 in a file other than that
    of the stage, as far as it says something else than the stage does."""
    loader = GlobalHydra.instance().config_loader()
    plain = loader.load_configuration(CONFIG, [f"scene={stage}"], RunMode.RUN)
    ranks = {
        key: 1
        for key in known_keys()
        if OmegaConf.select(composed, key) != OmegaConf.select(plain, key)
    }
    return ranks | {word.lstrip("+~").partition("=")[0]: 2 for word in overrides}


def _keys(node: DictConfig, prefix: str) -> Iterator[str]:
    """All keys of a composed config, with dots, sections included."""
    for name in map(str, node):
        yield f"{prefix}{name}"
        value = node[name]
        if isinstance(value, DictConfig):
            yield from _keys(value, f"{prefix}{name}.")
