"""Cameras in Blender: lenses, shutters and movement, against rays that are not ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from miniature import (
    HEIGHT,
    UPRIGHT,
    WIDTH,
    Slabs,
    camera,
    centres,
    opencv_rays,
    origins,
    picture,
    shoot,
    spec,
    thing,
)
from solids import ball, box, solid
from trimesh.ray.ray_pyembree import RayMeshIntersector

from simgen.geometry.lens import lens_of
from simgen.geometry.motion import shape_at
from simgen.spec.frame import RawFrame
from simgen.spec.scene import (
    DeformationSpec,
    LensSpec,
    LightSpec,
    ObjectSpec,
    PoseSpec,
    ShutterSpec,
)

pytestmark = pytest.mark.render

LENSES = {
    "pinhole, wide pixels": LensSpec(30, 36, principal_point=(0.6, 0.3), pixel_aspect=1.3),
    "pinhole, high pixels": LensSpec(18, 36, principal_point=(0.45, 0.7), pixel_aspect=0.8),
    "pinhole, tiny": LensSpec(0.7, 0.9, principal_point=(0.5, 0.52)),
    "brown_conrady": LensSpec(
        30, 36, "brown_conrady", (-0.25, 0.08, 0.004, -0.003, -0.01, 0.06, 0.02, 0.005),
        (0.55, 0.4), 1.1,
    ),
    "brown_conrady, barrel": LensSpec(20, 36, "brown_conrady", (-0.1, 0.01, 0, 0), (0.5, 0.5)),
    "kannala_brandt": LensSpec(
        16, 36, "kannala_brandt", (-0.02, 0.006, -0.003, 0.0005), (0.55, 0.4), 0.95
    ),
    "equirectangular": LensSpec(30, 36, "equirectangular"),
    "orthographic": LensSpec(
        30, 36, "orthographic", principal_point=(0.55, 0.4), pixel_aspect=1.3, view_width=2.2
    ),
    "orthographic, high pixels": LensSpec(
        30, 36, "orthographic", principal_point=(0.5, 0.6), pixel_aspect=0.8, view_width=1.7
    ),
}  # fmt: skip
OPENCV_SEES = 1.4
"""Radians to the axis; OpenCV's fisheye rays lie on the plane z = 1 and lose digits beyond."""

ROUNDING = 3e-6
"""Of single precision, as a part of the distance, where neighbouring rays are equally long."""

ROOM = Slabs((7.0, 6.0, 5.0), (0.4, 0.3, -0.2), (0.4, -0.5, 0.3))
LAMP = LightSpec("area", (0.0, -1.0, 0.0), (0.3, -0.2, 1.9), (1.0, 1.0, 1.0), 60.0, 0.3)
CRATE = Slabs((0.5, 0.8, 0.6), (0.3, -0.2, 1.9), (0.2, 0.7, -0.1))


def in_a_room(lenses: list[LensSpec], folder: Path, **more: object) -> list[RawFrame]:
    """A crate (code 1) in a room (code 2), one frame for each lens."""
    objects = [
        thing(number, slabs.place, rotation=slabs.quaternion)
        for number, slabs in ((1, CRATE), (2, ROOM))
    ]
    cameras = [camera(lens) for lens in lenses]
    made = spec(objects, cameras, lights=(LAMP,), **more)  # type: ignore[arg-type]
    return shoot(made, [box(*CRATE.sides), box(*ROOM.sides)], folder)


