"""Copies of a dataset with adapted images and byte-identical labels.

Labels are hard links to the original's files where possible. A scene is staged and moved into the
dataset when complete, so an interrupted copy continues with its missing scenes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

from filelock import FileLock, Timeout

from simgen.dataset import files, manifest, remote
from simgen.dataset.adaptation.adaptation import FILE, IMAGES, Adaptation, Key
from simgen.dataset.adaptation.adaptation import read as read_adaptation
from simgen.dataset.commits import scene_files
from simgen.dataset.disk import disk_error, is_disk_error
from simgen.dataset.layout import Layout, frame_file
from simgen.dataset.manifest import Manifest
from simgen.dataset.reader import Dataset, refuse_adapted
from simgen.dataset.remote import AnyPath
from simgen.dataset.writer import move_in
from simgen.errors import InputError
from simgen.labels.label import ImageFile
from simgen.labels.registry import LABELS
from simgen.pool import in_order
from simgen.report.card.write import write_card
from simgen.report.preview import write_preview

LOCK = "adapt.lock"
ALONE = 8
"""Number of scenes up to which starting other processes takes longer than it saves."""

type Tell = Callable[[int, int], None]


@contextmanager
def held(dataset: Dataset, out: AnyPath) -> Iterator[Layout]:
    """Lock a folder for the adapted copy of a dataset. Raises `InputError` unless it is free or
    contains the same copy, interrupted."""
    place = _checked(dataset, out)
    place.private.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(place.private / LOCK, timeout=0):
            shutil.rmtree(place.staging, ignore_errors=True)  # left by a killed process
            yield place
    except Timeout:
        raise InputError(f"{out}: another process is writing here; wait for it to end") from None


def kept(place: Layout) -> Adaptation | None:
    """Return the adaptation that a copy was begun with, or None. Raises `InputError`."""
    return read_adaptation(place.adaptation) if remote.size(place.adaptation) >= 0 else None


def refuse_other(place: Layout, *, same: bool) -> None:
    """Raise `InputError` for a copy that was begun with another adaptation."""
    if not same:
        raise InputError(
            f"{place.root}: contains images adapted with other settings or to other real images; "
            "choose another folder, or repeat the earlier command to continue that copy"
        )


def write_adapted(
    dataset: Dataset,
    place: Layout,
    adaptation: Adaptation,
    *,
    copy: bool,
    processes: int,
    tell: Tell,
) -> Dataset:
    """Write or continue the adapted copy of a dataset. The caller holds the folder's lock.

    copy: copy files instead of linking them. processes: number of processes that adapt images.
    tell: receives the number of scenes done and the total. Raises `OSError`, and `DiskError` for a
    full disk.
    """
    assert isinstance(place.root, Path)
    try:
        return _written(dataset, place, adaptation, copy, processes, tell)
    except OSError as error:
        if is_disk_error(error, place.root):
            done = "the scenes adapted so far are complete"
            raise disk_error(place.root, error, done) from error
        raise


def _written(
    dataset: Dataset,
    place: Layout,
    adaptation: Adaptation,
    copy: bool,
    processes: int,
    tell: Tell,
) -> Dataset:
    assert isinstance(place.root, Path)
    assert isinstance(place.adaptation, Path)
    if kept(place) is None:
        adaptation.write(place.adaptation, place.scratch)
    described = replace(dataset.manifest, adaptation=adaptation.summary)
    manifest.write(place, described)
    original = Layout(dataset.root)
    _take(original.assets, place.assets, copy=copy)
    for name in sorted(remote.names(original.coco.parent)):
        _take(original.coco.parent / name, place.coco.parent / name, copy=copy)
    there = set(place.committed())
    todo = [scene for scene in dataset.scenes if scene not in there]
    job = _Job(dataset.root, place.root, dataset.manifest, adaptation.digest, copy)
    work = partial(_adapt_scene, job)
    done = len(dataset.scenes) - len(todo)
    tell(done, len(dataset.scenes))
    for _ in in_order(work, todo, processes if len(todo) > ALONE else 1):
        done += 1
        tell(done, len(dataset.scenes))
    made = Dataset(place.root)
    write_preview(made, place.preview, place.scratch)
    write_card(place, made)
    for folder in (place.staging, place.scratch):
        shutil.rmtree(folder, ignore_errors=True)
    return made


def adapt_files(
    source: AnyPath,
    target: Path,
    names: list[str],
    scene: int,
    described: Manifest,
    adaptation: Adaptation,
) -> set[str]:
    """Write the adapted images of a scene. names: of its files. Returns the names written."""
    done = set()
    for frame in range(described.frames_per_scene):
        for label in IMAGES:
            stored = LABELS[label].stored
            assert isinstance(stored, ImageFile)
            name = frame_file(frame, stored.suffix)
            if label in described.labels and name in names:
                image = files.read_image(source / name, stored)
                made = adaptation.apply(image, Key.of(scene, frame, label))
                files.write_image(target / name, made, stored)
                done.add(name)
    return done


@dataclass(frozen=True)
class _Job:
    """The data shared by all scenes. digest: of the adaptation in `out`."""

    root: AnyPath
    out: Path
    described: Manifest
    digest: str
    copy: bool


def _adapt_scene(job: _Job, scene: int) -> None:
    original, place = Layout(job.root), Layout(job.out)
    names = scene_files(original, scene)
    staging = place.stage(scene)
    files.empty_folder(staging)
    source = original.scene(scene)
    adaptation = _adaptation(job.out, job.digest)
    adapted = adapt_files(source, staging, names, scene, job.described, adaptation)
    for name in names:
        if name not in adapted:
            _take(source / name, staging / name, copy=job.copy)
    files.sync_folder(staging)
    move_in(staging, place.scene(scene))


@lru_cache(1)
def _adaptation(out: Path, digest: str) -> Adaptation:
    """Read the adaptation, once per process. digest: of its current content, the cache's key."""
    return read_adaptation(out)


