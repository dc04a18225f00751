"""The command line of `simgen view`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from simgen.dataset import remote
from simgen.errors import InputError
from simgen.runs.console import say
from simgen.runs.progress import Tell, image_bar

if TYPE_CHECKING:
    from simgen.dataset.reader import Dataset
    from simgen.viewer.writer import View

MANY = 2000
"""Number of images above which arrays and statistics are written only on request. The arrays of an
image take about a megabyte, and statistics read every image once more."""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `SimgenError`."""
    given = _parser().parse_args(words)
    if given.processes < 1:
        raise InputError(f"--processes {given.processes}: expected at least 1")
    from simgen.dataset.reader import open_dataset

    dataset = open_dataset(given.dataset)
    out = _folder(dataset, given.out)
    is_small = len(dataset) <= MANY
    with_arrays = is_small if given.arrays is None else given.arrays == "all"
    if given.stats is None:
        given.stats = is_small
    view = _write(dataset, out, given, with_arrays, console)
    say(console, f"{len(dataset)} images: {view.page}")
    if view.damaged:
        damaged = f"{view.damaged} of {len(dataset)} images are damaged"
        say(console, f"warning: {damaged} and marked on the pages; the first is {view.first}")
    if not with_arrays and not given.serve and given.arrays is None:
        say(
            console,
            f"more than {MANY} images, so depth, flow and pixel values were not written: write all "
            "with --arrays all, or compute them on demand with --serve",
        )
    return _serve(dataset, out, given.port, console) if given.serve else 0


def _folder(dataset: Dataset, out: str | None) -> Path:
    if out is not None:
        if "://" in out:
            raise InputError(f"--out {out}: expected a local folder")
        return Path(out)
    if remote.is_remote(dataset.root):
        raise InputError(f"{dataset.root}: is remote; set a local folder for the view with --out")
    return Path(str(dataset.root)) / "view"


def _write(
    dataset: Dataset, out: Path, given: argparse.Namespace, with_arrays: bool, console: Console
) -> View:
    from simgen.viewer.findings import find
    from simgen.viewer.writer import Options, write_view

    with image_bar(console) as added, tempfile.TemporaryDirectory() as scratch:
        found = find(dataset, given.processes, added("validated")) if given.validate else None
        stats = Path(scratch) if given.stats else None
        if stats is not None:
            stats = _count(given.dataset, stats, added("counted"), console)
        options = Options(with_arrays, found, stats, given.processes)
        tell = added("images")
        return write_view(dataset, out, options, lambda done: tell(done, len(dataset)))


def _count(dataset: str, folder: Path, progress: Tell, console: Console) -> Path | None:
    """Write the statistics page and return its folder, or None if it cannot be written."""
    from simgen.stats.page import write_page  # loads matplotlib

    try:
        write_page(dataset, folder, progress)
    except (InputError, OSError) as error:
        say(console, f"warning: no statistics: {error}")
        return None
    return folder


def _serve(dataset: Dataset, out: Path, port: int, console: Console) -> int:
    from simgen.viewer.serve import address, server, site_of

    with server(site_of(dataset, out), port) as bound:
        say(console, f"{address(bound)} (stop with Ctrl-C)")
        try:
            bound.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "simgen view",
        description="Write web pages for browsing a dataset: index.html opens in any browser, "
        "without a server. An existing view is updated.",
    )
    add = parser.add_argument
    add("dataset", metavar="DATASET", help="folder or URI")
    add("--out", metavar="FOLDER",
        help="output folder (default: DATASET/view); any other folder also contains the images, "
        "and can be moved")  # fmt: skip
    add("--arrays", choices=("all", "none"),
        help="per-pixel depth, flow and ids, about a megabyte per image (default: all for up to "
        f"{MANY} images)")  # fmt: skip
    add("--validate", action="store_true", help="show the findings of `simgen validate` by image")
    add("--stats", action=argparse.BooleanOptionalAction,
        help=f"add the page of `simgen stats` (default: for up to {MANY} images)")  # fmt: skip
    add("--processes", type=int, default=2, metavar="N", help="number of processes (default: 2)")
    add("--serve", action="store_true", help="serve the view locally until Ctrl-C")
    add("--port", type=int, default=8765, metavar="N",
        help="port of the server (default: 8765); 0 for any")  # fmt: skip
    return parser
