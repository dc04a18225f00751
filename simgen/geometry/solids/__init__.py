"""The solid-modelling kernel: closed triangle meshes from curves, with pieces for the physics.

In: numbers and point arrays, in metres. Out: a `Solid`, and from solids a `MeshData`. Everything is
a pure function of its arguments. Imports `simgen.geometry.transforms` and `simgen.geometry.mesh`
alone; objects (`assets/classes/`) and stages (`scenes/`) are built with it.

    curves      polylines, outlines and profiles as point arrays
    sections    cross-sections: profiles, outlines and paths to rings of points
    solid       `Solid`; joining and moving solids
    surfaces    loft, lathe, sweep, extrude: rings to solids
    primitives  boxes, slabs, cylinders, ellipsoids, leaves
    uv          texture coordinates as seen along an axis
    pieces      convex point sets that fill a solid
    keypoints   named points on solids
    noise       pseudo-random numbers
    assembly    solids to a mesh
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
