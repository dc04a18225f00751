"""Files that a mesh file refers to (.mtl, .bin, textures), read only from within the asset folder.

Mesh files are untrusted. A reference to a path outside the asset folder, an absolute path or the
network is never followed: it becomes a note, and the loader continues without it.
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
"""Maximum size of a side file, bytes."""

_NOT_IMAGES = (".mtl", ".bin")
MTL_OPTION = re.compile(r"^-\w+(?:\s+(?:on|off|[rgbmlz]|[-+]?[\d.]+(?:[eE][-+]?\d+)?))*\s+")
"""An option before the file name of a texture in a material file."""


class FolderResolver(Resolver):
    """Provides the side files of a mesh file to trimesh, and records them.

    used: bytes of the files read so far, by path relative to the asset folder (for fingerprints).
    notes: one line per reference that was not followed.
    """

    def __init__(self, root: Path, directory: Path) -> None:
        """root: resolved asset folder. directory: resolved folder of the mesh file."""
        self.root = root
        self.directory = directory
        self.used: dict[str, bytes] = {}
        self.notes: list[str] = []

    def get(self, name: str) -> bytes:
        """Return the bytes of a side file. Raises `FileNotFoundError` if it cannot or may not be
        read."""
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
            raise ValueError("the file does not exist")
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MB")
        data = path.read_bytes()
        self.used[key] = data  # even if the check fails: repairing the file changes the fingerprint
        if path.suffix.lower() not in _NOT_IMAGES:
            images.check(data)
        return data

    def _inside(self, name: str) -> Path:
        """Resolve `name` to a file. Raises `ValueError` if it is outside the asset folder."""
        plain = name.replace("\\", "/")
        if re.match(r"^[a-zA-Z][a-zA-Z0-9+.-]+:", plain):
            raise ValueError("it is a URL; only files in the asset folder are read")
        if plain.startswith(("/", "~")) or re.match(r"^[a-zA-Z]:", plain):
            raise ValueError("it is an absolute path; only files in the asset folder are read")
        # glTF percent-encodes special characters, but a literal name takes precedence.
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
    """Return the SHA-256 over a mesh file's bytes and its side files' names and bytes.

    Without side files, it is the SHA-256 of the mesh file.
    """
    digest = hashlib.sha256(data)
    for name in sorted(side_files):
        digest.update(f"\0{name}\0{len(side_files[name])}\0".encode())
        digest.update(side_files[name])
    return digest.hexdigest()


def labelled_fingerprint(of_files: str, entry: Entry) -> str:
    """Return the SHA-256 of an asset: of its files, and the parts of its entry that labels use."""
    plain = {"keypoints": entry.keypoints, "skeleton": entry.skeleton, "parts": entry.parts}
    if not any(plain.values()):
        return of_files
    text = f"{of_files}\0{json.dumps(plain, sort_keys=True)}"
    return hashlib.sha256(text.encode()).hexdigest()
