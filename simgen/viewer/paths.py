"""The files of a view, written atomically and never outside of its folder."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from simgen.dataset.layout import scene_name
from simgen.errors import InputError

_LEFTOVER = re.compile(r"\.(index\.html|stats\.html|stats\.json)\.\d+")


class ViewPaths:
    """The paths within one view. `docs/viewing.md` lists them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.page = root / "index.html"
        self.data = root / "data"
        self.index = self.data / "index.js"
        self.instances = self.data / "instances.js"
        self.names = self.data / "names.js"
        self.predictions = self.data / "predictions"
        self.outcomes = self.data / "outcomes.js"
        self.columns = self.data / "columns"
        self.scenes = self.data / "scenes"
        self.thumbs = root / "thumbs"
        self.images = root / "images"
        self.arrays = root / "arrays"
        self.stats = (root / "stats.html", root / "stats.json")
        self.state = root / ".state"
        """The cache, one file per scene. Not part of the view."""

    def scene(self, scene: int) -> Path:
        return self.scenes / f"{scene_name(scene)}.js"

    def cached(self, scene: int) -> Path:
        return self.state / f"{scene_name(scene)}.json"

    def column(self, name: str) -> Path:
        return self.columns / f"{name}.js"

    def folders(self) -> tuple[Path, ...]:
        return (self.root, self.data, self.columns, self.scenes, self.thumbs, self.images,
                self.arrays, self.state)  # fmt: skip


def prepare(paths: ViewPaths) -> None:
    """Create the folder of a view if necessary. Raises `InputError` for a folder with other
    content."""
    check_folder(paths)
    for folder in paths.folders():
        make_folder(folder)


def check_folder(paths: ViewPaths) -> None:
    """Raise `InputError` if the folder of a view is something else, or has other content."""
    root = paths.root
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise InputError(f"{root}: not a folder; choose a new folder or an existing view")
    if root.is_dir() and any(root.iterdir()) and not paths.state.is_dir():
        raise InputError(
            f"{root}: contains files that `simgen view` did not write; choose another folder with "
            "--out"
        )


def make_folder(folder: Path) -> None:
    """Create a folder within a view. Raises `InputError` if it is a link, which untrusted
    datasets may contain."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink():
        raise InputError(f"{folder}: found a link, expected a folder; remove it and try again")


def frame_name(frame: int, suffix: str) -> str:
    return f"{frame:04d}.{suffix}"


def write(path: Path, content: bytes) -> None:
    """Write a file atomically, replacing a link of that name. Raises `OSError`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:
        file.write(content)
    os.replace(temporary, path)


def names(folder: Path) -> frozenset[str]:
    """Return the names of a folder's entries; empty if the folder does not exist."""
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files of interrupted calls of `write`."""
    for name in names(folder):
        if _LEFTOVER.fullmatch(name):
            (folder / name).unlink()


def keep_only(folder: Path, wanted: Iterable[str]) -> None:
    """Remove all entries but the wanted ones from a folder of a view."""
    for name in names(folder) - frozenset(wanted):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
