"""Writing of the files that cover all scenes: COCO, COCO panoptic, the contact sheet, the card.

With very many scenes this takes minutes, so `.simgen/finished.json` records the inputs, and a run
that changed nothing does not repeat it. A run that may change something deletes that record first,
so that stale files never appear up to date, whenever the run is killed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cattrs

from simgen.dataset import files, remote
from simgen.dataset.layout import Layout
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.errors import InputError
from simgen.formats.coco.instances import Contents
from simgen.formats.coco.panoptic import write_panoptic
from simgen.formats.coco.write import write_coco
from simgen.formats.export import Options, check_labels, describe, export
from simgen.formats.output.target import describes
from simgen.formats.registry import format_of
from simgen.formats.sources import SimgenSource
from simgen.report.card.gather import gather
from simgen.report.card.write import write_card
from simgen.report.counting.scenes import Amounts
from simgen.report.preview import write_preview


@dataclass(frozen=True)
class Finished:
    """The content of `finished.json`."""

    made_of: str
    """SHA-256 over `dataset.json` and the indices of the scenes."""
    sizes: dict[str, int]
    """Size in bytes of each written file, by its path within the dataset."""
    contents: Contents | None
    """Contents of the COCO file, if there is one."""
    amounts: Amounts | None = None
    """Requested and placed objects; None if an earlier version wrote the file."""


def finish(place: Layout, dataset: Dataset) -> Finished:
    """Write the files that cover all scenes, unless they are up to date. Returns the record of
    them. Raises `OSError` if one cannot be written."""
    made_of = dataset.digest
    known = _known(place)
    if known and (known.made_of, known.sizes) == (made_of, _sizes(place, dataset)):
        if remote.size(place.card) < 0:
            write_card(place, dataset)
        return known
    contents = _make(place, dataset)
    # The card shows the contact sheet, so it comes last. Its size is not recorded: people edit it.
    facts = gather(dataset)
    write_card(place, dataset, facts)
    finished = Finished(made_of, _sizes(place, dataset), contents, facts.amounts)
    with files.replacing(place.finished, place.scratch) as temporary:
        temporary.write_text(json.dumps(cattrs.unstructure(finished)) + "\n", encoding="utf-8")
    return finished


def check_formats(formats: Sequence[str], labels: Sequence[str], uri: str | None) -> None:
    """Raise `InputError` for formats to which a dataset with these labels cannot be exported.
    Called before anything is rendered."""
    for name in formats:
        try:
            check_labels(format_of(name), frozenset(labels))
        except InputError as error:
            raise InputError(f"output.formats: {error}") from error
    if formats and uri is not None:
        raise InputError(
            f"output.formats={','.join(formats)}: not supported with output.uri; run "
            "`simgen export` after generation"
        )


def export_formats(
    place: Layout, dataset: Dataset, formats: Sequence[str]
) -> dict[str, tuple[Path, tuple[str, ...]]]:
    """Export the dataset to some formats, unless the exports are up to date.

    Returns the folder of each format, with remarks on exports that were made now. Raises `OSError`
    and `SimgenError`.
    """
    remarks: dict[str, tuple[str, ...]] = {}
    folders = {name: place.local / "exports" / name for name in formats}
    source = SimgenSource(dataset)
    # These are also the plugins of this run: a dataset cannot be continued with others.
    options = Options(plugins=dataset.manifest.plugins)
    for name, folder in folders.items():
        if len(dataset) and not describes(folder, describe(name, [source], options)):
            (made,) = export([name], [source], folder, options)
            remarks[name] = made.remarks
    return {name: (folder, remarks.get(name, ())) for name, folder in folders.items()}


def forget(place: Layout) -> None:
    """Delete the record of finished files; call before scenes are made. Raises `OSError`."""
    if place.finished.is_file():
        place.finished.unlink(missing_ok=True)  # another shard may have deleted it first
        files.sync_folder(place.finished.parent)


def _make(place: Layout, dataset: Dataset) -> Contents | None:
    contents = None
    for path, write in _products(place, dataset).items():
        written = write(dataset, path, place.scratch)
        if isinstance(written, Contents):
            contents = written
    return contents


def _products(
    place: Layout, dataset: Dataset
) -> dict[AnyPath, Callable[[Dataset, AnyPath, Path], object]]:
    """Return the files to write, each with the function that writes it."""
    labels = dataset.manifest.labels
    products: dict[AnyPath, Callable[[Dataset, AnyPath, Path], object]] = {}
    if "coco" in labels:
        products[place.coco] = write_coco
    if "panoptic" in labels:
        products[place.panoptic] = write_panoptic
    if "rgb" in labels and len(dataset):
        products[place.preview] = write_preview
    return products


def _sizes(place: Layout, dataset: Dataset) -> dict[str, int]:
    """Return the size in bytes of each file that covers all scenes; -1 if missing."""
    return {
        remote.relative(path, place.root): remote.size(path) for path in _products(place, dataset)
    }


def _known(place: Layout) -> Finished | None:
    """Return the record of finished files, or None if it is missing or damaged, in which case all
    files are written again."""
    try:
        plain = json.loads(place.finished.read_text(encoding="utf-8"))
        return cattrs.structure(plain, Finished)
    except (OSError, ValueError, cattrs.BaseValidationError):
        return None
