"""BOP, for 6D object pose estimation (https://bop.felk.cvut.cz).

train/000000/rgb/000000.png             images, named by scene and frame
train/000000/depth/000000.png           uint16: value times depth_scale is millimetres; 0: none
train/000000/mask/000000_000000.png     silhouettes, named by frame and index in scene_gt.json
train/000000/mask_visib/                their visible pixels
train/000000/scene_camera.json, scene_gt.json, scene_gt_info.json, scene_gt_coco.json
models/, objects.json                   see simgen/formats/bop/models.py
camera.json                             camera of the first image
test_targets_bop19.json, test_targets_bop24.json  with a split `test`
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simgen.formats.bop.frame import BopFrame, Shown, bop_frame, run_lengths
from simgen.formats.bop.models import models
from simgen.formats.items import Item
from simgen.formats.output.json_entries import json_list
from simgen.formats.output.rasters import check_pinhole, mask_png, png
from simgen.formats.output.target import Target
from simgen.formats.pipeline.scenes import by_scene, source_number
from simgen.formats.plan import Plan
from simgen.formats.registry import Format
from simgen.labels import masks

NEEDS = frozenset({"rgb", "depth", "objects", "amodal_masks"})


def scene_id(item: Item, plan: Plan) -> int:
    """Return the scene's number; scenes of several datasets are interleaved."""
    return item.frame.scene * len(plan.sources) + source_number(item)


def image_id(item: Item) -> int:
    """Return the image's id within its scene."""
    return item.frame.frame


def camera_file(item: Item, camera: dict[str, Any]) -> str:
    """Return the content of camera.json. camera: an image's entry in scene_camera.json."""
    k = camera["cam_K"]
    plain = {
        "cx": k[2],
        "cy": k[5],
        "depth_scale": camera["depth_scale"],
        "fx": k[0],
        "fy": k[4],
        "height": item.height,
        "width": item.width,
    }
    return json.dumps(plain, indent=1) + "\n"


@dataclass
class _Scene:
    """The tables of a scene that is being written; holds no images."""

    folder: str
    camera: dict[int, Any] = field(default_factory=dict)
    gt: dict[int, Any] = field(default_factory=dict)
    info: dict[int, Any] = field(default_factory=dict)
    images: list[dict[str, Any]] = field(default_factory=list)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    categories: dict[int, str] = field(default_factory=dict)

    def add(self, item: Item, frame: BopFrame) -> None:
        image = image_id(item)
        self.camera[image] = frame.camera
        self.gt[image] = [shown.gt for shown in frame.objects]
        self.info[image] = [shown.info for shown in frame.objects]
        self.images.append(
            {
                "id": image,
                "file_name": f"rgb/{image:06d}{item.picture.suffix}",
                "width": item.width,
                "height": item.height,
            }
        )
        for shown in frame.objects:
            self.categories[shown.gt["obj_id"]] = shown.class_name
            if shown.info["px_count_visib"]:
                self.annotations.append(self._annotation(image, shown))

    def _annotation(self, image: int, shown: Shown) -> dict[str, Any]:
        height, width = shown.visible.shape
        inside = np.flatnonzero(shown.whole.T)
        return {
            "id": len(self.annotations) + 1,
            "image_id": image,
            "category_id": shown.gt["obj_id"],
            "iscrowd": 0,
            "area": shown.info["px_count_visib"],
            # Unlike in scene_gt_info.json, a box's width is the number of columns it covers.
            "bbox": [int(side) for side in masks.bounding_box(inside, height)],
            "segmentation": run_lengths(shown.visible),
            "width": width,
            "height": height,
            "ignore": shown.ignored,
        }

    def coco(self) -> dict[str, Any]:
        categories = [
            {"id": number, "name": str(number), "supercategory": name}
            for number, name in sorted(self.categories.items())
        ]
        return {
            "info": {"description": f"simgen {self.folder}"},
            "licenses": [],
            "categories": categories,
            "images": self.images,
            "annotations": self.annotations,
        }


class _Targets:
    """The objects that a method must find in the images of the split `test`."""

    def __init__(self, target: Target, plan: Plan, stack: ExitStack) -> None:
        self._lists = []
        if "test" in plan.splits:
            for name in ("test_targets_bop19.json", "test_targets_bop24.json"):
                self._lists.append(stack.enter_context(json_list(target.path(name))))

    def add(self, scene: int, image: int, frame: BopFrame) -> None:
        by_object, by_image = self._lists
        place = {"im_id": image, "scene_id": scene}
        wanted = Counter(shown.gt["obj_id"] for shown in frame.objects if not shown.ignored)
        for number, count in sorted(wanted.items()):
            by_object({**place, "inst_count": count, "obj_id": number})
        if wanted:
            by_image(place)


@contextmanager
def _write(target: Target, plan: Plan) -> Iterator[Callable[[Item], None]]:
    def begin(item: Item) -> _Scene:
        return _Scene(f"{item.split}/{scene_id(item, plan):06d}")

    def end(scene: _Scene) -> None:
        for name, content in (
            ("scene_camera", scene.camera),
            ("scene_gt", scene.gt),
            ("scene_gt_info", scene.info),
            ("scene_gt_coco", scene.coco()),
        ):
            target.write(f"{scene.folder}/{name}.json", json.dumps(content, allow_nan=False))

    with ExitStack() as stack:
        made = stack.enter_context(models(target, plan))
        targets = _Targets(target, plan, stack)
        scene_of = stack.enter_context(by_scene(begin, end))
        first = True

        def add(item: Item) -> None:
            nonlocal first
            check_pinhole(item, "bop")
            frame, scene = bop_frame(item, made.of), scene_of(item)
            scene.add(item, frame)
            _write_images(target, scene.folder, item, frame)
            if item.split == "test":
                targets.add(scene_id(item, plan), image_id(item), frame)
            if first:
                target.write("camera.json", camera_file(item, frame.camera))
                first = False

        yield add
    target.write("dataset_info.md", _ABOUT)


def _write_images(target: Target, folder: str, item: Item, frame: BopFrame) -> None:
    name = f"{image_id(item):06d}"
    target.picture(f"{folder}/rgb/{name}", item.picture)
    target.write(f"{folder}/depth/{name}.png", png(frame.depth))
    for place, shown in enumerate(frame.objects):
        target.write(f"{folder}/mask/{name}_{place:06d}.png", mask_png(shown.whole))
        target.write(f"{folder}/mask_visib/{name}_{place:06d}.png", mask_png(shown.visible))


_ABOUT = """# Synthetic images made by simgen

Every distinct shape has its own `obj_id`; `objects.json` lists class and asset of each.
"""

BOP = Format("bop", "BOP: 6D poses, masks, models in millimetres", NEEDS, _write)
