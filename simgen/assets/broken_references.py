"""Repair of broken references in OBJ files from archives, by searching for the file names.

Models are often exported on one machine and packed on another: paths are absolute, differ in case,
or point to folders that were omitted. The files themselves are usually elsewhere in the archive.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from pathlib import Path

from simgen.assets.references import MTL_OPTION

_UP_TO = 8 * 2**20
"""Maximum size of a material file, bytes."""
_OBJ_UP_TO = 256 * 2**20
_ALIKE = 0.6
"""Minimum similarity of material file names, 0..1."""
_LIBRARY = re.compile(rb"^([ \t]*mtllib[ \t]+)([^\r\n]+)", re.M)
_MAP = re.compile(r"^(\s*(?:map_\w+|bump|disp|decal|refl|norm)\s+)(.+?)\s*$", re.I)


class Archive:
    """An extracted archive, whose files are rewritten in place."""

    def __init__(self, root: Path) -> None:
        self._root = root = root.resolve()
        self._by_name: dict[str, list[Path]] = {}
        for path in sorted(root.rglob("*")):
            if path.is_file():
                self._by_name.setdefault(path.name.lower(), []).append(path)

    def repair(self, model: Path) -> list[str]:
        """Correct the references of an OBJ file and of its material files.

        Returns a note for each reference that was changed or is ambiguous.
        """
        if model.suffix.lower() != ".obj" or model.stat().st_size > _OBJ_UP_TO:
            return []
        notes: list[str] = []
        libraries: list[Path] = []
        data = model.read_bytes()

        def repaired(found: re.Match[bytes]) -> bytes:
            written = found[2].decode("utf-8", "replace").strip()
            several = [model.parent / word for word in written.split()]
            if len(several) > 1 and all(map(self._exists, several)):
                libraries.extend(several)
                return found[0]
            path = self._find(model.parent, written, "material file", notes, self._alike)
            if path is None:
                return found[0]
            libraries.append(path)
            same = path == model.parent / written
            return found[0] if same else found[1] + _from(model.parent, path).encode()

        new = _LIBRARY.sub(repaired, data)
        if new != data:
            model.write_bytes(new)
        for library in dict.fromkeys(libraries):
            self._repair_library(library, notes)
        return notes

    def _repair_library(self, library: Path, notes: list[str]) -> None:
        if library.stat().st_size > _UP_TO:
            return
        text = library.read_bytes().decode("utf-8", "surrogateescape")  # its encoding is unknown
        lines = text.split("\n")
        for number, line in enumerate(lines):
            found = _MAP.match(line)
            if not found:
                continue
            options, written = _options(found[2])
            path = self._find(library.parent, written, "texture", notes, None)
            if path is not None and path != library.parent / written:
                lines[number] = found[1] + options + _from(library.parent, path)
        new = "\n".join(lines)
        if new != text:
            library.write_bytes(new.encode("utf-8", "surrogateescape"))

    def _find(
        self,
        folder: Path,
        written: str,
        what: str,
        notes: list[str],
        otherwise: Callable[[Path, str], Path | None] | None,
    ) -> Path | None:
        """Return the file that a reference means. otherwise: called if no file has that name."""
        if self._exists(folder / written):
            return folder / written
        name = re.split(r"[\\/]", written)[-1].strip()
        same = self._by_name.get(name.lower(), [])
        near = [path for path in same if path.is_relative_to(folder)] or same
        if len(near) > 1 and not near[0].is_relative_to(folder) and not _are_same(near):
            notes.append(
                f"{what} {written[-60:]!r} does not exist, and {len(near)} files have its name"
            )
            return None
        found = near[0] if near else otherwise(folder, name) if otherwise else None
        if found is not None:
            shown = found.relative_to(self._root).as_posix()
            notes.append(f"{what} {written[-60:]!r} does not exist: using {shown!r}")
        return found

    def _exists(self, path: Path) -> bool:
        """Return whether a file exists within the archive."""
        return os.path.isfile(path) and path.resolve().is_relative_to(self._root)

    def _alike(self, folder: Path, name: str) -> Path | None:
        """Return the material file beside a model whose name is most similar."""
        beside = {path.name.lower(): path for path in sorted(folder.glob("*.[mM][tT][lL]"))}
        near = difflib.get_close_matches(name.lower(), beside, n=1, cutoff=_ALIKE)
        return beside[near[0]] if near else None


def _options(text: str) -> tuple[str, str]:
    """Split the arguments of a texture statement into its options and the file name."""
    name = text
    while option := MTL_OPTION.match(name):
        name = name[option.end() :]
    return text[: len(text) - len(name)], name


def _from(folder: Path, path: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _are_same(paths: list[Path]) -> bool:
    first = paths[0].read_bytes()
    return all(path.read_bytes() == first for path in paths[1:])
