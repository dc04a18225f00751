"""Headers of mesh files, read cheaply to count the triangles before loading.

A loader may need a hundred times the size of a file in memory, so files that are too large,
truncated or not meshes are rejected here, before they are loaded. All functions raise `AssetError`
without the file's name, which `simgen.assets.files` adds.
"""

from __future__ import annotations

import struct
from pathlib import Path

from simgen.assets import gltf
from simgen.errors import AssetError

SUFFIXES = (".obj", ".glb", ".gltf", ".ply", ".stl")

_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
    (b"version https://git-lfs", "a Git LFS pointer (run `git lfs pull`)"),
    (b"BLENDER", "a .blend file"),
    (b"Kaydara FBX", "an FBX file"),
    (b"glTF", "a binary glTF file (rename it to .glb)"),
    (b"ply", "a PLY file (rename it to .ply)"),
)
_FORMATS = {
    ".obj": "a Wavefront OBJ",
    ".glb": "a binary glTF 2.0",
    ".gltf": "a glTF 2.0 JSON",
    ".ply": "a PLY",
    ".stl": "an STL",
}


def count_triangles(path: Path, stop: int) -> int:
    """Return the number of triangles that a file announces; counting may stop above `stop`.

    Polygons of PLY files count as one triangle, so the number may be too low, but never too high.
    """
    size = path.stat().st_size
    if size == 0:
        raise AssetError("the file is empty (0 bytes); export it again")
    suffix = path.suffix.lower()
    if suffix == ".obj":
        return _count_obj(path, stop)
    if suffix == ".stl":
        return _count_stl(path, size)
    if suffix == ".ply":
        return _count_ply(path, size)
    try:
        header = gltf.read_header(path)
    except ValueError as error:
        raise not_a_mesh(path, str(error)) from error
    return gltf.count_triangles(header)


def not_a_mesh(path: Path, detail: str = "") -> AssetError:
    """Return the error for a file whose content does not match its suffix."""
    with path.open("rb") as file:
        head = file.read(512)
    found = next((name for mark, name in _SIGNATURES if head.lstrip().startswith(mark)), "")
    if not found:
        text = all(byte >= 32 or byte in b"\t\r\n\f" for byte in head)
        found = "text" if text else "binary data"
    wanted = _FORMATS[path.suffix.lower()]
    detail = f" ({detail})" if detail else ""
    return AssetError(f"found {found}, expected {wanted} file{detail}; export it again")


def _count_obj(path: Path, stop: int) -> int:
    triangles = vertices = 0
    with path.open("rb") as file:
        for line in file:
            line = line.lstrip()
            if line[:2] in (b"f ", b"f\t"):
                triangles += max(0, len(line.split()) - 3)
                if triangles > stop:
                    break
            elif line[:2] in (b"v ", b"v\t"):
                vertices += 1
    if not vertices:
        raise not_a_mesh(path, "it has no line that starts with 'v '")
    if not triangles:
        raise no_faces(vertices)
    return triangles


def _count_stl(path: Path, size: int) -> int:
    with path.open("rb") as file:
        head = file.read(84)
        count = struct.unpack("<I", head[80:])[0] if len(head) == 84 else 0
        needed = 84 + 50 * count
        if count and size >= needed:
            return count
        if not head.lstrip().lower().startswith(b"solid"):
            if len(head) < 84 or not _looks_like_stl(head):
                raise not_a_mesh(path)
            if count == 0:
                raise no_faces(0)
            raise AssetError(
                f"the file is truncated: its header announces {count} triangles"
                f" ({needed} bytes), found {size} bytes; copy or export it again"
            )
        facets, tail = 0, b""
        while block := file.read(2**20):
            facets += block.lower().count(b"endfacet")
            tail = block[-200:]
    if not facets:
        raise not_a_mesh(path, "it starts with 'solid' but has no facets")
    if b"endsolid" not in tail.lower():
        raise AssetError("the file is truncated: no 'endsolid' at its end; copy or export it again")
    return facets


def _looks_like_stl(head: bytes) -> bool:
    """Return False for text, images and other files whose bytes 80..83 are not a triangle count."""
    return not any(head.startswith(mark) for mark, _ in _SIGNATURES) and not all(
        byte in b"\t\r\n" or 32 <= byte < 127 for byte in head
    )


def _count_ply(path: Path, size: int) -> int:
    counts = {"vertex": 0, "face": 0}
    with path.open("rb") as file:
        if file.readline(16).strip() != b"ply":
            raise not_a_mesh(path)
        for _ in range(1000):
            words = file.readline(4096).split()
            if words[:1] == [b"end_header"]:
                break
            if words[:1] == [b"element"] and len(words) == 3 and words[2].isdigit():
                counts[words[1].decode("latin-1")] = int(words[2])
        else:
            raise not_a_mesh(path, "its header has no end")
    if not counts["face"]:
        raise no_faces(counts["vertex"])
    # Every element takes at least one byte; the loader would trust any number.
    if sum(counts.values()) > size:
        raise AssetError(
            f"the file is truncated: its header announces {counts['vertex']} vertices and"
            f" {counts['face']} faces, found {size} bytes; copy or export it again"
        )
    return counts["face"]


def no_faces(vertices: int) -> AssetError:
    """Return the error for a file without faces."""
    return AssetError(
        f"found {vertices} vertices and no faces (a point cloud?), expected a mesh;"
        " reconstruct a surface or export with faces"
    )


def without_trailing_bytes(data: bytes) -> bytes:
    """Return an STL without bytes after its last triangle, which some exporters write and trimesh
    rejects."""
    count = struct.unpack("<I", data[80:84])[0] if len(data) >= 84 else 0
    needed = 84 + 50 * count
    return data[:needed] if count and len(data) >= needed else data
