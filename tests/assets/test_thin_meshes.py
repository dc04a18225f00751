"""Meshes with next to no volume, somewhere or everywhere: they come to rest like others, in MuJoCo
itself, beside things of all sizes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.assets import convex_decomposition
from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.errors import SceneError, ShapeError
from simgen.geometry.mesh import MeshData
from simgen.report.counting.scenes import amounts_of
from simgen.sampling.placement.bodies import Body
from simgen.sampling.placement.initial_poses import Arrangement
from simgen.sampling.placement.simulation import settle
from simgen.sampling.scenes import sample_scene
from simgen.spec.rng import stream
from simgen.spec.scene import AssetRef, SceneSpec, to_plain
from simgen.stages.resolver import Resolver
from simgen.stages.stage import Support

TABLE = Support((2.0, 2.0), round=False)
QUAD = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=float)
TWO = [[0, 1, 2], [0, 2, 3]]


def plain(vertices: object, faces: object) -> trimesh.Trimesh:
    return trimesh.Trimesh(np.array(vertices, float), faces, process=False)


def carton(wall: float) -> trimesh.Trimesh:
    """A cardboard box of 20 cm whose four flaps stand open, each wall a closed plate."""
    made = []
    for axis in range(3):
        for side in (-0.1, 0.1) if axis < 2 else (-0.1,):
            sides, at = np.full(3, 0.2), np.zeros(3)
            sides[axis], at[axis] = wall, side
            made.append(trimesh.creation.box(sides).apply_translation(at))
    for axis in (0, 1):
        for side in (-1, 1):
            sides, at = np.array([0.2, 0.2, wall]), np.array([0, 0, 0.1])
            sides[axis], at[axis] = 0.1, 0.15 * side
            flap = trimesh.creation.box(sides).apply_translation(at)
            way = np.eye(3)[1 - axis] * side
            flap.apply_transform(trimesh.transformations.rotation_matrix(0.6, way, at))
            made.append(flap)
    return trimesh.util.concatenate(made)


def needles() -> trimesh.Trimesh:
    """Thirty needles, none of which has a volume worth the name."""
    rng = np.random.default_rng(1)
    made = [trimesh.creation.box((0.1, 1e-6, 1e-6)) for _ in range(30)]
    for each in made:
        each.apply_transform(trimesh.transformations.random_rotation_matrix(rng.random(3)))
    return trimesh.util.concatenate(made)


def sheets() -> trimesh.Trimesh:
    """Coplanar sheets side by side, and one of them twice."""
    made = [plain(0.05 * QUAD + [0.06 * n, 0, 0], TWO) for n in range(4)]
    return trimesh.util.concatenate([*made, made[0]])


THIN = {
    "carton": carton(2e-3),
    "paper carton": carton(1e-6),
    "specks": trimesh.util.concatenate(
        [
            trimesh.creation.box((0.1, 0.1, 0.1)),
            trimesh.creation.box((7e-6, 7e-6, 7e-6)).apply_translation((0, 0, 0.06)),
        ]
    ),
    "flat quad": plain(0.1 * QUAD, TWO),
    "folded quad": plain(0.1 * QUAD + [[0, 0, 0], [0, 0, 0], [0, 0, 1e-9], [0, 0, 0]], TWO),
    "two triangles": plain([[0, 0, 0], [0.1, 0, 0], [0, 0.1, 0], [0, 0, 0.1]], [[0, 1, 2], TWO[1]]),
    "needle": plain([[0, 0, 0], [0.1, 0, 0], [0.1, 1e-8, 0]], [[0, 1, 2]]),
    "needles": needles(),
    "sheets": sheets(),
    "foil": trimesh.creation.box((0.1, 0.08, 3e-12)),
    "far foil": trimesh.creation.box((0.1, 0.08, 2e-5)).apply_translation((60.0, 60.0, 60.0)),
}


def data(mesh: trimesh.Trimesh) -> MeshData:
    count = len(mesh.faces)
    return MeshData(
        np.array(mesh.vertices, float),
        np.array(mesh.faces, np.int32),
        np.zeros((count, 3, 2), np.float32),
        np.zeros(count, np.int32),
        ("default",),
    )


def body(mesh: trimesh.Trimesh, name: str = "thing") -> Body:
    found = convex_decomposition.convex_pieces(data(mesh), None, "")
    return Body(found, density=500.0, friction=0.5, initial_pose="tumbled", name=name)


def folder_of(place: Path, meshes: dict[str, trimesh.Trimesh]) -> Config:
    """Scenes of six objects of the meshes of a folder, one class for all."""
    (place / "thing").mkdir(parents=True)
    for name, mesh in meshes.items():
        mesh.export(place / f"thing/{name.replace(' ', '_')}.ply")
    config = Config(seed=2)
    config.assets.dir = str(place)
    config.assets.size_range = [1e-4, 50.0]
    config.objects.count_range = [6, 6]
    return config


def sample(config: Config, scene: int = 0) -> SceneSpec:
    resolver = Resolver(Library(config.assets.dir))
    return sample_scene(config, load_catalogue(config.assets), resolver, scene, ())


@pytest.fixture(autouse=True)
def _no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", THIN)
@pytest.mark.corpus(2)
def test_a_thin_mesh_of_a_folder_comes_to_rest(tmp_path: Path, name: str) -> None:
    spec = sample(folder_of(tmp_path / "meshes", {name: THIN[name]}))
    assert len(spec.objects) >= 2
    assert all(np.isfinite(item.position).all() for item in spec.objects)


def test_a_decomposition_with_a_speck_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What V-HACD once made of an open carton: a piece of relative volume 3e-13."""
    solid = np.array(trimesh.creation.box((0.5, 0.5, 0.5)).vertices)
    speck = solid * [1e-3, 1.5e-4, 4e-6] + 0.3
    dot = solid * 1.4e-4
    monkeypatch.setattr(
        convex_decomposition,
        "compute_vhacd",
        lambda *_, **__: [(part, None) for part in (solid, speck, dot)],
    )
    bowl = trimesh.creation.revolve(np.array([[0, 0], [0.1, 0.1], [0.09, 0.1], [0, 0.01]]))
    (rest,) = settle([body(bowl)], TABLE, Arrangement(1.0, 2.0), stream(0, "one"))
    assert rest is not None


