"""What Blender's passes say, beside the lens: codes, light, stereo, and surfaces that are made only
while rendering."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from miniature import (
    HEIGHT,
    MATERIAL,
    WIDTH,
    Slabs,
    camera,
    centres,
    opencv_rays,
    shoot,
    spec,
    thing,
)
from solids import ball, box

from simgen.spec.scene import LensSpec, LightSpec
from simgen.stages.stage import StagePart

pytestmark = pytest.mark.render

LENS = LensSpec(36, 36)
RAYS = opencv_rays(LENS, centres().reshape(-1, 2))
INTRINSIC = ("albedo", "diffuse", "specular", "emission")
LAMP = LightSpec("area", (-1.0, -2.0, 0.0), (0.0, 0.0, 2.0), (1.0, 0.9, 0.8), 60.0, 0.5)


def test_stage_parts_come_first(tmp_path: Path) -> None:
    stage = [
        StagePart("floor", box(6, 0.2, 6), (0.0, 0.6, 3.0)),
        StagePart("wall", box(6, 6, 0.2), (0.0, 0.0, 5.0)),
    ]
    made = spec([thing(1, (0, 0, 2)), thing(2, (0.7, 0, 2))], [camera(LENS)])
    (raw,) = shoot(made, [box(0.4, 0.4, 0.4)] * 2, tmp_path, stage)
    parts = [
        Slabs((6, 0.2, 6), (0, 0.6, 3)),
        Slabs((6, 6, 0.2), (0, 0, 5)),
        Slabs((0.4, 0.4, 0.4), (0, 0, 2)),
        Slabs((0.4, 0.4, 0.4), (0.7, 0, 2)),
    ]
    layers = np.stack([part.distances(RAYS) for part in parts])
    code = np.where(np.isfinite(layers.min(axis=0)), layers.argmin(axis=0) + 1, 0)
    assert (raw.code.ravel() == code).mean() > 0.999
    assert set(np.unique(raw.code)) >= {1, 2, 3, 4}
    assert (np.isinf(raw.distance) == (raw.code == 0)).all()


def test_labels_are_the_same_without_an_image(tmp_path: Path) -> None:
    objects = [thing(1, (0, 0, 2)), thing(2, (0.3, 0.1, 2.5))]
    raws = [
        shoot(spec(objects, [camera(LENS)], labels=labels, samples=9), [ball(0.4)] * 2, tmp_path)[0]
        for labels in (("rgb", "depth"), ("depth",))
    ]
    assert raws[0].radiance is not None
    assert raws[1].radiance is None
    assert raws[0].passes == raws[1].passes == {}
    assert (raws[0].code == raws[1].code).all()
    assert (raws[0].distance == raws[1].distance).all()


def test_a_filtered_index_is_refused() -> None:
    from simgen.rendering.blender.codes import decode

    index = np.ones((3, 4), np.float32)
    assert decode(index).dtype == np.int32
    index[1, 2] = 1.5
    with pytest.raises(ValueError, match=r"1\.5 in row 1, column 2"):
        decode(index)


def test_the_right_image_is_that_of_a_camera_to_the_right(tmp_path: Path) -> None:
    objects, meshes = [thing(1, (0, 0, 2)), thing(2, (0.3, 0.1, 2.5))], [box(0.5, 0.5, 0.5)] * 2
    cameras = [camera(LENS, (0, 0, 0.1 * frame)) for frame in range(2)]
    moved = [camera(LENS, (0.07, 0, 0.1 * frame)) for frame in range(2)]
    labels = ("rgb", "rgb_right")
    pairs = shoot(
        spec(objects, cameras, labels=labels, samples=4, stereo_baseline=0.07, frame_rate=9.0),
        meshes, tmp_path,
    )  # fmt: skip
    alone = shoot(spec(objects, moved, samples=4, frame_rate=9.0), meshes, tmp_path)
    left = shoot(spec(objects, cameras, samples=4, frame_rate=9.0), meshes, tmp_path)
    for pair, right, one in zip(pairs, alone, left, strict=True):
        assert np.allclose(pair.radiance_right, right.radiance, rtol=1e-3, atol=1e-4)
        assert np.allclose(pair.radiance, one.radiance, rtol=1e-3, atol=1e-4)
        assert np.abs(pair.radiance_right - pair.radiance).mean() > 3e-3
        assert (pair.code == one.code).all()


def test_the_image_is_the_sum_of_its_light(tmp_path: Path) -> None:
    """Matte, shiny, glassy and glowing things: what was taken apart adds up."""
    from dataclasses import replace

    import bpy

    from simgen.rendering.blender import make
    from simgen.rendering.blender.render import read_passes

    looks = [
        MATERIAL,
        replace(MATERIAL, kind="metal", metallic=1.0, roughness=0.1),
        replace(MATERIAL, kind="glass", transmission=1.0, roughness=0.02, color_a=(0.9, 0.95, 1)),
    ]
    objects = [
        thing(number, (0.6 * number - 1.2, 0, 2), materials={"body": look})
        for number, look in enumerate(looks, start=1)
    ]
    floor = StagePart("floor", box(6, 0.2, 6), (0.0, 0.4, 3.0))
    made = spec(objects, [camera(LENS)], samples=8, lights=(LAMP,))
    machine, passes = make.Machine(tmp_path, device="cpu"), ("radiance", *INTRINSIC)
    studio = make.build_studio(made, [ball(0.25)] * 3, [floor], machine, passes)
    glow = studio.things[1].data.materials[0].node_tree.nodes["Principled BSDF"]
    glow.inputs["Emission Color"].default_value = (0.2, 0.5, 1.0, 1.0)
    glow.inputs["Emission Strength"].default_value = 0.7
    raw = studio.render(0)
    combined = read_passes(
        bpy.context.scene, tmp_path, {axis: f"Combined.{axis}" for axis in "RGB"}
    )
    image = np.stack([combined[axis] for axis in "RGB"], axis=-1)
    assert set(raw.passes) == set(INTRINSIC)
    for values in raw.passes.values():
        assert values.dtype == np.float32
        assert values.shape == (HEIGHT, WIDTH, 3)
        assert values.max() > 0.05, "each part is there"
    light = raw.passes
    total = light["albedo"] * light["diffuse"] + light["specular"] + light["emission"]
    assert np.allclose(total, image, rtol=1e-3, atol=1e-4)
    assert not np.allclose(total - light["specular"], image, rtol=1e-2, atol=1e-2)


def test_only_the_light_that_was_asked_for(tmp_path: Path) -> None:
    made = spec([thing(1, (0, 0, 2))], [camera(LENS)], labels=("depth", "albedo"), samples=4)
    (raw,) = shoot(made, [ball(0.4)], tmp_path)
    assert raw.radiance is None
    assert set(raw.passes) == {"albedo"}
    assert raw.passes["albedo"][HEIGHT // 2, WIDTH // 2, 0] > raw.passes["albedo"][0, 0, 0]


# ---- Very many things


@pytest.mark.slow
@pytest.mark.exhaustive
def test_seventy_thousand_instances(tmp_path: Path) -> None:
    """A wall of small boxes, more than there are 16-bit numbers; the camera sees some thousand."""
    columns, rows = 350, 200
    mesh = box(0.02, 0.02, 0.02)
    objects = [
        thing(1 + column + columns * row, (0.03 * (column - 174.5), 0.03 * (row - 199.5), 1.0))
        for row in range(rows)
        for column in range(columns)
    ]
    stage = [StagePart("wall", box(20, 20, 0.1), (0.0, 0.0, 1.2))]
    made = spec(objects, [camera(LENS)], labels=("depth",), width=64, height=48)
    (raw,) = shoot(made, [mesh] * len(objects), tmp_path, stage)
    rays = np.stack(np.meshgrid((np.arange(64) - 31.5) / 64, (np.arange(48) - 23.5) / 64), axis=-1)
    at = rays * 0.99  # on the boxes' front
    column, row = at[..., 0] / 0.03 + 174.5, at[..., 1] / 0.03 + 199.5
    nearest = np.rint(column), np.rint(row)
    off = np.maximum(abs(column - nearest[0]), abs(row - nearest[1])) * 0.03
    inside = (off < 0.0099) & (nearest[1] < rows)
    expected = 2 + nearest[0] + columns * nearest[1]
    assert (raw.code[inside] == expected[inside]).all()
    assert inside.sum() > 300
    assert raw.code.max() > 65_535
    assert (raw.code[rays[..., 1] > 0.02] == 1).all(), "the wall behind them has the first code"


# ---- Geometry that appears only in the renderer


def test_surfaces_made_while_rendering_are_labelled_as_rendered(tmp_path: Path) -> None:
    """Modifiers, collection instances, instances by geometry nodes, and hair: their surface has its
    own distance and the index of the object that is rendered. That is the source object for
    instances of a collection, and the object with the nodes for instances that these make."""
    from simgen.rendering.blender import make

    made = spec([thing(1, (0, 0, 40))], [camera(LENS)])
    machine = make.Machine(tmp_path, device="cpu")
    studio = make.build_studio(made, [box(1, 1, 1)], [], machine, ["radiance"])
    _add_displaced(2, (-0.55, -0.4, 2.0))
    _add_collection_instance(3, (0.55, -0.4, 2.0))
    _add_node_instances(4, (-0.55, 0.4, 2.0))
    _add_hair(5, (0.55, 0.4, 2.0))
    raw = studio.render(0)
    distance = raw.distance.ravel()

    # Two subdivisions halve the grid's edges twice, displacement moves it 0.3 m to the camera.
    moved = Slabs((0.5, 0.5, 1e-9), (-0.55, -0.4, 1.7))
    _check_solid(raw.code, distance, 2, moved)
    # The collection's box is 0.2 m to the right of the collection's origin.
    _check_solid(raw.code, distance, 3, Slabs((0.3, 0.3, 0.3), (0.75, -0.4, 2.0)))
    # The nodes put the box on a point 0.1 m below and twice as large.
    _check_solid(raw.code, distance, 4, Slabs((0.3, 0.3, 0.3), (-0.55, 0.5, 2.0)))
    # Hair is a ribbon that faces the camera, as wide as twice its radius, about a line along y.
    code = raw.code == 5
    rays = RAYS.reshape(HEIGHT, WIDTH, 3)
    along = 2.0 / rays[..., 2]
    across = np.abs(rays[..., 0] * along - 0.55)
    down = np.abs(rays[..., 1] * along - 0.4)
    assert code[(across < 0.045) & (down < 0.19)].all()
    assert not code[(across > 0.055) | (down > 0.27)].any()
    planar = (raw.distance * rays[..., 2])[(across < 0.01) & (down < 0.19)]
    assert np.allclose(planar, 2.0, atol=0.015), "flat, in the middle of the strand"


def _check_solid(code: np.ndarray, distance: np.ndarray, number: int, slabs: Slabs) -> None:
    expected = slabs.distances(RAYS)
    here = np.isfinite(expected)
    assert here.sum() > 100
    assert ((code.ravel() == number) == here).mean() > 0.999
    both = here & (code.ravel() == number)
    assert np.isclose(distance, expected, rtol=1e-5)[both].mean() > 0.99


def _new_object(number: int, place: tuple[float, float, float], data: object) -> object:
    import bpy

    made = bpy.data.objects.new(f"extra {number}", data)
    made.location = place
    made.pass_index = number
    bpy.context.scene.collection.objects.link(made)
    return made


def _hidden_box(number: int, side: float, shift: tuple[float, float, float]) -> object:
    """A box that stands in no scene by itself, with an object index."""
    import bpy

    from simgen.rendering.blender.build import mesh_to_blender

    hidden = bpy.data.objects.new("hidden", mesh_to_blender(box(side, side, side), "hidden"))
    hidden.location = shift
    hidden.pass_index = number
    return hidden


def _add_displaced(number: int, place: tuple[float, float, float]) -> None:
    import bpy

    half = 0.25
    mesh = bpy.data.meshes.new("sheet")
    corners = [(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)]
    mesh.from_pydata(corners, [], [(3, 2, 1, 0)])  # its normal points to the camera
    made = _new_object(number, place, mesh)
    fine = made.modifiers.new("fine", "SUBSURF")
    fine.subdivision_type, fine.levels, fine.render_levels = "SIMPLE", 0, 2
    moved = made.modifiers.new("moved", "DISPLACE")
    moved.mid_level, moved.strength = 0.0, 0.3


def _add_collection_instance(number: int, place: tuple[float, float, float]) -> None:
    import bpy

    collection = bpy.data.collections.new("source")
    collection.objects.link(_hidden_box(number, 0.3, (0.2, 0.0, 0.0)))
    made = _new_object(99, place, None)
    made.instance_type, made.instance_collection = "COLLECTION", collection


def _add_node_instances(number: int, place: tuple[float, float, float]) -> None:
    import bpy

    mesh = bpy.data.meshes.new("points")
    mesh.from_pydata([(0.0, 0.1, 0.0)], [], [])
    made = _new_object(number, place, mesh)
    tree = bpy.data.node_groups.new("scatter", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    start, end = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    scatter = tree.nodes.new("GeometryNodeInstanceOnPoints")
    source = tree.nodes.new("GeometryNodeObjectInfo")
    source.inputs["Object"].default_value = _hidden_box(99, 0.15, (0.0, 0.0, 0.0))
    scatter.inputs["Scale"].default_value = (2.0, 2.0, 2.0)
    tree.links.new(start.outputs[0], scatter.inputs["Points"])
    tree.links.new(source.outputs["Geometry"], scatter.inputs["Instance"])
    tree.links.new(scatter.outputs["Instances"], end.inputs[0])
    made.modifiers.new("scatter", "NODES").node_group = tree


def _add_hair(number: int, place: tuple[float, float, float]) -> None:
    import bpy

    curves = bpy.data.hair_curves.new("strand")
    curves.add_curves([5])
    points = [(0.0, y, 0.0) for y in np.linspace(-0.2, 0.2, 5)]
    curves.position_data.foreach_set("vector", np.array(points, np.float32).ravel())
    for point in curves.points:
        point.radius = 0.05
    _new_object(number, place, curves)
