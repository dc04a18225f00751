"""The Python interface to `simgen generate`.

import simgen

config = simgen.load_config(["scene=bin", "render.samples=4"])
spec = simgen.sample_scene(config, 0)  # all sampled values of scene 0
frames = simgen.render(spec)  # its images and labels
dataset = simgen.generate(config)  # all scenes, in a folder
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from rich.console import Console

from simgen.config import Config, check
from simgen.config import compose as composition
from simgen.dataset.reader import Dataset, open_dataset
from simgen.dataset.sample import Sample
from simgen.dataset.writer import write_scene
from simgen.labels.selection import label_names
from simgen.runs.generate import SOME_FAILED, check_machine
from simgen.runs.generate import generate as run_dataset
from simgen.runs.pipeline import label_scene
from simgen.sampling.checks import check_sampling
from simgen.sampling.scenes import sample_scene as draw_scene
from simgen.spec.scene import SceneSpec
from simgen.stages.plugins import catalogue_of, load_plugins
from simgen.stages.resolver import ResolverSettings, make_resolver, resolver_settings

log = logging.getLogger(__name__)

Overrides = Sequence[str]
"""Arguments as on the command line, such as `["scene=bin", "num_scenes=100"]`."""


class RenderedFrame(Sample):
    """A frame outside of a dataset. Its temporary files are deleted with the scene's last frame."""

    def __init__(self, folder: TemporaryDirectory[str], spec: SceneSpec, frame: int) -> None:
        path = Path(folder.name)
        super().__init__(path, spec.index, frame, len(spec.cameras), spec.labels, spec.split)
        self._owner = folder


def load_config(overrides: Overrides = (), config_dir: str | Path | None = None) -> Config:
    """Return the config that `simgen generate` would use with these overrides.

    overrides: such as `["scene=bin", "num_scenes=100"]`; docs/config.md lists all keys. config_dir:
    a folder of your own config files.
    Raises `InputError`, with a one-line message, for a wrong key or value.
    """
    return _checked(composition.load_config(overrides, config_dir))


def sample_scene(config: Config | Overrides, index: int, plugins: Sequence[str] = ()) -> SceneSpec:
    """Sample one scene without rendering it. The same config and index yield the same scene.

    The spec contains all sampled values: objects at rest with their poses (metres, z up),
    materials, lights, cameras, and every factor.

    index: of the scene in its dataset, from 0; may exceed `num_scenes`. plugins: your own modules.
    Raises `InputError` for a wrong config or wrong assets, `SceneError` for a scene that cannot be
    generated with this config.
    """
    config = _checked(config)
    own = load_plugins(tuple(plugins))
    catalogue = catalogue_of(config, own.classes)
    resolver = make_resolver(resolver_settings(config, tuple(plugins)))
    check_sampling(config, catalogue, resolver.stages.get(config.scene.name))
    return draw_scene(config, catalogue, resolver, index, label_names(config))


def render(
    spec: SceneSpec, config: Config | Overrides | None = None, plugins: Sequence[str] = ()
) -> list[Sample]:
    """Render a scene in this process and label it. Returns one sample per frame, as in a dataset
    from `simgen.open`: `sample.rgb` is `H x W x 3` uint8, `sample.depth` `H x W` float32 metres.

    config: the config that the spec was sampled from; required if it uses your own files (meshes,
    textures, HDRIs, a .blend file), and for `render.device`. plugins: your own modules.
    Raises `AssetError` for a file that is missing or has changed, `InputError` for a device that
    cannot be used, `SimgenError` if Blender cannot start.
    """
    check_machine()
    settings, device = ResolverSettings(plugins=tuple(plugins)), "auto"
    if config is not None:
        config = _checked(config)
        settings, device = resolver_settings(config, tuple(plugins)), config.render.device
    folder = TemporaryDirectory(prefix="simgen-")
    with TemporaryDirectory(prefix="simgen-") as scratch:
        labelled = label_scene(spec, make_resolver(settings), Path(scratch), 0, device)
        write_scene(Path(folder.name), spec, labelled)
    return [RenderedFrame(folder, spec, frame) for frame in range(len(spec.cameras))]


def generate(
    config: Config | Overrides, plugins: Sequence[str] = (), progress: bool = True
) -> Dataset:
    """Generate a dataset or continue an interrupted one, like `simgen generate`.

    It is written to `output.uri` if set, or else to `output.dir`, by default
    `datasets/<scene>-seed<seed>`. Failed scenes are absent, and logged as a warning.

    plugins: your own modules. progress: whether to print what the command prints.
    Raises `InputError` before anything is rendered if the config, the assets or the folder are
    wrong, and `SimgenError` if the run had to stop; scenes finished by then are kept.
    """
    config = _checked(config)
    folder = Path(config.output.dir) if config.output.dir else composition.default_folder(config)
    with _importable_main():
        code = run_dataset(config, folder, Console(quiet=not progress), tuple(plugins))
    dataset = open_dataset(config.output.uri or folder)
    if code == SOME_FAILED:
        missing = config.num_scenes - len(dataset.scenes)
        log.warning("%s: %d scenes failed; see `simgen status`", dataset.root, missing)
    return dataset


def _checked(config: Config | Overrides) -> Config:
    if not isinstance(config, Config):
        return load_config(config)
    check(config)
    label_names(config)
    return config


@contextmanager
def _importable_main() -> Iterator[None]:
    """Replace the main module by an empty one for the duration of the context.

    Worker processes import the main module. A short script without `if __name__ == "__main__"`
    would run again in each of them.
    """
    kept = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = kept
