"""Convex pieces of arbitrary meshes: close to the mesh, small, repeatable, and kept safely."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import ConvexHull, cKDTree

from simgen.assets import convex_decomposition
from simgen.assets.convex_decomposition import convex_pieces
from simgen.geometry.mesh import MeshData
from simgen.resources import cache_dir


def mesh_data(mesh: trimesh.Trimesh) -> MeshData:
    count = len(mesh.faces)
    return MeshData(
        vertices=np.array(mesh.vertices, dtype=np.float64),
        faces=np.array(mesh.faces, dtype=np.int32),
        uv=np.zeros((count, 3, 2), np.float32),
        slot=np.zeros(count, np.int32),
        slots=("default",),
    )


def placed(extents: tuple[float, float, float], centre: tuple[float, float, float]):
    matrix = trimesh.transformations.translation_matrix(centre)
    return trimesh.creation.box(extents, transform=matrix)


def table() -> trimesh.Trimesh:
    """1 x 0.6 x 0.7 m, four legs below a plate."""
    legs = [placed((0.06, 0.06, 0.66), (x, y, 0.33)) for x in (-0.4, 0.4) for y in (-0.2, 0.2)]
    return trimesh.util.concatenate([placed((1.0, 0.6, 0.04), (0, 0, 0.68)), *legs])


def bowl() -> trimesh.Trimesh:
    profile = [[0, 0], [0.06, 0], [0.1, 0.08], [0.095, 0.08], [0.055, 0.005], [0, 0.005]]
    return trimesh.creation.revolve(np.array(profile), sections=32)


def inside(found: tuple[np.ndarray, ...], points: np.ndarray) -> np.ndarray:
    """Which points lie in any of the pieces."""
    hit = np.zeros(len(points), dtype=bool)
    for piece in found:
        planes = ConvexHull(piece).equations
        hit |= (points @ planes[:, :3].T + planes[:, 3] <= 1e-9).all(axis=1)
    return hit


def stand_out(found: tuple[np.ndarray, ...], mesh: trimesh.Trimesh) -> np.ndarray:
    """How far points on the pieces lie outside the mesh, relative to its size."""
    on_pieces = np.concatenate(
        [trimesh.convex.convex_hull(piece).sample(100, seed=1) for piece in found]
    )
    outside = on_pieces[~mesh.contains(on_pieces)]
    surface = mesh.sample(30_000, seed=2)
    return cKDTree(surface).query(outside)[0] / mesh.extents.max()


def check_form(found: tuple[np.ndarray, ...]) -> None:
    assert 1 <= len(found) <= 24
    for piece in found:
        assert piece.dtype == np.float64
        assert piece.shape[1] == 3
        assert 4 <= len(piece) <= 64
        assert ConvexHull(piece).volume > 0


def test_a_table_keeps_the_room_between_its_legs() -> None:
    mesh = table()
    found = convex_pieces(mesh_data(mesh), None, "table")
    check_form(found)
    between = np.array([[0, 0, 0.3], [0.2, 0.1, 0.1], [0.4, 0, 0.3], [0, 0.2, 0.5]])
    assert not inside(found, between).any()
    wood = np.array([[0, 0, 0.68], [0.4, 0.2, 0.3], [-0.4, 0.2, 0.1], [0.45, -0.25, 0.68]])
    assert inside(found, wood).all()
    assert len(found) == 5  # each part is convex and stays as it is
    assert sum(ConvexHull(piece).volume for piece in found) == pytest.approx(mesh.volume)


def test_convex_parts_stay_exact_beside_others() -> None:
    mesh = trimesh.util.concatenate([bowl(), placed((0.2, 0.2, 0.02), (0, 0, -0.01))])
    found = convex_pieces(mesh_data(mesh), None, "bowl on a tray")
    check_form(found)
    assert ConvexHull(found[0]).volume == pytest.approx(0.2 * 0.2 * 0.02)
    assert not inside(found, np.array([[0, 0, 0.03]])).any()


def test_more_convex_parts_than_pieces_are_merged() -> None:
    stack = [placed((0.1, 0.1, 0.01), (0, 0, 0.02 * step)) for step in range(40)]
    check_form(convex_pieces(mesh_data(trimesh.util.concatenate(stack)), None, "stack"))


def test_a_bowl_stays_hollow() -> None:
    mesh = bowl()
    found = convex_pieces(mesh_data(mesh), None, "bowl")
    check_form(found)
    assert not inside(found, np.array([[0, 0, 0.03], [0.03, 0, 0.04], [0, -0.04, 0.06]])).any()
    assert np.median(stand_out(found, mesh)) < 0.015
    low = min(piece[:, 2].min() for piece in found)
    assert low == pytest.approx(0.0, abs=0.002)  # what it stands on


def test_a_convex_mesh_is_its_hull() -> None:
    mesh = trimesh.creation.cylinder(0.05, 0.1, sections=24)
    (piece,) = convex_pieces(mesh_data(mesh), None, "cylinder")
    assert ConvexHull(piece).volume == pytest.approx(mesh.volume)


def test_overlapping_parts_do_not_pass_for_convex() -> None:
    # Two bars of a cross: their volumes add up to more than is there.
    bars = [placed((1.0, 0.9, 0.5), (0, 0, 0)), placed((0.9, 1.0, 0.5), (0, 0, 0))]
    bars += [placed((0.1, 0.1, 1.0), (0, 0, 0.7))]
    found = convex_pieces(mesh_data(trimesh.util.concatenate(bars)), None, "cross")
    assert len(found) > 1
    assert not inside(found, np.array([[0.4, 0.4, 0.6]])).any()


def test_hulls_with_many_points_are_thinned_without_growing() -> None:
    mesh = trimesh.creation.icosphere(3, radius=0.1)
    (piece,) = convex_pieces(mesh_data(mesh), None, "sphere")
    assert len(piece) == 64
    assert np.linalg.norm(piece, axis=1) == pytest.approx(np.full(64, 0.1))
    planes = ConvexHull(piece).equations
    assert -planes[:, 3].max() > 0.09  # no part of the sphere is cut off by more than a tenth


@pytest.mark.parametrize("tilt", [0.0, 0.5])
def test_a_flat_mesh_becomes_a_thin_slab(tilt: float) -> None:
    corners = np.array([[0, 0, 0], [0.4, 0, 0], [0.4, 0.2, 0], [0, 0.2, 0]], dtype=float)
    turn = trimesh.transformations.rotation_matrix(tilt, (1, 1, 0))[:3, :3]
    quad = trimesh.Trimesh(corners @ turn.T + 3.0, [[0, 1, 2], [0, 2, 3]], process=False)
    (piece,) = convex_pieces(mesh_data(quad), None, "quad")
    assert len(piece) == 8
    thickness = 0.01 * np.ptp(quad.vertices, axis=0).max()
    assert ConvexHull(piece).volume == pytest.approx(0.4 * 0.2 * thickness, rel=1e-3)
    assert inside((piece,), quad.vertices).all()


def test_an_open_mesh_gets_pieces() -> None:
    mesh = bowl()
    mesh.update_faces(np.arange(len(mesh.faces)) > 40)
    check_form(convex_pieces(mesh_data(mesh), None, "open"))


def test_an_open_shell_is_not_taken_for_a_solid() -> None:
    mesh = placed((0.2, 0.2, 0.6), (0, 0, 0))  # a box without its lid
    mesh.update_faces(mesh.face_normals[:, 2] < 0.5)
    found = convex_pieces(mesh_data(mesh), None, "open box")
    check_form(found)
    assert not inside(found, np.array([[0, 0, 0.2], [0.03, 0.03, 0.0]])).any()


@pytest.mark.exhaustive
def test_the_same_mesh_gives_the_same_bytes_at_any_scale_of_size() -> None:
    mesh = bowl()
    first, second = (convex_pieces(mesh_data(mesh), None, "bowl") for _ in range(2))
    assert [piece.tobytes() for piece in first] == [piece.tobytes() for piece in second]
    mesh.apply_scale(2.0**-8)
    small = convex_pieces(mesh_data(mesh), None, "small bowl")
    assert len(small) == len(first)
    for piece, like in zip(small, first, strict=True):
        np.testing.assert_allclose(piece * 2.0**8, like, rtol=0, atol=1e-9)


@pytest.mark.exhaustive
def test_many_faces_are_reduced_before_the_decomposition(monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = trimesh.creation.torus(0.1, 0.03, major_sections=400, minor_sections=300)
    seen = []
    real = convex_decomposition.compute_vhacd

    def spy(points: np.ndarray, faces: np.ndarray, **options: object) -> list:
        seen.append(len(faces) // 4)
        return real(points, faces, **options)

    monkeypatch.setattr(convex_decomposition, "compute_vhacd", spy)
    started = time.process_time()
    found = convex_pieces(mesh_data(mesh), None, "torus")
    assert time.process_time() - started < 10  # about 2 s on a free machine
    assert len(mesh.faces) == 240_000
    assert 5_000 < seen[0] <= 60_000
    check_form(found)
    assert not inside(found, np.array([[0.0, 0.0, 0.0], [0.05, 0.0, 0.0]])).any()


def test_flat_pieces_become_slabs_and_lines_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    solid = np.array(trimesh.creation.box((0.5, 0.5, 0.5)).vertices)
    flat = np.array([[0, 0, 0], [0.5, 0, 0], [0.5, 0.5, 0], [0, 0.5, 0.0]])
    line = np.linspace(0, 0.5, 5)[:, None] * np.ones(3)
    monkeypatch.setattr(
        convex_decomposition,
        "compute_vhacd",
        lambda *_, **__: [(part, None) for part in (solid, flat, line)],
    )
    found = convex_pieces(mesh_data(bowl()), None, "bowl")
    assert len(found) == 2
    check_form(found)


@pytest.mark.parametrize("result", [[], RuntimeError("failed"), [(np.full((5, 3), np.nan), None)]])
def test_where_vhacd_fails_the_hull_is_used(
    monkeypatch: pytest.MonkeyPatch, result: object
) -> None:
    def fail(*args: object, **options: object) -> object:
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(convex_decomposition, "compute_vhacd", fail)
    mesh = bowl()
    (piece,) = convex_pieces(mesh_data(mesh), None, "bowl")
    assert ConvexHull(piece).volume == pytest.approx(mesh.convex_hull.volume, rel=0.02)


# --- the cache ---------------------------------------------------------------------------------


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    real = convex_decomposition.decompose

    def count(*args: np.ndarray) -> tuple[np.ndarray, ...]:
        calls.append(1)
        return real(*args)

    monkeypatch.setattr(convex_decomposition, "decompose", count)
    return calls


def test_pieces_come_back_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = counted(monkeypatch)
    mesh = mesh_data(trimesh.creation.box())
    first = convex_pieces(mesh, tmp_path / "new/cache", "key")
    again = convex_pieces(mesh, tmp_path / "new/cache", "key")
    assert len(calls) == 1
    assert [piece.tobytes() for piece in again] == [piece.tobytes() for piece in first]
    (file,) = (tmp_path / "new/cache").iterdir()  # and no temporary file
    assert file.suffix == ".npz"
    convex_pieces(mesh, tmp_path / "new/cache", "another/../key")
    monkeypatch.setattr(convex_decomposition, "VERSION", convex_decomposition.VERSION + 1)
    convex_pieces(mesh, tmp_path / "new/cache", "key")
    assert len(calls) == 3
    assert len(list((tmp_path / "new/cache").iterdir())) == 3


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "npy", "wrong", "nothing"])
def test_a_damaged_cache_file_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    mesh = mesh_data(trimesh.creation.box())
    first = convex_pieces(mesh, tmp_path, "key")
    (file,) = tmp_path.iterdir()
    good = file.read_bytes()
    if damage == "npy":
        with file.open("wb") as stream:
            np.save(stream, first[0])
    elif damage == "wrong":
        np.savez(file, piece0=np.full((8, 3), np.nan))
    elif damage == "nothing":
        np.savez(file)
    else:
        file.write_bytes({"cut": good[:-60], "empty": b"", "text": b"PK\x03\x04 no"}[damage])
    calls = counted(monkeypatch)
    again = convex_pieces(mesh, tmp_path, "key")
    assert [piece.tobytes() for piece in again] == [piece.tobytes() for piece in first]
    assert len(calls) == 1
    assert file.read_bytes() == good


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert convex_pieces(mesh_data(trimesh.creation.box()), tmp_path / "file/cache", "key")


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(convex_decomposition.np, "savez", fail)
    assert convex_pieces(mesh_data(trimesh.creation.box()), tmp_path, "key")
    assert list(tmp_path.iterdir()) == []


def test_cache_dir(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_dir() == tmp_path / "simgen"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard says to ignore it
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_dir() == tmp_path / "home/.cache/simgen"

    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    assert cache_dir() is None
