"""The solid-modelling kernel: closed triangle meshes from curves, with convex collision pieces.

Numbers and point arrays, in metres, become a `Solid`, and solids a `MeshData`. All functions are
pure. The kernel imports only `simgen.geometry.transforms` and `simgen.geometry.mesh`; objects
(`assets/classes/`) and stages (`scenes/`) are built with it.

    curves      polylines, outlines and profiles as point arrays
    sections    cross-sections: profiles, outlines and paths to rings of points
    solid       `Solid`; joining and moving solids
    surfaces    loft, lathe, sweep, extrude: rings to solids
    primitives  boxes, slabs, cylinders, ellipsoids, leaves
    uv          texture coordinates projected along an axis
    pieces      convex point sets that fill a solid
    keypoints   named points on solids
    noise       pseudo-random numbers
    assembly    conversion of solids to a mesh
"""

from __future__ import annotations

from simgen.geometry.solids import curves, keypoints, noise, pieces, sections, uv
from simgen.geometry.solids.assembly import assemble, finished, to_mesh
from simgen.geometry.solids.keypoints import Keypoints
from simgen.geometry.solids.pieces import Piece
from simgen.geometry.solids.primitives import (
    beveled_box,
    box,
    chamfered_box,
    chamfered_boxes,
    cylinder,
    ellipsoid,
    kites,
    rounded_box,
    rounded_slab,
    superellipsoid,
)
from simgen.geometry.solids.solid import (
    Edges,
    Solid,
    decoration,
    filled,
    from_mesh,
    join,
    mirror,
    move_points,
    outward,
    rotate,
    rotate_points,
    scale,
    translate,
    with_keypoints,
    with_mirror,
    with_nearest_keypoints,
)
from simgen.geometry.solids.surfaces import (
    Sheet,
    convex_lathe,
    edge_slots,
    extrude,
    flat_sheet,
    lathe,
    loft,
    loft_loop,
    plan_uv,
    rod,
    sliced_loft,
)
