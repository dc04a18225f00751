"""`simgen assets add`: a hundred files of mixed formats, ten of them broken, in one go; and files
that try to do more than be looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import trimesh
from conftest import run_simgen
from mesh_files import read
from PIL import Image

from simgen.assets import entries, folder, sandbox, sandboxed
from simgen.assets.checking import GUESS, examiner
from simgen.assets.entries import Entry
from simgen.assets.importing import ImportOptions
from simgen.commands.assets import actions as commands
from simgen.config import AssetsConfig
from simgen.errors import AssetError

SANDBOXED = pytest.mark.skipif(not sandbox.available(), reason="the kernel has no Landlock")

BLENDER = """
import sys, os, bpy
folder = sys.argv[1]
os.chdir(folder)
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.mesh.primitive_cube_add(size=0.1)
cube = bpy.context.object
cube.modifiers.new("three", "ARRAY").count = 3
parent = bpy.data.objects.new("parent", None)
parent.location = (0.0, 0.0, 1.0)
bpy.context.collection.objects.link(parent)
cube.parent = parent
bpy.ops.export_scene.fbx(filepath="cubes.fbx")
text = bpy.data.texts.new("evil.py")
text.write(f"open({folder + '/by_text'!r}, 'w').write('x')")
text.use_module = True
driver = cube.driver_add("rotation_euler", 0).driver
driver.expression = f"0.0 if open({folder + '/by_driver'!r}, 'w').write('x') else 0.0"
bpy.ops.wm.save_as_mainfile(filepath="cubes.blend")
os.remove("by_driver") if os.path.exists("by_driver") else None
os._exit(0)
"""

OPEN = """
import sys, os, bpy
bpy.ops.wm.open_mainfile(filepath=sys.argv[1], use_scripts=True)
bpy.context.view_layer.update()
os._exit(0)
"""

USDA = """#usda 1.0
(
    metersPerUnit = 1
    upAxis = "Z"
)
def Mesh "sheet"
{
    int[] faceVertexCounts = [3, 3]
    int[] faceVertexIndices = [0, 1, 2, 0, 2, 3]
    point3f[] points = [(0, 0, 0), (0.1, 0, 0), (0.1, 0.2, 0), (0, 0.2, 0.05)]
}
"""


def python(code: str, *words: str) -> None:
    subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def blender_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`cubes.fbx`, and `cubes.blend` with a driver and a script that would write files."""
    made = tmp_path_factory.mktemp("blender")
    python(BLENDER, str(made))
    return made


def mesh(number: int) -> trimesh.Trimesh:
    made = trimesh.creation.icosphere(1, 0.05 + 0.001 * number)
    return made.apply_translation((0.0, 0.0, 0.1))


def good_files(source: Path) -> int:
    """87 files of five formats, some with texture; returns how many."""
    for number in range(87):
        place = source / ("mug", "ball", "thing")[number % 3]
        place.mkdir(parents=True, exist_ok=True)
        path = place / f"n{number:02}"
        if number < 20:  # with a material and a texture in a folder of its own
            shape = trimesh.creation.box((0.1, 0.1, 0.1 + 0.001 * number))
            lines = [f"mtllib n{number:02}.mtl", "usemtl paint"]
            lines += [f"v {x} {y} {z}" for x, y, z in shape.vertices] + [
                "vt 0 0",
                "vt 1 0",
                "vt 1 1",
            ]
            lines += [f"f {a + 1}/1 {b + 1}/2 {c + 1}/3" for a, b, c in shape.faces]
            path.with_suffix(".obj").write_text("\n".join(lines))
            path.with_suffix(".mtl").write_text(f"newmtl paint\nmap_Kd tex/{number}.png\n")
            (place / "tex").mkdir(exist_ok=True)
            Image.new("RGB", (4, 4), (number, 0, 0)).save(place / "tex" / f"{number}.png")
        else:
            mesh(number).export(path.with_suffix((".glb", ".ply", ".stl", ".obj")[number % 4]))
    return 87


