"""Specs: the same from the same key, and no factor's draw depends on another's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from simgen.assets.catalogue import load_catalogue
from simgen.assets.library import Library
from simgen.config import Config
from simgen.errors import SimgenError
from simgen.labels.selection import label_names
from simgen.sampling.cases import pose_name
from simgen.sampling.randomizers.materials import GROUND_KINDS
from simgen.sampling.scenes import sample_scene
from simgen.spec import scene as specs
from simgen.spec.scene import ObjectSpec, SceneSpec, ShutterSpec
from simgen.stages.placed import placed_meshes
from simgen.stages.registry import load_stage
from simgen.stages.resolver import Resolver


def small() -> Config:
    config = Config(seed=3)
    config.objects.count_range = [3, 3]
    return config


def sample(config: Config, scene: int = 0) -> SceneSpec:
    catalogue = load_catalogue(config.assets)
    return sample_scene(config, catalogue, Resolver(Library(None)), scene, label_names(config))


@pytest.mark.exhaustive
def test_a_spec_survives_its_file_and_its_order() -> None:
    first = sample(small(), 4)
    sample(small(), 2)
    assert sample(small(), 4) == first
    assert specs.loads(specs.dumps(first)) == first


def test_other_factors_leave_the_objects_alone() -> None:
    before = sample(small())
    config = small()
    config.camera.focal_length_mm_range = [100.0, 120.0]
    config.lighting.kinds, config.lighting.hdris = ["hdri"], ["night"]
    config.sensor.effects = ["noise"]
    config.render.samples = 3
    config.frames_per_scene = 2
    after = sample(config)
    assert after.placed == before.placed
    assert after.cameras[0] != before.cameras[0]
    assert after.environment.hdri == "night"


@pytest.mark.exhaustive
def test_more_frames_and_more_objects_change_none_of_the_first() -> None:
    config = small()
    config.frames_per_scene = 3
    assert sample(config).cameras[0] == sample(small()).cameras[0]
    config.objects.count_range = [5, 5]
    few, many = sample(small()).placed, sample(config).placed
    assert [item.asset for item in many[:3]] == [item.asset for item in few]
    assert [item.materials for item in many[:3]] == [item.materials for item in few]


@pytest.mark.exhaustive
def test_scenes_and_seeds_differ() -> None:
    here, there = sample(small(), 0), sample(small(), 1)
    other = sample(replace(small(), seed=4), 0)
    assert len({specs.dumps(replace(spec, index=0, seed=0)) for spec in (here, there, other)}) == 3


@pytest.mark.exhaustive
def test_distractors_are_about_as_large_as_the_objects() -> None:
    config = small()
    config.assets.classes = ["building_block", "pen"]
    config.distractors.count_range, config.distractors.classes = [5, 5], ["bottle", "ball", "book"]

    def lengths(fitted: bool) -> list[list[float]]:
        """Of objects, and of distractors."""
        config.distractors.fitted = fitted
        spec, library = sample(config), Library(None)
        return [
            [item.scale * np.ptp(library.mesh(item.asset).bounds(), axis=0).max() for item in some]
            for some in (spec.objects, spec.distractors)
        ]

    objects, others = lengths(True)
    assert min(objects) - 1e-9 <= min(others) <= max(others) <= max(objects) + 1e-9
    assert max(lengths(False)[1]) > 1.1 * max(objects), "their real size"


@pytest.mark.exhaustive
def test_draws_stay_within_the_configs_ranges() -> None:
    config = small()
    config.objects.count_range = [2, 4]
    config.objects.scale_range = [0.5, 2.0]
    config.assets.classes = ["mug", "book"]
    for scene in range(6):
        spec = sample(config, scene)
        assert 1 <= len(spec.objects) <= 4
        assert [item.instance_id for item in spec.objects] == [*range(1, len(spec.objects) + 1)]
        assert {item.class_name for item in spec.objects} <= {"mug", "book"}
        assert all(spec.classes[item.class_id - 1] == item.class_name for item in spec.objects)
        assert all(0.5 <= item.scale <= 2.0 for item in spec.objects)
        assert 28 <= spec.cameras[0].lens.focal_length_mm <= 70
        assert -1.2 <= spec.sensor.exposure <= 1.2


def test_a_scene_without_any_object_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "simgen.sampling.placement.place.settle", lambda bodies, *_: [None] * len(bodies)
    )
    with pytest.raises(SimgenError, match="scene 0: none of its 3 objects could be placed"):
        sample(small())


@pytest.mark.parametrize("stage", ["outdoor", "aerial"])
@pytest.mark.exhaustive
def test_at_a_plausible_level_ground_is_of_what_covers_ground(stage: str) -> None:
    config = Config()
    config.scene.name = stage
    config.scene.size_range = {"outdoor": [4.0], "aerial": [80.0]}[stage] * 2
    config.assets.classes = ["traffic_cone"]
    config.objects.count_range = [1, 1]
    config.materials.level = "plausible"
    found = set()
    for scene in range(4):
        spec = sample(config, scene)
        found |= {spec.stage.materials[slot].kind for slot in load_stage(stage).ground}
    assert found <= set(GROUND_KINDS)
    assert len(found) > 4


def film(objects: str = "none", path: str = "orbit", frames: int = 6) -> Config:
    config = small()
    config.camera.path, config.motion.objects, config.frames_per_scene = path, objects, frames
    return config


BUILT = Resolver(Library(None))


def lows(spec: SceneSpec) -> list[list[float]]:
    """Height of the lowest vertex of each object, frame by frame."""
    assets = BUILT.resolve(spec)
    return [
        [
            float(part.vertices[:, 2].min())
            for part in placed_meshes(spec, assets, frame)
            if 0 < part.instance_id <= len(spec.placed)
        ]
        for frame in range(len(spec.cameras))
    ]


def test_views_have_no_time() -> None:
    config = small()
    config.frames_per_scene = 2
    spec = sample(config)
    assert (spec.frame_rate, spec.shutter, spec.stereo_baseline) == (0.0, ShutterSpec(), 0.0)
    assert spec.track_count == 0
    assert all(not item.trajectory and item.deformation is None for item in spec.objects)
    assert spec.stuff[0] == "background"
    assert {"table", "floor", "wall"} <= set(spec.stuff)
    assert spec.labels == label_names(config)


def test_a_sequence_takes_its_settings_along() -> None:
    config = film()
    config.labels, config.tracks.count = "flow", 33
    config.motion.frame_rate, config.camera.shutter, config.camera.row_exposure = 30.0, 0.5, 0.2
    config.camera.stereo_baseline = 0.1
    spec = sample(config)
    assert (spec.frame_rate, spec.track_count, spec.stereo_baseline) == (30.0, 33, 0.1)
    assert spec.shutter == ShutterSpec(0.5, 0.2)
    assert len(spec.cameras) == 6
    assert len({camera.lens for camera in spec.cameras}) == 1


@pytest.mark.exhaustive
def test_time_leaves_the_objects_where_they_lay() -> None:
    still = sample(small())
    assert sample(film("none")).placed == still.placed
    moving = sample(film("keyframed"))
    for item, before in zip(moving.placed, still.placed, strict=True):
        assert item.position == pytest.approx(before.position, abs=1e-12)
        assert (item.rotation, item.asset, item.materials) == (
            before.rotation, before.asset, before.materials,
        )  # fmt: skip


@pytest.mark.parametrize("objects", ["none", "keyframed", "physics"])
@pytest.mark.parametrize("scene", range(2))
@pytest.mark.exhaustive
def test_moving_scenes_survive_their_file_are_the_same_again_and_do_not_sink(
    objects: str, scene: int
) -> None:
    config = film(objects, "handheld", 12)
    config.motion.probability, config.motion.deform_probability = 1.0, 0.7
    spec = sample(config, scene)
    assert specs.loads(specs.dumps(spec)) == spec
    assert sample(config, scene) == spec
    at_rest = [min(0.0, low) for low in lows(sample(small(), scene))[0]]
    for item in spec.placed:
        assert len(item.trajectory) in ((0, 12) if objects == "none" else (12,))
        if item.trajectory:
            assert (item.position, item.rotation) == (
                item.trajectory[0].position, item.trajectory[0].rotation,
            )  # fmt: skip
            quaternions = np.array([pose.rotation for pose in item.trajectory])
            assert np.einsum("ni,ni->n", quaternions[1:], quaternions[:-1]).min() > 0
    for lowest in lows(spec):
        deepest = min(lowest)
        assert deepest > (min(at_rest) - 1e-9 if objects != "physics" else -2e-3)


def test_physics_films_the_fall() -> None:
    spec = sample(film("physics", frames=40))
    start, *_, end = lows(spec)
    assert min(start) > 0.005, "they hang in the air at first"
    assert min(end) < 0.005
    for item in spec.placed:
        heights = np.array([pose.position[2] for pose in item.trajectory])
        assert heights[0] > heights[-1]
    # Second differences of the frames before anything is touched: gravity.
    (item, *_) = sorted(spec.placed, key=lambda item: -item.position[2])
    heights = np.array([pose.position[2] for pose in item.trajectory])
    assert np.diff(heights, n=2)[1:3] * spec.frame_rate**2 == pytest.approx(-9.81, rel=0.03)


@pytest.mark.exhaustive
def test_the_place_in_a_sequence_does_not_depend_on_other_objects() -> None:
    config = film("keyframed")
    config.motion.probability = config.motion.deform_probability = 1.0
    few = sample(config).placed
    config.objects.count_range = [5, 5]
    many = sample(config).placed
    for one, other in zip(few, many[:3], strict=True):
        assert one.deformation == other.deformation
        turns = [turn_of(item) for item in (one, other)]
        assert turns[0] == pytest.approx(turns[1], abs=1e-9)


def turn_of(item: ObjectSpec) -> np.ndarray:
    """Rotation vector of an object from its first frame to its last."""
    first, last = (
        Rotation.from_quat(item.trajectory[n].rotation, scalar_first=True) for n in (0, -1)
    )
    return (last * first.inv()).as_rotvec()


def test_deformed_objects_that_dip_are_raised_and_others_stand_still() -> None:
    config = film("none", "static", 8)
    config.motion.deform_probability, config.motion.deform_kinds = 1.0, ["twist"]
    config.placement.poses = ["upright"]
    config.assets.classes = ["can"]
    config.objects.count_range = [1, 1]
    for item in sample(config).objects:
        assert item.deformation is not None
        rises = [pose.position[2] - item.position[2] for pose in item.trajectory]
        assert np.abs(rises or [0.0]).max() < 1e-4, "a twist about an upright axis keeps heights"


@pytest.mark.exhaustive
def test_the_stage_reaches_around_all_frames() -> None:
    config = film("none", "dolly")
    config.camera.travel_range = [5.0, 5.0]
    config.camera.stereo_baseline = 1.0
    for scene in range(3):
        spec = sample(config, scene)
        reach = max(np.linalg.norm(np.array(c.cam_to_world)[:3, 3]) for c in spec.cameras)
        assert spec.stage.params["wall_distance"] > reach + 1.0
    config = film("keyframed", "static")
    config.motion.travel_range, config.motion.probability = [8.0, 8.0], 1.0
    spec = sample(config)
    parts = [part for n in (0, 5) for part in placed_meshes(spec, BUILT.resolve(spec), n)]
    points = np.concatenate(
        [part.vertices for part in parts if 0 < part.instance_id <= len(spec.placed)]
    )
    assert np.abs(points[:, :2]).max() < spec.stage.params["width"] / 2


@pytest.mark.exhaustive
def test_all_around_the_camera_stands_above_everything_in_all_frames() -> None:
    config = film("keyframed", "handheld")
    config.camera.model = "equirectangular"
    spec = sample(config)
    lowest = min(camera.cam_to_world[2][3] for camera in spec.cameras)
    for frame in range(6):
        parts = placed_meshes(spec, BUILT.resolve(spec), frame)
        tops = [
            part.vertices[:, 2].max() for part in parts if 0 < part.instance_id <= len(spec.placed)
        ]
        assert lowest > max(tops)


@pytest.mark.exhaustive
def test_placed_meshes_are_those_of_the_frame() -> None:
    spec = sample(film("keyframed"))
    item = next(item for item in spec.objects if item.trajectory)
    vertices = Library(None).mesh(item.asset).vertices * item.scale
    for frame in (0, 5):
        pose = item.trajectory[frame]
        turn = Rotation.from_quat(pose.rotation, scalar_first=True)
        (part,) = (
            part
            for part in placed_meshes(spec, BUILT.resolve(spec), frame)
            if part.instance_id == item.instance_id
        )
        assert part.vertices == pytest.approx(turn.apply(vertices) + pose.position)
    with pytest.raises(IndexError, match="frame 6: the scene has 6"):
        placed_meshes(spec, BUILT.resolve(spec), 6)


@pytest.mark.parametrize(
    ("poses", "stand"), [(["upright:0.1", "side:0.9"], True), (["side"], False)]
)
@pytest.mark.corpus(1)
def test_what_is_rooted_stands_where_anything_may(poses: list[str], stand: bool) -> None:
    config = Config()
    config.scene.name, config.scene.size_range = "outdoor", [4.0, 4.0]
    config.assets.classes, config.objects.count_range = ["stop_sign"], [3, 3]
    config.placement.methods, config.placement.poses = ["scatter"], poses
    upright = [pose_name(item) == "upright" for item in sample(config).placed]
    assert upright
    assert all(upright) if stand else not any(upright)
