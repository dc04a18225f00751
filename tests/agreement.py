"""How far labels and oracle may be apart, in one place: the project's promises as assertions.

What must hold in every pixel is asserted frame by frame. What is promised of a share of the pixels
is counted in a `Tally` and asserted over all frames of a dataset, because at the tests' tiny sizes
a single pixel is more than the share of a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from oracle import Eye, Moved, Oracle, Seen, near_edge, surface_step

import simgen
from simgen.assets.library import Library
from simgen.labels.record import ObjectRecord
from simgen.stages.resolver import Resolver

POLE = np.radians(75)
"""Latitude beyond which a panorama stretches a millimetre over many pixels."""


@dataclass
class Tally:
    """Pixels counted over the frames of a dataset: how many there were, how many were off."""

    looked_at: dict[str, int] = field(default_factory=dict)
    off: dict[str, int] = field(default_factory=dict)

    def count(self, what: str, off: np.ndarray) -> None:
        self.looked_at[what] = self.looked_at.get(what, 0) + off.size
        self.off[what] = self.off.get(what, 0) + int(off.sum())

    def check(self, what: str, share: float) -> None:
        """At most a share of the pixels is off; a single one is always forgiven."""
        off, count = self.off[what], self.looked_at[what]
        assert off <= max(1, share * count), f"{what}: {off} of {count} are off"

    def check_all(self) -> None:
        """The promised shares, for all that was counted."""
        for what in self.off:
            self.check(what, SHARES[what])


SHARES = {
    "ids": 5e-4,
    "normals of another face": 1e-3,
    "flow at edges": 1e-3,
    "disparity at edges": 1e-3,
    "occlusion": 5e-3,
    "disparity occlusion": 5e-3,
    "keypoint visibility": 1e-2,
    "track occlusion": 1e-2,
}
"""Parts of what was looked at that may be off. Occlusion masks end where one surface passes behind
another, which is decided by comparing two nearly equal distances; hence the larger share, of which
each pixel has to lie at the edge of the mask or of an object."""


def scenes(dataset: simgen.Dataset, assets: Path | None = None) -> Iterator[
    tuple[Oracle, list[simgen.Sample]]
]:  # fmt: skip
    """The oracle of each scene, and the scene's frames."""
    resolver = Resolver(Library(assets))
    for scene in dataset.scenes:
        samples = [sample for sample in dataset if sample.scene == scene]
        yield Oracle(dataset.spec(scene), samples[0].folder, resolver), samples


def check_view(sample: simgen.Sample, oracle: Oracle, tally: Tally) -> None:
    """Ids, depth, ray distance, and normals and object coordinates where the dataset has them."""
    seen = oracle.look(sample.frame)
    differs = sample.instances != seen.ids
    assert not (differs & ~near_edge(seen.part)).any(), "an id is wrong away from any edge"
    tally.count("ids", differs)
    same = same_thing(sample, seen)
    # At the horizon the floor ends in the sky, between two objects' ids that are both 0.
    known = ~near_edge(seen.part) | (seen.ids > 0) & same
    assert (np.isfinite(sample.depth) == np.isfinite(seen.depth))[known].all()
    inside = np.isfinite(seen.depth) & ~surface_step(seen)
    assert inside.sum() > 0.5 * np.isfinite(seen.depth).sum(), "there is much to compare"
    # Across the axis of a panorama planar depth passes through 0, where no relative error means
    # anything.
    scale = np.maximum(np.abs(seen.depth), 0.2 * seen.distance)[inside]
    assert (np.abs(sample.depth[inside] - seen.depth[inside]) <= 1e-4 * scale).all()
    if "ray_distance" in sample.labels:
        off = np.abs(sample.ray_distance[inside] - seen.distance[inside])
        assert (off <= 1e-4 * seen.distance[inside]).all()
    if "normals" in sample.labels:
        _check_normals(sample, seen, inside, tally)
    if "objects" in sample.labels:
        _check_boxes(sample, oracle)
    if "object_coordinates" in sample.labels:
        _check_object_coordinates(sample, seen, oracle, inside)
    if "uv" in sample.labels:
        _check_uv(sample, seen, oracle, inside)


def same_thing(sample: simgen.Sample, seen: Seen) -> np.ndarray:
    """`H x W` bool: the label shows the surface that the oracle sees: same id, and same depth."""
    with np.errstate(invalid="ignore"):
        near = np.abs(sample.depth - seen.depth) <= 1e-3 * np.abs(seen.distance)
    both_sky = np.isinf(sample.depth) & np.isinf(seen.depth)
    return (sample.instances == seen.ids) & (near | both_sky)


