"""Beds: mattress, duvet and pillows on a frame with a headboard. The foot is at -y."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Sheet, Solid, keypoints, uv
from simgen.geometry.solids.noise import signed
from simgen.spec.parameters import between, cases


@dataclass(frozen=True)
class Bed:
    width: float = between(0.90, 1.80)  # of the mattress
    length: float = between(1.90, 2.10)
    frame: float = between(0.24, 0.36)  # height of its upper edge
    mattress: float = between(0.18, 0.26)
    head: float = between(0.95, 1.30)  # height of the headboard
    board: str = cases("panel", "slats", "padded", at=(0.4, 0.7))
    foot: str = cases("none", "low", "slats", at=(0.55, 0.8))
    fold: float = between(0.45, 0.85)  # distance of the duvet from the head
    plump: float = between(0.05, 0.09)  # thickness of the duvet
    hang: float = between(0.14, 0.30)  # how far it hangs down at the sides
    crease: float = between(0.0, 100.0)  # selects its folds
    throw: float = between(0.30, 0.75)  # length of the blanket across the foot
    lean: float = between(0.15, 0.85)  # of the pillows, radians


_SLOTS = ("frame", "board", "sheet", "duvet", "pillows", "throw")
_SIDE, _POST = 0.035, 0.055


def build(p: Bed) -> MeshData:
    half, deep = p.width / 2, p.length / 2
    top = p.frame - 0.06 + p.mattress
    size = (p.width, p.length, p.mattress)
    body = solids.rounded_box(size, 0.045, "sheet", (0.0, 0.0, top - p.mattress / 2))
    found = [
        solids.filled(body),
        *_frame(p, half, deep),
        *_headboard(p, half + _SIDE, deep),
        *_footboard(p, half + _SIDE, -deep),
        *_pillows(p, half, deep, top),
        _cover(p, (-deep - 0.02, deep - p.fold), top, p.plump, "duvet"),
        _turned_back(p, deep - p.fold, top),
    ]
    throw = (-deep + 0.08, -deep + 0.08 + p.throw)
    found.append(_cover(p, throw, top + p.plump + 0.004, 0.014, "throw"))
    x = 1.1 * (half + _SIDE)
    y, z = -deep - 0.2, top + 0.2  # nearest: an outer corner of the duvet, or of the footboard
    marks = {
        **{f"mattress_foot_{side}": (s * (half + 0.2), y, z) for side, s in _SIDES},
        **{f"head_bottom_{side}": (s * x, 1.1 * deep, 0.0) for side, s in _SIDES},
        **{f"head_top_{side}": (s * x, 1.1 * deep, p.head) for side, s in _SIDES},
    }
    ring = ("head_bottom_left", "head_top_left", "head_top_right", "head_bottom_right")
    edges = keypoints.loop(*ring) + keypoints.chain(
        "head_bottom_left", "mattress_foot_left", "mattress_foot_right", "head_bottom_right"
    )
    return solids.finished(solids.join(found), _SLOTS, marks, edges)


_SIDES = (("left", -1), ("right", 1))


def _frame(p: Bed, half: float, deep: float) -> list[Solid]:
    """Build the rails around the mattress, its base and the legs."""
    low = p.frame - 0.14
    boxes = [
        ((-half - _SIDE, -deep - _SIDE, low), (-half, deep, p.frame)),
        ((half, -deep - _SIDE, low), (half + _SIDE, deep, p.frame)),
        ((-half, -deep - _SIDE, low), (half, -deep, p.frame)),
        ((-half, -deep, low + 0.03), (half, deep, p.frame - 0.05)),
    ]
    found = [solids.chamfered_boxes("frame", 0.006, boxes)]
    for sx, sy in product((-1, 1), repeat=2):
        at = np.array([sx * (half - 0.02), sy * (deep - 0.03), 0.0])
        found.append(_leg(at, low + 0.02))
    return found


def _leg(at: np.ndarray, high: float) -> Solid:
    r = _POST / 2
    return solids.chamfered_box(at - [r, r, 0.0], at + [r, r, high], 0.005, "frame")


def _headboard(p: Bed, half: float, y: float) -> list[Solid]:
    """Build a panel, slats between two posts, or padding in two rows."""
    back = y + 0.06
    if p.board == "slats":
        return _slats(half, (y + 0.005, back), p.head, p.frame - 0.1, "board")
    if p.board == "panel":
        whole = ((-half, y + 0.005, 0.0), (half, back - 0.01, p.head))
        rail = ((-half - 0.02, y, p.head - 0.01), (half + 0.02, back, p.head + 0.03))
        return [
            solids.chamfered_box(*whole, 0.006, "board"),
            solids.chamfered_box(*rail, 0.006, "board"),
        ]
    found = [solids.chamfered_box((-half, y + 0.02, 0.0), (half, back, p.head), 0.01, "board")]
    columns = max(3, round(2 * half / 0.35))
    z = np.linspace(p.frame, p.head, 3)
    x = np.linspace(-half, half, columns + 1)
    for row, column in product(range(2), range(columns)):
        low = (x[column], y - 0.035, z[row])
        pad = solids.superellipsoid(low, (x[column + 1], y + 0.05, z[row + 1]), "board", (6.0, 9.0))
        found.append(solids.filled(pad))
    return found


def _slats(half: float, y: tuple[float, float], high: float, low: float, slot: str) -> list[Solid]:
    """Build two posts, two rails and slats between them."""
    boxes = [((s * half - 0.03, y[0], 0.0), (s * half + 0.03, y[1], high)) for s in (-1, 1)]
    boxes += [((-half, y[0] + 0.01, z - 0.04), (half, y[1] - 0.01, z + 0.04))
              for z in (low + 0.04, high - 0.06)]  # fmt: skip
    ticks = np.linspace(-half, half, round(2 * half / 0.13) + 1)[1:-1]
    near, far, top = y[0] + 0.018, y[1] - 0.018, high - 0.05
    slats = solids.chamfered_boxes(
        slot, 0.004, [((x - 0.022, near, low), (x + 0.022, far, top)) for x in ticks]
    )
    whole = solids.pieces.block((-half, near, low), (half, far, top))
    return [solids.chamfered_boxes(slot, 0.004, boxes), solids.filled(slats, [whole])]


def _footboard(p: Bed, half: float, y: float) -> list[Solid]:
    if p.foot == "none":
        return []
    high = p.frame + p.mattress * (0.6 if p.foot == "low" else 1.1)
    span = (y - _SIDE - 0.05, y - _SIDE)
    if p.foot == "slats":
        return _slats(half, span, high, p.frame - 0.12, "board")
    whole = ((-half, span[0], 0.0), (half, span[1], high))
    return [solids.chamfered_box(*whole, 0.008, "board")]


def _pillows(p: Bed, half: float, deep: float, top: float) -> list[Solid]:
    """Build one or two pillows that lean against the headboard."""
    spots = (-0.5, 0.5) if p.width > 1.3 else (0.0,)
    wide = min(0.36, 0.46 * p.width / len(spots))
    found = []
    for n, spot in enumerate(spots):
        flat = solids.superellipsoid(
            (-wide, -0.22, -0.085), (wide, 0.22, 0.085), "pillows", (5.0, 2.0)
        )
        leaning = solids.rotate(flat, 0, p.lean * (1 + 0.15 * signed(p.crease, n, 1)))
        turned = solids.rotate(leaning, 2, 0.06 * signed(p.crease, n, 2))
        low = turned.vertices[:, 2].min()
        back = turned.vertices[:, 1].max()
        at = (0.5 * spot * p.width, deep - back - 0.01, top - low - 0.012)
        found.append(solids.filled(solids.translate(turned, at)))
    return found


def _cover(p: Bed, span: tuple[float, float], top: float, thick: float, slot: str) -> Solid:
    """Build a blanket that lies on the mattress and hangs down at both sides, with folds. span:
    from which to which y. top: height of what it lies on."""
    half = p.width / 2 + 0.02 + (0.012 if slot == "throw" else 0.0)
    hang = p.hang + (0.02 if slot == "throw" else 0.0)
    y = np.linspace(*span, 22)
    arc = np.linspace(0.0, np.pi / 2, 5)
    r = 0.05
    side = np.stack([half - r + r * np.sin(arc), top - r + r * np.cos(arc)], axis=1)
    hem = np.array([(half + 0.01, top - 0.5 * hang), (half + 0.018, top - hang)])
    flat = np.stack([np.linspace(0.0, half - r - 0.02, 9), np.full(9, top)], axis=1)
    right = np.concatenate([flat, side, hem])
    line = np.concatenate([right[:0:-1] * (-1, 1), right])
    normal = np.gradient(line, axis=0) @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    lower = _points(np.broadcast_to(line, (len(y), len(line), 2)), y)
    height = thick * (0.75 + 0.25 * _folds(p.crease, line[:, 0], y))
    ends = np.minimum(1.0, np.minimum(y - y[0], y[-1] - y) / 0.10 + 0.35)
    raised = line[None] + normal[None] * (height * ends[:, None])[..., None]
    # Its rings run along y, so that both ends are the straight hems.
    sheet = Sheet(lower.swapaxes(0, 1), _points(raised, y).swapaxes(0, 1))
    rings = sheet.rings()
    across = rings[..., 0].mean(axis=1)
    runs = (across < -p.width / 2, np.abs(across) <= p.width / 2, across > p.width / 2)
    left, middle, right = (rings[run].reshape(-1, 3) for run in runs)
    blocks = [solids.pieces.hull(left), _block(middle), solids.pieces.hull(right)]
    return solids.filled(uv.box_projection(solids.loft(rings, slot)), blocks)


def _block(points: np.ndarray) -> np.ndarray:
    return solids.pieces.block(points.min(axis=0), points.max(axis=0))


def _points(flat: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return points, `n x k x 3`. flat: their x and z, `n x k x 2`. y: `n`."""
    across = np.broadcast_to(y[:, None], flat.shape[:2])
    return np.stack([flat[..., 0], across, flat[..., 1]], axis=2)


def _folds(seed: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the waves of a blanket, `n x k`, in -1..1."""
    total = np.zeros((len(y), len(x)))
    for n in range(7):
        u, v = 5.0 * signed(seed, n, 3), 7.0 * signed(seed, n, 4)
        total += np.sin(2.4 * (u * x[None] + v * y[:, None]) + 6.0 * signed(seed, n, 5))
    return np.tanh(total / 2.5)


def _turned_back(p: Bed, y: float, top: float) -> Solid:
    """Build the roll of the sheet where the duvet is turned back."""
    half = p.width / 2
    low = (-half - 0.015, y - 0.16, top - 0.01)
    roll = solids.superellipsoid(
        low, (half + 0.015, y + 0.02, top + p.plump + 0.02), "sheet", (9.0, 3.0)
    )
    return solids.filled(roll)


CLASSES = (ParametricClass("bed", Bed, build),)
