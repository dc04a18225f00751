"""A run, from a checked config to a finished dataset."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from filelock import FileLock, Timeout
from rich.console import Console

from simgen.assets.catalogue import Catalogue, load_catalogue
from simgen.config import Config, check
from simgen.doctor import install_line, missing_libraries
from simgen.errors import InputError, RunStoppedError, SimgenError
from simgen.exporters.coco import write_coco
from simgen.exporters.panoptic import write_panoptic
from simgen.inspect.preview import write_preview
from simgen.pipeline import Job, SceneReport
from simgen.progress import progress_bar
from simgen.runners.local import Callbacks, Failure, run_local
from simgen.store import files, manifest
from simgen.store.disk import disk_error
from simgen.store.layout import Layout, scene_name
from simgen.store.reader import Dataset
from simgen.summary import print_summary

log = logging.getLogger(__name__)

DONE, GIVEN_UP = 0, 3
"""Exit codes of a run that came to its end."""


_SHOWN = 10
"""Skipped assets that are named in the terminal."""


@dataclass
class Outcome:
    """What this run did; the dataset may hold more."""

    reports: list[SceneReport] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0


def generate(config: Config, root: Path, console: Console) -> int:
    """Make or continue the dataset in `root`. Returns the exit code.

    Raises `InputError` before anything is rendered when the config, the assets or the folder are
    wrong, and `SimgenError` when the run had to stop; what was committed until then stays.
    """
    check(config)
    check_machine()
    catalogue = load_catalogue(config.assets)
    place = Layout(root.resolve())
    described = manifest.make_manifest(config, catalogue.classes, _digest(catalogue))
    with _owned(place):
        _begin(place, described, catalogue)
        _report_skipped(catalogue, console)
        outcome = _run(config, catalogue, place, console)
        _finish(place, config, outcome, console)
    return GIVEN_UP if outcome.failures else DONE


def check_machine() -> None:
    """Raise `SimgenError` where Blender cannot start, before each worker fails to."""
    missing = missing_libraries() if sys.platform == "linux" else []
    if missing:
        raise SimgenError(
            f"Blender needs {', '.join(missing)}, which this machine lacks; "
            f"{install_line(missing)}; `simgen doctor` says more"
        )


@contextmanager
def _owned(place: Layout) -> Iterator[None]:
    """Hold the dataset's lock. It goes with the process, however that ends."""
    _check_folder(place)
    try:
        place.private.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place.lock, timeout=0)
        lock.acquire()
    except Timeout as error:
        raise InputError(
            f"{place.root}: another simgen run is writing this dataset; "
            "wait for it, or choose another output.dir"
        ) from error
    except OSError as error:
        raise InputError(f"output.dir={place.root}: cannot be written: {error.strerror}") from error
    try:
        yield
    finally:
        _clean(place)
        lock.release()


def _check_folder(place: Layout) -> None:
    if not place.root.exists():
        return
    if not place.root.is_dir():
        raise InputError(f"output.dir={place.root}: found a file, expected a folder")
    others = [entry.name for entry in place.root.iterdir() if entry.name != place.private.name]
    if others and not place.manifest.is_file():
        raise InputError(
            f"output.dir={place.root}: holds other files ({sorted(others)[0]}, ...) and no "
            "dataset; choose a new or empty folder"
        )


def _begin(place: Layout, described: manifest.Manifest, catalogue: Catalogue) -> None:
    """Create the dataset, or check that this run continues the one that is there."""
    try:
        _clean(place)
        if place.manifest.is_file():
            old = manifest.read(place)
            if place.committed():  # a dataset without a scene is anybody's
                manifest.check_same(place, old, described)
        # First the manifest: with it the folder is a dataset, whenever the run is killed.
        manifest.write(place, described)
        _write_assets(place, catalogue)
        place.logs.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(place.logs / "run.log")
    except OSError as error:
        raise disk_error(place.root, error) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("simgen").handlers = [handler]
    logging.getLogger("simgen").setLevel(logging.INFO)