def expected(lens: LensSpec, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance and code where pixels (`n x 2`) look."""
    rays, starts = opencv_rays(lens, pixels), origins(lens, pixels)
    layers = np.stack([CRATE.distances(rays, starts), ROOM.distances(rays, starts)])
    return layers.min(axis=0), layers.argmin(axis=0) + 1


def check(lens: LensSpec, raw: RawFrame) -> None:
    """Every pixel shows what a ray within 0.01 px of its centre meets."""
    pixels = centres().reshape(-1, 2)
    distance, code = expected(lens, pixels)
    around = [
        expected(lens, pixels + 0.01 * np.array([np.cos(angle), np.sin(angle)]))
        for angle in np.arange(8) * np.pi / 4
    ]
    trusted = np.isfinite(distance)
    if lens.model == "kannala_brandt":
        trusted &= opencv_rays(lens, pixels)[:, 2] > np.cos(OPENCV_SEES)
    assert trusted.mean() > 0.7
    near = np.array([distance, *(d for d, _ in around)])
    got, low, high = raw.distance.ravel(), near.min(axis=0), near.max(axis=0)
    off = np.maximum(got / high - 1, 1 - got / low)[trusted]
    assert off.max() < ROUNDING
    steady = trusted & np.all([c == code for _, c in around], axis=0)
    assert (raw.code.ravel() == code)[steady].all()
    assert (code[steady] == 1).sum() > 50, "the crate is to be seen"


@pytest.mark.parametrize("name", LENSES)
@pytest.mark.corpus(4)
def test_pixels_show_what_opencvs_rays_meet(name: str, tmp_path: Path) -> None:
    lens = LENSES[name]
    (raw,) = in_a_room([lens], tmp_path)
    assert raw.distance.dtype == np.float64
    assert raw.code.dtype == np.int32
    check(lens, raw)


def test_a_steep_distortion_leaves_no_holes(tmp_path: Path) -> None:
    """Our own rays, which tests/geometry/test_lens.py holds to OpenCV's projection: its inverse
    fails."""
    lens = LensSpec(9, 36, "brown_conrady", (0.971, -0.227))
    (raw,) = in_a_room([lens], tmp_path)
    rays = lens_of(lens, WIDTH, HEIGHT).pixel_rays().reshape(-1, 3)
    assert np.isfinite(rays).all()
    nearest = np.minimum(CRATE.distances(rays), ROOM.distances(rays))
    off = np.abs(raw.distance.ravel() / nearest - 1)
    assert np.quantile(off, 0.98) < ROUNDING  # but for edges
    assert off.max() < np.inf


@pytest.mark.parametrize(
    "name", ["pinhole, wide pixels", "brown_conrady", "kannala_brandt", "orthographic"]
)
@pytest.mark.corpus(2)
def test_every_view_has_its_own_lens(name: str, tmp_path: Path) -> None:
    first = LENSES[name]
    other = replace(
        first, focal_length_mm=1.3 * first.focal_length_mm, view_width=first.view_width / 1.3
    )
    lenses = [first, other, first]
    raws = in_a_room(lenses, tmp_path)
    for lens, raw in zip(lenses, raws, strict=True):
        check(lens, raw)
    assert (raws[0].distance == raws[2].distance).all()


def test_models_may_change_from_view_to_view(tmp_path: Path) -> None:
    lenses = list(LENSES.values())
    for lens, raw in zip(lenses, in_a_room(lenses, tmp_path), strict=True):
        check(lens, raw)


def test_where_the_lens_sends_no_ray_is_nothing(tmp_path: Path) -> None:
    lens = LensSpec(12, 36, "brown_conrady", (-0.3, 0.0))
    # r (1 - 0.3 r^2) is largest at r = sqrt(1 / 0.9), where it is 2/3 of that.
    rim = 2 / 3 * np.sqrt(1 / 0.9) * 12 / 36 * WIDTH
    radius = np.linalg.norm(centres() - [WIDTH / 2, HEIGHT / 2], axis=-1)
    (raw,) = in_a_room([lens], tmp_path)
    assert np.isfinite(raw.distance[radius < rim - 0.5]).all()
    assert (raw.code[radius < rim - 0.5] > 0).all()
    assert np.isinf(raw.distance[radius > rim + 0.1]).all()
    assert (raw.code[radius > rim + 0.1] == 0).all()
    assert (raw.radiance[radius > rim + 2] < 1e-4).all()


# ---- Depth of field


@pytest.mark.parametrize(
    "name", ["pinhole, wide pixels", "brown_conrady", "kannala_brandt", "orthographic"]
)
@pytest.mark.corpus(1)
def test_depth_of_field_blurs_the_image_alone(name: str, tmp_path: Path) -> None:
    sharp = LENSES[name]
    blurred = replace(sharp, f_stop=0.05, focus_distance=0.8)
    (one,), (other,) = (in_a_room([lens], tmp_path, samples=16) for lens in (sharp, blurred))
    assert (one.distance == other.distance).all()
    assert (one.code == other.code).all()
    crisp, soft = (sharpness(picture(raw)) for raw in (one, other))
    assert soft < 0.7 * crisp


@pytest.mark.exhaustive
def test_both_kinds_of_camera_blur_alike(tmp_path: Path) -> None:
    """Blender's own thin lens against that of `lens.osl`."""
    pinhole = LensSpec(30, 36, principal_point=(0.6, 0.3), f_stop=0.1, focus_distance=1.0)
    custom = replace(pinhole, model="brown_conrady")
    others = (custom, replace(pinhole, f_stop=0.2), replace(custom, f_stop=0.0))
    first, *rest = (
        # Smoothed: it is the blur of edges that is compared, not the noise.
        cv2.GaussianBlur(picture(in_a_room([lens], tmp_path, samples=64)[0]) * 1.0, (0, 0), 2)
        for lens in (pinhole, *others)
    )
    same, less, sharp = (np.abs(first - image).max() for image in rest)
    assert same < 0.4 * min(less, sharp)


def test_a_telecentric_lens_blurs_by_its_magnification(tmp_path: Path) -> None:
    """A step from bright to dark, `off` metres behind the focus, spreads over a disk of diameter
    off * m / N: its edge is as steep as a chord of that disk is long."""
    off, f_stop, view = 0.5, 0.05, 1.2
    lens = LensSpec(
        36, 36, "orthographic", f_stop=f_stop, focus_distance=1.5 - off, view_width=view
    )
    wall = thing(1, (0.6, 0.0, 1.5))
    (raw,) = shoot(
        spec([wall], [camera(lens)], samples=256, labels=("rgb", "albedo")),
        [box(1.2, 3.0, 1e-4)], tmp_path,
    )  # fmt: skip
    covered = raw.passes["albedo"][..., 0].mean(axis=0)
    profile = covered / covered.max()
    diameter = off * (0.036 / view) / f_stop
    place = (np.arange(WIDTH) + 0.5) / WIDTH * view - view / 2
    t = np.clip(2 * place / diameter, -1, 1)
    expected = 0.5 + (t * np.sqrt(1 - t * t) + np.arcsin(t)) / np.pi  # of a disk beside a line
    assert diameter * WIDTH / view > 10
    assert np.abs(profile - expected).max() < 0.02


def sharpness(image: np.ndarray) -> float:
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float)
    return float(np.abs(cv2.Laplacian(cv2.GaussianBlur(grey, (3, 3), 0), cv2.CV_64F)).max())


