"""Joining OBJ files, with their materials and textures, into one."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath

import numpy as np

from simgen.assets.references import MTL_OPTION
from simgen.errors import AssetError

_MOST_BYTES = 512 * 2**20
"""Maximum size of all files of an object together."""
_MAP = re.compile(r"^(\s*(?:map_\w+|bump|disp|decal|refl|norm)\s+)(.+?)\s*$", re.I)


class ObjWriter:
    """Joins OBJ files below `root` into one in the folder `work`.

    links: the names of the groups so far.
    """

    def __init__(self, root: Path, work: Path) -> None:
        self._root, self._work = root.resolve(), work
        self._lines: list[str] = []
        self._materials: list[str] = []
        self._libraries: dict[Path, int] = {}
        self._counts = [0, 0, 0]  # v, vt, vn
        self._bytes = 0
        self._copied: set[Path] = set()
        self.links: tuple[str, ...] = ()

    def add(self, file: str, pose: np.ndarray, group: str) -> None:
        """Add an OBJ file. file: relative to the root. pose: `4 x 4`. group: name of its part.

        Raises `AssetError` if it is missing, outside the root, damaged or too large.
        """
        name = re.sub(r"\s+", "_", group) or "part"
        path = self._inside(self._root, file)
        if path is None:
            raise AssetError(f"its mesh {file[:80]!r} does not exist in the folder")
        if not self.links or self.links[-1] != name:
            self._lines.append(f"o {name}")
        self.links = tuple(dict.fromkeys((*self.links, name)))
        start = tuple(self._counts)
        libraries: list[int] = []
        normals = np.linalg.inv(pose[:3, :3]).T
        for line in self._text(path).splitlines():
            words = line.split()
            if not words or words[0] in ("o", "g"):
                continue
            try:
                self._add_line(words, line, path, pose, normals, start, libraries)
            except (ValueError, IndexError) as error:
                short = " ".join(words)[:60]
                raise AssetError(f"{path.name}: found {short!r}, expected OBJ") from error

    def _add_line(
        self,
        words: list[str],
        line: str,
        path: Path,
        pose: np.ndarray,
        normals: np.ndarray,
        start: tuple[int, ...],
        libraries: list[int],
    ) -> None:
        match words[0]:
            case "v":
                point = pose[:3, :3] @ np.array(words[1:4], float) + pose[:3, 3]
                self._put("v", point, 0)
            case "vt":
                self._put("vt", np.array(words[1:3], float), 1)
            case "vn":
                self._put("vn", normals @ np.array(words[1:4], float), 2)
            case "f":
                corners = [_shifted(word, start, self._counts) for word in words[1:]]
                self._lines.append(f"f {' '.join(corners)}")
            case "mtllib":
                libraries.append(self._library(path, line.split(None, 1)[1].strip()))
            case "usemtl":
                prefix = f"m{libraries[-1]}_" if libraries else ""
                self._lines.append(f"usemtl {prefix}{'_'.join(words[1:])}")
            case "s":
                self._lines.append(" ".join(words))

    def _put(self, key: str, values: np.ndarray, index: int) -> None:
        self._lines.append(f"{key} {' '.join(f'{value:.9g}' for value in values)}")
        self._counts[index] += 1

    def write(self, name: str) -> None:
        """Write the OBJ file `name` and its material file to the work folder."""
        library = f"{Path(name).stem}.mtl"
        text = "\n".join((f"mtllib {library}", *self._lines, ""))
        (self._work / name).write_text(text, encoding="utf-8")
        (self._work / library).write_text("\n".join((*self._materials, "")), encoding="utf-8")

    def _library(self, path: Path, name: str) -> int:
        """Return the number of a material file, which prefixes the names of its materials."""
        found = self._inside(path.parent, name)
        if found is None:
            return -1
        if found not in self._libraries:
            number = self._libraries[found] = len(self._libraries)
            for line in self._text(found).splitlines():
                self._materials.append(self._material_line(found, line, number))
        return self._libraries[found]

    def _material_line(self, library: Path, line: str, number: int) -> str:
        words = line.split()
        if len(words) > 1 and words[0] == "newmtl":
            return f"newmtl m{number}_{'_'.join(words[1:])}"
        found = _MAP.match(line)
        if not found:
            return line
        name = found[2]
        while option := MTL_OPTION.match(name):
            name = name[option.end() :]
        texture = self._inside(library.parent, name.strip())
        if texture is None:
            return line  # reported when the mesh is loaded
        return f"{found[1]}{self._copy(texture)}"

    def _copy(self, texture: Path) -> str:
        relative = texture.relative_to(self._root)
        name = PurePosixPath("textures", *relative.parts).as_posix().replace(" ", "_")
        if texture not in self._copied:
            self._count(texture)
            target = self._work / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(texture, target)
            self._copied.add(texture)
        return name

    def _inside(self, folder: Path, name: str) -> Path | None:
        plain = name.replace("\\", "/").removeprefix("package://")
        path = Path(os.path.normpath(folder / plain)).resolve()
        return path if path.is_relative_to(self._root) and path.is_file() else None

    def _text(self, path: Path) -> str:
        self._count(path)
        return path.read_text(encoding="utf-8", errors="replace")

    def _count(self, path: Path) -> None:
        self._bytes += path.stat().st_size
        if self._bytes > _MOST_BYTES:
            raise AssetError(f"its files are larger than {_MOST_BYTES // 2**20} MB")


def _shifted(corner: str, start: tuple[int, ...], now: list[int]) -> str:
    """Return a corner of a face, `v/vt/vn`, with the indices of the joined file.

    start: counts of the joined file before this one. now: the present ones, to which negative
    indices are relative.
    """
    found = []
    for index, word in enumerate(corner.split("/")):
        number = int(word) if word else 0
        shifted = number + start[index] if number > 0 else now[index] + 1 + number
        found.append(str(shifted) if word else "")
    return "/".join(found)