@pytest.mark.parametrize("name", THIN)
@pytest.mark.parametrize("size", [1e-3, 1e3])
@pytest.mark.corpus(10)
def test_thin_things_lie_beside_things_of_any_size(name: str, size: float) -> None:
    """MuJoCo's least volume is an absolute one: what is taken alone is not beside a house."""
    thin = body(THIN[name])
    other = body(trimesh.creation.box(np.full(3, 0.1 * size)))
    rests = settle([thin, other, other, other], TABLE, Arrangement(1.0, 0.5), stream(1, "beside"))
    assert len(rests) == 4


CLOUDS = st.builds(
    lambda count, seed, flat, thin: (
        np.random.default_rng(seed).random((count, 3)) * [1.0, 10.0**-flat, 10.0**-thin]
    ),
    st.integers(3, 12),
    st.integers(0, 2**20),
    st.integers(0, 9),
    st.integers(0, 16),
)


@given(points=CLOUDS, seed=st.integers(0, 2**20), shift=st.sampled_from([0.0, 1.0, 500.0]))
@settings(max_examples=60)
@pytest.mark.exhaustive
def test_whatever_triangles_there_are_the_physics_take_them(
    points: np.ndarray, seed: int, shift: float
) -> None:
    faces = np.random.default_rng(seed).integers(0, len(points), (2 * len(points), 3))
    faces = np.concatenate([[[0, 1, 2]], faces])
    found = convex_decomposition.decompose(points + shift, faces)
    thing = Body(found, 500.0, 0.5)
    for unit in (1e-4, 1.0, 1e4):  # beside things so much larger and smaller
        box = body(trimesh.creation.box(np.full(3, unit)))
        assert len(settle([thing, box, box], TABLE, Arrangement(1.0, 0.1), stream(0, "fuzz"))) == 3


def test_a_refused_body_is_named_and_not_tried_again() -> None:
    fine = body(trimesh.creation.box((0.1, 0.1, 0.1)), "box/fine.obj")
    broken = replace(fine, pieces=(1e50 * fine.pieces[0],), name="box/carton.obj")
    with pytest.raises(ShapeError) as caught:
        settle([fine, broken, fine], TABLE, Arrangement(1.0, 1.0), stream(0, "broken"))
    error = pickle.loads(pickle.dumps(caught.value))  # as it comes from a worker
    assert isinstance(error, SceneError), "which are given up at once"
    assert error.names == {"box/carton.obj"}
    assert str(error).startswith("box/carton.obj: MuJoCo rejects the shape (")
    assert "\n" not in str(error)


def test_a_built_class_without_a_shape_is_named() -> None:
    """As one of the user's own may be."""
    mesh = replace(data(THIN["foil"]), pieces=(np.full((4, 3), np.nan),))
    with pytest.raises(ShapeError, match=r"^carton: its shape has no collision body \("):
        Library(None).pieces(AssetRef("parametric", "carton"), mesh)


def test_a_flat_piece_of_a_built_class_becomes_a_body() -> None:
    mesh = replace(data(THIN["flat quad"]), pieces=(0.1 * QUAD,))
    found = Library(None).pieces(AssetRef("parametric", "card"), mesh)
    (rest,) = settle([Body(found, 500.0, 0.5)], TABLE, Arrangement(1.0, 2.0), stream(0, "card"))
    assert rest is not None


def spoil(monkeypatch: pytest.MonkeyPatch, name: str, factor: float) -> None:
    """Have the pieces of a file come out broken, as no known mesh does."""
    real = Library.pieces

    def broken(self: Library, asset, mesh):  # type: ignore[no-untyped-def]
        found = real(self, asset, mesh)
        return tuple(piece * factor for piece in found) if asset.file == name else found

    monkeypatch.setattr(Library, "pieces", broken)


def test_another_asset_takes_the_place_of_a_refused_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    boxes = {f"b{n}": trimesh.creation.box((0.05, 0.05, 0.05 + 0.01 * n)) for n in range(6)}
    config = folder_of(tmp_path / "meshes", boxes)
    usual = sample(config)
    spoiled = usual.objects[0].asset.file
    spoil(monkeypatch, spoiled, 1e50)
    spec = sample(config)
    assert len(spec.objects) == len(usual.objects)
    assert all(item.asset.file != spoiled for item in spec.objects)
    assert f"{spoiled}: MuJoCo rejects the shape" in caplog.text
    assert (usual.refused, spec.refused) == ((), (spoiled,))
    told = [amounts_of(to_plain(one), []).refused for one in (usual, spec)]
    assert told == [(), (spoiled,)]


def test_a_scene_that_nothing_is_left_for_says_which_asset_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = folder_of(tmp_path / "meshes", {"a": trimesh.creation.box((0.1, 0.1, 0.1))})
    spoil(monkeypatch, "thing/a.ply", np.nan)
    with pytest.raises(ShapeError, match=r"^thing/a.ply: MuJoCo rejects"):
        sample(config)
