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
"""Maximum number of printed findings per rule without --all."""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code: 1 if there is an error. Raises `InputError`."""
    given = _parser().parse_args(words)
    if given.sample < 0 or given.processes < 1:
        raise InputError("--sample and --processes: expected at least 1")
    kind = kind_of(given.format) if given.format else detect(given.path)
    # With --json, stdout contains nothing but JSON.
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
    """Suppress stderr of this process and its children, where OpenCV and its libraries report
    damaged images, which already have a finding. Yield a working stderr."""
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
    """Return all findings as JSON."""
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
    """Yield the report as lines, errors first. shown: maximum number of findings per rule; 0 for
    all."""

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
        description="Check a dataset, simgen's or external, against the rules that training code "
        "silently assumes. The exit code is 1 if there is an error, otherwise 0.",
    )
    add = parser.add_argument
    add("path", type=remote.locate, metavar="PATH", help="folder, URI, or COCO file")
    add("--format", choices=FOLDERS, help="the format, if it cannot be detected")
    add("--json", action="store_true", help="print all findings as JSON")
    add("--all", action="store_true", help="print all findings, not only five per rule")
    add("--sample", type=int, default=0, metavar="N", help="check only N scenes or images")
    add("--processes", type=int, default=2, metavar="N", help="number of processes (default: 2)")
    return parser