def _check_normals(sample: simgen.Sample, seen: Seen, inside: np.ndarray, tally: Tally) -> None:
    """Every normal is that of a face within one pixel, and nearly every one of the very face."""
    normals = sample.normals.astype(float)
    hit = np.isfinite(sample.depth)
    assert np.abs(np.linalg.norm(normals[hit], axis=-1) - 1).max() < 1e-5
    tolerance = np.cos(np.radians(0.1))
    own = np.einsum("hwi,hwi->hw", normals, seen.normals)
    tally.count("normals of another face", own[inside] < tolerance)
    height, width = hit.shape
    padded = np.pad(seen.normals, ((1, 1), (1, 1), (0, 0)), mode="edge")
    best = np.max([
        np.einsum("hwi,hwi->hw", normals, padded[r : r + height, c : c + width])
        for r in range(3) for c in range(3)
    ], axis=0)  # fmt: skip
    assert (best[inside] >= tolerance).all(), "a normal is that of no face nearby"


def _check_boxes(sample: simgen.Sample, oracle: Oracle) -> None:
    for item in sample.objects:
        own = oracle.own_vertices(item.instance_id - 1, sample.frame)
        assert np.allclose(item.box_min, own.min(axis=0), atol=1e-9)
        assert np.allclose(item.box_max, own.max(axis=0), atol=1e-9)


def _check_object_coordinates(
    sample: simgen.Sample, seen: Seen, oracle: Oracle, inside: np.ndarray
) -> None:
    """To a ten thousandth of the distance, as the surface itself."""
    expected = oracle.object_coordinates(seen, sample.frame)
    for item in sample.objects:
        mask = inside & (seen.ids == item.instance_id)
        off = np.abs(sample.object_coordinates[mask] - expected[mask])
        metres = off * oracle.size(item.instance_id - 1)
        # The ray that finds the triangle again is bent by rounding, all the more at a glance.
        slack = 2e-4 * seen.distance[mask] / np.maximum(seen.cosine[mask], 0.05)
        assert (metres <= slack[:, None]).all()
    assert (sample.object_coordinates[sample.instances == 0] == 0).all()


def _check_uv(sample: simgen.Sample, seen: Seen, oracle: Oracle, inside: np.ndarray) -> None:
    """As for object coordinates; a texture is stretched by what the triangle says."""
    mask = inside & (seen.ids > 0)
    stretch = oracle.texture_stretch(seen)
    off = np.linalg.norm(sample.uv - oracle.uv(seen, sample.frame), axis=-1)
    slack = 2e-4 * seen.distance[mask] / np.maximum(seen.cosine[mask], 0.05) * stretch[mask]
    wrong = off[mask] > slack + 1e-6
    # Two triangles that meet in a seam of the texture have nothing in common there.
    assert wrong.sum() <= max(1, 2e-3 * wrong.size)
    assert np.isnan(sample.uv[~np.isfinite(sample.depth)]).all()


def check_motion(sample: simgen.Sample, oracle: Oracle, direction: str, tally: Tally) -> int:
    """Flow, its occlusion mask and scene flow, `forward` or `backward`. Returns how many pixels'
    flow was compared to a hundredth of a pixel."""
    other = sample.frame + (1 if direction == "forward" else -1)
    flow = getattr(sample, f"flow_{direction}")
    occlusion = getattr(sample, f"occlusion_{direction}")
    scene_flow = getattr(sample, f"scene_flow_{direction}")
    seen, moved = oracle.look(sample.frame), oracle.motion(sample.frame, other)
    eye = oracle.eye(sample.frame)
    compared = _check_flow(flow, moved.flow, sample, seen, moved, eye, "flow at edges", tally)
    _check_occlusion(occlusion, moved.occluded, seen, "occlusion", tally)
    hit = np.isfinite(seen.depth) & same_thing(sample, seen)
    far = np.where(np.isfinite(seen.distance), seen.distance, np.nan)
    here = (eye.starts + eye.rays * far.reshape(-1, 1)).reshape(moved.seen_from.shape)
    expected = moved.seen_from - here
    size = 1e-4 * np.maximum(seen.distance, np.linalg.norm(moved.seen_from, axis=-1))
    with np.errstate(invalid="ignore"):
        off = np.linalg.norm(scene_flow - expected, axis=-1)
    assert np.isnan(scene_flow[~np.isfinite(sample.depth)]).all()
    clear = hit & ~surface_step(seen)
    assert (off[clear] <= size[clear]).all()
    return compared