# ---- Movement

STILL = LensSpec(36, 36)  # one metre away, a metre is as wide as the image


def along(item: ObjectSpec, step: float, frames: int) -> ObjectSpec:
    """It moves to the right by metres a frame, and turns a little."""
    poses = tuple(
        PoseSpec(
            (item.position[0] + step * frame, *item.position[1:]),
            # Signs alternate: q and -q are the same rotation.
            tuple((-1) ** frame * part for part in turned(0.2 * frame)),
        )
        for frame in range(frames)
    )
    return replace(item, trajectory=poses, position=poses[0].position, rotation=poses[0].rotation)


def turned(angle: float) -> tuple[float, float, float, float]:
    """About y."""
    return (float(np.cos(angle / 2)), 0.0, float(np.sin(angle / 2)), 0.0)


@pytest.mark.parametrize("model", ["pinhole", "kannala_brandt", "orthographic"])
@pytest.mark.corpus(1)
def test_motion_blur_is_in_the_image_alone(model: str, tmp_path: Path) -> None:
    lens = replace(STILL, model=model, view_width=1.5 if model == "orthographic" else 0.0)
    objects = [along(thing(1, (-0.2, 0, 1.5)), 0.15, 3), thing(2, (0.1, 0.0, 2.5))]
    cameras = [camera(lens, (0.0, 0.05 * frame, 0.0)) for frame in range(3)]
    meshes = [box(0.3, 0.3, 0.3), box(1.5, 1.0, 0.2)]
    still = spec(objects, cameras, samples=8, frame_rate=24.0)
    sharp = shoot(still, meshes, tmp_path)
    blurred = shoot(replace(still, shutter=ShutterSpec(0.8)), meshes, tmp_path)
    for one, other in zip(sharp, blurred, strict=True):
        assert (one.distance == other.distance).all()
        assert (one.code == other.code).all()
        assert np.abs(picture(one).astype(float) - picture(other)).mean() > 0.3
    assert (sharp[0].code != sharp[1].code).any()
    alone = shoot(replace(still, shutter=ShutterSpec(0.8), labels=("depth",)), meshes, tmp_path)
    for one, other in zip(sharp, alone, strict=True):
        assert other.radiance is None
        assert (one.distance == other.distance).all()
        assert (one.code == other.code).all()


def test_things_are_where_the_spec_says_in_every_frame(tmp_path: Path) -> None:
    item = along(thing(1, (-0.2, 0.1, 1.9), scale=0.5), 0.15, 3)
    cameras = [camera(STILL, (0.1 * frame, 0.0, 0.0)) for frame in range(3)]
    raws = shoot(spec([item], cameras, frame_rate=10.0), [box(0.8, 1.0, 0.6)], tmp_path)
    for frame, raw in enumerate(raws):
        place = (-0.2 + 0.05 * frame, 0.1, 1.9)
        slabs = Slabs((0.4, 0.5, 0.3), place, (0.0, 0.2 * frame, 0.0))
        distance = slabs.distances(opencv_rays(STILL, centres().reshape(-1, 2)))
        distance = distance.reshape(raw.distance.shape)
        assert ((raw.code == 1) == np.isfinite(distance)).mean() > 0.9995
        both = (raw.code == 1) & np.isfinite(distance)
        assert both.sum() > 200
        assert np.isclose(raw.distance, distance, rtol=3e-6)[both].mean() > 0.99


