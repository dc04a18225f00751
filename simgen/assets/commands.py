"""What `simgen assets` does: plain functions that say what they do and return an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

import yaml

from simgen.assets import entries, errand, folder, importing, install, pictures
from simgen.assets.checking import Examiner, examiner
from simgen.assets.entries import Entry
from simgen.assets.found import FileOptions
from simgen.assets.importing import Candidate, Outcome, Wish
from simgen.errors import AssetError, InputError

Say = Callable[[str], None]

DONE, INCOMPLETE = 0, 3
SHEET = "thumbnails.png"
_KEPT_EVERY = 25
"""Assets after which the catalogue is written, so that a long import can be stopped."""


def add(source: Path, library: Path, wish: Wish, thumbnails: bool, say: Say) -> int:
    """Take a file, a folder or an archive into an asset folder. Returns `INCOMPLETE` where some
    could not be.

    Raises `InputError` where there is nothing to take.
    """
    if not source.exists():
        raise InputError(f"{source}: there is no such file or folder")
    outcome = Outcome()
    with ExitStack() as stack:
        found = importing.candidates(source, wish, outcome, stack)
        _take_all(found, library, wish.scale, outcome, say)
    if not outcome.added and not outcome.failed:
        known = ", ".join((*folder.headers.SUFFIXES, *importing.CONVERTED))
        raise InputError(f"{source}: found no mesh file, expected some of {known}")
    return _finish(library, outcome, thumbnails, say)


def install_library(name: str, library: Path, thumbnails: bool, say: Say) -> int:
    """Fetch a packaged library and take all of it in."""
    outcome = Outcome()
    with errand.workplace() as work:
        say(f"fetching {name}")
        archives = install.fetch(name, work)
        for archive in archives:
            say(f"taking in {archive.name}")
            with ExitStack() as stack:
                found = importing.candidates(archive, Wish(), outcome, stack)
                _take_all(found, library, 1.0, outcome, say)
    return _finish(library, outcome, thumbnails, say)


def show_list(library: Path, sheet: Path | None, say: Say) -> int:
    """One line an asset, and a sheet of their thumbnails."""
    known = _known(library)
    for entry in known:
        size = " x ".join(f"{side:.3g}" for side in entry.size) + " m" if entry.size else "-"
        tags = ", ".join(entry.tags)
        say(f"{entry.id}  [{entry.class_name}]  {size}  {entry.licence or 'no licence'}  {tags}")
    classes = {entry.class_name for entry in known}
    say(f"{len(known)} assets of {len(classes)} classes in {library}")
    if sheet is not None:
        _write_sheet(library, known, sheet, say)
    return DONE


def show_one(library: Path, asset: str, say: Say) -> int:
    """All that is known of one asset, or of all of a class."""
    known = _known(library)
    chosen = [entry for entry in known if asset in (entry.id, entry.class_name)]
    if not chosen:
        raise InputError(f"{library}: no asset or class {asset!r}; `simgen assets list` names them")
    for entry in chosen:
        say(yaml.safe_dump(entries.to_plain(entry), sort_keys=False, allow_unicode=True).strip())
        picture = pictures.thumbnail(library, entry)
        say(f"thumbnail: {picture}" if picture.is_file() else "thumbnail: none")
    return DONE


def check(library: Path, options: FileOptions, say: Say) -> int:
    """Load every asset as a run would. Returns `INCOMPLETE` where some cannot be used."""
    found = folder.load_all(library, options)
    for asset in found.assets:
        for note in asset.notes:
            say(f"{asset.id}: {note}")
    for skipped in found.skipped:
        say(f"{skipped.file}: cannot be used: {skipped.reason}")
    say(f"{len(found.assets)} assets can be used, {len(found.skipped)} cannot")
    return INCOMPLETE if found.skipped else DONE


def _known(library: Path) -> tuple[Entry, ...]:
    if not library.is_dir():
        raise InputError(f"asset folder {library}: there is no such folder")
    known = entries.read(library)
    if not known:
        raise InputError(
            f"{library}: it has no {entries.FILE}; `simgen assets add` makes one,"
            " `simgen assets check` looks at a folder without"
        )
    return tuple(sorted(known, key=lambda entry: entry.id))


def _take_all(
    found: Iterable[Candidate], library: Path, scale: float, outcome: Outcome, say: Say
) -> None:
    """Take candidates in one by one; what fails goes to `outcome.failed`."""
    library.mkdir(parents=True, exist_ok=True)
    options = FileOptions()
    with examiner() as examining:
        importing.adopt(library, examining, options, outcome)
        old = (*entries.read(library), *outcome.added)
        came = _places(old)
        taken = {entry.id for entry in old}
        try:
            for number, item in enumerate(found, start=1):
                # What comes from the same place again takes its own place again.
                again = came.pop(item.ready.source, "")
                _take_one(item, library, scale, taken, again, examining, options, outcome, say)
                if number % _KEPT_EVERY == 0:
                    _keep(library, outcome)
        finally:
            _keep(library, outcome)


def _places(known: Sequence[Entry]) -> dict[str, str]:
    """Source to id of imported assets whose folder is theirs alone: the only ones that may be
    replaced together with it."""
    above = {entry.id: PurePosixPath(entry.file).parents for entry in known}
    holds = Counter(folder for folders in above.values() for folder in folders)
    return {
        entry.source: entry.id
        for entry in known
        if entry.source and entry.sha256
        if PurePosixPath(entry.id) in above[entry.id] and holds[PurePosixPath(entry.id)] == 1
    }


def _take_one(
    item: Candidate,
    library: Path,
    scale: float,
    taken: set[str],
    again: str,
    examining: Examiner,
    options: FileOptions,
    outcome: Outcome,
    say: Say,
) -> None:
    try:
        entry = importing.take_in(item, library, taken, again, examining, options)
    except (AssetError, OSError) as error:
        outcome.failed.append((item.shown, " ".join(str(error).split())))
        return
    if scale != 1.0:
        entry = importing.scaled(entry, scale)
    outcome.added.append(entry)
    say(f"{item.shown} -> {entry.id}" + "".join(f"; {note}" for note in entry.notes))


def _keep(library: Path, outcome: Outcome) -> None:
    if outcome.added:
        entries.write(library, entries.merged(entries.read(library), outcome.added))


def _finish(library: Path, outcome: Outcome, thumbnails: bool, say: Say) -> int:
    if thumbnails and outcome.added:
        known = entries.merged((), outcome.added)
        for name, reason in pictures.render(library, known).items():
            say(f"{name}: no thumbnail: {reason}")
        _write_sheet(library, _known(library), library / SHEET, say)
    for name, reason in outcome.failed:
        say(f"{name}: not imported: {reason}")
    say(f"{len(outcome.added)} assets imported into {library}, {len(outcome.failed)} not")
    return INCOMPLETE if outcome.failed else DONE


def _write_sheet(library: Path, known: Sequence[Entry], path: Path, say: Say) -> None:
    pictures.sheet(library, known).save(path)
    say(f"thumbnails: {path}")
