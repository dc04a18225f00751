"""The commands of simgen. Each loads only what it needs."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.errors import InputError, SimgenError

_USAGE = """simgen: labelled computer-vision datasets from 3D assets and a Hydra config

  simgen generate [key=value ...]       make a dataset, or continue one; --help lists the keys
  simgen replay DATASET --scene N       render a scene again from its spec and compare
  simgen doctor                         what is missing on this machine, and what to do

Exit codes: 0 done, 2 the input is wrong, 3 done but with scenes given up, 1 anything else.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code. What goes wrong becomes one line on stderr."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(stderr=True)
    try:
        return _dispatch(words)
    except SimgenError as error:
        _complain(console, error)
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SimgenError.exit_code
    except KeyboardInterrupt:
        console.print("stopped")
        return SimgenError.exit_code
    except Exception as error:
        _complain(console, error)
        console.print(f"what happened is in {_log(error)}", soft_wrap=True, markup=False)
        return SimgenError.exit_code


def _complain(console: Console, error: Exception) -> None:
    message = " ".join(str(error).split()) or type(error).__name__
    console.print(f"simgen: error: {message}", style="bold red", markup=False, soft_wrap=True)


def _log(error: Exception) -> str:
    """Write a traceback to the run's log, or to a file of its own before there is one."""
    logger = logging.getLogger("simgen")
    if not logger.handlers:
        handle, path = tempfile.mkstemp(prefix="simgen-", suffix=".log")
        os.close(handle)
        logger.addHandler(logging.FileHandler(path))
    logger.error("stopped", exc_info=error)
    handler = logger.handlers[0]
    return handler.baseFilename if isinstance(handler, logging.FileHandler) else "the log"


def _dispatch(words: list[str]) -> int:
    command, rest = (words[0], words[1:]) if words else ("--help", [])
    if command == "generate":
        return _generate(rest)
    if command == "replay":
        return _replay(rest)
    if command == "doctor":
        from simgen import doctor

        return doctor.run()
    if command in ("-h", "--help", "help"):
        print(_USAGE)
        return 0
    if command in ("-V", "--version"):
        from simgen import __version__

        print(__version__)
        return 0
    raise InputError(f"unknown command {command!r}; expected generate, replay or doctor")


def _generate(words: list[str]) -> int:
    if {"-h", "--help"} & set(words):
        from simgen.config_help import help_text

        print(help_text())
        return 0
    from simgen import hydra_app
    from simgen.config import Config
    from simgen.generate import generate

    console = Console()

    def task(config: Config, folder: Path) -> int:
        return generate(config, folder, console)

    return hydra_app.run(words, task)


def _replay(words: list[str]) -> int:
    from simgen.replay import replay

    parser = argparse.ArgumentParser("simgen replay", description=replay.__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--scene", type=int, required=True, help="index of the scene")
    parser.add_argument("--assets-dir", type=Path, help="the asset folder, if it moved")
    parser.add_argument("--output", type=Path, help="keep the new files in this folder")
    given = parser.parse_args(words)
    return replay(given.dataset, given.scene, given.assets_dir, given.output, Console())


if __name__ == "__main__":
    sys.exit(main())
