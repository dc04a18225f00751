"""The command line of `simgen export`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.dataset import remote
from simgen.dataset.adaptation.adaptation import read as read_adaptation
from simgen.errors import InputError
from simgen.formats.export import Exported, Options, export
from simgen.formats.pipeline.image_list import read_image_list
from simgen.formats.pipeline.mixing import Mix
from simgen.formats.pipeline.resizing import Size
from simgen.formats.pipeline.selection import HARDLY_SEEN, Selection
from simgen.formats.registry import format_names, format_of
from simgen.formats.sources import SimgenSource, Source, open_source
from simgen.runs.console import say
from simgen.runs.progress import image_bar
from simgen.stages.plugins import load_plugins

_ABOUT = """Write datasets in the formats that trainers read.

formats:
{formats}

Several formats, separated by commas, are written to subfolders named after them. Several datasets
are merged: simgen datasets, and external ones in COCO, YOLO or Pascal VOC.
"""


def run(words: Sequence[str], console: Console) -> int:
    """Run the command and return its exit code. Raises `InputError` and `SimgenError`."""
    given = _parser().parse_args(words)
    own = load_plugins(given.plugin).formats
    formats = [format_of(name, own) for name in given.formats.split(",")]
    sources = _sources(given.datasets, given.adapt)
    options = _options(given, sources)
    with image_bar(console) as added:
        images = options.mix.images
        total = sum(len(source) for source in sources) if images is None else len(images)
        tell = added("images")
        tell(0, total)
        done = export(
            formats, sources, remote.locate(given.out), options,
            lambda images: tell(images, total),
        )  # fmt: skip
    for exported in done:
        for line in _summary(exported):
            say(console, line)
    return 0


def _sources(texts: Sequence[str], adapt: str | None) -> list[Source]:
    """Open the datasets. adapt: file with the adaptation for images of simgen datasets."""
    adaptation = None if adapt is None else read_adaptation(remote.locate(adapt))
    sources = [open_source(text, adaptation) for text in texts]
    if adapt is not None and not any(isinstance(source, SimgenSource) for source in sources):
        raise InputError(
            f"--adapt {adapt}: none of the datasets is simgen's; only those can be adapted"
        )
    return sources


def _summary(exported: Exported) -> list[str]:
    splits = ", ".join(f"{name} {count}" for name, count in exported.per_split.items())
    head = f"{exported.format}: {exported.images} images ({splits}), {exported.objects} objects"
    return [f"{head} in {exported.folder}", *(f"  {remark}" for remark in exported.remarks)]


def _parser() -> argparse.ArgumentParser:
    names = format_names()
    width = max(map(len, names))
    about = _ABOUT.format(
        formats="\n".join(f"  {name:{width}}  {format_of(name).about}" for name in names)
    )
    parser = argparse.ArgumentParser(
        "simgen export", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("formats", metavar="FORMAT[,FORMAT...]")
    add("datasets", metavar="DATASET", nargs="+", help="folder, file or URI")
    add("out", metavar="OUT", help="new folder for the export; for sharded formats also a URI")
    add("--plugin", action="append", default=[], metavar="MODULE",
        help="module with your own formats, or that a dataset was generated with")  # fmt: skip
    which = parser.add_argument_group("selection")
    add = which.add_argument
    add("--rename", action="append", default=[], metavar="OLD=NEW",
        help="rename a class; equal new names merge classes")  # fmt: skip
    add("--keep", default="", metavar="CLASS,...", help="export only these classes")
    add("--drop", default="", metavar="CLASS,...", help="omit these classes")
    add("--min-visibility", type=float, default=0.0, metavar="PART",
        help="objects with a smaller visible fraction, 0 to 1, are hardly seen")  # fmt: skip
    add("--min-pixels", type=int, default=0, metavar="N",
        help="objects with fewer visible pixels are hardly seen")  # fmt: skip
    add("--hardly-seen", choices=HARDLY_SEEN, default="drop",
        help="omit such objects, or mark them as ignore regions (COCO's iscrowd)")  # fmt: skip
    add("--splits", default="", metavar="NAME:WEIGHT,...",
        help="assign images to new splits; all frames of a scene stay together")  # fmt: skip
    add("--only", default="", metavar="SPLIT,...", help="export only these splits")
    add("--images", type=Path, metavar="FILE",
        help="export only the images that a file lists, one id or file name a line, as `simgen "
        "view` saves it")  # fmt: skip
    add("--proportions", default="", metavar="W,W,...",
        help="share of each dataset in the result, using as many images as possible")  # fmt: skip
    files = parser.add_argument_group("files")
    add = files.add_argument
    add("--resize", metavar="WxH|N",
        help="resize images and labels to WxH, or to a longest side of at most N")  # fmt: skip
    add("--jpeg", type=int, default=0, metavar="QUALITY", help="store images as JPEG, 1 to 100")
    add("--adapt", metavar="FILE", help="adapt images of simgen datasets with a file from simgen "
        "adapt --learn, or the adaptation.json of an adapted dataset")  # fmt: skip
    add("--copy", action="store_true", help="copy images instead of hard-linking them if possible")
    add("--shard-mb", type=int, default=500, metavar="MB", help="size of shards (default: 500)")
    return parser


def _options(given: argparse.Namespace, sources: Sequence[Source]) -> Options:
    if given.images is not None and len(sources) > 1:
        raise InputError("--images: belongs to one dataset; expected one DATASET")
    return Options(
        selection=Selection(
            rename=dict(_pair(text) for text in given.rename),
            keep=_listed(given.keep),
            drop=_listed(given.drop),
            min_visibility=given.min_visibility,
            min_pixels=given.min_pixels,
            hardly_seen=given.hardly_seen,
        ),
        mix=Mix(
            splits=_listed(given.splits),
            proportions=_numbers(given.proportions),
            only=_listed(given.only),
            images=None if given.images is None else read_image_list(given.images, sources[0]),
        ),
        size=None if given.resize is None else Size.read(given.resize),
        quality=given.jpeg,
        copy=given.copy,
        shard_mb=given.shard_mb,
        plugins=tuple(given.plugin),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in _listed(text))
    except ValueError:
        raise InputError(f"--proportions {text}: expected numbers such as 0.3,0.7") from None


def _pair(text: str) -> tuple[str, str]:
    old, sign, new = text.partition("=")
    if not (old and sign and new):
        raise InputError(f"--rename {text}: expected OLD=NEW")
    return old, new
