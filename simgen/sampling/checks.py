"""What is checked of a config before the first scene is drawn. It loads nothing that draws."""

from __future__ import annotations

from simgen.assets.catalogue import Catalogue
from simgen.config import Config
from simgen.errors import InputError, did_you_mean
from simgen.sampling.cases import read_cases
from simgen.sampling.randomizers.classes import check_classes


def check_sampling(config: Config, catalogue: Catalogue) -> None:
    """Raise `InputError` for what only shows when scenes are drawn, before the first one is."""
    check_classes(config, catalogue)
    for case in read_cases(config):
        try:
            check_classes(case.config, catalogue)
        except InputError as error:
            raise InputError(f"case {case.name!r}: {error}") from error
        if case.class_name is not None and case.class_name not in catalogue.classes:
            listed = ", ".join(catalogue.classes[:20])
            hint = did_you_mean(case.class_name, catalogue.classes)
            raise InputError(
                f"case {case.name!r}: unknown class {case.class_name!r}{hint}; expected one of"
                f" {listed}"
            )
