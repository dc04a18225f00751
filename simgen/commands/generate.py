"""`simgen generate` as a Hydra application: composes and checks a config, and runs it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from simgen.config import Config
from simgen.config.compose import (
    CONFIG,
    default_folder,
    explained,
    register_schema,
    settled,
    with_free_keys,
)
from simgen.config.config_files import files_as_experiments
from simgen.config.explain import check_words, explain
from simgen.errors import InputError, SimgenError
from simgen.resources import resource

Task = Callable[[Config, Path], int]
"""Runs a config into a folder; returns the exit code."""


def run(arguments: Sequence[str], task: Task) -> int:
    """Compose the config of a command line and run it, or each config of a multirun.

    Return the highest exit code. Raises `InputError`, one line, for an invalid config, and any
    error that the task raises; the rest of a multirun is then skipped.
    """
    check_words(arguments)
    register_schema()
    codes: list[int] = []
    ended: list[SimgenError] = []

    def job(composed: DictConfig) -> None:
        if ended:
            return
        try:
            settings = HydraConfig.get()
            stage = str(settings.runtime.choices["scene"])
            config = settled(composed, stage, settings.overrides.task)
            codes.append(task(config, output_folder(config)))
        # Hydra would print additional lines about these errors.
        except OmegaConfBaseException as error:
            ended.append(InputError(explain(error)))
        except SimgenError as error:
            ended.append(error)

    decorate = hydra.main(
        version_base="1.3", config_path=str(resource("configs")), config_name=CONFIG
    )
    with files_as_experiments(arguments) as words, _as_program(words), explained():
        decorate(job)()
    if ended:
        raise ended[0]
    return max(codes, default=0)


@contextmanager
def _as_program(arguments: Sequence[str]) -> Iterator[None]:
    """Set what Hydra reads itself: `sys.argv`, and the variable by which it passes on errors."""
    argv, verbose = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    # Hydra's parser needs all overrides in one sequence, but -m may appear anywhere.
    flags = [word for word in arguments if word in ("-m", "--multirun")]
    overrides = with_free_keys([word for word in arguments if word not in flags])
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
    """Return `output.dir`, or a default named after scene and seed; in a multirun, after the
    overrides."""
    if config.output.dir is not None:
        return Path(config.output.dir)
    settings = HydraConfig.get()
    if settings.mode != RunMode.MULTIRUN:
        return default_folder(config)
    name = re.sub(r"[^\w.,=+\-]", "_", settings.job.override_dirname)
    return Path("datasets", "multirun", name or str(settings.job.num))
