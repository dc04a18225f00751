"""A run, from a checked config to a finished dataset."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from simgen.assets.catalogue import Catalogue, load_catalogue
from simgen.assets.scan_results import SkippedAsset
from simgen.assets.sizes import ON_TABLES, remarks
from simgen.config import Config, check
from simgen.doctor import install_line, missing_libraries
from simgen.errors import DetachedError, InputError, RunStoppedError, SimgenError
from simgen.finish import check_formats, export_formats, finish, forget
from simgen.gpus import settle_device
from simgen.labels.selection import label_names
from simgen.logs import log_to
from simgen.pipeline import Job
from simgen.plugins import load_plugins
from simgen.progress import progress_bar
from simgen.randomizers.classes import class_remarks
from simgen.reports import Failure
from simgen.resolver import ResolverSettings, make_resolver, resolver_settings
from simgen.runners import run_left, run_scenes
from simgen.runners.quarantine import given_up, release_all
from simgen.runners.recorder import Recorder
from simgen.runners.stop import Stop, heeding_signals
from simgen.sampling import check_sampling
from simgen.stages import stuff_classes
from simgen.store import commits, files, manifest, remote, runs
from simgen.store.disk import disk_error
from simgen.store.layout import Layout
from simgen.store.lock import Lease
from simgen.store.manifest import files_digest
from simgen.store.reader import Dataset
from simgen.store.runs import Status
from simgen.summary import print_summary

log = logging.getLogger(__name__)

DONE, GIVEN_UP = 0, 3
"""Exit codes of a run that came to its end."""


_SHOWN = 10
"""Skipped assets that are named in the terminal."""
_TYPICAL = dict.fromkeys(("tabletop", "bin", "shelf"), ON_TABLES)
"""Largest sides of what is put on a stage, metres, whatever its class."""


def generate(config: Config, root: Path, console: Console, plugins: tuple[str, ...] = ()) -> int:
    """Make or continue the dataset in `root`. Returns the exit code.

    plugins: modules of the user's own, which are imported.
    Raises `InputError` before anything is rendered when the config, the assets or the folder are
    wrong, and `SimgenError` when the run had to stop; what was committed until then stays.
    """
    own = load_plugins(plugins)
    check(config)
    check_formats(config.output.formats, label_names(config), config.output.uri)
    check_machine()
    settled = settle_device(config)
    place = _place(config, root.resolve())
    catalogue = load_catalogue(config.assets, {name: o.info for name, o in own.classes.items()})
    settings = resolver_settings(config, plugins)
    stage = make_resolver(settings).stages.get(config.scene.name)
    check_sampling(config, catalogue)
    described = manifest.make_manifest(
        config, catalogue.classes, stuff_classes(stage), files_digest(catalogue, settings), plugins
    )
    try:
        with _owned(place, config.runner.name, console) as lease:
            there = _begin(place, described, catalogue)
            _report_skipped(_skipped(catalogue, settings), console)
            _remark(_odd_sizes(config, catalogue), console)
            if len(there) < config.num_scenes:
                _remark((*settled.remarks, *class_remarks(config, catalogue)), console)
            seconds = _run(settled.config, catalogue, settings, place, lease, there, console)
            failures = _finish(place, lease, config.output.formats, seconds, console)
    except DetachedError as error:
        console.print(str(error), markup=False, emoji=False, highlight=False, soft_wrap=True)
        return DONE
    return GIVEN_UP if failures else DONE


def _place(config: Config, folder: Path) -> Layout:
    """Where the dataset goes. folder: `output.dir`. Raises `InputError` and `SimgenError` for a URI
    that cannot be written to, before anything is made for it."""
    if config.output.uri is None:
        return Layout(folder)
    root = remote.locate(config.output.uri)
    remote.check_access(root)
    return Layout(root, folder / ".simgen")


def check_machine() -> None:
    """Raise `SimgenError` where Blender cannot start, before each worker fails to."""
    missing = missing_libraries() if sys.platform == "linux" else []
    if missing:
        raise SimgenError(
            f"Blender needs {', '.join(missing)}, which this machine lacks; "
            f"{install_line(missing)}; `simgen doctor` says more"
        )


@contextmanager
def _owned(place: Layout, runner: str, console: Console) -> Iterator[Lease]:
    """Hold the dataset, for this run alone, as long as this process lives."""
    _check_folder(place)

    def say(line: str) -> None:
        console.print(
            line, style="yellow", markup=False, emoji=False, highlight=False, soft_wrap=True
        )

    try:
        place.private.mkdir(parents=True, exist_ok=True)
        lease = _lease(place, run_left(place, runner), say)
    except OSError as error:
        raise InputError(f"output.dir={place.root}: cannot be written: {error.strerror}") from error
    with lease:
        try:
            yield lease
        finally:
            if place.slurm.is_file():  # its tasks go on, and keep the lease
                lease.leave()
            elif lease.held:
                _clean(place)


def _lease(place: Layout, left: str, say: Callable[[str], None]) -> Lease:
    """left: name of the run that an earlier command left to others; empty for none."""
    if left:
        try:
            return Lease.resume(place.lease, place.lock, left)
        except InputError:
            raise
        except SimgenError as error:  # it is another run's by now
            log.warning("%s", error)
    return Lease.acquire(place.lease, place.lock, say=say)


def _check_folder(place: Layout) -> None:
    root = place.root
    if isinstance(root, Path) and not root.is_dir():
        if root.exists():
            raise InputError(f"output.dir={root}: found a file, expected a folder")
        return
    if remote.size(place.manifest) >= 0:
        return
    others = sorted(set(remote.names(root)) - {place.private.name, place.commits.name})
    if others:
        key = "output.uri" if remote.is_remote(root) else "output.dir"
        raise InputError(
            f"{key}={root}: holds other files ({others[0]}, ...) and no dataset; choose a new or "
            "empty folder"
        )


def _begin(place: Layout, described: manifest.Manifest, catalogue: Catalogue) -> list[int]:
    """Create the dataset, or check that this run continues the one that is there. Returns the
    scenes that it holds."""
    try:
        _clean(place)
        commits.begin(place)
        there = place.committed()
        if there or place.slurm.is_file():  # a dataset without a scene is anybody's
            manifest.check_same(place, manifest.read(place), described)
        else:
            commits.clear(place)
        # First the manifest: with it the folder is a dataset, whenever the run is killed.
        manifest.write(place, described)
        _write_assets(place, catalogue)
        log_to(place.logs / "run.jsonl")
        return there
    except OSError as error:
        raise disk_error(place.local, error) from error


def _clean(place: Layout) -> None:
    """Remove what a run that was killed left half done."""
    if place.slurm.is_file():  # tasks of it may be at work
        return
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


def _skipped(catalogue: Catalogue, settings: ResolverSettings) -> tuple[SkippedAsset, ...]:
    """Files of the user's that cannot be used: meshes, textures, HDRI worlds."""
    folders = (settings.found_textures, settings.found_hdris)
    images = (item for folder in folders if folder is not None for item in folder.skipped)
    return (*catalogue.skipped, *images)


