"""The command line of `simgen view`."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from simgen.dataset import remote
from simgen.errors import InputError
from simgen.formats.simgen.read import SimgenSource
from simgen.runs.console import say
from simgen.runs.progress import Tell, image_bar

if TYPE_CHECKING:
    from simgen.formats.items import Source
    from simgen.viewer.predictions import Predictions
    from simgen.viewer.serve import Site
    from simgen.viewer.writer import View

MANY = 2000
"""Number of images above which arrays and statistics are written only on request. The arrays of an
image take about a megabyte, and statistics read every image once more."""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `SimgenError`."""
    given = _parser().parse_args(words)
    if given.processes < 1:
        raise InputError(f"--processes {given.processes}: expected at least 1")
    if len(given.datasets) > 1:
        return _run_together(given, console)
    from simgen.formats.sources import open_source

    source = open_source(given.datasets[0])
    out = _folder(source, given.out)
    with_arrays = _write_one(source, given.datasets[0], out, given, console)
    if given.serve:
        return _serve(source, out, given.port, console)
    if isinstance(source, SimgenSource) and not with_arrays and given.arrays is None:
        say(console, _NO_ARRAYS)
    return 0


def _run_together(given: argparse.Namespace, console: Console) -> int:
    """Write a page of several datasets side by side, and a view of each in folders beside it."""
    from simgen.formats.sources import open_source
    from simgen.viewer.item_writer import dataset_name
    from simgen.viewer.serve import pages_of
    from simgen.viewer.together import MOST, folders_of, prepare_together, write_together

    if given.predictions is not None:
        raise InputError("--predictions: belongs to one dataset; expected one DATASET")
    if len(given.datasets) > MOST:
        raise InputError(f"{len(given.datasets)} datasets: expected at most {MOST}")
    sources = [open_source(text) for text in given.datasets]
    names = [dataset_name(source.name) for source in sources]
    out = _given_folder(given.out) or Path(f"{'-'.join(names)}-view")
    folders = folders_of(names)
    prepare_together(out, folders)
    for source, text, folder in zip(sources, given.datasets, folders, strict=True):
        _write_one(source, text, out / folder, given, console)
    page = write_together(out, " and ".join(names), folders)
    say(console, f"{len(sources)} datasets side by side: {page}")
    return _serve_site(pages_of(out), given.port, console) if given.serve else 0


def _write_one(
    source: Source, text: str, out: Path, given: argparse.Namespace, console: Console
) -> bool:
    """Write the view of a dataset and say so; return whether it has arrays. text: names it."""
    is_small = len(source) <= MANY
    is_own = isinstance(source, SimgenSource)
    if given.arrays == "all" and not is_own and len(given.datasets) == 1:
        raise InputError(f"--arrays all: {text} has no maps; simgen's own datasets have")
    with_arrays = is_own and (is_small if given.arrays is None else given.arrays == "all")
    with_stats = is_small if given.stats is None else given.stats
    view = _write(source, text, out, given, with_arrays, with_stats, console)
    for line in _remarks(source, view):
        say(console, line)
    return with_arrays


_NO_ARRAYS = (
    f"more than {MANY} images, so depth, flow and pixel values were not written: write all with "
    "--arrays all, or compute them on demand with --serve"
)


def _remarks(source: Source, view: View) -> Iterator[str]:
    """Yield what the terminal says about a view, its page first."""
    lost = f" ({len(view.lost)} of {len(source)} are omitted)" if view.lost else ""
    yield f"{len(source) - len(view.lost)} images{lost}: {view.page}"
    if view.damaged:
        damaged = f"{view.damaged} of {len(source)} images are damaged"
        yield f"warning: {damaged} and marked on the pages; the first is {view.first}"
    if view.lost:
        yield f"warning: {view.lost[0]}"


def _given_folder(out: str | None) -> Path | None:
    if out is not None and "://" in out:
        raise InputError(f"--out {out}: expected a local folder")
    return None if out is None else Path(out)


def _folder(source: Source, out: str | None) -> Path:
    given = _given_folder(out)
    if given is not None:
        return given
    if not isinstance(source, SimgenSource):
        from simgen.viewer.item_writer import dataset_name

        return Path(f"{dataset_name(source.name)}-view")
    root = source.dataset.root
    if remote.is_remote(root):
        raise InputError(f"{root}: name a folder of this machine for the view, with --out")
    return Path(str(root)) / "view"


def _write(
    source: Source,
    text: str,
    out: Path,
    given: argparse.Namespace,
    with_arrays: bool,
    with_stats: bool,
    console: Console,
) -> View:
    from simgen.viewer.findings import find, find_items
    from simgen.viewer.item_writer import write_items_view
    from simgen.viewer.writer import Options, write_view

    with image_bar(console) as added, tempfile.TemporaryDirectory() as scratch:
        predictions = _predictions(source, given.predictions, console)
        found = None
        if given.validate:
            told = given.processes, added("validated")
            if isinstance(source, SimgenSource):
                found = find(source.dataset, *told)
            else:
                found = find_items(text, source, *told)
        stats = Path(scratch) if with_stats else None
        if stats is not None:
            stats = _count(text, stats, added("counted"), console)
        options = Options(with_arrays, found, stats, given.processes, predictions)
        tell = added("images")

        def progress(done: int) -> None:
            tell(done, len(source))

        if isinstance(source, SimgenSource):
            return write_view(source.dataset, out, options, progress)
        return write_items_view(source, out, options, progress)


def _predictions(source: Source, path: Path | None, console: Console) -> Predictions | None:
    if path is None:
        return None
    from simgen.viewer.predictions import read_predictions

    found = read_predictions(source, path)
    if found.elsewhere:
        total = found.elsewhere + len(found.detections["image"])
        say(
            console,
            f"warning: {path}: {found.elsewhere} of {total} detections are of images that the "
            "dataset does not have",
        )
    return found


def _count(dataset: str, folder: Path, progress: Tell, console: Console) -> Path | None:
    """Write the statistics page and return its folder, or None if it cannot be written."""
    from simgen.stats.page import write_page  # loads matplotlib

    try:
        write_page(dataset, folder, progress)
    except (InputError, OSError) as error:
        say(console, f"warning: no statistics: {error}")
        return None
    return folder


def _serve(source: Source, out: Path, port: int, console: Console) -> int:
    from simgen.viewer.serve import pages_of, site_of

    site = site_of(source.dataset, out) if isinstance(source, SimgenSource) else pages_of(out)
    return _serve_site(site, port, console)


def _serve_site(site: Site, port: int, console: Console) -> int:
    from simgen.viewer.serve import address, server

    with server(site, port) as bound:
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
    add("datasets", metavar="DATASET", nargs="+",
        help="simgen's, by its folder or URI; or another: a COCO file, FILE.json@FOLDER with the "
        "folder of its images, YOLO's data.yaml, a folder of COCO, YOLO, Pascal VOC; several are "
        "shown side by side")  # fmt: skip
    add("--out", metavar="FOLDER",
        help="default DATASET/view, or ./NAME-view for other datasets than simgen's, "
        "./A-B-view for several; any folder but DATASET/view gets the images too, and can be "
        "moved")  # fmt: skip
    add("--predictions", type=Path, metavar="FILE",
        help="show a detector's results over the labels: COCO's results format, a JSON list of "
        "{image_id, category_id, bbox, score}")  # fmt: skip
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
