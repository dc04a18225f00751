"""TAP-Vid exports, as its evaluation reads and samples them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import simgen
from simgen.formats.export import Options, export
from simgen.formats.pipeline.resizing import Size
from simgen.formats.sources import SimgenSource
from simgen.formats.tapvid.write import labels_of
from simgen.labels.tracks import Tracks


@pytest.fixture(scope="session")
def tapvid(cast_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("tapvid") / "out"
    export(["tapvid"], [SimgenSource(simgen.open(cast_folder))], out)
    return out


def videos(folder: Path) -> dict[int, dict[str, np.ndarray]]:
    found = {}
    for path in folder.glob("*/*.npz"):
        with np.load(path, allow_pickle=False) as stored:
            found[int(path.stem)] = dict(stored)
    return found


def first_queries(occluded: np.ndarray, points: np.ndarray) -> np.ndarray:
    """`N x 3`: frame, y, x of where each point is first seen, as the benchmark asks for it."""
    frame = np.argmax(~occluded, axis=1)
    chosen = points[np.arange(len(points)), frame]
    return np.column_stack([frame, chosen[:, 1], chosen[:, 0]])


def test_videos_and_points(tapvid: Path, cast_folder: Path) -> None:
    data = simgen.open(cast_folder)
    found = videos(tapvid)
    assert sorted(found) == [0, 1]
    for scene, video in found.items():
        samples = [sample for sample in data if sample.scene == scene]
        assert (video["video"] == np.stack([sample.rgb for sample in samples])).all()
        assert video["video"].dtype == np.uint8
        points, occluded = video["points"], video["occluded"]
        assert points.dtype == np.float32
        assert occluded.dtype == bool
        assert points.shape == (*occluded.shape, 2)
        assert occluded.shape[1] == len(samples)
        assert np.isfinite(points).all()
        assert not occluded.all(axis=1).any()
        # A point that is seen lies in the image, on the surface that is there.
        for frame, sample in enumerate(samples):
            there = points[:, frame][~occluded[:, frame]] * [96, 72]
            assert ((there >= 0) & (there < [96, 72])).all()
            (x, y), z = there.T.astype(int), video["tracks_XYZ"][frame][~occluded[:, frame], 2]
            near = np.abs(sample.depth[y, x] - z) < 0.02 * z
            assert near.mean() > 0.95
            assert video["fx_fy_cx_cy"][frame].tolist() == [
                sample.camera.K[0, 0], sample.camera.K[1, 1], *sample.camera.K[:2, 2]
            ]  # fmt: skip


def test_queries_are_where_points_are_seen(tapvid: Path) -> None:
    for video in videos(tapvid).values():
        frame, y, x = video["query_points"].T
        every = np.arange(len(frame))
        place = frame.astype(int)
        assert not video["occluded"][every, place].any()
        at = video["points"][every, place] * [96, 72]
        np.testing.assert_allclose(np.column_stack([x, y]), at, atol=1e-4)
        # They are the centres of pixels.
        np.testing.assert_allclose(at % 1, 0.5, atol=1e-4)
        first = first_queries(video["occluded"], video["points"])
        assert (first[:, 0] <= frame).all()


def test_a_perfect_tracker_scores_one(tapvid: Path) -> None:
    """Average Jaccard over thresholds in an image of 256 x 256, of tracks against themselves."""
    for video in videos(tapvid).values():
        truth, seen = video["points"] * 256, ~video["occluded"]
        scores = []
        for threshold in (1, 2, 4, 8, 16):
            close = (np.square(video["points"] * 256 - truth).sum(axis=-1) < threshold**2) & seen
            scores.append(close.sum() / (seen.sum() + (seen & ~close).sum()))
        assert np.mean(scores) == 1


def test_points_in_3d_project_to_their_pixels(tapvid: Path) -> None:
    for video in videos(tapvid).values():
        fx, fy, cx, cy = video["fx_fy_cx_cy"][:, None].transpose(2, 0, 1)
        x, y, z = np.moveaxis(video["tracks_XYZ"], -1, 0)
        pixels = np.stack([fx * x / z + cx, fy * y / z + cy], axis=-1)
        seen = ~video["occluded"].T
        expected = (video["points"] * [96, 72]).transpose(1, 0, 2)
        np.testing.assert_allclose(pixels[seen], expected[seen], atol=0.01)


def test_size_changes_nothing_but_the_images(
    tapvid: Path, cast_folder: Path, tmp_path: Path
) -> None:
    options = Options(size=Size.read("48x72"))
    export(["tapvid"], [SimgenSource(simgen.open(cast_folder))], tmp_path / "out", options)
    before, after = videos(tapvid), videos(tmp_path / "out")
    for scene, video in after.items():
        assert video["video"].shape == (3, 72, 48, 3)
        np.testing.assert_allclose(video["points"], before[scene]["points"], atol=1e-5)
        assert (video["tracks_XYZ"] == before[scene]["tracks_XYZ"]).all()


def test_frames_that_were_left_out() -> None:
    """Points that were chosen in such a frame go; the others keep what is left."""
    rng = np.random.default_rng(0)
    tracks = Tracks(
        points=rng.uniform(0, 10, (6, 4, 2)).astype(np.float32),
        occluded=rng.random((6, 4)) < 0.5,
        positions=rng.random((6, 4, 3)).astype(np.float32),
        query_frame=np.array([0, 1, 2, 3, 2, 1], np.int32),
        instance_id=np.zeros(6, np.int32),
    )
    tracks.points[2, 3] = np.nan
    found = labels_of(tracks, [2, 3], (5, 20))
    kept = [2, 3, 4]
    assert (found["occluded"] == tracks.occluded[kept][:, 2:]).all()
    assert (found["tracks_XYZ"] == tracks.positions[kept][:, 2:].transpose(1, 0, 2)).all()
    assert found["query_points"][:, 0].tolist() == [0, 1, 0]
    np.testing.assert_allclose(found["query_points"][1, 1:], tracks.points[3, 3, ::-1])
    np.testing.assert_allclose(found["points"][2], tracks.points[4, 2:] / [20, 5], rtol=1e-6)
    assert found["points"][0, 1].tolist() == [0, 0]
