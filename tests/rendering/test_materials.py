import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest

from simgen.assets.textures import Pictures
from simgen.errors import AssetError
from simgen.geometry.mesh import SurfaceData
from simgen.rendering.blender.materials import build_material, build_surface, recipes
from simgen.sampling.randomizers.materials import KINDS, draw_material
from simgen.spec.rng import stream
from simgen.spec.scene import MaterialSpec

pytestmark = pytest.mark.render

SIZE = 16
FINE = 96
BLACK, WHITE = (0.02, 0.02, 0.02), (0.8, 0.8, 0.8)
QUARTERS = {"red": (0, 0), "green": (0, 1), "blue": (1, 0), "white": (1, 1)}
"""Of the test image: row and column, row 0 on top."""


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


def in_detail(item: bpy.types.Object, spec: MaterialSpec, folder: Path) -> np.ndarray:
    """Green of the sheet's image, `FINE x FINE`, under even light."""
    bpy.context.scene.render.resolution_x = bpy.context.scene.render.resolution_y = FINE
    return render(item, build_material(spec, "fine"), folder)[..., 1]


def period(image: np.ndarray, axis: int) -> float:
    """Metres after which the sheet's image repeats along an axis, by its strongest frequency.

    The mean over the other axis has the same period, and hardly any noise.
    """
    profile = image.mean(axis=1 - axis)
    spectrum = np.abs(np.fft.rfft(profile - profile.mean(), 16 * FINE))
    spectrum[: 16 * 3] = 0.0  # tones that differ from tile to tile are no period
    return 0.08 / (np.argmax(spectrum) / 16)


def is_pink(image: np.ndarray) -> bool:
    """Blender's colour for a texture that it does not find."""
    red, green, blue = image.reshape(-1, 3).mean(axis=0)
    return min(red, blue) > 0.6 and green < 0.2


