"""Convex decomposition of meshes for the physics simulation, with V-HACD."""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import tempfile
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError
from vhacdx import compute_vhacd

from simgen.assets.geometry import count_open_edges
from simgen.geometry import hulls
from simgen.geometry.mesh import MeshData
from simgen.resources import cache_dir
from simgen.spec.scene import AssetRef

log = logging.getLogger("simgen.assets")

VERSION = 3
"""Part of a cache file's name: increase it when the pieces of a mesh change."""

MAX_POINTS = 64
"""Maximum number of corners of one piece."""
MAX_PIECES = 24
_RESOLUTION = 64_000
"""Voxels in the bounding box. With these, the number of pieces limits the accuracy: 400,000 voxels
were no more accurate on the meshes tried, and took five times as long."""
_DEPTH = 6
"""Recursion depth of splits before merging; 10 took twice as long and was no more accurate."""
_MAX_FACES = 60_000
_MAX_PARTS = 200
"""Above this number of connected parts, a mesh is decomposed without looking at its parts."""
_LEAST = 8
"""Number of pieces reserved for non-convex parts."""
_CONVEX = 0.95
"""Minimum share of its convex hull that a closed part fills to be considered convex."""
_FLAT = 1e-4
"""A piece thinner than this times the size of the mesh is flat ..."""
_SLAB = 0.01
"""... and becomes a slab or rod whose thickness is this times the size of the mesh."""
_AROUND = np.array([way for way in itertools.product((-1, 0, 1), repeat=3) if any(way)])


def convex_pieces(mesh: MeshData, cache: Path | None, key: str) -> tuple[np.ndarray, ...]:
    """Return convex pieces that together approximate a mesh: `n x 3` float64, metres, 4 <= n <= 64.

    cache: folder to keep the result in, or None; it need not exist or be writable.
    key: identifies the mesh (a fingerprint, unit and up axis).
    The result for a mesh is the same, byte for byte, with and without a cache.
    """
    file = None
    if cache is not None:
        name = hashlib.sha256(f"{VERSION}\n{key}".encode()).hexdigest()[:32]
        file = cache / f"pieces-{name}.npz"
        found = _read(file)
        if found:
            return found
    pieces = decompose(mesh.vertices, mesh.faces)
    if file is not None:
        _write(file, pieces)
    return pieces


def physics_pieces(mesh: MeshData, asset: AssetRef, hull: str) -> tuple[np.ndarray, ...]:
    """Return the convex pieces of a mesh file, each `n x 3`, metres, unscaled, cached if possible.

    hull: `convex` (one piece) or `decompose`.
    """
    if hull == "convex":
        low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
        centre, size = (low + high) / 2, float((high - low).max())
        piece = _with_volume((mesh.vertices - centre) / size)
        if piece is not None:
            return (piece * size + centre,)
    key = f"{asset.sha256} {asset.unit} {asset.up}"
    if asset.turn or asset.size:
        key += f" {asset.turn} {asset.size}"
    return convex_pieces(mesh, cache_dir(), key)


def volume(pieces: tuple[np.ndarray, ...]) -> float:
    """Return the sum of the pieces' volumes, m3; overlaps count twice, as in MuJoCo."""
    return float(sum(ConvexHull(piece).volume for piece in pieces))


