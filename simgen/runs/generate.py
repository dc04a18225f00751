"""A generation run, from a checked config to a finished dataset."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console

from simgen.assets.catalogue import Catalogue
from simgen.assets.scan_results import SkippedAsset
from simgen.assets.sizes import ON_TABLES, remarks
from simgen.config import Config, Shard, check, shard_of
from simgen.dataset import manifest, runs
from simgen.dataset.disk import disk_error, refresh
from simgen.dataset.layout import Layout
from simgen.dataset.lock import Lease
from simgen.dataset.manifest import files_digest
from simgen.dataset.reader import Dataset
from simgen.dataset.reports import Failure
from simgen.dataset.runs import Status
from simgen.errors import DetachedError, RunStoppedError, SimgenError
from simgen.labels.selection import label_names
from simgen.rendering.libraries import check_machine
from simgen.runs import workspace
from simgen.runs.backends import run_scenes
from simgen.runs.backends.quarantine import quarantined, quarantined_since, release_all
from simgen.runs.backends.recorder import Recorder
from simgen.runs.backends.stop import Stop, handling_signals
from simgen.runs.console import say
from simgen.runs.finish import check_formats, export_formats, finish, forget
from simgen.runs.gpus import choose_device
from simgen.runs.job import Job
from simgen.runs.logs import log_to
from simgen.runs.progress import progress_bar
from simgen.runs.summary import print_summary
from simgen.sampling.checks import check_sampling
from simgen.sampling.randomizers.classes import class_remarks
from simgen.stages.plugins import catalogue_of, load_plugins
from simgen.stages.registry import stuff_classes
from simgen.stages.resolver import ResolverSettings, make_resolver, resolver_settings

log = logging.getLogger(__name__)

DONE, SOME_FAILED = 0, 3
"""Exit codes of a completed run."""
_FINISHING = "finishing"
"""Name of the lease under which one of several processes writes the files that cover all scenes."""
_SHOWN = 10
"""Number of skipped assets listed in the terminal."""
_TYPICAL = dict.fromkeys(("tabletop", "bin", "shelf"), ON_TABLES)
"""Typical range of the longest side of objects on a stage, metres, for any class."""


def generate(
    config: Config,
    root: Path,
    console: Console,
    plugins: tuple[str, ...] = (),
    stop: Stop | None = None,
    since: str = "",
) -> int:
    """Generate or continue the dataset in `root`, or a shard of it. Returns the exit code.

    plugins: user-supplied modules to import. stop: lets the caller request a stop, in addition to
    SIGINT, SIGTERM and SIGUSR2. since: a UTC time in ISO 8601; scenes that failed after it are not
    retried.
    Raises `InputError` before anything is rendered if the config, the assets or the folder are
    wrong, and `SimgenError` if the run had to stop; scenes committed by then are kept.
    """
    own = load_plugins(plugins)
    check(config)
    check_formats(config.output.formats, label_names(config), config.output.uri)
    check_machine()
    place = workspace.locate(config, root.resolve())
    config, older = workspace.as_begun(place, config)
    settled = choose_device(config)
    catalogue = catalogue_of(config, own.classes)
    catalogue, newer = workspace.classes_as_begun(place, catalogue)
    settings = resolver_settings(config, plugins)
    stage = make_resolver(settings).stages.get(config.scene.name)
    check_sampling(config, catalogue, stage)
    described = manifest.make_manifest(
        config, catalogue.classes, stuff_classes(stage), files_digest(catalogue, settings), plugins
    )
    stop = stop or Stop(config.runner.grace_seconds)
    stop.say = partial(say, console, style="yellow")
    job = Job(settled.config, catalogue, place, settings, _threads(config.runner.workers))
    try:
        with workspace.held(place, config, described, stop.say) as lease:
            run = _Run(job, lease, console, stop, shard_of(config), since)
            committed = run.begin(described)
            _remark((*older, *newer), console)
            _report_skipped(_skipped(catalogue, settings), console)
            _remark(_odd_sizes(config, catalogue), console)
            if len(committed) < config.num_scenes:
                _remark((*settled.remarks, *class_remarks(config, catalogue)), console)
            started = time.perf_counter()
            run.make_missing(committed)
            failures = run.finish(time.perf_counter() - started)
    except DetachedError as error:
        say(console, str(error))
        return DONE
    return SOME_FAILED if failures else DONE


@dataclass(frozen=True)
class _Run:
    """A run that holds the lease of its dataset.

    shard: the scenes to make; None for all. since: scenes that failed after this time are not
    retried.
    """

    job: Job
    lease: Lease
    console: Console
    stop: Stop
    shard: Shard | None
    since: str

    @property
    def _place(self) -> Layout:
        return self.job.place

    @property
    def _shared(self) -> bool:
        """Whether other processes make scenes of this dataset as well."""
        return workspace.part_of(self.job.config)[1] > 0

    @property
    def _name(self) -> str:
        """Name of this process's status and log files."""
        return "run" if self.shard is None else f"shard{self.shard.number}"

    @property
    def _scenes(self) -> range:
        """All scenes of this run, committed ones included."""
        count = self.job.config.num_scenes
        return range(count) if self.shard is None else self.shard.scenes(count)

    def begin(self, described: manifest.Manifest) -> list[int]:
        """Create or continue the dataset. Returns the scenes that are committed."""
        try:
            found = workspace.begin(self._place, described, self.job.catalogue, self._shared)
            log_to(self._place.logs / f"{self._name}.jsonl")
            return found
        except OSError as error:
            raise disk_error(self._place.local, error) from error

    def make_missing(self, committed: Collection[int]) -> None:
        """Make the scenes that are not committed."""
        place = self._place
        committed = set(committed)
        release_all(place, committed)
        runs.forget_others(place, self.lease.run)
        kept = [f for f in quarantined_since(place, self.since) if f.scene in self._scenes]
        over = committed | {failure.scene for failure in kept}
        todo = [scene for scene in self._scenes if scene not in over]
        made = sum(scene in committed for scene in self._scenes)
        record = partial(Recorder, place, self._name, self.lease.run, len(todo), kept)
        if not todo and not place.slurm.is_file():
            with record():
                return
        log.info("%d scenes to make", len(todo))
        try:
            forget(place)
            with (
                progress_bar(self.console, len(self._scenes), made) as show,
                record(show=self._checked(show)) as recorder,
                handling_signals(self.stop),
            ):
                run_scenes(self.job, todo, recorder, self.stop, self._prefix, generate)
        except RunStoppedError:
            raise RunStoppedError(self._interrupted()) from None
        except OSError as error:
            raise disk_error(place.local, error) from error

    @property
    def _prefix(self) -> str:
        """Prefix of the workers' names."""
        return "" if self.shard is None else f"{self._name}-"

    def _checked(self, show: Callable[[Status], None]) -> Callable[[Status], None]:
        """Wrap `show` so that the run ends if another run has taken over the dataset."""

        def shown(status: Status) -> None:
            self.lease.check()
            show(status)

        return shown

    def _interrupted(self) -> str:
        return (
            f"stopped: {len(self._place.committed())} of {self.job.config.num_scenes} scenes are "
            f"complete in {self._place.root}; run the same command again to continue"
        )

    def finish(self, seconds: float) -> list[Failure]:
        """Write the files that cover all scenes, or leave them to the last shard to end.

        Returns the failed scenes of this run. seconds: time spent on making scenes.
        """
        if not self._shared:
            return self._finish(seconds)
        refresh(self._place.scenes)
        refresh(self._place.failed)
        failures = quarantined(self._place)
        known = {*self._place.committed(), *(failure.scene for failure in failures)}
        missing = self.job.config.num_scenes - len(known)
        if missing > 0:
            say(
                self.console,
                f"missing scenes of other shards: {missing}; the last shard to end, or the same "
                "command without run.shard, completes the dataset",
            )
            return [failure for failure in failures if failure.scene in self._scenes]
        # Shards that end at the same time take turns, so that the last one sees all scenes.
        with Lease.await_turn(self._place, self.lease.run, _FINISHING):
            return self._finish(seconds)

    def _finish(self, seconds: float) -> list[Failure]:
        place, console = self._place, self.console
        dataset = Dataset(place.root)
        try:
            finished = finish(place, dataset)
            exports = export_formats(place, dataset, self.job.config.output.formats)
        except OSError as error:
            raise disk_error(place.local, error) from error
        release_all(place, dataset.scenes)
        failures = quarantined(place)
        made = runs.totals(place, self.lease.run)
        print_summary(console, place, dataset, finished, seconds, made, failures)
        for name, (folder, notes) in exports.items():
            for line in (f"{name:8} {folder}", *(f"  {note}" for note in notes)):
                say(console, line)
        _check_complete(dataset, failures)
        return failures


