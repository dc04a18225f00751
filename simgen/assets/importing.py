"""Imports mesh files of all formats into an asset folder with a catalogue."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from simgen.assets import archives, entries, headers, living, names, sandboxed, sweethome
from simgen.assets.broken_references import Archive
from simgen.assets.candidate import Candidate, rounded
from simgen.assets.checking import LIMITS, Examined, Examiner
from simgen.assets.entries import Entry
from simgen.assets.files import up_axis
from simgen.assets.folder import plain_entry
from simgen.assets.layouts import reading, registry
from simgen.assets.names import path_part
from simgen.assets.references import fingerprint
from simgen.assets.sizes import Measured
from simgen.errors import AssetError, InputError

CONVERTED = (".fbx", ".usd", ".usda", ".usdc", ".usdz", ".blend")
"""Formats that Blender converts to GLB first."""
_RESULT = "model.glb"
UNLISTED = ".unlisted"
"""Name of a file in the folder of an asset that the catalogue does not list yet: an import that was
interrupted left the folder, and the next one may write into it."""
_SMALL = 0.5
"""Longest side of a tabletop object, metres."""

type Say = Callable[[str], None]


@dataclass(frozen=True)
class ImportOptions:
    """Options of an import. class_name: None for the name of the sub-folder. unit: metres in one
    unit of the file, or `checking.GUESS`. scale: factor on the resulting size. layout: of a folder
    or archive, one of `layouts.registry.NAMES`."""

    class_name: str | None = None
    licence: str = ""
    author: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()
    unit: float = 1.0
    up: str = "auto"
    scale: float = 1.0
    layout: str = registry.AUTO


@dataclass
class Outcome:
    """The result of an import. failed: name and reason of each file. misfits: the failed meshes of
    wrong size. before: number of assets imported before an interruption. layouts: names of the
    layouts that were recognized."""

    added: list[Entry] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    misfits: list[Measured] = field(default_factory=list)
    before: int = 0
    layouts: list[str] = field(default_factory=list)


def candidates(
    source: Path, options: ImportOptions, outcome: Outcome, stack: ExitStack
) -> Iterator[Candidate]:
    """Yield the mesh files of a file, a folder or an archive.

    Archives are extracted to folders that `stack` deletes when it closes; unusable files are added
    to `outcome.failed`.
    """
    if source.is_file():
        yield from _of_file(source.parent, source.name, options, options.class_name, outcome, stack)
        return
    try:
        known = reading.models(source, options, outcome)
    except AssetError as error:
        raise InputError(f"{source}: {error}") from error
    if known is not None:
        yield from known
        return
    for path in _files(source):
        file = path.relative_to(source).as_posix()
        inside = file.split("/", 1)[0] if "/" in file else None
        yield from _of_file(source, file, options, options.class_name or inside, outcome, stack)


def _files(folder: Path) -> list[Path]:
    known = (*headers.SUFFIXES, *CONVERTED, *archives.SUFFIXES)
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in known
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and (path.is_file() or path.is_symlink())
    ]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def _of_file(
    root: Path,
    file: str,
    options: ImportOptions,
    class_name: str | None,
    outcome: Outcome,
    stack: ExitStack,
) -> Iterator[Candidate]:
    path = root / file
    try:
        suffix = path.suffix.lower()
        if suffix not in (*headers.SUFFIXES, *CONVERTED, *archives.SUFFIXES):
            known = ", ".join((*headers.SUFFIXES, *CONVERTED, *archives.SUFFIXES))
            raise AssetError(f"found {suffix or 'no'} file extension, expected one of {known}")
        if not path.resolve().is_relative_to(root.resolve()):
            raise AssetError("it is a link to a target outside the folder; copy the target here")
        if suffix in archives.SUFFIXES:
            yield from _of_archive(
                path, file, replace(options, class_name=class_name), outcome, stack
            )
            return
        if not class_name:
            raise AssetError("its class is unknown; give --class, or put it in a class folder")
        class_name = names.class_name(class_name)
        entry = Entry(
            id=f"{path_part(class_name)}/{path_part(path.stem)}",
            class_name=class_name,
            file="",
            unit=options.unit,
            up=options.up,
            licence=options.licence,
            author=options.author,
            source=options.source or names.shown(file),
            tags=options.tags,
        )
        yield Candidate(root, file, names.shown(file), entry)
    except AssetError as error:
        outcome.failed.append((names.shown(file), str(error)))


def _of_archive(
    path: Path, shown: str, options: ImportOptions, outcome: Outcome, stack: ExitStack
) -> Iterator[Candidate]:
    folder = stack.enter_context(sandboxed.work_folder())
    archives.extract(path, folder)
    for inner in _files(folder):
        # Extracting an archive that contains itself would never end.
        if inner.suffix.lower() in archives.SUFFIXES:
            name = f"{shown}: {inner.relative_to(folder).as_posix()}"
            outcome.failed.append((name, "it is an archive in an archive; add it separately"))
            inner.unlink()
    if (folder / sweethome.PROPERTIES).is_file():
        yield from sweethome.candidates(folder, shown, outcome.failed)
        return
    known = reading.models(folder, options, outcome, path.stem)
    if known is not None:
        yield from known
        return
    before, within = len(outcome.failed), Archive(folder)
    for item in candidates(folder, options, outcome, stack):
        source = options.source or f"{shown}: {names.shown(item.file)}"
        ready = replace(item.ready, source=source, notes=tuple(within.repair(folder / item.file)))
        yield replace(item, shown=f"{shown}: {item.shown}", ready=ready)
    outcome.failed[before:] = [(f"{shown}: {name}", why) for name, why in outcome.failed[before:]]


class Places:
    """The ids already used in an asset folder, and the classes of its sub-folders.

    known: the present entries.
    """

    def __init__(self, library: Path, known: Iterable[Entry]) -> None:
        self._library = library
        self._ids: set[str] = set()
        self._classes: dict[str, set[str]] = {}
        for entry in known:
            self.take(entry)

    def take(self, entry: Entry) -> None:
        self._ids.add(entry.id)
        folder = entry.id.split("/", 1)[0].lower()  # as some file systems compare names
        self._classes.setdefault(folder, set()).add(entry.class_name)

    def free(self, wanted: Entry) -> Entry:
        """Return the entry with an unused id, in a folder that no other class uses. A note is
        added if the id had to change."""
        folder, name = wanted.id.split("/", 1)
        own = {wanted.class_name}
        mine = next(f for f in _numbered(folder) if self._classes.get(f.lower(), own) == own)
        first = f"{mine}/{name}"
        found = next(i for i in _numbered(first) if i not in self._ids and not self._exists(i))
        notes = list(wanted.notes)
        if mine != folder:
            others = ", ".join(map(repr, sorted(self._classes[folder.lower()] - own)))
            notes.append(f"the folder {folder!r} belongs to the class {others}: using {mine!r}")
        if found != first:
            notes.append(f"{first!r} exists already: using {found!r}")
        return replace(wanted, id=found, notes=tuple(notes))

    def _exists(self, place: str) -> bool:
        folder = self._library / place
        return folder.exists() and not (folder / UNLISTED).is_file()


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in itertools.count(2))


def take_in(
    item: Candidate, library: Path, places: Places, again: str, examiner: Examiner
) -> Entry:
    """Convert, examine and copy one file, and return its entry.

    again: its id from an earlier import, or an empty string. Raises `AssetError` for a file that
    cannot be used.
    """
    with ExitStack() as stack:
        root, file = item.root, item.file
        stem = PurePosixPath(file).stem
        notes: list[str] = []
        if Path(file).suffix.lower() in CONVERTED:
            _check_size(root / file)
            work = stack.enter_context(sandboxed.work_folder())
            notes = _convert(root, file, work)
            root, file = work, _RESULT
        if not (root / file).resolve().is_relative_to(root.resolve()):
            raise AssetError("it is a link to a target outside the folder; copy the target here")
        made = stack.enter_context(sandboxed.work_folder())
        found = examiner.examine(root, replace(item.ready, file=file), item.longest, made)
        ready = replace(item.ready, notes=(*notes, *found.notes, *item.ready.notes))
        if found.baked:
            ready = replace(ready, up=up_axis(file, ready.up))
            root, file = made, found.baked
        ready = replace(ready, id=again) if again else places.free(ready)
        entry = _copy(root.resolve(), file, stem, ready, found, library)
        places.take(entry)
        return entry


def scaled(entry: Entry, factor: float) -> Entry:
    """Return an entry with its size multiplied by a factor."""
    size = tuple(rounded(side * factor) for side in entry.size)
    return replace(entry, size=size, symmetries=entry.symmetries.scaled(factor))


def size_tag(size: tuple[float, ...]) -> str:
    return "tabletop" if max(size) <= _SMALL else "large"


def _check_size(path: Path) -> None:
    megabytes = path.stat().st_size / 2**20
    if megabytes > LIMITS.max_file_mb:
        raise AssetError(f"found {megabytes:.0f} MB, expected at most {LIMITS.max_file_mb:g} MB")


def _convert(root: Path, file: str, work: Path) -> list[str]:
    path = (root / file).resolve()
    job = {"file": str(path), "root": str(root.resolve())}
    answer = sandboxed.run("convert", job, [root], work, sandboxed.Bounds())
    if not (work / _RESULT).is_file() or (work / _RESULT).is_symlink():
        raise AssetError("Blender wrote no GLB")
    notes = answer.get("notes")
    more = [str(note)[:200] for note in notes] if isinstance(notes, list) else []
    return [f"converted from {path.suffix[1:].upper()} by Blender", *more]


def _copy(root: Path, file: str, stem: str, ready: Entry, found: Examined, library: Path) -> Entry:
    """Copy a mesh and the files it uses, keeping their relative paths, and return its entry."""
    mesh = PurePosixPath(file)
    common = mesh.parent
    while not all(PurePosixPath(name).is_relative_to(common) for name in found.files):
        common = common.parent
    name = mesh.with_name(f"{path_part(stem)}{mesh.suffix.lower()}").relative_to(common)
    place = PurePosixPath(ready.id)
    target = library / place
    if target.exists():
        shutil.rmtree(target)
    _write(target / UNLISTED, b"")
    digests: dict[str, bytes] = {}
    for side in found.files:
        relative = PurePosixPath(side).relative_to(common)
        data = (root / side).read_bytes()
        _write(target / relative, data)
        digests[(place / relative).as_posix()] = data
    data = (root / file).read_bytes()
    _write(target / name, data)
    tags = (*ready.tags, size_tag(found.size), *living.tags_of(ready.class_name))
    return replace(
        ready,
        file=(place / name).as_posix(),
        size=tuple(rounded(side) for side in found.size),
        unit=found.unit,
        keypoints=found.keypoints,
        skeleton=found.skeleton,
        tags=tuple(dict.fromkeys(tags)),
        sha256=fingerprint(data, digests),
        uses=tuple(sorted(digests)),
        triangles=found.triangles,
    )


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def adopt(library: Path, examiner: Examiner, outcome: Outcome) -> None:
    """Add entries for the meshes of a folder that has no catalogue yet, without moving them: a new
    catalogue that did not list them would hide them."""
    if (library / entries.FILE).is_file() or not library.is_dir():
        return
    for path in _files(library):
        file = path.relative_to(library).as_posix()
        if "/" not in file or path.suffix.lower() not in headers.SUFFIXES:
            continue
        if any((library / part / UNLISTED).is_file() for part in PurePosixPath(file).parents):
            continue
        try:
            if not file.isprintable():
                raise AssetError("found unprintable characters in its name; rename it")
            entry = plain_entry(file, LIMITS)
            found = examiner.examine(library, entry)
        except AssetError as error:
            outcome.failed.append((names.shown(file), str(error)))
            continue
        outcome.added.append(replace(entry, notes=found.notes))
