"""Cup: a thin, flared tea or coffee cup, with or without a saucer; and a paper cup."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simgen.assets.parametric import ParametricClass
from simgen.geometry import solids
from simgen.geometry.mesh import MeshData
from simgen.geometry.solids import Keypoints, Piece, Solid, curves, keypoints, pieces, sections
from simgen.spec.parameters import between, flag


@dataclass(frozen=True)
class Cup:
    height: float = between(0.052, 0.076)
    flare: float = between(0.54, 0.78)  # radius at the rim over the height
    foot: float = between(0.42, 0.62)  # radius of the foot over that of the rim
    belly: float = between(0.3, 1.0)  # cone to bowl
    wall: float = between(0.0022, 0.0032)
    handle_reach: float = between(0.020, 0.029)
    handle_thick: float = between(0.0024, 0.0034)
    handle_wide: float = between(0.0032, 0.0050)
    handle_turn: float = between(-2.8, 2.8)  # its direction
    saucer: bool = flag(above=0.4)
    saucer_wide: float = between(1.62, 1.85)  # over the radius of the rim
    saucer_deep: float = between(0.012, 0.018)


@dataclass(frozen=True)
class PaperCup:
    height: float = between(0.090, 0.150)
    radius: float = between(0.038, 0.045)
    taper: float = between(0.68, 0.76)
    domed: bool = flag(below=0.5, of="lid")  # else flat
    sleeve: float = between(0.30, 0.45)  # its height over the cup's
    sleeve_low: float = between(0.22, 0.34)


_SEGMENTS = 36
_SAUCER = 0.0055
"""Height of a saucer's centre, on which the cup stands, metres."""


def build_cup(p: Cup) -> MeshData:
    rim, low = p.flare * p.height, 0.0045
    outer = _outer(p)
    inner = curves.offset(outer, -p.wall)
    inner = inner[(inner[:, 1] > low + 0.003) & (inner[:, 0] > 0.3 * rim)]
    inside = np.concatenate([inner[::-1], [(inner[0, 0] - 0.006, low + 0.0006), (0.0, low)]])
    foot = float(outer[0, 0])
    ring = [(0, 0.0016), (foot - 0.0042, 0.0016), (foot - 0.0032, 0), (foot - 0.0008, 0)]
    ring += [(foot - 0.0002, 0.003), outer[0]]
    base = curves.fillet(ring, [0, 0.001, 0.0006, 0.0008, 0.002, 0], 2)
    profile = curves.vessel(base, outer[1:], inside)
    handle = _handle(p, outer)
    cup = solids.filled(solids.lathe(profile, "body", _SEGMENTS), _cup_pieces(p, outer, inner, low))
    cup = solids.with_keypoints(cup, *keypoints.vessel(profile, _SEGMENTS))
    cup += solids.with_keypoints(
        solids.sliced_loft(handle, "body", 5), *keypoints.handle(handle, (6, 11, 16))
    )
    if p.saucer:
        cup = solids.translate(cup, (0, 0, _SAUCER)) + _saucer(p, rim, foot)
    # A cup on a saucer has the saucer below it, whose underside is at the same height.
    cup = solids.with_keypoints(cup, {"base_centre": (0.0, 0.0, 0.0016)})
    return solids.assemble([solids.rotate(cup, 2, p.handle_turn)], ("body",))


def _outer(p: Cup) -> np.ndarray:
    """Return the outside of the wall (`11 x 2`), from above the foot to the rim."""
    high, rim = p.height, p.flare * p.height
    foot, full = p.foot * rim, p.belly
    low, half = 0.0075, 0.42 * high
    lower = low + 0.6 * (half - low) * (1 - full)  # below the next point for any height
    control = [(foot, 0.006), (foot + 0.42 * full * (rim - foot), lower)]
    control += [(foot + (0.52 + 0.32 * full) * (rim - foot), half)]
    control += [(foot + (0.83 + 0.11 * full) * (rim - foot), 0.72 * high)]
    control.append((rim, high - p.wall / 2))
    return curves.catmull_rom(control, 11)


def _handle(p: Cup, outer: np.ndarray) -> np.ndarray:
    """Return the rings of an ear-shaped handle along +x, whose ends lie within the wall."""
    high, low = 0.86 * p.height, 0.27 * p.height
    start, end = (float(curves.radius_at(outer, z)) - p.wall / 2 for z in (high, low))
    reach = start + p.handle_reach * 1.3
    control = [(start, high), (reach, high + 0.010), (reach + 0.003, 0.5 * (high + low))]
    control += [(0.5 * (reach + end), low - 0.004), (end, low)]
    path = curves.in_xz(curves.resample(curves.bezier(control, 80), 23))
    section = curves.superellipse((p.handle_thick, p.handle_wide), 2.3, 14)
    rings = sections.sweep(path, section, (0, 1, 0))
    for ring in (rings[0], rings[-1]):
        wall = curves.radius_at(outer, ring[:, 2]) - p.wall / 2
        factor = wall / np.hypot(ring[:, 0], ring[:, 1])
        ring[:, :2] *= factor[:, None]
    return rings


def _cup_pieces(p: Cup, outer: np.ndarray, inner: np.ndarray, low: float) -> list[Piece]:
    foot = float(outer[0, 0])
    floor = float(curves.radius_at(outer, low + 0.004))
    base = pieces.disc([(foot - 0.0008, 0), (foot, 0.005), (0.8 * floor, low)], 20)
    z = np.linspace(low + 0.003, outer[-1, 1], 9)
    line = np.stack([curves.radius_at(outer, z), z], axis=1)
    line[0, 0] = max(line[0, 0], foot)
    within = np.stack([np.interp(z, inner[:, 1], inner[:, 0]), z], axis=1)
    within[0] = (foot - 0.004, low)
    crest = (float(outer[-1, 0]) - p.wall / 2, p.height)
    return [base, *pieces.bands(within, line, 3, 12, crest)]


