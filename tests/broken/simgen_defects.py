"""Defects of datasets of simgen's own."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from broken import Corpus, cut, edited, label, label_path, read_label, record, replace_label
from simgen.labels import IGNORE

CORPUS = Corpus()
add = CORPUS.add
COCO = "dataset/coco"
PANOPTIC = "dataset/coco-panoptic"


def shown(plain: dict) -> dict:
    """The object with the most pixels."""
    return max(plain["objects"], key=lambda item: item["visible_pixels"])


# --- files


@add("moving", "file/missing")
def image_missing(folder: Path) -> None:
    label_path(folder, "rgb").unlink()


@add("moving", "file/empty")
def depth_empty(folder: Path) -> None:
    label_path(folder, "depth").write_bytes(b"")


@add("moving", "image/unreadable")
def png_cut_short(folder: Path) -> None:
    path = label_path(folder, "rgb")
    path.write_bytes(path.read_bytes()[:60])


@add("moving", "image/unreadable")
def exr_cut_short(folder: Path) -> None:
    cut(label_path(folder, "normals"))


@add("moving", "image/unreadable")
def exr_is_text(folder: Path) -> None:
    label_path(folder, "uv").write_text("not an image")


@add("moving", "dataset/label-shape")
def depth_of_half_size(folder: Path) -> None:
    depth = read_label(folder, "depth")
    replace_label(folder, "depth", depth[::2, ::2].copy())


@add("moving", "image/unreadable")
def semantic_in_8_bits(folder: Path) -> None:
    ids = read_label(folder, "semantic")
    cv2.imwrite(str(label_path(folder, "semantic")), ids.astype(np.uint8))


@add("moving", "json/damaged")
def record_cut_short(folder: Path) -> None:
    cut(folder / "scenes/000000/frame_0001.json")


@add("moving", "json/damaged")
def record_nested_deeply(folder: Path) -> None:
    (folder / "scenes/000000/frame_0001.json").write_text("[" * 200_000)


@add("moving", "file/missing")
def record_missing(folder: Path) -> None:
    (folder / "scenes/000000/frame_0001.json").unlink()


@add("moving", "dataset/record")
def record_without_camera(folder: Path) -> None:
    with record(folder) as plain:
        del plain["camera"]["K"]


@add("moving", "dataset/record")
def record_with_words_for_numbers(folder: Path) -> None:
    with record(folder) as plain:
        plain["objects"][0]["object_to_world"] = [["one"]]


@add("moving", "dataset/record")
def record_with_a_matrix_of_another_shape(folder: Path) -> None:
    with record(folder) as plain:
        plain["camera"]["cam_to_world"].pop()


@add("moving", "dataset/record")
def record_of_another_frame(folder: Path) -> None:
    with record(folder) as plain:
        plain["frame"] = 2


@add("moving", "file/missing")
def spec_missing(folder: Path) -> None:
    (folder / "scenes/000000/spec.json").unlink()


@add("moving", "dataset/spec")
def spec_of_another_scene(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        plain["index"] = 7


@add("moving", "json/damaged")
def spec_cut_short(folder: Path) -> None:
    cut(folder / "scenes/000000/spec.json")


@add("moving", "dataset/extra-file")
def file_of_no_label(folder: Path) -> None:
    (folder / "scenes/000000/notes.txt").write_text("mine")


@add("stills", "dataset/scenes")
def scenes_missing(folder: Path) -> None:
    with edited(folder / "dataset.json") as plain:
        plain["num_scenes"] += 5


@add("stills", "dataset/manifest")
def class_named_twice(folder: Path) -> None:
    with edited(folder / "dataset.json") as plain:
        plain["classes"].append(plain["classes"][0])


@add("stills", "dataset/manifest")
def split_without_weight(folder: Path) -> None:
    with edited(folder / "dataset.json") as plain:
        plain["config"]["splits"] = ["train:most"]


# --- camera and poses


@add("moving", "dataset/camera")
def focal_length_negative(folder: Path) -> None:
    with record(folder) as plain:
        plain["camera"]["K"][0][0] *= -1


@add("moving", "dataset/camera")
def camera_mirrored(folder: Path) -> None:
    with record(folder) as plain:
        for row in plain["camera"]["cam_to_world"][:3]:
            row[0] *= -1


@add("moving", "dataset/camera")
def camera_in_another_scale(folder: Path) -> None:
    with record(folder) as plain:
        for row in plain["camera"]["cam_to_world"][:3]:
            row[:3] = [value * 1.01 for value in row[:3]]


@add("moving", "dataset/camera")
def lens_without_its_coefficients(folder: Path) -> None:
    with record(folder) as plain:
        plain["camera"]["lens"]["model"] = "brown_conrady"


@add("moving", "dataset/object-ids", COCO)
def class_of_another_number(folder: Path) -> None:
    with record(folder) as plain:
        plain["objects"][0]["class_name"] = "spaceship"


@add("moving", "dataset/object-ids")
def objects_differ_between_frames(folder: Path) -> None:
    for frame in (1, 2):
        with record(folder, frame) as plain:
            hidden = plain["objects"][-1] | {"instance_id": len(plain["objects"]) + 1}
            nothing = dict.fromkeys(
                ("bbox", "oriented_box", "segmentation", "amodal_bbox", "amodal_segmentation")
            )
            zeros = dict.fromkeys(
                ("visible_fraction", "inside_fraction", "unoccluded_fraction", "visible_pixels"), 0
            )
            points = [p | {"visibility": 1 if p["visibility"] else 0} for p in hidden["keypoints"]]
            plain["objects"].append(hidden | nothing | zeros | {"keypoints": points})


@add("moving", "dataset/pose")
def pose_in_millimetres(folder: Path) -> None:
    with record(folder) as plain:
        for row in plain["objects"][0]["object_to_camera"][:3]:
            row[3] *= 1000


@add("moving", "dataset/pose")
def pose_with_scale(folder: Path) -> None:
    with record(folder) as plain:
        for row in plain["objects"][0]["object_to_world"][:3]:
            row[:3] = [value * plain["objects"][0]["scale"] for value in row[:3]]


@add("moving", "dataset/pose")
def pose_in_axes_of_opengl(folder: Path) -> None:
    with record(folder) as plain:
        matrix = plain["objects"][0]["object_to_camera"]
        for row in matrix[1:3]:
            row[:] = [-value for value in row]


@add("moving", "dataset/corners")
def corners_in_another_order(folder: Path) -> None:
    with record(folder) as plain:
        plain["objects"][0]["corners"].reverse()


def turn_object(folder: Path, instance: int, degrees: float) -> None:
    """About its own vertical axis, in all that the record says of its pose."""
    turn = np.eye(4)
    angle = np.deg2rad(degrees)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    with record(folder) as plain:
        item = next(item for item in plain["objects"] if item["instance_id"] == instance)
        for key in ("object_to_world", "object_to_camera"):
            item[key] = (np.array(item[key]) @ turn).tolist()
        points = np.array(item["object_to_camera"])[:3] @ box_corners(item).T
        pixels = np.array(plain["camera"]["K"]) @ (points / points[2])
        item["corners"] = pixels[:2].T.tolist()


def box_corners(item: dict) -> np.ndarray:
    """`8 x 4`, homogeneous, in the object's axes."""
    box = np.array([item["box_min"], item["box_max"]])
    return np.array([[*(box[i >> axis & 1, axis] for axis in range(3)), 1] for i in range(8)])