def _check_flow(
    told: np.ndarray, expected: np.ndarray, sample: simgen.Sample, seen: Seen, moved: Moved,
    eye: Eye, name: str, tally: Tally,
) -> int:  # fmt: skip
    reach = max(eye.width, eye.height)
    with np.errstate(invalid="ignore"):
        usable = (np.abs(expected) < 2 * reach).all(axis=-1)
    if eye.model == "equirectangular":
        there = moved.seen_from
        usable &= np.abs(np.arctan2(there[..., 1], np.hypot(there[..., 0], there[..., 2]))) < POLE
    off = np.linalg.norm(np.where(usable[..., None], told - expected, 0), axis=-1)
    assert np.isfinite(off).all(), "flow where there is none, or none where there is"
    edges = near_edge(seen.part) | surface_step(seen) & np.isfinite(seen.distance)
    inside = usable & ~edges
    assert off[inside].max(initial=0) < 0.01
    tally.count(name, off[usable & near_edge(seen.part)] > 0.5)
    return int(inside.sum())


def _check_occlusion(
    told: np.ndarray, expected: np.ndarray, seen: Seen, name: str, tally: Tally
) -> None:
    differs = told.astype(bool) != expected
    at_edges = near_edge(expected) | near_edge(seen.part)
    assert not (differs & ~at_edges).any(), f"{name} is wrong away from any edge"
    tally.count(name, differs)


def check_stereo(sample: simgen.Sample, oracle: Oracle, tally: Tally) -> None:
    """Disparity against the point seen by the second camera, its formula, and its mask."""
    seen, moved = oracle.look(sample.frame), oracle.parallax(sample.frame)
    hit = np.isfinite(seen.depth) & same_thing(sample, seen)
    k, baseline = sample.camera.K, sample.camera.stereo_baseline
    assert baseline > 0
    assert np.allclose(moved.flow[..., 1], 0, atol=1e-6), "the pair is rectified"
    clear = hit & ~surface_step(seen)
    off = np.abs(sample.disparity + moved.flow[..., 0])
    assert off[clear].max() < 0.01
    tally.count("disparity at edges", off[hit & near_edge(seen.part)] > 0.5)
    # By the stored depth, the formula holds to its precision, edges included.
    drawn = np.isfinite(sample.depth)
    formula = k[0, 0] * baseline / sample.depth[drawn].astype(float)
    assert np.allclose(sample.disparity[drawn], formula, rtol=4e-6, atol=0)
    assert (sample.disparity[~drawn] == 0).all()
    _check_occlusion(sample.disparity_occlusion, moved.occluded, seen, "disparity occlusion", tally)


def check_amodal(sample: simgen.Sample, oracle: Oracle) -> None:
    """Silhouettes of objects as if nothing hid them: IoU of at least 0.999, or one pixel off."""
    for item in sample.objects:
        whole = oracle.alone(sample.frame, item.instance_id - 1)
        told = sample.amodal_masks.get(item.instance_id, np.zeros_like(whole)).astype(bool)
        same_mask(told, whole)
        assert not ((sample.instances == item.instance_id) & ~told).any()
        if whole.any():
            seen = np.count_nonzero(sample.instances == item.instance_id)
            slack = max(2.0, 2e-3 * whole.sum()) / whole.sum()
            assert abs(item.unoccluded_fraction - seen / whole.sum()) <= slack


def same_mask(told: np.ndarray, expected: np.ndarray) -> None:
    union = np.count_nonzero(told | expected)
    wrong = np.count_nonzero(told != expected)
    assert wrong <= max(1, 1e-3 * union), f"{wrong} of {union} pixels are wrong"


def check_geometry(sample: simgen.Sample, oracle: Oracle, tally: Tally) -> int:
    """Poses, 3D boxes and keypoints against OpenCV. Returns how many pixels were compared."""
    eye, compared = oracle.eye(sample.frame), 0
    to_camera = np.linalg.inv(eye.pose)
    for item in sample.objects:
        assert np.allclose(item.object_to_camera, to_camera @ item.object_to_world, atol=1e-9)
        low, high = item.box_min, item.box_max
        box = np.array([
            [high[axis] if bits >> axis & 1 else low[axis] for axis in range(3)]
            for bits in range(8)
        ])  # fmt: skip
        pose = item.object_to_camera
        corners = box @ pose[:3, :3].T + pose[:3, 3]
        compared += _same_pixels(item.corners, eye.project(corners), eye)
        if item.keypoints:
            positions = np.array([point.position for point in item.keypoints])
            pixels = np.array([point.pixel for point in item.keypoints])
            compared += _same_pixels(pixels, eye.project(positions), eye)
            _check_visibility(sample, item, positions, oracle, tally)
    return compared