def _take(original: AnyPath, path: AnyPath, *, copy: bool) -> None:
    """Link or copy a file of the original into the copy, if it exists."""
    if remote.size(original) < 0:
        return
    assert isinstance(path, Path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(original, Path) and not copy:
        files.link_or_copy(original, path)
    else:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        files.write_bytes(temporary, remote.read_bytes(original))
        os.replace(temporary, path)


def _checked(dataset: Dataset, out: AnyPath) -> Layout:
    refuse_adapted(dataset.root, dataset.manifest)
    if "rgb" not in dataset.manifest.labels:
        raise InputError(f"{dataset.root}: has no label 'rgb'; adapting requires it")
    if not len(dataset):
        raise InputError(f"{dataset.root}: has no scenes yet; generate some before adapting")
    if not isinstance(out, Path):
        raise InputError(f"{out}: expected a local folder, found a URI")
    here, there = out.resolve(), dataset.root
    if isinstance(there, Path) and here.is_relative_to(there.resolve()):
        raise InputError(f"{out}: is inside the original dataset; choose a folder outside of it")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: found a file, expected a folder")
    place = Layout(out)
    begun = {place.private.name, FILE, FILE.replace(".json", ".npz")}
    if not place.manifest.is_file():
        others = sorted(set(remote.names(out)) - begun) if out.is_dir() else []
        if others:
            raise InputError(
                f"{out}: contains other files ({others[0]}, ...); choose a new or empty folder"
            )
        return place
    if not _same(manifest.read(place), dataset.manifest):
        raise InputError(f"{out}: contains another dataset; choose a new or empty folder")
    return place


def _same(copy: Manifest, original: Manifest) -> bool:
    """Return whether `copy` is an adapted copy of `original`, which may have grown since."""
    if copy.adaptation is None:
        return False
    config = copy.config | {"num_scenes": original.num_scenes}
    return replace(copy, adaptation=None, config=config, num_scenes=original.num_scenes) == original
