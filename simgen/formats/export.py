"""Export of datasets to one or several formats in one pass over the images."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from simgen import __version__
from simgen.dataset import remote
from simgen.dataset.disk import disk_error, is_disk_error
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError, SimgenError
from simgen.formats.items import KNOWS_OBJECTS, Item, Source
from simgen.formats.output.target import Target, atomic_folder
from simgen.formats.output.uploading import uploaded
from simgen.formats.pipeline.mixing import Mix, counts, mixed
from simgen.formats.pipeline.resizing import Size, resized
from simgen.formats.pipeline.selection import LeftOut, Selection
from simgen.formats.plan import Plan
from simgen.formats.registry import Format, format_of


@dataclass(frozen=True)
class Options:
    """Options of an export.

    size: None keeps the original size. quality: JPEG quality; 0 keeps the original file type.
    copy: copy images rather than create hard links. shard_mb: size of shards. plugins: modules
    supplied by the user that the datasets may need.
    """

    selection: Selection = field(default_factory=Selection)
    mix: Mix = field(default_factory=Mix)
    size: Size | None = None
    quality: int = 0
    copy: bool = False
    shard_mb: int = 500
    plugins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.quality not in range(0, 101):
            raise InputError(f"--jpeg {self.quality}: expected a quality from 1 to 100")
        if self.shard_mb < 1:
            raise InputError(f"--shard-mb {self.shard_mb}: expected at least 1")


@dataclass(frozen=True)
class Exported:
    """A finished export to one format.

    objects: number of visible objects, without ignore regions. remarks: lines for the user.
    """

    format: str
    folder: AnyPath
    images: int
    objects: int
    per_split: dict[str, int]
    remarks: tuple[str, ...]


def export(
    formats: Sequence[str | Format],
    sources: Sequence[Source],
    out: AnyPath,
    options: Options | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Exported]:
    """Export datasets: to `out` for one format, to subfolders named by format for several.

    An interrupted export leaves no such folder. progress: called with the number of images written.
    Raises `InputError` before anything is written if options, datasets and folders are
    incompatible, and `DiskError`.
    """
    options = options or Options()
    chosen = _chosen(formats)
    if not chosen or not sources:
        raise InputError("nothing to export; name at least one format and one dataset")
    left_out = LeftOut()
    plan = plan_of(sources, options, left_out)
    for found in chosen:
        _check_sources(found, plan)
        _check_out(found, out)
        check_labels(found, plan.labels)
    folders = {f.name: out if len(chosen) == 1 else out / f.name for f in chosen}
    targets: dict[str, Target] = {}
    try:
        with ExitStack() as stack:
            adders = []
            for found in chosen:
                described = describe(found.name, sources, options)
                target = stack.enter_context(_target(folders[found.name], described, options))
                adders.append(stack.enter_context(found.write(target, plan)))
                targets[found.name] = target
            objects, per_split = _pass(plan, adders, progress)
    except OSError as error:
        raise _explained(out, error) from error
    common = options.selection.remarks(left_out)
    common += [remark for source in sources for remark in source.remarks]
    images = sum(per_split.values())
    return [
        Exported(name, folders[name], images, objects, per_split, (*target.remarks, *common))
        for name, target in targets.items()
    ]


def _chosen(formats: Sequence[str | Format]) -> list[Format]:
    """Return the formats sorted by name, without duplicates."""
    named = {found if isinstance(found, Format) else format_of(found) for found in formats}
    return sorted(named, key=lambda found: found.name)


def _target(
    place: AnyPath, described: dict[str, Any], options: Options
) -> AbstractContextManager[Target]:
    if isinstance(place, Path):
        return atomic_folder(place, described, options.copy)
    return uploaded(place, described)


def _pass(
    plan: Plan, adders: Sequence[Callable[[Item], None]], progress: Callable[[int], None]
) -> tuple[int, dict[str, int]]:
    """Pass each image to each format. Return the number of objects, and of images per split."""
    objects, per_split = 0, dict.fromkeys(plan.splits, 0)
    for number, item in enumerate(plan.items(), start=1):
        for add in adders:
            add(item)
        objects += len(item.objects)
        per_split[item.split] += 1
        progress(number)
    return objects, per_split


def _explained(out: AnyPath, error: OSError) -> SimgenError:
    """Return the error to report: of the disk written to, or of a file that was read."""
    local = out.parent if isinstance(out, Path) else Path(tempfile.gettempdir())
    kept = "the export is incomplete and was not put in place"
    if is_disk_error(error, local):
        return disk_error(out if isinstance(out, Path) else local, error, kept)
    name = f"{error.filename}: " if error.filename else ""
    reason = f"{name}{error.strerror or error}"
    return SimgenError(f"{reason}; {kept}; run `simgen validate` to find all damaged files")


def plan_of(sources: Sequence[Source], options: Options, left_out: LeftOut | None = None) -> Plan:
    """Return the content of an export.

    left_out: counts the objects omitted during the latest iteration over the items. Raises
    `InputError`.
    """
    omitted = left_out or LeftOut()
    names = [name for source in sources for name in source.classes]
    stuff = [name for source in sources for name in source.stuff_classes]
    labels = frozenset.intersection(*(source.labels for source in sources))
    return Plan(
        classes=options.selection.classes(names),
        stuff_classes=tuple(dict.fromkeys(stuff)),
        splits=options.mix.split_names(sources),
        labels=labels,
        sources=tuple(sources),
        count=_count(sources, options.mix),
        items=lambda: _items(sources, options, omitted),
        shard_bytes=options.shard_mb * 1_000_000,
        plugins=options.plugins,
    )


def _count(sources: Sequence[Source], mix: Mix) -> int:
    if mix.images is not None:
        return len(mix.images)
    return sum(counts([len(source) for source in sources], mix.proportions))


def _items(sources: Sequence[Source], options: Options, left_out: LeftOut) -> Iterator[Item]:
    left_out.clear()
    for item in mixed(sources, options.mix):
        if options.size is not None:
            item = resized(item, options.size)
        if options.quality:
            item = replace(item, picture=replace(item.picture, quality=options.quality))
        yield options.selection.of(item, left_out)


def _check_sources(found: Format, plan: Plan) -> None:
    for source in plan.sources:
        if found.needs and not source.labels:
            raise InputError(
                f"{source.name}: an external dataset; the format {found.name!r} needs labels that "
                f"only simgen's datasets have: {', '.join(sorted(found.needs))}"
            )
        if source.labels:
            _check_objects(found, source.labels, f"{source.name}: ")


def _check_out(found: Format, out: AnyPath) -> None:
    if remote.is_remote(out) and not found.sharded:
        raise InputError(
            f"{out}: the format {found.name!r} consists of many files and needs a local folder; "
            "only webdataset and huggingface can be written to object storage"
        )


def check_labels(found: Format, labels: frozenset[str]) -> None:
    """Raise `InputError` if a format needs labels that are not among `labels`."""
    if labels:
        _check_objects(found, labels)
    missing = sorted(found.needs - labels)
    if missing:
        raise InputError(
            f"the format {found.name!r} needs the labels {', '.join(missing)}; generate the "
            f"dataset with labels=[...,{','.join(missing)}]"
        )


def _check_objects(found: Format, labels: frozenset[str], whose: str = "") -> None:
    if found.lists_objects and not labels & KNOWS_OBJECTS:
        raise InputError(
            f"{whose}the format {found.name!r} lists objects, but the labels "
            f"{', '.join(sorted(labels))} do not locate any, so all images would look empty; "
            "generate the dataset with labels=[...,objects]"
        )


def describe(name: str, sources: Sequence[Source], options: Options) -> dict[str, Any]:
    """Return the inputs of an export as JSON data; equal inputs produce equal exports."""
    return {
        "format": name,
        "simgen": __version__,
        "sources": [
            {"name": source.name, "images": len(source), "digest": source.digest}
            for source in sources
        ],
        "options": asdict(options),
    }
