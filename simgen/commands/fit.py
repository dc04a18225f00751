"""The command line of `simgen fit`."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simgen.commands.gap import pairs
from simgen.errors import InputError
from simgen.runs.console import say
from simgen.runs.progress import image_bar

_SUFFIXES = (".yaml", ".yml")


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `OSError`."""
    from simgen.training.fit.fitting import Options, fit
    from simgen.training.fit.target import read_target
    from simgen.training.fit.written import COLUMNS, missed, table, write_config

    given = _parser().parse_args(words)
    out: Path = given.out
    if out.suffix not in _SUFFIXES:
        raise InputError(f"--out {out}: expected a file name that ends in .yaml")
    plugins = tuple(given.plugin)
    with image_bar(console) as added:
        target = read_target(
            given.real,
            given.overrides,
            renamed=pairs(given.classes),
            limit=given.limit,
            longest=given.longest,
            tell=added("photographs"),
            plugins=plugins,
        )
    for line in target.remarks:
        say(console, line)
    folder = out.with_name(f"{out.name}.drafts")
    options = Options(
        minutes=given.minutes,
        scenes=given.scenes,
        rounds=given.rounds,
        seed=given.seed,
        workers=given.workers,
        plugins=plugins,
    )
    found = fit(target, options, folder, lambda line: say(console, line))
    write_config(found, out)
    shutil.rmtree(folder, ignore_errors=True)
    shown = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        shown.add_column(name, no_wrap=name == COLUMNS[0])
    for row in table(found):
        shown.add_row(*map(escape, row))
    console.print(shown)
    for line in (*missed(found), *found.remarks):
        say(console, f"not matched: {line}")
    say(console, f"config: {out}; use it with: simgen generate {out} num_scenes=100")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "simgen fit",
        description="Write a config whose datasets match the statistics of real images: number, "
        "classes and sizes of objects, and appearance. Without boxes, only appearance is fitted. "
        "The same command resumes an interrupted run.",
    )
    add = parser.add_argument
    add("real", metavar="REAL", help="photographs: COCO, YOLO, VOC, or a folder of images; read in "
        "place, nothing is copied")  # fmt: skip
    add("overrides", nargs="*", metavar="KEY=VALUE",
        help="overrides of simgen generate, such as scene=room")  # fmt: skip
    add("--out", type=Path, metavar="FILE", default=Path("fitted.yaml"),
        help="config to write (default: fitted.yaml)")  # fmt: skip
    add("--minutes", type=float, default=15.0, metavar="M",
        help="approximate duration (default: 15)")  # fmt: skip
    add("--scenes", type=int, default=24, metavar="N",
        help="maximum number of scenes per round (default: 24)")  # fmt: skip
    add("--rounds", type=int, default=5, metavar="N",
        help="number of rounds that adjust the content (default: 5)")  # fmt: skip
    add("--longest", type=int, default=1024, metavar="PIXELS",
        help="maximum longer side of the images to render (default: 1024)")  # fmt: skip
    add("--limit", type=int, default=200, metavar="N",
        help="maximum number of photographs; 0 for all (default: 200)")  # fmt: skip
    same = "a synthetic class and the corresponding real one, such as mug=cup"
    add("--classes", nargs="+", action="extend", metavar="A=B", default=[], help=same)
    add("--workers", type=int, default=os.process_cpu_count() or 1, metavar="N",
        help="number of processes (default: one per core)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N",
        help="random seed of scenes and search (default: 0)")  # fmt: skip
    add("--plugin", action="append", default=[], metavar="MODULE", help="user-supplied module")
    return parser
