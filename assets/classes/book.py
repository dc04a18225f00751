"""Book: a cover bent around a block of pages, lying flat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Piece, curves, keypoints, pieces, sections
from simgen.spec.parameters import between


@dataclass(frozen=True)
class Book:
    height: float = between(0.150, 0.235)  # along the spine
    width: float = between(0.64, 0.76)  # over the height
    thickness: float = between(0.014, 0.045)
    board: float = between(0.0016, 0.0030)
    overhang: float = between(0.0018, 0.0040)
    spine: float = between(0.0015, 0.0060)  # bulge of the spine
    groove: float = between(0.0006, 0.0015)
    hollow: float = between(0.3, 0.9)  # depth of the fore-edge over the spine's bulge


def build(p: Book) -> MeshData:
    cover = solids.loft(_cover(p), "cover")
    block = solids.loft(_pages(p), "pages")
    marks = keypoints.box_corners(cover.vertices)
    return solids.assemble([cover, block], ("cover", "pages"), _pieces(p), marks)


def _width(p: Book) -> float:
    return p.width * p.height


def _cover(p: Book) -> np.ndarray:
    """Return the rings of the cover: a strip with the boards' thickness along the C-shaped centre
    line."""
    path = _cover_path(p)
    half = (p.board / 2, p.height / 2)
    section = curves.rounded_rectangle(half, 0.42 * p.board, steps=3)
    points, scale = sections.round_ends(path, half, 0.4 * p.board, steps=3)
    return sections.sweep(points, section, (0, 1, 0), scale)


def _cover_path(p: Book) -> np.ndarray:
    """Return the centre line of the cover in the plane y = 0, from the lower to the upper fore-
    edge."""
    board, right = p.board, _width(p) / 2
    low, high = board / 2, p.thickness - board / 2
    back = -right + p.spine + board / 2
    lift = np.linspace(-1.0, 1.0, 9)
    arc = [(back - p.spine * np.sqrt(1 - 0.9 * s * s) ** 1.0, s) for s in lift]
    middle, reach = (low + high) / 2, (high - low) / 2
    # The arc starts at the ends of the boards, so its first and last points are the two corners.
    spine = [(x + p.spine * np.sqrt(0.1), middle + s * reach) for x, s in arc]
    flat = np.array([0.0, 0.10, 0.3, 0.6, 0.85])
    lower = [(right - s * (right - back - 0.012), low) for s in flat]
    hinge = back + np.array([0.0115, 0.0100, 0.0085, 0.0070, 0.0055])
    dent = p.groove * np.array([0.1, 0.6, 1.0, 0.6, 0.1])
    lower += [(x, low + d) for x, d in zip(hinge, dent, strict=True)]
    upper = [(x, low + high - z) for x, z in lower[::-1]]
    corners = np.array(lower + spine + upper)
    radii = np.zeros(len(corners))
    radii[[len(lower), len(lower) + len(spine) - 1]] = 1.1 * board
    line = curves.fillet(corners, radii, steps=5)
    return curves.in_xz(line)


def _pages(p: Book) -> np.ndarray:
    """Return the rings of the page block: its outline in x and z, extended along the spine."""
    board, right = p.board, _width(p) / 2
    low, high = board - 0.0001, p.thickness - board + 0.0001
    back = -right + p.spine + board
    front = right - p.overhang
    lift = np.linspace(-1.0, 1.0, 13)
    z = (low + high) / 2 + lift * (high - low) / 2
    spine = back - 0.6 * p.spine * (1 - lift**2)
    edge = front - p.hollow * p.spine * (1 - lift**2)
    outline = np.concatenate([np.stack([edge, z], axis=1), np.stack([spine, z], axis=1)[::-1]])
    centre = np.array([(front + back) / 2, (low + high) / 2])
    half = p.height / 2 - p.overhang
    y = np.array([-half, -half + 0.0004, -half + 0.003, half - 0.003, half - 0.0004, half])
    shrink = np.array([0.0004, 0, 0, 0, 0, 0.0004])
    arm = outline - centre
    inset = np.sign(arm) * np.minimum(np.abs(arm), 1.0)
    flat = outline[None] - shrink[:, None, None] * inset / np.maximum(np.abs(inset), 1e-9)
    return np.stack([flat[..., 0], np.broadcast_to(y[:, None], flat.shape[:2]), flat[..., 1]], 2)


def _pieces(p: Book) -> list[Piece]:
    board, right, half = p.board, _width(p) / 2, p.height / 2
    top, back = p.thickness, -right + p.spine + board
    lower = pieces.block((back, -half, 0), (right, half, board))
    upper = pieces.block((back, -half, top - board), (right, half, top))
    inner = half - p.overhang
    front = right - p.overhang - 0.5 * p.hollow * p.spine
    pages = pieces.block((back, -inner, board), (front, inner, top - board))
    path = _cover_path(p)
    turn = path[path[:, 0] < back]
    outer = turn - (board / 2, 0, 0)
    spine = np.concatenate([outer[::2], [(back, 0, 0), (back, 0, top)]])
    shift = np.array([0.0, half, 0.0])
    hull = np.concatenate([spine - shift, spine + shift])
    return [lower, upper, pages, hull]


CLASSES = (ParametricClass("book", Book, build),)
