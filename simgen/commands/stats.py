"""The command line of `simgen stats`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.dataset import remote
from simgen.runs.console import say
from simgen.runs.progress import Tell, image_bar


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `OSError`."""
    given = _parser().parse_args(words)
    # With --json, stdout contains nothing but JSON.
    with image_bar(Console(stderr=True) if given.json else console) as added:
        progress = added("images")
        if given.json:
            sys.stdout.buffer.write(_as_json(given.path, given.other, progress))
            sys.stdout.flush()
            return 0
        lines = _written(given, progress)
    for line in lines:
        say(console, line)
    return 0


def _as_json(path: str, other: str | None, progress: Tell) -> bytes:
    from simgen.stats import as_json
    from simgen.stats.collect import gather
    from simgen.stats.compare import compare

    first, drawn = gather(path, progress)
    if other is None:
        return as_json.to_json(as_json.of_one(first, drawn))
    second, second_drawn = gather(other, progress)
    both = as_json.of_one(first, drawn), as_json.of_one(second, second_drawn)
    return as_json.to_json(as_json.of_two(*both, compare(first, second)))


def _written(given: argparse.Namespace, progress: Tell) -> list[str]:
    """Write the page and return lines for the terminal."""
    folder = given.out or _folder(given.path, given.other)
    if given.other is None:
        from simgen.stats.page import write_page

        return [f"statistics: {write_page(given.path, folder, progress)}"]
    from simgen.stats.comparison_page import write_comparison

    page, found = write_comparison(given.path, given.other, folder, progress)
    most = [
        f"  {one.title}: Jensen-Shannon {one.jensen_shannon:.3f}, {one.by_chance:.3f} by chance"
        for one in found.quantities[:5]
    ]
    return ["differ most in", *most, f"comparison: {page}"]


def _folder(path: str, other: str | None) -> Path:
    """Return the default output folder: inside a local simgen dataset; otherwise, or for two
    datasets, in the current folder."""
    place = remote.locate(path)
    if other is None and isinstance(place, Path) and (place / "dataset.json").is_file():
        return place / "stats"
    return Path("stats")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "simgen stats",
        description="Write the statistics of a dataset, stats.html and stats.json: classes, sizes, "
        "positions, views, light, near duplicates, and sampled against requested values. With two "
        "datasets, compare them.",
    )
    add = parser.add_argument
    what = "simgen dataset, COCO file, YOLO's data.yaml, or folder of COCO, YOLO or VOC"
    add("path", metavar="PATH", help=what)
    add("other", metavar="OTHER", nargs="?", help="a dataset to compare with")
    add("--json", action="store_true", help="print stats.json instead of writing files")
    where = (
        "output folder (default: PATH/stats; ./stats for two datasets or an external or remote one)"
    )
    add("--out", type=Path, metavar="FOLDER", help=where)
    return parser
