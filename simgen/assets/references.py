"""Files that a mesh file refers to (.mtl, .bin, textures), read only from inside the asset folder.

Mesh files are untrusted. A reference out of the asset folder, to an absolute path or to the network
is never followed: it becomes a note, and the loader continues without it.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from trimesh.resolvers import Resolver

from simgen.assets import images
from simgen.assets.entries import Entry

MAX_BYTES = 512 * 2**20
"""A side file larger than this is not read."""

_NOT_IMAGES = (".mtl", ".bin")
MTL_OPTION = re.compile(r"^-\w+(?:\s+(?:on|off|[rgbmlz]|[-+]?[\d.]+(?:[eE][-+]?\d+)?))*\s+")
"""An option before the name of a texture in a material file."""


class FolderResolver(Resolver):
    """Passes the side files of a mesh file to trimesh, and records what it did with each.

    used: bytes read so far, by path relative to the asset folder (for the fingerprint).
    notes: one line per reference that was not followed.
    """

    def __init__(self, root: Path, directory: Path) -> None:
        """`root`: resolved asset folder, `directory`: resolved folder of the mesh file."""
        self.root = root
        self.directory = directory
        self.used: dict[str, bytes] = {}
        self.notes: list[str] = []

    def get(self, name: str) -> bytes:
        """Bytes of the side file `name`. Raises `FileNotFoundError` for what may not be read."""
        try:
            return self._read(str(name).strip())
        except (ValueError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            note = f"{str(name)[:120]!r} is not used: {reason}"
            if note not in self.notes:
                self.notes.append(note)
            raise FileNotFoundError(note) from error

    def _read(self, name: str) -> bytes:
        while option := MTL_OPTION.match(name):
            name = name[option.end() :]
        path = self._inside(name)
        key = path.relative_to(self.root).as_posix()
        if key in self.used:
            return self.used[key]
        if not path.is_file():
            raise ValueError("there is no such file beside the mesh")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MB")
        data = path.read_bytes()
        self.used[key] = data  # before the check: repairing the file changes the fingerprint
        if path.suffix.lower() not in _NOT_IMAGES:
            images.check(data)
        return data

    def _inside(self, name: str) -> Path:
        """The file that `name` means. Raises `ValueError` where it is outside the asset folder."""
        plain = name.replace("\\", "/")
        if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]+:", plain):
            raise ValueError("it is a web address, only files of the asset folder are read")
        if plain.startswith(("/", "~")) or re.match(r"^[a-zA-Z]:", plain):
            raise ValueError("it is an absolute path, only files of the asset folder are read")
        # glTF percent-encodes blanks and the like; a literal name comes first.
        for candidate in (plain, unquote(plain)):
            path = (self.directory / PurePosixPath(candidate)).resolve()
            if not path.is_relative_to(self.root):
                raise ValueError("it is outside the asset folder")
            if path.is_file():
                break
        return path

    def keys(self) -> list[str]:
        return list(self.used)

    def write(self, name: str, data: object) -> None:
        raise PermissionError("the asset folder is never written to")

    def namespaced(self, namespace: str) -> FolderResolver:
        raise NotImplementedError("mesh files have one namespace")


def fingerprint(data: bytes, side_files: dict[str, bytes]) -> str:
    """sha256 over a mesh file's bytes and its side files' names and bytes.

    Without side files it is what `sha256sum` says of the mesh file.
    """
    digest = hashlib.sha256(data)
    for name in sorted(side_files):
        digest.update(f"\0{name}\0{len(side_files[name])}\0".encode())
        digest.update(side_files[name])
    return digest.hexdigest()


def labelled_fingerprint(of_files: str, entry: Entry) -> str:
    """The sha256 of an asset whose files have that one: labels depend on its entry as well."""
    plain = {"keypoints": entry.keypoints, "skeleton": entry.skeleton, "parts": entry.parts}
    if not any(plain.values()):
        return of_files
    text = f"{of_files}\0{json.dumps(plain, sort_keys=True)}"
    return hashlib.sha256(text.encode()).hexdigest()
