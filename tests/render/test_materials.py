from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest

from simgen.blender.materials import build_material, build_surface
from simgen.blender.recipes import RECIPES
from simgen.mesh import SurfaceData
from simgen.randomizers.materials import KINDS, draw_material
from simgen.rng import stream

pytestmark = pytest.mark.render

SIZE = 16


@pytest.fixture
def sheet() -> Iterator[bpy.types.Object]:
    """A square of 8 cm that fills the view of an orthographic camera under an even white sky."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.view_settings.view_transform = "Raw"
    scene.world = bpy.data.worlds.new("sky")
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
    mesh = bpy.data.meshes.new("sheet")
    corners = [(-0.04, -0.04, 0), (0.04, -0.04, 0), (0.04, 0.04, 0), (-0.04, 0.04, 0)]
    mesh.from_pydata(corners, [], [(0, 1, 2, 3)])
    mesh.uv_layers.new(name="uv").uv.foreach_set("vector", [0, 0, 1, 0, 1, 1, 0, 1])
    item = bpy.data.objects.new("sheet", mesh)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 0.08
    camera.location = (0, 0, 1)
    scene.camera = camera
    for thing in (item, camera):
        scene.collection.objects.link(thing)
    yield item
    bpy.ops.wm.read_factory_settings(use_empty=True)


def render(item: bpy.types.Object, material: bpy.types.Material, folder: Path) -> np.ndarray:
    """`SIZE x SIZE x 3` linear radiance, row 0 on top."""
    item.data.materials.clear()
    item.data.materials.append(material)
    scene = bpy.context.scene
    scene.render.filepath = str(folder / "preview.png")
    scene.render.image_settings.file_format = "PNG"
    bpy.ops.render.render(write_still=True)
    return cv2.imread(scene.render.filepath)[..., ::-1] / 255.0


def is_pink(image: np.ndarray) -> bool:
    """Blender's colour for a texture that it does not find."""
    red, green, blue = image.reshape(-1, 3).mean(axis=0)
    return min(red, blue) > 0.6 and green < 0.2


def test_every_kind_has_a_recipe() -> None:
    assert set(RECIPES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_renders(kind: str, sheet: bpy.types.Object, tmp_path: Path) -> None:
    image = render(sheet, build_material(draw_material(kind, stream(0)), kind), tmp_path)
    assert image.mean() > 0.015
    assert image.mean() < 1.0
    assert not is_pink(image)


@pytest.mark.parametrize("kind", ["wood", "stone", "print", "fabric", "terrazzo", "tiles"])
def test_pattern_moves_with_its_offset(kind: str, sheet: bpy.types.Object, tmp_path: Path) -> None:
    look = draw_material(kind, stream(0))
    moved = replace(look, offset=(1.234, -2.345, 0.456))
    here, there = (render(sheet, build_material(spec, kind), tmp_path) for spec in (look, moved))
    assert np.abs(here - there).max() > 0.02


def test_unknown_kind_is_refused() -> None:
    spec = replace(draw_material("wood", stream(0)), kind="velvet")
    with pytest.raises(ValueError, match="'velvet'"):
        build_material(spec, "velvet")


def test_surface_without_texture_has_its_colour(sheet: bpy.types.Object, tmp_path: Path) -> None:
    surface = SurfaceData(base_color=(0.6, 0.3, 0.1, 1.0), roughness=1.0)
    image = render(sheet, build_surface(surface, "flat"), tmp_path)
    assert image.mean(axis=(0, 1)) == pytest.approx([0.6, 0.3, 0.1], abs=0.06)


def test_texture_is_upright_and_read_as_srgb(sheet: bpy.types.Object, tmp_path: Path) -> None:
    pixels = np.full((8, 8, 4), 255, np.uint8)
    pixels[:4, :, :3] = (188, 0, 0)  # sRGB 188 is linear 0.5
    pixels[4:, :, :3] = (0, 188, 0)
    surface = SurfaceData(base_color=(1.0, 1.0, 1.0, 1.0), roughness=1.0, image=pixels)
    image = render(sheet, build_surface(surface, "texture"), tmp_path)
    top, bottom = image[2:6].mean(axis=(0, 1)), image[10:14].mean(axis=(0, 1))
    assert top == pytest.approx([0.5, 0.0, 0.0], abs=0.06)
    assert bottom == pytest.approx([0.0, 0.5, 0.0], abs=0.06)


def test_base_colour_tints_the_texture(sheet: bpy.types.Object, tmp_path: Path) -> None:
    pixels = np.full((4, 4, 4), 255, np.uint8)
    surface = SurfaceData(base_color=(0.5, 0.2, 0.1, 1.0), roughness=1.0, image=pixels)
    image = render(sheet, build_surface(surface, "tinted"), tmp_path)
    assert image.mean(axis=(0, 1)) == pytest.approx([0.5, 0.2, 0.1], abs=0.06)


def test_alpha_of_a_texture_cuts_out(sheet: bpy.types.Object, tmp_path: Path) -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[:, :4, 3] = 255
    surface = SurfaceData(base_color=(1.0, 1.0, 1.0, 1.0), roughness=1.0, image=pixels)
    image = render(sheet, build_surface(surface, "leaf"), tmp_path)
    assert image[:, 2:6].mean() < 0.1
    assert image[:, 10:14].mean() == pytest.approx(1.0, abs=0.01)
