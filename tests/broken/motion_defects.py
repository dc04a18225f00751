"""Defects of KITTI, BOP, `.flo` and WebDataset."""

from __future__ import annotations

import io
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from broken import Corpus, cut, edited

CORPUS = Corpus()
add = CORPUS.add


def change_columns(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Of all rows of all label files."""
    for path in sorted(folder.glob("training/label_2/*.txt")):
        lines = path.read_text().splitlines()
        path.write_text("".join(" ".join(change(line.split())) + "\n" for line in lines))


@add("kitti", "kitti/label")
def row_of_14_columns(folder: Path) -> None:
    change_columns(folder, lambda row: row[:-1])


@add("kitti", "kitti/label")
def occluded_in_percent(folder: Path) -> None:
    change_columns(folder, lambda row: [*row[:2], "40", *row[3:]])


@add("kitti", "kitti/bbox")
def box_with_width_and_height(folder: Path) -> None:
    change_columns(folder, lambda row: [*row[:6], "5", "4", *row[8:]])


@add("kitti", "kitti/dimensions")
def dimensions_missing(folder: Path) -> None:
    change_columns(folder, lambda row: [*row[:8], "-1", "-1", "-1", *row[11:]])


@add("kitti", "kitti/alpha")
def alpha_off(folder: Path) -> None:
    change_columns(folder, lambda row: [*row[:3], str((float(row[3]) + 4) % 6 - 3), *row[4:]])


@add("kitti", "kitti/box-3d")
def location_of_the_top(folder: Path) -> None:
    def moved(row: list[str]) -> list[str]:
        return [*row[:12], str(float(row[12]) - float(row[8])), *row[13:]]

    change_columns(folder, moved)


@add("kitti", "kitti/calib")
def calib_of_three_by_three(folder: Path) -> None:
    path = folder / "training/calib/000000.txt"
    path.write_text(path.read_text().replace("P2: ", "P2: 1 "))


@add("kitti", "file/missing")
def calib_missing(folder: Path) -> None:
    (folder / "training/calib/000000.txt").unlink()


@add("kitti", "kitti/png")
def depth_in_8_bits(folder: Path) -> None:
    path = folder / "training/depth_2/000000.png"
    depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(path), (depth // 256).astype(np.uint8))


@add("kitti-flow", "kitti/png")
def flow_with_red_last(folder: Path) -> None:
    path = sorted(folder.glob("training/flow_occ/*.png"))[0]
    flow = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(path), np.ascontiguousarray(flow[..., ::-1]))


@add("kitti", "kitti/image-set")
def set_of_no_image(folder: Path) -> None:
    path = folder / "ImageSets/train.txt"
    path.write_text(path.read_text() + "123456\n")


@add("kitti", "kitti/shared-name")
def name_in_two_sets(folder: Path) -> None:
    train = (folder / "ImageSets/train.txt").read_text().split()[0]
    (folder / "ImageSets/val.txt").write_text(train + "\n")


# --- BOP


def scene(folder: Path) -> Path:
    return sorted(folder.glob("*/*/scene_gt.json"))[0].parent


@add("bop", "bop/structure")
def infos_of_fewer_objects(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt_info.json") as plain:
        plain["0"].pop()


@add("bop", "bop/structure")
def image_without_camera(folder: Path) -> None:
    with edited(scene(folder) / "scene_camera.json") as plain:
        del plain["1"]


@add("bop", "bop/pose", "bop/reprojection")
def rotation_with_scale(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt.json") as plain:
        matrix = plain["0"][0]["cam_R_m2c"]
        plain["0"][0]["cam_R_m2c"] = [1.2 * value for value in matrix]


@add("bop", "bop/pose")
def rotation_in_axes_of_opengl(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt.json") as plain:
        matrix = plain["0"][0]["cam_R_m2c"]
        plain["0"][0]["cam_R_m2c"] = [*matrix[:6], *(-value for value in matrix[6:])]


@add("bop", "bop/millimetres", "bop/reprojection")
def translations_in_metres(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt.json") as plain:
        for rows in plain.values():
            for row in rows:
                row["cam_t_m2c"] = [value / 1000 for value in row["cam_t_m2c"]]


@add("bop", "bop/reprojection")
def rotations_by_columns(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt.json") as plain:
        for row in plain["0"]:
            row["cam_R_m2c"] = [row["cam_R_m2c"][i] for i in (0, 3, 6, 1, 4, 7, 2, 5, 8)]


@add("bop", "bop/reprojection")
def principal_point_in_the_corner(folder: Path) -> None:
    with edited(scene(folder) / "scene_camera.json") as plain:
        for row in plain.values():
            row["cam_K"][2] = 0.0


@add("bop", "bop/camera")
def camera_of_four_numbers(folder: Path) -> None:
    with edited(scene(folder) / "scene_camera.json") as plain:
        k = plain["0"]["cam_K"]
        plain["0"]["cam_K"] = [k[0], k[4], k[2], k[5]]


@add("bop", "bop/gt-info")
def boxes_with_1_added(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt_info.json") as plain:
        for row in plain["0"]:
            row["bbox_visib"][2] += 1
            row["bbox_visib"][3] += 1


@add("bop", "bop/gt-info")
def visible_part_of_the_image(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt_info.json") as plain:
        plain["0"][0]["visib_fract"] = 0.01


@add("bop", "bop/gt-info", "bop/reprojection")
def mask_of_another_object(folder: Path) -> None:
    first, second, *_ = sorted((scene(folder) / "mask_visib").glob("000000_*.png"))
    first.write_bytes(second.read_bytes())


@add("bop", "bop/model")
def object_without_model(folder: Path) -> None:
    with edited(scene(folder) / "scene_gt.json") as plain:
        plain["0"][0]["obj_id"] = 77


@add("bop", "file/missing")
def image_missing(folder: Path) -> None:
    (scene(folder) / "rgb/000000.png").unlink()


# --- .flo


def flo(folder: Path) -> Path:
    return sorted(folder.rglob("*.flo"))[0]


@add("flow", "flow/flo")
def flo_with_another_magic(folder: Path) -> None:
    content = flo(folder).read_bytes()
    flo(folder).write_bytes(b"PIEX" + content[4:])


@add("flow", "flow/flo")
def flo_cut_short(folder: Path) -> None:
    cut(flo(folder))


@add("flow", "flow/far")
def flo_in_another_unit(folder: Path) -> None:
    content = flo(folder).read_bytes()
    flow = 1000 + np.frombuffer(content, "<f4", offset=12)
    flo(folder).write_bytes(content[:12] + flow.astype("<f4").tobytes())


@add("flow", "flow/size")
def flo_of_another_size(folder: Path) -> None:
    path = flo(folder)
    path.write_bytes(struct.pack("<fii", 202021.25, 4, 3) + bytes(8 * 12))


# --- WebDataset


def shard(folder: Path) -> Path:
    return sorted(folder.rglob("*.tar"))[0]


def repacked(
    folder: Path, change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]
) -> None:
    with tarfile.open(shard(folder)) as tar:
        members = [(m.name, tar.extractfile(m).read()) for m in tar if m.isfile()]  # type: ignore[union-attr]
    with tarfile.open(shard(folder), "w") as tar:
        for name, content in change(members):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@add("webdataset", "webdataset/tar")
def tar_cut_short(folder: Path) -> None:
    cut(shard(folder))


@add("webdataset", "webdataset/adjacent")
def members_by_extension(folder: Path) -> None:
    repacked(folder, lambda rows: sorted(rows, key=lambda row: row[0].split(".")[1]))


@add("webdataset", "webdataset/member")
def member_that_leaves_the_folder(folder: Path) -> None:
    repacked(folder, lambda rows: [*rows, ("../../evil.txt", b"x")])


@add("webdataset", "webdataset/missing-member")
def sample_without_labels(folder: Path) -> None:
    last = {}

    def change(rows: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        last.update({name.split(".")[0]: name for name, _ in rows if name.endswith(".json")})
        return [row for row in rows if row[0] != next(iter(last.values()))]

    repacked(folder, change)


@add("webdataset", "json/damaged")
def member_cut_short(folder: Path) -> None:
    def change(rows: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        return [(n, content[:9] if n.endswith(".json") else content) for n, content in rows]

    repacked(folder, change)


@add("webdataset", "image/unreadable")
def image_member_damaged(folder: Path) -> None:
    def change(rows: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        return [(n, content[:99] if n.endswith(".png") else content) for n, content in rows]

    repacked(folder, change)
