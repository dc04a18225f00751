"""The command line of simgen. Each command imports only what it needs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from simgen.errors import InputError, SimgenError
from simgen.runs.console import say

_USAGE = """simgen: labelled computer-vision datasets from 3D assets and a Hydra config

  simgen generate [key=value ...]       generate or continue a dataset; --help lists the keys
  simgen status DATASET                 show the progress of a run; --watch, --json
  simgen replay DATASET --scene N       render a scene again from its spec and compare the files
  simgen export FORMAT DATASET OUT      export as coco, yolo, ...; --help lists the formats
  simgen validate PATH                  check a dataset of simgen or in another format
  simgen view PATH                      write pages to browse a dataset and a detector's results
  simgen stats PATH [OTHER]             write a page on a dataset's content, or compare two
  simgen gap SYNTHETIC REAL             measure how synthetic images differ from real ones
  simgen fit REAL --out FILE.yaml       fit a config to real photographs
  simgen adapt DATASET OUT --to REAL    copy a dataset with images adapted to real ones
  simgen experiment study=NAME real=PATH
                                        train on synthetic data, test on photographs, compare
  simgen card DATASET                   write its README.md, as every run does at its end
  simgen assets add|list|show|check|install ...
                                        import and inspect 3D models
  simgen doctor                         check what is missing on this machine, and how to fix it

`simgen COMMAND --help` shows the options of a command.
Exit codes: 0 success, 2 wrong input, 3 finished with failed scenes or assets, 1 any other error.
"""

_THREADS = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"),
    "GOMP_SPINCOUNT": "10000",
}
"""Environment variables for this process and its children, unless set by the user.

Linear algebra on a few thousand rows gains nothing from threads, whose spinning takes cores from
Blender and other workers (docs/decisions.md, 38). PyTorch's training threads spin for some
microseconds and then sleep: without sleeping, a training step beside one other busy process takes
four times the CPU time; without spinning, a step on idle cores takes twice the time (65).
"""
_MODULES = {
    **{
        name: f"simgen.commands.{name}"
        for name in ("export", "validate", "view", "stats", "gap", "fit", "adapt", "experiment",
                     "card", "doctor")
    },
    "assets": "simgen.commands.assets.arguments",
}  # fmt: skip
"""Commands with their own module, which is imported when the command is called."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return the exit code. Errors are reported as one line on stderr."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(stderr=True)
    for name, value in _THREADS.items():  # before numpy is imported
        os.environ.setdefault(name, value)
    try:
        return _dispatch(arguments)
    except SimgenError as error:
        _complain(console, error)
        return error.exit_code
    except BrokenPipeError:  # the reader of the output, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SimgenError.exit_code
    except KeyboardInterrupt:
        console.print("stopped")
        return SimgenError.exit_code
    except Exception as error:
        _complain(console, error)
        say(console, f"details are in {_log(error)}")
        return SimgenError.exit_code


def _complain(console: Console, error: Exception) -> None:
    message = " ".join(str(error).split()) or type(error).__name__
    say(console, f"simgen: error: {message}", "bold red")


def _log(error: Exception) -> str:
    """Write a traceback to the run's log, or to a new temporary file if no log is open yet.
    Returns the log's path."""
    logger = logging.getLogger("simgen")
    if not logger.handlers:
        handle, path = tempfile.mkstemp(prefix="simgen-", suffix=".log")
        os.close(handle)
        logger.addHandler(logging.FileHandler(path))
    logger.error("stopped", exc_info=error)
    handler = logger.handlers[0]
    return handler.baseFilename if isinstance(handler, logging.FileHandler) else "the log"


def _dispatch(arguments: list[str]) -> int:
    command, rest = (arguments[0], arguments[1:]) if arguments else ("--help", [])
    if command in ("-h", "--help", "help"):
        print(_USAGE)
        return 0
    if command in ("-V", "--version"):
        from simgen import __version__

        print(__version__)
        return 0
    here = {"generate": _generate, "status": _status, "replay": _replay}
    if command in here:
        return here[command](rest)
    if command not in _MODULES:
        known = ", ".join((*here, *_MODULES))
        raise InputError(f"unknown command {command!r}; expected one of {known}")
    return import_module(_MODULES[command]).run(rest, Console())


def _generate(arguments: list[str]) -> int:
    if {"-h", "--help"} & set(arguments):
        from simgen.config.help import help_text
        from simgen.labels.selection import labels_help

        print(help_text(labels_help()))
        return 0
    from simgen.commands import generate as hydra_app
    from simgen.config import Config
    from simgen.runs.generate import generate

    console = Console()

    plugins, arguments = _take_plugins(arguments)

    def task(config: Config, folder: Path) -> int:
        return generate(config, folder, console, plugins)

    return hydra_app.run(arguments, task)


def _take_plugins(arguments: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Return the modules named by `--plugin`, and the remaining arguments."""
    parser = argparse.ArgumentParser("simgen generate", add_help=False, allow_abbrev=False)
    parser.add_argument("--plugin", action="append", default=[], metavar="MODULE")
    given, rest = parser.parse_known_args(arguments)
    return tuple(given.plugin), rest


def _replay(arguments: list[str]) -> int:
    from simgen.dataset.remote import locate
    from simgen.runs.replay import replay

    parser = argparse.ArgumentParser("simgen replay", description=replay.__doc__)
    parser.add_argument("dataset", type=locate, help="folder or URI of the dataset")
    parser.add_argument("--scene", type=int, required=True, help="index of the scene")
    parser.add_argument("--assets-dir", type=Path, help="the asset folder, if it has moved")
    parser.add_argument("--plugin", action="append", default=[], help="module to import")
    parser.add_argument("--output", type=Path, help="keep the new files in this folder")
    given = parser.parse_args(arguments)
    plugins = tuple(given.plugin)
    return replay(given.dataset, given.scene, given.assets_dir, given.output, plugins, Console())


def _status(arguments: list[str]) -> int:
    from simgen.dataset.remote import locate
    from simgen.runs import status

    parser = argparse.ArgumentParser(
        "simgen status", description="Show the progress of a run, during or after it."
    )
    parser.add_argument("dataset", type=locate, help="its folder (output.dir) or its URI")
    parser.add_argument("--json", action="store_true", help="print everything known, as JSON")
    parser.add_argument("--watch", action="store_true", help="update until the run is over")
    given = parser.parse_args(arguments)
    return status.run(given.dataset, given.json, given.watch, Console())


if __name__ == "__main__":
    sys.exit(main())
