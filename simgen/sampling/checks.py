"""Checks of a config before the first scene is sampled, without loading what samples it."""

from __future__ import annotations

from typing import Any

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.errors import InputError, did_you_mean
from simgen.sampling.cases import read_cases
from simgen.sampling.randomizers.classes import check_classes
from simgen.sampling.randomizers.weather import check_weather
from simgen.stages.stage import Stage


def check_sampling(config: Config, catalogue: Catalogue, stage: Stage[Any]) -> None:
    """Raise `InputError` for errors that would otherwise only occur while sampling. stage: the
    config's."""
    _check(config, catalogue, stage)
    for case in read_cases(config):
        try:
            _check(case.config, catalogue, stage)
        except InputError as error:
            raise InputError(f"case {case.name!r}: {error}") from error
        if case.class_name is not None and case.class_name not in catalogue.classes:
            listed = ", ".join(catalogue.classes[:20])
            hint = did_you_mean(case.class_name, catalogue.classes)
            raise InputError(
                f"case {case.name!r}: unknown class {case.class_name!r}{hint}; expected one of"
                f" {listed}"
            )


def _check(config: Config, catalogue: Catalogue, stage: Stage[Any]) -> None:
    check_classes(config, catalogue)
    check_weather(config, stage)
