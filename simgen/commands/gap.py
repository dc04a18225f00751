"""The command line of `simgen gap`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simgen.errors import InputError
from simgen.runs.console import say
from simgen.runs.progress import image_bar

if TYPE_CHECKING:
    from simgen.stats.gap.report import Gap

_LINES = 10


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `OSError`."""
    from simgen.stats import as_json
    from simgen.stats.gap.page import write_page
    from simgen.stats.gap.plain import of_gap
    from simgen.stats.gap.report import Options, compare

    given = _parser().parse_args(words)
    gsd = None if given.metres_per_pixel is None else tuple(given.metres_per_pixel)
    options = Options(given.limit, given.model, given.group_by, pairs(given.classes), gsd)
    # With --json, stdout contains nothing but JSON.
    with image_bar(Console(stderr=True) if given.json else console) as added:
        tells = added("synthetic images"), added("real images")
        found = compare(given.synthetic, given.real, options, tells)
    if given.json:
        sys.stdout.buffer.write(as_json.to_json(of_gap(found)))
        sys.stdout.flush()
        return 0
    page = write_page(found, given.output)
    _tell(console, found)
    say(console, f"page: {page}")
    return 0


def _tell(console: Console, found: Gap) -> None:
    from simgen.stats.gap import words as as_words

    say(console, as_words.verdict(found))
    table = Table(box=None, pad_edge=False)
    for name in ("differs most in", "distance", "synthetic", "real", "unit"):
        table.add_column(name)
    for row in found.differences[:_LINES]:
        if row.interval.differs:
            cells = (
                row.quantity.title,
                as_words.distance(row.interval),
                *map(as_words.figure, row.medians),
                row.unit,
            )
            table.add_row(*map(escape, cells))
    if table.row_count:
        console.print(table)
    for one in found.apart:
        kid = "" if one.kid is None else f", KID x 1000: {as_words.per_mille(one.kid)}"
        say(console, f"{as_words.named(one)}: accuracy {as_words.percent(one.accuracy)}{kid}")
    for what, why in found.left_out:
        say(console, f"omitted: {what}: {why}")


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Parse `SYNTHETIC=REAL` arguments. Raises `InputError`."""
    found = {}
    for text in texts:
        name, sign, other = text.partition("=")
        if not (name and sign and other):
            raise InputError(f"--classes {text}: expected SYNTHETIC=REAL, such as mug=cup")
        found[name] = other
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "simgen gap",
        description="Compare synthetic with real images, by content, appearance, and the features "
        "of a network. Writes gap.html and gap.json.",
    )
    add = parser.add_argument
    kinds = "a dataset (simgen, COCO, YOLO or VOC) or a folder of images"
    add("synthetic", metavar="SYNTHETIC", help=kinds)
    add("real", metavar="REAL", help="likewise; read in place")
    where = "folder for the results (default: ./gap)"
    add("--output", type=Path, metavar="DIR", default=Path("gap"), help=where)
    add("--json", action="store_true", help="print gap.json instead of writing files")
    most = "maximum number of images per set, evenly spread; 0 for all (default: 200)"
    add("--limit", type=_whole, metavar="N", default=200, help=most)
    network = (
        "the network that maps images to vectors: auto (EfficientNet-Lite0), none, "
        "torchvision:NAME, torchvision:NAME=FILE, timm:NAME=FILE, an ONNX file (.onnx), or weights "
        "of an EfficientNet-Lite0 (.pth). Nothing is downloaded"
    )
    add("--model", default="auto", help=network)
    same = "a synthetic class and the corresponding real one, such as mug=cup"
    add("--classes", nargs="+", action="extend", metavar="A=B", default=[], help=same)
    groups = "how similar images are grouped: auto, image, folder, prefix, field:NAME"
    add("--group-by", default="auto", metavar="METHOD", help=groups)
    gsd = "ground sampling distances, if known: sets are compared at equal metres per pixel"
    add("--metres-per-pixel", type=float, nargs=2, metavar=("SYNTHETIC", "REAL"), help=gsd)
    return parser


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text}: expected 0 or more")
    return value
