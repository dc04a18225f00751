"""The kernel for solids: closed surfaces, and pieces and keypoints that move along with them."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull

from simgen.geometry import solids
from simgen.geometry.solids import Solid, curves, keypoints, sections

OUTLINE = curves.superellipse((0.2, 0.1), 2.5, 16)
RINGS = sections.levels(OUTLINE, (0.0, 0.1, 0.3), (1.0, 1.2, 0.6))
PATH = np.array([(0.0, 0.0, 0.0), (0.0, 0.0, 0.2), (0.2, 0.0, 0.3)])
HOOP = np.array([[np.cos(a), np.sin(a), 0.0] for a in np.arange(12) * np.pi / 6])
SHAPES = {
    "box": solids.box((-1, -2, -3), (1, 2, 3), "a"),
    "beveled": solids.box((-1, -2, -3), (1, 2, 3), "a", bevel=0.1),
    "chamfered": solids.chamfered_box((-1, -2, -3), (1, 2, 3), 0.1, "a"),
    "rounded": solids.filled(solids.rounded_box((1, 2, 3), 0.1, "a")),
    "slab": solids.rounded_slab((1, 2), 0.3, (0.0, 0.5), 0.1, "a"),
    "cylinder": solids.cylinder((0, 0, 0), (1, 1, 1), (0.2, 0.1), "a"),
    "ellipsoid": solids.ellipsoid((1, 2, 3), (0.3, 0.2, 0.1), "a"),
    "superellipsoid": solids.superellipsoid((0, 0, 0), (1, 2, 3), "a"),
    "extruded": solids.extrude(OUTLINE, 0.0, 0.1, "a", bevel=0.01, axis=0),
    "lathed": solids.convex_lathe(curves.cylinder(0.5, 0.0, 1.0), "a"),
    "lathed about x": solids.convex_lathe(curves.tyre(0.4, 0.5, 0.1, 0.2), "a", axis=0),
    "lofted": solids.sliced_loft(RINGS, "a", 2),
    "looped": solids.filled(solids.loft_loop(sections.sweep_loop(HOOP, 0.2 * OUTLINE), "a")),
    "rod": solids.rod(PATH, 0.02, "a", side=(0, 1, 0)),
}


def volume(solid: Solid) -> float:
    mesh = trimesh.Trimesh(solid.vertices, solid.faces, process=False)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    return float(mesh.volume)


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_closed_and_lie_in_their_pieces(name: str) -> None:
    solid = SHAPES[name]
    assert volume(solid) > 0
    points = np.concatenate(solid.pieces)
    assert points.min(axis=0) == pytest.approx(solid.vertices.min(axis=0), abs=0.05)
    assert points.max(axis=0) == pytest.approx(solid.vertices.max(axis=0), abs=0.05)
    assert all(ConvexHull(piece).volume > 0 for piece in solid.pieces)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_moved_stays_closed_and_takes_pieces_and_keypoints_along(name: str) -> None:
    solid = solids.with_keypoints(SHAPES[name], {"tip": SHAPES[name].vertices[0]})
    for moved, growth in (
        (solids.translate(solid, (1, 2, 3)), 1),
        (solids.rotate(solid, 1, 0.4, (1, 0, 0)), 1),
        (solids.mirror(solid), 1),
        (solids.scale(solid, (1, 2, 3)), 6),
    ):
        assert volume(moved) == pytest.approx(growth * volume(solid))
        assert moved.keypoints["tip"] == pytest.approx(moved.vertices[0])
        before, after = (ConvexHull(s.pieces[0]).volume for s in (solid, moved))
        assert after == pytest.approx(growth * before)
    assert volume(solids.with_mirror(solid)) == pytest.approx(2 * volume(solid))


def test_a_box_has_the_volume_of_its_corners() -> None:
    assert volume(SHAPES["box"]) == pytest.approx(48)
    assert 47 < volume(SHAPES["chamfered"]) < 48
    assert volume(solids.cylinder((0, 0, 0), (0, 0, 2), 1, "a", 400)) == pytest.approx(
        2 * np.pi, rel=1e-3
    )


def test_joined_solids_keep_their_order_slots_and_keypoints() -> None:
    first = solids.with_keypoints(SHAPES["box"], {"a": (0, 0, 0)})
    second = solids.with_keypoints(
        solids.translate(SHAPES["slab"], (5, 0, 0)), {"b": (5, 0, 0)}, (("a", "b"),)
    )
    both = first + second
    assert len(both.pieces) == 2
    assert list(both.keypoints) == ["a", "b"]
    assert volume(both) == pytest.approx(volume(first) + volume(second))
    assert len(solids.join([]).vertices) == 0
    assert not solids.decoration(both).pieces


def test_an_object_stands_on_the_ground_and_shares_materials() -> None:
    lid = solids.translate(solids.box((0, 0, 0), (1, 1, 1), "lid"), (4, 0, 7))
    body = solids.box((4, 0, 5), (6, 2, 7), "body")
    marks = keypoints.Keypoints({"top": np.array([4.0, 0.0, 8.0])})
    mesh = solids.assemble(
        [body, lid], ("body", "lid"), keypoints=marks, shared={"lid": "body"}, centred=True
    )
    assert mesh.bounds().tolist() == [[-1, -1, 0], [1, 1, 3]]
    assert (mesh.slots, mesh.parts) == (("body",), ("body", "lid"))
    assert np.bincount(mesh.part).tolist() == [12, 12]
    assert mesh.keypoints == {"top": (-1.0, -1.0, 3.0)}
    assert [piece[:, 2].min() for piece in mesh.pieces] == [0, 2]
    with pytest.raises(ValueError, match="lid"):
        solids.assemble([body, lid], ("body",))


def test_a_keypoint_goes_to_the_nearest_vertex() -> None:
    mesh = solids.finished(SHAPES["box"], ("a",), {"corner": (9, 9, 9)}, ())
    assert mesh.keypoints == {"corner": (1.0, 2.0, 6.0)}


def test_slots_of_a_mesh_are_sorted_by_name() -> None:
    mesh = solids.to_mesh([solids.box((0, 0, 0), (1, 1, 1), name) for name in ("b", "a")])
    assert mesh.slots == ("a", "b")
    assert mesh.slot.tolist() == [1] * 12 + [0] * 12
    again = solids.from_mesh(mesh, {"a": "x", "b": "y"})
    assert again.slot.tolist() == ["y"] * 12 + ["x"] * 12
