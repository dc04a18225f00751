"""The command line of `simgen adapt`."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from simgen.dataset.adaptation.methods import METHODS
from simgen.dataset.remote import locate
from simgen.errors import InputError
from simgen.runs.console import say
from simgen.runs.progress import image_bar

if TYPE_CHECKING:
    from simgen.dataset.adaptation.adaptation import Adaptation, Asked
    from simgen.dataset.layout import Layout
    from simgen.dataset.reader import Dataset

_ABOUT = """Make the images of a dataset more like real ones. Labels stay identical, byte for byte.

  simgen adapt DATASET OUT --to REAL --method colour   fit to REAL, write an adapted copy
  simgen adapt --to REAL --method colour --learn FILE  only fit, for simgen.open and simgen export
  simgen adapt DATASET OUT --use FILE                  apply an earlier fit to a copy

methods (join several with +, as in colour+noise):
{methods}
"""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `SimgenError` and `OSError`."""
    from simgen.dataset.adaptation.adaptation import asked_for
    from simgen.dataset.reader import Dataset
    from simgen.runs.adapt import held

    given = _parser().parse_args(words)
    _check(given)
    methods = () if given.use is not None else asked_for(given.method, given.set)
    dataset = None if given.dataset is None else Dataset(given.dataset)
    if given.learn is not None:
        return _learn(given, methods, dataset, console)
    assert dataset is not None
    with held(dataset, given.out) as place:
        return _write(given, methods, dataset, place, console)


def _learn(
    given: argparse.Namespace,
    methods: Sequence[Asked],
    dataset: Dataset | None,
    console: Console,
) -> int:
    folder = given.learn.parent / f".{given.learn.stem}.training"
    _learnt(given, methods, dataset, folder, None, console).write(given.learn)
    shutil.rmtree(folder, ignore_errors=True)
    say(console, f"written: {given.learn}")
    return 0


def _write(
    given: argparse.Namespace,
    methods: Sequence[Asked],
    dataset: Dataset,
    place: Layout,
    console: Console,
) -> int:
    from simgen.dataset.adaptation.adaptation import read
    from simgen.runs.adapt import kept, refuse_other, write_adapted

    if given.use is None:
        folder = place.private / "training"
        adaptation = _learnt(given, methods, dataset, folder, place, console)
    else:
        adaptation, before = read(given.use), kept(place)
        refuse_other(place, same=before is None or before.digest == adaptation.digest)
    with image_bar(console) as added:
        tell = added("scenes")
        made = write_adapted(
            dataset, place, adaptation, copy=given.copy, processes=given.workers, tell=tell
        )
    shutil.rmtree(place.private / "training", ignore_errors=True)
    say(console, f"adapted: {len(made)} samples in {place.root}")
    return 0


def _learnt(
    given: argparse.Namespace,
    methods: Sequence[Asked],
    dataset: Dataset | None,
    folder: Path,
    place: Layout | None,
    console: Console,
) -> Adaptation:
    """Return the requested adaptation; that of an interrupted copy is reused."""
    from simgen.runs.adapt import kept, refuse_other
    from simgen.stats.adapt.learning import open_real
    from simgen.training.adapting import learn
    from simgen.training.refiner.learner import Learner

    real = open_real(given.to, given.limit)
    for line in real.left_out:
        say(console, f"omitted: {line}")
    before = None if place is None else kept(place)
    if place is not None and before is not None:
        refuse_other(place, same=before.answers(methods, given.seed, real.real))
        return before
    with image_bar(console) as added:
        learner = Learner(folder, given.device, added("real images"), added("training steps"))
        found = learn(methods, given.seed, real, dataset, learner)
    for name, value in found.figures.items():
        say(console, f"{name}: {value:.3g}")
    return found


def _check(given: argparse.Namespace) -> None:
    if given.use is None and (given.to is None or given.method is None):
        raise InputError("expected --to REAL and --method METHOD, or --use FILE")
    if given.use is not None and (given.to or given.method or given.learn):
        raise InputError("--use: cannot be combined with --to, --method or --learn")
    if given.learn is None and given.out is None:
        raise InputError("expected DATASET and OUT, or --learn FILE")
    if given.learn is not None and given.out is not None:
        raise InputError(
            "--learn: cannot be combined with OUT; apply FILE with simgen adapt DATASET OUT --use "
            "FILE"
        )
    if given.learn is not None and given.learn.suffix != ".json":
        raise InputError(f"--learn {given.learn}: expected a file name that ends in .json")


def _parser() -> argparse.ArgumentParser:
    lines = []
    for name, method in METHODS.items():
        lines.append(f"  {name:10} {method.about}")
        lines += [
            f"    {key}={option.default:g}: {option.about}"
            for key, option in method.options.items()
        ]
    parser = argparse.ArgumentParser(
        "simgen adapt",
        description=_ABOUT.format(methods="\n".join(lines)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="simgen adapt [DATASET [OUT]] --to REAL --method METHOD[+METHOD] [...]",
    )
    add = parser.add_argument
    add("dataset", metavar="DATASET", nargs="?", type=locate,
        help="a simgen dataset; it is not modified")  # fmt: skip
    add("out", metavar="OUT", nargs="?", type=locate, help="new folder for the adapted copy")
    add("--to", metavar="REAL", help="real images: a dataset (simgen, COCO, YOLO or VOC) or a "
        "folder of images. Do not use your test images")  # fmt: skip
    add("--method", metavar="METHOD[+METHOD]", help="methods of adaptation, see above")
    add("--set", nargs="+", action="extend", metavar="OPTION=VALUE", default=[],
        help="options of the methods, see above")  # fmt: skip
    add("--seed", type=int, default=0, help="random seed (default: 0)")
    most = "maximum number of real images, evenly spread; 0 for all (default: 200)"
    add("--limit", type=_whole, metavar="N", default=200, help=most)
    add("--learn", type=Path, metavar="FILE", help="only fit, and write the result to FILE (.json)")
    add("--use", type=locate, metavar="FILE", help="apply a file from --learn, or the "
        "adaptation.json of an adapted dataset")  # fmt: skip
    add("--copy", action="store_true", help="copy labels instead of hard-linking them if possible")
    cores = os.process_cpu_count() or 1
    add("--workers", type=_whole, metavar="N", default=cores,
        help="number of processes (default: one per core)")  # fmt: skip
    add("--device", default="auto", help="where refine is trained: auto, cpu, cuda, mps")
    return parser


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text}: expected 0 or more")
    return value
