"""`simgen generate` as a Hydra application: command line to checked config to run."""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, OmegaConfBaseException

from simgen.config import Config
from simgen.errors import InputError, SimgenError
from simgen.resources import resource

_FREE = ("runner.slurm.options",)
"""Keys that hold names and values of the user's choice."""
Task = Callable[[Config, Path], int]
"""Runs a config into a folder; returns the exit code."""


def run(arguments: Sequence[str], task: Task) -> int:
    """Compose the config of a command line and run it, or each config of a multirun.

    Returns the highest exit code. Raises `InputError`, one line, for what does not compose, and
    whatever error the task raises; then the rest of a multirun is left out.
    """
    # `configs/config.yaml` starts from this name.
    ConfigStore.instance().store(name="schema", node=Config)
    codes: list[int] = []
    ended: list[SimgenError] = []

    def job(composed: DictConfig) -> None:
        if ended:
            return
        try:
            config = to_config(composed)
            codes.append(task(config, output_folder(config)))
        except SimgenError as error:  # Hydra would print lines of its own about it
            ended.append(error)

    decorate = hydra.main(
        version_base="1.3", config_path=str(resource("configs")), config_name="config"
    )
    with _as_program(arguments):
        try:
            decorate(job)()
        except (HydraException, OmegaConfBaseException, ValueError) as error:
            raise InputError(explain(error)) from error
    if ended:
        raise ended[0]
    return max(codes, default=0)


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


@contextmanager
def _as_program(arguments: Sequence[str]) -> Iterator[None]:
    """Hydra reads the command line itself, and hands errors on only when told to."""
    argv, verbose = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    # Hydra's parser wants all overrides in one row; -m may stand anywhere.
    flags = [word for word in arguments if word in ("-m", "--multirun")]
    # Hydra takes new keys only when told so.
    overrides = [
        f"++{word}" if word.startswith(_FREE) else word for word in arguments if word not in flags
    ]
    sys.argv = ["simgen generate", *flags, *overrides]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        sys.argv = argv
        del os.environ["HYDRA_FULL_ERROR"]
        if verbose is not None:
            os.environ["HYDRA_FULL_ERROR"] = verbose


def output_folder(config: Config) -> Path:
    """`output.dir`, or a name that tells scene and seed, and the overrides within a multirun."""
    if config.output.dir is not None:
        return Path(config.output.dir)
    settings = HydraConfig.get()
    if settings.mode != RunMode.MULTIRUN:
        return Path("datasets", f"{config.scene.name}-seed{config.seed}")
    name = re.sub(r"[^\w.,=+\-]", "_", settings.job.override_dirname)
    return Path("datasets", "multirun", name or str(settings.job.num))


def explain(error: Exception) -> str:
    """One line on why a config does not compose: the key, the value, what was expected."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    key = str(getattr(cause, "full_key", None) or "")
    if isinstance(cause, ConfigAttributeError | ConfigKeyError):
        return unknown_key(key)
    if isinstance(cause, MissingConfigException):
        return _missing_choice(str(cause))
    if isinstance(cause, OverrideParseException):
        found = getattr(cause, "override", None) or ""
        return f"{found}: not readable as key=value ({lines[0]}); quote lists: 'key=[a,b]'"
    if key:
        return _wrong_type(key, lines[0])
    return " ".join(lines)


_EXPECTED = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false"}
_NAMED_UNITS = {
    "assets.unit": "metres in one unit of the files: 0.001 for mm, 0.01 for cm, 0.0254 for inches",
}
"""Keys whose values people write as words, and what to write."""


def _wrong_type(key: str, message: str) -> str:
    """From OmegaConf's words for a value of the wrong type."""
    found = re.match(r"Value '(.*)' of type '.*' could not be converted to (\w+)", message)
    if found:
        expected = _NAMED_UNITS.get(key) or _EXPECTED.get(found[2], found[2])
        return f"{key}={found[1]}: expected {expected}"
    found = re.match(r"Value '(.*)' is not a valid bool", message)
    if found:
        return f"{key}={found[1]}: expected true or false"
    if "is not a ListConfig" in message or "Cannot merge DictConfig with ListConfig" in message:
        return f"{key}: expected a list in brackets, such as '{key}=[a,b]'"
    if "is not Optional" in message:
        return f"{key}=null: expected a value"
    return f"{key}: {message}"


def _missing_choice(message: str) -> str:
    """From Hydra's words for a group without the config of a name."""
    found = re.search(r"Could not find '(.*)/(.*?)'", message)
    choices = re.search(r"Available options in .*?:\n(.*?)\nConfig search path", message, re.DOTALL)
    if not found or not choices:
        return " ".join(message.split())
    return f"{found[1]}={found[2]}: expected one of {', '.join(choices[1].split())}"


def unknown_key(key: str) -> str:
    near = difflib.get_close_matches(key, known_keys(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "`simgen generate --help` lists all keys"
    return f"unknown key {key!r}; {hint}"


def known_keys() -> list[str]:
    """Every key of the schema, with dots."""
    return _keys(OmegaConf.structured(Config), "")


def _keys(node: DictConfig, prefix: str) -> list[str]:
    keys: list[str] = []
    for name in map(str, node):
        keys.append(f"{prefix}{name}")
        value = node[name]
        if isinstance(value, DictConfig):
            keys += _keys(value, f"{prefix}{name}.")
    return keys
