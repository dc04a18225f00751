"""Defects of views for NeRF and Gaussian splatting."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from broken import Corpus, cut, edited

CORPUS = Corpus()
add = CORPUS.add
FLIP = np.diag([1.0, -1.0, -1.0, 1.0])


def scene(folder: Path) -> Path:
    """One with several views."""
    return min(path.parent for path in folder.glob("*/*/transforms.json"))


def transforms(folder: Path) -> Path:
    return scene(folder) / "transforms.json"


def change_poses(folder: Path, change: Callable[[np.ndarray], np.ndarray], count: int = 0) -> None:
    with edited(transforms(folder)) as plain:
        for frame in plain["frames"][: count or len(plain["frames"])]:
            frame["transform_matrix"] = change(np.array(frame["transform_matrix"])).tolist()


def change_lines(
    folder: Path, file: str, change: Callable[[list[str]], list[str]], count: int = 1
) -> None:
    """The words of the first lines of a file of the COLMAP model."""
    path = scene(folder) / f"sparse/0/{file}.txt"
    lines = path.read_text().split("\n")
    places = [place for place, line in enumerate(lines) if line][: count or len(lines)]
    for place in places:
        lines[place] = " ".join(change(lines[place].split()))
    path.write_text("\n".join(lines))


@add("nerf", "nerf/structure")
def no_frames(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        plain["frames"] = []
        plain["train_filenames"] = plain["val_filenames"] = plain["test_filenames"] = []


@add("nerf", "nerf/structure")
def two_frames_of_one_image(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        plain["frames"].append(plain["frames"][0])


@add("nerf", "nerf/structure", "nerf/filenames")
def image_outside_of_the_folder(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        plain["frames"][0]["file_path"] = "../000000/images/frame_00001.png"


@add("nerf", "file/missing")
def view_missing(folder: Path) -> None:
    (scene(folder) / "images/frame_00002.png").unlink()


@add("nerf", "image/size")
def views_of_half_the_size(folder: Path) -> None:
    for path in scene(folder).glob("images/*.png"):
        image = cv2.imread(str(path))
        assert image is not None
        assert cv2.imwrite(str(path), image[::2, ::2])


@add("nerf", "json/damaged")
def transforms_cut_short(folder: Path) -> None:
    cut(transforms(folder))


@add("nerf", "nerf/pose")
def pose_with_scale(folder: Path) -> None:
    change_poses(folder, lambda pose: pose @ np.diag([1.1, 1.1, 1.1, 1]), 1)


@add("nerf", "nerf/pose")
def pose_that_mirrors(folder: Path) -> None:
    change_poses(folder, lambda pose: pose @ np.diag([1, 1, -1, 1]), 1)


@add("nerf", "nerf/pose")
def pose_by_columns(folder: Path) -> None:
    change_poses(folder, np.transpose)


@add("nerf", "nerf/axes")
def poses_in_the_axes_of_opencv(folder: Path) -> None:
    change_poses(folder, lambda pose: pose @ FLIP)


@add("nerf", "nerf/axes")
def poses_in_the_axes_of_opencv_without_colmap(folder: Path) -> None:
    change_poses(folder, lambda pose: pose @ FLIP)
    shutil.rmtree(scene(folder) / "sparse")


@add("nerf", "nerf/intrinsics")
def focal_length_of_nothing(folder: Path) -> None:
    set_intrinsics(folder, fl_x=0)


@add("nerf", "nerf/intrinsics")
def centre_outside(folder: Path) -> None:
    set_intrinsics(folder, cx=480)


@add("nerf", "nerf/intrinsics")
def distortion_as_a_word(folder: Path) -> None:
    set_intrinsics(folder, k1="none")


@add("nerf", "nerf/camera-angle")
def angle_in_degrees(folder: Path) -> None:
    set_intrinsics(folder, camera_angle_x=57.3)


@add("nerf", "nerf/colmap-agreement")
def focal_length_of_other_pixels(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        for place in (plain, *plain["frames"]):
            for key in {"fl_x", "fl_y"} & place.keys():
                place[key] *= 1.2


def set_intrinsics(folder: Path, **values: object) -> None:
    with edited(transforms(folder)) as plain:
        place = plain if "w" in plain else plain["frames"][0]
        place |= values


@add("nerf", "nerf/filenames")
def split_of_other_files(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        plain["train_filenames"] = ["frame_00002.png"]


@add("nerf", "nerf/shared-view")
def tested_on_the_training_views(folder: Path) -> None:
    with edited(transforms(folder)) as plain:
        plain["train_filenames"] += plain["test_filenames"]


@add("nerf", "nerf/depth")
def depth_in_8_bits(folder: Path) -> None:
    change_depth(folder, lambda depth: (depth // 256).astype(np.uint8))


@add("nerf", "nerf/depth")
def depth_of_half_the_size(folder: Path) -> None:
    change_depth(folder, lambda depth: depth[::2, ::2])


@add("nerf", "nerf/depth-unit")
def depth_in_256ths_of_a_metre(folder: Path) -> None:
    change_depth(folder, lambda depth: (depth * 0.256).astype(np.uint16))


def change_depth(folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    for path in scene(folder).glob("depth/*.png"):
        depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert depth is not None
        assert cv2.imwrite(str(path), change(depth))


@add("nerf", "file/missing")
def depth_missing(folder: Path) -> None:
    (scene(folder) / "depth/frame_00001.png").unlink()


@add("nerf", "nerf/points")
def points_cut_short(folder: Path) -> None:
    cut(scene(folder) / "points.ply")


@add("nerf", "nerf/colmap-camera")
def camera_with_too_few_parameters(folder: Path) -> None:
    path = scene(folder) / "sparse/0/cameras.txt"
    path.write_text(path.read_text() + "99 OPENCV 96 72 90 90 48 36\n")


@add("nerf", "nerf/colmap-image")
def quaternion_that_is_not_of_length_1(folder: Path) -> None:
    change_lines(folder, "images", lambda row: [row[0], *["0.9"] * 4, *row[5:]])


@add("nerf", "nerf/colmap-image")
def image_of_no_camera(folder: Path) -> None:
    change_lines(folder, "images", lambda row: [*row[:8], "99", row[9]])


@add("nerf", "nerf/colmap-image")
def images_without_their_second_lines(folder: Path) -> None:
    path = scene(folder) / "sparse/0/images.txt"
    path.write_text(path.read_text().replace("\n\n", "\n"))


@add("nerf", "nerf/colmap-agreement")
def quaternion_with_w_last(folder: Path) -> None:
    change_lines(folder, "images", lambda row: [row[0], *row[2:5], row[1], *row[5:]], 1)


@add("nerf", "nerf/axes")
def colmap_from_camera_to_world(folder: Path) -> None:
    def change(row: list[str]) -> list[str]:
        w, x, y, z = map(float, row[1:5])
        turn = np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ])  # fmt: skip
        place = -turn.T @ np.array(row[5:8], float)
        return [row[0], *map(str, (w, -x, -y, -z, *place)), *row[8:]]

    change_lines(folder, "images", change, 0)


@add("nerf", "nerf/colmap-point")
def point_twice(folder: Path) -> None:
    change_lines(folder, "points3D", lambda row: ["2", *row[1:]])


@add("nerf", "nerf/colmap-point")
def track_to_an_image_that_is_not_there(folder: Path) -> None:
    change_lines(folder, "points3D", lambda row: [*row, "9999", "0"])


@add("nerf", "nerf/colmap-point")
def colours_as_parts(folder: Path) -> None:
    change_lines(folder, "points3D", lambda row: [*row[:4], "-0.5", "0.2", "0.1", *row[7:]])
