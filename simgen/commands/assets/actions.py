"""The actions of `simgen assets`: functions that report their progress and return an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

from simgen.assets import entries, folder, importing, install, sandboxed, sizes
from simgen.assets.candidate import Candidate
from simgen.assets.checking import LIMITS, Examiner, examiner
from simgen.assets.entries import Entry
from simgen.assets.importing import ImportOptions, Outcome
from simgen.assets.journal import Journal
from simgen.assets.sizes import Measured, SizeError
from simgen.commands.assets import pictures
from simgen.errors import AssetError, InputError, did_you_mean
from simgen.runs.progress import Tell

Say = Callable[[str], None]
Bar = Callable[[str], Tell]

DONE, INCOMPLETE = 0, 3
SHEET = "thumbnails.png"
_KEPT_EVERY = 25
"""Number of assets between writes of the catalogue, so that a long import can be interrupted."""


def _no_bar(name: str) -> Tell:
    return lambda done, total: None


def add(
    source: Path,
    library: Path,
    options: ImportOptions,
    thumbnails: bool,
    say: Say,
    bar: Bar = _no_bar,
) -> int:
    """Import a file, a folder or an archive into an asset folder, resuming an interrupted import.

    bar: adds a progress bar by name. Return `INCOMPLETE` if some assets failed. Raises `InputError`
    if there is nothing to import.
    """
    if not source.exists():
        raise InputError(f"{source}: no such file or folder")
    outcome = Outcome()
    with ExitStack() as stack:
        found = importing.candidates(source, options, outcome, stack)
        take_all(found, library, (source.resolve(), options), options.scale, outcome, say)
    if not outcome.added and not outcome.failed and not outcome.before:
        known = ", ".join((*folder.headers.SUFFIXES, *importing.CONVERTED))
        raise InputError(f"{source}: no mesh file found; expected files of type {known}")
    return finish(library, outcome, options.unit, thumbnails, say, bar)


def install_library(
    name: str, library: Path, thumbnails: bool, say: Say, bar: Bar = _no_bar
) -> int:
    """Download a packaged library and import all of it."""
    outcome = Outcome()
    with sandboxed.work_folder() as work:
        say(f"downloading {name}")
        archives = install.fetch(name, work)
        for archive in archives:
            say(f"importing {archive.name}")
            with ExitStack() as stack:
                found = importing.candidates(archive, ImportOptions(), outcome, stack)
                take_all(found, library, (name, archive.name), 1.0, outcome, say)
    return finish(library, outcome, 1.0, thumbnails, say, bar)


def show_list(library: Path, sheet: Path | None, say: Say, bar: Bar = _no_bar) -> int:
    """Print one line per asset, and write a sheet of thumbnails, rendering missing ones."""
    known = _known(library)
    for entry in known:
        size = " x ".join(f"{side:.3g}" for side in entry.size) + " m" if entry.size else "-"
        tags = ", ".join(entry.tags)
        say(f"{entry.id}  [{entry.class_name}]  {size}  {entry.licence or 'no licence'}  {tags}")
    classes = {entry.class_name for entry in known}
    say(f"{len(known)} assets of {len(classes)} classes in {library}")
    if sheet is not None:
        _make_thumbnails(library, known, sheet, say, bar)
    return DONE


def show_one(library: Path, asset: str, say: Say) -> int:
    """Print the catalogue entry of an asset, or of all assets of a class."""
    known = _known(library)
    chosen = [entry for entry in known if asset in (entry.id, entry.class_name)]
    if not chosen:
        hint = did_you_mean(asset, [name for e in known for name in (e.id, e.class_name)])
        raise InputError(f"{library}: no asset or class {asset!r}{hint}; see `simgen assets list`")
    for entry in chosen:
        say(yaml.safe_dump(entries.to_plain(entry), sort_keys=False, allow_unicode=True).strip())
        picture = pictures.thumbnail(library, entry)
        say(f"thumbnail: {picture}" if picture.is_file() else "thumbnail: none")
    return DONE


def check(library: Path, say: Say) -> int:
    """Load every asset as a run would. Return `INCOMPLETE` if some cannot be used."""
    found = folder.load_all(library)
    for asset in found.assets:
        for note in asset.notes:
            say(f"{asset.id}: {note}")
    for skipped in found.skipped:
        say(f"{skipped.file}: cannot be used: {skipped.reason}")
    for name in sorted(set(folder.class_folders(library)) - set(found.classes)):
        say(f"{name}/: contains no usable mesh, so the class does not exist")
    for line in sizes.remarks(found.assets, None, LIMITS.size_range):
        say(line)
    say(f"{len(found.assets)} assets can be used, {len(found.skipped)} cannot")
    return INCOMPLETE if found.skipped else DONE


def _known(library: Path) -> tuple[Entry, ...]:
    if not library.is_dir():
        raise InputError(f"asset folder {library}: no such folder")
    known = entries.read(library)
    if not known:
        raise InputError(
            f"{library}: has no {entries.FILE}; create one with `simgen assets add`, or check a "
            "folder without one by `simgen assets check`"
        )
    return tuple(sorted(known, key=lambda entry: entry.id))


def take_all(
    found: Iterable[Candidate],
    library: Path,
    what: Sequence[object],
    scale: float,
    outcome: Outcome,
    say: Say,
) -> None:
    """Import candidates one by one; failures go to `outcome.failed`. what: names this import."""
    library.mkdir(parents=True, exist_ok=True)
    with examiner() as examining:
        importing.adopt(library, examining, outcome)
        old = (*entries.read(library), *outcome.added)
        places, journal = importing.Places(library, old), Journal(library, what)
        taking = _Import(library, scale, _places(old), places, examining, journal, outcome, say)
        try:
            for item in found:
                taking.take(item)
        except BaseException:
            taking.keep()
            say(_how_far(library, "run the same command to continue"))
            raise
        taking.keep()
        journal.end()


@dataclass
class _Import:
    """An import in progress. came: source to id of assets imported earlier."""

    library: Path
    scale: float
    came: dict[str, str]
    places: importing.Places
    examining: Examiner
    journal: Journal
    outcome: Outcome
    say: Say

    def take(self, item: Candidate) -> None:
        """Import one candidate, unless that was done before an interruption."""
        if item.mark in self.journal.done:
            self.outcome.before += 1
            return
        # An asset from the same source replaces its earlier import.
        again = self.came.pop(item.ready.source, "")
        try:
            entry = importing.take_in(item, self.library, self.places, again, self.examining)
        except (AssetError, OSError) as error:
            self.outcome.failed.append((item.shown, " ".join(str(error).split())))
            if isinstance(error, SizeError):
                found = Measured(item.file, item.ready.class_name, error.units)
                self.outcome.misfits.append(found)
            return
        entry = importing.scaled(entry, self.scale) if self.scale != 1.0 else entry
        self.outcome.added.append(entry)
        self.journal.done.add(item.mark)
        self.say(f"{item.shown} -> {entry.id}" + "".join(f"; {note}" for note in entry.notes))
        if len(self.outcome.added) % _KEPT_EVERY == 0:
            self.keep()

    def keep(self) -> None:
        """Write the catalogue and the journal of the assets imported so far."""
        added = self.outcome.added
        if added:
            entries.write(self.library, entries.merged(entries.read(self.library), added))
            self.journal.write()
            for entry in added:
                mark = self.library / entry.id / importing.UNLISTED
                if mark.is_file():
                    mark.unlink()


def _how_far(library: Path, then: str) -> str:
    return f"stopped: {len(entries.read(library))} assets in {library} are ready for use; {then}"


def _places(known: Sequence[Entry]) -> dict[str, str]:
    """Map source to id for imported assets that do not share their folder: only these may be
    replaced together with it."""
    above = {entry.id: PurePosixPath(entry.file).parents for entry in known}
    holds = Counter(folder for folders in above.values() for folder in folders)
    return {
        entry.source: entry.id
        for entry in known
        if entry.source and entry.sha256
        if PurePosixPath(entry.id) in above[entry.id] and holds[PurePosixPath(entry.id)] == 1
    }


def finish(
    library: Path, outcome: Outcome, unit: float, thumbnails: bool, say: Say, bar: Bar = _no_bar
) -> int:
    """Report the result of an import, and render thumbnails. Return an exit code."""
    for name in dict.fromkeys(outcome.layouts):
        say(f"recognized the layout {name}; --layout classes ignores it")
    for name, reason in outcome.failed:
        say(f"{name}: not imported: {reason}")
    if line := sizes.import_advice(outcome.misfits, unit, LIMITS.size_range):
        say(line)
    for line in _classes(outcome.added):
        say(line)
    before = f"{outcome.before} imported earlier, " if outcome.before else ""
    say(
        f"{len(outcome.added)} assets imported into {library}, {before}{len(outcome.failed)} failed"
        f"; use them with `simgen generate assets.dir={library}`"
    )
    if thumbnails and (outcome.added or outcome.before):
        _make_thumbnails(library, _known(library), library / SHEET, say, bar)
    return INCOMPLETE if outcome.failed else DONE


def _classes(added: Sequence[Entry]) -> Iterator[str]:
    """Yield a line per class: its number of assets, and their folders."""
    folders: dict[str, Counter[str]] = {}
    for entry in entries.merged((), added):
        folders.setdefault(entry.class_name, Counter())[entry.id.rpartition("/")[0]] += 1
    for name, counts in sorted(folders.items()):
        where = ", ".join(f"{place}/" for place in sorted(counts))
        yield f"class {name}: {counts.total()} assets in {where}"


def _make_thumbnails(
    library: Path, known: Sequence[Entry], sheet: Path, say: Say, bar: Bar
) -> None:
    try:
        if missing := len(pictures.missing(library, known)):
            say(f"rendering {missing} thumbnails; the assets can already be used")
        failed = pictures.render(library, known, bar("thumbnails"))
    except KeyboardInterrupt:
        say(
            _how_far(library, f"render thumbnails with `simgen assets list {library} --sheet FILE`")
        )
        raise
    for name, reason in failed.items():
        say(f"{name}: no thumbnail: {reason}")
    _write_sheet(library, known, sheet, say)


def _write_sheet(library: Path, known: Sequence[Entry], path: Path, say: Say) -> None:
    pictures.sheet(library, known).save(path)
    say(f"thumbnails: {path}")
