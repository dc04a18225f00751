"""The command line of `simgen experiment`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

_HEAD = """\
simgen experiment: measure what a dataset is worth. Generates datasets, trains detectors on them,
tests these on real photographs, and compares the results.

  simgen experiment study=size real=my_photographs output.dir=my_study
  simgen experiment study=arms real=my_photographs images=50 arms.plain.scene=tabletop \\
      arms.random.materials.level=random base.render.samples=8

base.KEY=VALUE is an override of `simgen generate` for all arms, arms.NAME.KEY=VALUE for one.
The same command resumes an interrupted study. Results: results.json and report.html in its folder.

Studies, selected with study=NAME:"""
_TAIL = """\
Your own studies: --config-dir FOLDER, with FOLDER/study/NAME.yaml. Modules: --plugin MODULE.
Exit codes: 0 done, 2 invalid input, 1 other errors.
"""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `SimgenError` and `OSError`."""
    if {"-h", "--help"} & set(words):
        print(_help())
        return 0
    from simgen.training.answer.page import write_answer
    from simgen.training.answer.terminal import summary
    from simgen.training.study.answers import findings
    from simgen.training.study.compose import load_study
    from simgen.training.study.experiment import prepare, run_study

    given, overrides = _options(words)
    study = load_study(overrides, given.config_dir)
    folder = Path(study.config.output.dir or Path("studies", study.name)).absolute()
    prepared = prepare(study, tuple(given.plugin))
    for line in prepared.remarks:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    outcome = run_study(prepared, folder, console, tuple(given.plugin))
    found = findings(outcome)
    page = write_answer(found, folder)
    console.print(summary(found))
    console.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True)
    return 0


def _options(words: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser("simgen experiment", add_help=False, allow_abbrev=False)
    parser.add_argument("--plugin", action="append", default=[], metavar="MODULE")
    parser.add_argument("--config-dir", type=Path, metavar="FOLDER")
    return parser.parse_known_args(words)


def _help() -> str:
    from simgen.config.help import key_paragraphs
    from simgen.training.study.compose import shipped_studies
    from simgen.training.study.schema import KEYS

    studies = [f"  {name:10} {about}" for name, about in shipped_studies().items()]
    return "\n".join([_HEAD, *studies, *key_paragraphs(KEYS.values()), "", _TAIL])