def _saucer(p: Cup, rim: float, foot: float) -> Solid:
    wide, deep, thick = p.saucer_wide * rim, p.saucer_deep, 0.0032
    well = foot + 0.004
    top = [(0, _SAUCER), (well, _SAUCER), (well + 0.004, 0.0068), (0.72 * wide, 0.55 * deep)]
    top += [(0.93 * wide, 0.90 * deep), (wide - 0.001, deep - 0.0008)]
    under = [(0, 0.0016), (well - 0.004, 0.0016), (well - 0.003, 0.0), (well, 0.0)]
    under += [(well + 0.001, 0.0024), (0.72 * wide, 0.55 * deep - thick)]
    under += [(0.93 * wide, 0.90 * deep - thick), (wide, deep - thick)]
    outer = curves.fillet(under, [0, 0.001, 0.001, 0.001, 0.001, 0.02, 0.01, 0.0], 2)
    inner = curves.fillet(top, [0, 0.002, 0.003, 0.02, 0.01, 0.0], 2)[::-1]
    profile = np.concatenate([outer, [(wide + 0.0004, deep - 0.5 * thick)], inner])
    base = pieces.disc([(well, 0), (well + 0.001, _SAUCER)], 20)
    line = np.array([(well, 0.0062), top[3], top[5]])
    below = np.array([(well, 0.0015), under[5], under[7]])
    walls = pieces.bands(below, line, 1, 16, (wide - 0.001, deep))
    return solids.filled(solids.lathe(profile, "body", _SEGMENTS), [base, *walls])


def build_paper_cup(p: PaperCup) -> MeshData:
    """Build a take-away cup with a sleeve and a drinking lid."""
    wide, high = p.radius, p.height
    body, sleeve, lid = _paper_body(p), _sleeve(p), _lid(p)
    edge, top = lid[:, 0].argmax(), float(lid[:, 1].max())
    hole = solids.rounded_slab((0.0045, 0.0022), 0.002, (0.0, 0.0006), 0.0002, "sleeve")
    parts = [
        solids.lathe(body, "body", _SEGMENTS),
        solids.lathe(sleeve, "sleeve", _SEGMENTS),
        solids.lathe(lid, "lid", _SEGMENTS),
        solids.translate(hole, (0, -0.80 * wide, top - 0.0003)),
    ]
    filling = [
        pieces.disc([(p.taper * wide, 0), (wide, high)], 20),
        pieces.disc([(wide + 0.002, high - 0.009), (wide + 0.003, high), (0.9 * wide, top)], 20),
    ]
    ends = {"base_centre": keypoints.on_axis(body, 0), "lid_centre": keypoints.on_axis(lid, -1)}
    rim = keypoints.around("rim", float(lid[edge, 0]), float(lid[edge, 1]), _SEGMENTS)
    marks = Keypoints(ends | rim, keypoints.chain(*ends) + keypoints.loop(*rim))
    return solids.assemble(parts, ("body", "sleeve", "lid"), filling, marks)


def _paper_radius(p: PaperCup, z: float) -> float:
    return p.radius * (p.taper + (1 - p.taper) * z / p.height)


def _paper_body(p: PaperCup) -> np.ndarray:
    low = _paper_radius(p, 0.0)
    corners = [(0, 0.003), (low - 0.0012, 0.003), (low - 0.0010, 0), (low, 0)]
    z = np.linspace(0.02, p.height - 0.002, 6)
    side = [(_paper_radius(p, h), h) for h in z]
    foot = curves.fillet([*corners, side[0]], [0, 0.001, 0.0004, 0.0004, 0], 3)
    return np.concatenate([foot, side[1:], [(0.6 * p.radius, p.height), (0, p.height)]])


def _sleeve(p: PaperCup) -> np.ndarray:
    """Return the cardboard sleeve: a closed solid whose inner side is hidden in the cup."""
    low = p.sleeve_low * p.height
    high = low + p.sleeve * p.height
    out = 0.0010
    side = [(_paper_radius(p, z) + out, z) for z in np.linspace(low, high, 5)]
    return np.array(
        [(0, low + 0.002), (side[0][0] - 0.004, low), *side, (side[-1][0] - 0.004, high)]
        + [(0, high - 0.002)]
    )


def _lid(p: PaperCup) -> np.ndarray:
    wide, high = p.radius, p.height
    skirt = [(0, high - 0.003), (wide - 0.002, high - 0.006), (wide + 0.0018, high - 0.009)]
    skirt += [(wide + 0.0028, high - 0.007), (wide + 0.0030, high - 0.001)]
    skirt += [(wide + 0.0020, high + 0.0015), (wide - 0.001, high + 0.0018)]
    if p.domed:
        rest = [(0.93 * wide, high + 0.010), (0.90 * wide, high + 0.013)]
        rest += [(0.76 * wide, high + 0.013), (0.70 * wide, high + 0.007), (0, high + 0.007)]
    else:
        rest = [(0.95 * wide, high + 0.004), (0.92 * wide, high + 0.0065)]
        rest += [(0.72 * wide, high + 0.0065), (0.66 * wide, high + 0.0035), (0, high + 0.0035)]
    corners = [*skirt, *rest]
    radii = [0, 0.001, 0.0006, 0.001, 0.002, 0.001, 0.002, 0.002, 0.002, 0.003, 0.002, 0]
    return curves.fillet(corners, radii, 3)


CLASSES = (
    ParametricClass("cup", Cup, build_cup),
    ParametricClass("paper_cup", PaperCup, build_paper_cup),
)
