"""The command line of `simgen experiment`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from simgen.errors import SimgenError
from simgen.runs.console import say

if TYPE_CHECKING:
    from simgen.training.answer.detections import DetectionFiles

_HEAD = """\
simgen experiment: measure what a dataset is worth. Generates datasets, trains detectors on them,
tests these on real photographs, and compares the results.

  simgen experiment study=size real=my_photographs output.dir=my_study
  simgen experiment study=arms real=my_photographs images=50 arms.plain.scene=tabletop \\
      arms.random.materials.level=random base.render.samples=8

base.KEY=VALUE is an override of `simgen generate` for all arms, arms.NAME.KEY=VALUE for one.
A study that was stopped goes on with the same command. Its folder gets results.json, report.html
and view/, pages with all test images and what was detected in them.

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
    from simgen.training.answer.detections import write_detections
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
    detected = {name: replicates[0].found for name, replicates in outcome.trained.items()}
    files = write_detections(outcome.test.whole, detected, folder / "detections")
    view = view_detections(files, found.study.examples_of, folder, console)
    page = write_answer(found, folder, files, view)
    console.print(summary(found))
    console.print(f"report: {page}", markup=False, highlight=False, soft_wrap=True)
    return 0


def view_detections(files: DetectionFiles, arm: str, folder: Path, console: Console) -> str:
    """Write the viewer's pages with what an arm detects. Returns their address in the folder; empty
    if they cannot be written, which is said."""
    from simgen.formats.sources import open_source
    from simgen.viewer.item_writer import write_items_view
    from simgen.viewer.predictions import read_predictions
    from simgen.viewer.writer import Options

    try:
        source = open_source(files.dataset)
        predictions = read_predictions(source, files.results[arm])
        options = Options(arrays=False, predictions=predictions)
        view = write_items_view(source, folder / "view", options)
    except SimgenError as error:
        say(console, f"warning: no view of the detections: {error}")
        return ""
    return view.page.relative_to(folder).as_posix()


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
