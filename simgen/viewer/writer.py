"""Writing of a view in one pass over the scenes of a dataset; unchanged scenes are skipped.

The index, which pages load first, is deleted before the files that it describes change, and written
last. So a killed run leaves the earlier view or none, and the next run continues.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import batched
from pathlib import Path

from simgen.dataset.layout import scene_name
from simgen.dataset.reader import Dataset
from simgen.errors import DiskError, InputError
from simgen.pool import in_order
from simgen.viewer import assemble
from simgen.viewer.columns import Columns
from simgen.viewer.findings import Findings
from simgen.viewer.index import index_payload, index_script, write_columns, write_instances
from simgen.viewer.paths import ViewPaths, keep_only, prepare, remove_leftovers, write
from simgen.viewer.predictions import Predictions, put_predictions
from simgen.viewer.scene_data import Instances, Scene
from simgen.viewer.scene_files import Settings, Task, make_scenes
from simgen.viewer.unreadable import first_of


@dataclass(frozen=True)
class View:
    """A view. page: path of its HTML. damaged: number of images with unreadable files. first: the
    first of them and what is wrong with it, in one line; empty if there is none. lost: what is
    wrong with images that are left out."""

    page: Path
    damaged: int = 0
    first: str = ""
    lost: tuple[str, ...] = ()


WORTH_A_PROCESS = 200
"""Number of images below which starting a pool takes longer than it saves."""
IMAGES_A_TASK = 32


@dataclass(frozen=True)
class Options:
    """arrays: whether each image gets its arrays, for overlays and the pixel probe. findings: of
    the validator, None if it was not run. stats: folder with the page of statistics, None for
    a view without. processes: 1 for this one alone. predictions: shown over the labels."""

    arrays: bool = True
    findings: Findings | None = None
    stats: Path | None = None
    processes: int = 2
    predictions: Predictions | None = None


def write_view(
    dataset: Dataset,
    out: Path,
    options: Options,
    progress: Callable[[int], None] = lambda images: None,
) -> View:
    """Write a view, or update an existing one.

    out: the folder. A view in the dataset's own `view` shows the dataset's images; into any other
    folder the images are copied. progress: called with the number of images done.
    Images with damaged files are marked.
    Raises `InputError` for a dataset without scenes or a folder with other files, and `DiskError`
    if the view cannot be written.
    """
    with written_to(out):
        return _write_view(dataset, out, options, progress)


def _write_view(
    dataset: Dataset, out: Path, options: Options, progress: Callable[[int], None]
) -> View:
    if not len(dataset):
        raise InputError(f"{dataset.root}: contains no finished scenes yet; try again later")
    paths = ViewPaths(out)
    prepare(paths)
    settings = settings_of(dataset, out, options.arrays)
    columns, instances = columns_of(dataset, options.findings is not None), Instances()
    damaged, first = 0, ""
    for scene in _made(settings, dataset, options):
        add_scene(scene, options.findings, columns, instances)
        for frame, line in enumerate(scene.damage()):
            damaged += bool(line)
            first = first or (line and f"scene {scene.scene}, frame {frame}: {line}")
        progress(columns.images)
    paths.index.unlink(missing_ok=True)
    names = [scene_name(scene) for scene in dataset.scenes]
    remove_scene_files(paths, names, arrays=settings.arrays, images=settings.images)
    finish(dataset, paths, settings, options, columns, instances)
    return View(paths.page, damaged, first)


@contextlib.contextmanager
def written_to(out: Path) -> Iterator[None]:
    """Turn errors of writing into `DiskError`; those of reading the dataset are handled before."""
    try:
        yield
    except OSError as error:
        where, why = error.filename2 or error.filename or out, error.strerror or error
        raise DiskError(
            f"{where}: cannot be written: {why}; choose another folder with --out"
        ) from error


def settings_of(dataset: Dataset, out: Path, arrays: bool) -> Settings:
    beside = isinstance(dataset.root, Path) and out.resolve() == dataset.root.resolve() / "view"
    content = dataset.manifest
    own = not beside or "rgb" not in content.labels
    frames = content.frames_per_scene
    return Settings(dataset.root, frames, size_of(dataset), content.labels, out, arrays, own)


def size_of(dataset: Dataset) -> tuple[int, int]:
    """Return the width and height of a dataset's images, pixels, from the first readable record."""
    cameras = (partial(getattr, dataset[number], "camera") for number in range(len(dataset)))
    camera = first_of(cameras, None)
    return (4, 3) if camera is None else (camera.width, camera.height)


def columns_of(dataset: Dataset, validated: bool) -> Columns:
    """Return the columns of a view, still without images."""
    numbers = ["scene", "frame", "objects", "brightness", "contrast", "sharpness"]
    numbers += ["complaints"] if validated else []
    orders = {"classes": dataset.classes, "split": dataset.splits}
    return Columns(numbers, orders, several=("classes", "materials"))


def finish(
    dataset: Dataset,
    paths: ViewPaths,
    settings: Settings,
    options: Options,
    columns: Columns,
    instances: Instances,
) -> None:
    """Write the files that cover all scenes, the index last. Raises `OSError`."""
    written = write_columns(paths, columns.all())
    write_instances(paths, instances.columns())
    write(paths.page, assemble.page())
    put_stats(paths, options.stats)
    has_stats = options.stats is not None
    payload = index_payload(dataset, settings, columns.images, written, options.findings, has_stats)
    payload |= put_predictions(paths, options.predictions)
    write(paths.index, index_script(payload))


def _made(settings: Settings, dataset: Dataset, options: Options) -> Iterator[Scene]:
    """Yield all scenes in order. Each is cached as soon as it is done."""
    alone = len(dataset) < WORTH_A_PROCESS
    a_task = max(1, IMAGES_A_TASK // settings.frames)
    found = options.findings or Findings()
    tasks = (Task(n, dataset.split_of(n), found.of(n)) for n in dataset.scenes)
    chunks = batched(tasks, a_task, strict=False)
    work = partial(make_scenes, settings)
    for scenes in in_order(work, chunks, 1 if alone else options.processes):
        yield from scenes


def add_scene(
    scene: Scene, findings: Findings | None, columns: Columns, instances: Instances
) -> None:
    """Add the images of a scene, or of a group of an external dataset, with what is wrong with
    each. findings: None if the validator was not run."""
    instances.add(columns.images, scene.records.instance_rows())
    found = findings.of(scene.scene) if findings else {}
    for frame, (row, line) in enumerate(zip(scene.rows(), scene.damage(), strict=True)):
        if findings is not None or line:
            row["complaints"] = float(len(found.get(frame, ())) + bool(line))
        if line:
            row["damaged"] = 1.0
        columns.add(row)


def remove_scene_files(
    paths: ViewPaths, names: Sequence[str], *, arrays: bool, images: bool
) -> None:
    """Remove files of scenes that no longer exist, files that were not requested this time, and
    temporary files of interrupted runs. names: of the scenes."""
    keep_only(paths.data, [paths.columns.name, paths.scenes.name])
    remove_leftovers(paths.root)
    keep_only(paths.scenes, [f"{name}.js" for name in names])
    keep_only(paths.state, [f"{name}.json" for name in names])
    keep_only(paths.thumbs, names)
    keep_only(paths.arrays, names if arrays else [])
    keep_only(paths.images, names if images else [])


def put_stats(paths: ViewPaths, stats: Path | None) -> None:
    """Put the page of statistics into a view, or remove an older one. Raises `OSError`."""
    for path in paths.stats:
        path.unlink(missing_ok=True)
        if stats is not None:
            write(path, (stats / path.name).read_bytes())