def _threads(workers: int) -> int:
    """Return the render threads per worker: an equal share of the cores that this process may use;
    0 for all cores."""
    reserved = int(os.environ.get("SLURM_CPUS_PER_TASK", "0"))
    if workers == 1 and not reserved:
        return 0
    return max(1, (reserved or os.process_cpu_count() or 1) // workers)


def _skipped(catalogue: Catalogue, settings: ResolverSettings) -> tuple[SkippedAsset, ...]:
    """Return the user's files that cannot be used: meshes, textures, HDRI worlds,
    photographs."""
    folders = (settings.found_textures, settings.found_hdris, settings.found_photographs)
    images = (item for folder in folders if folder is not None for item in folder.skipped)
    return (*catalogue.skipped, *images)


def _report_skipped(skipped: Sequence[SkippedAsset], console: Console) -> None:
    for asset in skipped:
        log.warning("skipped asset %s: %s", asset.file, asset.reason)
    for asset in skipped[:_SHOWN]:
        say(console, f"skipped {asset.file}: {asset.reason}", "yellow")
    more = len(skipped) - _SHOWN
    if more > 0:
        say(console, f"skipped {more} more files; run.jsonl lists all of them", "yellow")


def _odd_sizes(config: Config, catalogue: Catalogue) -> list[str]:
    """Return remarks on meshes that seem to be in another unit."""
    if config.objects.size_range is not None:  # then all meshes are rescaled
        return []
    low, high = config.assets.size_range
    return remarks(catalogue.assets, _TYPICAL.get(config.scene.name), (low, high))


def _remark(lines: Sequence[str], console: Console) -> None:
    for line in lines:
        log.warning(line)
        say(console, line, "yellow")


def _check_complete(dataset: Dataset, failures: Sequence[Failure]) -> None:
    """Raise `SimgenError` for scenes that are neither committed nor failed.

    This only happens if something else changed the folder, but an incomplete dataset must not pass
    for a complete one.
    """
    known = {*dataset.scenes, *(failure.scene for failure in failures)}
    missing = sorted(set(range(dataset.manifest.num_scenes)) - known)
    if missing:
        raise SimgenError(
            f"{dataset.root}: {len(missing)} scenes are neither complete nor listed as failed, the "
            f"first is scene {missing[0]}; files may have been removed during the run: run the "
            "same command again to generate them"
        )
