"""Maps of texture sets and of glTF files in Blender: normals turn the light by the right angle on
every side, and roughness and metalness are those of the maps, texel by texel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest

from simgen.assets.textures import Pictures, find_textures
from simgen.geometry.mesh import SurfaceData
from simgen.rendering.blender.materials import build_material, build_surface
from simgen.sampling.randomizers.materials import draw_image
from simgen.spec.rng import stream
from simgen.spec.scene import MaterialSpec

pytestmark = pytest.mark.render

SIZE = 16
TILT = (0.6, 0.0, 0.8)
"""A normal in tangent space, 37 degrees from the surface's, to the right."""
SIDES = {"top": None, "front": 0, "right": 90, "back": 180, "left": 270}


@pytest.fixture
def scene() -> Iterator[bpy.types.Scene]:
    """A black world with a camera and a sun, and nothing else."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.view_settings.view_transform = "Raw"
    scene.world = bpy.data.worlds.new("night")
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0.0
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 0.08
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle = 1.5, 0.0
    scene.camera = camera
    for thing in (camera, sun):
        scene.collection.objects.link(thing)
    yield scene
    bpy.ops.wm.read_factory_settings(use_empty=True)


def face(side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right, up and outward direction of a side of a cube, as one sees it from outside."""
    if (azimuth := SIDES[side]) is None:
        return np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), np.array([0, 0, 1.0])
    turn = np.radians(azimuth)
    out = np.round([np.sin(turn), -np.cos(turn), 0.0])
    return np.cross([0, 0, 1.0], out), np.array([0, 0, 1.0]), out


def radiance(
    scene: bpy.types.Scene,
    material: bpy.types.Material,
    side: str,
    light: tuple[float, float, float],
    folder: Path,
) -> np.ndarray:
    """Render a side of a cube of 8 cm. light: direction to the sun as right, up, outward."""
    right, up, out = face(side)
    corners = [0.04 * (out + a * right + b * up) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    mesh = bpy.data.meshes.new("side")
    mesh.from_pydata([tuple(corner) for corner in corners], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new(name="uv").uv.foreach_set("vector", [0, 0, 1, 0, 1, 1, 0, 1])
    mesh.materials.append(material)
    item = bpy.data.objects.new("side", mesh)
    scene.collection.objects.link(item)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, up, out], axis=1)
    pose[:3, 3] = out
    scene.camera.matrix_world = bpy_matrix(pose)
    towards = np.array(light) / np.linalg.norm(light)
    z = np.stack([right, up, out], axis=1) @ towards
    x = np.cross(up if abs(z @ up) < 0.9 else right, z)
    x /= np.linalg.norm(x)
    sun = np.eye(4)
    sun[:3, :3] = np.stack([x, np.cross(z, x), z], axis=1)
    bpy.data.objects["sun"].matrix_world = bpy_matrix(sun)
    scene.render.filepath = str(folder / "side.png")
    scene.render.image_settings.file_format = "PNG"
    bpy.ops.render.render(write_still=True)
    bpy.data.objects.remove(item)
    return cv2.imread(scene.render.filepath)[..., 1] / 255.0


def bpy_matrix(matrix: np.ndarray):  # type: ignore[no-untyped-def]
    from mathutils import Matrix

    return Matrix(matrix.tolist())


def coded(normal: tuple[float, float, float]) -> np.ndarray:
    return np.rint((np.array(normal) + 1.0) * 127.5).astype(np.uint8)


def write(path: Path, pixels: np.ndarray) -> None:
    cv2.imwrite(str(path), pixels[..., ::-1] if pixels.ndim == 3 else pixels)