def decompose(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, ...]:
    """Compute `convex_pieces` without a cache, for `V x 3` vertices and `F x 3` faces."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    centre, size = (low + high) / 2, float((high - low).max())
    points = (vertices - centre) / size  # some tolerances of V-HACD are absolute
    flat = hulls.extents(points).min() < _FLAT
    pieces = [_slab(points)] if flat else _solid_pieces(points, faces)
    return tuple(np.ascontiguousarray(piece * size + centre) for piece in pieces)


def _solid_pieces(points: np.ndarray, faces: np.ndarray) -> list[np.ndarray]:
    """Return the hulls of convex parts (a table's legs), and V-HACD's pieces of the rest."""
    count, part_of = _parts(points, faces)
    convex: list[np.ndarray] = []
    rest = np.ones(len(faces), dtype=bool)
    for part in range(count if count <= _MAX_PARTS else 0):
        mine = part_of == part
        piece = _convex_part(points, faces[mine])
        if piece is not None:
            convex.append(piece)
            rest &= ~mine
    if len(convex) > MAX_PIECES - (_LEAST if rest.any() else 0):
        convex, rest = [], np.ones(len(faces), dtype=bool)
    others = _vhacd(points, faces[rest], MAX_PIECES - len(convex)) if rest.any() else []
    if rest.any() and not others:
        log.debug("V-HACD found no pieces: using the convex hull")
        others = [points[np.unique(faces[rest])]]
    pieces = [piece for piece in map(_with_volume, convex + others) if piece is not None]
    return pieces or [simplify_hull(points)]


def _parts(points: np.ndarray, faces: np.ndarray) -> tuple[int, np.ndarray]:
    """Return the number of connected parts, and the index of the part of each face."""
    links = (faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel())
    graph = coo_array((np.ones(2 * len(faces)), links), shape=(len(points), len(points)))
    _, part_of_point = connected_components(graph, directed=False)
    parts, part_of = np.unique(part_of_point[faces[:, 0]], return_inverse=True)
    return len(parts), part_of


def _convex_part(points: np.ndarray, faces: np.ndarray) -> np.ndarray | None:
    """Return the simplified hull of one connected part, or None if the part does not fill it."""
    if count_open_edges(faces):
        return None
    corners = points[faces]
    volume = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6
    try:
        hull = ConvexHull(points[np.unique(faces)])
        if abs(volume) < _CONVEX * hull.volume:
            return None
        return simplify_hull(hull.points[hull.vertices])
    except QhullError:
        return None


def _vhacd(points: np.ndarray, faces: np.ndarray, most: int) -> list[np.ndarray]:
    """Return at most `most` convex point sets, possibly flat ones; empty if V-HACD fails."""
    try:
        points, faces = _cluster(points, faces)
        found = compute_vhacd(
            points,
            np.insert(faces, 0, 3, axis=1).ravel().astype(np.uint32),
            maxConvexHulls=most,
            resolution=_RESOLUTION,
            minimumVolumePercentErrorAllowed=1.0,
            maxRecursionDepth=_DEPTH,
            maxNumVerticesPerCH=MAX_POINTS,
            shrinkWrap=True,
            fillMode="flood",
            asyncACD=False,
        )
        pieces = [np.asarray(piece, dtype=np.float64) for piece, _ in found]
    except (RuntimeError, ValueError, MemoryError):
        log.debug("V-HACD failed", exc_info=True)
        return []
    return pieces if all(np.isfinite(piece).all() for piece in pieces) else []


def _with_volume(points: np.ndarray) -> np.ndarray | None:
    """Return a piece that MuJoCo accepts, or None for a line or speck, which supports nothing.

    V-HACD also returns pieces whose volume is too small for MuJoCo; flat ones become slabs.
    """
    thinnest, next_thinnest, _ = hulls.extents(points)
    if next_thinnest < _FLAT:
        return None
    try:
        return _slab(points) if thinnest < _FLAT else simplify_hull(points)
    except (QhullError, ValueError):  # too few points to span a volume
        return None


def _slab(points: np.ndarray) -> np.ndarray:
    """Return the hull of flat points, `n x 3`, thickened so that it has a volume."""
    return simplify_hull(hulls.thickened(points, _SLAB))


def _cluster(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reduce a mesh to at most `_MAX_FACES` faces: one vertex per cell of an ever coarser grid."""
    cell = 1 / 512
    while len(faces) > _MAX_FACES:
        cells = np.floor(points / cell).astype(np.int64)
        _, first, index = np.unique(cells, axis=0, return_index=True, return_inverse=True)
        points, faces = points[first], index.reshape(-1)[faces]
        corners = np.sort(faces, axis=1)
        real = (corners[:, 0] < corners[:, 1]) & (corners[:, 1] < corners[:, 2])
        _, kept = np.unique(corners[real], axis=0, return_index=True)
        faces = faces[real][np.sort(kept)]
        cell *= 1.5
    return points, faces


def simplify_hull(points: np.ndarray) -> np.ndarray:
    """Return at most `MAX_POINTS` of the corners of the points' convex hull, `n x 3`.

    Starting from the extremes in some directions, repeatedly adds the point farthest outside the
    hull of those chosen, so that little is cut off and no volume is added.
    Raises `QhullError` if the points lie in a plane.
    """
    points = points[np.sort(ConvexHull(points).vertices)]
    if len(points) <= MAX_POINTS:
        return points
    # The thinnest direction and its opposite ensure that the first points span a volume.
    principal = hulls.principal(points)
    directions = np.concatenate([principal, -principal, _AROUND])
    chosen = list(dict.fromkeys((points @ directions.T).argmax(axis=0).tolist()))
    while len(chosen) < MAX_POINTS:
        planes = ConvexHull(points[chosen]).equations
        outside = (points @ planes[:, :3].T + planes[:, 3]).max(axis=1)
        outside[chosen] = -np.inf
        if outside.max() <= 1e-9:
            break
        chosen.append(int(outside.argmax()))
    return points[np.sort(chosen)]


def _read(file: Path) -> tuple[np.ndarray, ...]:
    """Return the pieces in a cache file; empty if it is missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            pieces = tuple(stored[f"piece{index}"] for index in range(len(stored.files)))
    except FileNotFoundError:
        return ()
    except Exception:  # numpy and zipfile raise many types on damaged files
        log.debug("cannot read the pieces in %s", file, exc_info=True)
        return ()
    good = all(
        piece.dtype == np.float64
        and piece.ndim == 2
        and piece.shape[1] == 3
        and 4 <= len(piece) <= MAX_POINTS
        and np.isfinite(piece).all()
        for piece in pieces
    )
    return pieces if good else ()


def _write(file: Path, pieces: tuple[np.ndarray, ...]) -> None:
    """Store pieces atomically. Failure is logged, not raised."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as stream:
            temporary = Path(stream.name)
            named = {f"piece{index}": piece for index, piece in enumerate(pieces)}
            np.savez(stream, allow_pickle=False, **named)
        os.replace(temporary, file)
    except OSError:
        log.debug("cannot store pieces in %s", file.parent, exc_info=True)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
