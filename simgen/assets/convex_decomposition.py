"""Convex decomposition of meshes for the physics, by V-HACD."""

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
"""Part of a cache file's name: raise it when the pieces of a mesh change."""

MAX_POINTS = 64
"""Corners of one piece."""
MAX_PIECES = 24
_RESOLUTION = 64_000
"""Voxels in the bounding box. What sticks out then comes from the number of pieces, not from the
voxels: 400,000 were no closer on what was tried, and took five times as long."""
_DEPTH = 6
"""Splits in a row before pieces are merged again; 10 took twice as long and was no closer."""
_MAX_FACES = 60_000
_MAX_PARTS = 200
"""A mesh of more connected parts is decomposed as a whole."""
_LEAST = 8
"""Pieces that are reserved for the parts that are not convex."""
_CONVEX = 0.95
"""A closed part that fills this share of its convex hull is considered convex."""
_FLAT = 1e-4
"""What is thinner than this times the size of the mesh is flat ..."""
_SLAB = 0.01
"""... and becomes a slab, or a rod, this much times the size of the mesh thick."""
_AROUND = np.array([way for way in itertools.product((-1, 0, 1), repeat=3) if any(way)])


def convex_pieces(mesh: MeshData, cache: Path | None, key: str) -> tuple[np.ndarray, ...]:
    """Convex pieces that together are about the mesh, each `n x 3` float64 metres, 4 <= n <= 64.

    cache: folder to keep the result in, or None. It need not exist or be writable.
    key: what the mesh was made from (a fingerprint, unit and up axis).
    The same mesh gives the same bytes, from the cache or not.
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
    """Convex pieces of a mesh file, each `n x 3`, metres, unscaled, from the cache where it can.

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
    """Of all pieces together, m3, overlaps counted twice, as the physics do."""
    return float(sum(ConvexHull(piece).volume for piece in pieces))


def decompose(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, ...]:
    """`convex_pieces` without a cache, for `V x 3` vertices and `F x 3` faces."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    centre, size = (low + high) / 2, float((high - low).max())
    points = (vertices - centre) / size  # V-HACD has tolerances that are not relative
    flat = hulls.extents(points).min() < _FLAT
    pieces = [_slab(points)] if flat else _solid_pieces(points, faces)
    return tuple(np.ascontiguousarray(piece * size + centre) for piece in pieces)


def _solid_pieces(points: np.ndarray, faces: np.ndarray) -> list[np.ndarray]:
    """Hulls of the parts that are convex (a table's legs), V-HACD's pieces of the rest."""
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
        log.debug("V-HACD found nothing, the convex hull is used")
        others = [points[np.unique(faces[rest])]]
    pieces = [piece for piece in map(_with_volume, convex + others) if piece is not None]
    return pieces or [simplify_hull(points)]


def _parts(points: np.ndarray, faces: np.ndarray) -> tuple[int, np.ndarray]:
    """How many connected parts there are, and which of them each face belongs to."""
    links = (faces[:, [0, 1]].ravel(), faces[:, [1, 2]].ravel())
    graph = coo_array((np.ones(2 * len(faces)), links), shape=(len(points), len(points)))
    _, part_of_point = connected_components(graph, directed=False)
    parts, part_of = np.unique(part_of_point[faces[:, 0]], return_inverse=True)
    return len(parts), part_of


def _convex_part(points: np.ndarray, faces: np.ndarray) -> np.ndarray | None:
    """The simplified hull of one connected part, None where the part does not fill it."""
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
    """At most `most` convex point sets, some of them perhaps flat; none where V-HACD fails."""
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
    """A piece fit for the physics: V-HACD also returns flat ones, lines and specks, whose volume is
    too small for MuJoCo. The first become slabs; None for the others, which support nothing.
    """
    thinnest, next_thinnest, _ = hulls.extents(points)
    if next_thinnest < _FLAT:
        return None
    try:
        return _slab(points) if thinnest < _FLAT else simplify_hull(points)
    except (QhullError, ValueError):  # too few points for a volume
        return None


def _slab(points: np.ndarray) -> np.ndarray:
    """The hull of flat points, `n x 3`, thickened so that it has a volume."""
    return simplify_hull(hulls.thickened(points, _SLAB))


def _cluster(points: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A mesh of at most `_MAX_FACES` faces: one vertex per cell of a grid that gets coarser."""
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
    """At most `MAX_POINTS` of the corners of the points' convex hull, `n x 3`.

    From the extremes of some directions on, the point farthest outside what was chosen comes
    next, so that little is cut off and nothing is added.
    Raises `QhullError` where the points lie in a plane.
    """
    points = points[np.sort(ConvexHull(points).vertices)]
    if len(points) <= MAX_POINTS:
        return points
    # The thinnest direction and its opposite make sure that the first choice spans a volume.
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
    """The pieces in a cache file, or none where it is missing or damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            pieces = tuple(stored[f"piece{index}"] for index in range(len(stored.files)))
    except FileNotFoundError:
        return ()
    except Exception:  # numpy and zipfile raise many types on damaged files
        log.debug("pieces in %s cannot be read", file, exc_info=True)
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
    """Store pieces so that a reader sees all of them or none. Failing is not an error."""
    temporary = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as stream:
            temporary = Path(stream.name)
            named = {f"piece{index}": piece for index, piece in enumerate(pieces)}
            np.savez(stream, allow_pickle=False, **named)
        os.replace(temporary, file)
    except OSError:
        log.debug("pieces are not kept in %s", file.parent, exc_info=True)
        if temporary is not None:
            temporary.unlink(missing_ok=True)
