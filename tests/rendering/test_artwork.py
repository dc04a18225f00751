"""Designs: what is drawn, and that it lies on things upright and the right way round."""

from dataclasses import replace
from pathlib import Path

import bpy
import cv2
import numpy as np
import pytest

from simgen.rendering.blender.materials import build_material
from simgen.resources import module
from simgen.sampling.randomizers.materials import draw_material
from simgen.spec.rng import stream
from simgen.spec.scene import MaterialSpec

pytestmark = pytest.mark.render

drawn = module("assets/materials", "drawn")
covers, packages = drawn.covers, drawn.packages
display = packages.canvas.display
DESIGNS = drawn.DESIGNS

SIZE = 128


def spec_of(kind: str, seed: int = 0) -> MaterialSpec:
    return draw_material(kind, stream(seed, kind))


def test_every_design_has_a_recipe() -> None:
    assert set(drawn.RECIPES) == set(DESIGNS)


@pytest.mark.parametrize("kind", DESIGNS)
@pytest.mark.corpus(5)
def test_design_follows_from_its_spec(kind: str) -> None:
    spec = spec_of(kind)
    image = DESIGNS[kind](spec)
    assert image.dtype == np.uint8
    assert image.shape[2] == 4
    assert np.array_equal(image, DESIGNS[kind](spec))
    other = replace(spec, color_a=spec.color_b, color_b=spec.color_a)
    assert not np.array_equal(image, DESIGNS[kind](other))


def solid_angle(mask: np.ndarray) -> float:
    """Of the part of a sphere that a map in longitude and latitude marks, over the whole."""
    height = len(mask)
    weight = np.cos((np.arange(height) + 0.5) / height * np.pi - np.pi / 2)
    return float((mask.mean(axis=1) * weight).sum() / weight.sum())


def test_football_is_a_truncated_icosahedron() -> None:
    spec = replace(spec_of("football"), color_a=(0.8, 0.8, 0.8), color_b=(0.0, 0.0, 0.8))
    image = DESIGNS["football"](spec).astype(int)
    is_blue = image[..., 2] > 2 * image[..., 0]
    # A pentagon is seen from the middle under 0.29507 sr.
    assert solid_angle(is_blue) == pytest.approx(12 * 0.29507 / (4 * np.pi), abs=0.01)
    # Through the middle of the ball, every panel faces another one of its kind.
    through = np.roll(is_blue, image.shape[1] // 2, axis=1)[::-1]
    assert (through == is_blue).mean() > 0.99


def test_beach_ball_has_six_equal_gores() -> None:
    spec = replace(spec_of("beach_ball"), color_a=(0.8, 0.0, 0.0), color_b=(0.0, 0.0, 0.8))
    row = DESIGNS["beach_ball"](spec)[240, :, :3]
    red = np.all(row == display(spec.color_a), axis=1)
    assert red.mean() == pytest.approx(1 / 6, abs=0.02)


@pytest.fixture
def box(tmp_path: Path) -> bpy.types.Object:
    """A cube of 10 cm under an even white sky."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 4
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    scene.view_settings.view_transform = "Standard"
    scene.world = bpy.data.worlds.new("sky")
    scene.world.node_tree.nodes["Background"].inputs["Color"].default_value = (1, 1, 1, 1)
    bpy.ops.mesh.primitive_cube_add(size=0.1)
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 0.1
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.filepath = str(tmp_path / "box.png")
    return bpy.data.objects["Cube"]


VIEWS = {
    "top": ((0, 0, 1), (0, 0, 0)),
    "bottom": ((0, 0, -1), (0, np.pi, 0)),
    "front": ((0, -1, 0), (np.pi / 2, 0, 0)),
    "right": ((1, 0, 0), (np.pi / 2, 0, np.pi / 2)),
    "back": ((0, 1, 0), (np.pi / 2, 0, np.pi)),
    "left": ((-1, 0, 0), (np.pi / 2, 0, -np.pi / 2)),
}
"""Of cameras that look at one side of the box, upright: where they are, how they are turned."""


def view(item: bpy.types.Object, spec: MaterialSpec, side: str) -> np.ndarray:
    item.data.materials.append(build_material(spec, "design"))
    camera = bpy.context.scene.camera
    camera.location, camera.rotation_euler = VIEWS[side]
    bpy.ops.render.render(write_still=True)
    return cv2.imread(bpy.context.scene.render.filepath)[..., ::-1]


def alike(seen: np.ndarray, design: np.ndarray) -> float:
    """Correlation of a view with a part of the design, both as grey images of one size."""
    small = cv2.resize(design[..., :3], (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return float(np.corrcoef(seen.mean(axis=2).ravel(), small.mean(axis=2).ravel())[0, 1])


def is_shown(seen: np.ndarray, design: np.ndarray) -> bool:
    """Whether the design is seen as it is, and neither mirrored nor upside down."""
    return alike(seen, design) > max(
        0.85, alike(seen, design[:, ::-1]) + 0.1, alike(seen, design[::-1]) + 0.1
    )


@pytest.mark.parametrize(("side", "left"), [("top", covers.BOARD + covers.SPINE), ("bottom", 0)])
def test_boards_of_a_book_show_front_and_back(box: bpy.types.Object, side: str, left: int) -> None:
    spec = replace(spec_of("book_cover", 3), motif="framed", roughness=1.0, coat=0.0, bump=0.0)
    design = DESIGNS[spec.kind](spec)
    assert is_shown(view(box, spec, side), design[:, left : left + covers.BOARD])


@pytest.mark.parametrize(
    ("side", "panel"),
    [("front", 0), ("back", 0), ("left", 1), ("right", 1), ("top", 2), ("bottom", 2)],
)
@pytest.mark.corpus(2)
def test_packages_are_upright_on_every_side(box: bpy.types.Object, side: str, panel: int) -> None:
    spec = replace(spec_of("package_print"), roughness=1.0, coat=0.0, bump=0.0)
    spec = replace(spec, color_a=(0.8, 0.8, 0.8), color_b=(0.5, 0.02, 0.02))
    left = panel * packages.PANEL
    design = DESIGNS[spec.kind](spec)[:, left : left + packages.PANEL]
    assert is_shown(view(box, spec, side), design)


def test_packages_of_older_datasets_keep_their_mirrored_bottom(box: bpy.types.Object) -> None:
    spec = replace(spec_of("package_print"), roughness=1.0, coat=0.0, bump=0.0, motif="")
    spec = replace(spec, color_a=(0.8, 0.8, 0.8), color_b=(0.5, 0.02, 0.02))
    design = DESIGNS[spec.kind](spec)[:, 2 * packages.PANEL : 3 * packages.PANEL]
    assert is_shown(view(box, spec, "bottom"), design[:, ::-1])
