"""Config files among the overrides, as in `simgen generate my_config.yaml num_scenes=100`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from simgen.errors import InputError

_SUFFIXES = (".yaml", ".yml")
_GROUP, _NAME = "experiment", "given"


@contextmanager
def files_as_experiments(words: Sequence[str], folders: Sequence[Path] = ()) -> Iterator[list[str]]:
    """Yield overrides in which a user-supplied file is an experiment that Hydra finds.

    The overrides are valid inside the context. words: overrides, of which one may be a path that
    ends in .yaml. folders: searched by Hydra after simgen's own. Raises `InputError` for a missing
    file, for a second file, and for a file combined with an experiment.
    """
    files = [word for word in words if word.endswith(_SUFFIXES) and "=" not in word]
    rest = [word for word in words if word not in files]
    with tempfile.TemporaryDirectory(prefix="simgen-") as scratch:
        if files:
            _check(files, rest)
            place = Path(scratch, _GROUP, f"{_NAME}.yaml")
            place.parent.mkdir()
            shutil.copyfile(files[0], place)
            # First, so that later overrides take precedence.
            rest = [f"{_GROUP}={_NAME}", *rest]
            folders = [*folders, Path(scratch)]
        if folders:
            listed = ",".join(folder.absolute().as_uri() for folder in folders)
            rest.append(f"hydra.searchpath=[{listed}]")
        yield rest


def _check(files: Sequence[str], rest: Sequence[str]) -> None:
    if len(files) > 1:
        raise InputError(f"{files[1]}: expected one config file, found {files[0]} before it")
    if not Path(files[0]).is_file():
        raise InputError(f"{files[0]}: config file not found; expected key=value or a YAML file")
    for word in rest:
        name = word.lstrip("+").partition("=")[0]
        if name in (_GROUP, "hydra.searchpath"):
            raise InputError(
                f"{word}: cannot be combined with the config file {files[0]}; leave out one of them"
            )