def _report_skipped(skipped: Sequence[SkippedAsset], console: Console) -> None:
    for asset in skipped:
        log.warning("skipped asset %s: %s", asset.file, asset.reason)
    for asset in skipped[:_SHOWN]:
        line = f"skipped {asset.file}: {asset.reason}"
        console.print(
            line, style="yellow", markup=False, emoji=False, highlight=False, soft_wrap=True
        )
    more = len(skipped) - _SHOWN
    if more > 0:
        console.print(f"skipped {more} more files; run.jsonl lists them all", style="yellow")


def _odd_sizes(config: Config, catalogue: Catalogue) -> list[str]:
    """What is to be said of meshes that are in another unit, as it seems."""
    if config.objects.size_range is not None:  # then all become as large as it says
        return []
    low, high = config.assets.size_range
    return remarks(catalogue.assets, _TYPICAL.get(config.scene.name), (low, high))


def _remark(lines: Sequence[str], console: Console) -> None:
    for line in lines:
        log.warning(line)
        console.print(
            line, style="yellow", markup=False, emoji=False, highlight=False, soft_wrap=True
        )


def _run(
    config: Config,
    catalogue: Catalogue,
    settings: ResolverSettings,
    place: Layout,
    lease: Lease,
    committed: Sequence[int],
    console: Console,
) -> float:
    """Make what is missing. Returns how many seconds it took."""
    there = set(committed)
    todo = [scene for scene in range(config.num_scenes) if scene not in there]
    release_all(place, there)
    runs.forget_others(place, lease.run)
    if not todo:
        with Recorder(place, "run", lease.run, 0):
            return 0.0
    job = Job(
        config=config,
        catalogue=catalogue,
        place=place,
        settings=settings,
        threads=_threads(config.runner.workers),
    )
    stop = Stop(
        config.runner.grace_seconds,
        lambda line: console.print(line, style="yellow", highlight=False, soft_wrap=True),
    )
    started = time.perf_counter()
    try:
        forget(place)
        with (
            progress_bar(console, config.num_scenes, len(there)) as show,
            Recorder(place, "run", lease.run, len(todo), _while_held(lease, show)) as recorder,
            heeding_signals(stop),
        ):
            run_scenes(job, todo, config.runner, recorder, stop)
    except RunStoppedError:
        raise RunStoppedError(_interrupted(place, config)) from None
    except OSError as error:
        raise disk_error(place.local, error) from error
    return time.perf_counter() - started


