"""A .blend of the user's as a stage, from the file to the dataset."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from simgen.assets import sandbox, stage_file
from simgen.assets.catalogue import load_catalogue
from simgen.config import Config
from simgen.config.draws import Draws
from simgen.dataset.reader import Dataset
from simgen.errors import AssetError, InputError, SceneError
from simgen.geometry.mesh import MeshData, SurfaceData
from simgen.labels.world import Surface
from simgen.sampling.scenes import sample_scene
from simgen.spec.scene import MaterialSpec, SceneSpec
from simgen.stages.blend_stage import blend_stage
from simgen.stages.registry import AnyStage, build_stage, draw_stage
from simgen.stages.resolver import make_resolver, resolver_settings
from simgen.stages.stage import StageContent

pytestmark = pytest.mark.skipif(
    not sandbox.available(), reason="the kernel cannot fence Blender in"
)

MAKE = """
import sys, bpy
out, trap, markers = sys.argv[1:4]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene

def material(name, color):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    node = made.node_tree.nodes["Principled BSDF"]
    node.inputs["Base Color"].default_value = (*color, 1.0)
    node.inputs["Roughness"].default_value = 0.35
    return made

def box(name, low, high, color, collection=None):
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    made = bpy.context.object
    made.name = name
    made.location = [(a + b) / 2 for a, b in zip(low, high)]
    made.scale = [b - a for a, b in zip(low, high)]
    made.data.materials.append(material(name, color))
    if collection:
        group = bpy.data.collections.get(collection) or bpy.data.collections.new(collection)
        if collection not in scene.collection.children:
            scene.collection.children.link(group)
        for old in list(made.users_collection):
            old.objects.unlink(made)
        group.objects.link(made)
    return made

box("floor", (-2, -2, -0.1), (2, 2, 0.0), (0.3, 0.2, 0.1), "stuff.floor")
box("wall", (-2, 2, 0), (2, 2.1, 2.5), (0.8, 0.8, 0.7), "stuff.wall")
top = box("top", (0.5, -0.4, 0.70), (1.7, 0.4, 0.74), (0.1, 0.3, 0.8))
top["stuff"] = "table"
top["class"] = "dining table"
chair = box("seat", (-1.9, -1.9, 0.0), (-1.5, -1.5, 0.8), (0.5, 0.5, 0.5), "class.chair.001")
chair.rotation_euler[2] = 0.5
box("Sofa.002", (-1.9, 1.2, 0.0), (-1.0, 1.9, 0.8), (0.5, 0.5, 0.5))
leg = box("leg", (0.6, -0.3, 0.0), (0.65, -0.25, 0.70), (0.1, 0.3, 0.8))
array = leg.modifiers.new("two", "ARRAY")
array.count, array.use_relative_offset, array.use_constant_offset = 2, False, True
array.constant_offset_displace = (0.95 / 0.05, 0, 0)

def empty(name, location, half):
    made = bpy.data.objects.new(name, None)
    made.empty_display_type, made.empty_display_size = "CUBE", 1.0
    made.location, made.scale = location, half
    scene.collection.objects.link(made)

if markers == "all":
    empty("simgen.objects", (1.1, 0.0, 0.75), (0.5, 0.32, 0.1))
    empty("simgen.camera", (0.0, 0.0, 1.4), (1.8, 1.8, 0.9))
    lamp = bpy.data.objects.new("lamp", bpy.data.lights.new("lamp", "AREA"))
    lamp.location = (0.0, 0.0, 2.4)
    scene.collection.objects.link(lamp)

if markers == "closed":
    empty("simgen.objects", (1.1, 0.0, 0.75), (0.5, 0.32, 0.1))
if markers == "screened":
    empty("simgen.objects", (1.1, 0.0, 0.75), (0.5, 0.32, 0.1))
    for name, low, high in (
        ("north", (0.4, 0.5, 0.75), (1.8, 0.51, 1.3)),
        ("south", (0.4, -0.51, 0.75), (1.8, -0.5, 1.3)),
        ("east", (1.8, -0.5, 0.75), (1.81, 0.5, 1.3)),
        ("west", (0.39, -0.5, 0.75), (0.4, 0.5, 1.3)),
        ("lid", (0.39, -0.51, 1.3), (1.81, 0.51, 1.31)),
    ):
        box(name, low, high, (0.5, 0.5, 0.5))
if markers == "closed":
    # One-sided: each shows its face to whoever is in the room.
    for name, at, turn in (
        ("north", (0, 1.9, 1.2), (1.5708, 0, 0)), ("south", (0, -1.9, 1.2), (-1.5708, 0, 0)),
        ("east", (1.95, 0, 1.2), (0, -1.5708, 0)), ("west", (-1.9, 0, 1.2), (0, 1.5708, 0)),
        ("ceiling", (0, 0, 2.4), (3.14159, 0, 0)),
    ):
        bpy.ops.mesh.primitive_plane_add(size=4.2, location=at, rotation=turn)
        bpy.context.object.name = name