@pytest.mark.parametrize("lens", [STILL, replace(STILL, model="orthographic", view_width=1.0)])
def test_a_rolling_shutter_slants_what_moves(lens: LensSpec, tmp_path: Path) -> None:
    """A bright bar moves right by 0.4 m a frame; rows are open for a tenth of half a frame."""
    step, exposure, row = 0.4, 0.5, 0.1
    poses = tuple(PoseSpec((step * (frame - 1), 0.0, 1.0), UPRIGHT) for frame in range(3))
    bar = replace(thing(1, poses[0].position), trajectory=poses)
    shutter = ShutterSpec(exposure, row)
    made = spec(
        [bar], [camera(lens)] * 3, samples=32, labels=("rgb", "albedo"), shutter=shutter,
        frame_rate=24.0,
    )  # fmt: skip
    raw = shoot(made, [box(0.2, 3.0, 1e-4)], tmp_path)[1]
    covered = raw.passes["albedo"][..., 0] / raw.passes["albedo"][..., 0].max()
    columns = np.arange(WIDTH) + 0.5
    middle = (covered * columns).sum(axis=1) / covered.sum(axis=1)
    # The rows' exposures spread over what is left of the whole one; one metre is WIDTH pixels.
    spread = step * exposure * (1 - row) * WIDTH
    rows = (np.arange(HEIGHT) + 0.5) / HEIGHT - 0.5
    assert np.abs(middle - WIDTH / 2 - spread * rows).max() < 0.5
    assert spread > 10
    labelled = raw.code == 1
    assert (labelled == labelled[0]).all(), "the label is upright"
    assert labelled[0].nonzero()[0].mean() + 0.5 == WIDTH / 2


@pytest.mark.parametrize("exposure", [0.0, 0.5])
def test_shapes_are_those_of_the_frame(exposure: float, tmp_path: Path) -> None:
    how = DeformationSpec("twist", 1.2, 2.0, 0.3)
    item = thing(1, (0.0, 0.05, 1.0), scale=0.5, deformation=how, rotation=turned(0.4))
    mesh = solid(trimesh.creation.box((0.8, 0.5, 0.7)).subdivide().subdivide())
    made = spec(
        [item], [camera(STILL)] * 3, samples=4, frame_rate=12.0, shutter=ShutterSpec(exposure)
    )
    raws = shoot(made, [mesh], tmp_path)
    rays = opencv_rays(STILL, centres().reshape(-1, 2))
    turn = cv2.Rodrigues(np.array([0.0, 0.4, 0.0]))[0]
    for frame, raw in enumerate(raws):
        points = shape_at(item, mesh.vertices, frame, 12.0) @ turn.T + item.position
        caster = RayMeshIntersector(trimesh.Trimesh(points, mesh.faces, process=False))
        places, index, _ = caster.intersects_location(0 * rays, rays, multiple_hits=False)
        distance = np.full(len(rays), np.inf)
        distance[index] = np.linalg.norm(places, axis=1)
        distance = distance.reshape(raw.distance.shape)
        both = np.isfinite(distance) & (raw.code == 1)
        assert both.sum() > 500
        assert (np.isfinite(distance) == (raw.code == 1)).mean() > 0.9995
        assert np.allclose(raw.distance[both], distance[both], rtol=2e-5)
    assert (raws[0].distance != raws[1].distance).any()


def test_changing_shapes_are_blurred(tmp_path: Path) -> None:
    how = DeformationSpec("squash", 0.5, 3.0, 0.0)  # fastest at frame 0
    item = thing(1, (0.0, 0.0, 1.0), deformation=how)
    still = spec([item], [camera(STILL)] * 2, samples=16, labels=("albedo",), frame_rate=24.0)
    mesh = ball(0.3)
    sharp, _ = shoot(still, [mesh], tmp_path)
    blurred, after = shoot(replace(still, shutter=ShutterSpec(1.0)), [mesh], tmp_path)
    assert (sharp.code == blurred.code).all()
    albedo = [raw.passes["albedo"][..., 0] for raw in (sharp, blurred)]
    solidly = [(image > 0.95 * albedo[0].max()).sum() for image in albedo]
    touched = [(image > 0.02 * albedo[0].max()).sum() for image in albedo]
    assert solidly[1] < solidly[0]
    assert touched[1] > touched[0]
    # Linear between whole frames: no farther than half way to the next one's outline.
    reach = (after.code == 1) | (sharp.code == 1)
    assert touched[1] < cv2.dilate(reach.astype(np.uint8), np.ones((5, 5))).sum() * 1.2
