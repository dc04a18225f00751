"""A page of several datasets side by side, with the view of each in a folder beside it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from simgen.viewer import assemble
from simgen.viewer.index import index_script
from simgen.viewer.paths import ViewPaths, check_folder, keep_only, make_folder, names, write
from simgen.viewer.writer import written_to

MOST = 4
"""Datasets on a page; more would have no room."""
_FOLDER = re.compile(r"[1-9]-[\w-]{1,60}", re.ASCII)


def folders_of(titles: Sequence[str]) -> list[str]:
    """Return the folder of each dataset's view: its number and its name, in plain letters."""
    plain = (re.sub(r"[^A-Za-z0-9_-]+", "_", title)[:60] or "_" for title in titles)
    return [f"{number}-{name}" for number, name in enumerate(plain, start=1)]


def prepare_together(out: Path, folders: Sequence[str]) -> None:
    """Create the folder if necessary and remove what an earlier view left in it: its index, and
    views of datasets that no longer are among `folders`.

    Raises `InputError` for a folder with other content, and `DiskError`.
    """
    paths = ViewPaths(out)
    check_folder(paths)
    with written_to(out):
        for folder in (out, paths.data, paths.state):
            make_folder(folder)
        keep_only(paths.data, [])
        for name in names(out) - frozenset(folders):
            if _FOLDER.fullmatch(name) and (out / name / paths.state.name).is_dir():
                _remove(out / name)
        for path in (paths.thumbs, paths.images, paths.arrays):
            _remove(path)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.is_dir():
        shutil.rmtree(folder)


def write_together(out: Path, title: str, folders: Sequence[str]) -> Path:
    """Write the page, when the views in the folders are there; return its path. Raises
    `DiskError`."""
    paths = ViewPaths(out)
    with written_to(out):
        write(paths.page, assemble.page())
        payload = {"version": 1, "name": title, "together": list(folders), "stats": False}
        write(paths.index, index_script(payload))
    return paths.page