def _while_held(lease: Lease, show: Callable[[Status], None]) -> Callable[[Status], None]:
    """Shows how far the run is, and ends it when another run has the dataset."""

    def shown(status: Status) -> None:
        lease.check()
        show(status)

    return shown


def _threads(workers: int) -> int:
    """Render threads of each worker: the cores that this process may use, shared."""
    return 0 if workers == 1 else max(1, (os.process_cpu_count() or 1) // workers)


def _finish(
    place: Layout, lease: Lease, formats: Sequence[str], seconds: float, console: Console
) -> list[Failure]:
    """What is made of all scenes together. Returns the scenes that were given up."""
    dataset = Dataset(place.root)
    try:
        finished = finish(place, dataset)
        exports = export_formats(place, dataset, formats)
    except OSError as error:
        raise disk_error(place.local, error) from error
    release_all(place, dataset.scenes)
    failures = given_up(place)
    made = runs.totals(place, lease.run)
    print_summary(console, place, dataset, finished, seconds, made, failures)
    for name, (folder, said) in exports.items():
        for line in (f"{name:8} {folder}", *(f"  {remark}" for remark in said)):
            console.print(line, markup=False, emoji=False, highlight=False, soft_wrap=True)
    _check_complete(dataset, failures)
    return failures


def _check_complete(dataset: Dataset, failures: Sequence[Failure]) -> None:
    """Raise `SimgenError` for scenes that nobody knows anything of. There are none, unless somebody
    else was at the folder; but a dataset that lacks scenes must not pass for one that is done."""
    known = {*dataset.scenes, *(failure.scene for failure in failures)}
    missing = sorted(set(range(dataset.manifest.num_scenes)) - known)
    if missing:
        raise SimgenError(
            f"{dataset.root}: scene {missing[0]} is neither there nor given up, and {len(missing)} "
            "are in all; was something removed during the run? The same command makes them"
        )


def _interrupted(place: Layout, config: Config) -> str:
    return (
        f"stopped: {len(place.committed())} of {config.num_scenes} scenes are whole in "
        f"{place.root}; the same command continues"
    )