@add("stills", "dataset/reprojection", "dataset/mask-3d")
def pose_turned_by_10_degrees(folder: Path) -> None:
    with record(folder) as plain:
        instance = shown(plain)["instance_id"]
    turn_object(folder, instance, 10)


@add("stills", "dataset/reprojection")
def mesh_of_another_size(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        for item in plain["objects"]:
            item["scale"] *= 1.1


@add("stills", "dataset/mesh-absent")
def folder_of_meshes_gone(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        for item in plain["objects"]:
            item["asset"] |= {"source": "file", "id": "mug/one.obj"}


@add("moving", "dataset/mask-3d", "dataset/lidar")
def box_elsewhere(folder: Path) -> None:
    with record(folder) as plain:
        item = shown(plain)
        item["box_min"] = [value + 0.2 for value in item["box_min"]]
        item["box_max"] = [value + 0.2 for value in item["box_max"]]
        points = np.array(item["object_to_camera"])[:3] @ box_corners(item).T
        pixels = np.array(plain["camera"]["K"]) @ points
        item["corners"] = (pixels[:2] / pixels[2]).T.tolist()


@add("moving", "dataset/visibility")
def more_visible_than_inside(folder: Path) -> None:
    with record(folder) as plain:
        plain["objects"][0]["inside_fraction"] = 0.5


# --- masks


@add("moving", "dataset/visible-pixels", COCO, "dataset/amodal")
def pixels_miscounted(folder: Path) -> None:
    with record(folder) as plain:
        shown(plain)["visible_pixels"] += 1


@add("moving", "dataset/bbox", COCO)
def box_without_its_last_column(folder: Path) -> None:
    with record(folder) as plain:
        shown(plain)["bbox"][2] -= 1


@add("moving", "dataset/segmentation", COCO)
def mask_of_another_object(folder: Path) -> None:
    with record(folder) as plain:
        first, second = plain["objects"][:2]
        first["segmentation"] = second["segmentation"]


@add("moving", "dataset/segmentation", COCO)
def run_lengths_cut_short(folder: Path) -> None:
    with record(folder) as plain:
        counts = shown(plain)["segmentation"]["counts"]
        shown(plain)["segmentation"]["counts"] = counts[: len(counts) // 2]


@add("moving", "dataset/oriented-box")
def oriented_box_too_small(folder: Path) -> None:
    with record(folder) as plain:
        item = shown(plain)
        middle = np.mean(item["oriented_box"], axis=0)
        item["oriented_box"] = (middle + (item["oriented_box"] - middle) * 0.7).tolist()


@add("stills", "dataset/instances")
def instance_of_no_object(folder: Path) -> None:
    with label(folder, "instances") as ids:
        rows, columns = np.nonzero(ids == 0)
        ids[rows[:9], columns[:9]] = 99


@add("stills", "dataset/semantic")
def classes_swapped(folder: Path) -> None:
    with label(folder, "semantic") as ids:
        ids[ids > 0] = ids[ids > 0] % 3 + 1


@add("stills", "dataset/semantic")
def class_of_no_name(folder: Path) -> None:
    with label(folder, "semantic") as ids:
        ids[0, 0] = 77


@add("moving", "dataset/parts")
def parts_from_0(folder: Path) -> None:
    with label(folder, "parts") as ids:
        ids[ids > 0] -= 1


@add("moving", "dataset/panoptic")
def panoptic_id_of_no_segment(folder: Path) -> None:
    with label(folder, "panoptic") as ids:
        ids[:2] = 4000


@add("moving", "dataset/panoptic", PANOPTIC)
def segment_of_another_area(folder: Path) -> None:
    with record(folder) as plain:
        plain["segments"][0]["area"] += 3


@add("moving", "dataset/panoptic", PANOPTIC)
def segment_of_another_class(folder: Path) -> None:
    with record(folder) as plain:
        segment = plain["segments"][0]
        segment["category_id"] = segment["category_id"] % 3 + 1


@add("moving", "dataset/amodal")
def amodal_mask_missing(folder: Path) -> None:
    with record(folder) as plain:
        shown(plain)["amodal_segmentation"] = None


@add("moving", "dataset/amodal")
def amodal_box_within_the_visible_one(folder: Path) -> None:
    with record(folder) as plain:
        shown(plain)["amodal_bbox"][0] += 2


@add("moving", "dataset/occlusion-order")
def order_of_unknown_objects(folder: Path) -> None:
    with record(folder) as plain:
        plain["occlusion_order"].append({"front": 1, "back": 88, "pixels": 4})


# --- geometry


@add("moving", "dataset/depth")
def depth_nan(folder: Path) -> None:
    with label(folder, "depth") as depth:
        depth[:3] = np.nan


@add("moving", "dataset/depth")
def distance_0_for_background(folder: Path) -> None:
    with label(folder, "ray_distance") as distance:
        distance[:3] = 0


@add("moving", "dataset/depth-distance")
def depth_along_the_ray(folder: Path) -> None:
    replace_label(folder, "depth", read_label(folder, "ray_distance"))


@add("stills", "dataset/mask-3d", "dataset/reprojection")
def depth_in_millimetres(folder: Path) -> None:
    with label(folder, "depth") as depth:
        depth *= 1000


@add("stills", "dataset/mask-3d", "dataset/reprojection")
def depth_mirrored(folder: Path) -> None:
    with label(folder, "depth") as depth:
        depth[:] = depth[:, ::-1].copy()


@add("moving", "dataset/normals")
def normals_away_from_the_camera(folder: Path) -> None:
    with label(folder, "normals") as normals:
        normals *= -1


@add("moving", "dataset/normals")
def normals_as_colours(folder: Path) -> None:
    with label(folder, "normals") as normals:
        normals[:] = normals * 0.5 + 0.5


@add("moving", "dataset/object-coordinates")
def coordinates_beyond_the_box(folder: Path) -> None:
    with label(folder, "object_coordinates") as place:
        place *= 1.5


@add("moving", "dataset/object-coordinates")
def coordinates_with_swapped_axes(folder: Path) -> None:
    with label(folder, "object_coordinates") as place:
        place[:] = place[..., [1, 0, 2]].copy()


@add("moving", "dataset/uv")
def uv_infinite(folder: Path) -> None:
    with label(folder, "uv") as uv:
        uv[:3] = np.inf


@add("moving", "dataset/light")
def albedo_nan(folder: Path) -> None:
    with label(folder, "albedo") as albedo:
        albedo[10, 10] = np.nan


@add("moving", "dataset/disparity")
def disparity_negative(folder: Path) -> None:
    with label(folder, "disparity") as values:
        values *= -1


@add("moving", "dataset/disparity")
def disparity_for_another_baseline(folder: Path) -> None:
    with record(folder) as plain:
        plain["camera"]["stereo_baseline"] *= 2


@add("moving", "dataset/keypoints")
def keypoint_elsewhere(folder: Path) -> None:
    with record(folder) as plain:
        point = next(p for p in shown(plain)["keypoints"] if p["visibility"])
        point["pixel"][0] += 1


@add("moving", "dataset/keypoints")
def keypoint_outside_but_labelled(folder: Path) -> None:
    with record(folder) as plain:
        for item in plain["objects"]:
            for point in item["keypoints"]:
                point["visibility"] = 0


@add("moving", "dataset/keypoints")
def skeleton_from_1(folder: Path) -> None:
    with record(folder) as plain:
        item = next(item for item in plain["objects"] if item["skeleton"])
        last = len(item["keypoints"])
        item["skeleton"] = [[a + 1, b + 1] for a, b in item["skeleton"]] + [[1, last]]


@add("moving", "dataset/keypoint-depth")
def hidden_keypoints_called_visible(folder: Path) -> None:
    with record(folder) as plain:
        for item in plain["objects"]:
            for point in item["keypoints"]:
                point["visibility"] = 2 if point["visibility"] else 0


# --- motion


@add("moving", "dataset/flow", "dataset/scene-flow", "dataset/flow-forward-backward",
     "dataset/occlusion-border", "dataset/flow-depth")  # fmt: skip
def flow_reversed(folder: Path) -> None:
    with label(folder, "flow_forward") as flow:
        flow *= -1


@add("moving", "dataset/flow", "dataset/scene-flow", "dataset/flow-forward-backward",
     "dataset/occlusion-border", "dataset/flow-depth")  # fmt: skip
def flow_with_v_first(folder: Path) -> None:
    with label(folder, "flow_forward") as flow:
        flow[:] = flow[..., ::-1].copy()


@add("moving", "dataset/flow", "dataset/scene-flow", "dataset/flow-forward-backward",
     "dataset/occlusion-border")  # fmt: skip
def backward_flow_of_another_frame(folder: Path) -> None:
    flow = read_label(folder, "flow_backward", 2)
    replace_label(folder, "flow_backward", -3 * flow, 1)


@add("moving", "dataset/scene-flow", "dataset/flow-depth")
def scene_flow_0(folder: Path) -> None:
    with label(folder, "scene_flow_forward") as moved:
        moved[np.isfinite(moved)] = 0


@add("moving", "dataset/scene-flow")
def scene_flow_missing_on_surfaces(folder: Path) -> None:
    with label(folder, "scene_flow_backward", 1) as moved:
        moved[:] = np.nan


@add("moving", "dataset/label-values", "dataset/scene-flow")
def scene_flow_infinite(folder: Path) -> None:
    with label(folder, "scene_flow_forward") as moved:
        moved[0, 0] = np.inf


@add("moving", "dataset/occlusion-border", "dataset/flow-forward-backward", "dataset/flow-depth")
def nothing_occluded(folder: Path) -> None:
    with label(folder, "occlusion_forward") as hidden:
        hidden[:] = False


@add("moving", "dataset/flow-forward-backward", "dataset/flow", "dataset/scene-flow",
     "dataset/occlusion-border")  # fmt: skip
def backward_flow_that_does_not_lead_back(folder: Path) -> None:
    with label(folder, "flow_backward", 1) as flow:
        flow[:] = 50 + flow[::-1, ::-1].copy()


def tracks(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "scenes/000000/tracks.npz") as stored:
        return dict(stored)


def save_tracks(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(folder / "scenes/000000/tracks.npz", **arrays)


@add("moving", "dataset/tracks")
def tracks_from_pixel_corners(folder: Path) -> None:
    arrays = tracks(folder)
    arrays["points"] -= 0.5
    save_tracks(folder, arrays)


@add("moving", "dataset/tracks")
def tracks_on_other_instances(folder: Path) -> None:
    arrays = tracks(folder)
    arrays["instance_id"] = np.roll(arrays["instance_id"], 40)
    save_tracks(folder, arrays)


@add("moving", "dataset/tracks")
def tracks_frames_first(folder: Path) -> None:
    arrays = tracks(folder)
    arrays["points"] = arrays["points"].swapaxes(0, 1).copy()
    save_tracks(folder, arrays)


@add("moving", "dataset/tracks")
def tracks_queried_beyond_the_scene(folder: Path) -> None:
    arrays = tracks(folder)
    arrays["query_frame"][0] = 9
    save_tracks(folder, arrays)


@add("moving", "dataset/tracks")
def tracks_pickled(folder: Path) -> None:
    arrays = tracks(folder)
    arrays["points"] = np.array([{"not": "numbers"}], object)
    np.savez(folder / "scenes/000000/tracks.npz", **arrays)
    assert pickle  # what would be loaded, were it allowed


# --- the dataset as a whole


@add("stills", "image/blank")
def image_grey(folder: Path) -> None:
    with label(folder, "rgb") as image:
        image[:] = 120


@add("stills", "image/burnt-out")
def image_white(folder: Path) -> None:
    with label(folder, "rgb") as image:
        image[:] = 255


@add("stills", "image/black")
def image_black(folder: Path) -> None:
    with label(folder, "rgb") as image:
        image[:] = 0


@add("stills", "image/duplicate")
def image_twice(folder: Path) -> None:
    shutil.copyfile(label_path(folder, "rgb", 0), label_path(folder, "rgb", 1))


@add("stills", "split/shared-image")
def image_in_two_splits(folder: Path) -> None:
    images = sorted(folder.glob("scenes/*/*.rgb.png"))
    for image in images[1:]:
        shutil.copyfile(images[0], image)


@add("stills", "class/without-objects")
def class_without_objects(folder: Path) -> None:
    with edited(folder / "dataset.json") as plain:
        plain["classes"].append("zebra")


@add("stills", COCO)
def coco_of_fewer_scenes(folder: Path) -> None:
    with edited(folder / "annotations/instances.json") as plain:
        gone = plain["images"].pop()["id"]
        plain["annotations"] = [row for row in plain["annotations"] if row["image_id"] != gone]


@add("stills", COCO)
def coco_with_another_box(folder: Path) -> None:
    with edited(folder / "annotations/instances.json") as plain:
        plain["annotations"][3]["bbox"][0] += 1


@add("stills", "file/missing")
def coco_missing(folder: Path) -> None:
    (folder / "annotations/instances.json").unlink()


@add("moving", PANOPTIC)
def panoptic_json_without_a_segment(folder: Path) -> None:
    with edited(folder / "annotations/panoptic.json") as plain:
        plain["annotations"][0]["segments_info"].pop()


@add("moving", "dataset/flow-depth")
def scene_flow_too_far_along_the_ray(folder: Path) -> None:
    """It leads to the right pixel, at another distance."""
    with record(folder) as plain:
        matrix = np.array(plain["camera"]["K"])
    depth = read_label(folder, "depth")
    rows, columns = np.indices(depth.shape) + 0.5
    pixels = np.stack([columns, rows, np.ones_like(rows)], axis=-1)
    points = pixels @ np.linalg.inv(matrix).T * depth[..., None]
    with label(folder, "scene_flow_forward") as moved:
        moved[:] = 1.5 * (points + moved) - points


# --- regions to be ignored

REGION = "dataset/ignore-region"
FOLLOWS = ("dataset/semantic", COCO)
"""What else contradicts a region that is not what its pixels are."""


@contextmanager
def region(folder: Path) -> Iterator[dict[str, Any]]:
    """The first one of a frame, to be changed in place."""
    with record(folder) as plain:
        yield plain["ignore_regions"][0]


@add("regions", REGION, *FOLLOWS)
def region_beyond_the_image(folder: Path) -> None:
    with region(folder) as found:
        height, width = found["segmentation"]["size"]
        mask = np.zeros((height, width + 8), np.uint8)
        mask[10:20, width:] = 1
        rle = coco_mask.encode(np.asfortranarray(mask))
        found["segmentation"] = {"size": [height, width + 8], "counts": rle["counts"].decode()}


@add("regions", REGION, *FOLLOWS)
def region_without_a_mask(folder: Path) -> None:
    with region(folder) as found:
        found["segmentation"]["counts"] = "~~~"


@add("regions", REGION, COCO)
def region_with_other_pixels_than_it_says(folder: Path) -> None:
    with region(folder) as found:
        found["area"] += 1


@add("regions", REGION, COCO)
def region_with_another_box(folder: Path) -> None:
    with region(folder) as found:
        found["bbox"][2] += 2


@add("regions", REGION, COCO)
def region_of_no_class(folder: Path) -> None:
    with region(folder) as found:
        found["class_id"] = 99


@add("regions", REGION)
def region_of_another_class_than_its_id(folder: Path) -> None:
    with region(folder) as found:
        found["class_name"] = "spaceship"


@add("regions", REGION, *FOLLOWS)
def region_on_top_of_an_object(folder: Path) -> None:
    with record(folder) as plain:
        item, found = shown(plain), plain["ignore_regions"][0]
        for key, value in (
            ("segmentation", item["segmentation"]), ("bbox", item["bbox"]),
            ("area", item["visible_pixels"]),
        ):  # fmt: skip
            found[key] = value


@add("regions", "dataset/semantic")
def region_that_semantic_does_not_know(folder: Path) -> None:
    with label(folder, "semantic") as ids:
        ids[ids == IGNORE] = 0


@add("regions", "dataset/coco")
def region_that_coco_takes_for_an_object(folder: Path) -> None:
    with edited(folder / "annotations/instances.json") as plain:
        for row in plain["annotations"]:
            row["iscrowd"] = 0


@add("regions", "training/unlabelled-furnishings")
def furnishings_without_a_label(folder: Path) -> None:
    with edited(folder / "scenes/000000/spec.json") as plain:
        plain["unlabelled"] = {plain["classes"][0]: 2}
