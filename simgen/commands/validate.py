"""The command line of `simgen validate`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from itertools import groupby
from typing import TextIO

from rich.console import Console

from simgen.dataset import remote
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.findings import ERROR, Finding
from simgen.formats.registry import FOLDERS
from simgen.formats.validate.detect import detect, kind_of
from simgen.formats.validate.run import Report, validate
from simgen.runs.console import say
from simgen.runs.progress import image_bar

_STDERR = 2
_SHOWN = 5
"""Findings of one rule, unless all are asked for."""


def run(words: Sequence[str], console: Console) -> int:
    """Returns the exit code: 1 where there is an error. Raises `InputError`."""
    given = _parser().parse_args(words)
    if given.sample < 0 or given.processes < 1:
        raise InputError("--sample and --processes count scenes, images and processes: from 1 on")
    kind = kind_of(given.format) if given.format else detect(given.path)
    # With --json, stdout is for machines.
    with (
        _libraries_silent() as stderr,
        image_bar(Console(file=stderr) if given.json else console) as added,
    ):
        report = validate(given.path, kind, given.sample, given.processes, added(kind.name))
    if given.json:
        print(as_json(given.path, report))
    else:
        for line in lines(report, 0 if given.all else _SHOWN):
            say(console, line)
    return 1 if report.errors else 0


@contextmanager
def _libraries_silent() -> Iterator[TextIO]:
    """What OpenCV and the libraries below it say on stderr about damaged images, which have a
    finding, goes nowhere, of this process and those it starts. Yields a stderr that does."""
    sys.stderr.flush()
    kept = os.dup(_STDERR)
    try:
        with open(os.devnull, "w") as nowhere, os.fdopen(os.dup(kept), "w") as stderr:
            os.dup2(nowhere.fileno(), _STDERR)
            yield stderr
    finally:
        os.dup2(kept, _STDERR)
        os.close(kept)


def as_json(path: AnyPath, report: Report) -> str:
    """All findings, for machines."""
    plain = {
        "path": str(path),
        "format": report.kind,
        "images": report.images,
        "errors": report.errors,
        "warnings": report.warnings,
        "findings": [asdict(found) for found in report.findings],
    }
    return json.dumps(plain, indent=1)


def lines(report: Report, shown: int) -> Iterator[str]:
    """The report as text, errors first. shown: findings of each rule; 0 for all."""

    def order(found: Finding) -> tuple[bool, str]:
        return found.severity != ERROR, found.rule

    for _, group in groupby(sorted(report.findings, key=order), key=order):
        findings = list(group)
        first = findings[0]
        yield f"{first.severity} {first.rule} ({len(findings)}): {first.fix}"
        for found in findings[: shown or len(findings)]:
            place = f", {found.place}" if found.place else ""
            yield f"  {found.file}{place}: found {found.found}, expected {found.expected}"
        if shown and len(findings) > shown:
            yield f"  and {len(findings) - shown} more (--all)"
    yield (
        f"{report.kind}: {report.images} images, {report.errors} errors, {report.warnings} warnings"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "simgen validate",
        description="Check a dataset, simgen's or another's, against the rules that trainers "
        "silently assume. Exit code 1 if there is an error, 0 if not.",
    )
    add = parser.add_argument
    add("path", type=remote.locate, metavar="PATH", help="folder, URI, or a COCO file")
    add("--format", choices=FOLDERS, help="what it is, where that cannot be told")
    add("--json", action="store_true", help="all findings as JSON")
    add("--all", action="store_true", help="all findings, not five of each rule")
    add("--sample", type=int, default=0, metavar="N", help="look at N scenes or images only")
    add("--processes", type=int, default=2, metavar="N", help="default 2")
    return parser
