"""Where the files of a view are, and how they are written: whole, and never outside of it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

from simgen.errors import InputError
from simgen.store.layout import scene_name

_STATE = ".state"
_LEFTOVER = re.compile(r"\.(index\.html|stats\.html|stats\.json)\.\d+")


class ViewPaths:
    """The paths within one view. `docs/viewing.md` lists them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.page = root / "index.html"
        self.data = root / "data"
        self.index = self.data / "index.js"
        self.instances = self.data / "instances.js"
        self.columns = self.data / "columns"
        self.scenes = self.data / "scenes"
        self.thumbs = root / "thumbs"
        self.images = root / "images"
        self.arrays = root / "arrays"
        self.stats = (root / "stats.html", root / "stats.json")
        self.state = root / _STATE
        """What the files were made of. No part of the view."""

    def scene(self, scene: int) -> Path:
        return self.scenes / f"{scene_name(scene)}.js"

    def column(self, name: str) -> Path:
        return self.columns / f"{name}.js"

    def folders(self) -> tuple[Path, ...]:
        return (self.root, self.data, self.columns, self.scenes, self.thumbs, self.images,
                self.arrays, self.state)  # fmt: skip


def prepare(paths: ViewPaths) -> None:
    """Make the folder of a view, or take the one that is there. Raises `InputError` for one that
    holds anything else."""
    root = paths.root
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise InputError(f"{root}: not a folder; expected a new one, or a view of simgen's")
    if root.is_dir() and any(root.iterdir()) and not paths.state.is_dir():
        raise InputError(
            f"{root}: holds files that `simgen view` did not write; name another folder with --out"
        )
    for folder in paths.folders():
        make_folder(folder)


def make_folder(folder: Path) -> None:
    """A folder within a view. Raises `InputError` where a link leads elsewhere: a dataset that
    somebody else made may hold one."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink():
        raise InputError(f"{folder}: a link to somewhere else; remove it, and it is made anew")


def frame_name(frame: int, suffix: str) -> str:
    return f"{frame:04d}.{suffix}"


def write(path: Path, content: bytes) -> None:
    """Write a file. It is there whole or not at all, whenever the process is killed; where a link
    is, it is replaced. Raises `OSError`."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with temporary.open("xb") as file:
        file.write(content)
    os.replace(temporary, path)


def names(folder: Path) -> frozenset[str]:
    """What lies in a folder; nothing where there is none."""
    try:
        return frozenset(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return frozenset()


def remove_leftovers(folder: Path) -> None:
    """Remove what `write` left behind when it was killed."""
    for name in names(folder):
        if _LEFTOVER.fullmatch(name):
            (folder / name).unlink()


def keep_only(folder: Path, wanted: Iterable[str]) -> None:
    """Remove all else from a folder of a view."""
    for name in names(folder) - frozenset(wanted):
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