def bad_files(source: Path) -> list[tuple[str, str]]:
    """Ten files that cannot be used: name and a part of the reason."""
    place = source / "broken"
    place.mkdir(parents=True)
    stl = mesh(0).export(file_type="stl")
    ply = mesh(0).export(file_type="ply")
    nan = trimesh.Trimesh([[0, 0, 0], [1, 0, np.nan], [0, 1, 0]], [[0, 1, 2]], process=False)
    (place / "cut.stl").write_bytes(stl[:-30])
    (place / "empty.obj").write_bytes(b"")
    (place / "face.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    (place / "text.glb").write_text("not found")
    (place / "points.obj").write_text("v 0 0 0\nv 1 0 0\n")
    (place / "cut.ply").write_bytes(ply[: len(ply) // 2])
    (place / "nan.stl").write_bytes(nan.export(file_type="stl"))
    mesh(0).apply_scale(1000.0).export(place / "millimetres.stl")
    with zipfile.ZipFile(place / "out.zip", "w") as archive:
        archive.writestr("../out.stl", stl)
    with zipfile.ZipFile(place / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.stl", bytes(20 * 2**20))
    return [
        ("cut.stl", "truncated"),
        ("empty.obj", "the file is empty"),
        ("face.obj", ""),
        ("text.glb", "found text, expected a binary glTF"),
        ("points.obj", "no faces"),
        ("cut.ply", "unexpected length"),
        ("nan.stl", "NaN"),
        ("millimetres.stl", "give --unit 0.001"),
        ("out.zip", "is outside the folder"),
        ("bomb.zip", "times its size in the archive"),
    ]


@SANDBOXED
@pytest.mark.render
@pytest.mark.slow
@pytest.mark.exhaustive
def test_of_a_hundred_ten_are_refused_and_ninety_are_good(
    tmp_path: Path, blender_files: Path
) -> None:
    source, library = tmp_path / "source", tmp_path / "library"
    good = good_files(source)
    (source / "converted").mkdir()
    for name in ("cubes.fbx", "cubes.blend"):
        (source / "converted" / name).write_bytes((blender_files / name).read_bytes())
    (source / "converted/sheet.usda").write_text(USDA)
    bad = bad_files(source)
    assert good + 3 + len(bad) == 100
    done = run_simgen(["assets", "add", str(source), "--to", str(library), "--no-thumbnails"])
    assert done.returncode == 3, done.stdout + done.stderr
    refused = [line for line in done.stdout.splitlines() if ": not imported: " in line]
    assert len(refused) == 10
    for name, reason in bad:
        (line,) = [line for line in refused if line.startswith(f"broken/{name}: not imported: ")]
        assert reason in line
        assert "Traceback" not in line
    assert not list(tmp_path.rglob("out.stl"))
    found = folder.load_all(library)
    assert len(found.assets) == 90
    assert found.skipped == ()
    assert found.classes == ("ball", "converted", "mug", "thing")
    textured = [asset for asset in found.assets if asset.entry and len(asset.entry.uses) == 2]
    assert len(textured) == 20


@SANDBOXED
@pytest.mark.render
def test_scripts_and_drivers_of_a_blend_never_run(tmp_path: Path, blender_files: Path) -> None:
    traces = [blender_files / "by_text", blender_files / "by_driver"]
    python(OPEN, str(blender_files / "cubes.blend"))
    assert any(path.exists() for path in traces), "opened with trust, the file does something"
    for path in traces:
        path.unlink(missing_ok=True)
    said: list[str] = []
    wanted = ImportOptions("cubes")
    assert commands.add(blender_files / "cubes.blend", tmp_path, wanted, False, said.append) == 0
    assert not any(path.exists() for path in traces)
    assert any("1 driver removed" in line for line in said)
    # Three cubes of 10 cm in a row, lifted by their parent: the modifier and both poses count.
    (entry,) = entries.read(tmp_path)
    bounds = read(tmp_path, entry.file, 1.0, "auto").mesh.bounds()
    np.testing.assert_allclose(bounds, [[-0.05, -0.05, 0.95], [0.25, 0.05, 1.05]], atol=1e-5)


@SANDBOXED
def test_a_sandboxed_process_reads_and_writes_where_it_may_and_nowhere_else(tmp_path: Path) -> None:
    """Whatever code a file got to run: what the kernel refuses does not depend on Blender."""
    readable, writable = tmp_path / "readable", tmp_path / "writable"
    for place in (readable, writable):
        place.mkdir()
        (place / "file").write_text("x")
    (tmp_path / "secret").write_text("x")
    code = f"""
from pathlib import Path
import ctypes, os, socket
from simgen.assets.sandbox import restrict
root = Path({str(tmp_path)!r})
restrict([root / "readable"], [root / "writable"])
(root / "readable/file").read_text()
(root / "writable/new").write_text("x")
Path("/proc/self/status").read_text()

def called(*words):
    if ctypes.CDLL(None, use_errno=True).syscall(*words) < 0:
        raise OSError(ctypes.get_errno(), "")

def resolved():
    try:
        socket.getaddrinfo("example.org", 80)
    except socket.gaierror as error:
        raise PermissionError from error

for attempt in (
    lambda: (root / "secret").read_text(),
    lambda: (root / "secret").write_text("y"),
    lambda: (root / "readable/file").write_text("y"),
    lambda: (root / "new").mkdir(),
    lambda: (root / "writable/link").symlink_to(root / "secret"),
    lambda: (root / "secret").unlink(),
    lambda: os.listdir("/proc"),
    lambda: Path("/proc/1/cmdline").read_text(),
    lambda: Path("/proc/1/environ").read_text(),
    lambda: Path("/proc/{os.getpid()}/cmdline").read_text(),
    lambda: Path("/proc/self/root/etc/hostname").read_text(),
    lambda: Path("/proc/net/tcp").read_text(),
    lambda: Path("/proc/mounts").read_text(),
    lambda: Path("/sys/class/net/lo/address").read_text(),
    lambda: os.listdir("/dev/shm"),
    lambda: Path("/dev/shm/simgen-fence").write_text("x"),
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    resolved,
    lambda: (root / "secret").chmod(0o777),
    lambda: os.utime(root / "secret", (0, 0)),
    lambda: os.chown(root / "secret", os.getuid(), os.getgid()),
    lambda: os.setxattr(root / "secret", "user.simgen", b"x"),
    lambda: called(425, 8, ctypes.create_string_buffer(120)),  # io_uring_setup
):
    try:
        attempt()
    except PermissionError:
        continue
    raise SystemExit(f"{{attempt.__code__.co_firstlineno}} was not refused")
"""
    python(code)
    assert (tmp_path / "secret").read_text() == "x"


@SANDBOXED
def test_a_converter_that_hangs_is_one_line(tmp_path: Path) -> None:
    # Blender cannot be imported in that time, however fast the machine.
    with pytest.raises(AssetError, match=r"took longer than 0\.05 s to read it and was stopped"):
        sandboxed.run("convert", {}, [], tmp_path, sandboxed.Bounds(seconds=0.05))


@SANDBOXED
def test_a_converter_that_runs_out_of_memory_is_one_line(tmp_path: Path) -> None:
    bounds = sandboxed.Bounds(memory=2**28)
    with pytest.raises(AssetError) as caught:
        sandboxed.run("convert", {"file": "x.fbx", "root": "."}, [], tmp_path, bounds)
    assert "\n" not in str(caught.value)


def test_without_a_sandbox_nothing_of_blenders_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "available", lambda: False)
    with pytest.raises(AssetError, match="Landlock"):
        sandboxed.run("convert", {}, [], tmp_path, sandboxed.Bounds())


def test_a_reader_that_hangs_costs_its_file_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    mesh(0).export(tmp_path / "a/good.stl")
    os.mkfifo(tmp_path / "a/hangs.stl")
    with examiner(seconds=20.0) as examining:
        with pytest.raises(AssetError, match="not a regular file"):
            examining.examine(tmp_path, Entry("a", "a", "a/hangs.stl"))
        found = examining.examine(tmp_path, Entry("a", "a", "a/good.stl"))
        assert found.triangles == 80


def test_a_unit_is_guessed_when_asked(tmp_path: Path) -> None:
    mesh(0).apply_scale(1000.0).export(tmp_path / "ball.stl")
    wanted = ImportOptions("ball", unit=GUESS, tags=("toys",), licence="CC0-1.0")
    said: list[str] = []
    assert commands.add(tmp_path / "ball.stl", tmp_path / "to", wanted, False, said.append) == 0
    (entry,) = entries.read(tmp_path / "to")
    assert entry.unit == 0.001
    assert max(entry.size) == pytest.approx(0.1, rel=0.02)
    assert entry.licence == "CC0-1.0"
    assert entry.tags == ("toys", "tabletop")
    assert any("unit guessed: 0.001 m" in line for line in said)


def test_keypoints_beside_a_mesh_come_along(tmp_path: Path) -> None:
    mesh(0).export(tmp_path / "ball.stl")
    (tmp_path / "ball.keypoints.yaml").write_text("points: {top: [0, 0, 0.15]}\n")
    commands.add(
        tmp_path / "ball.stl", tmp_path / "to", ImportOptions("ball"), False, lambda line: None
    )
    (entry,) = entries.read(tmp_path / "to")
    assert entry.keypoints == {"top": (0.0, 0.0, 0.15)}
    assert folder.load_all(tmp_path / "to").skipped == ()


@pytest.mark.exhaustive
def test_a_folder_without_a_catalogue_keeps_its_meshes(tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "ball").mkdir(parents=True)
    mesh(0).export(library / "ball/new.stl")
    (library / "ball/new").mkdir()
    (library / "ball/new/mine.txt").write_text("mine")
    mesh(5).export(tmp_path / "new.stl")
    commands.add(tmp_path / "new.stl", library, ImportOptions("ball"), False, lambda line: None)
    assert {entry.id for entry in entries.read(library)} == {"ball/new.stl", "ball/new_2"}
    assert (library / "ball/new/mine.txt").read_text() == "mine"
    assert len(folder.scan(library, AssetsConfig()).assets) == 2


def test_archives_in_archives_are_not_taken_apart(tmp_path: Path) -> None:
    mesh(0).export(tmp_path / "good.stl")
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.write(tmp_path / "good.stl", "hidden.stl")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
        archive.write(tmp_path / "good.stl", "good.stl")
    said: list[str] = []
    commands.add(tmp_path / "outer.zip", tmp_path / "to", ImportOptions("ball"), False, said.append)
    assert [entry.id for entry in entries.read(tmp_path / "to")] == ["ball/good"]
    assert any("outer.zip: inner.zip: not imported: it is an archive in" in line for line in said)


@pytest.mark.parametrize("claimed", ["ball", "ball/new"])
@pytest.mark.corpus(1)
def test_an_import_replaces_its_own_folder_alone(tmp_path: Path, claimed: str) -> None:
    """A catalogue may say that a folder with other assets in it came from the same place."""
    library = tmp_path / "library"
    (library / "ball/new").mkdir(parents=True)
    mesh(0).export(library / "ball/new/one.stl")
    mesh(1).export(library / "ball/new/other.stl")
    known = [
        entries.Entry(claimed, "ball", "ball/new/one.stl", source="new.stl", sha256="0"),
        entries.Entry("other", "ball", "ball/new/other.stl"),
    ]
    entries.write(library, known)
    mesh(5).export(tmp_path / "new.stl")
    commands.add(tmp_path / "new.stl", library, ImportOptions("ball"), False, lambda line: None)
    assert (library / "ball/new/other.stl").is_file()
    assert len(entries.read(library)) == 3


@pytest.mark.exhaustive
def test_the_same_file_again_takes_its_own_place(tmp_path: Path) -> None:
    library = tmp_path / "library"
    for number in (0, 5):
        mesh(number).export(tmp_path / "new.stl")
        commands.add(tmp_path / "new.stl", library, ImportOptions("ball"), False, lambda line: None)
    (entry,) = entries.read(library)
    assert entry.id == "ball/new"
    assert max(entry.size) == pytest.approx(2 * 0.055, rel=0.02)


def test_a_file_without_a_class_says_what_to_do(tmp_path: Path) -> None:
    mesh(0).export(tmp_path / "a.stl")
    said: list[str] = []
    done = commands.add(tmp_path / "a.stl", tmp_path / "to", ImportOptions(), False, said.append)
    assert done == commands.INCOMPLETE
    assert any("give --class" in line for line in said)


@SANDBOXED
@pytest.mark.render
@pytest.mark.exhaustive
def test_thumbnails_show_the_asset(tmp_path: Path) -> None:
    source, library = tmp_path / "ball", tmp_path / "library"
    source.mkdir()
    red = mesh(0)
    red.visual = trimesh.visual.ColorVisuals(red, face_colors=np.tile([230, 10, 10, 255], (80, 1)))
    red.export(source / "red.ply")
    done = run_simgen(
        ["assets", "add", str(tmp_path / "ball"), "--to", str(library), "--class", "b"]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (picture,) = (library / ".thumbnails").glob("*.png")
    pixels = np.asarray(Image.open(picture).convert("RGB"), float)
    side = len(pixels)
    middle, corner = pixels[side // 2, side // 2], pixels[4, 4]
    assert middle[0] > 2 * middle[1] > 0
    assert np.ptp(corner) < 40 < corner.mean()
    sheet = Image.open(library / "thumbnails.png")
    assert sheet.size[0] >= side
    shown = run_simgen(["assets", "show", str(library), "b"])
    assert "class: b" in shown.stdout
    assert str(picture) in shown.stdout
    assert run_simgen(["assets", "list", str(library)]).stdout.splitlines()[0].startswith("b/red")
