"""The models of a folder that has a layout, with the options of an import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from simgen.assets import names
from simgen.assets.candidate import Candidate
from simgen.assets.layouts import registry
from simgen.assets.layouts.layout import Layout, Place
from simgen.errors import AssetError

if TYPE_CHECKING:
    from simgen.assets.importing import ImportOptions, Outcome


def models(
    folder: Path, options: ImportOptions, outcome: Outcome, archive: str = ""
) -> Iterator[Candidate] | None:
    """Return the models of a folder that has a layout, or None. archive: name of the archive that
    was extracted to the folder. Raises `AssetError` if it lacks the layout that is wanted."""
    detected = registry.detect(folder, options.layout, archive)
    if detected is None:
        return None
    layout, places = detected
    outcome.layouts.append(layout.name)
    return _of_places(layout, places, options, outcome)


def _of_places(
    layout: Layout, places: list[Place], options: ImportOptions, outcome: Outcome
) -> Iterator[Candidate]:
    given = names.class_name(options.class_name) if options.class_name else ""
    for place in places:
        try:
            for item in layout.read(replace(place, of_class=given), outcome.failed):
                yield _with_options(item, options)
        except AssetError as error:
            outcome.failed.append((names.shown(place.name), str(error)))


def _with_options(item: Candidate, options: ImportOptions) -> Candidate:
    """Return a candidate of a layout with the options that the user gave."""
    ready = item.ready
    if options.unit != 1.0:
        item = replace(item, longest=None)
        ready = replace(ready, unit=options.unit)
    ready = replace(
        ready,
        up=ready.up if options.up == "auto" else options.up,
        licence=options.licence or ready.licence,
        author=options.author or ready.author,
        tags=tuple(dict.fromkeys((*ready.tags, *options.tags))),
    )
    return replace(item, ready=ready)