script = bpy.data.texts.new("trap.py")
script.write(f"open({trap!r}, 'w').write('script')")
script.use_module = True
driver = top.driver_add("rotation_euler", 2).driver
driver.type = "SCRIPTED"
driver.expression = f"0.0 if open({trap!r}, 'w').write('driver') else 0.0"
bpy.ops.wm.save_as_mainfile(filepath=out)
"""


def make(folder: Path, markers: str = "all") -> Path:
    (folder / "make.py").write_text(MAKE)
    path = folder / "my_room.blend"
    command = [sys.executable, "make.py", str(path), str(folder / "trap"), markers]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "trap").unlink(missing_ok=True)  # making the file may well have run the driver
    return path


def simgen(cache: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simgen", *words]
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "COLUMNS": "400"}
    return subprocess.run(command, capture_output=True, text=True, env=environment)


def generate(cache: Path, blend: Path, out: Path) -> subprocess.CompletedProcess[str]:
    small = ["render.width=80", "render.height=60", "render.samples=1", "render.denoise=false"]
    what = ["assets.classes=[apple,can]", "objects.count_range=[3,3]", "num_scenes=1"]
    return simgen(
        cache, "generate", "scene=blend", f"scene.blend={blend}", f"output.dir={out}", *small, *what
    )


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def blend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("blend"))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory, cache: Path, blend: Path) -> Path:
    out = tmp_path_factory.mktemp("made") / "out"
    done = generate(cache, blend, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture
def stage(blend: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> AnyStage:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return blend_stage(blend)


def content(stage: AnyStage) -> StageContent:
    return build_stage(stage, draw_stage("blend", stage, Draws(Config(), 0)))


def test_objects_lie_on_the_marked_table(dataset: Path) -> None:
    spec = Dataset(dataset).spec(0)
    assert len(spec.objects) == 3
    for item in spec.objects:
        x, y, z = item.position
        assert abs(x - 1.1) <= 0.5
        assert abs(y) <= 0.32
        assert 0.73 < z < 0.9  # the table's top is at 0.74, 1 cm below the marker's middle


def test_cameras_stay_in_the_marked_box(dataset: Path) -> None:
    for camera in Dataset(dataset).spec(0).cameras:
        eye = np.array(camera.cam_to_world)[:3, 3]
        assert (np.abs(eye - [0.0, 0.0, 1.4]) <= [1.8001, 1.8001, 0.9001]).all()


def drawn_in(blend: Path, scene: int, far: float) -> SceneSpec:
    """A scene of the file, whose camera stands `far` metres from the objects."""
    config = Config()
    config.scene.name, config.scene.blend = "blend", str(blend)
    config.assets.classes, config.objects.count_range = ["apple", "can"], [3, 3]
    config.camera.distance_range = far
    config.camera.elevation_deg_range = [10, 40]
    resolver = make_resolver(resolver_settings(config))
    return sample_scene(config, load_catalogue(config.assets), resolver, scene, ())


@pytest.mark.exhaustive
def test_in_a_closed_room_without_a_marker_cameras_do_not_look_through_walls(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 1.5 m away two thirds of all views are from beyond the walls, which are one-sided."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    room = make(tmp_path, "closed")
    eyes = np.array([drawn_in(room, n, 1.5).cameras[0].cam_to_world for n in range(6)])[:, :3, 3]
    assert (eyes[:, 0] < 1.95).all()
    assert (eyes[:, 0] > -1.9).all()
    assert (np.abs(eyes[:, 1]) < 1.9).all()
    assert (eyes[:, 2] < 2.4).all()


@pytest.mark.exhaustive
def test_where_no_camera_sees_the_objects_the_error_asks_for_a_marker(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    with pytest.raises(SceneError, match=r"all 64 views .* named 'simgen\.camera'"):
        drawn_in(make(tmp_path, "screened"), 0, 2.0)


def test_stuff_comes_from_properties_and_collections(dataset: Path) -> None:
    assert Dataset(dataset).spec(0).stuff == ("background", "floor", "table", "wall")


def test_parts_are_evaluated_and_keep_their_own_surfaces(stage: AnyStage) -> None:
    spec = draw_stage("blend", stage, Draws(Config(), 0))
    parts = {part.name: part for part in build_stage(stage, spec).parts}
    assert set(parts) == {"floor", "wall", "top", "leg", "seat", "Sofa.002"}
    # The array modifier makes two legs, the second 0.95 m to the right.
    low, high = parts["leg"].mesh.bounds()
    np.testing.assert_allclose([low[0], high[0]], [0.6, 1.6], atol=1e-6)
    surface = parts["top"].mesh.surfaces[0]
    assert surface is not None
    np.testing.assert_allclose(surface.base_color, (0.1, 0.3, 0.8, 1.0), atol=2e-3)
    assert surface.roughness == pytest.approx(0.35, abs=1e-3)
    assert spec.materials == {}


def test_classes_are_said_by_properties_and_collections_or_guessed_from_names(
    stage: AnyStage,
) -> None:
    parts = {part.name: part for part in content(stage).parts}
    assert {name: (part.class_name, part.crowd) for name, part in parts.items()} == {
        **dict.fromkeys(("floor", "wall", "leg"), ("", False)),
        **{"top": ("table", False), "seat": ("chair", False), "Sofa.002": ("couch", True)},
    }
    assert parts["seat"].heading == pytest.approx(0.5, abs=1e-6)
    assert parts["top"].heading == 0.0


def test_a_class_that_is_none_is_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(
        sys.modules[__name__], "MAKE", MAKE.replace('= "dining table"', '= "chiar"')
    )
    with pytest.raises(
        InputError, match=r"class of the object 'top' is 'chiar', .* such as 'chair'"
    ):
        blend_stage(make(tmp_path))


def test_what_is_near_the_objects_is_bumped_into(stage: AnyStage) -> None:
    (support,) = content(stage).supports
    np.testing.assert_allclose(support.centre, (1.1, 0.0, 0.74), atol=1e-5)
    assert support.half_size == pytest.approx((0.5, 0.32))
    assert support.clear == np.inf
    for part in content(stage).parts:
        assert not part.mesh.pieces, part.name  # all of it is below, or far away


def test_lamps_of_the_file_are_places_for_lamps(stage: AnyStage) -> None:
    (lamp,) = content(stage).lamps
    assert lamp.kind == "ceiling"
    np.testing.assert_allclose(lamp.position, (0.0, 0.0, 2.4), atol=1e-6)
    assert lamp.target[2] < lamp.position[2]


def test_nothing_in_the_file_is_executed(dataset: Path, blend: Path) -> None:
    trap = blend.parent / "trap"
    assert dataset.is_dir()
    assert not trap.exists()
    # Blender itself would have, where it is allowed to.
    opened = f"import bpy; bpy.ops.wm.open_mainfile(filepath={str(blend)!r}, use_scripts=True)"
    subprocess.run([sys.executable, "-c", opened], check=True, capture_output=True)
    assert trap.exists()
    trap.unlink()


@pytest.mark.exhaustive
def test_replay_is_identical_and_refuses_another_file(
    dataset: Path, blend: Path, cache: Path
) -> None:
    same = simgen(cache, "replay", str(dataset), "--scene", "0")
    assert same.returncode == 0, same.stdout + same.stderr
    kept = blend.read_bytes()
    try:
        make(blend.parent, "none")
        changed = simgen(cache, "replay", str(dataset), "--scene", "0")
        assert changed.returncode == 2
        assert "simgen.objects" in changed.stdout + changed.stderr
        blend.write_bytes(kept + b"\0")
        other = simgen(cache, "replay", str(dataset), "--scene", "0")
        assert other.returncode == 2
        assert "changed since the scene was sampled" in other.stdout + other.stderr
    finally:
        blend.write_bytes(kept)


@pytest.mark.exhaustive
def test_a_file_without_markers_costs_one_line(tmp_path: Path, cache: Path) -> None:
    done = generate(cache, make(tmp_path, "none"), tmp_path / "out")
    told = (done.stdout + done.stderr).strip()
    assert done.returncode == 2
    assert "my_room.blend: found no marker for objects; add an empty" in told
    assert len(told.splitlines()) == 1


def test_files_that_are_none_are_refused(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    with pytest.raises(AssetError, match=r"none\.blend: cannot be read"):
        blend_stage(tmp_path / "none.blend")
    broken = tmp_path / "broken.blend"
    broken.write_bytes(b"BLENDER" + bytes(100))
    with pytest.raises(InputError, match=r"broken\.blend: "):
        blend_stage(broken)


def test_own_holes_of_a_stage_count_unless_a_drawn_surface_covers_them() -> None:
    leaf = np.full((2, 2, 4), 255, np.uint8)
    leaf[0, 0, 3] = 0
    mesh = MeshData(
        vertices=np.eye(3),
        faces=np.array([[0, 1, 2]], np.int32),
        uv=np.zeros((1, 3, 2), np.float32),
        slot=np.zeros(1, np.int32),
        slots=("leaf",),
        surfaces=(SurfaceData(image=leaf),),
    )
    drawn = MaterialSpec("paper", (0.5,) * 3, (0.5,) * 3, 0.5)
    assert Surface("part", mesh, None, np.zeros(3), {}).cutout is not None
    assert Surface("part", mesh, None, np.zeros(3), {"leaf": drawn}).cutout is None


def test_a_file_is_converted_once(
    dataset: Path, blend: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("it was converted again")

    assert dataset.is_dir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setattr(stage_file, "run", never)
    assert len(stage_file.read_stage(blend).parts) == 6
    blend.with_name("other.blend").write_bytes(blend.read_bytes() + b"other")
    with pytest.raises(AssertionError):
        stage_file.read_stage(blend.with_name("other.blend"))
