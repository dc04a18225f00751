"""`simgen replay`: renders a stored scene again and compares the files, or retries a failed one."""

from __future__ import annotations

import faulthandler
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from simgen.dataset import remote
from simgen.dataset.adaptation.adaptation import FILE
from simgen.dataset.adaptation.adaptation import read as read_adaptation
from simgen.dataset.commits import scene_files
from simgen.dataset.layout import Layout
from simgen.dataset.manifest import Manifest, config_of, files_digest, stored_settings
from simgen.dataset.reader import Dataset
from simgen.dataset.remote import AnyPath
from simgen.dataset.writer import write_scene
from simgen.errors import InputError, SimgenError
from simgen.runs.adapt import adapt_files
from simgen.runs.backends.quarantine import quarantined, quarantined_spec
from simgen.runs.console import say
from simgen.runs.pipeline import label_scene
from simgen.sampling.scenes import sample_scene
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import catalogue_of, load_plugins
from simgen.stages.resolver import Resolver, make_resolver, resolver_settings

IDENTICAL, DIFFERENT = 0, 1
WORKS, FAILS = 0, 1


def replay(
    root: AnyPath,
    scene: int,
    assets_dir: Path | None,
    output: Path | None,
    plugins: tuple[str, ...],
    console: Console,
) -> int:
    """Render a scene again from its stored spec alone, and report whether each file is identical.

    A failed scene is rendered from its kept spec, or sampled again, to see whether and where it
    fails. The dataset does not change. For an adapted dataset, the new images are adapted before
    they are compared.

    assets_dir: folder of the mesh files, if it has moved. output: a new or empty folder to keep the
    files in. plugins: modules to import, which must include those that the dataset was made with.
    Returns 0 if all files are identical or if a failed scene now works, and 1 if a file differs or
    the scene fails with an error outside of `simgen.errors`; errors of `simgen.errors` are raised.
    """
    from simgen.rendering.blender.session import quiet  # imports Blender

    dataset = Dataset(root)
    if scene not in dataset.scenes and 0 <= scene < dataset.manifest.num_scenes:
        return _replay_missing(dataset, scene, assets_dir, output, plugins, console)
    spec = dataset.spec(scene)
    resolver = make_resolver(stored_settings(dataset.manifest, assets_dir, plugins))
    device = str(dataset.manifest.config["render"]["device"])
    with _target(output) as target, tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "replay.log"
        with quiet(log):
            labelled = label_scene(spec, resolver, Path(scratch), 0, device)
            write_scene(target, spec, labelled)
        place = Layout(root)
        if dataset.manifest.adaptation is not None:
            say(console, f"adapted dataset: the new images are adapted by {FILE} as well")
            names = [path.name for path in target.iterdir()]
            adapt_files(target, target, names, scene, dataset.manifest, read_adaptation(root))
        return _compare(place.scene(scene), scene_files(place, scene), target, console)


def _replay_missing(
    dataset: Dataset,
    scene: int,
    assets_dir: Path | None,
    output: Path | None,
    plugins: tuple[str, ...],
    console: Console,
) -> int:
    place, manifest = Layout(dataset.root), dataset.manifest
    kept = None
    if not remote.is_remote(dataset.root):
        _tell_reason(place, scene, console)
        kept = quarantined_spec(place, scene)
    device = str(manifest.config["render"]["device"])
    faulthandler.enable()  # the failure may have been a crash
    try:
        if kept is None:
            say(console, "its spec was not stored: sampling it again from the dataset's config")
            spec, resolver = _draw(manifest, scene, assets_dir, plugins)
        else:
            spec, resolver = kept, make_resolver(stored_settings(manifest, assets_dir, plugins))
        with _target(output) as target, tempfile.TemporaryDirectory() as scratch:
            write_scene(target, spec, label_scene(spec, resolver, Path(scratch), 0, device))
            count = len(list(target.iterdir()))
    except SimgenError:
        raise
    except Exception:
        say(console, traceback.format_exc())
        say(console, f"scene {scene} fails", "bold red")
        return FAILS
    say(console, f"scene {scene} works: {count} files; run the dataset's command again to add it")
    return WORKS


def _tell_reason(place: Layout, scene: int, console: Console) -> None:
    for failure in quarantined(place):
        if failure.scene == scene:
            attempts, reason = failure.attempts, failure.reason
            say(console, f"scene {scene} failed after {attempts} attempts: {reason}")


def _draw(
    manifest: Manifest, scene: int, assets_dir: Path | None, plugins: tuple[str, ...]
) -> tuple[SceneSpec, Resolver]:
    stored_settings(manifest, assets_dir, plugins)  # raises if a plugin is not named
    config = config_of(manifest)
    if assets_dir is not None:
        config.assets.dir = str(assets_dir)
    own = load_plugins(plugins)
    catalogue = catalogue_of(config, own.classes)
    catalogue = catalogue.as_begun(manifest.classes)
    settings = resolver_settings(config, plugins)
    if files_digest(catalogue, settings) != manifest.files_digest:
        skipped = "".join(f"; {item.file}: {item.reason}" for item in catalogue.skipped)
        raise InputError(
            "your own files differ from those that the dataset was made from, so its scenes cannot "
            f"be sampled again; restore them{skipped}"
        )
    resolver = make_resolver(settings)
    return sample_scene(config, catalogue, resolver, scene, manifest.labels), resolver


@contextmanager
def _target(output: Path | None) -> Iterator[Path]:
    if output is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(f"--output {output}: expected a new or empty folder")
    output.mkdir(parents=True, exist_ok=True)
    yield output


def _compare(stored: AnyPath, there: list[str], again: Path, console: Console) -> int:
    """Print a verdict per file and return the exit code. there: names of the files in `stored`."""
    names = sorted({*there, *(path.name for path in again.iterdir())})
    different = [name for name in names if not _same(stored / name, again / name)]
    for name in names:
        verdict = "differs" if name in different else "identical"
        say(console, f"{verdict:10} {name}", "red" if name in different else None)
    if different:
        say(console, f"{len(different)} of {len(names)} files differ", "bold red")
        return DIFFERENT
    say(console, f"all {len(names)} files are identical")
    return IDENTICAL


def _same(stored: AnyPath, again: Path) -> bool:
    try:
        return remote.read_bytes(stored) == again.read_bytes()
    except FileNotFoundError:
        return False