def test_every_kind_has_a_recipe() -> None:
    assert set(recipes()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.corpus(5)
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


def flat(kind: str, scale: float, motif: str = "", **rest: float) -> MaterialSpec:
    """A surface without relief in black and white, its pattern not shifted."""
    return MaterialSpec(kind, BLACK, WHITE, 1.0, scale=scale, motif=motif, **rest)


@pytest.mark.parametrize(
    ("spec", "axis", "expected"),
    [
        (flat("pattern", 0.01, "stripes"), 1, 0.01),
        (flat("pattern", 0.016, "stripes"), 1, 0.016),
        (flat("pattern", 0.01, "dots"), 0, 0.01),
        (flat("pattern", 0.01, "dots"), 1, 0.01),
        (flat("pattern", 0.016, "gradient"), 1, 0.016),
        (flat("wallpaper", 0.01, "stripes"), 1, 0.01),
        (flat("wallpaper", 0.01, "dots"), 0, 0.01),
        (flat("brick", 0.04), 0, 0.04 * 0.32),
        (flat("roof_tiles", 0.016), 1, 0.016),
    ],
    ids=lambda value: f"{value.kind}-{value.motif}" if isinstance(value, MaterialSpec) else None,
)
@pytest.mark.corpus(4)
def test_pattern_has_its_size_in_metres(
    spec: MaterialSpec, axis: int, expected: float, sheet: bpy.types.Object, tmp_path: Path
) -> None:
    image = in_detail(sheet, spec, tmp_path)
    assert image.std() > 0.02
    # Sheets show 5 to 8 periods; the spectrum peaks within an eighth of one of the true number.
    assert period(image, axis) == pytest.approx(expected, rel=0.025)


def test_checks_alternate_every_half_period(sheet: bpy.types.Object, tmp_path: Path) -> None:
    image = in_detail(sheet, flat("pattern", 0.04, "checks"), tmp_path)
    middles = image[FINE // 8 :: FINE // 4, FINE // 8 :: FINE // 4]
    first = middles > 0.4
    assert first.shape == (4, 4)
    assert np.array_equal(first, (np.indices((4, 4)).sum(axis=0) + first[0, 0]) % 2 == 1)


def test_patterns_turn_with_their_offset(sheet: bpy.types.Object, tmp_path: Path) -> None:
    turned = replace(flat("pattern", 0.01, "stripes"), offset=(0.0, 0.0, np.pi / 2))
    assert period(in_detail(sheet, turned, tmp_path), 0) == pytest.approx(0.01, rel=0.02)


def test_lit_screen_shines_and_a_dark_one_does_not(sheet: bpy.types.Object, tmp_path: Path) -> None:
    bpy.context.scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.0
    lit = replace(draw_material("screen", stream(0)), motif="picture", emission=0.8)
    dark = replace(lit, motif="off", emission=0.0)
    assert render(sheet, build_material(lit, "lit"), tmp_path).mean() > 0.05
    assert render(sheet, build_material(dark, "dark"), tmp_path).mean() < 0.002


def quarters(width: int, height: int) -> np.ndarray:
    """`height x width x 3` uint8: red, green; blue, white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2, 0] = 188  # sRGB 188 is linear 0.5
    pixels[: height // 2, width // 2 :, 1] = 188
    pixels[height // 2 :, : width // 2, 2] = 188
    pixels[height // 2 :, width // 2 :] = 188
    return pixels


def image_spec(pixels: np.ndarray, folder: Path, scale: float) -> tuple[MaterialSpec, Pictures]:
    """A surface that shows pixels with their lower left corner at (-4 cm, -4 cm, -4 cm)."""
    coded = cv2.imencode(".png", pixels[..., ::-1])[1].tobytes()
    (folder / "image.png").write_bytes(coded)
    sha256 = hashlib.sha256(coded).hexdigest()
    spec = MaterialSpec(
        "image", WHITE, WHITE, 1.0, scale=scale, offset=(0.04, 0.04, 0.04),
        texture="image.png", texture_sha256=sha256,
    )  # fmt: skip
    return spec, Pictures(textures=folder)


def is_of(color: str, patch: np.ndarray) -> bool:
    """Whether a patch of the image has a quarter's colour (a rough surface reflects 4 % white)."""
    expected = {"red": (0.5, 0, 0), "green": (0, 0.5, 0), "blue": (0, 0, 0.5), "white": (0.5,) * 3}
    return np.allclose(patch.reshape(-1, 3).mean(axis=0), expected[color], atol=0.07)


def test_image_fills_its_metres_upright(sheet: bpy.types.Object, tmp_path: Path) -> None:
    spec, pictures = image_spec(quarters(8, 8), tmp_path, 0.08)
    image = render(sheet, build_material(spec, "image", pictures), tmp_path)
    for color, (row, column) in QUARTERS.items():
        assert is_of(color, image[row * 8 + 2 : row * 8 + 6, column * 8 + 2 : column * 8 + 6])


def test_wide_image_keeps_its_shape_and_repeats(sheet: bpy.types.Object, tmp_path: Path) -> None:
    spec, pictures = image_spec(quarters(16, 8), tmp_path, 0.08)  # 8 cm wide, 4 cm high
    image = render(sheet, build_material(spec, "image", pictures), tmp_path)
    for color, (row, column) in QUARTERS.items():
        for top in (row * 4, row * 4 + 8):
            assert is_of(color, image[top + 1 : top + 3, column * 8 + 2 : column * 8 + 6])


@pytest.mark.parametrize("azimuth", [0, 90, 180, 270])
def test_image_is_upright_and_not_mirrored_on_every_side(
    azimuth: int, sheet: bpy.types.Object, tmp_path: Path
) -> None:
    """The sheet becomes the face of a cube that looks towards the camera: it stands upright."""
    x, y = np.round([np.sin(np.radians(azimuth)), -np.cos(np.radians(azimuth))])
    right = np.array([-y, x, 0.0])  # as seen from outside
    corners = [
        0.04 * (np.array([x, y, 0]) + a * right + b * np.array([0, 0, 1]))
        for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    sheet.data.vertices.foreach_set("co", np.concatenate(corners))
    sheet.data.update()
    camera = bpy.context.scene.camera
    camera.location = (x, y, 0)
    camera.rotation_euler = (np.pi / 2, 0, np.radians(azimuth))
    spec, pictures = image_spec(quarters(8, 8), tmp_path, 0.08)
    image = render(sheet, build_material(spec, "image", pictures), tmp_path)
    for color, (row, column) in QUARTERS.items():
        assert is_of(color, image[row * 8 + 2 : row * 8 + 6, column * 8 + 2 : column * 8 + 6])


def test_surfaces_of_one_image_share_its_pixels(sheet: bpy.types.Object, tmp_path: Path) -> None:
    spec, pictures = image_spec(quarters(8, 8), tmp_path, 0.08)
    for name in ("one", "two"):
        build_material(replace(spec, scale=0.1), name, pictures)
    assert sum(image.name.startswith("texture.") for image in bpy.data.images) == 1


def test_image_that_is_not_there_is_refused(sheet: bpy.types.Object, tmp_path: Path) -> None:
    spec, _ = image_spec(quarters(8, 8), tmp_path, 0.08)
    with pytest.raises(AssetError, match=r"materials\.textures"):
        build_material(spec, "image")


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