def material(folder: Path, maps: dict[str, np.ndarray]) -> tuple[MaterialSpec, Pictures]:
    """A grey set with these maps, by the endings of their names, in a texture folder."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    write(folder / "Grey_1K_Color.png", np.full((4, 4, 3), 188, np.uint8))
    for name, pixels in maps.items():
        write(folder / f"Grey_1K_{name}.png", pixels)
    (found,) = find_textures(folder, sets=True).found
    assert len(found.maps) == len(maps)
    return draw_image(found, 0.08, stream(0, "set")), Pictures(textures=folder)


def even(*color: int) -> np.ndarray:
    return np.full((4, 4, len(color)), color, np.uint8).squeeze()


@pytest.mark.corpus(4)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("name", ["NormalGL", "NormalDX"])
def test_normals_lean_right_and_up_on_every_side(
    scene: bpy.types.Scene, side: str, name: str, tmp_path: Path
) -> None:
    flip = 1.0 if name == "NormalGL" else -1.0
    tilts = {"right": (0.6, 0.0, 0.8), "up": (0.0, 0.6 * flip, 0.8)}
    lights = {"right": (1.0, 0.0, 1.0), "up": (0.0, 1.0, 1.0)}
    maps = {"Roughness": even(255)}
    plain, pictures = material(tmp_path, {**maps, name: even(*coded((0.0, 0.0, 1.0)))})
    built = build_material(plain, "plain", pictures)
    flat = radiance(scene, built, side, (1.0, 0.0, 1.0), tmp_path).mean()
    for towards, tilt in tilts.items():
        spec, pictures = material(tmp_path, {**maps, name: even(*coded(tilt))})
        lit = radiance(
            scene, build_material(spec, towards, pictures), side, lights[towards], tmp_path
        )
        # Lambert: (0.6 + 0.8) / 1 of the light on a flat surface.
        assert lit.mean() / flat == pytest.approx(1.4, rel=0.06)


def test_roughness_and_metalness_come_from_their_maps(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    """Mirrors do not show a sun that is not in their direction; rough texels do."""
    half = np.zeros((8, 8), np.uint8)
    half[:, 4:] = 255
    spec, pictures = material(tmp_path, {"Roughness": half, "Metalness": even(255)})
    seen = radiance(scene, build_material(spec, "half", pictures), "top", (1, 0, 1), tmp_path)
    arm = np.stack([np.full((8, 8), 255, np.uint8), half, np.full((8, 8), 255, np.uint8)], axis=-1)
    spec, pictures = material(tmp_path, {"arm": arm})
    packed = radiance(scene, build_material(spec, "arm", pictures), "top", (1, 0, 1), tmp_path)
    for image in (seen, packed):
        dark, bright = image < 0.02, image > 0.05
        assert dark.mean() == pytest.approx(0.5, abs=0.15)
        assert bright.mean() == pytest.approx(0.5, abs=0.15)


def test_a_displacement_without_normals_is_a_relief(scene: bpy.types.Scene, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (64, 1))
    spec, pictures = material(tmp_path, {"Roughness": even(255), "Displacement": ramp})
    assert spec.bump == pytest.approx(0.02 * 0.08)
    built = build_material(spec, "ramp", pictures)
    left = radiance(scene, built, "top", (-1.0, 0.0, 0.2), tmp_path)
    right = radiance(scene, built, "top", (1.0, 0.0, 0.2), tmp_path)
    # The ramp rises to the right by 2 %, so it turns to the left.
    expected = (0.2 + 0.02) / (0.2 - 0.02)
    assert np.median(left) / np.median(right) == pytest.approx(expected, rel=0.05)


def test_maps_of_a_mesh_file_are_used_texel_by_texel(
    scene: bpy.types.Scene, tmp_path: Path
) -> None:
    """glTF: normals in tangent space, roughness in G and metalness in B, neither averaged."""
    normals = np.full((4, 4, 4), 255, np.uint8)
    normals[:, :2, :3], normals[:, 2:, :3] = coded((0.0, 0.0, 1.0)), coded(TILT)
    rough = np.full((4, 4, 4), 255, np.uint8)
    rough[..., 2] = 0
    surface = SurfaceData(
        (0.5, 0.5, 0.5, 1.0), roughness=1.0, normal_image=normals, rough_metal_image=rough
    )
    image = radiance(scene, build_surface(surface, "gltf"), "top", (1.0, 0.0, 1.0), tmp_path)
    flat, tilted = image[:, 2:6].mean(), image[:, 10:14].mean()
    assert tilted / flat == pytest.approx(1.4, rel=0.06)
    metal = rough.copy()
    metal[:, 2:, 1:3] = (0, 255)
    surface = SurfaceData((0.5, 0.5, 0.5, 1.0), rough_metal_image=metal)
    image = radiance(scene, build_surface(surface, "metal"), "top", (1.0, 0.0, 1.0), tmp_path)
    assert image[:, 2:6].mean() > 0.1
    assert image[:, 10:14].mean() < 0.02


def test_images_of_maps_are_shared(scene: bpy.types.Scene, tmp_path: Path) -> None:
    spec, pictures = material(tmp_path, {"Roughness": even(200)})
    for name in ("one", "two"):
        build_material(spec, name, pictures)
    (digest,) = (each.sha256 for each in spec.maps)
    assert sum(digest[:40] in image.name for image in bpy.data.images) == 1
