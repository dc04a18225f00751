"""Detection of wrongly wound faces of a mesh."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

MOST_PARTS = 1000
"""A mesh with more connected parts, such as a tree with separate leaves, is not changed."""


def wrongly_wound(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return which faces to reverse so that neighbours agree and closed parts face outwards, `F`
    bool.

    vertices: `V x 3`. faces: `F x 3`, welded.
    Neighbours are faces that share an edge with no third face. In an open part, the smaller of two
    disagreeing groups is reversed. A closed part that is inside out is reversed unless it lies
    within another part: then it is the wall of a cavity.
    """
    wrong = np.zeros(len(faces), bool)
    first, second, agree = _neighbours(faces)
    links = coo_array((np.ones(len(first)), (first, second)), shape=(len(faces),) * 2)
    count, part_of = connected_components(links, directed=False)
    if count > MOST_PARTS:
        return wrong
    if not agree.all():
        for part in np.unique(part_of[first[~agree]]):
            mine = np.flatnonzero(part_of == part)
            wrong[mine] = _minority(mine, first, second, agree)
    for mine in _closed_parts(faces, part_of, count):
        _face_outwards(vertices, faces, mine, wrong)
    return wrong


def _neighbours(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the pairs of faces that alone share an edge, as two index arrays, and whether they
    traverse it in opposite directions, as consistent winding requires."""
    ends = faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64)
    low, high = ends.min(axis=1), ends.max(axis=1)
    forward = ends[:, 0] < ends[:, 1]
    key = low * (int(faces.max()) + 1) + high
    order = np.argsort(key, kind="stable")
    _, starts, counts = np.unique(key[order], return_index=True, return_counts=True)
    pairs = starts[counts == 2]
    a, b = order[pairs], order[pairs + 1]
    return a // 3, b // 3, forward[a] != forward[b]


def _minority(
    mine: np.ndarray, first: np.ndarray, second: np.ndarray, agree: np.ndarray
) -> np.ndarray:
    """Return the smaller of the two disagreeing groups among the faces of one part, `n` bool."""
    place = np.full(int(max(first.max(), second.max(), mine.max())) + 1, -1)
    place[mine] = np.arange(len(mine))
    inside = (place[first] >= 0) & (place[second] >= 0)
    a, b, same = place[first[inside]], place[second[inside]], agree[inside]
    # An edge has the value 1 if its two faces agree, else 2.
    rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
    value = np.tile(np.where(same, 1, 2), 2)
    _, once = np.unique(rows * len(mine) + columns, return_index=True)
    links = coo_array((value[once], (rows[once], columns[once])), shape=(len(mine),) * 2).tocsr()
    order, before = breadth_first_order(links, 0, directed=False)
    turn = np.zeros(len(mine), bool)
    steps = np.asarray(links[before[order[1:]], order[1:]]).ravel() == 2
    for face, step in zip(order[1:].tolist(), steps.tolist(), strict=True):
        turn[face] = turn[before[face]] ^ step
    return turn if 2 * turn.sum() <= len(turn) else ~turn


def _closed_parts(faces: np.ndarray, part_of: np.ndarray, count: int) -> list[np.ndarray]:
    """Return the face indices of each part in which every edge joins exactly two faces."""
    ends = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2).astype(np.int64), axis=1)
    key = ends[:, 0] * (int(faces.max()) + 1) + ends[:, 1]
    _, index, counts = np.unique(key, return_inverse=True, return_counts=True)
    open_faces = (counts[index] != 2).reshape(-1, 3).any(axis=1)
    is_open = np.zeros(count, bool)
    is_open[part_of[open_faces]] = True
    order = np.argsort(part_of, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(part_of[order])) + 1)
    return [group for group in groups if not is_open[part_of[group[0]]]]


def _face_outwards(
    vertices: np.ndarray, faces: np.ndarray, mine: np.ndarray, wrong: np.ndarray
) -> None:
    corners = vertices[np.where(wrong[mine, None], faces[mine][:, ::-1], faces[mine])]
    middle = corners.reshape(-1, 3).mean(axis=0)
    a, b, c = (corners[:, i] - middle for i in range(3))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6.0
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    if volume >= -1e-9 * float(np.prod(np.maximum(high - low, 0.0))):
        return
    others = np.ones(len(faces), bool)
    others[mine] = False
    if others.any():
        around = vertices[faces[others]].reshape(-1, 3)
        if (around.min(axis=0) <= low).all() and (around.max(axis=0) >= high).all():
            return
    wrong[mine] ^= True