def _same_pixels(told: np.ndarray, expected: np.ndarray, eye: Eye) -> int:
    within = eye.sees(expected)
    with np.errstate(invalid="ignore"):
        off = np.linalg.norm(told - expected, axis=1)
    assert (off[within] < 0.01).all()
    assert not (eye.sees(told) & ~within & ~(off < 0.01)).any(), "a point that no lens shows"
    return int(within.sum())


def _check_visibility(
    sample: simgen.Sample, item: ObjectRecord, positions: np.ndarray, oracle: Oracle, tally: Tally
) -> None:
    """Points are given about as well as half a percent of their object's size; between 0.4 and 0.6
    either verdict is right."""
    eye = oracle.eye(sample.frame)
    world = positions @ eye.pose[:3, :3].T + eye.pose[:3, 3]
    size = np.linalg.norm(oracle.size(item.instance_id - 1))
    loose, strict = (oracle.visible(sample.frame, world, size * s) for s in (0.006, 0.004))
    told = np.array([point.visibility for point in item.keypoints or ()])
    inside = eye.sees(eye.project(positions))
    assert ((told == 0) == ~inside).all()
    tally.count("keypoint visibility", inside & ((told == 2) & ~loose | (told == 1) & strict))


def check_tracks(samples: list[simgen.Sample], oracle: Oracle, tally: Tally) -> None:
    """Each track against the pixel that it was chosen at, followed on its triangle."""
    tracks = samples[0].tracks
    assert len(tracks.points) > 20
    every = np.arange(len(tracks.points))
    chosen = tracks.points[every, tracks.query_frame]
    assert np.allclose(chosen % 1, 0.5, atol=1e-4), "chosen at the centre of a pixel"
    assert not tracks.occluded[every, tracks.query_frame].any()
    for here in range(len(samples)):
        mine = tracks.query_frame == here
        x, y = np.floor(chosen[mine]).astype(int).T
        seen = oracle.look(here)
        clear = ~surface_step(seen)[y, x]
        assert (tracks.instance_id[mine] == seen.ids[y, x])[clear].all()
        for there in range(len(samples)):
            if there == here:
                continue
            moved = oracle.motion(here, there)
            expected = moved.flow[y, x] + chosen[mine]
            told, within = tracks.points[mine, there], oracle.eye(there).sees(expected)
            off = oracle.eye(there).moved(expected, told.astype(float))
            tall = np.abs(expected[:, 1] / oracle.eye(there).height - 0.5) < POLE / np.pi
            usable = clear & within & tall
            assert np.linalg.norm(off[usable], axis=1).max(initial=0) < 0.01
            differs = tracks.occluded[mine, there] != moved.occluded[y, x]
            tally.count("track occlusion", differs[clear])


def check_everything(dataset: simgen.Dataset, assets: Path | None = None) -> Tally:
    """All of the above that the dataset's labels allow, over all of its frames."""
    tally = Tally()
    for oracle, samples in scenes(dataset, assets):
        if "tracks" in samples[0].labels:
            check_tracks(samples, oracle, tally)
        for sample in samples:
            check_view(sample, oracle, tally)
            if "flow_forward" in sample.labels:
                rig = sample.camera.rig
                place, count = (rig.moment, rig.moments) if rig else (sample.frame, len(samples))
                for direction, end in (("forward", count - 1), ("backward", 0)):
                    if place == end:
                        assert getattr(sample, f"flow_{direction}") is None
                    else:
                        assert check_motion(sample, oracle, direction, tally) > 0
            if "disparity" in sample.labels:
                check_stereo(sample, oracle, tally)
            if "amodal_masks" in sample.labels:
                check_amodal(sample, oracle)
            if "keypoints" in sample.labels:
                assert check_geometry(sample, oracle, tally) > 0
    tally.check_all()
    return tally


def fetch(image: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """`H x W x 3`: an image's colours at where the flow of each pixel ends, bilinear."""
    height, width = flow.shape[:2]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    places = np.nan_to_num(flow) + np.stack([columns, rows], axis=-1)
    return cv2.remap(
        image.astype(np.float32), places.astype(np.float32), None, cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
