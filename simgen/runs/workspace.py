"""The dataset that a run writes to: locating, locking, creating and continuing it."""

from __future__ import annotations

import copy
import dataclasses
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from simgen.assets.catalogue import Catalogue
from simgen.config import Config, shard_of
from simgen.config.keys import value_of
from simgen.dataset import commits, files, manifest, remote
from simgen.dataset.layout import Layout
from simgen.dataset.lock import Lease
from simgen.dataset.manifest import Manifest
from simgen.errors import InputError
from simgen.runs.backends import refuse_open_tasks


def locate(config: Config, folder: Path) -> Layout:
    """Return the layout of the dataset. folder: `output.dir`. Raises `InputError` and `SimgenError`
    for a URI that cannot be written to, before any work is done."""
    part, _ = part_of(config)
    if config.output.uri is None:
        return Layout(folder, part=part)
    root = remote.locate(config.output.uri)
    remote.check_access(root)
    return Layout(root, folder / ".simgen", part)


def part_of(config: Config) -> tuple[str, int]:
    """Return the name of this process among those that share its run, and the run's number of
    shards; an empty name and 0 for a run without shards."""
    shard = shard_of(config)
    if shard is not None:
        return shard.name, shard.count
    if config.runner.name == "slurm":  # this process submits the shards and waits for them
        return "slurm", config.runner.slurm.tasks
    return "", 0


@contextmanager
def held(
    place: Layout, config: Config, described: Manifest, say: Callable[[str], None]
) -> Iterator[Lease]:
    """Hold the dataset's lease for this run. Parts of one run, which have the same config and
    number of shards, may hold it side by side.

    say: tells the user why waiting is necessary. Raises `InputError` if another run holds the
    dataset, or the folder contains other files.
    """
    _check_folder(place)
    part, count = part_of(config)
    run = _shared_run(described, count) if count else ""
    try:
        place.private.mkdir(parents=True, exist_ok=True)
        refuse_open_tasks(place, run, lambda: _check_same(place, described))
        lease = Lease.acquire(place, run, part, say=say)
    except OSError as error:
        raise InputError(f"output.dir={place.root}: cannot be written: {error.strerror}") from error
    with lease:
        try:
            yield lease
        finally:
            if not lease.lost:
                _remove_temporary(place)


def _shared_run(described: Manifest, count: int) -> str:
    """Return a name shared by all processes that make shards of one dataset, and by no others."""
    return f"{count}-shards-{manifest.fingerprint(described)[:16]}"


def as_begun(place: Layout, config: Config) -> tuple[Config, tuple[str, ...]]:
    """Return the config to continue an existing dataset with, and remarks for the user.

    If the dataset is older than some of the config's defaults, those keys get its former defaults
    and a remark lists them; otherwise the config is returned unchanged.
    """
    if remote.size(place.manifest) < 0:
        return config, ()
    _refuse_adapted(place)
    if not place.committed():
        return config, ()
    older = manifest.older_defaults(manifest.read(place), config)
    if not older:
        return config, ()
    as_it_was = copy.deepcopy(config)
    for key, value in older.items():
        group, _, name = key.rpartition(".")
        setattr(value_of(as_it_was, group), name, value)
    words = " ".join(f"{key}={json.dumps(value)}" for key, value in older.items())
    return as_it_was, (
        f"{place.root} is older than some defaults, so it is continued with the former ones: "
        f"{words}",
    )


def classes_as_begun(place: Layout, catalogue: Catalogue) -> tuple[Catalogue, tuple[str, ...]]:
    """Return the catalogue to continue an existing dataset with, and remarks for the user.

    If the dataset is older than some built-in classes, they are left out and a remark names them;
    otherwise the catalogue is returned unchanged.
    """
    if remote.size(place.manifest) < 0 or not place.committed():
        return catalogue, ()
    kept = catalogue.as_begun(manifest.read(place).classes)
    added = sorted(set(catalogue.classes) - set(kept.classes))
    if not added:
        return catalogue, ()
    return kept, (
        f"{place.root} is older than some built-in classes, so it is continued without them: "
        f"{', '.join(added)}",
    )


def _refuse_adapted(place: Layout) -> None:
    if manifest.read(place).adaptation is not None:
        raise InputError(
            f"{place.root}: cannot be continued, because its images were adapted; continue the "
            "original dataset and run `simgen adapt` again"
        )


def _check_folder(place: Layout) -> None:
    root = place.root
    if isinstance(root, Path) and not root.is_dir():
        if root.exists():
            raise InputError(f"output.dir={root}: found a file, expected a folder")
        return
    if remote.size(place.manifest) >= 0:
        return
    others = sorted(set(remote.names(root)) - {place.private.name, place.commits.name})
    # Checked again, since another shard may have written the manifest meanwhile.
    if others and remote.size(place.manifest) < 0:
        key = "output.uri" if remote.is_remote(root) else "output.dir"
        raise InputError(
            f"{key}={root}: contains other files ({others[0]}, ...) and no dataset; choose a new "
            "or empty folder"
        )


def begin(place: Layout, described: Manifest, catalogue: Catalogue, shared: bool) -> list[int]:
    """Create the dataset, or check that this run continues the existing one. Returns the committed
    scenes. shared: with other processes. Raises `InputError` and `OSError`."""
    _remove_temporary(place)
    commits.begin(place)
    committed = place.committed()
    if committed:  # a dataset without scenes may be replaced by any other
        _check_same(place, described)
        described = manifest.grown(manifest.read(place), described)
    elif not shared:  # another process may be uploading its first scene
        commits.clear(place)
    # The manifest comes first: it makes the folder a dataset, whenever the run is killed.
    manifest.write(place, described)
    _write_assets(place, catalogue)
    return committed


def _check_same(place: Layout, described: Manifest) -> None:
    manifest.check_same(place, manifest.read(place), described)


def _remove_temporary(place: Layout) -> None:
    """Remove unfinished files of a killed run."""
    for folder in (place.staging, place.scratch):
        shutil.rmtree(folder, ignore_errors=True)


def _write_assets(place: Layout, catalogue: Catalogue) -> None:
    plain = {
        "classes": catalogue.classes,
        "assets": [dataclasses.asdict(asset) for asset in catalogue.assets],
        "skipped": [dataclasses.asdict(asset) for asset in catalogue.skipped],
    }
    with files.replacing(place.assets, place.scratch) as temporary:
        temporary.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