def _clean(place: Layout) -> None:
    """Remove what a run that was killed left half done."""
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


def _digest(catalogue: Catalogue) -> str:
    """Of the assets' bytes, or empty when all classes are built in."""
    if not catalogue.assets:
        return ""
    text = "\n".join(f"{asset.id} {asset.sha256}" for asset in catalogue.assets)
    return hashlib.sha256(text.encode()).hexdigest()


def _report_skipped(catalogue: Catalogue, console: Console) -> None:
    for asset in catalogue.skipped:
        log.warning("skipped asset %s: %s", asset.file, asset.reason)
    for asset in catalogue.skipped[:_SHOWN]:
        line = f"skipped {asset.file}: {asset.reason}"
        console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
    more = len(catalogue.skipped) - _SHOWN
    if more > 0:
        console.print(f"skipped {more} more assets; assets.json lists them all", style="yellow")


def _run(config: Config, catalogue: Catalogue, place: Layout, console: Console) -> Outcome:
    outcome = Outcome()
    there = set(place.committed())
    todo = [scene for scene in range(config.num_scenes) if scene not in there]
    shutil.rmtree(place.failed, ignore_errors=True)
    if not todo:
        return outcome
    job = Job(
        config=config,
        catalogue=catalogue,
        root=place.root,
        assets_dir=None if config.assets.dir is None else Path(config.assets.dir).resolve(),
        threads=_threads(config.runner.workers),
    )
    started = time.perf_counter()
    with progress_bar(console, config.num_scenes, len(there)) as advance:

        def done(report: SceneReport) -> None:
            log.info("scene %d: done in %.1f s", report.scene, report.seconds)
            outcome.reports.append(report)
            advance()

        def failed(failure: Failure) -> None:
            outcome.failures.append(failure)
            _record_failure(place, failure)

        try:
            with _signals():
                run_local(job, todo, config.runner, Callbacks(done, failed))
        except RunStoppedError:
            raise RunStoppedError(_interrupted(place, config)) from None
        except OSError as error:
            raise disk_error(place.root, error) from error
    outcome.seconds = time.perf_counter() - started
    return outcome


def _threads(workers: int) -> int:
    """Render threads of each worker: the cores, shared."""
    return 0 if workers == 1 else max(1, (os.cpu_count() or 1) // workers)


def _record_failure(place: Layout, failure: Failure) -> None:
    place.failed.mkdir(parents=True, exist_ok=True)
    path = place.failed / f"{scene_name(failure.scene)}.json"
    path.write_text(json.dumps(dataclasses.asdict(failure), indent=1) + "\n", encoding="utf-8")


def _finish(place: Layout, config: Config, outcome: Outcome, console: Console) -> None:
    """What is made of all scenes together. It is made anew each time, and so is never stale."""
    dataset = Dataset(place.root)
    contents = None
    try:
        if "coco" in dataset.manifest.labels:
            contents = write_coco(dataset, place.coco, place.scratch)
        if "panoptic" in dataset.manifest.labels:
            write_panoptic(dataset, place.panoptic, place.scratch)
        if "rgb" in dataset.manifest.labels and len(dataset):
            write_preview(dataset, place.preview, place.scratch)
    except OSError as error:
        raise disk_error(place.root, error) from error
    print_summary(console, dataset, contents, outcome.seconds, outcome.reports, outcome.failures)


def _interrupted(place: Layout, config: Config) -> str:
    return (
        f"stopped: {len(place.committed())} of {config.num_scenes} scenes are whole in "
        f"{place.root}; the same command continues"
    )


@contextmanager
def _signals() -> Iterator[None]:
    """Turn SIGINT and SIGTERM into `RunStoppedError`."""

    def stop(number: int, _: FrameType | None) -> None:
        raise RunStoppedError(signal.Signals(number).name)

    before: dict[signal.Signals, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
