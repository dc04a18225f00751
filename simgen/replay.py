"""Renders a stored scene again and compares."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from simgen.assets.library import Library
from simgen.errors import InputError
from simgen.pipeline import label_scene
from simgen.store.layout import Layout
from simgen.store.reader import Dataset
from simgen.store.writer import write_scene

IDENTICAL, DIFFERENT = 0, 1


def replay(
    root: Path, scene: int, assets_dir: Path | None, output: Path | None, console: Console
) -> int:
    """Render a scene again from its stored spec alone, and say whether each file is identical.

    assets_dir: where the mesh files are, if not where the dataset was made from.
    output: a new or empty folder to keep the files in.
    Returns 0 when all files are identical, 1 when one differs. Raises `InputError`.
    """
    from simgen.blender.session import quiet

    dataset = Dataset(root)
    spec = dataset.spec(scene)
    library = Library(assets_dir or dataset.manifest.assets_dir)
    device = str(dataset.manifest.config["render"]["device"])
    with _target(output) as target, tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "replay.log"
        with quiet(log):
            labelled = label_scene(spec, library, Path(scratch), 0, device)
            write_scene(target, spec, labelled)
        return _compare(Layout(root).scene(scene), target, console)


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


def _compare(stored: Path, again: Path, console: Console) -> int:
    names = sorted({path.name for path in (*stored.iterdir(), *again.iterdir())})
    different = [name for name in names if not _same(stored / name, again / name)]
    for name in names:
        verdict = "differs" if name in different else "identical"
        console.print(f"{verdict:10} {name}", style="red" if name in different else None)
    if different:
        console.print(f"{len(different)} of {len(names)} files differ", style="bold red")
        return DIFFERENT
    console.print(f"all {len(names)} files are identical")
    return IDENTICAL


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()
